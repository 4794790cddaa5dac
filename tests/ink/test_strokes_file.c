// Stroke files: what is read, everything that must be refused and how, and writing that reads back
// the same.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ink/drawings.h"
#include "support/faults.h"
#include "support/temp.h"

static char folder[TEMP_PATH];
static char path[TEMP_PATH];

static int make_folder(void **unused) {
    (void)unused;
    temp_folder(folder);
    temp_path(path, folder, "drawings.jsonl");
    return 0;
}

static int remove_folder(void **unused) {
    (void)unused;
    temp_remove(folder);
    return 0;
}

static NnStrokeFile *open_text(const char *text) {
    temp_write(path, text, strlen(text));
    NnError err = {0};
    NnStrokeFile *file = nn_strokes_open(path, &err);
    if (file == NULL) {
        fail_msg("%s", err.message);
    }
    return file;
}

// --- what is read --------------------------------------------------------------------------------

static void drawings_come_in_order_and_blank_lines_do_not_count(void **unused) {
    (void)unused;
    NnStrokeFile *file =
        open_text("{\"label\": 8, \"strokes\": [[[0.5, 0.25], [1, 2]], [[-0.5, 0]]], \"who\": {}}\n"
                  "\n  \t\r\n"
                  "{\"strokes\": [[[0,0,100,0.5],[0,1,120.5,1]]], \"writer\": \"\\u00e9\"}\r\n"
                  "{\"strokes\": []}");
    NnInk *ink = new_ink();
    NnError err = {0};
    int label;
    bool more;
    assert_int_equal(nn_strokes_next(file, ink, 0.07f, &label, &more, &err), NN_OK);
    assert_true(more);
    assert_int_equal(label, 8);
    assert_int_equal(nn_ink_stroke_count(ink), 2);
    NnStroke stroke = nn_ink_stroke(ink, 0);
    assert_true(stroke.n == 2 && stroke.width == 0.07f);
    assert_true(stroke.points[1].x == 1.0f && stroke.points[1].y == 2.0f);
    assert_true(stroke.points[1].pressure == 1.0f && stroke.points[1].t_ms > 0.0f);
    assert_true(nn_ink_stroke(ink, 1).points[0].t_ms > stroke.points[1].t_ms);
    assert_false(nn_ink_can_undo(ink) && nn_ink_can_redo(ink));

    assert_int_equal(nn_strokes_next(file, ink, 0.07f, &label, &more, &err), NN_OK);
    assert_true(more);
    assert_int_equal(label, -1);
    stroke = nn_ink_stroke(ink, 0);
    assert_true(stroke.points[0].t_ms == 0.0f && stroke.points[1].t_ms == 20.5f);
    assert_true(stroke.points[0].pressure == 0.5f);

    assert_int_equal(nn_strokes_next(file, ink, 0.07f, &label, &more, &err), NN_OK);
    assert_true(more);
    assert_true(nn_ink_is_empty(ink));
    for (int i = 0; i < 2; i++) { // the end stays the end
        assert_int_equal(nn_strokes_next(file, ink, 0.07f, &label, &more, &err), NN_OK);
        assert_false(more);
    }
    nn_ink_free(ink);
    nn_strokes_close(file);
}

// --- what is refused -----------------------------------------------------------------------------

typedef struct {
    const char *name;
    const char *line;
    const char *cause; // part of the message
} Malformed;

