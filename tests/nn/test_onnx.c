// ONNX files: what is written reads back, and files of strangers are refused with a place and a
// cause. That other engines answer the same is tested by test_onnx.py.

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "base/wire.h"
#include "nn/block_net.h"
#include "nn/onnx.h"
#include "nn/reference_spatial.h"
#include "support/faults.h"
#include "support/temp.h"

static char folder[TEMP_PATH], path[TEMP_PATH];

static int set_up(void **state) {
    (void)state;
    temp_folder(folder);
    temp_path(path, folder, "net.onnx");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temp_remove(folder);
    return 0;
}

static NnModel *block_model(void) {
    NnArch arch = block_net();
    arch.input_mean = 0.25f;
    arch.input_sd = 0.5f;
    arch.temperature = 1.5f;
    assert_int_equal(nn_arch_infer(&arch, NULL), NN_OK);
    NnModel *model = nn_model_new(&arch, NULL);
    assert_non_null(model);
    ref_randomise_all(model, 3);
    return model;
}

static int count_of(const NnOnnxInfo *info, const char *op) {
    for (int i = 0; i < info->n_ops; i++) {
        if (strcmp(info->ops[i].op, op) == 0) {
            return info->ops[i].count;
        }
    }
    return 0;
}

static const NnOnnxTensor *weights_called(const NnOnnxInfo *info, const char *name) {
    for (int i = 0; i < info->n_weights; i++) {
        if (strcmp(info->weights[i].name, name) == 0) {
            return &info->weights[i];
        }
    }
    fail_msg("no tensor %s", name);
    return NULL;
}

static void a_network_is_described_as_it_was_written(void **state) {
    (void)state;
    NnModel *model = block_model();
    assert_int_equal(nn_model_export_onnx(model, path, NULL), NN_OK);
    NnOnnxInfo *info = nn_onnx_read(path, NULL);
    assert_non_null(info);
    assert_int_equal(info->ir_version, 7);
    assert_int_equal(info->opset, 13);
    assert_string_equal(info->producer, "inkling");
    assert_string_equal(info->graph, "block");
    assert_true(info->n_inputs == 1 && info->n_outputs == 1);
    assert_string_equal(info->inputs[0].name, "pixels");
    static const int64_t in[] = {-1, 1, 28, 28}, out[] = {-1, 10};
    assert_int_equal(info->inputs[0].rank, 4);
    assert_memory_equal(info->inputs[0].dims, in, sizeof in);
    assert_string_equal(info->outputs[0].name, "probabilities");
    assert_int_equal(info->outputs[0].rank, 2);
    assert_memory_equal(info->outputs[0].dims, out, sizeof out);
    static const struct {
        const char *op;
        int count;
    } wanted[] = {{"Conv", 3},    {"BatchNormalization", 3},
                  {"Relu", 2},    {"MaxPool", 1},
                  {"Add", 1},     {"Flatten", 1},
                  {"Gemm", 2},    {"Tanh", 1},
                  {"Sub", 1},     {"Div", 2},
                  {"Softmax", 1}, {"Reshape", 0}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (count_of(info, wanted[i].op) != wanted[i].count) {
            fail_msg("%d of %s, not %d", count_of(info, wanted[i].op), wanted[i].op,
                     wanted[i].count);
        }
    }
    const NnOnnxTensor *conv = weights_called(info, "conv2.weight");
    static const int64_t shape[] = {6, 4, 3, 3};
    assert_int_equal(conv->rank, 4);
    assert_memory_equal(conv->dims, shape, sizeof shape);
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(model, places), values = 3; // mean, sd and temperature
    for (size_t i = 0; i < n; i++) {
        values += places[i].count;
    }
    assert_int_equal(info->parameters, values);
    mem_free(info);
    nn_model_free(model);
}

