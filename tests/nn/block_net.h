// block_net.h - the convolutional network that the engine and PyTorch both build in the tests: every
// kind of layer, and a block with a projection.

#ifndef TESTS_NN_BLOCK_NET_H
#define TESTS_NN_BLOCK_NET_H

#include "nn/model.h"

static inline NnArch block_net(void) {
    return (NnArch){
        .name = "block",
        .n_layers = 10,
        .layers =
            {
                {.kind = NN_LAYER_CONV, .channels = 4, .kernel = 3, .stride = 2, .padding = 1},
                {.kind = NN_LAYER_BATCH_NORM, .activation = NN_ACT_RELU},
                {.kind = NN_LAYER_CONV, .channels = 6, .kernel = 3, .stride = 2, .padding = 1},
                {.kind = NN_LAYER_BATCH_NORM},
                {.kind = NN_LAYER_CONV, .channels = 6, .kernel = 1, .stride = 2, .from = 2},
                {.kind = NN_LAYER_BATCH_NORM, .activation = NN_ACT_RELU, .add = 4},
                {.kind = NN_LAYER_MAX_POOL, .kernel = 2},
                {.kind = NN_LAYER_FLATTEN},
                {.n_out = 12, .activation = NN_ACT_TANH},
                {.n_out = NN_CLASSES},
            },
    };
}

#endif
