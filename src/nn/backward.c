// backward.c - the forward pass run backwards.
//
// Letters as in model.h. For a layer y = dropout(x + f(z)), z = W x + b + other, given dy:
//   dz = dy * mask * f'(z), d other = dz, db = sum of rows of dz, dW = dz' x, dx = dz W (+ dy * mask
//   where residual).
// Layers run in reverse order, so what several layers take has its gradient complete when its turn
// comes: the first of them writes it, the others add.

#include <string.h>

#include "nn/activate.h"
#include "nn/batch_norm.h"
#include "nn/gemv.h"
#include "nn/kernels.h"
#include "nn/model_impl.h"
#include "nn/spatial.h"

typedef struct {
    const NnModel *model;
    NnWorkspace *work;
    const float *inputs;
    int B;
    float *gradient;             // NULL: only down to the picture, by the rules of evaluation
    bool written[NN_LAYERS_MAX]; // delta holds something to add to
} Backward;

// The gradient shares the parameters' padding: zero, so that an optimiser may run over the whole
// block.
static void clear_padding(float *tensor, size_t n) {
    memset(tensor + n, 0, (layout_padded(n) - n) * sizeof *tensor);
}

// Adds d to the gradient of a layer's output, or makes it that.
static void give(Backward *p, int layer, const float *d) {
    size_t n = (size_t)p->B * (size_t)p->model->arch.layers[layer].n_out;
    if (p->written[layer]) {
        activate_add(p->work->delta[layer], d, n);
    } else if (p->work->delta[layer] != d) {
        memcpy(p->work->delta[layer], d, n * sizeof *d);
    }
    p->written[layer] = true;
}

// dz from the sign of what the layer gave, its only record after an evaluation.
static void through_sign(float *dz, const float *dy, const LayerView *v, size_t n) {
    if (v->shape->activation == NN_ACT_NONE) {
        return; // dz is dy
    }
    float below = v->shape->activation == NN_ACT_LEAKY_RELU ? LEAKY_SLOPE : 0.0f;
    for (size_t i = 0; i < n; i++) {
        dz[i] = v->out[i] > 0.0f ? dy[i] : below * dy[i];
    }
}

// dz = dy * mask * slope and the bias's gradient, (O) or junk as long as a row.
static void through_activation(Backward *p, int i, const LayerView *v, float *dz, float *dy,
                               float *d_bias) {
    NnWorkspace *work = p->work;
    NnShape out = v->out_shape;
    int rows = p->B * out.height, row = out.width * out.channels;
    if (v->shape->activation == NN_ACT_RELU && !v->shape->residual) {
        float factor = dropout_factor(v->shape->dropout);
        activate_backward_relu(dz, dy, v->out, factor, d_bias, rows, row);
        return;
    }
    if (work->mask[i] != NULL && out.height * out.width > 1) {
        channels_multiply(dy, work->mask[i], out, p->B);
    } else if (work->mask[i] != NULL) {
        activate_multiply(dy, work->mask[i], (size_t)rows * (size_t)row);
    }
    if (v->shape->kind == NN_LAYER_DENSE || work->slope[i] != NULL || dz != dy) {
        activate_backward(dz, dy, work->slope[i], d_bias, rows, row);
    }
}

static void dense_backward_one(const LayerView *v, const float *dz, float *d_weight, float *dx,
                               bool add) {
    int O = v->shape->n_out, I = v->shape->n_in;
    if (d_weight != NULL) {
        outer_product(d_weight, dz, v->in, O, I);
    }
    if (dx != NULL && !add) {
        memset(dx, 0, (size_t)I * sizeof *dx);
    }
    if (dx != NULL) {
        gemv_transposed_add(dx, v->weight, dz, O, I);
    }
}

