// My digits: three files that stay in step, whatever happens between them.

#define _DEFAULT_SOURCE // setenv, usleep
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/rng.h"
#include "nn/dataset.h"
#include "support/faults.h"
#include "support/temp.h"

static char folder[TEMP_PATH], images[TEMP_PATH], labels[TEMP_PATH], strokes[TEMP_PATH];

static int set_up(void **state) {
    (void)state;
    temp_folder(folder);
    setenv("XDG_DATA_HOME", folder, 1);
    temp_path(images, folder, "inkling/mine/mine-images-idx3-ubyte");
    temp_path(labels, folder, "inkling/mine/mine-labels-idx1-ubyte");
    temp_path(strokes, folder, "inkling/mine/mine-strokes.jsonl");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temp_remove(folder);
    return 0;
}

// A drawing whose one stroke says which digit it is.
static NnInk *drawing(int label) {
    NnInk *ink = nn_ink_new(NULL);
    assert_non_null(ink);
    assert_true(nn_ink_begin(ink, NN_INK_DRAW, 0.05f));
    for (int i = 0; i < 3; i++) {
        NnInkPoint point = {0.2f + 0.1f * (float)i, 0.05f + 0.1f * (float)label, 1,
                            10.0f * (float)i};
        assert_true(nn_ink_extend(ink, point));
    }
    nn_ink_end(ink);
    return ink;
}

static NnStatus keep(int label, NnError *err) {
    NnDigit digit;
    memset(digit.pixels, 100 + label, sizeof digit.pixels);
    NnInk *ink = drawing(label);
    NnStatus status = nn_mine_keep(&digit, ink, label, "Zo\xC3\xAB", err);
    nn_ink_free(ink);
    return status;
}

// Digit i has label i % 10, pixels 100 + label, and, where its strokes were not lost, a point in
// that height.
static void assert_in_step(size_t n, size_t blank_from, size_t blank_to) {
    assert_int_equal(nn_mine_count(), n);
    NnError err = {0};
    NnDataset *data = nn_dataset_load("mine", NN_SPLIT_TRAIN, &err);
    if (data == NULL) {
        fail_msg("%s", err.message);
        return;
    }
    assert_int_equal(data->n, n);
    assert_string_equal(data->name, "mine");
    NnStrokeFile *file = nn_strokes_open(strokes, &err);
    assert_non_null(file);
    NnInk *ink = nn_ink_new(NULL);
    int label;
    bool more = true;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(data->labels[i], i % 10);
        assert_int_equal(data->images[i * 784 + 5], 100 + i % 10);
        if (nn_strokes_next(file, ink, 0.05f, &label, &more, &err) != NN_OK) {
            fail_msg("%s", err.message);
        }
        assert_true(more);
        assert_int_equal(label, i % 10);
        bool blank = i >= blank_from && i < blank_to;
        assert_int_equal(nn_ink_stroke_count(ink), blank ? 0 : 1);
        if (!blank) {
            assert_float_equal(nn_ink_stroke(ink, 0).points[0].y, 0.05f + 0.1f * (float)(i % 10),
                               1e-3f);
        }
    }
    assert_int_equal(nn_strokes_next(file, ink, 0.05f, &label, &more, &err), NN_OK);
    assert_false(more);
    nn_ink_free(ink);
    nn_strokes_close(file);
    nn_dataset_free(data);
}

static void digits_are_kept_in_step(void **state) {
    (void)state;
    assert_int_equal(nn_mine_count(), 0);
    for (int i = 0; i < 23; i++) {
        NnError err = {0};
        if (keep(i % 10, &err) != NN_OK) {
            fail_msg("%s", err.message);
        }
        assert_int_equal(nn_mine_count(), i + 1);
    }
    assert_in_step(23, 0, 0);
    size_t n = 0;
    char *text = (char *)temp_read(strokes, &n);
    assert_non_null(strstr(text, "Zo\xC3\xAB"));
    free(text);
}

static void a_digit_without_strokes_is_kept_too(void **state) {
    (void)state;
    NnDigit digit;
    memset(digit.pixels, 100, sizeof digit.pixels);
    assert_int_equal(nn_mine_keep(&digit, NULL, 0, NULL, NULL), NN_OK);
    assert_int_equal(keep(1, NULL), NN_OK);
    assert_in_step(2, 0, 1);
}

