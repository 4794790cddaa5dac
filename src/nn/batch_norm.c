#include "nn/batch_norm.h"

#include <math.h>
#include <string.h>

#include "base/simd.h"

enum { BLOCK = 32 }; // rows summed in float; the blocks' sums are added in double

static double *totals(float *norm, int C) {
    size_t at = (size_t)NORM_TOTAL * (size_t)C;
    return (double *)(void *)(norm + (at + 1) / 2 * 2);
}

static size_t block_at(size_t r, size_t R) {
    return R - r < BLOCK ? R - r : BLOCK;
}

NN_CLONES
static void sum_block(float *restrict part, const float *restrict x, size_t n, int C) {
    memset(part, 0, (size_t)C * sizeof *part);
    for (size_t r = 0; r < n; r++, x += C) {
        for (int c = 0; c < C; c++) {
            part[c] += x[c];
        }
    }
}

NN_CLONES
static void square_block(float *restrict part, const float *restrict x, const float *restrict mean,
                         size_t n, int C) {
    memset(part, 0, (size_t)C * sizeof *part);
    for (size_t r = 0; r < n; r++, x += C) {
        for (int c = 0; c < C; c++) {
            float d = x[c] - mean[c];
            part[c] += d * d;
        }
    }
}

static void add_part(double *restrict total, const float *restrict part, int C) {
    for (int c = 0; c < C; c++) {
        total[c] += (double)part[c];
    }
}

void batch_norm_measure(float *norm, const float *x, size_t R, int C) {
    float *variance = norm + NORM_VARIANCE * C;
    float *mean = norm + NORM_MEAN * C, *inverse = norm + NORM_INVERSE * C;
    float *part = norm + NORM_PART * C;
    double *total = totals(norm, C);
    memset(total, 0, (size_t)C * sizeof *total);
    for (size_t r = 0; r < R; r += BLOCK) {
        sum_block(part, x + r * (size_t)C, block_at(r, R), C);
        add_part(total, part, C);
    }
    for (int c = 0; c < C; c++) {
        mean[c] = (float)(total[c] / (double)R);
        total[c] = 0;
    }
    for (size_t r = 0; r < R; r += BLOCK) {
        square_block(part, x + r * (size_t)C, mean, block_at(r, R), C);
        add_part(total, part, C);
    }
    for (int c = 0; c < C; c++) {
        inverse[c] = (float)(1.0 / sqrt(total[c] / (double)R + (double)BATCH_NORM_EPSILON));
        variance[c] = (float)(total[c] / (double)(R > 1 ? R - 1 : 1));
    }
}

void batch_norm_recall(float *norm, const float *mean, const float *variance, int C) {
    memcpy(norm + NORM_MEAN * C, mean, (size_t)C * sizeof *mean);
    for (int c = 0; c < C; c++) {
        norm[NORM_INVERSE * C + c] = 1.0f / sqrtf(variance[c] + BATCH_NORM_EPSILON);
    }
}

NN_CLONES
void batch_norm_apply(float *restrict y, const float *restrict x, float *restrict norm,
                      const float *restrict weight, const float *restrict bias, size_t R, int C) {
    const float *mean = norm + NORM_MEAN * C, *inverse = norm + NORM_INVERSE * C;
    float *factor = norm + NORM_PART * C;
    for (int c = 0; c < C; c++) {
        factor[c] = inverse[c] * weight[c];
    }
    for (size_t r = 0; r < R; r++, x += C, y += C) {
        for (int c = 0; c < C; c++) {
            y[c] = (x[c] - mean[c]) * factor[c] + bias[c];
        }
    }
}

// Sums of dy and of dy times the centred input.
NN_CLONES
static void backward_block(float *restrict sum, float *restrict product, const float *restrict dy,
                           const float *restrict x, const float *restrict mean, size_t n, int C) {
    memset(sum, 0, (size_t)C * sizeof *sum);
    memset(product, 0, (size_t)C * sizeof *product);
    for (size_t r = 0; r < n; r++, x += C, dy += C) {
        for (int c = 0; c < C; c++) {
            sum[c] += dy[c];
            product[c] += dy[c] * (x[c] - mean[c]);
        }
    }
}

NN_CLONES
static void backward_rows(float *dx, const float *dy, const float *restrict x,
                          const float *restrict mean, const float *restrict factor,
                          const float *restrict shift, const float *restrict slope, size_t R,
                          int C) {
    for (size_t r = 0; r < R; r++, x += C, dy += C, dx += C) {
        for (int c = 0; c < C; c++) {
            dx[c] = factor[c] * dy[c] - (shift[c] + slope[c] * (x[c] - mean[c]));
        }
    }
}

// With n = (x - mean) / sd: d_weight = sum of dy n, d_bias = sum of dy, and
// dx = weight / sd (dy - d_bias / R - n d_weight / R).
void batch_norm_backward(float *dx, float *d_weight, float *d_bias, const float *dy, const float *x,
                         float *norm, const float *weight, size_t R, int C) {
    const float *mean = norm + NORM_MEAN * C, *inverse = norm + NORM_INVERSE * C;
    float *part = norm + NORM_PART * C, *other = norm + NORM_OTHER_PART * C;
    double *total = totals(norm, C), *product = total + C;
    memset(total, 0, 2 * (size_t)C * sizeof *total);
    for (size_t r = 0; r < R; r += BLOCK) {
        size_t at = r * (size_t)C;
        backward_block(part, other, dy + at, x + at, mean, block_at(r, R), C);
        add_part(total, part, C);
        add_part(product, other, C);
    }
    float *shift = part, *slope = other, *factor = (float *)(void *)total;
    for (int c = 0; c < C; c++) {
        double scale = (double)weight[c] * (double)inverse[c];
        double along = product[c] * (double)inverse[c];
        d_bias[c] = (float)total[c];
        d_weight[c] = (float)along;
        shift[c] = (float)(scale * total[c] / (double)R);
        slope[c] = (float)(scale * along * (double)inverse[c] / (double)R);
    }
    for (int c = 0; c < C; c++) { // the totals are used up: their place takes the factors
        factor[c] = weight[c] * inverse[c];
    }
    backward_rows(dx, dy, x, mean, factor, shift, slope, R, C);
}

void batch_norm_backward_recalled(float *dx, const float *dy, const float *norm,
                                  const float *weight, size_t R, int C) {
    const float *inverse = norm + NORM_INVERSE * C;
    for (size_t r = 0; r < R; r++, dy += C, dx += C) {
        for (int c = 0; c < C; c++) {
            dx[c] = dy[c] * (weight[c] * inverse[c]);
        }
    }
}
