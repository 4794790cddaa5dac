// An event file for TensorBoard. Its checksums keep random bytes out, so the input is read twice: as
// a file, and cut into records that get checksums which fit (a byte each says how long they are).

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "nn/events.h"
#include "train/event_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void check(const uint8_t *bytes, size_t n) {
    NnError err = {0};
    NnEventInfo *info = nn_events_parse(bytes, n, "fuzz", &err);
    if (info == NULL) {
        require(err.status == NN_ERR_FORMAT && err.message[0] != '\0', "a refusal has its reason");
        require(err.offset <= (int64_t)n, "and a place in the file");
        return;
    }
    require(info->records > 0 && info->torn < n, "what is accepted holds a record");
    require(info->n_series <= NN_EVENT_TAGS_MAX, "no more series than there is room for");
    for (size_t i = 0; i < info->n_series; i++) {
        const NnEventSeries *series = &info->series[i];
        require(memchr(series->tag, '\0', sizeof series->tag) != NULL, "a tag ends in its room");
        require(series->n > 0, "a series has values");
        for (size_t k = 0; k < i; k++) {
            require(strcmp(series->tag, info->series[k].tag) != 0, "a tag has one series");
        }
    }
    mem_free(info);
}

static void little_endian(uint8_t *at, uint64_t value, size_t n) {
    for (size_t i = 0; i < n; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

// The same bytes as records whose checksums fit.
static void check_framed(const uint8_t *bytes, size_t n) {
    uint8_t *file = malloc((n + 1) * (RECORD_HEAD + RECORD_CRC + 1));
    require(file != NULL, "there is memory");
    size_t at = 0;
    for (size_t i = 0; i < n;) {
        size_t length = bytes[i++];
        length = length < n - i ? length : n - i;
        little_endian(file + at, length, RECORD_LENGTH);
        little_endian(file + at + RECORD_LENGTH, crc32c_masked(file + at, RECORD_LENGTH),
                      RECORD_CRC);
        if (length > 0) {
            memcpy(file + at + RECORD_HEAD, bytes + i, length);
        }
        at += RECORD_HEAD + length;
        little_endian(file + at, crc32c_masked(file + at - length, length), RECORD_CRC);
        at += RECORD_CRC;
        i += length;
    }
    check(file, at);
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    check(bytes, n);
    check_framed(bytes, n);
    return 0;
}
