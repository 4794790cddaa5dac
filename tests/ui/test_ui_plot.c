// Plots, bars, scroll areas, tooltips, easing: what they draw and where.

#include "fake_ui.h"

#include <math.h>

#include "base/rng.h"
#include "ui/plot_axis.h"

static bool inside(UiRect outer, UiRect rect, float slack) {
    return rect.x >= outer.x - slack && rect.y >= outer.y - slack &&
           rect.x + rect.w <= outer.x + outer.w + slack &&
           rect.y + rect.h <= outer.y + outer.h + slack;
}

// Every number in a command is one a rasteriser can work with.
static void check_finite(const DrawList *list) {
    for (size_t i = 0; i < list->n; i++) {
        const DrawCommand *command = &list->commands[i];
        assert_true(isfinite(command->rect.x) && isfinite(command->rect.y));
        assert_true(isfinite(command->rect.w) && isfinite(command->rect.h));
        assert_true(command->rect.w >= 0 && command->rect.h >= 0);
        assert_true(isfinite(command->radius) && command->radius >= 0 && isfinite(command->width));
        for (size_t k = 0; command->kind == DRAW_LINES && k < 2 * command->u.lines.n; k++) {
            assert_true(isfinite(command->u.lines.xy[k]) && fabsf(command->u.lines.xy[k]) < 1e5f);
        }
    }
}

static size_t count(const DrawList *list, DrawKind kind) {
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        n += list->commands[i].kind == kind;
    }
    return n;
}

static const DrawCommand *text_command(const DrawList *list, const char *text) {
    for (size_t i = 0; i < list->n; i++) {
        if (list->commands[i].kind == DRAW_TEXT &&
            strcmp(list->commands[i].u.text.utf8, text) == 0) {
            return &list->commands[i];
        }
    }
    return NULL;
}

// --- awkward data --------------------------------------------------------------------------------

static const float XS[] = {1, 2, 3, 4, 5};

typedef struct {
    const char *name;
    float y[5];
    unsigned n;
    bool log;
    unsigned lines, discs; // expected
} Awkward;

static Awkward awkward[] = {
    {"no point", {0}, 0, false, 0, 0},
    {"no point, log", {0}, 0, true, 0, 0},
    {"one point", {0.5f}, 1, false, 0, 1},
    {"one point, log", {0.5f}, 1, true, 0, 1},
    {"equal values", {2, 2, 2, 2, 2}, 5, false, 1, 0},
    {"equal values, log", {2, 2, 2, 2, 2}, 5, true, 1, 0},
    {"all zero", {0, 0, 0, 0, 0}, 5, false, 1, 0},
    {"all zero, log", {0, 0, 0, 0, 0}, 5, true, 0, 0},
    {"all negative", {-5, -4, -3, -2, -1}, 5, false, 1, 0},
    {"all negative, log", {-5, -4, -3, -2, -1}, 5, true, 0, 0},
    {"a gap", {1, 2, NAN, 4, 5}, 5, false, 2, 0},
    {"a point between gaps", {1, NAN, 3, NAN, 5}, 5, false, 0, 3},
    {"nothing but NaN", {NAN, NAN, NAN, NAN, NAN}, 5, false, 0, 0},
    {"infinity", {1, 2, INFINITY, -INFINITY, 5}, 5, false, 1, 1},
    {"log with zeros", {1, 0, 0.1f, 0, 0.01f}, 5, true, 1, 0},
    {"huge", {-3e38f, 3e38f, 0, 1, 2}, 5, false, 1, 0},
    {"tiny", {1e-40f, 2e-40f, 0, 1e-42f, 0}, 5, true, 1, 0},
    {"close to each other", {1, 1.0000001f, 1, 1, 1}, 5, false, 1, 0},
};

