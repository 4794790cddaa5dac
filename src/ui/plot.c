// Line plots: few round ticks, hairlines, each line named at its end.

#include "ui/ui_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/plot_axis.h"

typedef struct {
    Ui *ui;
    UiRect inner; // the axes' rectangle
    PlotAxis x, y;
} Chart;

// Kept near the frame: a point far outside would only make the rasteriser work.
static double near_share(const PlotAxis *axis, double value) {
    return fmax(-0.5, fmin(plot_axis_share(axis, value), 1.5));
}

static float x_of(const Chart *chart, double value) {
    return chart->inner.x + (float)(near_share(&chart->x, value) * (double)chart->inner.w);
}

static float y_of(const Chart *chart, double value) {
    return chart->inner.y + (float)((1 - near_share(&chart->y, value)) * (double)chart->inner.h);
}

// --- axes ----------------------------------------------------------------------------------------

// The format is the view's, for one double; the compiler cannot see it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static const char *tick_text(Ui *ui, const char *format, double value) {
    char text[64];
    snprintf(text, sizeof text, format != NULL ? format : "%g", value);
    char *kept = arena_take(&ui->arena, sizeof text, 1);
    return kept != NULL ? memcpy(kept, text, sizeof text) : "";
}
#pragma GCC diagnostic pop

// Ranges glide to where they are going, a log range in its logarithm.
static void ease_axis(Ui *ui, UiId id, PlotAxis *axis, int part) {
    double low = axis->log ? log(axis->low) : axis->low;
    double high = axis->log ? log(axis->high) : axis->high;
    low = (double)ui_ease(ui, ui_sub_id(id, part), (float)low);
    high = (double)ui_ease(ui, ui_sub_id(id, part + 1), (float)high);
    axis->low = axis->log ? exp(low) : low;
    axis->high = axis->log ? exp(high) : high;
}

static float widest_tick(Ui *ui, const PlotAxis *axis, const char *format) {
    float widest = 0;
    for (int i = 0; i < axis->n_ticks; i++) {
        widest =
            fmaxf(widest, ui_text_width(ui, FONT_SMALL, tick_text(ui, format, axis->ticks[i])));
    }
    return widest;
}

static void draw_axes(const Chart *chart, const UiPlot *plot, UiRect outer) {
    Ui *ui = chart->ui;
    const Theme *theme = &ui->theme;
    UiRect inner = chart->inner;
    float line_h = theme->font[FONT_SMALL].size * 1.4f;
    for (int i = 0; i < chart->y.n_ticks; i++) {
        float y = ui_snap(ui, y_of(chart, chart->y.ticks[i]));
        UiRect line = {inner.x, y - theme->hairline / 2, inner.w, theme->hairline};
        draw_rect(ui_list(ui), line, 0, theme->color[THEME_LINE]);
        UiRect label = {outer.x, y - line_h / 2, inner.x - outer.x - theme->grid, line_h};
        label.y = fmaxf(outer.y, label.y);
        ui_text(ui, label, FONT_SMALL, THEME_SOFT, ALIGN_RIGHT,
                tick_text(ui, plot->y_format, chart->y.ticks[i]));
    }
    UiRect row = {inner.x, inner.y + inner.h + theme->grid / 2, outer.x + outer.w - inner.x,
                  line_h};
    float free_to = row.x + row.w;
    if (plot->x_label != NULL) {
        float w = ceilf(ui_text_width(ui, FONT_SMALL, plot->x_label));
        UiRect name = {fmaxf(row.x, inner.x + inner.w - w), row.y, fminf(w, row.w), row.h};
        ui_text(ui, name, FONT_SMALL, THEME_SOFT, ALIGN_LEFT, plot->x_label);
        free_to = name.x - theme->grid;
    }
    for (int i = 0; i < chart->x.n_ticks; i++) {
        const char *text = tick_text(ui, NULL, chart->x.ticks[i]);
        float w = ui_text_width(ui, FONT_SMALL, text) + 1;
        float x = fmaxf(outer.x, x_of(chart, chart->x.ticks[i]) - w / 2);
        if (plot->x_label == NULL) {
            x = fminf(x, free_to - w);
        }
        if (x + w <= free_to) {
            ui_text(ui, (UiRect){x, row.y, w, row.h}, FONT_SMALL, THEME_SOFT, ALIGN_CENTRE, text);
        }
    }
}

