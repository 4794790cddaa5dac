// Networks whose convolutions are written out as dense layers: answers stay, and what is no matrix is
// refused by its number.

#include "base/alloc.h"
#include "nn/random_net.h"

enum { PICTURES = 20 };

#define FLATTEN                                                                                    \
    { .kind = NN_LAYER_FLATTEN }
#define RELU .activation = NN_ACT_RELU

typedef struct {
    NetRow net;
    int n_layers;     // that are left
    const char *says; // the error instead, NULL: none
} UnrollRow;

static UnrollRow rows[] = {
    {{"dense layers stay as they are", NET({.n_out = 40, RELU}, {.n_out = NN_CLASSES})}, 2, NULL},
    {{"strides, padding and odd windows",
      NET({CONV(4, 8, 4, 2), RELU}, {CONV(5, 3, 1, 1), RELU}, {CONV(6, 4, 3, 0), RELU}, FLATTEN,
          {.n_out = 20, RELU}, {.n_out = NN_CLASSES})},
     5,
     NULL},
    {{"a window that leaves pixels over at the edge",
      NET({CONV(3, 5, 5, 0), RELU}, FLATTEN, {.n_out = NN_CLASSES})},
     2,
     NULL},
    {{"normalisations are fused first",
      NET({CONV(4, 5, 4, 2)}, {NORM, RELU}, {CONV(4, 3, 1, 1)}, {NORM, RELU}, FLATTEN,
          {.n_out = 12}, {NORM, RELU}, {.n_out = NN_CLASSES})},
     4,
     NULL},
    {{"residual convolutions, sums and side roads",
      NET({CONV(4, 7, 4, 2), RELU}, {CONV(4, 3, 1, 1), RELU, .residual = true},
          {CONV(4, 3, 1, 1), .add = 1, RELU}, {CONV(4, 1, 1, 0), .from = 2, .add = 3, RELU},
          FLATTEN, {.n_out = 20}, {.n_out = NN_CLASSES})},
     6,
     NULL},
    {{"pixels in a row", NET(FLATTEN, {.n_out = 12, RELU}, {.n_out = NN_CLASSES})}, 2, NULL},
    {{"pooling is refused", NET({CONV(4, 5, 2, 0), RELU}, {.kind = NN_LAYER_MAX_POOL, .kernel = 2},
                                FLATTEN, {.n_out = NN_CLASSES})},
     0,
     "layer 2 of \"\" (max_pool) cannot be written as a dense layer"},
    {{"a normalised picture is refused",
      NET({NORM}, {CONV(4, 5, 2, 0), RELU}, FLATTEN, {.n_out = NN_CLASSES})},
     0,
     "layer 1 of \"\" (batch_norm)"},
    {{"a way back to the picture is refused",
      NET(FLATTEN, {.n_out = 20, RELU}, {.n_out = 20, .from = 1, .add = 2}, {.n_out = NN_CLASSES})},
     0,
     "layer 3 of \"\" (dense) cannot be written as a dense layer: it goes back to the picture"},
};

static const float *answers(const NnModel *model, NnWorkspace **work, const uint8_t *pixels) {
    *work = nn_workspace_new(model, PICTURES, false, NULL);
    assert_non_null(*work);
    return nn_forward_bytes(model, *work, pixels, PICTURES);
}

static void check_answers(const NnModel *model, const NnModel *dense) {
    static uint8_t pixels[PICTURES * NN_PIXELS];
    Rng rng = rng_at(8, RNG_STREAM_TEST, 0);
    for (size_t i = 0; i < sizeof pixels; i++) {
        pixels[i] = (uint8_t)rng_below(&rng, 256);
    }
    NnWorkspace *work, *dense_work;
    const float *expected = answers(model, &work, pixels);
    const float *got = answers(dense, &dense_work, pixels);
    for (int i = 0; i < PICTURES * NN_CLASSES; i++) {
        assert_near(got[i], expected[i], 5e-5, "logit", i);
    }
    nn_workspace_free(dense_work);
    nn_workspace_free(work);
}

static void run_unroll(void **state) {
    const UnrollRow *row = *state;
    NnModel *model = random_net(&row->net);
    nn_model_arch_edit(model)->temperature = 0.7f;
    NnError err = {0};
    NnModel *dense = nn_model_unroll(model, &err);
    if (row->says != NULL) {
        assert_null(dense);
        assert_int_equal(err.status, NN_ERR_USAGE);
        assert_non_null(strstr(err.message, row->says));
    } else {
        assert_non_null(dense);
        const NnArch *arch = nn_model_arch(dense);
        assert_int_equal(arch->n_layers, row->n_layers);
        assert_true(arch->temperature == 0.7f);
        for (int i = 0; i < arch->n_layers; i++) {
            assert_int_equal(arch->layers[i].kind, NN_LAYER_DENSE);
        }
        check_answers(model, dense);
    }
    nn_model_free(dense);
    nn_model_free(model);
}

int main(void) {
    enum { ROWS = sizeof rows / sizeof rows[0] };
    struct CMUnitTest tests[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = (struct CMUnitTest){rows[i].net.title, run_unroll, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("convolutions as dense layers", tests, NULL, NULL);
}
