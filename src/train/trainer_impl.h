// trainer_impl.h - what a trainer is made of. Private to trainer.c, which runs it, and
// trainer_state.c, which looks at it and moves it between two steps.

#ifndef NN_TRAIN_TRAINER_IMPL_H
#define NN_TRAIN_TRAINER_IMPL_H

#include "nn/trainer.h"
#include "train/evaluator.h"
#include "train/start.h"
#include "train/stepper.h"
#include "train/trainer_state.h"
#include "train/workers.h"

struct NnTrainer {
    NnRecipe recipe;
    const NnDataset *train;
    uint64_t seed;
    Teachers teachers;
    Start start;
    char caution[512]; // see nn_trainer_caution
    Workers *workers;
    NnModel *model, *average, *result;
    Stepper *stepper;
    Evaluator *evaluator;

    uint32_t *rows;  // (n_train) of train, those not held out
    uint32_t *order; // (n_train) rows in this epoch's order
    size_t n_train;
    NnDataset validation; // its images and labels are ours; n is 0 without a split
    const NnDataset *tracked;
    float *logits;                          // (the larger of the two sets, 10)
    uint8_t *val_answers, *tracked_answers; // (validation.n), (tracked->n)
    NnMetrics metrics;
    NnEpochRecord record;

    NnProgress progress;
    int ordered_epoch;                      // whose order `order` is
    double epoch_loss;                      // sums over the samples of this epoch so far
    uint64_t epoch_correct, epoch_labelled; // of those with a right answer
    double active_s, epoch_s;               // time spent training; this epoch's part of it
    double resumed_s;                       // of active_s, what an earlier process spent
    uint64_t resumed_steps;                 // steps_done when this process took over
    double shown_s;
    double best_score;
    uint64_t steps_done, kept_step; // kept_step: when `result` was last written
    bool finished;

    RateChange *rates; // (n_rates) in the order of their steps
    size_t n_rates;
};

// Whether the result is the newest weights rather than those of the best epoch.
bool trainer_keeps_newest(const NnTrainer *trainer);
void trainer_keep_newest(NnTrainer *trainer);

double trainer_train_accuracy(const NnTrainer *trainer); // this epoch so far

// Whether no step is left, by the recipe's epochs and patience.
bool trainer_is_finished(const NnTrainer *trainer);

// Measures model on data, whose logits stay in trainer->logits; measure->n is 0 for no data. False
// when it was stopped.
bool trainer_measure_on(NnTrainer *trainer, const NnModel *model, const NnDataset *data,
                        NnMeasure *measure, bool (*should_stop)(void *user), void *user);

#endif
