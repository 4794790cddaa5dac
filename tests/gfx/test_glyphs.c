#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gfx/gfx.h"

enum { W = 400, H = 160 };
#define PAPER 0xFFFFFFFFu
#define BLACK 0xFF000000u

static DrawList list;

// The faces a test runs with; a machine may lack all but the last.
static const GfxDesc descs[] = {
    {.exact_font = false}, {.exact_font = true}, {.builtin_font = true}};

static Gfx *open_with(const GfxDesc *desc) {
    NnError err = {0};
    Gfx *gfx = gfx_new(desc, &err);
    if (gfx == NULL && desc->exact_font && err.status == NN_ERR_NOT_FOUND) {
        print_message("skipped: %s\n", err.message);
        skip();
    }
    assert_non_null(gfx);
    return gfx;
}

static UiTextSize measure(Gfx *gfx, Font font, const char *text) {
    return gfx_measure(gfx, font, text, strlen(text));
}

// Draws one line in black on white; where its ink lies, and how much.
typedef struct {
    int x0, y0, x1, y1;
    double amount, centre_x;
} Ink;

static Ink draw(Gfx *gfx, float scale, Font font, float x, float baseline, const char *text) {
    size_t n;
    int w, h;
    assert_true(gfx_resize(gfx, W, H, scale));
    draw_list_reset(&list, (UiRect){0, 0, W, H});
    draw_text(&list, font, x, baseline, measure(gfx, font, text).width, BLACK, text);
    gfx_compose(gfx, &list, PAPER, &n);
    const uint32_t *pixels = gfx_pixels(gfx, &w, &h);
    Ink ink = {W, H, 0, 0, 0, 0};
    for (int i = 0; i < W * H; i++) {
        int dark = 255 - (int)(pixels[i] & 255);
        if (dark > 0) {
            ink.x0 = i % W < ink.x0 ? i % W : ink.x0;
            ink.x1 = i % W >= ink.x1 ? i % W + 1 : ink.x1;
            ink.y0 = i / W < ink.y0 ? i / W : ink.y0;
            ink.y1 = i / W + 1;
            ink.amount += dark;
            ink.centre_x += dark * (i % W + 0.5);
        }
    }
    ink.centre_x /= ink.amount > 0 ? ink.amount : 1;
    return ink;
}

static int release(void **state) {
    (void)state;
    draw_list_release(&list);
    return 0;
}

static void digits_are_equally_wide_in_every_weight_and_size(void **state) {
    Gfx *gfx = open_with(*state);
    for (int weight = 0; weight < WEIGHT_COUNT; weight++) {
        for (float size = 9; size < 60; size += 7.3f) {
            Font font = {size, (FontWeight)weight};
            float want = measure(gfx, font, "8888").width;
            assert_true(want > 0);
            for (const char *digit = "0123456789"; *digit != '\0'; digit++) {
                const char text[] = {*digit, *digit, *digit, *digit, 0};
                assert_true(measure(gfx, font, text).width == want);
            }
            assert_true(measure(gfx, font, "17.1 %").width == measure(gfx, font, "80.9 %").width);
            assert_true(measure(gfx, font, "T1").width == measure(gfx, font, "T8").width);
        }
    }
    gfx_free(gfx);
}

static void widths_are_proportional_to_the_size(void **state) {
    Gfx *gfx = open_with(*state);
    const char *text = "Without the normalisation 99.5 % AVATAR";
    UiTextSize one = measure(gfx, (Font){10, 0}, text);
    for (float factor = 0.75f; factor <= 4; factor += 0.25f) {
        UiTextSize size = measure(gfx, (Font){10 * factor, 0}, text);
        assert_true(fabsf(size.width - factor * one.width) < 0.01f);
        assert_true(fabsf(size.ascent - factor * one.ascent) < 0.01f);
        assert_true(size.ascent > size.descent && size.descent > 0);
    }
    gfx_free(gfx);
}

