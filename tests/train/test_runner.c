#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/rng.h"
#include "nn/runner.h"
#include "support/near.h"
#include "support/temp.h"
#include "train/runner_fixture.h"
#include "train/synthetic.h"

static NnRunner *make(const NnRecipe *recipe, const NnDataset *data) {
    NnError err = {0};
    NnRunner *runner = nn_runner_new(
        &(NnRunnerDesc){.recipe = recipe, .train = data, .seed = 7, .threads = 2}, &err);
    if (runner == NULL) {
        print_error("%s\n", err.message);
    }
    assert_non_null(runner);
    return runner;
}

static NnRecipe test_recipe(void) {
    NnRecipe recipe = small_recipe(); // 10 steps an epoch of 704 - 64 samples
    recipe.epochs = 4;
    recipe.validation = 64;
    recipe.ema = 0.9f;
    recipe.augment.shift_px = 1;
    recipe.arch.layers[0].dropout = 0.2f;
    return recipe;
}

enum { N = 704, STEPS = 10 };

// What the command line computes.
static void headless(const NnRecipe *recipe, const NnDataset *data, char *hash,
                     NnEpochRecord *records, int *n_records) {
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = recipe, .train = data, .seed = 7, .threads = 1}, NULL);
    assert_non_null(trainer);
    *n_records = 0;
    while (!nn_trainer_finished(trainer)) {
        assert_int_equal(nn_trainer_step(trainer, NULL, NULL), NN_OK);
        if (nn_trainer_progress(trainer).epoch_done) {
            records[(*n_records)++] = *nn_trainer_record(trainer);
        }
    }
    nn_trainer_free(trainer);
    trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = recipe, .train = data, .seed = 7, .threads = 3}, NULL);
    assert_int_equal(nn_trainer_run(trainer, NULL, NULL), NN_OK);
    nn_model_sha256(nn_trainer_model(trainer), hash);
    nn_trainer_free(trainer);
}

// --- the same numbers ----------------------------------------------------------------------------

typedef struct {
    int patience;
    float ema;
} SameRow;

static void run_same_numbers(void **state) {
    const SameRow *row = *state;
    NnDataset data = synthetic(N, 1, 30);
    NnRecipe recipe = test_recipe();
    recipe.patience = row->patience;
    recipe.ema = row->ema;
    recipe.epochs = row->patience > 0 ? 30 : 4;
    recipe.learning_rate = row->patience > 0 ? 0.02f : 0.001f;
    NnEpochRecord records[32];
    int n;
    char expected[65], hash[65];
    headless(&recipe, &data, expected, records, &n);

    NnRunner *runner = make(&recipe, &data);
    order(runner, NN_ORDER_START);
    const NnRunnerState *done = wait_for(runner, NN_RUNNER_DONE);
    assert_int_equal(done->progress.epoch, n);
    assert_int_equal(done->epochs_kept, n);
    assert_int_equal(done->n_train, N - 64);
    assert_int_equal(done->n_validation, 64);
    assert_true(done->measured_whole);
    newest_hash(runner, &recipe, hash);
    assert_string_equal(hash, expected);
    assert_int_equal(nn_runner_epoch_count(runner), n);
    assert_int_equal(nn_runner_point_count(runner), n * STEPS);
    for (int i = 0; i < n; i++) {
        const NnEpochPoint *point = nn_runner_epoch(runner, (size_t)i);
        assert_int_equal(point->epoch, i + 1);
        assert_near(point->train_loss, (float)records[i].train_loss, 0.0, "train_loss", i);
        assert_near(point->val_loss, (float)records[i].validation.loss, 0.0, "val_loss", i);
        assert_near(point->val_accuracy, (float)records[i].validation.accuracy, 0.0, "val", i);
        size_t answered = 0, right = 0, n_answers;
        const uint8_t *answers = nn_runner_epoch_answers(runner, i + 1, &n_answers);
        assert_non_null(answers);
        assert_int_equal(n_answers, 64);
        for (size_t k = 0; k < n_answers; k++) {
            right += answers[k] == nn_runner_validation(runner)->labels[k];
        }
        for (int c = 0; c < NN_CLASSES; c++) {
            for (int d = 0; d < NN_CLASSES; d++) {
                answered += point->confusion[c][d];
                assert_int_equal(point->confusion[c][d], records[i].validation.confusion[c][d]);
            }
        }
        assert_int_equal(answered, 64);
        assert_near((double)right / 64, records[i].validation.accuracy, 1e-12, "answers", i);
        // The points of an epoch lead to its mean loss: batches are all of one size here.
        double sum = 0;
        for (int k = 0; k < STEPS; k++) {
            const NnTrainPoint *p = nn_runner_point(runner, (size_t)i * STEPS + (size_t)k);
            assert_near(p->epoch, i + (k + 1.0) / STEPS, 1e-12, "epoch of a point", k);
            sum += (double)p->loss / STEPS;
        }
        assert_near(sum, records[i].train_loss, 1e-6, "mean of the points", i);
    }
    nn_runner_free(runner);
    synthetic_release(&data);
}

