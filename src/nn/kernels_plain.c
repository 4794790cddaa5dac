// kernels_plain.c - the matrix product as three loops, for systems without a library. Correct and
// slow.

#include "nn/kernels.h"

#include <stddef.h>

void kernels_thread_begin(void) {
}

const char *kernels_name(void) {
    return "plain C";
}

void kernels_gemm(bool transpose_a, bool transpose_b, int M, int N, int K, const float *a, int lda,
                  const float *b, int ldb, float beta, float *c, int ldc) {
    for (ptrdiff_t m = 0; m < M; m++) {
        float *row = c + m * ldc;
        for (ptrdiff_t n = 0; n < N; n++) {
            float sum = 0.0f;
            for (ptrdiff_t k = 0; k < K; k++) {
                sum += a[transpose_a ? k * lda + m : m * lda + k] *
                       b[transpose_b ? n * ldb + k : k * ldb + n];
            }
            row[n] = beta == 0.0f ? sum : sum + beta * row[n];
        }
    }
}
