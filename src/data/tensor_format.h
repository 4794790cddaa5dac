// tensor_format.h - what the reader and the writer of weight files must agree on.

#ifndef NN_DATA_TENSOR_FORMAT_H
#define NN_DATA_TENSOR_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/safetensors.h"

// Limits a file from a stranger must keep, checked before memory is taken. Upstream allows headers
// of 100 MB; a header of a hundred thousand tensors is a known way to stop a program.
enum {
    TENSOR_LENGTH_BYTES = 8,     // the header's length, little-endian, in front of everything
    TENSOR_HEADER_MAX = 1 << 20, // bytes
    TENSOR_FILE_MAX = 256 << 20, // bytes
    TENSOR_DIM_MAX = 1 << 24,
    TENSOR_DATA_ALIGNMENT = 64,
    TENSOR_DIGEST_SIZE = 65, // 64 hex digits and the end
};

#define TENSOR_META_KEY "__metadata__"
#define TENSOR_SHA256_KEY                                                                          \
    "sha256" // of the tensors' bytes: the format itself cannot notice a flipped bit in them

// The same for the header, without which a flipped bit in a name or a note would go unnoticed:
// SHA-256 of the header's bytes with the 64 digits of this very value read as '0'.
#define TENSOR_HEADER_SHA256_KEY "header_sha256"

uint64_t tensor_little_endian(const uint8_t *at, size_t n); // n up to 8

// The types that can be read, by the names they have in a header.
bool tensor_type_parse(const char *name, NnDtype *type);
size_t tensor_type_size(NnDtype type); // bytes of one value

// The value at these bytes as float32; infinite or NaN where it is, or where it is too large.
float tensor_value(NnDtype type, const uint8_t *at);

// 1 to NN_TENSOR_NAME_MAX bytes of printable UTF-8.
bool tensor_name_fits(const char *name);

// Where the 64 digits stand in a header; n if there is no such value.
size_t tensor_digest_place(const uint8_t *header, size_t n);

// out has TENSOR_DIGEST_SIZE bytes.
void tensor_header_digest(char *out, const uint8_t *header, size_t n, size_t digits_at);

#endif
