// Forward passes: against PyTorch, against loops in double, alone against in a batch, and from two
// threads.

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/thread.h"
#include "nn/grad.h"
#include "nn/reference.h"
#include "nn/torch_fixture.h"

static NnModel *new_model(const NnArch *arch, uint64_t seed) {
    NnError err = {0};
    NnModel *model = nn_model_new(arch, &err);
    if (model == NULL) {
        fail_msg("%s", err.message);
    }
    ref_randomise(model, seed);
    return model;
}

static NnWorkspace *new_workspace(const NnModel *model, int max_batch, bool training) {
    NnError err = {0};
    NnWorkspace *work = nn_workspace_new(model, max_batch, training, &err);
    if (work == NULL) {
        fail_msg("%s", err.message);
    }
    return work;
}

// The network of make_torch.py: 784-24-24 (residual)-10.
static void logits_loss_and_gradients_equal_pytorch(void **state) {
    size_t index = *(size_t *)*state;
    json_t *root = fixture_open();
    const json_t *expected = json_array_get(json_object_get(root, "networks"), index);
    NnActivation activation;
    assert_true(nn_activation_parse(json_string_value(json_object_get(expected, "activation")),
                                    &activation));
    NnArch arch = ref_arch((const int[]){24, 24}, 2, activation, true, 0);
    NnModel *model = new_model(&arch, 1);
    NnWorkspace *work = new_workspace(model, 3, true);
    float *params = nn_model_params(model);
    const float scale[3] = {0.125f, 0.25f, 0.5f};
    for (int l = 0; l < 3; l++) {
        const NnLayer *layer = &arch.layers[l];
        fixture_noise(params + nn_model_weight_offset(model, l), (uint32_t)(2 * l + 1),
                      (size_t)(layer->n_in * layer->n_out), scale[l]);
        fixture_noise(params + nn_model_bias_offset(model, l), (uint32_t)(2 * l + 2),
                      (size_t)layer->n_out, 0.5f);
    }
    float inputs[3 * NN_PIXELS];
    fixture_noise(inputs, 7, 3 * NN_PIXELS, 1.0f);
    const json_t *logits = json_object_get(expected, "logits");
    const float *got = nn_forward(model, work, inputs, 3);
    for (size_t i = 0; i < 3 * NN_CLASSES; i++) {
        assert_near(got[i], fixture_number(logits, i), 1e-5, "logit", i);
    }

    const uint8_t labels[3] = {3, 1, 4};
    float *gradient = mem_new_aligned(nn_model_block_count(model), sizeof *gradient);
    const json_t *told = json_object_get(expected, "distilled");
    float teachers[3 * NN_CLASSES];
    float weights[3];
    NnSoftTargets soft = {.probabilities = teachers, .weights = weights};
    if (json_is_object(told)) {
        for (int b = 0; b < 3; b++) {
            weights[b] = (float)json_number_value(json_object_get(told, "weight"));
        }
        soft.temperature = (float)json_number_value(json_object_get(told, "temperature"));
        for (size_t i = 0; i < 3 * NN_CLASSES; i++) {
            teachers[i] = (float)fixture_number(json_object_get(told, "teachers"), i);
        }
    }
    NnShardResult result = nn_grad_shard(model, work, inputs, labels, 3, 1, 0.1f,
                                         json_is_object(told) ? &soft : NULL, 0, 0, gradient);
    assert_near(result.loss, json_number_value(json_object_get(expected, "loss")), 1e-5, "loss", 0);
    for (int l = 0; l < 3; l++) {
        const json_t *biases =
            json_array_get(json_object_get(expected, "bias_gradients"), (size_t)l);
        const json_t *rows =
            json_array_get(json_object_get(expected, "weight_gradient_rows"), (size_t)l);
        const json_t *norms = json_object_get(expected, "weight_gradient_norms");
        const float *weight = gradient + nn_model_weight_offset(model, l);
        for (size_t o = 0; o < (size_t)arch.layers[l].n_out; o++) {
            assert_near(gradient[nn_model_bias_offset(model, l) + o], fixture_number(biases, o),
                        2e-5, "bias gradient", o);
        }
        for (size_t i = 0; i < 24; i++) {
            assert_near(weight[(size_t)arch.layers[l].n_in + i], fixture_number(rows, i), 2e-5,
                        "weight gradient", i);
        }
        double sum = 0;
        for (int i = 0; i < arch.layers[l].n_in * arch.layers[l].n_out; i++) {
            sum += (double)weight[i] * (double)weight[i];
        }
        assert_near(sqrt(sum), fixture_number(norms, (size_t)l), 2e-5, "norm", l);
    }
    mem_free(gradient);
    nn_workspace_free(work);
    nn_model_free(model);
    json_decref(root);
}

