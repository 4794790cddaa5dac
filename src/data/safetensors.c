// Reading weight files from strangers.
//
// Everything a header claims is checked against the file before memory is taken for it, and the
// tensors must tile the data exactly, so that afterwards no offset needs another look. Values
// become float32 in one block; the file's bytes are not kept.

#include "nn/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "data/tensor_format.h"

enum { SHOWN_SIZE = 96, BLOCK_FLOATS = 16 }; // tensors start at multiples of 64 bytes

typedef struct {
    NnTensor tensor;
    NnDtype dtype;
    size_t begin, end; // in the tensors' bytes
    size_t order;      // in the header
} Entry;

struct NnTensorFile {
    json_t *meta; // object of strings, NULL when the file has none
    float *block;
    size_t n;
    NnTensor tensors[];
};

// One file being read: what every check needs for its message.
typedef struct {
    const char *path;
    const uint8_t *header;
    size_t header_size;
    const uint8_t *data;
    size_t data_size;
    NnError *err;
} Reading;

static NnStatus refuse(const Reading *in, int64_t offset, const char *what) {
    return nn_fail_file(in->err, NN_ERR_FORMAT, in->path, offset, "%s", what);
}

// --- the frame: length, header, data -------------------------------------------------------------

static NnStatus find_parts(Reading *in, const uint8_t *bytes, size_t n) {
    if (n < TENSOR_LENGTH_BYTES) {
        return nn_fail_file(in->err, NN_ERR_FORMAT, in->path, (int64_t)n,
                            "is too short for a weight file: %zu bytes", n);
    }
    if (n > TENSOR_FILE_MAX) {
        return nn_fail_file(in->err, NN_ERR_FORMAT, in->path, -1, "has %zu bytes, the limit is %d",
                            n, TENSOR_FILE_MAX);
    }
    uint64_t length = tensor_little_endian(bytes, TENSOR_LENGTH_BYTES);
    if (length > TENSOR_HEADER_MAX) {
        return nn_fail_file(in->err, NN_ERR_FORMAT, in->path, 0,
                            "is not a weight file: its header would have %" PRIu64
                            " bytes, the limit is %d",
                            length, TENSOR_HEADER_MAX);
    }
    if (length > n - TENSOR_LENGTH_BYTES) {
        return nn_fail_file(in->err, NN_ERR_FORMAT, in->path, 0,
                            "is cut short: its header has %" PRIu64
                            " bytes, the file only %zu more",
                            length, n - TENSOR_LENGTH_BYTES);
    }
    in->header = bytes + TENSOR_LENGTH_BYTES;
    in->header_size = (size_t)length;
    in->data = in->header + in->header_size;
    in->data_size = n - TENSOR_LENGTH_BYTES - in->header_size;
    if (length == 0 || in->header[0] != '{') {
        return refuse(in, TENSOR_LENGTH_BYTES,
                      "is not a weight file: its header does not start with {");
    }
    return NN_OK;
}

static NnStatus parse_header(const Reading *in, json_t **root) {
    json_error_t error;
    bool no_memory;
    *root = json_text_parse(in->header, in->header_size,
                            JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error, &no_memory);
    size_t at = error.position > 0 ? (size_t)error.position : 0;
    if (no_memory) {
        return nn_fail_file(in->err, NN_ERR_NOMEM, in->path, -1,
                            "not enough memory for its header");
    }
    if (*root == NULL) {
        char shown[SHOWN_SIZE];
        text_escape(shown, sizeof shown, error.text);
        return nn_fail_file(in->err, NN_ERR_FORMAT, in->path, (int64_t)(TENSOR_LENGTH_BYTES + at),
                            "its header is not valid JSON at byte %zu: %s", at, shown);
    }
    for (; at < in->header_size; at++) {
        if (in->header[at] != ' ') {
            return refuse(in, (int64_t)(TENSOR_LENGTH_BYTES + at),
                          "its header goes on after the closing brace");
        }
    }
    return NN_OK;
}

// --- checksums -----------------------------------------------------------------------------------

static NnStatus damaged(const Reading *in, int64_t offset, const char *what) {
    refuse(in, offset, what);
    nn_error_hint(in->err, "Copy or fetch the file again.");
    return NN_ERR_FORMAT;
}

