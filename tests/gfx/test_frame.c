// What commands paint, against the plainest way to paint them: one pixel at a time, in doubles.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "gfx/gfx.h"

enum { W = 200, H = 150 };
#define PAPER 0xFFF0E8D8u

static Gfx *gfx;
static DrawList list;

static int open_gfx(void **state) {
    (void)state;
    gfx = gfx_new(&(GfxDesc){.builtin_font = true}, NULL);
    return gfx == NULL ? -1 : 0;
}

static int close_gfx(void **state) {
    (void)state;
    gfx_free(gfx);
    draw_list_release(&list);
    return 0;
}

static const uint32_t *compose(float scale) {
    size_t n;
    int w, h;
    assert_true(gfx_resize(gfx, W, H, scale));
    gfx_compose(gfx, &list, PAPER, &n);
    const uint32_t *pixels = gfx_pixels(gfx, &w, &h);
    assert_int_equal(w, W);
    assert_int_equal(h, H);
    return pixels;
}

// --- the reference -------------------------------------------------------------------------------

static uint32_t over(uint32_t under, uint32_t color, double coverage) {
    double alpha = floor(coverage * (color >> 24) / 255.0 + 0.5); // as in the frame: one byte
    uint32_t out = 0xFF;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double a = color >> shift & 255, b = under >> shift & 255;
        out = out << 8 | (uint32_t)floor((a * alpha + b * (255 - alpha)) / 255.0 + 0.5);
    }
    return out;
}

static void check(const uint32_t *got, const uint32_t *want, const char *what) {
    for (int i = 0; i < W * H; i++) {
        if (got[i] != want[i]) {
            fail_msg("%s: pixel (%d, %d) is %08x, expected %08x", what, i % W, i / W, got[i],
                     want[i]);
        }
    }
}

static uint32_t *paper(void) {
    static uint32_t pixels[W * H];
    for (int i = 0; i < W * H; i++) {
        pixels[i] = PAPER;
    }
    return pixels;
}

static int edge(float logical, float scale) {
    return (int)floorf(logical * scale + 0.5f);
}

// --- tests ---------------------------------------------------------------------------------------

static void rectangles_under_clips_are_exact(void **state) {
    (void)state;
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    const float scales[] = {0.75f, 1, 1.5f, 2, 3};
    for (int round = 0; round < 60; round++) {
        float scale = scales[round % 5];
        uint32_t *want = paper();
        UiRect clip = {0, 0, W, H};
        draw_list_reset(&list, clip);
        for (int i = 0; i < 12; i++) {
            UiRect rect = {rng_uniform(&rng, -30, W / scale), rng_uniform(&rng, -30, H / scale),
                           rng_uniform(&rng, 0.01f, 90), rng_uniform(&rng, 0.01f, 90)};
            if (i % 4 == 3) {
                clip = rect;
                draw_clip(&list, clip);
                continue;
            }
            Color color = rng_u32(&rng) | (i % 2 == 0 ? 0xFF000000u : 0u);
            draw_rect(&list, rect, 0, color);
            int x0 = edge(rect.x, scale), x1 = edge(rect.x + rect.w, scale);
            int y0 = edge(rect.y, scale), y1 = edge(rect.y + rect.h, scale);
            x1 = x1 == x0 ? x0 + 1 : x1; // never nothing
            y1 = y1 == y0 ? y0 + 1 : y1;
            int cx1 = edge(clip.x + clip.w, scale), cy1 = edge(clip.y + clip.h, scale);
            cx1 = cx1 == edge(clip.x, scale) ? cx1 + 1 : cx1;
            cy1 = cy1 == edge(clip.y, scale) ? cy1 + 1 : cy1;
            for (int y = 0; y < H; y++) {
                for (int x = 0; x < W; x++) {
                    if (x >= x0 && x < x1 && y >= y0 && y < y1 && x >= edge(clip.x, scale) &&
                        x < cx1 && y >= edge(clip.y, scale) && y < cy1) {
                        want[y * W + x] = over(want[y * W + x], color, 255);
                    }
                }
            }
        }
        check(compose(scale), want, "rectangles");
    }
}

