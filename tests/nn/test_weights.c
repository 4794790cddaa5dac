// Weight files: written and read back, foreign names put in order, and every mismatch named.

#define _DEFAULT_SOURCE // mkdtemp
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "nn/block_net.h"
#include "nn/reference_spatial.h"
#include "nn/safetensors.h"
#include "support/near.h"

static char folder[] = "/tmp/inkling-weights-XXXXXX";
static char path[64];

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

// --- our own files -------------------------------------------------------------------------------

static void a_convolutional_model_reads_back_the_same(void **state) {
    (void)state;
    NnArch arch = block_net();
    arch.layers[1].dropout = 0.25f;
    NnError err = {0};
    assert_int_equal(nn_arch_infer(&arch, &err), NN_OK);
    NnModel *model = nn_model_new(&arch, &err);
    assert_non_null(model);
    ref_randomise_all(model, 3);
    assert_int_equal(nn_model_save(model, path, NULL, 0, &err), NN_OK);
    NnModel *back = nn_model_load(path, &err);
    if (back == NULL) {
        fail_msg("%s", err.message);
    }
    for (int i = 0; i < arch.n_layers; i++) {
        assert_memory_equal(&nn_model_arch(back)->layers[i], &arch.layers[i],
                            sizeof arch.layers[i]);
    }
    char before[65], after[65];
    nn_model_sha256(model, before);
    nn_model_sha256(back, after);
    assert_string_equal(before, after);
    assert_memory_equal(nn_model_params(model), nn_model_params(back),
                        nn_model_block_count(model) * sizeof(float));
    nn_model_free(back);
    nn_model_free(model);
}

static void a_model_reads_back_the_same(void **state) {
    (void)state;
    NnArch arch = ref_arch((const int[]){33, 33, 20}, 3, NN_ACT_SWISH, true, 0);
    arch.layers[0].activation = NN_ACT_LEAKY_RELU;
    arch.layers[1].dropout = 0.3f;
    arch.layers[2].dropout = 0.123456789f;
    arch.input_mean = 0.1307f;
    arch.input_sd = 0.3081f;
    arch.temperature = 1.2345678f;
    arch.threshold = 0.1f;
    NnError err = {0};
    NnModel *model = nn_model_new(&arch, &err);
    ref_randomise(model, 1);
    const NnNote notes[] = {{"recipe", "mlp-33"}, {"accuracy", "98.5 % \xc2\xb1 0.1"}};
    assert_int_equal(nn_model_save(model, path, notes, 2, &err), NN_OK);

    NnModel *back = nn_model_load(path, &err);
    if (back == NULL) {
        fail_msg("%s", err.message);
    }
    const NnArch *got = nn_model_arch(back);
    assert_string_equal(got->name, arch.name);
    assert_int_equal(got->n_layers, arch.n_layers);
    for (int i = 0; i < arch.n_layers; i++) {
        const NnLayer *a = &got->layers[i], *b = &arch.layers[i];
        assert_true(a->kind == b->kind && a->n_in == b->n_in && a->n_out == b->n_out);
        assert_true(a->activation == b->activation && a->residual == b->residual);
        assert_true(a->dropout == b->dropout);
    }
    assert_true(got->input_mean == arch.input_mean && got->input_sd == arch.input_sd);
    assert_true(got->temperature == arch.temperature && got->threshold == arch.threshold);
    char before[65], after[65];
    nn_model_sha256(model, before);
    nn_model_sha256(back, after);
    assert_string_equal(before, after);
    assert_string_equal(nn_model_note(back, "recipe"), "mlp-33");
    assert_string_equal(nn_model_note(back, "accuracy"), "98.5 % \xc2\xb1 0.1");
    assert_non_null(strstr(nn_model_note(back, "program"), "inkling "));
    assert_null(nn_model_note(back, "seed"));

    NnModel *copy = nn_model_copy(back, &err);
    assert_string_equal(nn_model_note(copy, "recipe"), "mlp-33");
    nn_model_free(copy);
    nn_model_free(back);
    nn_model_free(model);
}

