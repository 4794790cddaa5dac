// explain.c - why A and not B: what each pixel adds to logit[a] - logit[b].
//
// A network of ReLUs is linear as long as no unit switches: each unit passes its input on times 1
// or 0 (leaky: 0.01). So the difference is d(pixels) = sum of g_i pixel_i + rest with g the
// gradient at this picture, and both follow from one backward walk: at every layer rest collects dz
// . b, at the input what standardising subtracts. The result is exact but for rounding; there is no
// baseline and no sampling. Convolution, pooling (no largest pixel changes) and normalisation by
// running averages are linear in the same sense.

#include <string.h>

#include "nn/activate.h"
#include "nn/gemv.h"
#include "nn/model_impl.h"

static bool piecewise_linear(const NnArch *arch) {
    for (int i = 0; i < arch->n_layers; i++) {
        NnActivation activation = arch->layers[i].activation;
        if (activation != NN_ACT_NONE && activation != NN_ACT_RELU &&
            activation != NN_ACT_LEAKY_RELU) {
            return false;
        }
    }
    return true;
}

// dz (O) = dy * slope of the activation at this picture. A residual layer's output hides the sign
// of z, so z is computed again.
static void through_activation(float *dz, const float *dy, const LayerView *v) {
    int O = v->shape->n_out;
    if (v->shape->activation == NN_ACT_NONE) {
        memcpy(dz, dy, (size_t)O * sizeof *dz);
        return;
    }
    const float *sign = v->out;
    if (v->shape->residual) {
        gemv(dz, v->weight, v->in, O, v->shape->n_in);
        for (int o = 0; o < O; o++) {
            dz[o] += v->bias[o];
        }
        sign = dz;
    }
    float below = v->shape->activation == NN_ACT_LEAKY_RELU ? LEAKY_SLOPE : 0.0f;
    for (int o = 0; o < O; o++) {
        dz[o] = sign[o] > 0.0f ? dy[o] : below * dy[o];
    }
}

static bool all_dense(const NnArch *arch) {
    for (int i = 0; i < arch->n_layers; i++) {
        if (arch->layers[i].kind != NN_LAYER_DENSE || arch->layers[i].add > 0 ||
            arch->layers[i].from > 0) {
            return false;
        }
    }
    return true;
}

// Gradient with respect to the inputs (784), and the rest: layer by layer, where that is a vector at
// a time.
static const float *walk_dense(const NnModel *model, NnWorkspace *work, int a, int b,
                               double *rest) {
    float *dy = work->turn[0], *dz = work->turn[1]; // each wide enough for any layer
    memset(dy, 0, NN_CLASSES * sizeof *dy);
    dy[a] += 1.0f;
    dy[b] -= 1.0f;
    *rest = 0.0;
    for (int i = model->arch.n_layers - 1; i >= 0; i--) {
        LayerView v = layer_view(model, work, i, work->inputs);
        int O = v.shape->n_out, I = v.shape->n_in;
        through_activation(dz, dy, &v);
        for (int o = 0; o < O; o++) {
            *rest += (double)dz[o] * (double)v.bias[o];
        }
        if (!v.shape->residual) {
            memset(dy, 0, (size_t)I * sizeof *dy);
        }
        gemv_transposed_add(dy, v.weight, dz, O, I);
    }
    return dy;
}

// The same through the general backward pass. The rest is what the gradient leaves of the
// difference: linear is linear.
static const float *walk_back(const NnModel *model, NnWorkspace *work, int a, int b, double *rest) {
    int last = model->arch.n_layers - 1;
    const float *logits = work->output[last];
    *rest = (double)logits[a] - (double)logits[b];
    float *dy = work->delta[last];
    memset(dy, 0, NN_CLASSES * sizeof *dy);
    dy[a] += 1.0f;
    dy[b] -= 1.0f;
    backward_pass(model, work, work->inputs, 1, NULL, 0.0f);
    for (int i = 0; i < NN_PIXELS; i++) {
        *rest -= (double)work->delta_input[i] * (double)work->inputs[i];
    }
    return work->delta_input;
}

bool nn_explain(const NnModel *model, NnWorkspace *work, const NnDigit *digit, int a, int b,
                float *terms, float *constant) {
    NN_ASSERT(a >= 0 && a < NN_CLASSES && b >= 0 && b < NN_CLASSES);
    const NnArch *arch = &model->arch;
    bool dense = all_dense(arch);
    if (!piecewise_linear(arch) || (!dense && !backward_is_exact(arch))) {
        return false;
    }
    (void)nn_forward_bytes(model, work, digit->pixels, 1);
    double rest;
    const float *slope =
        dense ? walk_dense(model, work, a, b, &rest) : walk_back(model, work, a, b, &rest);

    double sd = arch->input_sd > 0.0f ? (double)arch->input_sd : 1.0;
    for (int i = 0; i < NN_PIXELS; i++) {
        double per_ink = (double)slope[i] / sd;
        terms[i] = (float)(per_ink * digit->pixels[i] / 255.0);
        rest -= per_ink * (double)arch->input_mean;
    }
    *constant = (float)rest;
    return true;
}
