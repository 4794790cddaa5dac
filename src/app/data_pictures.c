// The pictures of the Data view: lines of classes or forms, or one class of a set as a page. Only
// what is visible is emitted.
#include <math.h>
#include <string.h>

#include "app/view_data.h"
#include "app/view_errors.h"

typedef struct {
    const Gallery *gallery;
    float head_w; // in front of the pictures: what the line is
    float side, step, line_h;
    float mean_w; // of the mean picture with the space behind it; 0: there is none
    int columns;
    bool handwriting;
} Lines;

static void ring(Ui *ui, UiRect square, Color color) {
    float width = 2 * ui_theme(ui)->hairline;
    draw_frame(ui_list(ui), ui_inset(square, -1.5f * width),
               ui_theme(ui)->radius / 2 + 1.5f * width, width, color);
}

// "read as 4, 93 %" or "not sure"
static const char *reading(Ui *ui, const NnAnswer *answer) {
    const char *text = !answer->sure
                           ? arena_printf(ui_arena(ui), "not sure; %d at %s", answer->digit,
                                          percent_text(ui, answer->confidence))
                           : arena_printf(ui_arena(ui), "read as %d, %s", answer->digit,
                                          percent_text(ui, answer->confidence));
    return text != NULL ? text : "";
}

static const char *tip_of(Ui *ui, const Lines *lines, DataSpot spot) {
    const Gallery *gallery = lines->gallery;
    const NnAnswer *answer = data_spot_answer(gallery, spot);
    const char *text;
    if (!lines->handwriting) {
        text = arena_printf(ui_arena(ui), "Picture %lld: labelled %s", (long long)spot.row,
                            gallery_class(gallery, gallery->set->data->labels[spot.row]));
    } else {
        text = arena_printf(ui_arena(ui), "%s%s%s", nn_hand_name((size_t)spot.row),
                            answer != NULL ? ": " : "", answer != NULL ? reading(ui, answer) : "");
    }
    return text != NULL ? text : "";
}

// What a picture is wrongly taken for, under it: a cross and the digit.
static void fault(Ui *ui, UiRect square, const Lines *lines, DataSpot spot) {
    const NnAnswer *answer = data_spot_answer(lines->gallery, spot);
    if (answer == NULL || nn_hand_right((size_t)spot.row, answer)) {
        return;
    }
    Font font = ui_theme(ui)->font[FONT_SMALL];
    font.size = fminf(font.size, square.w * 0.4f);
    UiRect below = {square.x, square.y + square.h + 1, square.w, font.size * 1.25f};
    const char *text = arena_printf(ui_arena(ui), TIMES "%d", answer->digit);
    ui_text_font(ui, below, font, ui_color(ui, THEME_WRONG), ALIGN_CENTRE,
                 text != NULL ? text : "");
}

static void one(Ui *ui, UiRect square, const Lines *lines, DataSpot spot, int id, ViewData *own) {
    const uint8_t *pixels = data_spot_pixels(lines->gallery, spot);
    if (pixels == NULL) {
        return;
    }
    picture_digit(ui, square, pixels, false);
    fault(ui, square, lines, spot);
    ui_push_id_int(ui, id);
    UiResponse response = ui_region(ui, "picture", square, false, NULL, NULL);
    if (response.hovered) {
        ui_tooltip(ui, tip_of(ui, lines, spot));
    }
    ui_pop_id(ui);
    if (response.clicked) {
        own->spot = spot;
    }
    bool chosen = own->spot.row == spot.row && own->spot.place == spot.place;
    if (chosen || response.hovered) {
        ring(ui, square, ui_color(ui, chosen ? THEME_INK : THEME_FAINT));
    }
}

// Pixels on whole device pixels where that costs little.
static float crisp(Ui *ui, float side) {
    float scale = ui_scale(ui);
    float snapped = roundf(side * scale / NN_SIDE) * NN_SIDE / scale;
    bool near = snapped > 0 && snapped <= side + 0.5f && side - snapped <= 5;
    return near ? snapped : floorf(side * scale) / scale;
}

// --- one line ------------------------------------------------------------------------------------

static void share_bar(Ui *ui, UiRect rect, float share) {
    const Theme *theme = ui_theme(ui);
    float figure_w = ui_text_width(ui, FONT_SMALL, "100" NBSP "%") + theme->grid / 2;
    UiRect figure = ui_cut_right(&rect, figure_w);
    float h = roundf(theme->grid * 0.75f);
    UiRect track = {rect.x, roundf(rect.y + (rect.h - h) / 2), rect.w, h};
    draw_rect(ui_list(ui), track, h / 2, ui_color(ui, THEME_TRACK));
    if (share < 0) {
        ui_text(ui, figure, FONT_SMALL, THEME_FAINT, ALIGN_RIGHT, "\xe2\x80\xa6");
        return;
    }
    track.w = fmaxf(track.w * share, share > 0 ? h : 0);
    draw_rect(ui_list(ui), track, h / 2, ui_color(ui, THEME_ACCENT));
    const char *text = arena_printf(ui_arena(ui), "%.0f" NBSP "%%", (double)share * 100);
    ui_text(ui, figure, FONT_SMALL, THEME_INK, ALIGN_RIGHT, text != NULL ? text : "");
}

