// Training in bf16: rounding against the next smaller and larger of all bf16 numbers, products
// against naive loops over rounded operands, convolutions and gradients against those in f32.

#include "nn/bf16.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "nn/grad.h"
#include "nn/kernels_bf16.h"
#include "nn/reference.h"
#include "support/near.h"

static float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

typedef void Round(Bf16 *to, const float *from, size_t n);

// The CPU's instruction, where it has one, and the loop for those that have none.
static Round *const roundings[] = {bf16_round, bf16_round_plain};

enum { N_ROUNDINGS = sizeof roundings / sizeof roundings[0], SMALLEST_NORMAL = 0x0080 };

static Bf16 rounded_by(Round *round_them, float x) {
    Bf16 out;
    round_them(&out, &x, 1);
    return out;
}

static Bf16 rounded(float x) {
    return rounded_by(bf16_round, x);
}

static void rounding_takes_the_nearest_and_of_two_the_even_one(void **state) {
    (void)state;
    for (size_t k = 0; k < N_ROUNDINGS; k++) {
        for (uint32_t upper = SMALLEST_NORMAL; upper < 0x7f7f; upper++) { // all but the largest
            uint32_t low = upper << 16;
            uint32_t even = upper % 2 == 0 ? upper : upper + 1;
            const uint32_t expected[][2] = {{0, upper},          {1, upper},
                                            {0x7fff, upper},     {0x8000, even},
                                            {0x8001, upper + 1}, {0xffff, upper + 1}};
            for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
                uint32_t bits = low | expected[i][0];
                assert_int_equal(rounded_by(roundings[k], float_of(bits)), expected[i][1]);
                assert_int_equal(rounded_by(roundings[k], float_of(0x80000000 | bits)),
                                 0x8000 | expected[i][1]);
            }
        }
    }
}

static void zero_infinity_and_nan_stay_what_they_are(void **state) {
    (void)state;
    const uint32_t nans[] = {0x7f800001, 0x7f80ffff, 0x7fc00000,
                             0x7fffffff, 0xff800001, 0xffffffff};
    for (size_t k = 0; k < N_ROUNDINGS; k++) {
        Round *by = roundings[k];
        assert_int_equal(rounded_by(by, 0.0f), 0);
        assert_int_equal(rounded_by(by, -0.0f), 0x8000);
        assert_int_equal(rounded_by(by, INFINITY), 0x7f80);
        assert_int_equal(rounded_by(by, -INFINITY), 0xff80);
        assert_int_equal(rounded_by(by, float_of(0x7f7fffff)), 0x7f80); // nearer than any finite
        for (size_t i = 0; i < sizeof nans / sizeof nans[0]; i++) {
            float back;
            Bf16 nan = rounded_by(by, float_of(nans[i]));
            bf16_widen(&back, &nan, 1);
            assert_true(isnan(back));
        }
    }
}

// Subnormal numbers included, of which the two kinds of rounding make different things.
static void many_are_rounded_as_one_is(void **state) {
    (void)state;
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    float from[100];
    for (size_t k = 0; k < N_ROUNDINGS; k++) {
        for (size_t n = 0; n <= 100; n++) {
            for (size_t i = 0; i < n; i++) {
                from[i] = rng_uniform(&rng, -4.0f, 4.0f) * (i % 3 == 0 ? 1e-39f : 1.0f);
            }
            Bf16 to[101];
            to[n] = 0x1234;
            roundings[k](to, from, n);
            for (size_t i = 0; i < n; i++) {
                assert_int_equal(to[i], rounded_by(roundings[k], from[i]));
            }
            assert_int_equal(to[n], 0x1234);
        }
    }
}

// --- products ------------------------------------------------------------------------------------

static Bf16 *random_block(Rng *rng, size_t n) {
    Bf16 *block = mem_new_aligned(n, sizeof *block);
    assert_non_null(block);
    for (size_t i = 0; i < n; i++) {
        block[i] = rounded(rng_uniform(rng, -1.0f, 1.0f));
    }
    return block;
}

static double value(Bf16 x) {
    return (double)float_of((uint32_t)x << 16);
}

typedef struct {
    const char *name;
    int I, O, max_batch;
} Shape;

