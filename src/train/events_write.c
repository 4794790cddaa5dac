// events_write.c - an epoch's figures as a record of an event file.

#define _POSIX_C_SOURCE 200809L
#include "nn/events.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/wire.h"
#include "train/event_record.h"

enum { PATH_SIZE = 4096 };

struct NnEventLog {
    char path[PATH_SIZE];
    Wire waiting; // whole records that are not in the file yet
};

static double wall_time(void) {
    struct timespec now;
    (void)timespec_get(&now, TIME_UTC);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void little_endian(uint8_t *out, uint64_t value, size_t n) {
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)(value >> 8 * i);
    }
}

// Puts the message at the end of what waits, in its frame; takes it.
static void add_record(NnEventLog *log, Wire *owned_event) {
    uint8_t head[RECORD_HEAD], tail[RECORD_CRC];
    Wire *w = &log->waiting;
    little_endian(head, owned_event->n, RECORD_LENGTH);
    little_endian(head + RECORD_LENGTH, crc32c_masked(head, RECORD_LENGTH), RECORD_CRC);
    little_endian(tail, crc32c_masked(owned_event->bytes, owned_event->n), RECORD_CRC);
    size_t before = w->n;
    wire_raw(w, head, sizeof head);
    wire_raw(w, owned_event->bytes, owned_event->n);
    wire_raw(w, tail, sizeof tail);
    if (w->failed || owned_event->failed) { // no part of a record stays
        w->n = before;
        w->failed = true;
    }
    wire_release(owned_event);
}

// All that waits, in one write.
static NnStatus flush(NnEventLog *log, NnError *err) {
    bool whole = !log->waiting.failed;
    log->waiting.failed = false;
    NnStatus status = log->waiting.n > 0
                          ? file_append(log->path, log->waiting.bytes, log->waiting.n, err)
                          : NN_OK;
    log->waiting.n = status == NN_OK ? 0 : log->waiting.n;
    return status != NN_OK || whole
               ? status
               : nn_fail_file(err, NN_ERR_NOMEM, log->path, -1, "not enough memory for a record");
}

static NnStatus begin_file(NnEventLog *log, const char *folder, NnError *err) {
    char host[128] = "";
    (void)gethostname(host, sizeof host - 1);
    double now = wall_time();
    for (char *c = host; *c != '\0'; c++) {
        *c = (char)(*c == '/' ? '-' : *c);
    }
    int n = snprintf(log->path, sizeof log->path, "%s/events.out.tfevents.%010.0f.%s.%ld", folder,
                     floor(now), host[0] != '\0' ? host : "localhost", (long)getpid());
    if (n < 0 || (size_t)n >= sizeof log->path) {
        return nn_fail(err, NN_ERR_USAGE, "the path of the event files' folder is too long");
    }
    NnStatus status = folder_make(folder, err);
    Wire event = {0};
    wire_double(&event, EVENT_WALL_TIME, now);
    wire_text(&event, EVENT_FILE_VERSION, EVENT_VERSION);
    add_record(log, &event);
    return status == NN_OK ? flush(log, err) : status;
}

NnEventLog *nn_events_open(const char *folder, NnError *err) {
    NnEventLog *log = mem_new(1, sizeof *log);
    if (log == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "not enough memory for event files");
        return NULL;
    }
    if (begin_file(log, folder, err) != NN_OK) {
        nn_events_close(log);
        return NULL;
    }
    return log;
}

void nn_events_close(NnEventLog *log) {
    if (log != NULL) {
        wire_release(&log->waiting);
        mem_free(log);
    }
}

const char *nn_events_path(const NnEventLog *log) {
    return log->path;
}

// --- an epoch ------------------------------------------------------------------------------------

static void add_scalar(Wire *event, const char *tag, double value) {
    if (isfinite(value)) {
        size_t begin = wire_begin(event);
        wire_text(event, VALUE_TAG, tag);
        wire_float(event, VALUE_SIMPLE, (float)value);
        wire_end(event, SUMMARY_VALUE, begin);
    }
}

static void add_measure(Wire *event, const char *set, const NnMeasure *m) {
    const struct {
        const char *group;
        double value;
    } figures[] = {{"loss", m->loss}, {"accuracy", m->accuracy}, {"macro_f1", m->macro_f1}};
    for (size_t i = 0; m->n > 0 && i < sizeof figures / sizeof figures[0]; i++) {
        char tag[NN_EVENT_TAG_SIZE];
        snprintf(tag, sizeof tag, "%s/%s", figures[i].group, set);
        add_scalar(event, tag, figures[i].value);
    }
}

NnStatus nn_events_epoch(NnEventLog *log, const NnEpochRecord *record, NnError *err) {
    Wire event = {0};
    wire_double(&event, EVENT_WALL_TIME, wall_time());
    wire_int(&event, EVENT_STEP, record->epoch);
    size_t summary = wire_begin(&event);
    add_scalar(&event, "loss/train", record->train_loss);
    add_scalar(&event, "accuracy/train", record->train_accuracy);
    add_measure(&event, "validation", &record->validation);
    add_measure(&event, "test", &record->test);
    add_scalar(&event, "learning_rate", record->learning_rate);
    add_scalar(&event, "samples_per_s", record->samples_per_s);
    wire_end(&event, EVENT_SUMMARY, summary);
    add_record(log, &event);
    return flush(log, err);
}
