// Contrast after WCAG 2.1 and lightness after CIE 1976, computed here from their definitions.

#include "fake_ui.h"

#include <math.h>
#include <stdlib.h>

static double linear(unsigned byte) {
    double v = byte / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double luminance(Color color) {
    return 0.2126 * linear(color >> 16 & 255) + 0.7152 * linear(color >> 8 & 255) +
           0.0722 * linear(color & 255);
}

static double contrast(Color a, Color b) {
    double low = fmin(luminance(a), luminance(b)), high = fmax(luminance(a), luminance(b));
    return (high + 0.05) / (low + 0.05);
}

static double lightness(Color color) {
    double y = luminance(color);
    return y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : y * 24389 / 27;
}

typedef struct {
    const char *name;
    bool dark, projector;
} Variant;

static Variant variants[] = {
    {"light", false, false},
    {"dark", true, false},
    {"light, projector", false, true},
    {"dark, projector", true, true},
};

static Theme theme_of(void **state) {
    const Variant *variant = *state;
    Theme theme;
    theme_make(&theme, variant->dark, variant->projector, true);
    return theme;
}

static void at_least(const Theme *theme, ThemeColor text, ThemeColor ground, double wanted) {
    double got = contrast(theme->color[text], theme->color[ground]);
    if (got < wanted) {
        fail_msg("colour %d on %d: contrast %.2f, wanted %.2f", text, ground, got, wanted);
    }
}

static void text_can_be_read_on_every_ground_it_is_set_on(void **state) {
    Theme theme = theme_of(state);
    const double readable = theme.projector ? 5 : 4.5;
    const ThemeColor grounds[] = {THEME_BACKGROUND, THEME_SURFACE, THEME_TRACK, THEME_ACCENT_SOFT};
    const ThemeColor texts[] = {THEME_INK, THEME_SOFT, THEME_ACCENT};
    for (size_t g = 0; g < sizeof grounds / sizeof grounds[0]; g++) {
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
            at_least(&theme, texts[t], grounds[g], readable);
        }
    }
    const ThemeColor marks[] = {THEME_RIGHT, THEME_WRONG, THEME_POSITIVE, THEME_NEGATIVE};
    for (size_t m = 0; m < sizeof marks / sizeof marks[0]; m++) {
        at_least(&theme, marks[m], THEME_BACKGROUND, readable);
        at_least(&theme, marks[m], THEME_SURFACE, readable);
    }
    at_least(&theme, THEME_WRONG, THEME_WRONG_SOFT, readable);
    at_least(&theme, THEME_ON_ACCENT, THEME_ACCENT, readable);
    at_least(&theme, THEME_BACKGROUND, THEME_INK, readable); // tooltips
    at_least(&theme, THEME_PEN, THEME_PAPER, 7);
}

static void marks_can_be_seen(void **state) {
    Theme theme = theme_of(state);
    at_least(&theme, THEME_FAINT, THEME_BACKGROUND, 3); // WCAG 1.4.11, parts of controls
    at_least(&theme, THEME_ACCENT, THEME_TRACK, 3);
}

static void series_can_be_written_with_and_told_apart(void **state) {
    Theme theme = theme_of(state);
    for (int i = 0; i < 8; i++) {
        double got = contrast(theme.series[i], theme.color[THEME_BACKGROUND]);
        if (got < 4.5) {
            fail_msg("series %d: contrast %.2f", i, got);
        }
        for (int k = 0; k < i; k++) {
            int apart = 0;
            for (int shift = 0; shift < 24; shift += 8) {
                apart += abs((int)(theme.series[i] >> shift & 255) -
                             (int)(theme.series[k] >> shift & 255));
            }
            assert_true(apart >= 60);
        }
    }
}

static void the_sequential_scale_is_even_in_lightness(void **state) {
    Theme theme = theme_of(state);
    double sign = theme.dark ? 1 : -1;
    double whole =
        lightness(theme.sequential_palette[255]) - lightness(theme.sequential_palette[0]);
    assert_true(sign * whole > 70);
    const int apart = 3; // neighbours may be off by the rounding to bytes
    for (int i = apart; i < 256; i++) {
        double step =
            lightness(theme.sequential_palette[i]) - lightness(theme.sequential_palette[i - apart]);
        assert_true(sign * step > 0.3);
        double expected = lightness(theme.sequential_palette[0]) + whole * i / 255;
        assert_true(fabs(lightness(theme.sequential_palette[i]) - expected) < 0.5);
    }
}

