// safetensors.h - the weight file format, strict reader and atomic writer.
//
// Format (huggingface/safetensors, README): 8 bytes little-endian header length N, N bytes of JSON
// starting with '{', maybe padded with spaces, then the tensors' bytes. Offsets count from
// the end of the header; they touch, do not overlap and cover the rest of the file. Little-endian row-major.
// The limits a file from a stranger must keep are in safetensors.c; each refusal names file, place and cause.
//
// Thread: reentrant.

#ifndef NN_SAFETENSORS_H
#define NN_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/error.h"

enum { NN_TENSOR_MAX_RANK = 4, NN_TENSOR_NAME_MAX = 128, NN_TENSORS_MAX = 256 };

typedef enum { NN_DTYPE_F32, NN_DTYPE_F16, NN_DTYPE_BF16, NN_DTYPE_F64, NN_DTYPE_I64 } NnDtype;

typedef struct {
    char name[NN_TENSOR_NAME_MAX + 1];
    int rank;
    size_t shape[NN_TENSOR_MAX_RANK];
    size_t count;      // product of shape, 1 for rank 0
    const float *data; // (count) always float32 after reading, whatever the file's type; finite
} NnTensor;

typedef struct NnTensorFile NnTensorFile;

// Reads and checks everything. Tensors come in file order.
NnTensorFile *nn_tensors_read(const char *path, NnError *err);
NnTensorFile *nn_tensors_parse(const uint8_t *bytes, size_t n, const char *path, NnError *err);
void nn_tensors_free(NnTensorFile *file);

size_t nn_tensors_count(const NnTensorFile *file);
const NnTensor *nn_tensors_at(const NnTensorFile *file, size_t i);
const NnTensor *nn_tensors_find(const NnTensorFile *file, const char *name); // NULL when absent

size_t nn_tensors_meta_count(const NnTensorFile *file);
const char *nn_tensors_meta_key(const NnTensorFile *file, size_t i);
const char *nn_tensors_meta(const NnTensorFile *file, const char *key); // NULL when absent

typedef struct {
    const char *key, *value; // UTF-8
} NnMetaPair;

// Writes float32 tensors in the order given, data starting at a multiple of 64. Adds
// "sha256" of the tensor bytes to the metadata, which the reader verifies where it is present.
// NaN and infinity are refused: NN_ERR_NUMERIC.
NnStatus nn_tensors_write(const char *path, const NnTensor *tensors, size_t n, const NnMetaPair *meta,
                          size_t n_meta, NnError *err) NN_MUST_CHECK;

#endif
