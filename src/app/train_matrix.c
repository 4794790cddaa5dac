// What the network confuses: the matrix gliding from state to state, the accuracy of each digit, and
// the first layer's weights taking form.
#include <math.h>

#include "app/matrix.h"
#include "app/view_train.h"

// --- the matrix ----------------------------------------------------------------------------------

static size_t row_total(const TrainMeasured *measured, int label) {
    size_t total = 0;
    for (int j = 0; j < NN_CLASSES; j++) {
        total += measured->confusion[label][j];
    }
    return total;
}

static double largest_error(const TrainMeasured *measured) {
    double largest = 0;
    for (int i = 0; i < NN_CLASSES; i++) {
        for (int j = 0; j < NN_CLASSES; j++) {
            largest = i == j ? largest : fmax(largest, log1p((double)measured->confusion[i][j]));
        }
    }
    return largest;
}

// The number glides; while it is under way the cell's edge shows that it changes.
static void cell(Ui *ui, UiRect rect, const TrainMeasured *measured, int label, int answered,
                 float most, bool by_share) {
    float count = (float)measured->confusion[label][answered];
    ui_push_id_int(ui, label * NN_CLASSES + answered);
    float shown = ui_ease(ui, ui_id(ui, "count"), count);
    ui_pop_id(ui);
    if (shown < 0.5f) {
        return;
    }
    float total = (float)row_total(measured, label);
    double share = total > 0 ? (double)(shown / total) : 0;
    const char *number = arena_printf(ui_arena(ui), "%.0f", (double)shown);
    const char *percent = arena_printf(ui_arena(ui), share < 0.9995 ? "%.1f" : "%.0f", share * 100);
    MatrixCell drawn = {.first = by_share ? percent : number,
                        .second = by_share ? number : percent,
                        .wide = by_share,
                        .right = label == answered,
                        .strength = most > 0 ? fminf(log1pf(shown) / most, 1) : 0,
                        .pulse = fminf(fabsf(count - shown) / fmaxf(0.1f * count, 2), 1)};
    matrix_draw_cell(ui, rect, &drawn);
}

static void typical_card(Ui *ui, UiRect at, UiRect bounds, const Training *training) {
    const Theme *theme = ui_theme(ui);
    const TrainTypical *typical = &training->typical;
    const NnDataset *set = nn_runner_validation(training->runner);
    float pad = theme->grid, side = roundf(NN_SIDE * 3);
    const char *label = training_classes(training)[typical->label],
               *answered = training_classes(training)[typical->answered];
    bool words = column_names_are_words(training_classes(training)); // trousers want no article
    const char *what =
        typical->label != typical->answered
            ? arena_printf(ui_arena(ui), "%s taken for %s", label, answered)
            : arena_printf(ui_arena(ui), words ? "%s: typical" : "a typical %s", label);
    const char *count =
        arena_printf(ui_arena(ui), "%zu at epoch %d", typical->count, typical->epoch);
    if (what == NULL || count == NULL || set == NULL) {
        return;
    }
    float w = fmaxf(side, fmaxf(ui_text_width(ui, FONT_MEDIUM, what),
                                ui_text_width(ui, FONT_SMALL, count))) +
              2 * pad;
    float h = side + 2.2f * theme->line_height + 2 * pad;
    // Beside the cell, never over it.
    float x = at.x + at.w + pad + w <= bounds.x + bounds.w ? at.x + at.w + pad : at.x - w - pad;
    float y = fmaxf(bounds.y, fminf(at.y, bounds.y + bounds.h - h));
    UiRect card = {x, y, w, h};
    draw_rect(ui_list(ui), card, theme->radius, ui_color(ui, THEME_SURFACE));
    draw_frame(ui_list(ui), card, theme->radius, theme->hairline, ui_color(ui, THEME_FAINT));
    UiRect inner = ui_inset(card, pad);
    UiRect picture = ui_cut_top(&inner, side);
    picture.w = side;
    picture_digit(ui, picture_square(ui, picture), set->images + typical->row * NN_PIXELS, false);
    ui_text(ui, ui_cut_top(&inner, theme->line_height * 1.2f), FONT_MEDIUM, THEME_INK, ALIGN_LEFT,
            what);
    ui_text(ui, ui_cut_top(&inner, theme->line_height), FONT_SMALL, THEME_SOFT, ALIGN_LEFT, count);
}

