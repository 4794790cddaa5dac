// train_repeat.h - `inkling train` with --repeat or --folds: one recipe, several runs, and how their
// results spread.

#ifndef INKLING_CLI_TRAIN_REPEAT_H
#define INKLING_CLI_TRAIN_REPEAT_H

#include "cli/train_run.h"

bool train_repeats(const Args *args);

// run says what each of the runs is, but for seed and fold.
NnStatus train_repeat(Cli *cli, const TrainRun *run, NnError *err) NN_MUST_CHECK;

#endif
