// bench_train.h - the training half of `inkling bench ui --train`: the speed of a recipe without a
// window, and the same recipe set going in the Train view.

#ifndef INKLING_APP_BENCH_TRAIN_H
#define INKLING_APP_BENCH_TRAIN_H

#include "app/app_state.h"

// The recipe as the view starts it, but without an end.
NnStatus bench_train_recipe(const char *name, TrainForm *form, NnError *err) NN_MUST_CHECK;

// Samples a second over so many seconds of training, on all cores, nothing else going on.
NnStatus bench_train_headless(const TrainForm *form, double seconds, double *samples_per_s,
                              NnError *err) NN_MUST_CHECK;

// Opens the view, waits for the data and starts; frame shows one frame. *first_point_ms: from the
// start to the first point of the curve in a frame.
NnStatus bench_train_start(App *app, const TrainForm *form, void (*frame)(void *user), void *user,
                           double *first_point_ms, NnError *err) NN_MUST_CHECK;

#endif