static void run_awkward(void **state) {
    const Awkward *row = *state;
    FakeUi fake;
    fake_init(&fake, true);
    UiSeries series = {.x = XS, .y = row->y, .n = row->n, .label = "loss", .best = -1};
    UiRect rect = {20, 30, 400, 200};
    for (int frame = 0; frame < 3; frame++) {
        Ui *ui = fake_begin(&fake);
        UiPlot plot = {.log_y = row->log, .ease = frame > 0};
        UiRect inner = ui_plot(ui, "p", rect, &plot, &series, 1);
        fake_end(&fake);
        const DrawList *list = ui_draws(ui);
        check_finite(list);
        assert_true(inside(rect, inner, 0));
        assert_int_equal(count(list, DRAW_LINES), row->lines);
        assert_int_equal(count(list, DRAW_DISC), row->discs);
        bool nothing = row->lines + row->discs == 0;
        assert_int_equal(text_command(list, "loss") == NULL, nothing);
        if (nothing) {
            assert_int_equal(count(list, DRAW_TEXT), 0); // no invented numbers
        }
    }
    fake_release(&fake);
}

// --- axes ----------------------------------------------------------------------------------------

static void ticks_are_few_round_and_inside(void **state) {
    (void)state;
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    for (int round = 0; round < 2000; round++) {
        double span = pow(10, (double)rng_uniform(&rng, -6, 9));
        double low = (double)rng_uniform(&rng, -3, 3) * span;
        PlotAxis axis = {.low = low, .high = low + span};
        double apart = (double)rng_uniform(&rng, 0.1f, 0.3f);
        plot_axis_ticks(&axis, apart, false);
        assert_true(axis.n_ticks >= 1 && axis.n_ticks <= (int)(1 / apart) + 1);
        for (int i = 0; i < axis.n_ticks; i++) {
            assert_true(axis.ticks[i] >= low - span * 1e-5 &&
                        axis.ticks[i] <= low + span * 1.00001);
            if (i > 0) {
                double step = axis.ticks[i] - axis.ticks[i - 1];
                assert_true(step >= apart * span * (1 - 1e-9));
                double digit = step / pow(10, floor(log10(step) + 1e-9));
                bool is_round = fabs(digit - 1) < 1e-6 || fabs(digit - 2) < 1e-6 ||
                                fabs(digit - 5) < 1e-6 || fabs(digit - 10) < 1e-6;
                assert_true(is_round);
            }
        }
    }
}

static void log_ticks_are_decades_with_2_and_5_when_there_is_room(void **state) {
    (void)state;
    PlotAxis axis = {.low = 0.012, .high = 2.4, .log = true};
    plot_axis_ticks(&axis, 0.1, false);
    static const double expected[] = {0.02, 0.05, 0.1, 0.2, 0.5, 1, 2};
    assert_int_equal(axis.n_ticks, 7);
    for (int i = 0; i < 7; i++) {
        assert_true(fabs(axis.ticks[i] / expected[i] - 1) < 1e-9);
    }
    plot_axis_ticks(&axis, 0.2, false);
    assert_int_equal(axis.n_ticks, 2); // 0.1 and 1
    axis = (PlotAxis){.low = 1e-9, .high = 1e6, .log = true};
    plot_axis_ticks(&axis, 0.15, false);
    assert_true(axis.n_ticks >= 3 && axis.n_ticks <= 7);
    axis = (PlotAxis){.low = 0.31, .high = 0.69, .log = true}; // no decade inside
    plot_axis_ticks(&axis, 0.2, false);
    assert_true(axis.n_ticks >= 2);
    for (int i = 1; i < axis.n_ticks; i++) {
        double step =
            plot_axis_share(&axis, axis.ticks[i]) - plot_axis_share(&axis, axis.ticks[i - 1]);
        assert_true(step >= 0.19);
    }
}

