// scribble.h - pictures that are no digits: scrawls, letters, shapes, hatching, blots, silhouettes.
//
// A network that has only ever seen digits calls everything a digit, and surely. Recipes may mix these in with no
// answer as the target ("non_digits"; outlier exposure, Hendrycks et al., 2019), so that a scribble gets "not sure".
// Deterministic by (seed, index). Thread: reentrant; ink is the caller's scratch drawing.

#ifndef NN_SCRIBBLE_H
#define NN_SCRIBBLE_H

#include <stdint.h>

#include "nn/ink.h"

typedef enum {
    NN_SCRIBBLE_SCRAWL, // a pen that wanders
    NN_SCRIBBLE_ZIGZAG, // to and fro
    NN_SCRIBBLE_LOOPS,  // round and round, wandering off
    NN_SCRIBBLE_LETTER, // capitals and small letters that look like no digit
    NN_SCRIBBLE_SHAPE,  // crosses, stars, arrows, boxes ...
    NN_SCRIBBLE_HATCH,  // several separate lines or dots
    NN_SCRIBBLE_BLOT,   // filled patches, up to the whole picture
    NN_SCRIBBLE_SILHOUETTE, // filled things with a surface
    NN_SCRIBBLE_COUNT,
} NnScribbleKind;

const char *nn_scribble_name(NnScribbleKind kind);

// One of that kind, brought to 28x28 by the path every drawing takes. Never blank. False: out of memory.
bool nn_scribble_kind(NnInk *ink, NnScribbleKind kind, uint64_t seed, uint64_t index, NnDigit *digit);

// One of a kind drawn at random.
bool nn_scribble(NnInk *ink, uint64_t seed, uint64_t index, NnDigit *digit);

#endif
