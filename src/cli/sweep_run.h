// sweep_run.h - runs of a sweep made one after the other in this process, the data read once.
//
//     SweepWork work = {.cli = cli, .sweep = sweep, .folder = "out", .threads = 1};
//     status = sweep_run(&work, i, &outcome, err);
//     sweep_work_release(&work);

#ifndef INKLING_CLI_SWEEP_RUN_H
#define INKLING_CLI_SWEEP_RUN_H

#include "cli/run.h"

typedef struct {
    Cli *cli;
    const NnSweep *sweep;
    const char *folder; // each run is kept in FOLDER/id and taken up if it is there; NULL: not kept
    int threads;
    // Ours: the data sets read last, and what is known of the run in work.
    char data[32];
    NnDataset *train, *test;
    NnRun *run;
    size_t at;
    NnEpochRecord *records;
    size_t n_records, room;
    bool cautioned; // that held-out figures flatter has been said
} SweepWork;

// Trains the i-th run to its end; one that is done already is left as it is. outcome is filled in
// where NN_OK is returned.
NnStatus sweep_run(SweepWork *work, size_t i, NnSweepOutcome *outcome, NnError *err) NN_MUST_CHECK;
void sweep_work_release(SweepWork *work);

// "linear, l2 0.0001, seed 3, fold 2": a run in words.
void sweep_run_words(const NnSweep *sweep, size_t i, char *out, size_t size);

// The line about a finished run on stdout: for people, or a JSON object.
NnStatus sweep_run_tell(const NnSweep *sweep, size_t i, const NnSweepOutcome *outcome, bool json,
                        NnError *err) NN_MUST_CHECK;

#endif