static void whole_numbers_get_no_fractions(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    const float y[] = {1, 2};
    UiSeries series = {.x = XS, .y = y, .n = 2, .best = -1};
    Ui *ui = fake_begin(&fake);
    ui_plot(ui, "p", (UiRect){0, 0, 700, 200}, &(UiPlot){.y_format = "%.2f"}, &series, 1);
    fake_end(&fake);
    assert_non_null(text_command(ui_draws(ui), "1"));
    assert_null(text_command(ui_draws(ui), "1.5")); // epochs: between 1 and 2 there is nothing
    fake_release(&fake);
}

static void names_at_line_ends_do_not_overlap(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    static const char *const names[] = {"train", "validation", "test", "duel A", "duel B"};
    float y[5][2];
    UiSeries series[5];
    for (int s = 0; s < 5; s++) {
        y[s][0] = (float)s;
        y[s][1] = 1 + (float)s * 0.001f;
        series[s] = (UiSeries){.x = XS, .y = y[s], .n = 2, .label = names[s], .best = -1};
    }
    Ui *ui = fake_begin(&fake);
    UiRect rect = {10, 10, 400, 200};
    ui_plot(ui, "p", rect, &(UiPlot){.y0 = 0, .y1 = 1}, series, 5); // all at the upper edge
    fake_end(&fake);
    float before = -1e9f;
    for (int s = 4; s >= 0; s--) { // the highest value is named first
        const DrawCommand *name = text_command(ui_draws(ui), names[s]);
        assert_non_null(name);
        assert_true(inside(rect, (UiRect){name->rect.x, name->rect.y, name->rect.w, 0}, 0.1f));
        assert_true(name->rect.y >= before + 12 * 1.17f);
        before = name->rect.y;
    }
    fake_release(&fake);
}

static void marks_and_the_best_point_are_set_off(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    const float y[] = {3, 1, 2};
    UiSeries series = {
        .x = XS, .y = y, .n = 3, .marks = true, .best = 1, .dash_on = 5, .dash_off = 3};
    Ui *ui = fake_begin(&fake);
    ui_plot(ui, "p", (UiRect){0, 0, 300, 200}, &(UiPlot){0}, &series, 1);
    fake_end(&fake);
    const DrawList *list = ui_draws(ui);
    assert_int_equal(count(list, DRAW_DISC), 6);
    for (size_t i = 0; i < list->n; i++) {
        if (list->commands[i].kind == DRAW_LINES) {
            assert_float_equal(list->commands[i].u.lines.dash_on, 5, 0);
        }
    }
    fake_release(&fake);
}

static void a_hundred_thousand_points_keep_their_spikes_and_little_else(void **state) {
    (void)state;
    enum { N = 100000 };
    static float x[N], y[N];
    for (int i = 0; i < N; i++) {
        x[i] = (float)i;
        y[i] = i == 70123 ? 9 : i == 30456 ? 1 : 5;
    }
    FakeUi fake;
    fake_init(&fake, false);
    UiSeries series = {.x = x, .y = y, .n = N, .best = -1};
    Ui *ui = fake_begin(&fake);
    UiRect inner =
        ui_plot(ui, "p", (UiRect){0, 0, 400, 200}, &(UiPlot){.y0 = 0, .y1 = 10}, &series, 1);
    fake_end(&fake);
    const DrawList *list = ui_draws(ui);
    float top = 1e9f, bottom = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->commands[i].kind == DRAW_LINES) {
            assert_true(list->commands[i].u.lines.n < 4 * 402);
            top = fminf(top, list->commands[i].rect.y);
            bottom = fmaxf(bottom, list->commands[i].rect.y + list->commands[i].rect.h);
        }
    }
    assert_true(top <= inner.y + inner.h * 0.11f);
    assert_true(bottom >= inner.y + inner.h * 0.89f);
    fake_release(&fake);
}

