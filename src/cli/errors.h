// errors.h - a study as a folder of files: what `eval --errors` and `data doubts` leave behind.

#ifndef INKLING_CLI_ERRORS_H
#define INKLING_CLI_ERRORS_H

#include <jansson.h>

#include "cli/run.h"
#include "nn/study.h"

// {"n", "correct", ...} as eval prints it. NULL: out of memory.
json_t *metrics_json(const NnMetrics *metrics, const NnDataset *data);

// errors.csv and errors.png (the wrong answers, largest loss first), confusion.csv, confusion.png,
// metrics.csv and metrics.json in folder, which is made. Tags and notes of the person's go along.
// epochs: of the network's run, or NULL. metrics: what eval tells, for metrics.json; borrowed.
NnStatus errors_save(Cli *cli, const NnStudy *study, const NnDataset *data, const NnEpochs *epochs,
                     const json_t *metrics, const char *folder, NnError *err) NN_MUST_CHECK;

// NAME.csv and NAME.png of these rows: everything, and a contact sheet of the first 3,000.
NnStatus rows_save(Cli *cli, const NnStudy *study, const NnDataset *data, const uint32_t *rows,
                   size_t n, const NnEpochs *epochs, const char *folder, const char *name,
                   NnError *err) NN_MUST_CHECK;

// A progress bar for a study, and Ctrl-C to stop it. user: the Cli.
bool study_progress(size_t done, size_t total, void *user);

#endif
