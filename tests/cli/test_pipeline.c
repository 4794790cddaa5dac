// From data to answers through the built program: train, info, eval, predict, replay. The same
// numbers come out wherever the same picture goes in.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "nn/nn.h"
#include "program.h"

enum { TRAIN = 600, TEST = 200 };

static json_t *run_json(const char *const *args) {
    Result r = program_run(&(Run){.args = args});
    if (r.status != 0) {
        fail_msg("inkling %s %s: status %d, %s", args[0], args[1], r.status, r.err);
    }
    json_t *value = last_line_json(r.out);
    result_release(&r);
    return value;
}

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value)) {
        fail_msg("%s is no number", key);
    }
    return json_number_value(value);
}

static void assert_keys(const json_t *object, const char *const *keys) {
    for (; *keys != NULL; keys++) {
        if (json_object_get(object, *keys) == NULL) {
            fail_msg("the key %s is missing", *keys);
        }
    }
}

static char trained_sha[80];

static int train_once(void **state) {
    (void)state;
    write_mnist(TRAIN, TEST);
    json_t *j =
        run_json((const char *[]){"train", "mlx-32-32", "--epochs", "6", "--seed", "7", "--threads",
                                  "1", "--set", "learning_rate=0.05", "--set", "batch=20", "--out",
                                  "net.safetensors", "--log", "net.jsonl", "--json", NULL});
    assert_keys(j, (const char *[]){"recipe", "seed", "epochs", "test_accuracy", "val_accuracy",
                                    "test_loss", "seconds", "weights_sha256", NULL});
    assert_string_equal(json_string_value(json_object_get(j, "recipe")), "mlx-32-32");
    assert_true(number(j, "seed") == 7 && number(j, "epochs") == 6);
    assert_true(number(j, "test_accuracy") > 0.95); // ten clean patterns: anything less is a bug
    snprintf(trained_sha, sizeof trained_sha, "%s",
             json_string_value(json_object_get(j, "weights_sha256")));
    json_decref(j);
    return 0;
}

static void threads_do_not_change_the_weights(void **state) {
    (void)state;
    json_t *j = run_json((const char *[]){"train", "mlx-32-32", "--epochs", "6", "--seed", "7",
                                          "--threads", "2", "--set", "learning_rate=0.05", "--set",
                                          "batch=20", "--json", NULL});
    assert_string_equal(json_string_value(json_object_get(j, "weights_sha256")), trained_sha);
    json_decref(j);
    j = run_json((const char *[]){"train", "mlx-32-32", "--epochs", "6", "--seed", "8", "--threads",
                                  "1", "--set", "learning_rate=0.05", "--set", "batch=20", "--json",
                                  NULL});
    assert_string_not_equal(json_string_value(json_object_get(j, "weights_sha256")), trained_sha);
    json_decref(j);
}

static void the_log_has_one_object_an_epoch(void **state) {
    (void)state;
    FILE *file = fopen(temp_path("net.jsonl"), "r");
    assert_non_null(file);
    char line[1024];
    int epochs = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        json_t *j = last_line_json(line);
        assert_true(number(j, "epoch") == ++epochs);
        assert_keys(j, (const char *[]){"train_loss", "train_accuracy", "val_loss", "val_accuracy",
                                        "learning_rate", "seconds", NULL});
        json_decref(j);
    }
    fclose(file);
    assert_int_equal(epochs, 6);
}

static void info_tells_what_train_wrote(void **state) {
    (void)state;
    json_t *j = run_json((const char *[]){"info", "net.safetensors", "--json", NULL});
    assert_string_equal(json_string_value(json_object_get(j, "kind")), "weights");
    assert_string_equal(json_string_value(json_object_get(j, "weights_sha256")), trained_sha);
    assert_true(number(j, "parameters") == 26506);
    const json_t *meta = json_object_get(j, "metadata");
    static const char *const wanted[][2] = {{"recipe", "mlx-32-32"},
                                            {"seed", "7"},
                                            {"epochs", "6"},
                                            {"data", "mnist train"},
                                            {"settings", "learning_rate=0.05 batch=20"}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const char *value = json_string_value(json_object_get(meta, wanted[i][0]));
        assert_non_null(value);
        assert_string_equal(value, wanted[i][1]);
    }
    assert_keys(
        meta, (const char *[]){"data_images_sha256", "data_labels_sha256", "test_accuracy", NULL});
    json_decref(j);
    Result r = run_args("info", "net.safetensors", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "784-32-32-10"));
    result_release(&r);
}