static void pauses_single_steps_and_rewinds_change_no_bit(void **state) {
    (void)state;
    NnDataset data = synthetic(N, 1, 30);
    NnRecipe recipe = test_recipe();
    NnEpochRecord records[32];
    int n;
    char expected[65], hash[65], first[65];
    headless(&recipe, &data, expected, records, &n);

    NnRunner *runner = make(&recipe, &data);
    wait_for(runner, NN_RUNNER_READY);
    order(runner, NN_ORDER_STEP_BATCH);
    wait_for_steps(runner, 1);
    order(runner, NN_ORDER_STEP_BATCH);
    order(runner, NN_ORDER_SAMPLE);
    order(runner, NN_ORDER_STEP_BATCH);
    wait_for_steps(runner, 3);
    order(runner, NN_ORDER_STEP_EPOCH);
    wait_for_steps(runner, STEPS);
    epoch_hash(runner, &recipe, 1, first);
    order(runner, NN_ORDER_STEP_EPOCH);
    order(runner, NN_ORDER_STEP_BATCH); // takes over from it before a batch is done, or after
    order(runner, NN_ORDER_START);
    wait_for(runner, NN_RUNNER_DONE);
    newest_hash(runner, &recipe, hash);
    assert_string_equal(hash, expected);

    const int back_to[] = {1, 3, 0, 4};
    for (int i = 0; i < 4; i++) {
        nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_REWIND, .epoch = back_to[i]});
        const NnRunnerState *now = wait_for_steps(runner, (uint64_t)back_to[i] * STEPS);
        assert_int_equal(now->branch, i + 1);
        assert_int_equal(now->branch_epoch, back_to[i]);
        assert_int_equal(now->epochs_kept, back_to[i]);
        NnModel *model = nn_model_new(&recipe.arch, NULL);
        assert_non_null(model);
        assert_int_equal(nn_runner_epoch_weights(runner, 2, model), back_to[i] >= 2);
        nn_model_free(model);
        size_t n_answers;
        assert_int_equal(nn_runner_epoch_answers(runner, 2, &n_answers) != NULL, back_to[i] >= 2);
        order(runner, NN_ORDER_START);
        wait_for(runner, NN_RUNNER_DONE);
        newest_hash(runner, &recipe, hash);
        assert_string_equal(hash, expected);
        epoch_hash(runner, &recipe, 1, hash);
        assert_string_equal(hash, first);
    }
    nn_runner_free(runner);
    synthetic_release(&data);
}