static void refuses_what_is_no_digit(void **state) {
    (void)state;
    NnDigit digit = {{0}};
    NnError err = {0};
    assert_int_equal(nn_mine_keep(&digit, NULL, 10, NULL, &err), NN_ERR_USAGE);
    assert_int_equal(nn_mine_keep(&digit, NULL, -1, NULL, &err), NN_ERR_USAGE);
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    assert_int_equal(nn_mine_keep(&digit, NULL, 1, NULL, &err), NN_ERR_IO);
    assert_non_null(strstr(err.message, "HOME"));
    assert_int_equal(nn_mine_count(), 0);
}

// --- crashes -------------------------------------------------------------------------------------

// Whatever the strokes are like: pictures and labels are readable and belong together.
static void assert_loads(size_t n) {
    assert_int_equal(nn_mine_count(), n);
    NnError err = {0};
    NnDataset *data = nn_dataset_load("mine", NN_SPLIT_TEST, &err);
    if (data == NULL) {
        fail_msg("%s", err.message);
        return;
    }
    assert_int_equal(data->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(data->labels[i], i % 10);
        assert_int_equal(data->images[i * 784], 100 + i % 10);
    }
    nn_dataset_free(data);
}

typedef struct {
    const char *name;
    bool old_labels, old_images; // put back as they were before the last digit
    size_t strokes_cut;          // bytes taken off the strokes' end, SIZE_MAX: the file is gone
    const char *torn;            // added to the strokes
    size_t n;                    // digits that are left
    size_t blank_from, blank_to; // strokes lost for good
} Crash;

static Crash crashes[] = {
    {"killed before the labels", true, false, 0, "", 3, 0, 0},
    {"killed before the pictures", true, true, 0, "", 3, 0, 0},
    {"killed while appending the strokes", true, true, 20, "", 3, 0, 0},
    {"strokes with a torn line behind them", false, false, 0, "{\"label\":7,\"str", 4, 0, 0},
    {"strokes with whole lines too many", false, false, 0, "{\"strokes\":[]}\n{\"strokes\":[]}\n",
     4, 0, 0},
    {"strokes whose last line lost its end", false, false, 1, "", 4, 3, 4},
    {"strokes that are gone", false, false, SIZE_MAX, "", 4, 0, 4},
};

static void is_recovered(void **state) {
    const Crash *row = *state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(keep(i, NULL), NN_OK);
    }
    size_t n_labels, n_images, n_strokes;
    uint8_t *old_labels = temp_read(labels, &n_labels);
    uint8_t *old_images = temp_read(images, &n_images);
    assert_int_equal(keep(3, NULL), NN_OK);
    if (row->old_labels) {
        temp_write(labels, old_labels, n_labels);
    }
    if (row->old_images) {
        temp_write(images, old_images, n_images);
    }
    if (row->strokes_cut == SIZE_MAX) {
        assert_int_equal(unlink(strokes), 0);
    } else {
        uint8_t *text = temp_read(strokes, &n_strokes);
        temp_write(strokes, text, n_strokes - row->strokes_cut);
        assert_int_equal(file_append(strokes, row->torn, strlen(row->torn), NULL), NN_OK);
        free(text);
    }
    assert_loads(row->n);
    assert_int_equal(keep((int)row->n, NULL), NN_OK);
    assert_in_step(row->n + 1, row->blank_from, row->blank_to);
    free(old_labels);
    free(old_images);
}

static void files_that_are_not_ours_are_left_alone(void **state) {
    (void)state;
    assert_int_equal(keep(0, NULL), NN_OK);
    uint8_t bytes[10 * 10] = {0};
    const size_t dims[3] = {1, 10, 10};
    NnError err = {0};
    assert_int_equal(nn_idx_write(images, bytes, 3, dims, NULL), NN_OK);
    assert_int_equal(keep(1, &err), NN_ERR_SHAPE);
    assert_int_equal(nn_idx_write(images, bytes, 1, dims, NULL), NN_OK);
    assert_int_equal(keep(1, &err), NN_ERR_SHAPE);
    temp_write(images, "junk", 4);
    assert_int_equal(keep(1, &err), NN_ERR_FORMAT);
    size_t n = 0;
    uint8_t *kept = temp_read(images, &n);
    assert_int_equal(n, 4);
    free(kept);
    unlink(images);
    temp_write(labels, "junk", 4);
    assert_int_equal(keep(1, &err), NN_ERR_FORMAT);
    // A full collection refuses one more instead of losing any.
    uint8_t *many = calloc(1000000, 1);
    assert_non_null(many);
    const size_t full[1] = {1000000};
    assert_int_equal(nn_idx_write(labels, many, 1, full, NULL), NN_OK);
    assert_int_equal(keep(1, &err), NN_ERR_SHAPE);
    assert_non_null(strstr(err.message, "full"));
    free(many);
}

