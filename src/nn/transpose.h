// transpose.h - matrices turned round: weights of a narrow layer for the matrix product, pictures.

#ifndef NN_NN_TRANSPOSE_H
#define NN_NN_TRANSPOSE_H

enum { TRANSPOSE_STRIP = 16 };

// out (I, O) = w (O, I) transposed. Fast for what there is of whole strips, of rows and of columns.
void transpose(float *out, const float *w, int O, int I);

#endif
