// Two networks on the same pictures: what both know, what one alone knows, and whether the
// difference is more than luck.
#include <math.h>
#include <string.h>

#include "app/view_errors.h"

static void choose_rival(Ui *ui, UiRect *area, const AppData *data, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    const char *items[BROWSE_MODELS_MAX + 1];
    int models[BROWSE_MODELS_MAX + 1], n = 1, selected = 0;
    items[0] = "no second network";
    models[0] = -1;
    for (int i = 0; i < browse->n_models; i++) {
        if (strcmp(browse->models[i].path, data->recogniser->path) != 0) { // not with itself
            selected = browse->model == i ? n : selected;
            items[n] = browse->models[i].name;
            models[n++] = i;
        }
    }
    UiRect row = ui_cut_top(area, theme->control);
    const char *lead = "Against";
    ui_text(ui, ui_cut_left(&row, ui_text_width(ui, FONT_BODY, lead) + 1.5f * theme->grid),
            FONT_BODY, THEME_SOFT, ALIGN_LEFT, lead);
    if (ui_choice(ui, "Second network", row, items, n, &selected)) {
        actions_add(out, (Action){.kind = ACTION_STUDY_RIVAL, .index = models[selected]});
    }
    (void)ui_cut_top(area, 1.5f * theme->grid);
}

static void quarter(Ui *ui, UiRect rect, int cell, size_t n, const char *label,
                    const ViewErrors *own, ErrorsQuery *query) {
    const Theme *theme = ui_theme(ui);
    ui_push_id_int(ui, cell);
    UiResponse response = ui_region(ui, "duel", rect, true, NULL, NULL);
    ui_tooltip(ui, "Click: their pictures.");
    ui_pop_id(ui);
    ThemeColor side = cell == 0 ? THEME_RIGHT : cell == 3 ? THEME_WRONG : THEME_ACCENT;
    Color ground = color_mix(theme->color[THEME_BACKGROUND], theme->color[side],
                             cell == 0 || cell == 3 ? 0.12f : 0.2f);
    draw_rect(ui_list(ui), rect, theme->radius, ground);
    bool chosen = own->query.duel == cell;
    if (chosen || response.hovered || response.focused) {
        float width = 2 * theme->hairline;
        draw_frame(ui_list(ui), rect, theme->radius, width,
                   ui_color(ui, chosen ? THEME_INK : THEME_FAINT));
    }
    UiRect inner = ui_inset(rect, theme->grid);
    Font figure = theme->font[FONT_FIGURE];
    figure.size = fminf(figure.size, inner.h * 0.42f);
    UiRect upper = {inner.x, inner.y + inner.h / 2 - figure.size * 1.1f, inner.w,
                    figure.size * 1.25f};
    UiRect lower = {inner.x, upper.y + upper.h, inner.w, theme->line_height};
    ui_text_font(ui, upper, figure, ui_color(ui, THEME_INK), ALIGN_CENTRE, grouped_text(ui, n));
    ui_text(ui, lower, FONT_BODY, THEME_SOFT, ALIGN_CENTRE, label);
    if (response.clicked) {
        query->duel = chosen ? -1 : cell;
        query->show = SHOW_ALL;
        query->cell = query->second = (ErrorsCell){-1, -1};
    }
}

static const char *verdict(Ui *ui, const NnDuel *duel, const char *a, const char *b) {
    const double usual = 0.05;
    size_t more =
        duel->only_a > duel->only_b ? duel->only_a - duel->only_b : duel->only_b - duel->only_a;
    const char *better = duel->only_a > duel->only_b ? a : b;
    const char *p = duel->p_value < 0.0001 ? "p < 0.0001"
                                           : arena_printf(ui_arena(ui), "p = %.4f", duel->p_value);
    p = p != NULL ? p : "";
    const char *text =
        more == 0 ? arena_printf(ui_arena(ui), "Neither is ahead (%s, McNemar's test).", p)
        : duel->p_value < usual
            ? arena_printf(
                  ui_arena(ui),
                  "%s is right %zu times more; more than luck would do (%s, McNemar's test).",
                  better, more, p)
            : arena_printf(
                  ui_arena(ui),
                  "%s is right %zu times more, which may well be luck (%s, McNemar's test).",
                  better, more, p);
    return text != NULL ? text : "";
}

void errors_duel(Ui *ui, UiRect area, const AppData *data, ViewErrors *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Browse *browse = data->browse;
    choose_rival(ui, &area, data, out);
    if (browse->model < 0) {
        panel_says(ui, area,
                   "Choose a second network, or drop a weight file here: then the pictures that "
                   "only one of the two "
                   "knows can be looked at.");
        return;
    }
    if (browse->rival_trouble.status != NN_OK) {
        const char *text = arena_printf(ui_arena(ui), "%s %s", browse->rival_trouble.message,
                                        browse->rival_trouble.hint);
        panel_says(ui, area, text != NULL ? text : "");
        return;
    }
    if (!browse->has_duel) {
        panel_says(ui, area, "The second network answers \xe2\x80\xa6");
        return;
    }
    const char *a = nn_study_model_name(browse->answers->study),
               *b = nn_study_model_name(browse->rival->study);
    const NnDuel *duel = &browse->duel;
    const struct {
        const char *label;
        size_t n;
    } cells[4] = {{"both right", duel->both_right},
                  {arena_printf(ui_arena(ui), "only %s", a), duel->only_a},
                  {arena_printf(ui_arena(ui), "only %s", b), duel->only_b},
                  {"both wrong", duel->both_wrong}};
    float gap = theme->grid, w = floorf((area.w - gap) / 2);
    float h = floorf(fminf(w * 0.72f, (area.h - 5 * theme->line_height) / 2));
    ErrorsQuery query = own->query;
    for (int i = 0; i < 4; i++) {
        UiRect rect = {area.x + (float)(i % 2) * (w + gap), area.y + (float)(i / 2) * (h + gap), w,
                       h};
        quarter(ui, rect, i, cells[i].n, cells[i].label != NULL ? cells[i].label : "", own, &query);
    }
    (void)ui_cut_top(&area, 2 * h + gap + 1.5f * theme->grid);
    const NnMetrics *ours = nn_study_metrics(browse->answers->study),
                    *theirs = nn_study_metrics(browse->rival->study);
    const char *text =
        arena_printf(ui_arena(ui), "%s %s, %s %s. %s", a, share_text(ui, ours->accuracy, 2), b,
                     share_text(ui, theirs->accuracy, 2), verdict(ui, duel, a, b));
    (void)ui_paragraph(ui, area, FONT_BODY, THEME_INK, text != NULL ? text : "", false);
    errors_ask(own, &query, out);
}
