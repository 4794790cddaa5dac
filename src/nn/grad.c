// grad.c - loss and gradient of one shard: the forward pass run backwards.
//
// Letters as in model.h. For a layer y = dropout(x + f(z)), z = W x + b, given dy:
//   dz = dy * mask * f'(z), db = sum of rows of dz, dW = dz' x, dx = dz W (+ dy * mask where
//   residual).
// Two buffers are enough: dx of one layer is dy of the one before.

#include "nn/grad.h"

#include <math.h>
#include <string.h>

#include "nn/activate.h"
#include "nn/kernels.h"
#include "nn/model_impl.h"

static int argmax(const float *x, int n) {
    int best = 0;
    for (int i = 1; i < n; i++) {
        best = x[i] > x[best] ? i : best;
    }
    return best;
}

// Cross-entropy on logits (B, C) and its gradient times scale. Softmax and loss are one function:
// their joint gradient is p - target; apart, we would divide by p, which underflows for a confident
// wrong answer. Smoothing s moves s of the target's weight evenly onto all C classes; a picture
// without a label has all of it there.
static NnShardResult loss_backward(float *d_logits, const float *logits, const uint8_t *labels,
                                   int B, int C, float scale, float smoothing) {
    NnShardResult result = {0};
    double product = 1.0; // of the rows' sums: one logarithm for many rows
    for (ptrdiff_t b = 0; b < B; b++) {
        const float *z = logits + b * C;
        float *d = d_logits + b * C, top;
        int label = labels[b];
        bool labelled = label != NN_LABEL_NONE;
        NN_ASSERT(label < C || !labelled);
        float on_label = labelled ? 1.0f - smoothing : 0.0f;
        float spread = (1.0f - on_label) / (float)C;
        result.labelled += labelled;
        result.correct += labelled && argmax(z, C) == label;
        // loss = log(sum exp z) - target . z, and the target's entries add up to 1.
        product *= (double)activate_softmax(d, z, C, 1.0f, &top);
        if (product > 1e200) { // a sum is between 1 and C
            result.loss += log(product);
            product = 1.0;
        }
        result.loss += (double)top;
        if (labelled) {
            result.loss -= (double)on_label * (double)z[label];
        }
        for (int c = 0; c < C && spread > 0.0f; c++) {
            result.loss -= (double)spread * (double)z[c];
        }
        for (int c = 0; c < C; c++) {
            d[c] = (d[c] - spread) * scale;
        }
        if (labelled) {
            d[label] -= on_label * scale;
        }
    }
    result.loss += log(product);
    return result;
}

// The gradient shares the parameters' padding: zero, so that an optimiser may run over the whole
// block.
static void clear_padding(float *tensor, size_t n) {
    size_t end = (n + 15) / 16 * 16;
    memset(tensor + n, 0, (end - n) * sizeof *tensor);
}

NnShardResult nn_grad_shard(const NnModel *model, NnWorkspace *work, const float *inputs,
                            const uint8_t *labels, int B, float scale, float label_smoothing,
                            uint64_t seed, uint64_t first_sample, float *gradient) {
    NN_ASSERT(work->training);
    forward_pass(model, work, inputs, B,
                 &(DropoutSeed){.seed = seed, .first_sample = first_sample});

    float *dy = work->delta, *spare = work->delta_other;
    int last = model->arch.n_layers - 1;
    NnShardResult result =
        loss_backward(dy, work->output[last], labels, B, NN_CLASSES, scale, label_smoothing);

    for (int i = last; i >= 0; i--) {
        LayerView v = layer_view(model, work, i, inputs);
        int O = v.shape->n_out, I = v.shape->n_in;
        float *d_weight = gradient + model->weight_offset[i];
        float *d_bias = gradient + model->bias_offset[i];
        bool residual = v.shape->residual;

        float *dz = residual ? spare : dy;
        if (v.shape->activation == NN_ACT_RELU && !residual) {
            float factor = dropout_factor(v.shape->dropout);
            activate_backward_relu(dz, dy, v.out, factor, d_bias, B, O);
        } else {
            if (work->mask[i] != NULL) {
                activate_multiply(dy, work->mask[i], (size_t)B * (size_t)O);
            }
            activate_backward(dz, dy, work->slope[i], d_bias, B, O);
        }
        kernels_gemm(true, false, O, I, B, dz, O, v.in, I, 0.0f, d_weight, I);
        clear_padding(d_weight, (size_t)O * (size_t)I);
        clear_padding(d_bias, (size_t)O);

        if (i > 0 && residual) {
            kernels_gemm(false, false, B, I, O, dz, O, v.weight, I, 1.0f, dy, I);
        } else if (i > 0) {
            kernels_gemm(false, false, B, I, O, dz, O, v.weight, I, 0.0f, spare, I);
            float *swapped = dy;
            dy = spare;
            spare = swapped;
        }
    }
    return result;
}
