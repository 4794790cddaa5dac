// stepper.h - one training step: a minibatch's gradient on all workers, then the optimiser.
//
// The bits depend on the batch, the seed and the weights, never on the number of workers: a batch
// is cut into as many shards as its size says, and gradients are added in shard order.
//
// Thread: the one that made it.

#ifndef NN_TRAIN_STEPPER_H
#define NN_TRAIN_STEPPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/dataset.h"
#include "nn/model.h"
#include "nn/recipe.h"
#include "train/teachers.h"
#include "train/workers.h"

typedef struct Stepper Stepper;

typedef struct {
    const NnRecipe *recipe;
    const NnDataset *data;
    const uint32_t *rows; // (n_rows) of data, those trained on
    size_t n_rows;
    NnModel *model;           // is trained
    NnModel *average;         // follows it as the recipe's ema says, or NULL
    const Teachers *teachers; // of the recipe, or NULL
    Workers *workers;
    uint64_t seed;
} StepperDesc;

// Everything in desc is borrowed.
Stepper *stepper_new(const StepperDesc *desc, NnError *err);
void stepper_free(Stepper *stepper); // NULL is fine

typedef struct {
    const uint32_t *rows;  // (n) of the data set
    int n;                 // 1 .. recipe->batch
    uint64_t epoch;        // from 0, for the augmentation
    uint64_t step;         // from 0, over the whole run
    uint64_t first_sample; // seen so far in the whole run, for dropout
    float learning_rate;
} StepBatch;

typedef struct {
    double loss;              // sum over the samples
    size_t correct, labelled; // answered rightly, of those with a right answer
} StepResult;

// A step in two halves, so that the caller may look at the loss, and keep the weights that gave it,
// before they change. batch->rows need not outlive the first. No allocation in either.
StepResult stepper_gradient(Stepper *stepper, const StepBatch *batch);
void stepper_update(Stepper *stepper);

// The optimiser's state, (*n) floats, to be saved or overwritten between two steps. Whoever changes
// the model's weights between two steps asks for it, too: from then on the stepper takes them as new.
float *stepper_state(Stepper *stepper, size_t *n);

#endif