static void info_knows_every_kind_of_file(void **state) {
    (void)state;
    write_pattern_png(temp_path("kind.png"), 4, 50);
    write_text(temp_path("kind.jsonl"), "{\"label\":1,\"strokes\":[[[0.5,0.2],[0.5,0.8]]]}\n");
    write_text(temp_path("kind.json"), "{\"name\": \"mine\", \"layers\": [{\"dense\": 10}]}\n");
    write_text(
        temp_path("kind-sweep.json"),
        "{\"name\": \"mine\", \"title\": \"Two rates\", \"runs\": [{\"recipe\": \"linear\", "
        "\"set\": {\"epochs\": 2}, \"vary\": {\"learning_rate\": [0.1, 0.01]}, \"seeds\": 3, "
        "\"reported\": {\"source\": \"paper 9\", \"test_accuracy\": [0.92, 0.01]}}]}");
    Result made = run_args("export", "net.safetensors", "--onnx", "kind.onnx", NULL);
    assert_int_equal(made.status, 0);
    result_release(&made);
    made = run_args("train", "linear", "--epochs", "1", "--run", "kind.run", "--tensorboard",
                    "kind.events", NULL);
    assert_int_equal(made.status, 0);
    const char *name = strstr(made.out, "kind.events/events.out.tfevents.");
    assert_non_null(name);
    char events[256];
    snprintf(events, sizeof events, "%.*s", (int)strcspn(name, "\n"), name);
    result_release(&made);
    const char *const rows[][3] = {
        {"data/mnist/train-images-idx3-ubyte", "pictures", "is an IDX file of 600 pictures."},
        {"data/mnist/train-labels-idx1-ubyte", "labels", "is an IDX file of 600 labels."},
        {"kind.png", "picture", "is a picture of 50x50 pixels."},
        {"kind.jsonl", "strokes", "holds 1 drawings, 1 of them with a label."},
        {"kind.onnx", "onnx", "is an ONNX network from [?, 1, 28, 28] to [?, 10]"},
        {"kind.run", "run", "is a finished run of linear: "},
        {events, "events", "is a TensorBoard event file of "},
        {"kind.json", "recipe", "is a recipe: "},
        {"fast-98", "recipe", "is a recipe: "},
        {"linear", "weights", "holds a network of "}, // the recipe of that name is mentioned
        {"kind-sweep.json", "sweep", "is a sweep of 6 runs of 2 configurations: Two rates."},
        {"papers", "sweep", "is a sweep of "},
        {"inkling-mlp", "weights", "holds a network of "}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *j = run_json((const char *[]){"info", rows[i][0], "--json", "--quiet", NULL});
        assert_string_equal(json_string_value(json_object_get(j, "kind")), rows[i][1]);
        json_decref(j);
        Result r = run_args("info", rows[i][0], NULL);
        assert_int_equal(r.status, 0);
        const char *said = strstr(r.out, rows[i][2]);
        if (said == NULL || said > strchr(r.out, '\n')) {
            fail_msg("%s: %s", rows[i][0], r.out);
        }
        result_release(&r);
    }
}

