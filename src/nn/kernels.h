// kernels.h - the matrix product, from whichever library the build chose (INKLING_KERNELS).
//
// Everything heavy in a dense network is this one product. All matrices are row-major; ld is the
// distance between rows in floats. One thread per call: the engine spreads work over its own
// threads, whose number must not change the bits.

#ifndef NN_NN_KERNELS_H
#define NN_NN_KERNELS_H

#include <stdbool.h>

// Keeps the library's own threads out of the calling thread. Every thread calls it before its first
// product; forward and gradient passes do so themselves. Some nanoseconds.
void kernels_thread_begin(void);

const char *kernels_name(void); // "oneDNN 2.6.3", "CBLAS", "plain C"

// c (M, N) = op(a) op(b) + beta c, with op(a) (M, K) and op(b) (K, N). beta is 0 or 1; with 0 what
// c held does not matter.
void kernels_gemm(bool transpose_a, bool transpose_b, int M, int N, int K, const float *a, int lda,
                  const float *b, int ldb, float beta, float *c, int ldc);

#endif