static Malformed malformed[] = {
    {"not JSON", "hello", "not JSON"},
    {"cut off", "{\"strokes\": [[[0, 0], [0.5", "not JSON"},
    {"something behind the object", "{\"strokes\": []} []", "not JSON"},
    {"a key twice", "{\"strokes\": [], \"strokes\": []}", "not JSON"},
    {"a key twice inside another", "{\"strokes\": [], \"a\": {\"b\": 1, \"b\": 2}}", "not JSON"},
    {"bytes that are not UTF-8", "{\"strokes\": [], \"writer\": \"\xff\"}", "not JSON"},
    {"an escape sequence for the terminal", "{\"\x1b[31m\": 1}", "not JSON"},
    {"a number with a leading zero", "{\"strokes\": [[[00, 0]]]}", "not JSON"},
    {"NaN", "{\"strokes\": [[[NaN, 0]]]}", "not JSON"},
    {"a number beyond all", "{\"strokes\": [[[1e999, 0]]]}", "not JSON"},
    {"a list", "[]", "is not an object"},
    {"no strokes", "{\"label\": 3}", "\"strokes\" is missing"},
    {"strokes that are no list", "{\"strokes\": 3}", "\"strokes\" is missing or not a list"},
    {"a stroke that is no list", "{\"strokes\": [7]}", "stroke 1: is not a list"},
    {"a point that is no list", "{\"strokes\": [[[0, 0], 7]]}", "stroke 1, point 2"},
    {"a point of one number", "{\"strokes\": [[[0]]]}", "stroke 1, point 1: is not [x, y]"},
    {"a point of five", "{\"strokes\": [[[0, 0, 0, 1, 1]]]}", "is not [x, y]"},
    {"a coordinate in words", "{\"strokes\": [[[0, \"0\"]]]}", "a coordinate is not a number"},
    {"a coordinate that is null", "{\"strokes\": [[[null, 0]]]}", "a coordinate is not a number"},
    {"a coordinate that is true", "{\"strokes\": [[[0, true]]]}", "a coordinate is not a number"},
    {"a coordinate out of this world", "{\"strokes\": [[[0, 1e300]]]}", "1000 canvases"},
    {"a whole number out of this world", "{\"strokes\": [[[-4000000000, 0]]]}", "1000 canvases"},
    {"time in words", "{\"strokes\": [[[0, 0, \"now\"]]]}", "the time is not a number"},
    {"time running backwards", "{\"strokes\": [[[0, 0, 5], [0, 1, 4]]]}", "runs backwards"},
    {"time running backwards between strokes", "{\"strokes\": [[[0, 0, 5]], [[0, 1, 4]]]}",
     "stroke 2, point 1: the time runs backwards"},
    {"negative pressure", "{\"strokes\": [[[0, 0, 0, -0.1]]]}", "the pressure is not"},
    {"too much pressure", "{\"strokes\": [[[0, 0, 0, 1.1]]]}", "the pressure is not"},
    {"pressure in words", "{\"strokes\": [[[0, 0, 0, \"hard\"]]]}", "the pressure is not"},
    {"label 10", "{\"label\": 10, \"strokes\": []}", "\"label\" is not"},
    {"label -1", "{\"label\": -1, \"strokes\": []}", "\"label\" is not"},
    {"label 3.0", "{\"label\": 3.0, \"strokes\": []}", "\"label\" is not"},
    {"label null", "{\"label\": null, \"strokes\": []}", "\"label\" is not"},
};

// As the third line of a file: the first drawing is read, the error names file, line and cause, and
// the drawing after it can still be had.
static void a_malformed_line_is_named(void **state) {
    const Malformed *row = *state;
    char text[1024];
    snprintf(text, sizeof text, "{\"strokes\": [[[0, 0]]]}\n\n%s\n{\"strokes\": [[[1, 1]]]}\n",
             row->line);
    NnStrokeFile *file = open_text(text);
    NnInk *ink = new_ink();
    NnError err = {0};
    int label = 5;
    bool more;
    assert_int_equal(nn_strokes_next(file, ink, 0.05f, &label, &more, &err), NN_OK);
    NnStatus status = nn_strokes_next(file, ink, 0.05f, &label, &more, &err);
    if (status != NN_ERR_FORMAT || strstr(err.message, row->cause) == NULL ||
        strstr(err.message, "drawings.jsonl: line 3") == NULL || err.offset != 3) {
        fail_msg("status %d, line %ld: %s", (int)status, (long)err.offset, err.message);
    }
    for (const char *c = err.message; *c != '\0'; c++) {
        assert_true((unsigned char)*c >= ' '); // nothing that drives a terminal
    }
    assert_false(more);
    assert_int_equal(label, -1);
    assert_true(nn_ink_is_empty(ink)); // no half drawings
    assert_int_equal(nn_strokes_next(file, ink, 0.05f, &label, &more, &err), NN_OK);
    assert_true(more && nn_ink_point_count(ink) == 1);
    nn_ink_free(ink);
    nn_strokes_close(file);
}

