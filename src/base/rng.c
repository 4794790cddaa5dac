#include "base/rng.h"

#include <math.h>

#include "base/simd.h"

static void philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]) {
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p = (uint64_t)0xD2511F53u * c0;
        uint64_t q = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(q >> 32) ^ c1 ^ k0;
        uint32_t n2 = (uint32_t)(p >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)q;
        c3 = (uint32_t)p;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

// LANES blocks side by side, each step of the rounds a loop over lanes that becomes vectors.
enum { LANES = 16 };

NN_CLONES
static void philox_lanes(uint32_t *restrict out, const uint32_t counter[4], const uint32_t key[2]) {
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    uint32_t k0 = key[0], k1 = key[1];
    for (uint32_t j = 0; j < LANES; j++) {
        c0[j] = counter[0] + j;
        c1[j] = counter[1];
        c2[j] = counter[2];
        c3[j] = counter[3];
    }
    for (int round = 0; round < 10; round++) {
        for (int j = 0; j < LANES; j++) {
            uint64_t p = (uint64_t)0xD2511F53u * c0[j];
            uint64_t q = (uint64_t)0xCD9E8D57u * c2[j];
            c0[j] = (uint32_t)(q >> 32) ^ c1[j] ^ k0;
            c2[j] = (uint32_t)(p >> 32) ^ c3[j] ^ k1;
            c1[j] = (uint32_t)q;
            c3[j] = (uint32_t)p;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int j = 0; j < LANES; j++) {
        out[4 * j] = c0[j];
        out[4 * j + 1] = c1[j];
        out[4 * j + 2] = c2[j];
        out[4 * j + 3] = c3[j];
    }
}

Rng rng_at(uint64_t seed, RngStream stream, uint64_t position) {
    Rng rng = {
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, (uint32_t)stream, (uint32_t)position, (uint32_t)(position >> 32)},
        .used = 4,
    };
    return rng;
}

uint32_t rng_u32(Rng *rng) {
    if (rng->used == 4) {
        philox(rng->block, rng->counter, rng->key);
        rng->counter[0]++;
        rng->used = 0;
    }
    return rng->block[rng->used++];
}

void rng_fill(Rng *rng, uint32_t *words, size_t n) {
    for (; n > 0 && rng->used < 4; n--) {
        *words++ = rng_u32(rng);
    }
    for (; n >= 4 * LANES; n -= 4 * LANES) {
        philox_lanes(words, rng->counter, rng->key);
        rng->counter[0] += LANES;
        words += 4 * LANES;
    }
    for (; n > 0; n--) {
        *words++ = rng_u32(rng);
    }
}

uint32_t rng_below(Rng *rng, uint32_t n) {
    // Multiply-shift with rejection (Lemire, "Fast random integer generation in an interval",
    // 2019).
    uint64_t product = (uint64_t)rng_u32(rng) * n;
    if ((uint32_t)product < n) {
        uint32_t threshold = (0u - n) % n;
        while ((uint32_t)product < threshold) {
            product = (uint64_t)rng_u32(rng) * n;
        }
    }
    return (uint32_t)(product >> 32);
}

float rng_uniform(Rng *rng, float low, float high) {
    float unit = (float)(rng_u32(rng) >> 8) * (1.0f / 16777216.0f); // 24 bits, never 1
    float value = low + (high - low) * unit;
    return value < high ? value : low; // rounding may reach the upper end
}

float rng_normal(Rng *rng) {
    // Box-Muller in double; the second value is dropped so that the count of words per call is
    // fixed.
    double u = ((double)rng_u32(rng) + 1.0) / 4294967297.0; // 0 < u < 1
    double v = (double)rng_u32(rng) / 4294967296.0;
    return (float)(sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v));
}

void rng_permutation(Rng *rng, uint32_t *order, size_t n) {
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint32_t)i;
    }
    for (size_t i = n; i > 1; i--) {
        uint32_t j = rng_below(rng, (uint32_t)i);
        uint32_t kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}
