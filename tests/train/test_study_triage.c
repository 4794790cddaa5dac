// Tags and notes: what is said stays said, whatever happens to the program, the disk or the memory.

#define _DEFAULT_SOURCE // usleep

#include "train/study_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "support/faults.h"

enum { N = 200, KILLS = 40 };

static const char KEY[] = "00ff";

static NnTriage *reopen(NnTriage *triage) {
    nn_triage_close(triage);
    NnError err = {0};
    triage = nn_triage_open(KEY, N, &err);
    if (triage == NULL) {
        fail_msg("%s", err.message);
    }
    return triage;
}

static char *file_path(char *path) {
    return temp_path(path, folder, ".local/share/inkling/triage/00ff.jsonl");
}

static void put_file(const char *text) {
    char path[TEMP_PATH], place[2 * TEMP_PATH];
    snprintf(place, sizeof place, "mkdir -p %s/.local/share/inkling/triage", folder);
    assert_int_equal(system(place), 0);
    temp_write(file_path(path), text, strlen(text));
}

#define TAG(row, tag) assert_int_equal(nn_triage_set_tag(triage, row, tag, NULL), NN_OK)
#define NOTE(row, note) assert_int_equal(nn_triage_set_note(triage, row, note, NULL), NN_OK)

// --- in use --------------------------------------------------------------------------------------

static void tags_and_notes_are_there_next_time(void **state) {
    (void)state;
    NnTriage *triage = reopen(NULL);
    assert_int_equal(nn_triage_count(triage, NN_TAG_NONE), N);
    assert_string_equal(nn_triage_note(triage, 7), "");
    TAG(7, NN_TAG_AMBIGUOUS);
    TAG(8, NN_TAG_LABEL);
    TAG(7, NN_TAG_CROPPED);
    NOTE(9, "\"4\" oder \xc3\xb6 \\ 9\xe2\x80\xa6");
    NOTE(7, "away");
    NOTE(7, "");
    for (int round = 0; round < 3; round++) {
        assert_int_equal(nn_triage_tag(triage, 7), NN_TAG_CROPPED);
        assert_int_equal(nn_triage_tag(triage, 8), NN_TAG_LABEL);
        assert_int_equal(nn_triage_tag(triage, 9), NN_TAG_NONE);
        assert_string_equal(nn_triage_note(triage, 9), "\"4\" oder \xc3\xb6 \\ 9\xe2\x80\xa6");
        assert_string_equal(nn_triage_note(triage, 7), "");
        assert_int_equal(nn_triage_count(triage, NN_TAG_NONE), N - 2);
        assert_int_equal(nn_triage_count(triage, NN_TAG_CROPPED), 1);
        assert_int_equal(nn_triage_count(triage, NN_TAG_AMBIGUOUS), 0);
        triage = reopen(triage);
    }
    nn_triage_close(triage);
}

static void saying_the_same_again_writes_nothing(void **state) {
    (void)state;
    NnTriage *triage = reopen(NULL);
    char path[TEMP_PATH];
    TAG(1, NN_TAG_NONE);
    NOTE(1, "");
    assert_int_equal(access(file_path(path), F_OK), -1);
    TAG(1, NN_TAG_MODEL);
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    TAG(1, NN_TAG_MODEL);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    nn_triage_close(triage);
}

static void undo_walks_back_through_earlier_sessions(void **state) {
    (void)state;
    NnTriage *triage = reopen(NULL);
    NnError err = {0};
    size_t row = 99;
    assert_false(nn_triage_undo(triage, &row, &err));
    assert_int_equal(err.status, NN_OK);
    TAG(1, NN_TAG_MODEL);
    NOTE(1, "first");
    TAG(2, NN_TAG_LABEL);
    NOTE(1, "second");
    triage = reopen(triage);
    TAG(1, NN_TAG_CROPPED);
    static const struct {
        size_t row;
        NnTag tag_1, tag_2;
        const char *note_1;
    } after[] = {
        {1, NN_TAG_MODEL, NN_TAG_LABEL, "second"}, {1, NN_TAG_MODEL, NN_TAG_LABEL, "first"},
        {2, NN_TAG_MODEL, NN_TAG_NONE, "first"},   {1, NN_TAG_MODEL, NN_TAG_NONE, ""},
        {1, NN_TAG_NONE, NN_TAG_NONE, ""},
    };
    for (size_t i = 0; i < 5; i++) {
        assert_true(nn_triage_undo(triage, &row, &err));
        assert_int_equal(row, after[i].row);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(nn_triage_tag(triage, 1), after[i].tag_1);
            assert_int_equal(nn_triage_tag(triage, 2), after[i].tag_2);
            assert_string_equal(nn_triage_note(triage, 1), after[i].note_1);
            triage = reopen(triage);
        }
    }
    assert_false(nn_triage_undo(triage, &row, &err));
    assert_int_equal(nn_triage_count(triage, NN_TAG_NONE), N);
    nn_triage_close(triage);
}

