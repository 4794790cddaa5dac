// Loss and gradient of a shard against central differences of a second implementation in double.

#include "nn/grad.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/reference.h"
#include "nn/sparse.h"
#include "support/near.h"

typedef struct {
    const char *name;
    NnActivation activation;
    bool residual;
    float dropout, smoothing;
    bool unlabelled;           // one row of the shard is no digit
    float weight, temperature; // of teachers; temperature 0: there are none
} Case;

static const Case cases[] = {
    {"relu", NN_ACT_RELU, false, 0, 0, false, 0, 0},
    {"leaky relu", NN_ACT_LEAKY_RELU, false, 0, 0, false, 0, 0},
    {"elu", NN_ACT_ELU, false, 0, 0, false, 0, 0},
    {"gelu", NN_ACT_GELU, false, 0, 0, false, 0, 0},
    {"swish", NN_ACT_SWISH, false, 0, 0, false, 0, 0},
    {"tanh", NN_ACT_TANH, false, 0, 0, false, 0, 0},
    {"sigmoid", NN_ACT_SIGMOID, false, 0, 0, false, 0, 0},
    {"linear", NN_ACT_NONE, false, 0, 0, false, 0, 0},
    {"relu, smoothed", NN_ACT_RELU, false, 0, 0.1f, false, 0, 0},
    {"relu, dropout", NN_ACT_RELU, false, 0.4f, 0, false, 0, 0},
    {"tanh, dropout", NN_ACT_TANH, false, 0.4f, 0, false, 0, 0},
    {"linear, dropout", NN_ACT_NONE, false, 0.4f, 0, false, 0, 0},
    {"relu, residual", NN_ACT_RELU, true, 0, 0, false, 0, 0},
    {"tanh, residual", NN_ACT_TANH, true, 0, 0, false, 0, 0},
    {"linear, residual", NN_ACT_NONE, true, 0, 0, false, 0, 0},
    {"relu, residual, dropout, smoothed", NN_ACT_RELU, true, 0.3f, 0.2f, false, 0, 0},
    {"gelu, residual, dropout", NN_ACT_GELU, true, 0.3f, 0, false, 0, 0},
    {"relu, one picture is no digit", NN_ACT_RELU, false, 0, 0, true, 0, 0},
    {"tanh, smoothed, one picture is no digit", NN_ACT_TANH, false, 0, 0.1f, true, 0, 0},
    {"teachers at T = 1", NN_ACT_TANH, false, 0, 0, false, 0.5f, 1.0f},
    {"teachers at T = 2.5", NN_ACT_TANH, false, 0, 0, false, 0.5f, 2.5f},
    {"teachers at T = 20", NN_ACT_RELU, false, 0, 0, false, 0.9f, 20.0f},
    {"teachers alone", NN_ACT_TANH, false, 0, 0.1f, false, 1.0f, 4.0f},
    {"teachers that do not count", NN_ACT_TANH, false, 0, 0.1f, false, 0.0f, 4.0f},
    {"teachers, smoothed, dropout, residual", NN_ACT_RELU, true, 0.3f, 0.2f, false, 0.7f, 3.0f},
    {"teachers, one picture is no digit", NN_ACT_TANH, false, 0, 0.1f, true, 0.7f, 3.0f},
};

enum { N_CASES = sizeof cases / sizeof cases[0], B = 4, WIDTH = 20, HIDDEN = 3 };

typedef struct {
    NnModel *model;
    NnWorkspace *work;
    size_t n; // floats in a block
    float *gradient;
    float inputs[B * NN_PIXELS];
    uint8_t labels[B];
    float answers[B * NN_CLASSES]; // of teachers
} Shard;

