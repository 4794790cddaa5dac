// The oracles are as plain as can be: distance to the shape in double precision, pixel by pixel,
// and for polygons 16 x 16 samples a pixel.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/raster.h"
#include "base/rng.h"

enum { W = 83, H = 61, STRIDE = 96, GUARD = 0x5A };

// A mask inside a larger block, so that a write outside it is seen.
typedef struct {
    uint8_t block[(H + 2) * STRIDE];
    RasterMask mask;
} Sheet;

static void sheet_init(Sheet *sheet) {
    memset(sheet->block, GUARD, sizeof sheet->block);
    sheet->mask = (RasterMask){sheet->block + STRIDE + 4, W, H, STRIDE};
    raster_clear(&sheet->mask, (RasterBox){0, 0, W, H});
}

static uint8_t pixel(const Sheet *sheet, int x, int y) {
    return sheet->mask.pixels[y * STRIDE + x];
}

static void check_guard(const Sheet *sheet) {
    const uint8_t *first = sheet->mask.pixels;
    for (const uint8_t *p = sheet->block; p < sheet->block + sizeof sheet->block; p++) {
        ptrdiff_t at = p - first;
        bool inside = at >= 0 && at / STRIDE < H && at % STRIDE < W;
        if (!inside && *p != GUARD) {
            fail_msg("wrote outside the mask at offset %td", at);
        }
    }
}

static double clamp01(double v) {
    return fmin(fmax(v, 0.0), 1.0);
}

typedef double (*Oracle)(const double *shape, double x, double y); // coverage 0..1

// Every pixel within tolerance of the oracle, nothing outside the box returned, nothing outside the
// mask.
static void check(const Sheet *sheet, RasterBox box, Oracle oracle, const float given[6],
                  int tolerance, int round) {
    double shape[6];
    for (int i = 0; i < 6; i++) {
        shape[i] = (double)given[i];
    }
    check_guard(sheet);
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            int got = pixel(sheet, x, y);
            int want = (int)(oracle(shape, x + 0.5, y + 0.5) * 255.0 + 0.5);
            if (abs(got - want) > tolerance) {
                fail_msg("round %d, pixel (%d, %d): got %d, expected %d", round, x, y, got, want);
            }
            bool in_box = x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1;
            if (got > 0 && !in_box) {
                fail_msg("round %d, pixel (%d, %d) lies outside the box returned", round, x, y);
            }
        }
    }
}

// --- strokes -------------------------------------------------------------------------------------

// shape: x0 y0 r0 x1 y1 r1. The largest r - distance over 4,000 discs along the way.
static double many_discs(const double *s, double x, double y) {
    double best = -1e9;
    for (int i = 0; i <= 4000; i++) {
        double t = i / 4000.0;
        double d = hypot(x - (s[0] + t * (s[3] - s[0])), y - (s[1] + t * (s[4] - s[1])));
        best = fmax(best, s[2] + t * (s[5] - s[2]) - d);
    }
    return clamp01(best + 0.5);
}

// The textbook distance to a segment; equal radii.
static double capsule(const double *s, double x, double y) {
    double dx = s[3] - s[0], dy = s[4] - s[1];
    double square = dx * dx + dy * dy;
    double t = square > 0 ? clamp01(((x - s[0]) * dx + (y - s[1]) * dy) / square) : 0;
    return clamp01(s[2] + 0.5 - hypot(x - s[0] - t * dx, y - s[1] - t * dy));
}

static void segments_match_the_distance_to_the_line(void **state) {
    (void)state;
    static Sheet sheet;
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 400; round++) {
        float spread = round % 4 == 0 ? 3.0f : 120.0f; // short pieces of a brush, long lines
        float x0 = rng_uniform(&rng, -20, W + 20), y0 = rng_uniform(&rng, -20, H + 20);
        float x1 = x0 + rng_uniform(&rng, -spread, spread);
        float y1 = y0 + rng_uniform(&rng, -spread, spread);
        float r = rng_uniform(&rng, 0.1f, round % 3 == 0 ? 25.0f : 2.0f);
        if (round % 7 == 0) {
            y1 = y0;
        } else if (round % 11 == 0) {
            x1 = x0;
        }
        sheet_init(&sheet);
        RasterBox box = raster_segment(&sheet.mask, x0, y0, r, x1, y1, r);
        float shape[6] = {x0, y0, r, x1, y1, r};
        check(&sheet, box, capsule, shape, 1, round);
    }
}

