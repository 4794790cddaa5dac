// onnx_fields.h - numbers of the fields of onnx.proto3 (onnx/onnx on GitHub) that writer and reader
// use. Private to src/nn.

#ifndef NN_NN_ONNX_FIELDS_H
#define NN_NN_ONNX_FIELDS_H

enum {
    MODEL_IR_VERSION = 1,
    MODEL_PRODUCER = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_DOC = 6,
    MODEL_GRAPH = 7,
    MODEL_OPSET = 8,
    MODEL_METADATA = 14
};

enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_WEIGHT = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };

enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5 };

enum {
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_F = 2,
    ATTRIBUTE_I = 3,
    ATTRIBUTE_INTS = 8,
    ATTRIBUTE_TYPE = 20
};
enum { ATTRIBUTE_IS_FLOAT = 1, ATTRIBUTE_IS_INT = 2, ATTRIBUTE_IS_INTS = 7 };

enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9 };
enum { TENSOR_IS_FLOAT = 1, TENSOR_IS_INT64 = 7 };

// What goes in or comes out: value -> type -> tensor -> shape -> dim.
enum { VALUE_NAME = 1, VALUE_TYPE = 2 };
enum { TYPE_TENSOR = 1, BORDER_ELEMENT = 1, BORDER_SHAPE = 2, SHAPE_DIM = 1 };
enum { DIM_VALUE = 1, DIM_PARAM = 2 };

enum { PAIR_KEY = 1, PAIR_VALUE = 2 };        // of the metadata
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 }; // of an operator set

#endif
