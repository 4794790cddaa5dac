// One picture, large: what it is labelled, what was answered and how sure, which pixels made the
// difference, which training digits the network finds most like it, and what a person says about
// it.
#include <math.h>

#include "app/view_errors.h"

typedef struct {
    uint32_t i;
    const NnStudyRow *row;
    const float *probabilities;
} Sample;

static void head(Ui *ui, UiRect row, const Browse *browse, const ViewErrors *own,
                 const Sample *sample) {
    const Theme *theme = ui_theme(ui);
    const BrowseList *list = &browse->list[own->side < browse->n_lists ? own->side : 0];
    const char *title = arena_printf(ui_arena(ui), "Picture %u", sample->i);
    title = title != NULL ? title : "";
    float title_w = ui_text_width(ui, FONT_STRONG, title) + theme->grid;
    ui_text(ui, ui_cut_left(&row, title_w), FONT_STRONG, THEME_INK, ALIGN_LEFT, title);
    ui_textf(ui, row, FONT_BODY, THEME_SOFT, ALIGN_LEFT, "%s of %s",
             grouped_text(ui, (size_t)(list->at + 1)), grouped_text(ui, list->n));
}

// A class in large type; words are set smaller.
static void verdict(Ui *ui, UiRect *column, float height, const char *label, const char *name,
                    ThemeColor color, int mark) {
    const Theme *theme = ui_theme(ui);
    Font font = theme->font[FONT_FIGURE];
    font.weight = WEIGHT_SEMIBOLD;
    font.size = fminf(font.size * 1.2f, (height - theme->line_height) / 1.2f);
    float mark_w = mark >= 0 ? font.size * 0.55f : 0;
    while (font.size > theme->font[FONT_BODY].size &&
           ui_text_measure(ui, font, name).width + mark_w > column->w) {
        font.size -= 1;
    }
    ui_text(ui, ui_cut_top(column, theme->line_height), FONT_BODY, THEME_SOFT, ALIGN_LEFT, label);
    UiRect line = ui_cut_top(column, font.size * 1.2f);
    float width = fminf(ui_text_measure(ui, font, name).width, line.w - mark_w);
    ui_text_font(ui, (UiRect){line.x, line.y, width + 1, line.h}, font, ui_color(ui, color),
                 ALIGN_LEFT, name);
    if (mark >= 0) {
        float side = roundf(fminf(font.size * 0.42f, theme->line_height));
        UiRect icon = {line.x + width + theme->grid, roundf(line.y + (line.h - side) / 2), side,
                       side};
        ui_icon(ui, icon, (UiIcon)mark, ui_color(ui, color));
    }
}

static void picture_and_verdict(Ui *ui, UiRect area, const Browse *browse, const Sample *sample) {
    const Theme *theme = ui_theme(ui);
    UiRect square =
        picture_square(ui, (UiRect){area.x, area.y, fminf(area.w * 0.62f, area.h), area.h});
    picture_digit(ui, square, browse->digit.pixels, false);
    (void)ui_region(ui, "large picture", square, false, NULL, NULL);
    ui_tooltip(ui, "The 784 grey values as the network is given them.");
    UiRect side = {square.x + square.w + 2 * theme->grid, area.y, 0, square.h};
    side.w = area.x + area.w - side.x;
    bool right = sample->row->label == sample->row->predicted;
    float height = (side.h - (sample->row->disputed ? theme->line_height : 0)) / 2;
    verdict(ui, &side, height, "labelled", browse_class(browse, sample->row->label), THEME_INK, -1);
    verdict(ui, &side, height, "answered", browse_class(browse, sample->row->predicted),
            right ? THEME_RIGHT : THEME_WRONG, right ? ICON_CHECK : ICON_CROSS);
    if (sample->row->disputed) {
        UiRect line = ui_cut_top(&side, theme->line_height);
        const char *full = "label disputed", *brief = "disputed";
        ui_text(ui, line, FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                ui_text_width(ui, FONT_BODY, full) > line.w ? brief : full);
        (void)ui_region(ui, "disputed", line, false, NULL, NULL);
        ui_tooltip(ui, "One of the test labels that most people who look at them would not give.");
    }
}

