// sparse_avx512.c - the loops of sparse.c in vectors of 16.

#include "nn/sparse_kernels.h"

#include <stddef.h>

#if defined(__x86_64__)

#include <immintrin.h>

#include "base/simd.h"

#define TARGET __attribute__((target("avx512f,avx512dq,bmi,popcnt")))

enum { LANES = 16, VECTORS = 4, COLUMNS = 64 };

typedef __m512 Vec;

TARGET NN_INLINE Vec zero(void) {
    return _mm512_setzero_ps();
}

TARGET NN_INLINE Vec load(const float *p) {
    return _mm512_loadu_ps(p);
}

TARGET NN_INLINE void store(float *p, Vec a) {
    _mm512_storeu_ps(p, a);
}

TARGET NN_INLINE Vec spread(const float *p) {
    return _mm512_set1_ps(*p);
}

TARGET NN_INLINE Vec fused(Vec a, Vec b, Vec c) {
    return _mm512_fmadd_ps(a, b, c);
}

TARGET NN_INLINE uint32_t nonzero(const float *p) {
    return _mm512_cmp_ps_mask(_mm512_loadu_ps(p), _mm512_setzero_ps(), _CMP_NEQ_UQ);
}

TARGET NN_INLINE int put_places(uint16_t *to, uint64_t bits, int first) {
    const __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    int n = 0;
    for (int j = 0; j < 64; j += LANES) {
        __mmask16 some = (__mmask16)(bits >> j);
        __m512i places = _mm512_add_epi32(lanes, _mm512_set1_epi32(first + j));
        __m512i packed = _mm512_maskz_compress_epi32(some, places);
        _mm256_storeu_si256((__m256i *)(void *)(to + n), _mm512_cvtepi32_epi16(packed));
        n += __builtin_popcount(some);
    }
    return n;
}

TARGET NN_INLINE void turn_four(Vec r[4]) {
    __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(r[0], r[1]));
    __m512d b = _mm512_castps_pd(_mm512_unpackhi_ps(r[0], r[1]));
    __m512d c = _mm512_castps_pd(_mm512_unpacklo_ps(r[2], r[3]));
    __m512d d = _mm512_castps_pd(_mm512_unpackhi_ps(r[2], r[3]));
    r[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
    r[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
    r[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
    r[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
}

TARGET NN_INLINE void spill(float *to, ptrdiff_t step, Vec a) {
    _mm_storeu_ps(to, _mm512_castps512_ps128(a));
    _mm_storeu_ps(to + step, _mm512_extractf32x4_ps(a, 1));
    _mm_storeu_ps(to + 2 * step, _mm512_extractf32x4_ps(a, 2));
    _mm_storeu_ps(to + 3 * step, _mm512_extractf32x4_ps(a, 3));
}

#include "nn/sparse_loops.inc"

const SparseKernels *sparse_kernels_avx512(void) {
    static const SparseKernels kernels = {COLUMNS, find_ink, list_pixels, forward, gradient};
    bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("bmi");
    return can ? &kernels : NULL;
}

#else

const SparseKernels *sparse_kernels_avx512(void) {
    return NULL;
}

#endif
