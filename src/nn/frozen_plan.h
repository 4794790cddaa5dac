// frozen_plan.h - in which steps a frozen network is computed, and where in a room their results lie.
// Private to src/nn.
//
// A step is a layer, or a convolution together with the normalisation behind it. What it gives is kept
// as floats, as bf16 or as both, whatever the steps that take it want. Places are used again when
// nobody needs what is there: most of a convolutional network then stays in the second-level cache.

#ifndef NN_NN_FROZEN_PLAN_H
#define NN_NN_FROZEN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/layout.h"
#include "nn/model.h"

enum { FROZEN_NONE = -1, FROZEN_PLACES_MAX = 4 * NN_LAYERS_MAX };

typedef struct {
    int layer;           // the first it computes
    int gives;           // the layer whose output it leaves: itself or the normalisation folded in
    int source, add;     // layers; -1: the picture, none
    bool fused;          // a convolution in bf16, with all that follows
    int wide, rounded;   // places of what it gives, (B, H, W, C) as floats and as bf16; or none
    int between, argmax; // places it needs meanwhile, or none
    size_t values;       // of a picture
} FrozenStep;

typedef struct {
    int B;        // pictures at a time
    bool blocked; // bf16 pictures are (B, C / 16, H, W, 16)
    int n_steps;
    FrozenStep steps[NN_LAYERS_MAX];
    int step_of[NN_LAYERS_MAX]; // that gives a layer; none: folded away
    int filled, picture;        // places: the last pictures with zeros behind, inputs as bf16
    int n_places;
    size_t offset[FROZEN_PLACES_MAX]; // in the room, bytes
    size_t room;
} FrozenPlan;

// Of a sound description.
void frozen_plan_make(FrozenPlan *plan, const NnArch *arch, const Layout *layout);

#endif
