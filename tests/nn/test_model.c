// Descriptions, the layout of the parameter block, first weights, copies and fingerprints.

#include <sha256.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/reference.h"
#include "support/near.h"

static const int hidden[] = {100, 100};

static NnArch good_arch(void) {
    return ref_arch(hidden, 2, NN_ACT_RELU, true, 0.25f);
}

// --- what is refused -----------------------------------------------------------------------------

static void no_layer(NnArch *arch) {
    arch->n_layers = 0;
}
static void too_many_layers(NnArch *arch) {
    arch->n_layers = NN_LAYERS_MAX + 1;
}
static void wrong_input(NnArch *arch) {
    arch->layers[0].n_in = 783;
}
static void wrong_output(NnArch *arch) {
    arch->layers[2].n_out = 12;
}
static void broken_chain(NnArch *arch) {
    arch->layers[1].n_in = 99;
    arch->layers[1].residual = false;
}
static void no_units(NnArch *arch) {
    arch->layers[0].n_out = 0;
}
static void negative_units(NnArch *arch) {
    arch->layers[0].n_out = -5;
}
static void huge_layer(NnArch *arch) {
    arch->layers[0].n_out = 70000;
}
static void residual_of_other_width(NnArch *arch) {
    arch->layers[0].residual = true;
}
static void dropout_of_all(NnArch *arch) {
    arch->layers[1].dropout = 1.0f;
}
static void dropout_nan(NnArch *arch) {
    arch->layers[1].dropout = NAN;
}
static void unknown_activation(NnArch *arch) {
    arch->layers[1].activation = (NnActivation)77;
}
static void activation_on_logits(NnArch *arch) {
    arch->layers[2].activation = NN_ACT_RELU;
}
static void dropout_on_logits(NnArch *arch) {
    arch->layers[2].dropout = 0.5f;
}
static void negative_sd(NnArch *arch) {
    arch->input_sd = -1.0f;
}
static void infinite_mean(NnArch *arch) {
    arch->input_mean = INFINITY;
}
static void negative_temperature(NnArch *arch) {
    arch->temperature = -1.0f;
}
static void threshold_above_one(NnArch *arch) {
    arch->threshold = 1.5f;
}

static void unknown_kind(NnArch *arch) {
    arch->layers[1].kind = (NnLayerKind)9;
}
static void link_forwards(NnArch *arch) {
    arch->layers[1].add = 3;
}
static void layer_without_use(NnArch *arch) {
    arch->layers[2].from = 1;
}
static void add_on_logits(NnArch *arch) {
    arch->layers[1].n_out = arch->layers[2].n_in = 10;
    arch->layers[1].residual = false;
    arch->layers[2].add = 2;
}

typedef struct {
    const char *name;
    void (*spoil)(NnArch *arch);
    NnStatus status;
    const char *says;
} BadArch;

static const BadArch bad[] = {
    {"no layer", no_layer, NN_ERR_USAGE, "1 to 32 layers, not 0"},
    {"too many layers", too_many_layers, NN_ERR_USAGE, "not 33"},
    {"wrong input", wrong_input, NN_ERR_SHAPE,
     "layer 1 takes 783 values, but a 28x28 picture gives 784"},
    {"wrong output", wrong_output, NN_ERR_SHAPE, "12 values, but there are 10 digits"},
    {"broken chain", broken_chain, NN_ERR_SHAPE,
     "layer 2 takes 99 values, but the layer before it gives 100"},
    {"no units", no_units, NN_ERR_SHAPE, "layer 1 maps 784 values to 0"},
    {"negative units", negative_units, NN_ERR_SHAPE, "to -5"},
    {"huge layer", huge_layer, NN_ERR_SHAPE, "1 to 65536"},
    {"residual of another width", residual_of_other_width, NN_ERR_SHAPE, "layer 1 is residual"},
    {"dropout of all", dropout_of_all, NN_ERR_USAGE, "dropout 1"},
    {"dropout NaN", dropout_nan, NN_ERR_USAGE, "layer 2 has dropout"},
    {"unknown activation", unknown_activation, NN_ERR_USAGE, "layer 2 has an unknown activation"},
    {"activation on logits", activation_on_logits, NN_ERR_USAGE, "the last layer gives the logits"},
    {"dropout on logits", dropout_on_logits, NN_ERR_USAGE, "the last layer gives the logits"},
    {"unknown kind", unknown_kind, NN_ERR_USAGE, "layer 2 is of an unknown kind"},
    {"link forwards", link_forwards, NN_ERR_USAGE, "layer 2 has \"add\" 3"},
    {"layer without use", layer_without_use, NN_ERR_USAGE, "no layer takes what layer 2 gives"},
    {"add on logits", add_on_logits, NN_ERR_USAGE, "the last layer gives the logits"},
    {"negative sd", negative_sd, NN_ERR_USAGE, "sd -1"},
    {"infinite mean", infinite_mean, NN_ERR_USAGE, "mean inf"},
    {"negative temperature", negative_temperature, NN_ERR_USAGE, "temperature -1"},
    {"threshold above one", threshold_above_one, NN_ERR_USAGE, "threshold 1.5"},
};

