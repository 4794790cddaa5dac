// Writing weight files.
//
// The same tensors and notes give the same bytes: the header is written in the order given, without
// spaces but for the padding behind it. Whatever the reader would refuse is refused here first.

#include <math.h>
#include <sha2.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "data/tensor_format.h"
#include "nn/safetensors.h"

enum { CHUNK = 4096, CHUNK_BYTES = 4 * CHUNK }; // floats turned into bytes at a time

// --- checks --------------------------------------------------------------------------------------

static NnStatus check_tensor(const NnTensor *tensor, const char *path, NnError *err) {
    if (!tensor_name_fits(tensor->name) || strcmp(tensor->name, TENSOR_META_KEY) == 0) {
        return nn_fail_file(err, NN_ERR_USAGE, path, -1, "a tensor's name cannot be written");
    }
    size_t count = 1;
    bool fits = tensor->rank >= 0 && tensor->rank <= NN_TENSOR_MAX_RANK;
    for (int i = 0; fits && i < tensor->rank; i++) {
        size_t dim = tensor->shape[i];
        fits = dim <= TENSOR_DIM_MAX && (count == 0 || dim <= TENSOR_FILE_MAX / count);
        count *= dim;
    }
    if (!fits || count != tensor->count) {
        return nn_fail_file(err, NN_ERR_USAGE, path, -1,
                            "tensor %s has a shape that cannot be written", tensor->name);
    }
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(tensor->data[i])) {
            return nn_fail_file(err, NN_ERR_NUMERIC, path, -1,
                                "not written: tensor %s is not a finite number at index %zu",
                                tensor->name, i);
        }
    }
    return NN_OK;
}

static NnStatus check_all(const NnTensor *tensors, size_t n, const char *path, NnError *err) {
    if (n > NN_TENSORS_MAX) {
        return nn_fail_file(err, NN_ERR_USAGE, path, -1,
                            "%zu tensors are more than a file may have", n);
    }
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        NnStatus status = check_tensor(&tensors[i], path, err);
        if (status != NN_OK) {
            return status;
        }
        total += tensors[i].count * sizeof(float);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(tensors[i].name, tensors[j].name) == 0) {
                return nn_fail_file(err, NN_ERR_USAGE, path, -1, "there are two tensors named %s",
                                    tensors[i].name);
            }
        }
    }
    if (total > TENSOR_FILE_MAX - TENSOR_HEADER_MAX - TENSOR_LENGTH_BYTES) {
        return nn_fail_file(err, NN_ERR_USAGE, path, -1, "%zu bytes of weights are too many",
                            total);
    }
    return NN_OK;
}

// --- bytes ---------------------------------------------------------------------------------------

// Little-endian whatever the machine is.
static size_t to_bytes(uint8_t *out, const float *values, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        for (int j = 0; j < 4; j++) {
            out[4 * i + (size_t)j] = (uint8_t)(bits >> (8 * j));
        }
    }
    return 4 * n;
}

// The bytes of values at, at + 1, ... as far as the buffer reaches. Returns how many bytes those
// are.
static size_t piece(uint8_t bytes[CHUNK_BYTES], const NnTensor *tensor, size_t at) {
    size_t left = tensor->count - at;
    return to_bytes(bytes, tensor->data + at, left < CHUNK ? left : CHUNK);
}

static void digest_of(const NnTensor *tensors, size_t n, char *digest) {
    uint8_t bytes[CHUNK_BYTES];
    SHA2_CTX context;
    SHA256Init(&context);
    for (size_t i = 0; i < n; i++) {
        for (size_t at = 0; at < tensors[i].count; at += CHUNK) {
            SHA256Update(&context, bytes, piece(bytes, &tensors[i], at));
        }
    }
    SHA256End(&context, digest);
}

static NnStatus write_data(SaveFile *save, const NnTensor *tensors, size_t n, NnError *err) {
    uint8_t bytes[CHUNK_BYTES];
    NnStatus status = NN_OK;
    for (size_t i = 0; i < n; i++) {
        for (size_t at = 0; at < tensors[i].count && status == NN_OK; at += CHUNK) {
            status = save_write(save, bytes, piece(bytes, &tensors[i], at), err);
        }
    }
    return status;
}

// --- header --------------------------------------------------------------------------------------

