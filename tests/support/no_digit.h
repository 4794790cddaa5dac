// no_digit.h - what every generator of pictures that are no digits promises: there is something on
// each, they vary, and they depend on seed and index alone. For tests; after cmocka.h.
//
//     static const NoDigit SCRIBBLES = {NN_SCRIBBLE_COUNT, name, kind, nn_scribble};
//     NO_DIGIT_TESTS(SCRIBBLES),

#ifndef TESTS_SUPPORT_NO_DIGIT_H
#define TESTS_SUPPORT_NO_DIGIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nn/ink.h"

typedef struct {
    int n_kinds;
    const char *(*name)(int kind);
    bool (*kind)(NnInk *ink, int kind, uint64_t seed, uint64_t index, NnDigit *digit);
    bool (*any)(NnInk *ink, uint64_t seed, uint64_t index, NnDigit *digit);
} NoDigit;

enum { NO_DIGIT_SAMPLES = 60 };

static inline NnInk *new_ink(void) {
    NnError err = {0};
    NnInk *ink = nn_ink_new(&err);
    assert_non_null(ink);
    return ink;
}

static inline void every_kind_has_a_name_and_leaves_ink(void **state) {
    const NoDigit *g = *state;
    NnInk *ink = new_ink();
    for (int k = 0; k < g->n_kinds; k++) {
        assert_true(strlen(g->name(k)) > 0);
        for (uint64_t i = 0; i < NO_DIGIT_SAMPLES; i++) {
            NnDigit digit;
            assert_true(g->kind(ink, k, 5, i, &digit));
            int sum = 0;
            for (int p = 0; p < NN_PIXELS; p++) {
                sum += digit.pixels[p];
            }
            assert_true(sum > 255);
        }
    }
    nn_ink_free(ink);
}

static inline void no_two_in_a_row_are_alike(void **state) {
    const NoDigit *g = *state;
    NnInk *ink = new_ink();
    for (int k = 0; k < g->n_kinds; k++) {
        NnDigit before;
        assert_true(g->kind(ink, k, 5, 0, &before));
        for (uint64_t i = 1; i < NO_DIGIT_SAMPLES; i++) {
            NnDigit digit;
            assert_true(g->kind(ink, k, 5, i, &digit));
            assert_memory_not_equal(&digit, &before, sizeof digit);
            before = digit;
        }
    }
    nn_ink_free(ink);
}

static inline void seed_and_index_give_the_same_picture_whatever_came_before(void **state) {
    const NoDigit *g = *state;
    NnInk *ink = new_ink(), *other = new_ink();
    NnDigit forward[NO_DIGIT_SAMPLES], digit;
    for (uint64_t i = 0; i < NO_DIGIT_SAMPLES; i++) {
        assert_true(g->any(ink, 9, i, &forward[i]));
    }
    for (uint64_t i = NO_DIGIT_SAMPLES; i-- > 0;) {
        assert_true(g->any(other, 9, i, &digit));
        assert_memory_equal(&digit, &forward[i], sizeof digit);
    }
    assert_true(g->any(other, 10, 0, &digit));
    assert_memory_not_equal(&digit, &forward[0], sizeof digit);
    nn_ink_free(ink);
    nn_ink_free(other);
}

static inline void the_mixture_holds_every_kind(void **state) {
    const NoDigit *g = *state;
    enum { KINDS_MAX = 32 };
    NnInk *ink = new_ink();
    int seen[KINDS_MAX] = {0};
    assert_true(g->n_kinds <= KINDS_MAX);
    for (uint64_t i = 0; i < 400; i++) {
        NnDigit mixed, digit;
        assert_true(g->any(ink, 3, i, &mixed));
        int matches = 0;
        for (int k = 0; k < g->n_kinds; k++) {
            assert_true(g->kind(ink, k, 3, i, &digit));
            bool same = memcmp(&digit, &mixed, sizeof digit) == 0;
            seen[k] += same;
            matches += same;
        }
        assert_int_equal(matches, 1);
    }
    for (int k = 0; k < g->n_kinds; k++) {
        assert_true(seen[k] >= 12);
    }
    nn_ink_free(ink);
}

// cmocka hands the state on as it is; nothing is written to it.
#define NO_DIGIT_TEST(test, generator)                                                             \
    { #test, test, NULL, NULL, (void *)(uintptr_t) & (generator) }
#define NO_DIGIT_TESTS(generator)                                                                  \
    NO_DIGIT_TEST(every_kind_has_a_name_and_leaves_ink, generator),                                \
        NO_DIGIT_TEST(no_two_in_a_row_are_alike, generator),                                       \
        NO_DIGIT_TEST(seed_and_index_give_the_same_picture_whatever_came_before, generator),       \
        NO_DIGIT_TEST(the_mixture_holds_every_kind, generator)

#endif
