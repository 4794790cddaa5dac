#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/augment.h"
#include "support/near.h"
#include "train/synthetic.h"

enum { SAMPLES = 400 };

// A smooth spot, so that resampling errors are small and moments mean something.
static void spot(uint8_t *pixels, double cx, double cy, double sx, double sy) {
    for (int y = 0; y < NN_SIDE; y++) {
        for (int x = 0; x < NN_SIDE; x++) {
            double u = (x - cx) / sx, v = (y - cy) / sy;
            pixels[y * NN_SIDE + x] = (uint8_t)(250.0 * exp(-(u * u + v * v) / 2) + 0.5);
        }
    }
}

typedef struct {
    double ink;        // sum of all pixels
    double cx, cy;     // centre of mass
    double xx, yy, xy; // second moments about it
} Moments;

static Moments moments(const float *image) {
    Moments m = {0};
    for (int i = 0; i < NN_PIXELS; i++) {
        double v = (double)image[i];
        m.ink += v;
        int x = i % NN_SIDE, y = i / NN_SIDE;
        m.cx += v * x;
        m.cy += v * y;
    }
    m.cx /= m.ink;
    m.cy /= m.ink;
    for (int i = 0; i < NN_PIXELS; i++) {
        int x = i % NN_SIDE, y = i / NN_SIDE;
        double v = (double)image[i] / m.ink, dx = x - m.cx, dy = y - m.cy;
        m.xx += v * dx * dx;
        m.yy += v * dy * dy;
        m.xy += v * dx * dy;
    }
    return m;
}

static Moments augmented(const NnAugment *augment, const uint8_t *pixels, uint64_t sample) {
    float out[NN_PIXELS];
    augment_floats(augment, pixels, 1, 0, sample, 1.0f, 0.0f, out);
    return moments(out);
}

static void all_zero_changes_nothing(void **state) {
    (void)state;
    NnDataset data = synthetic(5, 1, 0);
    const NnAugment none = {0};
    assert_true(augment_is_none(&none));
    for (uint64_t i = 0; i < data.n; i++) {
        uint8_t bytes[NN_PIXELS];
        float values[NN_PIXELS];
        augment_bytes(&none, data.images + i * NN_PIXELS, 3, 1, i, bytes);
        augment_floats(&none, data.images + i * NN_PIXELS, 3, 1, i, 0.5f, -1.0f, values);
        assert_memory_equal(bytes, data.images + i * NN_PIXELS, NN_PIXELS);
        for (size_t p = 0; p < NN_PIXELS; p++) {
            assert_near(values[p], (double)bytes[p] * 0.5 - 1.0, 0.0, "values[p]", p);
        }
    }
    synthetic_release(&data);
}

static const NnAugment everything = {.rotation_deg = 15,
                                     .shift_px = 2,
                                     .scale = 0.15f,
                                     .shear = 0.2f,
                                     .elastic_px = 1,
                                     .elastic_sigma = 4,
                                     .thickness_px = 1};

static void a_sample_depends_on_its_position_alone(void **state) {
    (void)state;
    NnDataset data = synthetic(1, 1, 0);
    float first[NN_PIXELS], again[NN_PIXELS];
    augment_floats(&everything, data.images, 1, 2, 3, 1, 0, first);
    augment_floats(&everything, data.images, 9, 9, 9, 1, 0, again); // another in between
    augment_floats(&everything, data.images, 1, 2, 3, 1, 0, again);
    assert_memory_equal(first, again, sizeof first);
    const uint64_t positions[][3] = {{2, 2, 3}, {1, 3, 3}, {1, 2, 4}};
    for (size_t i = 0; i < 3; i++) {
        augment_floats(&everything, data.images, positions[i][0], positions[i][1], positions[i][2],
                       1, 0, again);
        assert_memory_not_equal(first, again, sizeof first);
    }
    synthetic_release(&data);
}

static void bytes_are_the_rounded_floats(void **state) {
    (void)state;
    NnDataset data = synthetic(3, 1, 0);
    for (uint64_t i = 0; i < data.n; i++) {
        const uint8_t *pixels = data.images + i * NN_PIXELS;
        uint8_t bytes[NN_PIXELS];
        float values[NN_PIXELS];
        augment_bytes(&everything, pixels, 1, 0, i, bytes);
        augment_floats(&everything, pixels, 1, 0, i, 1, 0, values);
        for (size_t p = 0; p < NN_PIXELS; p++) {
            assert_true(values[p] >= 0.0f && values[p] <= 255.0f);
            assert_int_equal(bytes[p], (int)(values[p] + 0.5f));
        }
    }
    synthetic_release(&data);
}

