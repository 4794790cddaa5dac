// The confusion matrix: rows are the labels, columns the answers. Off the diagonal colour grows
// with the logarithm of the count, since one cell of fifty among cells of one would be all there is
// to see.
#include <math.h>

#include "app/matrix.h"
#include "app/view_errors.h"

static const float FOOT_LINES = 1.3f; // what is said below, in lines

typedef struct {
    const NnMetrics *metrics;
    size_t total[NN_CLASSES]; // of each row
    double largest;           // log of the largest off the diagonal
    MatrixPlace place;
} Matrix;

static double strength(const Matrix *matrix, int label, int predicted, bool by_row) {
    size_t n = matrix->metrics->confusion[label][predicted];
    const double per_thousand =
        1000; // a row's share is counted in these, so that small ones still differ
    size_t total = matrix->total[label];
    return by_row ? log1p(total > 0 ? per_thousand * (double)n / (double)total : 0)
                  : log1p((double)n);
}

static void measure(Ui *ui, UiRect area, const AppData *data, const ViewErrors *own,
                    Matrix *matrix) {
    matrix->metrics = nn_study_metrics(browse_study(data->browse));
    matrix->largest = 0;
    for (int i = 0; i < NN_CLASSES; i++) {
        matrix->total[i] = 0;
        for (int j = 0; j < NN_CLASSES; j++) {
            matrix->total[i] += matrix->metrics->confusion[i][j];
        }
        for (int j = 0; j < NN_CLASSES; j++) {
            matrix->largest = i == j ? matrix->largest
                                     : fmax(matrix->largest, strength(matrix, i, j, own->by_row));
        }
    }
    matrix_place(ui, area, browse_classes(data->browse), NN_CLASSES, &matrix->place);
}

static void draw_cell(Ui *ui, const Matrix *matrix, int label, int predicted, bool by_row) {
    size_t n = matrix->metrics->confusion[label][predicted];
    if (n == 0) {
        return;
    }
    const char *count = arena_printf(ui_arena(ui), "%zu", n);
    double share = matrix->total[label] > 0 ? (double)n / (double)matrix->total[label] : 0;
    const char *percent = share_text(ui, share, share < 0.9995 ? 1 : 0);
    MatrixCell cell = {.first = by_row ? percent : count,
                       .second = by_row ? count : percent,
                       .wide = by_row,
                       .right = label == predicted};
    if (matrix->largest > 0) {
        cell.strength = (float)(strength(matrix, label, predicted, by_row) / matrix->largest);
    }
    matrix_draw_cell(ui, matrix_cell(&matrix->place, label, predicted), &cell);
}

// A whole row or column, or one cell, in one clear ring.
static void draw_ring_at(Ui *ui, const Matrix *matrix, ErrorsCell cell, Color color) {
    if (cell.label < 0 && cell.predicted < 0) {
        return;
    }
    const Theme *theme = ui_theme(ui);
    const MatrixPlace *place = &matrix->place;
    UiRect first = matrix_cell(place, cell.label >= 0 ? cell.label : 0,
                               cell.predicted >= 0 ? cell.predicted : 0);
    UiRect last = matrix_cell(place, NN_CLASSES - 1, NN_CLASSES - 1);
    first.w = cell.predicted >= 0 ? first.w : last.x + last.w - first.x;
    first.h = cell.label >= 0 ? first.h : last.y + last.h - first.y;
    float width = 2 * theme->hairline;
    draw_frame(ui_list(ui), ui_inset(first, -width), theme->radius / 2 + width, width, color);
}

// Which cell is at a point; -1 in the headers' direction. False outside.
static bool cell_at(const Matrix *matrix, float x, float y, ErrorsCell *cell) {
    int named = matrix_head_at(&matrix->place, x, y); // a name may be wider than its column
    if (named >= 0) {
        *cell = (ErrorsCell){-1, named};
        return true;
    }
    float column = floorf((x - matrix->place.cells.x) / matrix->place.w),
          row = floorf((y - matrix->place.cells.y) / matrix->place.h);
    if (column >= NN_CLASSES || row >= NN_CLASSES || (column < 0 && row < 0)) {
        return false;
    }
    *cell = (ErrorsCell){row < 0 ? -1 : (int)row, column < 0 ? -1 : (int)column};
    return true;
}

static bool is_cell(ErrorsCell cell) {
    return cell.label >= 0 && cell.predicted >= 0;
}

static void choose(ErrorsQuery *query, ErrorsCell cell, bool compare) {
    bool same = query->cell.label == cell.label && query->cell.predicted == cell.predicted;
    if (compare && is_cell(cell) && is_cell(query->cell) && !same) {
        query->second = cell;
    } else {
        query->cell = same && query->second.label < 0 ? (ErrorsCell){-1, -1} : cell;
        query->second = (ErrorsCell){-1, -1};
    }
    bool right = is_cell(cell) && cell.label == cell.predicted;
    query->show = right && query->cell.label >= 0 ? SHOW_ALL : query->show;
}

// Arrows move the selection, with Shift the cell it is compared with.
static bool move_by_key(const UiEvent *event, ErrorsQuery *query) {
    int dx = event->key == KEY_RIGHT ? 1 : event->key == KEY_LEFT ? -1 : 0;
    int dy = event->key == KEY_DOWN ? 1 : event->key == KEY_UP ? -1 : 0;
    if (dx == 0 && dy == 0) {
        return false;
    }
    bool compare = (event->mods & MOD_SHIFT) != 0 && is_cell(query->cell);
    ErrorsCell from = compare && query->second.label >= 0 ? query->second : query->cell;
    bool fresh = !is_cell(from);
    ErrorsCell to = {from.label >= 0 ? from.label : 0, from.predicted >= 0 ? from.predicted : 0};
    to.label += fresh ? 0 : dy;
    to.predicted += fresh ? 0 : dx;
    if (to.label < 0 || to.predicted < 0 || to.label >= NN_CLASSES || to.predicted >= NN_CLASSES) {
        return true;
    }
    bool same = to.label == from.label && to.predicted == from.predicted;
    if (!same) {
        choose(query, to, compare);
    }
    return true;
}

