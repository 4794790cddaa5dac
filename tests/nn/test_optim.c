// Optimiser steps: ten of each against PyTorch, exact arithmetic where rates are 1, cuts and
// shards.

#include "nn/grad.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/torch_fixture.h"

enum { N = 40, LARGE = 5000 };

static const struct {
    const char *name;
    float learning_rate;
    NnOptim optim;
} rows[] = {
    {"sgd", 0.1f, {.kind = NN_OPTIM_SGD}},
    {"momentum", 0.1f, {.kind = NN_OPTIM_MOMENTUM, .momentum = 0.9f}},
    {"nesterov", 0.1f, {.kind = NN_OPTIM_NESTEROV, .momentum = 0.9f}},
    {"adagrad", 0.1f, {.kind = NN_OPTIM_ADAGRAD, .epsilon = 1e-10f}},
    {"rmsprop", 0.01f, {.kind = NN_OPTIM_RMSPROP, .beta2 = 0.99f, .epsilon = 1e-8f}},
    {"adam", 0.01f, {.kind = NN_OPTIM_ADAM, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f}},
    {"adam_l2",
     0.01f,
     {.kind = NN_OPTIM_ADAM, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f, .l2 = 0.01f}},
    {"adamw",
     0.01f,
     {.kind = NN_OPTIM_ADAMW,
      .beta1 = 0.9f,
      .beta2 = 0.999f,
      .epsilon = 1e-8f,
      .weight_decay = 0.1f}},
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

static const json_t *find_steps(const json_t *root, const char *name) {
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(root, "optimisers"), i, entry) {
        if (strcmp(json_string_value(json_object_get(entry, "optimiser")), name) == 0) {
            return json_object_get(entry, "weights");
        }
    }
    fail_msg("no optimiser %s in the fixture", name);
    return NULL;
}

static void ten_steps_equal_pytorch(void **state) {
    size_t row = *(size_t *)*state;
    json_t *root = fixture_open();
    const json_t *expected = find_steps(root, rows[row].name);
    float w[N], optimiser_state[2 * N] = {0}, g[N];
    fixture_noise(w, 20, N, 1.0f);
    for (uint32_t step = 1; step <= 10; step++) {
        fixture_noise(g, 29 + step, N, 0.5f);
        const float *gradients[] = {g};
        nn_optim_range(&rows[row].optim, rows[row].learning_rate, step, 1.0f, w, optimiser_state, N,
                       gradients, 1, 0, N, 1);
    }
    for (size_t i = 0; i < N; i++) {
        assert_near(w[i], fixture_number(expected, i), 1e-6, rows[row].name, i);
    }
    json_decref(root);
}

static void the_result_does_not_depend_on_how_a_range_is_cut(void **state) {
    size_t row = *(size_t *)*state;
    static float w[2][LARGE], optimiser_state[2][2 * LARGE], g[3][LARGE];
    memset(optimiser_state, 0, sizeof optimiser_state);
    fixture_noise(w[0], 1, LARGE, 1.0f);
    memcpy(w[1], w[0], sizeof w[0]);
    NnOptim optim = rows[row].optim;
    optim.l1 = 0.01f;
    for (uint32_t step = 1; step <= 3; step++) {
        for (uint32_t s = 0; s < 3; s++) {
            fixture_noise(g[s], 10 * step + s, LARGE, 0.3f);
        }
        const float *gradients[] = {g[0], g[1], g[2]};
        nn_optim_range(&optim, 0.1f, step, 0.7f, w[0], optimiser_state[0], LARGE, gradients, 3, 0,
                       LARGE, 1);
        Rng rng = rng_at(1, RNG_STREAM_TEST, step);
        for (size_t at = 0; at < LARGE;) {
            size_t n = 1 + rng_below(&rng, 1500);
            n = n < LARGE - at ? n : LARGE - at;
            nn_optim_range(&optim, 0.1f, step, 0.7f, w[1], optimiser_state[1], LARGE, gradients, 3,
                           at, n, 1);
            at += n;
        }
    }
    assert_memory_equal(w[0], w[1], sizeof w[0]);
    assert_memory_equal(optimiser_state[0], optimiser_state[1], sizeof optimiser_state[0]);
}