static void every_prefix_of_a_line_fails_cleanly(void **unused) {
    (void)unused;
    const char *line = "{\"label\": 1, \"strokes\": [[[0.1, 0.2, 3, 0.4], [5e-1, 0.6, 7]]]}";
    NnInk *ink = new_ink();
    for (size_t n = 1; n < strlen(line); n++) {
        char text[128] = {0};
        memcpy(text, line, n);
        NnStrokeFile *file = open_text(text);
        NnError err = {0};
        int label;
        bool more;
        assert_int_equal(nn_strokes_next(file, ink, 0.05f, &label, &more, &err), NN_ERR_FORMAT);
        nn_strokes_close(file);
    }
    nn_ink_free(ink);
}

static NnStatus read_all(const char *text, size_t n, NnError *err) {
    temp_write(path, text, n);
    NnStrokeFile *file = nn_strokes_open(path, err);
    assert_non_null(file);
    NnInk *ink = new_ink();
    int label;
    bool more = true;
    NnStatus status = NN_OK;
    while (status == NN_OK && more) {
        status = nn_strokes_next(file, ink, 0.05f, &label, &more, err);
    }
    nn_ink_free(ink);
    nn_strokes_close(file);
    return status;
}

static void a_line_may_have_64_kib_and_not_a_byte_more(void **unused) {
    (void)unused;
    enum { LIMIT = 64 << 10 };
    char *text = malloc(LIMIT + 2);
    memset(text, ' ', LIMIT + 2);
    memcpy(text, "{\"strokes\": []}", 15);
    text[LIMIT] = '\n';
    NnError err = {0};
    assert_int_equal(read_all(text, LIMIT + 1, &err), NN_OK);
    text[LIMIT] = ' ';
    text[LIMIT + 1] = '\n';
    assert_int_equal(read_all(text, LIMIT + 2, &err), NN_ERR_FORMAT);
    assert_non_null(strstr(err.message, "line 1: is longer than 64 KiB"));
    free(text);
}

static void a_file_may_have_a_million_points(void **unused) {
    (void)unused;
    // 100 lines of 10 000 points of 6 bytes, and one point more.
    enum { LINES = 100, POINTS = 10000, LINE = 12 + POINTS * 6 + 4 };
    char *text = malloc((size_t)LINES * LINE + 64);
    char *at = text;
    for (int i = 0; i < LINES; i++) {
        at += sprintf(at, "{\"strokes\":[[");
        for (int k = 0; k < POINTS; k++) {
            at += sprintf(at, k > 0 ? ",[0,%d]" : "[0,%d]", k & 1);
        }
        at += sprintf(at, "]]}\n");
        if (i == 0) { // the limit of a line
            assert_true(at - text <= 64 << 10);
        }
    }
    NnError err = {0};
    assert_int_equal(read_all(text, (size_t)(at - text), &err), NN_OK);
    at += sprintf(at, "{\"strokes\":[[[0,0]]]}\n");
    assert_int_equal(read_all(text, (size_t)(at - text), &err), NN_ERR_FORMAT);
    assert_non_null(strstr(err.message, "line 101: the file has more than 1 000 000 points"));
    free(text);
}

static void deep_nesting_is_refused(void **unused) {
    (void)unused;
    enum { DEPTH = 30000 };
    char *text = malloc(2 * DEPTH);
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    NnError err = {0};
    assert_int_equal(read_all(text, 2 * DEPTH, &err), NN_ERR_FORMAT);
    free(text);
}