static void the_notes_of_a_weight_file_go_along(void **state) {
    (void)state;
    char weights[TEMP_PATH], sha256[65];
    NnModel *model = block_model();
    const NnNote note = {"recipe", "block"};
    assert_int_equal(
        nn_model_save(model, temp_path(weights, folder, "w.safetensors"), &note, 1, NULL), NN_OK);
    nn_model_free(model);
    model = nn_model_load(weights, NULL);
    assert_non_null(model);
    nn_model_sha256(model, sha256);
    assert_int_equal(nn_model_export_onnx(model, path, NULL), NN_OK);
    NnOnnxInfo *info = nn_onnx_read(path, NULL);
    assert_non_null(info);
    bool recipe = false, sum = false;
    for (int i = 0; i < info->n_notes; i++) {
        const NnOnnxNote *got = &info->notes[i];
        recipe = recipe || (strcmp(got->key, "recipe") == 0 && strcmp(got->value, "block") == 0);
        sum = sum || (strcmp(got->key, "weights_sha256") == 0 && strcmp(got->value, sha256) == 0);
        assert_string_not_equal(got->key, "architecture"); // the graph says it
    }
    assert_true(recipe && sum);
    mem_free(info);
    nn_model_free(model);
}

static void the_same_network_gives_the_same_bytes(void **state) {
    (void)state;
    char other[TEMP_PATH];
    size_t n, m;
    NnModel *model = block_model();
    assert_int_equal(nn_model_export_onnx(model, path, NULL), NN_OK);
    assert_int_equal(nn_model_export_onnx(model, temp_path(other, folder, "other"), NULL), NN_OK);
    uint8_t *a = temp_read(path, &n), *b = temp_read(other, &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    free(a);
    free(b);
    nn_model_free(model);
}

static void a_weight_that_is_no_number_is_refused(void **state) {
    (void)state;
    char gone[TEMP_PATH];
    NnModel *model = block_model();
    nn_model_params(model)[nn_model_weight_offset(model, 8)] = NAN;
    NnError err = {0};
    assert_int_equal(nn_model_export_onnx(model, temp_path(gone, folder, "nan.onnx"), &err),
                     NN_ERR_NUMERIC);
    assert_non_null(strstr(err.message, "fc1.weight"));
    assert_null(nn_onnx_read(gone, NULL)); // nothing was written
    nn_model_free(model);
}

// --- files of strangers --------------------------------------------------------------------------

static void put_graph(Wire *w) {
    size_t graph = wire_begin(w), node = wire_begin(w);
    wire_text(w, 4, "Relu");
    wire_end(w, 1, node);
    wire_end(w, 7, graph);
}

static void as_bytes(Wire *w, unsigned field, const char *bytes, size_t n) {
    wire_int(w, 1, 7);
    put_graph(w);
    wire_bytes(w, field, bytes, n);
}

static void write_nothing(Wire *w) {
    (void)w;
}
static void write_no_graph(Wire *w) {
    wire_int(w, 1, 7);
}
static void write_no_version(Wire *w) {
    put_graph(w);
}
static void write_text_version(Wire *w) {
    wire_text(w, 1, "seven");
    put_graph(w);
}
static void write_number_graph(Wire *w) {
    wire_int(w, 1, 7);
    wire_int(w, 7, 3);
}
static void write_bad_graph(Wire *w) {
    as_bytes(w, 7, "\x0A\x05x", 3);
}
static void write_bad_node(Wire *w) {
    as_bytes(w, 7, "\x0A\x02\x22\x09", 4);
}
static void write_bad_tensor(Wire *w) {
    as_bytes(w, 7, "\x2A\x01\x0F", 3);
}
static void write_bad_input(Wire *w) {
    as_bytes(w, 7, "\x5A\x01\x0F", 3);
}
static void write_bad_output(Wire *w) {
    as_bytes(w, 7, "\x62\x01\x0F", 3);
}
static void write_bad_opset(Wire *w) {
    as_bytes(w, 8, "\x0F", 1);
}
static void write_bad_note(Wire *w) {
    as_bytes(w, 14, "\x0F", 1);
}

typedef struct {
    const char *name;
    void (*write)(Wire *w);
    int64_t offset; // -1: none
    const char *words;
} BadFile;

static BadFile bad_files[] = {
    {"the file is empty", write_nothing, -1, "no graph"},
    {"there is no graph", write_no_graph, -1, "no graph"},
    {"there is no version", write_no_version, -1, "no graph"},
    {"the version is a text", write_text_version, 0, "byte 0"},
    {"the graph is a number", write_number_graph, 2, "byte 2"},
    {"the graph is cut", write_bad_graph, 12, "byte 12"},
    {"a node is cut", write_bad_node, 12, "byte 12"},
    {"a tensor is none", write_bad_tensor, 12, "byte 12"},
    {"an input is none", write_bad_input, 12, "byte 12"},
    {"an output is none", write_bad_output, 12, "byte 12"},
    {"an operator set is none", write_bad_opset, 12, "byte 12"},
    {"a note is none", write_bad_note, 12, "byte 12"},
};

static void run_bad_file(void **state) {
    const BadFile *row = *state;
    Wire w = {0};
    row->write(&w);
    NnError err = {0};
    assert_null(nn_onnx_parse(w.bytes, w.n, "strange.onnx", &err));
    assert_int_equal(err.status, NN_ERR_FORMAT);
    assert_int_equal(err.offset, row->offset);
    assert_non_null(strstr(err.message, "strange.onnx: "));
    assert_non_null(strstr(err.message, row->words));
    wire_release(&w);
}

static void every_prefix_is_read_or_refused(void **state) {
    (void)state;
    NnModel *model = block_model();
    assert_int_equal(nn_model_export_onnx(model, path, NULL), NN_OK);
    size_t n;
    uint8_t *bytes = temp_read(path, &n);
    size_t read = 0;
    for (size_t k = 0; k < n; k++) {
        uint8_t *part = mem_new(k, 1); // of its own size, so that a byte too far is seen
        memcpy(part, bytes, k);
        NnError err = {0};
        NnOnnxInfo *info = nn_onnx_parse(part, k, path, &err);
        assert_true((info == NULL) == (err.status == NN_ERR_FORMAT));
        read += info != NULL;
        mem_free(info);
        mem_free(part);
    }
    assert_int_equal(read, 2); // without operator set, and without notes: fields are optional
    free(bytes);
    nn_model_free(model);
}

static void flipped_bits_never_lead_outside(void **state) {
    (void)state;
    NnModel *model = block_model();
    assert_int_equal(nn_model_export_onnx(model, path, NULL), NN_OK);
    size_t n;
    uint8_t *bytes = temp_read(path, &n);
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    for (int i = 0; i < 4000; i++) {
        size_t at = rng_below(&rng, (uint32_t)n);
        uint8_t bit = (uint8_t)(1 << rng_below(&rng, 8));
        bytes[at] ^= bit;
        mem_free(nn_onnx_parse(bytes, n, path, NULL));
        bytes[at] ^= bit;
    }
    free(bytes);
    nn_model_free(model);
}

static NnStatus export(void *user, NnError *err) {
    return nn_model_export_onnx(user, path, err);
}

static void every_failed_request_and_call_is_an_error(void **state) {
    (void)state;
    NnModel *model = block_model();
    assert_true(fault_each_allocation(export, NULL, model) > 0);
    assert_true(fault_each_call(export, NULL, model, 28 /* ENOSPC */) > 0);
    nn_model_free(model);
}

int main(void) {
    struct CMUnitTest tests[32] = {
        cmocka_unit_test(a_network_is_described_as_it_was_written),
        cmocka_unit_test(the_notes_of_a_weight_file_go_along),
        cmocka_unit_test(the_same_network_gives_the_same_bytes),
        cmocka_unit_test(a_weight_that_is_no_number_is_refused),
        cmocka_unit_test(every_prefix_is_read_or_refused),
        cmocka_unit_test(flipped_bits_never_lead_outside),
        cmocka_unit_test(every_failed_request_and_call_is_an_error),
    };
    size_t n = 7;
    for (size_t i = 0; i < sizeof bad_files / sizeof bad_files[0]; i++) {
        tests[n++] =
            (struct CMUnitTest){bad_files[i].name, run_bad_file, NULL, NULL, &bad_files[i]};
    }
    return _cmocka_run_group_tests("onnx", tests, n, set_up, tear_down);
}
