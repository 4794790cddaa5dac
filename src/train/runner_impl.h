// runner_impl.h - what a runner is made of. Private to runner.c, which has the thread and its orders,
// runner_train.c, which does what they say on that thread, runner_back.c, which goes back in time,
// runner_again.c, which has epochs again that are kept no more, and runner_read.c, the caller's side.

#ifndef NN_TRAIN_RUNNER_IMPL_H
#define NN_TRAIN_RUNNER_IMPL_H

#include <stdatomic.h>

#include "base/gate.h"
#include "base/history.h"
#include "base/mailbox.h"
#include "base/thread.h"
#include "nn/run.h"
#include "nn/runner.h"
#include "train/dead_units.h"
#include "train/snapshots.h"

enum {
    ORDERS_MAX = 1024,
    RUNNER_FOLDER_MB = 256, // of past epochs in a run's folder, and ..
    RUNNER_MEMORY_MB = 64,  // .. in memory, where the caller does not say
};

typedef enum { MODE_WAIT, MODE_TRAIN, MODE_ONE_BATCH, MODE_ONE_EPOCH } Mode;

// A branch that has been asked for.
typedef struct {
    int epoch;
    NnRecipe recipe;
    char *folder; // NULL: nothing is kept
} RunnerBranch;

typedef struct {
    NnOrder order;
    RunnerBranch *branch; // owned; NULL: order says all
} RunnerOrder;

// The epochs that one recipe trained: those after one epoch, up to where the next stretch begins.
typedef struct {
    char *path; // where they are kept, NULL: nowhere
    int after;
    NnRecipe recipe;
    RateChange
        *rates; // (n_rates) of a stretch that a branch has left; the last one's are its trainer's
    size_t n_rates;
} RunnerStretch;

// What lies in the mailbox for weights.
typedef struct {
    float temperature, threshold; // 0 until training is over
    float values[];
} Weights;

struct NnRunner {
    NnRunnerDesc desc;
    Thread thread;

    Mutex mutex; // guards the queue, quit and stretches
    Cond ordered;
    RunnerOrder orders[ORDERS_MAX];
    size_t first_order, n_orders;
    atomic_bool quit;      // raised under the lock
    atomic_int interrupts; // waiting orders (and the end) for which a validation is broken off

    Gate gate; // shut while the caller wants a core for itself

    RunnerStretch *stretches; // (n_stretches) of the run and those it branched from; changed by the
    size_t n_stretches;       // runner thread alone

    // The runner thread's own.
    NnRecipe recipe;
    char *folder;             // of the run, NULL: nothing is kept
    NnDataset *loaded, *test; // where they are ours
    NnRun *run;
    NnTrainer *trainer; // the run's
    DeadUnits *units;
    Mode mode;
    NnRunnerState state;
    double sampled_s, sample_cost_s, weights_s, weights_cost_s, units_s, units_cost_s;
    double point_loss, point_accuracy; // sums over the batches of the next point
    int point_batches;

    // Written by the runner thread, read by the caller.
    Mailbox *states;
    History *points, *epochs;
    Snapshots *snapshots;
    Mailbox *_Atomic weights;   // (block count) floats; made when the network is known
    History *_Atomic answers;   // (n_validation) bytes, see runner_answers_row
    const NnRunnerState *shown; // the caller's own: what it was told last
    size_t n_floats;            // written before weights and start
    float *_Atomic start;       // (n_floats) the weights before the first epoch
    NnDataset validation;       // written before has_validation
    atomic_bool has_validation;
};

// All of these on the runner's thread.

void runner_enter(NnRunner *runner, NnRunnerPhase phase); // and tells the caller
void runner_publish(NnRunner *runner);                    // the state as it is
void runner_fail(NnRunner *runner, const NnError *error);
void runner_warn(const NnError *warning, void *user); // an NnRunDesc's on_warning
bool runner_leaving(void *user);                      // a should_stop: nn_runner_free is waiting
bool runner_interrupted(void *user);                  // the same: or an order that cannot wait
void runner_forget_orders(NnRunner *runner);          // those up to the one that interrupted

void runner_train(
    NnRunner *runner); // one batch, and the end of the epoch or of the run if it is that
void runner_stop(NnRunner *runner);
void runner_rewind(NnRunner *runner, int epoch);
void runner_branch(NnRunner *runner, const RunnerBranch *branch);
// path is copied; false: out of memory
bool runner_add_stretch(NnRunner *runner, const char *path, int after, const NnRecipe *recipe);
void runner_sample(NnRunner *runner); // measures the validation sample
void runner_count_dead_units(NnRunner *runner);

// The state after an epoch of this branch that need not be kept: from the nearest one before it that
// is, trained again under the recipes and rates of then. The caller frees it. NULL: err says why;
// NN_ERR_CANCELLED when an order has come in between.
Snapshots *runner_again(NnRunner *runner, int epoch, NnError *err);
// Of the stretch that an epoch was trained in; n_stretches: of none that is known.
size_t runner_stretch_of(const NnRunner *runner, int epoch);

// Which item of epochs an epoch of this branch is, of those up to epochs_kept. False: none. Any thread.
bool runner_epoch_item(const NnRunner *runner, int epochs_kept, int epoch, size_t *item);

// Which item of answers belongs to an item of epochs: the same one, and after 2,048 of them every
// second one has any, and again. False: it has none. Any thread.
bool runner_answers_row(size_t epoch_item, size_t *row);
void runner_recall(NnRunner *runner); // what the files of a run that is taken up tell

#endif
