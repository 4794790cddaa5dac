// Painting only what changed must give the bytes of painting everything. Random lists of every kind
// of command, changed a little from frame to frame, are composed both ways.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "gfx/gfx.h"

enum { W = 400, H = 300, SIDE = 120, COMMANDS = 30, PIECES = 40 };
#define PAPER 0xFFFAF8F4u

// A frame's recipe: what each command is made from. Changing one seed changes one command.
typedef struct {
    uint64_t seeds[COMMANDS];
    uint8_t mask[SIDE * SIDE];
    uint8_t picture[28 * 28];
    Color palette[256];
} Scene;

static UiRect some_rect(Rng *rng) {
    return (UiRect){rng_uniform(rng, -40, W), rng_uniform(rng, -40, H), rng_uniform(rng, 0.2f, 150),
                    rng_uniform(rng, 0.2f, 120)};
}

static void add_command(DrawList *list, const Scene *scene, int i) {
    Rng rng = rng_at(scene->seeds[i], RNG_STREAM_TEST, 1);
    UiRect rect = some_rect(&rng);
    Color color = rng_u32(&rng) | (rng_below(&rng, 2) == 0 ? 0xFF000000u : 0u);
    float size = rng_uniform(&rng, 0.3f, 12);
    float xy[2 * PIECES], edges[3 * PIECES];
    for (int k = 0; k < 2 * PIECES; k++) {
        xy[k] = rng_uniform(&rng, -20, k % 2 == 0 ? W : H);
    }
    size_t n = 1 + rng_below(&rng, PIECES);
    switch (i % 13) {
    case 0:
        draw_rect(list, rect, 0, color);
        break;
    case 1:
        draw_rect(list, rect, size, color);
        break;
    case 2:
        draw_frame(list, rect, size, size / 3, color);
        break;
    case 3:
        draw_lines(list, xy, n, size / 2, color);
        break;
    case 4:
        draw_lines_dashed(list, xy, n, 2, 5, 4, color);
        break;
    case 5:
        draw_polygon(list, xy, 3 + n % 6, color);
        break;
    case 6:
        draw_disc(list, rect.x, rect.y, size * 5, color);
        break;
    case 7:
        draw_ring(list, rect.x, rect.y, size * 5, size / 3, color);
        break;
    case 8: {
        char text[64];
        snprintf(text, sizeof text, "%g text %g AV", (double)rect.x, (double)rect.w);
        draw_text(list, (Font){8 + size, (FontWeight)(n % 3)}, rect.x, rect.y, 10 * size, color,
                  text);
        break;
    }
    case 9:
        draw_image(list, rect, scene->picture, 28, 28, scene->palette, n % 2 == 0, size);
        break;
    case 10:
        for (size_t k = 0; k < n; k++) {
            edges[3 * k] = rect.x + (float)k * size;
            edges[3 * k + 1] = xy[2 * k];
            edges[3 * k + 2] = xy[2 * k] + fabsf(xy[2 * k + 1]);
        }
        draw_band(list, edges, n, color);
        break;
    case 11:
        draw_mask(list, rect, scene->mask, SIDE, SIDE, color);
        break;
    default:
        draw_clip(list, rng_below(&rng, 3) == 0 ? (UiRect){0, 0, W, H} : rect);
        break;
    }
}

static void fill(DrawList *list, const Scene *scene) {
    draw_list_reset(list, (UiRect){0, 0, W, H});
    for (int i = 0; i < COMMANDS; i++) {
        add_command(list, scene, i);
    }
}

static void scene_init(Scene *scene, Rng *rng) {
    memset(scene, 0, sizeof *scene);
    for (int i = 0; i < COMMANDS; i++) {
        scene->seeds[i] = rng_u32(rng);
    }
    for (int i = 0; i < 28 * 28; i++) {
        scene->picture[i] = (uint8_t)rng_below(rng, 256);
    }
    for (int i = 0; i < 256; i++) {
        scene->palette[i] = rng_u32(rng) | 0xC0000000u;
    }
}

