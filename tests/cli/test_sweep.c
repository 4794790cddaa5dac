// inkling sweep, and train with --repeat and --folds, through the built program: listed, run one by
// one, by several processes and by GNU parallel, collected while some are missing or failed.
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/program.h"

static const char sweep_text[] =
    "{\"name\": \"small\", \"title\": \"four small runs\", \"track_test\": true, \"runs\": [\n"
    " {\"recipe\": \"mlx-32-32\", \"set\": {\"epochs\": 2}, \"vary\": {\"l2\": [0, 1e-3]}, "
    "\"seeds\": 2,\n"
    "  \"reported\": {\"source\": \"nobody\", \"test_loss\": [1e9, 1]}}]}\n";

static int make_files(void **state) {
    (void)state;
    write_mnist(600, 120);
    write_text(temp_path("small.json"), sweep_text);
    return 0;
}

static void must(const Result *r, int status) {
    if (r->status != status) {
        fail_msg("status %d, not %d: %s%s", r->status, status, r->out, r->err);
    }
}

// The i-th line, from 0, without its end; "" past the last. Valid until the next call.
static const char *line_of(const char *text, size_t i) {
    static char line[4096];
    while (i-- > 0 && *text != '\0') {
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : "";
    }
    snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
    return line;
}

static size_t lines_in(const char *text) {
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += *text == '\n';
    }
    return n;
}

static const json_t *configuration(const json_t *table, size_t i) {
    return json_array_get(json_object_get(table, "configurations"), i);
}

static double figure(const json_t *table, size_t i, const char *name, const char *part) {
    const json_t *figures = json_object_get(configuration(table, i), "figures");
    return json_number_value(json_object_get(json_object_get(figures, name), part));
}

static size_t count_of(const json_t *table, const char *state) {
    return json_array_size(json_object_get(table, state));
}

static json_t *collect(const char *folder) {
    Result r = run_args("sweep", "./small.json", "--out", folder, "--collect", "--json", NULL);
    must(&r, 0);
    json_t *table = last_line_json(r.out);
    result_release(&r);
    return table;
}

// --- the list ------------------------------------------------------------------------------------

static void the_list_is_the_same_every_time(void **state) {
    (void)state;
    Result a = run_args("sweep", "./small.json", "--out", "a b", "--list", NULL);
    Result b = run_args("sweep", "./small.json", "--out", "a b", "--list", NULL);
    must(&a, 0);
    assert_string_equal(a.out, b.out);
    assert_int_equal(lines_in(a.out), 4);
    const char *line = line_of(a.out, 2);
    assert_non_null(strstr(line, " train mlx-32-32 --set epochs=2 --set l2=0.001 --seed 1 "));
    assert_non_null(strstr(line, " --track-test "));
    assert_non_null(strstr(line, " --threads 1 "));
    assert_non_null(strstr(line, " --resume 'a b/mlx-32-32-s1-"));
    assert_false(file_is_there(temp_path("a b")));
    result_release(&a);
    result_release(&b);
}

static void without_a_name_the_sweeps_are_listed(void **state) {
    (void)state;
    Result r = run_args("sweep", NULL);
    must(&r, 0);
    assert_non_null(strstr(r.out, "depth-width"));
    assert_non_null(strstr(r.out, "l2-512            5 runs"));
    result_release(&r);
}

typedef struct {
    const char *name, *args[8], *says;
    int status;
} Refused;

static const Refused refused[] = {
    {"an unknown sweep", {"sweep", "nix"}, "there is no sweep \"nix\"; there are: depth-width", 3},
    {"an index past the last", {"sweep", "./small.json", "--index", "5"}, "has 4 runs", 2},
    {"two ways at once", {"sweep", "./small.json", "--list", "--collect"}, "exclude each other", 2},
    {"a form without a table", {"sweep", "./small.json", "--as", "csv"}, "--collect", 2},
    {"one file for many networks",
     {"train", "linear", "--repeat", "2", "--out", "x"},
     "--run DIR",
     2},
    {"a fold alone", {"train", "linear", "--set", "fold=2"}, "fold 2 of 0", 2},
};

static void run_refused(void **state) {
    const Refused *row = *state;
    Result r = program_run(&(Run){.args = row->args});
    must(&r, row->status);
    if (strstr(r.err, row->says) == NULL) {
        fail_msg("%s", r.err);
    }
    result_release(&r);
}

// --- running and collecting ----------------------------------------------------------------------