static void a_brush_of_changing_radius_is_the_union_of_its_discs(void **state) {
    (void)state;
    static Sheet sheet;
    Rng rng = rng_at(2, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 12; round++) {
        float x0 = rng_uniform(&rng, 0, W), y0 = rng_uniform(&rng, 0, H);
        float x1 = rng_uniform(&rng, 0, W), y1 = rng_uniform(&rng, 0, H);
        float r0 = rng_uniform(&rng, 0.3f, 12), r1 = rng_uniform(&rng, 0.3f, 30);
        sheet_init(&sheet);
        RasterBox box = raster_segment(&sheet.mask, x0, y0, r0, x1, y1, r1);
        float shape[6] = {x0, y0, r0, x1, y1, r1};
        check(&sheet, box, many_discs, shape, 1, round);
    }
}

static void a_stroke_in_pieces_has_the_bytes_of_the_whole(void **state) {
    (void)state;
    static Sheet whole, pieces;
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    float xy[2 * 40];
    for (int i = 0; i < 80; i++) {
        xy[i] = rng_uniform(&rng, -5, i % 2 == 0 ? W + 5 : H + 5);
    }
    sheet_init(&whole);
    sheet_init(&pieces);
    RasterBox box = raster_polyline(&whole.mask, xy, 40, 5.5f, 0, 0);
    RasterBox sum = {0, 0, 0, 0};
    for (int i = 39; i > 0; i--) { // backwards: order must not matter
        const float *p = xy + 2 * (i - 1);
        sum = raster_box_union(sum,
                               raster_segment(&pieces.mask, p[0], p[1], 2.75f, p[2], p[3], 2.75f));
    }
    assert_memory_equal(whole.block, pieces.block, sizeof whole.block);
    assert_memory_equal(&box, &sum, sizeof box);
}

// The formula of raster.c for a brush of any two radii, pixel by pixel.
static uint8_t brush_at(const float *s, float x, float y) {
    float dx = s[3] - s[0], dy = s[4] - s[1], length = sqrtf(dx * dx + dy * dy);
    float ux = length > 0 ? dx / length : 1, uy = length > 0 ? dy / length : 0;
    float along = (x - s[0]) * ux + (y - s[1]) * uy;
    float across = fabsf((x - s[0]) * uy - (y - s[1]) * ux);
    float behind = along - fminf(fmaxf(along, 0), length);
    float coverage = s[2] - sqrtf(behind * behind + across * across) + 0.5f;
    return (uint8_t)(fminf(fmaxf(coverage, 0), 1) * 255.0f + 0.5f);
}

// What ink looks like must not change with how fast it is drawn: networks have seen these bytes.
static void a_line_has_the_bytes_of_the_formula(void **state) {
    (void)state;
    static Sheet sheet;
    Rng rng = rng_at(8, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 3000; round++) {
        float s[6] = {rng_uniform(&rng, -20, W + 20), rng_uniform(&rng, -20, H + 20)};
        float spread = round % 4 == 0 ? 0.5f : round % 4 == 1 ? 8 : 100;
        s[3] = s[0] + (round % 7 == 0 ? 0 : rng_uniform(&rng, -spread, spread));
        s[4] = s[1] + (round % 5 == 0 ? 0 : rng_uniform(&rng, -spread, spread));
        s[2] = rng_uniform(&rng, 0, round % 3 == 0 ? 25 : 3);
        sheet_init(&sheet);
        raster_segment(&sheet.mask, s[0], s[1], s[2], s[3], s[4], s[2]);
        for (int at = 0; at < W * H; at++) {
            int want = brush_at(s, (float)(at % W) + 0.5f, (float)(at / W) + 0.5f);
            if (pixel(&sheet, at % W, at / W) != want) {
                fail_msg("round %d, pixel (%d, %d): got %d, expected %d", round, at % W, at / W,
                         pixel(&sheet, at % W, at / W), want);
            }
        }
    }
}

