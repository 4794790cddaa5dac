// run.h - a training run that is kept in a folder and can be taken up again with the same bits.
//
//     config.json                  the resolved recipe, the seed, the data's and the teachers' hashes
//     metrics.jsonl, metrics.csv   a line an epoch
//     predictions/validation.u8    which digit each picture was taken for, (epochs, n) bytes
//     predictions/test.u8          the same of the test set, with track_test
//     last.safetensors             the newest weights
//     best.safetensors             those of the best epoch on the validation samples
//     epochs/007.safetensors       the weights of epochs, and ..
//     epochs/007.checkpoint.safetensors   .. all that is needed to go on from there
//     epochs/007.base.safetensors         where a branch began
//     checkpoint.safetensors       the same of the last epoch, or of a later batch
//     rates.jsonl                  changes of the learning rate by hand
//     result.json                  written last: the run is over
//     lock                         names the process that is at work here
//
// Every file is replaced as a whole or appended to; a line that a crash has torn is dropped. What
// the logs know of epochs after the checkpoint is dropped, too, as these are trained again.
//
//     NnRun *run = nn_run_new(&(NnRunDesc){.folder = "runs/a", .config = &config, .train = data}, err);
//     status = nn_run_train(run, &observer, err);
//     nn_run_free(run);
//
// Thread: one at a time.

#ifndef NN_RUN_H
#define NN_RUN_H

#include "nn/trainer.h"

typedef struct {
    NnRecipe recipe;
    uint64_t seed;
    bool track_test; // measure the test set after every epoch; never selected by
    int keep_mb;     // limit of epochs/ in MB, 0: none are kept; beyond it every second one goes
} NnRunConfig;

typedef enum {
    NN_RUN_EMPTY,   // no run here
    NN_RUN_STARTED, // can be taken up
    NN_RUN_DONE,
    NN_RUN_FAILED, // the loss was no number any more
} NnRunState;

// How a run ended. NaN where nothing was measured.
typedef struct {
    NnRunState state;
    int epochs, best_epoch;
    double val_loss, val_accuracy;
    double test_loss, test_accuracy, test_stderr;
    double test_precision, test_recall, test_f1; // means over the classes
    double seconds;
    char weights_sha256[65];
    char network[32];  // the file in the folder to use
    char message[512]; // why it failed
} NnRunResult;

// What a folder holds; takes no lock. config and result may be NULL. An unreadable result.json
// counts as none.
NnStatus nn_run_read(const char *folder, NnRunState *state, NnRunConfig *config,
                     NnRunResult *result, NnError *err) NN_MUST_CHECK;

// NN_ERR_USAGE names the first key in which the run kept in folder differs from the one wanted.
NnStatus nn_run_same(const char *folder, const NnRunConfig *kept, const NnRunConfig *wanted,
                     NnError *err) NN_MUST_CHECK;

// The epochs' records, oldest first; free with mem_free (free). NULL with *n = 0 and an untouched err:
// none yet.
NnEpochRecord *nn_run_records(const char *folder, size_t *n, NnError *err);

typedef struct {
    const char *folder; // made where there is none; NULL: nothing is kept
    const NnRunConfig *config;
    const NnDataset *train;
    const NnDataset *test; // measured once at the end, and after every epoch with track_test; or NULL
    int threads;           // 0: all cores
    struct Gate *gate;     // as in NnTrainerDesc
    bool resume;           // take up the run in folder; without it there must be none
    // A new run that goes on from an epoch of another one, whose seed, data and layers it shares.
    const char *branch_of; // a run's folder, or NULL
    int branch_epoch;
    const struct Snapshots *branch_state; // where no file has that epoch: from the runner's memory
    // Seconds between two checkpoints within an epoch; 0 means 60.
    double checkpoint_s;
    // Told when something could not be kept; training goes on and it is tried again. May be NULL.
    void (*on_warning)(const NnError *warning, void *user);
    void *user;
} NnRunDesc;

typedef struct NnRun NnRun;

// Everything in desc is borrowed. NN_ERR_USAGE: another process is at work in the folder, there is a
// run already, or it is another one than config says.
NnRun *nn_run_new(const NnRunDesc *desc, NnError *err);
void nn_run_free(NnRun *run); // NULL is fine. Keeps nothing that is not kept yet

// All that is left of the run, and its end.
NnStatus nn_run_train(NnRun *run, const NnObserver *observer, NnError *err) NN_MUST_CHECK;

// The same in pieces: steps until nn_trainer_finished, then the end, which is told how the last
// step ended (*err holds its error). NN_ERR_CANCELLED keeps a checkpoint; NN_OK measures the test
// set, and result.json is written; NN_ERR_NUMERIC keeps the last good weights and marks the run
// failed. Returns status, or why the end itself failed.
NnStatus nn_run_step(NnRun *run, const NnObserver *observer, NnError *err) NN_MUST_CHECK;
NnStatus nn_run_end(NnRun *run, NnStatus status, const NnObserver *observer,
                    NnError *err) NN_MUST_CHECK;

// Keeps where the run is now.
NnStatus nn_run_checkpoint(NnRun *run, NnError *err) NN_MUST_CHECK;

// As nn_trainer_scale_rate, and remembered, so that a resumed run changes it at the same step.
NnStatus nn_run_scale_rate(NnRun *run, double factor, NnError *err) NN_MUST_CHECK;

// Back to the end of an epoch that was kept, 0: to the start; what came after it is dropped.
NnStatus nn_run_rewind(NnRun *run, int epoch, NnError *err) NN_MUST_CHECK;

NnTrainer *nn_run_trainer(NnRun *run);
const NnModel *nn_run_network(const NnRun *run); // what came of it, after nn_run_end
const NnRunResult *nn_run_result(const NnRun *run); // valid after nn_run_end with NN_OK

#endif