static void killed_while_keeping(void **state) {
    (void)state;
    enum { KILLS = 40 };
    Rng rng = rng_at(2, RNG_STREAM_TEST, 0);
    for (int i = 0; i < KILLS; i++) {
        pid_t child = fork();
        if (child == 0) {
            for (;;) {
                if (keep((int)(nn_mine_count() % 10), NULL) != NN_OK) {
                    _exit(1);
                }
            }
        }
        usleep(200 + rng_below(&rng, 3000));
        kill(child, SIGKILL);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        if (nn_mine_count() > 0) {
            assert_loads(nn_mine_count());
        }
    }
    size_t n = nn_mine_count();
    assert_int_equal(keep((int)(n % 10), NULL), NN_OK);
    assert_in_step(n + 1, 0, 0);
}

// --- faults --------------------------------------------------------------------------------------

static NnInk *inks[10]; // made before memory fails

static NnStatus keep_next(void *user, NnError *err) {
    (void)user;
    int label = (int)(nn_mine_count() % 10);
    NnDigit digit;
    memset(digit.pixels, 100 + label, sizeof digit.pixels);
    return nn_mine_keep(&digit, inks[label], label, NULL, err);
}

static size_t count_before;

static void kept_or_not(void *user, NnStatus status) {
    (void)user;
    size_t n = nn_mine_count();
    assert_true(n == count_before + 1 || (status != NN_OK && n == count_before));
    count_before = n;
    assert_loads(n);
}

// Three digits whose strokes are lost: their lines have to be written anew. The same three each
// time, as every one more would be more work and more faults.
static struct {
    uint8_t *images, *labels;
    size_t n_images, n_labels;
} three;

static NnStatus keep_without_strokes(void *user, NnError *err) {
    temp_write(images, three.images, three.n_images);
    temp_write(labels, three.labels, three.n_labels);
    unlink(strokes);
    return keep_next(user, err);
}

static void three_or_four(void *user, NnStatus status) {
    count_before = 3;
    kept_or_not(user, status);
}

static void keeping_survives_every_fault(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        inks[i] = drawing(i);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(keep_next(NULL, NULL), NN_OK);
    }
    three.images = temp_read(images, &three.n_images);
    three.labels = temp_read(labels, &three.n_labels);
    count_before = 3;
    assert_true(fault_each_allocation(keep_next, kept_or_not, NULL) > 10);
    count_before = nn_mine_count();
    assert_true(fault_each_call(keep_next, kept_or_not, NULL, ENOSPC) > 20);
    size_t n = nn_mine_count();
    assert_int_equal(fault_trickle(keep_next, NULL, NULL), NN_OK);
    assert_in_step(n + 1, 0, 0);
    assert_true(fault_each_allocation(keep_without_strokes, three_or_four, NULL) > 20);
    assert_true(fault_each_call(keep_without_strokes, three_or_four, NULL, EIO) > 20);
    free(three.images);
    free(three.labels);
    for (int i = 0; i < 10; i++) {
        nn_ink_free(inks[i]);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest fixed[] = {
        CASE(digits_are_kept_in_step),
        CASE(a_digit_without_strokes_is_kept_too),
        CASE(files_that_are_not_ours_are_left_alone),
        CASE(killed_while_keeping),
        CASE(keeping_survives_every_fault),
        CASE(refuses_what_is_no_digit), // last: it takes HOME away
    };
    enum { CRASHES = sizeof crashes / sizeof crashes[0], FIXED = sizeof fixed / sizeof fixed[0] };
    struct CMUnitTest tests[CRASHES + FIXED];
    for (size_t i = 0; i < CRASHES; i++) {
        tests[i] =
            (struct CMUnitTest){crashes[i].name, is_recovered, set_up, tear_down, &crashes[i]};
    }
    memcpy(tests + CRASHES, fixed, sizeof fixed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
