// forward.c - from pictures to logits and answers.
//
// Letters as in model.h: B batch, I inputs, O outputs, C classes. A batch goes through the matrix
// product, a single picture through matrix times vector, which reads each weight once and does no
// packing.

#include <math.h>
#include <string.h>

#include "nn/activate.h"
#include "nn/gemv.h"
#include "nn/kernels.h"
#include "nn/model_impl.h"
#include "nn/transpose.h"

LayerView layer_view(const NnModel *model, NnWorkspace *work, int layer, const float *inputs) {
    return (LayerView){
        .shape = &model->arch.layers[layer],
        .weight = model->params + model->weight_offset[layer],
        .bias = model->params + model->bias_offset[layer],
        .in = layer == 0 ? inputs : work->output[layer - 1],
        .out = work->output[layer],
    };
}

// out (B, O) = in (B, I) times the transposed weight (O, I).
static void multiply(const LayerView *v, float *turned, int B) {
    int O = v->shape->n_out, I = v->shape->n_in;
    if (B == 1) {
        gemv(v->out, v->weight, v->in, O, I);
    } else if (workspace_turns(v->shape, B)) {
        transpose(turned, v->weight, O, I);
        kernels_gemm(false, false, B, O, I, v->in, I, turned, O, 0.0f, v->out, O);
    } else {
        kernels_gemm(false, true, B, O, I, v->in, I, v->weight, I, 0.0f, v->out, O);
    }
}

void forward_pass(const NnModel *model, NnWorkspace *work, const float *inputs, int B,
                  const DropoutSeed *dropout) {
    NN_ASSERT(B >= 1 && B <= work->max_batch);
    NN_ASSERT(workspace_fits(work, model));
    kernels_thread_begin();
    for (int i = 0; i < model->arch.n_layers; i++) {
        LayerView v = layer_view(model, work, i, inputs);
        int O = v.shape->n_out;
        multiply(&v, work->turned, B);
        activate_forward(v.shape->activation, v.out, v.bias, dropout ? work->slope[i] : NULL, B, O);
        if (v.shape->residual) {
            activate_add(v.out, v.in, (size_t)B * (size_t)O);
        }
        if (dropout != NULL && v.shape->dropout > 0.0f) {
            dropout_apply(v.out, work->mask[i], B, O, v.shape->dropout, i, dropout);
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

void nn_classify(const NnModel *model, NnWorkspace *work, const NnDigit *digit, NnAnswer *answer) {
    const float *logits = nn_forward_bytes(model, work, digit->pixels, 1);
    memcpy(answer->logits, logits, sizeof answer->logits);
    nn_softmax(answer->probabilities, logits, 1, NN_CLASSES, model->arch.temperature);
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
    answer->sure = answer->confidence >= model->arch.threshold;
}
