// Networks that learn no more: their answers beside those of the forward pass in f32, of all that a
// network can be made of; and that an answer depends on its picture alone.

#include "nn/frozen.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "nn/random_net.h"
#include "support/near.h"

enum { PICTURES = 70 }; // more than any network takes at a time, and a rest

static NetRow rows[] = {
    {"blocks of channels, strides, projections and a sum that is used again",
     NET({CONV(32, 3, 1, 1)}, {.kind = NN_LAYER_MAX_POOL, .kernel = 2},
         {NORM, .activation = NN_ACT_RELU}, {CONV(48, 3, 1, 1)}, {NORM, .activation = NN_ACT_RELU},
         {CONV(48, 3, 1, 1)}, {NORM}, {CONV(48, 1, 1, 0), .from = 3},
         {NORM, .activation = NN_ACT_RELU, .add = 7}, {CONV(48, 3, 1, 1)}, {NORM, .add = 9},
         {CONV(48, 3, 1, 1), .activation = NN_ACT_RELU, .add = 9}, {CONV(16, 3, 2, 1), .add = 0},
         {NORM, .activation = NN_ACT_RELU}, {.kind = NN_LAYER_AVERAGE_POOL},
         {.n_out = NN_CLASSES})},
    {"every kind of layer, few channels", {.n_layers = 0}}, // block_net()
    {"a normalised first convolution, activations of all kinds behind convolutions",
     NET({CONV(16, 5, 2, 2)}, {NORM, .activation = NN_ACT_RELU},
         {CONV(16, 3, 1, 1), .activation = NN_ACT_GELU}, {CONV(16, 3, 1, 1)},
         {NORM, .activation = NN_ACT_TANH, .add = 3},
         {CONV(16, 3, 1, 1), .activation = NN_ACT_RELU, .residual = true},
         {CONV(16, 3, 2, 1), .activation = NN_ACT_LEAKY_RELU}, {CONV(32, 1, 1, 0)},
         {.kind = NN_LAYER_MAX_POOL, .kernel = 3}, {.kind = NN_LAYER_FLATTEN},
         {.n_out = 40, .activation = NN_ACT_SWISH}, {.n_out = NN_CLASSES})},
    {"a convolution whose result is wanted besides its normalisation",
     NET({CONV(16, 3, 2, 1), .activation = NN_ACT_RELU}, {CONV(16, 3, 1, 1)}, {NORM},
         {CONV(16, 3, 1, 1), .from = 2, .add = 3}, {.kind = NN_LAYER_AVERAGE_POOL},
         {.n_out = NN_CLASSES})},
    {"a normalised picture, one channel for a dense layer",
     NET({NORM}, {CONV(8, 3, 2, 1), .activation = NN_ACT_RELU},
         {CONV(1, 3, 1, 1), .activation = NN_ACT_RELU}, {.n_out = 30, .activation = NN_ACT_RELU},
         {.n_out = NN_CLASSES})},
    {"dense layers, residual ones and a sum among them",
     NET({.n_out = 64, .activation = NN_ACT_RELU},
         {.n_out = 64, .activation = NN_ACT_GELU, .residual = true},
         {.n_out = 64, .activation = NN_ACT_RELU, .add = 1}, {.n_out = NN_CLASSES})},
    {"one layer", NET({.n_out = NN_CLASSES})},
};

static float *random_pictures(void) {
    float *inputs = mem_new(PICTURES * NN_PIXELS, sizeof *inputs);
    assert_non_null(inputs);
    Rng rng = rng_at(7, RNG_STREAM_TEST, 0);
    for (size_t i = 0; i < PICTURES * NN_PIXELS; i++) {
        inputs[i] = rng_uniform(&rng, -0.5f, 1.5f);
    }
    return inputs;
}

typedef struct {
    NnModel *model;
    NnFrozen *frozen;
    void *room;
    float *inputs;
} Fixture;

static Fixture fixture(const NetRow *row) {
    Fixture f = {.model = random_net(row), .inputs = random_pictures()};
    f.frozen = nn_frozen_new(f.model, NULL);
    assert_non_null(f.frozen);
    f.room = mem_new_aligned(nn_frozen_room(f.frozen), 1);
    assert_non_null(f.room);
    memset(f.room, 0xff, nn_frozen_room(f.frozen)); // NaN, should anybody read what nobody wrote
    return f;
}

static void release(Fixture *f) {
    mem_free(f->room);
    mem_free(f->inputs);
    nn_frozen_free(f->frozen);
    nn_model_free(f->model);
}

// Rounding to 8 bits, some ten times on the way.
static void run_beside_f32(void **state) {
    Fixture f = fixture(*state);
    static float logits[PICTURES * NN_CLASSES];
    nn_frozen_answer(f.frozen, f.room, logits, f.inputs, PICTURES);
    NnWorkspace *work = nn_workspace_new(f.model, PICTURES, false, NULL);
    assert_non_null(work);
    const float *expected = nn_forward(f.model, work, f.inputs, PICTURES);
    double largest = 0, squares = 0, errors = 0;
    for (size_t i = 0; i < PICTURES * NN_CLASSES; i++) {
        double size = fabs((double)expected[i]), error = (double)(logits[i] - expected[i]);
        largest = size > largest ? size : largest;
        squares += size * size;
        errors += error * error;
    }
    for (size_t i = 0; i < PICTURES * NN_CLASSES; i++) {
        assert_near((double)logits[i] / largest, (double)expected[i] / largest, 0.03, "logit", i);
    }
    assert_true(errors < squares * 1e-4); // a hundredth, typically
    nn_workspace_free(work);
    release(&f);
}

static void run_alone(void **state) {
    Fixture f = fixture(*state);
    static float together[PICTURES * NN_CLASSES];
    nn_frozen_answer(f.frozen, f.room, together, f.inputs, PICTURES);
    for (int first = 0; first < PICTURES; first += 7) {
        int n = PICTURES - first < 3 ? PICTURES - first : 3;
        float few[3 * NN_CLASSES];
        uint64_t before = mem_request_count();
        nn_frozen_answer(f.frozen, f.room, few, f.inputs + (size_t)first * NN_PIXELS, n);
        assert_int_equal(mem_request_count(), before);
        assert_memory_equal(few, together + (size_t)first * NN_CLASSES,
                            (size_t)n * NN_CLASSES * sizeof *few);
    }
    release(&f);
}

static void run_without_memory(void **state) {
    NnModel *model = random_net(*state);
    uint64_t n = 1;
    for (NnFrozen *frozen = NULL; frozen == NULL; n++) {
        NnError err = {0};
        mem_fail_at(n, n % 2 == 0);
        frozen = nn_frozen_new(model, &err);
        mem_fail_at(0, false);
        assert_true(frozen != NULL || err.status == NN_ERR_NOMEM);
        nn_frozen_free(frozen);
    }
    assert_true(n > 3);
    nn_model_free(model);
    nn_frozen_free(NULL);
}

int main(void) {
    enum { N = sizeof rows / sizeof rows[0] };
    static char titles[3 * N][160];
    struct CMUnitTest tests[3 * N];
    const CMUnitTestFunction runs[] = {run_beside_f32, run_alone, run_without_memory};
    const char *const what[] = {"answers as in f32", "one picture's answer", "out of memory"};
    for (size_t i = 0; i < 3 * N; i++) {
        (void)snprintf(titles[i], sizeof titles[i], "%s: %s", what[i / N], rows[i % N].title);
        tests[i] = (struct CMUnitTest){
            .name = titles[i], .test_func = runs[i / N], .initial_state = &rows[i % N]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
