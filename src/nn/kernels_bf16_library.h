// kernels_bf16_library.h - what kernels_bf16.c asks of the library the build chose.

#ifndef NN_NN_KERNELS_BF16_LIBRARY_H
#define NN_NN_KERNELS_BF16_LIBRARY_H

#include "nn/bf16.h"
#include "nn/kernels_conv.h"
#include "nn/kernels_frozen.h"

typedef enum { BF16_FORWARD, BF16_WEIGHTS, BF16_DATA, BF16_DATA_ADDED, BF16_PRODUCTS } Bf16Product;

typedef struct Bf16Dense Bf16Dense;
typedef struct FrozenConv FrozenConv;

typedef struct {
    // All products for max_batch rows are made at once. NULL when out of memory.
    Bf16Dense *(*dense_new)(int I, int O, int max_batch);
    void (*dense_free)(Bf16Dense *dense); // NULL is fine

    // c = op(a) op(b), or added to c: the operands in the order of kernels_bf16.h.
    void (*dense_run)(Bf16Dense *dense, Bf16Product product, float *c, const Bf16 *a, const Bf16 *b,
                      int B);

    // A convolution for training, freed by kernels_conv_free but of no use to the other functions
    // of kernels_conv.h. The passes are as there.
    KernelsConv *(*conv_new)(const KernelsConvShape *shape, int max_batch);
    void (*conv_forward)(KernelsConv *conv, float *y, const Bf16 *x, const Bf16 *w,
                         const float *bias, int B);
    void (*conv_backward_weights)(KernelsConv *conv, float *d_w, float *d_bias, const Bf16 *dy,
                                  const Bf16 *x, int B);
    void (*conv_backward_data)(KernelsConv *conv, float *dx, const Bf16 *dy, const Bf16 *w, int B);

    // See kernels_frozen.h.
    FrozenConv *(*frozen_new)(const KernelsFrozenDesc *desc);
    void (*frozen_free)(FrozenConv *conv); // NULL is fine
    void (*frozen_run)(FrozenConv *conv, Bf16 *y, const Bf16 *x);
} Bf16Library;

// NULL: it has none, or CPU and library together are no faster than f32.
const Bf16Library *bf16_library(void);

#endif
