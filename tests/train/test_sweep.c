// Sweep files: what they expand to, what is refused and where, names that stay; folds; the table
// against sums done by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "nn/sweep.h"
#include "support/near.h"
#include "support/temp.h"
#include "train/synthetic.h"

static NnSweep *parse(const char *text, NnError *err) {
    return nn_sweep_parse(text, strlen(text), "sweep.json", err);
}

static NnSweep *must_parse(const char *text) {
    NnError err = {0};
    NnSweep *sweep = parse(text, &err);
    if (sweep == NULL) {
        fail_msg("%s", err.message);
    }
    return sweep;
}

// --- what a file expands to ----------------------------------------------------------------------

static void every_combination_is_a_configuration_and_every_seed_a_run(void **state) {
    (void)state;
    NnSweep *sweep =
        must_parse("{\"name\": \"s\", \"title\": \"t\", \"track_test\": true, \"runs\": [\n"
                   "{\"recipe\": [\"linear\", \"shallow-64\"], \"set\": {\"epochs\": 3},\n"
                   " \"vary\": {\"l2\": [0, 0.5], \"optimiser\": [\"sgd\", \"adam\"]},\n"
                   " \"seeds\": [7, 4]},\n"
                   "{\"recipe\": \"linear\", \"seeds\": 2, \"folds\": 3}]}");
    assert_int_equal(sweep->n_configs, 2 * 4 + 1);
    assert_int_equal(sweep->n_runs, 8 * 2 + 2 * 3);
    assert_true(sweep->track_test);
    const NnSweepConfig *second = &sweep->configs[1]; // the last key varies fastest
    assert_string_equal(second->label, "linear, l2 0, optimiser adam");
    assert_int_equal(second->n_settings, 3);
    assert_string_equal(second->settings[0], "epochs=3");
    assert_string_equal(second->settings[2], "optimiser=adam");
    NnRunConfig run = nn_sweep_run_config(sweep, 3); // second configuration, second seed
    assert_int_equal(run.seed, 4);
    assert_int_equal(run.recipe.epochs, 3);
    assert_int_equal(run.recipe.optimiser, NN_OPTIM_ADAM);
    assert_int_equal(run.recipe.folds, 0);
    assert_int_equal(run.keep_mb, 0);
    assert_true(run.track_test);
    assert_string_equal(sweep->configs[4].recipe.name, "shallow-64");
    run = nn_sweep_run_config(sweep, 16 + 4);
    assert_int_equal(run.seed, 2);
    assert_int_equal(run.recipe.folds, 3);
    assert_int_equal(run.recipe.fold, 2);
    nn_sweep_free(sweep);
}

static void shipped_sweeps_are_what_the_papers_did(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t configs, runs;
    } rows[] = {{"depth-width", 9, 9},
                {"l2-linear", 3, 3},
                {"l2-512", 5, 5},
                {"repeat-5", 2, 10},
                {"k-fold", 4, 20}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        NnError err = {0};
        NnSweep *sweep = nn_sweep_find(rows[i].name, &err);
        if (sweep == NULL) {
            fail_msg("%s", err.message);
        }
        assert_string_equal(sweep->name, rows[i].name);
        assert_int_equal(sweep->n_configs, rows[i].configs);
        assert_int_equal(sweep->n_runs, rows[i].runs);
        nn_sweep_free(sweep);
    }
    size_t count;
    char **names = nn_sweep_names(&count);
    for (size_t i = 0; i < count; i++) {
        NnError err = {0};
        NnSweep *sweep = nn_sweep_find(names[i], &err);
        if (sweep == NULL) {
            fail_msg("%s", err.message);
        }
        assert_string_equal(sweep->name, names[i]);
        assert_true(sweep->title[0] != '\0');
        nn_sweep_free(sweep);
    }
    nn_recipe_names_free(names, count);
}

// None is forgotten: every recipe that comes from a paper, with at least three seeds.
static void the_table_of_papers_has_every_recipe_of_theirs(void **state) {
    (void)state;
    NnError err = {0};
    NnSweep *sweep = nn_sweep_find("papers", &err);
    assert_non_null(sweep);
    size_t count;
    char **names = nn_recipe_names(&count);
    for (size_t i = 0; i < count; i++) {
        size_t seeds = 0;
        NnRecipe recipe;
        assert_int_equal(nn_recipe_find(names[i], &recipe, &err), NN_OK);
        if (recipe.source[0] == '\0') { // our own
            continue;
        }
        for (size_t c = 0; c < sweep->n_configs; c++) {
            seeds += strcmp(sweep->configs[c].recipe_name, names[i]) == 0
                         ? sweep->configs[c].n_seeds
                         : 0;
        }
        if (seeds < 3) {
            fail_msg("%s has %zu seeds", names[i], seeds);
        }
    }
    nn_recipe_names_free(names, count);
    nn_sweep_free(sweep);
}

