#include "app/view_train.h"

#include <math.h>
#include <string.h>

void view_train_init(ViewTrain *own) {
    memset(own, 0, sizeof *own);
    own->hover_label = own->hover_answered = -1;
    own->pointed = -1;
}

// Without pictures there is nothing to learn from: how to get them.
static void no_data(Ui *ui, UiRect area, const NnError *trouble, Actions *out) {
    const Theme *theme = ui_theme(ui);
    area.w = fminf(area.w, theme->line_height * 26);
    bool absent = trouble->status == NN_ERR_NOT_FOUND;
    ui_text(ui, ui_cut_top(&area, theme->line_height * 1.6f), FONT_TITLE, THEME_INK, ALIGN_LEFT,
            absent ? "There are no pictures to learn from" : "This run cannot start");
    float used = ui_paragraph(ui, area, FONT_BODY, THEME_SOFT, trouble->message, false);
    (void)ui_cut_top(&area, used + theme->grid);
    used = ui_paragraph(ui, area, FONT_BODY, THEME_INK, trouble->hint, false);
    (void)ui_cut_top(&area, used + 2 * theme->grid);
    UiRect row = ui_cut_top(&area, theme->control);
    if (ui_button(ui, "Try again", ui_cut_left(&row, ui_button_width(ui, "Try again")))) {
        actions_add(out, (Action){.kind = ACTION_TRAIN_RETRY});
    }
}

void view_train(Ui *ui, UiRect area, const AppData *data, ViewTrain *own, ViewDraw *canvas,
                Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Training *training = data->training;
    bool tight = area.h < 640 || area.w < 1100;
    float margin = tight ? 0.67f * theme->margin : theme->margin;
    float gap = tight ? theme->margin : theme->margin * 1.6f;
    UiRect status = ui_cut_bottom(&area, roundf(theme->line_height * 2));
    train_status(ui, status, data, out);
    UiRect page = {area.x + theme->margin, area.y + margin, area.w - 2 * theme->margin,
                   area.h - 1.5f * margin};

    float left_w = fmaxf(page.w * 0.19f, 11.5f * theme->line_height);
    UiRect left = ui_cut_left(&page, floorf(fminf(left_w, page.h * 0.5f)));
    (void)ui_cut_left(&page, gap);
    float draw_h =
        roundf(fminf(left.h * (tight ? 0.29f : 0.31f), left.w * 0.78f + theme->line_height));
    UiRect drawing = ui_cut_bottom(&left, draw_h);
    (void)ui_cut_bottom(&left, 1.5f * theme->grid);
    train_settings(ui, left, data, own, out);
    train_draw(ui, drawing, data, own, canvas, out);
    if (training->data_trouble.status != NN_OK && training->runner == NULL) {
        no_data(ui, page, &training->data_trouble, out);
        return;
    }
    float right_w = fminf((page.w - gap) * 0.44f, page.h * 0.66f);
    UiRect right = ui_cut_right(&page, floorf(right_w));
    (void)ui_cut_right(&page, gap);
    UiRect time = ui_cut_bottom(&page, train_time_height(ui));
    (void)ui_cut_bottom(&page, tight ? theme->grid / 2 : 1.5f * theme->grid);
    train_curves(ui, page, data, own, out);
    train_time(ui, time, data, out);
    train_confusion(ui, right, data, own, out);
}
