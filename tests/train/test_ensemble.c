// Ensemble files, and what networks answer together.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "nn/ensemble.h"
#include "nn/trainer.h"
#include "support/near.h"
#include "support/temp.h"
#include "train/synthetic.h"

// --- files ---------------------------------------------------------------------------------------

static void the_shipped_ensemble_is_made_of_shipped_recipes(void **state) {
    (void)state;
    char path[TEMP_PATH];
    static NnEnsemble ensemble;
    NnError err = {0};
    assert_true(nn_ensemble_find("ensemble", path, sizeof path));
    if (nn_ensemble_read(path, &ensemble, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(ensemble.name, "ensemble");
    assert_true(ensemble.n_members >= 3 && ensemble.title[0] != '\0');
    for (int i = 0; i < ensemble.n_members; i++) {
        NnRecipe recipe;
        assert_int_equal(nn_ensemble_recipe(&ensemble, i, &recipe, &err), NN_OK);
        assert_string_equal(recipe.name, ensemble.members[i].recipe);
    }
    assert_false(nn_ensemble_find("mlx-32-32", path, sizeof path));
    assert_false(nn_ensemble_find("/no/such/file.json", path, sizeof path));
}

#define TWO "\"members\": [{\"recipe\": \"linear\"}, {\"recipe\": \"mlp-5\", \"seed\": 7}]"

static void a_file_written_reads_back_the_same(void **state) {
    (void)state;
    const char *text = "{\"name\": \"a\", \"title\": \"b\", " TWO
                       ", \"settings\": [\"epochs=2\", \"augment.shear=0.5\"]}";
    static NnEnsemble first, second;
    char folder[TEMP_PATH], path[TEMP_PATH], found[TEMP_PATH];
    assert_int_equal(nn_ensemble_parse(text, strlen(text), "a", &first, NULL), NN_OK);
    assert_int_equal(first.n_members, 2);
    assert_int_equal(first.members[0].seed, 1); // its number
    assert_int_equal(first.members[1].seed, 7);
    NnRecipe recipe;
    assert_int_equal(nn_ensemble_recipe(&first, 1, &recipe, NULL), NN_OK);
    assert_int_equal(recipe.epochs, 2);
    assert_near(recipe.augment.shear, 0.5, 0, "shear", 0);
    temp_folder(folder);
    temp_path(path, folder, "a.json");
    assert_int_equal(nn_ensemble_write(path, &first, NULL), NN_OK);
    assert_int_equal(nn_ensemble_read(path, &second, NULL), NN_OK);
    assert_memory_equal(&first, &second, sizeof first);
    assert_true(nn_ensemble_find(path, found, sizeof found));
    assert_string_equal(found, path);
    temp_remove(folder);
}

static void a_setting_no_recipe_has_is_refused(void **state) {
    (void)state;
    const char *text = "{\"name\": \"a\", " TWO ", \"settings\": [\"epoch=2\"]}";
    static NnEnsemble ensemble;
    NnRecipe recipe;
    NnError err = {0};
    assert_int_equal(nn_ensemble_parse(text, strlen(text), "a", &ensemble, NULL), NN_OK);
    assert_int_equal(nn_ensemble_recipe(&ensemble, 0, &recipe, &err), NN_ERR_USAGE);
    assert_non_null(strstr(err.message, "\"epoch\""));
}

typedef struct {
    const char *text;
    int line; // -1: none to name
    const char *says;
} BadRow;

#define HEAD "{\n\"name\": \"a\",\n"

static BadRow bad[] = {
    {"", 1, "JSON"},
    {"[1]", 1, "an ensemble is a JSON object"},
    {HEAD TWO ",\n\"name\": \"b\"}", 4, "duplicate"},
    {"{" TWO "}", -1, "no \"name\""},
    {"{\"name\": \"a\"}", -1, "no \"members\""},
    {HEAD "\n\"members\": 3}", 4, "a list of 1 to 32"},
    {HEAD "\"members\": []}", 3, "a list of 1 to 32"},
    {HEAD "\"members\": [\n3]}", 4, "must hold objects"},
    {HEAD "\"members\": [{\"recipe\": \"a\"},\n{}]}", 4, "must hold objects"},
    {HEAD "\"members\": [{\"recipe\":\n\"\"}]}", 3, "must hold objects"},
    {HEAD "\"members\": [{\"recipe\": \"a\",\n\"seed\": -1}]}", 4, "\"seed\" must be a whole"},
    {HEAD "\"members\": [{\"recipe\": \"a\",\n\"sead\": 1}]}", 4, "\"sead\" is nothing"},
    {HEAD "\"members\": [{\"recipe\": \"a\"},\n{\"recipe\": \"a\", \"seed\": 1}]}", 4, "twice"},
    {HEAD TWO ",\n\"settings\": \"epochs=1\"}", 4, "a list of texts"},
    {HEAD TWO ",\n\"settings\": [1]}", 4, "a list of texts"},
    {HEAD TWO ",\n\"epochs\": 3}", 4, "\"epochs\" is no key of an ensemble"},
    {HEAD TWO ",\n\"title\": \"\\u0007\"}", 4, "a short text"},
};

enum { N_BAD = sizeof bad / sizeof bad[0] };

static void run_bad_file(void **state) {
    const BadRow *row = *state;
    static NnEnsemble ensemble, before;
    memset(&ensemble, 0x5a, sizeof ensemble);
    before = ensemble;
    NnError err = {0};
    assert_int_equal(nn_ensemble_parse(row->text, strlen(row->text), "bad.json", &ensemble, &err),
                     NN_ERR_FORMAT);
    if (strstr(err.message, row->says) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, row->says);
    }
    assert_int_equal(err.offset, row->line);
    assert_memory_equal(&ensemble, &before, sizeof ensemble);
}

static void every_prefix_of_a_file_is_refused(void **state) {
    (void)state;
    const char *text = HEAD TWO ", \"settings\": [\"epochs=2\"]}";
    static NnEnsemble ensemble;
    for (size_t n = 0; n < strlen(text); n++) {
        assert_int_equal(nn_ensemble_parse(text, n, "prefix", &ensemble, NULL), NN_ERR_FORMAT);
    }
}

// --- answers -------------------------------------------------------------------------------------

static void the_mean_of_calibrated_probabilities_is_answered(void **state) {
    (void)state;
    enum { N = 150, MODELS = 3 }; // more than a batch
    NnDataset data = synthetic(N, 1, 10);
    const NnRecipe recipes[MODELS] = {small_recipe(), small_cnn_recipe(), small_recipe()};
    NnModel *models[MODELS];
    for (int i = 0; i < MODELS; i++) {
        models[i] = nn_model_new(&recipes[i].arch, NULL);
        nn_model_init(models[i], NN_INIT_HE_NORMAL, (uint64_t)i + 1);
        nn_model_arch_edit(models[i])->temperature = 1.0f + (float)i;
    }
    static float logits[N * NN_CLASSES];
    static NnMetrics each[MODELS];
    assert_int_equal(nn_ensemble_evaluate(models, MODELS, &data, 2, logits, each, NULL, NULL, NULL),
                     NN_OK);
    static double expected[N][NN_CLASSES];
    for (int i = 0; i < MODELS; i++) {
        static float own[N * NN_CLASSES];
        NnMetrics metrics;
        assert_int_equal(nn_evaluate(models[i], &data, 1, own, NULL, NULL, NULL), NN_OK);
        nn_metrics_compute(&metrics, own, data.labels, N, 1.0f + (float)i);
        assert_int_equal(each[i].correct, metrics.correct);
        for (int row = 0; row < N; row++) {
            double sum = 0, e[NN_CLASSES];
            for (int c = 0; c < NN_CLASSES; c++) {
                sum += e[c] = exp((double)own[row * NN_CLASSES + c] / (1.0 + i));
            }
            for (int c = 0; c < NN_CLASSES; c++) {
                expected[row][c] += e[c] / sum / MODELS;
            }
        }
    }
    for (int row = 0; row < N; row++) {
        float p[NN_CLASSES];
        nn_softmax(p, logits + (ptrdiff_t)row * NN_CLASSES, 1, NN_CLASSES, 1.0f);
        for (int c = 0; c < NN_CLASSES; c++) {
            assert_near(p[c], expected[row][c], 1e-6, "probability", (size_t)row);
        }
    }
    for (int i = 0; i < MODELS; i++) {
        nn_model_free(models[i]);
    }
    synthetic_release(&data);
}

int main(void) {
    struct CMUnitTest bad_tests[N_BAD];
    for (size_t i = 0; i < N_BAD; i++) {
        bad_tests[i] = (struct CMUnitTest){bad[i].says, run_bad_file, NULL, NULL, &bad[i]};
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_ensemble_is_made_of_shipped_recipes),
        cmocka_unit_test(a_file_written_reads_back_the_same),
        cmocka_unit_test(a_setting_no_recipe_has_is_refused),
        cmocka_unit_test(every_prefix_of_a_file_is_refused),
        cmocka_unit_test(the_mean_of_calibrated_probabilities_is_answered),
    };
    int failed = cmocka_run_group_tests_name("ensembles", tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("malformed ensembles", bad_tests, NULL, NULL);
}
