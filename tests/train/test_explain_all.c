// Why A and not B, for every digit of the MNIST test set: the terms of the pixels and the constant
// add up to the difference of the logits. For the shipped network and for quickly trained ones with
// many layers and with residual ones. Skips where MNIST or the network is absent.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/file.h"
#include "nn/nn.h"

static NnDataset *test_set;

static void check_all(const NnModel *model) {
    NnWorkspace *work = nn_workspace_new(model, 1, false, NULL);
    assert_non_null(work);
    double worst = 0;
    for (size_t i = 0; i < test_set->n; i++) {
        NnDigit digit;
        NnAnswer answer;
        for (int p = 0; p < NN_PIXELS; p++) {
            digit.pixels[p] = test_set->images[i * NN_PIXELS + (size_t)p];
        }
        nn_classify(model, work, &digit, &answer);
        // As the view asks: the answer against the label where it is wrong, else against the rival.
        int a = answer.digit, b = test_set->labels[i] != a ? test_set->labels[i] : answer.runner_up;
        float terms[NN_PIXELS], constant;
        assert_true(nn_explain(model, work, &digit, a, b, terms, &constant));
        double sum = (double)constant;
        for (int p = 0; p < NN_PIXELS; p++) {
            sum += (double)terms[p];
        }
        double off = fabs(sum - ((double)answer.logits[a] - (double)answer.logits[b]));
        if (!(off <= 1e-4)) {
            fail_msg("digit %zu, %d against %d: off by %g", i, a, b, off);
        }
        worst = fmax(worst, off);
    }
    print_message("%s: off by at most %.2g over %zu digits\n", nn_model_arch(model)->name, worst,
                  test_set->n);
    nn_workspace_free(work);
}

static void the_shipped_network(void **state) {
    (void)state;
    char path[512];
    if (test_set == NULL || !share_path(path, sizeof path, "models", "inkling-mlp.safetensors")) {
        print_message("skipped: needs MNIST and the shipped network\n");
        skip();
    }
    NnModel *model = nn_model_load(path, NULL);
    assert_non_null(model);
    check_all(model);
    nn_model_free(model);
}

static void run_recipe(void **state) {
    NnRecipe recipe;
    NnError err = {0};
    NnDataset *train = nn_dataset_load("mnist", NN_SPLIT_TRAIN, &err);
    if (test_set == NULL || train == NULL) {
        print_message("skipped: %s\n", err.message);
        skip();
    }
    assert_int_equal(nn_recipe_find(*state, &recipe, &err), NN_OK);
    recipe.epochs = 1;
    recipe.validation = 0;
    NnDataset part = nn_dataset_slice(train, 0, 12000);
    NnTrainer *trainer =
        nn_trainer_new(&(NnTrainerDesc){.recipe = &recipe, .train = &part, .seed = 1}, &err);
    if (trainer == NULL || nn_trainer_run(trainer, NULL, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    check_all(nn_trainer_model(trainer));
    nn_trainer_free(trainer);
    nn_dataset_free(train);
}

int main(void) {
    static char residual[] = "residual-16", deep[] = "deep-256-128", mlp[] = "mlp-5";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_network),
        cmocka_unit_test_prestate(run_recipe, residual),
        cmocka_unit_test_prestate(run_recipe, deep),
        cmocka_unit_test_prestate(run_recipe, mlp),
    };
    test_set = nn_dataset_load("mnist", NN_SPLIT_TEST, NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    nn_dataset_free(test_set);
    return failed;
}
