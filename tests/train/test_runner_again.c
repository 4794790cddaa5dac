// Going back to epochs that thinning has dropped. The limits are so small that of some thirty epochs
// four or five are kept; the oracle is the same training without a runner, or a run that keeps all.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/run.h"
#include "support/temp.h"
#include "train/runner_fixture.h"
#include "train/synthetic.h"

enum { N = 160, VALIDATION = 40, BATCH = 30, OTHER_BATCH = 24, STEPS = 4, EPOCHS = 24, SEED = 7 };

typedef struct {
    char folder[TEMP_PATH], first[TEMP_PATH], second[TEMP_PATH], third[TEMP_PATH];
    NnDataset data;
    NnRecipe recipe, other;
    char expected[EPOCHS + 1][65]; // hash after each epoch, the rate a quarter from epoch 7 on
} Bench;

static int make_bench(void **state) {
    Bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->data = synthetic(N, 1, 30);
    b->recipe = small_recipe();
    b->recipe.epochs = EPOCHS;
    b->recipe.validation = VALIDATION;
    b->recipe.batch = BATCH;
    b->recipe.ema = 0.9f;
    b->recipe.augment.shift_px = 1;
    b->recipe.arch.layers[0].dropout = 0.2f;
    b->other = b->recipe;
    b->other.optimiser = NN_OPTIM_SGD;
    b->other.batch = OTHER_BATCH;
    b->other.ema = 0;
    b->other.l2 = 1e-4f;
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){.recipe = &b->recipe, .train = &b->data, .seed = SEED, .threads = 1},
        NULL);
    assert_non_null(trainer);
    while (!nn_trainer_finished(trainer)) {
        assert_int_equal(nn_trainer_step(trainer, NULL, NULL), NN_OK);
        NnProgress p = nn_trainer_progress(trainer);
        if (p.epoch_done) {
            nn_model_sha256(nn_trainer_newest(trainer), b->expected[p.epoch]);
            if (p.epoch == 6) {
                assert_int_equal(nn_trainer_scale_rate(trainer, 0.25, NULL), NN_OK);
            }
        }
    }
    nn_trainer_free(trainer);
    *state = b;
    return 0;
}

static int free_bench(void **state) {
    Bench *b = *state;
    synthetic_release(&b->data);
    free(b);
    return 0;
}

static int set_up(void **state) {
    Bench *b = *state;
    temp_folder(b->folder);
    temp_path(b->first, b->folder, "run-1");
    temp_path(b->second, b->folder, "run-2");
    temp_path(b->third, b->folder, "run-3");
    return 0;
}

static int tear_down(void **state) {
    const Bench *b = *state;
    temp_remove(b->folder);
    return 0;
}

static NnRunner *make(const Bench *b, const NnRecipe *recipe, const char *folder, int limit_mb) {
    NnRunner *runner = nn_runner_new(&(NnRunnerDesc){.recipe = recipe,
                                                     .train = &b->data,
                                                     .seed = SEED,
                                                     .threads = 2,
                                                     .run_folder = folder,
                                                     .memory_mb = limit_mb,
                                                     .folder_mb = limit_mb},
                                     NULL);
    assert_non_null(runner);
    return runner;
}

// Up to the end of epoch 6.
static void step_epochs(NnRunner *runner, int from) {
    for (int epoch = from; epoch < 6; epoch++) {
        order(runner, NN_ORDER_STEP_EPOCH);
        wait_for_steps(runner, (uint64_t)(epoch + 1) * STEPS);
    }
}

// To its end, with the rate changed at the end of epoch 6.
static void train_all(NnRunner *runner) {
    wait_for(runner, NN_RUNNER_READY);
    step_epochs(runner, 0);
    nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_LEARNING_RATE, .number = 0.25});
    order(runner, NN_ORDER_START);
    wait_for(runner, NN_RUNNER_DONE);
}

static bool is_kept(NnRunner *runner, const NnRecipe *recipe, int epoch) {
    NnModel *model = nn_model_new(&recipe->arch, NULL);
    assert_non_null(model);
    bool kept = nn_runner_epoch_weights(runner, epoch, model);
    nn_model_free(model);
    return kept;
}

