// Drawings near digits that are none, for training as pictures without an answer.

#include "nn/near_digit.h"

#include "support/no_digit.h"

static const char *name(int kind) {
    return nn_near_name((NnNearKind)kind);
}

static bool make(NnInk *ink, int kind, uint64_t seed, uint64_t index, NnDigit *digit) {
    return nn_near_digit_kind(ink, (NnNearKind)kind, seed, index, digit);
}

static const NoDigit NEAR_DIGITS = {NN_NEAR_COUNT, name, make, nn_near_digit};

// A number is wider than any of its digits; what is turned lies where its digit stood.
static void numbers_are_wide(void **state) {
    (void)state;
    NnInk *ink = new_ink();
    int wide = 0;
    for (uint64_t i = 0; i < NO_DIGIT_SAMPLES; i++) {
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
    assert_true(wide > NO_DIGIT_SAMPLES * 8 / 10);
    nn_ink_free(ink);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        NO_DIGIT_TESTS(NEAR_DIGITS),
        cmocka_unit_test(numbers_are_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