static void data_sets_are_kept_apart(void **state) {
    (void)state;
    NnTriage *triage = reopen(NULL);
    TAG(1, NN_TAG_MODEL);
    NnTriage *other = nn_triage_open("00fe", N, NULL);
    assert_int_equal(nn_triage_tag(other, 1), NN_TAG_NONE);
    nn_triage_close(other);
    nn_triage_close(triage);
    // One that has grown keeps what was said.
    NnTriage *grown = nn_triage_open(KEY, N + 100, NULL);
    assert_int_equal(nn_triage_tag(grown, 1), NN_TAG_MODEL);
    assert_int_equal(nn_triage_count(grown, NN_TAG_NONE), N + 99);
    nn_triage_close(grown);
}

static void two_windows_may_tag_at_the_same_time(void **state) {
    (void)state;
    NnTriage *triage = reopen(NULL);
    NnTriage *other = nn_triage_open(KEY, N, NULL);
    TAG(1, NN_TAG_MODEL);
    assert_int_equal(nn_triage_set_tag(other, 2, NN_TAG_LABEL, NULL), NN_OK);
    NOTE(3, "of the first");
    nn_triage_close(other);
    triage = reopen(triage);
    assert_int_equal(nn_triage_tag(triage, 1), NN_TAG_MODEL);
    assert_int_equal(nn_triage_tag(triage, 2), NN_TAG_LABEL);
    assert_string_equal(nn_triage_note(triage, 3), "of the first");
    nn_triage_close(triage);
}

// --- what is refused -----------------------------------------------------------------------------

static void notes_are_one_line_of_utf8_up_to_500_bytes(void **state) {
    (void)state;
    NnTriage *triage = reopen(NULL);
    char text[502];
    memset(text, 'x', sizeof text);
    text[500] = '\0';
    NOTE(1, text);
    text[500] = 'x';
    text[501] = '\0';
    const char *const bad[] = {text,   "two\nlines", "a\ttab",      "\x7f",
                               "\xff", "\xc3",       "\xed\xa0\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        NnError err = {0};
        assert_int_equal(nn_triage_set_note(triage, 1, bad[i], &err), NN_ERR_USAGE);
        assert_true(err.message[0] != '\0');
        assert_int_equal(strlen(nn_triage_note(triage, 1)), 500);
    }
    triage = reopen(triage);
    assert_int_equal(strlen(nn_triage_note(triage, 1)), 500);
    nn_triage_close(triage);
}

static void a_key_is_a_name_and_no_path(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",  "../x", "a/b",
        "A", "a.b",  "00000000000000000000000000000000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        NnError err = {0};
        assert_null(nn_triage_open(bad[i], N, &err));
        assert_int_equal(err.status, NN_ERR_USAGE);
    }
}

static void without_a_home_it_says_so(void **state) {
    (void)state;
    unsetenv("HOME");
    NnError err = {0};
    assert_null(nn_triage_open(KEY, N, &err));
    setenv("HOME", folder, 1);
    assert_int_equal(err.status, NN_ERR_IO);
    assert_true(err.hint[0] != '\0');
}

typedef struct {
    const char *line;
    const char *why; // in the message
} BadLine;

static const BadLine bad_lines[] = {
    {"", "not JSON"},
    {"{\"row\": 1, \"tag\": \"model\"", "not JSON"},
    {"{\"row\": 1, \"row\": 2, \"tag\": \"model\"}", "not JSON"},
    {"[1]", "row"},
    {"{\"tag\": \"model\"}", "row"},
    {"{\"row\": 1.5, \"tag\": \"model\"}", "row"},
    {"{\"row\": -1, \"tag\": \"model\"}", "row"},
    {"{\"row\": 200, \"tag\": \"model\"}", "row"},
    {"{\"row\": 99999999999999999999, \"tag\": \"model\"}", "JSON"},
    {"{\"row\": 1}", "either"},
    {"{\"row\": 1, \"tag\": \"model\", \"note\": \"x\"}", "either"},
    {"{\"row\": 1, \"tag\": 1}", "either"},
    {"{\"row\": 1, \"tag\": \"odd\"}", "tag"},
    {"{\"row\": 1, \"note\": \"a\\nb\"}", "note"},
    {"{\"row\": 1, \"note\": \"\xff\"}", "not JSON"},
    {"{\"row\": 1, \"note\": \"a\\u0000b\"}", "not JSON"},
};

