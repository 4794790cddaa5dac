// Why this digit and not that one: the difference of two logits, split over the pixels.
#include <math.h>

#include "app/view_draw.h"

// Three sums add up to the lead: ink for, ink against, and what the network leans to without ink.
static void sum_row(Ui *ui, UiRect row, const char *label, float value, float largest,
                    Color color) {
    const Theme *theme = ui_theme(ui);
    float label_w = ui_text_width(ui, FONT_BODY, "without ink") + theme->grid;
    float figure_w = ui_text_width(ui, FONT_MEDIUM, "+000.0") + theme->grid;
    ui_text(ui, ui_cut_left(&row, label_w), FONT_BODY, THEME_SOFT, ALIGN_LEFT, label);
    ui_textf(ui, ui_cut_right(&row, figure_w), FONT_MEDIUM, THEME_INK, ALIGN_RIGHT, "%s%.1f",
             value < 0 ? "\xe2\x88\x92" : "+", (double)fabsf(value));
    float h = roundf(theme->line_height * 0.45f);
    float w = largest > 0 ? row.w * fminf(fabsf(value) / largest, 1) : 0;
    UiRect bar = {row.x, row.y + roundf((row.h - h) / 2), fmaxf(w, 1), h};
    draw_rect(ui_list(ui), (UiRect){row.x, bar.y, row.w, h}, h / 4, ui_color(ui, THEME_TRACK));
    draw_rect(ui_list(ui), bar, fminf(h / 4, bar.w / 2), color);
}

void picture_terms(Ui *ui, UiRect square, const uint8_t *pixels, const WhyReading *why) {
    const Theme *theme = ui_theme(ui);
    Color *pale = arena_take(ui_arena(ui), 256, sizeof *pale);
    Color *say = arena_take(ui_arena(ui), 256, sizeof *say);
    if (pale == NULL || say == NULL) {
        return;
    }
    Color paper = theme->color[THEME_SURFACE], ink = theme->color[THEME_FAINT];
    Color red = theme->color[THEME_POSITIVE], blue = theme->color[THEME_NEGATIVE];
    for (int i = 0; i < 256; i++) {
        float strength = fabsf((float)(i - 128)) / 127;
        pale[i] = color_mix(paper, ink, 0.4f * (float)i / 255);
        say[i] = color_alpha(i > 128 ? red : blue, fminf(sqrtf(strength), 1));
    }
    draw_image(ui_list(ui), square, pixels, NN_SIDE, NN_SIDE, pale, false, theme->radius / 2);
    draw_image(ui_list(ui), square, why->shades, NN_SIDE, NN_SIDE, say, false, theme->radius / 2);
    draw_frame(ui_list(ui), square, theme->radius / 2, theme->hairline, ui_color(ui, THEME_LINE));
}

static void rival_chooser(Ui *ui, UiRect row, int winner, int rival, Actions *out) {
    const Theme *theme = ui_theme(ui);
    static const char *const ALL[NN_CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    const char *labels[NN_CLASSES];
    int n = 0, selected = 0;
    for (int i = 0; i < NN_CLASSES; i++) {
        if (i != winner) {
            selected = i == rival ? n : selected;
            labels[n++] = ALL[i];
        }
    }
    const char *lead = "Compare with";
    float lead_w = ui_text_width(ui, FONT_BODY, lead) + 1.5f * theme->grid;
    if (row.w - lead_w >= ui_segmented_width(ui, labels, n) * 0.75f) {
        ui_text(ui, ui_cut_left(&row, lead_w), FONT_BODY, THEME_SOFT, ALIGN_LEFT, lead);
    }
    row.w = fminf(row.w, ui_segmented_width(ui, labels, n));
    if (ui_segmented(ui, "rival", row, labels, n, &selected)) {
        int digit =
            selected < winner ? selected : selected + 1; // the winner is left out of the row
        actions_add(out, (Action){.kind = ACTION_RIVAL, .index = digit});
    }
}

void draw_why(Ui *ui, UiRect area, const AppData *data, ViewDraw *own, Actions *out) {
    (void)own;
    const Theme *theme = ui_theme(ui);
    const Recogniser *recogniser = data->recogniser;
    const WhyReading *why = &recogniser->why;
    if (!recogniser->has_answer) {
        panel_says(
            ui, area,
            "Draw something: then every pixel shows whether it spoke for the answer or for its "
            "rival.");
        return;
    }
    if (!why->possible) {
        panel_says(
            ui, area,
            "This network bends everywhere (its activation is not a ReLU), so its answer does not "
            "split into one exact term a pixel.");
        return;
    }
    UiRect chooser = ui_cut_bottom(&area, theme->control);
    rival_chooser(ui, chooser, why->winner, why->rival, out);
    (void)ui_cut_bottom(&area, 1.25f * theme->grid);

    UiRect space = {area.x, area.y, fminf(area.w * 0.45f, area.h), area.h};
    UiRect square = picture_square(ui, space);
    picture_terms(ui, square, recogniser->digit.pixels, why);
    (void)ui_region(ui, "terms", square, false, NULL, NULL);
    ui_tooltip(
        ui,
        "One term for each pixel: its grey value times how much it moves the difference between "
        "the two digits. Exact for this network, not an estimate.");

    UiRect words = {square.x + square.w + 2.5f * theme->grid, area.y, 0, area.h};
    words.w = area.x + area.w - words.x;
    float lead = why->constant + why->spoke_for + why->spoke_against;
    float temperature = nn_model_arch(recogniser->model)->temperature;
    double odds = exp(fmin((double)(lead / (temperature > 0 ? temperature : 1)), 60.0));
    const char *times = odds < 1000 ? arena_printf(ui_arena(ui), "%.0f times", odds)
                        : odds < 10000
                            ? arena_printf(ui_arena(ui), "%.1f thousand times", odds / 1e3)
                        : odds < 1e6 ? arena_printf(ui_arena(ui), "%.0f thousand times", odds / 1e3)
                                     : "over a million times";
    const char *text = arena_printf(ui_arena(ui),
                                    "Red pixels speak for %d, blue ones for %d. Together they put "
                                    "%d ahead by %.1f, which makes it %s as likely.",
                                    why->winner, why->rival, why->winner, (double)lead,
                                    times != NULL ? times : "");
    float used = ui_paragraph(ui, words, FONT_BODY, THEME_INK, text != NULL ? text : "", true);
    float row = fminf(theme->line_height * 1.2f, (words.h - used - theme->grid) / 3);
    bool rows_fit = row > theme->line_height * 0.8f;
    (void)ui_paragraph(ui, words, FONT_BODY, THEME_INK, text != NULL ? text : "", false);
    (void)ui_cut_top(&words, used + theme->grid);
    if (!rows_fit) {
        return;
    }
    float largest =
        fmaxf(fabsf(why->spoke_for), fmaxf(fabsf(why->spoke_against), fabsf(why->constant)));
    const char *label_for = arena_printf(ui_arena(ui), "ink for %d", why->winner);
    const char *label_against = arena_printf(ui_arena(ui), "ink for %d", why->rival);
    sum_row(ui, ui_cut_top(&words, row), label_for != NULL ? label_for : "", why->spoke_for,
            largest, ui_color(ui, THEME_POSITIVE));
    sum_row(ui, ui_cut_top(&words, row), label_against != NULL ? label_against : "",
            why->spoke_against, largest, ui_color(ui, THEME_NEGATIVE));
    sum_row(ui, ui_cut_top(&words, row), "without ink", why->constant, largest,
            ui_color(ui, THEME_FAINT));
}
