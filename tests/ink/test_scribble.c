// Pictures that are no digits: there is something on each, they vary, and they depend on seed and
// index alone.

#include "nn/scribble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SAMPLES = 60 };

static NnInk *new_ink(void) {
    NnError err = {0};
    NnInk *ink = nn_ink_new(&err);
    assert_non_null(ink);
    return ink;
}

static int ink_of(const NnDigit *digit) {
    int sum = 0;
    for (int i = 0; i < NN_PIXELS; i++) {
        sum += digit->pixels[i];
    }
    return sum;
}

static void every_kind_has_a_name_and_leaves_ink(void **state) {
    (void)state;
    NnInk *ink = new_ink();
    for (int k = 0; k < NN_SCRIBBLE_COUNT; k++) {
        assert_true(strlen(nn_scribble_name((NnScribbleKind)k)) > 0);
        for (uint64_t i = 0; i < SAMPLES; i++) {
            NnDigit digit;
            assert_true(nn_scribble_kind(ink, (NnScribbleKind)k, 5, i, &digit));
            assert_true(ink_of(&digit) > 255);
        }
    }
    nn_ink_free(ink);
}

static void no_two_in_a_row_are_alike(void **state) {
    (void)state;
    NnInk *ink = new_ink();
    for (int k = 0; k < NN_SCRIBBLE_COUNT; k++) {
        NnDigit before;
        assert_true(nn_scribble_kind(ink, (NnScribbleKind)k, 5, 0, &before));
        for (uint64_t i = 1; i < SAMPLES; i++) {
            NnDigit digit;
            assert_true(nn_scribble_kind(ink, (NnScribbleKind)k, 5, i, &digit));
            assert_memory_not_equal(&digit, &before, sizeof digit);
            before = digit;
        }
    }
    nn_ink_free(ink);
}

static void seed_and_index_give_the_same_picture_whatever_came_before(void **state) {
    (void)state;
    NnInk *ink = new_ink(), *other = new_ink();
    NnDigit forward[SAMPLES];
    for (uint64_t i = 0; i < SAMPLES; i++) {
        assert_true(nn_scribble(ink, 9, i, &forward[i]));
    }
    for (uint64_t i = SAMPLES; i-- > 0;) {
        NnDigit digit;
        assert_true(nn_scribble(other, 9, i, &digit));
        assert_memory_equal(&digit, &forward[i], sizeof digit);
    }
    NnDigit digit;
    assert_true(nn_scribble(other, 10, 0, &digit));
    assert_memory_not_equal(&digit, &forward[0], sizeof digit);
    nn_ink_free(ink);
    nn_ink_free(other);
}

static void the_mixture_holds_every_kind(void **state) {
    (void)state;
    NnInk *ink = new_ink();
    int seen[NN_SCRIBBLE_COUNT] = {0};
    for (uint64_t i = 0; i < 400; i++) {
        NnDigit mixed, digit;
        assert_true(nn_scribble(ink, 3, i, &mixed));
        int matches = 0;
        for (int k = 0; k < NN_SCRIBBLE_COUNT; k++) {
            assert_true(nn_scribble_kind(ink, (NnScribbleKind)k, 3, i, &digit));
            if (memcmp(&digit, &mixed, sizeof digit) == 0) {
                seen[k]++;
                matches++;
            }
        }
        assert_int_equal(matches, 1);
    }
    for (int k = 0; k < NN_SCRIBBLE_COUNT; k++) {
        assert_true(seen[k] >= 12);
    }
    nn_ink_free(ink);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_and_leaves_ink),
        cmocka_unit_test(no_two_in_a_row_are_alike),
        cmocka_unit_test(seed_and_index_give_the_same_picture_whatever_came_before),
        cmocka_unit_test(the_mixture_holds_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
