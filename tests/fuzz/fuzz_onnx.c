// An ONNX file, as `inkling info` reads it: whatever the bytes, an account within its own limits or a
// refusal with a reason.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/onnx.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void require_text(const char *text, size_t size) {
    require(memchr(text, '\0', size) != NULL, "a text ends within its room");
}

static void check_tensors(const NnOnnxTensor *tensors, int n, int room) {
    require(n >= 0, "a count is not negative");
    for (int i = 0; i < n && i < room; i++) {
        require_text(tensors[i].name, sizeof tensors[i].name);
        require(tensors[i].rank >= 0, "a rank is not negative");
        for (int k = 0; k < tensors[i].rank && k < NN_ONNX_RANK_MAX; k++) {
            require(tensors[i].dims[k] >= -1, "a dimension is open or has a size");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    NnError err = {0};
    NnOnnxInfo *info = nn_onnx_parse(bytes, n, "fuzz", &err);
    if (info == NULL) {
        require(err.status == NN_ERR_FORMAT && err.message[0] != '\0', "a refusal has its reason");
        require(err.offset <= (int64_t)n, "and a place in the file");
        return 0;
    }
    require_text(info->producer, sizeof info->producer);
    require_text(info->producer_version, sizeof info->producer_version);
    require_text(info->graph, sizeof info->graph);
    check_tensors(info->inputs, info->n_inputs, 8);
    check_tensors(info->outputs, info->n_outputs, 8);
    check_tensors(info->weights, info->n_weights, NN_ONNX_ITEMS_MAX);
    int counted = 0;
    for (int i = 0; i < info->n_ops && i < 32; i++) {
        require_text(info->ops[i].op, sizeof info->ops[i].op);
        require(info->ops[i].count > 0, "an operator that is listed is there");
        counted += info->ops[i].count;
    }
    require(counted <= info->nodes, "every node is one operator");
    for (int i = 0; i < info->n_notes && i < 32; i++) {
        require_text(info->notes[i].key, sizeof info->notes[i].key);
        require_text(info->notes[i].value, sizeof info->notes[i].value);
    }
    mem_free(info);
    return 0;
}
