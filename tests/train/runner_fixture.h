// runner_fixture.h - what the tests of the runner share: orders, and waiting for what comes of them.
//
// After cmocka.h.

#ifndef TESTS_TRAIN_RUNNER_FIXTURE_H
#define TESTS_TRAIN_RUNNER_FIXTURE_H

#include "base/clock.h"
#include "nn/runner.h"

static inline void order(NnRunner *runner, NnOrderKind kind) {
    nn_runner_order(runner, (NnOrder){.kind = kind});
}

// Waits for a phase; the test fails where it does not come.
static inline const NnRunnerState *wait_for(NnRunner *runner, NnRunnerPhase phase) {
    double deadline = clock_s() + 60;
    const NnRunnerState *state = nn_runner_state(runner, NULL);
    while (state->phase != phase && clock_s() < deadline) {
        clock_sleep_ms(1);
        state = nn_runner_state(runner, NULL);
    }
    if (state->phase != phase) {
        fail_msg("phase %d came instead of %d: %s", state->phase, phase, state->message);
    }
    return state;
}

// The same for a number of steps done while it stands still.
static inline const NnRunnerState *wait_for_steps(NnRunner *runner, uint64_t steps) {
    double deadline = clock_s() + 60;
    const NnRunnerState *state = nn_runner_state(runner, NULL);
    while ((state->steps_done != steps || state->phase != NN_RUNNER_PAUSED) &&
           clock_s() < deadline) {
        clock_sleep_ms(1);
        state = nn_runner_state(runner, NULL);
    }
    assert_int_equal(state->steps_done, steps);
    assert_int_equal(state->phase, NN_RUNNER_PAUSED);
    return state;
}

static inline void newest_hash(NnRunner *runner, const NnRecipe *recipe, char *hash) {
    NnModel *model = nn_model_new(&recipe->arch, NULL);
    assert_non_null(model);
    assert_true(nn_runner_weights(runner, model));
    assert_false(nn_runner_weights(runner, model)); // nothing newer
    nn_model_sha256(model, hash);
    nn_model_free(model);
}

static inline void epoch_hash(NnRunner *runner, const NnRecipe *recipe, int epoch, char *hash) {
    NnModel *model = nn_model_new(&recipe->arch, NULL);
    assert_non_null(model);
    assert_true(nn_runner_epoch_weights(runner, epoch, model));
    nn_model_sha256(model, hash);
    nn_model_free(model);
}

#endif
