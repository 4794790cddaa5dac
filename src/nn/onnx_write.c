// onnx_write.c - a network as an ONNX graph.
//
// Each layer becomes the operator of the same name in ONNX and those its activation is made of. Here
// a row of values is a picture of 1x1 and the other way round, as the layer wants; ONNX tells (N, C)
// from (N, C, 1, 1), so a value remembers which form it has, and is turned where the other is needed.
//
// IR version 7 and opset 13 are of 2020: old enough for every engine in use.

#include "nn/onnx.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "base/wire.h"
#include "nn/activate.h"
#include "nn/arch_shape.h"
#include "nn/batch_norm.h"
#include "nn/model_impl.h"
#include "nn/onnx_fields.h"
#include "nn/version.h"

enum { IR_VERSION = 7, OPSET = 13 };

typedef struct {
    char text[64];
} Name;

// A tensor in the graph, of one sample.
typedef struct {
    Name name;
    NnShape shape;
    bool flat; // (N, C) where a picture is (N, C, H, W)
} Value;

enum { HALF, ONE, SQRT_HALF, CONSTANTS }; // what activations need

typedef struct {
    const NnModel *model;
    Wire wire;
    int layer;                 // of which names are made, from 1; 0: before the first
    int steps;                 // operators of the layer so far
    bool constants[CONSTANTS]; // those that are written
} Graph;

// --- nodes ---------------------------------------------------------------------------------------

// A node in three calls: node_begin, attributes, node_end.
static size_t node_begin(Graph *g, const char *op, const Name *inputs, int n, Name *out) {
    size_t begin = wire_begin(&g->wire);
    for (int i = 0; i < n; i++) {
        wire_text(&g->wire, NODE_INPUT, inputs[i].text);
    }
    snprintf(out->text, sizeof out->text, "layer%d_%d_%s", g->layer, ++g->steps, op);
    wire_text(&g->wire, NODE_OUTPUT, out->text);
    wire_text(&g->wire, NODE_NAME, out->text);
    wire_text(&g->wire, NODE_OP, op);
    return begin;
}

static void node_end(Graph *g, size_t begin) {
    wire_end(&g->wire, GRAPH_NODE, begin);
}

static void attribute_int(Graph *g, const char *name, int value) {
    size_t begin = wire_begin(&g->wire);
    wire_text(&g->wire, ATTRIBUTE_NAME, name);
    wire_int(&g->wire, ATTRIBUTE_I, value);
    wire_int(&g->wire, ATTRIBUTE_TYPE, ATTRIBUTE_IS_INT);
    wire_end(&g->wire, NODE_ATTRIBUTE, begin);
}

static void attribute_float(Graph *g, const char *name, float value) {
    size_t begin = wire_begin(&g->wire);
    wire_text(&g->wire, ATTRIBUTE_NAME, name);
    wire_float(&g->wire, ATTRIBUTE_F, value);
    wire_int(&g->wire, ATTRIBUTE_TYPE, ATTRIBUTE_IS_FLOAT);
    wire_end(&g->wire, NODE_ATTRIBUTE, begin);
}

// The same value n times: for both directions, or all four sides.
static void attribute_ints(Graph *g, const char *name, int value, int n) {
    size_t begin = wire_begin(&g->wire);
    wire_text(&g->wire, ATTRIBUTE_NAME, name);
    for (int i = 0; i < n; i++) {
        wire_int(&g->wire, ATTRIBUTE_INTS, value);
    }
    wire_int(&g->wire, ATTRIBUTE_TYPE, ATTRIBUTE_IS_INTS);
    wire_end(&g->wire, NODE_ATTRIBUTE, begin);
}

static Name apply(Graph *g, const char *op, Name x) {
    Name out;
    node_end(g, node_begin(g, op, &x, 1, &out));
    return out;
}

static Name combine(Graph *g, const char *op, Name a, Name b) {
    Name out;
    node_end(g, node_begin(g, op, (const Name[]){a, b}, 2, &out));
    return out;
}

// --- tensors -------------------------------------------------------------------------------------

static Name named(const char *text) {
    Name name;
    text_copy(name.text, sizeof name.text, text);
    return name;
}

