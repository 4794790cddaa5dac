// bf16.c - by the CPU's instruction where there is one, else in whole numbers.
//
// All that a training step multiplies comes through here: in whole numbers that takes a tenth of the
// step, ten operations on each number.

#include "nn/bf16.h"

#include <stdbool.h>
#include <string.h>

#include "base/simd.h"

NN_INLINE uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

NN_CLONES
void bf16_round_plain(Bf16 *restrict to, const float *restrict from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = bits_of(from[i]);
        // Adding just under half a unit of the last place, and the odd bit, carries where the
        // number has to go up. A NaN might be carried into infinity: it is cut, and made quiet.
        uint32_t nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
        uint32_t cut = bits >> 16 | 0x40;
        to[i] = (Bf16)((bits & 0x7fffffff) > 0x7f800000 ? cut : nearest);
    }
}

#if defined(__x86_64__)

#include <immintrin.h>

enum { LANES = 32 };

__attribute__((target("avx512f,avx512bf16"))) static void round_lanes(Bf16 *to, const float *from) {
    __m512bh both = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + LANES / 2), _mm512_loadu_ps(from));
    memcpy(to, &both, sizeof both);
}

__attribute__((target("avx512f,avx512bf16"))) static void
round_vectors(Bf16 *restrict to, const float *restrict from, size_t n) {
    size_t whole = n - n % LANES, rest = n % LANES;
    for (size_t i = 0; i < whole; i += LANES) {
        round_lanes(to + i, from + i);
    }
    if (rest >
        0) { // by the same instruction: what becomes of a number does not depend on its place
        float last[LANES] = {0};
        Bf16 out[LANES];
        memcpy(last, from + whole, rest * sizeof *last);
        round_lanes(out, last);
        memcpy(to + whole, out, rest * sizeof *out);
    }
}

void bf16_round(Bf16 *to, const float *from, size_t n) {
    if (__builtin_cpu_supports("avx512bf16")) {
        round_vectors(to, from, n);
    } else {
        bf16_round_plain(to, from, n);
    }
}

#else

void bf16_round(Bf16 *to, const float *from, size_t n) {
    bf16_round_plain(to, from, n);
}

#endif

NN_CLONES
void bf16_widen(float *restrict to, const Bf16 *restrict from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)from[i] << 16;
        memcpy(&to[i], &bits, sizeof bits);
    }
}