static void one_point_is_a_dot(void **state) {
    (void)state;
    static Sheet line, disc;
    sheet_init(&line);
    sheet_init(&disc);
    raster_polyline(&line.mask, (const float[]){20.3f, 30.1f}, 1, 9, 0, 0);
    raster_disc(&disc.mask, 20.3f, 30.1f, 4.5f);
    assert_memory_equal(line.block, disc.block, sizeof line.block);
    assert_int_equal(pixel(&disc, 20, 30), 255);
}

static void dashes_have_the_lengths_asked_for_and_go_round_corners(void **state) {
    (void)state;
    static Sheet straight, bent;
    sheet_init(&straight);
    raster_polyline(&straight.mask, (const float[]){2, 10.5f, 80, 10.5f}, 2, 3, 8, 6);
    for (int x = 4; x < 78; x++) { // at a dash's very ends the round cap makes it pale
        int phase = (x - 2) % 14;
        int got = pixel(&straight, x, 10);
        if (phase >= 1 && phase < 7 && got != 255) {
            fail_msg("dash broken at x = %d: %d", x, got);
        }
        if (phase >= 9 && phase < 13 && got != 0) {
            fail_msg("gap filled at x = %d: %d", x, got);
        }
    }
    // A line cut into collinear pieces carries its pattern on.
    float xy[2 * 14];
    for (int i = 0; i < 14; i++) {
        xy[2 * i] = 2.0f + 6.0f * (float)i;
        xy[2 * i + 1] = 10.5f;
    }
    sheet_init(&bent);
    raster_polyline(&bent.mask, xy, 14, 3, 8, 6);
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            assert_in_range(abs(pixel(&bent, x, y) - pixel(&straight, x, y)), 0, 1);
        }
    }
}

// --- discs, rings, rectangles --------------------------------------------------------------------

// shape: cx cy half_w half_h radius width
static double round_rect(const double *s, double x, double y) {
    double qx = fabs(x - s[0]) - (s[2] - s[4]);
    double qy = fabs(y - s[1]) - (s[3] - s[4]);
    double outside = hypot(fmax(qx, 0), fmax(qy, 0)) + fmin(fmax(qx, qy), 0) - s[4];
    return s[5] > 0 ? clamp01(fmin(-outside, outside + s[5]) + 0.5) : clamp01(0.5 - outside);
}

static double ring(const double *s, double x, double y) {
    double d = hypot(x - s[0], y - s[1]);
    return clamp01(s[5] / 2 + 0.5 - fabs(d - (s[2] - s[5] / 2)));
}

static void rounded_rectangles_match_their_distance(void **state) {
    (void)state;
    static Sheet sheet;
    Rng rng = rng_at(4, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 300; round++) {
        float x = rng_uniform(&rng, -10, W), y = rng_uniform(&rng, -10, H);
        float w = rng_uniform(&rng, 1, 70), h = rng_uniform(&rng, 1, 60);
        float radius = fminf(rng_uniform(&rng, 0, 20), fminf(w, h) / 2);
        float width = round % 2 == 0 ? 0.0f : rng_uniform(&rng, 0.7f, 8);
        sheet_init(&sheet);
        RasterBox box = raster_round_rect(&sheet.mask, x, y, w, h, radius, width);
        float shape[6] = {x + w / 2, y + h / 2, w / 2, h / 2, radius, width};
        check(&sheet, box, round_rect, shape, 1, round);
    }
}

