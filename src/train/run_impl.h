// run_impl.h - what a run is made of. Private to run.c, which trains it and keeps it, and run_open.c,
// which begins it and takes it up.

#ifndef NN_TRAIN_RUN_IMPL_H
#define NN_TRAIN_RUN_IMPL_H

#include "base/lock.h"
#include "nn/run.h"
#include "train/run_config.h"
#include "train/run_log.h"

#define RUN_CONFIG "config.json"
#define RUN_RESULT "result.json"
#define RUN_METRICS "metrics.jsonl"
#define RUN_METRICS_CSV "metrics.csv"
#define RUN_RATES "rates.jsonl"
#define RUN_CHECKPOINT "checkpoint.safetensors"
#define RUN_LAST "last.safetensors"
#define RUN_BEST "best.safetensors"
#define RUN_VALIDATION "predictions/validation.u8"
#define RUN_TEST "predictions/test.u8"

enum { LOGS = 5 };

struct NnRun {
    NnRunDesc desc;
    NnRunConfig config;
    char *folder; // NULL: nothing is kept
    RunIdentity identity;
    char sha256[RUN_SHA_SIZE];
    FileLock lock;
    NnTrainer *trainer;
    struct {
        RunLog metrics, csv, rates, validation, test;
    } logs;
    double saved_s; // when the last checkpoint was made or tried
    int stride;     // of the epochs that are kept
    int base;       // the epoch it began at as a branch, 0: none
    NnRunResult result;
    NnModel *fused; // what came of it, where the recipe says "fuse_batch_norm"; else NULL
};

// "FOLDER/name" into out, which has RUN_PATH_SIZE bytes. Returns out.
const char *run_path(char *out, const char *folder, const char *name);

RunLog *run_log_at(NnRun *run, int i); // one of LOGS
NnStatus run_log_line(RunLog *log, char *owned_line, NnError *err) NN_MUST_CHECK;

// NN_ERR_USAGE: the run in folder has another value of key.
NnStatus run_differs(const char *folder, const char *key, NnError *err);

// Puts the trainer where it was after an epoch that is kept; the files stay as they are.
NnStatus run_load_epoch(NnRun *run, int epoch, NnError *err) NN_MUST_CHECK;

// Makes the newest checkpoint what the run begins with: a branch, or one that has gone back to
// before it began.
NnStatus run_begin_here(NnRun *run, NnError *err) NN_MUST_CHECK;

// After the trainer has been put at an earlier place: the files follow.
NnStatus run_follow(NnRun *run, NnError *err) NN_MUST_CHECK;

// Cuts every file back to what the trainer has done.
NnStatus run_cut(NnRun *run, NnError *err) NN_MUST_CHECK;

#endif
