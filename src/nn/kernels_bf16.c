// kernels_bf16.c - the library's products where they are fast, else f32 ones of the widened operands.

#include "nn/kernels_bf16.h"

#include "base/alloc.h"
#include "nn/kernels.h"
#include "nn/kernels_bf16_library.h"
#include "nn/recipe.h"

struct KernelsBf16 {
    int I, O;
    LibraryBf16 *library; // NULL: all in f32, by way of
    float *x, *w, *dz;    // (max_batch, I) (O, I) (max_batch, O)
};

bool kernels_bf16_is_fast(void) {
    return library_bf16_is_fast();
}

bool nn_precision_is_fast(NnPrecision precision) {
    return precision != NN_PRECISION_BF16 || kernels_bf16_is_fast();
}

KernelsBf16 *kernels_bf16_new(int I, int O, int max_batch) {
    KernelsBf16 *dense = mem_new(1, sizeof *dense);
    if (dense == NULL) {
        return NULL;
    }
    dense->I = I;
    dense->O = O;
    size_t in = (size_t)I, out = (size_t)O, rows = (size_t)max_batch;
    bool ok;
    if (library_bf16_is_fast()) {
        dense->library = library_bf16_new(I, O, max_batch);
        ok = dense->library != NULL;
    } else {
        dense->x = mem_new_aligned(rows * in, sizeof *dense->x);
        dense->w = mem_new_aligned(out * in, sizeof *dense->w);
        dense->dz = mem_new_aligned(rows * out, sizeof *dense->dz);
        ok = dense->x != NULL && dense->w != NULL && dense->dz != NULL;
    }
    if (!ok) {
        kernels_bf16_free(dense);
        return NULL;
    }
    return dense;
}

void kernels_bf16_free(KernelsBf16 *dense) {
    if (dense != NULL) {
        library_bf16_free(dense->library);
        mem_free(dense->x);
        mem_free(dense->w);
        mem_free(dense->dz);
        mem_free(dense);
    }
}

// Operands in f32, (rows, columns).
static const float *widened(float *to, const Bf16 *from, int rows, int columns) {
    bf16_widen(to, from, (size_t)rows * (size_t)columns);
    return to;
}

void kernels_bf16_forward(KernelsBf16 *dense, float *y, const Bf16 *x, const Bf16 *w, int B) {
    int I = dense->I, O = dense->O;
    if (dense->library != NULL) {
        library_bf16_run(dense->library, BF16_FORWARD, y, x, w, B);
        return;
    }
    kernels_gemm(false, true, B, O, I, widened(dense->x, x, B, I), I, widened(dense->w, w, O, I), I,
                 0.0f, y, O);
}

void kernels_bf16_backward_weights(KernelsBf16 *dense, float *dw, const Bf16 *dz, const Bf16 *x,
                                   int B) {
    int I = dense->I, O = dense->O;
    if (dense->library != NULL) {
        library_bf16_run(dense->library, BF16_WEIGHTS, dw, dz, x, B);
        return;
    }
    kernels_gemm(true, false, O, I, B, widened(dense->dz, dz, B, O), O, widened(dense->x, x, B, I),
                 I, 0.0f, dw, I);
}

void kernels_bf16_backward_data(KernelsBf16 *dense, float *dx, const Bf16 *dz, const Bf16 *w, int B,
                                bool add) {
    int I = dense->I, O = dense->O;
    if (dense->library != NULL) {
        library_bf16_run(dense->library, add ? BF16_DATA_ADDED : BF16_DATA, dx, dz, w, B);
        return;
    }
    kernels_gemm(false, false, B, I, O, widened(dense->dz, dz, B, O), O, widened(dense->w, w, O, I),
                 I, add ? 1.0f : 0.0f, dx, I);
}