static double rounded(double x, double y, double x0, double y0, double w, double h, double r) {
    double qx = fabs(x - x0 - w / 2) - (w / 2 - r), qy = fabs(y - y0 - h / 2) - (h / 2 - r);
    return r - hypot(fmax(qx, 0), fmax(qy, 0)) - fmin(fmax(qx, qy), 0);
}

static void rounded_rectangles_and_frames_match_the_distance(void **state) {
    (void)state;
    Rng rng = rng_at(2, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 150; round++) {
        float x = floorf(rng_uniform(&rng, -10, 100)), y = floorf(rng_uniform(&rng, -10, 80));
        float w = floorf(rng_uniform(&rng, 1, 100)), h = floorf(rng_uniform(&rng, 1, 70));
        float radius = fminf(rng_uniform(&rng, 0, 20), fminf(w, h) / 2);
        float width = round % 2 == 0 ? 0 : floorf(rng_uniform(&rng, 1, 6));
        Color color = rng_u32(&rng) | 0xFF000000u;
        uint32_t *want = paper();
        draw_list_reset(&list, (UiRect){0, 0, W, H});
        if (width == 0) {
            draw_rect(&list, (UiRect){x, y, w, h}, radius, color);
        } else {
            draw_frame(&list, (UiRect){x, y, w, h}, radius, width, color);
        }
        const uint32_t *got = compose(1);
        for (int i = 0; i < W * H; i++) {
            double depth = rounded(i % W + 0.5, i / W + 0.5, (double)x, (double)y, (double)w,
                                   (double)h, (double)radius);
            depth = width == 0 ? depth : fmin(depth, (double)width - depth);
            double coverage = 255 * fmin(fmax(depth + 0.5, 0), 1);
            for (int shift = 0; shift < 24; shift += 8) {
                int a = got[i] >> shift & 255;
                int b = over(want[i], color, coverage) >> shift & 255;
                if (abs(a - b) > 2) { // one step of coverage, rounded twice
                    fail_msg("round %d, (%d, %d): %08x, expected %08x", round, i % W, i / W, got[i],
                             over(want[i], color, coverage));
                }
            }
        }
    }
}

static void pictures_show_their_pixels_as_squares(void **state) {
    (void)state;
    uint8_t picture[28 * 28];
    Color palette[256];
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    for (int i = 0; i < 28 * 28; i++) {
        picture[i] = (uint8_t)rng_below(&rng, 256);
    }
    for (int i = 0; i < 256; i++) {
        palette[i] = rng_u32(&rng) | (i % 3 == 0 ? 0 : 0xFF000000u);
    }
    for (int cell = 1; cell <= 6; cell++) {
        uint32_t *want = paper();
        int x0 = cell * 3 - 20, y0 = 40 - cell * 9; // partly outside
        draw_list_reset(&list, (UiRect){0, 0, W, H});
        draw_image(&list, (UiRect){(float)x0, (float)y0, 28.0f * (float)cell, 28.0f * (float)cell},
                   picture, 28, 28, palette, false, 0);
        for (int y = 0; y < H; y++) {
            for (int x = 0; x < W; x++) {
                int u = x - x0, v = y - y0;
                if (u >= 0 && v >= 0 && u < 28 * cell && v < 28 * cell) {
                    Color color = palette[picture[v / cell * 28 + u / cell]];
                    want[y * W + x] = over(want[y * W + x], color, 255);
                }
            }
        }
        check(compose(1), want, "picture");
    }
}

