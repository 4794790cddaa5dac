// transpose.h - weights of a narrow layer, turned round for the matrix product.

#ifndef NN_NN_TRANSPOSE_H
#define NN_NN_TRANSPOSE_H

enum { TRANSPOSE_STRIP = 16 };

// out (I, O) = w (O, I) transposed. O is a multiple of TRANSPOSE_STRIP.
void transpose(float *out, const float *w, int O, int I);

#endif
