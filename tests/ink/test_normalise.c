// Drawing to digit: against a rasteriser that knows nothing of ours, and against what may not
// change it.

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "ink/drawings.h"

// --- oracle --------------------------------------------------------------------------------------

// The placement is worked out anew in double and each pixel is the share of 16x16 samples that lie
// within the pen's radius of the way it went.
enum { SAMPLES = 16 };

typedef struct {
    double scale, x, y; // pixel = canvas * scale + x (y)
    double pen;
} Place;

static bool inked(const NnInk *ink, const Place *place, double px, double py) {
    double x = (px - place->x) / place->scale, y = (py - place->y) / place->scale;
    double radius = 0.5 * place->pen / place->scale;
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        for (size_t k = 0; k < stroke.n; k++) {
            NnInkPoint a = stroke.points[k > 0 ? k - 1 : 0], b = stroke.points[k];
            double dx = (double)b.x - (double)a.x, dy = (double)b.y - (double)a.y;
            double square = dx * dx + dy * dy;
            double t = square > 0 ? ((x - (double)a.x) * dx + (y - (double)a.y) * dy) / square : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            if (hypot(x - (double)a.x - t * dx, y - (double)a.y - t * dy) < radius) {
                return true;
            }
        }
    }
    return false;
}

static void naive_cover(const NnInk *ink, const Place *place, double *cover) {
    for (int i = 0; i < NN_PIXELS; i++) {
        int hits = 0;
        for (int s = 0; s < SAMPLES * SAMPLES; s++) {
            double x = i % NN_SIDE + (s % SAMPLES + 0.5) / SAMPLES;
            double y = (int)(i / NN_SIDE) + ((int)(s / SAMPLES) + 0.5) / SAMPLES;
            hits += inked(ink, place, x, y);
        }
        cover[i] = (double)hits / (SAMPLES * SAMPLES);
    }
}

// All with pressure 1, the longer side 20 pixels with the pen, the centre of mass at 14.5.
static void naive_normalise(const NnInk *ink, double pen, double *cover) {
    double x0 = (double)INFINITY, y0 = (double)INFINITY, x1 = -(double)INFINITY,
           y1 = -(double)INFINITY;
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        for (size_t k = 0; k < stroke.n; k++) {
            x0 = fmin(x0, (double)stroke.points[k].x);
            x1 = fmax(x1, (double)stroke.points[k].x);
            y0 = fmin(y0, (double)stroke.points[k].y);
            y1 = fmax(y1, (double)stroke.points[k].y);
        }
    }
    Place place = {.scale = (20.0 - pen) / fmax(x1 - x0, y1 - y0), .pen = pen};
    place.x = 14.0 - 0.5 * (x0 + x1) * place.scale;
    place.y = 14.0 - 0.5 * (y0 + y1) * place.scale;
    naive_cover(ink, &place, cover);
    double mass = 0, x = 0, y = 0;
    for (int i = 0; i < NN_PIXELS; i++) {
        mass += cover[i];
        x += cover[i] * (i % NN_SIDE + 0.5);
        y += cover[i] * ((int)(i / NN_SIDE) + 0.5);
    }
    place.x += 14.5 - x / mass;
    place.y += 14.5 - y / mass;
    naive_cover(ink, &place, cover);
}

static void the_digit_is_the_area_the_pen_covers(void **unused) {
    (void)unused;
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 4; round++) {
        NnInk *ink = new_ink();
        if (round == 0) {
            add_five(ink, 0.4f, 0.6f, 1, 0.06f);
        } else {
            float xy[12];
            for (int i = 0; i < 12; i++) {
                xy[i] = rng_uniform(&rng, 0.1f, 0.9f);
            }
            add_stroke(ink, NN_INK_DRAW, 0.05f, xy, 6);
        }
        static double cover[NN_PIXELS];
        NnDigit digit;
        assert_true(
            nn_ink_normalise(ink, &(NnNormaliseOptions){.pen_px = 2.5f + (float)round}, &digit));
        naive_normalise(ink, 2.5 + round, cover);
        double sum = 0;
        for (int i = 0; i < NN_PIXELS; i++) {
            double apart = fabs(digit.pixels[i] / 255.0 - cover[i]);
            // A quarter of a fine pixel at the sharpest corners; nearly nothing on average.
            if (apart > 0.2) {
                fail_msg("round %d, pixel %d, %d: got %.3f, expected %.3f", round, i % NN_SIDE,
                         i / NN_SIDE, digit.pixels[i] / 255.0, cover[i]);
            }
            sum += apart;
        }
        if (sum / NN_PIXELS > 0.005) {
            fail_msg("round %d: off by %.4f on average", round, sum / NN_PIXELS);
        }
        nn_ink_free(ink);
    }
}