enum { N_BAD = sizeof bad / sizeof bad[0] };

static void a_bad_description_is_refused_with_its_reason(void **state) {
    const BadArch *row = *state;
    NnArch arch = good_arch();
    NnError err = {0};
    assert_int_equal(nn_arch_check(&arch, &err), NN_OK);
    row->spoil(&arch);
    assert_null(nn_model_new(&arch, &err));
    assert_int_equal(err.status, row->status);
    if (strstr(err.message, row->says) == NULL) {
        fail_msg("got \"%s\", expected \"...%s...\"", err.message, row->says);
    }
}

// --- what a model is -----------------------------------------------------------------------------

static void names_read_back_as_themselves(void **state) {
    (void)state;
    for (int i = 0; i < NN_ACT_COUNT; i++) {
        NnActivation activation = NN_ACT_COUNT;
        assert_true(nn_activation_parse(nn_activation_name((NnActivation)i), &activation));
        assert_int_equal(activation, i);
    }
    for (int i = 0; i < NN_INIT_COUNT; i++) {
        NnInit init = NN_INIT_COUNT;
        assert_true(nn_init_parse(nn_init_name((NnInit)i), &init));
        assert_int_equal(init, i);
    }
    NnActivation activation = NN_ACT_TANH;
    NnInit init = NN_INIT_NORMAL;
    assert_false(nn_activation_parse("Relu", &activation) || nn_activation_parse("", &activation));
    assert_false(nn_init_parse("he", &init));
    assert_true(activation == NN_ACT_TANH && init == NN_INIT_NORMAL);
}

static void tensors_lie_aligned_one_after_another(void **state) {
    (void)state;
    NnArch arch = good_arch();
    NnModel *model = nn_model_new(&arch, NULL);
    assert_non_null(model);
    assert_int_equal(nn_model_param_count(model),
                     784 * 100 + 100 + 100 * 100 + 100 + 100 * 10 + 10);
    assert_true((uintptr_t)nn_model_params(model) % 64 == 0);
    size_t end = 0;
    for (int l = 0; l < 3; l++) {
        size_t O = (size_t)arch.layers[l].n_out, I = (size_t)arch.layers[l].n_in;
        size_t weight = nn_model_weight_offset(model, l), bias = nn_model_bias_offset(model, l);
        assert_true(weight % 16 == 0 && weight >= end && weight < end + 16);
        assert_true(bias % 16 == 0 && bias >= weight + O * I && bias < weight + O * I + 16);
        assert_ptr_equal(nn_model_weight(model, l), nn_model_params(model) + weight);
        assert_ptr_equal(nn_model_bias(model, l), nn_model_params(model) + bias);
        end = bias + O;
    }
    assert_true(nn_model_block_count(model) % 16 == 0 && nn_model_block_count(model) >= end &&
                nn_model_block_count(model) < end + 16);
    for (size_t i = 0; i < nn_model_block_count(model); i++) {
        assert_true(nn_model_params(model)[i] == 0.0f);
    }
    nn_model_free(model);
}

static const struct {
    NnInit init;
    double sd; // of the first layer, I = 784, O = 100
    bool bounded;
} inits[] = {
    {NN_INIT_HE_NORMAL, 0.050508, false},
    {NN_INIT_HE_UNIFORM, 0.050508, true},
    {NN_INIT_XAVIER_UNIFORM, 0.047565, true},
    {NN_INIT_XAVIER_NORMAL, 0.047565, false},
    {NN_INIT_NORMAL, 0.01, false},
};

static void first_weights_have_the_distribution_asked_for(void **state) {
    (void)state;
    NnArch arch = good_arch();
    NnModel *model = nn_model_new(&arch, NULL);
    for (size_t k = 0; k < sizeof inits / sizeof inits[0]; k++) {
        nn_model_init(model, inits[k].init, 5);
        const float *w = nn_model_weight(model, 0);
        double sum = 0, squares = 0, largest = 0;
        const int n = 78400;
        for (int i = 0; i < n; i++) {
            sum += (double)w[i];
            squares += (double)w[i] * (double)w[i];
            largest = fmax(largest, fabs((double)w[i]));
        }
        // 78,400 draws: the estimated sd is good to 0.25 %, the mean to sd / 280.
        assert_near(sqrt(squares / n) / inits[k].sd, 1.0, 0.012, "sd", k);
        assert_near(sum / n / inits[k].sd, 0.0, 0.015, "mean", k);
        bool bounded = largest <= sqrt(3.0) * inits[k].sd * 1.0001;
        assert_int_equal(bounded, inits[k].bounded);
        for (int i = 0; i < 100; i++) {
            assert_true(nn_model_bias(model, 0)[i] == 0.0f);
        }
    }
    nn_model_free(model);
}

