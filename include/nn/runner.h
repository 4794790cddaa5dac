// runner.h - a network being trained on threads of its own, for a window that must never wait.
//
// Orders go in through a small queue and return at once; what comes out is read without a lock: the state as
// the newest of its kind (mailbox), the loss and accuracy points as a series that only grows (history). No pointer to memory
// the trainer may change reaches the caller. Headless training and the runner are the same code and give the same bits.
//
//     NnRunner *runner = nn_runner_new(&(NnRunnerDesc){.recipe = &recipe, .seed = 1, .wake = wake}, err);
//     nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_START});
//     const NnRunnerState *state = nn_runner_state(runner, &fresh);      // once a frame
//
// Thread: one caller (the window's); wake is called from the runner's.

#ifndef NN_RUNNER_H
#define NN_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/dataset.h"
#include "nn/error.h"
#include "nn/metrics.h"
#include "nn/model.h"
#include "nn/recipe.h"
#include "nn/trainer.h"

typedef enum {
    NN_ORDER_START,         // or resume after a pause
    NN_ORDER_PAUSE,         // while it goes back to an epoch: gives that up, and all that was ordered for after it
    NN_ORDER_STEP_BATCH,    // one batch, then pause
    NN_ORDER_STEP_EPOCH,    // to the end of the epoch, then pause
    NN_ORDER_STOP,          // ends the run; what has been learnt stays readable. While it goes back: as NN_ORDER_PAUSE
    NN_ORDER_LEARNING_RATE, // number: factor on the schedule from the next batch on; recorded in the run
    NN_ORDER_REWIND,        // epoch: weights and optimiser as they were after it (0: the start weights), then pause.
                            // An epoch that is kept no more is trained again from the nearest one before it that is
    NN_ORDER_SAMPLE,        // ask for confusion and per-class figures of the validation sample now
} NnOrderKind;

typedef struct {
    NnOrderKind kind;
    double number;
    int epoch;
} NnOrder;

typedef enum {
    NN_RUNNER_LOADING, // reading the data set
    NN_RUNNER_READY,   // nothing trained yet, or paused at a batch
    NN_RUNNER_RUNNING,
    NN_RUNNER_PAUSED,
    NN_RUNNER_DONE,    // the last epoch or early stopping
    NN_RUNNER_STOPPED,
    NN_RUNNER_FAILED,  // error says why; the last good weights stay readable
} NnRunnerPhase;

// Plain data of fixed size, copied whole through the mailbox.
typedef struct {
    NnRunnerPhase phase;
    NnProgress progress;
    char message[256];  // of the doctor or of a failure, a sentence; "" when there is nothing to say
    NnError error;
    size_t n_train, n_validation;
    uint64_t steps_done;
    double rate_factor;
    // Rewinds so far, the epoch of the last one, and where in the two series the points after it begin.
    int branch, branch_epoch;
    size_t branch_points, branch_epochs;
    int rewinds_answered; // those and branches that have come about, were refused or given up
    int epochs_kept;      // there is a way back to epochs 1 .. this
    struct {
        int from, to;  // it goes back: epochs from .. to are trained again; to 0: it does not
        int epoch;     // of these, under way
        double done;   // share of it all
        double seconds_left;
    } back;
    int measured_epoch; // the figures below belong to this epoch (0: none yet) ...
    bool measured_whole; // ... over the whole validation split, or over a fixed sample of it during an epoch
    size_t confusion[NN_CLASSES][NN_CLASSES]; // [true][answered]
    double class_accuracy[NN_CLASSES];        // NaN where the class is empty
    int dead_units, hidden_units; // ReLU units that no sample of the validation sample excites
} NnRunnerState;

// Points of the curves, in the order they came. A point never changes once it can be seen.
typedef struct {
    double epoch; // position on the x axis: 1.5 is the middle of the second epoch
    float loss, accuracy, learning_rate;
} NnTrainPoint; // one a batch (thinned to at most 4,096 an epoch, and in long runs further, so that memory stays flat)

