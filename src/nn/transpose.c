// transpose.c - a 16x16 block at a time, in vectors.
//
// Interleaving row r with row r + 8, for all r, is one step of a perfect shuffle of the 256
// numbers: it rotates the 8 bits of a number's place (4 of row, 4 of column) by one. Four steps
// swap row and column.

#include "nn/transpose.h"

#include <stddef.h>

#include "base/simd.h"

enum { N = TRANSPOSE_STRIP };

typedef float Row __attribute__((vector_size(N * sizeof(float))));

NN_INLINE void shuffle(Row *to, const Row *from) {
    for (int r = 0; r < N / 2; r++) {
        to[2 * r] = __builtin_shufflevector(from[r], from[r + N / 2], 0, 16, 1, 17, 2, 18, 3, 19, 4,
                                            20, 5, 21, 6, 22, 7, 23);
        to[2 * r + 1] = __builtin_shufflevector(from[r], from[r + N / 2], 8, 24, 9, 25, 10, 26, 11,
                                                27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
}

NN_CLONES
void transpose(float *restrict out, const float *restrict w, int O, int I) {
    ptrdiff_t o = 0;
    for (; o + N <= O; o += N) {
        ptrdiff_t i = 0;
        for (; i + N <= I; i += N) {
            Row a[N], b[N];
            for (int r = 0; r < N; r++) {
                memcpy(&a[r], w + (o + r) * I + i, sizeof a[r]);
            }
            shuffle(b, a);
            shuffle(a, b);
            shuffle(b, a);
            shuffle(a, b);
            for (int r = 0; r < N; r++) {
                memcpy(out + (i + r) * O + o, &a[r], sizeof a[r]);
            }
        }
        for (; i < I; i++) {
            for (int r = 0; r < N; r++) {
                out[i * O + o + r] = w[(o + r) * I + i];
            }
        }
    }
    for (; o < O; o++) {
        for (ptrdiff_t i = 0; i < I; i++) {
            out[i * O + o] = w[o * I + i];
        }
    }
}
