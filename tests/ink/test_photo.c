// Pictures of digits. The oracle is the drawing itself: it is turned into a picture as a camera
// might see it, and the digit made from that picture is compared with the digit made from the
// strokes.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ink/drawings.h"
#include "support/faults.h"

enum { SIDE = 240 };

typedef struct {
    const char *name;
    int width, height;
    double paper, ink; // grey levels
    float pen, scale;  // as fractions of the picture's shorter side
    double gradient;   // light lost from one corner to the other
    double shadow;     // light left in the corner that lies in shadow; 0: none
    double noise;      // standard deviation
    int rules;         // ruled lines
    double tilt;       // of the lines, pixels down per pixel across
    int specks;
    int desk;         // columns of dark table on the left
    double tolerance; // of the sum of differences, relative to the ink
} Scene;

static Scene scenes[] = {
    {"dark on white", SIDE, SIDE, 255, 0, 0.055f, 1.5f, 0, 0, 0, 0, 0, 0, 0, 0.08},
    {"light on black", SIDE, SIDE, 0, 255, 0.055f, 1.5f, 0, 0, 0, 0, 0, 0, 0, 0.08},
    {"wide", 2 * SIDE, SIDE, 240, 30, 0.055f, 1.5f, 0, 0, 0, 0, 0, 0, 0, 0.08},
    {"tall", SIDE, 2 * SIDE, 240, 30, 0.055f, 1.5f, 0, 0, 0, 0, 0, 0, 0, 0.08},
    {"larger than it is worked on", 1500, 1100, 240, 30, 0.05f, 1.5f, 0, 0, 0, 0, 0, 0, 0, 0.1},
    {"40 x 40", 40, 40, 255, 0, 0.06f, 1.6f, 0, 0, 0, 0, 0, 0, 0, 0.15},
    {"28 x 28, not centred", 28, 28, 255, 0, 0.08f, 1.2f, 0, 0, 0, 0, 0, 0, 0, 0.3},
    {"a fine pen", SIDE, SIDE, 230, 40, 0.015f, 1.5f, 0, 0, 2, 0, 0, 0, 0, 0.1},
    {"a broad pen", SIDE, SIDE, 230, 40, 0.09f, 1.5f, 0, 0, 2, 0, 0, 0, 0, 0.25},
    {"faint pencil", SIDE, SIDE, 220, 170, 0.04f, 1.5f, 0, 0, 3, 0, 0, 0, 0, 0.1},
    {"light from one side", SIDE, SIDE, 230, 50, 0.05f, 1.5f, 0.6, 0, 3, 0, 0, 0, 0, 0.1},
    {"the edge of a shadow", SIDE, SIDE, 230, 50, 0.05f, 1.5f, 0.1, 0.5, 3, 0, 0, 0, 0, 0.2},
    {"noise", SIDE, SIDE, 200, 80, 0.05f, 1.5f, 0.2, 0, 15, 0, 0, 0, 0, 0.15},
    {"ruled paper", SIDE, SIDE, 230, 40, 0.045f, 1.5f, 0.2, 0, 3, 8, 0, 0, 0, 0.1},
    {"ruled paper, tilted", SIDE, SIDE, 230, 40, 0.045f, 1.5f, 0.2, 0, 3, 6, 0.04, 0, 0, 0.1},
    {"specks", SIDE, SIDE, 230, 40, 0.045f, 1.5f, 0.2, 0, 3, 0, 0, 40, 0, 0.1},
    {"a dark table at the edge", SIDE, SIDE, 230, 40, 0.045f, 1.2f, 0.2, 0, 3, 0, 0, 0, 20, 0.1},
    {"chalk, unevenly lit", SIDE, SIDE, 40, 220, 0.05f, 1.5f, 0.3, 0, 5, 0, 0, 0, 0, 0.15},
};

// The light at a place, 0..1.
static double light_at(const Scene *scene, int x, int y) {
    double diagonal = (double)(x + y) / (scene->width + scene->height);
    double light = 1.0 - scene->gradient * diagonal;
    bool shaded = 2 * x + y < scene->width; // the shadow's edge runs through the digit
    return scene->shadow > 0 && shaded ? light * scene->shadow : light;
}

