// near_digit.h - drawings that look like writing and are no digits: signs of no alphabet, outlines,
// digits turned or mirrored, numbers of several digits.
//
// Scribbles (nn/scribble.h) teach a network what is far from a digit; what people tease it with is
// near: a heart is almost a 0, a T almost a 7. Recipes may mix these in without an answer as the
// target ("near_digits"). None of them is a letter or a sign that exists: those are what a network
// is judged by. Deterministic by (seed, index). Thread: reentrant; ink is the caller's scratch
// drawing.

#ifndef NN_NEAR_DIGIT_H
#define NN_NEAR_DIGIT_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/ink.h"

typedef enum {
    NN_NEAR_SIGN,    // two to four lines, arcs, hooks, rings and dots put together at random
    NN_NEAR_OUTLINE, // closed, with corners, cusps or lobes, where a 0 has none
    NN_NEAR_TURNED,  // generated digits turned or mirrored, where that makes no other digit
    NN_NEAR_NUMBER,  // two or three generated digits side by side
    NN_NEAR_COUNT,
} NnNearKind;

const char *nn_near_name(NnNearKind kind);

// One of that kind, brought to 28x28 by the path every drawing takes. False: out of memory.
bool nn_near_digit_kind(NnInk *ink, NnNearKind kind, uint64_t seed, uint64_t index, NnDigit *digit);

// One of a kind drawn at random.
bool nn_near_digit(NnInk *ink, uint64_t seed, uint64_t index, NnDigit *digit);

#endif