static void squares_of_a_picture_that_does_not_divide_differ_by_one_pixel(void **state) {
    (void)state;
    uint8_t picture[28];
    Color palette[256];
    for (int i = 0; i < 28; i++) {
        picture[i] = (uint8_t)i;
    }
    for (unsigned i = 0; i < 256; i++) {
        palette[i] = 0xFF000000u | i;
    }
    for (int width = 112; width <= W; width++) {
        draw_list_reset(&list, (UiRect){0, 0, W, H});
        draw_image(&list, (UiRect){0, 0, (float)width, 4}, picture, 28, 1, palette, false, 0);
        const uint32_t *row = compose(1);
        int counts[28] = {0};
        for (int x = 0; x < width; x++) {
            assert_in_range(row[x] & 0xFFFFFF, 0, 27); // no mixture
            assert_true(x == 0 || row[x] >= row[x - 1]);
            counts[row[x] & 0xFF]++;
        }
        for (int i = 0; i < 28; i++) {
            assert_in_range(counts[i], width / 28, (width + 27) / 28);
        }
    }
}

// Mean of the area, by 64 samples a pixel.
static double area_mean(const uint8_t *picture, int side, double step, int x, int y) {
    double sum = 0;
    for (int i = 0; i < 64 * 64; i++) {
        int u = (int)((x + (i % 64 + 0.5) / 64) * step),
            v = (int)((y + (i / 64 + 0.5) / 64) * step);
        sum += picture[v * side + u];
    }
    return sum / (64 * 64);
}

static void reduced_and_slightly_enlarged_pictures_are_means_of_areas(void **state) {
    (void)state;
    enum { SIDE = 30 };
    uint8_t picture[SIDE * SIDE];
    Color palette[256];
    Rng rng = rng_at(4, RNG_STREAM_TEST, 0);
    for (int i = 0; i < SIDE * SIDE; i++) {
        picture[i] = (uint8_t)rng_below(&rng, 256);
    }
    for (unsigned i = 0; i < 256; i++) {
        palette[i] = 0xFF000000u | i;
    }
    const int widths[] = {7, 13, 29, 31, 47, 74, 119};
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
        float width = (float)widths[k];
        draw_list_reset(&list, (UiRect){0, 0, W, H});
        draw_image(&list, (UiRect){0, 0, width, width}, picture, SIDE, SIDE, palette, false, 0);
        const uint32_t *got = compose(1);
        for (int y = 0; y < widths[k]; y++) {
            for (int x = 0; x < widths[k]; x++) {
                double want = area_mean(picture, SIDE, (double)SIDE / widths[k], x, y);
                int value = got[y * W + x] & 255;
                if (fabs(value - want) > 6) { // an edge may fall between two of the 64 samples
                    fail_msg("%d px, (%d, %d): %d, expected %.1f", widths[k], x, y, value, want);
                }
            }
        }
    }
}

static void smooth_pictures_go_evenly_from_pixel_to_pixel(void **state) {
    (void)state;
    const uint8_t picture[] = {0, 200};
    Color palette[256];
    for (unsigned i = 0; i < 256; i++) {
        palette[i] = 0xFF000000u | i;
    }
    draw_list_reset(&list, (UiRect){0, 0, W, H});
    draw_image(&list, (UiRect){0, 0, 100, 4}, picture, 2, 1, palette, true, 0);
    const uint32_t *row = compose(1);
    for (int x = 0; x < 100; x++) {
        double want = 200 * fmin(fmax((x + 0.5) / 50 - 0.5, 0), 1);
        assert_true(fabs((row[x] & 255) - want) <= 1);
    }
}

static void masks_are_painted_one_to_one(void **state) {
    (void)state;
    enum { MW = 90, MH = 70 };
    uint8_t mask[MW * MH];
    Rng rng = rng_at(5, RNG_STREAM_TEST, 0);
    for (int i = 0; i < MW * MH; i++) { // long empty and full stretches as well
        int kind = i / 23 % 3;
        mask[i] = kind == 0 ? 0 : kind == 1 ? 255 : (uint8_t)rng_below(&rng, 256);
    }
    const struct {
        float x, y;
        Color color;
    } rows[] = {{10.4f, 20.2f, 0xFF123456}, {-33, -12, 0xFF000000}, {150, 100, 0x80FF8040}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        uint32_t *want = paper();
        draw_list_reset(&list, (UiRect){0, 0, W, H});
        draw_mask(&list, (UiRect){rows[k].x, rows[k].y, MW, MH}, mask, MW, MH, rows[k].color);
        int x0 = edge(rows[k].x, 1), y0 = edge(rows[k].y, 1);
        for (int i = 0; i < MW * MH; i++) {
            int x = x0 + i % MW, y = y0 + i / MW;
            if (x >= 0 && y >= 0 && x < W && y < H) {
                want[y * W + x] = over(want[y * W + x], rows[k].color, mask[i]);
            }
        }
        check(compose(1), want, "mask");
    }
}

