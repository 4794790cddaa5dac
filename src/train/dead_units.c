#include "train/dead_units.h"

#include <string.h>

#include "base/alloc.h"

enum { BATCH = 128 };

struct DeadUnits {
    NnWorkspace *work;
    bool *excited; // (sum of all layers' units), layer after layer
};

// Of pictures a channel is one unit: at their rim it may well rest.
static int units_of(const NnArch *arch, int layer) {
    return nn_arch_shape(arch, layer).channels;
}

static size_t all_units(const NnArch *arch) {
    size_t n = 0;
    for (int i = 0; i < arch->n_layers; i++) {
        n += (size_t)units_of(arch, i);
    }
    return n;
}

// The input of a residual layer has to be at hand, as the output of the layer before.
static bool is_seen(const NnArch *arch, int layer) {
    const NnLayer *shape = &arch->layers[layer];
    return shape->activation == NN_ACT_RELU &&
           !(shape->residual && (layer == 0 || shape->from > 0));
}

DeadUnits *dead_units_new(const NnModel *model) {
    DeadUnits *units = mem_new(1, sizeof *units);
    if (units == NULL) {
        return NULL;
    }
    units->work = nn_workspace_new(model, BATCH, false, NULL);
    units->excited = mem_new(all_units(nn_model_arch(model)), sizeof *units->excited);
    if (units->work == NULL || units->excited == NULL) {
        dead_units_free(units);
        return NULL;
    }
    return units;
}

void dead_units_free(DeadUnits *units) {
    if (units != NULL) {
        nn_workspace_free(units->work);
        mem_free(units->excited);
        mem_free(units);
    }
}

// A residual layer's output is its input plus the unit: an excited unit makes the two differ.
static void look(const NnLayer *layer, const float *outs, const float *ins, int B, size_t n_units,
                 bool *excited) {
    size_t n = (size_t)layer->n_out;
    for (size_t row = 0; row < (size_t)B; row++) {
        for (size_t j = 0; j < n; j++) {
            float base = layer->residual ? ins[row * n + j] : 0.0f;
            excited[j % n_units] |= outs[row * n + j] > base;
        }
    }
}

void dead_units_count(DeadUnits *units, const NnModel *model, const NnDataset *data, int *dead,
                      int *hidden) {
    const NnArch *arch = nn_model_arch(model);
    memset(units->excited, 0, all_units(arch) * sizeof *units->excited);
    for (size_t first = 0; first < data->n; first += BATCH) {
        int B = data->n - first < BATCH ? (int)(data->n - first) : BATCH;
        (void)nn_forward_bytes(model, units->work, data->images + first * NN_PIXELS, B);
        bool *excited = units->excited;
        for (int i = 0; i < arch->n_layers; i++) {
            const NnLayer *layer = &arch->layers[i];
            if (is_seen(arch, i)) {
                look(layer, nn_workspace_activation(units->work, i),
                     i > 0 ? nn_workspace_activation(units->work, i - 1) : NULL, B,
                     (size_t)units_of(arch, i), excited);
            }
            excited += units_of(arch, i);
        }
    }
    *dead = *hidden = 0;
    const bool *excited = units->excited;
    for (int i = 0; i < arch->n_layers; i++) {
        int n = units_of(arch, i);
        *hidden += is_seen(arch, i) ? n : 0;
        for (int j = 0; j < n && is_seen(arch, i); j++) {
            *dead += !excited[j];
        }
        excited += n;
    }
}