static const char *id_of(const char *text, char *out, size_t size) {
    NnSweep *sweep = must_parse(text);
    snprintf(out, size, "%s", sweep->runs[0].id);
    nn_sweep_free(sweep);
    return out;
}

// Folders of runs made by another version of the program are found by these names.
static void a_run_has_its_name_for_good(void **state) {
    (void)state;
    char id[128], other[128];
    id_of("{\"name\": \"a\", \"track_test\": true, \"runs\": [{\"recipe\": \"mlx-32-32\"}]}", id,
          sizeof id);
    assert_string_equal(id, "mlx-32-32-s1-8338c1bd");
    // What the recipe says anyway makes no difference, nor does the name of the sweep.
    id_of("{\"name\": \"b\", \"track_test\": true, \"runs\": [{\"recipe\": \"mlx-32-32\", \"set\": "
          "{\"learning_rate\": 0.1, \"augment\": {}, \"ema\": 0}}]}",
          other, sizeof other);
    assert_string_equal(other, id);
    static const char *const different[] = {
        "{\"name\": \"a\", \"runs\": [{\"recipe\": \"mlx-32-32\"}]}",
        "{\"name\": \"a\", \"track_test\": true, \"runs\": [{\"recipe\": \"mlx-32-32\", \"seeds\": "
        "[2]}]}",
        "{\"name\": \"a\", \"track_test\": true, \"runs\": [{\"recipe\": \"mlx-32-32\", \"folds\": "
        "2}]}",
        "{\"name\": \"a\", \"track_test\": true, \"runs\": [{\"recipe\": \"mlx-32-32\", \"set\": "
        "{\"l2\": 1e-7}}]}",
        "{\"name\": \"a\", \"track_test\": true, \"runs\": [{\"recipe\": \"mlx-32-32\", \"set\": "
        "{\"augment\": "
        "{\"shear\": 0.1}}}]}",
    };
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++) {
        assert_string_not_equal(id_of(different[i], other, sizeof other), id);
    }
}

// --- what is refused -----------------------------------------------------------------------------

typedef struct {
    const char *name, *text, *says;
} Bad;

#define RUNS(entry) "{\"name\": \"s\",\n\"runs\": [\n" entry "\n]}"

