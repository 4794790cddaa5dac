// grad.c - loss and gradient of one shard.
//
// Letters as in model.h.

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

// Adds scale times the gradient of T^2 KL(q || softmax(z / T)) to d (C), and returns that loss.
static double soft_backward(float *d, const float *z, const float *q, int C, float T, float scale) {
    float p[NN_CLASSES], top;
    double sum = (double)activate_softmax(p, z, C, 1.0f / T, &top);
    double log_sum = (double)top + log(sum), loss = 0;
    for (int c = 0; c < C; c++) {
        d[c] += scale * T * (p[c] - q[c]);
        if (q[c] > 0.0f) { // 0 log 0 is 0
            loss += (double)q[c] * (log((double)q[c]) - ((double)(z[c] / T) - log_sum));
        }
    }
    return (double)(T * T) * loss;
}

static NnShardResult distil_backward(float *d_logits, const float *logits, const uint8_t *labels,
                                     const NnSoftTargets *soft, int B, int C, float scale,
                                     float smoothing) {
    NnShardResult result = {0};
    for (ptrdiff_t b = 0; b < B; b++) {
        const float *z = logits + b * C;
        float *d = d_logits + b * C;
        float theirs = labels[b] != NN_LABEL_NONE ? soft->weights[b] : 0.0f, own = 1.0f - theirs;
        NnShardResult row = loss_backward(d, z, labels + b, 1, C, scale * own, smoothing);
        result.labelled += row.labelled;
        result.correct += row.correct;
        result.loss += (double)own * row.loss;
        if (theirs > 0.0f) {
            result.loss += (double)theirs * soft_backward(d, z, soft->probabilities + b * C, C,
                                                          soft->temperature, scale * theirs);
        }
    }
    return result;
}

NnShardResult nn_grad_shard(const NnModel *model, NnWorkspace *work, const float *inputs,
                            const uint8_t *labels, int B, float scale, float label_smoothing,
                            const NnSoftTargets *soft, uint64_t seed, uint64_t first_sample,
                            float *gradient) {
    NN_ASSERT(work->training);
    forward_pass(model, work, inputs, B,
                 &(DropoutSeed){.seed = seed, .first_sample = first_sample});

    int last = model->arch.n_layers - 1;
    float *d_logits = work->delta[last];
    const float *logits = work->output[last];
    NnShardResult result =
        soft != NULL
            ? distil_backward(d_logits, logits, labels, soft, B, NN_CLASSES, scale, label_smoothing)
            : loss_backward(d_logits, logits, labels, B, NN_CLASSES, scale, label_smoothing);
    backward_pass(model, work, inputs, B, gradient, scale * (float)B);
    return result;
}