static void shard_init(Shard *s, const Case *c) {
    const int hidden[HIDDEN] = {WIDTH, WIDTH, WIDTH};
    NnArch arch = ref_arch(hidden, HIDDEN, c->activation, c->residual, c->dropout);
    NnError err = {0};
    s->model = nn_model_new(&arch, &err);
    assert_non_null(s->model);
    ref_randomise(s->model, 7);
    s->work = nn_workspace_new(s->model, B, true, &err);
    s->n = nn_model_block_count(s->model);
    s->gradient = mem_new_aligned(s->n, sizeof(float));
    assert_non_null(s->work);
    assert_non_null(s->gradient);
    uint8_t pixels[B * NN_PIXELS];
    ref_digits(pixels, B, 11);
    nn_standardise(&arch, s->inputs, pixels, B);
    for (int b = 0; b < B; b++) {
        s->labels[b] = (uint8_t)(3 * b % NN_CLASSES);
    }
    if (c->unlabelled) {
        s->labels[1] = NN_LABEL_NONE;
    }
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    for (int i = 0; i < B * NN_CLASSES; i++) {
        s->answers[i] = i % NN_CLASSES == 4 ? -100.0f : rng_uniform(&rng, -3, 3); // a 0 among them
    }
    nn_softmax(s->answers, s->answers, B, NN_CLASSES, 1.0f);
    s->answers[4] = 0.0f;
}

static void shard_release(Shard *s) {
    mem_free(s->gradient);
    nn_workspace_free(s->work);
    nn_model_free(s->model);
}

// Which units of the last pass were dropped, seen from outside: a dropped one gives exactly 0. A
// unit of ReLU that is 0 anyway may count as either.
static void read_masks(const Shard *s, const Case *c, double masks[B][HIDDEN][WIDTH]) {
    double kept = 65536.0 / (65536.0 - round((double)c->dropout * 65536.0));
    for (int l = 0; l < HIDDEN; l++) {
        const float *y = nn_workspace_activation(s->work, l);
        for (int b = 0; b < B; b++) {
            for (int o = 0; o < WIDTH; o++) {
                masks[b][l][o] = y[b * WIDTH + o] == 0.0f ? 0.0 : kept;
            }
        }
    }
}

// T^2 KL(q || softmax(z / T)), written down as the definition has it.
static double teachers_loss(const double *logits, const float *q, double T) {
    double sum = 0, loss = 0;
    for (int c = 0; c < NN_CLASSES; c++) {
        sum += exp(logits[c] / T);
    }
    for (int c = 0; c < NN_CLASSES; c++) {
        double p = exp(logits[c] / T) / sum;
        loss += q[c] > 0 ? (double)q[c] * log((double)q[c] / p) : 0;
    }
    return T * T * loss;
}

static double total_loss(const Shard *s, const Case *c, const double *params,
                         double masks[B][HIDDEN][WIDTH]) {
    double loss = 0;
    for (int b = 0; b < B; b++) {
        double input[NN_PIXELS], logits[REF_WIDTH_MAX];
        const double *row[HIDDEN + 1] = {masks[b][0], masks[b][1], masks[b][2], NULL};
        for (int i = 0; i < NN_PIXELS; i++) {
            input[i] = (double)s->inputs[b * NN_PIXELS + i];
        }
        ref_forward(s->model, params, input, c->dropout > 0 ? row : NULL, logits);
        // Without a label all ten are equally right, which is what smoothing all of it says.
        bool none = s->labels[b] == NN_LABEL_NONE;
        double own = ref_loss(logits, none ? 0 : s->labels[b], none ? 1.0 : (double)c->smoothing);
        if (c->temperature > 0 && !none) {
            double w = (double)c->weight;
            own = (1 - w) * own + w * teachers_loss(logits, s->answers + (ptrdiff_t)b * NN_CLASSES,
                                                    (double)c->temperature);
        }
        loss += own;
    }
    return loss;
}

// The same weight for every row.
static NnSoftTargets teachers_say(const Shard *s, float weights[B], float weight,
                                  float temperature) {
    for (int b = 0; b < B; b++) {
        weights[b] = weight;
    }
    return (NnSoftTargets){s->answers, weights, temperature};
}

