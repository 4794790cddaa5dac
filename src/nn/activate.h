// activate.h - the element-wise passes of a layer, forwards and backwards.

#ifndef NN_NN_ACTIVATE_H
#define NN_NN_ACTIVATE_H

#include <stddef.h>

#include "nn/model.h"

#define LEAKY_SLOPE 0.01f

// y (B, O) holds W x; becomes activation(y + bias). slope (B, O) receives the activation's
// derivative there; NULL when nobody wants it.
void activate_forward(NnActivation activation, float *y, const float *bias, float *slope, int B,
                      int O);

// dz (B, O) = dy * slope and bias_gradient (O) = sum of dz over rows, top to bottom. slope NULL
// means 1. dz may be dy.
void activate_backward(float *dz, const float *dy, const float *slope, float *bias_gradient, int B,
                       int O);

// The same for ReLU, from its output y: slope is `factor` where y > 0, else 0. With dropout after
// the ReLU factor is the dropout's.
void activate_backward_relu(float *dz, const float *dy, const float *y, float factor,
                            float *bias_gradient, int B, int O);

void activate_add(float *y, const float *x, size_t n);      // y += x
void activate_multiply(float *y, const float *x, size_t n); // y *= x

// inputs (n) = (pixel / 255 - mean) / sd as one product and one sum.
void activate_standardise(float *inputs, const uint8_t *pixels, size_t n, float factor,
                          float shift);

// p = softmax(factor * logits) for one row; p may be logits. The loss wants log(sum of exp(factor *
// logits)): it is *top plus the logarithm of what is returned.
float activate_softmax(float *p, const float *logits, int C, float factor, float *top);

#endif
