// The weight files that come with the program are what their figures (models/NAME.json) say. That the
// figures are what inkling says today, and the cards what the figures say, is checked by
// scripts/model-cards --check.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/file.h"
#include "nn/nn.h"
#include "support/near.h"

enum { NETWORKS_MAX = 64 };

typedef struct {
    char name[64], recipe[64];
    long seed;
} Listed;

static Listed listed[NETWORKS_MAX];

// What models/trained.txt says there is.
static size_t read_list(void) {
    char line[256];
    size_t n = 0;
    FILE *file = fopen(SOURCE_ROOT "/models/trained.txt", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        Listed *l = &listed[n];
        if (line[0] != '#' && sscanf(line, "%63s %63s %ld", l->name, l->recipe, &l->seed) == 3) {
            assert_true(++n < NETWORKS_MAX);
        }
    }
    fclose(file);
    return n;
}

static json_t *figures_of(const char *name) {
    char path[512];
    json_error_t fault;
    snprintf(path, sizeof path, SOURCE_ROOT "/models/%.63s.json", name);
    json_t *figures = json_load_file(path, 0, &fault);
    if (figures == NULL) {
        fail_msg("%s: %s", path, fault.text);
    }
    return figures;
}

static NnModel *load(const char *name) {
    char path[512];
    NnError err = {0};
    snprintf(path, sizeof path, SOURCE_ROOT "/models/%.63s.safetensors", name);
    NnModel *model = nn_model_load(path, &err);
    if (model == NULL) {
        fail_msg("%s", err.message);
    }
    return model;
}

static bool is_there(const char *name) {
    char path[512];
    snprintf(path, sizeof path, SOURCE_ROOT "/models/%.63s.safetensors", name);
    return file_exists(path);
}

static double number(const json_t *figures, const char *group, const char *key) {
    const json_t *value = json_object_get(json_object_get(figures, group), key);
    if (!json_is_number(value)) {
        fail_msg("the figures have no %s.%s", group, key);
    }
    return json_number_value(value);
}

static void the_figures_are_of_these_weights(void **state) {
    (void)state;
    size_t n = read_list();
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++) {
        if (!is_there(listed[i].name)) {
            print_message("%s has not been trained yet: scripts/train-models\n", listed[i].name);
            continue;
        }
        NnModel *model = load(listed[i].name);
        json_t *figures = figures_of(listed[i].name);
        char hash[65];
        nn_model_sha256(model, hash);
        assert_string_equal(hash, json_string_value(json_object_get(figures, "weights_sha256")));
        assert_int_equal(nn_model_param_count(model),
                         json_integer_value(json_object_get(figures, "parameters")));
        const char *recipe = nn_model_note(model, "recipe"), *seed = nn_model_note(model, "seed");
        assert_non_null(recipe);
        assert_non_null(seed);
        assert_string_equal(recipe, listed[i].recipe);
        assert_int_equal(strtol(seed, NULL, 10), listed[i].seed);
        json_decref(figures);
        nn_model_free(model);
    }
}

typedef struct {
    const char *name;
    size_t parameters_max;
    double accuracy_min; // on the MNIST test set
} Promise;

static Promise inkling_mlp = {"inkling-mlp", 2000000, 0.993};

static void it_is_small_and_calibrated(void **state) {
    const Promise *promise = *state;
    NnModel *model = load(promise->name);
    const NnArch *arch = nn_model_arch(model);
    assert_true(nn_model_param_count(model) <= promise->parameters_max);
    assert_true(arch->temperature > 0);
    assert_true(arch->threshold > 0 && arch->threshold < 1);
    nn_model_free(model);
}

static void it_reads_as_well_as_noted(void **state) {
    const Promise *promise = *state;
    NnDataset *test = nn_dataset_load("mnist", NN_SPLIT_TEST, NULL);
    if (test == NULL) {
        print_message("skipped: MNIST is not installed\n");
        skip();
        return;
    }
    NnModel *model = load(promise->name);
    float *logits = malloc(test->n * NN_CLASSES * sizeof *logits);
    assert_non_null(logits);
    assert_int_equal(nn_evaluate(model, test, 0, logits, NULL, NULL, NULL), NN_OK);
    const NnArch *arch = nn_model_arch(model);
    NnMetrics metrics;
    NnCoverage sure;
    nn_metrics_compute(&metrics, logits, test->labels, test->n, arch->temperature);
    nn_coverage_at(&sure, logits, test->labels, test->n, arch->temperature, arch->threshold);
    assert_true(metrics.accuracy >= promise->accuracy_min);
    assert_true(metrics.ece < 0.005);
    // Another CPU rounds otherwise and may turn a digit or two.
    json_t *figures = figures_of(promise->name);
    assert_near(metrics.accuracy, number(figures, "test", "accuracy"), 0.0005, "accuracy", 0);
    assert_near(metrics.ece, number(figures, "test", "ece"), 0.0005, "ece", 0);
    const json_t *noted = json_object_get(figures, "test");
    assert_near(sure.coverage, number(noted, "sure", "coverage"), 0.0005, "coverage", 0);
    assert_near(sure.accuracy, number(noted, "sure", "accuracy"), 0.0005, "of what is sure", 0);
    json_decref(figures);
    free(logits);
    nn_model_free(model);
    nn_dataset_free(test);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_figures_are_of_these_weights),
        {"inkling-mlp: small and calibrated", it_is_small_and_calibrated, NULL, NULL, &inkling_mlp},
        {"inkling-mlp: reads as well as noted", it_reads_as_well_as_noted, NULL, NULL,
         &inkling_mlp},
    };
    return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