// Ten bars: the answer in the colour of right or wrong, the label in that of right.
static void bars(Ui *ui, UiRect area, const Browse *browse, const Sample *sample, ViewErrors *own) {
    const char *labels[NN_CLASSES];
    float shown[NN_CLASSES];
    const Theme *theme = ui_theme(ui);
    float row = area.h / NN_CLASSES;
    for (int i = 0; i < NN_CLASSES; i++) {
        labels[i] = browse_class(browse, i);
        shown[i] = fminf(sample->probabilities[i], 0.9994f);
        UiRect rect = {area.x, area.y + (float)i * row, area.w, row};
        if (i == sample->row->label && i != sample->row->predicted) {
            draw_rect(ui_list(ui),
                      (UiRect){rect.x - theme->grid / 2, rect.y, rect.w + theme->grid, rect.h},
                      theme->radius / 2, ui_color(ui, THEME_ACCENT_SOFT));
        }
        ui_push_id_int(ui, i);
        UiResponse response = ui_region(ui, "rival", rect, false, NULL, NULL);
        if (i != sample->row->predicted) {
            const char *tip = arena_printf(ui_arena(ui), "Click: why %s, and not %s?",
                                           browse_class(browse, sample->row->predicted), labels[i]);
            ui_tooltip(ui, tip != NULL ? tip : "");
            own->rival = response.clicked ? i : own->rival;
        }
        ui_pop_id(ui);
    }
    bool right = sample->row->label == sample->row->predicted;
    ui_bars(ui, "sample bars", area, shown, labels, NN_CLASSES, sample->row->predicted,
            right ? THEME_RIGHT : THEME_WRONG);
}

static const char *signed_text(Ui *ui, float value) {
    const float least = 0.05f; // what is shown as 0.0 has no sign
    const char *sign = value <= -least ? "\xe2\x88\x92" : value >= least ? "+" : "";
    const char *text = arena_printf(ui_arena(ui), "%s%.1f", sign, (double)fabsf(value));
    return text != NULL ? text : "";
}

static void why(Ui *ui, UiRect area, const Browse *browse) {
    const Theme *theme = ui_theme(ui);
    const WhyReading *reading = &browse->why;
    const char *a = browse_class(browse, reading->winner),
               *b = browse_class(browse, reading->rival);
    ui_textf(ui, ui_cut_top(&area, theme->line_height * 1.15f), FONT_STRONG, THEME_INK, ALIGN_LEFT,
             "Why %s, not %s", a, b);
    if (!reading->possible) {
        (void)ui_paragraph(
            ui, area, FONT_BODY, THEME_SOFT,
            "This network bends everywhere, so its answer does not split into one term a pixel.",
            false);
        return;
    }
    UiRect square = picture_square(ui, (UiRect){area.x, area.y, area.w * 0.52f, area.h});
    picture_terms(ui, square, browse->digit.pixels, reading);
    (void)ui_region(ui, "terms", square, false, NULL, NULL);
    ui_tooltip(ui, "One exact term for each pixel: its grey value times how much it moves the "
                   "difference between the "
                   "two classes.");
    UiRect words = {square.x + square.w + 1.5f * theme->grid, area.y, 0, area.h};
    words.w = area.x + area.w - words.x;
    float ink = reading->spoke_for + reading->spoke_against, lead = ink + reading->constant;
    const char *full = arena_printf(
        ui_arena(ui),
        "Red ink spoke for %s, blue for %s. Together %s, without ink %s: %s leads by %.1f.", a, b,
        signed_text(ui, ink), signed_text(ui, reading->constant), a, (double)lead);
    const char *brief = arena_printf(ui_arena(ui), "Red for %s, blue for %s: %s leads by %.1f.", a,
                                     b, a, (double)lead);
    const char *least = arena_printf(ui_arena(ui), "Red: %s. Blue: %s.", a, b);
    const char *const texts[] = {full, brief, least};
    first_that_fits(ui, words, THEME_SOFT, texts, 3);
}