static void change(Scene *scene, Rng *rng) {
    switch (rng_below(rng, 5)) {
    case 0: // ink
        for (int i = 0; i < 30; i++) {
            scene->mask[rng_below(rng, SIDE * SIDE)] = (uint8_t)rng_below(rng, 256);
        }
        break;
    case 1:
        scene->picture[rng_below(rng, 28 * 28)] ^= 0x80;
        break;
    case 2:
        scene->palette[rng_below(rng, 256)] ^= 0x00FF00;
        break;
    default:
        scene->seeds[rng_below(rng, COMMANDS)] = rng_u32(rng);
        break;
    }
}

static Gfx *open_at(float scale) {
    Gfx *gfx = gfx_new(&(GfxDesc){.builtin_font = false}, NULL);
    assert_non_null(gfx);
    assert_true(gfx_resize(gfx, (int)(W * scale), (int)(H * scale), scale));
    return gfx;
}

static void changed_cells_repainted_give_the_whole_frame(void **state) {
    const float scale = *(const float *)*state;
    static Scene scene;
    Rng rng = rng_at(7, RNG_STREAM_TEST, (uint64_t)(scale * 100));
    scene_init(&scene, &rng);
    Gfx *steps = open_at(scale);
    Gfx *whole = open_at(scale);
    DrawList list = {0};
    size_t n;
    int w, h;
    for (int frame = 0; frame < 60; frame++) {
        fill(&list, &scene);
        const GfxRect *rects = gfx_compose(steps, &list, PAPER, &n);
        for (size_t i = 0; i < n; i++) {
            assert_true(rects[i].x >= 0 && rects[i].x + rects[i].w <= (int)(W * scale));
            assert_true(rects[i].y >= 0 && rects[i].y + rects[i].h <= (int)(H * scale));
        }
        gfx_invalidate(whole);
        gfx_compose(whole, &list, PAPER, &n);
        assert_int_equal(n, 1);
        const uint32_t *got = gfx_pixels(steps, &w, &h);
        const uint32_t *want = gfx_pixels(whole, &w, &h);
        for (int i = 0; i < w * h; i++) {
            if (got[i] != want[i]) {
                fail_msg("frame %d, pixel (%d, %d): %08x, expected %08x", frame, i % w, i / w,
                         got[i], want[i]);
            }
        }
        change(&scene, &rng);
    }
    draw_list_release(&list);
    gfx_free(steps);
    gfx_free(whole);
}

static void an_unchanged_frame_costs_no_paint_and_no_memory(void **state) {
    (void)state;
    static Scene scene;
    Rng rng = rng_at(8, RNG_STREAM_TEST, 0);
    scene_init(&scene, &rng);
    Gfx *gfx = open_at(1);
    DrawList list = {0};
    size_t n;
    fill(&list, &scene);
    gfx_compose(gfx, &list, PAPER, &n);
    assert_int_equal(n, 1);
    uint64_t before = mem_request_count();
    fill(&list, &scene);
    gfx_compose(gfx, &list, PAPER, &n);
    assert_int_equal(n, 0);
    gfx_invalidate(gfx);
    gfx_compose(gfx, &list, PAPER, &n);
    assert_int_equal(n, 1);
    assert_int_equal(mem_request_count(), before);
    gfx_compose(gfx, &list, 0xFF000000, &n); // another paper
    assert_int_equal(n, 1);
    draw_list_release(&list);
    gfx_free(gfx);
}

static long area(const GfxRect *rects, size_t n) {
    long sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (long)rects[i].w * rects[i].h;
    }
    return sum;
}