// --- what changes nothing ------------------------------------------------------------------------

static void assert_alike(const NnDigit *got, const NnDigit *expected, int tolerance,
                         const char *what) {
    for (int i = 0; i < NN_PIXELS; i++) {
        if (abs(got->pixels[i] - expected->pixels[i]) > tolerance) {
            fail_msg("%s: pixel %d, %d is %d, was %d", what, i % NN_SIDE, i / NN_SIDE,
                     got->pixels[i], expected->pixels[i]);
        }
    }
}

typedef struct {
    const char *name;
    float x, y, scale, width;
} Variant;

static Variant variants[] = {
    {"moved", 0.3f, 0.7f, 1, 0.05f},
    {"at the edge, half outside", 1.0f, 0.0f, 1, 0.05f},
    {"far outside", -3.0f, 5.0f, 1, 0.05f},
    {"scaled to 0.3", 0.5f, 0.5f, 0.3f, 0.05f},
    {"scaled to 0.5", 0.4f, 0.4f, 0.5f, 0.05f},
    {"scaled to 2", 0.5f, 0.5f, 2, 0.05f},
    {"scaled to 3", 0.5f, 0.5f, 3, 0.05f},
    {"half the brush", 0.5f, 0.5f, 1, 0.025f},
    {"double the brush", 0.5f, 0.5f, 1, 0.1f},
};

static void place_size_and_brush_do_not_change_the_digit(void **state) {
    const Variant *variant = *state;
    NnInk *ink = new_ink(), *other = new_ink();
    NnDigit expected, got;
    add_five(ink, 0.5f, 0.5f, 1, 0.05f);
    add_five(other, variant->x, variant->y, variant->scale, variant->width);
    assert_true(nn_ink_normalise(ink, NULL, &expected));
    assert_true(nn_ink_normalise(other, NULL, &got));
    assert_alike(&got, &expected, 3, variant->name);
    nn_ink_free(ink);
    nn_ink_free(other);
}

static void more_points_on_the_same_way_do_not_change_the_digit(void **unused) {
    (void)unused;
    NnInk *ink = new_ink(), *dense = new_ink();
    NnDigit expected, got;
    add_five(ink, 0.5f, 0.5f, 1, 0.05f);
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        assert_true(nn_ink_begin(dense, NN_INK_DRAW, stroke.width));
        for (size_t k = 0; k < stroke.n; k++) {
            NnInkPoint a = stroke.points[k > 0 ? k - 1 : 0], b = stroke.points[k];
            for (int part = 1; part <= 25; part++) {
                float t = (float)part / 25.0f;
                assert_true(nn_ink_extend(
                    dense, (NnInkPoint){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y), 1, 0}));
            }
        }
        nn_ink_end(dense);
    }
    assert_true(nn_ink_normalise(ink, NULL, &expected));
    assert_true(nn_ink_normalise(dense, NULL, &got));
    assert_alike(&got, &expected, 6, "25 times the points"); // 0.02 of a pixel
    nn_ink_free(ink);
    nn_ink_free(dense);
}

static void only_the_variation_of_pressure_matters(void **unused) {
    (void)unused;
    NnDigit digits[3];
    for (int i = 0; i < 3; i++) {
        NnInk *ink = new_ink();
        assert_true(nn_ink_begin(ink, NN_INK_DRAW, 0.05f));
        for (int k = 0; k < 20; k++) {
            float pressure = i == 0 ? 1.0f : i == 1 ? 0.4f : (float)k / 19.0f;
            assert_true(
                nn_ink_extend(ink, (NnInkPoint){0.3f + 0.02f * (float)(k % 5),
                                                0.1f + 0.04f * (float)k, pressure, (float)k}));
        }
        nn_ink_end(ink);
        assert_true(nn_ink_normalise(ink, NULL, &digits[i]));
        nn_ink_free(ink);
    }
    assert_alike(&digits[1], &digits[0], 2, "light all the way");
    double top = 0, bottom = 0;
    for (int i = 0; i < NN_PIXELS; i++) {
        *(i < NN_PIXELS / 2 ? &top : &bottom) += digits[2].pixels[i];
    }
    assert_true(bottom > 1.2 * top); // pressed harder towards the end: wider there
}

// --- drawings that are hardly any ----------------------------------------------------------------

typedef struct {
    double ink, x0, y0, x1, y1, centre_x, centre_y;
} Look;

