// optim.c - one optimiser step, fused with the sum of the shards' gradients.
//
// Large networks are bound by memory here, so a range is walked once, in pieces that stay in the
// first-level cache: sum the shards in their order, add the penalties, update state and parameters.
// Every element is computed by itself, so bits do not depend on how ranges are cut. Formulas and
// constants are PyTorch's (torch.optim).

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/simd.h"
#include "nn/batch_norm.h"
#include "nn/error.h"
#include "nn/grad.h"

// Small enough that the processor has the next piece's sum on the way before this one's step is done.
enum { PIECE = 256 };

// What stays the same for every element of a step.
typedef struct {
    float learning_rate;
    float momentum;
    float beta1, one_minus_beta1, beta2, one_minus_beta2;
    float epsilon;
    float step_size;    // Adam: learning rate / (1 - beta1^t)
    float inverse_root; // Adam: 1 / sqrt(1 - beta2^t)
} Step;

size_t nn_optim_state_count(NnOptimKind kind) {
    switch (kind) {
    case NN_OPTIM_SGD:
        return 0;
    case NN_OPTIM_ADAM:
    case NN_OPTIM_ADAMW:
        return 2;
    default:
        return 1;
    }
}

// Two shards are by far the commonest, and copying the first would cost as much as adding.
NN_CLONES
static void sum_shards(float *restrict g, const float *const *gradients, int n_shards, size_t first,
                       size_t n, float scale) {
    const float *restrict a = gradients[0] + first;
    const float *restrict b = n_shards > 1 ? gradients[1] + first : NULL;
    for (size_t i = 0; b != NULL && i < n; i++) {
        g[i] = a[i] + b[i];
    }
    for (int s = 2; s < n_shards; s++) {
        const float *restrict shard = gradients[s] + first;
        for (size_t i = 0; i < n; i++) {
            g[i] += shard[i];
        }
    }
    if (scale != 1.0f || b == NULL) {
        const float *from = b == NULL ? a : g;
        for (size_t i = 0; i < n; i++) {
            g[i] = from[i] * scale;
        }
    }
}

// Penalties on the gradient, and AdamW's decay on the weights themselves (Loshchilov and Hutter,
// 2019).
NN_CLONES
static void penalise(float *restrict g, float *restrict w, size_t n, float l1, float l2,
                     float decay) {
    if (l1 != 0.0f) {
        for (size_t i = 0; i < n; i++) {
            float sign = w[i] > 0.0f ? 1.0f : 0.0f;
            sign = w[i] < 0.0f ? -1.0f : sign;
            g[i] += l1 * sign;
        }
    }
    if (l2 != 0.0f) {
        for (size_t i = 0; i < n; i++) {
            g[i] += 2.0f * l2 * w[i];
        }
    }
    if (decay != 0.0f) {
        for (size_t i = 0; i < n; i++) {
            w[i] *= 1.0f - decay;
        }
    }
}

NN_CLONES
static void step_sgd(const Step *s, float *restrict w, const float *restrict g, size_t n) {
    float rate = s->learning_rate;
    for (size_t i = 0; i < n; i++) {
        w[i] -= rate * g[i];
    }
}

NN_CLONES
static void step_momentum(const Step *s, float *restrict w, float *restrict velocity,
                          const float *restrict g, size_t n) {
    float rate = s->learning_rate, momentum = s->momentum;
    for (size_t i = 0; i < n; i++) {
        float v = momentum * velocity[i] + g[i];
        velocity[i] = v;
        w[i] -= rate * v;
    }
}

NN_CLONES
static void step_nesterov(const Step *s, float *restrict w, float *restrict velocity,
                          const float *restrict g, size_t n) {
    float rate = s->learning_rate, momentum = s->momentum;
    for (size_t i = 0; i < n; i++) {
        float v = momentum * velocity[i] + g[i];
        velocity[i] = v;
        w[i] -= rate * (g[i] + momentum * v);
    }
}

NN_CLONES
static void step_adagrad(const Step *s, float *restrict w, float *restrict squares,
                         const float *restrict g, size_t n) {
    float rate = s->learning_rate, epsilon = s->epsilon;
    for (size_t i = 0; i < n; i++) {
        float q = squares[i] + g[i] * g[i];
        squares[i] = q;
        w[i] -= rate * g[i] / (sqrtf(q) + epsilon);
    }
}

