// Drawings and pictures that are no digits, through the program: the counts of --non-digits against
// what the engine says of each, and the drawings of tests/fixtures/non-digits against a floor.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/nn.h"
#include "program.h"

#define SETS TEST_FIXTURES "/non-digits/"

static json_t *run_json(const char *const *args) {
    Result r = program_run(&(Run){.args = args});
    if (r.status != 0) {
        fail_msg("status %d: %s", r.status, r.err);
    }
    json_t *object = last_line_json(r.out);
    result_release(&r);
    return object;
}

static size_t count(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_integer(value));
    return (size_t)json_integer_value(value);
}

// A file's drawings answered one by one.
static NnRejects count_by_hand(const char *path) {
    NnModel *model = nn_model_load(SOURCE_ROOT "/models/inkling-mlp.safetensors", NULL);
    assert_non_null(model);
    NnWorkspace *work = nn_workspace_new(model, 1, false, NULL);
    NnInk *ink = nn_ink_new(NULL);
    NnStrokeFile *file = nn_strokes_open(path, NULL);
    assert_true(work != NULL && ink != NULL && file != NULL);
    NnRejects rejects = {0};
    bool more = true;
    while (more) {
        int label;
        assert_int_equal(nn_strokes_next(file, ink, NN_DEFAULT_PEN, &label, &more, NULL), NN_OK);
        NnDigit digit;
        NnAnswer answer;
        if (more && nn_ink_normalise(ink, NULL, &digit)) {
            nn_classify(model, work, &digit, &answer);
            nn_rejects_add(&rejects, &answer);
        } else if (more) {
            nn_rejects_add(&rejects, NULL);
        }
    }
    nn_strokes_close(file);
    nn_ink_free(ink);
    nn_workspace_free(work);
    nn_model_free(model);
    return rejects;
}

static void assert_counted(const json_t *object, const NnRejects *expected) {
    assert_int_equal(count(object, "n"), expected->n);
    assert_int_equal(count(object, "rejected"), expected->rejected);
    const json_t *claimed = json_object_get(object, "claimed");
    for (size_t c = 0; c < NN_CLASSES; c++) {
        assert_int_equal(json_integer_value(json_array_get(claimed, c)), expected->claimed[c]);
    }
    int most = nn_rejects_most_claimed(expected);
    const json_t *told = json_object_get(object, "most_claimed");
    assert_int_equal(json_is_integer(told) ? json_integer_value(told) : -1, most);
}

static void replay_counts_each_file_and_all(void **state) {
    (void)state;
    static const char *const paths[] = {SETS "signs.jsonl", SETS "canvases.jsonl"};
    static const char *const names[] = {"signs", "canvases"};
    json_t *j =
        run_json((const char *[]){"replay", paths[0], paths[1], "--non-digits", "--json", NULL});
    NnRejects all = {0};
    const json_t *sets = json_object_get(j, "sets");
    assert_int_equal(json_array_size(sets), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *set = json_array_get(sets, i);
        NnRejects expected = count_by_hand(paths[i]);
        assert_string_equal(json_string_value(json_object_get(set, "set")), names[i]);
        assert_counted(set, &expected);
        nn_rejects_join(&all, &expected);
    }
    assert_counted(j, &all);
    json_decref(j);
    Result r = run_args("replay", paths[0], paths[1], "--non-digits", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "\nall "));
    result_release(&r);
}

static void an_empty_canvas_is_no_answer(void **state) {
    (void)state;
    write_text(temp_path("empty.jsonl"), "{\"strokes\":[]}\n{\"strokes\":[]}\n");
    json_t *j = run_json((const char *[]){"replay", "empty.jsonl", "--non-digits", "--json", NULL});
    assert_int_equal(count(j, "n"), 2);
    assert_int_equal(count(j, "rejected"), 2);
    assert_true(json_is_null(json_object_get(j, "most_claimed")));
    json_decref(j);
}