static void check_batches(const int *hidden, int n_hidden, bool residual) {
    enum { B = 37 };
    NnArch arch = ref_arch(hidden, n_hidden, NN_ACT_RELU, residual, 0.5f);
    arch.input_mean = 0.1307f;
    arch.input_sd = 0.3081f;
    NnModel *model = new_model(&arch, 3);
    NnWorkspace *many = new_workspace(model, B, false), *one = new_workspace(model, 1, false);
    static uint8_t pixels[B * NN_PIXELS];
    ref_digits(pixels, B, 5);
    const float *batch = nn_forward_bytes(model, many, pixels, B);

    size_t n = nn_model_block_count(model);
    double *params = mem_new(n, sizeof *params);
    for (size_t i = 0; i < n; i++) {
        params[i] = (double)nn_model_params_const(model)[i];
    }
    for (int b = 0; b < B; b++) {
        const float *single = nn_forward_bytes(model, one, pixels + b * NN_PIXELS, 1);
        double input[NN_PIXELS], logits[REF_WIDTH_MAX];
        for (int i = 0; i < NN_PIXELS; i++) {
            input[i] = ((double)pixels[b * NN_PIXELS + i] / 255.0 - 0.1307) / 0.3081;
        }
        ref_forward(model, params, input, NULL, logits);
        for (int c = 0; c < NN_CLASSES; c++) {
            assert_near(single[c], (double)batch[b * NN_CLASSES + c], 1e-5, "single against batch",
                        b);
            assert_near(single[c], logits[c], 2e-5, "single against double", b);
        }
    }
    const float *last_hidden = nn_workspace_activation(many, n_hidden - 1);
    assert_true(last_hidden != batch && nn_workspace_activation(many, n_hidden) == batch);
    mem_free(params);
    nn_workspace_free(one);
    nn_workspace_free(many);
    nn_model_free(model);
}

static void batches_agree_with_single_pictures_and_with_double(void **state) {
    (void)state;
    check_batches((const int[]){300, 300, 77}, 3, true);
}

static void and_so_they_do_where_rows_are_long(void **state) {
    (void)state;
    check_batches((const int[]){1050, 33}, 2, false);
}

static void classify_is_the_single_forward_pass_calibrated_and_ranked(void **state) {
    (void)state;
    NnArch arch = ref_arch((const int[]){64}, 1, NN_ACT_RELU, false, 0);
    NnModel *model = new_model(&arch, 9);
    nn_model_arch_edit(model)->temperature = 2.5f;
    NnWorkspace *work = new_workspace(model, 1, false);
    for (uint64_t seed = 0; seed < 20; seed++) {
        NnDigit digit;
        NnAnswer answer;
        float logits[NN_CLASSES], p[NN_CLASSES];
        ref_digit(&digit, seed);
        memcpy(logits, nn_forward_bytes(model, work, digit.pixels, 1), sizeof logits);
        nn_softmax(p, logits, 1, NN_CLASSES, 2.5f);
        nn_classify(model, work, &digit, &answer);
        assert_memory_equal(answer.logits, logits, sizeof logits);
        assert_memory_equal(answer.probabilities, p, sizeof p);
        assert_true(answer.confidence == p[answer.digit] && answer.digit != answer.runner_up);
        for (int c = 0; c < NN_CLASSES; c++) {
            assert_true(logits[c] <= logits[answer.digit]);
            assert_true(c == answer.digit || logits[c] <= logits[answer.runner_up]);
        }
        nn_model_arch_edit(model)->threshold = answer.confidence;
        nn_classify(model, work, &digit, &answer);
        assert_true(answer.sure);
        nn_model_arch_edit(model)->threshold = nextafterf(answer.confidence, 2.0f);
        nn_classify(model, work, &digit, &answer);
        assert_false(answer.sure);
    }
    nn_workspace_free(work);
    nn_model_free(model);
}

