// kernels_cblas.c - the matrix product by any CBLAS (OpenBLAS where this was tried).

#include "nn/kernels.h"

#include <cblas.h>

void kernels_thread_begin(void) {
#if defined(OPENBLAS_VERSION) || defined(OPENBLAS_SEQUENTIAL)
    // Global in OpenBLAS, not per thread: setting it again to the same value is harmless.
    openblas_set_num_threads(1);
#endif
}

const char *kernels_name(void) {
    return "CBLAS";
}

void kernels_gemm(bool transpose_a, bool transpose_b, int M, int N, int K, const float *a, int lda,
                  const float *b, int ldb, float beta, float *c, int ldc) {
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, M, N, K, 1.0f, a, lda, b, ldb, beta, c,
                ldc);
}
