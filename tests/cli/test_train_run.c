// Runs that are kept: begun, stopped, killed, taken up, refused, through the built program.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/program.h"

static int make_data(void **state) {
    (void)state;
    write_mnist(600, 120);
    return 0;
}

// A word of a JSON result; "" where there is none.
static const char *word(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static json_t *run_json(const char *const *args, Result *result) {
    *result = program_run(&(Run){.args = args});
    if (result->status != 0) {
        fail_msg("status %d: %s", result->status, result->err);
    }
    return last_line_json(result->out);
}

static void a_run_is_kept_and_told_again(void **state) {
    (void)state;
    const char *const args[] = {"train",  "mlx-32-32",      "--epochs",     "3",
                                "--set",  "validation=100", "--run",        "kept",
                                "--json", "--quiet",        "--track-test", NULL};
    Result r, again;
    json_t *first = run_json(args, &r);
    assert_string_equal(word(first, "run"), "kept");
    static const char *const files[] = {"config.json",
                                        "metrics.jsonl",
                                        "metrics.csv",
                                        "last.safetensors",
                                        "best.safetensors",
                                        "checkpoint.safetensors",
                                        "result.json",
                                        "lock",
                                        "predictions/validation.u8",
                                        "predictions/test.u8"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "kept/%s", files[i]);
        assert_true(file_is_there(temp_path(path)));
    }
    // Done is done: the same answer, without training and without data.
    const char *const resume[] = {"train", "--resume",         "kept", "--json",
                                  "--out", "copy.safetensors", NULL};
    again = program_run(&(Run){
        .args = resume, .environment = (const char *const[]){"INKLING_DATA=/nowhere", NULL}});
    assert_int_equal(again.status, 0);
    json_t *second = last_line_json(again.out);
    assert_string_equal(word(second, "weights_sha256"), word(first, "weights_sha256"));
    static const char *const numbers[] = {"epochs", "test_accuracy", "test_loss", "val_accuracy",
                                          "seed"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        double a = json_number_value(json_object_get(first, numbers[i])),
               b = json_number_value(json_object_get(second, numbers[i]));
        assert_true(fabs(a - b) <= 1e-8);
    }
    json_decref(second);
    result_release(&again);
    again = run_args("info", "copy.safetensors", "--json", NULL);
    second = last_line_json(again.out);
    assert_string_equal(word(second, "weights_sha256"), word(first, "weights_sha256"));
    const json_t *notes = json_object_get(second, "metadata");
    assert_string_equal(word(notes, "recipe"), "mlx-32-32");
    assert_string_equal(word(notes, "validation"), "100");
    for (size_t i = 1; i < 4; i++) { // as a file saved at the end of the training
        double told = json_number_value(json_object_get(first, numbers[i]));
        assert_true(fabs(strtod(word(notes, numbers[i]), NULL) - told) <= 1e-6);
    }
    json_decref(second);
    result_release(&again);
    json_decref(first);
    result_release(&r);
}

static void stopped_by_a_signal_it_goes_on_to_the_same_bits(void **state) {
    (void)state;
    const int signals[] = {SIGINT, SIGTERM, SIGKILL};
    const char *const names[] = {"int", "term", "kill"};
    Result r;
    const char *const whole[] = {"train", "mlx-32-32", "--epochs", "40",      "--seed", "9",
                                 "--set", "batch=5",   "--json",   "--quiet", NULL};
    json_t *expected = run_json(whole, &r);
    assert_true(json_is_null(json_object_get(expected, "run")));
    result_release(&r);
    for (size_t i = 0; i < 3; i++) {
        // One command, as a sweep repeats it.
        const char *const args[] = {"train", "mlx-32-32", "--epochs", "40",     "--seed", "9",
                                    "--set", "batch=5",   "--resume", names[i], NULL};
        r = program_run(&(Run){.args = args, .stop_signal = signals[i]});
        if (signals[i] == SIGKILL) {
            assert_int_equal(r.status, -SIGKILL);
        } else {
            assert_int_equal(r.status, 128 + signals[i]);
            assert_non_null(strstr(r.err, "goes on from there"));
            assert_true(r.stop_seconds < 2);
        }
        assert_null(strstr(r.err, "error:"));
        result_release(&r);
        char result[64];
        snprintf(result, sizeof result, "%s/result.json", names[i]);
        assert_false(file_is_there(temp_path(result)));
        const char *const resume[] = {"train", "--resume", names[i], "--threads",
                                      "2",     "--json",   NULL};
        json_t *j = run_json(resume, &r);
        // The kill may come before the first epoch is kept.
        assert_true(signals[i] == SIGKILL || strstr(r.err, "taken up in epoch") != NULL);
        assert_string_equal(word(j, "weights_sha256"), word(expected, "weights_sha256"));
        assert_true(json_equal(json_object_get(j, "test_accuracy"),
                               json_object_get(expected, "test_accuracy")));
        json_decref(j);
        result_release(&r);
    }
    json_decref(expected);
}

