// study_rank.c - the orders a study can be looked through, and the filter.
//
// All orders are made once, by radix sort over the bits of the floats. Selecting then walks one of
// them and keeps what passes: no memory, no comparison, a fraction of a millisecond.

#include <string.h>

#include "base/alloc.h"
#include "train/study_impl.h"

// --- doubt ---------------------------------------------------------------------------------------

// Confident learning (Northcutt, Jiang and Chuang, 2021): a class's own threshold is the mean
// probability its samples give it, so a class the network is timid about is not under suspicion as
// a whole. A label is doubted by how much further above its threshold another class is than the
// label's: max over j of (p_j - t_j) - (p_label - t_label), above 0 for suspects.
static void measure_doubt(NnStudy *study) {
    double mean[NN_CLASSES] = {0};
    size_t count[NN_CLASSES] = {0};
    for (size_t i = 0; i < study->n; i++) {
        const NnStudyRow *row = &study->rows[i];
        mean[row->label] += (double)row->p_label;
        count[row->label]++;
    }
    for (int c = 0; c < NN_CLASSES; c++) {
        mean[c] = count[c] > 0 ? mean[c] / (double)count[c] : 1.0; // nothing is suspected of it
    }
    for (size_t i = 0; i < study->n; i++) {
        const float *p = study->probabilities + i * NN_CLASSES;
        int label = study->rows[i].label;
        double most = -2.0;
        for (int c = 0; c < NN_CLASSES; c++) {
            double above = (double)p[c] - mean[c];
            most = c != label && above > most ? above : most;
        }
        study->doubt[i] = (float)(most - ((double)p[label] - mean[label]));
    }
}

// --- orders --------------------------------------------------------------------------------------

// Bits that are ordered as the floats are; what is no number comes last.
static uint32_t ascending(float value) {
    if (!(value == value)) { // NOLINT(misc-redundant-expression): NaN
        return UINT32_MAX;
    }
    uint32_t bits;
    value += 0.0f; // -0 and 0 are equal
    memcpy(&bits, &value, sizeof bits);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

static uint32_t key_of(const NnStudy *study, size_t i, NnStudySort sort) {
    const NnStudyRow *row = &study->rows[i];
    switch (sort) {
    case NN_SORT_LOSS:
        return ascending(-row->loss);
    case NN_SORT_MARGIN:
        return ascending(row->margin);
    case NN_SORT_CONFIDENCE:
        return ascending(row->confidence);
    case NN_SORT_DOUBT:
        return ascending(-study->doubt[i]);
    default:
        return 0;
    }
}

enum { RADIX_BITS = 11, RADIX = 1 << RADIX_BITS };

typedef struct {
    uint32_t key, row;
} Ranked;

// One pass of a least significant digit radix sort: stable, so ties stay in the order of rows.
static void radix_pass(Ranked *to, const Ranked *from, size_t n, int shift) {
    uint32_t start[RADIX] = {0};
    for (size_t i = 0; i < n; i++) {
        start[from[i].key >> shift & (RADIX - 1)]++;
    }
    for (uint32_t digit = 0, sum = 0; digit < RADIX; digit++) {
        uint32_t count = start[digit];
        start[digit] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++) {
        to[start[from[i].key >> shift & (RADIX - 1)]++] = from[i];
    }
}

NnStatus study_rank(NnStudy *study, NnError *err) {
    size_t n = study->n;
    study->doubt = mem_new(n, sizeof *study->doubt);
    Ranked *a = mem_new(n, sizeof *a), *b = mem_new(n, sizeof *b);
    bool ok = study->doubt != NULL && a != NULL && b != NULL;
    if (ok) {
        measure_doubt(study);
    }
    for (int sort = 0; sort < NN_SORT_COUNT && ok; sort++) {
        if (sort == NN_SORT_INDEX) {
            continue;
        }
        study->order[sort] = mem_new(n, sizeof *study->order[sort]);
        ok = study->order[sort] != NULL;
        for (size_t i = 0; i < n && ok; i++) {
            a[i] = (Ranked){key_of(study, i, (NnStudySort)sort), (uint32_t)i};
        }
        if (ok) {
            radix_pass(b, a, n, 0);
            radix_pass(a, b, n, RADIX_BITS);
            radix_pass(b, a, n, 2 * RADIX_BITS);
        }
        for (size_t i = 0; i < n && ok; i++) {
            study->order[sort][i] = b[i].row;
        }
    }
    mem_free(a);
    mem_free(b);
    return ok ? NN_OK
              : nn_fail(err, NN_ERR_NOMEM, "out of memory for the answers to %zu pictures", n);
}

// --- selecting -----------------------------------------------------------------------------------

bool study_passes(const NnStudy *study, const NnStudyFilter *f, const NnTriage *triage, size_t i) {
    const NnStudyRow *row = &study->rows[i];
    bool right = row->predicted == row->label;
    size_t half = study->n / 2; // as nn_metrics_compute cuts it
    return !(f->wrong_only && right) && !(f->right_only && !right) &&
           !(f->disputed_only && !row->disputed) && (f->label < 0 || f->label == row->label) &&
           (f->predicted < 0 || f->predicted == row->predicted) &&
           !(row->confidence < f->confidence_low) && // what is no number passes, too
           !(f->confidence_high > 0.0f && row->confidence > f->confidence_high) &&
           !(f->half == 1 && i >= half) && !(f->half == 2 && i < half) &&
           (f->members == NULL || f->members[i] != 0) &&
           (f->tag == 0 ||
            (triage != NULL ? nn_triage_tag(triage, i) : NN_TAG_NONE) == (NnTag)(f->tag - 1));
}

size_t nn_study_select(const NnStudy *study, const NnStudyFilter *filter, const NnTriage *triage,
                       NnStudySort sort, uint32_t *rows) {
    NN_ASSERT((unsigned)sort < NN_SORT_COUNT);
    const uint32_t *order = study->order[sort];
    size_t found = 0;
    for (size_t i = 0; i < study->n; i++) {
        uint32_t row = order != NULL ? order[i] : (uint32_t)i;
        if (study_passes(study, filter, triage, row)) {
            rows[found++] = row;
        }
    }
    return found;
}
