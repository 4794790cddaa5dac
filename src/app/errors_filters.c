// Which pictures are shown and in which order: the few filters one always wants in a row, the
// others behind a button.
#include <math.h>
#include <string.h>

#include "app/view_errors.h"

static const char *const SORTS[NN_SORT_COUNT] = {"most wrong first", "least margin first",
                                                 "least sure first", "by index",
                                                 "doubtful labels first"};
static const char *const HALVES[] = {"Both halves", "First", "Second"};
static const char *const SHOWS[SHOW_COUNT] = {"Wrong", "All"};

static float choice_width(Ui *ui, const char *text) {
    const Theme *theme = ui_theme(ui);
    return ceilf(ui_text_width(ui, FONT_BODY, text) + 3.75f * theme->grid +
                 theme->font[FONT_BODY].size * 0.85f);
}

// The next place in rows that wrap. *used: height so far.
static UiRect flow(Ui *ui, UiRect area, UiRect *free_row, float w, float *used) {
    const Theme *theme = ui_theme(ui);
    w = fminf(w, area.w);
    if (*used == 0 || free_row->w + 0.5f < w) {
        float y = area.y + (*used > 0 ? *used + theme->grid : 0);
        *used = y + theme->control - area.y;
        *free_row = (UiRect){area.x, y, area.w, theme->control};
    }
    UiRect rect = ui_cut_left(free_row, w);
    (void)ui_cut_left(free_row, theme->grid);
    return rect;
}

static void class_choice(Ui *ui, UiRect rect, const char *id, const char *lead,
                         const Browse *browse, int *chosen) {
    const char *items[NN_CLASSES + 1];
    for (int i = 0; i <= NN_CLASSES; i++) {
        const char *text =
            arena_printf(ui_arena(ui), "%s %s", lead, i == 0 ? "any" : browse_class(browse, i - 1));
        items[i] = text != NULL ? text : "";
    }
    int selected = *chosen + 1;
    if (ui_choice(ui, id, rect, items, NN_CLASSES + 1, &selected)) {
        *chosen = selected - 1;
    }
}

static float class_width(Ui *ui, const char *lead, const Browse *browse, int chosen) {
    const char *text = arena_printf(ui_arena(ui), "%s %s", lead,
                                    chosen < 0 ? "any" : browse_class(browse, chosen));
    return choice_width(ui, text != NULL ? text : "");
}

// --- the rarer ones ------------------------------------------------------------------------------

static bool tag_choice(Ui *ui, UiRect rect, const NnTriage *triage, int *tag) {
    const char *items[NN_TAG_COUNT + 1] = {"any tag or none", "untagged"};
    for (int i = 1; i < NN_TAG_COUNT; i++) {
        size_t n = triage != NULL ? nn_triage_count(triage, (NnTag)i) : 0;
        const char *text = arena_printf(ui_arena(ui), "tagged %s (%zu)", nn_tag_name((NnTag)i), n);
        items[i + 1] = text != NULL ? text : "";
    }
    return ui_choice(ui, "Tag", rect, items, NN_TAG_COUNT + 1, tag);
}

static void learning_choice(Ui *ui, UiRect rect, const NnEpochs *epochs, int *learning) {
    const char *items[NN_LEARNING_COUNT] = {"learnt or not"};
    for (int i = 1; i < NN_LEARNING_COUNT; i++) {
        const char *text = arena_printf(ui_arena(ui), "%s (%s)", nn_learning_name((NnLearning)i),
                                        grouped_text(ui, nn_epochs_tally(epochs, (NnLearning)i)));
        items[i] = text != NULL ? text : "";
    }
    (void)ui_choice(ui, "Epoch by epoch", rect, items, NN_LEARNING_COUNT, learning);
    ui_tooltip(ui,
               "Over the epochs of the run: never right; right, then wrong again; wrong at first; "
               "right after every one.");
}

static void confidence_row(Ui *ui, UiRect row, const char *label, float *value) {
    const Theme *theme = ui_theme(ui);
    ui_text(ui, ui_cut_left(&row, ui_text_width(ui, FONT_BODY, "at least") + theme->grid),
            FONT_BODY, THEME_SOFT, ALIGN_LEFT, label);
    float figure_w = ui_text_width(ui, FONT_BODY, "100" NBSP "%") + theme->grid;
    ui_text(ui, ui_cut_right(&row, figure_w), FONT_BODY, THEME_INK, ALIGN_RIGHT,
            share_text(ui, (double)*value, 0));
    (void)ui_slider(ui, label, row, value, 0, 1);
}

