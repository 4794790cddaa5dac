// layout.h - where each tensor of a network lies in its block. Private to src/nn.

#ifndef NN_NN_LAYOUT_H
#define NN_NN_LAYOUT_H

#include <stddef.h>

#include "nn/model.h"

typedef struct {
    NnShape in[NN_LAYERS_MAX], out[NN_LAYERS_MAX]; // of each layer
    size_t param_count;                            // trained ones, padding not counted
    size_t trained_count;                          // floats before the running statistics
    size_t block_count;                            // with padding and statistics
    size_t weight_offset[NN_LAYERS_MAX], bias_offset[NN_LAYERS_MAX];
    size_t mean_offset[NN_LAYERS_MAX], variance_offset[NN_LAYERS_MAX]; // batch normalisation alone
} Layout;

// Of a sound description.
void layout_make(Layout *layout, const NnArch *arch);
size_t layout_tensors(const Layout *layout, const NnArch *arch, NnTensorPlace *places);

// Outputs that have weights of their own, and the inputs of each; both 0 for a layer without
// weights.
typedef struct {
    size_t O, I;
} LayoutFan;
LayoutFan layout_fan(const Layout *layout, const NnArch *arch, int layer);

// Floats a tensor of n takes: it ends with a cache line, so that vector loads never straddle two.
static inline size_t layout_padded(size_t n) {
    return (n + 15) / 16 * 16;
}

#endif
