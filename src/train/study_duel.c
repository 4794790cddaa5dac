// study_duel.c - two networks on the same pictures, and whether the difference is more than chance.

#include <math.h>
#include <string.h>

#include "train/study_impl.h"

enum { EXACT_UP_TO = 25 };

// McNemar's test: only rows that one alone gets right tell the two apart, and were they equally
// good, each of those would be a fair coin. Two-sided.
static double mcnemar(size_t b, size_t c) {
    size_t n = b + c, fewer = b < c ? b : c;
    if (n == 0) {
        return 1.0;
    }
    if (n > EXACT_UP_TO) {
        double distance = b > c ? (double)(b - c) : (double)(c - b);
        double corrected = distance > 1.0 ? distance - 1.0 : 0.0;
        return erfc(corrected / sqrt(2.0 * (double)n)); // chi-squared with one degree of freedom
    }
    double term = ldexp(1.0, -(int)n), sum = 0.0; // of the binomial distribution, from 0 upwards
    for (size_t k = 0; k <= fewer; k++) {
        sum += term;
        term *= (double)(n - k) / (double)(k + 1);
    }
    return sum < 0.5 ? 2.0 * sum : 1.0;
}

bool nn_study_duel(const NnStudy *a, const NnStudy *b, NnDuel *duel, uint8_t *cells) {
    if (a->n != b->n || strcmp(a->data_sha256, b->data_sha256) != 0) {
        return false;
    }
    size_t counts[4] = {0};
    for (size_t i = 0; i < a->n; i++) {
        bool a_right = a->rows[i].predicted == a->rows[i].label;
        bool b_right = b->rows[i].predicted == b->rows[i].label;
        uint8_t cell = (uint8_t)((a_right ? 0 : 2) + (b_right ? 0 : 1));
        counts[cell]++;
        if (cells != NULL) {
            cells[i] = cell;
        }
    }
    *duel = (NnDuel){
        .both_right = counts[0],
        .only_a = counts[1],
        .only_b = counts[2],
        .both_wrong = counts[3],
        .p_value = mcnemar(counts[1], counts[2]),
    };
    return true;
}
