// fuse.h - which batch normalisation a layer can take into its own weights. Private to src/nn.

#ifndef NN_NN_FUSE_H
#define NN_NN_FUSE_H

#include <stdbool.h>

#include "nn/layout.h"
#include "nn/model.h"

// Whether the layer behind this one normalises its output, nobody else takes that output, and nothing
// happens to it on the way.
bool fuse_takes_next(const NnArch *arch, int layer);

// w (O, I) and bias (O) of a layer become those of (layer(x) - mean) / sd * weight + bias, by the
// normalisation `norm` of the model as it would be used: with its running averages.
void fuse_weights(float *w, float *bias, LayoutFan fan, const NnModel *model, int norm);

#endif