static void a_zero_byte_ends_nothing(void **unused) {
    (void)unused;
    const char text[] = "{\"strokes\": []}\0{\"strokes\": []}\n";
    NnError err = {0};
    assert_int_equal(read_all(text, sizeof text - 1, &err), NN_ERR_FORMAT);
}

static void files_that_cannot_be_read_are_named(void **unused) {
    (void)unused;
    char other[TEMP_PATH];
    NnError err = {0};
    assert_null(nn_strokes_open(temp_path(other, folder, "none.jsonl"), &err));
    assert_int_equal(err.status, NN_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "none.jsonl"));
    assert_null(nn_strokes_open(folder, &err));
    assert_int_equal(err.status, NN_ERR_IO);
    assert_non_null(strstr(err.message, "is a folder"));
}

// --- writing -------------------------------------------------------------------------------------

static void read_back(const char *line, NnInk *ink, int *label) {
    NnStrokeFile *file = open_text(line);
    NnError err = {0};
    bool more;
    if (nn_strokes_next(file, ink, 0.05f, label, &more, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    assert_true(more);
    NnInk *nothing = new_ink();
    assert_int_equal(nn_strokes_next(file, nothing, 0.05f, &(int){0}, &more, &err), NN_OK);
    assert_false(more); // it was one line
    nn_ink_free(nothing);
    nn_strokes_close(file);
}

static void a_written_drawing_reads_back_bit_for_bit(void **unused) {
    (void)unused;
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 30; round++) {
        NnInk *ink = new_ink(), *back = new_ink();
        float t = 0;
        for (uint32_t i = 0; i < 1 + rng_below(&rng, 4); i++) {
            assert_true(nn_ink_begin(ink, NN_INK_DRAW, 0.05f));
            for (uint32_t k = 0; k < 1 + rng_below(&rng, 40); k++) {
                NnInkPoint point = {rng_uniform(&rng, -1, 2), rng_uniform(&rng, -1e-6f, 1e-6f),
                                    round % 2 == 0 ? 1.0f : rng_uniform(&rng, 0, 1), t};
                assert_true(nn_ink_extend(ink, point));
                t += rng_uniform(&rng, 0, 20);
            }
            nn_ink_end(ink);
        }
        NnError err = {0};
        int label = round % 11 - 1, got;
        char *line =
            nn_strokes_line(ink, label, round % 3 == 0 ? "M\xc3\xbcller \"x\"\n" : NULL, &err);
        assert_non_null(line);
        assert_true(strchr(line, '\n') == line + strlen(line) - 1);
        read_back(line, back, &got);
        assert_int_equal(got, label);
        assert_int_equal(nn_ink_stroke_count(back), nn_ink_stroke_count(ink));
        for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
            NnStroke a = nn_ink_stroke(ink, i), b = nn_ink_stroke(back, i);
            assert_int_equal(a.n, b.n);
            assert_memory_equal(a.points, b.points, a.n * sizeof *a.points);
        }
        nn_text_free(line);
        nn_ink_free(ink);
        nn_ink_free(back);
    }
}

static void times_are_written_from_the_first_visible_point(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    NnError err = {0};
    assert_true(nn_ink_begin(ink, NN_INK_DRAW, 0.05f));
    assert_true(nn_ink_extend(ink, (NnInkPoint){0.25f, 0.5f, 1, 700}));
    assert_true(nn_ink_extend(ink, (NnInkPoint){0.1f, 0.5f, 0.5f, 712}));
    nn_ink_end(ink);
    char *line = nn_strokes_line(ink, 7, "me", &err);
    assert_string_equal(line, "{\"label\":7,\"writer\":\"me\",\"strokes\":"
                              "[[[0.25,0.5,0],[0.1,0.5,12,0.5]]]}\n");
    nn_text_free(line);
    nn_ink_reset(ink);
    line = nn_strokes_line(ink, -1, NULL, &err);
    assert_string_equal(line, "{\"strokes\":[]}\n");
    nn_text_free(line);
    nn_ink_free(ink);
}

