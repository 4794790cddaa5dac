#include "app/column_names.h"

#include <math.h>
#include <string.h>

enum { LINES_MAX = 3 };

static const float AIR = 5; // between two names of a line, logical pixels

bool column_names_are_words(const char *const *text) {
    return strlen(text[0]) > 1;
}

// As it is when set off, the widest it can be: names stay where they are under the pointer.
static Font font_of(Ui *ui, const ColumnNames *names, bool strong) {
    Font font = ui_theme(ui)->font[names->words ? FONT_SMALL : FONT_BODY];
    font.weight = strong ? WEIGHT_SEMIBOLD : font.weight;
    return font;
}

static float centre(const ColumnNames *names, int i) {
    return names->x + ((float)i + 0.5f) * names->pitch - names->gap / 2;
}

static bool fits(const ColumnNames *names, int lines) {
    for (int i = 0; i + lines < names->n; i++) {
        if (names->start[i] + names->width[i] + AIR > names->start[i + lines]) {
            return false;
        }
    }
    return true;
}

static void place(ColumnNames *names, int i, float widest) {
    float w = fminf(names->width[i], widest);
    names->width[i] = w;
    names->start[i] = fmaxf(names->left, fminf(centre(names, i) - w / 2, names->right - w));
}

void column_names_arrange(Ui *ui, ColumnNames *names) {
    names->words = column_names_are_words(names->text);
    Font font = font_of(ui, names, true);
    for (int i = 0; i < names->n; i++) {
        names->width[i] = ceilf(ui_text_measure(ui, font, names->text[i]).width);
        place(names, i, names->right - names->left);
    }
    names->lines = 1;
    while (names->lines < LINES_MAX && !fits(names, names->lines)) {
        names->lines++;
    }
    if (!fits(names, names->lines)) { // shortened after all
        for (int i = 0; i < names->n; i++) {
            place(names, i, fmaxf((float)names->lines * names->pitch - AIR, 0));
        }
    }
    names->line_h =
        names->lines > 1 ? roundf(font.size * 1.3f) : roundf(ui_theme(ui)->line_height * 1.1f) - 2;
    names->height = (float)names->lines * names->line_h + 2;
}

// The top of a name.
static float top_of(const ColumnNames *names, float edge, int i) {
    float lines = (float)(i % names->lines);
    return names->below ? edge + 2 + lines * names->line_h : edge - 2 - (lines + 1) * names->line_h;
}

// From a name to its column, if no nearer name is in its way.
static void leader(Ui *ui, const ColumnNames *names, float edge, int i) {
    float x = centre(names, i), air = 2;
    for (int k = 0; k < names->n; k++) {
        bool nearer = k % names->lines < i % names->lines;
        if (nearer && x > names->start[k] - air && x < names->start[k] + names->width[k] + air) {
            return;
        }
    }
    float scale = ui_scale(ui), width = ui_theme(ui)->hairline;
    float top = top_of(names, edge, i), far = names->below ? top : top + names->line_h;
    float near = names->below ? edge + 3 : edge - 3;
    UiRect line = {roundf(x * scale) / scale, fminf(near, far), width, fabsf(near - far)};
    draw_rect(ui_list(ui), line, 0, ui_color(ui, THEME_FAINT));
}

void column_names_draw(Ui *ui, const ColumnNames *names, float edge, int chosen) {
    for (int i = 0; i < names->n; i++) {
        if (i % names->lines > 0) {
            leader(ui, names, edge, i);
        }
        UiRect rect = {names->start[i], top_of(names, edge, i), names->width[i], names->line_h};
        ui_text_font(ui, rect, font_of(ui, names, i == chosen),
                     ui_color(ui, i == chosen ? THEME_ACCENT : names->color), ALIGN_CENTRE,
                     names->text[i]);
    }
}

int column_names_at(const ColumnNames *names, float edge, float x, float y) {
    for (int i = 0; i < names->n; i++) {
        float top = top_of(names, edge, i);
        if (y >= top && y < top + names->line_h && x >= names->start[i] &&
            x < names->start[i] + names->width[i]) {
            return i;
        }
    }
    return -1;
}