// The spread of a hundred thousand noisy values is one band with a point a pixel, which reaches from
// the lowest to the highest of each pixel's column; a NaN cuts it.
static void an_area_keeps_its_spikes_and_leaves_no_gap(void **state) {
    (void)state;
    enum { N = 100000, GAP = 60000 };
    static float x[N], low[N], high[N];
    for (int i = 0; i < N; i++) {
        x[i] = (float)i;
        low[i] = i % 2000 < 1000 ? 2 : 6; // a step: nothing overlaps there
        high[i] = low[i] + 1;
    }
    high[30456] = 9;
    low[70123] = 1;
    low[GAP] = NAN;
    FakeUi fake;
    fake_init(&fake, false);
    UiSeries series = {.x = x, .y = high, .low = low, .n = N, .best = -1};
    Ui *ui = fake_begin(&fake);
    UiRect inner =
        ui_plot(ui, "p", (UiRect){0, 0, 400, 200}, &(UiPlot){.y0 = 0, .y1 = 10}, &series, 1);
    fake_end(&fake);
    const DrawList *list = ui_draws(ui);
    check_finite(list);
    assert_int_equal(count(list, DRAW_BAND), 2);
    assert_int_equal(count(list, DRAW_LINES), 0);
    float top = 1e9f, bottom = 0;
    for (size_t i = 0; i < list->n; i++) {
        const DrawCommand *command = &list->commands[i];
        for (size_t k = 0; command->kind == DRAW_BAND && k < command->u.band.n; k++) {
            const float *at = command->u.band.xtb + 3 * k;
            assert_true(command->u.band.n < 402 && at[1] <= at[2]);
            top = fminf(top, at[1]);
            bottom = fmaxf(bottom, at[2]);
            assert_true(k == 0 || (at[0] > at[-3] && at[1] <= at[-1] && at[2] >= at[-2]));
        }
    }
    assert_true(fabsf(top - (inner.y + inner.h * 0.1f)) < 0.01f);
    assert_true(fabsf(bottom - (inner.y + inner.h * 0.9f)) < 0.01f);
    fake_release(&fake);
}

static void a_range_moves_in_an_eased_plot(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, true);
    const float y[] = {1, 2, 3};
    UiSeries series = {.x = XS, .y = y, .n = 3, .best = -1};
    float before = 0;
    for (int frame = 0; frame < 30; frame++) {
        Ui *ui = fake_begin(&fake);
        UiPlot plot = {.y0 = 0, .y1 = frame == 0 ? 3 : 6, .ease = true};
        UiRect inner = ui_plot(ui, "p", (UiRect){0, 0, 300, 200}, &plot, &series, 1);
        fake_end(&fake);
        const DrawList *list = ui_draws(ui);
        for (size_t i = 0; i < list->n; i++) {
            if (list->commands[i].kind == DRAW_LINES) {
                float top = list->commands[i].u.lines.xy[5] - inner.y;
                assert_true(frame == 0 ? top == 0 : top >= before);
                assert_true(frame != 1 || (top > 0 && top < inner.h * 0.4f)); // on its way
                assert_true(frame != 29 || fabsf(top - inner.h / 2) < 0.01f);
                before = top;
            }
        }
        assert_int_equal(ui_wants_frame(ui), frame > 0 && frame < 11);
    }
    fake_release(&fake);
}

static void plots_of_any_size_stay_inside(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Rng rng = rng_at(11, RNG_STREAM_TEST, 0);
    float y[5];
    for (int round = 0; round < 1500; round++) {
        fake.input.scale = rng_uniform(&rng, 0.75f, 3);
        theme_make(&fake.theme, false, round % 2 == 0, false);
        UiSeries series[2];
        for (int i = 0; i < 5; i++) {
            y[i] = powf(10, rng_uniform(&rng, -4, 4));
        }
        for (int s = 0; s < 2; s++) {
            series[s] = (UiSeries){.x = XS, .y = y, .n = 5, .label = "validation", .best = 1};
        }
        UiRect rect = {rng_uniform(&rng, 0, 100), rng_uniform(&rng, 0, 100),
                       rng_uniform(&rng, 0, 600), rng_uniform(&rng, 0, 400)};
        UiPlot plot = {.log_y = round % 3 == 0, .x_label = round % 5 == 0 ? "epoch" : NULL};
        Ui *ui = fake_begin(&fake);
        ui_plot(ui, "p", rect, &plot, series, 2);
        const DrawList *list = ui_list(ui);
        for (size_t i = 0; i < list->n; i++) {
            const DrawCommand *command = &list->commands[i];
            if (command->kind == DRAW_TEXT) {
                assert_true(command->rect.x >= rect.x - 0.1f);
                assert_true(command->rect.x + command->rect.w <= rect.x + rect.w + 0.1f);
            } else if (command->kind == DRAW_CLIP && i > 0 && i < list->n - 1) {
                assert_true(inside(rect, list->commands[i].rect, 0.1f) ||
                            command->rect.w == fake.input.width);
            }
        }
        fake_end(&fake);
        check_finite(ui_draws(ui));
    }
    fake_release(&fake);
}

