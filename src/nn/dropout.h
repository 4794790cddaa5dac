// dropout.h - leaving out units at random while training (Srivastava et al., 2014).
//
// What is kept is multiplied by 1 / share kept, so that nothing changes when dropout is off. The
// share is rounded to a multiple of 2^-16: one random number of 32 bits serves two units.

#ifndef NN_NN_DROPOUT_H
#define NN_NN_DROPOUT_H

#include <stdint.h>

// Row b's mask depends on (seed, first_sample + b) and the layer alone, not on how rows are cut
// into shards.
typedef struct {
    uint64_t seed, first_sample;
} DropoutSeed;

// The multiplier of what is kept when this share is dropped; 1 for 0.
float dropout_factor(float share);

// Multiplies out (B, O) by the mask and stores the mask (B, O) unless it is NULL.
void dropout_apply(float *out, float *mask, int B, int O, float share, int layer,
                   const DropoutSeed *seed);

#endif
