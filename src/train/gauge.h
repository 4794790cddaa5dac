// gauge.h - how fast a recipe trains here, beside what the machine could do.
//
// Seconds of an epoch are those of its batches: shuffling, augmentation, gradients, optimiser. What
// an epoch's end measures on the validation split is not in it.

#ifndef NN_TRAIN_GAUGE_H
#define NN_TRAIN_GAUGE_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/dataset.h"
#include "nn/recipe.h"

// Floating-point operations that training on one sample takes in products of weights: forward, the
// weights' gradient, and the input's gradient of all layers but those that see the picture. The
// rest (activations, loss, optimiser, augmentation) counts as none.
double gauge_sample_flops(const NnArch *arch);

// Products a second of all workers at once, each with matrices of its own of a wide layer's size
// (256x512x784), in FLOP/s; the best round of `seconds`. 0: out of memory.
double gauge_gemm_rate(NnPrecision precision, int threads, double seconds);

enum { GAUGE_EPOCHS_MAX = 1000 };

typedef struct {
    int threads; // 0: all cores
    int epochs;  // up to GAUGE_EPOCHS_MAX; the first warms up and is not counted, if there are two
    double seconds; // no further epoch is begun after so long, and a first one is broken off
    bool (*should_stop)(void *user);
    void *user;
} GaugePlan;

typedef struct {
    int epochs;                       // counted; 0: extrapolated from a part of the first one
    size_t samples;                   // of an epoch
    double epoch_s[GAUGE_EPOCHS_MAX]; // (epochs) from the fastest to the slowest
    double epoch_s_min, epoch_s_median;
    double epoch_cpu_s;          // least processor time of an epoch, all threads; 0: none was done
    double samples_per_s, flops; // at the fastest
    double resident_mb;          // largest since the training was set up; 0: unknown
} Gauge;

// Trains the recipe from random weights, as long as the plan says.
NnStatus gauge_training(const NnRecipe *recipe, const NnDataset *data, const GaugePlan *plan,
                        Gauge *gauge, NnError *err) NN_MUST_CHECK;

#endif
