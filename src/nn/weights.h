// weights.h - the parts of reading and writing weight files. Private to src/nn.

#ifndef NN_NN_WEIGHTS_H
#define NN_NN_WEIGHTS_H

#include "nn/model.h"
#include "nn/safetensors.h"

// Keys of a file's metadata that the engine reads and writes itself.
#define META_ARCHITECTURE "architecture"
#define META_ACTIVATION "activation" // of the hidden layers; read where there is no architecture
#define META_INPUT_MEAN "input_mean"
#define META_INPUT_SD "input_sd"
#define META_TEMPERATURE "temperature"
#define META_THRESHOLD "threshold"

// {"name": "inkling-mlp", "layers": [{"kind": "dense", "in": 784, "out": 10, "activation": "none"},
// ...]}, with NnLayer's other fields where they are not 0 and false. NULL: out of memory. Free with
// mem_free.
char *arch_to_json(const NnArch *arch);
NnStatus arch_from_json(NnArch *arch, const char *text, const char *path,
                        NnError *err) NN_MUST_CHECK;

// Decimal text that reads back as the same float, in any locale. out has at least 32 bytes.
bool number_to_text(char *out, size_t size, float value);
NnStatus number_from_text(float *value, const char *text) NN_MUST_CHECK; // NN_ERR_FORMAT or _NOMEM

// The tensors of one layer of a file.
typedef struct {
    const NnTensor *weight; // (O, I)
    const NnTensor *bias;   // (O), NULL: the layer has none
} LayerTensors;

// "[128,784]"
typedef struct {
    char text[96];
} ShapeText;
ShapeText shape_text(const NnTensor *tensor);

// A tensor's name fit for a message.
typedef struct {
    char text[NN_TENSOR_NAME_MAX * 4 + 1];
} NameText;
NameText name_text(const NnTensor *tensor);

// Orders the weight/bias pairs of a file without a description so that they chain from 784 to 10.
NnStatus chain_tensors(const NnTensorFile *file, const char *path, LayerTensors *layers,
                       int *n_layers, NnError *err) NN_MUST_CHECK;

#endif
