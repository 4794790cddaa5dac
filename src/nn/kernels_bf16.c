// kernels_bf16.c - the library's kernels where they are fast, else f32 ones of the widened operands.

#include "nn/kernels_bf16.h"

#include "base/alloc.h"
#include "nn/kernels.h"
#include "nn/kernels_bf16_library.h"
#include "nn/recipe.h"

struct KernelsBf16 {
    const Bf16Library *library; // NULL: all in f32
    Bf16Dense *dense;           // of a dense layer of the library
    KernelsConv *conv;          // of a convolution, the library's or in f32
    // Values of a row of input and output, and of the weights; for f32, room for the operands.
    size_t in, out, weights;
    float *x, *w, *dz; // (max_batch, in) (weights) (max_batch, out)
};

bool kernels_bf16_is_fast(void) {
    return bf16_library() != NULL;
}

bool nn_precision_is_fast(NnPrecision precision) {
    return precision != NN_PRECISION_BF16 || kernels_bf16_is_fast();
}

static bool widens(KernelsBf16 *layer, int max_batch) {
    layer->x = mem_new_aligned((size_t)max_batch * layer->in, sizeof *layer->x);
    layer->w = mem_new_aligned(layer->weights, sizeof *layer->w);
    layer->dz = mem_new_aligned((size_t)max_batch * layer->out, sizeof *layer->dz);
    return layer->x != NULL && layer->w != NULL && layer->dz != NULL;
}

void kernels_bf16_free(KernelsBf16 *layer) {
    if (layer != NULL) {
        if (layer->library != NULL) {
            layer->library->dense_free(layer->dense);
        }
        kernels_conv_free(layer->conv);
        mem_free(layer->x);
        mem_free(layer->w);
        mem_free(layer->dz);
        mem_free(layer);
    }
}

// --- f32 -----------------------------------------------------------------------------------------

static const float *widened(float *to, const Bf16 *from, size_t n) {
    bf16_widen(to, from, n);
    return to;
}

static const float *wide_x(KernelsBf16 *layer, const Bf16 *x, int B) {
    return widened(layer->x, x, (size_t)B * layer->in);
}

static const float *wide_dz(KernelsBf16 *layer, const Bf16 *dz, int B) {
    return widened(layer->dz, dz, (size_t)B * layer->out);
}

static const float *wide_w(KernelsBf16 *layer, const Bf16 *w) {
    return widened(layer->w, w, layer->weights);
}

// --- dense ---------------------------------------------------------------------------------------

KernelsBf16 *kernels_bf16_dense_new(int I, int O, int max_batch) {
    KernelsBf16 *dense = mem_new(1, sizeof *dense);
    if (dense == NULL) {
        return NULL;
    }
    dense->library = bf16_library();
    dense->in = (size_t)I;
    dense->out = (size_t)O;
    dense->weights = dense->in * dense->out;
    if (dense->library != NULL) {
        dense->dense = dense->library->dense_new(I, O, max_batch);
    }
    if (dense->library != NULL ? dense->dense == NULL : !widens(dense, max_batch)) {
        kernels_bf16_free(dense);
        return NULL;
    }
    return dense;
}

void kernels_bf16_dense_forward(KernelsBf16 *dense, float *y, const Bf16 *x, const Bf16 *w, int B) {
    int I = (int)dense->in, O = (int)dense->out;
    if (dense->library != NULL) {
        dense->library->dense_run(dense->dense, BF16_FORWARD, y, x, w, B);
        return;
    }
    kernels_gemm(false, true, B, O, I, wide_x(dense, x, B), I, wide_w(dense, w), I, 0.0f, y, O);
}

void kernels_bf16_dense_backward_weights(KernelsBf16 *dense, float *dw, const Bf16 *dz,
                                         const Bf16 *x, int B) {
    int I = (int)dense->in, O = (int)dense->out;
    if (dense->library != NULL) {
        dense->library->dense_run(dense->dense, BF16_WEIGHTS, dw, dz, x, B);
        return;
    }
    kernels_gemm(true, false, O, I, B, wide_dz(dense, dz, B), O, wide_x(dense, x, B), I, 0.0f, dw,
                 I);
}

void kernels_bf16_dense_backward_data(KernelsBf16 *dense, float *dx, const Bf16 *dz, const Bf16 *w,
                                      int B, bool add) {
    int I = (int)dense->in, O = (int)dense->out;
    if (dense->library != NULL) {
        dense->library->dense_run(dense->dense, add ? BF16_DATA_ADDED : BF16_DATA, dx, dz, w, B);
        return;
    }
    kernels_gemm(false, false, B, I, O, wide_dz(dense, dz, B), O, wide_w(dense, w), I,
                 add ? 1.0f : 0.0f, dx, I);
}

// --- convolution ---------------------------------------------------------------------------------

KernelsBf16 *kernels_bf16_conv_new(const KernelsConvShape *shape, int max_batch) {
    KernelsBf16 *conv = mem_new(1, sizeof *conv);
    if (conv == NULL) {
        return NULL;
    }
    int K = shape->kernel, S = shape->stride, P = shape->padding;
    size_t channels = (size_t)shape->channels, outputs = (size_t)shape->out_channels;
    conv->library = bf16_library();
    conv->in = (size_t)shape->height * (size_t)shape->width * channels;
    conv->out = (size_t)kernels_conv_size(shape->height, K, S, P) *
                (size_t)kernels_conv_size(shape->width, K, S, P) * outputs;
    conv->weights = outputs * channels * (size_t)K * (size_t)K;
    conv->conv = conv->library != NULL ? conv->library->conv_new(shape, max_batch)
                                       : kernels_conv_new(shape, max_batch, true);
    if (conv->conv == NULL || (conv->library == NULL && !widens(conv, max_batch))) {
        kernels_bf16_free(conv);
        return NULL;
    }
    return conv;
}

void kernels_bf16_conv_forward(KernelsBf16 *conv, float *y, const Bf16 *x, const Bf16 *w,
                               const float *bias, int B) {
    if (conv->library != NULL) {
        conv->library->conv_forward(conv->conv, y, x, w, bias, B);
        return;
    }
    kernels_conv_forward(conv->conv, y, wide_x(conv, x, B), wide_w(conv, w), bias, B);
}

void kernels_bf16_conv_backward_weights(KernelsBf16 *conv, float *d_w, float *d_bias,
                                        const Bf16 *dy, const Bf16 *x, int B) {
    if (conv->library != NULL) {
        conv->library->conv_backward_weights(conv->conv, d_w, d_bias, dy, x, B);
        return;
    }
    kernels_conv_backward_weights(conv->conv, d_w, d_bias, wide_dz(conv, dy, B), wide_x(conv, x, B),
                                  B);
}

void kernels_bf16_conv_backward_data(KernelsBf16 *conv, float *dx, const Bf16 *dy, const Bf16 *w,
                                     int B) {
    if (conv->library != NULL) {
        conv->library->conv_backward_data(conv->conv, dx, dy, w, B);
        return;
    }
    kernels_conv_backward_data(conv->conv, dx, wide_dz(conv, dy, B), wide_w(conv, w), B);
}
