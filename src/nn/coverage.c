// Counting what a network answers and what it leaves at "not sure": digits, where every answer may
// be wrong, and drawings that are no digits, where every answer is.

#include "nn/metrics.h"

void nn_coverage_at(NnCoverage *coverage, const float *logits, const uint8_t *labels, size_t n,
                    float temperature, float threshold) {
    *coverage = (NnCoverage){.n = n, .threshold = threshold};
    const NnArch arch = {.temperature = temperature, .threshold = threshold};
    for (size_t i = 0; i < n; i++) {
        NnAnswer answer;
        nn_answer(&arch, logits + i * NN_CLASSES, &answer);
        coverage->answered += answer.sure;
        coverage->wrong += answer.sure && answer.digit != labels[i];
    }
    size_t right = coverage->answered - coverage->wrong;
    coverage->coverage = n > 0 ? (double)coverage->answered / (double)n : 0.0;
    coverage->accuracy = right > 0 ? (double)right / (double)coverage->answered : 0.0;
}

void nn_coverage_of(NnCoverage *coverage, const float *logits, const uint8_t *labels, size_t n,
                    float temperature, double share) {
    float threshold = nn_fit_threshold(logits, n, temperature, share);
    nn_coverage_at(coverage, logits, labels, n, temperature, threshold);
}

void nn_rejects_add(NnRejects *rejects, const NnAnswer *answer) {
    rejects->n++;
    rejects->confidence += answer != NULL ? (double)answer->confidence : 0.0;
    if (answer != NULL && answer->sure) {
        rejects->claimed[answer->digit]++;
    } else {
        rejects->rejected++;
    }
}

void nn_rejects_join(NnRejects *rejects, const NnRejects *other) {
    rejects->n += other->n;
    rejects->rejected += other->rejected;
    rejects->confidence += other->confidence;
    for (int c = 0; c < NN_CLASSES; c++) {
        rejects->claimed[c] += other->claimed[c];
    }
}

int nn_rejects_most_claimed(const NnRejects *rejects) {
    int most = -1;
    for (int c = 0; c < NN_CLASSES; c++) {
        if (rejects->claimed[c] > (most >= 0 ? rejects->claimed[most] : 0)) {
            most = c;
        }
    }
    return most;
}
