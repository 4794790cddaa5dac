// kernels_bf16_none.c - for builds whose matrix kernels know f32 alone.

#include <stddef.h>

#include "nn/error.h"
#include "nn/kernels_bf16_library.h"

bool library_bf16_is_fast(void) {
    return false;
}

LibraryBf16 *library_bf16_new(int I, int O, int max_batch) {
    (void)I;
    (void)O;
    (void)max_batch;
    return NULL;
}

void library_bf16_free(LibraryBf16 *library) {
    (void)library;
}

void library_bf16_run(LibraryBf16 *library, Bf16Product product, float *c, const Bf16 *a,
                      const Bf16 *b, int B) {
    (void)library;
    (void)product;
    (void)c;
    (void)a;
    (void)b;
    (void)B;
    NN_ASSERT(!"not called");
}
