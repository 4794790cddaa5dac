// model_impl.h - what model and workspace are made of. Private to src/nn.

#ifndef NN_NN_MODEL_IMPL_H
#define NN_NN_MODEL_IMPL_H

#include <stddef.h>

#include "nn/dropout.h"
#include "nn/model.h"
#include "nn/safetensors.h"

struct NnModel {
    NnArch arch;
    size_t param_count; // real parameters
    size_t block_count; // with padding
    size_t weight_offset[NN_LAYERS_MAX], bias_offset[NN_LAYERS_MAX];
    float *params; // (block_count)
    struct {
        char *key, *value;
    } * notes; // what the file it came from carried
    size_t n_notes;
};

struct NnWorkspace {
    NnArch arch; // of the model it was made for: layout of the buffers
    int max_batch;
    bool training;
    float *block;                 // everything below lies in it
    float *inputs;                // (max_batch, 784)
    float *output[NN_LAYERS_MAX]; // (max_batch, O)
    // Training only, and only where the backward pass cannot do without; else NULL.
    float *slope[NN_LAYERS_MAX]; // (max_batch, O) derivative of the activation
    float *mask[NN_LAYERS_MAX];  // (max_batch, O) dropout: 0 or 1 / share kept
    // Gradients with respect to layer outputs; max_batch rows when training, else one. Row: widest
    // layer or 784.
    float *delta, *delta_other;
    float *turned; // (I, O) transposed weights of one layer, room for the largest that is turned
};

// One layer's place in the chain, as forward, backward and explain all need it.
typedef struct {
    const NnLayer *shape;
    const float *weight; // (O, I)
    const float *bias;   // (O)
    const float *in;     // (B, I)
    float *out;          // (B, O)
} LayerView;

LayerView layer_view(const NnModel *model, NnWorkspace *work, int layer, const float *inputs);

// Whether a forward pass of B rows transposes this layer's weights first. The library takes weights
// as they are, but turns them round slowly: for narrow layers doing it here saves a tenth to a
// quarter of a training step.
bool workspace_turns(const NnLayer *layer, int B);

// True when the workspace's buffers have the shape this model needs.
bool workspace_fits(const NnWorkspace *work, const NnModel *model);

// The forward pass; dropout NULL: evaluation. Slopes and masks are filled only with dropout given.
void forward_pass(const NnModel *model, NnWorkspace *work, const float *inputs, int B,
                  const DropoutSeed *dropout);

// Adds a copy of the pair to model's notes. False when out of memory.
bool model_note_add(NnModel *model, const char *key, const char *value);

#endif
