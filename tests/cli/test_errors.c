// eval --errors and --against, data doubts: what the Errors view shows, as files.

#define _DEFAULT_SOURCE // setenv
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/nn.h"
#include "program.h"

enum { TRAIN = 600, TEST = 200 };

static const char *const names[] = {"errors.csv",    "errors.png",  "confusion.csv",
                                    "confusion.png", "metrics.csv", "metrics.json"};

static void train(const char *epochs, const char *out) {
    Result r = program_run(&(Run){
        .args = (const char *[]){"train", "mlx-32-32", "--epochs", epochs, "--seed", "7", "--set",
                                 "learning_rate=0.05", "--set", "batch=20", "--out", out, NULL}});
    assert_int_equal(r.status, 0);
    result_release(&r);
}

static int train_twice(void **state) {
    (void)state;
    write_mnist(TRAIN, TEST);
    train("4", "good.safetensors");
    train("1", "poor.safetensors");
    return 0;
}

static char *slurp(const char *name) {
    FILE *file = fopen(temp_path(name), "rb");
    if (file == NULL) {
        fail_msg("%s is not there", name);
    }
    char *text = calloc(1, 1 << 20);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static size_t count_lines(const char *text) {
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += *text == '\n';
    }
    return n;
}

static json_t *eval_json(const char *model, const char *folder, const char *against) {
    Result r = program_run(
        &(Run){.args = (const char *[]){"eval", model, "--json", "--errors", folder,
                                        against != NULL ? "--against" : NULL, against, NULL}});
    if (r.status != 0) {
        fail_msg("status %d: %s", r.status, r.err);
    }
    json_t *object = last_line_json(r.out);
    result_release(&r);
    return object;
}

static json_int_t integer(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void the_folder_says_what_eval_says(void **state) {
    (void)state;
    json_t *told = eval_json("poor.safetensors", "out/of/two", NULL);
    size_t wrong = (size_t)(integer(told, "n") - integer(told, "correct"));
    assert_true(wrong > 3); // or there is nothing to show
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64];
        snprintf(path, sizeof path, "out/of/two/%s", names[i]);
        assert_true(file_is_there(temp_path(path)));
    }
    char *errors = slurp("out/of/two/errors.csv");
    assert_int_equal(count_lines(errors), wrong + 1);
    assert_int_equal(strncmp(errors, "index,label,predicted,label_name,predicted_name,", 48), 0);
    free(errors);

    char *text = slurp("out/of/two/metrics.json");
    json_t *saved = json_loads(text, 0, NULL);
    assert_true(json_equal(saved, told));
    json_decref(saved);
    free(text);

    char *matrix = slurp("out/of/two/confusion.csv"), *at = matrix;
    assert_int_equal(strncmp(at, "label,0,1,2,3,4,5,6,7,8,9\n", 26), 0);
    for (size_t i = 0; i < 10; i++) {
        at = strchr(at, '\n') + 1;
        const json_t *row = json_array_get(json_object_get(told, "confusion"), i);
        char line[256];
        int used = snprintf(line, sizeof line, "%zu", i);
        for (size_t j = 0; j < 10; j++) {
            used += snprintf(line + used, sizeof line - (size_t)used, ",%d",
                             (int)json_integer_value(json_array_get(row, j)));
        }
        assert_int_equal(strncmp(at, line, (size_t)used), 0);
        assert_int_equal(at[used], '\n');
    }
    free(matrix);
    json_decref(told);
}

static void pictures_can_be_read_again(void **state) {
    (void)state;
    json_decref(eval_json("poor.safetensors", "pictures", NULL));
    static const char *const files[] = {"pictures/errors.png", "pictures/confusion.png"};
    for (int i = 0; i < 2; i++) {
        NnPicture picture;
        NnError err = {0};
        if (nn_picture_read(temp_path(files[i]), &picture, &err) != NN_OK) {
            fail_msg("%s", err.message);
        }
        assert_true(picture.width >= 640 && picture.height >= 100);
        assert_int_equal(picture.grey[0], 248); // the light ground
        nn_picture_release(&picture);
    }
}