// Waits until so many rewinds and branches have been answered; *seen counts how often it was seen on
// its way to epoch `to` (0: any).
static const NnRunnerState *wait_for_answer(NnRunner *runner, int answered, int to, int *seen) {
    double deadline = clock_s() + 60;
    const NnRunnerState *state = nn_runner_state(runner, NULL);
    while (state->rewinds_answered < answered && clock_s() < deadline) {
        if (state->back.to != 0) {
            assert_true(to == 0 || state->back.to == to);
            assert_in_range(state->back.epoch, state->back.from, state->back.to);
            assert_true(state->back.done >= 0 && state->back.done <= 1);
            *seen += 1;
        }
        clock_sleep_ms(1);
        state = nn_runner_state(runner, NULL);
    }
    assert_int_equal(state->rewinds_answered, answered);
    assert_int_equal(state->back.to, 0);
    return state;
}

static void rewind_to(NnRunner *runner, int epoch) {
    nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_REWIND, .epoch = epoch});
}

// --- the same bits -------------------------------------------------------------------------------

static void dropped_epochs_come_back_with_the_same_bits(void **state) {
    const Bench *b = *state;
    static const int back_to[] = {23, 19, 11, 7, 6, 5, 3};
    enum { BACK = sizeof back_to / sizeof back_to[0] };
    for (int kept = 0; kept < 2; kept++) {
        NnRunner *runner = make(b, &b->recipe, kept ? b->first : NULL, 1);
        train_all(runner);
        int dropped = 0, seen = 0;
        char hash[65];
        for (int i = 0; i < BACK; i++) {
            dropped += !is_kept(runner, &b->recipe, back_to[i]);
            rewind_to(runner, back_to[i]);
            const NnRunnerState *now = wait_for_answer(runner, i + 1, back_to[i], &seen);
            assert_string_equal(now->message, "");
            assert_int_equal(now->phase, NN_RUNNER_PAUSED);
            assert_int_equal(now->branch_epoch, back_to[i]);
            assert_int_equal(now->steps_done, back_to[i] * STEPS);
            newest_hash(runner, &b->recipe, hash);
            assert_string_equal(hash, b->expected[back_to[i]]);
        }
        assert_true(dropped >= 5);
        assert_true(seen > 0);
        nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_LEARNING_RATE, .number = 1});
        step_epochs(runner, 3);
        nn_runner_order(runner, (NnOrder){.kind = NN_ORDER_LEARNING_RATE, .number = 0.25});
        order(runner, NN_ORDER_START);
        wait_for(runner, NN_RUNNER_DONE);
        rewind_to(runner, 21); // of the epochs trained a second time
        wait_for_answer(runner, BACK + 1, 21, &seen);
        newest_hash(runner, &b->recipe, hash);
        assert_string_equal(hash, b->expected[21]);
        nn_runner_free(runner);
    }
}

// The branch as the command line makes it, from a run that has kept all of its epochs.
static void headless_branch(const Bench *b, int epoch, char *hash) {
    char whole[TEMP_PATH], branch[TEMP_PATH];
    temp_path(whole, b->folder, "whole");
    temp_path(branch, b->folder, "headless");
    NnRunConfig config = {.recipe = b->recipe, .seed = SEED, .keep_mb = 64};
    NnRunDesc desc = {.folder = whole, .config = &config, .train = &b->data, .threads = 1};
    NnRun *run = nn_run_new(&desc, NULL);
    assert_non_null(run);
    while (!nn_trainer_finished(nn_run_trainer(run))) {
        assert_int_equal(nn_run_step(run, NULL, NULL), NN_OK);
        NnProgress p = nn_trainer_progress(nn_run_trainer(run));
        if (p.epoch_done && p.epoch == 6) {
            assert_int_equal(nn_run_scale_rate(run, 0.25, NULL), NN_OK);
        }
    }
    nn_run_free(run);
    config.recipe = b->other;
    desc.folder = branch;
    desc.branch_of = whole;
    desc.branch_epoch = epoch;
    run = nn_run_new(&desc, NULL);
    assert_non_null(run);
    assert_int_equal(nn_run_train(run, NULL, NULL), NN_OK);
    memcpy(hash, nn_run_result(run)->weights_sha256, 65);
    nn_run_free(run);
}