static void rings_match_their_distance(void **state) {
    (void)state;
    static Sheet sheet;
    Rng rng = rng_at(5, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 200; round++) {
        float x = rng_uniform(&rng, 0, W), y = rng_uniform(&rng, 0, H);
        float r = rng_uniform(&rng, 3, 40), width = rng_uniform(&rng, 0.8f, 3);
        sheet_init(&sheet);
        RasterBox box = raster_ring(&sheet.mask, x, y, r, width);
        float shape[6] = {x, y, r, r, r, width};
        check(&sheet, box, ring, shape, 1, round);
    }
}

static void a_rectangle_on_pixel_edges_is_crisp(void **state) {
    (void)state;
    static Sheet sheet;
    sheet_init(&sheet);
    raster_round_rect(&sheet.mask, 10, 12, 30, 20, 0, 0);
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            bool inside = x >= 10 && x < 40 && y >= 12 && y < 32;
            assert_int_equal(pixel(&sheet, x, y), inside ? 255 : 0);
        }
    }
}

// --- polygons ------------------------------------------------------------------------------------

typedef struct {
    const float *xy;
    size_t n;
} Corners;

// Winding number of a point by adding up the angles the edges are seen under.
static bool inside(const Corners *polygon, double x, double y) {
    double angle = 0;
    for (size_t i = 0; i < polygon->n; i++) {
        const float *a = polygon->xy + 2 * i;
        const float *b = polygon->xy + 2 * ((i + 1) % polygon->n);
        double ax = (double)a[0] - x, ay = (double)a[1] - y;
        double bx = (double)b[0] - x, by = (double)b[1] - y;
        angle += atan2(ax * by - ay * bx, ax * bx + ay * by);
    }
    return fabs(angle) > 3.0; // a multiple of 2 pi
}

static void polygons_match_sixteen_by_sixteen_samples(void **state) {
    (void)state;
    static Sheet sheet;
    Rng rng = rng_at(6, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 6; round++) {
        float xy[2 * 9]; // self-crossing most of the time
        Corners polygon = {xy, 3 + (size_t)round};
        for (size_t i = 0; i < polygon.n; i++) {
            xy[2 * i] = rng_uniform(&rng, 20, 60);
            xy[2 * i + 1] = rng_uniform(&rng, 15, 45);
        }
        sheet_init(&sheet);
        RasterBox box = raster_polygon(&sheet.mask, xy, polygon.n);
        check_guard(&sheet);
        for (int y = 14; y < 47; y++) {
            for (int x = 19; x < 62; x++) {
                int count = 0;
                for (int s = 0; s < 256; s++) {
                    count += inside(&polygon, x + (s % 16 + 0.5) / 16, y + (s / 16 + 0.5) / 16);
                }
                int want = (count * 255 + 128) / 256;
                int got = pixel(&sheet, x, y);
                // A sample stands for 1/16 of a scan line, so an edge is off by up to half of that;
                // three edges may meet in a pixel.
                if (abs(got - want) > 24) {
                    fail_msg("round %d, (%d, %d): got %d, expected %d", round, x, y, got, want);
                }
                if (got > 0) {
                    assert_true(x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1);
                }
            }
        }
    }
}

static void a_polygon_wider_than_a_band_of_columns_is_whole(void **state) {
    (void)state;
    static uint8_t pixels[4 * 700];
    RasterMask mask = {pixels, 700, 4, 700};
    const float xy[] = {-50, 1, 690, 1, 690, 3, -50, 3};
    raster_polygon(&mask, xy, 4);
    for (int i = 0; i < 4 * 700; i++) {
        bool filled = i % 700 < 690 && i / 700 >= 1 && i / 700 < 3;
        assert_int_equal(pixels[i], filled ? 255 : 0);
    }
}

