// study_impl.h - inside a study. Private to the files study_*.c.

#ifndef NN_TRAIN_STUDY_IMPL_H
#define NN_TRAIN_STUDY_IMPL_H

#include "nn/study.h"

enum { STUDY_SHA = 65, STUDY_CLASS_NAME = 32 };

struct NnStudy {
    size_t n;
    NnStudyRow *rows;     // (n)
    float *probabilities; // (n, 10)
    float *doubt;         // (n), see study_rank.c
    // (n) each: all rows in the order of every sort, so that selecting is a walk that needs no
    // memory and cannot fail. None for NN_SORT_INDEX.
    uint32_t *order[NN_SORT_COUNT];
    NnMetrics metrics;
    float threshold; // "not sure" below it; 0: the network has none
    char model_name[64], data_name[64];
    char model_sha256[STUDY_SHA], data_sha256[STUDY_SHA];
    char class_names[NN_CLASSES][STUDY_CLASS_NAME];
};

// A study of logits (n, 10) that somebody has computed. Hashes and the model's name are not filled
// in.
NnStudy *study_of_logits(const NnDataset *data, const float *logits, float temperature,
                         NnError *err);

// Fills doubt and order from rows and probabilities. NN_ERR_NOMEM leaves the study to be freed.
NnStatus study_rank(NnStudy *study, NnError *err) NN_MUST_CHECK;

// Whether row i passes the filter.
bool study_passes(const NnStudy *study, const NnStudyFilter *filter, const NnTriage *triage,
                  size_t i);

NnStatus study_write_matrix_csv(const NnStudy *study, const char *path, NnError *err) NN_MUST_CHECK;

// The hash of a data set's pictures and labels together, out has STUDY_SHA bytes.
void study_data_sha256(const NnDataset *data, char *out);

// Whether the n pictures are MNIST's test set as published, and row one of its disputed labels.
bool study_is_mnist_test(const NnDataset *data);
bool study_disputed(size_t row);

#endif
