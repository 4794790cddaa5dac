// arch_shape.c - what goes into a layer and what comes out of it.
//
// Shapes follow from the picture, layer by layer; n_in and n_out in a description are the same said
// again, and have to agree.

#include <stdio.h>
#include <string.h>

#include "nn/arch_shape.h"
#include "nn/kernels_conv.h"

enum { CHANNELS_MAX = 2048, KERNEL_MAX = 11 };

int arch_source(const NnArch *arch, int layer) {
    int from = arch->layers[layer].from;
    return from > 0 ? from - 1 : layer - 1;
}

static int count(NnShape shape) {
    return shape.channels * shape.height * shape.width;
}

// Output of a sound layer.
static NnShape output_of(const NnLayer *layer, NnShape in) {
    switch (layer->kind) {
    case NN_LAYER_CONV:
        return (NnShape){
            layer->channels,
            kernels_conv_size(in.height, layer->kernel, layer->stride, layer->padding),
            kernels_conv_size(in.width, layer->kernel, layer->stride, layer->padding),
        };
    case NN_LAYER_MAX_POOL:
        return (NnShape){in.channels, in.height / layer->kernel, in.width / layer->kernel};
    case NN_LAYER_AVERAGE_POOL:
        return (NnShape){in.channels, 1, 1};
    case NN_LAYER_BATCH_NORM:
        return in;
    case NN_LAYER_FLATTEN:
        return (NnShape){count(in), 1, 1};
    default:
        return (NnShape){layer->n_out, 1, 1};
    }
}

void arch_shapes(const NnArch *arch, NnShape *shapes) {
    for (int i = 0; i < arch->n_layers; i++) {
        int source = arch_source(arch, i);
        NnShape in = source < 0 ? (NnShape){1, NN_SIDE, NN_SIDE} : shapes[source];
        shapes[i] = output_of(&arch->layers[i], in);
    }
}

NnShape nn_arch_shape(const NnArch *arch, int layer) {
    NN_ASSERT(layer >= -1 && layer < arch->n_layers);
    NnShape shapes[NN_LAYERS_MAX];
    arch_shapes(arch, shapes);
    return layer < 0 ? (NnShape){1, NN_SIDE, NN_SIDE} : shapes[layer];
}

// --- checks --------------------------------------------------------------------------------------

// Windows fit their input, and fields that mean nothing to this kind are 0.
static NnStatus check_window(const NnLayer *layer, int number, NnShape in, NnError *err) {
    bool conv = layer->kind == NN_LAYER_CONV, pool = layer->kind == NN_LAYER_MAX_POOL;
    if ((!conv && (layer->channels != 0 || layer->stride != 0 || layer->padding != 0)) ||
        (!conv && !pool && layer->kernel != 0)) {
        return nn_fail(err, NN_ERR_USAGE,
                       "layer %d is of kind %s, which has no channels, kernel, stride or padding",
                       number, nn_layer_kind_name(layer->kind));
    }
    if ((conv || pool) && (layer->kernel < (pool ? 2 : 1) || layer->kernel > KERNEL_MAX)) {
        return nn_fail(err, NN_ERR_USAGE, "layer %d has a window of side %d; it must be %d to %d",
                       number, layer->kernel, pool ? 2 : 1, KERNEL_MAX);
    }
    if (conv && (layer->channels < 1 || layer->channels > CHANNELS_MAX)) {
        return nn_fail(err, NN_ERR_SHAPE, "layer %d gives %d channels; it must be 1 to %d", number,
                       layer->channels, CHANNELS_MAX);
    }
    if (conv && (layer->stride < 1 || layer->stride > KERNEL_MAX)) {
        return nn_fail(err, NN_ERR_USAGE, "layer %d has stride %d; it must be 1 to %d", number,
                       layer->stride, KERNEL_MAX);
    }
    // More padding would give outputs that see no input.
    if (conv && (layer->padding < 0 || layer->padding >= layer->kernel)) {
        return nn_fail(err, NN_ERR_USAGE, "layer %d has padding %d; it must be 0 to %d", number,
                       layer->padding, layer->kernel - 1);
    }
    int room = 2 * layer->padding - layer->kernel;
    if ((conv || pool) && (in.height + room < 0 || in.width + room < 0)) {
        return nn_fail(err, NN_ERR_SHAPE, "layer %d has a window of side %d on a %dx%d picture",
                       number, layer->kernel, in.height, in.width);
    }
    return NN_OK;
}

static NnStatus check_links(const NnLayer *layer, int number, NnError *err) {
    const int links[] = {layer->from, layer->add};
    for (int k = 0; k < 2; k++) {
        if (links[k] < 0 || links[k] >= number) {
            return nn_fail(err, NN_ERR_USAGE,
                           "layer %d has \"%s\" %d; it may name a layer before it, or be 0", number,
                           k == 0 ? "from" : "add", links[k]);
        }
    }
    return NN_OK;
}