static void info_of_a_sweep_says_what_it_plans(void **state) {
    (void)state;
    json_t *j = run_json((const char *[]){"info", "kind-sweep.json", "--json", NULL});
    assert_int_equal(number(j, "runs"), 6);
    const json_t *config = json_array_get(json_object_get(j, "configs"), 1);
    assert_string_equal(json_string_value(json_object_get(config, "recipe")), "linear");
    assert_int_equal(json_array_size(json_object_get(config, "settings")), 2);
    assert_int_equal(json_array_size(json_object_get(config, "seeds")), 3);
    const json_t *reported = json_object_get(config, "reported");
    assert_string_equal(json_string_value(json_object_get(reported, "source")), "paper 9");
    const json_t *accuracy = json_object_get(reported, "test_accuracy");
    assert_true(json_number_value(json_array_get(accuracy, 0)) == 0.92);
    json_decref(j);
    Result r = run_args("info", "kind-sweep.json", NULL);
    assert_non_null(strstr(r.out, "seeds 1 to 3"));
    assert_non_null(strstr(r.out, "epochs=2"));
    assert_non_null(strstr(r.out, "test accuracy 92.00 \xc2\xb1 1.00 %; paper 9"));
    result_release(&r);
    // What is wrong with one is said as a sweep's error, not as a recipe's.
    write_text(temp_path("bad-sweep.json"), "{\"name\": \"mine\", \"runs\": [{\"recipy\": 1}]}");
    r = run_args("info", "bad-sweep.json", NULL);
    assert_int_equal(r.status, 3);
    assert_non_null(strstr(r.err, "an entry of \"runs\""));
    assert_null(strstr(r.err, "layers"));
    result_release(&r);
}

static void info_of_a_run_has_every_epoch(void **state) {
    (void)state;
    Result r = run_args("train", "linear", "--epochs", "3", "--set", "validation=100", "--run",
                        "told.run", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
    json_t *j = run_json((const char *[]){"info", "told.run", "--json", NULL});
    assert_string_equal(json_string_value(json_object_get(j, "state")), "done");
    assert_int_equal(json_array_size(json_object_get(j, "epochs")), 3);
    const json_t *last = json_array_get(json_object_get(j, "epochs"), 2);
    assert_int_equal(number(last, "epoch"), 3);
    assert_true(number(last, "val_accuracy") > 0);
    assert_true(number(json_object_get(j, "result"), "test_accuracy") > 0);
    json_decref(j);
    r = run_args("info", "told.run", NULL);
    assert_non_null(strstr(r.out, "epoch 3     loss "));
    assert_non_null(strstr(r.out, "best"));
    result_release(&r);
    // One that was not finished says how to go on.
    remove(temp_path("told.run/result.json"));
    r = run_args("info", "told.run", NULL);
    assert_non_null(strstr(r.out, "inkling train --resume told.run"));
    result_release(&r);
}

static void export_says_what_it_wrote(void **state) {
    (void)state;
    Result r = run_args("export", "net.safetensors", "--onnx", "net.onnx", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "784-32-32-10"));
    assert_non_null(strstr(r.out, "[batch, 1, 28, 28]"));
    result_release(&r);
    json_t *j =
        run_json((const char *[]){"export", "inkling-mlp", "--onnx", "net.onnx", "--json", NULL});
    assert_keys(j, (const char *[]){"model", "onnx", "layers", "bytes", NULL});
    json_decref(j);
}

static void eval_counts_right(void **state) {
    (void)state;
    json_t *j = run_json((const char *[]){"eval", "net.safetensors", "--json", NULL});
    assert_keys(j, (const char *[]){"n", "correct", "accuracy", "stderr", "loss", "macro_f1", "ece",
                                    "confusion", "per_class", NULL});
    double n = 0;
    double diagonal = 0;
    const json_t *rows = json_object_get(j, "confusion");
    assert_int_equal(json_array_size(rows), NN_CLASSES);
    for (size_t i = 0; i < NN_CLASSES; i++) {
        const json_t *row = json_array_get(rows, i);
        assert_int_equal(json_array_size(row), NN_CLASSES);
        double in_row = 0;
        for (size_t k = 0; k < NN_CLASSES; k++) {
            in_row += json_number_value(json_array_get(row, k));
        }
        assert_true(in_row == TEST / NN_CLASSES); // rows are true classes, and those are even
        diagonal += json_number_value(json_array_get(row, i));
        n += in_row;
        assert_keys(json_array_get(json_object_get(j, "per_class"), i),
                    (const char *[]){"precision", "recall", "f1", NULL});
    }
    assert_true(number(j, "n") == n && number(j, "correct") == diagonal);
    assert_true(fabs(number(j, "accuracy") - diagonal / n) < 1e-8);
    double p = diagonal / n;
    assert_true(fabs(number(j, "stderr") - sqrt(p * (1 - p) / n)) < 1e-8);
    json_decref(j);
    Result r = run_args("eval", "net.safetensors", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "accuracy "));
    result_release(&r);
}