// The rate is changed at a certain step, by orders and by hand.
// Refused, and said; the run is as it was.
static void refuses_branch(NnRunner *runner, int epoch, const NnRecipe *recipe, const char *word) {
    int branch = nn_runner_state(runner, NULL)->branch;
    assert_true(nn_runner_branch(runner, epoch, recipe, NULL));
    double deadline = clock_s() + 60;
    while (strstr(nn_runner_state(runner, NULL)->message, word) == NULL) {
        assert_true(clock_s() < deadline);
        clock_sleep_ms(1);
    }
    assert_int_equal(nn_runner_state(runner, NULL)->branch, branch);
}

// The memory's way and the files' way to a branch are two; they lead to the same bits.
static void a_branch_goes_on_from_an_epoch_under_another_recipe(void **state) {
    (void)state;
    NnDataset data = synthetic(N, 1, 30);
    NnRecipe recipe = test_recipe(), other = recipe;
    char folder[TEMP_PATH], first[TEMP_PATH], second[TEMP_PATH], hashes[2][65], before[65];
    temp_folder(folder);
    other.optimiser = NN_OPTIM_SGD;
    other.batch = 32;
    other.ema = 0;
    other.epochs = 5;
    other.l2 = 1e-4f;
    other.augment.shift_px = 2;
    const int steps = (N - 64 + 31) / 32;
    for (int kept = 0; kept < 2; kept++) {
        NnRunner *runner = nn_runner_new(
            &(NnRunnerDesc){.recipe = &recipe,
                            .train = &data,
                            .seed = 7,
                            .threads = 2,
                            .run_folder = kept ? temp_path(first, folder, "run-1") : NULL},
            NULL);
        assert_non_null(runner);
        order(runner, NN_ORDER_START);
        wait_for(runner, NN_RUNNER_DONE);
        nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_LEARNING_RATE, .number = 1});
        epoch_hash(runner, &recipe, 1, before);
        NnRecipe wrong = other;
        wrong.validation = 65;
        refuses_branch(runner, 2, &wrong, "validation");
        wrong = other;
        wrong.arch.layers[0].activation = NN_ACT_TANH;
        refuses_branch(runner, 2, &wrong, "layers");
        wrong = other;
        wrong.epochs = 2;
        refuses_branch(runner, 2, &wrong, "epoch 2 of 2");
        const NnDataset *validation = nn_runner_validation(runner);
        const uint8_t *pictures = validation->images;

        assert_true(
            nn_runner_branch(runner, 2, &other, kept ? temp_path(second, folder, "run-2") : NULL));
        const NnRunnerState *now = wait_for_steps(runner, (uint64_t)(2 * steps));
        assert_int_equal(now->branch, 1);
        assert_int_equal(now->branch_epoch, 2);
        assert_int_equal(now->epochs_kept, 2);
        order(runner, NN_ORDER_START);
        now = wait_for(runner, NN_RUNNER_DONE);
        assert_int_equal(now->progress.epoch, 5);
        assert_int_equal(now->progress.steps, steps);
        newest_hash(runner, &other, hashes[kept]);
        char hash[65];
        epoch_hash(runner, &other, 1, hash);
        assert_string_equal(hash, before); // of before the branch
        assert_ptr_equal(nn_runner_validation(runner), validation);
        assert_ptr_equal(validation->images, pictures);

        // Further back than where it began, and to the start.
        for (int epoch = 1; epoch >= 0; epoch--) {
            nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_REWIND, .epoch = epoch});
            wait_for_steps(runner, (uint64_t)(epoch * steps));
            order(runner, NN_ORDER_STEP_EPOCH);
            wait_for_steps(runner, (uint64_t)((epoch + 1) * steps));
        }
        nn_runner_free(runner);
    }
    assert_string_equal(hashes[0], hashes[1]);
    temp_remove(folder);
    synthetic_release(&data);
}