static void shards_are_added_in_their_order(void **state) {
    (void)state;
    // In this order the sum is exactly 1; in any other it is 0 or 2.
    const float shards[3] = {1e8f, -1e8f, 1.0f};
    const float *gradients[] = {&shards[0], &shards[1], &shards[2]};
    float w = 5.0f;
    nn_optim_range(&(NnOptim){.kind = NN_OPTIM_SGD}, 1.0f, 1, 1.0f, &w, NULL, 0, gradients, 3, 0, 1,
                   1);
    assert_true(w == 4.0f);
}

static void rate_zero_changes_nothing_and_rate_one_is_exact(void **state) {
    (void)state;
    float w = 2.0f, g = 0.5f;
    const float *gradients[] = {&g};
    NnOptim sgd = {.kind = NN_OPTIM_SGD};
    nn_optim_range(&sgd, 0.0f, 1, 1.0f, &w, NULL, 0, gradients, 1, 0, 1, 1);
    assert_true(w == 2.0f);
    nn_optim_range(&sgd, 1.0f, 1, 1.0f, &w, NULL, 0, gradients, 1, 0, 1, 1);
    assert_true(w == 1.5f);
    nn_optim_range(&sgd, 1.0f, 1, 0.5f, &w, NULL, 0, gradients, 1, 0, 1, 1); // clipped to half
    assert_true(w == 1.25f);
}

static void penalties_touch_weights_and_spare_biases(void **state) {
    (void)state;
    const float zero[3] = {0};
    const float *gradients[] = {zero};
    NnOptim optim = {.kind = NN_OPTIM_SGD, .l1 = 0.25f, .l2 = 0.125f};
    float w[3] = {2.0f, -2.0f, 0.0f};
    nn_optim_range(&optim, 1.0f, 1, 1.0f, w, NULL, 0, gradients, 1, 0, 3, 0);
    assert_true(w[0] == 2.0f && w[1] == -2.0f && w[2] == 0.0f);
    nn_optim_range(&optim, 1.0f, 1, 1.0f, w, NULL, 0, gradients, 1, 0, 3, 1);
    assert_true(w[0] == 1.25f && w[1] == -1.25f && w[2] == 0.0f); // 0.25 + 2 * 0.125 * 2
    NnOptim decay = {.kind = NN_OPTIM_SGD, .weight_decay = 0.5f};
    nn_optim_range(&decay, 0.5f, 1, 1.0f, w, NULL, 0, gradients, 1, 0, 3, 0);
    assert_true(w[0] == 1.25f);
    nn_optim_range(&decay, 0.5f, 1, 1.0f, w, NULL, 0, gradients, 1, 0, 3, 1);
    assert_true(w[0] == 0.9375f && w[1] == -0.9375f); // times 1 - 0.5 * 0.5
}

static void state_sizes(void **state) {
    (void)state;
    assert_int_equal(nn_optim_state_count(NN_OPTIM_SGD), 0);
    assert_int_equal(nn_optim_state_count(NN_OPTIM_NESTEROV), 1);
    assert_int_equal(nn_optim_state_count(NN_OPTIM_RMSPROP), 1);
    assert_int_equal(nn_optim_state_count(NN_OPTIM_ADAMW), 2);
}

int main(void) {
    enum { N_OTHERS = 4 };
    struct CMUnitTest tests[N_OTHERS + 2 * N_ROWS] = {
        cmocka_unit_test(shards_are_added_in_their_order),
        cmocka_unit_test(rate_zero_changes_nothing_and_rate_one_is_exact),
        cmocka_unit_test(penalties_touch_weights_and_spare_biases),
        cmocka_unit_test(state_sizes),
    };
    static size_t indices[N_ROWS];
    for (size_t i = 0; i < N_ROWS; i++) {
        indices[i] = i;
        tests[N_OTHERS + 2 * i] = (struct CMUnitTest){.name = rows[i].name,
                                                      .test_func = ten_steps_equal_pytorch,
                                                      .initial_state = &indices[i]};
        tests[N_OTHERS + 2 * i + 1] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = the_result_does_not_depend_on_how_a_range_is_cut,
                                .initial_state = &indices[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
