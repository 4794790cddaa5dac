#include "app/view_data.h"

#include <math.h>
#include <string.h>

#include "app/view_errors.h"
#include "nn/style.h"

// --- head of the left column ---------------------------------------------------------------------

static void source_choice(Ui *ui, UiRect rect, const Gallery *gallery, Actions *out) {
    const char *items[DATA_SOURCE_COUNT];
    for (int i = 0; i < DATA_SOURCE_COUNT; i++) {
        items[i] = gallery_source_name((DataSource)i);
    }
    int selected = (int)gallery->source;
    if (ui_choice(ui, "Data set", rect, items, DATA_SOURCE_COUNT, &selected)) {
        actions_add(out, (Action){.kind = ACTION_DATA_SOURCE, .index = selected});
    }
    ui_tooltip(ui, "The pictures to look through: data sets, your own digits, or the handwriting "
                   "this program makes itself.");
}

static void headline(Ui *ui, UiRect *column, const Gallery *gallery, Actions *out) {
    const Theme *theme = ui_theme(ui);
    source_choice(ui, ui_cut_top(column, theme->control), gallery, out);
    (void)ui_cut_top(column, theme->grid);
    UiRect line = ui_cut_top(column, theme->line_height * 1.4f);
    if (gallery->source == DATA_HANDWRITING) {
        ui_textf(ui, line, FONT_TITLE, THEME_INK, ALIGN_LEFT, "%zu forms of ten digits",
                 nn_style_count());
    } else if (gallery->set != NULL) {
        ui_textf(ui, line, FONT_TITLE, THEME_INK, ALIGN_LEFT, "%s pictures",
                 grouped_text(ui, gallery->set->facts->n));
    }
}

// --- the groups: classes, digits -----------------------------------------------------------------

typedef struct {
    const char *name, *figure;
    float share; // of the bar; negative: not known
} Group;

static Group group_of(Ui *ui, const Gallery *gallery, int group) {
    Group g = {.share = -1};
    if (gallery->source == DATA_HANDWRITING) {
        g.share = gallery->sheet->answered ? gallery_group_share(gallery, group) : -1;
        g.name = group < NN_CLASSES ? gallery_class(gallery, group) : "no digit";
        g.figure = g.share >= 0 ? share_text(ui, (double)g.share, 1) : "";
        return g;
    }
    const NnFacts *facts = gallery->set->facts;
    size_t most = 1;
    for (int c = 0; c < NN_CLASSES; c++) {
        most = facts->count[c] > most ? facts->count[c] : most;
    }
    g.name = gallery_class(gallery, group);
    g.share = (float)facts->count[group] / (float)most;
    g.figure = grouped_text(ui, facts->count[group]);
    return g;
}

static float name_width(Ui *ui, const Gallery *gallery, int n) {
    float w = 0;
    for (int i = 0; i < n; i++) {
        const char *name = i < NN_CLASSES ? gallery_class(gallery, i) : "no digit";
        w = fmaxf(w, ui_text_width(ui, FONT_BODY, name));
    }
    return ceilf(w) + ui_theme(ui)->grid;
}