static void hover(Ui *ui, const MatrixPlace *place, const Training *training, ViewTrain *own,
                  Actions *out) {
    const UiEvent *events;
    size_t n;
    UiResponse response = ui_region(ui, "matrix", place->cells, false, &events, &n);
    for (size_t i = 0; i < n; i++) {
        int column = (int)floorf((events[i].x - place->cells.x) / place->w);
        int row = (int)floorf((events[i].y - place->cells.y) / place->h);
        bool inside = column >= 0 && row >= 0 && column < NN_CLASSES && row < NN_CLASSES;
        own->hover_label = inside ? row : -1;
        own->hover_answered = inside ? column : -1;
    }
    if (!response.hovered) {
        own->hover_label = own->hover_answered = -1;
    }
    if (own->hover_label < 0 || training->runner == NULL) {
        return;
    }
    UiRect rect = matrix_cell(place, own->hover_label, own->hover_answered);
    draw_frame(ui_list(ui), ui_inset(rect, -1), ui_theme(ui)->radius / 2, 1.5f,
               ui_color(ui, THEME_INK));
    if (!training_typical_is(training, own->hover_label, own->hover_answered)) {
        actions_add(out, (Action){.kind = ACTION_TRAIN_TYPICAL,
                                  .index = own->hover_label * NN_CLASSES + own->hover_answered});
    } else if (training->typical.known) {
        typical_card(ui, rect, place->cells, training);
    }
}

static void matrix(Ui *ui, UiRect area, const TrainMeasured *measured, const Training *training,
                   ViewTrain *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    MatrixPlace place;
    matrix_place(ui, area, training_classes(training), NN_CLASSES, &place);
    own->matrix = (UiRect){area.x, area.y, area.w, place.heads.height + place.cells.h};
    matrix_heads(ui, &place, own->hover_label, own->hover_answered);
    float most = measured != NULL ? (float)largest_error(measured) : 0;
    for (int i = 0; i < NN_CLASSES * NN_CLASSES && measured != NULL; i++) {
        int label = i / NN_CLASSES, answered = i % NN_CLASSES;
        cell(ui, matrix_cell(&place, label, answered), measured, label, answered, most,
             own->by_share == 1);
    }
    if (measured == NULL) { // where the right answers will be
        for (int i = 0; i < NN_CLASSES; i++) {
            draw_rect(ui_list(ui), matrix_cell(&place, i, i), theme->radius / 2,
                      ui_color(ui, THEME_TRACK));
        }
    }
    hover(ui, &place, training, own, out);
}

// --- per digit -----------------------------------------------------------------------------------