// --- lines ---------------------------------------------------------------------------------------

// A run of points without a gap. Where many fall on one device pixel, only what that column of
// pixels can show is kept: the first, the lowest, the highest and the last, so no spike is lost.
typedef struct {
    float *xy;
    size_t n, capacity; // points
    float column;       // width of a device pixel; 0: every point is kept
    float first_x, low, high, last_y;
    size_t in_column;
} Run;

static void put(Run *run, float x, float y) {
    run->xy[2 * run->n] = x;
    run->xy[2 * run->n++ + 1] = y;
}

static void close_column(Run *run) {
    if (run->in_column > 1) {
        put(run, run->first_x, run->low);
        put(run, run->first_x, run->high);
        put(run, run->first_x, run->last_y);
    }
    run->in_column = 0;
}

static void add_point(Run *run, float x, float y) {
    if (run->in_column > 0 && x - run->first_x < run->column && x >= run->first_x) {
        run->low = fminf(run->low, y);
        run->high = fmaxf(run->high, y);
        run->last_y = y;
        run->in_column++;
        return;
    }
    close_column(run);
    put(run, x, y);
    run->first_x = x;
    run->low = run->high = run->last_y = y;
    run->in_column = 1;
}

static void draw_run(const Chart *chart, const UiSeries *series, Run *run, float width) {
    close_column(run);
    if (run->n == 1) { // a point between gaps would be invisible
        draw_disc(ui_list(chart->ui), run->xy[0], run->xy[1], width, series->color);
    } else if (run->n > 1) {
        draw_lines_dashed(ui_list(chart->ui), run->xy, run->n, width, series->dash_on,
                          series->dash_off, series->color);
    }
    run->n = 0;
}

static bool shown(const UiSeries *series, size_t i) {
    return isfinite(series->x[i]) && isfinite(series->y[i]);
}

// An area has one point a device pixel at most. Neighbours that would leave a gap between them, one
// all above the other, are drawn out to half way, as a line through them would be seen.
static void draw_area(const Chart *chart, const UiSeries *series) {
    Ui *ui = chart->ui;
    float column = 1 / ui_scale(ui);
    float *xtb = arena_take(&ui->arena, series->n, 3 * sizeof *xtb);
    size_t n = 0;
    for (size_t i = 0; i < series->n && xtb != NULL; i++) {
        if (!shown(series, i) || !isfinite(series->low[i])) {
            draw_band(ui_list(ui), xtb, n, series->color);
            n = 0;
            continue;
        }
        float x = x_of(chart, (double)series->x[i]), top = y_of(chart, (double)series->y[i]),
              bottom = y_of(chart, (double)series->low[i]);
        float *last = n > 0 ? xtb + 3 * (n - 1) : NULL;
        if (last != NULL && x - last[0] < column) {
            last[1] = fminf(last[1], top);
            last[2] = fmaxf(last[2], bottom);
            continue;
        }
        if (last != NULL && last[2] < top) {
            last[2] = top = (last[2] + top) / 2;
        } else if (last != NULL && bottom < last[1]) {
            last[1] = bottom = (last[1] + bottom) / 2;
        }
        xtb[3 * n] = x;
        xtb[3 * n + 1] = top;
        xtb[3 * n++ + 2] = bottom;
    }
    draw_band(ui_list(ui), xtb, n, series->color);
}

