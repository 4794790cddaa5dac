// events_read.c - an event file in figures: which series it holds, and where they ended.

#include "nn/events.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/wire.h"
#include "train/event_record.h"

enum { FILE_MAX = 1 << 30 };

static uint64_t little_endian(const uint8_t *at, size_t n) {
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++) {
        value |= (uint64_t)at[i] << 8 * i;
    }
    return value;
}

static bool sum_fits(const uint8_t *bytes, size_t n, const uint8_t *sum) {
    return crc32c_masked(bytes, n) == little_endian(sum, RECORD_CRC);
}

bool nn_events_is(const uint8_t *bytes, size_t n) {
    return n >= RECORD_HEAD && sum_fits(bytes, RECORD_LENGTH, bytes + RECORD_LENGTH);
}

static void add_value(NnEventInfo *info, const char *tag, int64_t step, float value) {
    size_t i = 0;
    while (i < info->n_series && strcmp(info->series[i].tag, tag) != 0) {
        i++;
    }
    if (i == NN_EVENT_TAGS_MAX) {
        return;
    }
    NnEventSeries *series = &info->series[i];
    if (i == info->n_series) {
        info->n_series++;
        memcpy(series->tag, tag, sizeof series->tag);
        series->first_step = step;
    }
    series->n++;
    series->last_step = step;
    series->last = value;
}

static bool read_value(const WireField *field, int64_t step, NnEventInfo *info) {
    WireReader r = wire_inside(field);
    WireField f;
    char tag[NN_EVENT_TAG_SIZE] = "";
    float value = NAN; // of a histogram, a picture, a text
    while (wire_next(&r, &f)) {
        if (f.number == VALUE_TAG) {
            wire_to_text(tag, sizeof tag, &f);
        } else if (f.number == VALUE_SIMPLE && f.type == WIRE_FIXED32) {
            value = wire_to_float(&f);
        }
    }
    if (tag[0] != '\0') {
        add_value(info, tag, step, value);
    }
    return !r.bad;
}

// The step may stand behind the summary: fields come in any order.
static bool read_event(const uint8_t *bytes, size_t n, NnEventInfo *info) {
    WireReader r = wire_reader(bytes, n), summary = {0};
    WireField f;
    int64_t step = 0;
    bool versioned = false;
    while (wire_next(&r, &f)) {
        if (f.number == EVENT_WALL_TIME && f.type == WIRE_FIXED64) {
            double time = wire_to_double(&f);
            info->first_time = info->records == 0 ? time : info->first_time;
            info->last_time = time;
        } else if (f.number == EVENT_STEP) {
            step = (int64_t)f.value;
        } else if (f.number == EVENT_FILE_VERSION && f.type == WIRE_BYTES) {
            size_t length = strlen(EVENT_VERSION_PREFIX);
            versioned = f.n > length && memcmp(f.bytes, EVENT_VERSION_PREFIX, length) == 0;
        } else if (f.number == EVENT_SUMMARY) {
            summary = wire_inside(&f);
        }
    }
    bool good = !r.bad && (versioned || info->records > 0);
    while (good && wire_next(&summary, &f)) {
        good = f.number != SUMMARY_VALUE || read_value(&f, step, info);
    }
    info->records++;
    return good && !summary.bad;
}

// NN_OK with *at unmoved: the rest of the file is a record that was never finished.
static NnStatus read_record(const uint8_t *bytes, size_t n, const char *path, size_t *at,
                            NnEventInfo *info, NnError *err) {
    const uint8_t *head = bytes + *at, *data = head + RECORD_HEAD;
    size_t left = n - *at;
    if (left < RECORD_HEAD) {
        return NN_OK;
    }
    if (!nn_events_is(head, left)) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, (int64_t)*at,
                            "the checksum of the length at byte %zu is wrong: it is damaged, or no "
                            "event file",
                            *at);
    }
    uint64_t length = little_endian(head, RECORD_LENGTH);
    left -= RECORD_HEAD;
    if (left < RECORD_CRC || length > left - RECORD_CRC) {
        return NN_OK;
    }
    if (!sum_fits(data, (size_t)length, data + length)) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, (int64_t)*at,
                            "the checksum of the record at byte %zu is wrong: it is damaged", *at);
    }
    if (!read_event(data, (size_t)length, info)) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, (int64_t)*at,
                            "the record at byte %zu is whole, but no event of TensorBoard", *at);
    }
    *at += RECORD_HEAD + (size_t)length + RECORD_CRC;
    return NN_OK;
}

NnEventInfo *nn_events_parse(const uint8_t *bytes, size_t n, const char *path, NnError *err) {
    NnEventInfo *info = mem_new(1, sizeof *info);
    if (info == NULL) {
        nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to read it");
        return NULL;
    }
    NnStatus status = NN_OK;
    size_t at = 0, before = 1;
    while (status == NN_OK && at < n && at != before) {
        before = at;
        status = read_record(bytes, n, path, &at, info, err);
    }
    info->torn = n - at;
    if (status == NN_OK && info->records == 0) {
        status = nn_fail_file(err, NN_ERR_FORMAT, path, 0, "holds no whole record");
    }
    if (status != NN_OK) {
        mem_free(info);
        return NULL;
    }
    return info;
}

NnEventInfo *nn_events_read(const char *path, NnError *err) {
    size_t n;
    uint8_t *bytes = file_read(path, FILE_MAX, &n, err);
    NnEventInfo *info = bytes != NULL ? nn_events_parse(bytes, n, path, err) : NULL;
    mem_free(bytes);
    return info;
}