static void a_branch_from_a_dropped_epoch_is_the_headless_one(void **state) {
    const Bench *b = *state;
    const int epoch = 13, other_steps = (N - VALIDATION) / OTHER_BATCH;
    char expected[65], hash[65];
    headless_branch(b, epoch, expected);
    for (int kept = 0; kept < 2; kept++) {
        NnRunner *runner = make(b, &b->recipe, kept ? b->first : NULL, 1);
        train_all(runner);
        assert_false(is_kept(runner, &b->recipe, epoch));
        assert_true(nn_runner_branch(runner, epoch, &b->other, kept ? b->second : NULL));
        order(runner, NN_ORDER_START);
        const NnRunnerState *now = wait_for(runner, NN_RUNNER_DONE);
        while (now->branch == 0 || now->phase != NN_RUNNER_DONE) { // it was done before, too
            clock_sleep_ms(1);
            now = nn_runner_state(runner, NULL);
        }
        newest_hash(runner, &b->other, hash);
        assert_string_equal(hash, expected);

        // Back from the branch: into its own epochs, and over the place where it began.
        static const int back_to[] = {19, 15, 13, 10};
        int seen = 0;
        for (int i = 0; i < 4; i++) {
            rewind_to(runner, back_to[i]);
            now = wait_for_answer(runner, i + 2, back_to[i], &seen);
            assert_string_equal(now->message, "");
            assert_int_equal(now->steps_done, back_to[i] * other_steps);
            if (back_to[i] >= epoch) { // the end it leads to is the branch's
                order(runner, NN_ORDER_START);
                wait_for(runner, NN_RUNNER_DONE);
                newest_hash(runner, &b->other, hash);
                assert_string_equal(hash, expected);
            }
        }
        nn_runner_free(runner);
    }
}

// What the files keep is enough after the window was closed, too.
static void a_run_that_is_taken_up_can_go_back(void **state) {
    const Bench *b = *state;
    int seen = 0;
    char hash[65], expected[65];
    NnRunner *runner = make(b, &b->recipe, b->first, 1);
    train_all(runner);
    nn_runner_free(runner);
    runner = make(b, &b->recipe, b->first, 1);
    wait_for(runner, NN_RUNNER_DONE);
    rewind_to(runner, 17);
    assert_string_equal(wait_for_answer(runner, 1, 17, &seen)->message, "");
    newest_hash(runner, &b->recipe, hash);
    assert_string_equal(hash, b->expected[17]);

    // A branch of its own keeps where it began; the epochs before that are not its own.
    assert_true(nn_runner_branch(runner, 13, &b->other, b->second));
    order(runner, NN_ORDER_START);
    wait_for_answer(runner, 2, 13, &seen);
    wait_for(runner, NN_RUNNER_DONE);
    newest_hash(runner, &b->other, expected);
    nn_runner_free(runner);
    for (int epoch = 13; epoch < 16; epoch++) {
        runner = make(b, &b->other, b->second, 1);
        wait_for(runner, NN_RUNNER_DONE);
        assert_false(is_kept(runner, &b->other, epoch));
        rewind_to(runner, epoch);
        assert_string_equal(wait_for_answer(runner, 1, epoch, &seen)->message, "");
        order(runner, NN_ORDER_START);
        wait_for(runner, NN_RUNNER_DONE);
        newest_hash(runner, &b->other, hash);
        assert_string_equal(hash, expected);
        nn_runner_free(runner);
    }
    runner = make(b, &b->other, b->second, 1);
    wait_for(runner, NN_RUNNER_DONE);
    rewind_to(runner, 12);
    const NnRunnerState *now = wait_for_answer(runner, 1, 12, &seen);
    assert_non_null(strstr(now->message, "branched from"));
    assert_int_equal(now->phase, NN_RUNNER_DONE);

    // A branch of the branch, from the very epoch where that began.
    assert_true(nn_runner_branch(runner, 13, &b->other, b->third));
    order(runner, NN_ORDER_START);
    wait_for_answer(runner, 2, 13, &seen);
    wait_for(runner, NN_RUNNER_DONE);
    newest_hash(runner, &b->other, hash);
    assert_string_equal(hash, expected);
    nn_runner_free(runner);
}

