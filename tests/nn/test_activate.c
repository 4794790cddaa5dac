// Element-wise passes: approximations against libm, values and slopes against formulas in double.

#include "nn/activate.h"

#include <float.h>
#include <string.h>

#include "nn/reference.h"
#include "nn/vecmath.h"
#include "support/near.h"

static void exponential_is_within_two_ulp(void **state) {
    (void)state;
    for (int i = -8700; i <= 8800; i++) {
        float x = (float)i * 0.01f + 0.0037f;
        double expected = exp((double)x);
        double error = fabs((double)vec_exp(x) - expected) / expected;
        if (error > 2.0 * (double)FLT_EPSILON) {
            fail_msg("exp(%g) is off by %g", (double)x, error);
        }
    }
    assert_true(vec_exp(-1000.0f) < 1.3e-38f && vec_exp(-1000.0f) >= 0.0f);
    assert_true(isfinite(vec_exp(1000.0f)));
    assert_true(isnan(vec_exp(NAN)));
    assert_true(vec_exp(0.0f) == 1.0f);
}

static void curves_are_within_3e7(void **state) {
    (void)state;
    for (int i = -2000; i <= 2000; i++) {
        float x = (float)i * 0.01f;
        double d = (double)x;
        assert_near(vec_tanh(x), tanh(d), 3e-7, "tanh", i);
        assert_near(vec_erf(x), erf(d), 3e-7, "erf", i);
        assert_near(vec_sigmoid(x), 1 / (1 + exp(-d)), 3e-7, "sigmoid", i);
    }
}

static void values_and_slopes_follow_the_formulas(void **state) {
    NnActivation activation = *(NnActivation *)*state;
    enum { B = 5, O = 83 };
    float y[B * O], plain[B * O], slope[B * O], bias[O];
    double z[B * O];
    Rng rng = rng_at(4, RNG_STREAM_TEST, (uint64_t)activation);
    for (int o = 0; o < O; o++) {
        bias[o] = rng_normal(&rng);
    }
    for (int i = 0; i < B * O; i++) {
        y[i] = plain[i] = 3.0f * rng_normal(&rng);
        z[i] = (double)(y[i] + bias[i % O]);
    }
    activate_forward(activation, y, bias, slope, B, O);
    activate_forward(activation, plain, bias, NULL, B, O);
    assert_memory_equal(y, plain, sizeof y);
    for (int i = 0; i < B * O; i++) {
        double h = 1e-6;
        double expected =
            (ref_activation(activation, z[i] + h) - ref_activation(activation, z[i] - h)) / (2 * h);
        assert_near(y[i], ref_activation(activation, z[i]), 1e-6, "value", i);
        assert_near(slope[i], expected, 2e-6, "slope", i);
    }
}

static void backward_multiplies_and_sums_columns(void **state) {
    (void)state;
    enum { B = 3, O = 21 };
    float dy[B * O], slope[B * O], y[B * O], dz[B * O], bias_gradient[O];
    Rng rng = rng_at(5, RNG_STREAM_TEST, 0);
    for (int i = 0; i < B * O; i++) {
        dy[i] = rng_normal(&rng);
        slope[i] = rng_normal(&rng);
        y[i] = rng_below(&rng, 2) ? rng_uniform(&rng, 0.0f, 1.0f) : 0.0f;
    }
    for (int kind = 0; kind < 3; kind++) {
        memset(bias_gradient, 0xff, sizeof bias_gradient);
        if (kind == 2) {
            activate_backward_relu(dz, dy, y, 1.25f, bias_gradient, B, O);
        } else {
            activate_backward(dz, dy, kind == 0 ? slope : NULL, bias_gradient, B, O);
        }
        for (int o = 0; o < O; o++) {
            double sum = 0;
            for (int b = 0; b < B; b++) {
                int i = b * O + o;
                double factor = kind == 0   ? (double)slope[i]
                                : kind == 1 ? 1.0
                                            : (y[i] > 0.0f ? 1.25 : 0.0);
                assert_near(dz[i], (double)dy[i] * factor, 1e-6, "dz", i);
                sum += (double)dz[i];
            }
            assert_near(bias_gradient[o], sum, 1e-6, "bias gradient", o);
        }
    }
}

static void pixels_are_standardised(void **state) {
    (void)state;
    NnArch arch = {.input_mean = 0.1307f, .input_sd = 0.3081f};
    uint8_t pixels[NN_PIXELS];
    float inputs[NN_PIXELS];
    for (int i = 0; i < NN_PIXELS; i++) {
        pixels[i] = (uint8_t)i;
    }
    nn_standardise(&arch, inputs, pixels, 1);
    for (int i = 0; i < 256; i++) {
        assert_near(inputs[i], (i / 255.0 - 0.1307) / 0.3081, 1e-6, "input", i);
    }
    nn_standardise(&(NnArch){.n_layers = 0}, inputs, pixels, 1);
    assert_true(inputs[0] == 0.0f && inputs[255] == 1.0f);
}

static void softmax_is_stable_and_honours_temperature(void **state) {
    (void)state;
    const float rows[3][NN_CLASSES] = {
        {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
        {3e4f, -3e4f, 0, 3e4f, 1, 1, 1, 1, 1, 1},
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    };
    for (int t = 0; t < 3; t++) {
        float temperature = (float)t, p[3 * NN_CLASSES];
        double divisor = t == 0 ? 1.0 : t;
        nn_softmax(p, rows[0], 3, NN_CLASSES, temperature);
        for (int r = 0; r < 3; r++) {
            double top = -1e9, sum = 0;
            for (int c = 0; c < NN_CLASSES; c++) {
                top = fmax(top, (double)rows[r][c] / divisor);
            }
            for (int c = 0; c < NN_CLASSES; c++) {
                sum += exp((double)rows[r][c] / divisor - top);
            }
            for (int c = 0; c < NN_CLASSES; c++) {
                double expected = exp((double)rows[r][c] / divisor - top) / sum;
                assert_near(p[r * NN_CLASSES + c], expected, 5e-7, "probability", c);
            }
        }
    }
}

int main(void) {
    static NnActivation kinds[NN_ACT_COUNT];
    struct CMUnitTest tests[5 + NN_ACT_COUNT] = {
        cmocka_unit_test(exponential_is_within_two_ulp),
        cmocka_unit_test(curves_are_within_3e7),
        cmocka_unit_test(backward_multiplies_and_sums_columns),
        cmocka_unit_test(pixels_are_standardised),
        cmocka_unit_test(softmax_is_stable_and_honours_temperature),
    };
    for (int i = 0; i < NN_ACT_COUNT; i++) {
        kinds[i] = (NnActivation)i;
        tests[5 + i] = (struct CMUnitTest){.name = nn_activation_name(kinds[i]),
                                           .test_func = values_and_slopes_follow_the_formulas,
                                           .initial_state = &kinds[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
