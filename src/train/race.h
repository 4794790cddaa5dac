// race.h - accuracy on the test set against seconds of training.

#ifndef NN_TRAIN_RACE_H
#define NN_TRAIN_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/dataset.h"
#include "nn/recipe.h"

typedef struct {
    double epochs, seconds, accuracy; // trained so far; on the test set
} RacePoint;

typedef struct {
    const NnRecipe *recipe; // no validation split is measured in a race
    const NnDataset *train, *test;
    int threads;
    uint64_t seed;
    int points_an_epoch;
    bool (*should_stop)(void *user);
    void *user;
} Race;

enum { RACE_POINTS_MAX = 1024 };

// The whole recipe from random weights, with a look at the test set points_an_epoch times an epoch,
// for which the clock stands still; setting up is not counted either. points (RACE_POINTS_MAX), *n
// of them in the order of time.
NnStatus race_run(const Race *race, RacePoint *points, size_t *n, NnError *err) NN_MUST_CHECK;

#endif