static void nearest(Ui *ui, UiRect area, const AppData *data, const Sample *sample) {
    const Theme *theme = ui_theme(ui);
    const Findings *findings = data->findings;
    ui_text(ui, ui_cut_top(&area, theme->line_height * 1.15f), FONT_STRONG, THEME_INK, ALIGN_LEFT,
            errors_long_names(data->browse) ? "Nearest training pictures"
                                            : "Nearest training digits");
    if (findings == NULL || findings->n == 0) {
        const char *text = findings != NULL && findings->trouble[0] != '\0'
                               ? findings->trouble
                               : "Looking through the training pictures \xe2\x80\xa6";
        (void)ui_paragraph(ui, area, FONT_BODY, THEME_SOFT, text, false);
        return;
    }
    float gap = theme->grid * 0.75f, label = theme->line_height + 2;
    int across = errors_long_names(data->browse) ? 4 : 6; // words are wider than digits
    float room = (area.w - (float)(across - 1) * gap) / (float)across;
    float side = floorf(fminf(area.h - label, room));
    float step = (errors_long_names(data->browse) ? room : side) + gap;
    int n = (int)((area.w + gap) / step);
    n = n < findings->n ? n : findings->n;
    for (int i = 0; i < n; i++) {
        ui_push_id_int(ui, i);
        UiRect cell = {area.x + (float)i * step, area.y, side, side};
        picture_neighbour(ui, cell, &findings->nearest[i],
                          browse_class(data->browse, findings->nearest[i].label),
                          sample->row->predicted);
        ui_pop_id(ui);
    }
}

// --- what a person says about it -----------------------------------------------------------------

static void note_popup(Ui *ui, UiRect anchor, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    UiId id = ui_id(ui, "note popup");
    bool opened = own->wants_note && !ui_popup_open(ui, id);
    if (opened) {
        ui_open_popup(ui, id);
        own->wants_note = false;
    }
    float pad = 2 * theme->grid, w = fminf(theme->line_height * 20, ui_input(ui)->width - pad);
    float h = 2 * pad + theme->line_height * 1.4f + 2 * theme->control + theme->grid;
    UiRect rect = {fmaxf(theme->grid, anchor.x + anchor.w - w), anchor.y - h - theme->grid / 2, w,
                   h};
    if (!ui_begin_popup(ui, id, rect)) {
        return;
    }
    UiRect inner = ui_inset(rect, pad);
    ui_text(ui, ui_cut_top(&inner, theme->line_height * 1.4f), FONT_STRONG, THEME_INK, ALIGN_LEFT,
            "A note about this picture");
    UiRect field = ui_cut_top(&inner, theme->control);
    if (opened) {
        ui_focus(ui, ui_id(ui, "Note text"));
    }
    bool enter = ui_text_field(ui, "Note text", field, own->note, sizeof own->note);
    UiRect last = ui_cut_bottom(&inner, theme->control);
    bool kept = ui_button_primary(ui, "Keep", ui_cut_right(&last, ui_button_width(ui, "Keep")));
    (void)ui_cut_right(&last, theme->grid);
    if (enter || kept) {
        actions_add(out, (Action){.kind = ACTION_STUDY_NOTE, .text = own->note});
        ui_close_popup(ui);
    } else if (ui_button(ui, "Cancel", ui_cut_right(&last, ui_button_width(ui, "Cancel")))) {
        ui_close_popup(ui);
    }
    ui_end_popup(ui);
}

static void said(Ui *ui, UiRect area, const Browse *browse, const Sample *sample, ViewErrors *own,
                 Actions *out) {
    const Theme *theme = ui_theme(ui);
    const char *items[NN_TAG_COUNT] = {"No tag"};
    for (int i = 1; i < NN_TAG_COUNT; i++) {
        items[i] = nn_tag_name((NnTag)i);
    }
    bool keeps = browse->triage != NULL;
    int tag = keeps ? (int)nn_triage_tag(browse->triage, sample->i) : 0, chosen = tag;
    const char *note = keeps ? nn_triage_note(browse->triage, sample->i) : "";
    UiRect anchor = area;
    const char *try_label = "Try on canvas";
    float tag_w = ui_text_width(ui, FONT_BODY, "label wrong") + 5.5f * theme->grid;
    float note_w = ui_button_width(ui, "Note"), try_w = ui_button_width(ui, try_label);
    if (tag_w + note_w + try_w + 2 * theme->grid > area.w) {
        try_label = "Try";
        try_w = ui_button_width(ui, try_label);
        tag_w = fminf(tag_w, area.w - note_w - try_w - 2 * theme->grid);
    }
    ui_push_disabled(ui, !keeps);
    if (ui_choice(ui, "Tag of this picture", ui_cut_left(&area, tag_w), items, NN_TAG_COUNT,
                  &chosen)) {
        // Choosing the tag it has takes it off; so does choosing none.
        actions_add(out, (Action){.kind = ACTION_STUDY_TAG, .index = chosen});
    }
    ui_tooltip(ui, "Whose fault it is, as you see it. Keys 1 to 4, 0 for none, T for the next; U "
                   "takes it back.");
    (void)ui_cut_left(&area, theme->grid);
    if (ui_button(ui, "Note", ui_cut_left(&area, note_w))) {
        actions_add(out, (Action){.kind = ACTION_STUDY_NOTE, .text = NULL});
    }
    const char *tip = note[0] != '\0' ? arena_printf(ui_arena(ui), "%s\n(N changes it)", note)
                                      : "Write a note. N";
    ui_tooltip(ui, tip != NULL ? tip : "");
    ui_pop_disabled(ui);
    (void)ui_cut_left(&area, theme->grid);
    if (ui_button(ui, try_label, ui_cut_left(&area, fminf(try_w, area.w)))) {
        actions_add(out, (Action){.kind = ACTION_STUDY_TRY});
    }
    ui_tooltip(ui, "Puts this picture on the canvas of Draw, as a dropped picture. Enter");
    note_popup(ui, anchor, own, out);
}

