#include "nn/layout.h"

#include <stdio.h>
#include <string.h>

#include "nn/arch_shape.h"

LayoutFan layout_fan(const Layout *layout, const NnArch *arch, int layer) {
    const NnLayer *shape = &arch->layers[layer];
    size_t window = (size_t)shape->kernel * (size_t)shape->kernel;
    switch (shape->kind) {
    case NN_LAYER_DENSE:
        return (LayoutFan){(size_t)shape->n_out, (size_t)shape->n_in};
    case NN_LAYER_CONV:
        return (LayoutFan){(size_t)shape->channels, (size_t)layout->in[layer].channels * window};
    case NN_LAYER_BATCH_NORM:
        return (LayoutFan){(size_t)layout->out[layer].channels, 1};
    default:
        return (LayoutFan){0, 0};
    }
}

void layout_make(Layout *layout, const NnArch *arch) {
    *layout = (Layout){0};
    arch_shapes(arch, layout->out);
    for (int i = 0; i < arch->n_layers; i++) {
        int source = arch_source(arch, i);
        layout->in[i] = source < 0 ? (NnShape){1, NN_SIDE, NN_SIDE} : layout->out[source];
        LayoutFan fan = layout_fan(layout, arch, i);
        layout->weight_offset[i] = layout->block_count;
        layout->bias_offset[i] = layout->block_count + layout_padded(fan.O * fan.I);
        layout->block_count = layout->bias_offset[i] + layout_padded(fan.O);
        layout->param_count += fan.O * fan.I + fan.O;
    }
    layout->trained_count = layout->block_count;
    for (int i = 0; i < arch->n_layers; i++) {
        if (arch->layers[i].kind == NN_LAYER_BATCH_NORM) {
            size_t C = layout_padded((size_t)layout->out[i].channels);
            layout->mean_offset[i] = layout->block_count;
            layout->variance_offset[i] = layout->block_count + C;
            layout->block_count += 2 * C;
        }
    }
}

// "conv2.weight"; the rank and the first dimension are right for a bias, too.
static NnTensorPlace place_of(const Layout *layout, const NnArch *arch, int layer, int number,
                              const char *what) {
    const NnLayer *shape = &arch->layers[layer];
    LayoutFan fan = layout_fan(layout, arch, layer);
    bool conv = shape->kind == NN_LAYER_CONV, norm = shape->kind == NN_LAYER_BATCH_NORM;
    NnTensorPlace place = {.layer = layer, .rank = 1, .shape = {(int)fan.O}, .count = fan.O};
    snprintf(place.name, sizeof place.name, "%s%d.%s", conv ? "conv" : (norm ? "bn" : "fc"), number,
             what);
    return place;
}

size_t layout_tensors(const Layout *layout, const NnArch *arch, NnTensorPlace *places) {
    size_t n = 0;
    int numbers[NN_LAYER_KIND_COUNT] = {0};
    for (int i = 0; i < arch->n_layers; i++) {
        const NnLayer *layer = &arch->layers[i];
        LayoutFan fan = layout_fan(layout, arch, i);
        if (fan.O == 0) {
            continue;
        }
        int number = ++numbers[layer->kind];
        NnTensorPlace *weight = &places[n++], *bias = &places[n++];
        *weight = place_of(layout, arch, i, number, "weight");
        *bias = place_of(layout, arch, i, number, "bias");
        weight->offset = layout->weight_offset[i];
        bias->offset = layout->bias_offset[i];
        weight->is_weight = layer->kind != NN_LAYER_BATCH_NORM;
        weight->count = fan.O * fan.I;
        if (layer->kind == NN_LAYER_DENSE) {
            weight->rank = 2;
            weight->shape[1] = layer->n_in;
        } else if (layer->kind == NN_LAYER_CONV) {
            weight->rank = 4;
            weight->shape[1] = layout->in[i].channels;
            weight->shape[2] = weight->shape[3] = layer->kernel;
        }
    }
    int norms = 0;
    for (int i = 0; i < arch->n_layers; i++) {
        if (arch->layers[i].kind == NN_LAYER_BATCH_NORM) {
            NnTensorPlace *mean = &places[n++], *variance = &places[n++];
            *mean = place_of(layout, arch, i, ++norms, "running_mean");
            *variance = place_of(layout, arch, i, norms, "running_var");
            mean->offset = layout->mean_offset[i];
            variance->offset = layout->variance_offset[i];
        }
    }
    return n;
}
