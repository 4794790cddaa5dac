// spatial.h - what happens to pictures between convolutions: pooling, flattening, whole channels.
//
// Pictures are (B, H, W, C), channels last; shapes are those of the input.

#ifndef NN_NN_SPATIAL_H
#define NN_NN_SPATIAL_H

#include <stdint.h>

#include "nn/model.h"

// out (B, H / K, W / K, C): the largest of each window of K x K; argmax its place in the window, the
// first one of equals.
void max_pool_forward(float *out, uint8_t *argmax, const float *in, NnShape shape, int K, int B);
void max_pool_backward(float *d_in, const float *d_out, const uint8_t *argmax, NnShape shape, int K,
                       int B);

// out (B, C): the mean of each channel.
void average_pool_forward(float *out, const float *in, NnShape shape, int B);
void average_pool_backward(float *d_in, const float *d_out, NnShape shape, int B);

// out (B, C H W) in the order of (C, H, W), as PyTorch flattens.
void flatten_forward(float *out, const float *in, NnShape shape, int B);
void flatten_backward(float *d_in, const float *d_out, NnShape shape, int B);

// Multiplies channel c of picture b by factors (B, C).
void channels_multiply(float *pictures, const float *factors, NnShape shape, int B);

#endif
