// train_run.h - which run `inkling train` is about: a new one, one that is taken up, or none that
// is kept.

#ifndef INKLING_CLI_TRAIN_RUN_H
#define INKLING_CLI_TRAIN_RUN_H

#include "cli/run.h"

enum { RUN_FOLDER_SIZE = 4096 };

typedef struct {
    NnRunConfig config;
    char folder[RUN_FOLDER_SIZE]; // "" when nothing is kept
    bool resume;                  // there is a run in folder, or there may be
    NnRunState state;
    NnRunResult result; // valid when state is NN_RUN_DONE
} TrainRun;

// From RECIPE, --set, --epochs, --data, --seed, --track-test, --keep-epochs, --run, --resume and
// --keep. NN_ERR_USAGE names the setting in which a run that is taken up differs.
NnStatus train_run_find(Cli *cli, TrainRun *run, NnError *err) NN_MUST_CHECK;

#endif