static Name constant(Graph *g, const char *name, float value) {
    size_t begin = wire_begin(&g->wire);
    wire_int(&g->wire, TENSOR_DIMS, 1);
    wire_int(&g->wire, TENSOR_TYPE, TENSOR_IS_FLOAT);
    wire_text(&g->wire, TENSOR_NAME, name);
    wire_floats_raw(&g->wire, TENSOR_RAW, &value, 1);
    wire_end(&g->wire, GRAPH_WEIGHT, begin);
    return named(name);
}

// Written where it is needed first.
static Name shared_constant(Graph *g, int which) {
    static const struct {
        const char *name;
        float value;
    } constants[CONSTANTS] = {{"half", 0.5f}, {"one", 1.0f}, {"sqrt_half", 0.70710678118654752f}};
    if (!g->constants[which]) {
        g->constants[which] = true;
        return constant(g, constants[which].name, constants[which].value);
    }
    return named(constants[which].name);
}

static Name reshaped(Graph *g, Name x, NnShape shape) {
    char name[64];
    const int64_t dims[] = {-1, shape.channels, shape.height, shape.width};
    uint8_t raw[sizeof dims];
    for (size_t i = 0; i < sizeof raw; i++) {
        raw[i] = (uint8_t)((uint64_t)dims[i / 8] >> 8 * (i % 8));
    }
    snprintf(name, sizeof name, "layer%d_%d_shape", g->layer, g->steps + 1);
    size_t begin = wire_begin(&g->wire);
    wire_int(&g->wire, TENSOR_DIMS, 4);
    wire_int(&g->wire, TENSOR_TYPE, TENSOR_IS_INT64);
    wire_text(&g->wire, TENSOR_NAME, name);
    wire_bytes(&g->wire, TENSOR_RAW, raw, sizeof raw);
    wire_end(&g->wire, GRAPH_WEIGHT, begin);
    return combine(g, "Reshape", x, named(name));
}

static Name in_form(Graph *g, const Value *value, bool flat) {
    if (value->flat == flat) {
        return value->name;
    }
    if (!flat) {
        return reshaped(g, value->name, value->shape);
    }
    Name out;
    size_t begin = node_begin(g, "Flatten", &value->name, 1, &out);
    attribute_int(g, "axis", 1);
    node_end(g, begin);
    return out;
}

// --- layers --------------------------------------------------------------------------------------

// The tensors of a layer, in the order of the block, under the names they have in a weight file.
static int layer_tensors(const Graph *g, Name *names) {
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(g->model, places);
    int found = 0;
    for (size_t i = 0; i < n; i++) {
        if (places[i].layer == g->layer - 1 && found < 4) {
            names[found++] = named(places[i].name);
        }
    }
    return found;
}

// z, before the activation: names[0] is the layer's input, and its tensors follow.
static NnStatus compute(Graph *g, const NnLayer *layer, Name in, Name *z, NnError *err) {
    Name names[5] = {in};
    int n = 1 + layer_tensors(g, names + 1);
    size_t begin;
    switch (layer->kind) {
    case NN_LAYER_DENSE:
        begin = node_begin(g, "Gemm", names, n, z);
        attribute_int(g, "transB", 1);
        node_end(g, begin);
        return NN_OK;
    case NN_LAYER_CONV:
        begin = node_begin(g, "Conv", names, n, z);
        attribute_ints(g, "kernel_shape", layer->kernel, 2);
        attribute_ints(g, "strides", layer->stride, 2);
        attribute_ints(g, "pads", layer->padding, 4);
        node_end(g, begin);
        return NN_OK;
    case NN_LAYER_MAX_POOL:
        begin = node_begin(g, "MaxPool", names, n, z);
        attribute_ints(g, "kernel_shape", layer->kernel, 2);
        attribute_ints(g, "strides", layer->kernel, 2);
        node_end(g, begin);
        return NN_OK;
    case NN_LAYER_AVERAGE_POOL:
        *z = apply(g, "GlobalAveragePool", in);
        return NN_OK;
    case NN_LAYER_BATCH_NORM:
        begin = node_begin(g, "BatchNormalization", names, n, z);
        attribute_float(g, "epsilon", BATCH_NORM_EPSILON);
        node_end(g, begin);
        return NN_OK;
    case NN_LAYER_FLATTEN: // in_form has done it
        *z = in;
        return NN_OK;
    default:
        return nn_fail(err, NN_ERR_USAGE, "layer %d is of kind %s, which ONNX export does not know",
                       g->layer, nn_layer_kind_name(layer->kind));
    }
}