static void runs_made_apart_make_one_table(void **state) {
    (void)state;
    json_t *table = collect("apart"); // before anything is there
    assert_int_equal(count_of(table, "missing"), 4);
    json_decref(table);
    // The second by index, the first by the command of the list, the others by the sweep itself.
    Result r = run_args("sweep", "./small.json", "--out", "apart", "--index", "2", "--json", NULL);
    must(&r, 0);
    json_t *run = last_line_json(r.out);
    assert_int_equal(json_integer_value(json_object_get(run, "seed")), 2);
    json_decref(run);
    result_release(&r);
    table = collect("apart");
    assert_int_equal(count_of(table, "done"), 1);
    json_decref(table);
    r = run_args("sweep", "./small.json", "--out", "apart", "--list", NULL);
    char command[4200];
    snprintf(command, sizeof command,
             "cd '%s' && INKLING_DATA=data INKLING_SHARE='%s' %s >one.json", temp_path(""),
             SOURCE_ROOT, line_of(r.out, 0));
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): a user's shell is what is tested
    result_release(&r);
    r = run_args("sweep", "./small.json", "--out", "apart", NULL);
    must(&r, 0);
    assert_int_equal(lines_in(r.out), 4);
    result_release(&r);

    table = collect("apart");
    assert_int_equal(count_of(table, "done"), 4);
    double sum = 0, loss[2];
    const json_t *runs = json_object_get(configuration(table, 0), "runs");
    for (size_t i = 0; i < 2; i++) {
        loss[i] = json_number_value(json_object_get(json_array_get(runs, i), "test_loss"));
        sum += loss[i];
        assert_true(loss[i] > 0);
    }
    assert_true(fabs(figure(table, 0, "test_loss", "mean") - sum / 2) < 1e-7);
    assert_true(fabs(figure(table, 0, "test_loss", "sd") - fabs(loss[0] - loss[1]) / sqrt(2)) <
                1e-7);
    assert_true(figure(table, 1, "test_loss", "mean") != figure(table, 0, "test_loss", "mean"));
    assert_true(figure(table, 0, "test_f1", "n") == 2);
    assert_true(figure(table, 0, "lowest_test_epoch", "high") <= 2);
    json_decref(table);
}

