// What is measured while training, against what can be counted by hand; times themselves only have to be there.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/metrics.h"
#include "nn/trainer.h"
#include "synthetic.h"
#include "train/gauge.h"
#include "train/race.h"

enum { TRAIN = 640, TEST = 200 };

static bool never(void *user) {
    (void)user;
    return false;
}

static bool at_once(void *user) {
    (void)user;
    return true;
}

static void operations_are_those_of_the_products(void **state) {
    (void)state;
    NnRecipe dense = small_recipe(); // 784-16-10
    assert_true(gauge_sample_flops(&dense.arch) == 2.0 * (2 * 784 * 16 + 3 * 16 * 10));
    NnRecipe cnn;
    NnError err;
    const char *text = "{\"name\": \"c\", \"layers\": [{\"conv\": 4, \"padding\": 1}, "
                       "{\"max_pool\": 2}, {\"conv\": 6, \"kernel\": 5}, {\"flatten\": true}, "
                       "{\"dense\": 10}]}";
    assert_int_equal(nn_recipe_parse(text, strlen(text), "c", &cnn, &err), NN_OK);
    double first = 28 * 28 * 4 * 9, second = 10 * 10 * 6 * 4 * 25, last = 600 * 10;
    assert_true(gauge_sample_flops(&cnn.arch) == 2 * (2 * first + 3 * second + 3 * last));
}

static void the_machine_has_a_rate(void **state) {
    (void)state;
    assert_true(gauge_gemm_rate(NN_PRECISION_F32, 1, 0.001) > 1e6);
    assert_true(gauge_gemm_rate(NN_PRECISION_BF16, 2, 0.001) > 1e6);
}

static void the_first_epoch_is_not_counted(void **state) {
    (void)state;
    NnDataset data = synthetic(TRAIN, 1, 0);
    NnRecipe recipe = small_recipe();
    recipe.validation = 40;
    recipe.patience = 3;
    GaugePlan plan = {.threads = 2, .epochs = 4, .seconds = 60, .should_stop = never};
    Gauge gauge;
    NnError err;
    assert_int_equal(gauge_training(&recipe, &data, &plan, &gauge, &err), NN_OK);
    assert_int_equal(gauge.epochs, 3);
    assert_int_equal(gauge.samples, TRAIN - 40);
    assert_true(gauge.epoch_s_min > 0 && gauge.epoch_s_median >= gauge.epoch_s_min);
    assert_true(gauge.epoch_s[0] == gauge.epoch_s_min && gauge.epoch_s[1] == gauge.epoch_s_median);
    assert_true(gauge.epoch_s[2] >= gauge.epoch_s[1]);
    assert_true(gauge.epoch_cpu_s > 0);
    assert_true(fabs(gauge.samples_per_s * gauge.epoch_s_min - (TRAIN - 40)) < 1e-3);
    plan.epochs = 1;
    assert_int_equal(gauge_training(&recipe, &data, &plan, &gauge, &err), NN_OK);
    assert_int_equal(gauge.epochs, 1);
    synthetic_release(&data);
}

static void an_epoch_too_long_is_extrapolated(void **state) {
    (void)state;
    NnDataset data = synthetic(TRAIN, 1, 0);
    NnRecipe recipe = small_recipe();
    recipe.batch = 1;
    GaugePlan plan = {.threads = 1, .epochs = 1000, .seconds = 1e-9, .should_stop = never};
    Gauge gauge;
    NnError err;
    assert_int_equal(gauge_training(&recipe, &data, &plan, &gauge, &err), NN_OK);
    assert_int_equal(gauge.epochs, 0);
    assert_true(gauge.epoch_s_min > 0 && gauge.epoch_s_median == gauge.epoch_s_min);
    synthetic_release(&data);
}

static void a_gauge_can_be_stopped(void **state) {
    (void)state;
    NnDataset data = synthetic(TRAIN, 1, 0);
    NnRecipe recipe = small_recipe();
    GaugePlan plan = {.threads = 1, .epochs = 2, .seconds = 60, .should_stop = at_once};
    Gauge gauge;
    NnError err;
    assert_int_equal(gauge_training(&recipe, &data, &plan, &gauge, &err), NN_ERR_CANCELLED);
    synthetic_release(&data);
}

// The accuracy at the end of a race is that of the same training without looks in between.
static void a_race_ends_where_training_ends(void **state) {
    (void)state;
    NnDataset train = synthetic(TRAIN, 1, 0), test = synthetic(TEST, 2, 0);
    NnRecipe recipe = small_recipe();
    recipe.validation = 100; // not held out in a race
    Race race = {.recipe = &recipe,
                 .train = &train,
                 .test = &test,
                 .threads = 2,
                 .seed = 5,
                 .points_an_epoch = 4,
                 .should_stop = never};
    static RacePoint points[RACE_POINTS_MAX];
    size_t n;
    NnError err;
    assert_int_equal(race_run(&race, points, &n, &err), NN_OK);
    assert_int_equal(n, 2 * 4);
    for (size_t i = 0; i < n; i++) {
        assert_true(points[i].seconds > (i > 0 ? points[i - 1].seconds : 0));
        assert_true(points[i].epochs > (i > 0 ? points[i - 1].epochs : 0));
    }
    assert_true(points[3].epochs == 1 && points[7].epochs == 2);

    recipe.validation = 0;
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &recipe, .train = &train, .seed = 5, .threads = 1}, &err);
    assert_non_null(trainer);
    assert_int_equal(nn_trainer_run(trainer, NULL, &err), NN_OK);
    static float logits[TEST * NN_CLASSES];
    assert_int_equal(nn_evaluate(nn_trainer_model(trainer), &test, 1, logits, NULL, NULL, &err),
                     NN_OK);
    NnMetrics metrics;
    nn_metrics_compute(&metrics, logits, test.labels, TEST, 1);
    assert_true(points[7].accuracy == metrics.accuracy);
    nn_trainer_free(trainer);
    synthetic_release(&train);
    synthetic_release(&test);
}

static void a_race_can_be_stopped(void **state) {
    (void)state;
    NnDataset data = synthetic(TRAIN, 1, 0);
    NnRecipe recipe = small_recipe();
    Race race = {.recipe = &recipe,
                 .train = &data,
                 .test = &data,
                 .threads = 1,
                 .points_an_epoch = 1,
                 .should_stop = at_once};
    static RacePoint points[RACE_POINTS_MAX];
    size_t n;
    NnError err;
    assert_int_equal(race_run(&race, points, &n, &err), NN_ERR_CANCELLED);
    assert_int_equal(n, 0);
    synthetic_release(&data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_are_those_of_the_products),
        cmocka_unit_test(the_machine_has_a_rate),
        cmocka_unit_test(the_first_epoch_is_not_counted),
        cmocka_unit_test(an_epoch_too_long_is_extrapolated),
        cmocka_unit_test(a_gauge_can_be_stopped),
        cmocka_unit_test(a_race_ends_where_training_ends),
        cmocka_unit_test(a_race_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
