// gemv.c - matrix times vector.
//
// A row's sum is kept in 16 partial sums, lane j taking the inputs 16 k + j, which are added up in
// a fixed tree at the end: vectors without leaving the order of additions to the compiler. Four
// rows go together, so that four streams of memory are in flight.

#include "nn/gemv.h"

#include <stddef.h>

#include "base/simd.h"

enum { LANES = 16, BLOCKS_MAX = 512 };

typedef float Lanes __attribute__((vector_size(LANES * sizeof(float))));

NN_INLINE void load(Lanes *lanes, const float *p) {
    memcpy(lanes, p, sizeof *lanes);
}

NN_INLINE float add_up(const Lanes *lanes) {
    float a[LANES];
    memcpy(a, lanes, sizeof a);
    for (int width = LANES / 2; width > 0; width /= 2) {
        for (int i = 0; i < width; i++) {
            a[i] += a[i + width];
        }
    }
    return a[0];
}

// Positions of the whole blocks of 16 inputs that hold anything but zeros.
NN_INLINE int find_blocks(unsigned short *blocks, const float *x, int first, int last) {
    int n = 0;
    for (int b = first; b < last; b++) {
        uint32_t any = 0;
        for (int j = 0; j < LANES; j++) {
            uint32_t bits;
            memcpy(&bits, x + (ptrdiff_t)b * LANES + j, sizeof bits);
            any |= bits;
        }
        blocks[n] = (unsigned short)(b - first);
        n += (any & 0x7fffffffu) != 0;
    }
    return n;
}

// One row's tail of fewer than 16 inputs.
NN_INLINE float dot_tail(const float *w, const float *x, int from, int I) {
    float sum = 0.0f;
    for (int i = from; i < I; i++) {
        sum += w[i] * x[i];
    }
    return sum;
}

NN_CLONES
void gemv(float *y, const float *w, const float *x, int O, int I) {
    int n_blocks = I / LANES;
    for (int o = 0; o < O; o++) {
        y[o] = dot_tail(w + (ptrdiff_t)o * I, x, n_blocks * LANES, I);
    }
    // Very wide layers go in pieces of 8192 inputs, so that the list of blocks has a bound.
    for (int first = 0; first < n_blocks; first += BLOCKS_MAX) {
        unsigned short blocks[BLOCKS_MAX];
        int last = first + BLOCKS_MAX < n_blocks ? first + BLOCKS_MAX : n_blocks;
        int n = find_blocks(blocks, x, first, last);
        const float *piece_x = x + (ptrdiff_t)first * LANES;
        const float *piece_w = w + (ptrdiff_t)first * LANES;
        int o = 0;
        for (; o + 4 <= O; o += 4) {
            const float *row = piece_w + (ptrdiff_t)o * I;
            Lanes sum[4] = {{0}, {0}, {0}, {0}};
            for (int k = 0; k < n; k++) {
                ptrdiff_t at = (ptrdiff_t)blocks[k] * LANES;
                Lanes in, weight;
                load(&in, piece_x + at);
                for (int r = 0; r < 4; r++) {
                    load(&weight, row + (ptrdiff_t)r * I + at);
                    sum[r] += weight * in;
                }
            }
            for (int r = 0; r < 4; r++) {
                y[o + r] += add_up(&sum[r]);
            }
        }
        for (; o < O; o++) {
            const float *row = piece_w + (ptrdiff_t)o * I;
            Lanes sum = {0};
            for (int k = 0; k < n; k++) {
                ptrdiff_t at = (ptrdiff_t)blocks[k] * LANES;
                Lanes in, weight;
                load(&in, piece_x + at);
                load(&weight, row + at);
                sum += weight * in;
            }
            y[o] += add_up(&sum);
        }
    }
}

NN_CLONES
void gemv_transposed_add(float *restrict x, const float *restrict w, const float *restrict d, int O,
                         int I) {
    for (int o = 0; o < O; o++) {
        if (d[o] == 0.0f) {
            continue;
        }
        const float *row = w + (ptrdiff_t)o * I;
        float factor = d[o];
        for (int i = 0; i < I; i++) {
            x[i] += factor * row[i];
        }
    }
}

NN_CLONES
void outer_product(float *restrict w, const float *restrict d, const float *restrict x, int O,
                   int I) {
    for (int o = 0; o < O; o++, w += I) {
        float factor = d[o];
        for (int i = 0; i < I; i++) {
            w[i] = factor * x[i];
        }
    }
}
