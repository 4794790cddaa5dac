#include "app/view_errors.h"

#include <math.h>
#include <string.h>

#include "app/column_names.h"

void view_errors_init(ViewErrors *own) {
    memset(own, 0, sizeof *own);
    own->hover = (ErrorsCell){-1, -1};
    view_errors_reset(own);
}

void view_errors_reset(ViewErrors *own) {
    ErrorsShow show = own->query.show;
    NnStudySort sort = own->query.sort;
    errors_query_init(&own->query);
    own->query.show = show;
    own->query.sort = sort;
    own->sample = -1;
    own->rival = -1;
    own->side = 0;
    own->wants_note = false;
    own->scroll[0] = own->scroll[1] = 0;
}

bool view_errors_back(ViewErrors *own) {
    if (own->query.second.label >= 0) {
        own->query.second = (ErrorsCell){-1, -1};
        own->side = 0;
    } else if (errors_query_narrows(&own->query)) {
        ErrorsShow show = own->query.show;
        NnStudySort sort = own->query.sort;
        errors_query_init(&own->query);
        own->query.show = show;
        own->query.sort = sort;
    } else {
        return false;
    }
    own->reveal = true;
    return true;
}

void errors_ask(ViewErrors *own, const ErrorsQuery *query, Actions *out) {
    if (!errors_query_equal(&own->query, query)) {
        own->query = *query;
        own->side = 0;
        own->rival = -1;
        own->scroll[0] = own->scroll[1] = 0;
        own->reveal = true;
        actions_add(out, (Action){.kind = ACTION_STUDY_QUERY});
    }
}

const char *grouped_text(Ui *ui, size_t n) {
    const char *text = n < 1000      ? arena_printf(ui_arena(ui), "%zu", n)
                       : n < 1000000 ? arena_printf(ui_arena(ui), "%zu,%03zu", n / 1000, n % 1000)
                                     : arena_printf(ui_arena(ui), "%zu,%03zu,%03zu", n / 1000000,
                                                    n / 1000 % 1000, n % 1000);
    return text != NULL ? text : "";
}

const char *share_text(Ui *ui, double share, int decimals) {
    const char *text = arena_printf(ui_arena(ui), "%.*f" NBSP "%%", decimals, share * 100);
    return text != NULL ? text : "";
}

bool errors_long_names(const Browse *browse) {
    return column_names_are_words(browse_classes(browse));
}

// --- head of the left column ---------------------------------------------------------------------

static void source_choice(Ui *ui, UiRect rect, const Browse *browse, Actions *out) {
    const char *items[STUDY_SOURCE_COUNT];
    for (int i = 0; i < STUDY_SOURCE_COUNT; i++) {
        items[i] = browse_source_name((StudySource)i);
    }
    int selected = (int)browse->source;
    if (ui_choice(ui, "Data set", rect, items, STUDY_SOURCE_COUNT, &selected)) {
        actions_add(out, (Action){.kind = ACTION_STUDY_SOURCE, .index = selected});
    }
    ui_tooltip(
        ui,
        "The pictures the network is asked about. Or drop an IDX pair on the window: the file of "
        "pictures and the file of labels.");
}

static void headline(Ui *ui, UiRect *column, const AppData *data, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    const NnStudy *study = browse_study(browse);
    Font figure = theme->font[FONT_FIGURE];
    figure.weight = WEIGHT_SEMIBOLD;
    UiRect row = ui_cut_top(column, fmaxf(theme->control, figure.size * 1.1f));
    const char *accuracy =
        study != NULL ? share_text(ui, nn_study_metrics(study)->accuracy, 2) : "";
    float choice_w = ui_button_width(ui, browse_source_name(STUDY_FASHION)) + 2.5f * theme->grid;
    choice_w = fminf(choice_w, row.w * 0.5f);
    float width = row.w - choice_w - theme->grid;
    while (figure.size > theme->font[FONT_TITLE].size &&
           ui_text_measure(ui, figure, accuracy).width > width) {
        figure.size -= 1;
    }
    UiRect choice = {row.x + row.w - choice_w, row.y + (row.h - theme->control) / 2, choice_w,
                     theme->control};
    ui_text_font(ui, (UiRect){row.x, row.y, width, row.h}, figure, ui_color(ui, THEME_INK),
                 ALIGN_LEFT, accuracy);
    source_choice(ui, choice, browse, out);
    UiRect line = ui_cut_top(column, theme->line_height);
    if (study != NULL) {
        const NnMetrics *metrics = nn_study_metrics(study);
        ui_textf(ui, line, FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                 "\xc2\xb1 %.2f \xc2\xb7 %s of %s wrong", metrics->stderr_accuracy * 100,
                 grouped_text(ui, metrics->n - metrics->correct), grouped_text(ui, metrics->n));
        (void)ui_region(ui, "accuracy", (UiRect){row.x, row.y, width, row.h + line.h}, false, NULL,
                        NULL);
        ui_tooltip(ui, "Share of right answers and its standard error: with other pictures of the "
                       "same kind the figure "
                       "would move by about this much.");
    }
}

