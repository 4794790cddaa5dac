// Drawings near digits that are none, for training: there is something on each, they vary, and they depend on seed and
// index alone.

#include "nn/near_digit.h"

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
    for (int k = 0; k < NN_NEAR_COUNT; k++) {
        assert_true(strlen(nn_near_name((NnNearKind)k)) > 0);
        for (uint64_t i = 0; i < SAMPLES; i++) {
            NnDigit digit;
            assert_true(nn_near_digit_kind(ink, (NnNearKind)k, 5, i, &digit));
            assert_true(ink_of(&digit) > 255);
        }
    }
    nn_ink_free(ink);
}

static void no_two_in_a_row_are_alike(void **state) {
    (void)state;
    NnInk *ink = new_ink();
    for (int k = 0; k < NN_NEAR_COUNT; k++) {
        NnDigit before;
        assert_true(nn_near_digit_kind(ink, (NnNearKind)k, 5, 0, &before));
        for (uint64_t i = 1; i < SAMPLES; i++) {
            NnDigit digit;
            assert_true(nn_near_digit_kind(ink, (NnNearKind)k, 5, i, &digit));
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
        assert_true(nn_near_digit(ink, 9, i, &forward[i]));
    }
    for (uint64_t i = SAMPLES; i-- > 0;) {
        NnDigit digit;
        assert_true(nn_near_digit(other, 9, i, &digit));
        assert_memory_equal(&digit, &forward[i], sizeof digit);
    }
    NnDigit digit;
    assert_true(nn_near_digit(other, 10, 0, &digit));
    assert_memory_not_equal(&digit, &forward[0], sizeof digit);
    nn_ink_free(ink);
    nn_ink_free(other);
}

static void the_mixture_holds_every_kind(void **state) {
    (void)state;
    NnInk *ink = new_ink();
    int seen[NN_NEAR_COUNT] = {0};
    for (uint64_t i = 0; i < 400; i++) {
        NnDigit mixed, digit;
        assert_true(nn_near_digit(ink, 3, i, &mixed));
        int matches = 0;
        for (int k = 0; k < NN_NEAR_COUNT; k++) {
            assert_true(nn_near_digit_kind(ink, (NnNearKind)k, 3, i, &digit));
            if (memcmp(&digit, &mixed, sizeof digit) == 0) {
                seen[k]++;
                matches++;
            }
        }
        assert_int_equal(matches, 1);
    }
    for (int k = 0; k < NN_NEAR_COUNT; k++) {
        assert_true(seen[k] >= 12);
    }
    nn_ink_free(ink);
}

// A number is wider than any of its digits; what is turned lies where its digit stood.
static void numbers_are_wide(void **state) {
    (void)state;
    NnInk *ink = new_ink();
    int wide = 0;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        NnDigit digit;
        assert_true(nn_near_digit_kind(ink, NN_NEAR_NUMBER, 5, i, &digit));
        int low = NN_SIDE, high = -1, top = NN_SIDE, bottom = -1;
        for (int k = 0; k < NN_PIXELS; k++) {
            if (digit.pixels[k] > 127) {
                low = k % NN_SIDE < low ? k % NN_SIDE : low;
                high = k % NN_SIDE > high ? k % NN_SIDE : high;
                top = k / NN_SIDE < top ? k / NN_SIDE : top;
                bottom = k / NN_SIDE > bottom ? k / NN_SIDE : bottom;
            }
        }
        wide += 4 * (high - low) > 3 * (bottom - top);
    }
    assert_true(wide > SAMPLES * 8 / 10);
    nn_ink_free(ink);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_and_leaves_ink),
        cmocka_unit_test(no_two_in_a_row_are_alike),
        cmocka_unit_test(seed_and_index_give_the_same_picture_whatever_came_before),
        cmocka_unit_test(the_mixture_holds_every_kind),
        cmocka_unit_test(numbers_are_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
