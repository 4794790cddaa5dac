// A convolutional network with normalisation and a residual block, against PyTorch.

#include "nn/block_net.h"
#include "nn/grad.h"
#include "nn/reference_spatial.h"
#include "nn/torch_fixture.h"

enum { B = 3, SHOWN = 8 };

// The script's: noise by the tensor's number, scales and variances around 1.
static void fill(NnModel *model, const NnTensorPlace *place, uint32_t number) {
    float *tensor = nn_model_params(model) + place->offset;
    bool variance = strstr(place->name, "var") != NULL;
    bool scale = strstr(place->name, "bn") != NULL && strstr(place->name, "weight") != NULL;
    fixture_noise(tensor, 100 + number, place->count, 0.25f);
    for (size_t i = 0; i < place->count && (variance || scale); i++) {
        tensor[i] = 1.0f + (variance ? fabsf(tensor[i]) : tensor[i]);
    }
}

static const json_t *entry_of(const json_t *entries, size_t i, const char *name) {
    const json_t *entry = json_array_get(entries, i);
    assert_string_equal(json_string_value(json_object_get(entry, "name")), name);
    return json_object_get(entry, "values");
}

static void equals_pytorch_in_training_and_after(void **state) {
    (void)state;
    json_t *root = fixture_open();
    const json_t *net = json_object_get(root, "block");
    const json_t *gradients = json_object_get(net, "gradients");
    const json_t *averages = json_object_get(net, "averages");
    NnArch arch = block_net();
    assert_int_equal(nn_arch_infer(&arch, NULL), NN_OK);
    NnModel *model = nn_model_new(&arch, NULL);
    NnWorkspace *work = nn_workspace_new(model, B, true, NULL);
    assert_non_null(work);
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(model, places), block = nn_model_block_count(model);
    for (size_t i = 0; i < n; i++) {
        fill(model, &places[i], (uint32_t)i);
    }
    float inputs[B * NN_PIXELS], *params = nn_model_params(model);
    fixture_noise(inputs, 7, B * NN_PIXELS, 1.0f);
    float *gradient = calloc(block, sizeof *gradient);
    assert_non_null(gradient);

    NnShardResult result = nn_grad_shard(model, work, inputs, (const uint8_t[]){3, 1, 4}, B,
                                         1.0f / B, 0.1f, NULL, 1, 0, gradient);
    assert_near(result.loss / B, json_number_value(json_object_get(net, "loss")), 1e-5, "loss", 0);
    const float *logits = nn_workspace_activation(work, arch.n_layers - 1);
    for (size_t i = 0; i < (size_t)B * NN_CLASSES; i++) {
        assert_near(logits[i], fixture_number(json_object_get(net, "logits"), i), 1e-5, "logit", i);
    }
    size_t n_trained = 0;
    for (; n_trained < n && places[n_trained].offset < nn_model_trained_count(model); n_trained++) {
        const NnTensorPlace *place = &places[n_trained];
        const json_t *values = entry_of(gradients, n_trained, place->name);
        double sum = 0;
        for (size_t k = 0; k < place->count; k++) {
            double g = (double)gradient[place->offset + k];
            sum += g * g;
            if (k < SHOWN) {
                assert_near(g, fixture_number(values, k), 1e-5, place->name, k);
            }
        }
        const json_t *norm = json_object_get(json_array_get(gradients, n_trained), "norm");
        assert_near(sqrt(sum), json_number_value(norm), 1e-5, place->name, SHOWN);
    }
    assert_int_equal(json_array_size(gradients), n_trained);

    const float *shards[] = {gradient};
    size_t first = nn_model_trained_count(model);
    nn_optim_statistics(params, shards, 1, first, block - first);
    for (size_t i = n_trained; i < n; i++) {
        const json_t *values = entry_of(averages, i - n_trained, places[i].name);
        for (size_t k = 0; k < places[i].count; k++) {
            assert_near(params[places[i].offset + k], fixture_number(values, k), 1e-6,
                        places[i].name, k);
        }
    }
    logits = nn_forward(model, work, inputs, B);
    for (size_t i = 0; i < (size_t)B * NN_CLASSES; i++) {
        assert_near(logits[i], fixture_number(json_object_get(net, "evaluated"), i), 1e-5,
                    "evaluated", i);
    }
    free(gradient);
    nn_workspace_free(work);
    nn_model_free(model);
    json_decref(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_pytorch_in_training_and_after)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
