// How well the network answers: in four lines, class by class, and whether it knows when it does
// not know.
#include <math.h>

#include "app/view_errors.h"

static void line_of(Ui *ui, UiRect row, const char *label, const char *value, const char *tip) {
    float value_w = ui_text_width(ui, FONT_BODY, value) + 1;
    (void)ui_region(ui, label, row, false, NULL, NULL);
    ui_tooltip(ui, tip);
    ui_text(ui, ui_cut_right(&row, value_w), FONT_BODY, THEME_INK, ALIGN_RIGHT, value);
    (void)ui_cut_right(&row, ui_theme(ui)->grid);
    ui_text(ui, row, FONT_BODY, THEME_SOFT, ALIGN_LEFT, label);
}

void errors_summary(Ui *ui, UiRect area, const AppData *data) {
    const Browse *browse = data->browse;
    const NnMetrics *metrics = nn_study_metrics(browse_study(browse));
    bool disputed = browse->n_disputed > 0;
    float row = area.h / (disputed ? 4 : 3);
    const char *first = arena_printf(ui_arena(ui), "first %s", grouped_text(ui, metrics->n / 2));
    const char *last =
        arena_printf(ui_arena(ui), "last %s", grouped_text(ui, metrics->n - metrics->n / 2));
    const char *halves =
        "MNIST's test digits come from two groups of writers: office workers first, then pupils. A "
        "network may do better on one of them.";
    line_of(ui, ui_cut_top(&area, row), first != NULL ? first : "",
            share_text(ui, metrics->first_half, 2), halves);
    line_of(ui, ui_cut_top(&area, row), last != NULL ? last : "",
            share_text(ui, metrics->second_half, 2), halves);
    line_of(ui, ui_cut_top(&area, row), "macro F1", share_text(ui, metrics->macro_f1, 2),
            "The mean of the classes' F1, each the harmonic mean of precision and recall: every "
            "class counts alike, "
            "however many pictures it has.");
    if (disputed) {
        size_t n = metrics->n - browse->n_disputed;
        const char *label =
            arena_printf(ui_arena(ui), "without the %zu disputed labels", browse->n_disputed);
        line_of(ui, area, label != NULL ? label : "",
                share_text(ui, (double)browse->right_undisputed / (double)n, 2),
                "Labels of the MNIST test set that most people who look at them would not give.");
    }
}

// --- class by class ------------------------------------------------------------------------------

enum { COLUMNS = 4 };

static void table_row(Ui *ui, UiRect row, float name_w, FontRole role, ThemeColor color,
                      const char *name, const char *const *values) {
    ui_text(ui, ui_cut_left(&row, name_w), role, color, ALIGN_LEFT, name);
    float column = row.w / COLUMNS;
    for (int i = 0; i < COLUMNS; i++) {
        ui_text(ui, ui_cut_left(&row, column), role, color, ALIGN_RIGHT, values[i]);
    }
}

void errors_classes(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out) {
    static const char *const heads[COLUMNS] = {"precision", "recall", "F1", "pictures"};
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    const NnMetrics *metrics = nn_study_metrics(browse_study(browse));
    float row = fminf(roundf(theme->line_height * 1.35f), floorf(area.h / (NN_CLASSES + 2)));
    row = fmaxf(row, theme->font[FONT_BODY].size * 1.3f);
    bool words = errors_long_names(browse);
    float name_w = words ? area.w * 0.24f : ui_text_width(ui, FONT_STRONG, "macro") + theme->grid;
    float content = row * (NN_CLASSES + 2);
    UiRect list = ui_begin_scroll(ui, "classes", area, content, &own->panel_scroll);
    table_row(ui, ui_cut_top(&list, row), name_w, FONT_SMALL, THEME_SOFT, words ? "class" : "digit",
              heads);
    double precision = 0, recall = 0;
    for (int i = 0; i < NN_CLASSES; i++) {
        const NnClassMetrics *each = &metrics->per_class[i];
        precision += each->precision / NN_CLASSES;
        recall += each->recall / NN_CLASSES;
        UiRect line = ui_cut_top(&list, row);
        ui_push_id_int(ui, i);
        UiResponse response = ui_region(ui, "class", line, true, NULL, NULL);
        ui_tooltip(ui, "Precision: the share of these answers that is right. Recall: the share of "
                       "the pictures with "
                       "this label that is found. F1: their harmonic mean. Click: the pictures "
                       "with this label.");
        ui_pop_id(ui);
        bool chosen = own->query.cell.label == i && own->query.cell.predicted < 0;
        if (chosen || response.hovered || response.focused) {
            draw_rect(ui_list(ui), ui_inset(line, 0), theme->radius / 2,
                      ui_color(ui, chosen ? THEME_ACCENT_SOFT : THEME_TRACK));
        }
        if (response.clicked) {
            ErrorsQuery query = own->query;
            query.cell = (ErrorsCell){chosen ? -1 : i, -1};
            query.second = (ErrorsCell){-1, -1};
            errors_ask(own, &query, out);
        }
        const char *values[COLUMNS] = {share_text(ui, each->precision, 2),
                                       share_text(ui, each->recall, 2), share_text(ui, each->f1, 2),
                                       grouped_text(ui, each->support)};
        table_row(ui, line, name_w, FONT_BODY, THEME_INK, browse_class(browse, i), values);
    }
    draw_rect(ui_list(ui), (UiRect){list.x, list.y, list.w, theme->hairline}, 0,
              ui_color(ui, THEME_LINE));
    const char *values[COLUMNS] = {share_text(ui, precision, 2), share_text(ui, recall, 2),
                                   share_text(ui, metrics->macro_f1, 2),
                                   grouped_text(ui, metrics->n)};
    table_row(ui, ui_cut_top(&list, row), name_w, FONT_STRONG, THEME_INK, "macro", values);
    ui_end_scroll(ui);
}