static Look look_at(const NnDigit *digit) {
    Look look = {0, NN_SIDE, NN_SIDE, 0, 0, 0, 0};
    for (int i = 0; i < NN_PIXELS; i++) {
        double value = digit->pixels[i] / 255.0;
        int x = i % NN_SIDE, y = i / NN_SIDE;
        look.ink += value;
        look.centre_x += value * (x + 0.5);
        look.centre_y += value * (y + 0.5);
        if (value > 0) {
            look.x0 = fmin(look.x0, x);
            look.y0 = fmin(look.y0, y);
            look.x1 = fmax(look.x1, x + 1);
            look.y1 = fmax(look.y1, y + 1);
        }
    }
    look.centre_x /= look.ink;
    look.centre_y /= look.ink;
    return look;
}

typedef struct {
    const char *name;
    size_t n;
    float xy[8];
    double width, height; // of the ink, in pixels, within 1.5
} Sparse;

static Sparse sparse[] = {
    {"a tap", 1, {0.3f, 0.9f}, 2.5, 2.5},
    {"a tap with a trembling hand", 3, {0.3f, 0.9f, 0.301f, 0.9f, 0.301f, 0.902f}, 5, 5},
    {"a straight 1", 2, {0.5f, 0.2f, 0.5f, 0.8f}, 2.5, 20},
    {"a horizontal line", 3, {0.2f, 0.5f, 0.5f, 0.5f, 0.9f, 0.5f}, 20, 2.5},
    {"a diagonal", 2, {0.1f, 0.1f, 0.9f, 0.9f}, 20, 20},
    {"out of the canvas", 2, {0.5f, -30.0f, 0.5f, 90.0f}, 2.5, 20},
};

static void lines_and_taps_stay_what_they_are(void **state) {
    const Sparse *row = *state;
    NnInk *ink = new_ink();
    NnDigit digit;
    add_stroke(ink, NN_INK_DRAW, 0.055f, row->xy, row->n);
    assert_true(nn_ink_normalise(ink, NULL, &digit));
    Look look = look_at(&digit);
    assert_near(look.centre_x, 14.5, 0.01, "centre of mass, across", 0);
    assert_near(look.centre_y, 14.5, 0.01, "centre of mass, down", 0);
    if (fabs(look.x1 - look.x0 - row->width) > 1.5 || fabs(look.y1 - look.y0 - row->height) > 1.5) {
        fail_msg("%s: %.0f x %.0f pixels", row->name, look.x1 - look.x0, look.y1 - look.y0);
    }
    nn_ink_free(ink);
}

static void an_empty_drawing_is_all_paper(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    NnDigit digit;
    static NnXray xray;
    memset(&digit, 77, sizeof digit);
    memset(&xray, 77, sizeof xray);
    assert_false(nn_ink_normalise(ink, NULL, &digit));
    nn_ink_xray(ink, NULL, &xray);
    assert_true(xray.empty);
    for (int i = 0; i < NN_PIXELS; i++) {
        assert_int_equal(digit.pixels[i], 0);
        for (int stage = 0; stage < NN_STAGE_COUNT; stage++) {
            assert_int_equal(xray.digit[stage].pixels[i], 0);
            assert_int_equal(xray.picture[stage][i], 0);
        }
    }
    nn_ink_free(ink);
}

static void options_out_of_range_are_brought_into_it(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    NnDigit digit;
    add_five(ink, 0.5f, 0.5f, 1, 0.05f);
    const NnNormaliseOptions wild[] = {
        {.pen_px = 1e6f}, {.box_px = 1e6f}, {.box_px = 0.01f, .pen_px = 50}, {.skip = ~0u}};
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        assert_true(nn_ink_normalise(ink, &wild[i], &digit));
        assert_true(look_at(&digit).ink > 0);
    }
    nn_ink_free(ink);
}

static void nothing_is_allocated(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    NnDigit digit;
    static NnXray xray;
    add_five(ink, 0.5f, 0.5f, 1, 0.05f);
    uint64_t before = mem_request_count();
    assert_true(nn_ink_normalise(ink, NULL, &digit));
    nn_ink_xray(ink, NULL, &xray);
    assert_int_equal(mem_request_count(), before);
    nn_ink_free(ink);
}

// --- the X-ray -----------------------------------------------------------------------------------

static void the_last_stage_is_what_the_network_is_given(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    NnDigit digit;
    static NnXray xray;
    add_five(ink, 0.3f, 0.4f, 0.7f, 0.08f);
    for (unsigned skip = 0; skip < 1u << NN_STAGE_COUNT; skip++) {
        NnNormaliseOptions options = {.skip = skip};
        assert_true(nn_ink_normalise(ink, &options, &digit));
        nn_ink_xray(ink, &options, &xray);
        assert_false(xray.empty);
        assert_memory_equal(&digit, &xray.digit[NN_STAGE_CENTRE], sizeof digit);
        // A stage left out shows what the stage before it shows.
        for (int stage = NN_STAGE_CROP; stage < NN_STAGE_COUNT; stage++) {
            if ((skip & 1u << stage) != 0) {
                assert_memory_equal(&xray.digit[stage], &xray.digit[stage - 1], sizeof digit);
                assert_memory_equal(xray.picture[stage], xray.picture[stage - 1], NN_XRAY_PIXELS);
            }
        }
    }
    nn_ink_free(ink);
}