// json_*_set_new take their value over whether they succeed or not, so a failure leaves nothing
// behind.
static json_t *meta_json(const NnMetaPair *meta, size_t n_meta, const char *digest) {
    static const char zeros[TENSOR_DIGEST_SIZE] =
        "0000000000000000000000000000000000000000000000000000000000000000";
    json_t *object = json_object();
    int failed = object == NULL;
    for (size_t i = 0; i < n_meta && !failed; i++) {
        // A note read from another file may bring that file's checksums along.
        if (strcmp(meta[i].key, TENSOR_SHA256_KEY) != 0 &&
            strcmp(meta[i].key, TENSOR_HEADER_SHA256_KEY) != 0) {
            failed = json_object_set_new(object, meta[i].key, json_string(meta[i].value));
        }
    }
    failed = failed || json_object_set_new(object, TENSOR_SHA256_KEY, json_string(digest)) != 0 ||
             json_object_set_new(object, TENSOR_HEADER_SHA256_KEY, json_string(zeros)) != 0;
    if (failed) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *tensor_json(const NnTensor *tensor, size_t begin) {
    json_t *shape = json_array();
    int failed = shape == NULL;
    for (int i = 0; i < tensor->rank && !failed; i++) {
        failed = json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i]));
    }
    if (failed) {
        json_decref(shape);
        return NULL;
    }
    size_t end = begin + tensor->count * sizeof(float);
    // "o" takes shape over, also when packing fails.
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)end);
}

static char *header_text(const NnTensor *tensors, size_t n, const NnMetaPair *meta, size_t n_meta,
                         const char *digest) {
    json_t *root = json_object();
    size_t begin = 0;
    int failed = root == NULL ||
                 json_object_set_new(root, TENSOR_META_KEY, meta_json(meta, n_meta, digest)) != 0;
    for (size_t i = 0; i < n && !failed; i++) {
        failed = json_object_set_new(root, tensors[i].name, tensor_json(&tensors[i], begin));
        begin += tensors[i].count * sizeof(float);
    }
    char *text = failed ? NULL : json_text_make(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

static bool is_utf8(const char *text) {
    unsigned code;
    int length = 0;
    while (*text != '\0' && (length = text_utf8_decode(text, &code)) > 0) {
        text += length;
    }
    return *text == '\0';
}

static NnStatus check_notes(const NnMetaPair *meta, size_t n_meta, const char *path, NnError *err) {
    for (size_t i = 0; i < n_meta; i++) {
        if (!is_utf8(meta[i].key) || !is_utf8(meta[i].value)) {
            return nn_fail_file(err, NN_ERR_USAGE, path, -1, "note %zu is not valid UTF-8", i);
        }
    }
    return NN_OK;
}

// Length, JSON and the padding that lets the data start at a multiple of 64. Free with mem_free.
static NnStatus make_header(const char *text, const char *path, uint8_t **header, size_t *size,
                            NnError *err) {
    size_t length = strlen(text);
    size_t n = TENSOR_LENGTH_BYTES + length + TENSOR_DATA_ALIGNMENT - 1;
    n -= n % TENSOR_DATA_ALIGNMENT;
    if (n - TENSOR_LENGTH_BYTES > TENSOR_HEADER_MAX) {
        return nn_fail_file(err, NN_ERR_USAGE, path, -1, "the notes of %zu bytes are too long",
                            length);
    }
    uint8_t *bytes = mem_new(n, 1);
    if (bytes == NULL) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to save");
    }
    uint8_t *json = bytes + TENSOR_LENGTH_BYTES;
    size_t json_size = n - TENSOR_LENGTH_BYTES;
    for (size_t i = 0; i < TENSOR_LENGTH_BYTES; i++) {
        bytes[i] = (uint8_t)(json_size >> (8 * i));
    }
    memcpy(json, text, length);
    memset(json + length, ' ', json_size - length);
    char digest[TENSOR_DIGEST_SIZE];
    size_t at = tensor_digest_place(json, json_size);
    tensor_header_digest(digest, json, json_size, at);
    memcpy(json + at, digest, sizeof digest - 1);
    *header = bytes;
    *size = n;
    return NN_OK;
}

// --- file ----------------------------------------------------------------------------------------

static NnStatus save_all(const char *path, const uint8_t *header, size_t header_size,
                         const NnTensor *tensors, size_t n, NnError *err) {
    SaveFile *save = save_open(path, err);
    if (save == NULL) {
        return err->status;
    }
    NnStatus status = save_write(save, header, header_size, err);
    if (status == NN_OK) {
        status = write_data(save, tensors, n, err);
    }
    if (status != NN_OK) {
        save_abandon(save);
        return status;
    }
    return save_commit(save, err);
}

NnStatus nn_tensors_write(const char *path, const NnTensor *tensors, size_t n,
                          const NnMetaPair *meta, size_t n_meta, NnError *err) {
    NnError own;
    err = err != NULL ? err : &own; // it carries save_open's status
    NnStatus status = check_all(tensors, n, path, err);
    if (status == NN_OK) {
        status = check_notes(meta, n_meta, path, err);
    }
    if (status != NN_OK) {
        return status;
    }
    char digest[TENSOR_DIGEST_SIZE];
    digest_of(tensors, n, digest);
    char *text = header_text(tensors, n, meta, n_meta, digest);
    if (text == NULL) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to save");
    }
    uint8_t *header = NULL;
    size_t header_size = 0;
    status = make_header(text, path, &header, &header_size, err);
    if (status == NN_OK) {
        status = save_all(path, header, header_size, tensors, n, err);
    }
    mem_free(header);
    mem_free(text);
    return status;
}
