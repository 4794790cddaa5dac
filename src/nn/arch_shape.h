// arch_shape.h - shapes along a network, and what goes where. Private to src/nn.

#ifndef NN_NN_ARCH_SHAPE_H
#define NN_NN_ARCH_SHAPE_H

#include "nn/error.h"
#include "nn/model.h"

// Index of the layer whose output a layer takes, -1: the picture.
int arch_source(const NnArch *arch, int layer);

// Outputs of all layers of a sound description.
void arch_shapes(const NnArch *arch, NnShape *shapes);

// Checks what layer i's kind says about shapes and links, given the shapes before it, and sets
// shapes[i].
NnStatus arch_check_shape(const NnArch *arch, int i, NnShape *shapes, NnError *err) NN_MUST_CHECK;

#endif
