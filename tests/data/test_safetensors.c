// Weight files as a stranger may send them. Each malformed kind is a row; then every prefix and
// every flipped bit of a good file, and every fault while reading and writing one.

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/rng.h"
#include "nn/safetensors.h"
#include "support/faults.h"
#include "support/temp.h"

static char folder[TEMP_PATH];

static int set_up(void **state) {
    (void)state;
    temp_folder(folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temp_remove(folder);
    return 0;
}

typedef struct {
    uint8_t *bytes;
    size_t n;
} Bytes;

// length + header + data_size bytes of zero; free bytes.
static Bytes file_of(const char *header, size_t header_size, size_t data_size) {
    Bytes file = {.n = 8 + header_size + data_size};
    file.bytes = calloc(file.n, 1);
    assert_non_null(file.bytes);
    for (int i = 0; i < 8; i++) {
        file.bytes[i] = (uint8_t)((uint64_t)header_size >> (8 * i));
    }
    memcpy(file.bytes + 8, header, header_size);
    return file;
}

// --- malformed headers ---------------------------------------------------------------------------

#define A "{\"a\":{\"dtype\":\"F32\",\"shape\":"
#define TWO "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":"

typedef struct {
    const char *name, *header;
    size_t data_size;
    int64_t offset; // -1: none, -2: any
    const char *words;
} BadHeader;

static BadHeader bad_headers[] = {
    {"header is a list", "[]", 0, 8, "does not start with {"},
    {"header starts with a space", " {}", 0, 8, "does not start with {"},
    {"header is not closed", "{", 0, -2, "not valid JSON"},
    {"header has a stray comma", "{,}", 0, 10, "not valid JSON"},
    {"header has invalid UTF-8", "{\"\xC0\xAF\":1}", 0, -2, "not valid JSON"},
    {"header has an escaped zero byte", "{\"a\\u0000\":1}", 0, -2, "not valid JSON"},
    {"header has a lone surrogate", "{\"\\ud800\":1}", 0, -2, "not valid JSON"},
    {"header has a control byte in a name", "{\"a\x01\":1}", 0, -2, "not valid JSON"},
    {"header has two tensors of one name", "{\"a\":1,\"a\":1}", 0, -2, "not valid JSON"},
    {"header has metadata twice", "{\"__metadata__\":{},\"__metadata__\":{}}", 0, -2,
     "not valid JSON"},
    {"object is followed by another", "{}{}", 0, 10, "goes on after"},
    {"object is followed by a newline", "{}\n", 0, 10, "goes on after"},
    {"object is followed by spaces and junk", "{}  x", 0, 12, "goes on after"},
    {"metadata is text", "{\"__metadata__\":\"x\"}", 0, -1, "not an object"},
    {"metadata is null", "{\"__metadata__\":null}", 0, -1, "not an object"},
    {"metadata has a number", "{\"__metadata__\":{\"a\":1}}", 0, -1, "not text"},
    {"metadata has an object", "{\"__metadata__\":{\"a\":{}}}", 0, -1, "not text"},
    {"checksum of nothing", "{\"__metadata__\":{\"sha256\":\"x\"}}", 0, -2, "checksum"},
    {"header checksum of nothing", "{\"__metadata__\":{\"header_sha256\":\"x\"}}", 0, 8,
     "checksum"},
    {"header checksum that is escaped",
     "{\"__metadata__\":{\"header_sha256\": "
     "\"0000000000000000000000000000000000000000000000000000000000000000\"}}",
     0, 8, "checksum"},
    {"tensor is a number", "{\"a\":1}", 0, -1, "needs dtype, shape and data_offsets"},
    {"tensor is null", "{\"a\":null}", 0, -1, "needs dtype"},
    {"tensor without dtype", "{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}", 4, -1, "needs dtype"},
    {"tensor without shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, -1,
     "needs dtype"},
    {"tensor without offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 4, -1, "needs dtype"},
    {"tensor with an extra key",
     "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4],\"x\":1}}", 4, -1,
     "nothing else"},
    {"tensor without a name", "{\"\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4,
     -1, "name that is empty"},
    {"tensor name that drives a terminal",
     "{\"\\u001b[2J\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, -1, "\\x1B[2J"},
    {"dtype is a number", "{\"a\":{\"dtype\":1,\"shape\":[],\"data_offsets\":[0,4]}}", 4, -1,
     "dtype that is not text"},
    {"dtype is unknown", "{\"a\":{\"dtype\":\"F31\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, -1,
     "type F31"},
    {"dtype is one we do not read",
     "{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1, -1, "type U8"},
    {"shape is a number", A "1,\"data_offsets\":[0,4]}}", 4, -1, "not a list"},
    {"shape has five dimensions", A "[1,1,1,1,1],\"data_offsets\":[0,4]}}", 4, -1, "more than 4"},
    {"dimension is negative", A "[-1],\"data_offsets\":[0,4]}}", 4, -1, "dimension"},
    {"dimension is a fraction", A "[1.0],\"data_offsets\":[0,4]}}", 4, -1, "dimension"},
    {"dimension is text", A "[\"1\"],\"data_offsets\":[0,4]}}", 4, -1, "dimension"},
    {"dimension is true", A "[true],\"data_offsets\":[0,4]}}", 4, -1, "dimension"},
    {"dimension over the limit", A "[16777217],\"data_offsets\":[0,4]}}", 4, -1, "dimension"},
    {"dimension beyond 64 bits", A "[18446744073709551617],\"data_offsets\":[0,4]}}", 4, -2,
     "JSON"},
    {"product wraps to zero", A "[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, -1,
     "dimension"},
    {"product wraps within the limits", A "[16777216,16777216,65536],\"data_offsets\":[0,0]}}", 0,
     -1, "overflows"},
    {"product times size wraps", A "[16777216,16777216,16384],\"data_offsets\":[0,0]}}", 0, -1,
     "does not fit"},
    {"shape larger than its data", A "[2],\"data_offsets\":[0,4]}}", 4, -1, "does not fit"},
    {"shape smaller than its data", A "[1],\"data_offsets\":[0,8]}}", 8, -1, "does not fit"},
    {"empty tensor with data", A "[0],\"data_offsets\":[0,4]}}", 4, -1, "does not fit"},
    {"offsets are a number", TWO "8}}", 8, -1, "two whole numbers"},
    {"one offset", TWO "[8]}}", 8, -1, "two whole numbers"},
    {"three offsets", TWO "[0,8,8]}}", 8, -1, "two whole numbers"},
    {"offset with an exponent", TWO "[0,8e0]}}", 8, -1, "two whole numbers"},
    {"offset is negative", TWO "[-8,0]}}", 8, -1, "two whole numbers"},
    {"offset beyond 63 bits", TWO "[0,9223372036854775808]}}", 8, -2, "not valid JSON"},
    {"offset at 2^63 - 1", TWO "[0,9223372036854775807]}}", 8, -1, "outside the file"},
    {"offsets both past the data", TWO "[100,108]}}", 8, -1, "outside the file"},
    {"offsets in the wrong order", TWO "[8,0]}}", 8, -1, "outside the file"},
    {"end past the data", TWO "[1,9]}}", 8, -1, "outside the file"},
    {"hole at the start", TWO "[4,12]}}", 12, -1, "hole"},
    {"bytes left at the end", TWO "[0,8]}}", 12, -2, "belong to no tensor"},
    {"data without tensors", "{}", 4, 10, "belong to no tensor"},
    {"tensors overlap",
     "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
     "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
     12, -1, "overlaps"},
    {"tensors share their data",
     "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
     "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
     8, -1, "overlaps"},
    {"hole between tensors",
     "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
     "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",
     12, -1, "hole"},
    {"empty tensor away from the others",
     "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
     "\"b\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]}}",
     8, -1, "overlaps"},
};

static void assert_refused(const uint8_t *bytes, size_t n, NnStatus status, const char *words,
                           int64_t offset) {
    NnError err = {0};
    assert_null(nn_tensors_parse(bytes, n, "bad.safetensors", &err));
    if (err.status != status || strstr(err.message, words) == NULL) {
        fail_msg("status %d, message: %s", err.status, err.message);
    }
    assert_memory_equal(err.message, "bad.safetensors: ", 17);
    if (offset != -2) {
        assert_int_equal(err.offset, offset);
    }
    for (const char *c = err.message; *c != '\0'; c++) {
        assert_true((unsigned char)*c >= 0x20);
    }
}

static void refuses_a_bad_header(void **state) {
    const BadHeader *row = *state;
    Bytes file = file_of(row->header, strlen(row->header), row->data_size);
    assert_refused(file.bytes, file.n, NN_ERR_FORMAT, row->words, row->offset);
    free(file.bytes);
}

// --- malformed frames ----------------------------------------------------------------------------

typedef struct {
    const char *name;
    uint64_t length;
    size_t n; // bytes of the file
    int64_t offset;
    const char *words;
} BadFrame;

static BadFrame bad_frames[] = {
    {"empty file", 0, 0, 0, "too short"},
    {"seven bytes", 0, 7, 7, "too short"},
    {"length alone", 2, 8, 0, "cut short"},
    {"header of no bytes", 0, 20, 8, "does not start with {"},
    {"header one byte too long", 13, 20, 0, "cut short"},
    {"header over the limit", (1 << 20) + 1, 20, 0, "limit is 1048576"},
    {"header of 100 MB", 100000000, 20, 0, "limit is 1048576"},
    {"length of 2^63", 1ull << 63, 20, 0, "limit is 1048576"},
    {"length that wraps when added to", UINT64_MAX - 4, 20, 0, "limit is 1048576"},
};

static void refuses_a_bad_frame(void **state) {
    const BadFrame *row = *state;
    uint8_t *bytes = calloc(row->n + 1, 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < 8 && i < row->n; i++) {
        bytes[i] = (uint8_t)(row->length >> (8 * i));
    }
    uint64_t before = mem_request_count();
    assert_refused(bytes, row->n, NN_ERR_FORMAT, row->words, row->offset);
    assert_int_equal(mem_request_count(), before); // nothing was taken for a file like this
    free(bytes);
}

static void refuses_too_many_tensors(void **state) {
    (void)state;
    static char header[40000];
    for (int n = 256; n <= 257; n++) {
        size_t used = (size_t)snprintf(header, sizeof header, "{");
        for (int i = 0; i < n; i++) {
            used += (size_t)snprintf(
                header + used, sizeof header - used,
                "%s\"t%d\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}",
                i > 0 ? "," : "", i);
        }
        used += (size_t)snprintf(header + used, sizeof header - used, "}");
        Bytes file = file_of(header, used, 0);
        if (n > NN_TENSORS_MAX) {
            assert_refused(file.bytes, file.n, NN_ERR_FORMAT, "257 tensors", -1);
        } else {
            NnTensorFile *tensors = nn_tensors_parse(file.bytes, file.n, "good", NULL);
            assert_non_null(tensors);
            assert_int_equal(nn_tensors_count(tensors), 256);
            assert_string_equal(nn_tensors_at(tensors, 255)->name, "t255");
            nn_tensors_free(tensors);
        }
        free(file.bytes);
    }
}

static void names_may_have_128_bytes(void **state) {
    (void)state;
    for (int n = 128; n <= 129; n++) {
        char header[300];
        snprintf(header, sizeof header,
                 "{\"%0*d\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", n, 1);
        Bytes file = file_of(header, strlen(header), 4);
        NnTensorFile *tensors = nn_tensors_parse(file.bytes, file.n, "x", NULL);
        assert_int_equal(tensors != NULL, n == 128);
        nn_tensors_free(tensors);
        free(file.bytes);
    }
}

static void refuses_a_file_over_the_limit(void **state) {
    (void)state;
    uint8_t byte = 0;
    NnError err = {0};
    assert_null(
        nn_tensors_parse(&byte, ((size_t)256 << 20) + 1, "x", &err)); // no byte of it is read
    assert_int_equal(err.status, NN_ERR_FORMAT);
    assert_non_null(strstr(err.message, "limit"));
}

// --- types ---------------------------------------------------------------------------------------

static NnTensorFile *one_tensor(const char *dtype, size_t count, const void *data, size_t n,
                                NnError *err) {
    char header[200];
    snprintf(header, sizeof header,
             "{\"a\":{\"dtype\":\"%s\",\"shape\":[%zu],\"data_offsets\":[0,%zu]}}  ", dtype, count,
             n);
    Bytes file = file_of(header, strlen(header), n);
    memcpy(file.bytes + file.n - n, data, n);
    NnTensorFile *tensors = nn_tensors_parse(file.bytes, file.n, "x", err);
    free(file.bytes);
    return tensors;
}

// Value of a half by its definition, in double.
static double half_value(unsigned bits) {
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (bits & 1023) / 1024.0;
    double value = exponent == 0 ? pow(2, -14) * fraction : pow(2, exponent - 15) * (1 + fraction);
    return bits & 0x8000 ? -value : value;
}

static void reads_every_half(void **state) {
    (void)state;
    for (unsigned bits = 0; bits < 65536; bits += 1024) {
        uint16_t halves[1024];
        for (unsigned i = 0; i < 1024; i++) {
            halves[i] = (uint16_t)(bits + i);
        }
        NnError err = {0};
        NnTensorFile *file = one_tensor("F16", 1024, halves, sizeof halves, &err);
        bool infinite = (bits >> 10 & 31) == 31;
        assert_int_equal(file == NULL, infinite);
        if (infinite) {
            assert_non_null(strstr(err.message, "index 0"));
            continue;
        }
        const float *data = nn_tensors_at(file, 0)->data;
        for (unsigned i = 0; i < 1024; i++) {
            assert_true((double)data[i] == half_value(bits + i));
            assert_int_equal(signbit(data[i]) != 0, (bits + i) >> 15);
        }
        nn_tensors_free(file);
    }
}

static void reads_the_other_types(void **state) {
    (void)state;
    const uint16_t brains[] = {0x3F80, 0xC000, 0x0001};
    const double doubles[] = {1.5, -0.1, 1e-300};
    const int64_t integers[] = {3, -7, (1ll << 53) + 1};
    const float singles[] = {0.1f, -0.0f, 1e-42f};
    const struct {
        const char *dtype;
        const void *data;
        size_t n;
        float expected[3];
    } rows[] = {
        {"BF16", brains, sizeof brains, {1.0f, -2.0f, 9.183549615799121e-41f}},
        {"F64", doubles, sizeof doubles, {1.5f, -0.1f, 0.0f}},
        {"I64", integers, sizeof integers, {3.0f, -7.0f, 9007199254740992.0f}},
        {"F32", singles, sizeof singles, {0.1f, -0.0f, 1e-42f}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        NnTensorFile *file = one_tensor(rows[i].dtype, 3, rows[i].data, rows[i].n, NULL);
        assert_non_null(file);
        assert_memory_equal(nn_tensors_at(file, 0)->data, rows[i].expected,
                            sizeof rows[i].expected);
        nn_tensors_free(file);
    }
}

static void refuses_values_that_are_not_finite(void **state) {
    (void)state;
    float singles[] = {1, NAN}, infinite[] = {-INFINITY, 0};
    double large[] = {1, 1e39};
    uint16_t brains[] = {0x7F80, 0};
    NnError err = {0};
    assert_null(one_tensor("F32", 2, singles, sizeof singles, &err));
    assert_int_equal(err.status, NN_ERR_FORMAT);
    assert_non_null(strstr(err.message, "index 1"));
    assert_true(err.offset > 8);
    assert_null(one_tensor("F32", 2, infinite, sizeof infinite, &err));
    assert_null(one_tensor("F64", 2, large, sizeof large, &err));
    assert_null(one_tensor("BF16", 2, brains, sizeof brains, &err));
}

// --- write, read, compare ------------------------------------------------------------------------

static float weights[6] = {0.1f, -2, 3e-40f, -0.0f, 5, 6e30f}, biases[3] = {1, 2, 3}, scalar = 7;

static const NnTensor model[] = {
    {.name = "fc1.weight", .rank = 2, .shape = {3, 2}, .count = 6, .data = weights},
    {.name = "fc1.bias", .rank = 1, .shape = {3}, .count = 3, .data = biases},
    {.name = "nothing", .rank = 3, .shape = {4, 0, 2}, .count = 0, .data = NULL},
    {.name = "scalar", .rank = 0, .count = 1, .data = &scalar},
};
static const NnMetaPair notes[] = {{"recipe", "mlp"},
                                   {"quote", "a \"b\" \\ \n \xE2\x86\x92"},
                                   {"sha256", "of another file"},
                                   {"", ""}};

enum { TENSORS = 4, NOTES = 4 };

static NnStatus write_model(void *path, NnError *err) {
    return nn_tensors_write(path, model, TENSORS, notes, NOTES, err);
}

static void assert_is_model(const NnTensorFile *file) {
    assert_int_equal(nn_tensors_count(file), TENSORS);
    for (size_t i = 0; i < TENSORS; i++) {
        const NnTensor *tensor = nn_tensors_find(file, model[i].name);
        assert_non_null(tensor);
        assert_ptr_equal(tensor, nn_tensors_at(file, i));
        assert_int_equal(tensor->rank, model[i].rank);
        assert_int_equal(tensor->count, model[i].count);
        assert_int_equal((uintptr_t)tensor->data % 64, 0);
        assert_memory_equal(tensor->shape, model[i].shape, (size_t)tensor->rank * sizeof(size_t));
        if (tensor->count > 0) {
            assert_memory_equal(tensor->data, model[i].data, tensor->count * sizeof(float));
        }
    }
    assert_null(nn_tensors_find(file, "fc2.weight"));
}

static void what_is_written_is_read(void **state) {
    (void)state;
    char path[TEMP_PATH];
    NnError err = {0};
    assert_int_equal(write_model(temp_path(path, folder, "a"), &err), NN_OK);
    NnTensorFile *file = nn_tensors_read(path, &err);
    assert_non_null(file);
    assert_is_model(file);
    assert_string_equal(nn_tensors_meta(file, "recipe"), "mlp");
    assert_string_equal(nn_tensors_meta(file, "quote"), notes[1].value);
    assert_string_equal(nn_tensors_meta(file, ""), "");
    assert_null(nn_tensors_meta(file, "none"));
    assert_int_equal(nn_tensors_meta_count(file), 5);
    assert_string_equal(nn_tensors_meta_key(file, 0), "recipe");
    assert_string_equal(nn_tensors_meta_key(file, 2), "");
    assert_string_equal(nn_tensors_meta_key(file, 3), "sha256");
    assert_int_equal(strlen(nn_tensors_meta(file, "sha256")), 64);
    nn_tensors_free(file);
    nn_tensors_free(NULL);
}

static void the_same_gives_the_same_bytes(void **state) {
    (void)state;
    char one[TEMP_PATH], two[TEMP_PATH];
    assert_int_equal(write_model(temp_path(one, folder, "1"), NULL), NN_OK);
    assert_int_equal(write_model(temp_path(two, folder, "2"), NULL), NN_OK);
    size_t n, m;
    uint8_t *a = temp_read(one, &n);
    uint8_t *b = temp_read(two, &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    uint64_t length;
    memcpy(&length, a, 8);
    assert_int_equal((8 + length) % 64, 0); // where the tensors start
    assert_int_equal(n, 8 + length + 10 * sizeof(float));
    free(a);
    free(b);
}

static void a_file_without_tensors_is_fine(void **state) {
    (void)state;
    char path[TEMP_PATH];
    assert_int_equal(nn_tensors_write(temp_path(path, folder, "a"), NULL, 0, NULL, 0, NULL), NN_OK);
    NnTensorFile *file = nn_tensors_read(path, NULL);
    assert_non_null(file);
    assert_int_equal(nn_tensors_count(file), 0);
    assert_int_equal(nn_tensors_meta_count(file), 2);
    nn_tensors_free(file);
    Bytes bare = file_of("{}", 2, 0);
    file = nn_tensors_parse(bare.bytes, bare.n, "bare", NULL);
    assert_non_null(file);
    assert_int_equal(nn_tensors_meta_count(file), 0);
    assert_null(nn_tensors_meta(file, "x"));
    assert_null(nn_tensors_meta_key(file, 0));
    nn_tensors_free(file);
    free(bare.bytes);
}

static void tensors_come_in_the_order_of_their_data(void **state) {
    (void)state;
    const char *header = "{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
                         "\"z\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]},"
                         "\"y\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]},"
                         "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    Bytes bytes = file_of(header, strlen(header), 8);
    NnTensorFile *file = nn_tensors_parse(bytes.bytes, bytes.n, "x", NULL);
    assert_non_null(file);
    static const char *const expected[] = {"a", "z", "y", "b"};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(nn_tensors_at(file, i)->name, expected[i]);
    }
    nn_tensors_free(file);
    free(bytes.bytes);
}

typedef struct {
    const char *name;
    NnTensor tensor;
    NnStatus status;
} BadTensor;

static float not_a_number[2] = {1, NAN};
static float infinite[2] = {INFINITY, 1};

static BadTensor bad_tensors[] = {
    {"writing NaN",
     {.name = "a", .rank = 1, .shape = {2}, .count = 2, .data = not_a_number},
     NN_ERR_NUMERIC},
    {"writing infinity",
     {.name = "a", .rank = 1, .shape = {2}, .count = 2, .data = infinite},
     NN_ERR_NUMERIC},
    {"writing without a name", {.name = "", .count = 1, .data = &scalar}, NN_ERR_USAGE},
    {"writing a name that is not printable",
     {.name = "a\n", .count = 1, .data = &scalar},
     NN_ERR_USAGE},
    {"writing the name of the metadata",
     {.name = "__metadata__", .count = 1, .data = &scalar},
     NN_ERR_USAGE},
    {"writing rank 5", {.name = "a", .rank = 5, .count = 1, .data = &scalar}, NN_ERR_USAGE},
    {"writing rank -1", {.name = "a", .rank = -1, .count = 1, .data = &scalar}, NN_ERR_USAGE},
    {"writing a dimension too large",
     {.name = "a", .rank = 1, .shape = {1 << 25}, .count = 1 << 25},
     NN_ERR_USAGE},
    {"writing a product too large",
     {.name = "a", .rank = 3, .shape = {1 << 20, 1 << 20, 1 << 20}},
     NN_ERR_USAGE},
    {"writing a count that is not the product",
     {.name = "a", .rank = 1, .shape = {2}, .count = 1, .data = &scalar},
     NN_ERR_USAGE},
};

static void refuses_to_write_it(void **state) {
    const BadTensor *row = *state;
    char path[TEMP_PATH];
    NnError err = {0};
    assert_int_equal(nn_tensors_write(temp_path(path, folder, "a"), &row->tensor, 1, NULL, 0, &err),
                     row->status);
    assert_int_equal(err.status, row->status);
    assert_int_equal(temp_count(folder), 0);
}

static void refuses_to_write_what_it_could_not_read(void **state) {
    (void)state;
    char path[TEMP_PATH];
    temp_path(path, folder, "a");
    const NnTensor twice[] = {model[3], model[3]};
    assert_int_equal(nn_tensors_write(path, twice, 2, NULL, 0, NULL), NN_ERR_USAGE);
    static NnTensor many[257];
    for (int i = 0; i < 257; i++) {
        many[i] = model[3];
        snprintf(many[i].name, sizeof many[i].name, "t%d", i);
    }
    assert_int_equal(nn_tensors_write(path, many, 257, NULL, 0, NULL), NN_ERR_USAGE);
    assert_int_equal(nn_tensors_write(path, many, 256, NULL, 0, NULL), NN_OK);
    const NnMetaPair invalid[] = {{"key", "\xFF"}};
    assert_int_equal(nn_tensors_write(path, model, 1, invalid, 1, NULL), NN_ERR_USAGE);
    const NnMetaPair invalid_key[] = {{"\xC3", "value"}};
    assert_int_equal(nn_tensors_write(path, model, 1, invalid_key, 1, NULL), NN_ERR_USAGE);
    static char text[(1 << 20) + 1];
    memset(text, 'x', sizeof text - 1);
    const NnMetaPair endless[] = {{"key", text}};
    assert_int_equal(nn_tensors_write(path, model, 1, endless, 1, NULL), NN_ERR_USAGE);
    // Two tensors that fit alone but not together.
    size_t count = (size_t)33 << 20;
    float *large = calloc(count, sizeof *large);
    assert_non_null(large);
    const NnTensor heavy[] = {
        {.name = "a", .rank = 2, .shape = {33, 1 << 20}, .count = count, .data = large},
        {.name = "b", .rank = 2, .shape = {33, 1 << 20}, .count = count, .data = large}};
    assert_int_equal(nn_tensors_write(path, heavy, 2, NULL, 0, NULL), NN_ERR_USAGE);
    free(large);
}

// --- damage --------------------------------------------------------------------------------------

static Bytes good_file(void) {
    char path[TEMP_PATH];
    assert_int_equal(write_model(temp_path(path, folder, "good"), NULL), NN_OK);
    Bytes file;
    file.bytes = temp_read(path, &file.n);
    return file;
}

static void every_prefix_is_refused(void **state) {
    (void)state;
    Bytes good = good_file();
    for (size_t n = 0; n < good.n; n++) {
        uint8_t *cut =
            malloc(n > 0 ? n : 1); // exact, so that a sanitizer sees the first byte too far
        assert_non_null(cut);
        memcpy(cut, good.bytes, n);
        NnError err = {0};
        assert_null(nn_tensors_parse(cut, n, "cut", &err));
        assert_int_equal(err.status, NN_ERR_FORMAT);
        free(cut);
    }
    free(good.bytes);
}

static void every_flipped_bit_is_noticed(void **state) {
    (void)state;
    Bytes good = good_file();
    size_t accepted = 0;
    for (size_t bit = 0; bit < 8 * good.n; bit++) {
        good.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        NnError err = {0};
        NnTensorFile *file = nn_tensors_parse(good.bytes, good.n, "flipped", &err);
        if (file != NULL) {
            // The flip made one checksum's name another name; all else is checked or covered by the
            // other.
            assert_is_model(file);
            bool header = nn_tensors_meta(file, "header_sha256") != NULL;
            bool data = nn_tensors_meta(file, "sha256") != NULL;
            assert_true(data && !header);
            assert_string_equal(nn_tensors_meta(file, "recipe"), "mlp");
            accepted++;
            nn_tensors_free(file);
        } else {
            assert_int_equal(err.status, NN_ERR_FORMAT);
        }
        good.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_in_range(accepted, 1, 8 * strlen("header_sha256"));
    free(good.bytes);
}

static void flips_in_large_data_are_all_caught(void **state) {
    (void)state;
    enum { COUNT = 4000, FLIPS = 3000 };
    static float values[COUNT];
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    for (int i = 0; i < COUNT; i++) {
        values[i] = rng_normal(&rng);
    }
    const NnTensor tensor = {
        .name = "w", .rank = 1, .shape = {COUNT}, .count = COUNT, .data = values};
    char path[TEMP_PATH];
    assert_int_equal(nn_tensors_write(temp_path(path, folder, "a"), &tensor, 1, NULL, 0, NULL),
                     NN_OK);
    size_t n = 0;
    uint8_t *bytes = temp_read(path, &n);
    size_t start = n - sizeof values;
    for (int i = 0; i < FLIPS; i++) {
        size_t at = start + rng_below(&rng, sizeof values);
        uint8_t mask = (uint8_t)(1u << rng_below(&rng, 8));
        bytes[at] ^= mask;
        NnError err = {0};
        assert_null(nn_tensors_parse(bytes, n, "flipped", &err));
        assert_non_null(strstr(err.message, "checksum"));
        assert_true(err.hint[0] != '\0');
        bytes[at] ^= mask;
    }
    NnTensorFile *file = nn_tensors_parse(bytes, n, "whole", NULL);
    assert_non_null(file);
    nn_tensors_free(file);
    free(bytes);
}

// --- faults --------------------------------------------------------------------------------------

static NnStatus read_model(void *path, NnError *err) {
    NnError own;
    err = err != NULL ? err : &own;
    NnTensorFile *file = nn_tensors_read(path, err);
    if (file == NULL) {
        return err->status;
    }
    assert_is_model(file);
    nn_tensors_free(file);
    return NN_OK;
}

static void reading_survives_every_fault(void **state) {
    (void)state;
    char path[TEMP_PATH];
    assert_int_equal(write_model(temp_path(path, folder, "a"), NULL), NN_OK);
    assert_true(fault_each_allocation(read_model, NULL, path) > 100);
    assert_int_equal(fault_each_call(read_model, NULL, path, EIO), 3);
    assert_int_equal(fault_trickle(read_model, path, NULL), NN_OK);
    NnError err = {0};
    assert_null(nn_tensors_read(temp_path(path, folder, "none"), &err));
    assert_int_equal(err.status, NN_ERR_NOT_FOUND);
}

static void old_or_new_is_readable(void *path, NnStatus status) {
    NnError err = {0};
    NnTensorFile *file = nn_tensors_read(path, &err);
    if (file == NULL) {
        fail_msg("status %d: %s", status, err.message);
    }
    assert_true(nn_tensors_count(file) == (status == NN_OK ? TENSORS : 0) ||
                nn_tensors_count(file) == TENSORS);
    nn_tensors_free(file);
    assert_int_equal(nn_tensors_write(path, NULL, 0, NULL, 0, NULL), NN_OK);
}

static void writing_survives_every_fault(void **state) {
    (void)state;
    static const int causes[] = {ENOSPC, EIO, EDQUOT, EACCES};
    char path[TEMP_PATH];
    assert_int_equal(nn_tensors_write(temp_path(path, folder, "a"), NULL, 0, NULL, 0, NULL), NN_OK);
    assert_true(fault_each_allocation(write_model, old_or_new_is_readable, path) > 100);
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        assert_true(fault_each_call(write_model, old_or_new_is_readable, path, causes[i]) >= 8);
    }
    assert_int_equal(temp_count(folder), 1);
    assert_int_equal(fault_trickle(write_model, path, NULL), NN_OK);
    old_or_new_is_readable(path, NN_OK);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest fixed[] = {
        CASE(refuses_too_many_tensors),
        CASE(names_may_have_128_bytes),
        CASE(refuses_a_file_over_the_limit),
        CASE(reads_every_half),
        CASE(reads_the_other_types),
        CASE(refuses_values_that_are_not_finite),
        CASE(what_is_written_is_read),
        CASE(the_same_gives_the_same_bytes),
        CASE(a_file_without_tensors_is_fine),
        CASE(tensors_come_in_the_order_of_their_data),
        CASE(refuses_to_write_what_it_could_not_read),
        CASE(every_prefix_is_refused),
        CASE(every_flipped_bit_is_noticed),
        CASE(flips_in_large_data_are_all_caught),
        CASE(reading_survives_every_fault),
        CASE(writing_survives_every_fault),
    };
    enum {
        HEADERS = sizeof bad_headers / sizeof bad_headers[0],
        FRAMES = sizeof bad_frames / sizeof bad_frames[0],
        WRITES = sizeof bad_tensors / sizeof bad_tensors[0],
        FIXED = sizeof fixed / sizeof fixed[0],
    };
    struct CMUnitTest tests[HEADERS + FRAMES + WRITES + FIXED];
    size_t n = 0;
    for (size_t i = 0; i < HEADERS; i++) {
        tests[n++] = (struct CMUnitTest){bad_headers[i].name, refuses_a_bad_header, NULL, NULL,
                                         &bad_headers[i]};
    }
    for (size_t i = 0; i < FRAMES; i++) {
        tests[n++] = (struct CMUnitTest){bad_frames[i].name, refuses_a_bad_frame, NULL, NULL,
                                         &bad_frames[i]};
    }
    for (size_t i = 0; i < WRITES; i++) {
        tests[n++] = (struct CMUnitTest){bad_tensors[i].name, refuses_to_write_it, set_up,
                                         tear_down, &bad_tensors[i]};
    }
    memcpy(tests + n, fixed, sizeof fixed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