static void gradient_equals_central_differences(void **state) {
    const Case *c = *state;
    Shard s;
    shard_init(&s, c);
    const float scale = 0.25f;
    float weights[B];
    const NnSoftTargets soft = teachers_say(&s, weights, c->weight, c->temperature);
    NnShardResult result =
        nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, scale, c->smoothing,
                      c->temperature > 0 ? &soft : NULL, 99, 1000, s.gradient);
    static double masks[B][HIDDEN][WIDTH];
    read_masks(&s, c, masks);

    double *params = mem_new(s.n, sizeof *params);
    assert_non_null(params);
    for (size_t i = 0; i < s.n; i++) {
        params[i] = (double)nn_model_params(s.model)[i];
    }
    assert_near(result.loss, total_loss(&s, c, params, masks), 1e-5, "loss", 0);
    assert_int_equal(result.labelled, c->unlabelled ? B - 1 : B);

    // 30 places of every tensor, among them ones where a pixel has ink.
    for (int t = 0; t < 2 * (HIDDEN + 1); t++) {
        const NnLayer *layer = &nn_model_arch(s.model)->layers[t / 2];
        bool is_bias = t % 2 == 1;
        size_t first =
            is_bias ? nn_model_bias_offset(s.model, t / 2) : nn_model_weight_offset(s.model, t / 2);
        uint32_t count = (uint32_t)(is_bias ? layer->n_out : layer->n_out * layer->n_in);
        Rng rng = rng_at(8, RNG_STREAM_TEST, (uint64_t)t);
        for (int k = 0; k < 30; k++) {
            size_t at = first + rng_below(&rng, count);
            double kept = params[at], h = 1e-5;
            params[at] = kept + h;
            double above = total_loss(&s, c, params, masks);
            params[at] = kept - h;
            double below = total_loss(&s, c, params, masks);
            params[at] = kept;
            double expected = (double)scale * (above - below) / (2 * h);
            assert_near(s.gradient[at], expected, 3e-6, is_bias ? "bias" : "weight", at);
        }
    }
    mem_free(params);
    shard_release(&s);
}

static const Case dropped = {"", NN_ACT_TANH, false, 0.3f, 0, false, 0, 0};

static void dropout_of_a_sample_does_not_depend_on_its_shard(void **state) {
    (void)state;
    Shard s;
    shard_init(&s, &dropped);
    double together[B][HIDDEN][WIDTH], alone[B][HIDDEN][WIDTH];
    nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, 1, 0, NULL, 5, 40, s.gradient);
    read_masks(&s, &dropped, together);
    for (int b = 0; b < B; b++) {
        nn_grad_shard(s.model, s.work, s.inputs + b * NN_PIXELS, s.labels + b, 1, 1, 0, NULL, 5,
                      40 + (uint64_t)b, s.gradient);
        read_masks(&s, &dropped, alone);
        assert_memory_equal(alone[0], together[b], sizeof alone[0]);
    }
    shard_release(&s);
}

static void dropout_drops_its_share_and_differs_by_seed_sample_and_layer(void **state) {
    (void)state;
    Shard s;
    shard_init(&s, &dropped);
    size_t zeros = 0, all = 0, same_as_next_sample = 0, same_as_next_layer = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        double masks[B][HIDDEN][WIDTH];
        nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, 1, 0, NULL, seed, 0, s.gradient);
        read_masks(&s, &dropped, masks);
        for (int b = 0; b < B; b++) {
            for (int l = 0; l < HIDDEN; l++) {
                for (int o = 0; o < WIDTH; o++) {
                    zeros += masks[b][l][o] == 0.0;
                    all++;
                    same_as_next_sample += masks[b][l][o] == masks[(b + 1) % B][l][o];
                    same_as_next_layer += masks[b][l][o] == masks[b][(l + 1) % HIDDEN][o];
                }
            }
        }
    }
    // 14,400 draws: one sd of the share is 0.004. Two independent masks agree in 0.58 of places.
    assert_near((double)zeros / (double)all, 0.3, 0.016, "share dropped", 0);
    assert_near((double)same_as_next_sample / (double)all, 0.58, 0.02, "samples agree", 0);
    assert_near((double)same_as_next_layer / (double)all, 0.58, 0.02, "layers agree", 0);
    shard_release(&s);
}

