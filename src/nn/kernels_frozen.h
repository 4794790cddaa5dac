// kernels_frozen.h - a convolution that learns no more: operands and results in bf16, sums in f32.
//
// Its weights are put into the library's order once. What follows a convolution in a network is done
// while its results are at hand: bias, another layer's output added, ReLU, rounding. Where the CPU has
// no bf16 the same is computed in f32 of the rounded operands.
//
// One object serves one thread at a time, and always the same number of pictures: what it says of one
// then never depends on the others.

#ifndef NN_NN_KERNELS_FROZEN_H
#define NN_NN_KERNELS_FROZEN_H

#include <stdbool.h>

#include "nn/bf16.h"
#include "nn/kernels_conv.h"

enum { FROZEN_BLOCK = 16 };

typedef struct {
    KernelsConvShape shape;
    int B;     // pictures at a time
    bool adds; // to what y holds, before the ReLU
    bool relu;
    // Pictures are (B, C / 16, H, W, 16), else (B, H, W, C). Only where kernels_bf16_is_fast, and for
    // channels in whole blocks on both sides; then it is faster.
    bool blocked;
    const float *w;    // (O, C, K, K), read while it is made alone, as is
    const float *bias; // (O)
} KernelsFrozenDesc;

typedef struct KernelsFrozen KernelsFrozen;

KernelsFrozen *kernels_frozen_new(const KernelsFrozenDesc *desc); // NULL when out of memory
void kernels_frozen_free(KernelsFrozen *conv);                    // NULL is fine

void kernels_frozen_run(KernelsFrozen *conv, Bf16 *y, const Bf16 *x);

#endif