// --- bars ----------------------------------------------------------------------------------------

static void bars_show_shares_and_set_off_the_best(void **state) {
    (void)state;
    static const char *const labels[] = {"0", "1", "2", "3"};
    const float values[] = {0.004f, 0.961f, NAN, 2};
    FakeUi fake;
    fake_init(&fake, false);
    Ui *ui = fake_begin(&fake);
    UiRect rect = {10, 10, 300, 80};
    ui_bars(ui, "p", rect, values, labels, 4, 1, THEME_ACCENT);
    fake_end(&fake);
    const DrawList *list = ui_draws(ui);
    assert_int_equal(text_command(list, "96.1 %")->u.text.font.weight, WEIGHT_SEMIBOLD);
    assert_int_equal(text_command(list, "0.4 %")->u.text.font.weight, WEIGHT_REGULAR);
    assert_int_equal(count(list, DRAW_TEXT), 4 + 3); // a value that is not known has no figure
    size_t accents = 0;
    for (size_t i = 0; i < list->n; i++) {
        const DrawCommand *command = &list->commands[i];
        accents += command->kind == DRAW_RECT && command->color == ui_color(ui, THEME_ACCENT);
        if (command->kind == DRAW_RECT) {
            assert_true(inside(rect, command->rect, 0.01f));
        }
    }
    assert_int_equal(accents, 1);
    fake_release(&fake);
}

// --- scrolling -----------------------------------------------------------------------------------

typedef struct {
    float outer, inner;
} Offsets;

static void scroll_frame(FakeUi *fake, Offsets *at) {
    Ui *ui = fake_begin(fake);
    UiRect content = ui_begin_scroll(ui, "outer", (UiRect){0, 0, 400, 300}, 1000, &at->outer);
    UiRect area = {content.x, content.y + 20, 200, 100};
    UiRect list = ui_begin_scroll(ui, "inner", area, 150, &at->inner);
    ui_button(ui, "in the list", (UiRect){list.x, list.y, 100, 30});
    ui_end_scroll(ui);
    ui_button(ui, "far down", (UiRect){content.x, content.y + 900, 100, 32});
    ui_end_scroll(ui);
    fake_end(fake);
}

static void the_wheel_scrolls_by_fractions(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Offsets at = {0};
    scroll_frame(&fake, &at);
    fake_wheel(&fake, 300, 200, -0.25f);
    scroll_frame(&fake, &at);
    assert_float_equal(at.outer, 10, 1e-4);
    fake_wheel(&fake, 300, 200, 5);
    scroll_frame(&fake, &at);
    assert_float_equal(at.outer, 0, 0);
    fake_release(&fake);
}

static void notches_glide_and_fractions_follow_at_once(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, true);
    Offsets at = {0};
    scroll_frame(&fake, &at);
    fake_wheel(&fake, 300, 200, -0.5f);
    scroll_frame(&fake, &at);
    assert_float_equal(at.outer, 20, 1e-4);
    fake_wheel(&fake, 300, 200, -1);
    scroll_frame(&fake, &at);
    assert_true(at.outer > 20 && at.outer < 60);
    for (int i = 0; i < 20; i++) {
        scroll_frame(&fake, &at);
    }
    assert_float_equal(at.outer, 60, 1e-4);
    at.outer = 500; // the view's own will is obeyed
    scroll_frame(&fake, &at);
    assert_float_equal(at.outer, 500, 1e-4);
    fake_release(&fake);
}

