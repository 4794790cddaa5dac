// arch.c - descriptions of networks: names of their parts, and whether they make sense.

#include <math.h>
#include <string.h>

#include "nn/arch_shape.h"

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

static const char *const kind_names[NN_LAYER_KIND_COUNT] = {
    [NN_LAYER_DENSE] = "dense",           [NN_LAYER_CONV] = "conv",
    [NN_LAYER_MAX_POOL] = "max_pool",     [NN_LAYER_AVERAGE_POOL] = "average_pool",
    [NN_LAYER_BATCH_NORM] = "batch_norm", [NN_LAYER_FLATTEN] = "flatten",
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

const char *nn_layer_kind_name(NnLayerKind kind) {
    NN_ASSERT((unsigned)kind < NN_LAYER_KIND_COUNT);
    return kind_names[kind];
}

bool nn_layer_kind_parse(const char *name, NnLayerKind *kind) {
    int found = find_name(kind_names, NN_LAYER_KIND_COUNT, name);
    if (found >= 0) {
        *kind = (NnLayerKind)found;
    }
    return found >= 0;
}

// A layer of a million units would be a mistake, and its weights would not fit into an int.
enum { UNITS_MAX = 65536 };

static NnStatus check_layer(const NnArch *arch, int i, NnShape *shapes, NnError *err) {
    const NnLayer *layer = &arch->layers[i];
    bool last = i == arch->n_layers - 1;
    if (layer->n_in < 1 || layer->n_in > UNITS_MAX || layer->n_out < 1 ||
        layer->n_out > UNITS_MAX) {
        return nn_fail(err, NN_ERR_SHAPE, "layer %d maps %d values to %d; both must be 1 to %d",
                       i + 1, layer->n_in, layer->n_out, UNITS_MAX);
    }
    NnStatus status = arch_check_shape(arch, i, shapes, err);
    if (status != NN_OK) {
        return status;
    }
    int source = arch_source(arch, i);
    int given = source < 0 ? NN_PIXELS : arch->layers[source].n_out;
    if (layer->n_in != given) {
        return nn_fail(err, NN_ERR_SHAPE, "layer %d takes %d values, but %s gives %d", i + 1,
                       layer->n_in,
                       source < 0        ? "a 28x28 picture"
                       : source == i - 1 ? "the layer before it"
                                         : "the layer it is from",
                       given);
    }
    int made = shapes[i].channels * shapes[i].height * shapes[i].width;
    if (layer->n_out != made) {
        return nn_fail(err, NN_ERR_SHAPE, "layer %d is said to give %d values, but gives %d", i + 1,
                       layer->n_out, made);
    }
    if ((unsigned)layer->activation >= NN_ACT_COUNT) {
        return nn_fail(err, NN_ERR_USAGE, "layer %d has an unknown activation", i + 1);
    }
    if (!(layer->dropout >= 0.0f && layer->dropout < 1.0f)) {
        return nn_fail(err, NN_ERR_USAGE,
                       "layer %d has dropout %g; it must be 0 or more and below 1", i + 1,
                       (double)layer->dropout);
    }
    if (layer->kind == NN_LAYER_DENSE && layer->residual && layer->n_in != layer->n_out) {
        return nn_fail(err, NN_ERR_SHAPE,
                       "layer %d is residual, so its %d inputs and %d outputs must be as many",
                       i + 1, layer->n_in, layer->n_out);
    }
    if (last && layer->n_out != NN_CLASSES) {
        return nn_fail(err, NN_ERR_SHAPE, "the last layer gives %d values, but there are %d digits",
                       layer->n_out, NN_CLASSES);
    }
    if (last && (layer->kind != NN_LAYER_DENSE || layer->activation != NN_ACT_NONE ||
                 layer->dropout != 0.0f || layer->residual || layer->add != 0)) {
        return nn_fail(
            err, NN_ERR_USAGE,
            "the last layer gives the logits: it is dense and has no activation, dropout, "
            "residual or add");
    }
    return NN_OK;
}

// A layer nobody listens to would be computed, and trained on nothing.
static NnStatus check_use(const NnArch *arch, NnError *err) {
    bool used[NN_LAYERS_MAX] = {false};
    for (int i = 0; i < arch->n_layers; i++) {
        if (arch_source(arch, i) >= 0) {
            used[arch_source(arch, i)] = true;
        }
        if (arch->layers[i].add > 0) {
            used[arch->layers[i].add - 1] = true;
        }
    }
    for (int i = 0; i < arch->n_layers - 1; i++) {
        if (!used[i]) {
            return nn_fail(err, NN_ERR_USAGE, "no layer takes what layer %d gives", i + 1);
        }
    }
    return NN_OK;
}

NnStatus nn_arch_check(const NnArch *arch, NnError *err) {
    if (arch->n_layers < 1 || arch->n_layers > NN_LAYERS_MAX) {
        return nn_fail(err, NN_ERR_USAGE, "a network has 1 to %d layers, not %d", NN_LAYERS_MAX,
                       arch->n_layers);
    }
    NnShape shapes[NN_LAYERS_MAX];
    for (int i = 0; i < arch->n_layers; i++) {
        NnStatus status = check_layer(arch, i, shapes, err);
        if (status != NN_OK) {
            return status;
        }
    }
    NnStatus status = check_use(arch, err);
    if (status != NN_OK) {
        return status;
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

bool nn_arch_alike(const NnArch *a, const NnArch *b) {
    bool alike = a->n_layers == b->n_layers;
    for (int i = 0; alike && i < a->n_layers; i++) {
        const NnLayer *x = &a->layers[i], *y = &b->layers[i];
        alike = x->kind == y->kind && x->n_in == y->n_in && x->n_out == y->n_out &&
                x->activation == y->activation && x->residual == y->residual &&
                x->channels == y->channels && x->kernel == y->kernel && x->stride == y->stride &&
                x->padding == y->padding && x->from == y->from && x->add == y->add;
    }
    return alike;
}