static void shifts_are_uniform_within_their_reach(void **state) {
    (void)state;
    const NnAugment shift = {.shift_px = 2};
    uint8_t pixels[NN_PIXELS];
    spot(pixels, 13.5, 13.5, 2, 2);
    double sum = 0, squares = 0, furthest = 0;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        double dx = augmented(&shift, pixels, i).cx - 13.5;
        sum += dx;
        squares += dx * dx;
        furthest = fmax(furthest, fabs(dx));
    }
    assert_true(furthest <= 2.02 && furthest > 1.9);
    assert_near(sum / SAMPLES, 0.0, 0.15, "sum / SAMPLES", 0);
    assert_near(squares / SAMPLES, 4.0 / 3, 0.15, "squares / SAMPLES",
                0); // variance of uniform -2..2
}

// A spot that is wider than high, turned by t, has the angle t between its long axis and x.
static void rotations_stay_within_their_reach(void **state) {
    (void)state;
    const NnAugment rotation = {.rotation_deg = 15};
    uint8_t pixels[NN_PIXELS];
    spot(pixels, 13.5, 13.5, 5, 2);
    double furthest = 0, squares = 0;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        Moments m = augmented(&rotation, pixels, i);
        double degrees = 0.5 * atan2(2 * m.xy, m.xx - m.yy) * 57.29577951308232;
        furthest = fmax(furthest, fabs(degrees));
        squares += degrees * degrees;
        assert_near(m.cx, 13.5, 0.05, "m.cx", 0);
    }
    assert_true(furthest <= 15.3 && furthest > 14.0);
    assert_near(squares / SAMPLES, 75.0, 10.0, "squares / SAMPLES", 0); // 15^2 / 3
}

static void scaling_changes_the_size_alone(void **state) {
    (void)state;
    const NnAugment scale = {.scale = 0.2f};
    uint8_t pixels[NN_PIXELS];
    spot(pixels, 13.5, 13.5, 3, 3);
    float plain[NN_PIXELS];
    augment_floats(&(NnAugment){0}, pixels, 1, 0, 0, 1, 0, plain);
    double before = sqrt(moments(plain).xx), least = 10, most = 0;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        Moments m = augmented(&scale, pixels, i);
        double factor = sqrt(m.xx) / before;
        least = fmin(least, factor);
        most = fmax(most, factor);
        assert_near(m.xy, 0.0, 0.05, "m.xy", 0);
        assert_near(m.cy, 13.5, 0.05, "m.cy", 0);
    }
    assert_true(least > 0.78 && least < 0.84);
    assert_true(most < 1.22 && most > 1.16);
}

static void shearing_slants_upright_strokes(void **state) {
    (void)state;
    const NnAugment shear = {.shear = 0.3f};
    uint8_t pixels[NN_PIXELS];
    spot(pixels, 13.5, 13.5, 2, 5);
    double furthest = 0;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        Moments m = augmented(&shear, pixels, i);
        furthest = fmax(furthest, fabs(m.xy / m.yy)); // dx / dy of the slanted axis
        assert_near(m.cy, 13.5, 0.05, "m.cy", 0);
    }
    assert_true(furthest > 0.27 && furthest < 0.31);
}