// Reads a predictions file; the test fails on any line that is not as announced.
typedef struct {
    int label, predicted;
    float p[NN_CLASSES];
} Row;

static size_t read_predictions(const char *name, Row *rows, size_t max) {
    char line[512];
    FILE *file = fopen(temp_path(name), "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "index,label,predicted,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9\n");
    size_t n = 0;
    for (; fgets(line, sizeof line, file) != NULL; n++) {
        assert_true(n < max);
        char *rest = line;
        assert_int_equal(strtol(rest, &rest, 10), n);
        rows[n].label = (int)strtol(rest + 1, &rest, 10);
        rows[n].predicted = (int)strtol(rest + 1, &rest, 10);
        for (int c = 0; c < NN_CLASSES; c++) {
            assert_int_equal(*rest, ',');
            rows[n].p[c] = strtof(rest + 1, &rest);
        }
        assert_string_equal(rest, "\n");
    }
    fclose(file);
    return n;
}

static void eval_agrees_with_single_answers(void **state) {
    (void)state;
    static Row rows[TEST];
    Result r = run_args("eval", "net.safetensors", "--predictions", "eval.csv", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
    assert_int_equal(read_predictions("eval.csv", rows, TEST), TEST);
    // Each picture once more, alone, through the path of canvas and predict.
    NnError err = {0};
    NnModel *model = nn_model_load(temp_path("net.safetensors"), &err);
    NnIdx idx;
    assert_non_null(model);
    NnWorkspace *work = nn_workspace_new(model, 1, false, &err);
    assert_int_equal(nn_idx_read(temp_path("data/mnist/t10k-images-idx3-ubyte"), &idx, &err),
                     NN_OK);
    for (size_t i = 0; i < TEST; i++) {
        NnDigit digit;
        NnAnswer answer;
        memcpy(digit.pixels, idx.bytes + i * NN_PIXELS, NN_PIXELS);
        nn_classify(model, work, &digit, &answer);
        assert_int_equal(rows[i].predicted, answer.digit);
        for (int c = 0; c < NN_CLASSES; c++) {
            assert_true(fabsf(rows[i].p[c] - answer.probabilities[c]) <= 1e-5f);
        }
    }
    nn_idx_release(&idx);
    nn_workspace_free(work);
    nn_model_free(model);
}

static void eval_takes_pictures_of_another_size(void **state) {
    (void)state;
    enum { N = 10, SIDE = 56 };
    uint8_t *images = calloc(N, (size_t)SIDE * SIDE);
    uint8_t labels[N] = {0};
    assert_non_null(images);
    for (size_t i = 0; i < N; i++) { // a bar, light on dark
        for (size_t y = 8; y < 48; y++) {
            memset(images + (i * SIDE + y) * SIDE + 24, 255, 6);
        }
        labels[i] = 1;
    }
    assert_int_equal(
        nn_idx_write(temp_path("big-images"), images, 3, (size_t[]){N, SIDE, SIDE}, NULL), NN_OK);
    assert_int_equal(nn_idx_write(temp_path("big-labels"), labels, 1, (size_t[]){N}, NULL), NN_OK);
    json_t *j = run_json((const char *[]){"eval", "inkling-mlp", "--images", "big-images",
                                          "--labels", "big-labels", "--json", NULL});
    assert_true(number(j, "n") == N);
    assert_true(number(j, "accuracy") == 1); // a bar is a one
    json_decref(j);
    free(images);
}

// The digit that a drawing becomes, saved as a picture: MNIST's form already, so predict keeps it.
static void predict_and_replay_give_the_same_bits(void **state) {
    (void)state;
    enum { DRAWINGS = 10 };
    static Row rows[DRAWINGS];
    const char *drawings = SOURCE_ROOT "/assets/drawings/digits.jsonl";
    Result r = run_args("replay", drawings, "--predictions", "replay.csv", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
    assert_int_equal(read_predictions("replay.csv", rows, DRAWINGS), DRAWINGS);
    NnError err = {0};
    NnInk *ink = nn_ink_new(&err);
    NnStrokeFile *file = nn_strokes_open(drawings, &err);
    assert_true(ink != NULL && file != NULL);
    for (int i = 0; i < DRAWINGS; i++) {
        int label;
        bool more;
        NnDigit digit;
        assert_int_equal(nn_strokes_next(file, ink, NN_DEFAULT_PEN, &label, &more, &err), NN_OK);
        assert_true(more && nn_ink_normalise(ink, NULL, &digit));
        assert_int_equal(rows[i].label, label);
        assert_int_equal(
            nn_png_write(temp_path("digit.png"), digit.pixels, NN_SIDE, NN_SIDE, 1, &err), NN_OK);
        json_t *j = run_json((const char *[]){"predict", "digit.png", "--json", NULL});
        const json_t *answer = json_array_get(j, 0);
        assert_keys(answer, (const char *[]){"file", "digit", "probabilities", "sure", NULL});
        const json_t *p = json_object_get(answer, "probabilities");
        assert_int_equal(json_array_size(p), NN_CLASSES);
        for (size_t c = 0; c < NN_CLASSES; c++) {
            float got = (float)json_number_value(json_array_get(p, c));
            assert_memory_equal(&got, &rows[i].p[c], sizeof got);
        }
        assert_true(number(answer, "digit") == rows[i].predicted);
        json_decref(j);
    }
    nn_strokes_close(file);
    nn_ink_free(ink);
}

static void replay_counts_and_compares(void **state) {
    (void)state;
    const char *drawings = SOURCE_ROOT "/assets/drawings/digits.jsonl";
    json_t *j = run_json((const char *[]){"replay", drawings, "--json", NULL});
    assert_keys(j, (const char *[]){"n", "labelled", "correct", "accuracy", "naive_accuracy",
                                    "not_sure", NULL});
    assert_true(number(j, "n") == 10 && number(j, "labelled") == 10 && number(j, "correct") >= 9);
    assert_null(json_object_get(j, "changed"));
    json_decref(j);
    // Smaller and elsewhere: the normalisation undoes both.
    j = run_json((const char *[]){"replay", drawings, "--scale", "0.5", "--move", "0.2,-0.1",
                                  "--json", NULL});
    assert_true(number(j, "changed") == 0);
    json_decref(j);
    write_text(temp_path("none.jsonl"),
               "{\"strokes\":[[[0.5,0.2],[0.5,0.8]]]}\n{\"strokes\":[]}\n");
    j = run_json(
        (const char *[]){"replay", "none.jsonl", "--predictions", "none.csv", "--json", NULL});
    assert_true(number(j, "n") == 2 && number(j, "labelled") == 0);
    assert_true(json_is_null(json_object_get(j, "accuracy")));
    json_decref(j);
    Row rows[2];
    assert_int_equal(read_predictions("none.csv", rows, 2), 2);
    assert_int_equal(rows[0].label, -1);
    assert_int_equal(rows[0].predicted, 1);
    assert_int_equal(rows[1].predicted, -1); // nothing drawn, no answer
}

static void several_pictures_make_a_table(void **state) {
    (void)state;
    write_pattern_png(temp_path("a.png"), 1, 90);
    write_pattern_png(temp_path("b.png"), 7, 90);
    Result r = run_args("predict", "a.png", "b.png", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "a.png\n"));
    assert_non_null(strstr(r.out, "b.png\n"));
    result_release(&r);
    r = run_args("predict", "a.png", NULL);
    assert_int_equal(r.status, 0);
    int lines = 0;
    for (const char *c = r.out; *c != '\0'; c++) {
        lines += *c == '\n';
    }
    assert_int_equal(lines, 1 + NN_CLASSES);
    result_release(&r);
}

static void bench_infer_measures(void **state) {
    (void)state;
    json_t *j = run_json((const char *[]){"bench", "infer", "--seconds", "0.2", "--json", NULL});
    const json_t *latency = json_object_get(j, "latency_us");
    assert_true(number(latency, "median") > 0 &&
                number(latency, "p99") >= number(latency, "median"));
    assert_true(number(j, "forward_us") > 0 && number(j, "forward_us") < number(latency, "p99"));
    assert_true(number(j, "images_per_s") > 0);
    json_decref(j);
}

static void bench_train_measures(void **state) {
    (void)state;
    json_t *j = run_json((const char *[]){"bench", "train", "mlx-32-32", "linear", "--epochs", "2",
                                          "--set", "batch=20", "--threads", "1", "--json", NULL});
    const json_t *list = json_object_get(j, "recipes");
    assert_int_equal(json_array_size(list), 2);
    const json_t *first = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(first, "recipe")), "mlx-32-32");
    assert_true(number(first, "epochs") == 1 && number(first, "samples") == TRAIN);
    assert_true(number(first, "epoch_s_min") > 0);
    assert_true(number(first, "share_of_gemm") > 0 &&
                number(json_object_get(j, "gemm_gflops"), "f32") > 0);
    json_decref(j);
}