static void ink_stays_inside_the_measure_at_every_scale(void **state) {
    Gfx *gfx = open_with(*state);
    const float scales[] = {0.75f, 1, 1.25f, 1.5f, 2, 3};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        float s = scales[i];
        Font font = {13.5f, WEIGHT_REGULAR};
        const char *text = "Hxg 0189";
        UiTextSize size = measure(gfx, font, text);
        Ink ink = draw(gfx, s, font, 10, 30, text);
        assert_true(ink.amount > 0);
        assert_true((float)ink.x0 >= 10 * s - 1 && (float)ink.x1 <= (10 + size.width) * s + 1);
        assert_true((float)ink.y0 >= (30 - size.ascent) * s - 1);
        assert_true((float)ink.y1 <= (30 + size.descent) * s + 2);
        // And fills it: text is made at its size, not left at another's.
        assert_true((float)(ink.x1 - ink.x0) > 0.85f * size.width * s - 2);
    }
    gfx_free(gfx);
}

static void ink_follows_the_pen_by_quarters_of_a_pixel(void **state) {
    (void)state;
    Gfx *gfx = open_with(&descs[1]);
    double first = draw(gfx, 1, (Font){14, 0}, 20, 30, "w").centre_x;
    for (int quarter = 1; quarter <= 12; quarter++) {
        float x = 20 + 0.25f * (float)quarter;
        double moved = draw(gfx, 1, (Font){14, 0}, x, 30, "w").centre_x - first;
        // Raising half-covered pixels moves the centre a little; whole pixels are exact.
        if (fabs(moved - 0.25 * quarter) > (quarter % 4 == 0 ? 1e-6 : 0.04)) {
            fail_msg("pen moved %.2f px, ink %.3f", 0.25 * quarter, moved);
        }
    }
    gfx_free(gfx);
}

static void a_number_that_changes_leaves_the_rest_in_place(void **state) {
    Gfx *gfx = open_with(*state);
    size_t n;
    int w, h;
    static uint32_t before[W * H];
    const char *const texts[] = {"111.1 % done", "888.8 % done", "470.1 % done"};
    for (int i = 0; i < 3; i++) {
        assert_true(gfx_resize(gfx, W, H, 1));
        draw_list_reset(&list, (UiRect){0, 0, W, H});
        float width = measure(gfx, (Font){14, 0}, texts[i]).width;
        draw_text(&list, (Font){14, 0}, 20.3f, 30, width, BLACK, texts[i]);
        gfx_compose(gfx, &list, PAPER, &n);
        const uint32_t *pixels = gfx_pixels(gfx, &w, &h);
        int from = 22 + (int)measure(gfx, (Font){14, 0}, "888.8").width;
        for (int p = 0; p < W * H && i > 0; p++) {
            assert_true(p % W < from || pixels[p] == before[p]);
        }
        memcpy(before, pixels, sizeof before);
    }
    gfx_free(gfx);
}

static void letters_are_kerned_and_digits_are_not(void **state) {
    (void)state;
    Gfx *gfx = open_with(&descs[1]);
    Font font = {20, WEIGHT_REGULAR};
    float apart = measure(gfx, font, "A").width + measure(gfx, font, "V").width;
    assert_true(measure(gfx, font, "AV").width < apart - 0.5f);
    apart = measure(gfx, font, "7").width + measure(gfx, font, ".").width;
    assert_true(fabsf(measure(gfx, font, "7.").width - apart) < 0.001f);
    gfx_free(gfx);
}

static void bytes_that_are_no_text_take_a_place_and_do_no_harm(void **state) {
    Gfx *gfx = open_with(*state);
    const char *const texts[] = {"\xff\xfe",     "a\xc3",        "\xe2\x82", "\xf0\x9f\x98\x80",
                                 "\xed\xa0\x80", "\x01\x02\x7f", "\xc0\x80", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        UiTextSize size = measure(gfx, (Font){14, 0}, texts[i]);
        assert_true(size.width >= 0 && size.width < 100);
        draw(gfx, 1, (Font){14, 0}, 20, 30, texts[i]);
    }
    // Only n bytes are looked at, although the text goes on.
    assert_true(gfx_measure(gfx, (Font){14, 0}, "abcdef", 3).width ==
                measure(gfx, (Font){14, 0}, "abc").width);
    const char cut[2] = {'a', '\xc3'}; // not terminated: a read behind it is an error of its own
    assert_true(gfx_measure(gfx, (Font){14, 0}, cut, 2).width > 0);
    gfx_free(gfx);
}

