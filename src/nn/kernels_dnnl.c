// kernels_dnnl.c - the matrix product by oneDNN. dnnl_sgemm is the same in oneDNN 2 and 3.

#include "nn/kernels.h"

#include <dnnl.h>
#include <omp.h>
#include <stdio.h>

#include "nn/error.h"

void kernels_thread_begin(void) {
    // The setting is per thread, and only a call inside the thread has an effect: a pool of two
    // that spins beside a busy process was 6 to 17 times slower.
    omp_set_num_threads(1);
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *kernels_name(void) {
    return "oneDNN " TEXT(DNNL_VERSION_MAJOR) "." TEXT(DNNL_VERSION_MINOR);
}

void kernels_gemm(bool transpose_a, bool transpose_b, int M, int N, int K, const float *a, int lda,
                  const float *b, int ldb, float beta, float *c, int ldc) {
    dnnl_status_t status = dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', M, N, K,
                                      1.0f, a, lda, b, ldb, beta, c, ldc);
    NN_ASSERT(status == dnnl_success); // sizes are ours; it may also be out of memory for packing
}