static void a_growing_curve_and_a_growing_stroke_repaint_their_tips(void **state) {
    (void)state;
    static uint8_t mask[W * H];
    Gfx *gfx = open_at(1);
    DrawList list = {0};
    float xy[2 * 100];
    for (int i = 0; i < 100; i++) {
        xy[2 * i] = 10 + 3.7f * (float)i;
        xy[2 * i + 1] = 150 + 100 * sinf((float)i * 0.1f);
    }
    for (int i = 3; i < 100; i++) {
        draw_list_reset(&list, (UiRect){0, 0, W, H});
        draw_lines(&list, xy, (size_t)i, 2, 0xFF2563C9);
        mask[(H - 20) * W + 4 * i] = 255;
        draw_mask(&list, (UiRect){0, 0, W, H}, mask, W, H, 0xFF000000);
        size_t n;
        const GfxRect *rects = gfx_compose(gfx, &list, PAPER, &n);
        if (i > 3) {
            assert_true(n > 0);
            assert_in_range(area(rects, n), 1, 6 * 64 * 64);
        }
    }
    draw_list_release(&list);
    gfx_free(gfx);
}

static void tints_show_what_was_painted_and_go_when_switched_off(void **state) {
    (void)state;
    Gfx *gfx = open_at(1);
    DrawList list = {0};
    size_t n;
    int w, h;
    draw_list_reset(&list, (UiRect){0, 0, W, H});
    gfx_compose(gfx, &list, PAPER, &n);
    gfx_tint_repaints(gfx, true);
    draw_rect(&list, (UiRect){70, 70, 4, 4}, 0, 0xFF000000);
    gfx_compose(gfx, &list, PAPER, &n);
    assert_int_equal(n, 1);
    const uint32_t *pixels = gfx_pixels(gfx, &w, &h);
    assert_true(pixels[100 * W + 100] != PAPER); // the cell
    assert_int_equal(pixels[10 * W + 10], PAPER);
    gfx_tint_repaints(gfx, false);
    gfx_compose(gfx, &list, PAPER, &n);
    assert_int_equal(pixels[100 * W + 100], PAPER);
    draw_list_release(&list);
    gfx_free(gfx);
}

static void running_out_of_memory_costs_pixels_and_nothing_else(void **state) {
    (void)state;
    static Scene scene;
    Rng rng = rng_at(9, RNG_STREAM_TEST, 0);
    scene_init(&scene, &rng);
    bool reached = true;
    uint64_t at = 0;
    while (reached && at < 4000) { // each request once alone and once with all after it
        bool for_ever = at % 2 == 0;
        uint64_t nth = at / 2 + 1;
        DrawList list = {0};
        size_t n;
        uint64_t first = mem_request_count();
        mem_fail_at(nth, for_ever);
        Gfx *gfx = gfx_new(&(GfxDesc){.builtin_font = false}, NULL);
        if (gfx != NULL && gfx_resize(gfx, W, H, 1)) {
            fill(&list, &scene);
            gfx_compose(gfx, &list, PAPER, &n);
        }
        reached = mem_request_count() - first >= nth;
        mem_fail_at(0, false);
        gfx_free(gfx);
        draw_list_release(&list);
        at++;
    }
    assert_false(reached);
    assert_true(at > 20);
}

int main(void) {
    static float scales[] = {0.75f, 1, 1.5f, 3};
    const struct CMUnitTest tests[] = {
        {"incremental equals whole at 0.75", changed_cells_repainted_give_the_whole_frame, NULL,
         NULL, &scales[0]},
        {"incremental equals whole at 1", changed_cells_repainted_give_the_whole_frame, NULL, NULL,
         &scales[1]},
        {"incremental equals whole at 1.5", changed_cells_repainted_give_the_whole_frame, NULL,
         NULL, &scales[2]},
        {"incremental equals whole at 3", changed_cells_repainted_give_the_whole_frame, NULL, NULL,
         &scales[3]},
        cmocka_unit_test(an_unchanged_frame_costs_no_paint_and_no_memory),
        cmocka_unit_test(a_growing_curve_and_a_growing_stroke_repaint_their_tips),
        cmocka_unit_test(tints_show_what_was_painted_and_go_when_switched_off),
        cmocka_unit_test(running_out_of_memory_costs_pixels_and_nothing_else),
    };
    return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