static const Bad bad[] = {
    {"no JSON", "{\"name\": }", "line 1: no valid JSON"},
    {"a key twice", "{\"name\": \"s\", \"name\": \"s\"}", "no valid JSON: duplicate"},
    {"a list", "[]", "line 1: a sweep is a JSON object"},
    {"no name", "{\"runs\": [{\"recipe\": \"linear\"}]}", "no \"name\""},
    {"no runs", "{\"name\": \"s\"}", "no \"runs\""},
    {"empty runs", "{\"name\": \"s\",\n\"runs\": []}", "line 2: \"runs\" must be a list"},
    {"an unknown key", "{\"name\": \"s\",\n\n\"recipe\": 3}", "line 3: \"recipe\" is no key here"},
    {"a name that is none", "{\"name\": 3}", "line 1: \"name\" must be"},
    {"track_test as a word", "{\"track_test\": \"yes\"}", "line 1: \"track_test\" must be true"},
    {"an entry that is no object", RUNS("3"), "line 3: \"runs\" must hold objects"},
    {"an entry without a recipe", RUNS("{\"seeds\": 3}"), "line 3: an entry of \"runs\" has no"},
    {"an unknown recipe", RUNS("{\n\"recipe\": \"nix\"}"),
     "line 4: \"recipe\": there is no recipe"},
    {"a recipe that is a number", RUNS("{\n\"recipe\": 4}"), "line 4: \"recipe\" must be"},
    {"an empty list of recipes", RUNS("{\n\"recipe\": []}"), "line 4: \"recipe\" must be"},
    {"a setting that no recipe has", RUNS("{\"recipe\": \"linear\",\n\"set\": {\n\"rate\": 1}}"),
     "line 5: \"rate\" is no key"},
    {"a value out of range", RUNS("{\"recipe\": \"linear\",\n\"vary\": {\"l2\": [0,\n-1]}}"),
     "line 5: \"l2\" is -1"},
    {"vary without a list", RUNS("{\"recipe\": \"linear\",\n\"vary\": {\"l2\": 1}}"),
     "line 4: \"l2\" must be a list"},
    {"vary with an empty list", RUNS("{\"recipe\": \"linear\",\n\"vary\": {\"l2\": []}}"),
     "line 4: \"l2\" must be a list"},
    {"set and varied",
     RUNS("{\"recipe\": \"linear\", \"set\": {\"l2\": 1},\n\"vary\": {\"l2\": [1]}}"),
     "line 4: \"l2\" is both"},
    {"a fold as a setting", RUNS("{\"recipe\": \"linear\",\n\"set\": {\"fold\": 1}}"),
     "line 4: \"fold\" cannot be set"},
    {"no seed", RUNS("{\"recipe\": \"linear\",\n\"seeds\": 0}"), "line 4: \"seeds\" must be"},
    {"an empty list of seeds", RUNS("{\"recipe\": \"linear\",\n\"seeds\": []}"),
     "line 4: \"seeds\" must be"},
    {"a seed below 0", RUNS("{\"recipe\": \"linear\",\n\"seeds\": [-1]}"),
     "line 4: \"seeds\" must be"},
    {"the same seed twice", RUNS("{\"recipe\": \"linear\", \"seeds\": [1, 1]}"),
     "the same run twice: linear with seed 1"},
    {"the same run in two entries",
     RUNS("{\"recipe\": \"linear\"}, {\"recipe\": \"linear\", \"set\": "
          "{\"l2\": 0}}"),
     "the same run twice"},
    {"too many runs", RUNS("{\"recipe\": \"linear\", \"seeds\": 100000, \"folds\": 2}"),
     "more than 100000 runs"},
    {"one fold", RUNS("{\"recipe\": \"linear\",\n\"folds\": 1}"), "line 4: \"folds\" must be"},
    {"reported without a source",
     RUNS("{\"recipe\": \"linear\",\n\"reported\": {\"test_loss\": 1}}"),
     "line 4: \"reported\" has no \"source\""},
    {"a figure that is none",
     RUNS("{\"recipe\": \"linear\", \"reported\": {\"source\": \"x\",\n\"loss\": 1}}"),
     "line 4: \"loss\" is no key"},
    {"a figure with a negative sd",
     RUNS("{\"recipe\": \"linear\", \"reported\": {\"source\": \"x\",\n\"test_loss\": [1, -1]}}"),
     "line 4: \"test_loss\" must be"},
    {"a name that drives a terminal", "{\"name\": \"a\\u001b[2J\"}", "line 1: \"name\" must be"},
};

static void run_bad(void **state) {
    const Bad *row = *state;
    NnError err = {0};
    NnSweep *sweep = parse(row->text, &err);
    assert_null(sweep);
    assert_int_equal(err.status, NN_ERR_FORMAT);
    if (strstr(err.message, row->says) == NULL || strncmp(err.message, "sweep.json: ", 12) != 0) {
        fail_msg("%s does not say %s", err.message, row->says);
    }
}

// --- numbers -------------------------------------------------------------------------------------

static void spread_is_of_a_sample(void **state) {
    (void)state;
    const double values[] = {2, (double)NAN, 4, 9}; // mean 5, squares 9 + 1 + 16 = 26, / 2
    NnSpread s = nn_spread(values, 4);
    assert_int_equal(s.n, 3);
    assert_near(s.mean, 5, 1e-12, "figure", __LINE__);
    assert_near(s.sd, sqrt(13), 1e-12, "figure", __LINE__);
    assert_near(s.low, 2, 0, "figure", __LINE__);
    assert_near(s.high, 9, 0, "figure", __LINE__);
    s = nn_spread(values, 1);
    assert_near(s.mean, 2, 0, "figure", __LINE__);
    assert_true(isnan(s.sd));
    s = nn_spread(values + 1, 1);
    assert_int_equal(s.n, 0);
    assert_true(isnan(s.mean));
}