static uint8_t *photograph(const Scene *scene, const NnInk *ink, Rng *rng) {
    int side = scene->width < scene->height ? scene->width : scene->height;
    uint8_t *cover = malloc((size_t)side * (size_t)side);
    uint8_t *grey = malloc((size_t)scene->width * (size_t)scene->height);
    assert_true(cover != NULL && grey != NULL);
    nn_ink_draw(ink, cover, side);
    for (int y = 0; y < scene->height; y++) {
        for (int x = 0; x < scene->width; x++) {
            int u = x - (scene->width - side) / 2, v = y - (scene->height - side) / 2;
            bool inside = u >= 0 && v >= 0 && u < side && v < side;
            double covered = inside ? cover[v * side + u] / 255.0 : 0.0;
            double value = scene->paper + (scene->ink - scene->paper) * covered;
            if (scene->rules > 0 &&
                fmod(y + scene->tilt * x, (double)scene->height / scene->rules) < 2.0) {
                value = fmin(value, 0.6 * scene->paper);
            }
            if (x < scene->desk) {
                value = 60;
            }
            value = value * light_at(scene, x, y) + scene->noise * (double)rng_normal(rng);
            grey[y * scene->width + x] = (uint8_t)fmin(fmax(value, 0.0), 255.0);
        }
    }
    for (int i = 0; i < scene->specks; i++) {
        uint32_t x = rng_below(rng, (uint32_t)scene->width - 1);
        uint32_t y = rng_below(rng, (uint32_t)scene->height - 1);
        grey[y * (uint32_t)scene->width + x] = (uint8_t)scene->ink;
        grey[y * (uint32_t)scene->width + x + 1] = (uint8_t)scene->ink;
    }
    free(cover);
    return grey;
}

static double apart(const NnDigit *got, const NnDigit *expected) {
    double differences = 0, ink = 0;
    for (int i = 0; i < NN_PIXELS; i++) {
        differences += abs(got->pixels[i] - expected->pixels[i]);
        ink += expected->pixels[i];
    }
    return differences / ink;
}