// A mouse that reports a thousand times a second, for a minute.
static void a_long_drawing_is_thinned_until_a_line_holds_it(void **unused) {
    (void)unused;
    enum { POINTS = 60000 };
    NnInk *ink = new_ink(), *back = new_ink();
    NnError err = {0};
    assert_true(nn_ink_begin(ink, NN_INK_DRAW, 0.05f));
    for (int i = 0; i < POINTS; i++) {
        float angle = 6.0f * (float)i / POINTS;
        assert_true(nn_ink_extend(
            ink, (NnInkPoint){0.5f + 0.3f * cosf(angle), 0.5f + 0.3f * sinf(angle), 1, (float)i}));
    }
    nn_ink_end(ink);
    char *line = nn_strokes_line(ink, 0, NULL, &err);
    assert_non_null(line);
    assert_in_range(strlen(line), 20000, 64 << 10);
    int label;
    read_back(line, back, &label);
    NnStroke a = nn_ink_stroke(ink, 0), b = nn_ink_stroke(back, 0);
    assert_memory_equal(&a.points[0], &b.points[0], sizeof a.points[0]);
    assert_memory_equal(&a.points[a.n - 1], &b.points[b.n - 1], sizeof a.points[0]);
    nn_text_free(line);
    nn_ink_free(ink);
    nn_ink_free(back);
}

static void what_no_line_can_hold_is_refused(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    NnError err = {0};
    for (int i = 0; i < 8000; i++) {
        const float dot[] = {(float)i / 8000.0f, 0.123456f};
        add_stroke(ink, NN_INK_DRAW, 0.05f, dot, 1);
    }
    assert_null(nn_strokes_line(ink, 1, NULL, &err));
    assert_int_equal(err.status, NN_ERR_FORMAT);
    assert_null(nn_strokes_line(ink, 1, "\xff", &err));
    assert_int_equal(err.status, NN_ERR_USAGE);
    nn_ink_free(ink);
}

// --- memory --------------------------------------------------------------------------------------

static NnStatus write_and_read(void *user, NnError *err) {
    const NnInk *ink = user;
    char *line = nn_strokes_line(ink, 3, "me", err);
    if (line == NULL) {
        return err->status;
    }
    temp_write(path, line, strlen(line));
    nn_text_free(line);
    NnStrokeFile *file = nn_strokes_open(path, err);
    NnInk *back = file != NULL ? nn_ink_new(err) : NULL;
    NnStatus status = back != NULL ? NN_OK : err->status;
    if (back != NULL) {
        int label;
        bool more;
        status = nn_strokes_next(file, back, 0.05f, &label, &more, err);
    }
    nn_ink_free(back);
    nn_strokes_close(file);
    return status;
}

static void running_out_of_memory_is_an_error(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    add_five(ink, 0.5f, 0.5f, 1, 0.05f);
    assert_in_range(fault_each_allocation(write_and_read, NULL, ink), 5, 100000);
    nn_ink_free(ink);
}

int main(void) {
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(drawings_come_in_order_and_blank_lines_do_not_count),
        cmocka_unit_test(every_prefix_of_a_line_fails_cleanly),
        cmocka_unit_test(a_line_may_have_64_kib_and_not_a_byte_more),
        cmocka_unit_test(a_file_may_have_a_million_points),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_zero_byte_ends_nothing),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(a_written_drawing_reads_back_bit_for_bit),
        cmocka_unit_test(times_are_written_from_the_first_visible_point),
        cmocka_unit_test(a_long_drawing_is_thinned_until_a_line_holds_it),
        cmocka_unit_test(what_no_line_can_hold_is_refused),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    enum {
        N_FIXED = sizeof fixed / sizeof fixed[0],
        N_ROWS = sizeof malformed / sizeof malformed[0]
    };
    struct CMUnitTest tests[N_FIXED + N_ROWS];
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < N_ROWS; i++) {
        tests[N_FIXED + i] = (struct CMUnitTest){malformed[i].name, a_malformed_line_is_named, NULL,
                                                 NULL, &malformed[i]};
    }
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
