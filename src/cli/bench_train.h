// bench_train.h - the parts of `bench` that train.

#ifndef INKLING_CLI_BENCH_TRAIN_H
#define INKLING_CLI_BENCH_TRAIN_H

#include "cli/run.h"

NnStatus bench_train(Cli *cli, NnError *err);
NnStatus bench_time_to(Cli *cli, NnError *err);

#endif
