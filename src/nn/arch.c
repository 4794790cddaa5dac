// arch.c - descriptions of networks: names of their parts, and whether they make sense.

#include <math.h>
#include <string.h>

#include "nn/error.h"
#include "nn/model.h"

static const char *const activation_names[NN_ACT_COUNT] = {
    [NN_ACT_NONE] = "none", [NN_ACT_RELU] = "relu",       [NN_ACT_LEAKY_RELU] = "leaky_relu",
    [NN_ACT_ELU] = "elu",   [NN_ACT_GELU] = "gelu",       [NN_ACT_SWISH] = "swish",
    [NN_ACT_TANH] = "tanh", [NN_ACT_SIGMOID] = "sigmoid",
};

static const char *const init_names[NN_INIT_COUNT] = {
    [NN_INIT_HE_NORMAL] = "he_normal",
    [NN_INIT_HE_UNIFORM] = "he_uniform",
    [NN_INIT_XAVIER_UNIFORM] = "xavier_uniform",
    [NN_INIT_XAVIER_NORMAL] = "xavier_normal",
    [NN_INIT_NORMAL] = "normal",
};

static int find_name(const char *const *names, int n, const char *name) {
    for (int i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *nn_activation_name(NnActivation activation) {
    NN_ASSERT((unsigned)activation < NN_ACT_COUNT);
    return activation_names[activation];
}

bool nn_activation_parse(const char *name, NnActivation *activation) {
    int found = find_name(activation_names, NN_ACT_COUNT, name);
    if (found >= 0) {
        *activation = (NnActivation)found;
    }
    return found >= 0;
}

const char *nn_init_name(NnInit init) {
    NN_ASSERT((unsigned)init < NN_INIT_COUNT);
    return init_names[init];
}

bool nn_init_parse(const char *name, NnInit *init) {
    int found = find_name(init_names, NN_INIT_COUNT, name);
    if (found >= 0) {
        *init = (NnInit)found;
    }
    return found >= 0;
}

// A layer of a million units would be a mistake, and its weights would not fit into an int.
enum { UNITS_MAX = 65536 };

static NnStatus check_layer(const NnArch *arch, int i, NnError *err) {
    const NnLayer *layer = &arch->layers[i];
    bool last = i == arch->n_layers - 1;
    if (layer->kind != NN_LAYER_DENSE) {
        return nn_fail(err, NN_ERR_USAGE, "layer %d is of an unknown kind", i + 1);
    }
    if (layer->n_in < 1 || layer->n_in > UNITS_MAX || layer->n_out < 1 ||
        layer->n_out > UNITS_MAX) {
        return nn_fail(err, NN_ERR_SHAPE, "layer %d maps %d values to %d; both must be 1 to %d",
                       i + 1, layer->n_in, layer->n_out, UNITS_MAX);
    }
    int given = i == 0 ? NN_PIXELS : arch->layers[i - 1].n_out;
    if (layer->n_in != given) {
        return nn_fail(err, NN_ERR_SHAPE, "layer %d takes %d values, but %s gives %d", i + 1,
                       layer->n_in, i == 0 ? "a 28x28 picture" : "the layer before it", given);
    }
    if ((unsigned)layer->activation >= NN_ACT_COUNT) {
        return nn_fail(err, NN_ERR_USAGE, "layer %d has an unknown activation", i + 1);
    }
    if (!(layer->dropout >= 0.0f && layer->dropout < 1.0f)) {
        return nn_fail(err, NN_ERR_USAGE,
                       "layer %d has dropout %g; it must be 0 or more and below 1", i + 1,
                       (double)layer->dropout);
    }
    if (layer->residual && layer->n_in != layer->n_out) {
        return nn_fail(err, NN_ERR_SHAPE,
                       "layer %d is residual, so its %d inputs and %d outputs must be as many",
                       i + 1, layer->n_in, layer->n_out);
    }
    if (last && layer->n_out != NN_CLASSES) {
        return nn_fail(err, NN_ERR_SHAPE, "the last layer gives %d values, but there are %d digits",
                       layer->n_out, NN_CLASSES);
    }
    if (last && (layer->activation != NN_ACT_NONE || layer->dropout != 0.0f || layer->residual)) {
        return nn_fail(
            err, NN_ERR_USAGE,
            "the last layer gives the logits: it has no activation, dropout or residual");
    }
    return NN_OK;
}

NnStatus nn_arch_check(const NnArch *arch, NnError *err) {
    if (arch->n_layers < 1 || arch->n_layers > NN_LAYERS_MAX) {
        return nn_fail(err, NN_ERR_USAGE, "a network has 1 to %d layers, not %d", NN_LAYERS_MAX,
                       arch->n_layers);
    }
    for (int i = 0; i < arch->n_layers; i++) {
        NnStatus status = check_layer(arch, i, err);
        if (status != NN_OK) {
            return status;
        }
    }
    if (!isfinite(arch->input_mean) || !isfinite(arch->input_sd) || arch->input_sd < 0.0f ||
        (arch->input_sd > 0.0f && arch->input_sd < 1e-6f)) {
        return nn_fail(err, NN_ERR_USAGE, "inputs cannot be standardised with mean %g and sd %g",
                       (double)arch->input_mean, (double)arch->input_sd);
    }
    if (!isfinite(arch->temperature) || arch->temperature < 0.0f ||
        (arch->temperature > 0.0f && arch->temperature < 1e-3f)) {
        return nn_fail(err, NN_ERR_USAGE, "temperature %g is not 0 (none) or at least 0.001",
                       (double)arch->temperature);
    }
    if (!(arch->threshold >= 0.0f && arch->threshold <= 1.0f)) {
        return nn_fail(err, NN_ERR_USAGE, "threshold %g is not a probability",
                       (double)arch->threshold);
    }
    return NN_OK;
}