static void bars(Ui *ui, UiRect area, const TrainMeasured *measured, const Training *training) {
    const Theme *theme = ui_theme(ui);
    const char *what =
        column_names_are_words(training_classes(training)) ? "Per class" : "Per digit";
    UiRect title = ui_cut_top(&area, theme->line_height * 1.2f);
    float w = ui_text_width(ui, FONT_STRONG, what) + 0.75f * theme->grid;
    ui_text(ui, ui_cut_left(&title, w), FONT_STRONG, THEME_INK, ALIGN_LEFT, what);
    ui_text(ui, title, FONT_BODY, THEME_SOFT, ALIGN_LEFT, "validation accuracy, %");
    ColumnNames names = {.text = training_classes(training),
                         .n = NN_CLASSES,
                         .x = area.x,
                         .pitch = area.w / NN_CLASSES,
                         .left = area.x,
                         .right = area.x + area.w,
                         .below = true,
                         .color = THEME_SOFT};
    column_names_arrange(ui, &names);
    (void)ui_cut_bottom(&area, names.height);
    column_names_draw(ui, &names, area.y + area.h, -1);
    (void)ui_cut_top(&area, theme->line_height);
    double lowest = 1;
    for (int i = 0; i < NN_CLASSES; i++) {
        lowest = fmin(lowest, isnan(measured->accuracy[i]) ? 1 : measured->accuracy[i]);
    }
    // The scale's foot moves in steps, so that bars mean the same from one moment to the next.
    float foot = lowest > 0.95 ? 0.9f : lowest > 0.8 ? 0.7f : 0;
    foot = ui_ease(ui, ui_id(ui, "foot"), foot);
    float pitch = area.w / NN_CLASSES;
    for (int i = 0; i < NN_CLASSES; i++) {
        UiRect column = {area.x + (float)i * pitch, area.y, pitch, area.h};
        if (isnan(measured->accuracy[i])) {
            continue;
        }
        ui_push_id_int(ui, i);
        float value = ui_ease(ui, ui_id(ui, "bar"), (float)measured->accuracy[i]);
        ui_pop_id(ui);
        float h = fmaxf(2, area.h * (value - foot) / (1 - foot));
        UiRect bar = {column.x + pitch * 0.15f, area.y + area.h - h, pitch * 0.7f, h};
        bool worst = lowest < 1 && measured->accuracy[i] <= lowest;
        Color color = color_mix(ui_color(ui, THEME_BACKGROUND),
                                ui_color(ui, worst ? THEME_WRONG : THEME_RIGHT), 0.6f);
        draw_rect(ui_list(ui), bar, theme->radius / 3, color);
        UiRect above = {column.x, bar.y - theme->line_height, pitch, theme->line_height};
        Font font = theme->font[FONT_SMALL];
        font.size = fminf(font.size, pitch / 2.6f); // "99.0" with a little air
        const char *text =
            arena_printf(ui_arena(ui), value < 0.9995f ? "%.1f" : "%.0f", (double)value * 100);
        ui_text_font(ui, above, font, ui_color(ui, THEME_INK), ALIGN_CENTRE,
                     text != NULL ? text : "");
    }
}

// --- templates -----------------------------------------------------------------------------------

static void templates(Ui *ui, UiRect area, const Training *training) {
    const Theme *theme = ui_theme(ui);
    const char *text = "Each square is a unit of the first layer: red pixels speak for it, blue "
                       "ones against it.";
    if (training->n_shades == 0) {
        text = training->runner == NULL
                   ? "The weights of the first layer are shown here while they take form."
                   : "The first layer of this network has no weights that could be shown as "
                     "pictures.";
        (void)ui_paragraph(ui, area, FONT_BODY, THEME_SOFT, text, false);
        return;
    }
    float words = ui_paragraph(ui, area, FONT_SMALL, THEME_SOFT, text, true);
    (void)ui_paragraph(ui, ui_cut_bottom(&area, words), FONT_SMALL, THEME_SOFT, text, false);
    (void)ui_cut_bottom(&area, theme->grid);
    // The most columns in which all of them fit.
    int columns = 1;
    while (columns < 8 &&
           ceilf((float)training->n_shades / (float)columns) * (area.w / (float)columns) > area.h) {
        columns++;
    }
    columns = columns < 5 ? 5 : columns;
    float pitch = area.w / (float)columns;
    for (int i = 0; i < training->n_shades; i++) {
        UiRect place = {area.x + (float)(i % columns) * pitch,
                        area.y + (float)(i / columns) * pitch, pitch - 3, pitch - 3};
        if (place.y + place.h > area.y + area.h + 1) {
            break;
        }
        draw_image(ui_list(ui), place, training->shades[i], NN_SIDE, NN_SIDE,
                   theme->diverging_palette, true, theme->radius / 3);
    }
}

// --- the column ----------------------------------------------------------------------------------

// The first that fits on the line; nothing when none does.
static void one_of(Ui *ui, UiRect line, const char *const *texts, int n) {
    for (int i = 0; i < n; i++) {
        if (texts[i] != NULL && ui_text_width(ui, FONT_BODY, texts[i]) <= line.w) {
            ui_text(ui, line, FONT_BODY, THEME_SOFT, ALIGN_LEFT, texts[i]);
            return;
        }
    }
}