void data_groups(Ui *ui, UiRect area, const AppData *data, ViewData *own) {
    const Theme *theme = ui_theme(ui);
    const Gallery *gallery = data->gallery;
    int n = gallery->source == DATA_HANDWRITING ? GALLERY_GROUPS : NN_CLASSES;
    float row = floorf(fminf(area.h / (float)n, 1.6f * theme->line_height));
    float name_w = name_width(ui, gallery, n);
    float figure_w = ui_text_width(ui, FONT_BODY, "100.0" NBSP "%") + theme->grid;
    for (int i = 0; i < n; i++) {
        Group g = group_of(ui, gallery, i);
        UiRect line = ui_cut_top(&area, row);
        ui_push_id_int(ui, i);
        UiResponse response = ui_region(ui, "group", line, true, NULL, NULL);
        ui_tooltip(ui, gallery->source != DATA_HANDWRITING
                           ? "How many pictures there are. Click: all of this class"
                       : i < NN_CLASSES ? "How many drawings of this digit are read, all forms "
                                          "alike. Click: its forms"
                                        : "How many scribbles it is \"not sure\" of, all kinds "
                                          "alike. Click: the kinds");
        bool chosen = own->group == i;
        if (response.clicked) {
            view_data_show(own, i);
        }
        if (chosen || response.hovered || response.focused) {
            draw_rect(ui_list(ui), line, theme->radius / 2,
                      ui_color(ui, chosen ? THEME_ACCENT_SOFT : THEME_TRACK));
        }
        line = (UiRect){line.x + theme->grid / 2, line.y, line.w - theme->grid, line.h};
        ui_text(ui, ui_cut_left(&line, name_w), FONT_BODY, THEME_INK, ALIGN_LEFT, g.name);
        ui_text(ui, ui_cut_right(&line, figure_w), FONT_BODY, THEME_SOFT, ALIGN_RIGHT, g.figure);
        float h = roundf(fminf(row * 0.4f, theme->grid));
        UiRect bar = {line.x, roundf(line.y + (line.h - h) / 2), line.w, h};
        if (!chosen && !response.hovered && !response.focused) {
            draw_rect(ui_list(ui), bar, h / 2, ui_color(ui, THEME_TRACK));
        }
        float shown = ui_ease(ui, ui_id(ui, "bar"), fmaxf(g.share, 0));
        bar.w = fmaxf(bar.w * shown, g.share > 0 ? h : 0);
        if (bar.w > 0) {
            draw_rect(ui_list(ui), bar, h / 2, ui_color(ui, THEME_ACCENT));
        }
        ui_pop_id(ui);
    }
}

// --- when there is nothing to show ---------------------------------------------------------------

// True when it has said why there are no pictures.
static bool says_why_not(Ui *ui, UiRect area, const Gallery *gallery, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const NnError *trouble = &gallery->trouble;
    if (trouble->status == NN_OK) {
        return false;
    }
    bool absent = trouble->status == NN_ERR_NOT_FOUND;
    const char *title = !absent                           ? "These pictures cannot be read"
                        : gallery->source == DATA_MINE    ? "No digits of your own yet"
                        : gallery->source == DATA_FASHION ? "Fashion-MNIST is not on this machine"
                                                          : "MNIST is not on this machine";
    const char *hint = trouble->hint[0] != '\0' ? trouble->hint
                       : trouble->status == NN_ERR_NOMEM
                           ? "Close other programs, then try again."
                           : "Check the file or fetch it again, then try again.";
    area.w = fminf(area.w, theme->line_height * 24);
    ui_text(ui, ui_cut_top(&area, theme->line_height * 1.6f), FONT_TITLE, THEME_INK, ALIGN_LEFT,
            title);
    float used = ui_paragraph(ui, area, FONT_BODY, THEME_SOFT, trouble->message, false);
    (void)ui_cut_top(&area, used + theme->grid);
    used = ui_paragraph(ui, area, FONT_BODY, THEME_INK, hint, false);
    (void)ui_cut_top(&area, used + 1.5f * theme->grid);
    UiRect row = ui_cut_top(&area, theme->control);
    if (ui_button(ui, "Try again", ui_cut_left(&row, ui_button_width(ui, "Try again")))) {
        actions_add(out, (Action){.kind = ACTION_DATA_SOURCE, .index = (int)gallery->source});
    }
    (void)ui_cut_left(&row, theme->grid);
    const char *made = "Show made handwriting";
    if (ui_button(ui, made, ui_cut_left(&row, ui_button_width(ui, made)))) {
        actions_add(out, (Action){.kind = ACTION_DATA_SOURCE, .index = DATA_HANDWRITING});
    }
    return true;
}

// --- columns -------------------------------------------------------------------------------------