// A horizontal ramp turns displacements along x into brightness, so the field can be read off the
// result.
static void elastic_displacements_have_the_amplitude_asked_for(void **state) {
    (void)state;
    uint8_t ramp[NN_PIXELS];
    for (int i = 0; i < NN_PIXELS; i++) {
        ramp[i] = (uint8_t)(9 * (i % NN_SIDE));
    }
    const float sigmas[] = {1.5f, 4.0f, 8.0f};
    for (size_t k = 0; k < 3; k++) {
        const NnAugment elastic = {.elastic_px = 0.7f, .elastic_sigma = sigmas[k]};
        double squares = 0, steps = 0;
        size_t n = 0;
        for (uint64_t i = 0; i < SAMPLES; i++) {
            float out[NN_PIXELS];
            augment_floats(&elastic, ramp, 1, 0, i, 1.0f / 9, 0, out);
            for (int y = 4; y < NN_SIDE - 4; y++) {
                for (int x = 4; x < NN_SIDE - 5; x++) {
                    double here = (double)out[y * NN_SIDE + x] - x;
                    double next = (double)out[y * NN_SIDE + x + 1] - (x + 1);
                    squares += here * here;
                    steps += (next - here) * (next - here);
                    n++;
                }
            }
        }
        double rms = sqrt(squares / (double)n);
        assert_near(rms, 0.7, 0.05, "rms", 0);
        // White noise smoothed by a Gaussian of sd s has the correlation exp(-d^2 / 4 s^2).
        double correlation = 1 - steps / (double)n / (2 * rms * rms);
        double gaussian = exp(-1 / (4 * (double)sigmas[k] * (double)sigmas[k]));
        assert_near(correlation, gaussian, 0.02, "correlation", 0);
    }
}

// A stroke with straight edges: its width is its ink over its length.
static void thickness_changes_the_width_of_strokes(void **state) {
    (void)state;
    const NnAugment thickness = {.thickness_px = 1.5f};
    uint8_t pixels[NN_PIXELS] = {0};
    for (int y = 4; y < 24; y++) {
        memset(pixels + y * NN_SIDE + 12, 255, 4);
    }
    double least = 10, most = 0, sum = 0;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        float out[NN_PIXELS];
        augment_floats(&thickness, pixels, 1, 0, i, 1.0f / 255, 0, out);
        double width = 0;
        for (int x = 0; x < NN_SIDE; x++) {
            width += (double)out[14 * NN_SIDE + x];
        }
        least = fmin(least, width);
        most = fmax(most, width);
        sum += width;
    }
    assert_true(least >= 2.5 && least < 2.6);
    assert_true(most <= 5.5 && most > 5.4);
    assert_near(sum / SAMPLES, 4.0, 0.15, "sum / SAMPLES", 0);
}

static void probability_leaves_the_others_alone(void **state) {
    (void)state;
    NnAugment half = everything;
    half.probability = 0.5f;
    NnDataset data = synthetic(1, 1, 0);
    int untouched = 0;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        uint8_t out[NN_PIXELS];
        augment_bytes(&half, data.images, 1, 0, i, out);
        untouched += memcmp(out, data.images, NN_PIXELS) == 0;
    }
    assert_in_range(untouched, SAMPLES / 2 - 50, SAMPLES / 2 + 50);
    synthetic_release(&data);
}

// Beyond what a recipe may say, too: a program may fill in the numbers itself.
static void extremes_stay_within_the_picture(void **state) {
    (void)state;
    NnDataset data = synthetic(1, 1, 0);
    const NnAugment extreme = {.rotation_deg = 180,
                               .shift_px = 14,
                               .scale = 1,
                               .shear = 1,
                               .elastic_px = 1e9f,
                               .elastic_sigma = 0.01f,
                               .thickness_px = 9};
    for (uint64_t i = 0; i < SAMPLES; i++) {
        float out[NN_PIXELS];
        augment_floats(&extreme, data.images, 1, 0, i, 1, 0, out);
        for (size_t p = 0; p < NN_PIXELS; p++) {
            assert_true(out[p] >= 0.0f && out[p] <= 255.0f);
        }
    }
    synthetic_release(&data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_zero_changes_nothing),
        cmocka_unit_test(a_sample_depends_on_its_position_alone),
        cmocka_unit_test(bytes_are_the_rounded_floats),
        cmocka_unit_test(shifts_are_uniform_within_their_reach),
        cmocka_unit_test(rotations_stay_within_their_reach),
        cmocka_unit_test(scaling_changes_the_size_alone),
        cmocka_unit_test(shearing_slants_upright_strokes),
        cmocka_unit_test(elastic_displacements_have_the_amplitude_asked_for),
        cmocka_unit_test(thickness_changes_the_width_of_strokes),
        cmocka_unit_test(probability_leaves_the_others_alone),
        cmocka_unit_test(extremes_stay_within_the_picture),
    };
    return cmocka_run_group_tests_name("augment", tests, NULL, NULL);
}
