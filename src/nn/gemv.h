// gemv.h - matrix times vector: a layer for one picture. Bound by reading the weights once.

#ifndef NN_NN_GEMV_H
#define NN_NN_GEMV_H

// y (O) = w (O, I) x (I). Runs of 16 inputs that are all zero, as most of a digit's paper is, are
// not read.
void gemv(float *y, const float *w, const float *x, int O, int I);

// x (I) += transposed w (O, I) times d (O). Rows where d is zero are not read.
void gemv_transposed_add(float *x, const float *w, const float *d, int O, int I);

// w (O, I) = d (O) times x (I): the weights' gradient from one picture.
void outer_product(float *w, const float *d, const float *x, int O, int I);

#endif
