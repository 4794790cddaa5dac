// Networks whose normalisations went into the layers before them: which do, and that answers stay.

#include "base/alloc.h"
#include "nn/random_net.h"

enum { PICTURES = 20 };

typedef struct {
    NetRow net;
    int n_layers; // that are left
} FuseRow;

static FuseRow rows[] = {
    {{"dense layers",
      NET({.n_out = 40}, {NORM, .activation = NN_ACT_RELU}, {.n_out = 30},
          {NORM, .activation = NN_ACT_GELU, .dropout = 0.5f}, {.n_out = NN_CLASSES})},
     3},
    {{"every kind of layer, and a block with a projection", {.n_layers = 0}}, 7},
    {{"sums between dense layers",
      NET({.n_out = 40}, {NORM}, {.n_out = 24}, {NORM, .activation = NN_ACT_RELU}, {.n_out = 40},
          {NORM, .add = 2}, {.n_out = 16, .from = 4}, {.n_out = 16, .from = 6}, {NORM, .add = 7},
          {.n_out = NN_CLASSES})},
     6},
    {{"an activation, dropout or a sum in between",
      NET({.n_out = 30, .activation = NN_ACT_RELU}, {NORM}, {.n_out = 30, .dropout = 0.2f}, {NORM},
          {.n_out = 30, .add = 2}, {NORM}, {.n_out = NN_CLASSES})},
     7},
    {{"an output that another layer wants, too",
      NET({.n_out = 30}, {NORM}, {.n_out = 30, .add = 1}, {.n_out = NN_CLASSES})},
     4},
    {{"a normalised picture, and two normalisations in a row",
      NET({NORM}, {CONV(4, 3, 2, 1)}, {NORM}, {NORM, .activation = NN_ACT_RELU},
          {.kind = NN_LAYER_MAX_POOL, .kernel = 2}, {NORM}, {.kind = NN_LAYER_FLATTEN},
          {.n_out = NN_CLASSES})},
     7},
};

static const float *answers(const NnModel *model, NnWorkspace **work, const uint8_t *pixels) {
    *work = nn_workspace_new(model, PICTURES, false, NULL);
    assert_non_null(*work);
    return nn_forward_bytes(model, *work, pixels, PICTURES);
}

static void run_same_answers(void **state) {
    const FuseRow *row = *state;
    NnModel *model = random_net(&row->net);
    NnArch *arch = nn_model_arch_edit(model);
    arch->temperature = 0.7f;
    arch->threshold = 0.8f;
    NnError err;
    NnModel *fused = nn_model_fuse(model, &err);
    assert_non_null(fused);
    assert_int_equal(nn_model_arch(fused)->n_layers, row->n_layers);
    assert_true(nn_model_arch(fused)->temperature == 0.7f);
    assert_true(nn_model_arch(fused)->threshold == 0.8f);

    static uint8_t pixels[PICTURES * NN_PIXELS];
    Rng rng = rng_at(8, RNG_STREAM_TEST, 0);
    for (size_t i = 0; i < sizeof pixels; i++) {
        pixels[i] = (uint8_t)rng_below(&rng, 256);
    }
    NnWorkspace *work, *fused_work;
    const float *expected = answers(model, &work, pixels);
    const float *got = answers(fused, &fused_work, pixels);
    for (int i = 0; i < PICTURES * NN_CLASSES; i++) {
        assert_near(got[i], expected[i], 2e-5, "logit", i);
    }
    nn_workspace_free(fused_work);
    nn_workspace_free(work);
    nn_model_free(fused);
    nn_model_free(model);
}

int main(void) {
    enum { ROWS = sizeof rows / sizeof rows[0] };
    struct CMUnitTest tests[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = (struct CMUnitTest){rows[i].net.title, run_same_answers, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("fused normalisations", tests, NULL, NULL);
}