// --- giving up -----------------------------------------------------------------------------------

// kind and what was ordered for after the arrival are gone; the run is where it was.
static void stays(NnRunner *runner, NnOrderKind kind, int answered) {
    int seen = 0;
    rewind_to(runner, 13);
    order(runner, NN_ORDER_START);
    order(runner, kind);
    const NnRunnerState *now = wait_for_answer(runner, answered, 13, &seen);
    assert_non_null(strstr(now->message, "given up"));
    assert_int_equal(now->phase, NN_RUNNER_PAUSED);
    assert_int_equal(now->steps_done, 20 * STEPS);
    assert_int_equal(now->epochs_kept, 20);
    assert_int_equal(now->branch, 1);
}

static void going_back_can_be_given_up(void **state) {
    const Bench *b = *state;
    int seen = 0;
    char hash[65];
    NnRunner *runner = make(b, &b->recipe, b->first, 1);
    train_all(runner);
    rewind_to(runner, 20);
    wait_for_answer(runner, 1, 20, &seen);
    assert_false(is_kept(runner, &b->recipe, 13));
    stays(runner, NN_ORDER_PAUSE, 2);
    stays(runner, NN_ORDER_STOP, 3);

    order(runner, NN_ORDER_STEP_EPOCH);
    wait_for_steps(runner, 21 * STEPS);
    newest_hash(runner, &b->recipe, hash);
    assert_string_equal(hash, b->expected[21]);

    // For the way to elsewhere it is given up, too.
    rewind_to(runner, 13);
    order(runner, NN_ORDER_START);
    rewind_to(runner, 16);
    const NnRunnerState *now = wait_for_answer(runner, 5, 0, &seen);
    assert_int_equal(now->phase, NN_RUNNER_PAUSED);
    assert_int_equal(now->steps_done, 16 * STEPS);
    newest_hash(runner, &b->recipe, hash);
    assert_string_equal(hash, b->expected[16]);

    // Stop is an order like any other again.
    order(runner, NN_ORDER_STOP);
    wait_for(runner, NN_RUNNER_STOPPED);
    nn_runner_free(runner);
    runner = make(b, &b->recipe, b->first, 1);
    wait_for(runner, NN_RUNNER_READY);
    rewind_to(runner, 13);
    nn_runner_free(runner); // on its way
}

// --- where there is no way back ------------------------------------------------------------------

static void an_epoch_that_comes_out_otherwise_is_refused(void **state) {
    const Bench *b = *state;
    int seen = 0;
    char path[TEMP_PATH], hash[65];
    NnRunner *runner = make(b, &b->recipe, b->first, 1);
    train_all(runner);
    nn_runner_free(runner);
    temp_write(temp_path(path, b->first, "rates.jsonl"), "", 0); // nobody knows of the change now
    runner = make(b, &b->recipe, b->first, 1);
    wait_for(runner, NN_RUNNER_DONE);
    rewind_to(runner, 7);
    const NnRunnerState *now = wait_for_answer(runner, 1, 7, &seen);
    assert_non_null(strstr(now->message, "epoch 7 came out another one"));
    assert_int_equal(now->phase, NN_RUNNER_DONE);
    assert_int_equal(now->steps_done, EPOCHS * STEPS);
    newest_hash(runner, &b->recipe, hash);
    assert_string_equal(hash, b->expected[EPOCHS]);
    rewind_to(runner, EPOCHS + 1);
    assert_non_null(strstr(wait_for_answer(runner, 2, 0, &seen)->message, "no epoch 25"));
    nn_runner_free(runner);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(dropped_epochs_come_back_with_the_same_bits, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_branch_from_a_dropped_epoch_is_the_headless_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_is_taken_up_can_go_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(going_back_can_be_given_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_epoch_that_comes_out_otherwise_is_refused, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("runner going back", tests, make_bench, free_bench);
}