// What shipped networks are at least to do, so that none gets worse unnoticed. The cards have the
// figures.
static void most_of_what_is_no_digit_is_rejected(void **state) {
    (void)state;
    static const char *const least_80[] = {
        SETS "canvases.jsonl",        SETS "coils.jsonl",         SETS "hatching.jsonl",
        SETS "letters-capital.jsonl", SETS "letters-small.jsonl", SETS "rubbing.jsonl",
        SETS "spirals.jsonl",         SETS "walk.jsonl",          SETS "waves.jsonl",
    };
    for (size_t i = 0; i < sizeof least_80 / sizeof least_80[0]; i++) {
        json_t *j =
            run_json((const char *[]){"replay", least_80[i], "--non-digits", "--json", NULL});
        double share = json_number_value(json_object_get(j, "share"));
        if (!(share >= 0.8)) {
            fail_msg("%s: only %.3f rejected", least_80[i], share);
        }
        json_decref(j);
    }
}

static void several_files_of_digits_are_counted_together(void **state) {
    (void)state;
    write_text(temp_path("one.jsonl"), "{\"label\":1,\"strokes\":[[[0.5,0.2],[0.5,0.8]]]}\n");
    json_t *j = run_json((const char *[]){"replay", "one.jsonl", "one.jsonl", "--json", NULL});
    assert_int_equal(count(j, "n"), 2);
    assert_int_equal(count(j, "labelled"), 2);
    json_decref(j);
}

static void eval_counts_pictures_that_are_no_digits(void **state) {
    (void)state;
    write_mnist(40, 30);
    json_t *digits = run_json((const char *[]){"eval", "inkling-mlp", "--json", NULL});
    json_t *none =
        run_json((const char *[]){"eval", "inkling-mlp", "--non-digits", "--json", NULL});
    // The same pictures: whatever is answered of digits is claimed of what is none.
    const json_t *sure = json_object_get(digits, "sure");
    assert_int_equal(count(none, "n"), count(digits, "n"));
    assert_int_equal(count(none, "n") - count(none, "rejected"), count(sure, "answered"));
    assert_true(count(json_object_get(digits, "surest_99"), "answered") >= 30);
    json_decref(digits);
    json_decref(none);
}

static void replay_leaves_the_misread_drawings(void **state) {
    (void)state;
    // Three ones, of which the second claims to be a 7.
    static const char one[] = "\"strokes\":[[[0.5,0.2],[0.51,0.5],[0.5,0.8]]]}\n";
    char text[512];
    snprintf(text, sizeof text, "{\"label\":1,%s{\"label\":7,%s{\"label\":1,%s{%s", one, one, one,
             one);
    write_text(temp_path("ones.jsonl"), text);
    Result r = run_args("replay", "ones.jsonl", "--errors", "misread", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
    assert_true(file_is_there(temp_path("misread/errors.png")));
    FILE *file = fopen(temp_path("misread/errors.csv"), "r");
    assert_non_null(file);
    char head[512], row[512], more[512];
    assert_non_null(fgets(head, sizeof head, file));
    assert_non_null(fgets(row, sizeof row, file));
    assert_null(fgets(more, sizeof more, file));
    fclose(file);
    assert_int_equal(strncmp(row, "1,7,1,", 6), 0); // index, label, answer
    r = run_args("replay", SETS "canvases.jsonl", "--errors", "none", NULL);
    assert_int_not_equal(r.status, 0);
    assert_non_null(strstr(r.err, "no drawing has a label"));
    result_release(&r);
}

static void what_does_not_go_together_is_said(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"--non-digits", "--errors=x"},      {"--non-digits", "--against=inkling-mlp"},
        {"--styles", "--non-digits"},        {"--styles", "--data=mnist"},
        {"--styles", "--predictions=x.csv"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Result r = run_args("eval", "inkling-mlp", rows[i][0], rows[i][1], NULL);
        assert_int_equal(r.status, 2);
        assert_non_null(strstr(r.err, "do not go together"));
        result_release(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_counts_each_file_and_all),
        cmocka_unit_test(an_empty_canvas_is_no_answer),
        cmocka_unit_test(most_of_what_is_no_digit_is_rejected),
        cmocka_unit_test(several_files_of_digits_are_counted_together),
        cmocka_unit_test(eval_counts_pictures_that_are_no_digits),
        cmocka_unit_test(replay_leaves_the_misread_drawings),
        cmocka_unit_test(what_does_not_go_together_is_said),
    };
    return cmocka_run_group_tests_name("rejects", tests, NULL, NULL);
}