static Name activated(Graph *g, NnActivation activation, Name z) {
    Name out;
    size_t begin;
    switch (activation) {
    case NN_ACT_RELU:
        return apply(g, "Relu", z);
    case NN_ACT_LEAKY_RELU:
        begin = node_begin(g, "LeakyRelu", &z, 1, &out);
        attribute_float(g, "alpha", LEAKY_SLOPE);
        node_end(g, begin);
        return out;
    case NN_ACT_ELU:
        return apply(g, "Elu", z);
    case NN_ACT_GELU: // z / 2 (1 + erf(z / sqrt 2)): an operator of its own came with opset 20
        out = apply(g, "Erf", combine(g, "Mul", z, shared_constant(g, SQRT_HALF)));
        out = combine(g, "Add", out, shared_constant(g, ONE));
        out = combine(g, "Mul", out, z);
        return combine(g, "Mul", out, shared_constant(g, HALF));
    case NN_ACT_SWISH:
        return combine(g, "Mul", z, apply(g, "Sigmoid", z));
    case NN_ACT_TANH:
        return apply(g, "Tanh", z);
    case NN_ACT_SIGMOID:
        return apply(g, "Sigmoid", z);
    default:
        return z;
    }
}

static bool wants_flat(const NnLayer *layer, bool as_it_comes) {
    switch (layer->kind) {
    case NN_LAYER_DENSE:
    case NN_LAYER_FLATTEN:
        return true;
    case NN_LAYER_BATCH_NORM:
        return as_it_comes;
    default:
        return false;
    }
}

// values[0] is the picture, values[i] what layer i gives.
static NnStatus add_layer(Graph *g, Value *values, int i, NnError *err) {
    const NnArch *arch = &g->model->arch;
    const NnLayer *layer = &arch->layers[i];
    const Value *source = &values[arch_source(arch, i) + 1];
    g->layer = i + 1;
    g->steps = 0;
    bool flat = wants_flat(layer, source->flat);
    Name in = in_form(g, source, flat), z;
    NnStatus status = compute(g, layer, in, &z, err);
    if (status != NN_OK) {
        return status;
    }
    if (layer->add > 0) {
        z = combine(g, "Add", z, in_form(g, &values[layer->add], flat));
    }
    z = activated(g, layer->activation, z);
    if (layer->residual) {
        z = combine(g, "Add", z, in);
    }
    values[i + 1] = (Value){z, g->model->layout.out[i], flat};
    return NN_OK;
}

static Name standardised(Graph *g, Name pixels) {
    const NnArch *arch = &g->model->arch;
    float sd = arch->input_sd > 0.0f ? arch->input_sd : 1.0f;
    Name x = pixels;
    if (arch->input_mean != 0.0f) {
        x = combine(g, "Sub", x, constant(g, "input_mean", arch->input_mean));
    }
    return sd != 1.0f ? combine(g, "Div", x, constant(g, "input_sd", sd)) : x;
}

// The last node, under the output's name.
static void add_softmax(Graph *g, const Value *logits) {
    float temperature = g->model->arch.temperature;
    g->layer++;
    g->steps = 0;
    Name z = in_form(g, logits, true);
    if (temperature > 0.0f && temperature != 1.0f) {
        z = combine(g, "Div", z, constant(g, "temperature", temperature));
    }
    size_t begin = wire_begin(&g->wire);
    wire_text(&g->wire, NODE_INPUT, z.text);
    wire_text(&g->wire, NODE_OUTPUT, "probabilities");
    wire_text(&g->wire, NODE_NAME, "probabilities");
    wire_text(&g->wire, NODE_OP, "Softmax");
    attribute_int(g, "axis", 1);
    node_end(g, begin);
}

// --- the file ------------------------------------------------------------------------------------

static NnStatus add_weights(Graph *g, NnError *err) {
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(g->model, places);
    for (size_t i = 0; i < n; i++) {
        const NnTensorPlace *place = &places[i];
        const float *values = g->model->params + place->offset;
        for (size_t k = 0; k < place->count; k++) {
            if (!isfinite(values[k])) {
                return nn_fail(err, NN_ERR_NUMERIC, "%s holds %g, which is no weight to export",
                               place->name, (double)values[k]);
            }
        }
        size_t begin = wire_begin(&g->wire);
        for (int k = 0; k < place->rank; k++) {
            wire_int(&g->wire, TENSOR_DIMS, place->shape[k]);
        }
        wire_int(&g->wire, TENSOR_TYPE, TENSOR_IS_FLOAT);
        wire_text(&g->wire, TENSOR_NAME, place->name);
        wire_floats_raw(&g->wire, TENSOR_RAW, values, place->count);
        wire_end(&g->wire, GRAPH_WEIGHT, begin);
    }
    return NN_OK;
}

