#include "app/matrix.h"

#include <math.h>

enum { GAP = 2 }; // between cells, logical pixels

// What the names of the rows need, and as much air.
static float rows_width(Ui *ui, float width, const char *const *names, int n) {
    const Theme *theme = ui_theme(ui);
    if (!column_names_are_words(names)) {
        return roundf(theme->font[FONT_BODY].size * 1.3f);
    }
    Font font = theme->font[FONT_SMALL];
    font.weight = WEIGHT_SEMIBOLD;
    float widest = 0;
    for (int i = 0; i < n; i++) {
        widest = fmaxf(widest, ui_text_measure(ui, font, names[i]).width);
    }
    return fminf(ceilf(widest) + theme->grid, width * 0.25f);
}

void matrix_place(Ui *ui, UiRect area, const char *const *names, int n, MatrixPlace *place) {
    place->w = floorf((area.w - rows_width(ui, area.w, names, n)) / (float)n);
    float x = area.x + area.w - place->w * (float)n;
    place->heads = (ColumnNames){.text = names,
                                 .n = n,
                                 .x = x,
                                 .pitch = place->w,
                                 .gap = GAP,
                                 .left = area.x,
                                 .right = area.x + area.w,
                                 .color = THEME_INK};
    column_names_arrange(ui, &place->heads);
    float head_h = place->heads.height;
    place->h = fminf(place->w, floorf((area.h - head_h) / (float)n));
    place->cells = (UiRect){x, area.y + head_h, place->w * (float)n, place->h * (float)n};
    place->head_w = x - area.x;
}

float matrix_height(Ui *ui, float width, const char *const *names, int n) {
    MatrixPlace place;
    matrix_place(ui, (UiRect){0, 0, width, 2 * width}, names, n, &place);
    return place.heads.height + place.cells.h;
}

UiRect matrix_cell(const MatrixPlace *place, int label, int predicted) {
    return (UiRect){place->cells.x + (float)predicted * place->w,
                    place->cells.y + (float)label * place->h, place->w - GAP, place->h - GAP};
}

void matrix_heads(Ui *ui, const MatrixPlace *place, int label, int predicted) {
    const Theme *theme = ui_theme(ui);
    const ColumnNames *heads = &place->heads;
    float left = place->cells.x - place->head_w;
    for (int i = 0; i < heads->n; i++) {
        bool row = label == i;
        Font font = theme->font[heads->words ? FONT_SMALL : FONT_BODY];
        font.weight = row ? WEIGHT_SEMIBOLD : font.weight;
        UiRect side = {left, place->cells.y + (float)i * place->h, place->head_w - theme->grid / 2,
                       place->h - GAP};
        ui_text_font(ui, side, font, ui_color(ui, row ? THEME_ACCENT : THEME_INK), ALIGN_LEFT,
                     heads->text[i]);
    }
    column_names_draw(ui, heads, place->cells.y, predicted);
}

int matrix_head_at(const MatrixPlace *place, float x, float y) {
    return column_names_at(&place->heads, place->cells.y, x, y);
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