static void subtitle(Ui *ui, UiRect line, const TrainMeasured *measured, const Training *training) {
    if (measured == NULL) {
        const char *text =
            training->runner == NULL ? "rows true, columns answered"
            : training->state.n_validation == 0 && training->state.phase >= NN_RUNNER_RUNNING
                ? "nothing is held out to measure on"
            : training->at != TRAINING_NEWEST ? "not measured then"
                                              : "soon";
        one_of(ui, line, &text, 1);
        return;
    }
    const char *which = measured->whole ? "validation" : "a sample";
    Arena *arena = ui_arena(ui);
    const char *const texts[] = {
        arena_printf(arena, "%s, epoch %d \xc2\xb7 rows true", which, measured->epoch),
        arena_printf(arena, "%s, epoch %d", which, measured->epoch),
        arena_printf(arena, "epoch %d", measured->epoch),
        arena_printf(arena, "ep. %d", measured->epoch),
    };
    one_of(ui, line, texts, 4);
}

void train_confusion(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, Actions *out) {
    static const char *const panels[TRAIN_PANEL_COUNT] = {"Confusion", "Weights"};
    static const char *const leads[2] = {"Counts", "Per cent"};
    const Theme *theme = ui_theme(ui);
    const Training *training = data->training;
    TrainMeasured now;
    bool any = training_measured(training, &now);
    UiRect row = ui_cut_top(&area, theme->control);
    UiRect tabs =
        ui_cut_left(&row, fminf(row.w, ui_segmented_width(ui, panels, TRAIN_PANEL_COUNT)));
    (void)ui_segmented(ui, "right panel", tabs, panels, TRAIN_PANEL_COUNT, &own->panel);
    (void)ui_cut_left(&row, 1.5f * theme->grid);
    (void)ui_cut_top(&area, theme->grid);
    // The matrix is as large as the column is wide; the bars get what it leaves.
    float wanted = matrix_height(ui, area.w, training_classes(training), NN_CLASSES),
          foot_h = theme->control;
    float left = area.h - wanted - foot_h - 3 * theme->grid;
    float bars_h = fmaxf(left, fminf(theme->line_height * 6, area.h * 0.26f));
    bars_h = fminf(bars_h, theme->line_height * 9);
    UiRect lower = ui_cut_bottom(&area, bars_h);
    (void)ui_cut_bottom(&area, theme->grid);
    own->bars = any ? lower : (UiRect){0};
    own->templates = own->matrix = (UiRect){0};
    if (any) {
        bars(ui, lower, &now, training);
    }
    if (own->panel == TRAIN_TEMPLATES) {
        if (training->n_shades > 0) {
            int units = training->recipe.arch.layers[0].n_out;
            const char *text =
                arena_printf(ui_arena(ui), "%d of %d units", training->n_shades, units);
            one_of(ui, row, &text, 1);
        }
        templates(ui, area, training);
        own->templates = training->n_shades > 0 ? area : (UiRect){0};
        return;
    }
    subtitle(ui, row, any ? &now : NULL, training);
    UiRect upper = ui_cut_top(&area, fminf(wanted, area.h - foot_h - theme->grid));
    (void)ui_cut_top(&area, theme->grid);
    UiRect foot = ui_cut_top(&area, foot_h);
    UiRect choice = ui_cut_left(&foot, fminf(foot.w, ui_segmented_width(ui, leads, 2)));
    (void)ui_segmented(ui, "lead", choice, leads, 2, &own->by_share);
    (void)ui_cut_left(&foot, 1.5f * theme->grid);
    static const char *const notes[] = {"log colour \xc2\xb7 \xe2\x9c\x93 blue, \xc3\x97 orange",
                                        "\xe2\x9c\x93 blue, \xc3\x97 orange"};
    one_of(ui, foot, notes, 2);
    matrix(ui, upper, any ? &now : NULL, training, own, out);
}