// The digit once a group, the name of the form, and how much of it is read.
static void form_head(Ui *ui, UiRect head, const Lines *lines, size_t row, bool first) {
    const Theme *theme = ui_theme(ui);
    float digit_w = roundf(theme->font[FONT_TITLE].size * 1.1f);
    UiRect digit = ui_cut_left(&head, digit_w);
    int group = gallery_group(row);
    float line = fminf(theme->line_height, head.h / 2);
    digit.h = line;
    if (first && group < NN_CLASSES) {
        ui_textf(ui, digit, FONT_TITLE, THEME_INK, ALIGN_LEFT, "%d", group);
    } else if (first) {
        ui_icon(ui, ui_inset((UiRect){digit.x, digit.y, line, line}, line * 0.25f), ICON_CROSS,
                ui_color(ui, THEME_SOFT));
    }
    head.w -= theme->grid;
    ui_text(ui, ui_cut_top(&head, line), FONT_BODY, THEME_INK, ALIGN_LEFT, nn_hand_name(row));
    UiRect bar = ui_cut_top(&head, line);
    ui_push_id_int(ui, (int)row);
    (void)ui_region(ui, "share", bar, false, NULL, NULL);
    ui_pop_id(ui);
    ui_tooltip(ui, group < NN_CLASSES
                       ? "Of 100 other drawings of this form, the share that the network in use "
                         "reads as this digit."
                       : "Of 100 other drawings of this kind, the share that the network in use "
                         "is \"not sure\" of, as it should be.");
    if (lines->gallery->sheet->answered) {
        share_bar(ui, bar, gallery_row_share(lines->gallery, row));
    }
}

static void class_head(Ui *ui, UiRect head, const Lines *lines, size_t label) {
    const Theme *theme = ui_theme(ui);
    bool words = strlen(gallery_class(lines->gallery, 0)) > 1;
    UiRect mean = {head.x + head.w - lines->mean_w, head.y, lines->side, lines->side};
    UiRect name = {head.x, head.y, head.w - lines->mean_w, lines->side};
    ui_text(ui, name, words ? FONT_BODY : FONT_TITLE, THEME_INK, ALIGN_LEFT,
            gallery_class(lines->gallery, (int)label));
    draw_image(ui_list(ui), mean, lines->gallery->set->facts->mean[label], NN_SIDE, NN_SIDE,
               theme->picture_palette, true, theme->radius / 2);
    ui_push_id_int(ui, (int)label);
    (void)ui_region(ui, "mean", mean, false, NULL, NULL);
    ui_pop_id(ui);
    ui_tooltip(ui, "The mean of all pictures of this class.");
}

static void line_at(Ui *ui, UiRect rect, const Lines *lines, size_t i, ViewData *own) {
    const Gallery *gallery = lines->gallery;
    size_t of = data_line(gallery, own, i);
    UiRect head = ui_cut_left(&rect, lines->head_w);
    ui_push_id_int(ui, (int)of);
    if (lines->handwriting) {
        bool first = i == 0 || gallery_group(of) != gallery_group(data_line(gallery, own, i - 1));
        form_head(ui, head, lines, of, first);
    } else {
        class_head(ui, head, lines, of);
    }
    float scale = ui_scale(ui);
    for (int k = 0; k < lines->columns; k++) {
        float x = roundf((rect.x + (float)k * lines->step) * scale) / scale;
        one(ui, (UiRect){x, rect.y, lines->side, lines->side}, lines,
            data_spot_at(gallery, own, of, (size_t)k), k, own);
    }
    ui_pop_id(ui);
}

// --- the page ------------------------------------------------------------------------------------

// The ten classes share out the height; forms are as large as can be told apart, and scroll.
static void arrange(Ui *ui, UiRect area, const ViewData *own, Lines *lines) {
    const Theme *theme = ui_theme(ui);
    float caption = lines->handwriting ? theme->font[FONT_SMALL].size * 1.3f : 0;
    float gap = theme->grid * 0.75f;
    if (lines->handwriting) {
        lines->side = crisp(ui, fmaxf(2 * theme->line_height, 44));
        lines->line_h = lines->side + caption + gap;
        float name_w = ui_text_width(ui, FONT_BODY, "foot curled and drawn through");
        name_w += 2 * theme->grid + theme->font[FONT_TITLE].size * 1.1f;
        lines->head_w = floorf(fminf(name_w, area.w * 0.36f));
    } else {
        float room = floorf(area.h / (float)data_line_count(lines->gallery, own)) - gap;
        lines->side = crisp(ui, fmaxf(fminf(room, area.w * 0.16f), 24));
        lines->line_h = lines->side + gap;
        bool words = strlen(gallery_class(lines->gallery, 0)) > 1;
        lines->mean_w = lines->side + 2.5f * theme->grid;
        lines->head_w =
            lines->mean_w + (words ? ui_text_width(ui, FONT_BODY, "Ankle boot") + theme->grid
                                   : theme->font[FONT_TITLE].size * 1.4f);
    }
    lines->step = lines->side + gap;
    lines->columns = (int)((area.w - lines->head_w + gap) / lines->step);
    lines->columns = lines->columns < 1 ? 1 : lines->columns;
    if (lines->handwriting && lines->columns > SHEET_COLUMNS) {
        lines->columns = SHEET_COLUMNS;
    }
    float spare = area.w - lines->head_w - (float)lines->columns * lines->step + gap;
    lines->step +=
        lines->columns > 1 ? fminf(spare / (float)(lines->columns - 1), 1.5f * theme->grid) : 0;
}

