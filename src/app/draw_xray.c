// How it got there: the drawing after each stage of the normalisation, and what the network would
// have said.
#include <math.h>

#include "app/view_draw.h"

static const char *stage_note(Ui *ui, const XrayReading *reading, int stage) {
    const NnXray *xray = &reading->xray;
    const char *text = NULL;
    switch (stage) {
    case NN_STAGE_RAW:
        return "squeezed";
    case NN_STAGE_CROP:
        return "to the ink";
    case NN_STAGE_SCALE:
        return "shape kept";
    case NN_STAGE_PEN:
        text = arena_printf(ui_arena(ui), "%.1f px", (double)xray->pen_px);
        break;
    default:
        text = "by mass";
        break;
    }
    return text != NULL ? text : "";
}

static const char *const STAGE_TIPS[NN_STAGE_COUNT] = {
    "The whole canvas made 28 pixels wide, as it is. Most demonstrations feed this to the network.",
    "Only what holds ink. Where on the canvas the digit was drawn no longer matters.",
    "The longer side becomes 20 pixels; a 1 stays thin. Size no longer matters.",
    "Strokes as wide as MNIST's. A fat or a fine brush no longer matters.",
    "The centre of mass moves to the middle of 28 \xc3\x97 28, where MNIST's digits have theirs.",
};

static void stage_answer(Ui *ui, UiRect row, const NnAnswer *answer, int final_digit) {
    const Theme *theme = ui_theme(ui);
    bool same = answer->digit == final_digit;
    ThemeColor color = same ? THEME_RIGHT : THEME_WRONG;
    float side = roundf(theme->font[FONT_STRONG].size * 0.85f);
    UiRect mark = ui_cut_left(&row, side);
    mark.y += (mark.h - side) / 2;
    mark.h = side;
    ui_icon(ui, mark, same ? ICON_CHECK : ICON_CROSS, ui_color(ui, color));
    (void)ui_cut_left(&row, theme->grid * 0.5f);
    const char *digit = arena_printf(ui_arena(ui), "%d", answer->digit);
    digit = digit != NULL ? digit : "";
    UiRect place = ui_cut_left(&row, ui_text_width(ui, FONT_STRONG, digit) + 1);
    ui_text(ui, place, FONT_STRONG, color, ALIGN_LEFT, digit);
    (void)ui_cut_left(&row, theme->grid * 0.5f);
    const char *full = percent_text(ui, answer->confidence);
    if (ui_text_width(ui, FONT_BODY, full) > row.w) {
        full =
            arena_printf(ui_arena(ui), "%.0f" NBSP "%%", floor((double)answer->confidence * 100));
    }
    ui_text(ui, row, FONT_BODY, THEME_SOFT, ALIGN_LEFT, full != NULL ? full : "");
}

static void stage_picture(Ui *ui, UiRect square, const XrayReading *reading, int stage,
                          bool empty) {
    const Theme *theme = ui_theme(ui);
    if (empty) {
        draw_rect(ui_list(ui), square, theme->radius / 2, ui_color(ui, THEME_TRACK));
    } else if (stage == NN_STAGE_CENTRE) {
        UiRect pixels = picture_square(ui, square); // the last one as it is fed
        draw_rect(ui_list(ui), square, theme->radius / 2, ui_color(ui, THEME_PICTURE));
        pixels.x += floorf((square.w - pixels.w) / 2);
        pixels.y += floorf((square.h - pixels.h) / 2);
        picture_digit(ui, pixels, reading->xray.digit[stage].pixels, false);
    } else {
        draw_image(ui_list(ui), square, reading->xray.picture[stage], NN_XRAY_SIDE, NN_XRAY_SIDE,
                   theme->picture_palette, true, theme->radius / 2);
    }
}

#define EACH_SWITCH " Each switch leaves out its step, so you can see what it is worth."