static const Shape shapes[] = {
    {"one by one", 1, 1, 1},
    {"odd sizes", 13, 7, 5},
    {"a last layer", 32, 10, 64},
    {"a first layer", 784, 32, 33},
    {"wider than vectors", 129, 67, 128},
};

// All three products for batches of max_batch, fewer and one; larger ones first, as what was made
// for them is then there to be mistaken.
static void products_equal_naive_loops(void **state) {
    const Shape *shape = *state;
    int I = shape->I, O = shape->O, batches[] = {shape->max_batch, (shape->max_batch + 1) / 2, 1};
    KernelsBf16 *dense = kernels_bf16_dense_new(I, O, shape->max_batch);
    assert_non_null(dense);
    for (size_t t = 0; t < 3; t++) {
        int B = batches[t];
        Rng rng = rng_at(4, RNG_STREAM_TEST, t);
        Bf16 *x = random_block(&rng, (size_t)B * (size_t)I);
        Bf16 *w = random_block(&rng, (size_t)O * (size_t)I);
        Bf16 *dz = random_block(&rng, (size_t)B * (size_t)O);
        float *y = mem_new_aligned((size_t)B * (size_t)O, sizeof *y);
        float *dw = mem_new_aligned((size_t)O * (size_t)I, sizeof *dw);
        float *dx = mem_new_aligned((size_t)B * (size_t)I, sizeof *dx);
        float *more = mem_new_aligned((size_t)B * (size_t)I, sizeof *more);
        for (int i = 0; i < B * I; i++) {
            more[i] = 3.0f;
        }
        kernels_bf16_dense_forward(dense, y, x, w, B);
        kernels_bf16_dense_backward_weights(dense, dw, dz, x, B);
        kernels_bf16_dense_backward_data(dense, dx, dz, w, B, false);
        kernels_bf16_dense_backward_data(dense, more, dz, w, B, true);
        for (int b = 0; b < B; b++) {
            for (int o = 0; o < O; o++) {
                double sum = 0;
                for (int i = 0; i < I; i++) {
                    sum += value(x[b * I + i]) * value(w[o * I + i]);
                }
                assert_near(y[b * O + o], sum, 3e-5, "y", b * O + o);
            }
            for (int i = 0; i < I; i++) {
                double sum = 0;
                for (int o = 0; o < O; o++) {
                    sum += value(dz[b * O + o]) * value(w[o * I + i]);
                }
                assert_near(dx[b * I + i], sum, 3e-5, "dx", b * I + i);
                assert_near(more[b * I + i], sum + 3, 3e-5, "dx added", b * I + i);
            }
        }
        for (int o = 0; o < O; o++) {
            for (int i = 0; i < I; i++) {
                double sum = 0;
                for (int b = 0; b < B; b++) {
                    sum += value(dz[b * O + o]) * value(x[b * I + i]);
                }
                assert_near(dw[o * I + i], sum, 3e-5, "dw", o * I + i);
            }
        }
        void *blocks[] = {x, w, dz, y, dw, dx, more};
        for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
            mem_free(blocks[i]);
        }
    }
    kernels_bf16_free(dense);
}

// --- convolutions --------------------------------------------------------------------------------

typedef struct {
    const char *name;
    KernelsConvShape shape;
} Conv;

// Channels, height, width of the input; outputs, kernel, stride, padding.
static const Conv convs[] = {
    {"a first convolution", {1, 28, 28, 32, 3, 1, 1}},
    {"a second convolution", {32, 14, 14, 64, 3, 1, 1}},
    {"a projection", {16, 8, 8, 24, 1, 2, 0}},
    {"an even kernel, a stride that leaves a rest", {3, 9, 7, 5, 2, 3, 0}},
    {"odd channels, wide padding", {17, 12, 12, 33, 4, 2, 3}},
};