static void dense_backward(Backward *p, const LayerView *v, const float *dz, float *d_weight,
                           float *dx, bool add) {
    int O = v->shape->n_out, I = v->shape->n_in;
    if (p->B == 1) {
        dense_backward_one(v, dz, d_weight, dx, add);
        return;
    }
    if (d_weight != NULL) {
        kernels_gemm(true, false, O, I, p->B, dz, O, v->in, I, 0.0f, d_weight, I);
    }
    if (dx != NULL) {
        kernels_gemm(false, false, p->B, I, O, dz, O, v->weight, I, add ? 1.0f : 0.0f, dx, I);
    }
}

static void sparse_backward(Sparse *sparse, const LayerView *v, const float *dz, float *d_weight) {
    sparse_keep(sparse, dz);
    if (d_weight != NULL) {
        sparse_gradient(&sparse, 1, d_weight, 0, v->shape->n_out);
    }
}

// Of a layer that multiplies in bf16.
static void backward_bf16(Backward *p, int i, const LayerView *v, const float *dz, float *d_weight,
                          float *d_bias, float *dx, bool add) {
    WorkspaceBf16 *own = &p->work->bf16;
    KernelsBf16 *kernels = own->kernels[i];
    const Bf16 *x = workspace_bf16_in(p->work, v->source);
    const Bf16 *w = own->weights + p->model->layout.weight_offset[i];
    bf16_round(own->dz, dz, (size_t)p->B * (size_t)v->shape->n_out);
    if (v->shape->kind == NN_LAYER_CONV) {
        kernels_bf16_conv_backward_weights(kernels, d_weight, d_bias, own->dz, x, p->B);
        if (dx != NULL) {
            kernels_bf16_conv_backward_data(kernels, dx, own->dz, w, p->B);
        }
        return;
    }
    kernels_bf16_dense_backward_weights(kernels, d_weight, own->dz, x, p->B);
    if (dx != NULL) {
        kernels_bf16_dense_backward_data(kernels, dx, own->dz, w, p->B, add);
    }
}

static void norm_backward(Backward *p, int i, const LayerView *v, const float *dz, float *d_weight,
                          float *d_bias, float *dx) {
    NnWorkspace *work = p->work;
    int C = v->in_shape.channels;
    size_t R = (size_t)p->B * (size_t)v->in_shape.height * (size_t)v->in_shape.width;
    if (d_weight == NULL) {
        batch_norm_backward_recalled(dx, dz, work->norm[i], v->weight, R, C);
        return;
    }
    // A gradient is wanted of the weights even where the picture comes before.
    batch_norm_backward(dx != NULL ? dx : work->delta_input, d_weight, d_bias, dz, v->in,
                        work->norm[i], v->weight, R, C);
}

static void backward_f32(Backward *p, int i, const LayerView *v, const float *dz, float *d_weight,
                         float *d_bias, float *dx, bool add) {
    switch (v->shape->kind) {
    case NN_LAYER_CONV:
        if (d_weight != NULL) {
            kernels_conv_backward_weights(p->work->conv[i], d_weight, d_bias, dz, v->in, p->B);
        }
        if (dx != NULL) {
            kernels_conv_backward_data(p->work->conv[i], dx, dz, v->weight, p->B);
        }
        break;
    case NN_LAYER_MAX_POOL:
        if (dx != NULL) {
            max_pool_backward(dx, dz, p->work->argmax[i], v->in_shape, v->shape->kernel, p->B);
        }
        break;
    case NN_LAYER_AVERAGE_POOL:
        if (dx != NULL) {
            average_pool_backward(dx, dz, v->in_shape, p->B);
        }
        break;
    case NN_LAYER_FLATTEN:
        if (dx != NULL) {
            flatten_backward(dx, dz, v->in_shape, p->B);
        }
        break;
    case NN_LAYER_BATCH_NORM:
        norm_backward(p, i, v, dz, d_weight, d_bias, dx);
        break;
    default:
        d_weight = p->work->deferred[i] ? NULL : d_weight;
        if (p->gradient != NULL && workspace_is_sparse(p->work, i)) {
            sparse_backward(p->work->sparse, v, dz, d_weight);
            d_weight = NULL;
        }
        dense_backward(p, v, dz, d_weight, dx, add);
        break;
    }
}