static void bench_time_to_finds_the_first_good_look(void **state) {
    (void)state;
    json_t *j = run_json((const char *[]){"bench", "time-to", "mlx-32-32", "--accuracy", "0.5",
                                          "--seeds", "2", "--points", "2", "--set", "batch=20",
                                          "--csv", "curve.csv", "--json", NULL});
    const json_t *runs = json_object_get(j, "runs");
    assert_true(number(j, "reached") == 2 && json_array_size(runs) == 2);
    const json_t *run = json_array_get(runs, 1);
    const json_t *curve = json_object_get(run, "curve");
    size_t i = 0;
    while (number(json_array_get(curve, i), "accuracy") < 0.5) {
        i++;
    }
    assert_true(number(json_array_get(curve, i), "seconds") == number(run, "seconds"));
    size_t n;
    NnError err;
    char *csv = (char *)file_read(temp_path("curve.csv"), 1 << 20, &n, &err);
    assert_non_null(csv);
    size_t lines = 0;
    for (size_t k = 0; k < n; k++) {
        lines += csv[k] == '\n';
    }
    assert_int_equal(lines, 1 + 2 * json_array_size(curve));
    mem_free(csv);
    json_decref(j);
}

static void data_lists_and_checks(void **state) {
    (void)state;
    json_t *j = run_json((const char *[]){"data", "list", "--json", NULL});
    assert_true(json_array_size(j) >= 3);
    assert_non_null(json_string_value(json_object_get(json_array_get(j, 0), "folder")));
    json_decref(j);
    j = run_json((const char *[]){"data", "check", "mnist", "--json", NULL});
    assert_int_equal(json_array_size(j), 2);
    assert_true(number(json_array_get(j, 0), "n") == TRAIN);
    assert_true(json_is_false(
        json_object_get(json_array_get(j, 0), "verified"))); // not the published files
    json_decref(j);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_change_the_weights),
        cmocka_unit_test(the_log_has_one_object_an_epoch),
        cmocka_unit_test(info_tells_what_train_wrote),
        cmocka_unit_test(info_knows_every_kind_of_file),
        cmocka_unit_test(info_of_a_sweep_says_what_it_plans),
        cmocka_unit_test(info_of_a_run_has_every_epoch),
        cmocka_unit_test(export_says_what_it_wrote),
        cmocka_unit_test(eval_counts_right),
        cmocka_unit_test(eval_agrees_with_single_answers),
        cmocka_unit_test(eval_takes_pictures_of_another_size),
        cmocka_unit_test(predict_and_replay_give_the_same_bits),
        cmocka_unit_test(replay_counts_and_compares),
        cmocka_unit_test(several_pictures_make_a_table),
        cmocka_unit_test(bench_infer_measures),
        cmocka_unit_test(bench_train_measures),
        cmocka_unit_test(bench_time_to_finds_the_first_good_look),
        cmocka_unit_test(data_lists_and_checks),
    };
    return cmocka_run_group_tests(tests, train_once, NULL);
}
