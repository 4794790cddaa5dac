// events.h - the figures of a training as TensorBoard event files: written, and read back.
//
// A folder is what TensorBoard calls a run; every time it is opened here a file is added to it, as
// TensorBoard expects of a training that goes on. Each epoch is one record, appended and synced: a
// crash costs the record it tore, which readers drop.
//
//     NnEventLog *log = nn_events_open("runs/a", err);
//     status = nn_events_epoch(log, nn_trainer_record(trainer), err);   // at every epoch's end
//     nn_events_close(log);
//
// Tags are group/set, as TensorBoard groups its charts: loss/train, loss/validation, loss/test,
// accuracy/..., macro_f1/..., then learning_rate and samples_per_s. The step is the epoch.

#ifndef NN_EVENTS_H
#define NN_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/error.h"
#include "nn/trainer.h"

typedef struct NnEventLog NnEventLog;

// Makes the folder where there is none, and a file "events.out.tfevents.TIME.HOST.PROCESS" in it.
NnEventLog *nn_events_open(const char *folder, NnError *err);
void nn_events_close(NnEventLog *log);             // NULL is fine
const char *nn_events_path(const NnEventLog *log); // of the file

// Figures that are no numbers are left out. What could not be written is tried again with the next
// epoch, in front of it.
NnStatus nn_events_epoch(NnEventLog *log, const NnEpochRecord *record, NnError *err) NN_MUST_CHECK;

// --- reading -------------------------------------------------------------------------------------

enum { NN_EVENT_TAGS_MAX = 256, NN_EVENT_TAG_SIZE = 96 };

typedef struct {
    char tag[NN_EVENT_TAG_SIZE];
    size_t n; // values under this tag
    int64_t first_step, last_step;
    float last;
} NnEventSeries;

typedef struct {
    size_t records;               // whole ones
    size_t torn;                  // bytes of a record that was never finished, at the file's end
    double first_time, last_time; // of the first and the last one, seconds since 1970, as the file has them
    NnEventSeries series[NN_EVENT_TAGS_MAX]; // in the order of their first value
    size_t n_series;
} NnEventInfo;

// Whether a file that begins like this is one: the checksum of its first length tells. n is 12 or
// more for a yes.
bool nn_events_is(const uint8_t *bytes, size_t n);

// Free with mem_free. NN_ERR_FORMAT names the byte where a record's checksum or content is wrong.
NnEventInfo *nn_events_read(const char *path, NnError *err);
NnEventInfo *nn_events_parse(const uint8_t *bytes, size_t n, const char *path, NnError *err);

#endif
