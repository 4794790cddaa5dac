// model.c - a network's weights: their place in one block, their first values, copies and
// fingerprint.

#include <math.h>
#include <sha256.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "nn/model_impl.h"

NnModel *nn_model_new(const NnArch *arch, NnError *err) {
    if (nn_arch_check(arch, err) != NN_OK) {
        return NULL;
    }
    NnModel *model = mem_new(1, sizeof *model);
    if (model == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "not enough memory for a network");
        return NULL;
    }
    model->arch = *arch;
    layout_make(&model->layout, arch);
    model->params = mem_new_aligned(model->layout.block_count, sizeof *model->params);
    if (model->params == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "not enough memory for %zu weights", model->layout.param_count);
        nn_model_free(model);
        return NULL;
    }
    memset(model->params, 0, model->layout.block_count * sizeof *model->params);
    return model;
}

void nn_model_free(NnModel *model) {
    if (model == NULL) {
        return;
    }
    for (size_t i = 0; i < model->n_notes; i++) {
        mem_free(model->notes[i].key);
        mem_free(model->notes[i].value);
    }
    mem_free(model->notes);
    mem_free(model->params);
    mem_free(model);
}

NnModel *nn_model_copy(const NnModel *model, NnError *err) {
    NnModel *copy = nn_model_new(&model->arch, err);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy->params, model->params, model->layout.block_count * sizeof *model->params);
    for (size_t i = 0; i < model->n_notes; i++) {
        if (!model_note_add(copy, model->notes[i].key, model->notes[i].value)) {
            nn_fail(err, NN_ERR_NOMEM, "not enough memory to copy a network");
            nn_model_free(copy);
            return NULL;
        }
    }
    return copy;
}

const NnArch *nn_model_arch(const NnModel *model) {
    return &model->arch;
}

NnArch *nn_model_arch_edit(NnModel *model) {
    return &model->arch;
}

size_t nn_model_param_count(const NnModel *model) {
    return model->layout.param_count;
}

size_t nn_model_block_count(const NnModel *model) {
    return model->layout.block_count;
}

float *nn_model_params(NnModel *model) {
    return model->params;
}

const float *nn_model_params_const(const NnModel *model) {
    return model->params;
}

size_t nn_model_trained_count(const NnModel *model) {
    return model->layout.trained_count;
}

size_t nn_model_tensors(const NnModel *model, NnTensorPlace *places) {
    return layout_tensors(&model->layout, &model->arch, places);
}

size_t nn_model_weight_offset(const NnModel *model, int layer) {
    NN_ASSERT(layer >= 0 && layer < model->arch.n_layers);
    return model->layout.weight_offset[layer];
}

size_t nn_model_bias_offset(const NnModel *model, int layer) {
    NN_ASSERT(layer >= 0 && layer < model->arch.n_layers);
    return model->layout.bias_offset[layer];
}

const float *nn_model_weight(const NnModel *model, int layer) {
    return model->params + nn_model_weight_offset(model, layer);
}

const float *nn_model_bias(const NnModel *model, int layer) {
    return model->params + nn_model_bias_offset(model, layer);
}

// Standard deviation (normal kinds) or half width (uniform kinds) of a layer's first weights.
// He: sqrt(2 / I) (He et al., 2015); Xavier: sqrt(2 / (I + O)) (Glorot and Bengio, 2010);
// a uniform distribution of the same variance is sqrt(3) times as wide.
static float init_width(NnInit init, double I, double O) {
    switch (init) {
    case NN_INIT_HE_NORMAL:
        return (float)sqrt(2.0 / I);
    case NN_INIT_HE_UNIFORM:
        return (float)sqrt(6.0 / I);
    case NN_INIT_XAVIER_NORMAL:
        return (float)sqrt(2.0 / (I + O));
    case NN_INIT_XAVIER_UNIFORM:
        return (float)sqrt(6.0 / (I + O));
    default:
        return 0.01f;
    }
}

static void fill(float *tensor, size_t n, float value) {
    for (size_t k = 0; k < n; k++) {
        tensor[k] = value;
    }
}

void nn_model_init(NnModel *model, NnInit init, uint64_t seed) {
    NN_ASSERT((unsigned)init < NN_INIT_COUNT);
    bool uniform = init == NN_INIT_HE_UNIFORM || init == NN_INIT_XAVIER_UNIFORM;
    memset(model->params, 0, model->layout.block_count * sizeof *model->params);
    for (int i = 0; i < model->arch.n_layers; i++) {
        const NnLayer *layer = &model->arch.layers[i];
        LayoutFan fan = layout_fan(&model->layout, &model->arch, i);
        float *weight = model->params + model->layout.weight_offset[i];
        if (layer->kind == NN_LAYER_BATCH_NORM) {
            fill(weight, fan.O, 1.0f);
            fill(model->params + model->layout.variance_offset[i], fan.O, 1.0f);
            continue;
        }
        // An input of a convolution feeds the window's positions of every channel (torch.nn.init).
        double window = layer->kind == NN_LAYER_CONV ? layer->kernel * layer->kernel : 1;
        float width = init_width(init, (double)fan.I, (double)fan.O * window);
        size_t n = fan.O * fan.I;
        Rng rng = rng_at(seed, RNG_STREAM_INIT, (uint64_t)i);
        for (size_t k = 0; k < n; k++) {
            weight[k] = uniform ? rng_uniform(&rng, -width, width) : width * rng_normal(&rng);
        }
    }
}

void nn_model_sha256(const NnModel *model, char *out) {
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(model, places);
    SHA2_CTX sha;
    SHA256Init(&sha);
    for (size_t i = 0; i < n; i++) {
        SHA256Update(&sha, (const uint8_t *)(model->params + places[i].offset),
                     places[i].count * sizeof(float));
    }
    SHA256End(&sha, out);
}

bool model_note_add(NnModel *model, const char *key, const char *value) {
    void *grown = mem_resize(model->notes, model->n_notes + 1, sizeof *model->notes);
    if (grown == NULL) {
        return false;
    }
    model->notes = grown;
    char *key_copy = mem_copy_text(key), *value_copy = mem_copy_text(value);
    if (key_copy == NULL || value_copy == NULL) {
        mem_free(key_copy);
        mem_free(value_copy);
        return false;
    }
    model->notes[model->n_notes].key = key_copy;
    model->notes[model->n_notes].value = value_copy;
    model->n_notes++;
    return true;
}

const char *nn_model_note(const NnModel *model, const char *key) {
    for (size_t i = 0; i < model->n_notes; i++) {
        if (strcmp(model->notes[i].key, key) == 0) {
            return model->notes[i].value;
        }
    }
    return NULL;
}