// Against the f32 kernels, which have a reference of their own, on operands that are in bf16.
static void convolutions_equal_those_of_f32(void **state) {
    const KernelsConvShape *shape = &((const Conv *)*state)->shape;
    enum { MAX_BATCH = 9 };
    int K = shape->kernel, S = shape->stride, P = shape->padding;
    size_t in = (size_t)(shape->height * shape->width * shape->channels);
    size_t outputs = (size_t)shape->out_channels;
    size_t out = (size_t)(kernels_conv_size(shape->height, K, S, P) *
                          kernels_conv_size(shape->width, K, S, P)) *
                 outputs;
    size_t n_w = outputs * (size_t)(shape->channels * K * K);
    KernelsBf16 *conv = kernels_bf16_conv_new(shape, MAX_BATCH);
    KernelsConv *wide = kernels_conv_new(shape, MAX_BATCH, true);
    assert_true(conv != NULL && wide != NULL);
    const int batches[] = {MAX_BATCH, 4, 1};
    for (size_t t = 0; t < 3; t++) {
        size_t B = (size_t)batches[t];
        Rng rng = rng_at(6, RNG_STREAM_TEST, t);
        Bf16 *operands[] = {random_block(&rng, B * in), random_block(&rng, n_w),
                            random_block(&rng, B * out)};
        const size_t sizes[] = {B * in, n_w, B * out, outputs};
        float *read[4], *got[4], *expected[4]; // x, w, dy or y, bias
        for (size_t i = 0; i < 4; i++) {
            read[i] = mem_new(sizes[i], sizeof(float));
            got[i] = mem_new_aligned(sizes[i], sizeof(float));
            expected[i] = mem_new_aligned(sizes[i], sizeof(float));
            if (i < 3) {
                bf16_widen(read[i], operands[i], sizes[i]);
            } else {
                for (size_t k = 0; k < outputs; k++) {
                    read[3][k] = rng_uniform(&rng, -1.0f, 1.0f);
                }
            }
        }
        const Bf16 *x = operands[0], *w = operands[1], *dy = operands[2];
        kernels_bf16_conv_forward(conv, got[2], x, w, read[3], (int)B);
        kernels_conv_forward(wide, expected[2], read[0], read[1], read[3], (int)B);
        kernels_bf16_conv_backward_weights(conv, got[1], got[3], dy, x, (int)B);
        kernels_conv_backward_weights(wide, expected[1], expected[3], read[2], read[0], (int)B);
        kernels_bf16_conv_backward_data(conv, got[0], dy, w, (int)B);
        kernels_conv_backward_data(wide, expected[0], read[2], read[1], (int)B);
        static const char *const names[] = {"dx", "dw", "y", "d bias"};
        for (size_t i = 0; i < 4; i++) {
            for (size_t k = 0; k < sizes[i]; k++) {
                assert_near(got[i][k], expected[i][k], 5e-5, names[i], k);
            }
            mem_free(i < 3 ? operands[i] : NULL);
            mem_free(read[i]);
            mem_free(got[i]);
            mem_free(expected[i]);
        }
    }
    kernels_bf16_free(conv);
    kernels_conv_free(wide);
}

// --- gradient ------------------------------------------------------------------------------------

enum { B = 24 };

typedef struct {
    const char *name;
    const char *layers;
    double tolerance; // of ReLU more: a unit near zero may end up on the other side
} Case;

static const Case cases[] = {
    {"relu", "{'dense': 48}, {'dense': 48}, {'dense': 48}", 0.2},
    {"relu, dropout", "{'dense': 48, 'dropout': 0.4}, {'dense': 48, 'dropout': 0.4}", 0.2},
    {"gelu, residual",
     "{'dense': 48, 'activation': 'gelu'},"
     "{'dense': 48, 'activation': 'gelu', 'residual': true}",
     0.03},
    {"tanh, residual, dropout",
     "{'dense': 48, 'activation': 'tanh'},"
     "{'dense': 48, 'activation': 'tanh', 'residual': true, 'dropout': 0.3}",
     0.03},
    {"convolutions, one of them a projection",
     "{'conv': 6, 'stride': 2, 'activation': 'tanh'},"
     "{'conv': 8, 'padding': 1, 'activation': 'none'},"
     "{'conv': 8, 'kernel': 1, 'from': 1, 'add': 2, 'activation': 'swish'},"
     "{'average_pool': true}, {'dense': 16, 'activation': 'gelu'}",
     0.03},
    {"convolutions of which one is residual, flattened",
     "{'conv': 6, 'stride': 3, 'activation': 'tanh'}, {'batch_norm': true},"
     "{'conv': 6, 'padding': 1, 'residual': true, 'activation': 'tanh'}, {'flatten': true}",
     0.03},
};

