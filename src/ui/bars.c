#include "ui/ui_internal.h"

#include <math.h>

// Rows are shared out over whole pixels, so that bars of equal value look equal.
void ui_bars(Ui *ui, const char *label, UiRect rect, const float *values, const char *const *labels,
             int n, int best, ThemeColor best_color) {
    const Theme *theme = &ui->theme;
    const float gap = theme->grid * 1.5f;
    float row_h = n > 0 ? rect.h / (float)n : 0;
    // Where rows are low the figures shrink with them, rather than touch.
    float em = fminf(theme->font[FONT_BODY].size, floorf(row_h / 1.25f));
    Font plain = {em, theme->font[FONT_BODY].weight},
         strong = {em, theme->font[FONT_STRONG].weight};
    float label_w = 0;
    for (int i = 0; i < n; i++) {
        label_w = fmaxf(label_w, ui_text_measure(ui, strong, labels[i]).width);
    }
    float value_w = ui_text_measure(ui, strong, "100.0 %").width;
    float bar_h = roundf(fminf(row_h * 0.66f, theme->line_height));
    ui_push_id(ui, label);
    for (int i = 0; i < n; i++) {
        UiRect row = {rect.x, ui_snap(ui, rect.y + (float)i * row_h), rect.w, row_h};
        bool is_best = i == best;
        Font font = is_best ? strong : plain;
        Color ink = ui_color(ui, is_best ? THEME_INK : THEME_SOFT);
        ui_text_font(ui, ui_cut_left(&row, ceilf(label_w)), font, ink, ALIGN_RIGHT, labels[i]);
        ui_cut_left(&row, gap);
        UiRect figure = ui_cut_right(&row, ceilf(value_w));
        ui_cut_right(&row, gap);
        UiRect track = {row.x, ui_snap(ui, row.y + (row.h - bar_h) / 2), row.w, bar_h};
        float radius = fminf(theme->radius / 2, bar_h / 2);
        draw_rect(ui_list(ui), track, radius, ui_color(ui, THEME_TRACK));
        bool known = isfinite(values[i]);
        float share = known ? fmaxf(0, fminf(values[i], 1)) : 0;
        ui_push_id_int(ui, i);
        float shown = ui_ease(ui, ui_id(ui, "bar"), share);
        ui_pop_id(ui);
        if (shown >= 0.0005f && track.w > 0) {
            // Never thinner than can be seen: 0.1 % is not nothing.
            UiRect bar = {track.x, track.y, fmaxf(2, track.w * shown), track.h};
            draw_rect(ui_list(ui), bar, fminf(radius, bar.w / 2),
                      ui_color(ui, is_best ? best_color : THEME_FAINT));
        }
        if (known) {
            const char *text = arena_printf(&ui->arena, "%.1f %%", (double)(share * 100));
            ui_text_font(ui, figure, font, ink, ALIGN_RIGHT, text != NULL ? text : "");
        }
    }
    ui_pop_id(ui);
}