static void the_file_has_pytorch_names_and_shapes(void **state) {
    (void)state;
    NnArch arch = ref_arch((const int[]){12}, 1, NN_ACT_RELU, false, 0);
    NnModel *model = nn_model_new(&arch, NULL);
    assert_int_equal(nn_model_save(model, path, NULL, 0, NULL), NN_OK);
    NnTensorFile *file = nn_tensors_read(path, NULL);
    assert_non_null(file);
    assert_int_equal(nn_tensors_count(file), 4);
    const NnTensor *weight = nn_tensors_find(file, "fc1.weight");
    assert_true(weight != NULL && weight->rank == 2 && weight->shape[0] == 12 &&
                weight->shape[1] == 784);
    const NnTensor *bias = nn_tensors_find(file, "fc2.bias");
    assert_true(bias != NULL && bias->rank == 1 && bias->shape[0] == 10);
    assert_string_equal(nn_tensors_meta(file, "format"), "pt");
    assert_string_equal(nn_tensors_meta(file, "architecture"),
                        "{\"name\":\"test\",\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":12,"
                        "\"activation\":\"relu\"},{\"kind\":\"dense\",\"in\":12,\"out\":10,"
                        "\"activation\":\"none\"}]}");
    nn_tensors_free(file);
    nn_model_free(model);
}

static void notes_may_not_pose_as_the_description(void **state) {
    (void)state;
    NnArch arch = ref_arch(NULL, 0, NN_ACT_NONE, false, 0);
    NnModel *model = nn_model_new(&arch, NULL);
    static const char *const keys[] = {"architecture", "activation", "format", "temperature"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        NnError err = {0};
        NnNote note = {keys[i], "1"};
        assert_int_equal(nn_model_save(model, path, &note, 1, &err), NN_ERR_USAGE);
        assert_non_null(strstr(err.message, keys[i]));
    }
    nn_model_free(model);
}

static void a_weight_that_is_no_number_is_not_saved(void **state) {
    (void)state;
    NnArch arch = ref_arch(NULL, 0, NN_ACT_NONE, false, 0);
    NnModel *model = nn_model_new(&arch, NULL);
    nn_model_params(model)[77] = NAN;
    NnError err = {0};
    assert_int_equal(nn_model_save(model, path, NULL, 0, &err), NN_ERR_NUMERIC);
    nn_model_free(model);
}

// --- files of others -----------------------------------------------------------------------------

enum { TENSORS_MAX = 12 };

// A tensor to be written; every element of it is `fill`, so that it can be recognised afterwards.
typedef struct {
    const char *name;
    size_t rows, columns; // columns 0: a vector
    float fill;
} Planned;

typedef struct {
    const char *name;
    Planned tensors[TENSORS_MAX];
    NnMetaPair meta[3];
    // What is expected: the fill of each layer's weight in order, ending with 0; or a status and a
    // part of its message.
    float order[6];
    NnStatus status;
    const char *says;
} FileCase;

static const char good_description[] =
    "{\"name\":\"x\",\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":128,\"activation\":"
    "\"relu\"},"
    "{\"kind\":\"dense\",\"in\":128,\"out\":10,\"activation\":\"none\"}]}";

#define CONV_LAYER                                                                                 \
    "{\"layers\":[{\"kind\":\"conv\",\"in\":784,\"out\":392,\"activation\":\"relu\",\"channels\":" \
    "2,"                                                                                           \
    "\"kernel\":3,\"stride\":2,\"padding\":1},{\"kind\":\"flatten\",\"in\":392,\"out\":392,"       \
    "\"activation\":\"none\"}"
#define LAST_LAYER "{\"kind\":\"dense\",\"in\":392,\"out\":10,\"activation\":\"none\"}]}"
#define DESCRIBED(json) .meta = {{"architecture", json}}
#define TWO_LAYERS                                                                                 \
    {"fc1.weight", 128, 784, 1}, {"fc1.bias", 128, 0, 0}, {"fc2.weight", 10, 128, 2}, {            \
        "fc2.bias", 10, 0, 0                                                                       \
    }