typedef struct {
    const char *args[12];
    int status;
    const char *says;
} RefusedRow;

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    Result r = run_args("train", "linear", "--epochs", "1", "--run", "one", "--quiet", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
    static const RefusedRow rows[] = {
        {{"train", "linear", "--epochs", "1", "--run", "one"}, 2, "holds a run already"},
        {{"train", "linear", "--epochs", "2", "--resume", "one"}, 2, "\"epochs\""},
        {{"train", "linear", "--epochs", "1", "--seed", "5", "--resume", "one"}, 2, "\"seed\""},
        {{"train", "--resume", "one", "--set", "batch=3"}, 2, "\"batch\""},
        {{"train", "--resume", "one", "--track-test"}, 2, "\"track_test\""},
        {{"train", "mlx-32-32", "--resume", "one"}, 2, "\"name\""},
        {{"train", "--resume", "nothing"}, 3, "no run in this folder"},
        {{"train", "linear", "--run", "data/mnist/train-images-idx3-ubyte"}, 4, "in the way"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        r = program_run(&(Run){.args = rows[i].args});
        if (r.status != rows[i].status || strstr(r.err, rows[i].says) == NULL) {
            fail_msg("row %zu: status %d, %s", i, r.status, r.err);
        }
        result_release(&r);
    }
}

static void a_second_writer_exits_2(void **state) {
    (void)state;
    Result r = run_args("train", "linear", "--epochs", "1", "--run", "locked", "--quiet", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
    assert_int_equal(remove(temp_path("locked/result.json")), 0);
    FILE *lock = fopen(temp_path("locked/lock"), "w");
    assert_non_null(lock);
    assert_int_equal(flock(fileno(lock), LOCK_EX | LOCK_NB), 0);
    fprintf(lock, "4711\n");
    assert_int_equal(fflush(lock), 0);
    r = run_args("train", "--resume", "locked", NULL);
    assert_int_equal(r.status, 2);
    assert_non_null(strstr(r.err, "process 4711"));
    result_release(&r);
    fclose(lock);
    r = run_args("train", "--resume", "locked", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
}

static void a_diverged_run_is_marked(void **state) {
    (void)state;
    const char *const args[] = {
        "train", "linear",
        "--run", "nan",
        "--set", "optimiser=sgd",
        "--set", "learning_rate=1000",
        "--set", "layers=[{\"dense\":32,\"activation\":\"none\"},{\"dense\":10}]",
        NULL};
    Result r = program_run(&(Run){.args = args});
    assert_int_equal(r.status, 1);
    assert_non_null(strstr(r.err, "diverged"));
    result_release(&r);
    json_t *result = json_load_file(temp_path("nan/result.json"), 0, NULL);
    assert_string_equal(word(result, "status"), "failed");
    assert_non_null(strstr(word(result, "message"), "diverged"));
    json_decref(result);
    r = run_args("eval", "nan/last.safetensors", "--json", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
}

static void keep_makes_a_folder_that_resume_finds_by_name(void **state) {
    (void)state;
    Result r;
    const char *const args[] = {"train",  "linear", "--epochs", "1",
                                "--keep", "--json", "--quiet",  NULL};
    json_t *j = run_json(args, &r);
    const char *run = word(j, "run");
    const char *name = strstr(run, "/.local/share/inkling/runs/linear-1-");
    assert_non_null(name);
    name = strrchr(run, '/') + 1;
    Result again = run_args("train", "--resume", name, "--json", NULL);
    assert_int_equal(again.status, 0);
    assert_non_null(strstr(again.out, run));
    result_release(&again);
    json_decref(j);
    result_release(&r);
}

static void a_terminal_sees_a_bar_with_time_left(void **state) {
    (void)state;
    const char *const args[] = {"train", "mlx-32-32", "--epochs", "30", "--set", "batch=4", NULL};
    Result r = program_run(&(Run){.args = args, .terminal = true});
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "accuracy"));
    assert_non_null(strstr(r.out, "/s, "));
    assert_non_null(strstr(r.out, " left"));
    result_release(&r);
}

// --- ensembles -----------------------------------------------------------------------------------

#define PAIR                                                                                       \
    "{\"name\": \"pair\", \"members\": [{\"recipe\": \"linear\"}, {\"recipe\": \"mlx-32-32\"}]}"

static void an_ensemble_is_trained_stopped_taken_up_and_measured_together(void **state) {
    (void)state;
    write_text(temp_path("pair.json"), PAIR);
    const char *const whole[] = {"train", "pair.json", "--epochs", "2", "--run",
                                 "pair",  "--json",    "--quiet",  NULL};
    Result r, again;
    json_t *first = run_json(whole, &r);
    const json_t *members = json_object_get(first, "members");
    assert_int_equal(json_array_size(members), 2);
    assert_string_equal(word(json_array_get(members, 1), "network"), "2-mlx-32-32-seed-2");
    assert_true(json_integer_value(json_object_get(first, "n")) == 120);
    assert_true(file_is_there(temp_path("pair/result.json")));
    assert_true(file_is_there(temp_path("pair/2-mlx-32-32-seed-2/last.safetensors")));

    // Stopped after the first epoch's line, and taken up without the file.
    const char *const begun[] = {"train", "pair.json", "--epochs", "2", "--run", "half", NULL};
    again = program_run(&(Run){.args = begun, .stop_signal = SIGINT});
    assert_int_not_equal(again.status, 0);
    assert_non_null(strstr(again.err, "--resume half goes on"));
    assert_false(file_is_there(temp_path("half/result.json")));
    result_release(&again);
    const char *const resume[] = {"train", "--resume", "half", "--json", "--quiet", NULL};
    json_t *second = run_json(resume, &again);
    assert_true(fabs(json_number_value(json_object_get(first, "loss")) -
                     json_number_value(json_object_get(second, "loss"))) <= 1e-9);
    json_decref(second);
    result_release(&again);

    // The same networks by eval.
    const char *const eval[] = {"eval",
                                "--ensemble",
                                "pair/1-linear-seed-1/last.safetensors",
                                "pair/2-mlx-32-32-seed-2/last.safetensors",
                                "--json",
                                NULL};
    second = run_json(eval, &again);
    assert_true(fabs(json_number_value(json_object_get(first, "accuracy")) -
                     json_number_value(json_object_get(second, "accuracy"))) <= 1e-9);
    json_decref(second);
    result_release(&again);
    json_decref(first);
    result_release(&r);
}

typedef struct {
    const char *title;
    const char *args[8];
    int status;
    const char *says;
} Refusal;

static const Refusal refusals[] = {
    {"out",
     {"train", "pair.json", "--out", "x.safetensors"},
     2,
     "--out is nothing for an ensemble"},
    {"seed", {"train", "pair.json", "--seed", "3"}, 2, "--seed is nothing for an ensemble"},
    {"a bad setting", {"train", "pair.json", "--run", "e1", "--set", "epoch=1"}, 2, "\"epoch\""},
    {"two folders", {"train", "pair.json", "--run", "e2", "--keep"}, 2, "exclude each other"},
    {"a folder in use", {"train", "pair.json", "--run", "pair"}, 2, "holds an ensemble already"},
    {"other settings", {"train", "--resume", "pair", "--epochs", "5"}, 2, "settings it began with"},
    {"several without --ensemble", {"eval", "inkling-mlp", "inkling-mlp"}, 2, "several are named"},
    {"of pictures and errors",
     {"eval", "inkling-mlp", "--ensemble", "--errors", "d"},
     2,
     "--ensemble and --errors"},
    {"of what is not there", {"eval", "inkling-mlp", "nope", "--ensemble"}, 3, "nope"},
};

static void what_makes_no_sense_of_an_ensemble_is_refused(void **state) {
    (void)state;
    write_text(temp_path("pair.json"), PAIR);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const Refusal *row = &refusals[i];
        Result r = program_run(&(Run){.args = row->args});
        if (r.status != row->status || strstr(r.err, row->says) == NULL) {
            fail_msg("%s: status %d: %s", row->title, r.status, r.err);
        }
        result_release(&r);
    }
    assert_false(file_is_there(temp_path("e1/ensemble.json")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_kept_and_told_again),
        cmocka_unit_test(stopped_by_a_signal_it_goes_on_to_the_same_bits),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(a_second_writer_exits_2),
        cmocka_unit_test(a_diverged_run_is_marked),
        cmocka_unit_test(keep_makes_a_folder_that_resume_finds_by_name),
        cmocka_unit_test(an_ensemble_is_trained_stopped_taken_up_and_measured_together),
        cmocka_unit_test(what_makes_no_sense_of_an_ensemble_is_refused),
        cmocka_unit_test(a_terminal_sees_a_bar_with_time_left),
    };
    return cmocka_run_group_tests_name("train --run", tests, make_data, NULL);
}
