// start.h - the weights a recipe's "start" names, as the recipe's own network holds them.

#ifndef NN_TRAIN_START_H
#define NN_TRAIN_START_H

#include "train/teachers.h"

typedef struct {
    NnModel *named; // as its file has it; NULL: the recipe names none, its weights are drawn
    NnModel *dense; // its convolutions written out; NULL where the layers are the recipe's already
    char sha256[TEACHER_SHA_SIZE];                     // of the named network, as its card says
    char note[NN_TEACHER_SIZE + TEACHER_SHA_SIZE + 2]; // "NAME SHA256"
} Start;

// The named network has the recipe's layers, or has them once its convolutions are written out as dense
// layers, and standardises pixels as the recipe does. The error names the key, the file and what to do. start needs no release after it.
NnStatus start_load(Start *start, const NnRecipe *recipe, NnError *err) NN_MUST_CHECK;

// Of the recipe's layers; NULL: none is named. Owned by start.
const NnModel *start_weights(const Start *start);

void start_release(Start *start); // all zero is fine

#endif