static FileCase cases[] = {
    {"nn.Sequential",
     {{"0.weight", 30, 784, 1},
      {"0.bias", 30, 0, 0},
      {"2.weight", 10, 30, 2},
      {"2.bias", 10, 0, 0}},
     .meta = {{"format", "pt"}},
     .order = {1, 2}},
    {"attributes of a module",
     {{"net.fc1.weight", 30, 784, 1},
      {"net.fc1.bias", 30, 0, 0},
      {"net.fc2.weight", 10, 30, 2},
      {"net.fc2.bias", 10, 0, 0}},
     .order = {1, 2}},
    {"a lone Linear", {{"weight", 10, 784, 1}, {"bias", 10, 0, 0}}, .order = {1}},
    {"fc10 comes after fc2 though text sorts otherwise",
     {{"fc10.weight", 20, 20, 3},
      {"fc10.bias", 20, 0, 0},
      {"fc2.weight", 20, 20, 2},
      {"fc2.bias", 20, 0, 0},
      {"fc1.weight", 20, 784, 1},
      {"fc1.bias", 20, 0, 0},
      {"fc11.weight", 10, 20, 4},
      {"fc11.bias", 10, 0, 0}},
     .order = {1, 2, 3, 4}},
    {"names against the order, file with it",
     {{"in.weight", 20, 784, 1}, {"hidden.weight", 30, 20, 2}, {"classes.weight", 10, 30, 3}},
     .order = {1, 2, 3}},
    {"neither names nor file in order",
     {{"hidden_a.weight", 20, 20, 2},
      {"hidden_b.weight", 20, 20, 3},
      {"classes.weight", 10, 20, 4},
      {"in.weight", 20, 784, 1}},
     .order = {1, 2, 3, 4}},
    {"a wrong turn has to be taken back",
     {{"a.weight", 10, 20, 4},
      {"b.weight", 30, 20, 2},
      {"c.weight", 20, 30, 3},
      {"d.weight", 20, 784, 1}},
     .order = {1, 2, 3, 4}},
    {"layers without bias", {{"0.weight", 30, 784, 1}, {"2.weight", 10, 30, 2}}, .order = {1, 2}},
    {"hidden activation from the metadata",
     {{"0.weight", 30, 784, 1}, {"2.weight", 10, 30, 2}},
     .meta = {{"activation", "tanh"}, {"input_mean", "0.5"}, {"input_sd", "2"}},
     .order = {1, 2}},
    {"described", {TWO_LAYERS}, DESCRIBED(good_description), .order = {1, 2}},

    {"first layer too narrow",
     {{"fc1.weight", 128, 783, 1},
      {"fc1.bias", 128, 0, 0},
      {"fc2.weight", 10, 128, 2},
      {"fc2.bias", 10, 0, 0}},
     .status = NN_ERR_SHAPE,
     .says = "model.safetensors: tensor fc1.weight has shape [128,783], model needs [128,784]"},
    {"layers that do not meet",
     {{"fc1.weight", 128, 784, 1}, {"fc2.weight", 10, 64, 2}},
     .status = NN_ERR_SHAPE,
     .says = "tensor fc2.weight has shape [10,64], model needs [10,128] after fc1.weight"},
    {"twelve classes",
     {{"fc1.weight", 128, 784, 1}, {"fc2.weight", 12, 128, 2}},
     .status = NN_ERR_SHAPE,
     .says = "tensor fc2.weight has shape [12,128], model needs [10,128]"},
    {"bias of another length",
     {{"fc1.weight", 128, 784, 1}, {"fc1.bias", 127, 0, 0}, {"fc2.weight", 10, 128, 2}},
     .status = NN_ERR_SHAPE,
     .says = "tensor fc1.bias has shape [127], model needs [128]"},
    {"a bias alone",
     {{"fc1.weight", 10, 784, 1}, {"fc9.bias", 10, 0, 0}},
     .status = NN_ERR_SHAPE,
     .says = "tensor fc9.bias of shape [10] is no part of a dense layer"},
    {"something else",
     {{"fc1.weight", 10, 784, 1}, {"running_mean", 10, 0, 0}},
     .status = NN_ERR_SHAPE,
     .says = "tensor running_mean"},
    {"an unknown hidden activation",
     {{"fc1.weight", 10, 784, 1}},
     .meta = {{"activation", "mish"}},
     .status = NN_ERR_FORMAT,
     .says = "activation \"mish\""},
    {"a mean that is no number",
     {{"fc1.weight", 10, 784, 1}},
     .meta = {{"input_mean", "a lot"}},
     .status = NN_ERR_FORMAT,
     .says = "\"input_mean\" in its metadata is \"a lot\", not a number"},
    {"a negative temperature",
     {{"fc1.weight", 10, 784, 1}},
     .meta = {{"temperature", "-2"}},
     .status = NN_ERR_SHAPE,
     .says = "temperature -2"},

    {"described, first layer too narrow",
     {{"fc1.weight", 128, 783, 1},
      {"fc1.bias", 128, 0, 0},
      {"fc2.weight", 10, 128, 2},
      {"fc2.bias", 10, 0, 0}},
     DESCRIBED(good_description),
     .status = NN_ERR_SHAPE,
     .says = "tensor fc1.weight has shape [128,783], model needs [128,784]"},
    {"described, bias missing",
     {{"fc1.weight", 128, 784, 1}, {"fc1.bias", 128, 0, 0}, {"fc2.weight", 10, 128, 2}},
     DESCRIBED(good_description),
     .status = NN_ERR_SHAPE,
     .says = "it has no tensor fc2.bias, which its architecture needs"},
    {"described, one tensor too many",
     {TWO_LAYERS, {"fc3.weight", 10, 10, 3}},
     DESCRIBED(good_description),
     .status = NN_ERR_SHAPE,
     .says = "it has 5 tensors, but its architecture needs 4"},
    {"described, bias as a matrix",
     {{"fc1.weight", 128, 784, 1},
      {"fc1.bias", 128, 1, 0},
      {"fc2.weight", 10, 128, 2},
      {"fc2.bias", 10, 0, 0}},
     DESCRIBED(good_description),
     .status = NN_ERR_SHAPE,
     .says = "tensor fc1.bias has shape [128,1], model needs [128]"},
    {"description is no JSON",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\": ["),
     .status = NN_ERR_FORMAT,
     .says = "the architecture in its metadata"},
    {"description without layers",
     {TWO_LAYERS},
     DESCRIBED("{\"name\":\"x\"}"),
     .status = NN_ERR_FORMAT,
     .says = "layers"},
    {"layers that are no list",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":7}"),
     .status = NN_ERR_FORMAT,
     .says = "must list 1 to 32 layers"},
    {"a list of no layers",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[]}"),
     .status = NN_ERR_FORMAT,
     .says = "must list 1 to 32 layers"},
    {"a key of the future",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":10,\"activation\":\"none\","
               "\"bits\":4}]}"),
     .status = NN_ERR_FORMAT,
     .says = "layer 1 of the architecture in its metadata has the unknown key \"bits\""},
    {"an unknown kind of layer",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"lstm\",\"in\":784,\"out\":10,\"activation\":\"none\"}]}"),
     .status = NN_ERR_FORMAT,
     .says = "has the unknown kind \"lstm\""},
    {"an unknown activation",
     {TWO_LAYERS},
     DESCRIBED(
         "{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":10,\"activation\":\"\\u001b[2J\"}]}"),
     .status = NN_ERR_FORMAT,
     .says = "activation \"\\x1B[2J\""},
    {"a description that is a list",
     {TWO_LAYERS},
     DESCRIBED("[]"),
     .status = NN_ERR_FORMAT,
     .says = "is not \"{...}\""},
    {"a layer that is a number",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[3]}"),
     .status = NN_ERR_FORMAT,
     .says = "layer 1 of the architecture in its metadata is not"},
    {"a layer without activation",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":10}]}"),
     .status = NN_ERR_FORMAT,
     .says = "lacks the key \"activation\""},
    {"an activation that is a number",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":10,\"activation\":1}]}"),
     .status = NN_ERR_FORMAT,
     .says = "unknown activation"},
    {"a size with an exponent",
     {TWO_LAYERS},
     DESCRIBED(
         "{\"layers\":[{\"kind\":\"dense\",\"in\":7.84e2,\"out\":10,\"activation\":\"none\"}]}"),
     .status = NN_ERR_FORMAT,
     .says = "no whole number for \"in\""},
    {"dropout as text",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":10,\"activation\":\"none\","
               "\"dropout\":\"much\"}]}"),
     .status = NN_ERR_FORMAT,
     .says = "no number for \"dropout\""},
    {"residual as a number",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":10,\"activation\":\"none\","
               "\"residual\":1}]}"),
     .status = NN_ERR_FORMAT,
     .says = "neither true nor false for \"residual\""},
    {"a name that is a number",
     {TWO_LAYERS},
     DESCRIBED("{\"name\":5,\"layers\":[{}]}"),
     .status = NN_ERR_FORMAT,
     .says = "no text for \"name\""},
    {"two keys of one name",
     {TWO_LAYERS},
     DESCRIBED("{\"name\":\"a\",\"name\":\"b\",\"layers\":[{}]}"),
     .status = NN_ERR_FORMAT,
     .says = "duplicate"},
    {"sizes beyond any int",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":4294967306,\"activation\":"
               "\"none\"}]}"),
     .status = NN_ERR_SHAPE,
     .says = "layer 1 maps 784 values to -1"},
    {"a promise of much memory",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":65536,\"activation\":\"none\"},"
               "{\"kind\":\"dense\",\"in\":65536,\"out\":65536,\"activation\":\"none\"},"
               "{\"kind\":\"dense\",\"in\":65536,\"out\":10,\"activation\":\"none\"}]}"),
     .status = NN_ERR_SHAPE,
     .says = "tensor fc1.weight has shape [128,784], model needs [65536,784]"},
    {"a convolution without its tensors",
     {TWO_LAYERS},
     DESCRIBED(CONV_LAYER "," LAST_LAYER),
     .status = NN_ERR_SHAPE,
     .says = "no tensor conv1.weight"},
    {"a convolution with weights of two dimensions",
     {{"conv1.weight", 2, 9, 0},
      {"conv1.bias", 2, 0, 0},
      {"fc1.weight", 10, 392, 0},
      {"fc1.bias", 10, 0, 0}},
     DESCRIBED(CONV_LAYER "," LAST_LAYER),
     .status = NN_ERR_SHAPE,
     .says = "tensor conv1.weight has shape [2,9], model needs [2,1,3,3]"},
    {"a convolution of other outputs than it says",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"conv\",\"in\":784,\"out\":393,\"activation\":\"relu\","
               "\"channels\":2,\"kernel\":3,\"stride\":2,\"padding\":1}," LAST_LAYER),
     .status = NN_ERR_SHAPE,
     .says = "layer 1 is said to give 393 values, but gives 392"},
    {"a convolution without a kernel",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"conv\",\"in\":784,\"out\":392,\"activation\":\"relu\","
               "\"channels\":2,\"stride\":2}," LAST_LAYER),
     .status = NN_ERR_SHAPE,
     .says = "layer 1 has a window of side 0"},
    {"a kernel on a dense layer",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":10,\"activation\":\"none\","
               "\"kernel\":3}]}"),
     .status = NN_ERR_SHAPE,
     .says = "of kind dense, which has no channels"},
    {"a layer that adds itself",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":10,\"activation\":\"none\","
               "\"add\":1}]}"),
     .status = NN_ERR_SHAPE,
     .says = "may name a layer before it"},
    {"a link beyond any int",
     {TWO_LAYERS},
     DESCRIBED("{\"layers\":[{\"kind\":\"dense\",\"in\":784,\"out\":10,\"activation\":\"none\","
               "\"from\":4294967297}]}"),
     .status = NN_ERR_SHAPE,
     .says = "has \"from\" -1"},
    {"a negative variance",
     {{"bn1.weight", 1, 0, 0},
      {"bn1.bias", 1, 0, 0},
      {"fc1.weight", 10, 784, 0},
      {"fc1.bias", 10, 0, 0},
      {"bn1.running_mean", 1, 0, 0},
      {"bn1.running_var", 1, 0, -1.0f}},
     DESCRIBED("{\"layers\":[{\"kind\":\"batch_norm\",\"in\":784,\"out\":784,\"activation\":"
               "\"none\"},{\"kind\":\"dense\",\"in\":784,\"out\":10,\"activation\":\"none\"}]}"),
     .status = NN_ERR_NUMERIC,
     .says = "tensor bn1.running_var has the negative variance -1"},
};

