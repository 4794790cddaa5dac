// kernels_bf16_library.h - what kernels_bf16.c asks of the library the build chose.

#ifndef NN_NN_KERNELS_BF16_LIBRARY_H
#define NN_NN_KERNELS_BF16_LIBRARY_H

#include <stdbool.h>

#include "nn/bf16.h"

typedef enum { BF16_FORWARD, BF16_WEIGHTS, BF16_DATA, BF16_DATA_ADDED, BF16_PRODUCTS } Bf16Product;

typedef struct LibraryBf16 LibraryBf16;

// False: it has none, or CPU and library together are no faster than f32. The others are then not
// called.
bool library_bf16_is_fast(void);

// All products for max_batch rows are made at once. NULL when out of memory.
LibraryBf16 *library_bf16_new(int I, int O, int max_batch);
void library_bf16_free(LibraryBf16 *library); // NULL is fine

// c = op(a) op(b), or added to c: the operands in the order of kernels_bf16.h.
void library_bf16_run(LibraryBf16 *library, Bf16Product product, float *c, const Bf16 *a,
                      const Bf16 *b, int B);

#endif
