// distil.h - what a student's teachers say of the pictures it is shown, for the loss.
//
// Teachers answer as they would be used: without dropout, normalised by their running averages. Their
// probabilities at the recipe's temperature are averaged in the order the recipe names them. They
// compute in the precision the recipe trains in. The answer to a picture depends on the picture alone,
// not on those it is asked beside: teachers are always shown the same number at a time. So it does not
// matter which thread asks, nor when.
//
// Where the recipe shows the same pictures again after "distil_views" epochs, the first answers are
// kept, 20 bytes each: a student may take many epochs, and its teachers are far larger than it is.
//
//     Distil *distil = distil_new(&teachers, recipe, n_samples, shard_rows, n_workers, err);
//     const NnSoftTargets *soft = distil_answer(distil, worker, &shard);

#ifndef NN_TRAIN_DISTIL_H
#define NN_TRAIN_DISTIL_H

#include "nn/grad.h"
#include "train/samples.h"
#include "train/teachers.h"

typedef struct Distil Distil;

// For shards of at most `rows` of the n_samples of a data set, standardised as the recipe says.
// Borrows teachers.
Distil *distil_new(const Teachers *teachers, const NnRecipe *recipe, size_t n_samples, int rows,
                   int n_workers, NnError *err);
void distil_free(Distil *distil); // NULL is fine

typedef struct {
    const float *inputs;     // (n, 784)
    const SampleKind *kinds; // (n)
    const uint32_t *samples; // (n) of the data set
    uint64_t view;           // which pictures of those samples, as samples_view says
    int n;
} DistilShard;

// Digits that were drawn for the training keep their label, which is certain; two pictures blended
// have none that is, so the teachers' answer counts alone. Rows whose weight is 0 have no answer.
// Valid until the worker's next call. No allocation. Thread: one a worker; no two at a time may ask
// of the same sample.
const NnSoftTargets *distil_answer(Distil *distil, int worker, const DistilShard *shard);

#endif