enum { N_CASES = sizeof cases / sizeof cases[0] };

static void write_file(const FileCase *c) {
    NnTensor tensors[TENSORS_MAX];
    float *blocks[TENSORS_MAX];
    size_t n = 0, n_meta = 0;
    for (; n < TENSORS_MAX && c->tensors[n].name != NULL; n++) {
        const Planned *planned = &c->tensors[n];
        size_t columns = planned->columns > 0 ? planned->columns : 1;
        tensors[n] = (NnTensor){.rank = planned->columns > 0 ? 2 : 1,
                                .shape = {planned->rows, planned->columns},
                                .count = planned->rows * columns};
        snprintf(tensors[n].name, sizeof tensors[n].name, "%s", planned->name);
        blocks[n] = mem_new(tensors[n].count, sizeof(float));
        for (size_t i = 0; i < tensors[n].count; i++) {
            blocks[n][i] = planned->fill;
        }
        tensors[n].data = blocks[n];
    }
    while (n_meta < 3 && c->meta[n_meta].key != NULL) {
        n_meta++;
    }
    NnError err = {0};
    if (nn_tensors_write(path, tensors, n, c->meta, n_meta, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    for (size_t i = 0; i < n; i++) {
        mem_free(blocks[i]);
    }
}

static void a_file_is_understood_or_refused_with_its_reason(void **state) {
    const FileCase *c = *state;
    write_file(c);
    NnError err = {0};
    NnModel *model = nn_model_load(path, &err);
    if (c->status != NN_OK) {
        assert_null(model);
        assert_int_equal(err.status, c->status);
        if (strstr(err.message, c->says) == NULL) {
            fail_msg("got \"%s\", expected \"...%s...\"", err.message, c->says);
        }
        return;
    }
    if (model == NULL) {
        fail_msg("%s", err.message);
    }
    int n = 0;
    for (; c->order[n] != 0.0f; n++) {
        assert_true(n < nn_model_arch(model)->n_layers);
        assert_true(nn_model_weight(model, n)[0] == c->order[n]);
        assert_true(nn_model_bias(model, n)[0] == 0.0f);
    }
    assert_int_equal(nn_model_arch(model)->n_layers, n);
    bool tanh_asked = c->meta[0].key != NULL && strcmp(c->meta[0].value, "tanh") == 0;
    if (n > 1) {
        assert_int_equal(nn_model_arch(model)->layers[0].activation,
                         tanh_asked ? NN_ACT_TANH : NN_ACT_RELU);
    }
    assert_true(nn_model_arch(model)->input_sd == (tanh_asked ? 2.0f : 0.0f));
    nn_model_free(model);
}

static void a_chain_beyond_searching_ends_in_an_error(void **state) {
    (void)state;
    // 31 square layers that lead nowhere: 31! orders.
    NnTensor tensors[NN_LAYERS_MAX];
    static const float zeros[784 * 2];
    for (int i = 0; i < NN_LAYERS_MAX; i++) {
        tensors[i] = (NnTensor){.rank = 2, .shape = {2, 2}, .count = 4, .data = zeros};
        snprintf(tensors[i].name, sizeof tensors[i].name, "l%d.weight", i);
    }
    tensors[20].shape[1] = 784;
    tensors[20].count = 2 * 784;
    NnError err = {0};
    assert_int_equal(nn_tensors_write(path, tensors, NN_LAYERS_MAX, NULL, 0, &err), NN_OK);
    assert_null(nn_model_load(path, &err));
    assert_int_equal(err.status, NN_ERR_SHAPE);
}

static void running_out_of_memory_is_an_error(void **state) {
    (void)state;
    NnArch arch = ref_arch((const int[]){5}, 1, NN_ACT_RELU, false, 0.5f);
    NnModel *model = nn_model_new(&arch, NULL);
    const NnNote note = {"recipe", "x"};
    bool saved = false, loaded = false;
    for (uint64_t n = 1; !saved || !loaded; n++) {
        NnError err = {0};
        mem_fail_at(n, n % 2 == 0);
        saved = nn_model_save(model, path, &note, 1, &err) == NN_OK;
        mem_fail_at(0, false);
        assert_true(saved || err.status == NN_ERR_NOMEM);
        if (!saved) {
            continue;
        }
        mem_fail_at(n, n % 2 == 0);
        NnModel *back = nn_model_load(path, &err);
        mem_fail_at(0, false);
        loaded = back != NULL;
        assert_true(loaded || err.status == NN_ERR_NOMEM);
        nn_model_free(back);
    }
    nn_model_free(model);
}

int main(void) {
    enum { N_OTHERS = 7 };
    struct CMUnitTest tests[N_OTHERS + N_CASES] = {
        cmocka_unit_test(a_model_reads_back_the_same),
        cmocka_unit_test(a_convolutional_model_reads_back_the_same),
        cmocka_unit_test(the_file_has_pytorch_names_and_shapes),
        cmocka_unit_test(notes_may_not_pose_as_the_description),
        cmocka_unit_test(a_weight_that_is_no_number_is_not_saved),
        cmocka_unit_test(a_chain_beyond_searching_ends_in_an_error),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    for (int i = 0; i < N_CASES; i++) {
        tests[N_OTHERS + i] =
            (struct CMUnitTest){.name = cases[i].name,
                                .test_func = a_file_is_understood_or_refused_with_its_reason,
                                .initial_state = &cases[i]};
    }
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