static void the_learning_rate_changes_at_the_next_batch(void **state) {
    (void)state;
    NnDataset data = synthetic(N, 1, 30);
    NnRecipe recipe = test_recipe();
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &recipe, .train = &data, .seed = 7, .threads = 1}, NULL);
    assert_non_null(trainer);
    for (int i = 0; !nn_trainer_finished(trainer); i++) {
        if (i == 5) {
            assert_int_equal(nn_trainer_scale_rate(trainer, 0.25, NULL), NN_OK);
        }
        assert_int_equal(nn_trainer_step(trainer, NULL, NULL), NN_OK);
        assert_near(nn_trainer_progress(trainer).learning_rate, i < 5 ? 0.001 : 0.00025, 1e-9,
                    "learning rate", i);
    }
    char expected[65], hash[65];
    nn_model_sha256(nn_trainer_model(trainer), expected);
    nn_trainer_free(trainer);

    NnRunner *runner = make(&recipe, &data);
    for (int i = 0; i < 5; i++) {
        order(runner, NN_ORDER_STEP_BATCH);
    }
    nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_LEARNING_RATE, .number = 2.0});
    nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_LEARNING_RATE, .number = (double)NAN});
    nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_LEARNING_RATE, .number = 0.25});
    order(runner, NN_ORDER_START);
    const NnRunnerState *done = wait_for(runner, NN_RUNNER_DONE);
    assert_near(done->rate_factor, 0.25, 0.0, "rate_factor", 0);
    newest_hash(runner, &recipe, hash);
    assert_string_equal(hash, expected);
    nn_runner_free(runner);
    synthetic_release(&data);
}

// --- kept in a folder ----------------------------------------------------------------------------

static NnRunner *make_in(const NnRecipe *recipe, const NnDataset *data, const char *folder) {
    NnRunner *runner = nn_runner_new(
        &(NnRunnerDesc){
            .recipe = recipe, .train = data, .seed = 7, .threads = 2, .run_folder = folder},
        NULL);
    assert_non_null(runner);
    return runner;
}

