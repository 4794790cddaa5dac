// unroll.c - a convolution as the dense layer it is: each output sees its window and has zeros for the
// rest of the picture, and all windows of a channel hold the same weights.

#include <string.h>

#include "nn/arch_shape.h"
#include "nn/model_impl.h"

enum { THE_PICTURE = -1 };

static NnStatus no_matrix(int layer, const NnArch *arch, const char *why, NnError *err) {
    return nn_fail(err, NN_ERR_USAGE,
                   "layer %d of \"%s\" (%s) cannot be written as a dense layer: %s", layer + 1,
                   arch->name, nn_layer_kind_name(arch->layers[layer].kind), why);
}

// What stands in the place of layer `before`, as a later layer names it; 0 where that is the one before
// it. became: by layer of the old description.
static NnStatus link_to(const NnArch *arch, const int *became, int layer, int before, int here,
                        int *link, NnError *err) {
    int now = before == THE_PICTURE ? THE_PICTURE : became[before];
    *link = now + 1;
    return now == THE_PICTURE && here > 0
               ? no_matrix(layer, arch, "it goes back to the picture", err)
               : NN_OK;
}

// The description in dense layers; became[i] is what layer i is in it, THE_PICTURE for a row of its pixels.
static NnStatus unrolled_arch(const NnArch *arch, const Layout *layout, NnArch *out, int *became,
                              NnError *err) {
    *out = *arch;
    out->n_layers = 0;
    for (int i = 0; i < arch->n_layers; i++) {
        const NnLayer *layer = &arch->layers[i];
        int source = arch_source(arch, i), here = out->n_layers;
        if (layer->kind == NN_LAYER_FLATTEN) {
            became[i] = source == THE_PICTURE ? THE_PICTURE : became[source];
            continue;
        }
        if (layer->kind != NN_LAYER_DENSE && layer->kind != NN_LAYER_CONV) {
            return no_matrix(i, arch, "it is no sum of its inputs by weights of its own", err);
        }
        NnShape shape = layout->out[i];
        NnLayer *dense = &out->layers[here];
        *dense = *layer;
        dense->kind = NN_LAYER_DENSE;
        dense->channels = dense->kernel = dense->stride = dense->padding = 0;
        dense->n_out = shape.channels * shape.height * shape.width;
        NnStatus status = link_to(arch, became, i, source, here, &dense->from, err);
        dense->from = dense->from == here ? 0 : dense->from;
        if (status == NN_OK && layer->add > 0) {
            status = link_to(arch, became, i, layer->add - 1, here, &dense->add, err);
        }
        if (status != NN_OK) {
            return status;
        }
        became[i] = here;
        out->n_layers++;
    }
    return nn_arch_infer(out, err);
}

// One output's row of the matrix, (C, H, W) of the input: the window whose first pixel is (top, left).
static void write_window(float *row, const float *weight, NnShape in, int kernel, int top,
                         int left) {
    for (int c = 0; c < in.channels; c++) {
        for (int y = 0; y < kernel; y++) {
            for (int x = 0; x < kernel; x++) {
                int at_y = top + y, at_x = left + x;
                if (at_y >= 0 && at_y < in.height && at_x >= 0 && at_x < in.width) {
                    row[(c * in.height + at_y) * in.width + at_x] =
                        weight[(c * kernel + y) * kernel + x];
                }
            }
        }
    }
}

// w (O, I) and bias (O) of the dense layer are zero before.
static void write_convolution(float *w, float *bias, const NnModel *model, int i) {
    const NnLayer *layer = &model->arch.layers[i];
    NnShape in = model->layout.in[i], out = model->layout.out[i];
    const float *weight = nn_model_weight(model, i), *shift = nn_model_bias(model, i);
    size_t I = (size_t)in.channels * (size_t)in.height * (size_t)in.width;
    size_t window = (size_t)in.channels * (size_t)layer->kernel * (size_t)layer->kernel;
    for (int o = 0; o < out.channels; o++) {
        for (int y = 0; y < out.height; y++) {
            for (int x = 0; x < out.width; x++) {
                write_window(w, weight + (size_t)o * window, in, layer->kernel,
                             y * layer->stride - layer->padding,
                             x * layer->stride - layer->padding);
                *bias++ = shift[o];
                w += I;
            }
        }
    }
}

static void write_layer(NnModel *to, int dense, const NnModel *from, int i) {
    float *w = to->params + to->layout.weight_offset[dense];
    float *bias = to->params + to->layout.bias_offset[dense];
    if (from->arch.layers[i].kind == NN_LAYER_CONV) {
        write_convolution(w, bias, from, i);
        return;
    }
    LayoutFan fan = layout_fan(&from->layout, &from->arch, i);
    memcpy(w, nn_model_weight(from, i), fan.O * fan.I * sizeof *w);
    memcpy(bias, nn_model_bias(from, i), fan.O * sizeof *bias);
}

NnModel *nn_model_unroll(const NnModel *model, NnError *err) {
    NnModel *fused = nn_model_fuse(model, err);
    if (fused == NULL) {
        return NULL;
    }
    NnArch arch;
    int became[NN_LAYERS_MAX];
    NnModel *dense = unrolled_arch(&fused->arch, &fused->layout, &arch, became, err) == NN_OK
                         ? nn_model_new(&arch, err)
                         : NULL;
    for (int i = 0; dense != NULL && i < fused->arch.n_layers; i++) {
        if (fused->arch.layers[i].kind != NN_LAYER_FLATTEN) {
            write_layer(dense, became[i], fused, i);
        }
    }
    nn_model_free(fused);
    return dense;
}