static NnModel *case_model(const Case *c) {
    char text[1024];
    snprintf(text, sizeof text,
             "{\"name\": \"small\", \"input_mean\": 0.3, \"layers\": [%s, {'dense': 10}]}",
             c->layers);
    for (char *at = text; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    NnRecipe recipe;
    NnError err = {0};
    if (nn_recipe_parse(text, strlen(text), "small", &recipe, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    NnModel *model = nn_model_new(&recipe.arch, NULL);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, 5);
    return model;
}

static double relative_difference(const float *a, const float *b, size_t n) {
    double difference = 0, length = 0;
    for (size_t i = 0; i < n; i++) {
        difference += ((double)b[i] - (double)a[i]) * ((double)b[i] - (double)a[i]);
        length += (double)a[i] * (double)a[i];
    }
    return sqrt(difference / length);
}

static void gradient_is_that_of_f32_but_for_the_rounding(void **state) {
    const Case *c = *state;
    NnModel *model = case_model(c);
    size_t n = nn_model_block_count(model);
    static uint8_t pixels[B * NN_PIXELS];
    static float inputs[B * NN_PIXELS];
    uint8_t labels[B];
    ref_digits(pixels, B, 11);
    nn_standardise(nn_model_arch(model), inputs, pixels, B);
    for (int b = 0; b < B; b++) {
        labels[b] = (uint8_t)(3 * b % NN_CLASSES);
    }
    Bf16 *weights = mem_new_aligned(n, sizeof *weights);
    float *gradients[2];
    NnShardResult results[2];
    bf16_round(weights, nn_model_params_const(model), n);
    for (int k = 0; k < 2; k++) {
        NnWorkspace *work = nn_workspace_new(model, B, true, NULL);
        gradients[k] = mem_new_aligned(n, sizeof(float));
        assert_non_null(gradients[k]);
        assert_true(k == 0 || nn_workspace_use_bf16(work, weights, NULL) == NN_OK);
        results[k] = nn_grad_shard(model, work, inputs, labels, B, 1.0f / B, 0, NULL, 99, 1000,
                                   gradients[k]);
        nn_workspace_free(work);
    }
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n_places = nn_model_tensors(model, places);
    for (size_t i = 0; i < n_places; i++) {
        size_t at = places[i].offset;
        double relative =
            relative_difference(gradients[0] + at, gradients[1] + at, places[i].count);
        if (!(relative < c->tolerance)) { // operands are off by up to 1/256
            fail_msg("%s: relative difference %.4f", places[i].name, relative);
        }
    }
    assert_true(relative_difference(gradients[0], gradients[1], n) > 0.0005); // it is bf16
    assert_near(results[1].loss, results[0].loss, 0.01 * results[0].loss, "loss", 0);
    mem_free(gradients[0]);
    mem_free(gradients[1]);
    mem_free(weights);
    nn_model_free(model);
}

int main(void) {
    enum {
        N_SHAPES = sizeof shapes / sizeof shapes[0],
        N_CASES = sizeof cases / sizeof cases[0],
        N_CONVS = sizeof convs / sizeof convs[0]
    };
    struct CMUnitTest tests[3 + N_SHAPES + N_CONVS + N_CASES] = {
        cmocka_unit_test(rounding_takes_the_nearest_and_of_two_the_even_one),
        cmocka_unit_test(zero_infinity_and_nan_stay_what_they_are),
        cmocka_unit_test(many_are_rounded_as_one_is),
    };
    size_t n = 3;
    for (size_t i = 0; i < N_SHAPES; i++) {
        tests[n++] = (struct CMUnitTest){shapes[i].name, products_equal_naive_loops, NULL, NULL,
                                         (void *)(uintptr_t)&shapes[i]};
    }
    for (size_t i = 0; i < N_CONVS; i++) {
        tests[n++] = (struct CMUnitTest){convs[i].name, convolutions_equal_those_of_f32, NULL, NULL,
                                         (void *)(uintptr_t)&convs[i]};
    }
    for (size_t i = 0; i < N_CASES; i++) {
        tests[n++] =
            (struct CMUnitTest){cases[i].name, gradient_is_that_of_f32_but_for_the_rounding, NULL,
                                NULL, (void *)(uintptr_t)&cases[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
