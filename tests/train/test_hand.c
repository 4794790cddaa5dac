// How made handwriting is read: rows, what counts as right, shares, the table.

#include "nn/handwriting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/near_digit.h"
#include "nn/scribble.h"
#include "nn/style.h"
#include "support/faults.h"
#include "support/temp.h"

// A network that answers `digit` to everything, as surely as asked.
static NnModel *stubborn(int digit, float threshold) {
    NnArch arch = {.n_layers = 1,
                   .layers = {{.n_in = NN_PIXELS, .n_out = NN_CLASSES}},
                   .threshold = threshold};
    NnModel *model = nn_model_new(&arch, NULL);
    assert_non_null(model);
    nn_model_params(model)[nn_model_bias_offset(model, 0) + (size_t)digit] = 1;
    return model;
}

static void rows_are_the_forms_by_digit_then_the_scribbles(void **state) {
    (void)state;
    assert_int_equal(nn_hand_rows(), nn_style_count() + NN_SCRIBBLE_COUNT + NN_NEAR_COUNT);
    int last = 0;
    for (size_t row = 0; row < nn_hand_rows(); row++) {
        int digit = nn_hand_digit(row);
        assert_true(row < nn_style_count() ? digit >= last : digit == -1);
        last = digit;
        assert_true(nn_hand_name(row)[0] != '\0');
    }
    assert_int_equal(nn_hand_digit(0), 0);
    assert_int_equal(nn_hand_digit(nn_style_count() - 1), 9);
}

static void a_form_is_right_when_read_as_its_digit_a_scribble_when_not_sure(void **state) {
    (void)state;
    size_t scribble = nn_style_count();
    NnAnswer sure_zero = {.digit = 0, .sure = true}, unsure_zero = {.digit = 0};
    assert_true(nn_hand_right(0, &sure_zero));
    assert_true(nn_hand_right(0, &unsure_zero));
    assert_false(nn_hand_right(nn_style_count() - 1, &sure_zero));
    assert_false(nn_hand_right(scribble, &sure_zero));
    assert_true(nn_hand_right(scribble, &unsure_zero));
}

static void a_network_that_always_says_4_reads_all_fours_and_no_more(void **state) {
    (void)state;
    NnModel *model = stubborn(4, 0.01f);
    NnHand *hand = nn_hand_new(model, NULL);
    assert_non_null(hand);
    for (size_t row = 0; row < nn_hand_rows(); row += 3) {
        int right = nn_hand_try(hand, row, 7, 5);
        assert_int_equal(right, nn_hand_digit(row) == 4 ? 5 : 0);
    }
    nn_hand_free(hand);
    nn_model_free(model);
}

static void a_network_that_is_never_sure_turns_every_scribble_down(void **state) {
    (void)state;
    NnModel *model = stubborn(4, 0.99f);
    NnHand *hand = nn_hand_new(model, NULL);
    assert_non_null(hand);
    for (size_t row = nn_style_count(); row < nn_hand_rows(); row++) {
        assert_int_equal(nn_hand_try(hand, row, 7, 4), 4);
    }
    nn_hand_free(hand);
    nn_model_free(model);
}

static void drawings_are_those_of_the_generators_normalised(void **state) {
    (void)state;
    NnHand *hand = nn_hand_new(NULL, NULL); // draws without a network, too
    NnInk *ink = nn_ink_new(NULL);
    assert_true(hand != NULL && ink != NULL);
    NnDigit got, wanted;
    assert_true(nn_hand_draw(hand, 5, 11, 3, &got, NULL));
    assert_true(nn_style_draw(5, 11, 3, ink) && nn_ink_normalise(ink, NULL, &wanted));
    assert_memory_equal(&got, &wanted, sizeof got);
    assert_true(nn_hand_draw(hand, nn_style_count() + 2, 11, 3, &got, NULL));
    assert_true(nn_scribble_kind(ink, (NnScribbleKind)2, 11, 3, &wanted));
    assert_memory_equal(&got, &wanted, sizeof got);
    assert_true(nn_hand_draw(hand, nn_hand_rows() - 1, 11, 3, &got, NULL));
    assert_true(nn_near_digit_kind(ink, (NnNearKind)(NN_NEAR_COUNT - 1), 11, 3, &wanted));
    assert_memory_equal(&got, &wanted, sizeof got);
    nn_ink_free(ink);
    nn_hand_free(hand);
}

static void the_table_leaves_out_what_is_not_known(void **state) {
    (void)state;
    char folder[TEMP_PATH], path[TEMP_PATH];
    temp_folder(folder);
    int *right = calloc(nn_hand_rows(), sizeof *right);
    assert_non_null(right);
    right[0] = 97;
    right[1] = -1;
    assert_int_equal(nn_hand_write_csv(right, 100, temp_path(path, folder, "hand.csv"), NULL),
                     NN_OK);
    size_t n, lines = 0;
    char *text = (char *)temp_read(path, &n);
    for (size_t i = 0; i < n; i++) {
        lines += text[i] == '\n';
    }
    assert_int_equal(lines, nn_hand_rows()); // a head, and all but one
    char wanted[160];
    int k = snprintf(wanted, sizeof wanted, "digit,form,n,right,share\n0,\"%s\",100,97,0.9700\n",
                     nn_hand_name(0));
    assert_memory_equal(text, wanted, (size_t)k);
    free(text);
    free(right);
    temp_remove(folder);
}

static NnStatus open_and_draw(void *user, NnError *err) {
    NnDigit digit;
    NnHand *hand = nn_hand_new(user, err);
    if (hand == NULL) {
        return err->status;
    }
    bool drawn = nn_hand_draw(hand, 0, 1, 1, &digit, NULL);
    nn_hand_free(hand);
    return drawn ? NN_OK : nn_fail(err, NN_ERR_NOMEM, "out of memory for a drawing");
}

static void every_failed_request_is_an_error(void **state) {
    (void)state;
    NnModel *model = stubborn(1, 0);
    assert_true(fault_each_allocation(open_and_draw, NULL, model) > 2);
    nn_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_the_forms_by_digit_then_the_scribbles),
        cmocka_unit_test(a_form_is_right_when_read_as_its_digit_a_scribble_when_not_sure),
        cmocka_unit_test(a_network_that_always_says_4_reads_all_fours_and_no_more),
        cmocka_unit_test(a_network_that_is_never_sure_turns_every_scribble_down),
        cmocka_unit_test(drawings_are_those_of_the_generators_normalised),
        cmocka_unit_test(the_table_leaves_out_what_is_not_known),
        cmocka_unit_test(every_failed_request_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