static void a_polygon_of_a_thousand_corners_is_a_disc(void **state) {
    (void)state;
    static Sheet polygon, disc;
    static float xy[2000];
    for (int i = 0; i < 1000; i++) {
        xy[2 * i] = 40.0f + 20.0f * cosf((float)i * 6.2831853f / 1000);
        xy[2 * i + 1] = 30.0f + 20.0f * sinf((float)i * 6.2831853f / 1000);
    }
    sheet_init(&polygon);
    sheet_init(&disc);
    raster_polygon(&polygon.mask, xy, 1000);
    raster_disc(&disc.mask, 40, 30, 20);
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) { // area against distance: at most a tenth apart on a curve
            assert_in_range(abs(pixel(&polygon, x, y) - pixel(&disc, x, y)), 0, 26);
        }
    }
}

// --- everything ----------------------------------------------------------------------------------

static void shapes_beyond_reason_draw_nothing_and_do_not_hang(void **state) {
    (void)state;
    static Sheet sheet, empty;
    const float bad[] = {NAN, INFINITY, -INFINITY, 1e30f, -3.4e38f};
    sheet_init(&sheet);
    sheet_init(&empty);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float v = bad[i];
        raster_segment(&sheet.mask, v, 10, 3, 20, 10, 3);
        raster_segment(&sheet.mask, 10, 10, v, 20, 10, 3);
        raster_polyline(&sheet.mask, (const float[]){v, 1, 30, 30}, 2, 3, 4, 4);
        raster_polyline(&sheet.mask, (const float[]){1, 1, v, v}, 2, 3, 0, 0);
        raster_disc(&sheet.mask, 5, v, 3);
        raster_ring(&sheet.mask, v, 5, 3, 1);
        raster_round_rect(&sheet.mask, 1, 1, v, 5, 2, 0);
        raster_polygon(&sheet.mask, (const float[]){v, 1, 30, 30, 1, 30}, 3);
        raster_band(&sheet.mask, (const float[]){v, 1, 30, 30, 1, 30}, 2);
        raster_band(&sheet.mask, (const float[]){1, 1, 30, 30, v, 30}, 2);
    }
    raster_band(&sheet.mask, (const float[]){1, 1, 30}, 1);
    raster_band(&sheet.mask, (const float[]){1, 30, 1, 30, 40, 1}, 2); // upside down
    raster_polygon(&sheet.mask, (const float[]){1, 1, 30, 30}, 2);
    raster_polyline(&sheet.mask, NULL, 0, 3, 0, 0);
    raster_round_rect(&sheet.mask, 5, 5, -3, 4, 0, 0);
    assert_memory_equal(sheet.block, empty.block, sizeof sheet.block);
    RasterBox box = raster_disc(&sheet.mask, -500, -500, 40);
    assert_true(box.x1 <= box.x0);
    // A line that starts very far off is still drawn where it crosses the mask.
    raster_segment(&sheet.mask, -9e5f, 30.5f, 1, 9e5f, 30.5f, 1);
    assert_int_equal(pixel(&sheet, 40, 30), 255);
}

static void overlap_blends_by_maximum(void **state) {
    (void)state;
    static Sheet once, twice;
    sheet_init(&once);
    sheet_init(&twice);
    for (int i = 0; i < 3; i++) {
        raster_disc(&twice.mask, 30.2f, 30.7f, 8.3f);
    }
    raster_disc(&once.mask, 30.2f, 30.7f, 8.3f);
    assert_memory_equal(once.block, twice.block, sizeof once.block);
}

static void union_ignores_empty_boxes(void **state) {
    (void)state;
    RasterBox a = {3, 4, 10, 12}, none = {0, 0, 0, 0}, b = {1, 6, 5, 20};
    RasterBox want = {1, 4, 10, 20};
    RasterBox ab = raster_box_union(a, b), first = raster_box_union(none, a);
    assert_memory_equal(&ab, &want, sizeof ab);
    assert_memory_equal(&first, &a, sizeof a);
}

// --- bands ---------------------------------------------------------------------------------------