static void every_printable_character_has_a_picture(void **state) {
    Gfx *gfx = open_with(*state);
    Ink seen[95] = {0};
    for (int i = 1; i < 95; i++) {
        const char text[] = {(char)(' ' + i), 0};
        seen[i] = draw(gfx, 1, (Font){28, WEIGHT_REGULAR}, 20, 40, text);
        assert_true(seen[i].amount > 0);
    }
    assert_true(draw(gfx, 1, (Font){28, 0}, 20, 40, " ").amount == 0);
    gfx_free(gfx);
}

static void marks_of_the_interface_are_found_in_some_face(void **state) {
    (void)state;
    Gfx *gfx = open_with(&descs[1]);
    double box =
        draw(gfx, 1, (Font){28, 0}, 20, 40, "\xee\x80\x80").amount; // private use: in no font
    const char *const marks[] = {"·", "×", "±", "…", "→", "✓", "✗", "−", "≤", "é"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        double amount = draw(gfx, 1, (Font){28, 0}, 20, 40, marks[i]).amount;
        assert_true(amount > 0 && amount != box);
    }
    gfx_free(gfx);
}

static void many_sizes_do_not_pile_up(void **state) {
    Gfx *gfx = open_with(*state);
    for (int i = 0; i < 120; i++) { // more pictures than are kept
        Font font = {40 + (float)i, (FontWeight)(i % WEIGHT_COUNT)};
        assert_true(draw(gfx, 1, font, 5, 120, "Inkling 0123").amount > 0);
    }
    gfx_free(gfx);
}

static void a_font_that_cannot_be_used_is_named(void **state) {
    (void)state;
    const struct {
        const char *path;
        NnStatus status;
    } rows[] = {{"/nowhere/none.ttf", NN_ERR_NOT_FOUND},
                {"/", NN_ERR_NOT_FOUND},
                {SOURCE_ROOT "/CMakeLists.txt", NN_ERR_FORMAT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NnError err = {0};
        assert_null(gfx_new(&(GfxDesc){.font_path = rows[i].path}, &err));
        assert_int_equal(err.status, rows[i].status);
        assert_non_null(strstr(err.message, rows[i].path));
    }
}

int main(void) {
#define WITH_EVERY_FACE(test)                                                                      \
    {#test ", preferred face", test, NULL, NULL, (void *)(uintptr_t)&descs[0]},                    \
        {#test ", DejaVu Sans", test, NULL, NULL, (void *)(uintptr_t)&descs[1]}, {                 \
#test ", built-in face", test, NULL, NULL, (void *)(uintptr_t)&descs[2]                    \
    }
    const struct CMUnitTest tests[] = {
        WITH_EVERY_FACE(digits_are_equally_wide_in_every_weight_and_size),
        WITH_EVERY_FACE(widths_are_proportional_to_the_size),
        WITH_EVERY_FACE(ink_stays_inside_the_measure_at_every_scale),
        WITH_EVERY_FACE(a_number_that_changes_leaves_the_rest_in_place),
        WITH_EVERY_FACE(bytes_that_are_no_text_take_a_place_and_do_no_harm),
        WITH_EVERY_FACE(every_printable_character_has_a_picture),
        WITH_EVERY_FACE(many_sizes_do_not_pile_up),
        cmocka_unit_test(ink_follows_the_pen_by_quarters_of_a_pixel),
        cmocka_unit_test(letters_are_kerned_and_digits_are_not),
        cmocka_unit_test(marks_of_the_interface_are_found_in_some_face),
        cmocka_unit_test(a_font_that_cannot_be_used_is_named),
    };
    return cmocka_run_group_tests_name("glyphs", tests, NULL, release);
}
