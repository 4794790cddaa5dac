// forward.c - from pictures to logits and answers.
//
// Letters as in model.h: B batch, I inputs, O outputs, C classes. A batch goes through the matrix
// product, a single picture through matrix times vector, which reads each weight once and does no
// packing.

#include <math.h>
#include <string.h>

#include "nn/activate.h"
#include "nn/arch_shape.h"
#include "nn/batch_norm.h"
#include "nn/gemv.h"
#include "nn/kernels.h"
#include "nn/model_impl.h"
#include "nn/spatial.h"
#include "nn/transpose.h"

LayerView layer_view(const NnModel *model, NnWorkspace *work, int layer, const float *inputs) {
    int source = arch_source(&model->arch, layer);
    return (LayerView){
        .shape = &model->arch.layers[layer],
        .in_shape = model->layout.in[layer],
        .out_shape = model->layout.out[layer],
        .source = source,
        .weight = model->params + model->layout.weight_offset[layer],
        .bias = model->params + model->layout.bias_offset[layer],
        .in = source < 0 ? inputs : work->output[source],
        .out = work->output[layer],
    };
}

// out (B, O) = in (B, I) times the transposed weight (O, I).
static void multiply(const LayerView *v, float *turned, int B) {
    int O = v->shape->n_out, I = v->shape->n_in;
    if (B == 1) {
        gemv(v->out, v->weight, v->in, O, I);
    } else if (workspace_turns_input(v->shape, B)) {
        float *product = turned + layout_padded((size_t)B * (size_t)I);
        transpose(turned, v->in, B, I);
        kernels_gemm(false, false, O, B, I, v->weight, I, turned, B, 0.0f, product, B);
        transpose(v->out, product, O, B);
    } else if (workspace_turns(v->shape, B)) {
        transpose(turned, v->weight, O, I);
        kernels_gemm(false, false, B, O, I, v->in, I, turned, O, 0.0f, v->out, O);
    } else {
        kernels_gemm(false, true, B, O, I, v->in, I, v->weight, I, 0.0f, v->out, O);
    }
}

static void normalise(const NnModel *model, NnWorkspace *work, const LayerView *v, int i, int B,
                      bool training) {
    size_t R = (size_t)B * (size_t)v->in_shape.height * (size_t)v->in_shape.width;
    int C = v->in_shape.channels;
    float *norm = work->norm[i];
    if (training) {
        batch_norm_measure(norm, v->in, R, C);
    } else {
        batch_norm_recall(norm, model->params + model->layout.mean_offset[i],
                          model->params + model->layout.variance_offset[i], C);
    }
    batch_norm_apply(v->out, v->in, norm, v->weight, v->bias, R, C);
}

static void multiply_bf16(const NnModel *model, NnWorkspace *work, const LayerView *v, int i,
                          int B) {
    const Bf16 *x = workspace_bf16_in(work, v->source);
    const Bf16 *w = work->bf16.weights + model->layout.weight_offset[i];
    if (v->shape->kind == NN_LAYER_CONV) {
        kernels_bf16_conv_forward(work->bf16.kernels[i], v->out, x, w, v->bias, B);
    } else {
        kernels_bf16_dense_forward(work->bf16.kernels[i], v->out, x, w, B);
    }
}

// What a layer of its kind computes, before the activation. A dense layer's bias comes with that.
static void run_kind(const NnModel *model, NnWorkspace *work, const LayerView *v, int i, int B,
                     bool training) {
    if (training && work->bf16.kernels[i] != NULL) {
        multiply_bf16(model, work, v, i, B);
        return;
    }
    switch (v->shape->kind) {
    case NN_LAYER_CONV:
        kernels_conv_forward(work->conv[i], v->out, v->in, v->weight, v->bias, B);
        break;
    case NN_LAYER_MAX_POOL:
        max_pool_forward(v->out, work->argmax[i], v->in, v->in_shape, v->shape->kernel, B);
        break;
    case NN_LAYER_AVERAGE_POOL:
        average_pool_forward(v->out, v->in, v->in_shape, B);
        break;
    case NN_LAYER_BATCH_NORM:
        normalise(model, work, v, i, B, training);
        break;
    case NN_LAYER_FLATTEN:
        flatten_forward(v->out, v->in, v->in_shape, B);
        break;
    default:
        if (training && workspace_is_sparse(work, i)) {
            sparse_forward(work->sparse, v->out, v->weight);
        } else {
            multiply(v, work->turned, B);
        }
        break;
    }
}

