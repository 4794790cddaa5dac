// Scribbles, for training as pictures without an answer.

#include "nn/scribble.h"

#include "support/no_digit.h"

static const char *name(int kind) {
    return nn_scribble_name((NnScribbleKind)kind);
}

static bool make(NnInk *ink, int kind, uint64_t seed, uint64_t index, NnDigit *digit) {
    return nn_scribble_kind(ink, (NnScribbleKind)kind, seed, index, digit);
}

static const NoDigit SCRIBBLES = {NN_SCRIBBLE_COUNT, name, make, nn_scribble};

int main(void) {
    const struct CMUnitTest tests[] = {NO_DIGIT_TESTS(SCRIBBLES)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