static void draw_series(const Chart *chart, const UiSeries *series) {
    Ui *ui = chart->ui;
    if (series->low != NULL) {
        draw_area(chart, series);
        return;
    }
    const Theme *theme = &ui->theme;
    float width = series->width > 0 ? series->width * theme->stroke / 2 : theme->stroke;
    float columns = chart->inner.w * ui_scale(ui);
    bool dense = (float)series->n > 2 * columns;
    Run run = {.column = dense ? 1 / ui_scale(ui) : 0};
    // x_of keeps points within two widths of the frame; a column needs four points at most.
    run.capacity = dense ? 8 * (size_t)(columns + 2) : series->n + 4;
    run.xy = arena_take(&ui->arena, run.capacity, 2 * sizeof *run.xy);
    if (run.xy == NULL) {
        return;
    }
    for (size_t i = 0; i < series->n; i++) {
        if (!shown(series, i)) {
            draw_run(chart, series, &run, width);
            continue;
        }
        if (run.n + 4 > run.capacity) { // x goes back and forth: the line goes on as a second one
            float x = run.xy[2 * run.n - 2], y = run.xy[2 * run.n - 1];
            draw_run(chart, series, &run, width);
            add_point(&run, x, y);
        }
        add_point(&run, x_of(chart, (double)series->x[i]), y_of(chart, (double)series->y[i]));
    }
    draw_run(chart, series, &run, width);
    for (size_t i = 0; i < series->n; i++) {
        bool best = series->best >= 0 && (size_t)series->best == i;
        if (!shown(series, i) || !(series->marks || best)) {
            continue;
        }
        float x = x_of(chart, (double)series->x[i]), y = y_of(chart, (double)series->y[i]);
        float radius = theme->stroke * 1.75f;
        if (best) {
            draw_disc(ui_list(ui), x, y, radius * 1.9f, theme->color[THEME_BACKGROUND]);
            draw_disc(ui_list(ui), x, y, radius * 1.4f, series->color);
        } else {
            draw_disc(ui_list(ui), x, y, radius, theme->color[THEME_BACKGROUND]);
            draw_ring(ui_list(ui), x, y, radius, theme->stroke * 0.85f, series->color);
        }
    }
}

// --- names at the lines' ends --------------------------------------------------------------------

enum { MAX_NAMES = 16 };

typedef struct {
    const UiSeries *series;
    float x, y, w; // left end, middle, width
} Name;

static size_t collect_names(const Chart *chart, const UiSeries *series, size_t n, Name *names) {
    Ui *ui = chart->ui;
    size_t count = 0;
    for (size_t s = 0; s < n && count < MAX_NAMES; s++) {
        size_t last = series[s].n;
        while (last > 0 && !shown(&series[s], last - 1)) {
            last--;
        }
        if (last == 0 || series[s].label == NULL || series[s].label[0] == '\0') {
            continue;
        }
        float right = chart->inner.x + chart->inner.w;
        float x = fminf(x_of(chart, (double)series[s].x[last - 1]), right);
        Name name = {&series[s], x + ui->theme.grid * 1.25f,
                     y_of(chart, (double)series[s].y[last - 1]),
                     ui_text_width(ui, FONT_SMALL, series[s].label)};
        size_t at = count++;
        while (at > 0 && names[at - 1].y > name.y) { // from top to bottom
            names[at] = names[at - 1];
            at--;
        }
        names[at] = name;
    }
    return count;
}

static bool beside(const Name *a, const Name *b) {
    return a->x + a->w < b->x || b->x + b->w < a->x;
}

// Names that would overlap are moved apart: down from the top, then up from the bottom. When there
// is not room for all, the lowest give way. Returns how many are left.
static size_t spread_names(Name *names, size_t n, float top, float bottom, float line_h) {
    size_t room = (size_t)fmaxf(1, floorf((bottom - top) / line_h) + 1);
    n = n < room ? n : room;
    for (size_t i = 0; i < n; i++) {
        names[i].y = fmaxf(names[i].y, top);
        for (size_t k = 0; k < i; k++) {
            bool apart = beside(&names[i], &names[k]);
            names[i].y = apart ? names[i].y : fmaxf(names[i].y, names[k].y + line_h);
        }
    }
    for (size_t i = n; i > 0; i--) {
        Name *name = &names[i - 1];
        name->y = fminf(name->y, bottom);
        for (size_t k = i; k < n; k++) {
            bool apart = beside(name, &names[k]);
            name->y = apart ? name->y : fminf(name->y, names[k].y - line_h);
        }
    }
    return n;
}

