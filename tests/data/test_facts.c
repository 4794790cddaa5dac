// Facts of a data set against plain loops over it.
#define _GNU_SOURCE // memmem

#include "nn/facts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "support/faults.h"
#include "support/temp.h"

enum { N = 500, NOBODY = 3 }; // one class has no picture

static const char *const NAMES[NN_CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

static uint8_t images[N * NN_PIXELS], labels[N];
static NnDataset set;

// Random pictures; 100 to 109 are those of 0 to 9 again, and picture 499 once more that of 0.
static int set_up(void **state) {
    (void)state;
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    for (size_t i = 0; i < N; i++) {
        do {
            labels[i] = (uint8_t)rng_below(&rng, NN_CLASSES);
        } while (labels[i] == NOBODY);
        for (size_t p = 0; p < NN_PIXELS; p++) {
            images[i * NN_PIXELS + p] =
                (uint8_t)(rng_below(&rng, 4) == 0 ? rng_below(&rng, 256) : 0);
        }
    }
    memcpy(images + (size_t)100 * NN_PIXELS, images, (size_t)10 * NN_PIXELS);
    memcpy(images + (size_t)499 * NN_PIXELS, images, NN_PIXELS);
    images[(size_t)50 * NN_PIXELS + 783] = 200;
    memcpy(images + (size_t)51 * NN_PIXELS, images + (size_t)50 * NN_PIXELS, NN_PIXELS);
    images[(size_t)51 * NN_PIXELS + 783] = 201; // all but the same
    set = (NnDataset){
        .name = "made", .n = N, .images = images, .labels = labels, .class_names = NAMES};
    return 0;
}

static void classes_are_counted_and_listed_in_order(void **state) {
    (void)state;
    NnFacts *facts = nn_facts_new(&set, NULL, NULL, NULL);
    assert_non_null(facts);
    size_t seen = 0;
    for (int c = 0; c < NN_CLASSES; c++) {
        size_t count = 0;
        for (size_t i = 0; i < N; i++) {
            if (labels[i] == c) {
                assert_int_equal(facts->rows[facts->first[c] + count], i);
                count++;
            }
        }
        assert_int_equal(facts->count[c], count);
        assert_int_equal(facts->first[c + 1] - facts->first[c], count);
        seen += count;
    }
    assert_int_equal(seen, N);
    assert_int_equal(facts->count[NOBODY], 0);
    nn_facts_free(facts);
}

static void means_ink_and_histogram_are_those_of_plain_loops(void **state) {
    (void)state;
    NnFacts *facts = nn_facts_new(&set, NULL, NULL, NULL);
    assert_non_null(facts);
    uint64_t histogram[256] = {0};
    for (size_t i = 0; i < (size_t)N * NN_PIXELS; i++) {
        histogram[images[i]]++;
    }
    assert_memory_equal(facts->histogram, histogram, sizeof histogram);
    for (int c = 0; c < NN_CLASSES; c++) {
        double all = 0, n = (double)facts->count[c];
        for (size_t p = 0; p < NN_PIXELS; p++) {
            double sum = 0;
            for (size_t i = 0; i < N; i++) {
                sum += labels[i] == c ? images[i * NN_PIXELS + p] : 0;
            }
            all += sum;
            double mean = n > 0 ? sum / n : 0;
            assert_true(fabs(mean - facts->mean[c][p]) <= 0.5);
        }
        double ink = n > 0 ? all / (255 * NN_PIXELS * n) : 0;
        assert_true(fabs(ink - facts->ink[c]) < 1e-12);
    }
    nn_facts_free(facts);
}

static void pictures_that_occur_twice_are_counted(void **state) {
    (void)state;
    NnFacts *facts = nn_facts_new(&set, NULL, NULL, NULL);
    assert_non_null(facts);
    size_t repeated = 0;
    for (size_t i = 0; i < N; i++) {
        bool before = false;
        for (size_t k = 0; k < i && !before; k++) {
            before = memcmp(images + i * NN_PIXELS, images + k * NN_PIXELS, NN_PIXELS) == 0;
        }
        repeated += before;
    }
    assert_int_equal(repeated, 11);
    assert_int_equal(facts->repeated, repeated);
    nn_facts_free(facts);
}

static void an_empty_set_has_facts_of_nothing(void **state) {
    (void)state;
    NnDataset empty = set;
    empty.n = 0;
    NnFacts *facts = nn_facts_new(&empty, NULL, NULL, NULL);
    assert_non_null(facts);
    assert_int_equal(facts->n + facts->repeated + facts->first[NN_CLASSES], 0);
    nn_facts_free(facts);
}

static bool three_times(void *user) {
    int *asked = user;
    return ++*asked < 3;
}

static void it_stops_when_it_is_not_wanted(void **state) {
    (void)state;
    int asked = 0;
    NnError err = {0};
    assert_null(nn_facts_new(&set, three_times, &asked, &err));
    assert_int_equal(err.status, NN_ERR_CANCELLED);
    assert_int_equal(asked, 3);
}

static void the_table_has_a_row_a_class_and_a_row_a_value(void **state) {
    (void)state;
    char folder[TEMP_PATH], path[TEMP_PATH];
    temp_folder(folder);
    NnFacts *facts = nn_facts_new(&set, NULL, NULL, NULL);
    assert_non_null(facts);
    assert_int_equal(nn_facts_write_csv(facts, &set, temp_path(path, folder, "facts.csv"), NULL),
                     NN_OK);
    size_t n, lines = 0;
    char *text = (char *)temp_read(path, &n);
    for (size_t i = 0; i < n; i++) {
        lines += text[i] == '\n';
    }
    assert_int_equal(lines, 1 + NN_CLASSES + 1 + 1 + 256);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\n7,7,%zu,%.6f,", facts->count[7],
             (double)facts->count[7] / N);
    assert_true(n > 0 && memmem(text, n, wanted, strlen(wanted)) != NULL);
    free(text);
    nn_facts_free(facts);
    temp_remove(folder);
}

static NnStatus make(void *user, NnError *err) {
    (void)user;
    NnFacts *facts = nn_facts_new(&set, NULL, NULL, err);
    NnStatus status = facts != NULL ? NN_OK : err->status;
    nn_facts_free(facts);
    return status;
}

static void every_failed_request_is_an_error(void **state) {
    (void)state;
    assert_true(fault_each_allocation(make, NULL, NULL) >= 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_counted_and_listed_in_order),
        cmocka_unit_test(means_ink_and_histogram_are_those_of_plain_loops),
        cmocka_unit_test(pictures_that_occur_twice_are_counted),
        cmocka_unit_test(an_empty_set_has_facts_of_nothing),
        cmocka_unit_test(it_stops_when_it_is_not_wanted),
        cmocka_unit_test(the_table_has_a_row_a_class_and_a_row_a_value),
        cmocka_unit_test(every_failed_request_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
