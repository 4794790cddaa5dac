// trainer.h - trains a network. A plain blocking function; the window runs it on a thread of its own.
//
// A minibatch is cut into a fixed number of shards, whatever --threads says; each shard runs on
// one thread and gradients are added in shard order. So the same recipe, seed and data
// give the same bits on any number of threads.
//
//     NnTrainer *trainer = nn_trainer_new(&(NnTrainerDesc){.recipe = &recipe, .train = data}, err);
//     status = nn_trainer_run(trainer, &observer, err);
//     nn_model_save(nn_trainer_model(trainer), "out.safetensors", ...);

#ifndef NN_TRAINER_H
#define NN_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/dataset.h"
#include "nn/metrics.h"
#include "nn/model.h"
#include "nn/recipe.h"

// Plain data of fixed size: it crosses threads by value.
typedef struct {
    int epoch, epochs;       // the epoch being trained, from 1; planned
    int step, steps;         // batches done in this epoch; batches an epoch has
    double train_loss;       // mean over this epoch so far; with teachers their share and the labels' (nn/grad.h)
    double train_accuracy;   // on the (augmented) training samples as they were seen, this epoch so far
    double batch_loss, batch_accuracy; // of the last batch alone
    double learning_rate;
    double samples_per_s, seconds, seconds_left;
    bool epoch_done;         // the fields below are new
    double val_loss, val_accuracy; // NaN without a validation split
    int best_epoch;
} NnProgress;

// All members may be NULL. Called on the thread that runs the trainer.
typedef struct {
    void (*on_progress)(const NnProgress *progress, void *user); // at most 30 times a second and at every epoch's end
    bool (*should_stop)(void *user);                             // asked before every step
    void *user;
} NnObserver;

typedef struct {
    const NnRecipe *recipe;
    const NnDataset *train; // borrowed; the validation split is taken from its end after a seeded shuffle
    uint64_t seed;
    int threads;            // 0: all cores
    const NnModel *start;   // weights to start from instead of the initialisation; NULL: none
    const NnDataset *tracked; // measured after every epoch, never selected by; borrowed; NULL: none
    struct Gate *gate; // while it is shut, one thread less trains; borrowed; NULL: none
} NnTrainerDesc;

typedef struct NnTrainer NnTrainer;

NnTrainer *nn_trainer_new(const NnTrainerDesc *desc, NnError *err);
void nn_trainer_free(NnTrainer *trainer);

// NN_ERR_CANCELLED when should_stop said so, NN_ERR_NUMERIC when the loss is no number; the model then holds the
// last good weights.
NnStatus nn_trainer_run(NnTrainer *trainer, const NnObserver *observer, NnError *err) NN_MUST_CHECK;

// --- step by step --------------------------------------------------------------------------------
// What nn_trainer_run does, in pieces: for runs that are kept (run.h) and for a window (runner.h).

// One batch; with the last batch of an epoch, also the validation and whatever else ends an epoch. The results are
// those of nn_trainer_run; after NN_ERR_CANCELLED the next call goes on where this one was stopped. No allocation.
NnStatus nn_trainer_step(NnTrainer *trainer, const NnObserver *observer, NnError *err) NN_MUST_CHECK;

// All epochs done, or stopped early by the recipe's patience.
bool nn_trainer_finished(const NnTrainer *trainer);

// A measure of the newest weights on a set; n is 0 where there is none.
typedef struct {
    size_t n;
    double loss, accuracy, stderr_accuracy, macro_f1;
    double class_accuracy[NN_CLASSES];             // the share of each class that was answered rightly
    uint32_t confusion[NN_CLASSES][NN_CLASSES];    // [true][answered]
} NnMeasure;

// What is known at an epoch's end. Plain data of fixed size.
typedef struct {
    int epoch;
    uint64_t steps; // of the run so far
    double train_loss, train_accuracy, learning_rate, samples_per_s, seconds;
    NnMeasure validation, test;
} NnEpochRecord;

// What the recipe's early stopping watches, as a number of which the lowest is the best.
double nn_trainer_score(const NnRecipe *recipe, const NnMeasure *validation);

// Of the last epoch done, and which digit each picture was taken for: rows of the validation split and of the tracked
// set; NULL without one. Owned by the trainer, valid until its next step.
const NnEpochRecord *nn_trainer_record(const NnTrainer *trainer);
const uint8_t *nn_trainer_validation_answers(const NnTrainer *trainer);
const uint8_t *nn_trainer_tracked_answers(const NnTrainer *trainer);

// The validation split itself, and the row of the training set each of its pictures has; n is 0 without one.
const NnDataset *nn_trainer_validation(const NnTrainer *trainer);
const uint32_t *nn_trainer_validation_rows(const NnTrainer *trainer);

// Measures the newest weights on the first at most n pictures of the validation split, on all workers. False when there
// are none, or when should_stop (may be NULL) said so. The training is not touched by it.
bool nn_trainer_measure(NnTrainer *trainer, size_t n, NnMeasure *measure, bool (*should_stop)(void *user), void *user);

// From the next step on the schedule's rate is multiplied by factor (0 < factor <= 1e6).
NnStatus nn_trainer_scale_rate(NnTrainer *trainer, double factor, NnError *err) NN_MUST_CHECK;

// The newest weights as validation measures them: averaged where the recipe says so. Owned by the trainer.
const NnModel *nn_trainer_newest(const NnTrainer *trainer);

// The network to use: the averaged weights where the recipe has EMA, the best epoch's under early stopping.
// Temperature and threshold are fitted on the validation split where there is one. Owned by the trainer.
const NnModel *nn_trainer_model(const NnTrainer *trainer);
NnProgress nn_trainer_progress(const NnTrainer *trainer);
const NnRecipe *nn_trainer_recipe(const NnTrainer *trainer);

// The recipe's teachers with the SHA-256 of their files, "NAME SHA256, NAME SHA256", for the notes of a weight file;
// NULL without any. Owned by the trainer.
const char *nn_trainer_teachers(const NnTrainer *trainer);

// The network whose weights training began with, in the same way; NULL: they were drawn.
const char *nn_trainer_start(const NnTrainer *trainer);

// Why the figures of the held-out samples are not to be trusted: a teacher or the start has learnt from these, or it is
// not known whether it has. A sentence without a full stop; NULL: nothing to say. Owned by the trainer.
const char *nn_trainer_caution(const NnTrainer *trainer);

// --- evaluating ----------------------------------------------------------------------------------
// Logits (n, 10) of a whole data set in batches of one fixed size, on threads workers (0: all cores). The answers do
// not depend on the number of threads. on_done may be NULL.
NnStatus nn_evaluate(const NnModel *model, const NnDataset *data, int threads, float *logits,
                     bool (*should_stop)(void *user), void *user, NnError *err) NN_MUST_CHECK;

#endif