static void the_seed_decides_the_weights(void **state) {
    (void)state;
    NnArch arch = good_arch();
    NnModel *a = nn_model_new(&arch, NULL), *b = nn_model_new(&arch, NULL);
    char of_a[65], of_b[65];
    nn_model_init(a, NN_INIT_HE_NORMAL, 1);
    nn_model_init(b, NN_INIT_HE_UNIFORM, 8);
    nn_model_init(b, NN_INIT_HE_NORMAL, 1);
    nn_model_sha256(a, of_a);
    nn_model_sha256(b, of_b);
    assert_string_equal(of_a, of_b);
    nn_model_init(b, NN_INIT_HE_NORMAL, 2);
    nn_model_sha256(b, of_b);
    assert_string_not_equal(of_a, of_b);
    nn_model_free(a);
    nn_model_free(b);
}

static void the_fingerprint_covers_real_parameters_alone(void **state) {
    (void)state;
    NnArch arch = ref_arch(NULL, 0, NN_ACT_NONE, false, 0);
    NnModel *model = nn_model_new(&arch, NULL);
    ref_randomise(model, 3);
    char got[65], expected[65], other[65];
    nn_model_sha256(model, got);
    static float packed[7850];
    memcpy(packed, nn_model_weight(model, 0), 7840 * sizeof(float));
    memcpy(packed + 7840, nn_model_bias(model, 0), 10 * sizeof(float));
    SHA256Data((const uint8_t *)packed, sizeof packed, expected);
    assert_string_equal(got, expected);
    nn_model_params(model)[7840 + 9] += 1e-6f; // the last bias
    nn_model_sha256(model, other);
    assert_string_not_equal(got, other);
    nn_model_free(model);
}

static void a_copy_is_equal_and_independent(void **state) {
    (void)state;
    NnArch arch = good_arch();
    NnModel *model = nn_model_new(&arch, NULL);
    ref_randomise(model, 3);
    nn_model_arch_edit(model)->temperature = 1.5f;
    NnModel *copy = nn_model_copy(model, NULL);
    char before[65], after[65];
    nn_model_sha256(model, before);
    assert_true(nn_model_arch(copy)->temperature == 1.5f);
    memset(nn_model_params(model), 0, nn_model_block_count(model) * sizeof(float));
    nn_model_free(model);
    nn_model_sha256(copy, after);
    assert_string_equal(before, after);
    nn_model_free(copy);
}

static void running_out_of_memory_is_an_error(void **state) {
    (void)state;
    NnArch arch = good_arch();
    for (uint64_t n = 1;; n++) {
        NnError err = {0};
        mem_fail_at(n, n % 2 == 0);
        NnModel *model = nn_model_new(&arch, &err);
        NnModel *copy = model != NULL ? nn_model_copy(model, &err) : NULL;
        NnWorkspace *work = copy != NULL ? nn_workspace_new(copy, 8, true, &err) : NULL;
        mem_fail_at(0, false);
        bool done = work != NULL;
        if (!done) {
            assert_int_equal(err.status, NN_ERR_NOMEM);
            assert_true(err.message[0] != '\0');
        }
        nn_workspace_free(work);
        nn_model_free(copy);
        nn_model_free(model);
        if (done) {
            assert_true(n > 5);
            break;
        }
    }
}

int main(void) {
    enum { N_OTHERS = 7 };
    struct CMUnitTest tests[N_OTHERS + N_BAD] = {
        cmocka_unit_test(names_read_back_as_themselves),
        cmocka_unit_test(tensors_lie_aligned_one_after_another),
        cmocka_unit_test(first_weights_have_the_distribution_asked_for),
        cmocka_unit_test(the_seed_decides_the_weights),
        cmocka_unit_test(the_fingerprint_covers_real_parameters_alone),
        cmocka_unit_test(a_copy_is_equal_and_independent),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    static BadArch rows[N_BAD];
    for (int i = 0; i < N_BAD; i++) {
        rows[i] = bad[i];
        tests[N_OTHERS + i] =
            (struct CMUnitTest){.name = rows[i].name,
                                .test_func = a_bad_description_is_refused_with_its_reason,
                                .initial_state = &rows[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
