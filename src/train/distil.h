// distil.h - what a student's teachers say of the pictures it is shown, for the loss.
//
// Teachers answer as they would be used: without dropout, normalised by their running averages. Their
// probabilities at the recipe's temperature are averaged in the order the recipe names them. A
// shard's answers depend on the shard alone, so the bits do not depend on the number of threads.
//
//     Distil *distil = distil_new(&teachers, recipe, shard_rows, n_workers, err);
//     const NnSoftTargets *soft = distil_answer(distil, worker, inputs, n);   // of each shard

#ifndef NN_TRAIN_DISTIL_H
#define NN_TRAIN_DISTIL_H

#include "nn/grad.h"
#include "train/samples.h"
#include "train/teachers.h"

typedef struct Distil Distil;

// For shards of at most `rows` inputs that are standardised as the recipe says. Borrows teachers.
Distil *distil_new(const Teachers *teachers, const NnRecipe *recipe, int rows, int n_workers,
                   NnError *err);
void distil_free(Distil *distil); // NULL is fine

// Of inputs (n, 784). Digits that were drawn for the training keep their label, which is certain; two
// pictures blended have none that is, so the teachers' answer counts alone. Valid until the worker's next call. No allocation. Thread: one a worker.
const NnSoftTargets *distil_answer(Distil *distil, int worker, const float *inputs,
                                   const SampleKind *kinds, int n);

#endif
