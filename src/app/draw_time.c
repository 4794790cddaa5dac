// Over time: the ten probabilities as one ribbon along the drawing, and a handle to look at any
// moment of it.
#include <math.h>
#include <string.h>

#include "app/view_draw.h"

static const float WORTH_A_RIBBON = 0.08f; // a class that never gets this likely joins the others

// Classes from the bottom of the stack up: the final answer first, then by how much of the time
// they had.
typedef struct {
    int digit[NN_CLASSES];
    int n; // those with a ribbon of their own
} Stack;

static Stack stack_order(const Timeline *timeline) {
    float mass[NN_CLASSES] = {0}, peak[NN_CLASSES] = {0};
    for (int i = 0; i < timeline->n; i++) {
        for (int c = 0; c < NN_CLASSES; c++) {
            mass[c] += timeline->moments[i].p[c];
            peak[c] = fmaxf(peak[c], timeline->moments[i].p[c]);
        }
    }
    const float *last = timeline->moments[timeline->n - 1].p;
    int winner = 0;
    for (int c = 1; c < NN_CLASSES; c++) {
        winner = last[c] > last[winner] ? c : winner;
    }
    Stack stack = {{winner}, 1};
    bool taken[NN_CLASSES] = {0};
    taken[winner] = true;
    for (;;) {
        int best = -1;
        for (int c = 0; c < NN_CLASSES; c++) {
            if (!taken[c] && peak[c] >= WORTH_A_RIBBON && (best < 0 || mass[c] > mass[best])) {
                best = c;
            }
        }
        if (best < 0) {
            return stack;
        }
        taken[best] = true;
        stack.digit[stack.n++] = best;
    }
}

static Color ribbon_color(Ui *ui, const Stack *stack, int place) {
    const Theme *theme = ui_theme(ui);
    if (place == 0) {
        return theme->color[THEME_ACCENT];
    }
    // A digit keeps its colour while the answer moves; those that share one are seldom up together.
    static const int SERIES[NN_CLASSES] = {2, 1, 3, 6, 4, 5, 0, 2, 1, 7};
    Color series = theme->series[SERIES[stack->digit[place]]];
    return color_mix(series, theme->color[THEME_BACKGROUND], 0.42f);
}

static float at_x(UiRect chart, float t_ms, float end_ms) {
    return chart.x + chart.w * (end_ms > 0 ? fminf(t_ms / end_ms, 1) : 1);
}

// The middle of the longest stretch on which the ribbon is at least so high and so wide. -1: nowhere.
static int roomy(const float *xy, int n, float height, float width) {
    float longest = 0;
    int from = -1, best_from = -1, best_to = 0;
    for (int i = 0; i <= n; i++) {
        bool high = i < n && xy[2 * (2 * n - 1 - i) + 1] - xy[2 * i + 1] > height;
        if (high && from < 0) {
            from = i;
        } else if (!high && from >= 0) {
            float length = xy[2 * (i - 1)] - xy[2 * from];
            if (length > longest) {
                longest = length;
                best_from = from;
                best_to = i - 1;
            }
            from = -1;
        }
    }
    if (best_from < 0 || longest < width) {
        return -1;
    }
    float middle = (xy[2 * best_from] + xy[2 * best_to]) / 2;
    int at = best_from;
    while (at < best_to && xy[2 * at] < middle) {
        at++;
    }
    return at;
}

static int thickest(const float *xy, int n) {
    int at = 0;
    float most = 0;
    for (int i = 0; i < n; i++) {
        float thick = xy[2 * (2 * n - 1 - i) + 1] - xy[2 * i + 1];
        at = thick > most ? i : at;
        most = fmaxf(most, thick);
    }
    return at;
}

// In the ribbon where there is room for it, smaller where there is less. A thin one carries its digit
// on a tag of its own colour, where it is thickest.
static void ribbon_name(Ui *ui, UiRect chart, const float *xy, int n, int digit, ThemeColor ink,
                        Color color) {
    const Theme *theme = ui_theme(ui);
    const char *text = arena_printf(ui_arena(ui), "%d", digit);
    if (text == NULL) {
        return;
    }
    const FontRole roles[] = {FONT_STRONG, FONT_SMALL};
    FontRole role = FONT_SMALL;
    int at = -1;
    for (int i = 0; i < 2 && at < 0; i++) {
        role = roles[i];
        float high = i == 0 ? theme->line_height : theme->font[role].size;
        at = roomy(xy, n, high, ui_text_width(ui, role, text));
    }
    bool tagged = at < 0;
    at = tagged ? thickest(xy, n) : at;
    float side = tagged ? theme->font[role].size * 1.25f : theme->line_height;
    float centre = (xy[2 * at + 1] + xy[2 * (2 * n - 1 - at) + 1]) / 2;
    float x = fminf(fmaxf(xy[2 * at] - side / 2, chart.x), chart.x + chart.w - side);
    float y = fminf(fmaxf(centre - side / 2, chart.y), chart.y + chart.h - side);
    if (tagged) {
        draw_rect(ui_list(ui), (UiRect){x, y, side, side}, theme->radius / 2, color);
    }
    ui_text(ui, (UiRect){x, y, side, side}, role, ink, ALIGN_CENTRE, text);
}