static void an_inner_area_at_its_end_passes_the_wheel_on(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Offsets at = {0};
    scroll_frame(&fake, &at);
    fake_wheel(&fake, 100, 60, -1);
    scroll_frame(&fake, &at);
    assert_float_equal(at.inner, 40, 1e-4);
    assert_float_equal(at.outer, 0, 0);
    fake_wheel(&fake, 100, 60, -1);
    scroll_frame(&fake, &at);
    assert_float_equal(at.inner, 50, 1e-4); // as far as it goes
    fake_wheel(&fake, 100, 60, -1);
    scroll_frame(&fake, &at);
    assert_float_equal(at.inner, 50, 1e-4);
    assert_float_equal(at.outer, 40, 1e-4);
    fake_release(&fake);
}

static void a_scrolling_gesture_stays_with_its_area(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Offsets at = {.outer = 100, .inner = 25};
    scroll_frame(&fake, &at);
    for (int i = 0; i < 2; i++) { // the first brings the inner area under the pointer
        fake_wheel(&fake, 100, 50, 1);
        scroll_frame(&fake, &at);
    }
    assert_float_equal(at.outer, 20, 1e-3);
    assert_float_equal(at.inner, 25, 1e-3);
    fake.input.now_ms += 300;
    fake_wheel(&fake, 100, 50, 1);
    scroll_frame(&fake, &at);
    assert_float_equal(at.outer, 20, 1e-3);
    assert_float_equal(at.inner, 0, 1e-3);
    fake_release(&fake);
}

static void the_bar_can_be_dragged(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Offsets at = {0};
    scroll_frame(&fake, &at);
    fake_pointer(&fake, EVENT_DOWN, 396, 20); // on the thumb, 90 high
    scroll_frame(&fake, &at);
    fake_pointer(&fake, EVENT_MOVE, 600, 20 + 105); // half of the 210 it can travel
    scroll_frame(&fake, &at);
    assert_float_equal(at.outer, 350, 1);
    fake_pointer(&fake, EVENT_MOVE, 600, 2000);
    fake_pointer(&fake, EVENT_UP, 600, 2000);
    scroll_frame(&fake, &at);
    fake_release(&fake);
}

static void page_keys_scroll_the_area_under_the_pointer(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Offsets at = {0};
    fake_pointer(&fake, EVENT_MOVE, 300, 200);
    scroll_frame(&fake, &at);
    fake_key(&fake, KEY_PAGE_DOWN, 0);
    scroll_frame(&fake, &at);
    scroll_frame(&fake, &at);
    assert_float_equal(at.outer, 260, 1e-3); // a page less a line
    fake_key(&fake, KEY_END, 0);
    scroll_frame(&fake, &at);
    scroll_frame(&fake, &at);
    assert_float_equal(at.outer, 700, 1e-3);
    fake_release(&fake);
}

static void tab_brings_the_focused_widget_into_view(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Offsets at = {0};
    scroll_frame(&fake, &at);
    fake_key(&fake, KEY_TAB, 0);
    fake_key(&fake, KEY_TAB, 0);
    scroll_frame(&fake, &at);
    assert_true(ui_wants_frame(fake.ui)); // nobody has to move the mouse for it
    scroll_frame(&fake, &at);
    assert_true(900 + 32 - at.outer <= 300);
    assert_true(900 - at.outer >= 0);
    fake_release(&fake);
}

