// Looks like: the training digits whose trace in the last hidden layer is nearest to the drawing's.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/view_draw.h"

static const char *const PLURAL[NN_CLASSES] = {"zeros", "ones",  "twos",   "threes", "fours",
                                               "fives", "sixes", "sevens", "eights", "nines"};
static const char *const SINGULAR[NN_CLASSES] = {"zero", "one", "two",   "three", "four",
                                                 "five", "six", "seven", "eight", "nine"};

// "11 of the 12 training digits most like this one are sevens, one is a one."
static const char *vote(Ui *ui, const Findings *findings) {
    int count[NN_CLASSES] = {0};
    for (int i = 0; i < findings->n; i++) {
        count[findings->nearest[i].label]++;
    }
    int most = 0;
    for (int i = 1; i < NN_CLASSES; i++) {
        most = count[i] > count[most] ? i : most;
    }
    if (count[most] == findings->n) {
        return arena_printf(ui_arena(ui),
                            "All %d training digits the network finds most like this one are %s.",
                            findings->n, PLURAL[most]);
    }
    char others[160];
    size_t used = 0;
    others[0] = '\0';
    for (int i = 0; i < NN_CLASSES; i++) {
        if (i != most && count[i] > 0 && used < sizeof others - 24) {
            used += (size_t)snprintf(others + used, sizeof others - used, "%s%d %s",
                                     used > 0 ? ", " : "", count[i],
                                     count[i] == 1 ? SINGULAR[i] : PLURAL[i]);
        }
    }
    return arena_printf(ui_arena(ui),
                        "Of the %d training digits the network finds most like this one %d are %s "
                        "(and %s).",
                        findings->n, count[most], PLURAL[most], others);
}

void picture_neighbour(Ui *ui, UiRect square, const Neighbour *neighbour, const char *name,
                       int answer) {
    const Theme *theme = ui_theme(ui);
    picture_digit(ui, square, neighbour->pixels, false);
    (void)ui_region(ui, "neighbour", square, false, NULL, NULL);
    const char *tip =
        arena_printf(ui_arena(ui),
                     "Training picture %u, labelled %s; likeness %.2f (the cosine between "
                     "the two in the last hidden layer)",
                     neighbour->index, name, (double)neighbour->likeness);
    ui_tooltip(ui, tip != NULL ? tip : "");
    bool same = neighbour->label == answer;
    UiRect row = {square.x, square.y + square.h + 2, square.w, theme->line_height};
    if (strlen(name) > 1) { // a word is wider than its picture: small, and the mark in front of it
        Font font = theme->font[FONT_SMALL];
        const char *marked = same ? name : arena_printf(ui_arena(ui), "\xc3\x97%s", name);
        marked = marked != NULL ? marked : name;
        row.w = fmaxf(row.w, ui_text_measure(ui, font, marked).width + 1);
        ui_text_font(ui, row, font, ui_color(ui, same ? THEME_SOFT : THEME_WRONG), ALIGN_LEFT,
                     marked);
        return;
    }
    if (!same) {
        float mark = roundf(theme->font[FONT_BODY].size * 0.75f);
        UiRect icon = ui_cut_left(&row, mark);
        icon.y += (icon.h - mark) / 2;
        icon.h = mark;
        ui_icon(ui, icon, ICON_CROSS, ui_color(ui, THEME_WRONG));
        (void)ui_cut_left(&row, 4);
    }
    ui_textf(ui, row, same ? FONT_BODY : FONT_STRONG, same ? THEME_SOFT : THEME_WRONG, ALIGN_LEFT,
             "%s", name);
}

void draw_looks(Ui *ui, UiRect area, const AppData *data) {
    const Theme *theme = ui_theme(ui);
    const Findings *findings = data->findings;
    if (data->recogniser->model == NULL) {
        panel_says(ui, area, "Without a network there is nothing to compare with.");
        return;
    }
    if (findings != NULL && findings->trouble[0] != '\0') {
        panel_says(ui, area, findings->trouble);
        return;
    }
    if (findings == NULL || findings->total == 0) {
        panel_says(ui, area, "The nearest of MNIST's training digits will appear here.");
        return;
    }
    UiRect words = ui_cut_bottom(&area, theme->line_height * 2);
    (void)ui_cut_bottom(&area, 0.5f * theme->grid);
    bool busy = findings->indexed < findings->total;
    if (!data->recogniser->has_answer || findings->n == 0) {
        const char *text =
            busy
                ? arena_printf(ui_arena(ui), "Looking through MNIST's training digits: %zu of %zu.",
                               findings->indexed, findings->total)
                : arena_printf(ui_arena(ui),
                               "Draw something: of %zu training digits the most similar ones "
                               "will appear here.",
                               findings->total);
        panel_says(ui, area, text != NULL ? text : "");
        return;
    }
    // As large as two rows allow, in whole pixels; one row of more columns where it is low.
    float gap = 1.5f * theme->grid, label = theme->line_height + 2;
    int rows = area.h > 2 * (4 * theme->grid + label) ? 2 : 1;
    int columns = (findings->n + rows - 1) / rows;
    float side = fminf((area.w - gap * (float)(columns - 1)) / (float)columns,
                       (area.h - 0.5f * gap * (float)(rows - 1)) / (float)rows - label);
    side = picture_square(ui, (UiRect){0, 0, side, side}).w;
    float step_x = fminf((area.w - side) / (float)(columns > 1 ? columns - 1 : 1), side + 3 * gap);
    float step_y = side + label + 0.5f * gap;
    for (int i = 0; i < findings->n; i++) {
        ui_push_id_int(ui, i);
        int row = i / columns;
        UiRect cell = {area.x + (float)(i % columns) * step_x, area.y + (float)row * step_y, side,
                       side};
        const char digit[2] = {(char)('0' + findings->nearest[i].label), '\0'};
        picture_neighbour(ui, picture_square(ui, cell), &findings->nearest[i], digit,
                          data->recogniser->answer.digit);
        ui_pop_id(ui);
    }
    words.y = area.y + (float)rows * step_y + 0.25f * theme->grid;
    const char *text = vote(ui, findings);
    if (busy && text != NULL) {
        text = arena_printf(ui_arena(ui), "%s So far %.0f %% of them have been looked at.", text,
                            100.0 * (double)findings->indexed / (double)findings->total);
    }
    (void)ui_paragraph(ui, words, FONT_BODY, THEME_SOFT, text != NULL ? text : "", false);
}
