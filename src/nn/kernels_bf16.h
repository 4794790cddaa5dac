// kernels_bf16.h - dense and convolutional layers in training, with operands in bf16 and sums in
// f32.
//
// On CPUs with instructions for it twice as fast as f32. Elsewhere operands that were rounded to
// bf16 are multiplied in f32: the same training but for the order of the sums, at no gain.
//
// One object belongs to one workspace and serves one thread at a time. Batches of max_batch rows
// and of one further size are ready at once; another size costs some ten microseconds to prepare.
// Letters as in model.h.

#ifndef NN_NN_KERNELS_BF16_H
#define NN_NN_KERNELS_BF16_H

#include <stdbool.h>

#include "nn/bf16.h"
#include "nn/kernels_conv.h"

bool kernels_bf16_is_fast(void); // whether CPU and library have it

typedef struct KernelsBf16 KernelsBf16; // of either kind

void kernels_bf16_free(KernelsBf16 *layer); // NULL is fine

// --- dense ---------------------------------------------------------------------------------------

KernelsBf16 *kernels_bf16_dense_new(int I, int O, int max_batch); // NULL when out of memory

// y (B, O) = x (B, I) times the transposed w (O, I).
void kernels_bf16_dense_forward(KernelsBf16 *dense, float *y, const Bf16 *x, const Bf16 *w, int B);

// dw (O, I) = dz' (O, B) x (B, I).
void kernels_bf16_dense_backward_weights(KernelsBf16 *dense, float *dw, const Bf16 *dz,
                                         const Bf16 *x, int B);

// dx (B, I) = dz (B, O) w (O, I), or added to what dx holds.
void kernels_bf16_dense_backward_data(KernelsBf16 *dense, float *dx, const Bf16 *dz, const Bf16 *w,
                                      int B, bool add);

// --- convolution, as in kernels_conv.h -----------------------------------------------------------

KernelsBf16 *kernels_bf16_conv_new(const KernelsConvShape *shape, int max_batch);
void kernels_bf16_conv_forward(KernelsBf16 *conv, float *y, const Bf16 *x, const Bf16 *w,
                               const float *bias, int B);
void kernels_bf16_conv_backward_weights(KernelsBf16 *conv, float *d_w, float *d_bias,
                                        const Bf16 *dy, const Bf16 *x, int B);
void kernels_bf16_conv_backward_data(KernelsBf16 *conv, float *dx, const Bf16 *dy, const Bf16 *w,
                                     int B);

#endif