static void worth(Ui *ui, UiRect area, const AppData *data) {
    const Recogniser *recogniser = data->recogniser;
    const NnAnswer *raw = &recogniser->xray.answer[NN_STAGE_RAW];
    const NnAnswer *now = &recogniser->answer, *complete = &recogniser->xray.complete;
    const char *text;
    bool explains = recogniser->options.skip == 0;
    Arena *arena = ui_arena(ui);
    if (!recogniser->has_answer) {
        text = "Five steps turn a drawing into the kind of picture the network has learnt from.";
    } else if (!explains && now->digit != complete->digit) {
        text = arena_printf(
            arena, "As it is switched the answer is %d; with all steps it would be %d, %s.",
            now->digit, complete->digit, percent_text(ui, complete->confidence));
    } else if (!explains) {
        text = arena_printf(
            arena, "As it is switched the answer stays %d, at %s; with all steps, %s.", now->digit,
            percent_text(ui, now->confidence), percent_text(ui, complete->confidence));
    } else if (raw->digit != now->digit) {
        text = arena_printf(arena, "Without the normalisation the network would have answered %d.",
                            raw->digit);
    } else if (raw->confidence > now->confidence - 0.01f) {
        text = "Here the network would have been as sure without the normalisation.";
    } else {
        text = arena_printf(
            arena, "Without the normalisation it would have been %d too, at %s instead of %s.",
            now->digit, percent_text(ui, raw->confidence), percent_text(ui, now->confidence));
    }
    const char *full =
        explains && text != NULL ? arena_printf(arena, "%s" EACH_SWITCH, text) : text;
    const char *const texts[] = {full, text};
    first_that_fits(ui, area, THEME_SOFT, texts, 2);
}

void draw_xray(Ui *ui, UiRect area, const AppData *data, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Recogniser *recogniser = data->recogniser;
    const XrayReading *reading = &recogniser->xray;
    float line = theme->line_height, grid = theme->grid;
    float gap = area.w > 540 ? 2.5f * grid : 1.5f * grid;
    float column = (area.w - (NN_STAGE_COUNT - 1) * gap) / NN_STAGE_COUNT;
    float row = line * 0.9f, toggle = roundf(line * 0.95f);
    float below = 0.75f * grid + 2 * row + 0.25f * grid + row + 0.5f * grid + toggle;
    float sentence = 2 * line;
    bool has_sentence = area.h - below - sentence - grid > fminf(column, 3.2f * line);
    float side = fminf(column, area.h - below - (has_sentence ? sentence + grid : 0));
    side = floorf(fminf(side, 2 * NN_XRAY_SIDE));
    bool empty = !recogniser->has_ink || reading->xray.empty;
    for (int i = 0; i < NN_STAGE_COUNT; i++) {
        ui_push_id_int(ui, i);
        UiRect cell = {roundf(area.x + (float)i * (column + gap)), area.y, column, area.h};
        UiRect square = {cell.x, cell.y, side, side};
        bool on = (recogniser->options.skip & 1u << i) == 0;
        stage_picture(ui, square, reading, i, empty);
        (void)ui_region(ui, "stage", square, false, NULL, NULL);
        ui_tooltip(ui, STAGE_TIPS[i]);
        (void)ui_cut_top(&cell, side + 0.75f * grid);
        ui_text(ui, ui_cut_top(&cell, row), FONT_MEDIUM, on ? THEME_INK : THEME_FAINT, ALIGN_LEFT,
                i == NN_STAGE_SCALE ? "20 \xc3\x97 20" : nn_stage_name((NnStage)i));
        ui_text(ui, ui_cut_top(&cell, row), FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                !on                          ? "left out"
                : empty && i == NN_STAGE_PEN ? "as MNIST's"
                                             : stage_note(ui, reading, i));
        (void)ui_cut_top(&cell, 0.25f * grid);
        UiRect answer = ui_cut_top(&cell, row);
        if (recogniser->has_answer && !empty) {
            stage_answer(ui, answer, &reading->answer[i], recogniser->answer.digit);
        }
        (void)ui_cut_top(&cell, 0.5f * grid);
        UiRect place = {cell.x, cell.y, roundf(toggle * 1.78f), toggle};
        if (i != NN_STAGE_RAW) {
            if (ui_toggle(ui, nn_stage_name((NnStage)i), place, &on)) {
                actions_add(out, (Action){.kind = ACTION_STAGE, .index = i});
            }
            ui_tooltip(ui, "Leaves this step out, to see what it is worth.");
        }
        ui_pop_id(ui);
    }
    if (has_sentence) {
        UiRect text = {area.x, area.y + side + below + 1.25f * grid, area.w, sentence};
        worth(ui, text, data);
    }
}