// What a cell holds; said below the matrix, since a tooltip would lie over its neighbours.
static const char *words_for(Ui *ui, const Matrix *matrix, const Browse *browse, ErrorsCell cell) {
    Arena *arena = ui_arena(ui);
    const char *text;
    if (!is_cell(cell)) {
        text = cell.label >= 0
                   ? arena_printf(arena, "all labelled %s", browse_class(browse, cell.label))
                   : arena_printf(arena, "all answered %s", browse_class(browse, cell.predicted));
    } else {
        text = arena_printf(arena, "%s answered %s: %zu of %zu", browse_class(browse, cell.label),
                            browse_class(browse, cell.predicted),
                            matrix->metrics->confusion[cell.label][cell.predicted],
                            matrix->total[cell.label]);
    }
    return text != NULL ? text : "";
}

static void interact(Ui *ui, UiRect area, const Matrix *matrix, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const UiEvent *events;
    size_t n;
    UiResponse response = ui_region(ui, "matrix", area, true, &events, &n);
    ErrorsQuery query = own->query;
    for (size_t i = 0; i < n; i++) {
        ErrorsCell cell;
        if (events[i].kind == EVENT_KEY) {
            if (move_by_key(&events[i], &query)) {
                (void)ui_key(ui, events[i].key,
                             events[i].mods); // nor does it walk through the pictures
            }
            continue;
        }
        bool inside = cell_at(matrix, events[i].x, events[i].y, &cell);
        if (events[i].kind == EVENT_UP && response.clicked && inside) {
            choose(&query, cell, (events[i].mods & MOD_SHIFT) != 0);
        }
        own->hover = inside ? cell : (ErrorsCell){-1, -1};
    }
    if (!response.hovered) {
        own->hover = (ErrorsCell){-1, -1};
    }
    draw_ring_at(ui, matrix, own->hover, ui_color(ui, THEME_FAINT));
    if (response.focused) {
        draw_frame(ui_list(ui), ui_inset(matrix->place.cells, -4), theme->radius,
                   2 * theme->hairline, ui_color(ui, THEME_ACCENT));
    }
    errors_ask(own, &query, out);
}

static void foot(Ui *ui, UiRect row, const char *hovered, ViewErrors *own) {
    const Theme *theme = ui_theme(ui);
    float h = roundf(theme->line_height * 0.9f), w = roundf(h * 1.78f);
    UiRect toggle = ui_cut_right(&row, w);
    toggle = (UiRect){toggle.x, roundf(toggle.y + (toggle.h - h) / 2), w, h};
    (void)ui_toggle(ui, "Shares of rows", toggle, &own->by_row);
    ui_tooltip(ui, "Colours and leads with each row's shares instead of counts: classes with few "
                   "pictures count alike.");
    (void)ui_cut_right(&row, theme->grid);
    const char *label = "by row";
    float label_w = ui_text_width(ui, FONT_BODY, label) + 1;
    ui_text(ui, ui_cut_right(&row, label_w), FONT_BODY, THEME_SOFT, ALIGN_LEFT, label);
    (void)ui_cut_right(&row, theme->grid);
    const char *const texts[] = {"rows true, columns answered \xc2\xb7 click a cell",
                                 "rows true, columns answered", "rows true", ""};
    int i = 0;
    while (i < 3 && ui_text_width(ui, FONT_BODY, texts[i]) > row.w) {
        i++;
    }
    ui_text(ui, row, FONT_BODY, hovered != NULL ? THEME_INK : THEME_SOFT, ALIGN_LEFT,
            hovered != NULL ? hovered : texts[i]);
}

float errors_matrix_height(Ui *ui, float width, const Browse *browse) {
    return matrix_height(ui, width, browse_classes(browse), NN_CLASSES) +
           FOOT_LINES * ui_theme(ui)->line_height;
}

void errors_matrix(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    float foot_h = FOOT_LINES * theme->line_height;
    Matrix matrix;
    measure(ui, (UiRect){area.x, area.y, area.w, area.h - foot_h}, data, own, &matrix);
    own->matrix = matrix.place.cells;
    matrix_heads(ui, &matrix.place, own->query.cell.label, own->query.cell.predicted);
    for (int i = 0; i < NN_CLASSES * NN_CLASSES; i++) {
        draw_cell(ui, &matrix, i / NN_CLASSES, i % NN_CLASSES, own->by_row);
    }
    UiRect all = {area.x, area.y, area.w, matrix.place.heads.height + matrix.place.cells.h};
    interact(ui, all, &matrix, own, out);
    draw_ring_at(ui, &matrix, own->query.cell, ui_color(ui, THEME_INK));
    if (own->query.second.label >= 0) {
        draw_ring_at(ui, &matrix, own->query.second, ui_color(ui, THEME_ACCENT));
    }
    bool hovers = own->hover.label >= 0 || own->hover.predicted >= 0;
    const char *words = hovers ? words_for(ui, &matrix, data->browse, own->hover) : NULL;
    foot(ui, (UiRect){area.x, all.y + all.h + theme->grid / 2, area.w, foot_h - theme->grid / 2},
         words, own);
}