// A network's errors and successes against another's follow from both lists of predictions.
static void against_counts_who_alone_is_right(void **state) {
    (void)state;
    json_t *told = eval_json("good.safetensors", "duel", "poor.safetensors");
    const json_t *duel = json_object_get(told, "against");
    assert_string_equal(json_string_value(json_object_get(duel, "model")), "mlx-32-32");
    static const char *const models[] = {"good.safetensors", "poor.safetensors"};
    int right[2][TEST], counts[4] = {0};
    for (int m = 0; m < 2; m++) {
        Result r = run_args("eval", models[m], "--predictions", "p.csv", NULL);
        assert_int_equal(r.status, 0);
        result_release(&r);
        char *text = slurp("p.csv"), *line = strchr(text, '\n') + 1;
        for (int i = 0; i < TEST; i++) {
            int index, label, predicted;
            assert_int_equal(sscanf(line, "%d,%d,%d", &index, &label, &predicted), 3);
            right[m][index] = label == predicted;
            line = strchr(line, '\n') + 1;
        }
        free(text);
    }
    for (int i = 0; i < TEST; i++) {
        counts[(right[0][i] ? 0 : 2) + (right[1][i] ? 0 : 1)]++;
    }
    assert_int_equal(integer(duel, "both_right"), counts[0]);
    assert_int_equal(integer(duel, "only_this"), counts[1]);
    assert_int_equal(integer(duel, "only_other"), counts[2]);
    assert_int_equal(integer(duel, "both_wrong"), counts[3]);
    assert_true(json_real_value(json_object_get(duel, "p_value")) <= 1);
    json_decref(told);
    Result r = run_args("eval", "good.safetensors", "--against", "poor.safetensors", NULL);
    assert_non_null(strstr(r.out, "McNemar"));
    result_release(&r);
}

static void doubts_find_what_was_mislabelled(void **state) {
    (void)state;
    // One label of the training set is changed.
    char *labels = slurp("data/mnist/train-labels-idx1-ubyte");
    char original = labels[8 + 123];
    labels[8 + 123] = (char)((original + 3) % 10);
    write_file(temp_path("data/mnist/train-labels-idx1-ubyte"), labels, 8 + TRAIN);
    Result r =
        run_args("data", "doubts", "mnist", "--folds", "2", "--out", "doubts", "--json", NULL);
    if (r.status != 0) {
        fail_msg("status %d: %s", r.status, r.err);
    }
    json_t *object = last_line_json(r.out);
    const json_t *suspects = json_object_get(object, "suspects");
    assert_int_equal(integer(object, "n"), TRAIN);
    assert_int_equal(integer(object, "doubted"), json_array_size(suspects));
    const json_t *first = json_array_get(suspects, 0);
    assert_int_equal(integer(first, "index"), 123);
    assert_int_equal(integer(first, "label"), (original + 3) % 10);
    assert_int_equal(integer(first, "predicted"), original);
    char *csv = slurp("doubts/doubts.csv");
    assert_int_equal(count_lines(csv), 1 + json_array_size(suspects));
    free(csv);
    assert_true(file_is_there(temp_path("doubts/doubts.png")));
    json_decref(object);
    result_release(&r);
    r = run_args("data", "doubts", "mnist", "--folds", "2", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "   123 "));
    result_release(&r);
    labels[8 + 123] = original;
    write_file(temp_path("data/mnist/train-labels-idx1-ubyte"), labels, 8 + TRAIN);
    free(labels);
}

// --- failures ------------------------------------------------------------------------------------

typedef struct {
    const char *name;
    const char *args[8];
    int status;
    const char *says;
} Failure;

static const Failure failures[] = {
    {"a file where the folder should be",
     {"eval", "poor.safetensors", "--errors", "good.safetensors"},
     4,
     "in the way"},
    {"a folder that cannot be made",
     {"eval", "poor.safetensors", "--errors", "/proc/no"},
     4,
     "cannot be made"},
    {"against nothing",
     {"eval", "poor.safetensors", "--against", "nosuch"},
     3,
     "no shipped network"},
    {"against a file that is no network",
     {"eval", "poor.safetensors", "--against", "data/mnist/t10k-labels-idx1-ubyte", "--json"},
     3,
     "t10k-labels"},
    {"doubts of nothing", {"data", "doubts"}, 2, "needs the name"},
    {"doubts of a set that is not here", {"data", "doubts", "mine"}, 3, "My digits"},
    {"one fold", {"data", "doubts", "mnist", "--folds", "1"}, 2, "folds"},
};

static void run_failure(void **state) {
    const Failure *failure = *state;
    Result r = program_run(&(Run){.args = failure->args});
    assert_int_equal(r.status, failure->status);
    if (strstr(r.err, failure->says) == NULL) {
        fail_msg("\"%s\" is not in: %s", failure->says, r.err);
    }
    result_release(&r);
}

