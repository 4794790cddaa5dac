// sparse_avx2.c - the loops of sparse.c in vectors of 8. There are 16 registers: 12 for sums, three for
// a row of weights, one for a pixel.

#include "nn/sparse_kernels.h"

#include <stddef.h>

#if defined(__x86_64__)

#include <immintrin.h>

#include "base/simd.h"

#define TARGET __attribute__((target("avx2,bmi,fma,popcnt")))

enum { LANES = 8, VECTORS = 3, COLUMNS = 48 };

typedef __m256 Vec;

TARGET NN_INLINE Vec zero(void) {
    return _mm256_setzero_ps();
}

TARGET NN_INLINE Vec load(const float *p) {
    return _mm256_loadu_ps(p);
}

TARGET NN_INLINE void store(float *p, Vec a) {
    _mm256_storeu_ps(p, a);
}

TARGET NN_INLINE Vec spread(const float *p) {
    return _mm256_broadcast_ss(p);
}

TARGET NN_INLINE Vec fused(Vec a, Vec b, Vec c) {
    return _mm256_fmadd_ps(a, b, c);
}

TARGET NN_INLINE uint32_t nonzero(const float *p) {
    return (uint32_t)_mm256_movemask_ps(
        _mm256_cmp_ps(_mm256_loadu_ps(p), _mm256_setzero_ps(), _CMP_NEQ_UQ));
}

TARGET NN_INLINE int put_places(uint16_t *to, uint64_t bits, int first) {
    int n = 0;
    for (; bits != 0; bits &= bits - 1) {
        to[n++] = (uint16_t)(first + __builtin_ctzll(bits));
    }
    return n;
}

TARGET NN_INLINE void turn_four(Vec r[4]) {
    __m256d a = _mm256_castps_pd(_mm256_unpacklo_ps(r[0], r[1]));
    __m256d b = _mm256_castps_pd(_mm256_unpackhi_ps(r[0], r[1]));
    __m256d c = _mm256_castps_pd(_mm256_unpacklo_ps(r[2], r[3]));
    __m256d d = _mm256_castps_pd(_mm256_unpackhi_ps(r[2], r[3]));
    r[0] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, c));
    r[1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, c));
    r[2] = _mm256_castpd_ps(_mm256_unpacklo_pd(b, d));
    r[3] = _mm256_castpd_ps(_mm256_unpackhi_pd(b, d));
}

TARGET NN_INLINE void spill(float *to, ptrdiff_t step, Vec a) {
    _mm_storeu_ps(to, _mm256_castps256_ps128(a));
    _mm_storeu_ps(to + step, _mm256_extractf128_ps(a, 1));
}

#include "nn/sparse_loops.inc"

const SparseKernels *sparse_kernels_avx2(void) {
    static const SparseKernels kernels = {COLUMNS, find_ink, list_pixels, forward, gradient};
    bool can = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
               __builtin_cpu_supports("bmi");
    return can ? &kernels : NULL;
}

#else

const SparseKernels *sparse_kernels_avx2(void) {
    return NULL;
}

#endif
