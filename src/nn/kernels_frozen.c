#include "nn/kernels_frozen.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/activate.h"
#include "nn/error.h"
#include "nn/kernels_bf16_library.h"

struct KernelsFrozen {
    const Bf16Library *library; // NULL: in f32, with the rest
    FrozenConv *own;            // the library's
    KernelsConv *conv;
    int B;
    bool adds, relu;
    size_t in, out;            // values of a picture
    float *x, *y;              // (B, in) (B, out)
    float *w, *bias, *earlier; // (O, C, K, K) (O) (B, out) what is added
};

static size_t values(int channels, int height, int width) {
    return (size_t)channels * (size_t)height * (size_t)width;
}

// In f32, of operands rounded as the library would.
static bool make_wide(KernelsFrozen *conv, const KernelsFrozenDesc *desc) {
    const KernelsConvShape *s = &desc->shape;
    NN_ASSERT(!desc->blocked);
    size_t O = (size_t)s->out_channels, n = O * values(s->channels, s->kernel, s->kernel);
    int K = s->kernel, S = s->stride, P = s->padding;
    conv->in = values(s->channels, s->height, s->width);
    conv->out = values(s->out_channels, kernels_conv_size(s->height, K, S, P),
                       kernels_conv_size(s->width, K, S, P));
    conv->conv = kernels_conv_new(s, desc->B, false);
    conv->x = mem_new_aligned((size_t)desc->B * conv->in, sizeof *conv->x);
    conv->y = mem_new_aligned((size_t)desc->B * conv->out, sizeof *conv->y);
    conv->earlier = mem_new_aligned((size_t)desc->B * conv->out, sizeof *conv->earlier);
    conv->w = mem_new_aligned(n, sizeof *conv->w);
    conv->bias = mem_new_aligned(O, sizeof *conv->bias);
    Bf16 *rounded = mem_new(n, sizeof *rounded);
    bool whole = conv->conv != NULL && conv->x != NULL && conv->y != NULL &&
                 conv->earlier != NULL && conv->w != NULL && conv->bias != NULL && rounded != NULL;
    if (whole) {
        bf16_round(rounded, desc->w, n);
        bf16_widen(conv->w, rounded, n);
        memcpy(conv->bias, desc->bias, O * sizeof *conv->bias);
    }
    mem_free(rounded);
    return whole;
}

KernelsFrozen *kernels_frozen_new(const KernelsFrozenDesc *desc) {
    KernelsFrozen *conv = mem_new(1, sizeof *conv);
    if (conv == NULL) {
        return NULL;
    }
    conv->library = bf16_library();
    conv->B = desc->B;
    conv->adds = desc->adds;
    conv->relu = desc->relu;
    if (conv->library != NULL) {
        conv->own = conv->library->frozen_new(desc);
    }
    if (conv->library != NULL ? conv->own == NULL : !make_wide(conv, desc)) {
        kernels_frozen_free(conv);
        return NULL;
    }
    return conv;
}

void kernels_frozen_free(KernelsFrozen *conv) {
    if (conv != NULL) {
        if (conv->library != NULL) {
            conv->library->frozen_free(conv->own);
        }
        kernels_conv_free(conv->conv);
        mem_free(conv->x);
        mem_free(conv->y);
        mem_free(conv->earlier);
        mem_free(conv->w);
        mem_free(conv->bias);
        mem_free(conv);
    }
}

void kernels_frozen_run(KernelsFrozen *conv, Bf16 *y, const Bf16 *x) {
    size_t n = (size_t)conv->B * conv->out;
    if (conv->library != NULL) {
        conv->library->frozen_run(conv->own, y, x);
        return;
    }
    bf16_widen(conv->x, x, (size_t)conv->B * conv->in);
    kernels_conv_forward(conv->conv, conv->y, conv->x, conv->w, conv->bias, conv->B);
    if (conv->adds) {
        bf16_widen(conv->earlier, y, n);
        activate_add(conv->y, conv->earlier, n);
    }
    for (size_t i = 0; conv->relu && i < n; i++) {
        conv->y[i] = conv->y[i] > 0.0f ? conv->y[i] : 0.0f;
    }
    bf16_round(y, conv->y, n);
}
