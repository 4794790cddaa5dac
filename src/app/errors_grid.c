// Thousands of thumbnails in a scrolling grid, of which only the visible ones are emitted; two
// grids side by side while two cells of the matrix are compared. Before there are answers it shows
// the pictures as they come.
#include <math.h>

#include "app/view_errors.h"

typedef struct {
    const AppData *data;
    const BrowseList *list; // NULL: all pictures in order, without answers
    size_t n;
    float side, caption_h, gap_x, step_x, step_y;
    int columns;
    bool words; // classes are words
} Grid;

// As many columns as fit, and what is left over between them: whole screen pixels stay whole.
static void arrange(Ui *ui, float width, float side, Grid *grid) {
    const Theme *theme = ui_theme(ui);
    float scale = ui_scale(ui);
    float least =
        grid->words ? theme->font[FONT_SMALL].size * 6.2f : theme->font[FONT_SMALL].size * 2.2f;
    side = fmaxf(side, least);
    float crisp = roundf(side * scale / NN_SIDE) * NN_SIDE / scale;
    bool snaps = crisp > 0 && fabsf(crisp - side) <= 4; // near a whole number of pixels a pixel
    grid->side = snaps ? crisp : floorf(side * scale) / scale;
    float small = theme->font[FONT_SMALL].size * 1.45f;
    grid->caption_h = grid->list == NULL ? 0 : grid->words ? 2 * small : small;
    float least_gap = fmaxf(theme->grid * 0.75f, 6);
    grid->columns = (int)((width + least_gap) / (grid->side + least_gap));
    grid->columns = grid->columns > 0 ? grid->columns : 1;
    float spare = width - (float)grid->columns * grid->side;
    grid->gap_x =
        grid->columns > 1 ? fminf(spare / (float)(grid->columns - 1), 2.2f * least_gap) : 0;
    grid->step_x = grid->side + grid->gap_x;
    grid->step_y = grid->side + grid->caption_h + least_gap * 1.4f;
}

// "9 x7 98": the label, the answer with its mark, how sure. Words take two lines.
static void caption(Ui *ui, UiRect rect, const Grid *grid, const NnStudyRow *row) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = grid->data->browse;
    bool right = row->label == row->predicted;
    Color ink = ui_color(ui, right ? THEME_RIGHT : THEME_WRONG);
    Font font = theme->font[FONT_SMALL];
    float em = fminf(font.size, grid->side / 3.6f);
    font.size = grid->words ? font.size : fmaxf(em, 7);
    const char *mark = right ? TICK : TIMES;
    const char *answer =
        arena_printf(ui_arena(ui), "%s%s", mark, browse_class(browse, row->predicted));
    double confidence = floor((double)row->confidence * 100 + 0.5);
    const char *sure = arena_printf(ui_arena(ui), "%.0f", fmin(confidence, 99));
    if (answer == NULL || sure == NULL) {
        return;
    }
    UiRect upper = rect, lower = rect;
    if (grid->words) {
        upper.h = lower.h = rect.h / 2;
        lower.y += upper.h;
    }
    ui_text_font(ui, upper, font, ui_color(ui, THEME_INK), ALIGN_LEFT,
                 browse_class(browse, row->label));
    // A long word takes the line alone: how sure it is can be had from the tooltip.
    bool alone =
        grid->words && ui_text_measure(ui, font, answer).width + font.size * 1.4f > lower.w;
    if (!alone) {
        UiRect figure = grid->words ? ui_cut_right(&lower, font.size * 1.4f) : lower;
        ui_text_font(ui, figure, font, ui_color(ui, THEME_SOFT), ALIGN_RIGHT, sure);
    }
    ui_text_font(ui, lower, font, ink, grid->words ? ALIGN_LEFT : ALIGN_CENTRE, answer);
}

