// rng.h - random numbers that depend on nothing but (seed, stream, position).
//
// Counter-based (Philox4x32-10; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011): the value at a position is a pure function, so any worker can make the numbers of any
// sample in any order and a resumed run needs no saved generator state.
//
//     Rng rng = rng_at(seed, RNG_STREAM_AUGMENT, epoch << 32 | sample);
//     float angle = rng_uniform(&rng, -15.0f, 15.0f);

#ifndef NN_BASE_RNG_H
#define NN_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

// What a number is for; two purposes never share numbers.
typedef enum {
    RNG_STREAM_INIT,
    RNG_STREAM_SHUFFLE,
    RNG_STREAM_SPLIT,
    RNG_STREAM_AUGMENT,
    RNG_STREAM_DROPOUT,
    RNG_STREAM_STYLE,
    RNG_STREAM_TEST,
    RNG_STREAM_SCRIBBLE,
    RNG_STREAM_NEAR_DIGIT,
    RNG_STREAM_MIXUP,
} RngStream;

typedef struct {
    uint32_t key[2];     // from the seed
    uint32_t counter[4]; // [0]: block number, [1]: stream, [2..3]: position
    uint32_t block[4];   // the current four words
    uint32_t used;       // of them
} Rng;

// A generator for one position of one stream: a sample, a step, a layer. Good for 2^34 words.
Rng rng_at(uint64_t seed, RngStream stream, uint64_t position);

uint32_t rng_u32(Rng *rng);
void rng_fill(Rng *rng, uint32_t *words, size_t n); // what n calls of rng_u32 give, several times faster
uint32_t rng_below(Rng *rng, uint32_t n);             // 0..n-1 without bias; n > 0
float rng_uniform(Rng *rng, float low, float high);   // low <= value < high
float rng_normal(Rng *rng);                           // mean 0, sd 1
void rng_permutation(Rng *rng, uint32_t *order, size_t n); // Fisher-Yates over 0..n-1

#endif