static void an_answer_allocates_nothing(void **state) {
    (void)state;
    NnArch arch = ref_arch((const int[]){500, 300}, 2, NN_ACT_RELU, false, 0);
    NnModel *model = new_model(&arch, 2);
    NnWorkspace *work = new_workspace(model, 1, false);
    NnDigit digit;
    NnAnswer answer;
    float terms[NN_PIXELS], constant;
    ref_digit(&digit, 1);
    uint64_t before = mem_request_count();
    nn_classify(model, work, &digit, &answer);
    assert_true(nn_explain(model, work, &digit, answer.digit, answer.runner_up, terms, &constant));
    assert_int_equal(mem_request_count(), before);
    nn_workspace_free(work);
    nn_model_free(model);
}

static void weights_may_be_bound_to_a_workspace_of_the_same_shape(void **state) {
    (void)state;
    NnArch arch = ref_arch((const int[]){50}, 1, NN_ACT_TANH, false, 0);
    NnModel *first = new_model(&arch, 1), *second = new_model(&arch, 2);
    NnWorkspace *shared = new_workspace(first, 1, false), *own = new_workspace(second, 1, false);
    NnDigit digit;
    NnAnswer a, b;
    ref_digit(&digit, 1);
    nn_classify(first, shared, &digit, &a);
    nn_classify(second, shared, &digit, &a);
    nn_classify(second, own, &digit, &b);
    assert_memory_equal(a.logits, b.logits, sizeof a.logits);
    nn_workspace_free(own);
    nn_workspace_free(shared);
    nn_model_free(second);
    nn_model_free(first);
}

// --- threads -------------------------------------------------------------------------------------

typedef struct {
    const NnModel *model;
    NnWorkspace *work;
    NnAnswer answers[50];
} Reader;

static void classify_fifty(void *user) {
    Reader *reader = user;
    for (uint64_t i = 0; i < 50; i++) {
        NnDigit digit;
        ref_digit(&digit, i);
        nn_classify(reader->model, reader->work, &digit, &reader->answers[i]);
    }
}

static void two_threads_share_a_model(void **state) {
    (void)state;
    NnArch arch = ref_arch((const int[]){64, 64}, 2, NN_ACT_RELU, true, 0);
    NnModel *model = new_model(&arch, 4);
    static Reader readers[2];
    Thread threads[2];
    for (int t = 0; t < 2; t++) {
        readers[t] = (Reader){.model = model, .work = new_workspace(model, 1, false)};
    }
    for (int t = 0; t < 2; t++) {
        assert_true(thread_start(&threads[t], classify_fifty, &readers[t], false));
    }
    for (int t = 0; t < 2; t++) {
        thread_join(&threads[t]);
    }
    for (int i = 0; i < 50; i++) {
        assert_memory_equal(readers[0].answers[i].logits, readers[1].answers[i].logits,
                            sizeof readers[0].answers[i].logits);
    }
    for (int t = 0; t < 2; t++) {
        nn_workspace_free(readers[t].work);
    }
    nn_model_free(model);
}

int main(void) {
    enum { N_OTHERS = 6, N_NETWORKS = NN_ACT_COUNT + 2 };
    struct CMUnitTest tests[N_OTHERS + N_NETWORKS] = {
        cmocka_unit_test(batches_agree_with_single_pictures_and_with_double),
        cmocka_unit_test(and_so_they_do_where_rows_are_long),
        cmocka_unit_test(classify_is_the_single_forward_pass_calibrated_and_ranked),
        cmocka_unit_test(an_answer_allocates_nothing),
        cmocka_unit_test(weights_may_be_bound_to_a_workspace_of_the_same_shape),
        cmocka_unit_test(two_threads_share_a_model),
    };
    static size_t indices[N_NETWORKS];
    for (size_t i = 0; i < N_NETWORKS; i++) {
        indices[i] = i;
        tests[N_OTHERS + i] = (struct CMUnitTest){
            .name = i < NN_ACT_COUNT ? nn_activation_name((NnActivation)i) : "distilled",
            .test_func = logits_loss_and_gradients_equal_pytorch,
            .initial_state = &indices[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
