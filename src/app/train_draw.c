// Draw while it trains: a small canvas that the newest weights answer, or those of the epoch on view.
#include <math.h>

#include "app/view_train.h"

// The last epoch whose answer was another one: what has changed since.
static const TrainWord *changed_since(const Training *training, int digit, int *epoch) {
    int last = training->at != TRAINING_NEWEST ? training->at : training_last_epoch(training);
    for (int i = last; i >= 0; i--) {
        if (i < training->story_next && training->story[i].known &&
            training->story[i].digit != digit) {
            *epoch = i;
            return &training->story[i];
        }
    }
    return NULL;
}

static void says(Ui *ui, UiRect area, const Training *training) {
    const Theme *theme = ui_theme(ui);
    const NnAnswer *answer = &training->answer;
    Font figure = theme->font[FONT_FIGURE];
    figure.size = fminf(figure.size * 1.3f, area.w * 0.9f);
    figure.weight = WEIGHT_SEMIBOLD;
    ui_text_font(ui, ui_cut_top(&area, figure.size * 1.25f), figure, ui_color(ui, THEME_INK),
                 ALIGN_LEFT, arena_printf(ui_arena(ui), "%d", answer->digit));
    ui_text(ui, ui_cut_top(&area, theme->line_height * 1.1f), FONT_MEDIUM, THEME_INK, ALIGN_LEFT,
            percent_text(ui, answer->confidence));
    if (answer->confidence < 0.9f) {
        const char *rival =
            arena_printf(ui_arena(ui), "or %d, %s", answer->runner_up,
                         percent_text(ui, answer->probabilities[answer->runner_up]));
        if (rival == NULL || ui_text_width(ui, FONT_SMALL, rival) > area.w) {
            rival = arena_printf(ui_arena(ui), "or %d", answer->runner_up);
        }
        ui_text(ui, ui_cut_top(&area, theme->line_height), FONT_SMALL, THEME_SOFT, ALIGN_LEFT,
                rival != NULL ? rival : "");
    }
    int epoch = 0;
    const TrainWord *word = changed_since(training, answer->digit, &epoch);
    if (word != NULL) {
        (void)ui_cut_top(&area, theme->grid / 2);
        const char *when =
            epoch == 0
                ? arena_printf(ui_arena(ui), "was %d before it learnt", word->digit)
                : arena_printf(ui_arena(ui), "was %d at epoch" NBSP "%d", word->digit, epoch);
        if (when != NULL && ui_paragraph(ui, area, FONT_SMALL, THEME_SOFT, when, true) > area.h) {
            when = arena_printf(ui_arena(ui), "was %d", word->digit);
        }
        if (when != NULL && ui_paragraph(ui, area, FONT_SMALL, THEME_SOFT, when, true) <= area.h) {
            (void)ui_paragraph(ui, area, FONT_SMALL, THEME_SOFT, when, false);
        }
    }
}

void train_draw(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, ViewDraw *canvas,
                Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Training *training = data->training;
    float scale = ui_scale(ui);
    UiRect title = ui_cut_top(&area, theme->line_height * 1.3f);
    if (!canvas_is_blank(data->canvas)) {
        float w = ui_text_width(ui, FONT_BODY, "Clear") + 1;
        if (ui_link(ui, "Clear", ui_cut_right(&title, w))) {
            actions_add(out, (Action){.kind = ACTION_CLEAR});
        }
    }
    ui_text(ui, title, FONT_STRONG, THEME_INK, ALIGN_LEFT, "Draw while it trains");
    float side = floorf(fminf(area.h, area.w * 0.72f) * scale) / scale;
    UiRect square = {roundf(area.x * scale) / scale, roundf(area.y * scale) / scale, side, side};
    own->square = square;
    draw_canvas(ui, square, data, canvas, out);
    UiRect beside = {square.x + side + 1.25f * theme->grid, square.y, 0, side};
    beside.w = area.x + area.w - beside.x;
    if (training->has_answer) {
        says(ui, beside, training);
        return;
    }
    if (data->recogniser->has_ink && training->at != TRAINING_NEWEST) {
        (void)ui_paragraph(ui, beside, FONT_SMALL, THEME_SOFT,
                           "not kept for this epoch; continue from it, and it is trained again",
                           false);
    }
}
