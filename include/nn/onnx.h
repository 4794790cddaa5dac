// onnx.h - networks as ONNX files, which other programs can run, and what such a file holds.
//
// A file of ours takes pixels as anybody has them, 0 for paper to 1 for ink, as (batch, 1, 28, 28),
// and gives the ten probabilities, (batch, 10): standardising, the fitted temperature and softmax
// are part of the graph. Only writing makes networks cross over; reading is for `inkling info`.
//
//     status = nn_model_export_onnx(model, "digits.onnx", err);

#ifndef NN_ONNX_H
#define NN_ONNX_H

#include "nn/model.h"

// NN_ERR_NUMERIC where a weight is no number. What the weight file carried as notes goes along.
NnStatus nn_model_export_onnx(const NnModel *model, const char *path, NnError *err) NN_MUST_CHECK;

// --- what a file holds ---------------------------------------------------------------------------

enum { NN_ONNX_RANK_MAX = 8, NN_ONNX_ITEMS_MAX = 256, NN_ONNX_NAME_SIZE = 64 };

// A tensor that goes in or comes out, or one of weights. dims: -1 where the file leaves it open.
typedef struct {
    char name[NN_ONNX_NAME_SIZE];
    int rank;
    int64_t dims[NN_ONNX_RANK_MAX];
} NnOnnxTensor;

typedef struct {
    char key[NN_ONNX_NAME_SIZE], value[256];
} NnOnnxNote;

// "Gemm", 3 of them.
typedef struct {
    char op[32];
    int count;
} NnOnnxOp;

// Lists end at NN_ONNX_ITEMS_MAX; the counts go on. Names are as the file has them: for a terminal they
// want escaping.
typedef struct {
    int64_t ir_version, opset;
    char producer[NN_ONNX_NAME_SIZE], producer_version[NN_ONNX_NAME_SIZE], graph[NN_ONNX_NAME_SIZE];
    NnOnnxTensor inputs[8], outputs[8];
    NnOnnxTensor weights[NN_ONNX_ITEMS_MAX];
    NnOnnxNote notes[32];
    NnOnnxOp ops[32];
    int n_inputs, n_outputs, n_weights, n_notes, n_ops;
    int nodes;
    uint64_t parameters; // values of all float tensors of weights
} NnOnnxInfo;

// Free with mem_free. NULL with NN_ERR_FORMAT names the byte where the file is no ONNX.
NnOnnxInfo *nn_onnx_read(const char *path, NnError *err);
NnOnnxInfo *nn_onnx_parse(const uint8_t *bytes, size_t n, const char *path, NnError *err);

#endif