static void a_verdict_knows_which_side_is_better(void **state) {
    (void)state;
    static const struct {
        NnSweepFigure figure;
        double reported, reported_sd, mean, sd;
        NnVerdict verdict;
    } rows[] = {
        {NN_SWEEP_TEST_ACCURACY, 0.9805, (double)NAN, 0.9806, 0.001, NN_VERDICT_REACHED},
        {NN_SWEEP_TEST_ACCURACY, 0.9805, (double)NAN, 0.98046, 0,
         NN_VERDICT_REACHED}, // rounds to it
        {NN_SWEEP_TEST_ACCURACY, 0.9805, (double)NAN, 0.9797, 0.001, NN_VERDICT_WITHIN},
        {NN_SWEEP_TEST_ACCURACY, 0.9805, (double)NAN, 0.9797, (double)NAN, NN_VERDICT_MISSED},
        {NN_SWEEP_TEST_ACCURACY, 0.977, 0.002, 0.9756, 0.0001, NN_VERDICT_WITHIN},
        {NN_SWEEP_LOWEST_LOSS, 0.0618, 0.001, 0.06, 0.001, NN_VERDICT_REACHED},
        {NN_SWEEP_LOWEST_LOSS, 0.0618, 0.001, 0.07, 0.001, NN_VERDICT_MISSED},
        {NN_SWEEP_LOWEST_LOSS, 0.048, (double)NAN, 0.0484, 0, NN_VERDICT_REACHED},
        {NN_SWEEP_TEST_LOSS, 0.048, (double)NAN, 0.0486, 0, NN_VERDICT_MISSED},
        {NN_SWEEP_EPOCHS, 39, (double)NAN, 39, 0, NN_VERDICT_NONE},
        {NN_SWEEP_TEST_LOSS, (double)NAN, (double)NAN, 1, 0, NN_VERDICT_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        NnReported reported = {.source = "x"};
        reported.value[rows[i].figure] = rows[i].reported;
        reported.sd[rows[i].figure] = rows[i].reported_sd;
        NnSpread spread = {.n = 3, .mean = rows[i].mean, .sd = rows[i].sd};
        if (nn_sweep_verdict(&reported, rows[i].figure, &spread) != rows[i].verdict) {
            fail_msg("row %zu", i);
        }
    }
}

static NnEpochRecord epoch(int number, double test_loss, double test_accuracy) {
    NnEpochRecord r = {.epoch = number, .train_loss = 1.0 / number, .train_accuracy = 0.5};
    r.test.n = 40;
    r.test.loss = test_loss;
    r.test.accuracy = test_accuracy;
    for (int c = 0; c < NN_CLASSES; c++) {
        r.test.confusion[c][c] = 4;
    }
    return r;
}

static void an_outcome_is_of_the_network_that_the_run_gave(void **state) {
    (void)state;
    NnEpochRecord records[] = {epoch(1, 0.5, 0.80), epoch(2, 0.3, 0.85), epoch(3, 0.4, 0.90)};
    // In epoch 2 one 3 is taken for an 8: recall 3/4, precision 4/5, F1 6/7 and 8/9.
    records[1].test.confusion[3][3] = 3;
    records[1].test.confusion[3][8] = 1;
    records[1].validation = (NnMeasure){.n = 5, .loss = 0.7, .accuracy = 0.6};
    NnRunResult result = {.state = NN_RUN_DONE,
                          .epochs = 3,
                          .best_epoch = 2,
                          .test_loss = 0.3,
                          .test_accuracy = 0.85,
                          .test_precision = (double)NAN,
                          .test_recall = (double)NAN,
                          .test_f1 = (double)NAN,
                          .network = "best.safetensors"};
    NnSweepOutcome o;
    nn_sweep_outcome(&o, &result, records, 3);
    assert_int_equal(o.state, NN_RUN_DONE);
    assert_int_equal(o.epochs_done, 3);
    assert_near(o.figure[NN_SWEEP_TRAIN_LOSS], 1.0 / 3, 1e-12, "figure", __LINE__);
    assert_near(o.figure[NN_SWEEP_VAL_ACCURACY], 0.6, 1e-12, "figure", __LINE__);
    assert_near(o.figure[NN_SWEEP_TEST_RECALL], (9 + 3.0 / 4) / 10, 1e-12, "figure", __LINE__);
    assert_near(o.figure[NN_SWEEP_TEST_PRECISION], (9 + 4.0 / 5) / 10, 1e-12, "figure", __LINE__);
    assert_near(o.figure[NN_SWEEP_TEST_F1], (8 + 6.0 / 7 + 8.0 / 9) / 10, 1e-12, "figure",
                __LINE__);
    assert_near(o.figure[NN_SWEEP_LOWEST_EPOCH], 2, 0, "figure", __LINE__);
    assert_near(o.figure[NN_SWEEP_LOWEST_ACCURACY], 0.85, 0, "figure", __LINE__);
    assert_near(o.figure[NN_SWEEP_PEAK_ACCURACY], 0.90, 0, "figure", __LINE__);
    result.state = NN_RUN_STARTED;
    nn_sweep_outcome(&o, &result, records, 3);
    assert_true(isnan(o.figure[NN_SWEEP_TEST_LOSS]));
    assert_int_equal(o.epochs_done, 3);
}

// --- folds ---------------------------------------------------------------------------------------

static NnTrainer *fold_trainer(const NnDataset *data, const NnRecipe *from, int fold, int folds) {
    NnRecipe recipe = *from;
    NnError err = {0};
    recipe.folds = folds;
    recipe.fold = fold;
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &recipe, .train = data, .seed = 3, .threads = 1}, &err);
    if (trainer == NULL) {
        fail_msg("%s", err.message);
    }
    return trainer;
}