static void drop(NnWorkspace *work, const LayerView *v, int i, int B, const DropoutSeed *seed) {
    NnShape out = v->out_shape;
    float share = v->shape->dropout, *mask = work->mask[i];
    if (out.height * out.width == 1) {
        dropout_apply(v->out, mask, B, out.channels, share, i, seed);
        return;
    }
    for (ptrdiff_t k = 0; k < (ptrdiff_t)B * out.channels; k++) {
        mask[k] = 1.0f;
    }
    dropout_apply(mask, NULL, B, out.channels, share, i, seed);
    channels_multiply(v->out, mask, out, B);
}

void forward_pass(const NnModel *model, NnWorkspace *work, const float *inputs, int B,
                  const DropoutSeed *dropout) {
    NN_ASSERT(B >= 1 && B <= work->max_batch);
    NN_ASSERT(workspace_fits(work, model));
    kernels_thread_begin();
    if (dropout != NULL && work->bf16.inputs != NULL) {
        bf16_round(work->bf16.inputs, inputs, (size_t)B * NN_PIXELS);
    }
    if (dropout != NULL && work->sparse != NULL) {
        (void)sparse_look(work->sparse, inputs, B);
    }
    for (int i = 0; i < model->arch.n_layers; i++) {
        LayerView v = layer_view(model, work, i, inputs);
        const NnLayer *shape = v.shape;
        bool dense = shape->kind == NN_LAYER_DENSE;
        float *slope = dropout != NULL ? work->slope[i] : NULL;
        size_t n = (size_t)B * (size_t)shape->n_out;
        run_kind(model, work, &v, i, B, dropout != NULL);
        if (shape->add > 0) {
            activate_add(v.out, work->output[shape->add - 1], n);
        }
        if (dense) {
            activate_forward(shape->activation, v.out, v.bias, slope, B, shape->n_out);
        } else if (shape->activation != NN_ACT_NONE) {
            activate_forward(shape->activation, v.out, work->zeros, slope, B * v.out_shape.height,
                             v.out_shape.width * v.out_shape.channels);
        }
        if (shape->residual) {
            activate_add(v.out, v.in, n);
        }
        if (dropout != NULL && shape->dropout > 0.0f) {
            drop(work, &v, i, B, dropout);
        }
        if (dropout != NULL && work->bf16.output[i] != NULL) {
            bf16_round(work->bf16.output[i], v.out, n);
        }
    }
}

const float *nn_forward(const NnModel *model, NnWorkspace *work, const float *inputs, int B) {
    forward_pass(model, work, inputs, B, NULL);
    return work->output[model->arch.n_layers - 1];
}

void nn_standardise(const NnArch *arch, float *inputs, const uint8_t *pixels, int B) {
    double sd = arch->input_sd > 0.0f ? (double)arch->input_sd : 1.0;
    double mean = (double)arch->input_mean;
    activate_standardise(inputs, pixels, (size_t)B * NN_PIXELS, (float)(1.0 / (255.0 * sd)),
                         (float)(0.0 - mean / sd));
}

const float *nn_forward_bytes(const NnModel *model, NnWorkspace *work, const uint8_t *pixels,
                              int B) {
    NN_ASSERT(B >= 1 && B <= work->max_batch);
    nn_standardise(&model->arch, work->inputs, pixels, B);
    return nn_forward(model, work, work->inputs, B);
}

void nn_softmax(float *probabilities, const float *logits, int B, int C, float temperature) {
    float factor = temperature > 0.0f ? 1.0f / temperature : 1.0f;
    for (ptrdiff_t b = 0; b < B; b++) {
        float top;
        (void)activate_softmax(probabilities + b * C, logits + b * C, C, factor, &top);
    }
}

void nn_answer(const NnArch *arch, const float *logits, NnAnswer *answer) {
    memcpy(answer->logits, logits, sizeof answer->logits);
    nn_softmax(answer->probabilities, logits, 1, NN_CLASSES, arch->temperature);
    // Ranked by logits: far out, probabilities round to equal ones.
    int best = 0, second = -1;
    for (int c = 1; c < NN_CLASSES; c++) {
        if (logits[c] > logits[best]) {
            second = best;
            best = c;
        } else if (second < 0 || logits[c] > logits[second]) {
            second = c;
        }
    }
    answer->digit = best;
    answer->runner_up = second;
    answer->confidence = answer->probabilities[best];
    answer->sure = answer->confidence >= arch->threshold;
}

void nn_classify(const NnModel *model, NnWorkspace *work, const NnDigit *digit, NnAnswer *answer) {
    nn_answer(&model->arch, nn_forward_bytes(model, work, digit->pixels, 1), answer);
}