static void level_and_upright_lines_are_crisp(void **state) {
    (void)state;
    const float scales[] = {0.75f, 1, 1.25f, 1.5f, 2, 3};
    for (size_t k = 0; k < sizeof scales / sizeof *scales; k++) {
        for (int i = 0; i < 20; i++) {
            float at = 10 + 0.1f * (float)i;
            draw_list_reset(&list, (UiRect){0, 0, W, H});
            draw_line(&list, 5, at, 40, at, 1, 0xFF000000);
            draw_line(&list, at, 15, at, 35, 1, 0xFF000000);
            const uint32_t *got = compose(scales[k]);
            size_t ink = 0;
            for (int p = 0; p < W * H; p++) {
                assert_true(got[p] == PAPER || got[p] == 0xFF000000);
                ink += got[p] != PAPER;
            }
            float thick = fmaxf(1, floorf(scales[k] + 0.5f));
            assert_true(fabsf((float)ink - thick * 55 * scales[k]) <= 3 * thick + 1);
        }
    }
}

static void nonsense_paints_nothing_and_does_no_harm(void **state) {
    (void)state;
    const float bad[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float v = bad[i];
        draw_list_reset(&list, (UiRect){0, 0, W, H});
        draw_line(&list, v, 3, 50, 60, 2, 0xFF000000);
        draw_disc(&list, v, 30, 8, 0xFF000000);
        draw_disc(&list, 30, 30, v, 0xFF000000);
        draw_polygon(&list, (const float[]){1, 1, v, 9, 20, 30}, 3, 0xFF000000);
        draw_band(&list, (const float[]){1, 1, 9, v, 2, v, 20, v, 30}, 3, 0xFF000000);
        draw_text(&list, (Font){v, 0}, 10, 20, 30, 0xFF000000, "text");
        draw_text(&list, (Font){14, 0}, v, 20, 30, 0xFF000000, "text");
        draw_text(&list, (Font){14, 0}, 10, 20, v, 0xFF000000, "text");
        draw_frame(&list, (UiRect){v, 5, 20, 20}, v, v, 0xFF000000);
        draw_image(&list, (UiRect){3, 3, 0, 0}, (const uint8_t *)"", 1, 1, (const Color[256]){0}, 0,
                   0);
        draw_clip(&list, (UiRect){v, v, v, v});
        draw_rect(&list, (UiRect){0, 0, 10, 10}, 3, 0xFF000000);
        compose(1);
    }
    assert_false(gfx_resize(gfx, 0, 10, 1));
    size_t n = 9;
    gfx_compose(gfx, &list, PAPER, &n);
    assert_int_equal(n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rectangles_under_clips_are_exact),
        cmocka_unit_test(rounded_rectangles_and_frames_match_the_distance),
        cmocka_unit_test(pictures_show_their_pixels_as_squares),
        cmocka_unit_test(squares_of_a_picture_that_does_not_divide_differ_by_one_pixel),
        cmocka_unit_test(reduced_and_slightly_enlarged_pictures_are_means_of_areas),
        cmocka_unit_test(smooth_pictures_go_evenly_from_pixel_to_pixel),
        cmocka_unit_test(masks_are_painted_one_to_one),
        cmocka_unit_test(level_and_upright_lines_are_crisp),
        cmocka_unit_test(nonsense_paints_nothing_and_does_no_harm),
    };
    return cmocka_run_group_tests_name("frame", tests, open_gfx, close_gfx);
}