// --- does it know when it does not know? ---------------------------------------------------------

static void calibration_plot(Ui *ui, UiRect area, const Browse *browse) {
    const Theme *theme = ui_theme(ui);
    float x[BROWSE_BINS], y[BROWSE_BINS];
    size_t n = 0;
    for (int i = 0; i < BROWSE_BINS; i++) {
        if (browse->bins[i].n > 0) {
            x[n] = (float)(browse->bins[i].confidence * 100);
            y[n++] = (float)(browse->bins[i].accuracy * 100);
        }
    }
    static const float ends[] = {0, 100};
    UiSeries series[] = {
        {.x = ends,
         .y = ends,
         .n = 2,
         .color = ui_color(ui, THEME_FAINT),
         .width = 1,
         .dash_on = 4,
         .dash_off = 4,
         .best = -1},
        {.x = x,
         .y = y,
         .n = n,
         .color = ui_color(ui, THEME_ACCENT),
         .width = theme->stroke,
         .marks = true,
         .best = -1},
    };
    UiPlot plot = {.x1 = 100, .y1 = 100, .x_label = "how sure, %", .y_format = "%g" NBSP "%%"};
    (void)ui_plot(ui, "calibration", area, &plot, series, 2);
}

static void coverage_plot(Ui *ui, UiRect area, const Browse *browse, float threshold) {
    const Theme *theme = ui_theme(ui);
    int best = (int)lroundf(threshold * (BROWSE_CURVE - 1));
    best = best < 0 ? 0 : best >= BROWSE_CURVE ? BROWSE_CURVE - 1 : best;
    UiSeries series = {.x = browse->coverage,
                       .y = browse->curve_accuracy,
                       .n = BROWSE_CURVE,
                       .color = ui_color(ui, THEME_ACCENT),
                       .width = theme->stroke,
                       .best = best};
    UiPlot plot = {.x_label = "answered, %", .y_format = "%g" NBSP "%%"};
    (void)ui_plot(ui, "coverage", area, &plot, &series, 1);
}

void errors_calibration(Ui *ui, UiRect area, const AppData *data) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    const NnStudy *study = browse_study(browse);
    float threshold = nn_model_arch(data->recogniser->model)->threshold;
    double coverage, accuracy;
    nn_study_coverage(study, threshold, &coverage, &accuracy);
    const char *first =
        arena_printf(ui_arena(ui),
                     "When it says 90" NBSP
                     "%%, is it right nine times in ten? On average it is off by %.1f points.",
                     nn_study_metrics(study)->ece * 100);
    const char *second =
        threshold > 0
            ? arena_printf(ui_arena(ui),
                           "Below %.0f" NBSP
                           "%% it says \"not sure\" (the dot). It then answers %s, and %s of those "
                           "answers are right.",
                           (double)threshold * 100, share_text(ui, coverage, 1),
                           share_text(ui, accuracy, 2))
            : "This network has no threshold of \"not sure\": it answers always.";
    first = first != NULL ? first : "";
    second = second != NULL ? second : "";
    for (int i = 0; i < 2; i++) {
        const char *text = i == 0 ? first : second;
        UiRect half = ui_cut_top(&area, i == 0 ? floorf((area.h - 2 * theme->grid) / 2) : area.h);
        float used = ui_paragraph(ui, half, FONT_BODY, THEME_SOFT, text, false);
        (void)ui_cut_top(&half, used + theme->grid);
        if (i == 0) {
            calibration_plot(ui, half, browse);
            (void)ui_cut_top(&area, 2 * theme->grid);
        } else {
            coverage_plot(ui, half, browse, threshold);
        }
    }
}
