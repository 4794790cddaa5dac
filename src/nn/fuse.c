// fuse.c - a network without the batch normalisations that its dense layers and convolutions can do
// themselves: normalising by constants and multiplying by weights is one multiplication.

#include "nn/fuse.h"

#include <math.h>
#include <string.h>

#include "nn/arch_shape.h"
#include "nn/batch_norm.h"
#include "nn/model_impl.h"

static bool is_taken_by_next_alone(const NnArch *arch, int layer) {
    int uses = 0;
    for (int i = layer + 1; i < arch->n_layers; i++) {
        uses += arch_source(arch, i) == layer;
        uses += arch->layers[i].add == layer + 1;
    }
    return uses == 1 && layer + 1 < arch->n_layers && arch_source(arch, layer + 1) == layer;
}

bool fuse_takes_next(const NnArch *arch, int layer) {
    const NnLayer *l = &arch->layers[layer];
    return (l->kind == NN_LAYER_CONV || l->kind == NN_LAYER_DENSE) &&
           l->activation == NN_ACT_NONE && l->add == 0 && l->dropout == 0 && !l->residual &&
           is_taken_by_next_alone(arch, layer) &&
           arch->layers[layer + 1].kind == NN_LAYER_BATCH_NORM;
}

void fuse_weights(float *w, float *bias, LayoutFan fan, const NnModel *model, int norm) {
    const float *mean = model->params + model->layout.mean_offset[norm];
    const float *variance = model->params + model->layout.variance_offset[norm];
    const float *weight = nn_model_weight(model, norm), *shift = nn_model_bias(model, norm);
    for (size_t o = 0; o < fan.O; o++) {
        float factor = weight[o] / sqrtf(variance[o] + BATCH_NORM_EPSILON);
        for (size_t i = 0; i < fan.I; i++) {
            w[o * fan.I + i] *= factor;
        }
        bias[o] = (bias[o] - mean[o]) * factor + shift[o];
    }
}

// The description without those normalisations; became[i] is what layer i is in it.
static NnArch fused_arch(const NnArch *arch, int *became) {
    NnArch fused = *arch;
    fused.n_layers = 0;
    for (int i = 0; i < arch->n_layers; i++) {
        const NnLayer *layer = &arch->layers[i];
        NnLayer *out = &fused.layers[fused.n_layers];
        *out = *layer;
        out->from = layer->from > 0 ? became[layer->from - 1] + 1 : 0;
        became[i] = fused.n_layers;
        if (fuse_takes_next(arch, i)) {
            const NnLayer *norm = &arch->layers[++i];
            out->activation = norm->activation;
            out->dropout = norm->dropout;
            out->add = norm->add;
            became[i] = fused.n_layers;
        }
        out->add = out->add > 0 ? became[out->add - 1] + 1 : 0;
        fused.n_layers++;
    }
    return fused;
}

static void copy(NnModel *to, size_t to_offset, const NnModel *from, size_t offset, size_t n) {
    memcpy(to->params + to_offset, from->params + offset, n * sizeof *to->params);
}

static void copy_layer(NnModel *to, int out, const NnModel *from, int layer) {
    const Layout *a = &from->layout, *b = &to->layout;
    LayoutFan fan = layout_fan(a, &from->arch, layer);
    if (fan.O == 0) {
        return;
    }
    copy(to, b->weight_offset[out], from, a->weight_offset[layer], fan.O * fan.I);
    copy(to, b->bias_offset[out], from, a->bias_offset[layer], fan.O);
    if (from->arch.layers[layer].kind == NN_LAYER_BATCH_NORM) {
        copy(to, b->mean_offset[out], from, a->mean_offset[layer], fan.O);
        copy(to, b->variance_offset[out], from, a->variance_offset[layer], fan.O);
    }
    if (fuse_takes_next(&from->arch, layer)) {
        fuse_weights(to->params + b->weight_offset[out], to->params + b->bias_offset[out], fan,
                     from, layer + 1);
    }
}

NnModel *nn_model_fuse(const NnModel *model, NnError *err) {
    int became[NN_LAYERS_MAX];
    NnArch arch = fused_arch(&model->arch, became);
    NnModel *fused = nn_model_new(&arch, err);
    for (int i = 0; fused != NULL && i < model->arch.n_layers; i++) {
        if (i == 0 || became[i] != became[i - 1]) {
            copy_layer(fused, became[i], model, i);
        }
    }
    return fused;
}
