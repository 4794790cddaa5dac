// The runner alone: the newest order wins, what is not wanted is dropped, either side may let go first. Run under
// ThreadSanitizer as well.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "errors_fixture.h"

#include "app/study_runner.h"
#include "base/clock.h"

static StudyOrder order_of(const AppFixture *fixture, StudySource source, bool by_path) {
    StudyOrder order = {.source = source};
    if (by_path) {
        (void)snprintf(order.model_path, sizeof order.model_path, "%s", fixture->weights);
    } else {
        order.owned_model = nn_model_load(fixture->weights, NULL);
        assert_non_null(order.owned_model);
    }
    return order;
}

// The outcome of this order that has answers or says why not.
static StudyOutcome *wait_for(StudyRunner *runner, unsigned number) {
    for (double end_s = clock_s() + 60; clock_s() < end_s;) {
        StudyOutcome *outcome = study_runner_take(runner);
        if (outcome != NULL && outcome->order == number &&
            (outcome->answers != NULL || outcome->trouble.status != NN_OK)) {
            return outcome;
        }
        study_outcome_free(outcome);
        clock_sleep_ms(1);
    }
    fail_msg("the runner has not answered within a minute");
    return NULL;
}

static void an_order_is_answered(void **state) {
    AppFixture *fixture = *state;
    DataShelf *shelf = data_shelf_new();
    StudyRunner *runner = study_runner_new(shelf, NULL, NULL);
    for (int i = 0; i < 2; i++) { // the second time from pictures already read
        StudyOrder order = order_of(fixture, STUDY_MNIST_TEST, i == 1);
        StudyOutcome *outcome = wait_for(runner, study_runner_order(runner, &order));
        assert_int_equal(outcome->trouble.status, NN_OK);
        assert_int_equal(outcome->pictures->data->n, PICTURES);
        assert_int_equal(nn_study_count(outcome->answers->study), PICTURES);
        assert_non_null(outcome->triage);
        study_outcome_free(outcome);
    }
    study_runner_free(runner);
    data_shelf_free(shelf);
}

static void failures_are_told(void **state) {
    AppFixture *fixture = *state;
    DataShelf *shelf = data_shelf_new();
    StudyRunner *runner = study_runner_new(shelf, NULL, NULL);
    StudyOrder order = order_of(fixture, STUDY_MINE, false);
    StudyOutcome *outcome = wait_for(runner, study_runner_order(runner, &order));
    assert_int_equal(outcome->trouble.status, NN_ERR_NOT_FOUND);
    assert_null(outcome->pictures);
    study_outcome_free(outcome);
    order = order_of(fixture, STUDY_MNIST_TEST, true);
    strcat(order.model_path, ".gone");
    outcome = wait_for(runner, study_runner_order(runner, &order));
    assert_true(outcome->trouble.status != NN_OK);
    assert_non_null(outcome->pictures);
    study_outcome_free(outcome);
    study_runner_free(runner);
    data_shelf_free(shelf);
}

static void answers_outlive_the_runner(void **state) {
    AppFixture *fixture = *state;
    DataShelf *shelf = data_shelf_new();
    StudyRunner *runner = study_runner_new(shelf, NULL, NULL);
    StudyOrder order = order_of(fixture, STUDY_MNIST_TEST, false);
    StudyOutcome *outcome = wait_for(runner, study_runner_order(runner, &order));
    study_runner_free(runner);
    assert_int_equal(outcome->pictures->data->n, PICTURES);
    assert_int_equal(nn_study_count(outcome->answers->study), PICTURES);
    study_outcome_free(outcome);
    data_shelf_free(shelf);
}

static void a_storm_of_orders_ends_with_the_last(void **state) {
    AppFixture *fixture = *state;
    Rng rng = rng_at(5, RNG_STREAM_TEST, 0);
    DataShelf *shelf = data_shelf_new();
    for (int round = 0; round < 6; round++) {
        StudyRunner *runner = study_runner_new(shelf, NULL, NULL);
        StudyAnswers *answers = NULL;
        StudyPictures *pictures = NULL;
        const uint32_t rows[] = {0, 5, 9};
        char path[400];
        data_path(fixture, "storm.png", path, sizeof path);
        for (int i = 0; i < 60; i++) {
            StudyOrder order = order_of(
                fixture, rng_below(&rng, 4) == 0 ? STUDY_MINE : STUDY_MNIST_TEST, i % 2 == 0);
            order.fresh = rng_below(&rng, 2) == 0;
            (void)study_runner_order(runner, &order);
            if (rng_below(&rng, 5) == 0) {
                study_runner_cancel(runner);
            }
            if (rng_below(&rng, 3) == 0) {
                clock_sleep_ms(rng_below(&rng, 6));
            }
            (void)study_runner_progress(runner);
            StudyOutcome *outcome = study_runner_take(runner);
            if (outcome != NULL && outcome->answers != NULL && answers == NULL) {
                answers = outcome->answers;
                pictures = outcome->pictures;
                outcome->answers = NULL;
                outcome->pictures = NULL;
            }
            if (answers != NULL) { // a sheet is written while orders come and go
                (void)study_runner_sheet(runner, pictures, answers, rows, 3, path);
                StudySheet sheet;
                (void)study_runner_take_sheet(runner, &sheet);
            }
            study_outcome_free(outcome);
        }
        study_answers_drop(answers);
        study_pictures_drop(pictures);
        if (round % 2 == 0) { // every other time it is stopped in the middle
            StudyOrder order = order_of(fixture, STUDY_MNIST_TEST, false);
            StudyOutcome *outcome = wait_for(runner, study_runner_order(runner, &order));
            assert_int_equal(nn_study_count(outcome->answers->study), PICTURES);
            study_outcome_free(outcome);
        }
        study_runner_free(runner);
    }
    data_shelf_free(shelf);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, errors_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(an_order_is_answered),
        CASE(failures_are_told),
        CASE(answers_outlive_the_runner),
        CASE(a_storm_of_orders_ends_with_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