static void a_window_that_is_closed_loses_nothing(void **state) {
    (void)state;
    NnDataset data = synthetic(N, 1, 30);
    NnRecipe recipe = test_recipe();
    NnEpochRecord records[32];
    int n;
    char expected[65], hash[65], folder[TEMP_PATH], path[TEMP_PATH];
    headless(&recipe, &data, expected, records, &n);
    temp_folder(folder);
    temp_path(path, folder, "run");
    int steps = 0;
    for (int closed = 0; steps < 30; closed++) {
        NnRunner *runner = make_in(&recipe, &data, path);
        const NnRunnerState *ready = wait_for(runner, NN_RUNNER_READY);
        assert_int_equal(ready->steps_done, steps);
        assert_int_equal(nn_runner_epoch_count(runner), steps / STEPS);
        assert_int_equal(ready->epochs_kept, steps / STEPS);
        for (int i = 0; i < 7; i++, steps++) {
            order(runner, NN_ORDER_STEP_BATCH);
        }
        wait_for_steps(runner, (uint64_t)steps);
        nn_runner_free(runner);
    }
    NnRunner *runner = make_in(&recipe, &data, path);
    order(runner, NN_ORDER_START);
    wait_for(runner, NN_RUNNER_DONE);
    newest_hash(runner, &recipe, hash);
    assert_string_equal(hash, expected);
    nn_runner_free(runner);

    // Taken up when it is over: all is there to look at, and to go back to.
    runner = make_in(&recipe, &data, path);
    const NnRunnerState *done = wait_for(runner, NN_RUNNER_DONE);
    assert_int_equal(done->epochs_kept, n);
    assert_int_equal(done->measured_epoch, n);
    newest_hash(runner, &recipe, hash);
    assert_string_equal(hash, expected);
    for (int epoch = 1; epoch <= n; epoch++) {
        size_t n_answers, right = 0;
        const uint8_t *answers = nn_runner_epoch_answers(runner, epoch, &n_answers);
        assert_non_null(answers);
        for (size_t i = 0; i < n_answers; i++) {
            right += answers[i] == nn_runner_validation(runner)->labels[i];
        }
        assert_near((double)right / 64, records[epoch - 1].validation.accuracy, 1e-12, "answers",
                    epoch);
        epoch_hash(runner, &recipe, epoch, hash);
    }
    const int back_to[] = {2, 0, 3};
    for (int i = 0; i < 3; i++) {
        nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_REWIND, .epoch = back_to[i]});
        wait_for_steps(runner, (uint64_t)back_to[i] * STEPS);
        order(runner, NN_ORDER_START);
        wait_for(runner, NN_RUNNER_DONE);
        newest_hash(runner, &recipe, hash);
        assert_string_equal(hash, expected);
    }
    nn_runner_free(runner);

    // Answers that are broken are none; the rest of the run is there all the same.
    char answers_path[TEMP_PATH];
    temp_path(answers_path, path, "predictions/validation.u8");
    size_t n_bytes, n_answers;
    uint8_t *bytes = temp_read(answers_path, &n_bytes);
    assert_int_equal(n_bytes, 4 * 64);
    bytes[64 + 63] = 17;
    temp_write(answers_path, bytes, n_bytes - 1);
    free(bytes);
    runner = make_in(&recipe, &data, path);
    wait_for(runner, NN_RUNNER_DONE);
    for (int epoch = 1; epoch <= 4; epoch++) {
        bool whole = epoch == 1 || epoch == 3;
        assert_int_equal(nn_runner_epoch_answers(runner, epoch, &n_answers) != NULL, whole);
    }
    nn_runner_free(runner);

    // Two windows, one run: the second is told.
    NnRunner *first = make_in(&recipe, &data, path);
    wait_for(first, NN_RUNNER_DONE);
    NnRunner *second = make_in(&recipe, &data, path);
    assert_non_null(strstr(wait_for(second, NN_RUNNER_FAILED)->message, "process"));
    nn_runner_free(second);
    nn_runner_free(first);
    recipe.batch = 32;
    NnRunner *other = make_in(&recipe, &data, path);
    assert_non_null(strstr(wait_for(other, NN_RUNNER_FAILED)->message, "batch"));
    nn_runner_free(other);
    temp_remove(folder);
    synthetic_release(&data);
}

// --- what goes wrong -----------------------------------------------------------------------------

static void a_diverged_run_keeps_good_weights_and_can_go_back(void **state) {
    (void)state;
    NnDataset data = synthetic(N, 9, 0);
    NnRecipe recipe = small_recipe();
    recipe.arch.layers[0].activation = NN_ACT_NONE;
    recipe.optimiser = NN_OPTIM_SGD;
    recipe.learning_rate = 1000.0f;
    recipe.epochs = 50;
    recipe.validation = 64;
    NnRunner *runner = make(&recipe, &data);
    order(runner, NN_ORDER_START);
    const NnRunnerState *failed = wait_for(runner, NN_RUNNER_FAILED);
    assert_int_equal(failed->error.status, NN_ERR_NUMERIC);
    assert_non_null(strstr(failed->message, "diverged"));
    NnModel *model = nn_model_new(&recipe.arch, NULL);
    assert_non_null(model);
    assert_true(nn_runner_weights(runner, model));
    for (size_t i = 0; i < nn_model_block_count(model); i++) {
        assert_true(isfinite(nn_model_params(model)[i]));
    }
    nn_model_free(model);
    order(runner, NN_ORDER_START); // makes no sense now
    nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_REWIND, .epoch = 0});
    nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_LEARNING_RATE, .number = 1e-6});
    order(runner, NN_ORDER_STEP_EPOCH);
    const NnRunnerState *saved = wait_for_steps(runner, STEPS);
    assert_int_equal(saved->error.status, NN_OK);
    nn_runner_free(runner);
    synthetic_release(&data);
}

