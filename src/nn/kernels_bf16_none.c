// kernels_bf16_none.c - for builds whose matrix kernels know f32 alone.

#include <stddef.h>

#include "nn/kernels_bf16_library.h"

const Bf16Library *bf16_library(void) {
    return NULL;
}