// A tensor at the border of the graph; the batch may have any size.
static void add_border(Graph *g, unsigned field, const char *name, const int *dims, int n) {
    Wire *w = &g->wire;
    size_t value = wire_begin(w);
    wire_text(w, VALUE_NAME, name);
    size_t type = wire_begin(w), tensor = wire_begin(w);
    wire_int(w, BORDER_ELEMENT, TENSOR_IS_FLOAT);
    size_t shape = wire_begin(w), dim = wire_begin(w);
    wire_text(w, DIM_PARAM, "batch");
    wire_end(w, SHAPE_DIM, dim);
    for (int i = 0; i < n; i++) {
        dim = wire_begin(w);
        wire_int(w, DIM_VALUE, dims[i]);
        wire_end(w, SHAPE_DIM, dim);
    }
    wire_end(w, BORDER_SHAPE, shape);
    wire_end(w, TYPE_TENSOR, tensor);
    wire_end(w, VALUE_TYPE, type);
    wire_end(w, field, value);
}

static NnStatus add_graph(Graph *g, NnError *err) {
    const NnArch *arch = &g->model->arch;
    Value values[NN_LAYERS_MAX + 1];
    size_t begin = wire_begin(&g->wire);
    values[0] = (Value){standardised(g, named("pixels")), {1, NN_SIDE, NN_SIDE}, false};
    for (int i = 0; i < arch->n_layers; i++) {
        NnStatus status = add_layer(g, values, i, err);
        if (status != NN_OK) {
            return status;
        }
    }
    add_softmax(g, &values[arch->n_layers]);
    NnStatus status = add_weights(g, err);
    wire_text(&g->wire, GRAPH_NAME, arch->name[0] != '\0' ? arch->name : "network");
    add_border(g, GRAPH_INPUT, "pixels", (const int[]){1, NN_SIDE, NN_SIDE}, 3);
    add_border(g, GRAPH_OUTPUT, "probabilities", (const int[]){NN_CLASSES}, 1);
    wire_end(&g->wire, MODEL_GRAPH, begin);
    return status;
}

static void add_note(Wire *w, const char *key, const char *value) {
    size_t begin = wire_begin(w);
    wire_text(w, PAIR_KEY, key);
    wire_text(w, PAIR_VALUE, value);
    wire_end(w, MODEL_METADATA, begin);
}

// Those that say something of this file; the others are of the safetensors file it came from.
static void add_notes(Graph *g) {
    static const char *const left_out[] = {"format",     "program", "architecture",
                                           "activation", "sha256",  "header_sha256"};
    for (size_t i = 0; i < g->model->n_notes; i++) {
        bool wanted = true;
        for (size_t k = 0; k < sizeof left_out / sizeof left_out[0]; k++) {
            wanted = wanted && strcmp(g->model->notes[i].key, left_out[k]) != 0;
        }
        if (wanted) {
            add_note(&g->wire, g->model->notes[i].key, g->model->notes[i].value);
        }
    }
    char sha256[65];
    nn_model_sha256(g->model, sha256);
    add_note(&g->wire, "weights_sha256", sha256);
}

NnStatus nn_model_export_onnx(const NnModel *model, const char *path, NnError *err) {
    Graph g = {.model = model};
    Wire *w = &g.wire;
    wire_int(w, MODEL_IR_VERSION, IR_VERSION);
    wire_text(w, MODEL_PRODUCER, "inkling");
    wire_text(w, MODEL_PRODUCER_VERSION, NN_VERSION);
    wire_text(
        w, MODEL_DOC,
        "A handwritten digit, ink 1 on paper 0, normalised as MNIST's, to ten probabilities.");
    NnStatus status = add_graph(&g, err);
    size_t begin = wire_begin(w);
    wire_int(w, OPSET_VERSION, OPSET);
    wire_end(w, MODEL_OPSET, begin);
    add_notes(&g);
    if (status == NN_OK && w->failed) {
        status = nn_fail(err, NN_ERR_NOMEM, "not enough memory to export a network");
    }
    status = status == NN_OK ? file_save(path, w->bytes, w->n, err) : status;
    wire_release(w);
    return status;
}
