// onnx_read.c - an ONNX file in figures: what goes in, what comes out, of which operators it is made.
//
// Any file, not just ours; what a field means is looked up in onnx.proto3. Nothing is computed with.

#include "nn/onnx.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/wire.h"
#include "nn/onnx_fields.h"

enum { FILE_MAX = 1 << 30 };

static int64_t dim_of(uint64_t value) {
    return value <= INT64_MAX ? (int64_t)value : -1; // no size: as good as open
}

static void read_dims(WireReader *r, NnOnnxTensor *tensor) { // packed
    uint64_t value = 0;
    unsigned shift = 0;
    for (; r->at < r->end && tensor->rank < NN_ONNX_RANK_MAX && shift < 64; r->at++) {
        value |= (uint64_t)(*r->at & 0x7F) << shift;
        shift += 7;
        if (*r->at < 0x80) {
            tensor->dims[tensor->rank++] = dim_of(value);
            value = 0;
            shift = 0;
        }
    }
}

static bool read_weights(const WireField *field, NnOnnxInfo *info) {
    WireReader r = wire_inside(field);
    WireField f;
    NnOnnxTensor tensor = {0};
    uint64_t type = 0;
    while (wire_next(&r, &f)) {
        if (f.number == TENSOR_DIMS && f.type == WIRE_VARINT && tensor.rank < NN_ONNX_RANK_MAX) {
            tensor.dims[tensor.rank++] = dim_of(f.value);
        } else if (f.number == TENSOR_DIMS && f.type == WIRE_BYTES) {
            WireReader packed = wire_inside(&f);
            read_dims(&packed, &tensor);
        } else if (f.number == TENSOR_TYPE) {
            type = f.value;
        } else if (f.number == TENSOR_NAME) {
            wire_to_text(tensor.name, sizeof tensor.name, &f);
        }
    }
    uint64_t count = type == TENSOR_IS_FLOAT;
    for (int i = 0; i < tensor.rank; i++) {
        uint64_t dim = tensor.dims[i] > 0 ? (uint64_t)tensor.dims[i] : 0;
        count = dim == 0 || count > UINT32_MAX || dim > UINT32_MAX ? 0 : count * dim;
    }
    info->parameters += count;
    if (info->n_weights < NN_ONNX_ITEMS_MAX) {
        info->weights[info->n_weights] = tensor;
    }
    info->n_weights++;
    return !r.bad;
}

static bool read_op(const WireField *field, NnOnnxInfo *info) {
    WireReader r = wire_inside(field);
    WireField f;
    char op[sizeof info->ops[0].op] = "";
    while (wire_next(&r, &f)) {
        if (f.number == NODE_OP) {
            wire_to_text(op, sizeof op, &f);
        }
    }
    info->nodes++;
    const int room = sizeof info->ops / sizeof info->ops[0];
    int i = 0;
    while (i < info->n_ops && strcmp(info->ops[i].op, op) != 0) {
        i++;
    }
    if (i == info->n_ops && i < room) {
        memcpy(info->ops[info->n_ops++].op, op, sizeof op);
    }
    if (i < room) {
        info->ops[i].count++;
    }
    return !r.bad;
}

// Into the first field `number` of a message; false where there is none.
static bool descend(WireReader *r, unsigned number) {
    WireField f;
    while (wire_next(r, &f)) {
        if (f.number == number) {
            *r = wire_inside(&f);
            return !r->bad;
        }
    }
    return false;
}

// ValueInfoProto: a name, and type -> tensor_type -> shape -> dims.
static bool read_border(const WireField *field, NnOnnxTensor *tensor) {
    WireReader r = wire_inside(field);
    WireField f, dim;
    *tensor = (NnOnnxTensor){0};
    while (wire_next(&r, &f)) {
        WireReader type = f.number == VALUE_TYPE ? wire_inside(&f) : (WireReader){.bad = true};
        if (f.number == VALUE_NAME) {
            wire_to_text(tensor->name, sizeof tensor->name, &f);
        }
        if (f.number != VALUE_TYPE || !descend(&type, TYPE_TENSOR) ||
            !descend(&type, BORDER_SHAPE)) {
            continue;
        }
        while (wire_next(&type, &dim) && tensor->rank < NN_ONNX_RANK_MAX) {
            WireReader inner = wire_inside(&dim);
            WireField v;
            tensor->dims[tensor->rank] = -1;
            while (wire_next(&inner, &v)) {
                if (v.number == DIM_VALUE && v.type == WIRE_VARINT) {
                    tensor->dims[tensor->rank] = dim_of(v.value);
                }
            }
            tensor->rank++;
        }
    }
    return !r.bad;
}