// --- when there is nothing to show ---------------------------------------------------------------

static void working(Ui *ui, UiRect area, const Browse *browse) {
    const Theme *theme = ui_theme(ui);
    StudyProgress progress =
        browse->runner != NULL ? study_runner_progress(browse->runner) : (StudyProgress){0};
    UiRect line = ui_cut_top(&area, theme->line_height);
    float share = 0;
    if (progress.order == browse->order && progress.total > 0) {
        share = (float)progress.done / (float)progress.total;
        ui_textf(ui, line, FONT_BODY, THEME_SOFT, ALIGN_LEFT, "The network answers: %s of %s",
                 grouped_text(ui, progress.done), grouped_text(ui, progress.total));
    } else {
        ui_textf(ui, line, FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                 browse->pictures != NULL ? "The network answers \xe2\x80\xa6"
                                          : "Reading the pictures \xe2\x80\xa6");
    }
    (void)ui_cut_top(&area, theme->grid / 2);
    UiRect bar = ui_cut_top(&area, roundf(theme->grid * 0.75f));
    draw_rect(ui_list(ui), bar, bar.h / 2, ui_color(ui, THEME_TRACK));
    bar.w = fmaxf(bar.h, bar.w * share);
    draw_rect(ui_list(ui), bar, bar.h / 2, ui_color(ui, THEME_ACCENT));
}

static void says(Ui *ui, UiRect area, const char *title, const char *text, const char *hint) {
    const Theme *theme = ui_theme(ui);
    area.w = fminf(area.w, theme->line_height * 24);
    ui_text(ui, ui_cut_top(&area, theme->line_height * 1.6f), FONT_TITLE, THEME_INK, ALIGN_LEFT,
            title);
    float used = ui_paragraph(ui, area, FONT_BODY, THEME_SOFT, text, false);
    (void)ui_cut_top(&area, used + theme->grid);
    (void)ui_paragraph(ui, area, FONT_BODY, THEME_INK, hint, false);
}

// True when it has said why there are no answers.
static bool says_why_not(Ui *ui, UiRect area, const AppData *data, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    if (data->recogniser->model == NULL) {
        says(ui, area, "No network", "There is no network whose errors could be shown.",
             "Drop a weight file (.safetensors) on the window, or train one: inkling train "
             "inkling-mlp");
        return true;
    }
    if (browse->source == STUDY_FILES && browse->images[0] == '\0') {
        says(ui, area, "Pictures of your own",
             "An IDX pair is two files in the form of MNIST's: one of pictures "
             "(images-idx3-ubyte), one of labels "
             "(labels-idx1-ubyte), plain or gzipped.",
             "Drop either file on the window; the other is looked for beside it.");
        return true;
    }
    if (browse->trouble.status == NN_OK) {
        return false;
    }
    const char *hint = browse->trouble.hint;
    if (hint[0] == '\0') {
        hint = browse->trouble.status == NN_ERR_NOMEM
                   ? "Close other programs, then try again."
                   : "Check the file or fetch it again, then try again.";
    }
    bool absent = browse->trouble.status == NN_ERR_NOT_FOUND;
    says(ui, area,
         !absent                           ? "These pictures cannot be read"
         : browse->source == STUDY_MINE    ? "No digits of your own yet"
         : browse->source == STUDY_FASHION ? "Fashion-MNIST is not on this machine"
         : browse->source == STUDY_FILES   ? "The file is gone"
                                           : "MNIST is not on this machine",
         browse->trouble.message, hint);
    UiRect row = {area.x, area.y + area.h - theme->control, ui_button_width(ui, "Try again"),
                  theme->control};
    row.y = fminf(row.y, area.y + 12 * theme->line_height);
    if (ui_button(ui, "Try again", row)) {
        actions_add(out, (Action){.kind = ACTION_STUDY_SOURCE, .index = (int)browse->source});
    }
    return true;
}

// --- columns -------------------------------------------------------------------------------------

// The longest of the labels that fits is used for all: full, else short.
static void save_buttons(Ui *ui, UiRect row, const int *kinds, int n, Actions *out) {
    static const char *const full[] = {"Save table", "Save contact sheet", "Save matrix",
                                       "Save metrics"};
    static const char *const brief[] = {"Table##save 0", "Sheet##save 1", "Matrix##save 2",
                                        "Metrics##save 3"};
    static const char *const tips[] = {
        "The list as a CSV table: index, label, answer, confidence, tag, note. Ctrl S",
        "The pictures of the list as one large picture (PNG). Ctrl Shift S",
        "The confusion matrix as a picture (PNG) and as a table (CSV).",
        "Precision, recall and F1 of each class as a table (CSV).",
    };
    const Theme *theme = ui_theme(ui);
    float needed = -theme->grid;
    for (int i = 0; i < n; i++) {
        needed += ui_button_width(ui, full[kinds[i]]) + theme->grid;
    }
    const char *const *labels = needed <= row.w ? full : brief;
    if (labels == brief) {
        UiRect lead = ui_cut_left(&row, ui_text_width(ui, FONT_BODY, "Save") + 1.5f * theme->grid);
        ui_text(ui, lead, FONT_BODY, THEME_SOFT, ALIGN_LEFT, "Save");
    }
    for (int i = 0; i < n; i++) {
        if (ui_button(ui, labels[kinds[i]],
                      ui_cut_left(&row, ui_button_width(ui, labels[kinds[i]])))) {
            actions_add(out, (Action){.kind = ACTION_STUDY_SAVE, .index = kinds[i]});
        }
        ui_tooltip(ui, tips[kinds[i]]);
        (void)ui_cut_left(&row, theme->grid);
    }
}

