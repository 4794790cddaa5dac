// reference.h - the networks of the engine written down a second time: naive loops, in double.
//
// The oracle for forward passes, gradients and explanations. It shares nothing with the engine but
// the description (NnArch) and the places of tensors in a parameter block.

#ifndef TESTS_NN_REFERENCE_H
#define TESTS_NN_REFERENCE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/rng.h"
#include "nn/model.h"

enum { REF_WIDTH_MAX = 1100 };

static inline double ref_activation(NnActivation activation, double z) {
    switch (activation) {
    case NN_ACT_RELU:
        return z > 0 ? z : 0;
    case NN_ACT_LEAKY_RELU:
        return z > 0 ? z : 0.01 * z;
    case NN_ACT_ELU:
        return z > 0 ? z : expm1(z);
    case NN_ACT_GELU:
        return 0.5 * z * (1 + erf(z / sqrt(2.0)));
    case NN_ACT_SWISH:
        return z / (1 + exp(-z));
    case NN_ACT_TANH:
        return tanh(z);
    case NN_ACT_SIGMOID:
        return 1 / (1 + exp(-z));
    default:
        return z;
    }
}

// One row through the network. params as in nn_model_params. masks[layer] (O) multiplies that
// layer's outputs; masks or an entry may be NULL. y (REF_WIDTH_MAX) receives the logits.
static inline void ref_forward(const NnModel *model, const double *params, const double *input,
                               const double *const *masks, double *y) {
    const NnArch *arch = nn_model_arch(model);
    double x[REF_WIDTH_MAX];
    memcpy(x, input, NN_PIXELS * sizeof *x);
    for (int l = 0; l < arch->n_layers; l++) {
        const NnLayer *layer = &arch->layers[l];
        const double *weight = params + nn_model_weight_offset(model, l);
        const double *bias = params + nn_model_bias_offset(model, l);
        for (int o = 0; o < layer->n_out; o++) {
            double z = bias[o];
            for (int i = 0; i < layer->n_in; i++) {
                z += weight[(ptrdiff_t)o * layer->n_in + i] * x[i];
            }
            y[o] = ref_activation(layer->activation, z) + (layer->residual ? x[o] : 0);
            y[o] *= masks != NULL && masks[l] != NULL ? masks[l][o] : 1;
        }
        memcpy(x, y, (size_t)layer->n_out * sizeof *x);
    }
}

// Cross-entropy of a row of logits with the label's weight smoothed over all classes.
static inline double ref_loss(const double *logits, int label, double smoothing) {
    double top = logits[0], sum = 0, loss = 0;
    for (int c = 1; c < NN_CLASSES; c++) {
        top = fmax(top, logits[c]);
    }
    for (int c = 0; c < NN_CLASSES; c++) {
        sum += exp(logits[c] - top);
    }
    for (int c = 0; c < NN_CLASSES; c++) {
        double target = smoothing / NN_CLASSES + (c == label ? 1 - smoothing : 0);
        loss -= target * (logits[c] - top - log(sum));
    }
    return loss;
}

// --- networks and pictures to try ----------------------------------------------------------------

// 784 - hidden[0] - ... - 10, all hidden layers alike; residual where a layer is as wide as its
// input.
static inline NnArch ref_arch(const int *hidden, int n_hidden, NnActivation activation,
                              bool residual, float dropout) {
    NnArch arch = {.name = "test", .n_layers = n_hidden + 1};
    int width = NN_PIXELS;
    for (int l = 0; l < n_hidden; l++) {
        arch.layers[l] = (NnLayer){.n_in = width,
                                   .n_out = hidden[l],
                                   .activation = activation,
                                   .dropout = dropout,
                                   .residual = residual && hidden[l] == width};
        width = hidden[l];
    }
    arch.layers[n_hidden] = (NnLayer){.n_in = width, .n_out = NN_CLASSES};
    return arch;
}

// Weights that keep a net alive, biases included. Padding stays zero.
static inline void ref_randomise(NnModel *model, uint64_t seed) {
    nn_model_init(model, NN_INIT_HE_NORMAL, seed);
    Rng rng = rng_at(seed, RNG_STREAM_TEST, 0);
    for (int l = 0; l < nn_model_arch(model)->n_layers; l++) {
        float *bias = nn_model_params(model) + nn_model_bias_offset(model, l);
        for (int o = 0; o < nn_model_arch(model)->layers[l].n_out; o++) {
            bias[o] = 0.3f * rng_normal(&rng);
        }
    }
}

// Something like a digit: paper around a noisy patch of ink.
static inline void ref_digit(NnDigit *digit, uint64_t seed) {
    Rng rng = rng_at(seed, RNG_STREAM_TEST, 1);
    memset(digit, 0, sizeof *digit);
    for (int y = 4; y < 24; y++) {
        for (int x = 6; x < 20; x++) {
            digit->pixels[y * NN_SIDE + x] = (uint8_t)(rng_below(&rng, 2) * rng_below(&rng, 256));
        }
    }
}

static inline void ref_digits(uint8_t *pixels, int B, uint64_t seed) {
    for (int b = 0; b < B; b++) {
        NnDigit digit;
        ref_digit(&digit, seed + (uint64_t)b);
        memcpy(pixels + (ptrdiff_t)b * NN_PIXELS, digit.pixels, NN_PIXELS);
    }
}

#endif