static void run_bad_line(void **state) {
    const BadLine *bad = *state;
    set_up_folders(NULL);
    char text[512], path[TEMP_PATH];
    snprintf(text, sizeof text,
             "{\"row\": 3, \"tag\": \"model\"}\n%s\n{\"row\": 4, \"tag\": \"\"}\n", bad->line);
    put_file(text);
    NnError err = {0};
    assert_null(nn_triage_open(KEY, N, &err));
    assert_int_equal(err.status, NN_ERR_FORMAT);
    assert_int_equal(err.offset, 2);
    if (strstr(err.message, bad->why) == NULL || strstr(err.message, "line 2") == NULL) {
        fail_msg("message: %s", err.message);
    }
    assert_true(err.hint[0] != '\0');
    size_t n;
    uint8_t *after = temp_read(file_path(path), &n);
    assert_int_equal(n, strlen(text)); // nothing was written
    assert_memory_equal(after, text, n);
    free(after);
    remove_folders(NULL);
}

static void keys_of_later_versions_are_passed_over(void **state) {
    (void)state;
    put_file("{\"row\": 3, \"tag\": \"model\", \"by\": \"x\", \"at\": [1]}\n");
    NnTriage *triage = reopen(NULL);
    assert_int_equal(nn_triage_tag(triage, 3), NN_TAG_MODEL);
    nn_triage_close(triage);
}

// --- crashes -------------------------------------------------------------------------------------

static void every_torn_end_is_dropped(void **state) {
    (void)state;
    static const char whole[] = "{\"row\": 3, \"tag\": \"model\"}\n";
    static const char torn[] = "{\"row\": 4, \"note\": \"lost\"}";
    for (size_t cut = 0; cut < sizeof torn; cut++) {
        char text[128];
        snprintf(text, sizeof text, "%s%.*s", whole, (int)cut, torn);
        put_file(text);
        NnTriage *triage = reopen(NULL);
        assert_int_equal(nn_triage_tag(triage, 3), NN_TAG_MODEL);
        assert_string_equal(nn_triage_note(triage, 4), "");
        TAG(5, NN_TAG_LABEL);
        triage = reopen(triage);
        assert_int_equal(nn_triage_tag(triage, 3), NN_TAG_MODEL);
        assert_int_equal(nn_triage_tag(triage, 5), NN_TAG_LABEL);
        nn_triage_close(triage);
    }
}

// Writes what it has done into a pipe after each change.
static void tag_for_ever(int pipe) {
    NnTriage *triage = nn_triage_open(KEY, N, NULL);
    for (uint32_t i = 0; triage != NULL; i++) {
        char note[16];
        snprintf(note, sizeof note, "%u", i);
        if (nn_triage_set_note(triage, i % N, note, NULL) != NN_OK ||
            write(pipe, &i, sizeof i) != sizeof i) {
            break;
        }
    }
    _exit(1);
}

static void what_was_reported_as_done_survives_kill_9(void **state) {
    (void)state;
    Rng rng = rng_at(2, RNG_STREAM_TEST, 0);
    for (int kills = 0; kills < KILLS; kills++) {
        char path[TEMP_PATH];
        unlink(file_path(path));
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            tag_for_ever(ends[1]);
        }
        close(ends[1]);
        usleep(500 + rng_below(&rng, 6000));
        kill(child, SIGKILL);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        int64_t last = -1;
        for (uint32_t done; read(ends[0], &done, sizeof done) == sizeof done;) {
            last = done;
        }
        close(ends[0]);
        NnTriage *triage = reopen(NULL);
        for (int64_t i = last; i >= 0 && i > last - N + 2; i--) { // the next may be there, too
            assert_int_equal(atoll(nn_triage_note(triage, (size_t)(i % N))), i);
        }
        TAG(0, NN_TAG_MODEL);
        triage = reopen(triage);
        assert_int_equal(nn_triage_tag(triage, 0), NN_TAG_MODEL);
        nn_triage_close(triage);
    }
}

// --- faults --------------------------------------------------------------------------------------

