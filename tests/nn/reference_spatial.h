// reference_spatial.h - networks of every kind of layer a second time: naive loops in double, over
// (C, H, W) as PyTorch has it, where the engine has channels last.

#ifndef TESTS_NN_REFERENCE_SPATIAL_H
#define TESTS_NN_REFERENCE_SPATIAL_H

#include <stdlib.h>

#include "nn/reference.h"

enum { REF_BATCH_MAX = 4, REF_VALUES_MAX = 4 * NN_PIXELS };

// What a layer gives for a batch, each row in the order (C, H, W).
typedef double RefBatch[REF_BATCH_MAX][REF_VALUES_MAX];

typedef struct {
    const NnModel *model;
    const double *params; // as in nn_model_params
    int B;
    bool training; // batch statistics instead of running averages
    // (B, C) of a layer, what each channel is multiplied by; NULL: 1.
    double (*masks[NN_LAYERS_MAX])[REF_VALUES_MAX];
} RefNet;

static inline int ref_size(NnShape s) {
    return s.channels * s.height * s.width;
}

static inline void ref_conv(const RefNet *net, int l, NnShape in, NnShape out, const double *x,
                            double *y) {
    const NnLayer *layer = &nn_model_arch(net->model)->layers[l];
    const double *w = net->params + nn_model_weight_offset(net->model, l);
    const double *bias = net->params + nn_model_bias_offset(net->model, l);
    int K = layer->kernel;
    for (int o = 0; o < out.channels; o++) {
        for (int i = 0; i < out.height; i++) {
            for (int j = 0; j < out.width; j++) {
                double z = bias[o];
                for (int c = 0; c < in.channels; c++) {
                    for (int k = 0; k < K * K; k++) {
                        int row = i * layer->stride + k / K - layer->padding;
                        int column = j * layer->stride + k % K - layer->padding;
                        if (row >= 0 && row < in.height && column >= 0 && column < in.width) {
                            z += w[(o * in.channels + c) * K * K + k] *
                                 x[(c * in.height + row) * in.width + column];
                        }
                    }
                }
                y[(o * out.height + i) * out.width + j] = z;
            }
        }
    }
}

static inline void ref_max_pool(int K, NnShape in, NnShape out, const double *x, double *y) {
    for (int i = 0; i < ref_size(out); i++) {
        int c = i / (out.height * out.width), row = i / out.width % out.height, col = i % out.width;
        double best = -HUGE_VAL;
        for (int k = 0; k < K * K; k++) {
            int at = (c * in.height + row * K + k / K) * in.width + col * K + k % K;
            best = fmax(best, x[at]);
        }
        y[i] = best;
    }
}

static inline void ref_normalise(const RefNet *net, int l, NnShape s, RefBatch x, RefBatch y) {
    const double *weight = net->params + nn_model_weight_offset(net->model, l);
    const double *bias = net->params + nn_model_bias_offset(net->model, l);
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(net->model, places), mean_at = 0, variance_at = 0;
    for (size_t i = 0; i < n; i++) {
        if (places[i].layer == l && strstr(places[i].name, "mean") != NULL) {
            mean_at = places[i].offset;
            variance_at = places[i + 1].offset;
        }
    }
    int area = s.height * s.width;
    for (int c = 0; c < s.channels; c++) {
        double mean = net->params[mean_at + (size_t)c];
        double variance = net->params[variance_at + (size_t)c];
        if (net->training) {
            mean = variance = 0;
            for (int i = 0; i < net->B * area; i++) {
                mean += x[i / area][c * area + i % area] / (net->B * area);
            }
            for (int i = 0; i < net->B * area; i++) {
                variance += pow(x[i / area][c * area + i % area] - mean, 2) / (net->B * area);
            }
        }
        for (int i = 0; i < net->B * area; i++) {
            int at = c * area + i % area;
            y[i / area][at] =
                (x[i / area][at] - mean) / sqrt(variance + 1e-5) * weight[c] + bias[c];
        }
    }
}

