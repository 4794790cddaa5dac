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

// A new folder below the user's data, named by recipe, seed and time.
NnStatus train_run_name(TrainRun *run, NnError *err) NN_MUST_CHECK;

// The folder that --resume names, which may be one below the user's data.
NnStatus train_run_folder(const char *name, TrainRun *run, NnError *err) NN_MUST_CHECK;

// Trains a member of an ensemble to its end, or takes it up, in its folder, and tells how it goes.
// whole: the folder that --resume is to name when it is stopped. In JSON mode nothing goes to stdout.
NnStatus train_member(Cli *cli, const TrainRun *run, const char *whole, NnError *err) NN_MUST_CHECK;

// --- ensembles -----------------------------------------------------------------------------------

// Whether the command line is about an ensemble rather than a recipe; path (RUN_FOLDER_SIZE bytes) receives its
// file.
bool train_is_ensemble(Cli *cli, char *path);

// Trains the members one after the other and measures them together.
NnStatus train_ensemble(Cli *cli, const char *path, NnError *err) NN_MUST_CHECK;

#endif
