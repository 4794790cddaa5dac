#include "nn/dropout.h"

#include <stddef.h>

#include "base/rng.h"
#include "base/simd.h"

enum { PIECE = 512 }; // units whose random numbers are made at a time

// A 16-bit random number below the threshold drops its unit.
static uint32_t threshold_of(float share) {
    uint32_t threshold = (uint32_t)(share * 65536.0f + 0.5f);
    return threshold < 65535 ? threshold : 65535;
}

float dropout_factor(float share) {
    return 65536.0f / (65536.0f - (float)threshold_of(share));
}

// Unit 2k takes the low half of word k, unit 2k + 1 the high half, on any byte order.
NN_CLONES
static void drop_piece(float *restrict out, float *restrict mask, const uint32_t *restrict words,
                       uint32_t threshold, float factor, int n) {
    float kept[PIECE];
    for (int k = 0; 2 * k < n; k++) {
        kept[2 * k] = (words[k] & 0xffffu) < threshold ? 0.0f : factor;
        kept[2 * k + 1] = words[k] >> 16 < threshold ? 0.0f : factor;
    }
    for (int o = 0; o < n; o++) {
        out[o] *= kept[o];
    }
    if (mask != NULL) {
        for (int o = 0; o < n; o++) {
            mask[o] = kept[o];
        }
    }
}

void dropout_apply(float *out, float *mask, int B, int O, float share, int layer,
                   const DropoutSeed *seed) {
    uint32_t threshold = threshold_of(share), words[PIECE / 2] = {0};
    float factor = dropout_factor(share);
    for (ptrdiff_t b = 0; b < B; b++) {
        // Layers of one sample take numbers from generators of their own: 2^58 samples, 64 layers.
        uint64_t position = (seed->first_sample + (uint64_t)b) << 6 | (uint64_t)layer;
        Rng rng = rng_at(seed->seed, RNG_STREAM_DROPOUT, position);
        for (int o = 0; o < O; o += PIECE) {
            int n = O - o < PIECE ? O - o : PIECE;
            rng_fill(&rng, words, (size_t)(n + 1) / 2);
            ptrdiff_t at = b * O + o;
            drop_piece(out + at, mask != NULL ? mask + at : NULL, words, threshold, factor, n);
        }
    }
}
