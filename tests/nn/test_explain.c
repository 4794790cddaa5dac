// Why A and not B: the terms add up, belong to the right pixels, and are what a change of the pixel
// does.

#include "nn/reference.h"
#include "support/near.h"

#include <string.h>

typedef struct {
    const char *name;
    NnActivation activation;
    bool residual, standardised;
} Case;

static Case cases[] = {
    {"linear", NN_ACT_NONE, false, false},
    {"relu", NN_ACT_RELU, false, false},
    {"relu, standardised", NN_ACT_RELU, false, true},
    {"leaky relu, standardised", NN_ACT_LEAKY_RELU, false, true},
    {"relu, residual, standardised", NN_ACT_RELU, true, true},
    {"leaky relu, residual", NN_ACT_LEAKY_RELU, true, false},
    {"linear, residual", NN_ACT_NONE, true, false},
};

enum { N_CASES = sizeof cases / sizeof cases[0] };

static void terms_and_constant_add_up_to_the_difference(void **state) {
    const Case *c = *state;
    for (uint64_t seed = 0; seed < 30; seed++) {
        NnArch arch = ref_arch((const int[]){60, 60, 40, 40}, 4, c->activation, c->residual, 0);
        if (c->standardised) {
            arch.input_mean = 0.1307f;
            arch.input_sd = 0.3081f;
        }
        NnModel *model = nn_model_new(&arch, NULL);
        ref_randomise(model, seed);
        NnWorkspace *work = nn_workspace_new(model, 1, false, NULL);
        NnDigit digit;
        ref_digit(&digit, seed);
        int a = (int)(seed % NN_CLASSES), b = (int)((seed / 2 + 5) % NN_CLASSES);
        float terms[NN_PIXELS], constant;
        assert_true(nn_explain(model, work, &digit, a, b, terms, &constant));
        const float *logits = nn_forward_bytes(model, work, digit.pixels, 1);
        double sum = (double)constant;
        for (int i = 0; i < NN_PIXELS; i++) {
            sum += (double)terms[i];
            if (digit.pixels[i] == 0) {
                assert_true(terms[i] == 0.0f);
            }
        }
        assert_near(sum, (double)logits[a] - (double)logits[b], 1e-4, c->name, seed);

        // Near the picture the network is linear: half a grey level more on the strongest pixel
        // (not above white).
        int strongest = 0;
        for (int i = 1; i < NN_PIXELS; i++) {
            strongest = fabsf(terms[i]) > fabsf(terms[strongest]) ? i : strongest;
        }
        size_t n = nn_model_block_count(model);
        static double params[200000];
        assert_true(n <= sizeof params / sizeof params[0]);
        for (size_t i = 0; i < n; i++) {
            params[i] = (double)nn_model_params(model)[i];
        }
        double input[NN_PIXELS], at[2][REF_WIDTH_MAX], h = 1e-7;
        double sd = c->standardised ? 0.3081 : 1.0, mean = c->standardised ? 0.1307 : 0.0;
        for (int side = 0; side < 2; side++) {
            for (int i = 0; i < NN_PIXELS; i++) {
                double value =
                    digit.pixels[i] / 255.0 + (i == strongest ? (side == 0 ? -h : h) : 0.0);
                input[i] = (value - mean) / sd;
            }
            ref_forward(model, params, input, NULL, at[side]);
        }
        double slope = ((at[1][a] - at[1][b]) - (at[0][a] - at[0][b])) / (2 * h);
        double ink = digit.pixels[strongest] / 255.0;
        assert_near(terms[strongest], slope * ink, 1e-4, "derivative", seed);
        nn_workspace_free(work);
        nn_model_free(model);
    }
}

static void a_curved_network_is_not_explained(void **state) {
    (void)state;
    NnArch arch = ref_arch((const int[]){8}, 1, NN_ACT_GELU, false, 0);
    NnModel *model = nn_model_new(&arch, NULL);
    NnWorkspace *work = nn_workspace_new(model, 1, false, NULL);
    NnDigit digit;
    ref_digit(&digit, 1);
    float terms[NN_PIXELS], constant;
    assert_false(nn_explain(model, work, &digit, 1, 2, terms, &constant));
    nn_workspace_free(work);
    nn_model_free(model);
}

static void blank_paper_leaves_everything_to_the_constant(void **state) {
    (void)state;
    NnArch arch = ref_arch((const int[]){30}, 1, NN_ACT_RELU, false, 0);
    arch.input_mean = 0.5f;
    arch.input_sd = 0.5f;
    NnModel *model = nn_model_new(&arch, NULL);
    ref_randomise(model, 1);
    NnWorkspace *work = nn_workspace_new(model, 1, false, NULL);
    NnDigit paper = {{0}};
    float terms[NN_PIXELS], constant;
    assert_true(nn_explain(model, work, &paper, 4, 9, terms, &constant));
    const float *logits = nn_forward_bytes(model, work, paper.pixels, 1);
    assert_near(constant, (double)logits[4] - (double)logits[9], 1e-4, "constant", 0);
    nn_workspace_free(work);
    nn_model_free(model);
}

int main(void) {
    struct CMUnitTest tests[2 + N_CASES] = {
        cmocka_unit_test(a_curved_network_is_not_explained),
        cmocka_unit_test(blank_paper_leaves_everything_to_the_constant),
    };
    for (int i = 0; i < N_CASES; i++) {
        tests[2 + i] = (struct CMUnitTest){.name = cases[i].name,
                                           .test_func = terms_and_constant_add_up_to_the_difference,
                                           .initial_state = &cases[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
