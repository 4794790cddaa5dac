// bf16.c - conversion in whole numbers.
//
// CPUs with an instruction for it flush subnormal numbers on the way; these loops are bound by
// memory as they are, and give the same bits everywhere.

#include "nn/bf16.h"

#include <string.h>

#include "base/simd.h"

NN_INLINE uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

NN_CLONES
void bf16_round(Bf16 *restrict to, const float *restrict from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = bits_of(from[i]);
        // Adding just under half a unit of the last place, and the odd bit, carries where the
        // number has to go up. A NaN might be carried into infinity: it is cut, and made quiet.
        uint32_t nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
        uint32_t cut = bits >> 16 | 0x40;
        to[i] = (Bf16)((bits & 0x7fffffff) > 0x7f800000 ? cut : nearest);
    }
}

NN_CLONES
void bf16_widen(float *restrict to, const Bf16 *restrict from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)from[i] << 16;
        memcpy(&to[i], &bits, sizeof bits);
    }
}