static void tags_go_along_and_a_broken_file_of_them_is_told(void **state) {
    (void)state;
    setenv("XDG_CACHE_HOME", "/dev/null", 1);
    NnModel *model = nn_model_load(temp_path("poor.safetensors"), NULL);
    NnDataset *data = nn_dataset_load_idx(temp_path("data/mnist/t10k-images-idx3-ubyte"),
                                          temp_path("data/mnist/t10k-labels-idx1-ubyte"), NULL);
    assert_true(model != NULL && data != NULL);
    NnStudy *study = nn_study_new(model, data, 1, NULL, NULL, NULL);
    char command[256];
    snprintf(command, sizeof command, "mkdir -p %s", temp_path(".local/share/inkling/triage"));
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, ".local/share/inkling/triage/%s.jsonl",
             nn_study_data_sha256(study));
    const NnStudyFilter wrong = {.wrong_only = true, .label = -1, .predicted = -1};
    uint32_t rows[TEST];
    assert_true(nn_study_select(study, &wrong, NULL, NN_SORT_LOSS, rows) > 0);
    char text[128];
    snprintf(text, sizeof text, "{\"row\": %u, \"note\": \"so \\\"odd\\\", this\"}\n", rows[0]);
    write_text(temp_path(command), text);
    Result r = run_args("eval", "poor.safetensors", "--errors", "tagged", NULL);
    assert_int_equal(r.status, 0);
    assert_null(strstr(r.err, "without tags"));
    result_release(&r);
    char *csv = slurp("tagged/errors.csv");
    assert_non_null(strstr(csv, ",\"so \"\"odd\"\", this\","));
    free(csv);
    write_text(temp_path(command), "what\n");
    r = run_args("eval", "poor.safetensors", "--errors", "untagged", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.err, "without tags and notes: "));
    assert_non_null(strstr(r.err, " of 200 in untagged"));
    result_release(&r);
    write_text(temp_path(command), "");
    nn_study_free(study);
    nn_dataset_free(data);
    nn_model_free(model);
}

// The answers after each epoch come from the run's own files, and the pictures it held out from its settings.
static void a_run_tells_when_pictures_were_learnt(void **state) {
    (void)state;
    Result r = program_run(
        &(Run){.args = (const char *[]){"train", "mlx-32-32", "--epochs", "3", "--set",
                                        "validation=100", "--run", "kept", "--track-test", "--out",
                                        "of-run.safetensors", NULL}});
    assert_int_equal(r.status, 0);
    result_release(&r);
    r = run_args("eval", "of-run.safetensors", "--json", "--errors", "learnt", "--run", "kept",
                 NULL);
    assert_int_equal(r.status, 0);
    json_t *told = last_line_json(r.out);
    const json_t *learning = json_object_get(told, "learning");
    assert_int_equal(integer(learning, "epochs"), 3);
    assert_int_equal(integer(learning, "never learnt") + integer(learning, "forgotten") +
                         integer(learning, "learnt") + integer(learning, "always right"),
                     TEST);
    json_decref(told);
    result_release(&r);
    char *table = slurp("learnt/errors.csv");
    assert_non_null(strstr(table, ",learning,learnt_at,forgotten,forgotten_at,by_epoch\n"));
    free(table);
    r = run_args("eval", "of-run.safetensors", "--json", "--data", "validation", "--run", "kept",
                 NULL);
    assert_int_equal(r.status, 0);
    told = last_line_json(r.out);
    assert_int_equal(integer(told, "n"), 100);
    assert_string_equal(json_string_value(json_object_get(told, "data")), "mnist validation");
    json_decref(told);
    result_release(&r);
    // The same by what the file itself says of its making: recipe, settings and seed.
    r = run_args("eval", "of-run.safetensors", "--json", "--data", "validation", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
    r = run_args("eval", "good.safetensors", "--errors", "learnt", "--run", "kept", NULL);
    assert_int_equal(r.status, 3);
    assert_non_null(strstr(r.err, "keeps these weights"));
    result_release(&r);
}

int main(void) {
    struct CMUnitTest tests[32] = {
        cmocka_unit_test(a_run_tells_when_pictures_were_learnt),
        cmocka_unit_test(the_folder_says_what_eval_says),
        cmocka_unit_test(pictures_can_be_read_again),
        cmocka_unit_test(against_counts_who_alone_is_right),
        cmocka_unit_test(doubts_find_what_was_mislabelled),
        cmocka_unit_test(tags_go_along_and_a_broken_file_of_them_is_told),
    };
    size_t n = 6;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        tests[n++] = (struct CMUnitTest){failures[i].name, run_failure, NULL, NULL,
                                         (void *)(uintptr_t)&failures[i]};
    }
    return _cmocka_run_group_tests("errors", tests, n, train_twice, NULL);
}
