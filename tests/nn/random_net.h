// random_net.h - networks for tests that ask whether two ways to compute one agree.

#ifndef TESTS_NN_RANDOM_NET_H
#define TESTS_NN_RANDOM_NET_H

#include <string.h>

#include "base/rng.h"
#include "nn/block_net.h"
#include "support/near.h"

typedef struct {
    const char *title;
    NnArch arch; // n_layers 0: as many as there are; no layers at all: block_net()
} NetRow;

#define CONV(c, k, s, p)                                                                           \
    .kind = NN_LAYER_CONV, .channels = (c), .kernel = (k), .stride = (s), .padding = (p)
#define NORM .kind = NN_LAYER_BATCH_NORM
#define NET(...)                                                                                   \
    {                                                                                              \
        .layers = { __VA_ARGS__ }                                                                  \
    }

// Random weights and running averages, some factors of a normalisation below zero.
static inline NnModel *random_net(const NetRow *row) {
    NnArch arch = row->arch.layers[0].n_out > 0 || row->arch.layers[0].kind != NN_LAYER_DENSE
                      ? row->arch
                      : block_net();
    while (arch.n_layers < NN_LAYERS_MAX && (arch.layers[arch.n_layers].kind != NN_LAYER_DENSE ||
                                             arch.layers[arch.n_layers].n_out > 0)) {
        arch.n_layers++;
    }
    NnError err;
    if (nn_arch_infer(&arch, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    NnModel *model = nn_model_new(&arch, &err);
    assert_non_null(model);
    nn_model_init(model, NN_INIT_HE_NORMAL, 5);
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(model, places);
    Rng rng = rng_at(6, RNG_STREAM_TEST, 1);
    for (size_t i = 0; i < n; i++) {
        float *at = nn_model_params(model) + places[i].offset;
        bool variance = strstr(places[i].name, "running_var") != NULL;
        for (size_t k = 0; !places[i].is_weight && k < places[i].count; k++) {
            float random = rng_uniform(&rng, 0, 1);
            bool factor =
                strncmp(places[i].name, "bn", 2) == 0 && strstr(places[i].name, ".weight") != NULL;
            at[k] = variance ? 0.5f + random
                             : (factor ? (random < 0.2f ? -1.0f : 0.5f + random) : random - 0.5f);
        }
    }
    return model;
}

#endif
