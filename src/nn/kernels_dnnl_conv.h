// kernels_dnnl_conv.h - the convolutions of kernels_dnnl_conv.c and kernels_dnnl_frozen.c whose
// operands are bf16. Private to kernels_dnnl_*; what they do is in kernels_bf16_library.h.

#ifndef NN_NN_KERNELS_DNNL_CONV_H
#define NN_NN_KERNELS_DNNL_CONV_H

#include "nn/bf16.h"
#include "nn/kernels_bf16_library.h"
#include "nn/kernels_conv.h"

KernelsConv *dnnl_conv_bf16_new(const KernelsConvShape *shape, int max_batch);
void dnnl_conv_bf16_forward(KernelsConv *conv, float *y, const Bf16 *x, const Bf16 *w,
                            const float *bias, int B);
void dnnl_conv_bf16_backward_weights(KernelsConv *conv, float *d_w, float *d_bias, const Bf16 *dy,
                                     const Bf16 *x, int B);
void dnnl_conv_bf16_backward_data(KernelsConv *conv, float *dx, const Bf16 *dy, const Bf16 *w,
                                  int B);

FrozenConv *dnnl_frozen_new(const KernelsFrozenDesc *desc);
void dnnl_frozen_free(FrozenConv *conv);
void dnnl_frozen_run(FrozenConv *conv, Bf16 *y, const Bf16 *x);

#endif