static bool same(NnShape a, NnShape b) {
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

// "64x14x14"
typedef struct {
    char text[48];
} Shown;

static Shown show(NnShape s) {
    Shown shown;
    snprintf(shown.text, sizeof shown.text, "%dx%dx%d", s.channels, s.height, s.width);
    return shown;
}

NnStatus arch_check_shape(const NnArch *arch, int i, NnShape *shapes, NnError *err) {
    const NnLayer *layer = &arch->layers[i];
    if ((unsigned)layer->kind >= NN_LAYER_KIND_COUNT) {
        return nn_fail(err, NN_ERR_USAGE, "layer %d is of an unknown kind", i + 1);
    }
    NnStatus status = check_links(layer, i + 1, err);
    if (status != NN_OK) {
        return status;
    }
    int source = arch_source(arch, i);
    NnShape in = source < 0 ? (NnShape){1, NN_SIDE, NN_SIDE} : shapes[source];
    status = check_window(layer, i + 1, in, err);
    if (status != NN_OK) {
        return status;
    }
    // The picture itself has one channel: flattened or not, its values lie in the same order.
    if (layer->kind == NN_LAYER_DENSE && in.channels > 1 && in.height * in.width > 1) {
        status = nn_fail(err, NN_ERR_SHAPE, "layer %d is dense, but gets pictures of %s", i + 1,
                         show(in).text);
        nn_error_hint(err, "put a flatten layer before it");
        return status;
    }
    shapes[i] = output_of(layer, in);
    if (layer->add > 0 && !same(shapes[i], shapes[layer->add - 1])) {
        return nn_fail(err, NN_ERR_SHAPE, "layer %d gives %s and adds layer %d, which gives %s",
                       i + 1, show(shapes[i]).text, layer->add, show(shapes[layer->add - 1]).text);
    }
    if (layer->residual && layer->kind != NN_LAYER_DENSE && layer->kind != NN_LAYER_CONV) {
        return nn_fail(err, NN_ERR_USAGE, "layer %d is of kind %s, which cannot be residual", i + 1,
                       nn_layer_kind_name(layer->kind));
    }
    if (layer->residual && layer->kind == NN_LAYER_CONV && !same(in, shapes[i])) {
        return nn_fail(
            err, NN_ERR_SHAPE,
            "layer %d is residual, so its input of %s and its output of %s must be alike", i + 1,
            show(in).text, show(shapes[i]).text);
    }
    return NN_OK;
}

NnStatus nn_arch_infer(NnArch *arch, NnError *err) {
    NnShape shapes[NN_LAYERS_MAX];
    if (arch->n_layers < 1 || arch->n_layers > NN_LAYERS_MAX) {
        return nn_arch_check(arch, err);
    }
    for (int i = 0; i < arch->n_layers; i++) {
        NnStatus status = arch_check_shape(arch, i, shapes, err);
        if (status != NN_OK) {
            return status;
        }
        int source = arch_source(arch, i);
        arch->layers[i].n_in = source < 0 ? NN_PIXELS : count(shapes[source]);
        arch->layers[i].n_out = count(shapes[i]);
    }
    return NN_OK;
}

// --- in words ------------------------------------------------------------------------------------

static size_t add_text(char *out, size_t size, size_t used, const char *text) {
    int n = used < size ? snprintf(out + used, size - used, "%s", text) : 0;
    return used + (n > 0 ? (size_t)n : 0);
}

void nn_arch_describe(const NnArch *arch, char *out, size_t size) {
    char text[64];
    bool dense = true;
    for (int i = 0; i < arch->n_layers; i++) {
        dense = dense && arch->layers[i].kind == NN_LAYER_DENSE;
    }
    size_t used = 0;
    for (int i = 0; i < arch->n_layers; i++) {
        const NnLayer *layer = &arch->layers[i];
        if (dense) {
            snprintf(text, sizeof text, "%s%s-%d", i == 0 ? "784" : "", layer->residual ? "+" : "",
                     layer->n_out);
        } else {
            int width = layer->kind == NN_LAYER_DENSE ? layer->n_out : layer->channels;
            const char *comma = i > 0 ? ", " : "", *kind = nn_layer_kind_name(layer->kind);
            if (width > 0) {
                snprintf(text, sizeof text, "%s%s %d", comma, kind, width);
            } else {
                snprintf(text, sizeof text, "%s%s", comma, kind);
            }
        }
        used = add_text(out, size, used, text);
    }
    if (dense && arch->n_layers > 1) {
        used = add_text(out, size, used, ", ");
        add_text(out, size, used, nn_activation_name(arch->layers[0].activation));
    }
}