static NnStatus check_digests(const Reading *in, const json_t *meta) {
    char digest[TENSOR_DIGEST_SIZE];
    const char *given = json_string_value(json_object_get(meta, TENSOR_HEADER_SHA256_KEY));
    if (given != NULL) {
        size_t at = tensor_digest_place(in->header, in->header_size);
        if (at == in->header_size) {
            return refuse(in, TENSOR_LENGTH_BYTES, "its header checksum is not one of ours");
        }
        tensor_header_digest(digest, in->header, in->header_size, at);
        if (strcmp(given, digest) != 0) {
            return damaged(in, TENSOR_LENGTH_BYTES,
                           "is damaged: its header does not match its checksum");
        }
    }
    given = json_string_value(json_object_get(meta, TENSOR_SHA256_KEY));
    if (given != NULL) {
        SHA256Data(in->data, in->data_size, digest);
        if (strcmp(given, digest) != 0) {
            return damaged(in, (int64_t)(TENSOR_LENGTH_BYTES + in->header_size),
                           "is damaged: its weights do not match their checksum");
        }
    }
    return NN_OK;
}

static NnStatus check_meta(const Reading *in, json_t *meta) {
    if (meta == NULL) {
        return NN_OK;
    }
    if (!json_is_object(meta)) {
        return refuse(in, -1, TENSOR_META_KEY " is not an object");
    }
    const char *key;
    json_t *value;
    json_object_foreach(meta, key, value) {
        if (!json_is_string(value)) {
            char shown[SHOWN_SIZE];
            text_escape(shown, sizeof shown, key);
            return nn_fail_file(in->err, NN_ERR_FORMAT, in->path, -1,
                                TENSOR_META_KEY " has a value that is not text: %s", shown);
        }
    }
    return check_digests(in, meta);
}

// --- one tensor ----------------------------------------------------------------------------------

static NnStatus blame(const Reading *in, const char *name, const char *what) {
    char shown[SHOWN_SIZE];
    text_escape(shown, sizeof shown, name);
    return nn_fail_file(in->err, NN_ERR_FORMAT, in->path, -1, "tensor %s %s", shown, what);
}

static NnStatus read_dtype(const Reading *in, const json_t *value, Entry *entry) {
    const char *name = json_string_value(value);
    if (name == NULL) {
        return blame(in, entry->tensor.name, "has a dtype that is not text");
    }
    if (tensor_type_parse(name, &entry->dtype)) {
        return NN_OK;
    }
    char shown[24], what[128];
    text_escape(shown, sizeof shown, name);
    snprintf(what, sizeof what, "has type %s; F32, F16, BF16, F64 and I64 can be read", shown);
    return blame(in, entry->tensor.name, what);
}

static NnStatus read_shape(const Reading *in, const json_t *value, NnTensor *tensor) {
    if (!json_is_array(value)) {
        return blame(in, tensor->name, "has a shape that is not a list");
    }
    if (json_array_size(value) > NN_TENSOR_MAX_RANK) {
        return blame(in, tensor->name, "has more than 4 dimensions");
    }
    tensor->rank = (int)json_array_size(value);
    tensor->count = 1;
    for (int i = 0; i < tensor->rank; i++) {
        const json_t *dim = json_array_get(value, (size_t)i);
        json_int_t n = json_is_integer(dim) ? json_integer_value(dim) : -1;
        if (n < 0 || n > TENSOR_DIM_MAX) {
            return blame(in, tensor->name,
                         "has a dimension that is not a whole number from 0 to 2^24");
        }
        tensor->shape[i] = (size_t)n;
        if (n > 0 && tensor->count > SIZE_MAX / (size_t)n) {
            return blame(in, tensor->name, "has a shape whose product overflows");
        }
        tensor->count *= (size_t)n;
    }
    return NN_OK;
}

