// sparse_kernels.h - the inner loops of sparse.c, one set for each length of vectors.

#ifndef NN_NN_SPARSE_KERNELS_H
#define NN_NN_SPARSE_KERNELS_H

#include <stdint.h>

#include "nn/ink.h"
#include "nn/sparse.h"

enum {
    SPARSE_I = NN_PIXELS,
    SPARSE_FOUR = 4,                         // pictures that share a list of pixels
    SPARSE_GROUP = 4,                        // pixels that share a set of pictures
    SPARSE_GROUPS = SPARSE_I / SPARSE_GROUP, // 196
    SPARSE_WORDS = (SPARSE_I + 63) / 64,     // of a bit for each pixel
    SPARSE_GROUP_WORDS = (SPARSE_GROUPS + 63) / 64,
    SPARSE_BEYOND = 16, // numbers that whole vectors may reach beyond the last one of an array
};

// Where a picture has ink.
typedef struct {
    uint64_t pixels[SPARSE_WORDS];       // a bit for each pixel
    uint64_t groups[SPARSE_GROUP_WORDS]; // for each group: any of its pixels
    int n_pixels, n_groups;              // bits that are set
} SparseInk;

// Four pictures, or the last ones repeated, and the pixels that any of them has ink in.
typedef struct {
    int row[SPARSE_FOUR];
    int n;
    uint16_t pixels[SPARSE_I + SPARSE_BEYOND];
} SparseFour;

// What a shard gives to a panel of the gradient.
typedef struct {
    const float *x;          // (B, 784)
    const float *dz;         // (B, columns)
    const uint64_t *samples; // (196, words) bit b: sample b has ink in one of the group's pixels
    int words;
} SparsePanel;

struct SparseKernels {
    // Outputs that are computed together: a panel. A panel of weights (784, columns) and one of dz
    // stay in the second-level cache.
    int columns;
    // x (784): ink is what is not zero.
    void (*find)(SparseInk *ink, const float *x);
    // Pixels whose bit is set, in order. Returns how many.
    int (*list)(uint16_t *pixels, const uint64_t *bits);
    // y (B, O) from panel (784, columns), whose rows are `columns` long and may be read
    // SPARSE_BEYOND floats beyond the last one.
    void (*forward)(float *y, int O, int columns, const SparseFour *fours, int n, const float *x,
                    const float *panel);
    // dw (rows, 784) of the sum over shards.
    void (*gradient)(float *dw, int rows, const SparsePanel *shards, int n);
};

// NULL where the processor cannot.
const SparseKernels *sparse_kernels_avx512(void);
const SparseKernels *sparse_kernels_avx2(void);

#endif