static void shards_add_up_to_the_batch(void **state) {
    (void)state;
    Shard s;
    shard_init(&s, &cases[0]);
    float *parts = mem_new_aligned(2 * s.n, sizeof *parts);
    assert_non_null(parts);
    NnShardResult whole =
        nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, 0.25f, 0, NULL, 1, 0, s.gradient);
    NnShardResult first =
        nn_grad_shard(s.model, s.work, s.inputs, s.labels, 1, 0.25f, 0, NULL, 1, 0, parts);
    NnShardResult rest = nn_grad_shard(s.model, s.work, s.inputs + NN_PIXELS, s.labels + 1, B - 1,
                                       0.25f, 0, NULL, 1, 1, parts + s.n);
    assert_near(first.loss + rest.loss, whole.loss, 1e-6, "loss", 0);
    assert_int_equal(first.correct + rest.correct, whole.correct);
    for (size_t i = 0; i < s.n; i++) {
        assert_near(parts[i] + parts[s.n + i], s.gradient[i], 1e-6, "gradient", i);
    }
    mem_free(parts);
    shard_release(&s);
}

static void the_same_call_gives_the_same_bits_and_zero_padding(void **state) {
    (void)state;
    Shard s;
    shard_init(&s, &cases[15]);
    float *again = mem_new_aligned(s.n, sizeof *again);
    assert_non_null(again);
    memset(s.gradient, 0xff, s.n * sizeof(float));
    memset(again, 0x00, s.n * sizeof(float));
    nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, 1, 0.1f, NULL, 3, 17, s.gradient);
    nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, 1, 0.1f, NULL, 3, 17, again);
    assert_memory_equal(again, s.gradient, s.n * sizeof(float));
    size_t bias = nn_model_bias_offset(s.model, HIDDEN); // (10), padded to 16
    for (size_t i = bias + NN_CLASSES; i < s.n; i++) {
        assert_true(s.gradient[i] == 0.0f);
    }
    mem_free(again);
    shard_release(&s);
}

// Tiles of uneven size, of a shard of four and of one, which takes other products.
static void deferred_rows_have_the_bits_of_the_whole_gradient(void **state) {
    (void)state;
    const int hidden[] = {640, 800};
    enum { ROWS = 192 };
    NnArch arch = ref_arch(hidden, 2, NN_ACT_RELU, false, 0.3f);
    NnModel *model = nn_model_new(&arch, NULL);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, 3);
    size_t n = nn_model_block_count(model);
    float *whole = mem_new_aligned(n, sizeof *whole), *rest = mem_new_aligned(n, sizeof *rest);
    float *rows = mem_new_aligned((size_t)ROWS * 800, sizeof *rows);
    static float inputs[B * NN_PIXELS];
    uint8_t pixels[B * NN_PIXELS], labels[B] = {1, 2, 3, 4};
    ref_digits(pixels, B, 11);
    nn_standardise(&arch, inputs, pixels, B);
    for (int b = B; b > 0; b -= B - 1) {
        NnWorkspace *plain = nn_workspace_new(model, B, true, NULL);
        NnWorkspace *late = nn_workspace_new(model, B, true, NULL);
        NnDeferred layers[NN_LAYERS_MAX];
        assert_int_equal(nn_workspace_defer(late, model, layers), 2);
        memset(rest, 0xff, n * sizeof *rest);
        nn_grad_shard(model, plain, inputs, labels, b, 1, 0, NULL, 3, 17, whole);
        nn_grad_shard(model, late, inputs, labels, b, 1, 0, NULL, 3, 17, rest);
        for (int k = 0; k < 2; k++) {
            const NnDeferred *l = &layers[k];
            for (int row = 0; row < l->O; row += ROWS) {
                assert_int_equal(row % l->step, 0);
                int count = l->O - row < ROWS ? l->O - row : ROWS;
                size_t at = l->offset + (size_t)row * (size_t)l->I;
                size_t m = (size_t)count * (size_t)l->I;
                assert_true(isnan(rest[at]) && isnan(rest[at + m - 1])); // not written to
                nn_grad_rows(model, late, inputs, b, l->layer, row, count, rows);
                assert_memory_equal(rows, whole + at, m * sizeof *rows);
                memcpy(rest + at, rows, m * sizeof *rows);
            }
        }
        assert_memory_equal(rest, whole, n * sizeof *rest);
        nn_workspace_free(plain);
        nn_workspace_free(late);
    }
    mem_free(whole);
    mem_free(rest);
    mem_free(rows);
    nn_model_free(model);
}