static int64_t line_of_spot(const Lines *lines, const ViewData *own, size_t n) {
    for (size_t i = 0; i < n && own->spot.row >= 0; i++) {
        size_t of = data_line(lines->gallery, own, i);
        bool here = lines->handwriting ? (int64_t)of == own->spot.row
                                       : of == lines->gallery->set->data->labels[own->spot.row];
        if (here) {
            return (int64_t)i;
        }
    }
    return -1;
}

static void reveal(ViewData *own, int64_t line, float line_h, float height) {
    if (own->reveal && line >= 0) {
        float top = (float)line * line_h;
        own->scroll = fminf(own->scroll, top);
        own->scroll = fmaxf(own->scroll, top + line_h + 8 - height);
    }
    own->reveal = false;
}

static void show_lines(Ui *ui, UiRect area, Lines *lines, ViewData *own) {
    const float air = 4;                                            // for rings
    float bar = lines->handwriting ? 1.5f * ui_theme(ui)->grid : 0; // what scrolls has one
    arrange(ui, (UiRect){area.x, area.y, area.w - 2 * air - bar, area.h}, own, lines);
    own->columns = lines->columns;
    size_t n = data_line_count(lines->gallery, own);
    reveal(own, line_of_spot(lines, own, n), lines->line_h, area.h);
    float content = (float)n * lines->line_h + (lines->handwriting ? 2 * air : 0);
    UiRect view = {area.x - air, area.y, area.w + air, area.h};
    UiRect list = ui_begin_scroll(ui, "lines", view, content, &own->scroll);
    float offset = area.y - list.y;
    size_t i = offset > 0 ? (size_t)(offset / lines->line_h) : 0;
    for (; i < n && (float)i * lines->line_h < offset + area.h; i++) {
        UiRect rect = {list.x + air, list.y + air + (float)i * lines->line_h, area.w - air,
                       lines->line_h};
        line_at(ui, rect, lines, i, own);
    }
    ui_end_scroll(ui);
}

// All pictures of one class, in the set's order.
static void show_page(Ui *ui, UiRect area, Lines *lines, ViewData *own) {
    const Theme *theme = ui_theme(ui);
    const Gallery *gallery = lines->gallery;
    const float air = 4;
    size_t n = gallery->set->facts->count[own->group];
    float gap = theme->grid * 0.75f, w = area.w - 2 * air - 1.5f * theme->grid;
    lines->side = crisp(ui, fmaxf(2.2f * theme->line_height, 42));
    lines->step = lines->side + gap;
    lines->columns = (int)((w + gap) / lines->step);
    lines->columns = lines->columns < 1 ? 1 : lines->columns;
    own->columns = lines->columns;
    size_t columns = (size_t)lines->columns, rows = (n + columns - 1) / columns;
    int64_t line = -1;
    for (size_t i = 0; own->reveal && i < n && line < 0; i++) {
        bool here = data_spot_at(gallery, own, (size_t)own->group, i).row == own->spot.row;
        line = here ? (int64_t)(i / columns) : -1;
    }
    reveal(own, line, lines->step, area.h);
    UiRect view = {area.x - air, area.y, area.w + air, area.h};
    UiRect list =
        ui_begin_scroll(ui, "page", view, (float)rows * lines->step + 2 * air, &own->scroll);
    float offset = area.y - list.y, scale = ui_scale(ui);
    size_t row = offset > 0 ? (size_t)(offset / lines->step) : 0;
    for (; row < rows && (float)row * lines->step < offset + area.h; row++) {
        for (size_t k = 0; k < columns && row * columns + k < n; k++) {
            float x = roundf((list.x + air + (float)k * lines->step) * scale) / scale;
            UiRect square = {x, list.y + air + (float)row * lines->step, lines->side, lines->side};
            size_t place = row * columns + k;
            one(ui, square, lines, data_spot_at(gallery, own, (size_t)own->group, place),
                (int)place, own);
        }
    }
    ui_end_scroll(ui);
}

void data_pictures(Ui *ui, UiRect area, const AppData *data, ViewData *own) {
    const Gallery *gallery = data->gallery;
    Lines lines = {.gallery = gallery, .handwriting = gallery->source == DATA_HANDWRITING};
    own->pictures = area;
    if (!lines.handwriting && own->group >= 0) {
        show_page(ui, area, &lines, own);
    } else {
        show_lines(ui, area, &lines, own);
    }
}