// Coverage of a pixel by the band's two edges at its column's centre, in double precision.
static double band_at(const float *xtb, int n, int x, int y) {
    double centre = x + 0.5;
    for (int i = 1; i < n; i++) {
        const float *a = xtb + 3 * (i - 1), *b = xtb + 3 * i;
        if (centre >= (double)a[0] && centre < (double)b[0]) {
            double share = (centre - (double)a[0]) / ((double)b[0] - (double)a[0]);
            double top = (double)a[1] + share * ((double)b[1] - (double)a[1]);
            double bottom = (double)a[2] + share * ((double)b[2] - (double)a[2]);
            return fmax(fmin(bottom, y + 1) - fmax(top, y), 0);
        }
    }
    return 0;
}

static void a_band_fills_what_lies_between_its_edges(void **state) {
    (void)state;
    static Sheet sheet;
    enum { POINTS = 30 };
    Rng rng = rng_at(7, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 200; round++) {
        float xtb[3 * POINTS], x = rng_uniform(&rng, -30, W);
        int n = (int)rng_below(&rng, POINTS + 1);
        for (int i = 0; i < n; i++) {
            x += rng_uniform(&rng, 0, round % 3 == 0 ? 0.8f : 6);
            xtb[3 * i] = x;
            xtb[3 * i + 1] = rng_uniform(&rng, -20, H);
            xtb[3 * i + 2] = xtb[3 * i + 1] + rng_uniform(&rng, 0, round % 4 == 0 ? 1.5f : 60);
        }
        sheet_init(&sheet);
        RasterBox box = raster_band(&sheet.mask, xtb, (size_t)n);
        check_guard(&sheet);
        for (int at = 0; at < W * H; at++) {
            int column = at % W, row = at / W, got = pixel(&sheet, column, row);
            int want = (int)(band_at(xtb, n, column, row) * 255 + 0.5);
            if (abs(got - want) > 1) {
                fail_msg("round %d, (%d, %d): got %d, expected %d", round, column, row, got, want);
            }
            assert_true(got == 0 ||
                        (column >= box.x0 && column < box.x1 && row >= box.y0 && row < box.y1));
        }
    }
}

static void a_band_in_pieces_has_the_bytes_of_the_whole(void **state) {
    (void)state;
    static Sheet whole, pieces;
    const float xtb[] = {-3.2f, 10, 30, 4.5f, 9.3f, 20.1f, 4.6f, 2, 50, 30.25f, 20, 21, 90, -9, 99};
    sheet_init(&whole);
    sheet_init(&pieces);
    raster_band(&whole.mask, xtb, 5);
    for (int i = 3; i >= 0; i--) {
        raster_band(&pieces.mask, xtb + 3 * i, 2);
    }
    assert_memory_equal(whole.block, pieces.block, sizeof whole.block);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_match_the_distance_to_the_line),
        cmocka_unit_test(a_brush_of_changing_radius_is_the_union_of_its_discs),
        cmocka_unit_test(a_stroke_in_pieces_has_the_bytes_of_the_whole),
        cmocka_unit_test(a_line_has_the_bytes_of_the_formula),
        cmocka_unit_test(one_point_is_a_dot),
        cmocka_unit_test(dashes_have_the_lengths_asked_for_and_go_round_corners),
        cmocka_unit_test(rounded_rectangles_match_their_distance),
        cmocka_unit_test(rings_match_their_distance),
        cmocka_unit_test(a_rectangle_on_pixel_edges_is_crisp),
        cmocka_unit_test(polygons_match_sixteen_by_sixteen_samples),
        cmocka_unit_test(a_polygon_wider_than_a_band_of_columns_is_whole),
        cmocka_unit_test(a_polygon_of_a_thousand_corners_is_a_disc),
        cmocka_unit_test(a_band_fills_what_lies_between_its_edges),
        cmocka_unit_test(a_band_in_pieces_has_the_bytes_of_the_whole),
        cmocka_unit_test(shapes_beyond_reason_draw_nothing_and_do_not_hang),
        cmocka_unit_test(overlap_blends_by_maximum),
        cmocka_unit_test(union_ignores_empty_boxes),
    };
    return cmocka_run_group_tests_name("raster", tests, NULL, NULL);
}