static void a_finger_drags_the_ground_of_an_area(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    Offsets at = {0};
    scroll_frame(&fake, &at);
    fake_pointer(&fake, EVENT_DOWN, 300, 250)->pointer = 1;
    fake_pointer(&fake, EVENT_MOVE, 300, 200)->pointer = 1;
    scroll_frame(&fake, &at);
    fake_pointer(&fake, EVENT_MOVE, 300, 180)->pointer = 1;
    scroll_frame(&fake, &at);
    assert_float_equal(at.outer, 70, 1e-3);
    fake_release(&fake);
}

// A button under the clip's edge must not be pressed where it cannot be seen.
static void what_is_clipped_away_is_not_hit(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    for (int frame = 0; frame < 2; frame++) {
        Ui *ui = fake_begin(&fake);
        ui_push_clip(ui, (UiRect){0, 0, 100, 20});
        assert_false(ui_button(ui, "half", (UiRect){0, 10, 100, 30}));
        ui_pop_clip(ui);
        fake_end(&fake);
        fake_click(&fake, 50, 30);
    }
    fake_release(&fake);
}

// --- tooltips ------------------------------------------------------------------------------------

static const DrawCommand *tip_frame(FakeUi *fake, UiRect rect) {
    Ui *ui = fake_begin(fake);
    ui_icon_button(ui, "help", rect, ICON_HELP, false);
    ui_tooltip(ui, "Lists every key");
    fake_end(fake);
    return text_command(ui_draws(ui), "Lists every key");
}

static void a_tooltip_waits_half_a_second(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    UiRect rect = {100, 100, 32, 32};
    tip_frame(&fake, rect);
    fake_pointer(&fake, EVENT_MOVE, 110, 110);
    double start = fake.input.now_ms;
    bool shown = false;
    while (!shown && fake.input.now_ms < start + 2000) {
        shown = tip_frame(&fake, rect) != NULL;
        assert_true(ui_wants_frame(fake.ui) || shown);
    }
    double waited = fake.input.now_ms - 16 - start;
    assert_true(waited >= 500 && waited < 540);
    fake_pointer(&fake, EVENT_MOVE, 400, 400);
    assert_null(tip_frame(&fake, rect));
    fake_release(&fake);
}

static void a_tooltip_is_on_screen_and_not_under_the_pointer(void **state) {
    (void)state;
    const UiRect places[] = {{0, 0, 32, 32},     {768, 0, 32, 32}, {0, 568, 32, 32},
                             {768, 568, 32, 32}, {300, 300, 1, 1}, {0, 0, 800, 600}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        for (int corner = 0; corner < 4; corner++) {
            FakeUi fake;
            fake_init(&fake, false);
            float x = places[i].x + (corner % 2 == 0 ? 0 : places[i].w - 0.5f);
            float y = places[i].y + (corner / 2 == 0 ? 0 : places[i].h - 0.5f);
            fake_pointer(&fake, EVENT_MOVE, x, y);
            const DrawCommand *text = NULL;
            for (int frame = 0; frame < 60; frame++) {
                text = tip_frame(&fake, places[i]);
            }
            assert_non_null(text);
            const DrawCommand *panel = text - 1;
            assert_int_equal(panel->kind, DRAW_RECT);
            assert_true(inside((UiRect){0, 0, 800, 600}, panel->rect, 0));
            assert_false(ui_rect_has(panel->rect, x, y));
            fake_release(&fake);
        }
    }
}

static void a_press_silences_the_tooltip(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, false);
    UiRect rect = {100, 100, 32, 32};
    tip_frame(&fake, rect);
    fake_pointer(&fake, EVENT_MOVE, 110, 110);
    fake_pointer(&fake, EVENT_DOWN, 110, 110);
    tip_frame(&fake, rect);
    fake_pointer(&fake, EVENT_UP, 110, 110);
    for (int frame = 0; frame < 60; frame++) {
        assert_null(tip_frame(&fake, rect));
    }
    fake_release(&fake);
}

// --- easing --------------------------------------------------------------------------------------