// A digit's ribbon on top of those below it, along its top and back; base then is that top.
static void outline(UiRect chart, const Timeline *timeline, int digit, float *xy, float *base) {
    int n = timeline->n;
    for (int i = 0; i < n; i++) {
        const Moment *moment = &timeline->moments[i];
        float x = i == 0 ? chart.x : at_x(chart, moment->t_ms, timeline->end_ms);
        float low = base[i], high = fminf(low + moment->p[digit], 1);
        xy[2 * i] = x;
        xy[2 * i + 1] = chart.y + chart.h * (1 - high);
        float *below = &xy[2 * (2 * n - 1 - i)];
        below[0] = x;
        below[1] = chart.y + chart.h * (1 - low);
        base[i] = high;
    }
}

static void ribbons(Ui *ui, UiRect chart, const Timeline *timeline, const Stack *stack) {
    const Theme *theme = ui_theme(ui);
    int n = timeline->n;
    float *xy = arena_take(ui_arena(ui), (size_t)n * 4, sizeof *xy); // along the top, back below
    float *base = arena_take(ui_arena(ui), (size_t)n, sizeof *base);
    if (xy == NULL || base == NULL) {
        return;
    }
    draw_rect(ui_list(ui), chart, 0, theme->color[THEME_TRACK]); // what remains is the others'
    for (int k = 0; k < stack->n; k++) {
        outline(chart, timeline, stack->digit[k], xy, base);
        draw_polygon(ui_list(ui), xy, 2 * (size_t)n, ribbon_color(ui, stack, k));
        draw_lines(ui_list(ui), xy, (size_t)n, theme->hairline, theme->color[THEME_BACKGROUND]);
    }
    // Names last, or the next ribbon would cover a tag.
    memset(base, 0, (size_t)n * sizeof *base);
    for (int k = 0; k < stack->n; k++) {
        outline(chart, timeline, stack->digit[k], xy, base);
        ribbon_name(ui, chart, xy, n, stack->digit[k], k == 0 ? THEME_ON_ACCENT : THEME_INK,
                    ribbon_color(ui, stack, k));
    }
}

// Where the pen was lifted.
static void lifts(Ui *ui, UiRect chart, const Canvas *canvas, const Timeline *timeline) {
    size_t strokes = nn_ink_stroke_count(canvas->ink), points = 0;
    const size_t too_many = 24;
    for (size_t i = 0; i + 1 < strokes && i < too_many; i++) {
        points += nn_ink_stroke(canvas->ink, i).n;
        float x = at_x(chart, timeline_time_of(canvas, points + 1), timeline->end_ms);
        UiRect tick = {roundf(x), chart.y + chart.h, ui_theme(ui)->hairline,
                       ui_theme(ui)->grid * 0.6f};
        draw_rect(ui_list(ui), tick, 0, ui_color(ui, THEME_FAINT));
    }
}

static void axis(Ui *ui, UiRect row, float end_ms) {
    const float steps[] = {0.1f, 0.2f, 0.5f, 1, 2, 5, 10, 20, 60};
    float end = end_ms / 1000, step = 120;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (end / steps[i] <= 5) {
            step = steps[i];
            break;
        }
    }
    float w = ui_theme(ui)->line_height * 3;
    for (int i = 0; (float)i * step <= end; i++) {
        float t = (float)i * step, x = row.x + row.w * (end > 0 ? t / end : 0);
        UiRect where = {i == 0 ? row.x : x - w / 2, row.y, w, row.h};
        if (where.x + w > row.x + row.w) {
            continue;
        }
        ui_textf(ui, where, FONT_SMALL, THEME_SOFT, i == 0 ? ALIGN_LEFT : ALIGN_CENTRE,
                 step < 1 ? "%.1f s" : "%.0f s", (double)t);
    }
}

