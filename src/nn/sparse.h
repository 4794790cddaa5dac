// sparse.h - the products of a layer that takes pictures, without the pixels that are paper.
//
// Of a digit's 784 pixels about 150 have ink, of a distorted one 200; the others are exact zeros. A
// matrix product multiplies by all of them. These two leave most of them out: forward, the pixels
// that are paper in each of four pictures; for the weights' gradient, the pictures in which four
// neighbouring pixels are paper. Half as many operations are left, less for undistorted pictures.
//
//     if (sparse_look(s, x, B)) {             // else the pictures are too dense, use the library
//         sparse_forward(s, y, w);
//         sparse_keep(s, dz);
//         sparse_gradient(&s, 1, dw, 0, O);   // or for several shards at once, some rows at a time
//     }
//
// Sums run over pixels, or samples, in their order, each with one rounding (fused multiply and
// add), on every processor that has it. A zero adds nothing to a sum, so which zeros are left out
// does not change bits. Infinite or undefined weights of pixels that are paper go unnoticed here;
// their pixels' ink brings them to light.
//
// Letters as in model.h; I is 784 (NN_PIXELS). One thread at a time, but for sparse_gradient.

#ifndef NN_NN_SPARSE_H
#define NN_NN_SPARSE_H

#include <stdbool.h>

enum { SPARSE_SHARDS_MAX = 16 }; // whose gradients are added up at once

typedef struct Sparse Sparse;
typedef struct SparseKernels SparseKernels;

// The best this processor has, or NULL: then there is nothing to gain here.
const SparseKernels *sparse_kernels(void);

// Rows of a gradient come in multiples of it, but for the last.
int sparse_columns(const SparseKernels *kernels);

// For a layer of O outputs. NULL: out of memory.
Sparse *sparse_new(const SparseKernels *kernels, int O, int max_batch);
void sparse_free(Sparse *s); // NULL is fine

// Finds the ink in x (B, 784), which is borrowed until the last sparse_gradient. False: so many
// pixels have some, or there are so few pictures, that the library's product is faster.
bool sparse_look(Sparse *s, const float *x, int B);
bool sparse_pays(const Sparse *s); // what it said last

void sparse_forward(Sparse *s, float *y, const float *w); // y (B, O) from w (O, 784)
void sparse_keep(Sparse *s, const float *dz);             // copies dz (B, O)

// dw (rows, 784) = rows first .. of the sum over n shards of dz' x. first is a multiple of
// sparse_columns. Threads may share the shards.
void sparse_gradient(Sparse *const *shards, int n, float *dw, int first, int rows);

#endif