static void easing_arrives_exactly_and_in_time(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, true);
    Ui *ui = fake_begin(&fake);
    UiId id = ui_id(ui, "bar");
    assert_float_equal(ui_ease(ui, id, 3), 3, 0); // what appears is where it should be
    fake_end(&fake);
    float before = 3;
    int frames = 0;
    for (; before != 7 && frames < 100; frames++) {
        ui = fake_begin(&fake);
        float shown = ui_ease(ui, id, 7);
        fake_end(&fake);
        assert_true(shown > before && shown <= 7);
        assert_int_equal(ui_wants_frame(ui), shown != 7);
        before = shown;
    }
    assert_true(frames * 16 >= 150 && frames * 16 <= 208);
    fake_release(&fake);
}

static void a_widget_that_was_away_starts_afresh(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, true);
    Ui *ui = fake_begin(&fake);
    UiId id = ui_id(ui, "bar");
    ui_ease(ui, id, 0);
    fake_end(&fake);
    fake_begin(&fake);
    fake_end(&fake);
    ui = fake_begin(&fake);
    assert_float_equal(ui_ease(ui, id, 1), 1, 0);
    fake_end(&fake);
    fake_release(&fake);
}

static void a_frame_after_a_long_pause_does_not_swallow_an_easing(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, true);
    Ui *ui = fake_begin(&fake);
    UiId id = ui_id(ui, "bar");
    ui_ease(ui, id, 0);
    fake_end(&fake);
    fake.input.now_ms += 10000;
    ui = fake_begin(&fake);
    assert_true(ui_ease(ui, id, 1) < 0.8f);
    fake_end(&fake);
    fake_release(&fake);
}

int main(void) {
    struct CMUnitTest tests[64] = {
        cmocka_unit_test(ticks_are_few_round_and_inside),
        cmocka_unit_test(log_ticks_are_decades_with_2_and_5_when_there_is_room),
        cmocka_unit_test(whole_numbers_get_no_fractions),
        cmocka_unit_test(names_at_line_ends_do_not_overlap),
        cmocka_unit_test(marks_and_the_best_point_are_set_off),
        cmocka_unit_test(a_hundred_thousand_points_keep_their_spikes_and_little_else),
        cmocka_unit_test(an_area_keeps_its_spikes_and_leaves_no_gap),
        cmocka_unit_test(a_range_moves_in_an_eased_plot),
        cmocka_unit_test(plots_of_any_size_stay_inside),
        cmocka_unit_test(bars_show_shares_and_set_off_the_best),
        cmocka_unit_test(the_wheel_scrolls_by_fractions),
        cmocka_unit_test(notches_glide_and_fractions_follow_at_once),
        cmocka_unit_test(an_inner_area_at_its_end_passes_the_wheel_on),
        cmocka_unit_test(a_scrolling_gesture_stays_with_its_area),
        cmocka_unit_test(the_bar_can_be_dragged),
        cmocka_unit_test(page_keys_scroll_the_area_under_the_pointer),
        cmocka_unit_test(tab_brings_the_focused_widget_into_view),
        cmocka_unit_test(a_finger_drags_the_ground_of_an_area),
        cmocka_unit_test(what_is_clipped_away_is_not_hit),
        cmocka_unit_test(a_tooltip_waits_half_a_second),
        cmocka_unit_test(a_tooltip_is_on_screen_and_not_under_the_pointer),
        cmocka_unit_test(a_press_silences_the_tooltip),
        cmocka_unit_test(easing_arrives_exactly_and_in_time),
        cmocka_unit_test(a_widget_that_was_away_starts_afresh),
        cmocka_unit_test(a_frame_after_a_long_pause_does_not_swallow_an_easing),
    };
    size_t n = 25;
    for (size_t i = 0; i < sizeof awkward / sizeof awkward[0]; i++) {
        tests[n++] = (struct CMUnitTest){awkward[i].name, run_awkward, NULL, NULL, &awkward[i]};
    }
    return _cmocka_run_group_tests("plot", tests, n, NULL, NULL);
}