// Pictures with much paper, in two shards of uneven size: rows by shard have the bits of the whole
// gradient, those of both together add up to it.
static void rows_of_shards_on_paper_add_up(void **state) {
    (void)state;
    const int hidden[] = {640};
    enum { BOTH = 50, FIRST = 33, ROWS = 192 };
    NnArch arch = ref_arch(hidden, 1, NN_ACT_RELU, false, 0.3f);
    arch.input_mean = 0;
    NnModel *model = nn_model_new(&arch, NULL);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, 3);
    size_t n = nn_model_block_count(model);
    float *whole[2], *rows[2], *inputs = mem_new_aligned((size_t)BOTH * NN_PIXELS, sizeof(float));
    uint8_t *pixels = mem_new((size_t)BOTH * NN_PIXELS, 1), labels[BOTH];
    ref_digits(pixels, BOTH, 5);
    for (int i = 0; i < BOTH * NN_PIXELS; i++) {
        pixels[i] = i % NN_PIXELS / NN_SIDE % 16 < 9 ? pixels[i] : 0;
        labels[i / NN_PIXELS] = (uint8_t)(i / NN_PIXELS % 10);
    }
    nn_standardise(&arch, inputs, pixels, BOTH);
    NnWorkspace *late[2];
    NnDeferred layer[NN_LAYERS_MAX];
    for (int s = 0; s < 2; s++) {
        const float *x = inputs + s * FIRST * NN_PIXELS;
        int b = s == 0 ? FIRST : BOTH - FIRST;
        whole[s] = mem_new_aligned(n, sizeof **whole);
        rows[s] = mem_new_aligned((size_t)ROWS * NN_PIXELS, sizeof **rows);
        NnWorkspace *plain = nn_workspace_new(model, FIRST, true, NULL);
        late[s] = nn_workspace_new(model, FIRST, true, NULL);
        assert_int_equal(nn_workspace_defer(late[s], model, layer), 1);
        nn_grad_shard(model, plain, x, labels, b, 1, 0, NULL, 3, 17, whole[s]);
        float *rest = mem_new_aligned(n, sizeof *rest);
        nn_grad_shard(model, late[s], x, labels, b, 1, 0, NULL, 3, 17, rest);
        for (int row = 0; row < 640; row += ROWS) {
            int count = 640 - row < ROWS ? 640 - row : ROWS;
            nn_grad_rows(model, late[s], x, b, 0, row, count, rows[s]);
            assert_memory_equal(rows[s], whole[s] + layer->offset + row * NN_PIXELS,
                                (size_t)count * NN_PIXELS * sizeof(float));
        }
        mem_free(rest);
        nn_workspace_free(plain);
    }
    assert_int_equal(ROWS % layer->step, 0);
    for (int row = 0; row < 640; row += ROWS) {
        int count = 640 - row < ROWS ? 640 - row : ROWS;
        bool together = nn_grad_rows_together(late, 2, 0, row, count, rows[0]);
        assert_int_equal(together, sparse_kernels() != NULL);
        for (int i = 0; together && i < count * NN_PIXELS; i++) {
            size_t at = layer->offset + (size_t)(row * NN_PIXELS + i);
            assert_near(rows[0][i], (double)whole[0][at] + (double)whole[1][at], 1e-5, "sum", i);
        }
    }
    for (int s = 0; s < 2; s++) {
        nn_workspace_free(late[s]);
        mem_free(whole[s]);
        mem_free(rows[s]);
    }
    mem_free(inputs);
    mem_free(pixels);
    nn_model_free(model);
}

