// The weight files that come with the program are what their cards (models/README.md) say.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "nn/nn.h"
#include "support/near.h"

typedef struct {
    const char *path;
    size_t parameters_max;
    double accuracy_min; // on the MNIST test set
} Card;

static Card inkling_mlp = {SOURCE_ROOT "/models/inkling-mlp.safetensors", 2000000, 0.993};

static NnModel *load(const Card *card) {
    NnError err = {0};
    NnModel *model = nn_model_load(card->path, &err);
    if (model == NULL) {
        fail_msg("%s", err.message);
    }
    return model;
}

static void the_card_names_these_weights(void **state) {
    const Card *card = *state;
    NnModel *model = load(card);
    assert_true(nn_model_param_count(model) <= card->parameters_max);
    assert_true(nn_model_arch(model)->temperature > 0);
    assert_true(nn_model_arch(model)->threshold > 0 && nn_model_arch(model)->threshold < 1);
    char hash[65];
    nn_model_sha256(model, hash);
    size_t n;
    unsigned char *text = file_read(SOURCE_ROOT "/models/README.md", 1 << 20, &n, NULL);
    assert_non_null(text);
    assert_non_null(strstr((const char *)text, hash));
    mem_free(text);
    nn_model_free(model);
}

static void the_accuracy_is_the_one_noted(void **state) {
    const Card *card = *state;
    NnDataset *test = nn_dataset_load("mnist", NN_SPLIT_TEST, NULL);
    if (test == NULL) {
        print_message("skipped: MNIST is not installed\n");
        skip();
        return;
    }
    NnModel *model = load(card);
    float *logits = malloc(test->n * NN_CLASSES * sizeof *logits);
    assert_non_null(logits);
    assert_int_equal(nn_evaluate(model, test, 0, logits, NULL, NULL, NULL), NN_OK);
    NnMetrics metrics;
    nn_metrics_compute(&metrics, logits, test->labels, test->n, nn_model_arch(model)->temperature);
    assert_true(metrics.accuracy >= card->accuracy_min);
    assert_true(metrics.ece < 0.01);
    const char *noted = nn_model_note(model, "test_accuracy");
    assert_non_null(noted);
    // Another CPU rounds otherwise and may turn a digit or two.
    assert_near(metrics.accuracy, strtod(noted, NULL), 0.0005, "accuracy", 0);
    free(logits);
    nn_model_free(model);
    nn_dataset_free(test);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        {"inkling-mlp: the card names these weights", the_card_names_these_weights, NULL, NULL,
         &inkling_mlp},
        {"inkling-mlp: the accuracy is the one noted", the_accuracy_is_the_one_noted, NULL, NULL,
         &inkling_mlp},
    };
    return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
