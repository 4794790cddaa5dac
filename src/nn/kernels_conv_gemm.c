// kernels_conv_gemm.c - convolution by the matrix product, for builds without oneDNN.
//
// Every output position's patch of inputs becomes a row of a matrix ("im2col"), its C K K entries in
// the order of the weights, so that a picture is one product: (H' W', C K K) times (O, C K K)
// transposed. One picture at a time: its matrix stays in the second-level cache.

#include "nn/kernels_conv.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/kernels.h"

struct KernelsConv {
    KernelsConvShape shape;
    int out_height, out_width;
    int patch;      // C K K
    float *columns; // (H' W', C K K)
};

KernelsConv *kernels_conv_new(const KernelsConvShape *shape, int max_batch, bool training) {
    (void)max_batch;
    (void)training;
    KernelsConv *conv = mem_new(1, sizeof *conv);
    if (conv == NULL) {
        return NULL;
    }
    conv->shape = *shape;
    conv->out_height =
        kernels_conv_size(shape->height, shape->kernel, shape->stride, shape->padding);
    conv->out_width = kernels_conv_size(shape->width, shape->kernel, shape->stride, shape->padding);
    conv->patch = shape->channels * shape->kernel * shape->kernel;
    size_t rows = (size_t)conv->out_height * (size_t)conv->out_width;
    conv->columns = mem_new_aligned(rows * (size_t)conv->patch, sizeof *conv->columns);
    if (conv->columns == NULL) {
        kernels_conv_free(conv);
        return NULL;
    }
    return conv;
}

void kernels_conv_free(KernelsConv *conv) {
    if (conv != NULL) {
        mem_free(conv->columns);
        mem_free(conv);
    }
}

// Between one picture x (H, W, C) and the columns: copies into them, or adds them back to x.
static void gather(KernelsConv *conv, const float *x) {
    const KernelsConvShape *s = &conv->shape;
    int K = s->kernel, C = s->channels;
    float *row = conv->columns;
    for (int oy = 0; oy < conv->out_height; oy++) {
        for (int ox = 0; ox < conv->out_width; ox++, row += conv->patch) {
            for (int k = 0; k < K * K; k++) {
                int y = oy * s->stride - s->padding + k / K;
                int at = ox * s->stride - s->padding + k % K;
                bool inside = y >= 0 && y < s->height && at >= 0 && at < s->width;
                const float *pixel = inside ? x + ((ptrdiff_t)y * s->width + at) * C : NULL;
                for (int c = 0; c < C; c++) {
                    row[c * K * K + k] = inside ? pixel[c] : 0.0f;
                }
            }
        }
    }
}

static void scatter_add(const KernelsConv *conv, float *x) {
    const KernelsConvShape *s = &conv->shape;
    int K = s->kernel, C = s->channels;
    const float *row = conv->columns;
    for (int oy = 0; oy < conv->out_height; oy++) {
        for (int ox = 0; ox < conv->out_width; ox++, row += conv->patch) {
            for (int k = 0; k < K * K; k++) {
                int y = oy * s->stride - s->padding + k / K;
                int at = ox * s->stride - s->padding + k % K;
                if (y < 0 || y >= s->height || at < 0 || at >= s->width) {
                    continue;
                }
                float *pixel = x + ((ptrdiff_t)y * s->width + at) * C;
                for (int c = 0; c < C; c++) {
                    pixel[c] += row[c * K * K + k];
                }
            }
        }
    }
}

static ptrdiff_t input_size(const KernelsConv *conv) {
    return (ptrdiff_t)conv->shape.height * conv->shape.width * conv->shape.channels;
}

void kernels_conv_forward(KernelsConv *conv, float *y, const float *x, const float *w,
                          const float *bias, int B) {
    int rows = conv->out_height * conv->out_width, O = conv->shape.out_channels;
    for (int b = 0; b < B; b++, y += (ptrdiff_t)rows * O) {
        gather(conv, x + b * input_size(conv));
        for (int r = 0; r < rows; r++) {
            memcpy(y + (ptrdiff_t)r * O, bias, (size_t)O * sizeof *y);
        }
        kernels_gemm(false, true, rows, O, conv->patch, conv->columns, conv->patch, w, conv->patch,
                     1.0f, y, O);
    }
}

void kernels_conv_backward_weights(KernelsConv *conv, float *d_w, float *d_bias, const float *dy,
                                   const float *x, int B) {
    int rows = conv->out_height * conv->out_width, O = conv->shape.out_channels;
    memset(d_bias, 0, (size_t)O * sizeof *d_bias);
    for (int b = 0; b < B; b++, dy += (ptrdiff_t)rows * O) {
        gather(conv, x + b * input_size(conv));
        kernels_gemm(true, false, O, conv->patch, rows, dy, O, conv->columns, conv->patch,
                     b > 0 ? 1.0f : 0.0f, d_w, conv->patch);
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < O; o++) {
                d_bias[o] += dy[(ptrdiff_t)r * O + o];
            }
        }
    }
}

void kernels_conv_backward_data(KernelsConv *conv, float *dx, const float *dy, const float *w,
                                int B) {
    int rows = conv->out_height * conv->out_width, O = conv->shape.out_channels;
    memset(dx, 0, (size_t)B * (size_t)input_size(conv) * sizeof *dx);
    for (int b = 0; b < B; b++, dy += (ptrdiff_t)rows * O) {
        kernels_gemm(false, false, rows, conv->patch, O, dy, O, w, conv->patch, 0.0f, conv->columns,
                     conv->patch);
        scatter_add(conv, dx + b * input_size(conv));
    }
}