static void each_stage_does_its_step(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    static NnXray xray;
    static uint8_t canvas[NN_XRAY_PIXELS];
    const float hook[] = {0.1f, 0.2f, 0.3f, 0.2f, 0.3f, 0.8f};
    add_stroke(ink, NN_INK_DRAW, 0.08f, hook, 3);
    nn_ink_xray(ink, NULL, &xray);
    nn_ink_draw(ink, canvas, NN_XRAY_SIDE);
    assert_memory_equal(xray.picture[NN_STAGE_RAW], canvas, NN_XRAY_PIXELS);

    Look crop = look_at(&xray.digit[NN_STAGE_CROP]);
    assert_true(crop.x0 <= 0 && crop.y0 <= 0 && crop.x1 >= 28 && crop.y1 >= 28);
    Look scale = look_at(&xray.digit[NN_STAGE_SCALE]);
    assert_near(scale.y1 - scale.y0, 20, 0.001, "height", 0);
    assert_near(scale.x0 + scale.x1, 28, 0.05, "centred box", 0);
    assert_near(scale.x1 - scale.x0, 20 * 0.28 / 0.68, 0.25, "shape kept", 0); // and soft edges
    Look pen = look_at(&xray.digit[NN_STAGE_PEN]);
    assert_near(pen.y1 - pen.y0, 20, 0.001, "height with the new pen", 0);
    assert_near(xray.pen_px, 2.5, 1e-6, "pen", 0);
    Look centre = look_at(&xray.digit[NN_STAGE_CENTRE]);
    assert_near(centre.centre_x, 14.5, 0.005, "centre of mass, across", 0);
    assert_near(centre.centre_y, 14.5, 0.005, "centre of mass, down", 0);
    assert_near(centre.centre_x - pen.centre_x, xray.shift_x, 0.02, "shift", 0);
    nn_ink_free(ink);
}

static void the_picture_is_the_digit_at_four_times_the_size(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    static NnXray xray;
    add_five(ink, 0.3f, 0.4f, 0.7f, 0.08f);
    nn_ink_xray(ink, NULL, &xray);
    for (int stage = 0; stage < NN_STAGE_COUNT; stage++) {
        double apart = 0;
        for (int i = 0; i < NN_PIXELS; i++) {
            int sum = 0;
            for (int k = 0; k < 16; k++) {
                int y = (int)(i / NN_SIDE) * 4 + k / 4, x = i % NN_SIDE * 4 + k % 4;
                sum += xray.picture[stage][y * NN_XRAY_SIDE + x];
            }
            apart += fabs(sum / 16.0 - xray.digit[stage].pixels[i]);
        }
        assert_true(apart / NN_PIXELS < 3.0);
    }
    nn_ink_free(ink);
}

static void stages_have_names(void **unused) {
    (void)unused;
    assert_string_equal(nn_stage_name(NN_STAGE_RAW), "raw");
    assert_string_equal(nn_stage_name(NN_STAGE_CENTRE), "centred");
}

int main(void) {
    enum {
        N_VARIANTS = sizeof variants / sizeof variants[0],
        N_SPARSE = sizeof sparse / sizeof sparse[0]
    };
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(the_digit_is_the_area_the_pen_covers),
        cmocka_unit_test(more_points_on_the_same_way_do_not_change_the_digit),
        cmocka_unit_test(only_the_variation_of_pressure_matters),
        cmocka_unit_test(an_empty_drawing_is_all_paper),
        cmocka_unit_test(options_out_of_range_are_brought_into_it),
        cmocka_unit_test(nothing_is_allocated),
        cmocka_unit_test(the_last_stage_is_what_the_network_is_given),
        cmocka_unit_test(each_stage_does_its_step),
        cmocka_unit_test(the_picture_is_the_digit_at_four_times_the_size),
        cmocka_unit_test(stages_have_names),
    };
    enum { N_FIXED = sizeof fixed / sizeof fixed[0] };
    struct CMUnitTest tests[N_FIXED + N_VARIANTS + N_SPARSE];
    size_t n = N_FIXED;
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < N_VARIANTS; i++) {
        tests[n++] =
            (struct CMUnitTest){variants[i].name, place_size_and_brush_do_not_change_the_digit,
                                NULL, NULL, &variants[i]};
    }
    for (size_t i = 0; i < N_SPARSE; i++) {
        tests[n++] = (struct CMUnitTest){sparse[i].name, lines_and_taps_stay_what_they_are, NULL,
                                         NULL, &sparse[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
