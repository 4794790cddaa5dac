// Convolution, pooling, normalisation, flattening and layers that add others: forward, gradient and
// explanation against a second implementation in double.

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/grad.h"
#include "nn/reference_spatial.h"
#include "support/near.h"

#define ACT(name) .activation = NN_ACT_##name
#define CONV(o, k, s, p, ...)                                                                      \
    { .kind = NN_LAYER_CONV, .channels = o, .kernel = k, .stride = s, .padding = p, __VA_ARGS__ }
#define POOL(k, ...)                                                                               \
    { .kind = NN_LAYER_MAX_POOL, .kernel = k, __VA_ARGS__ }
#define NORM(...)                                                                                  \
    { .kind = NN_LAYER_BATCH_NORM, __VA_ARGS__ }
#define DENSE(o, ...)                                                                              \
    { .n_out = o, __VA_ARGS__ }
#define FLATTEN                                                                                    \
    { .kind = NN_LAYER_FLATTEN }
#define AVERAGE                                                                                    \
    { .kind = NN_LAYER_AVERAGE_POOL }
#define LOGITS                                                                                     \
    { .n_out = NN_CLASSES }

typedef struct {
    const char *name;
    bool explained; // piecewise linear
    NnLayer layers[12];
} Case;

// Each begins with something that makes the picture small: the reference is slow.
static const Case cases[] = {
    {"convolution with padding, relu",
     true,
     {POOL(2, ACT(NONE)), CONV(4, 3, 1, 1, ACT(RELU)), FLATTEN, LOGITS}},
    {"convolution with stride",
     true,
     {CONV(3, 3, 2, 1, ACT(NONE)), CONV(4, 5, 2, 0, ACT(RELU)), FLATTEN, LOGITS}},
    {"even kernel, stride that leaves a rest",
     true,
     {CONV(2, 4, 3, 1, ACT(NONE)), CONV(3, 2, 2, 0, ACT(LEAKY_RELU)), FLATTEN, LOGITS}},
    {"convolution, then tanh", false, {CONV(3, 3, 2, 1, ACT(TANH)), FLATTEN, LOGITS}},
    {"convolution 1x1, gelu",
     false,
     {POOL(2, ACT(NONE)), CONV(4, 1, 1, 0, ACT(GELU)), FLATTEN, LOGITS}},
    {"max pooling", true, {CONV(3, 3, 2, 1, ACT(NONE)), POOL(2, ACT(RELU)), FLATTEN, LOGITS}},
    {"max pooling with a rest",
     true,
     {CONV(3, 3, 2, 1, ACT(RELU)), POOL(3, ACT(NONE)), FLATTEN, LOGITS}},
    {"average pooling", true, {CONV(4, 3, 2, 1, ACT(RELU)), AVERAGE, DENSE(8, ACT(RELU)), LOGITS}},
    {"batch normalisation", true, {CONV(3, 3, 2, 1, ACT(NONE)), NORM(ACT(RELU)), FLATTEN, LOGITS}},
    {"batch normalisation of the picture",
     true,
     {NORM(ACT(NONE)), CONV(3, 3, 3, 1, ACT(RELU)), FLATTEN, LOGITS}},
    {"batch normalisation of a row", true, {DENSE(12, ACT(NONE)), NORM(ACT(RELU)), LOGITS}},
    {"dropout of channels",
     false,
     {CONV(4, 3, 2, 1, ACT(TANH), .dropout = 0.4f), FLATTEN, DENSE(9, ACT(TANH), .dropout = 0.3f),
      LOGITS}},
    {"dropout of channels after relu",
     true,
     {CONV(4, 3, 2, 1, ACT(NONE)), POOL(2, ACT(RELU), .dropout = 0.4f), FLATTEN, LOGITS}},
    {"residual convolution",
     false,
     {CONV(3, 3, 2, 1, ACT(RELU)), CONV(3, 3, 1, 1, ACT(TANH), .residual = true), FLATTEN, LOGITS}},
    {"residual convolution with dropout",
     false,
     {CONV(3, 3, 2, 1, ACT(TANH)), CONV(3, 3, 1, 1, ACT(TANH), .residual = true, .dropout = 0.4f),
      FLATTEN, LOGITS}},
    {"block that adds its input",
     true,
     {CONV(3, 3, 3, 1, ACT(RELU)), CONV(3, 3, 1, 1, ACT(NONE)), NORM(ACT(RELU)),
      CONV(3, 3, 1, 1, ACT(NONE)), NORM(ACT(RELU), .add = 1), AVERAGE, LOGITS}},
    {"block with a projection",
     true,
     {CONV(2, 3, 2, 1, ACT(RELU)), CONV(4, 3, 2, 1, ACT(NONE)), NORM(ACT(NONE)),
      CONV(4, 1, 2, 0, ACT(NONE), .from = 1), NORM(ACT(RELU), .add = 3), AVERAGE, LOGITS}},
    {"a layer taken three times",
     true,
     {CONV(3, 3, 3, 1, ACT(RELU)), CONV(3, 3, 1, 1, ACT(RELU), .add = 1),
      POOL(2, ACT(NONE), .from = 1), POOL(2, ACT(NONE), .from = 2, .add = 3), FLATTEN, LOGITS}},
    {"dense layers that add",
     false,
     {DENSE(12, ACT(TANH)), DENSE(12, ACT(TANH), .residual = true), DENSE(12, ACT(TANH), .add = 1),
      DENSE(9, ACT(TANH), .from = 1), DENSE(9, ACT(NONE), .from = 3, .add = 4), LOGITS}},
};