static bool read_graph(const WireField *field, NnOnnxInfo *info) {
    WireReader r = wire_inside(field);
    WireField f;
    const int room = sizeof info->inputs / sizeof info->inputs[0];
    bool good = true;
    while (good && wire_next(&r, &f)) {
        if (f.number == GRAPH_NODE) {
            good = read_op(&f, info);
        } else if (f.number == GRAPH_NAME) {
            wire_to_text(info->graph, sizeof info->graph, &f);
        } else if (f.number == GRAPH_WEIGHT) {
            good = read_weights(&f, info);
        } else if (f.number == GRAPH_INPUT && info->n_inputs < room) {
            good = read_border(&f, &info->inputs[info->n_inputs++]);
        } else if (f.number == GRAPH_OUTPUT && info->n_outputs < room) {
            good = read_border(&f, &info->outputs[info->n_outputs++]);
        }
    }
    return good && !r.bad;
}

static bool read_note(const WireField *field, NnOnnxInfo *info) {
    WireReader r = wire_inside(field);
    WireField f;
    NnOnnxNote note = {0};
    while (wire_next(&r, &f)) {
        if (f.number == PAIR_KEY) {
            wire_to_text(note.key, sizeof note.key, &f);
        } else if (f.number == PAIR_VALUE) {
            wire_to_text(note.value, sizeof note.value, &f);
        }
    }
    if (info->n_notes < (int)(sizeof info->notes / sizeof info->notes[0])) {
        info->notes[info->n_notes++] = note;
    }
    return !r.bad;
}

static bool read_opset(const WireField *field, NnOnnxInfo *info) {
    WireReader r = wire_inside(field);
    WireField f;
    char domain[8] = "";
    int64_t version = 0;
    while (wire_next(&r, &f)) {
        if (f.number == OPSET_DOMAIN) {
            wire_to_text(domain, sizeof domain, &f);
        } else if (f.number == OPSET_VERSION) {
            version = (int64_t)f.value;
        }
    }
    if (domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0) {
        info->opset = version;
    }
    return !r.bad;
}

static bool read_field(const WireField *f, NnOnnxInfo *info) {
    switch (f->number) {
    case MODEL_IR_VERSION:
        info->ir_version = (int64_t)f->value;
        return f->type == WIRE_VARINT;
    case MODEL_PRODUCER:
        wire_to_text(info->producer, sizeof info->producer, f);
        return true;
    case MODEL_PRODUCER_VERSION:
        wire_to_text(info->producer_version, sizeof info->producer_version, f);
        return true;
    case MODEL_GRAPH:
        return read_graph(f, info);
    case MODEL_OPSET:
        return read_opset(f, info);
    case MODEL_METADATA:
        return read_note(f, info);
    default:
        return true;
    }
}

NnOnnxInfo *nn_onnx_parse(const uint8_t *bytes, size_t n, const char *path, NnError *err) {
    NnOnnxInfo *info = mem_new(1, sizeof *info);
    if (info == NULL) {
        nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to read it");
        return NULL;
    }
    WireReader r = wire_reader(bytes, n);
    WireField f;
    const uint8_t *at = r.at;
    bool good = true, graph = false;
    while (good && wire_next(&r, &f)) {
        good = read_field(&f, info);
        graph = graph || f.number == MODEL_GRAPH;
        at = good ? r.at : at;
    }
    if (good && !r.bad && graph && info->ir_version > 0) {
        return info;
    }
    if (!good || r.bad) {
        nn_fail_file(err, NN_ERR_FORMAT, path, at - bytes,
                     "is no ONNX file, or one that was cut short: what begins at byte %td is no "
                     "field of one",
                     at - bytes);
    } else {
        nn_fail_file(err, NN_ERR_FORMAT, path, -1, "is no ONNX file: it holds no graph");
    }
    mem_free(info);
    return NULL;
}

NnOnnxInfo *nn_onnx_read(const char *path, NnError *err) {
    size_t n;
    uint8_t *bytes = file_read(path, FILE_MAX, &n, err);
    NnOnnxInfo *info = bytes != NULL ? nn_onnx_parse(bytes, n, path, err) : NULL;
    mem_free(bytes);
    return info;
}
