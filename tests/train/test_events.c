// Event files: what an epoch leaves in them, what a crash may tear, and what is refused.
// events.py reads them a second time.

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/wire.h"
#include "nn/events.h"
#include "support/faults.h"
#include "support/temp.h"

static char folder[TEMP_PATH];

static int set_up(void **state) {
    (void)state;
    temp_folder(folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temp_remove(folder);
    return 0;
}

static NnEpochRecord epoch(int number, bool test) {
    NnEpochRecord record = {
        .epoch = number,
        .train_loss = 1.0 / number,
        .train_accuracy = 0.5,
        .learning_rate = 0.125,
        .samples_per_s = 1e5,
        .validation = {.n = 100, .loss = 0.75, .accuracy = 0.25, .macro_f1 = (double)NAN}};
    record.test = test ? record.validation : record.test;
    return record;
}

// A folder of its own with one file of epochs 1 to n; path has TEMP_PATH bytes.
static void write_epochs(const char *name, int n, char *path) {
    char place[TEMP_PATH];
    NnEventLog *log = nn_events_open(temp_path(place, folder, name), NULL);
    assert_non_null(log);
    assert_true(strlen(nn_events_path(log)) < TEMP_PATH);
    strcpy(path, nn_events_path(log));
    for (int i = 1; i <= n; i++) {
        NnEpochRecord record = epoch(i, i > 1);
        assert_int_equal(nn_events_epoch(log, &record, NULL), NN_OK);
    }
    nn_events_close(log);
}

static void epochs_are_series_under_their_tags(void **state) {
    (void)state;
    static const struct {
        const char *tag;
        size_t n;
        int64_t first, last;
        float value;
    } wanted[] = {
        {"loss/train", 4, 1, 4, 0.25f},      {"accuracy/train", 4, 1, 4, 0.5f},
        {"loss/validation", 4, 1, 4, 0.75f}, {"accuracy/validation", 4, 1, 4, 0.25f},
        {"learning_rate", 4, 1, 4, 0.125f},  {"samples_per_s", 4, 1, 4, 1e5f},
        {"loss/test", 3, 2, 4, 0.75f},       {"accuracy/test", 3, 2, 4, 0.25f},
    }; // and no macro_f1, which was no number
    char path[TEMP_PATH];
    write_epochs("series", 4, path);
    assert_non_null(strstr(path, "tfevents"));
    NnEventInfo *info = nn_events_read(path, NULL);
    assert_non_null(info);
    assert_int_equal(info->records, 5);
    assert_int_equal(info->torn, 0);
    assert_true(info->first_time > 1.7e9 && info->last_time >= info->first_time);
    assert_int_equal(info->n_series, sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < info->n_series; i++) {
        const NnEventSeries *s = &info->series[i];
        assert_string_equal(s->tag, wanted[i].tag);
        assert_int_equal(s->n, wanted[i].n);
        assert_true(s->first_step == wanted[i].first && s->last_step == wanted[i].last);
        assert_true(s->last == wanted[i].value);
    }
    mem_free(info);
}

static void a_file_is_told_by_its_first_bytes(void **state) {
    (void)state;
    char path[TEMP_PATH];
    size_t n;
    write_epochs("first", 0, path);
    uint8_t *bytes = temp_read(path, &n);
    assert_true(nn_events_is(bytes, 12));
    assert_false(nn_events_is(bytes, 11));
    bytes[0] ^= 1;
    assert_false(nn_events_is(bytes, n));
    free(bytes);
}

// Whatever moment a process dies at, what was there before is read.
static void a_torn_record_costs_itself_alone(void **state) {
    (void)state;
    char path[TEMP_PATH];
    size_t n;
    write_epochs("torn", 3, path);
    uint8_t *bytes = temp_read(path, &n);
    size_t records = 0;
    for (size_t k = 1; k <= n; k++) {
        uint8_t *part = mem_new(k, 1);
        memcpy(part, bytes, k);
        NnError err = {0};
        NnEventInfo *info = nn_events_parse(part, k, path, &err);
        if (info == NULL) {
            assert_int_equal(records, 0);
            assert_non_null(strstr(err.message, "holds no whole record"));
        } else {
            assert_true(info->records == records || info->records == records + 1);
            assert_true((info->torn == 0) == (info->records == records + 1));
            records = info->records;
        }
        mem_free(info);
        mem_free(part);
    }
    assert_int_equal(records, 4);
    free(bytes);
}

static void every_flipped_bit_is_noticed(void **state) {
    (void)state;
    char path[TEMP_PATH];
    size_t n;
    write_epochs("flipped", 2, path);
    uint8_t *bytes = temp_read(path, &n);
    for (size_t i = 0; i < 8 * n; i++) {
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        NnError err = {0};
        assert_null(nn_events_parse(bytes, n, path, &err));
        assert_int_equal(err.status, NN_ERR_FORMAT);
        assert_true(err.offset >= 0 && err.offset <= (int64_t)(i / 8));
        bytes[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    free(bytes);
}

static void opened_again_it_goes_on_in_the_same_folder(void **state) {
    (void)state;
    char path[TEMP_PATH];
    write_epochs("again", 2, path);
    write_epochs("again", 1, path); // within a second: the same name, so the same file
    char place[TEMP_PATH];
    assert_true(temp_count(temp_path(place, folder, "again")) >= 1);
    NnEventInfo *info = nn_events_read(path, NULL);
    assert_non_null(info);
    mem_free(info);
}

// --- records of strangers ------------------------------------------------------------------------

static void put_little(Wire *w, uint64_t value, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)(value >> 8 * i);
        wire_raw(w, &byte, 1);
    }
}

static void put_record(Wire *w, const void *data, size_t n) {
    size_t begin = w->n;
    put_little(w, n, 8);
    put_little(w, crc32c_masked(w->bytes + begin, 8), 4);
    wire_raw(w, data, n);
    put_little(w, crc32c_masked(data, n), 4);
}

static const char version[] = "\x1A\x0D"
                              "brain.Event:2";

typedef struct {
    const char *name, *data;
    size_t n;
    bool first; // in place of the version's record, which else comes before it
    int64_t offset;
    const char *words;
} BadRecord;

#define DATA(text) text, sizeof text - 1

static BadRecord bad_records[] = {
    {"the first record is empty", DATA(""), true, 0, "no event"},
    {"the first record has no version", DATA("\x10\x01"), true, 0, "no event"},
    {"the version is another format's", DATA("\x1A\x07other:2"), true, 0, "no event"},
    {"a record is no message", DATA("\x0F"), false, 31, "no event"},
    {"a record's field is cut", DATA("\x10"), false, 31, "no event"},
    {"a summary is a number", DATA("\x28\x01"), false, 31, "no event"},
    {"a summary's value is cut", DATA("\x2A\x02\x0A\x05"), false, 31, "no event"},
    {"a value is a number", DATA("\x2A\x02\x08\x05"), false, 31, "no event"},
};

static void run_bad_record(void **state) {
    const BadRecord *row = *state;
    Wire w = {0};
    if (!row->first) {
        put_record(&w, DATA(version));
    }
    put_record(&w, row->data, row->n);
    NnError err = {0};
    assert_null(nn_events_parse(w.bytes, w.n, "strange", &err));
    assert_int_equal(err.status, NN_ERR_FORMAT);
    assert_int_equal(err.offset, row->offset);
    assert_non_null(strstr(err.message, row->words));
    wire_release(&w);
}

static void other_programs_records_are_read_too(void **state) {
    (void)state;
    // a step behind its summary; a histogram (field 5); an unknown field
    static const char data[] = "\x2A\x0E\x0A\x05\x0A\x01"
                               "a\x2A\x00\x0A\x05\x0A\x01"
                               "b\x7A\x00\x10\x09";
    Wire w = {0};
    put_record(&w, DATA(version));
    put_record(&w, DATA(data));
    NnEventInfo *info = nn_events_parse(w.bytes, w.n, "strange", NULL);
    assert_non_null(info);
    assert_int_equal(info->n_series, 2);
    assert_string_equal(info->series[1].tag, "b");
    assert_true(info->series[0].last_step == 9 && isnan(info->series[0].last));
    mem_free(info);
    wire_release(&w);
}

static void more_tags_than_there_is_room_for_are_left_out(void **state) {
    (void)state;
    Wire w = {0}, event = {0};
    put_record(&w, DATA(version));
    for (int i = 0; i < NN_EVENT_TAGS_MAX + 10; i++) {
        char tag[32];
        snprintf(tag, sizeof tag, "tag %d", i);
        size_t summary = wire_begin(&event), value = wire_begin(&event);
        wire_text(&event, 1, tag);
        wire_end(&event, 1, value);
        wire_end(&event, 5, summary);
        put_record(&w, event.bytes, event.n);
        event.n = 0;
    }
    NnEventInfo *info = nn_events_parse(w.bytes, w.n, "many", NULL);
    assert_non_null(info);
    assert_int_equal(info->n_series, NN_EVENT_TAGS_MAX);
    mem_free(info);
    wire_release(&event);
    wire_release(&w);
}

// --- faults --------------------------------------------------------------------------------------

typedef struct {
    char place[TEMP_PATH];
    int count;
} Faulty;

static NnStatus open_and_write(void *user, NnError *err) {
    Faulty *f = user;
    char name[32];
    snprintf(name, sizeof name, "fault%d", f->count++);
    NnEventLog *log = nn_events_open(temp_path(f->place, folder, name), err);
    if (log == NULL) {
        return err->status;
    }
    NnEpochRecord record = epoch(1, true);
    NnStatus status = nn_events_epoch(log, &record, err);
    nn_events_close(log);
    return status;
}

static void every_failed_request_and_call_is_an_error(void **state) {
    (void)state;
    Faulty f = {.count = 0};
    assert_true(fault_each_allocation(open_and_write, NULL, &f) > 2);
    assert_true(fault_each_call(open_and_write, NULL, &f, ENOSPC) > 2);
}

static int refuse_open(const char *path, int flags, unsigned mode) {
    (void)path;
    (void)flags;
    (void)mode;
    errno = ENOSPC;
    return -1;
}

static void what_could_not_be_written_comes_with_the_next_epoch(void **state) {
    (void)state;
    char place[TEMP_PATH];
    NnEventLog *log = nn_events_open(temp_path(place, folder, "later"), NULL);
    assert_non_null(log);
    NnEpochRecord record = epoch(1, false);
    FileCalls calls = file_set_calls(NULL);
    calls.open = refuse_open;
    (void)file_set_calls(&calls);
    NnError err = {0};
    assert_int_equal(nn_events_epoch(log, &record, &err), NN_ERR_IO);
    (void)file_set_calls(NULL);
    record.epoch = 2;
    assert_int_equal(nn_events_epoch(log, &record, NULL), NN_OK);
    NnEventInfo *info = nn_events_read(nn_events_path(log), NULL);
    assert_non_null(info);
    assert_int_equal(info->records, 3);
    assert_int_equal(info->series[0].n, 2);
    mem_free(info);
    nn_events_close(log);
}

// For events.py: test_events --write FOLDER
static int write_for_python(const char *place) {
    NnEventLog *log = nn_events_open(place, NULL);
    int failed = log == NULL;
    for (int i = 1; i <= 3 && !failed; i++) {
        NnEpochRecord record = epoch(i, i == 3);
        failed = nn_events_epoch(log, &record, NULL) != NN_OK;
    }
    nn_events_close(log);
    return failed;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        return write_for_python(argv[2]);
    }
    struct CMUnitTest tests[32] = {
        cmocka_unit_test(epochs_are_series_under_their_tags),
        cmocka_unit_test(a_file_is_told_by_its_first_bytes),
        cmocka_unit_test(a_torn_record_costs_itself_alone),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(opened_again_it_goes_on_in_the_same_folder),
        cmocka_unit_test(other_programs_records_are_read_too),
        cmocka_unit_test(more_tags_than_there_is_room_for_are_left_out),
        cmocka_unit_test(every_failed_request_and_call_is_an_error),
        cmocka_unit_test(what_could_not_be_written_comes_with_the_next_epoch),
    };
    size_t n = 9;
    for (size_t i = 0; i < sizeof bad_records / sizeof bad_records[0]; i++) {
        tests[n++] =
            (struct CMUnitTest){bad_records[i].name, run_bad_record, NULL, NULL, &bad_records[i]};
    }
    return _cmocka_run_group_tests("events", tests, n, set_up, tear_down);
}