static const char *tip_of(Ui *ui, const Grid *grid, uint32_t i, const NnStudyRow *row) {
    const Browse *browse = grid->data->browse;
    const char *note = browse->triage != NULL ? nn_triage_note(browse->triage, i) : "";
    NnTag tag = browse->triage != NULL ? nn_triage_tag(browse->triage, i) : NN_TAG_NONE;
    return arena_printf(
        ui_arena(ui), "Picture %u: labelled %s, answered %s, %s sure%s.%s%s%s%s", i,
        browse_class(browse, row->label), browse_class(browse, row->predicted),
        share_text(ui, (double)row->confidence, 1), row->disputed ? "; the label is disputed" : "",
        tag != NN_TAG_NONE ? "\nTagged: " : "", tag != NN_TAG_NONE ? nn_tag_name(tag) : "",
        note[0] != '\0' ? "\n" : "", note);
}

// A corner that says there is a tag, whatever it is.
static void tag_mark(Ui *ui, UiRect square) {
    float side = fmaxf(square.w * 0.22f, 6), x = square.x + square.w;
    const float xy[] = {x - side, square.y, x, square.y, x, square.y + side};
    draw_polygon(ui_list(ui), xy, 3, ui_color(ui, THEME_ACCENT));
}

static void one(Ui *ui, UiRect square, const Grid *grid, size_t place, int which, ViewErrors *own) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = grid->data->browse;
    uint32_t i = grid->list != NULL ? grid->list->rows[place] : (uint32_t)place;
    picture_digit(ui, square, browse_data(browse)->images + (size_t)i * NN_PIXELS, false);
    if (grid->list == NULL) {
        return;
    }
    const NnStudyRow *row = nn_study_row(browse->answers->study, i);
    UiRect below = {square.x, square.y + grid->side + 1, grid->side, grid->caption_h};
    caption(ui, below, grid, row);
    if (browse->triage != NULL && nn_triage_tag(browse->triage, i) != NN_TAG_NONE) {
        tag_mark(ui, square);
    }
    ui_push_id_int(ui, (int)place);
    UiRect whole = {square.x, square.y, grid->side, grid->side + grid->caption_h};
    UiResponse response = ui_region(ui, "picture", whole, false, NULL, NULL);
    if (response.hovered) {
        const char *tip = tip_of(ui, grid, i, row);
        ui_tooltip(ui, tip != NULL ? tip : "");
    }
    ui_pop_id(ui);
    bool chosen = own->sample == i && own->side == which;
    if (response.clicked) {
        own->sample = i;
        own->side = which;
        own->rival = -1;
    }
    float width = 2 * theme->hairline;
    if (chosen || response.hovered) {
        draw_frame(ui_list(ui), ui_inset(square, -1.5f * width), theme->radius / 2 + 1.5f * width,
                   width, ui_color(ui, chosen ? THEME_INK : THEME_FAINT));
    }
}

static void scroll_to(const Grid *grid, float height, float *scroll) {
    if (grid->list == NULL || grid->list->at < 0) {
        return;
    }
    float top = (float)(grid->list->at / grid->columns) * grid->step_y;
    float bottom = top + grid->step_y;
    *scroll = fminf(*scroll, fmaxf(top - 4, 0));
    *scroll = fmaxf(*scroll, bottom - height);
}