void errors_sample(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    if (browse->sample < 0 || own->sample != browse->sample) {
        return;
    }
    Sample sample = {.i = (uint32_t)browse->sample};
    sample.row = nn_study_row(browse->answers->study, sample.i);
    sample.probabilities = nn_study_probabilities(browse->answers->study, sample.i);
    float line = theme->line_height;
    float gap = area.h > 620 ? 2.5f * theme->grid : 1.25f * theme->grid;
    // What all parts need at their largest: in a high window they stay together.
    area.h = fminf(area.h, 1.2f * area.w + 16 * line + 3.5f * gap + theme->control);
    UiRect buttons = ui_cut_bottom(&area, theme->control);
    const char *note = browse->triage != NULL ? nn_triage_note(browse->triage, sample.i) : "";
    if (note[0] != '\0') {
        UiRect row = ui_cut_bottom(&area, line * 1.3f);
        ui_textf(ui, row, FONT_BODY, THEME_INK, ALIGN_LEFT, "\xe2\x80\x9c%s\xe2\x80\x9d", note);
    }
    (void)ui_cut_bottom(&area, theme->grid);
    head(ui, ui_cut_top(&area, line * 1.2f), browse, own, &sample);

    // Shares of the height: the picture, ten bars, why, the nearest; the last gives way first.
    float nearest_h = line * 1.15f + line + 2 + fminf((area.w - 5 * theme->grid) / 6, 2.4f * line);
    float bars_h =
        fmaxf(10 * theme->font[FONT_BODY].size * 1.1f, fminf(10 * line * 0.82f, area.h * 0.27f));
    float epochs_h = errors_epochs_height(ui, browse);
    float strip = epochs_h > 0 ? epochs_h + gap : 0;
    float least_why = line * 1.15f + (strip > 0 ? 4.2f : 2.8f) * line;
    float large = fminf(area.w * 0.62f, area.h - nearest_h - bars_h - least_why - strip - 3 * gap);
    bool has_nearest = large > 4 * line;
    if (!has_nearest) {
        large = fminf(area.w * 0.62f, area.h - bars_h - least_why - strip - 2 * gap);
    }
    bool has_why = large > 3 * line;
    large = has_why ? large : fminf(area.w * 0.62f, area.h - bars_h - strip - gap);
    large = picture_square(ui, (UiRect){0, 0, large, large}).w;
    picture_and_verdict(ui, ui_cut_top(&area, large), browse, &sample);
    (void)ui_cut_top(&area, gap);
    bars(ui, ui_cut_top(&area, bars_h), browse, &sample, own);
    (void)ui_cut_top(&area, gap);
    if (strip > 0) {
        errors_epochs(ui, ui_cut_top(&area, epochs_h), browse);
        (void)ui_cut_top(&area, gap);
    }
    if (has_nearest) {
        nearest(ui, ui_cut_bottom(&area, nearest_h), data, &sample);
        (void)ui_cut_bottom(&area, gap * 0.8f);
    }
    if (has_why) {
        area.h = fminf(area.h, line * 1.15f + area.w * 0.52f);
        why(ui, area, browse);
    }
    said(ui, buttons, browse, &sample, own, out);
}
