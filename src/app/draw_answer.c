// The answer: one large digit, how sure it is, and ten bars.
#include <math.h>
#include <string.h>

#include "app/view_draw.h"

static const char *const DIGITS[NN_CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
static const float CAP_HEIGHT = 0.727f; // of a digit in ems: Inter's and DejaVu's are within 0.002

// "Not sure" is a line the person draws; it starts where the model's validation digits put it.
static void threshold_popup(Ui *ui, UiRect line, const AppData *data, Actions *out) {
    const Theme *theme = ui_theme(ui);
    UiId id = ui_id(ui, "threshold popup");
    float pad = 2 * theme->grid, w = theme->line_height * 15;
    UiRect window = {0, 0, ui_input(ui)->width, ui_input(ui)->height};
    float h = 4 * theme->line_height + 2 * theme->control + 3 * pad;
    UiRect rect = {fminf(line.x, window.w - w - theme->grid), line.y + line.h + theme->grid, w, h};
    if (!ui_begin_popup(ui, id, rect)) {
        return;
    }
    UiRect inner = ui_inset(rect, pad);
    const NnModel *model = data->recogniser->model;
    float threshold = model != NULL ? nn_model_arch(model)->threshold : 0;
    ui_textf(ui, ui_cut_top(&inner, theme->line_height), FONT_STRONG, THEME_INK, ALIGN_LEFT,
             "Not sure below %.0f %%", (double)threshold * 100);
    (void)ui_paragraph(ui, ui_cut_top(&inner, 3 * theme->line_height), FONT_BODY, THEME_SOFT,
                       "A probability under this counts as no answer. A scribble should not "
                       "become a digit.",
                       false);
    UiRect slider = ui_cut_top(&inner, theme->control);
    if (ui_slider(ui, "Threshold", slider, &threshold, 0, 0.99f)) {
        actions_add(out, (Action){.kind = ACTION_THRESHOLD, .number = (double)threshold});
    }
    UiRect button = ui_cut_bottom(&inner, theme->control);
    button.w = fminf(button.w, ui_button_width(ui, "As the network has it"));
    if (ui_button(ui, "As the network has it", button)) {
        actions_add(out, (Action){.kind = ACTION_THRESHOLD, .number = -1});
    }
    ui_end_popup(ui);
}

static void sure_line(Ui *ui, UiRect line, const AppData *data, Actions *out) {
    const NnAnswer *answer = &data->recogniser->answer;
    const char *next = percent_text(ui, answer->probabilities[answer->runner_up]);
    const char *text =
        answer->sure
            ? arena_printf(ui_arena(ui), "sure \xc2\xb7 next %d, %s", answer->runner_up, next)
            : arena_printf(ui_arena(ui), "not sure \xc2\xb7 or %d, %s", answer->runner_up, next);
    text = text != NULL ? text : "";
    line.w = fminf(line.w, ui_text_width(ui, FONT_BODY, text) + 1);
    UiResponse response = ui_region(ui, "sure", line, true, NULL, NULL);
    ui_tooltip(
        ui, "Sure means that the probability reaches the network's threshold. Click to move it.");
    bool warm = response.hovered || response.focused;
    ui_text(ui, line, FONT_BODY,
            warm           ? THEME_INK
            : answer->sure ? THEME_SOFT
                           : THEME_WRONG,
            ALIGN_LEFT, text);
    UiId popup = ui_id(ui, "threshold popup");
    if (response.clicked) {
        ui_open_popup(ui, popup);
    }
    threshold_popup(ui, line, data, out);
}

static void headline(Ui *ui, UiRect head, const AppData *data, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const NnAnswer *answer = &data->recogniser->answer;
    Font huge = theme->font[FONT_HUGE];
    huge.size = fminf(huge.size * 4, floorf(head.h * 0.86f / CAP_HEIGHT));
    float cap = huge.size * CAP_HEIGHT;
    float baseline = roundf(head.y + cap);
    const char *digit = DIGITS[answer->digit];
    float digit_w = ui_text_measure(ui, huge, digit).width;
    // An unsure answer is a guess and looks like one.
    Color ink = ui_color(ui, answer->sure ? THEME_INK : THEME_FAINT);
    draw_text(ui_list(ui), huge, head.x, baseline, digit_w, ink, digit);

    float x = head.x + digit_w + theme->grid * 2.5f;
    Font figure = theme->font[FONT_FIGURE];
    figure.size = fminf(fmaxf(figure.size, cap * 0.3f), cap * 0.5f);
    float line = theme->line_height;
    float right = head.x + head.w - x;
    UiRect below = {x, baseline - line * 0.78f, right, line};
    UiRect above = {x, below.y - figure.size * 1.22f, right, figure.size * 1.25f};
    ui_text_font(ui, above, figure, ui_color(ui, answer->sure ? THEME_INK : THEME_SOFT), ALIGN_LEFT,
                 percent_text(ui, answer->confidence));
    sure_line(ui, below, data, out);
}

static void no_answer(Ui *ui, UiRect head, const AppData *data) {
    const Theme *theme = ui_theme(ui);
    if (data->recogniser->model == NULL) {
        UiRect title = ui_cut_top(&head, theme->line_height * 1.3f);
        ui_text(ui, title, FONT_TITLE, THEME_INK, ALIGN_LEFT, "No network");
        const char *full = "Drop a weight file (.safetensors) on the window, or train one: "
                           "inkling train inkling-mlp";
        const char *const texts[] = {full, "Drop a weight file (.safetensors) on the window.",
                                     "Drop a .safetensors file."};
        first_that_fits(ui, head, THEME_SOFT, texts, 3);
    } else {
        UiRect title = ui_cut_top(&head, theme->line_height * 1.3f);
        ui_text(ui, title, FONT_TITLE, THEME_FAINT, ALIGN_LEFT, "No answer yet");
        ui_text(ui, ui_cut_top(&head, theme->line_height), FONT_BODY, THEME_FAINT, ALIGN_LEFT,
                "It changes while you draw.");
    }
}

// Over each bar: a click makes its digit the rival in "why".
static void rival_rows(Ui *ui, UiRect bars, const AppData *data, Actions *out) {
    float row = bars.h / NN_CLASSES;
    for (int i = 0; i < NN_CLASSES; i++) {
        UiRect rect = {bars.x, bars.y + (float)i * row, bars.w, row};
        ui_push_id_int(ui, i);
        UiResponse response = ui_region(ui, "bar row", rect, false, NULL, NULL);
        if (data->recogniser->has_answer && i != data->recogniser->answer.digit) {
            const char *tip = arena_printf(ui_arena(ui), "Click: why %d, and not %d?",
                                           data->recogniser->answer.digit, i);
            ui_tooltip(ui, tip != NULL ? tip : "");
            if (response.clicked) {
                actions_add(out, (Action){.kind = ACTION_RIVAL, .index = i});
                actions_add(out, (Action){.kind = ACTION_PANEL, .index = PANEL_WHY});
            }
        }
        ui_pop_id(ui);
    }
}

void draw_answer(Ui *ui, UiRect area, const AppData *data, ViewDraw *own, Actions *out) {
    (void)own;
    const Theme *theme = ui_theme(ui);
    const Recogniser *recogniser = data->recogniser;
    float least = theme->font[FONT_BODY].size * 1.05f;
    float row = floorf(fminf(fmaxf(area.h * 0.62f / NN_CLASSES, least), theme->line_height * 1.4f));
    UiRect bars = ui_cut_bottom(&area, row * NN_CLASSES);
    (void)ui_cut_bottom(&area, theme->grid);
    float shown[NN_CLASSES] = {0};
    bool answered = recogniser->has_answer;
    rival_rows(ui, bars, data, out);
    for (int i = 0; i < NN_CLASSES && answered; i++) {
        shown[i] = fminf(recogniser->answer.probabilities[i], 0.9994f); // 99.9 % as in the headline
    }
    ui_bars(ui, "answer", bars, shown, DIGITS, NN_CLASSES, answered ? recogniser->answer.digit : -1,
            answered && !recogniser->answer.sure ? THEME_FAINT : THEME_ACCENT);
    if (answered) {
        headline(ui, area, data, out);
    } else {
        no_answer(ui, area, data);
    }
}
