// feature_index.h - the outputs of a network's last hidden layer for every picture of a training set,
// as bytes.
//
// Grows chunk by chunk from the IDX file, plain or gzipped, without ever holding more than one
// chunk of pictures. Of a wide layer only the units that vary most are kept. Thread: one.

#ifndef INKLING_APP_FEATURE_INDEX_H
#define INKLING_APP_FEATURE_INDEX_H

#include "app/neighbours.h"

typedef struct FeatureIndex FeatureIndex;

// set: a data set's name, "mnist". NN_ERR_NOT_FOUND, with how to get it, when it is not there.
FeatureIndex *feature_index_new(const NnModel *model, const char *set, NnError *err);
void feature_index_free(FeatureIndex *index); // NULL is fine

size_t feature_index_total(const FeatureIndex *index);
size_t feature_index_count(const FeatureIndex *index); // looked at so far

// One more chunk. False when that was the last one, or with err filled when the file cannot be read
// on.
bool feature_index_grow(FeatureIndex *index, NnError *err);

// The n nearest to these outputs of the layer, nearest first, with their pictures. Returns how
// many.
int feature_index_nearest(FeatureIndex *index, const float *features, Neighbour *nearest, int n);

#endif