static float widest_name(Ui *ui, const UiSeries *series, size_t n) {
    float widest = 0;
    for (size_t s = 0; s < n; s++) {
        if (series[s].label != NULL && series[s].label[0] != '\0') {
            widest = fmaxf(widest, ui_text_width(ui, FONT_SMALL, series[s].label));
        }
    }
    return widest;
}

static bool all_whole(const UiSeries *series, size_t n) {
    for (size_t s = 0; s < n; s++) {
        for (size_t i = 0; i < series[s].n; i++) {
            if (isfinite(series[s].x[i]) && series[s].x[i] != floorf(series[s].x[i])) {
                return false;
            }
        }
    }
    return true;
}

UiRect ui_plot(Ui *ui, const char *label, UiRect rect, const UiPlot *plot, const UiSeries *series,
               size_t n) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    float small = theme->font[FONT_SMALL].size;
    UiRect inner = rect;
    ui_cut_top(&inner, roundf(small * 0.7f)); // half a line, for the topmost label
    ui_cut_bottom(&inner, roundf(small * 1.4f) + theme->grid / 2);
    double apart = fmax(1.0 / 6, 2.6 * (double)small / fmax((double)inner.h, 1));

    Chart chart = {.ui = ui, .y.log = plot->log_y};
    bool any_y = plot_axis_y(&chart.y, series, n, (double)plot->y0, (double)plot->y1, apart);
    bool any_x = plot_axis_x(&chart.x, series, n, (double)plot->x0, (double)plot->x1);
    if (plot->ease && any_x && any_y) {
        ease_axis(ui, id, &chart.x, 'x');
        ease_axis(ui, id, &chart.y, 'u');
    }
    if (any_y) {
        plot_axis_ticks(&chart.y, apart, false);
    }
    // To the grid, so that the frame does not shiver while labels change.
    float left = ceilf((widest_tick(ui, &chart.y, plot->y_format) + theme->grid) / theme->grid) *
                 theme->grid;
    float right = widest_name(ui, series, n);
    right = right > 0 ? ceilf(right) + theme->grid * 1.5f : theme->grid;
    ui_cut_left(&inner, fminf(left, rect.w / 2));
    ui_cut_right(&inner, fminf(right, rect.w / 2));
    chart.inner = inner;
    if (inner.w <= 0 || inner.h <= 0) {
        return inner;
    }
    if (any_x) {
        double x_apart = fmax(1.0 / 8, 5.0 * (double)small / (double)inner.w);
        plot_axis_ticks(&chart.x, x_apart, all_whole(series, n));
    }
    if (!any_x || !any_y) { // nothing yet: a ground line, and no numbers that would be invented
        UiRect ground = {inner.x, ui_snap(ui, inner.y + inner.h), inner.w, theme->hairline};
        draw_rect(ui_list(ui), ground, 0, theme->color[THEME_LINE]);
        return inner;
    }
    draw_axes(&chart, plot, rect);
    Name names[MAX_NAMES];
    float line_h = roundf(small * 1.35f);
    size_t count = collect_names(&chart, series, n, names);
    count = spread_names(names, count, inner.y, inner.y + inner.h, line_h);
    float air = theme->stroke * 4; // marks on the frame stay whole
    ui_push_clip(ui, ui_intersect(ui_inset(inner, -air), rect));
    for (size_t s = 0; s < n; s++) {
        draw_series(&chart, &series[s]);
    }
    ui_pop_clip(ui);
    Color veil = color_alpha(theme->color[THEME_BACKGROUND], 0.8f);
    for (size_t i = 0; i < count; i++) { // lines that go on beside a name fade behind it
        UiRect ground = {names[i].x - 3, names[i].y - line_h / 2, names[i].w + 6, line_h};
        draw_rect(ui_list(ui), ui_intersect(ground, rect), 0, veil);
    }
    for (size_t i = 0; i < count; i++) {
        UiRect at = {names[i].x, names[i].y - line_h / 2, rect.x + rect.w - names[i].x, line_h};
        ui_text_font(ui, at, theme->font[FONT_SMALL], names[i].series->color, ALIGN_LEFT,
                     names[i].series->label);
    }
    return inner;
}