static void more_popup(Ui *ui, UiRect button, const AppData *data, ErrorsQuery *query) {
    const Theme *theme = ui_theme(ui);
    float pad = 2 * theme->grid, gap = theme->grid, line = theme->line_height;
    float w = fminf(16 * line, ui_input(ui)->width - 2 * gap);
    bool has_disputed = data->browse->n_disputed > 0;
    const NnEpochs *epochs = data->browse->epochs;
    float h = 2 * pad + line + 5 * theme->control + 4 * gap + (has_disputed ? theme->control : 0) +
              (epochs != NULL ? theme->control + gap : 0);
    UiRect rect = {fminf(button.x, ui_input(ui)->width - w - gap), button.y + button.h + gap / 2, w,
                   h};
    if (!ui_begin_popup(ui, ui_id(ui, "more filters"), rect)) {
        return;
    }
    UiRect inner = ui_inset(rect, pad);
    ui_text(ui, ui_cut_top(&inner, line), FONT_STRONG, THEME_INK, ALIGN_LEFT,
            "Confidence of the answer");
    confidence_row(ui, ui_cut_top(&inner, theme->control), "at least", &query->low);
    confidence_row(ui, ui_cut_top(&inner, theme->control), "at most", &query->high);
    query->high = fmaxf(query->high, query->low);
    (void)ui_cut_top(&inner, gap);
    (void)ui_segmented(ui, "half", ui_cut_top(&inner, theme->control), HALVES, 3, &query->half);
    ui_tooltip(ui, "MNIST's halves come from two groups of writers.");
    (void)ui_cut_top(&inner, gap);
    (void)tag_choice(ui, ui_cut_top(&inner, theme->control), data->browse->triage, &query->tag);
    (void)ui_cut_top(&inner, gap);
    if (epochs != NULL) {
        learning_choice(ui, ui_cut_top(&inner, theme->control), epochs, &query->learning);
        (void)ui_cut_top(&inner, gap);
    }
    if (has_disputed) {
        UiRect row = ui_cut_top(&inner, theme->control);
        float side = roundf(line * 0.95f);
        UiRect toggle = {row.x, row.y + (row.h - side) / 2, roundf(side * 1.78f), side};
        (void)ui_toggle(ui, "Disputed labels only", toggle, &query->disputed);
        (void)ui_cut_left(&row, toggle.w + gap);
        ui_text(ui, row, FONT_BODY, THEME_INK, ALIGN_LEFT, "Disputed labels only");
    }
    UiRect last = ui_cut_bottom(&inner, theme->control);
    if (ui_button(ui, "No filters", ui_cut_left(&last, ui_button_width(ui, "No filters")))) {
        ErrorsShow show = query->show;
        NnStudySort sort = query->sort;
        errors_query_init(query);
        query->show = show;
        query->sort = sort;
    }
    ui_end_popup(ui);
}

// --- how many remain -----------------------------------------------------------------------------

static const char *add(Ui *ui, const char *text, const char *more) {
    const char *both = arena_printf(ui_arena(ui), "%s \xc2\xb7 %s", text, more != NULL ? more : "");
    return both != NULL ? both : text;
}

// What narrows the list, but for what the row of filters says itself.
static const char *conditions(Ui *ui, const char *text, const ErrorsQuery *query) {
    static const char *const duels[] = {"both right", "only the first right",
                                        "only the second right", "both wrong"};
    Arena *arena = ui_arena(ui);
    if (query->low > 0 || query->high < 1) {
        text = add(ui, text,
                   arena_printf(arena, "%.0f to %.0f" NBSP "%% sure", (double)query->low * 100,
                                (double)query->high * 100));
    }
    if (query->half != 0) {
        text = add(ui, text, query->half == 1 ? "first half" : "second half");
    }
    if (query->tag != 0) {
        text = add(ui, text, query->tag == 1 ? "untagged" : nn_tag_name((NnTag)(query->tag - 1)));
    }
    if (query->learning != 0) {
        text = add(ui, text, nn_learning_name((NnLearning)query->learning));
    }
    if (query->disputed) {
        text = add(ui, text, "disputed");
    }
    if (query->duel >= 0) {
        text = add(ui, text, duels[query->duel]);
    }
    return text;
}

