// facts.h - what there is to say of a data set: how many of each class, how a class looks on
// average, how bright its pixels are, which pictures it holds twice.
//
//     NnFacts *facts = nn_facts_new(data, NULL, NULL, err);
//     facts->count[7], facts->rows[facts->first[7]] ...     the sevens and where they are
//
// Thread: facts are never written to once made.

#ifndef NN_FACTS_H
#define NN_FACTS_H

#include "nn/dataset.h"

typedef struct {
    size_t n;
    size_t count[NN_CLASSES];
    size_t first[NN_CLASSES + 1]; // of each class in rows
    uint32_t *rows;               // (n) sorted by class, in the set's order within one
    uint8_t mean[NN_CLASSES][NN_PIXELS];
    double ink[NN_CLASSES];  // mean pixel of a class, 0..1
    uint64_t histogram[256]; // of all pixels
    size_t repeated;         // pictures that are, byte for byte, an earlier one
} NnFacts;

// go_on is asked now and then and may be NULL; false: NN_ERR_CANCELLED.
NnFacts *nn_facts_new(const NnDataset *data, bool (*go_on)(void *user), void *user, NnError *err);
void nn_facts_free(NnFacts *facts); // NULL is fine

// A row a class: class, name, count, share, mean_pixel; then a row a grey value: value, pixels.
NnStatus nn_facts_write_csv(const NnFacts *facts, const NnDataset *data, const char *path,
                            NnError *err) NN_MUST_CHECK;

#endif