static void a_training_set_that_is_not_there_fails_with_a_sentence(void **state) {
    (void)state;
    NnRecipe recipe = small_recipe();
    strcpy(recipe.data, "no-such-set");
    NnRunner *runner = nn_runner_new(&(NnRunnerDesc){.recipe = &recipe}, NULL);
    assert_non_null(runner);
    order(runner, NN_ORDER_START);
    const NnRunnerState *failed = wait_for(runner, NN_RUNNER_FAILED);
    assert_non_null(strstr(failed->message, "no-such-set"));
    assert_null(nn_runner_validation(runner));
    size_t n;
    assert_null(nn_runner_epoch_answers(runner, 1, &n));
    nn_runner_free(runner);
    nn_runner_free(NULL);
}

static void without_a_split_there_is_nothing_to_measure(void **state) {
    (void)state;
    NnDataset data = synthetic(200, 1, 0);
    NnRecipe recipe = small_recipe();
    NnRunner *runner = make(&recipe, &data);
    order(runner, NN_ORDER_SAMPLE);
    order(runner, NN_ORDER_START);
    const NnRunnerState *done = wait_for(runner, NN_RUNNER_DONE);
    assert_int_equal(done->measured_epoch, 0);
    assert_int_equal(done->n_validation, 0);
    assert_true(isnan(nn_runner_epoch(runner, 0)->val_loss));
    size_t n;
    assert_null(nn_runner_epoch_answers(runner, 1, &n));
    nn_runner_free(runner);
    synthetic_release(&data);
}

// --- storms --------------------------------------------------------------------------------------

static void on_wake(void *user) {
    atomic_fetch_add((atomic_int *)user, 1);
}

// A window's behaviour at its worst: every order at any time, every question in between, runners
// closed at any moment. The sanitizers see whether it was right.
static void storm(int n_operations, uint64_t seed, const char *folder) {
    NnDataset data = synthetic(120, 1, 10);
    NnRecipe recipe = small_recipe();
    recipe.arch.layers[0].n_out = recipe.arch.layers[1].n_in = 4;
    recipe.validation = 40;
    recipe.batch = 16;
    recipe.epochs = 6;
    NnModel *model = nn_model_new(&recipe.arch, NULL);
    assert_non_null(model);
    NnRecipe other = recipe;
    other.optimiser = NN_OPTIM_SGD;
    other.batch = 8;
    Rng rng = rng_at(seed, RNG_STREAM_TEST, 0);
    NnRunner *runner = NULL;
    int branches = 0;
    atomic_int wakes = 0;
    size_t points = 0;
    int closed = 0;
    for (int i = 0; i < n_operations; i++) {
        if (runner == NULL) {
            runner = nn_runner_new(&(NnRunnerDesc){.recipe = &recipe,
                                                   .train = &data,
                                                   .seed = folder != NULL ? 1 : (uint64_t)i,
                                                   .run_folder = folder,
                                                   .threads = 1 + (int)rng_below(&rng, 3),
                                                   .wake = on_wake,
                                                   .user = &wakes},
                                   NULL);
            assert_non_null(runner);
            points = 0;
        }
        uint32_t what = rng_below(&rng, 110);
        if (what >= 100) {
            nn_runner_step_aside(runner, what % 2 == 0);
        } else if (what < 3) {
            char branch[TEMP_PATH + 16];
            (void)snprintf(branch, sizeof branch, "%s-%d", folder != NULL ? folder : "",
                           branches++);
            assert_true(nn_runner_branch(runner, (int)rng_below(&rng, 7),
                                         rng_below(&rng, 2) == 0 ? &recipe : &other,
                                         folder != NULL ? branch : NULL));
        } else if (what < 60) {
            nn_runner_order(runner, (NnOrder){.kind = (NnOrderKind)rng_below(&rng, 8),
                                              .number = (double)rng_uniform(&rng, 0.1f, 2.0f),
                                              .epoch = (int)rng_below(&rng, 7)});
        } else if (what < 70) {
            const NnRunnerState *state = nn_runner_state(runner, NULL);
            assert_true(state->progress.epoch <= 6);
            assert_true(state->branch_points <= nn_runner_point_count(runner));
        } else if (what < 80) {
            size_t count = nn_runner_point_count(runner);
            assert_true(count >= points);
            for (; points < count; points++) {
                assert_true(nn_runner_point(runner, points)->epoch > 0);
            }
        } else if (what < 88) {
            (void)nn_runner_weights(runner, model);
        } else if (what < 92) {
            (void)nn_runner_epoch_weights(runner, (int)rng_below(&rng, 7), model);
        } else if (what < 96) {
            size_t n;
            const uint8_t *answers =
                nn_runner_epoch_answers(runner, 1 + (int)rng_below(&rng, 6), &n);
            for (size_t k = 0; answers != NULL && k < n; k++) {
                assert_true(answers[k] < NN_CLASSES);
            }
        } else if (what < 98) {
            clock_sleep_ms(1);
        } else {
            nn_runner_free(runner);
            runner = NULL;
            closed++;
        }
    }
    nn_runner_free(runner);
    assert_true(closed > n_operations / 100);
    assert_true(atomic_load(&wakes) > 0);
    nn_model_free(model);
    synthetic_release(&data);
}