static void count_line(Ui *ui, UiRect row, const AppData *data, ViewErrors *own,
                       ErrorsQuery *query) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    size_t n = browse->list[0].n + (browse->n_lists > 1 ? browse->list[1].n : 0);
    const char *noun = errors_long_names(browse) ? "pictures" : "digits";
    const char *start =
        arena_printf(ui_arena(ui), "%s %s", grouped_text(ui, n), n == 1 ? "picture" : noun);
    const char *text = conditions(ui, start != NULL ? start : "", &own->query);
    UiRect slider = ui_cut_right(&row, fminf(row.w * 0.24f, 12 * theme->grid));
    (void)ui_slider(ui, "Size of the pictures", slider, &own->thumb, THUMB_MIN, THUMB_MAX);
    ui_tooltip(ui, "Size of the pictures");
    (void)ui_cut_right(&row, 1.5f * theme->grid);
    UiRect more = ui_cut_right(&row, ui_text_width(ui, FONT_BODY, "Filter") + 1);
    (void)ui_cut_right(&row, 1.5f * theme->grid);
    own->filter = more;
    if (ui_link(ui, "Filter", more)) {
        ui_open_popup(ui, ui_id(ui, "more filters"));
    }
    ui_tooltip(ui, "By confidence, halves, tags, disputed labels, and when they were learnt");
    more_popup(ui, more, data, query);
    if (errors_query_narrows(&own->query)) {
        UiRect link = ui_cut_right(&row, ui_text_width(ui, FONT_BODY, "Clear") + 1);
        (void)ui_cut_right(&row, theme->grid);
        if (ui_link(ui, "Clear", link)) {
            ErrorsShow show = query->show;
            NnStudySort sort = query->sort;
            errors_query_init(query);
            query->show = show;
            query->sort = sort;
        }
        ui_tooltip(ui, "Takes every filter off. Esc");
    } else {
        const char *const hints[] = {"arrow keys walk, T tags, Enter tries on the canvas",
                                     "arrow keys walk, T tags, Enter tries",
                                     "arrow keys walk, T tags", "arrow keys walk"};
        for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
            const char *both = add(ui, text, hints[i]);
            if (ui_text_width(ui, FONT_BODY, both) <= row.w) {
                text = both;
                break;
            }
        }
    }
    ui_text(ui, row, FONT_BODY, THEME_SOFT, ALIGN_LEFT, text);
    if (ui_text_width(ui, FONT_BODY, text) > row.w) {
        (void)ui_region(ui, "conditions", row, false, NULL, NULL);
        ui_tooltip(ui, text);
    }
}

float errors_filters(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    ErrorsQuery query = own->query;
    float used = 0;
    UiRect row = {0};
    int show = (int)query.show;
    float show_w = ui_segmented_width(ui, SHOWS, SHOW_COUNT);
    float label_w = class_width(ui, "true", browse, query.cell.label);
    float predicted_w = class_width(ui, "answered", browse, query.cell.predicted);
    float sort_w = choice_width(ui, SORTS[query.sort]);
    // Its labels have air to give where all would just not fit into one row.
    float over = show_w + label_w + predicted_w + sort_w + 3 * theme->grid - area.w;
    show_w -= over > 0 && over <= 3 * theme->grid ? over : 0;
    if (ui_segmented(ui, "show", flow(ui, area, &row, show_w, &used), SHOWS, SHOW_COUNT, &show)) {
        query.show = (ErrorsShow)show;
    }
    ErrorsCell cell = query.cell;
    class_choice(ui, flow(ui, area, &row, label_w, &used), "True class", "true", browse,
                 &cell.label);
    class_choice(ui, flow(ui, area, &row, predicted_w, &used), "Answered class", "answered", browse,
                 &cell.predicted);
    if (cell.label != query.cell.label || cell.predicted != query.cell.predicted) {
        query.cell = cell;
        query.second = (ErrorsCell){-1, -1};
    }
    int sort = (int)query.sort;
    if (ui_choice(ui, "Order", flow(ui, area, &row, sort_w, &used), SORTS, NN_SORT_COUNT, &sort)) {
        query.sort = (NnStudySort)sort;
    }
    ui_tooltip(ui, "Most wrong: the label got the least probability. Margin: how far the label's "
                   "score lies behind. "
                   "Doubtful: the label is more likely wrong than the network.");
    float line = theme->line_height * 1.7f;
    count_line(ui, (UiRect){area.x, area.y + used, area.w, line}, data, own, &query);
    errors_ask(own, &query, out);
    return used + line + theme->grid / 2;
}