static void a_training_step_allocates_nothing(void **state) {
    (void)state;
    Shard s;
    shard_init(&s, &cases[15]);
    uint64_t before = mem_request_count();
    nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, 1, 0.1f, NULL, 3, 17, s.gradient);
    assert_int_equal(mem_request_count(), before);
    shard_release(&s);
}

// A student that is its own teacher has nothing to learn, but what its own loss says.
static void a_teacher_that_is_the_student_asks_for_nothing(void **state) {
    (void)state;
    Shard s;
    shard_init(&s, &cases[5]);
    const float *logits = nn_forward(s.model, s.work, s.inputs, B);
    nn_softmax(s.answers, logits, B, NN_CLASSES, 3.0f);
    float all[B], halves[B];
    const NnSoftTargets alone = teachers_say(&s, all, 1.0f, 3.0f),
                        half = teachers_say(&s, halves, 0.5f, 3.0f);
    NnShardResult result =
        nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, 1, 0.1f, &alone, 0, 0, s.gradient);
    assert_near(result.loss, 0, 1e-6, "loss", 0);
    for (size_t i = 0; i < s.n; i++) {
        assert_near(s.gradient[i], 0, 1e-6, "gradient", i);
    }
    float *plain = mem_new_aligned(s.n, sizeof(float));
    NnShardResult own =
        nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, 1, 0.1f, NULL, 0, 0, plain);
    result =
        nn_grad_shard(s.model, s.work, s.inputs, s.labels, B, 1, 0.1f, &half, 0, 0, s.gradient);
    assert_near(result.loss, own.loss / 2, 1e-5, "half the loss", 0);
    assert_int_equal(result.correct, own.correct);
    for (size_t i = 0; i < s.n; i++) {
        assert_near(s.gradient[i], (double)plain[i] / 2, 1e-6, "half the gradient", i);
    }
    mem_free(plain);
    shard_release(&s);
}

int main(void) {
    enum { N_OTHERS = 8 };
    struct CMUnitTest tests[N_OTHERS + N_CASES] = {
        cmocka_unit_test(dropout_of_a_sample_does_not_depend_on_its_shard),
        cmocka_unit_test(dropout_drops_its_share_and_differs_by_seed_sample_and_layer),
        cmocka_unit_test(shards_add_up_to_the_batch),
        cmocka_unit_test(the_same_call_gives_the_same_bits_and_zero_padding),
        cmocka_unit_test(deferred_rows_have_the_bits_of_the_whole_gradient),
        cmocka_unit_test(rows_of_shards_on_paper_add_up),
        cmocka_unit_test(a_training_step_allocates_nothing),
        cmocka_unit_test(a_teacher_that_is_the_student_asks_for_nothing),
    };
    static Case rows[N_CASES];
    for (int i = 0; i < N_CASES; i++) {
        rows[i] = cases[i];
        tests[N_OTHERS + i] = (struct CMUnitTest){.name = rows[i].name,
                                                  .test_func = gradient_equals_central_differences,
                                                  .initial_state = &rows[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