typedef struct {
    int epoch;
    float train_loss, train_accuracy, val_loss, val_accuracy; // NaN without a validation split
    float class_accuracy[NN_CLASSES];
    size_t confusion[NN_CLASSES][NN_CLASSES];
    bool best; // best validation loss so far
} NnEpochPoint;

typedef struct {
    const NnRecipe *recipe;  // copied
    const NnDataset *train;  // borrowed; NULL: loaded by name on the runner's thread
    uint64_t seed;
    int threads;             // 0: all cores
    const char *run_folder;  // NULL: nothing is kept on disk; an existing run is resumed
    int memory_mb, folder_mb; // limits of past epochs in memory and in run_folder; 0: 64 and 256. Beyond them every
                              // second epoch is let go
    void (*wake)(void *user); // something new can be read; may be NULL; from the runner's thread
    void *user;
} NnRunnerDesc;

typedef struct NnRunner NnRunner;

NnRunner *nn_runner_new(const NnRunnerDesc *desc, NnError *err); // starts the thread, trains nothing yet
void nn_runner_free(NnRunner *runner); // stops within one batch, joins, frees; NULL is fine

// Returns at once. Orders are obeyed in order, each within one batch; what makes no sense in the runner's phase is passed
// over. 1,024 may wait: beyond that newer ones are lost, but for NN_ORDER_STOP.
void nn_runner_order(NnRunner *runner, NnOrder order);

// While aside, where training takes all cores, it leaves one of them to the caller, within the piece of a batch it is at:
// a frame to be drawn then finds it free, and no worker waits for another whose core was taken away. Same bits.
void nn_runner_step_aside(NnRunner *runner, bool aside);

// Goes back to the end of an epoch (0: the start) as NN_ORDER_REWIND does, to go on under another recipe: layers, data and
// validation split stay, or weights would not fit and pictures learnt from would measure. It is a run of its own, kept in
// run_folder (NULL: nowhere; the epochs before stay where they are). What cannot be done changes nothing but the state's
// message. recipe and run_folder are copied; false: there is no memory for them. An epoch that is kept no more is trained
// again first, as with NN_ORDER_REWIND; until it is there the run stays as it is, and NN_ORDER_PAUSE gives it up.
bool nn_runner_branch(NnRunner *runner, int epoch, const NnRecipe *recipe, const char *run_folder);

// The newest state; the caller's own until the next call. fresh may be NULL.
const NnRunnerState *nn_runner_state(NnRunner *runner, bool *fresh);

// Series so far; element i < count never changes and its pointer stays valid until nn_runner_free. After a rewind the
// series goes on: what counts are the points up to branch_epoch and those from branch_points (branch_epochs) on.
size_t nn_runner_point_count(const NnRunner *runner);
const NnTrainPoint *nn_runner_point(const NnRunner *runner, size_t i);
size_t nn_runner_epoch_count(const NnRunner *runner);
const NnEpochPoint *nn_runner_epoch(const NnRunner *runner, size_t i);

// Copies the newest published weights (at most 30 times a second and at every epoch's end) into model, which has the
// recipe's architecture. False when there are no newer ones than last time.
bool nn_runner_weights(NnRunner *runner, NnModel *model);

// Weights and validation answers as they were after an epoch: 1 .. epochs_kept, 0 the start. False if these are kept no
// more, or not yet worked out.
bool nn_runner_epoch_weights(NnRunner *runner, int epoch, NnModel *model);
// Of very long runs not every epoch's answers are kept.
const uint8_t *nn_runner_epoch_answers(NnRunner *runner, int epoch, size_t *n); // (n_validation) classes; NULL if not kept

// The validation split itself, for thumbnails: pictures and labels, valid until nn_runner_free; NULL while loading.
const NnDataset *nn_runner_validation(const NnRunner *runner);

#endif