static void the_diverging_scale_has_its_ends_and_its_middle(void **state) {
    Theme theme = theme_of(state);
    assert_int_equal(theme.diverging_palette[0], theme.color[THEME_NEGATIVE]);
    assert_int_equal(theme.diverging_palette[128], theme.color[THEME_NEUTRAL]);
    assert_int_equal(theme.diverging_palette[255], theme.color[THEME_POSITIVE]);
    double sign = theme.dark ? 1 : -1; // away from the middle: brighter on dark, darker on light
    for (int i = 1; i < 128; i++) {
        double down = lightness(theme.diverging_palette[128 - i]) -
                      lightness(theme.diverging_palette[129 - i]);
        double up = lightness(theme.diverging_palette[128 + i]) -
                    lightness(theme.diverging_palette[127 + i]);
        assert_true(sign * down > -0.3 && sign * up > -0.3); // but for the rounding to bytes
    }
}

static void pictures_go_from_their_ground_to_white(void **state) {
    Theme theme = theme_of(state);
    assert_int_equal(theme.picture_palette[0], theme.color[THEME_PICTURE]);
    assert_int_equal(theme.picture_palette[255], 0xFFFFFFFF);
    for (int i = 1; i < 256; i++) {
        assert_true(luminance(theme.picture_palette[i]) >= luminance(theme.picture_palette[i - 1]));
    }
}

static void every_colour_is_opaque_and_every_size_there(void **state) {
    Theme theme = theme_of(state);
    for (int i = 0; i < THEME_COLOR_COUNT; i++) {
        assert_int_equal(theme.color[i] >> 24, 255);
    }
    for (int i = 0; i < FONT_ROLE_COUNT; i++) {
        assert_true(theme.font[i].size >= 12);
    }
}

static void a_projector_gets_larger_type_thicker_lines_and_more_contrast(void **state) {
    (void)state;
    for (int dark = 0; dark < 2; dark++) {
        Theme desk, wall;
        theme_make(&desk, dark != 0, false, true);
        theme_make(&wall, dark != 0, true, false);
        for (int i = 0; i < FONT_ROLE_COUNT; i++) {
            assert_true(wall.font[i].size >= 1.25f * desk.font[i].size);
        }
        assert_true(wall.hairline > desk.hairline && wall.stroke > desk.stroke);
        assert_true(wall.control > desk.control);
        const ThemeColor texts[] = {THEME_INK, THEME_SOFT, THEME_ACCENT, THEME_WRONG, THEME_LINE};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            assert_true(contrast(wall.color[texts[i]], wall.color[THEME_BACKGROUND]) >
                        contrast(desk.color[texts[i]], desk.color[THEME_BACKGROUND]));
        }
        assert_float_equal(wall.ease_ms, 0, 0);
        assert_true(desk.ease_ms >= 150 && desk.ease_ms <= 200);
    }
}

static void colours_mix_and_fade(void **state) {
    (void)state;
    assert_int_equal(color_mix(0xFF000000, 0xFFFFFFFF, 0), 0xFF000000);
    assert_int_equal(color_mix(0xFF000000, 0xFFFFFFFF, 1), 0xFFFFFFFF);
    assert_int_equal(color_mix(0xFF204060, 0xFF406080, 0.5f), 0xFF305070);
    assert_int_equal(color_mix(0xFF000000, 0xFFFFFFFF, 7), 0xFFFFFFFF);
    assert_int_equal(color_alpha(0xFF123456, 0.5f), 0x80123456);
    assert_int_equal(color_alpha(0x80123456, 0.5f), 0x40123456);
}

typedef struct {
    const char *name;
    CMUnitTestFunction run;
} Promise;

static const Promise promises[] = {
    {"text can be read on every ground", text_can_be_read_on_every_ground_it_is_set_on},
    {"marks can be seen", marks_can_be_seen},
    {"series can be written with", series_can_be_written_with_and_told_apart},
    {"sequential scale is even in lightness", the_sequential_scale_is_even_in_lightness},
    {"diverging scale has ends and middle", the_diverging_scale_has_its_ends_and_its_middle},
    {"pictures go from ground to white", pictures_go_from_their_ground_to_white},
    {"every colour is opaque", every_colour_is_opaque_and_every_size_there},
};

enum { PROMISES = sizeof promises / sizeof promises[0], VARIANTS = 4 };

int main(void) {
    struct CMUnitTest tests[PROMISES * VARIANTS + 2] = {
        cmocka_unit_test(a_projector_gets_larger_type_thicker_lines_and_more_contrast),
        cmocka_unit_test(colours_mix_and_fade),
    };
    static char names[PROMISES * VARIANTS][96];
    for (size_t i = 0; i < PROMISES * VARIANTS; i++) {
        const Promise *promise = &promises[i / VARIANTS];
        Variant *variant = &variants[i % VARIANTS];
        snprintf(names[i], sizeof names[i], "%s: %s", variant->name, promise->name);
        tests[2 + i] = (struct CMUnitTest){names[i], promise->run, NULL, NULL, variant};
    }
    return _cmocka_run_group_tests("theme", tests, sizeof tests / sizeof tests[0], NULL, NULL);
}
