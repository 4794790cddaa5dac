// activate.c - the element-wise passes of a layer.
//
// Each pass is a plain loop over a row that the compiler turns into vectors, one loop per
// activation so that no decision is left inside. Derivatives are made where the pre-activation is
// at hand, in the forward pass: afterwards a residual or dropout has covered it.

#include "nn/activate.h"

#include "base/simd.h"
#include "nn/error.h"
#include "nn/vecmath.h"

// One row; `value` and `gradient` are expressions in z, the sum of y and bias.
#define ROW_FUNCTION(name, value, gradient)                                                        \
    NN_CLONES                                                                                      \
    static void name(float *restrict y, const float *restrict bias, float *restrict slope,         \
                     int O) {                                                                      \
        if (slope == NULL) {                                                                       \
            for (int o = 0; o < O; o++) {                                                          \
                float z = y[o] + bias[o];                                                          \
                y[o] = value;                                                                      \
            }                                                                                      \
        } else {                                                                                   \
            for (int o = 0; o < O; o++) {                                                          \
                float z = y[o] + bias[o];                                                          \
                y[o] = value;                                                                      \
                slope[o] = gradient;                                                               \
            }                                                                                      \
        }                                                                                          \
    }

NN_INLINE float elu(float z) {
    float e = vec_exp(z < 0.0f ? z : 0.0f) - 1.0f;
    return z > 0.0f ? z : e;
}

NN_INLINE float elu_slope(float z) {
    return vec_exp(z < 0.0f ? z : 0.0f);
}

NN_INLINE float normal_cdf(float z) {
    return 0.5f * (1.0f + vec_erf(z * 0.70710678118654752f));
}

NN_INLINE float gelu_slope(float z) {
    return normal_cdf(z) + z * (0.39894228040143268f * vec_exp(-0.5f * z * z));
}

NN_INLINE float swish_slope(float z) {
    float s = vec_sigmoid(z);
    return s + z * s * (1.0f - s);
}

NN_INLINE float sigmoid_slope(float z) {
    float s = vec_sigmoid(z);
    return s * (1.0f - s);
}

NN_INLINE float tanh_slope(float z) {
    float t = vec_tanh(z);
    return 1.0f - t * t;
}

ROW_FUNCTION(row_none, z, 1.0f)
ROW_FUNCTION(row_relu, z > 0.0f ? z : 0.0f, z > 0.0f ? 1.0f : 0.0f)
ROW_FUNCTION(row_leaky_relu, z > 0.0f ? z : LEAKY_SLOPE * z, z > 0.0f ? 1.0f : LEAKY_SLOPE)
ROW_FUNCTION(row_elu, elu(z), elu_slope(z))
ROW_FUNCTION(row_gelu, normal_cdf(z) * z, gelu_slope(z))
ROW_FUNCTION(row_swish, vec_sigmoid(z) * z, swish_slope(z))
ROW_FUNCTION(row_tanh, vec_tanh(z), tanh_slope(z))
ROW_FUNCTION(row_sigmoid, vec_sigmoid(z), sigmoid_slope(z))

typedef void RowFunction(float *restrict y, const float *restrict bias, float *restrict slope,
                         int O);

static RowFunction *const row_functions[NN_ACT_COUNT] = {
    [NN_ACT_NONE] = row_none, [NN_ACT_RELU] = row_relu,       [NN_ACT_LEAKY_RELU] = row_leaky_relu,
    [NN_ACT_ELU] = row_elu,   [NN_ACT_GELU] = row_gelu,       [NN_ACT_SWISH] = row_swish,
    [NN_ACT_TANH] = row_tanh, [NN_ACT_SIGMOID] = row_sigmoid,
};

void activate_forward(NnActivation activation, float *y, const float *bias, float *slope, int B,
                      int O) {
    NN_ASSERT((unsigned)activation < NN_ACT_COUNT);
    RowFunction *row = row_functions[activation];
    for (ptrdiff_t b = 0; b < B; b++) {
        row(y + b * O, bias, slope != NULL ? slope + b * O : NULL, O);
    }
}

NN_CLONES
void activate_add(float *restrict y, const float *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        y[i] += x[i];
    }
}

NN_CLONES
void activate_multiply(float *restrict y, const float *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        y[i] *= x[i];
    }
}

NN_CLONES
static void backward_row(float *dz, const float *dy, const float *restrict slope,
                         float *restrict bias_gradient, int O) {
    for (int o = 0; o < O; o++) {
        float d = dy[o] * slope[o];
        dz[o] = d;
        bias_gradient[o] += d;
    }
}

void activate_backward(float *dz, const float *dy, const float *slope, float *bias_gradient, int B,
                       int O) {
    memset(bias_gradient, 0, (size_t)O * sizeof *bias_gradient);
    for (ptrdiff_t b = 0; b < B; b++) {
        if (slope != NULL) {
            backward_row(dz + b * O, dy + b * O, slope + b * O, bias_gradient, O);
        } else {
            activate_add(bias_gradient, dy + b * O, (size_t)O);
        }
    }
    if (slope == NULL && dz != dy) {
        memcpy(dz, dy, (size_t)B * (size_t)O * sizeof *dz);
    }
}

NN_CLONES
static void backward_row_relu(float *dz, const float *dy, const float *restrict y, float factor,
                              float *restrict bias_gradient, int O) {
    for (int o = 0; o < O; o++) {
        float scaled = dy[o] * factor;
        float d = y[o] > 0.0f ? scaled : 0.0f;
        dz[o] = d;
        bias_gradient[o] += d;
    }
}

void activate_backward_relu(float *dz, const float *dy, const float *y, float factor,
                            float *bias_gradient, int B, int O) {
    memset(bias_gradient, 0, (size_t)O * sizeof *bias_gradient);
    for (ptrdiff_t b = 0; b < B; b++) {
        backward_row_relu(dz + b * O, dy + b * O, y + b * O, factor, bias_gradient, O);
    }
}

NN_CLONES
void activate_standardise(float *restrict inputs, const uint8_t *restrict pixels, size_t n,
                          float factor, float shift) {
    for (size_t i = 0; i < n; i++) {
        inputs[i] = (float)pixels[i] * factor + shift;
    }
}

NN_CLONES
float activate_softmax(float *p, const float *logits, int C, float factor, float *top) {
    float largest = logits[0] * factor;
    for (int c = 1; c < C; c++) {
        float z = logits[c] * factor;
        largest = z > largest ? z : largest;
    }
    // Shifted by the largest, so no exponential overflows and one of them is 1. Whole vectors of
    // exponentials, the last one filled up: ten by ten they would be computed one by one.
    enum { LANES = 16 };
    float sum = 0.0f;
    for (int first = 0; first < C; first += LANES) {
        int n = C - first < LANES ? C - first : LANES;
        float e[LANES] = {0};
        for (int c = 0; c < n; c++) {
            e[c] = logits[first + c] * factor - largest;
        }
        for (int c = 0; c < LANES; c++) {
            e[c] = vec_exp(e[c]);
        }
        for (int c = 0; c < n; c++) {
            p[first + c] = e[c];
            sum += e[c];
        }
    }
    for (int c = 0; c < C; c++) {
        p[c] /= sum;
    }
    *top = largest;
    return sum;
}