static void folds_hold_out_every_picture_once(void **state) {
    (void)state;
    enum { N = 103, FOLDS = 5 };
    NnDataset data = synthetic(N, 1, 0);
    NnRecipe recipe;
    assert_int_equal(nn_recipe_find("linear", &recipe, NULL), NN_OK);
    int seen[N] = {0};
    for (int fold = 1; fold <= FOLDS; fold++) {
        NnTrainer *trainer = fold_trainer(&data, &recipe, fold, FOLDS);
        const NnDataset *held = nn_trainer_validation(trainer);
        const uint32_t *rows = nn_trainer_validation_rows(trainer);
        assert_in_range(held->n, N / FOLDS, N / FOLDS + 1);
        for (size_t i = 0; i < held->n; i++) {
            seen[rows[i]]++;
            assert_int_equal(held->labels[i], data.labels[rows[i]]);
            assert_memory_equal(held->images + i * NN_PIXELS, data.images + rows[i] * NN_PIXELS,
                                NN_PIXELS);
        }
        NnProgress p = nn_trainer_progress(trainer);
        assert_int_equal(p.steps, (N - (int)held->n + recipe.batch - 1) / recipe.batch);
        nn_trainer_free(trainer);
    }
    for (int i = 0; i < N; i++) {
        assert_int_equal(seen[i], 1);
    }
    synthetic_release(&data);
}

// The last of the folds is what a validation split of its size holds out: the same bits follow.
static void the_last_fold_is_the_validation_split(void **state) {
    (void)state;
    NnDataset data = synthetic(200, 1, 0);
    NnRecipe recipe;
    NnError err = {0};
    assert_int_equal(nn_recipe_find("linear", &recipe, NULL), NN_OK);
    recipe.epochs = 2;
    char sha[2][65];
    for (int i = 0; i < 2; i++) {
        recipe.validation = i == 0 ? 40 : 0;
        NnTrainer *trainer = fold_trainer(&data, &recipe, i == 0 ? 0 : 5, i == 0 ? 0 : 5);
        assert_int_equal(nn_trainer_run(trainer, NULL, &err), NN_OK);
        nn_model_sha256(nn_trainer_model(trainer), sha[i]);
        nn_trainer_free(trainer);
    }
    assert_string_equal(sha[0], sha[1]);
    synthetic_release(&data);
}

static void folds_that_cannot_be_are_refused(void **state) {
    (void)state;
    static const int rows[][2] = {{1, 1}, {5, 0}, {5, 6}, {0, 1}, {30, 1}};
    NnDataset data = synthetic(20, 1, 0);
    NnRecipe recipe;
    assert_int_equal(nn_recipe_find("linear", &recipe, NULL), NN_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        NnError err = {0};
        recipe.folds = rows[i][0];
        recipe.fold = rows[i][1];
        assert_null(nn_trainer_new(
            &(NnTrainerDesc){.recipe = &recipe, .train = &data, .seed = 3, .threads = 1}, &err));
        assert_int_equal(err.status, NN_ERR_USAGE);
        assert_non_null(strstr(err.message, "fold"));
    }
    synthetic_release(&data);
}

int main(void) {
    enum { ROWS = sizeof bad / sizeof bad[0] };
    static const struct CMUnitTest whole[] = {
        cmocka_unit_test(every_combination_is_a_configuration_and_every_seed_a_run),
        cmocka_unit_test(shipped_sweeps_are_what_the_papers_did),
        cmocka_unit_test(the_table_of_papers_has_every_recipe_of_theirs),
        cmocka_unit_test(a_run_has_its_name_for_good),
        cmocka_unit_test(spread_is_of_a_sample),
        cmocka_unit_test(a_verdict_knows_which_side_is_better),
        cmocka_unit_test(an_outcome_is_of_the_network_that_the_run_gave),
        cmocka_unit_test(folds_hold_out_every_picture_once),
        cmocka_unit_test(the_last_fold_is_the_validation_split),
        cmocka_unit_test(folds_that_cannot_be_are_refused),
    };
    struct CMUnitTest refused[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        refused[i] =
            (struct CMUnitTest){bad[i].name, run_bad, NULL, NULL, (void *)(uintptr_t)&bad[i]};
    }
    int failed = cmocka_run_group_tests_name("sweep", whole, NULL, NULL);
    return failed + cmocka_run_group_tests_name("sweep: refused", refused, NULL, NULL);
}