static NnStatus read_offsets(const Reading *in, const json_t *value, Entry *entry) {
    size_t ends[2];
    bool pair = json_is_array(value) && json_array_size(value) == 2;
    for (size_t i = 0; pair && i < 2; i++) {
        const json_t *at = json_array_get(value, i);
        json_int_t n = json_is_integer(at) ? json_integer_value(at) : -1;
        pair = n >= 0;
        // Anything past the data is as bad as just past it, and fits a size_t.
        ends[i] = pair && (uint64_t)n <= in->data_size ? (size_t)n : in->data_size + 1;
    }
    if (!pair) {
        return blame(in, entry->tensor.name, "needs two whole numbers as data_offsets");
    }
    if (ends[0] > ends[1] || ends[1] > in->data_size) {
        return blame(in, entry->tensor.name, "has data_offsets outside the file");
    }
    entry->begin = ends[0];
    entry->end = ends[1];
    size_t size = tensor_type_size(entry->dtype);
    if (entry->tensor.count > SIZE_MAX / size || entry->tensor.count * size != ends[1] - ends[0]) {
        return blame(in, entry->tensor.name, "has a shape that does not fit the size of its data");
    }
    return NN_OK;
}

static NnStatus read_entry(const Reading *in, const char *name, const json_t *value, Entry *entry) {
    if (!tensor_name_fits(name)) {
        return blame(in, name, "has a name that is empty, longer than 128 bytes or not printable");
    }
    text_copy(entry->tensor.name, sizeof entry->tensor.name, name);
    const json_t *dtype = json_object_get(value, "dtype");
    const json_t *shape = json_object_get(value, "shape");
    const json_t *offsets = json_object_get(value, "data_offsets");
    if (dtype == NULL || shape == NULL || offsets == NULL || json_object_size(value) != 3) {
        return blame(in, name, "needs dtype, shape and data_offsets, and nothing else");
    }
    NnStatus status = read_dtype(in, dtype, entry);
    if (status == NN_OK) {
        status = read_shape(in, shape, &entry->tensor);
    }
    return status == NN_OK ? read_offsets(in, offsets, entry) : status;
}

// --- all tensors ---------------------------------------------------------------------------------

static int by_place(const void *a, const void *b) {
    const Entry *x = a;
    const Entry *y = b;
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    if (x->end != y->end) {
        return x->end < y->end ? -1 : 1; // empty ones first
    }
    return x->order < y->order ? -1 : 1;
}

// The ranges start at 0, touch, and end with the file.
static NnStatus check_tiling(const Reading *in, const Entry *entries, size_t n) {
    size_t end = 0;
    for (size_t i = 0; i < n; i++) {
        if (entries[i].begin != end) {
            return blame(in, entries[i].tensor.name,
                         entries[i].begin > end ? "leaves a hole in the data before it"
                                                : "overlaps the tensor before it");
        }
        end = entries[i].end;
    }
    if (end != in->data_size) {
        return nn_fail_file(in->err, NN_ERR_FORMAT, in->path,
                            (int64_t)(TENSOR_LENGTH_BYTES + in->header_size + end),
                            "%zu bytes belong to no tensor", in->data_size - end);
    }
    return NN_OK;
}

static NnStatus convert(const Reading *in, const Entry *entry, float *out) {
    size_t size = tensor_type_size(entry->dtype);
    const uint8_t *at = in->data + entry->begin;
    for (size_t i = 0; i < entry->tensor.count; i++) {
        out[i] = tensor_value(entry->dtype, at + i * size);
        if (!isfinite(out[i])) {
            return nn_fail_file(
                in->err, NN_ERR_FORMAT, in->path,
                (int64_t)(TENSOR_LENGTH_BYTES + in->header_size + entry->begin + i * size),
                "tensor %s holds a value that is not a finite float32 at index %zu",
                entry->tensor.name, i);
        }
    }
    return NN_OK;
}

static size_t block_floats(const NnTensor *tensor) {
    return (tensor->count + BLOCK_FLOATS - 1) / BLOCK_FLOATS * BLOCK_FLOATS;
}

static NnStatus take_values(const Reading *in, const Entry *entries, NnTensorFile *file) {
    size_t total = 0;
    for (size_t i = 0; i < file->n; i++) {
        total += block_floats(&entries[i].tensor); // the file's size bounds the sum
    }
    file->block = mem_new_aligned(total, sizeof *file->block);
    if (file->block == NULL) {
        return nn_fail_file(in->err, NN_ERR_NOMEM, in->path, -1,
                            "not enough memory for its weights");
    }
    float *next = file->block;
    for (size_t i = 0; i < file->n; i++) {
        NnStatus status = convert(in, &entries[i], next);
        if (status != NN_OK) {
            return status;
        }
        file->tensors[i] = entries[i].tensor;
        file->tensors[i].data = next;
        next += block_floats(&entries[i].tensor);
    }
    return NN_OK;
}