static void a_storm_of_operations_is_weathered(void **state) {
    (void)state;
    const char *wanted = getenv("INKLING_STORM"); // how many; the record is 10,000
    int n = wanted != NULL ? atoi(wanted) : 0;
    storm(n > 0 ? n : 2000, 1, NULL);
}

static void a_storm_over_a_folder_is_weathered(void **state) {
    (void)state;
    char folder[TEMP_PATH], path[TEMP_PATH];
    temp_folder(folder);
    storm(1000, 2, temp_path(path, folder, "run"));
    temp_remove(folder);
}

static void closing_takes_no_longer_than_a_batch(void **state) {
    (void)state;
    NnDataset data = synthetic(N, 1, 10);
    NnRecipe recipe = test_recipe();
    recipe.epochs = 100000;
    NnRunner *runner = make(&recipe, &data);
    order(runner, NN_ORDER_START);
    wait_for(runner, NN_RUNNER_RUNNING);
    clock_sleep_ms(50);
    double begin = clock_s();
    nn_runner_free(runner);
    assert_true(clock_s() - begin < 1.0);
    synthetic_release(&data);
}

int main(void) {
    static SameRow rows[] = {{0, 0.0f}, {0, 0.9f}, {2, 0.0f}, {2, 0.9f}};
    const struct CMUnitTest tests[] = {
        {"the headless numbers", run_same_numbers, NULL, NULL, &rows[0]},
        {"the headless numbers: average", run_same_numbers, NULL, NULL, &rows[1]},
        {"the headless numbers: early stopping", run_same_numbers, NULL, NULL, &rows[2]},
        {"the headless numbers: both", run_same_numbers, NULL, NULL, &rows[3]},
        cmocka_unit_test(pauses_single_steps_and_rewinds_change_no_bit),
        cmocka_unit_test(a_branch_goes_on_from_an_epoch_under_another_recipe),
        cmocka_unit_test(the_learning_rate_changes_at_the_next_batch),
        cmocka_unit_test(a_diverged_run_keeps_good_weights_and_can_go_back),
        cmocka_unit_test(a_training_set_that_is_not_there_fails_with_a_sentence),
        cmocka_unit_test(without_a_split_there_is_nothing_to_measure),
        cmocka_unit_test(a_window_that_is_closed_loses_nothing),
        cmocka_unit_test(a_storm_over_a_folder_is_weathered),
        cmocka_unit_test(a_storm_of_operations_is_weathered),
        cmocka_unit_test(closing_takes_no_longer_than_a_batch),
    };
    return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