static void what_is_done_is_not_done_again(void **state) {
    (void)state;
    Result r = run_args("sweep", "./small.json", "--out", "again", "--jobs", "3", NULL);
    must(&r, 0);
    assert_int_equal(lines_in(r.out), 4);
    result_release(&r);
    r = run_args("sweep", "./small.json", "--out", "again", "--list", NULL);
    char path[512], folder[256];
    snprintf(folder, sizeof folder, "%s", strstr(line_of(r.out, 0), "again/"));
    snprintf(path, sizeof path, "%s/result.json", folder);
    struct stat before, after;
    assert_int_equal(stat(temp_path(path), &before), 0);
    result_release(&r);
    r = run_args("sweep", "./small.json", "--out", "again", NULL);
    must(&r, 0);
    assert_int_equal(stat(temp_path(path), &after), 0);
    assert_true(before.st_ino == after.st_ino && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
    result_release(&r);
}

static void the_table_has_four_forms(void **state) {
    (void)state;
    Result r = run_args("sweep", "./small.json", "--out", "forms", "--index", "1", NULL);
    must(&r, 0);
    result_release(&r);
    r = run_args("sweep", "./small.json", "--out", "forms", "--collect", "--as", "csv", NULL);
    must(&r, 0);
    assert_int_equal(lines_in(r.out), 3);
    assert_ptr_equal(strstr(r.out, "configuration,recipe,parameters,folds,runs,done,epochs,"),
                     r.out);
    assert_non_null(strstr(r.out, "\n\"mlx-32-32, l2 0\",mlx-32-32,26506,0,2,1,2,,"));
    assert_non_null(strstr(r.err, "3 of 4 runs are not done"));
    assert_non_null(strstr(r.err, "missing"));
    result_release(&r);
    r = run_args("sweep", "./small.json", "--out", "forms", "--collect", "--as", "markdown", NULL);
    must(&r, 0);
    assert_ptr_equal(strstr(r.out, "| network | parameters | runs |"), r.out);
    assert_non_null(strstr(r.out, "\n| --- | --- |"));
    assert_non_null(strstr(r.out, "| 26506 | 1 of 2 | 2 |"));
    assert_non_null(strstr(r.out, ": reached (nobody) |"));
    result_release(&r);
    r = run_args("sweep", "./small.json", "--out", "forms", "--collect", NULL);
    must(&r, 0);
    assert_non_null(strstr(r.out, "mlx-32-32, l2 0.001  26506       0 of 2"));
    result_release(&r);
}

// A run that another one's failure does not touch, and that --collect calls by its reason.
static void a_failed_run_is_told_and_the_others_go_on(void **state) {
    (void)state;
    write_text(
        temp_path("diverges.json"),
        "{\"name\": \"d\", \"runs\": [{\"recipe\": \"linear\", \"set\": {\"optimiser\": \"sgd\", "
        "\"learning_rate\": 1000, \"layers\": [{\"dense\": 32, \"activation\": \"none\"}, "
        "{\"dense\": "
        "10}]}}, {\"recipe\": \"linear\", \"set\": {\"epochs\": 1}}]}");
    Result r = run_args("sweep", "./diverges.json", "--out", "d", NULL);
    must(&r, 1);
    assert_non_null(strstr(r.err, "diverged"));
    assert_non_null(strstr(r.err, "1 of 2 runs failed"));
    assert_int_equal(lines_in(r.out), 1);
    result_release(&r);
    r = run_args("sweep", "./diverges.json", "--out", "d", "--collect", NULL);
    must(&r, 0);
    assert_non_null(strstr(r.err, ": failed: training \"linear\" diverged"));
    result_release(&r);
}

static void a_signal_stops_a_sweep_and_the_same_command_goes_on(void **state) {
    (void)state;
    write_text(temp_path("long.json"),
               "{\"name\": \"l\", \"runs\": [{\"recipe\": \"linear\", \"set\": "
               "{\"epochs\": 1}}, {\"recipe\": \"mlx-32-32\", \"set\": {\"epochs\": "
               "400, \"batch\": 5}}]}");
    const char *const one_by_one[] = {"sweep", "./long.json", "--out", "l1", NULL};
    const char *const two[] = {"sweep", "./long.json", "--out", "l2", "--jobs", "2", NULL};
    const char *const *const ways[] = {one_by_one, two};
    for (size_t i = 0; i < 2; i++) {
        Result r = program_run(&(Run){.args = ways[i], .stop_signal = SIGTERM});
        must(&r, 128 + SIGTERM);
        assert_true(r.seconds < 20);
        result_release(&r);
        r = run_args("sweep", "./long.json", "--out", ways[i][3], "--collect", "--json", NULL);
        json_t *table = last_line_json(r.out);
        assert_int_equal(count_of(table, "done"), 1);
        assert_int_equal(count_of(table, "failed"), 0);
        if (i == 1) { // it was at work, and had the time to keep what it had
            assert_int_equal(count_of(table, "unfinished"), 1);
        }
        json_decref(table);
        result_release(&r);
    }
}

// --- GNU parallel --------------------------------------------------------------------------------

static bool have_parallel(void) {
    return access("/usr/bin/parallel", X_OK) == 0;
}

// Exit status of a shell command in the test's folder.
static int shell(const char *command) {
    char line[1024];
    snprintf(
        line, sizeof line,
        "cd '%s' && HOME=$PWD INKLING_DATA=data INKLING_SHARE='%s' sh -c \"%s\" 2>parallel.err",
        temp_path(""), SOURCE_ROOT, command);
    int status = system(line); // NOLINT(cert-env33-c): the sweep is made for a user's shell
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static size_t log_lines(void) {
    FILE *file = fopen(temp_path("joblog"), "r");
    assert_non_null(file);
    size_t n = 0;
    for (int c = fgetc(file); c != EOF; c = fgetc(file)) {
        n += c == '\n';
    }
    assert_int_equal(fclose(file), 0);
    return n;
}

static void parallel_finishes_only_what_failed(void **state) {
    (void)state;
    if (!have_parallel()) {
        print_message("GNU parallel is not installed\n");
        skip();
    }
    Result r = run_args("sweep", "./small.json", "--out", "p", "--list", NULL);
    must(&r, 0);
    write_text(temp_path("commands"), r.out);
    char second[256];
    snprintf(second, sizeof second, "%s", strstr(line_of(r.out, 1), "p/mlx"));
    result_release(&r);
    // Something lies where the second run is to be kept, so it fails.
    assert_int_equal(mkdir(temp_path("p"), 0777), 0);
    write_text(temp_path(second), "in the way\n");
    static const char start[] = "parallel --will-cite -j 2 --joblog joblog <commands >parallel.out";
    assert_int_equal(shell(start), 1); // how many failed
    assert_int_equal(log_lines(), 1 + 4);
    json_t *table = collect("p");
    assert_int_equal(count_of(table, "done"), 3);
    assert_int_equal(count_of(table, "failed") + count_of(table, "missing"), 1);
    json_decref(table);

    assert_int_equal(remove(temp_path(second)), 0);
    assert_int_equal(
        shell("parallel --will-cite -j 2 --resume-failed --joblog joblog <commands >parallel.out"),
        0);
    assert_int_equal(log_lines(), 1 + 4 + 1); // one command more was run
    table = collect("p");
    assert_int_equal(count_of(table, "done"), 4);
    json_decref(table);
}

// --- train --repeat, --folds ---------------------------------------------------------------------

static void repeats_say_how_results_spread(void **state) {
    (void)state;
    Result r = run_args("train", "mlx-32-32", "--epochs", "2", "--repeat", "3", "--seed", "5",
                        "--json", NULL);
    must(&r, 0);
    json_t *table = last_line_json(r.out);
    assert_int_equal(lines_in(r.out), 1);
    double mean = 0;
    const json_t *runs = json_object_get(configuration(table, 0), "runs");
    assert_int_equal(json_array_size(runs), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *run = json_array_get(runs, i);
        assert_int_equal(json_integer_value(json_object_get(run, "seed")), 5 + i);
        mean += json_number_value(json_object_get(run, "test_accuracy")) / 3;
    }
    assert_true(fabs(figure(table, 0, "test_accuracy", "mean") - mean) < 1e-9);
    assert_true(figure(table, 0, "test_precision", "n") == 3);
    // The second is the run that its seed gives alone.
    Result alone =
        run_args("train", "mlx-32-32", "--epochs", "2", "--seed", "6", "--json", "-q", NULL);
    must(&alone, 0);
    json_t *one = last_line_json(alone.out);
    assert_true(json_equal(json_object_get(one, "test_loss"),
                           json_object_get(json_array_get(runs, 1), "test_loss")));
    json_decref(one);
    json_decref(table);
    result_release(&alone);
    result_release(&r);
}

static void folds_are_kept_and_taken_up(void **state) {
    (void)state;
    const char *const args[] = {"train", "linear", "--epochs", "2",      "--folds",
                                "3",     "--run",  "cv",       "--json", NULL};
    Result first = program_run(&(Run){.args = args}), again = program_run(&(Run){.args = args});
    must(&first, 0);
    must(&again, 0);
    assert_string_equal(first.out, again.out); // the times, too: nothing was trained twice
    json_t *table = last_line_json(first.out);
    assert_true(figure(table, 0, "val_accuracy", "n") == 3);
    const json_t *runs = json_object_get(configuration(table, 0), "runs");
    for (size_t i = 0; i < 3; i++) {
        char path[256];
        const char *id = json_string_value(json_object_get(json_array_get(runs, i), "run"));
        snprintf(path, sizeof path, "cv/%s/config.json", id);
        json_t *config = json_load_file(temp_path(path), 0, NULL);
        const json_t *recipe = json_object_get(config, "recipe");
        assert_int_equal(json_integer_value(json_object_get(recipe, "folds")), 3);
        assert_int_equal(json_integer_value(json_object_get(recipe, "fold")), i + 1);
        json_decref(config);
    }
    json_decref(table);
    result_release(&first);
    result_release(&again);
    Result words = run_args("train", "linear", "--epochs", "1", "--folds", "2", NULL);
    must(&words, 0);
    assert_non_null(strstr(words.out, "  1/2  linear, seed 1, fold 1 of 2:  validation "));
    assert_non_null(strstr(words.out, " ± "));
    result_release(&words);
}

int main(void) {
    enum { ROWS = sizeof refused / sizeof refused[0] };
    static const struct CMUnitTest whole[] = {
        cmocka_unit_test(the_list_is_the_same_every_time),
        cmocka_unit_test(without_a_name_the_sweeps_are_listed),
        cmocka_unit_test(runs_made_apart_make_one_table),
        cmocka_unit_test(what_is_done_is_not_done_again),
        cmocka_unit_test(the_table_has_four_forms),
        cmocka_unit_test(a_failed_run_is_told_and_the_others_go_on),
        cmocka_unit_test(a_signal_stops_a_sweep_and_the_same_command_goes_on),
        cmocka_unit_test(parallel_finishes_only_what_failed),
        cmocka_unit_test(repeats_say_how_results_spread),
        cmocka_unit_test(folds_are_kept_and_taken_up),
    };
    struct CMUnitTest rows[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        rows[i] = (struct CMUnitTest){refused[i].name, run_refused, NULL, NULL,
                                      (void *)(uintptr_t)&refused[i]};
    }
    int failed = cmocka_run_group_tests_name("sweep", whole, make_files, NULL);
    return failed + cmocka_run_group_tests_name("sweep: refused", rows, make_files, NULL);
}
