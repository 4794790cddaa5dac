// model_impl.h - what model and workspace are made of. Private to src/nn.

#ifndef NN_NN_MODEL_IMPL_H
#define NN_NN_MODEL_IMPL_H

#include <stddef.h>

#include "nn/dropout.h"
#include "nn/kernels_bf16.h"
#include "nn/kernels_conv.h"
#include "nn/layout.h"
#include "nn/model.h"
#include "nn/safetensors.h"
#include "nn/sparse.h"

struct NnModel {
    NnArch arch;
    Layout layout;
    float *params; // (layout.block_count)
    struct {
        char *key, *value;
    } * notes; // what the file it came from carried
    size_t n_notes;
};

// What dense and convolutional layers multiply in bf16, in training alone. Empty: all is f32.
typedef struct {
    const Bf16 *weights;         // as the model's parameters lie; NULL: f32
    Bf16 *block;                 // the next three lie in it
    Bf16 *inputs;                // (max_batch, 784)
    Bf16 *output[NN_LAYERS_MAX]; // (max_batch, O) of layers that feed such a layer, else NULL
    Bf16 *dz;                    // (max_batch, widest of such layers)
    KernelsBf16 *kernels[NN_LAYERS_MAX]; // of such layers
} WorkspaceBf16;

void workspace_bf16_release(WorkspaceBf16 *own);

struct NnWorkspace {
    NnArch arch; // of the model it was made for: layout of the buffers
    int max_batch;
    bool training;
    float *block;                     // everything below lies in it
    float *inputs;                    // (max_batch, 784)
    float *output[NN_LAYERS_MAX];     // (max_batch, O)
    uint8_t *argmax[NN_LAYERS_MAX];   // (max_batch, O) max_pool: place of the largest in its window
    float *norm[NN_LAYERS_MAX];       // (NORM_ROWS, C) batch_norm, see batch_norm.h
    KernelsConv *conv[NN_LAYERS_MAX]; // of convolutions, unless they multiply in bf16
    float *zeros, *junk; // a picture's longest row of pixels: no bias, and its gradient
    // Training only, and only where the backward pass cannot do without; else NULL.
    float *slope[NN_LAYERS_MAX]; // (max_batch, O) derivative of the activation
    float *mask[NN_LAYERS_MAX];  // dropout: 0 or 1 / share kept; (max_batch, C), of a row C = O
    // Gradients with respect to layer outputs; max_batch rows when training, else one. In a chain
    // two buffers take turns; a layer whose output is not just the next one's input has its own, and so
    // has one whose weights' gradient may be deferred.
    float *delta[NN_LAYERS_MAX];
    bool deferred[NN_LAYERS_MAX]; // its weights' gradient is made from delta and in by nn_grad_rows
    float *delta_input;           // with respect to the picture; of the two
    float *turn[2];               // the two. Row: widest layer or 784
    float *spare[2]; // the same again where contributions have to be added up; else NULL
    // (I, O) transposed weights of one layer, or its transposed inputs (I, max_batch) and outputs (O,
    // max_batch): room for the largest that is turned.
    float *turned;
    WorkspaceBf16 bf16; // not in the block
    Sparse *sparse; // of layer 0, for training in f32, or NULL; not in the block
};

// One layer's place in the chain, as forward, backward and explain all need it.
typedef struct {
    const NnLayer *shape;
    NnShape in_shape, out_shape;
    int source;          // index of the layer that gives `in`, -1: the picture
    const float *weight; // (O, I)
    const float *bias;   // (O)
    const float *in;     // (B, I)
    float *out;          // (B, O)
} LayerView;

LayerView layer_view(const NnModel *model, NnWorkspace *work, int layer, const float *inputs);

// What a layer that takes this layer's output, -1: the picture, multiplies in bf16.
static inline const Bf16 *workspace_bf16_in(const NnWorkspace *work, int source) {
    return source < 0 ? work->bf16.inputs : work->bf16.output[source];
}

// Of a convolution.
KernelsConvShape workspace_conv_shape(const NnWorkspace *work, int i);

// Whether a forward pass of B rows transposes this layer's weights first. The library takes weights
// as they are, but turns them round slowly: for narrow layers doing it here saves a tenth to a
// quarter of a training step.
bool workspace_turns(const NnLayer *layer, int B);

// Whether it transposes the pictures instead, and the outputs back: where rows are few and long that
// takes far less time than the library for the weights.
bool workspace_turns_input(const NnLayer *layer, int B);

// What leaves paper out of layer 0's products in training, or NULL: where it takes no pictures on black,
// or the processor cannot.
const SparseKernels *workspace_sparse(const NnArch *arch);

// Whether the products of layer i in this training pass leave paper out.
static inline bool workspace_is_sparse(const NnWorkspace *work, int i) {
    return i == 0 && work->sparse != NULL && sparse_pays(work->sparse);
}

// Whether a training workspace can leave this layer's weights' gradient for later (nn_workspace_defer).
bool workspace_may_defer(const NnArch *arch, int layer);

// True when the workspace's buffers have the shape this model needs.
bool workspace_fits(const NnWorkspace *work, const NnModel *model);

// The forward pass; dropout NULL: evaluation. Slopes, masks and batch statistics are of training,
// with dropout given.
void forward_pass(const NnModel *model, NnWorkspace *work, const float *inputs, int B,
                  const DropoutSeed *dropout);

// The forward pass run backwards, from work->delta of the last layer down. gradient: the parameters'
// block of it, overwritten, batch statistics times `share` behind; inputs are the ones of the
// training pass before. gradient NULL: after a forward pass without dropout, of a network for which
// backward_is_exact, and on to work->delta_input.
void backward_pass(const NnModel *model, NnWorkspace *work, const float *inputs, int B,
                   float *gradient, float share);

// Whether the sign of a layer's output tells the slope of its activation, for all layers.
bool backward_is_exact(const NnArch *arch);

// Adds a copy of the pair to model's notes. False when out of memory.
bool model_note_add(NnModel *model, const char *key, const char *value);

#endif