static NnStatus read_tensors(const Reading *in, json_t *root, Entry *entries, NnTensorFile *file) {
    const char *name;
    json_t *value;
    size_t i = 0;
    json_object_foreach(root, name, value) {
        if (strcmp(name, TENSOR_META_KEY) == 0) {
            continue;
        }
        entries[i].order = i;
        NnStatus status = read_entry(in, name, value, &entries[i]);
        if (status != NN_OK) {
            return status;
        }
        i++;
    }
    qsort(entries, file->n, sizeof *entries, by_place);
    NnStatus status = check_tiling(in, entries, file->n);
    return status == NN_OK ? take_values(in, entries, file) : status;
}

static NnTensorFile *read_root(const Reading *in, json_t *root) {
    json_t *meta = json_object_get(root, TENSOR_META_KEY);
    size_t n = json_object_size(root) - (meta != NULL ? 1 : 0);
    if (n > NN_TENSORS_MAX) {
        nn_fail_file(in->err, NN_ERR_FORMAT, in->path, -1, "has %zu tensors, the limit is %d", n,
                     NN_TENSORS_MAX);
        return NULL;
    }
    if (check_meta(in, meta) != NN_OK) {
        return NULL;
    }
    Entry *entries = mem_new(n, sizeof *entries);
    NnTensorFile *file = mem_new(1, sizeof *file + n * sizeof file->tensors[0]);
    if (entries == NULL || file == NULL) {
        nn_fail_file(in->err, NN_ERR_NOMEM, in->path, -1, "not enough memory for its %zu tensors",
                     n);
        mem_free(entries);
        mem_free(file);
        return NULL;
    }
    file->n = n;
    file->meta = json_incref(meta);
    if (read_tensors(in, root, entries, file) != NN_OK) {
        nn_tensors_free(file);
        file = NULL;
    }
    mem_free(entries);
    return file;
}

NnTensorFile *nn_tensors_parse(const uint8_t *bytes, size_t n, const char *path, NnError *err) {
    Reading in = {.path = path, .err = err};
    json_t *root = NULL;
    NnTensorFile *file = NULL;
    if (find_parts(&in, bytes, n) == NN_OK && parse_header(&in, &root) == NN_OK) {
        file = read_root(&in, root);
    }
    json_decref(root);
    return file;
}

NnTensorFile *nn_tensors_read(const char *path, NnError *err) {
    size_t n = 0;
    unsigned char *bytes = file_read(path, TENSOR_FILE_MAX, &n, err);
    NnTensorFile *file = bytes != NULL ? nn_tensors_parse(bytes, n, path, err) : NULL;
    mem_free(bytes);
    return file;
}

void nn_tensors_free(NnTensorFile *file) {
    if (file != NULL) {
        json_decref(file->meta);
        mem_free(file->block);
        mem_free(file);
    }
}

// --- asking --------------------------------------------------------------------------------------

size_t nn_tensors_count(const NnTensorFile *file) {
    return file->n;
}

const NnTensor *nn_tensors_at(const NnTensorFile *file, size_t i) {
    NN_ASSERT(i < file->n);
    return &file->tensors[i];
}

const NnTensor *nn_tensors_find(const NnTensorFile *file, const char *name) {
    for (size_t i = 0; i < file->n; i++) {
        if (strcmp(file->tensors[i].name, name) == 0) {
            return &file->tensors[i];
        }
    }
    return NULL;
}

size_t nn_tensors_meta_count(const NnTensorFile *file) {
    return json_object_size(file->meta);
}

const char *nn_tensors_meta_key(const NnTensorFile *file, size_t i) {
    void *at = json_object_iter(file->meta);
    while (at != NULL && i > 0) {
        at = json_object_iter_next(file->meta, at);
        i--;
    }
    return json_object_iter_key(at);
}

const char *nn_tensors_meta(const NnTensorFile *file, const char *key) {
    return json_string_value(json_object_get(file->meta, key));
}
