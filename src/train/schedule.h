// schedule.h - the learning rate at a step.

#ifndef NN_TRAIN_SCHEDULE_H
#define NN_TRAIN_SCHEDULE_H

#include <stdint.h>

#include "nn/recipe.h"

// step counts from 0 over the whole run of recipe->epochs * steps_per_epoch steps. With t = epochs
// gone by, T = recipe->epochs, w = warmup_epochs and r = learning_rate:
//
//   any schedule while t < w     r * (step + 1) / steps of the warm-up, reaching r at its end
//   constant                     r
//   step                         r * step_factor ^ floor(t / step_epochs)
//   exponential                  r * step_factor ^ t
//   cosine                       r * (1 + cos(pi u)) / 2, u from 0 at w to 1 at T
//   one-cycle (Smith, 2018)      r / 25 up to r by a cosine over the first w epochs (w = 0: 30 % of
//   the run),
//                                then by a cosine down to r / 250,000
float schedule_rate(const NnRecipe *recipe, uint64_t step, uint64_t steps_per_epoch);

#endif