static void scrub(Ui *ui, UiRect chart, const AppData *data, ViewDraw *own, Actions *out) {
    const Timeline *timeline = data->timeline;
    const UiEvent *events;
    size_t n;
    UiResponse response = ui_region(ui, "ribbon", chart, true, &events, &n);
    ui_tooltip(ui, "The ten probabilities while you drew; each ribbon is one digit. Drag to see "
                   "the drawing and "
                   "the answer at that moment.");
    bool held = response.pressed;
    for (size_t i = 0; i < n; i++) {
        const UiEvent *event = &events[i];
        bool pointer =
            event->kind == EVENT_DOWN || (event->kind == EVENT_MOVE && (held || own->scrubbing));
        if (pointer) {
            own->scrubbing = true;
            float share = fmaxf((event->x - chart.x) / chart.w, 0);
            bool now = share > 0.995f;
            actions_add(out, (Action){.kind = ACTION_SCRUB,
                                      .number = now ? -1 : (double)(share * timeline->end_ms)});
        } else if (event->kind == EVENT_KEY) {
            float step = timeline->end_ms / 40,
                  t = data->shown_ms < 0 ? timeline->end_ms : data->shown_ms;
            t += event->key == KEY_RIGHT ? step : event->key == KEY_LEFT ? -step : 0;
            t = event->key == KEY_HOME ? 0 : event->key == KEY_END ? timeline->end_ms : t;
            bool now = t >= timeline->end_ms;
            actions_add(out,
                        (Action){.kind = ACTION_SCRUB, .number = now ? -1 : (double)fmaxf(t, 0)});
        }
    }
    own->scrubbing = held;
}

static void handle(Ui *ui, UiRect chart, const AppData *data) {
    float t = data->shown_ms < 0 ? data->timeline->end_ms : data->shown_ms;
    float x = roundf(at_x(chart, t, data->timeline->end_ms));
    float reach = ui_theme(ui)->grid * 0.5f;
    Color ink = ui_color(ui, THEME_INK);
    draw_rect(ui_list(ui), (UiRect){x - 1, chart.y - reach, 2, chart.h + 2 * reach}, 0, ink);
    draw_disc(ui_list(ui), x, chart.y - reach, reach, ink);
}

void draw_time(Ui *ui, UiRect area, const AppData *data, ViewDraw *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Timeline *timeline = data->timeline;
    if (data->canvas->picture.grey != NULL) {
        panel_says(
            ui, area,
            "A picture has no drawing time. Draw with strokes to see the answer come about.");
        return;
    }
    if (timeline->n == 0 || nn_ink_is_empty(data->canvas->ink)) {
        panel_says(
            ui, area,
            "Draw something: the ten probabilities will be shown from the first point to the last, "
            "with a handle to go back to any moment.");
        return;
    }
    UiRect row = ui_cut_bottom(&area, theme->control);
    (void)ui_cut_bottom(&area, 1.25f * theme->grid);
    UiRect ticks = ui_cut_bottom(&area, theme->line_height);
    (void)ui_cut_bottom(&area, 0.5f * theme->grid);
    UiRect chart = {area.x, area.y + 0.75f * theme->grid, area.w, area.h - 0.75f * theme->grid};
    chart.h = fminf(chart.h, chart.w * 0.5f);
    ticks.y = chart.y + chart.h + 0.5f * theme->grid;
    row.y = ticks.y + ticks.h + 1.25f * theme->grid;
    Stack stack = stack_order(timeline);
    ribbons(ui, chart, timeline, &stack);
    lifts(ui, chart, data->canvas, timeline);
    axis(ui, ticks, timeline->end_ms);
    scrub(ui, chart, data, own, out);
    handle(ui, chart, data);

    const char *label = data->replaying ? "Stop##Replay" : "Replay";
    UiRect button = ui_cut_left(&row, ui_button_width(ui, "Replay"));
    if (ui_button(ui, label, button)) {
        actions_add(out, (Action){.kind = ACTION_REPLAY});
    }
    ui_tooltip(ui, "Draws it again at the speed it was drawn; pauses are shortened. Key R");
    (void)ui_cut_left(&row, 1.5f * theme->grid);
    const NnAnswer *answer = &data->recogniser->answer;
    float t = data->shown_ms < 0 ? timeline->end_ms : data->shown_ms;
    if (data->recogniser->has_answer) {
        ui_textf(ui, row, FONT_BODY, THEME_SOFT, ALIGN_LEFT, "%s %.2f s: %s%d with %s",
                 data->shown_ms < 0 ? "The end, at" : "At", (double)t / 1000,
                 answer->sure ? "" : "not sure, ", answer->digit,
                 percent_text(ui, answer->confidence));
    } else {
        ui_textf(ui, row, FONT_BODY, THEME_SOFT, ALIGN_LEFT, "At %.2f s: nothing yet",
                 (double)t / 1000);
    }
}