static inline void ref_row(const RefNet *net, int l, NnShape in, NnShape out, const double *x,
                           double *y) {
    const NnLayer *layer = &nn_model_arch(net->model)->layers[l];
    int area = in.height * in.width;
    switch (layer->kind) {
    case NN_LAYER_CONV:
        ref_conv(net, l, in, out, x, y);
        break;
    case NN_LAYER_MAX_POOL:
        ref_max_pool(layer->kernel, in, out, x, y);
        break;
    case NN_LAYER_AVERAGE_POOL:
        for (int c = 0; c < in.channels; c++) {
            y[c] = 0;
            for (int i = 0; i < area; i++) {
                y[c] += x[c * area + i] / area;
            }
        }
        break;
    case NN_LAYER_FLATTEN:
        memcpy(y, x, (size_t)ref_size(in) * sizeof *y);
        break;
    default:
        for (int o = 0; o < layer->n_out; o++) {
            y[o] = net->params[nn_model_bias_offset(net->model, l) + (size_t)o];
            for (int i = 0; i < layer->n_in; i++) {
                y[o] += x[i] * net->params[nn_model_weight_offset(net->model, l) +
                                           (size_t)o * (size_t)layer->n_in + (size_t)i];
            }
        }
    }
}

// inputs (B, 784) standardised; outputs has room for every layer.
static inline void ref_net_forward(const RefNet *net, const double *inputs, RefBatch *outputs) {
    const NnArch *arch = nn_model_arch(net->model);
    static RefBatch picture;
    for (int b = 0; b < net->B; b++) {
        memcpy(picture[b], inputs + b * NN_PIXELS, NN_PIXELS * sizeof *inputs);
    }
    for (int l = 0; l < arch->n_layers; l++) {
        const NnLayer *layer = &arch->layers[l];
        int from = layer->from > 0 ? layer->from - 1 : l - 1;
        NnShape in = nn_arch_shape(arch, from), out = nn_arch_shape(arch, l);
        int area = out.height * out.width;
        double(*x)[REF_VALUES_MAX] = from < 0 ? picture : outputs[from];
        double(*y)[REF_VALUES_MAX] = outputs[l];
        if (layer->kind == NN_LAYER_BATCH_NORM) {
            ref_normalise(net, l, in, x, y);
        }
        for (int b = 0; b < net->B; b++) {
            if (layer->kind != NN_LAYER_BATCH_NORM) {
                ref_row(net, l, in, out, x[b], y[b]);
            }
            for (int i = 0; i < ref_size(out); i++) {
                double z = y[b][i] + (layer->add > 0 ? outputs[layer->add - 1][b][i] : 0);
                y[b][i] = ref_activation(layer->activation, z) + (layer->residual ? x[b][i] : 0);
                y[b][i] *= net->masks[l] != NULL ? net->masks[l][b][i / area] : 1;
            }
        }
    }
}

// The engine's value of a layer's output at (C, H, W) place i of a row.
static inline float ref_at(const NnWorkspace *work, const NnArch *arch, int layer, int row, int i) {
    NnShape s = nn_arch_shape(arch, layer);
    int area = s.height * s.width;
    return nn_workspace_activation(work,
                                   layer)[row * ref_size(s) + i % area * s.channels + i / area];
}

// Weights, biases, scales and running averages that keep a net alive.
static inline void ref_randomise_all(NnModel *model, uint64_t seed) {
    nn_model_init(model, NN_INIT_HE_NORMAL, seed);
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(model, places);
    Rng rng = rng_at(seed, RNG_STREAM_TEST, 0);
    for (size_t i = 0; i < n; i++) {
        float *tensor = nn_model_params(model) + places[i].offset;
        bool variance = strstr(places[i].name, "var") != NULL;
        for (size_t k = 0; k < places[i].count && !places[i].is_weight; k++) {
            float noise = 0.3f * rng_normal(&rng);
            bool around_one = variance || strstr(places[i].name, "weight") != NULL;
            tensor[k] = around_one ? 1.0f + (variance ? fabsf(noise) : noise) : noise;
        }
    }
}

#endif