// The matrix is as wide as the column. In a high one the rest follows it; in a low one the matrix
// gives way first, then the summary.
static void matrix_tab(Ui *ui, UiRect column, const AppData *data, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const int kinds[] = {STUDY_SAVE_TABLE, STUDY_SAVE_SHEET, STUDY_SAVE_MATRIX};
    float line = theme->line_height, gap = 1.5f * theme->grid;
    float lines = data->browse->n_disputed > 0 ? 4 : 3;
    float square = errors_matrix_height(ui, column.w, data->browse);
    column.h = fminf(column.h, square + gap + lines * line * 1.25f + gap + theme->control);
    save_buttons(ui, ui_cut_bottom(&column, theme->control), kinds, 3, out);
    (void)ui_cut_bottom(&column, gap);
    float summary =
        fmaxf(lines * line * 1.1f, fminf(column.h - square - gap, lines * line * 1.25f));
    if (column.h - summary - theme->grid > 0.72f * column.w) {
        errors_summary(ui, ui_cut_bottom(&column, summary), data);
        (void)ui_cut_bottom(&column, theme->grid);
    }
    errors_matrix(ui, column, data, own, out);
}

static void left_column(Ui *ui, UiRect column, const AppData *data, ViewErrors *own, Actions *out) {
    static const char *const labels[ERRORS_TAB_COUNT] = {"Matrix", "Classes", "Calibration",
                                                         "Duel"};
    static const char *const brief[ERRORS_TAB_COUNT] = {"Matrix", "Classes", "Sure?", "Duel"};
    const Theme *theme = ui_theme(ui);
    headline(ui, &column, data, out);
    (void)ui_cut_top(&column, theme->grid);
    if (browse_study(data->browse) == NULL) {
        if (data->browse->order != 0) {
            working(ui, column, data->browse);
        }
        return;
    }
    UiRect row = ui_cut_top(&column, theme->control);
    bool fits = ui_segmented_width(ui, labels, ERRORS_TAB_COUNT) <= row.w + 4 * theme->grid;
    if (ui_segmented(ui, "part", row, fits ? labels : brief, ERRORS_TAB_COUNT, &own->tab)) {
        actions_add(out, (Action){.kind = ACTION_STUDY_TAB, .index = own->tab});
    }
    (void)ui_cut_top(&column, 1.25f * theme->grid);
    const int metrics = STUDY_SAVE_METRICS;
    switch (own->tab) {
    case ERRORS_MATRIX:
        matrix_tab(ui, column, data, own, out);
        break;
    case ERRORS_CLASSES:
        save_buttons(ui, ui_cut_bottom(&column, theme->control), &metrics, 1, out);
        (void)ui_cut_bottom(&column, theme->grid);
        errors_classes(ui, column, data, own, out);
        break;
    case ERRORS_CALIBRATION:
        errors_calibration(ui, column, data);
        break;
    default:
        errors_duel(ui, column, data, own, out);
        break;
    }
}

void view_errors(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    bool tight = area.h < 640 || area.w < 1100;
    float margin = tight ? 0.67f * theme->margin : theme->margin;
    float gap = tight ? 0.83f * theme->margin : theme->margin * 1.6f;
    UiRect page = {area.x + theme->margin, area.y + margin, area.w - 2 * theme->margin,
                   area.h - 2 * margin};
    float left_w = floorf(fminf(page.w * 0.325f, page.h * 0.75f));
    float right_w = floorf(fminf(page.w * (tight ? 0.245f : 0.226f), page.h * 0.5f));
    UiRect left = ui_cut_left(&page, left_w);
    (void)ui_cut_left(&page, gap);
    left_column(ui, left, data, own, out);
    if (says_why_not(ui, page, data, out)) {
        return;
    }
    UiRect right = ui_cut_right(&page, right_w);
    (void)ui_cut_right(&page, gap);
    if (browse_study(data->browse) != NULL) {
        float used = errors_filters(ui, page, data, own, out);
        (void)ui_cut_top(&page, used);
        errors_sample(ui, right, data, own, out);
    }
    errors_grid(ui, page, data, own, out);
    // After a click the keys belong to the pictures again, not to the control that was clicked.
    for (size_t i = 0; i < ui_input(ui)->n && !ui_popup_open(ui, 0); i++) {
        if (ui_input(ui)->events[i].kind == EVENT_UP) {
            ui_focus(ui, 0);
        }
    }
}