static void pictures(Ui *ui, UiRect area, Grid *grid, int which, ViewErrors *own) {
    const float air = 4; // for rings
    float width = area.w - ui_theme(ui)->grid * 2;
    float size =
        own->thumb * ui_theme(ui)->font[FONT_BODY].size / 13; // larger type, larger pictures
    arrange(ui, width - 2 * air, fminf(size, width - 2 * air), grid);
    size_t rows = (grid->n + (size_t)grid->columns - 1) / (size_t)grid->columns;
    float content = (float)rows * grid->step_y + 2 * air;
    if (own->reveal && own->side == which) {
        scroll_to(grid, area.h, &own->scroll[which]);
    }
    if (own->side == which) {
        own->columns = grid->columns;
    }
    ui_push_id_int(ui, which);
    UiRect view = {area.x - air, area.y, area.w + air, area.h};
    UiRect list = ui_begin_scroll(ui, "grid", view, content, &own->scroll[which]);
    float offset = area.y - list.y;
    size_t first = offset > 0 ? (size_t)(offset / grid->step_y) : 0;
    size_t last = (size_t)((offset + area.h) / grid->step_y) + 1;
    for (size_t row = first; row < rows && row < last; row++) {
        for (int column = 0; column < grid->columns; column++) {
            size_t place = row * (size_t)grid->columns + (size_t)column;
            if (place >= grid->n) {
                break;
            }
            float scale = ui_scale(ui);
            float x = list.x + air + (float)column * grid->step_x;
            UiRect square = {roundf(x * scale) / scale, list.y + air + (float)row * grid->step_y,
                             grid->side, grid->side};
            one(ui, square, grid, place, which, own);
        }
    }
    ui_end_scroll(ui);
    ui_pop_id(ui);
}

static void nothing_passes(Ui *ui, UiRect area, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    bool narrows = errors_query_narrows(&own->query);
    ErrorsQuery query = own->query;
    ui_text(ui, ui_cut_top(&area, theme->line_height * 1.6f), FONT_TITLE, THEME_INK, ALIGN_LEFT,
            narrows ? "No picture passes these filters" : "Nothing is wrong");
    float used = ui_paragraph(
        ui, area, FONT_BODY, THEME_SOFT,
        narrows ? "All conditions have to hold together. Take one back, or all of them."
                : "The network answered every one of these pictures as it is labelled.",
        false);
    (void)ui_cut_top(&area, used + 1.5f * theme->grid);
    UiRect row = ui_cut_top(&area, theme->control);
    if (narrows && ui_button(ui, "Take the filters off",
                             ui_cut_left(&row, ui_button_width(ui, "Take the filters off")))) {
        errors_query_init(&query);
        query.show = own->query.show;
        query.sort = own->query.sort;
    }
    (void)ui_cut_left(&row, narrows ? theme->grid : 0);
    if (own->query.show == SHOW_WRONG &&
        ui_button(ui, "Show all", ui_cut_left(&row, ui_button_width(ui, "Show all")))) {
        query.show = SHOW_ALL;
    }
    errors_ask(own, &query, out);
}

static void heading(Ui *ui, UiRect row, const Browse *browse, ErrorsCell cell, size_t n,
                    bool walked) {
    ui_textf(ui, row, walked ? FONT_STRONG : FONT_BODY, walked ? THEME_INK : THEME_SOFT, ALIGN_LEFT,
             "%s answered %s \xc2\xb7 %s", browse_class(browse, cell.label),
             browse_class(browse, cell.predicted), grouped_text(ui, n));
}

void errors_grid(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    const NnDataset *set = browse_data(browse);
    own->grid = area;
    Grid grid = {.data = data, .words = errors_long_names(browse)};
    if (set == NULL) {
        return;
    }
    if (browse->answers == NULL) {
        grid.n = set->n;
        pictures(ui, area, &grid, 0, own);
        return;
    }
    if (browse->n_lists < 2 && browse->list[0].n == 0) {
        nothing_passes(ui, area, own, out);
        return;
    }
    float w = (area.w - (float)(browse->n_lists - 1) * 2 * theme->grid) / (float)browse->n_lists;
    for (int i = 0; i < browse->n_lists; i++) {
        UiRect part = {area.x + (float)i * (w + 2 * theme->grid), area.y, w, area.h};
        if (browse->n_lists > 1) {
            heading(ui, ui_cut_top(&part, theme->line_height * 1.3f), browse,
                    i == 0 ? browse->applied.cell : browse->applied.second, browse->list[i].n,
                    own->side == i);
        }
        grid.list = &browse->list[i];
        grid.n = browse->list[i].n;
        pictures(ui, part, &grid, i, own);
    }
    own->reveal = false;
}