static void buttons(Ui *ui, UiRect area, bool lines, Actions *out) {
    const Theme *theme = ui_theme(ui);
    static const struct {
        const char *label, *tip;
        ActionKind kind;
        int index;
    } items[] = {
        {"Table", "Save counts or shares as a table (CSV). Ctrl S", ACTION_DATA_SAVE,
         DATA_SAVE_TABLE},
        {"Sheet", "Save the lines of pictures as one picture (PNG)", ACTION_DATA_SAVE,
         DATA_SAVE_SHEET},
        {"New ones", "Other drawings, or other pictures of each class. N", ACTION_DATA_NEW, 0},
    };
    UiRect row = ui_cut_bottom(&area, theme->control);
    const size_t n = sizeof items / sizeof items[0];
    float needed = ui_text_width(ui, FONT_BODY, "Save") + theme->grid;
    for (size_t i = 0; i < n; i++) {
        needed += ui_button_width(ui, items[i].label) + theme->grid / 2;
    }
    if (needed <= row.w) { // where it is narrow the tooltips say it
        UiRect lead = ui_cut_left(&row, ui_text_width(ui, FONT_BODY, "Save") + theme->grid);
        ui_text(ui, lead, FONT_BODY, THEME_SOFT, ALIGN_LEFT, "Save");
    }
    for (size_t i = 0; i < n; i++) {
        float w = ui_button_width(ui, items[i].label);
        bool new_ones = items[i].kind == ACTION_DATA_NEW;
        if (new_ones && (!lines || w > row.w)) {
            continue;
        }
        UiRect place = new_ones ? ui_cut_right(&row, w) : ui_cut_left(&row, w);
        if (ui_button(ui, items[i].label, place)) {
            actions_add(out, (Action){.kind = items[i].kind, .index = items[i].index});
        }
        ui_tooltip(ui, items[i].tip);
        (void)ui_cut_left(&row, theme->grid / 2);
    }
}

static void left_column(Ui *ui, UiRect column, const AppData *data, ViewData *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Gallery *gallery = data->gallery;
    bool handwriting = gallery->source == DATA_HANDWRITING;
    headline(ui, &column, gallery, out);
    if (handwriting ? gallery->sheet == NULL : gallery->set == NULL) {
        if (gallery->trouble.status == NN_OK) {
            ui_text(ui, ui_cut_top(&column, theme->line_height), FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                    handwriting ? "Drawing \xe2\x80\xa6" : "Reading the pictures \xe2\x80\xa6");
        }
        return;
    }
    const char *what = handwriting ? gallery->sheet->answered ? "Read by the network in use"
                                                              : "There is no network to read them"
                                   : "Pictures of each class";
    ui_text(ui, ui_cut_top(&column, theme->line_height * 1.3f), FONT_BODY, THEME_SOFT, ALIGN_LEFT,
            what);
    bool lines = handwriting || own->group < 0;
    buttons(ui, ui_cut_bottom(&column, theme->control), lines, out);
    (void)ui_cut_bottom(&column, theme->grid);
    data_groups(ui, column, data, own);
}

static void columns(Ui *ui, UiRect area, const AppData *data, ViewData *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Gallery *gallery = data->gallery;
    bool tight = area.h < 640 || area.w < 1100;
    float margin = tight ? 0.67f * theme->margin : theme->margin;
    float gap = tight ? 0.83f * theme->margin : theme->margin * 1.6f;
    UiRect page = {area.x + theme->margin, area.y + margin, area.w - 2 * theme->margin,
                   area.h - 2 * margin};
    UiRect left = ui_cut_left(&page, floorf(fminf(page.w * 0.22f, 20 * theme->line_height)));
    (void)ui_cut_left(&page, gap);
    left_column(ui, left, data, own, out);
    if (says_why_not(ui, page, gallery, out)) {
        return;
    }
    bool handwriting = gallery->source == DATA_HANDWRITING;
    if (handwriting ? gallery->sheet == NULL : gallery->set == NULL) {
        return;
    }
    UiRect right = ui_cut_right(&page, floorf(fminf(page.w * 0.25f, page.h * 0.48f)));
    (void)ui_cut_right(&page, gap);
    if (own->spot.row < 0 && data_line_count(gallery, own) > 0) {
        own->spot = data_spot_at(gallery, own, data_line(gallery, own, 0), 0);
    }
    data_about(ui, right, data, own, out);
    data_pictures(ui, page, data, own);
}

void view_data(Ui *ui, UiRect area, const AppData *data, ViewData *own, Actions *out) {
    columns(ui, area, data, own, out);
    // After a click the keys belong to the pictures again, not to the control that was clicked.
    for (size_t i = 0; i < ui_input(ui)->n && !ui_popup_open(ui, 0); i++) {
        if (ui_input(ui)->events[i].kind == EVENT_UP) {
            ui_focus(ui, 0);
        }
    }
}
