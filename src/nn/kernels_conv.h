// kernels_conv.h - 2-D convolution, from the same library as the matrix product.
//
// Pictures are (B, H, W, C), channels last: what comes before and after a convolution is then a
// plain loop over rows of C numbers, and oneDNN's kernels are as fast on it as on their own blocked
// layout. Weights stay PyTorch's (O, C, K, K); whatever else a library wants is made on the way in.
//
// A KernelsConv belongs to one workspace and serves one thread at a time. Batches of max_batch rows
// and of one further size are ready at once; another size costs some ten microseconds to prepare.

#ifndef NN_NN_KERNELS_CONV_H
#define NN_NN_KERNELS_CONV_H

#include <stdbool.h>

typedef struct {
    int channels, height, width; // of the input
    int out_channels, kernel, stride, padding;
} KernelsConvShape;

typedef struct KernelsConv KernelsConv;

// Height or width of the output.
static inline int kernels_conv_size(int in, int kernel, int stride, int padding) {
    return (in + 2 * padding - kernel) / stride + 1;
}

// Scratch memory included. training: the two backward passes are prepared, too. NULL when out of
// memory.
KernelsConv *kernels_conv_new(const KernelsConvShape *shape, int max_batch, bool training);
void kernels_conv_free(KernelsConv *conv); // NULL is fine

// y (B, H', W', O) = x (B, H, W, C) convolved with w (O, C, K, K), plus bias (O).
void kernels_conv_forward(KernelsConv *conv, float *y, const float *x, const float *w,
                          const float *bias, int B);

// d_w (O, C, K, K) and d_bias (O) from dy (B, H', W', O); overwritten.
void kernels_conv_backward_weights(KernelsConv *conv, float *d_w, float *d_bias, const float *dy,
                                   const float *x, int B);

// dx (B, H, W, C), overwritten.
void kernels_conv_backward_data(KernelsConv *conv, float *dx, const float *dy, const float *w,
                                int B);

#endif
