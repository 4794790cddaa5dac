// run_log.h - the files of a run that only grow: a line or a row an epoch.
//
// What cannot be written waits in memory and is written with what comes next. A checkpoint is made
// only after its epochs are in the logs, so a log is never behind the checkpoint; what it is ahead
// is cut off when the run is taken up.

#ifndef NN_TRAIN_RUN_LOG_H
#define NN_TRAIN_RUN_LOG_H

#include "nn/trainer.h"
#include "train/trainer_state.h"

enum { RUN_PATH_SIZE = 4096 };

typedef struct {
    char path[RUN_PATH_SIZE];
    unsigned char *waiting; // not in the file yet
    size_t n, room;
} RunLog;

void run_log_release(RunLog *log);

// Puts bytes at the end of what waits. NN_ERR_NOMEM: they are not in the log.
NnStatus run_log_add(RunLog *log, const void *bytes, size_t n, NnError *err) NN_MUST_CHECK;
NnStatus run_log_flush(RunLog *log, NnError *err) NN_MUST_CHECK;

// --- metrics -------------------------------------------------------------------------------------

// One line of metrics.jsonl or metrics.csv with its end. NULL: out of memory. Free with mem_free.
char *run_record_json(const NnEpochRecord *record);
char *run_record_csv(const NnEpochRecord *record);
extern const char run_csv_header[];

// All whole lines. NULL with *n = 0 and err->status NN_OK where there are none. A torn last line is
// dropped, any other that is no record is NN_ERR_FORMAT. Free with mem_free. err is not NULL.
NnEpochRecord *run_records_read(const char *path, size_t *n, NnError *err);

NnEpochRecord *run_records_parse(const uint8_t *bytes, size_t n_bytes, const char *path, size_t *n,
                                 NnError *err);

// Makes metrics.jsonl and metrics.csv anew from records.
NnStatus run_records_write(const char *jsonl, const char *csv, const NnEpochRecord *records,
                           size_t n, NnError *err) NN_MUST_CHECK;

// --- predictions ---------------------------------------------------------------------------------

enum { RUN_ANSWER_UNKNOWN = 255 };

// Makes the file hold rows rows of n bytes: longer ones are cut, missing rows are filled with
// RUN_ANSWER_UNKNOWN.
NnStatus run_answers_fit(const char *path, size_t rows, size_t n, NnError *err) NN_MUST_CHECK;

// --- changes of the learning rate ----------------------------------------------------------------

char *run_rate_json(RateChange change);

// Gives the trainer all changes in the file, which need not be there.
NnStatus run_rates_read(const char *path, NnTrainer *trainer, NnError *err) NN_MUST_CHECK;

#endif