static void the_picture_of_a_drawing_gives_the_drawings_digit(void **state) {
    const Scene *scene = *state;
    NnInk *ink = new_ink();
    add_five(ink, 0.52f, 0.47f, scene->scale, scene->pen);
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    uint8_t *grey = photograph(scene, ink, &rng);
    NnDigit expected, got;
    NnError err = {0};
    static NnXray xray;
    assert_true(nn_ink_normalise(ink, NULL, &expected));
    if (nn_picture_normalise(grey, scene->width, scene->height, NULL, &got, &xray, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    if (apart(&got, &expected) > scene->tolerance) {
        fail_msg("the digits differ by %.3f of the ink", apart(&got, &expected));
    }
    assert_false(xray.empty);
    assert_memory_equal(&xray.digit[NN_STAGE_CENTRE], &got, sizeof got);
    assert_near(xray.pen_px, 2.5, 0.1, "pen", 0);
    free(grey);
    nn_ink_free(ink);
}

// A digit that fills its picture has strokes from edge to edge, too; they are no ruled lines.
static void closely_cropped_digits_keep_their_strokes(void **unused) {
    (void)unused;
    enum { SIZE = 200 };
    static uint8_t cover[SIZE * SIZE];
    const float seven[] = {0.03f, 0.03f, 0.97f, 0.03f, 0.4f, 0.97f};
    const float one[] = {0.5f, 0.03f, 0.5f, 0.97f};
    const float flagged[] = {0.3f, 0.3f, 0.5f, 0.03f, 0.5f, 0.97f};
    const float four[] = {0.3f, 0.03f, 0.03f, 0.6f, 0.97f, 0.6f,
                          0.6f, 0.6f,  0.6f,  0.2f, 0.6f,  0.97f};
    const struct {
        const float *xy;
        size_t n;
    } digits[] = {{seven, 3}, {one, 2}, {flagged, 3}, {four, 6}};
    for (size_t i = 0; i < 4; i++) {
        for (int thin = 0; thin < 2; thin++) {
            NnInk *ink = new_ink();
            NnDigit expected, got;
            add_stroke(ink, NN_INK_DRAW, thin == 1 ? 0.03f : 0.06f, digits[i].xy, digits[i].n);
            nn_ink_draw(ink, cover, SIZE);
            NnError err = {0};
            assert_true(nn_ink_normalise(ink, NULL, &expected));
            if (nn_picture_normalise(cover, SIZE, SIZE, NULL, &got, NULL, &err) != NN_OK) {
                fail_msg("%s", err.message);
            }
            if (apart(&got, &expected) > 0.2) {
                fail_msg("digit %zu, thin %d: the digits differ by %.3f", i, thin,
                         apart(&got, &expected));
            }
            nn_ink_free(ink);
        }
    }
}

// Cut to its ink and stretched a plain bar is all ink, from edge to edge of the picture.
static void a_stretched_bar_still_has_a_width(void **unused) {
    (void)unused;
    uint8_t grey[100 * 100] = {0};
    for (int i = 0; i < 100 * 100; i++) {
        grey[i] = i % 100 >= 40 && i % 100 < 50 && i >= 2000 && i < 8000 ? 10 : 240;
    }
    NnDigit digit;
    static NnXray xray;
    NnError err = {0};
    NnNormaliseOptions options = {.skip = 1u << NN_STAGE_SCALE};
    assert_int_equal(nn_picture_normalise(grey, 100, 100, &options, &digit, &xray, &err), NN_OK);
    assert_true(xray.pen_px <= 28.0f);
    int ink = 0;
    for (int i = 0; i < NN_PIXELS; i++) {
        ink += digit.pixels[i] > 128;
    }
    assert_in_range(ink, 10, 200);
}

// --- pictures that are digits already ------------------------------------------------------------

static void assert_kept(const NnDigit *digit, const char *what, size_t index) {
    NnDigit got;
    NnError err = {0};
    uint8_t inverted[NN_PIXELS];
    for (int i = 0; i < NN_PIXELS; i++) {
        inverted[i] = (uint8_t)(255 - digit->pixels[i]);
    }
    const uint8_t *both[] = {digit->pixels, inverted};
    for (int i = 0; i < 2; i++) {
        if (nn_picture_normalise(both[i], NN_SIDE, NN_SIDE, NULL, &got, NULL, &err) != NN_OK ||
            memcmp(&got, digit, sizeof got) != 0) {
            fail_msg("%s %zu, %s: not kept as it is", what, index,
                     i == 0 ? "as it is" : "inverted");
        }
    }
}

static void our_own_digits_are_kept_bit_for_bit(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    NnDigit digit, got;
    for (size_t i = 0; i < 50; i++) {
        nn_ink_reset(ink);
        add_five(ink, 0.5f + 0.001f * (float)i, 0.5f, 1.0f + 0.01f * (float)i, 0.05f);
        assert_true(nn_ink_normalise(ink, NULL, &digit));
        assert_kept(&digit, "digit", i);
    }
    static NnXray xray;
    NnError err = {0};
    assert_int_equal(nn_picture_normalise(digit.pixels, NN_SIDE, NN_SIDE, NULL, &got, &xray, &err),
                     NN_OK);
    for (int stage = 0; stage < NN_STAGE_COUNT; stage++) {
        assert_memory_equal(&xray.digit[stage], &digit, sizeof digit);
    }
    nn_ink_free(ink);
}

static void mnist_is_kept_bit_for_bit(void **unused) {
    (void)unused;
    char path[1024];
    const char *data = getenv("INKLING_DATA");
    snprintf(path, sizeof path, "%s/mnist/t10k-images-idx3-ubyte", data != NULL ? data : "");
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_message("MNIST is not there\n");
        skip();
        return;
    }
    NnDigit digit;
    size_t n = 0;
    assert_int_equal(fseek(file, 16, SEEK_SET), 0);
    for (; fread(digit.pixels, 1, NN_PIXELS, file) == NN_PIXELS; n++) {
        assert_kept(&digit, "picture", n);
    }
    assert_int_equal(n, 10000);
    fclose(file);
}

// --- pictures without a digit --------------------------------------------------------------------

typedef struct {
    const char *name;
    int width, height;
    double level, noise, gradient;
    int rules;
} Blank;

static Blank blanks[] = {
    {"black", 100, 100, 0, 0, 0, 0},
    {"white", 100, 100, 255, 0, 0, 0},
    {"28 x 28 grey", 28, 28, 128, 0, 0, 0},
    {"one pixel", 1, 1, 77, 0, 0, 0},
    {"one row", 300, 1, 200, 2, 0, 0},
    {"one column", 1, 300, 200, 2, 0, 0},
    {"paper with noise", 200, 200, 220, 6, 0, 0},
    {"paper with light from one side", 200, 300, 230, 2, 0.6, 0},
    {"ruled paper", 200, 200, 230, 2, 0.2, 7},
};

static void a_blank_picture_is_refused(void **state) {
    const Blank *blank = *state;
    Rng rng = rng_at(2, RNG_STREAM_TEST, 0);
    uint8_t *grey = malloc((size_t)blank->width * (size_t)blank->height);
    for (int i = 0; i < blank->width * blank->height; i++) {
        double light = 1.0 - blank->gradient * (i / blank->width) / blank->height;
        int y = i / blank->width;
        double level = blank->rules > 0 && y % (blank->height / blank->rules) == 5
                           ? 0.6 * blank->level
                           : blank->level;
        double value = level * light + blank->noise * (double)rng_normal(&rng);
        grey[i] = (uint8_t)fmin(fmax(value, 0.0), 255.0);
    }
    NnDigit digit;
    static NnXray xray;
    NnError err = {0};
    memset(&digit, 77, sizeof digit);
    assert_int_equal(
        nn_picture_normalise(grey, blank->width, blank->height, NULL, &digit, &xray, &err),
        NN_ERR_FORMAT);
    assert_non_null(strstr(err.message, "blank"));
    assert_true(xray.empty);
    for (int i = 0; i < NN_PIXELS; i++) {
        assert_int_equal(digit.pixels[i], 0);
        assert_int_equal(xray.digit[NN_STAGE_CENTRE].pixels[i], 0);
    }
    free(grey);
}

static void sizes_out_of_range_are_refused(void **unused) {
    (void)unused;
    const int sizes[][2] = {{0, 5}, {5, 0}, {-1, 5}, {4097, 5}, {5, 4097}};
    const uint8_t grey[1] = {0};
    for (size_t i = 0; i < 5; i++) {
        NnDigit digit;
        NnError err = {0};
        assert_int_equal(
            nn_picture_normalise(grey, sizes[i][0], sizes[i][1], NULL, &digit, NULL, &err),
            NN_ERR_SHAPE);
    }
}

// Random pixels of every kind of size: whatever comes out, it comes out.
static void any_picture_gets_an_answer(void **unused) {
    (void)unused;
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    static NnXray xray;
    for (int round = 0; round < 60; round++) {
        int width = 1 + (int)rng_below(&rng, round % 5 == 0 ? 700 : 60);
        int height = 1 + (int)rng_below(&rng, 60);
        uint8_t *grey = malloc((size_t)width * (size_t)height);
        uint32_t levels = 2 + rng_below(&rng, 254);
        for (int i = 0; i < width * height; i++) {
            grey[i] = (uint8_t)(rng_below(&rng, levels) * 255 / (levels - 1));
        }
        NnDigit digit;
        NnError err = {0};
        NnNormaliseOptions options = {.skip = rng_u32(&rng)};
        NnStatus status = nn_picture_normalise(grey, width, height, &options, &digit, &xray, &err);
        assert_true(status == NN_OK || status == NN_ERR_FORMAT);
        assert_memory_equal(&digit, &xray.digit[NN_STAGE_CENTRE], sizeof digit);
        free(grey);
    }
}

static NnStatus read_picture(void *user, NnError *err) {
    NnDigit digit;
    return nn_picture_normalise(user, SIDE, SIDE, NULL, &digit, NULL, err);
}

static void running_out_of_memory_is_an_error(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    add_five(ink, 0.5f, 0.5f, 1.5f, 0.05f);
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    uint8_t *grey = photograph(&scenes[0], ink, &rng);
    assert_in_range(fault_each_allocation(read_picture, NULL, grey), 4, 100);
    free(grey);
    nn_ink_free(ink);
}

int main(void) {
    const struct CMUnitTest fixed[] = {
        cmocka_unit_test(closely_cropped_digits_keep_their_strokes),
        cmocka_unit_test(a_stretched_bar_still_has_a_width),
        cmocka_unit_test(our_own_digits_are_kept_bit_for_bit),
        cmocka_unit_test(mnist_is_kept_bit_for_bit),
        cmocka_unit_test(sizes_out_of_range_are_refused),
        cmocka_unit_test(any_picture_gets_an_answer),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    enum {
        N_FIXED = sizeof fixed / sizeof fixed[0],
        N_SCENES = sizeof scenes / sizeof scenes[0],
        N_BLANKS = sizeof blanks / sizeof blanks[0]
    };
    struct CMUnitTest tests[N_FIXED + N_SCENES + N_BLANKS];
    size_t n = N_FIXED;
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < N_SCENES; i++) {
        tests[n++] =
            (struct CMUnitTest){scenes[i].name, the_picture_of_a_drawing_gives_the_drawings_digit,
                                NULL, NULL, &scenes[i]};
    }
    for (size_t i = 0; i < N_BLANKS; i++) {
        tests[n++] =
            (struct CMUnitTest){blanks[i].name, a_blank_picture_is_refused, NULL, NULL, &blanks[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
