#include "app/matrix.h"

#include <math.h>

enum { GAP = 2 }; // between cells, logical pixels

void matrix_place(Ui *ui, UiRect area, float head_w, int n, MatrixPlace *place) {
    const Theme *theme = ui_theme(ui);
    place->head_h = roundf(theme->line_height * 1.1f);
    place->w = floorf((area.w - head_w) / (float)n);
    place->h = fminf(place->w, floorf((area.h - place->head_h) / (float)n));
    place->cells = (UiRect){area.x + area.w - place->w * (float)n, area.y + place->head_h,
                            place->w * (float)n, place->h * (float)n};
    place->head_w = place->cells.x - area.x;
}

UiRect matrix_cell(const MatrixPlace *place, int label, int predicted) {
    return (UiRect){place->cells.x + (float)predicted * place->w,
                    place->cells.y + (float)label * place->h, place->w - GAP, place->h - GAP};
}

void matrix_heads(Ui *ui, const MatrixPlace *place, const char *const *names, int n, int label,
                  int predicted, bool words) {
    const Theme *theme = ui_theme(ui);
    float left = place->cells.x - place->head_w;
    FontRole plain = words ? FONT_SMALL : FONT_BODY;
    for (int i = 0; i < n; i++) {
        bool row = label == i, column = predicted == i;
        UiRect side = {left, place->cells.y + (float)i * place->h, place->head_w - theme->grid / 2,
                       place->h - GAP};
        UiRect top = {place->cells.x + (float)i * place->w, place->cells.y - place->head_h,
                      place->w - GAP, place->head_h - 2};
        ui_text(ui, side, row ? FONT_STRONG : plain, row ? THEME_ACCENT : THEME_INK, ALIGN_LEFT,
                names[i]);
        ui_text(ui, top, column ? FONT_STRONG : plain, column ? THEME_ACCENT : THEME_INK,
                ALIGN_CENTRE, names[i]);
    }
}

static float luminance(Color color) {
    return 0.2126f * (float)(color >> 16 & 255) + 0.7152f * (float)(color >> 8 & 255) +
           0.0722f * (float)(color & 255);
}

void matrix_draw_cell(Ui *ui, UiRect rect, const MatrixCell *cell) {
    const Theme *theme = ui_theme(ui);
    Color paper = theme->color[THEME_BACKGROUND];
    Color ground =
        cell->right ? color_mix(paper, theme->color[THEME_RIGHT], theme->dark ? 0.16f : 0.12f)
                    : color_mix(paper, theme->color[THEME_WRONG], 0.13f + 0.62f * cell->strength);
    // Whichever of ink and paper stands out more.
    Color ink = theme->color[THEME_INK];
    float on = luminance(ground);
    ink = fabsf(luminance(ink) - on) >= fabsf(luminance(paper) - on) ? ink : paper;
    draw_rect(ui_list(ui), rect, theme->radius / 2, ground);
    if (cell->pulse > 0) {
        Color ring = theme->color[cell->right ? THEME_RIGHT : THEME_WRONG];
        draw_frame(ui_list(ui), rect, theme->radius / 2, 1 + theme->hairline,
                   color_alpha(ring, cell->pulse));
    }
    Font large = theme->font[FONT_BODY], small = theme->font[FONT_SMALL];
    large.size = fminf(large.size, rect.w / (cell->wide ? 3.6f : 2.9f));
    small.size = fminf(small.size * 0.8f, rect.w / 3.7f);
    if (cell->first == NULL || cell->second == NULL) {
        return;
    }
    if (rect.h < (large.size + small.size) * 1.3f) {
        ui_text_font(ui, rect, large, ink, ALIGN_CENTRE, cell->first);
        return;
    }
    float middle = rect.y + rect.h * 0.57f;
    UiRect upper = {rect.x, middle - large.size * 1.25f, rect.w, large.size * 1.25f};
    UiRect lower = {rect.x, middle - small.size * 0.05f, rect.w, small.size * 1.25f};
    ui_text_font(ui, upper, large, ink, ALIGN_CENTRE, cell->first);
    ui_text_font(ui, lower, small, color_mix(ink, ground, 0.22f), ALIGN_CENTRE, cell->second);
}