enum { N_CASES = sizeof cases / sizeof cases[0], B = 3, PLACES = 12 };

typedef struct {
    NnModel *model;
    NnWorkspace *work; // for training
    size_t n;          // floats in a block
    double *params;
    float *gradient;
    float inputs[B * NN_PIXELS];
    double wide_inputs[B * NN_PIXELS];
    uint8_t labels[B];
    RefBatch *outputs; // of the reference
    double (*masks)[B][REF_VALUES_MAX];
} Fixture;

static void fixture_init(Fixture *f, const Case *c) {
    NnArch arch = {.name = "test", .input_mean = 0.1f, .input_sd = 0.5f};
    while (arch.n_layers < 12 && (c->layers[arch.n_layers].n_out > 0 ||
                                  c->layers[arch.n_layers].kind != NN_LAYER_DENSE)) {
        arch.layers[arch.n_layers] = c->layers[arch.n_layers];
        arch.n_layers++;
    }
    NnError err = {0};
    if (nn_arch_infer(&arch, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    f->model = nn_model_new(&arch, &err);
    if (f->model == NULL) {
        fail_msg("%s", err.message);
    }
    ref_randomise_all(f->model, 7);
    f->work = nn_workspace_new(f->model, B, true, &err);
    f->n = nn_model_block_count(f->model);
    f->gradient = mem_new_aligned(f->n, sizeof(float));
    f->params = mem_new(f->n, sizeof *f->params);
    f->outputs = mem_new((size_t)arch.n_layers, sizeof *f->outputs);
    f->masks = mem_new((size_t)arch.n_layers, sizeof *f->masks);
    assert_non_null(f->work);
    assert_true(f->gradient != NULL && f->params != NULL && f->outputs != NULL && f->masks != NULL);
    uint8_t pixels[B * NN_PIXELS];
    ref_digits(pixels, B, 11);
    nn_standardise(&arch, f->inputs, pixels, B);
    for (int i = 0; i < B * NN_PIXELS; i++) {
        f->wide_inputs[i] = (double)f->inputs[i];
    }
    for (int b = 0; b < B; b++) {
        f->labels[b] = (uint8_t)(3 * b % NN_CLASSES);
    }
    for (size_t i = 0; i < f->n; i++) {
        f->params[i] = (double)nn_model_params(f->model)[i];
    }
}

static void fixture_release(Fixture *f) {
    mem_free(f->masks);
    mem_free(f->outputs);
    mem_free(f->params);
    mem_free(f->gradient);
    nn_workspace_free(f->work);
    nn_model_free(f->model);
}

static NnShardResult shard(Fixture *f, int rows, float scale) {
    return nn_grad_shard(f->model, f->work, f->inputs, f->labels, rows, scale, 0.1f, NULL, 99, 1000,
                         f->gradient);
}

// What was dropped in the last pass, seen from outside: a dropped channel is 0 everywhere.
static void read_masks(Fixture *f, RefNet *net) {
    const NnArch *arch = nn_model_arch(f->model);
    for (int l = 0; l < arch->n_layers; l++) {
        double share = round((double)arch->layers[l].dropout * 65536.0) / 65536.0;
        NnShape s = nn_arch_shape(arch, l);
        int area = s.height * s.width;
        net->masks[l] = share > 0 ? f->masks[l] : NULL;
        for (int i = 0; share > 0 && i < B * s.channels; i++) {
            int b = i / s.channels, c = i % s.channels;
            double kept = 0;
            for (int k = 0; k < area; k++) {
                kept = ref_at(f->work, arch, l, b, c * area + k) != 0.0f ? 1 / (1 - share) : kept;
            }
            f->masks[l][b][c] = kept;
        }
    }
}

static double reference_loss(Fixture *f, const RefNet *net) {
    int last = nn_model_arch(f->model)->n_layers - 1;
    ref_net_forward(net, f->wide_inputs, f->outputs);
    double loss = 0;
    for (int b = 0; b < net->B; b++) {
        loss += ref_loss(f->outputs[last][b], f->labels[b], (double)0.1f);
    }
    return loss;
}

static void gradient_equals_central_differences(void **state) {
    Fixture f;
    fixture_init(&f, *state);
    const float scale = 0.25f;
    NnShardResult result = shard(&f, B, scale);
    RefNet net = {.model = f.model, .params = f.params, .B = B, .training = true};
    read_masks(&f, &net);
    assert_near(result.loss, reference_loss(&f, &net), 2e-5, "loss", 0);
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(f.model, places);
    for (size_t t = 0; t < n && places[t].offset < nn_model_trained_count(f.model); t++) {
        Rng rng = rng_at(8, RNG_STREAM_TEST, t);
        for (int k = 0; k < PLACES; k++) {
            size_t at = places[t].offset + rng_below(&rng, (uint32_t)places[t].count);
            double kept = f.params[at], h = 1e-6;
            f.params[at] = kept + h;
            double above = reference_loss(&f, &net);
            f.params[at] = kept - h;
            double below = reference_loss(&f, &net);
            f.params[at] = kept;
            double expected = (double)scale * (above - below) / (2 * h);
            assert_near(f.gradient[at], expected, 5e-6 + 2e-5 * fabs(expected), places[t].name, at);
        }
    }
    fixture_release(&f);
}

static void forward_equals_the_loops_alone_and_in_a_batch(void **state) {
    Fixture f;
    fixture_init(&f, *state);
    const NnArch *arch = nn_model_arch(f.model);
    RefNet net = {.model = f.model, .params = f.params, .B = B};
    ref_net_forward(&net, f.wide_inputs, f.outputs);
    NnWorkspace *work = nn_workspace_new(f.model, B, false, NULL);
    assert_non_null(work);
    (void)nn_forward(f.model, work, f.inputs, B);
    float together[B * NN_CLASSES];
    for (int l = 0; l < arch->n_layers; l++) {
        for (int i = 0; i < B * ref_size(nn_arch_shape(arch, l)); i++) {
            int b = i % B;
            assert_near(ref_at(work, arch, l, b, i / B), f.outputs[l][b][i / B], 1e-5,
                        nn_layer_kind_name(arch->layers[l].kind), (size_t)i);
        }
    }
    memcpy(together, nn_workspace_activation(work, arch->n_layers - 1), sizeof together);
    for (int b = 0; b < B; b++) {
        const float *alone = nn_forward(f.model, work, f.inputs + b * NN_PIXELS, 1);
        for (int c = 0; c < NN_CLASSES; c++) {
            assert_near(alone[c], together[b * NN_CLASSES + c], 1e-5, "alone", (size_t)c);
        }
    }
    nn_workspace_free(work);
    fixture_release(&f);
}

static void explanation_is_the_gradient_at_the_picture(void **state) {
    const Case *c = *state;
    Fixture f;
    fixture_init(&f, c);
    NnDigit digit;
    ref_digit(&digit, 11); // the first of the inputs
    float terms[NN_PIXELS], constant = 0;
    NnWorkspace *work = nn_workspace_new(f.model, 1, false, NULL);
    assert_non_null(work);
    bool explained = nn_explain(f.model, work, &digit, 4, 1, terms, &constant);
    assert_int_equal(explained, c->explained);
    RefNet net = {.model = f.model, .params = f.params, .B = 1};
    int last = nn_model_arch(f.model)->n_layers - 1;
    double sum = (double)constant;
    for (int i = 0; explained && i < NN_PIXELS; i++) {
        sum += (double)terms[i];
        double kept = f.wide_inputs[i], h = 1e-6, difference[2];
        for (int side = 0; side < 2 && i % 7 == 0; side++) {
            f.wide_inputs[i] = kept + (side == 0 ? h : -h);
            ref_net_forward(&net, f.wide_inputs, f.outputs);
            difference[side] = f.outputs[last][0][4] - f.outputs[last][0][1];
        }
        f.wide_inputs[i] = kept;
        if (i % 7 == 0) {
            // per pixel / 255: the input is (pixel / 255 - mean) / 0.5
            double slope = (difference[0] - difference[1]) / (2 * h) / 0.5;
            assert_near(terms[i], slope * digit.pixels[i] / 255.0, 2e-5, "term", (size_t)i);
        }
    }
    if (explained) {
        ref_net_forward(&net, f.wide_inputs, f.outputs);
        assert_near(sum, f.outputs[last][0][4] - f.outputs[last][0][1], 1e-4, "sum of terms", 0);
    }
    nn_workspace_free(work);
    fixture_release(&f);
}

static void the_same_step_gives_the_same_bits_and_allocates_nothing(void **state) {
    Fixture f;
    fixture_init(&f, *state);
    float *again = mem_new_aligned(f.n, sizeof *again);
    assert_non_null(again);
    memset(f.gradient, 0xff, f.n * sizeof(float));
    memset(again, 0, f.n * sizeof(float));
    shard(&f, B, 1.0f);
    memcpy(again, f.gradient, f.n * sizeof(float));
    memset(f.gradient, 0x11, f.n * sizeof(float));
    shard(&f, B - 1, 1.0f); // another batch in between
    memset(f.gradient, 0x22, f.n * sizeof(float));
    uint64_t before = mem_request_count();
    shard(&f, B, 1.0f);
    shard(&f, B - 1, 1.0f);
    shard(&f, B, 1.0f);
    assert_int_equal(mem_request_count(), before);
    assert_memory_equal(again, f.gradient, f.n * sizeof(float));
    mem_free(again);
    fixture_release(&f);
}

// --- running averages ----------------------------------------------------------------------------

static const Case normed = {
    "", true, {CONV(3, 3, 2, 1, ACT(NONE)), NORM(ACT(RELU)), FLATTEN, LOGITS}};

static void running_averages_step_towards_the_mean_of_the_shards(void **state) {
    (void)state;
    Fixture f;
    fixture_init(&f, &normed);
    // Two shards of 2 and 1 samples of a minibatch of 3.
    float *other = mem_new_aligned(f.n, sizeof *other);
    assert_non_null(other);
    shard(&f, 2, 1.0f / 3);
    memcpy(other, f.gradient, f.n * sizeof *other);
    nn_grad_shard(f.model, f.work, f.inputs + 2 * NN_PIXELS, f.labels + 2, 1, 1.0f / 3, 0, NULL, 9,
                  0, f.gradient);
    const float *shards[] = {other, f.gradient};
    size_t first = nn_model_trained_count(f.model);
    float *params = nn_model_params(f.model);
    nn_optim_statistics(params, shards, 2, first, f.n - first);

    RefNet net = {.model = f.model, .params = f.params, .B = B};
    ref_net_forward(&net, f.wide_inputs, f.outputs);
    enum { AREA = 14 * 14 };
    for (size_t c = 0; c < 3; c++) {
        double mean[2], variance[2];
        for (int s = 0; s < 2; s++) {
            int from = s == 0 ? 0 : 2, n = (s == 0 ? 2 : 1) * AREA;
            mean[s] = variance[s] = 0;
            for (int i = 0; i < n; i++) {
                mean[s] += f.outputs[0][from + i / AREA][c * AREA + (size_t)(i % AREA)] / n;
            }
            for (int i = 0; i < n; i++) {
                double x = f.outputs[0][from + i / AREA][c * AREA + (size_t)(i % AREA)];
                variance[s] += (x - mean[s]) * (x - mean[s]) / (n - 1);
            }
        }
        double expected_mean = 0.9 * f.params[first + c] + 0.1 * (2 * mean[0] + mean[1]) / 3;
        double expected_variance =
            0.9 * f.params[first + 16 + c] + 0.1 * (2 * variance[0] + variance[1]) / 3;
        assert_near(params[first + c], expected_mean, 1e-6, "running mean", c);
        assert_near(params[first + 16 + c], expected_variance, 1e-6, "running variance", c);
    }
    for (size_t i = first + 3; i < first + 16; i++) {
        assert_true(params[i] == 0.0f); // padding
    }
    mem_free(other);
    fixture_release(&f);
}

int main(void) {
    enum { N_TESTS = 4 };
    static struct CMUnitTest tests[1 + N_TESTS * N_CASES] = {
        cmocka_unit_test(running_averages_step_towards_the_mean_of_the_shards),
    };
    static const struct {
        const char *what;
        CMUnitTestFunction run;
    } kinds[N_TESTS] = {
        {"gradient", gradient_equals_central_differences},
        {"forward", forward_equals_the_loops_alone_and_in_a_batch},
        {"explanation", explanation_is_the_gradient_at_the_picture},
        {"same bits", the_same_step_gives_the_same_bits_and_allocates_nothing},
    };
    static char names[N_TESTS * N_CASES][96];
    static Case rows[N_CASES];
    for (int i = 0; i < N_TESTS * N_CASES; i++) {
        rows[i % N_CASES] = cases[i % N_CASES];
        snprintf(names[i], sizeof names[i], "%s: %s", kinds[i / N_CASES].what,
                 cases[i % N_CASES].name);
        tests[1 + i] = (struct CMUnitTest){.name = names[i],
                                           .test_func = kinds[i / N_CASES].run,
                                           .initial_state = &rows[i % N_CASES]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