// Always begins with the same file, whose end is torn: a session cuts that off first.
static NnStatus session(void *user, NnError *err) {
    (void)user;
    char path[TEMP_PATH];
    static const char start[] = "{\"row\": 3, \"note\": \"kept\"}\n{\"row\": 9";
    temp_write(file_path(path), start, sizeof start - 1);
    NnTriage *triage = nn_triage_open(KEY, N, err);
    if (triage == NULL) {
        return err->status;
    }
    static unsigned count;
    char note[32];
    snprintf(note, sizeof note, "note %u", ++count);
    size_t row = 0;
    NnStatus status = nn_triage_set_tag(triage, 1, (NnTag)(1 + count % 4), err);
    if (status == NN_OK) {
        status = nn_triage_set_note(triage, 2, note, err);
    }
    if (status == NN_OK && !nn_triage_undo(triage, &row, err)) {
        status = err->status;
    }
    nn_triage_close(triage);
    return status;
}

static void file_is_sound(void *user, NnStatus status) {
    (void)user, (void)status;
    NnTriage *triage = reopen(NULL);
    assert_string_equal(nn_triage_note(triage, 3), "kept");
    nn_triage_close(triage);
}

static void faults_lose_nothing(void **state) {
    (void)state;
    NnTriage *triage = reopen(NULL);
    NOTE(3, "kept");
    nn_triage_close(triage);
    assert_true(fault_each_allocation(session, file_is_sound, NULL) > 20);
    static const int causes[] = {ENOSPC, EIO, EACCES};
    for (int i = 0; i < 3; i++) {
        assert_true(fault_each_call(session, file_is_sound, NULL, causes[i]) >= 8);
    }
    NnError err = {0};
    assert_int_equal(fault_trickle(session, NULL, &err), NN_OK);
    file_is_sound(NULL, NN_OK);
}

static void a_change_that_was_not_written_is_not_there(void **state) {
    (void)state;
    NnTriage *triage = reopen(NULL);
    TAG(1, NN_TAG_MODEL);
    char path[TEMP_PATH], aside[TEMP_PATH];
    temp_path(aside, folder, "aside");
    assert_int_equal(rename(file_path(path), aside), 0);
    assert_int_equal(mkdir(path, 0755), 0); // what is there cannot be added to
    NnError err = {0};
    size_t row;
    assert_int_equal(nn_triage_set_tag(triage, 1, NN_TAG_LABEL, &err), NN_ERR_IO);
    assert_int_equal(nn_triage_set_note(triage, 1, "x", &err), NN_ERR_IO);
    assert_false(nn_triage_undo(triage, &row, &err));
    assert_int_equal(nn_triage_tag(triage, 1), NN_TAG_MODEL);
    assert_string_equal(nn_triage_note(triage, 1), "");
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rename(aside, path), 0);
    assert_true(nn_triage_undo(triage, &row, &err));
    assert_int_equal(nn_triage_tag(triage, 1), NN_TAG_NONE);
    nn_triage_close(triage);
}

#define IN_FOLDERS(test) cmocka_unit_test_setup_teardown(test, set_up_folders, remove_folders)

int main(void) {
    struct CMUnitTest tests[64] = {
        IN_FOLDERS(tags_and_notes_are_there_next_time),
        IN_FOLDERS(saying_the_same_again_writes_nothing),
        IN_FOLDERS(undo_walks_back_through_earlier_sessions),
        IN_FOLDERS(data_sets_are_kept_apart),
        IN_FOLDERS(two_windows_may_tag_at_the_same_time),
        IN_FOLDERS(notes_are_one_line_of_utf8_up_to_500_bytes),
        IN_FOLDERS(a_key_is_a_name_and_no_path),
        IN_FOLDERS(without_a_home_it_says_so),
        IN_FOLDERS(keys_of_later_versions_are_passed_over),
        IN_FOLDERS(every_torn_end_is_dropped),
        IN_FOLDERS(what_was_reported_as_done_survives_kill_9),
        IN_FOLDERS(faults_lose_nothing),
        IN_FOLDERS(a_change_that_was_not_written_is_not_there),
    };
    size_t n = 13;
    for (size_t i = 0; i < sizeof bad_lines / sizeof *bad_lines; i++) {
        tests[n++] = (struct CMUnitTest){bad_lines[i].line, run_bad_line, NULL, NULL,
                                         (void *)(uintptr_t)&bad_lines[i]};
    }
    return _cmocka_run_group_tests("triage", tests, n, NULL, NULL);
}
