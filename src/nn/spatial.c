#include "nn/spatial.h"

#include <stddef.h>

#include "base/simd.h"
#include "nn/transpose.h"

static ptrdiff_t positions(NnShape shape) {
    return (ptrdiff_t)shape.height * shape.width;
}

// One window over all channels. K comes as a constant, so that the loops over the window unroll and
// the one over channels is all vectors.
NN_INLINE void window_max(float *restrict out, uint8_t *restrict argmax, const float *restrict in,
                          ptrdiff_t row, int C, int K) {
    for (int c = 0; c < C; c++) {
        float best = in[c];
        uint8_t place = 0;
        for (int k = 1; k < K * K; k++) {
            float x = in[(k / K) * row + (k % K) * C + c];
            place = x > best ? (uint8_t)k : place;
            best = x > best ? x : best;
        }
        out[c] = best;
        argmax[c] = place;
    }
}

NN_INLINE void window_scatter(float *restrict d_in, const float *restrict d_out,
                              const uint8_t *restrict argmax, ptrdiff_t row, int C, int K) {
    for (int k = 0; k < K * K; k++) {
        float *restrict d = d_in + (k / K) * row + (k % K) * C;
        for (int c = 0; c < C; c++) {
            d[c] = argmax[c] == k ? d_out[c] : 0.0f;
        }
    }
}

NN_CLONES
void max_pool_forward(float *out, uint8_t *argmax, const float *in, NnShape shape, int K, int B) {
    int C = shape.channels, H = shape.height / K, W = shape.width / K;
    ptrdiff_t row = (ptrdiff_t)shape.width * C;
    for (int b = 0; b < B; b++, in += positions(shape) * C) {
        for (int i = 0; i < H * W; i++, out += C, argmax += C) {
            const float *window = in + (i / W * K) * row + (ptrdiff_t)(i % W * K) * C;
            if (K == 2) {
                window_max(out, argmax, window, row, C, 2);
            } else {
                window_max(out, argmax, window, row, C, K);
            }
        }
    }
}

NN_CLONES
void max_pool_backward(float *d_in, const float *d_out, const uint8_t *argmax, NnShape shape, int K,
                       int B) {
    int C = shape.channels, H = shape.height / K, W = shape.width / K;
    ptrdiff_t row = (ptrdiff_t)shape.width * C;
    if (shape.height % K != 0 || shape.width % K != 0) { // what no window reaches
        memset(d_in, 0, (size_t)B * (size_t)positions(shape) * (size_t)C * sizeof *d_in);
    }
    for (int b = 0; b < B; b++, d_in += positions(shape) * C) {
        for (int i = 0; i < H * W; i++, d_out += C, argmax += C) {
            float *window = d_in + (i / W * K) * row + (ptrdiff_t)(i % W * K) * C;
            if (K == 2) {
                window_scatter(window, d_out, argmax, row, C, 2);
            } else {
                window_scatter(window, d_out, argmax, row, C, K);
            }
        }
    }
}

NN_CLONES
void average_pool_forward(float *restrict out, const float *restrict in, NnShape shape, int B) {
    int C = shape.channels;
    float share = 1.0f / (float)positions(shape);
    for (int b = 0; b < B; b++, out += C) {
        memset(out, 0, (size_t)C * sizeof *out);
        for (ptrdiff_t p = 0; p < positions(shape); p++, in += C) {
            for (int c = 0; c < C; c++) {
                out[c] += in[c];
            }
        }
        for (int c = 0; c < C; c++) {
            out[c] *= share;
        }
    }
}

NN_CLONES
void average_pool_backward(float *restrict d_in, const float *restrict d_out, NnShape shape,
                           int B) {
    int C = shape.channels;
    float share = 1.0f / (float)positions(shape);
    for (int b = 0; b < B; b++, d_out += C) {
        for (ptrdiff_t p = 0; p < positions(shape); p++, d_in += C) {
            for (int c = 0; c < C; c++) {
                d_in[c] = d_out[c] * share;
            }
        }
    }
}

void flatten_forward(float *out, const float *in, NnShape shape, int B) {
    int C = shape.channels, P = shape.height * shape.width;
    for (ptrdiff_t b = 0; b < B; b++) {
        transpose(out + b * P * C, in + b * P * C, P, C);
    }
}

void flatten_backward(float *d_in, const float *d_out, NnShape shape, int B) {
    int C = shape.channels, P = shape.height * shape.width;
    for (ptrdiff_t b = 0; b < B; b++) {
        transpose(d_in + b * P * C, d_out + b * P * C, C, P);
    }
}

NN_CLONES
void channels_multiply(float *restrict pictures, const float *restrict factors, NnShape shape,
                       int B) {
    int C = shape.channels;
    for (int b = 0; b < B; b++, factors += C) {
        for (ptrdiff_t p = 0; p < positions(shape); p++, pictures += C) {
            for (int c = 0; c < C; c++) {
                pictures[c] *= factors[c];
            }
        }
    }
}