NN_CLONES
static void step_rmsprop(const Step *s, float *restrict w, float *restrict squares,
                         const float *restrict g, size_t n) {
    float rate = s->learning_rate, epsilon = s->epsilon;
    float beta = s->beta2, rest = s->one_minus_beta2;
    for (size_t i = 0; i < n; i++) {
        float q = beta * squares[i] + rest * (g[i] * g[i]);
        squares[i] = q;
        w[i] -= rate * g[i] / (sqrtf(q) + epsilon);
    }
}

NN_CLONES
static void step_adam(const Step *s, float *restrict w, float *restrict mean,
                      float *restrict squares, const float *restrict g, size_t n) {
    float beta1 = s->beta1, rest1 = s->one_minus_beta1;
    float beta2 = s->beta2, rest2 = s->one_minus_beta2;
    float epsilon = s->epsilon, step_size = s->step_size, inverse_root = s->inverse_root;
    for (size_t i = 0; i < n; i++) {
        float m = beta1 * mean[i] + rest1 * g[i];
        float q = beta2 * squares[i] + rest2 * (g[i] * g[i]);
        mean[i] = m;
        squares[i] = q;
        w[i] -= step_size * m / (sqrtf(q) * inverse_root + epsilon);
    }
}

static Step step_of(const NnOptim *optim, float learning_rate, uint64_t step) {
    Step s = {
        .learning_rate = learning_rate,
        .momentum = optim->momentum,
        .beta1 = optim->beta1,
        .one_minus_beta1 = (float)(1.0 - (double)optim->beta1),
        .beta2 = optim->beta2,
        .one_minus_beta2 = (float)(1.0 - (double)optim->beta2),
        .epsilon = optim->epsilon,
    };
    if (optim->kind == NN_OPTIM_ADAM || optim->kind == NN_OPTIM_ADAMW) {
        double t = (double)step;
        s.step_size = (float)((double)learning_rate / (1.0 - pow((double)optim->beta1, t)));
        s.inverse_root = (float)(1.0 / sqrt(1.0 - pow((double)optim->beta2, t)));
    }
    return s;
}

void nn_optim_range(const NnOptim *optim, float learning_rate, uint64_t step, float grad_scale,
                    float *params, float *state, size_t state_stride, const float *const *gradients,
                    int n_shards, size_t first, size_t n, int is_weight) {
    NN_ASSERT(step >= 1 && n_shards >= 1);
    Step s = step_of(optim, learning_rate, step);
    bool penalised =
        is_weight && (optim->l1 != 0.0f || optim->l2 != 0.0f || optim->weight_decay != 0.0f);
    float g[PIECE];
    for (size_t at = first; at < first + n; at += PIECE) {
        size_t piece = first + n - at < PIECE ? first + n - at : PIECE;
        float *w = params + at;
        const float *sum = gradients[0] + at;
        if (n_shards > 1 || grad_scale != 1.0f || penalised) {
            sum_shards(g, gradients, n_shards, at, piece, grad_scale);
            sum = g;
        }
        if (penalised) {
            penalise(g, w, piece, optim->l1, optim->l2, learning_rate * optim->weight_decay);
        }
        switch (optim->kind) {
        case NN_OPTIM_MOMENTUM:
            step_momentum(&s, w, state + at, sum, piece);
            break;
        case NN_OPTIM_NESTEROV:
            step_nesterov(&s, w, state + at, sum, piece);
            break;
        case NN_OPTIM_ADAGRAD:
            step_adagrad(&s, w, state + at, sum, piece);
            break;
        case NN_OPTIM_RMSPROP:
            step_rmsprop(&s, w, state + at, sum, piece);
            break;
        case NN_OPTIM_ADAM:
        case NN_OPTIM_ADAMW:
            step_adam(&s, w, state + at, state + state_stride + at, sum, piece);
            break;
        default:
            step_sgd(&s, w, sum, piece);
            break;
        }
    }
}

void nn_optim_statistics(float *params, const float *const *gradients, int n_shards, size_t first,
                         size_t n) {
    for (size_t i = first; i < first + n; i++) {
        float sum = gradients[0][i];
        for (int s = 1; s < n_shards; s++) {
            sum += gradients[s][i];
        }
        params[i] += BATCH_NORM_MOMENTUM * (sum - params[i]);
    }
}