// Gradients of a layer's parameters and of its input: dx NULL where nobody wants that, overwritten
// unless add, which only dense layers can.
static void backward_kind(Backward *p, int i, const LayerView *v, const float *dz, float *dx,
                          bool add) {
    const Layout *layout = &p->model->layout;
    float *d_weight = p->gradient != NULL ? p->gradient + layout->weight_offset[i] : NULL;
    float *d_bias = p->gradient != NULL ? p->gradient + layout->bias_offset[i] : NULL;
    if (d_weight != NULL && p->work->bf16.kernels[i] != NULL) {
        backward_bf16(p, i, v, dz, d_weight, d_bias, dx, add);
    } else {
        backward_f32(p, i, v, dz, d_weight, d_bias, dx, add);
    }
    LayoutFan fan = layout_fan(layout, &p->model->arch, i);
    if (d_weight != NULL && fan.O > 0) {
        if (!p->work->deferred[i]) {
            clear_padding(d_weight, fan.O * fan.I);
        }
        clear_padding(d_bias, fan.O);
    }
}

// The gradient of the layer's input, in its place.
static void backward_input(Backward *p, int i, const LayerView *v, const float *dz) {
    NnWorkspace *work = p->work;
    if (v->source < 0) {
        backward_kind(p, i, v, dz, p->gradient == NULL ? work->delta_input : NULL, false);
    } else if (v->shape->kind == NN_LAYER_DENSE || !p->written[v->source]) {
        backward_kind(p, i, v, dz, work->delta[v->source], p->written[v->source]);
        p->written[v->source] = true;
    } else {
        backward_kind(p, i, v, dz, work->spare[1], false);
        give(p, v->source, work->spare[1]);
    }
}

static void backward_layer(Backward *p, int i) {
    NnWorkspace *work = p->work;
    LayerView v = layer_view(p->model, work, i, p->inputs);
    float *dy = work->delta[i], *dz = dy;
    if (v.shape->residual) {
        dz = work->spare[0] != NULL ? work->spare[0] : work->turn[dy == work->turn[0]];
    }
    if (p->gradient == NULL) {
        through_sign(dz, dy, &v, (size_t)p->B * (size_t)v.shape->n_out);
    } else {
        float *d_bias = v.shape->kind == NN_LAYER_DENSE
                            ? p->gradient + p->model->layout.bias_offset[i]
                            : work->junk;
        through_activation(p, i, &v, dz, dy, d_bias);
    }
    if (v.shape->residual && v.source >= 0) {
        give(p, v.source, dy);
    }
    if (v.shape->add > 0) {
        give(p, v.shape->add - 1, dz);
    }
    backward_input(p, i, &v, dz);
}

// Batch statistics into the gradient's block, for nn_optim_statistics.
static void report_statistics(const Backward *p, float share) {
    const Layout *layout = &p->model->layout;
    for (int i = 0; i < p->model->arch.n_layers; i++) {
        if (p->work->norm[i] == NULL) {
            continue;
        }
        size_t C = (size_t)layout->out[i].channels;
        float *mean = p->gradient + layout->mean_offset[i];
        float *variance = p->gradient + layout->variance_offset[i];
        for (size_t c = 0; c < C; c++) {
            mean[c] = share * p->work->norm[i][NORM_MEAN * C + c];
            variance[c] = share * p->work->norm[i][NORM_VARIANCE * C + c];
        }
        clear_padding(mean, C);
        clear_padding(variance, C);
    }
}

void backward_pass(const NnModel *model, NnWorkspace *work, const float *inputs, int B,
                   float *gradient, float share) {
    Backward p = {.model = model, .work = work, .inputs = inputs, .B = B};
    p.gradient = gradient;
    for (int i = model->arch.n_layers - 1; i >= 0; i--) {
        backward_layer(&p, i);
    }
    if (gradient != NULL) {
        report_statistics(&p, share);
    }
}

bool backward_is_exact(const NnArch *arch) {
    for (int i = 0; i < arch->n_layers; i++) {
        if (arch->layers[i].residual) {
            return false; // what was added hides the sign
        }
    }
    return true;
}
