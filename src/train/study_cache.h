// study_cache.h - answers kept between sessions, so that a view opens at once.
//
// A file for each network and data set in the user's cache: magic, version, what it belongs to, the
// logits, and the SHA-256 of all that. It is written atomically, anything wrong with it means
// computing again, and the oldest files go when there are too many.

#ifndef NN_TRAIN_STUDY_CACHE_H
#define NN_TRAIN_STUDY_CACHE_H

#include <stdbool.h>

#include "nn/dataset.h"
#include "nn/model.h"
#include "train/study_impl.h"

typedef struct {
    // Of everything the logits depend on. Not a cryptographic hash: SHA-256 of a million weights
    // takes longer than all the rest of opening a study.
    uint64_t network[2];
    char data_sha256[STUDY_SHA];
    size_t n;
} StudyKey;

StudyKey study_key(const NnModel *model, const NnDataset *data);

// logits (n, 10). False when there is nothing that can be trusted. model_sha256: STUDY_SHA bytes.
bool study_cache_read(const StudyKey *key, float *logits, char *model_sha256);

// A cache that cannot be written is no error.
void study_cache_write(const StudyKey *key, const float *logits, const char *model_sha256);

#endif
