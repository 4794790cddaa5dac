#include "app/view_draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void view_draw_init(ViewDraw *own) {
    memset(own, 0, sizeof *own);
    own->rival = -1;
}

const char *percent_text(Ui *ui, float share) {
    double percent = (double)fminf(share * 100, 99.9f);
    if (percent < 0.05) {
        return "under 0.1" NBSP "%";
    }
    const char *text = arena_printf(ui_arena(ui), "%.1f" NBSP "%%", percent);
    return text != NULL ? text : "";
}

UiRect picture_square(Ui *ui, UiRect area) {
    float scale = ui_scale(ui);
    float unit = floorf(fminf(area.w, area.h) * scale / NN_SIDE + 0.01f);
    unit = unit < 1 ? 1 : unit;
    float side = unit * NN_SIDE / scale;
    return (UiRect){roundf(area.x * scale) / scale, roundf(area.y * scale) / scale, side, side};
}

void picture_digit(Ui *ui, UiRect square, const uint8_t *pixels, bool blank) {
    const Theme *theme = ui_theme(ui);
    float radius = theme->radius / 2;
    if (blank) {
        draw_rect(ui_list(ui), square, radius, ui_color(ui, THEME_PICTURE));
    } else {
        // Visible pixels only where all of them can be of one size.
        float unit = square.w * ui_scale(ui) / NN_SIDE;
        bool smooth = fabsf(unit - roundf(unit)) > 0.01f;
        draw_image(ui_list(ui), square, pixels, NN_SIDE, NN_SIDE, theme->picture_palette, smooth,
                   radius);
    }
}

void first_that_fits(Ui *ui, UiRect area, ThemeColor color, const char *const *texts, int n) {
    for (int i = 0; i < n; i++) {
        if (texts[i] != NULL &&
            ui_paragraph(ui, area, FONT_BODY, color, texts[i], true) <= area.h + 0.5f) {
            (void)ui_paragraph(ui, area, FONT_BODY, color, texts[i], false);
            return;
        }
    }
}

void panel_says(Ui *ui, UiRect area, const char *text) {
    float width = fminf(area.w, ui_theme(ui)->line_height * 22);
    UiRect rect = {area.x, area.y, width, area.h};
    (void)ui_paragraph(ui, rect, FONT_BODY, THEME_SOFT, text, false);
}

// --- the writer's name, asked once ---------------------------------------------------------------

static void writer_popup(Ui *ui, UiRect canvas, const AppData *data, ViewDraw *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    UiId id = ui_id(ui, "writer");
    bool opened = data->asks_writer && !own->asked;
    if (opened) {
        own->asked = true;
        ui_open_popup(ui, id);
    }
    if (!data->asks_writer) {
        own->asked = false;
        return;
    }
    float pad = 2 * theme->grid;
    float w = fminf(canvas.w - 2 * pad, theme->line_height * 18);
    const char *question =
        "My digits note who wrote them. Your name or a nickname, asked this once:";
    UiRect measure = {0, 0, w - 2 * pad, 0};
    float words_h = ui_paragraph(ui, measure, FONT_BODY, THEME_SOFT, question, true);
    float h = 1.5f * theme->line_height + words_h + theme->control * 2 + 4 * pad;
    UiRect rect = {canvas.x + (canvas.w - w) / 2, canvas.y + (canvas.h - h) / 2, w, h};
    if (!ui_begin_popup(ui, id, rect)) {
        actions_add(out, (Action){.kind = ACTION_WRITER, .text = NULL}); // closed: nothing is kept
        own->asked = false;
        return;
    }
    UiRect inner = ui_inset(rect, pad);
    ui_textf(ui, ui_cut_top(&inner, 1.5f * theme->line_height), FONT_STRONG, THEME_INK, ALIGN_LEFT,
             "Keep this drawing as a %d", data->keep_label);
    (void)ui_paragraph(ui, ui_cut_top(&inner, words_h), FONT_BODY, THEME_SOFT, question, false);
    UiRect buttons = ui_cut_bottom(&inner, theme->control);
    (void)ui_cut_bottom(&inner, pad);
    UiRect field = ui_cut_bottom(&inner, theme->control);
    if (opened) {
        ui_focus(ui, ui_id(ui, "Writer's name"));
    }
    bool enter = ui_text_field(ui, "Writer's name", field, own->writer, sizeof own->writer);
    UiRect keep = ui_cut_right(&buttons, ui_button_width(ui, "Keep"));
    (void)ui_cut_right(&buttons, theme->grid);
    UiRect cancel = ui_cut_right(&buttons, ui_button_width(ui, "Cancel"));
    bool cancelled = ui_button(ui, "Cancel", cancel);
    ui_push_disabled(ui, own->writer[0] == '\0');
    bool kept = ui_button_primary(ui, "Keep", keep);
    ui_pop_disabled(ui);
    if ((enter || kept) && own->writer[0] != '\0') {
        actions_add(out, (Action){.kind = ACTION_WRITER, .text = own->writer});
        ui_close_popup(ui);
    } else if (cancelled) {
        actions_add(out, (Action){.kind = ACTION_WRITER, .text = NULL});
        ui_close_popup(ui);
    }
    ui_end_popup(ui);
}

// --- right column --------------------------------------------------------------------------------

static void network_sees(Ui *ui, UiRect area, UiRect square, const AppData *data) {
    const Theme *theme = ui_theme(ui);
    const Recogniser *recogniser = data->recogniser;
    UiRect title = {area.x, area.y, area.w, theme->line_height};
    ui_text(ui, title, FONT_STRONG, THEME_INK, ALIGN_LEFT, "What the network sees");
    picture_digit(ui, square, recogniser->digit.pixels, !recogniser->has_ink);
    if (!recogniser->has_ink) {
        // Where the ink will be put: the 20 x 20 box in the middle.
        float unit = square.w / NN_SIDE;
        UiRect box = {square.x + 4 * unit, square.y + 4 * unit, 20 * unit, 20 * unit};
        draw_frame(ui_list(ui), box, 0, theme->hairline,
                   (theme->picture_palette[255] & 0xFFFFFF) | 0x30000000);
    }
    (void)ui_region(ui, "28 x 28", square, false, NULL, NULL);
    ui_tooltip(ui,
               "The 784 grey values the network is given. The digit is scaled to 20 pixels and its "
               "centre of mass is put in the middle, as it was done for MNIST.");
    UiRect caption = {area.x, square.y + square.h, area.w, theme->line_height * 1.5f};
    const char *text = data->canvas->picture.grey != NULL ? "28 \xc3\x97 28, from the picture"
                       : recogniser->options.skip != 0    ? "28 \xc3\x97 28, steps left out"
                                                          : "28 \xc3\x97 28, centred by mass";
    if (ui_text_width(ui, FONT_BODY, text) > caption.w) {
        text = "28 \xc3\x97 28";
    }
    ui_text(ui, caption, FONT_BODY, THEME_SOFT, ALIGN_LEFT, text);
}

static const char *why_label(Ui *ui, const AppData *data, const ViewDraw *own) {
    const Recogniser *recogniser = data->recogniser;
    if (!recogniser->has_answer) {
        return "Why##why";
    }
    int winner = recogniser->answer.digit;
    bool chosen = own->rival >= 0 && own->rival != winner;
    const char *text = arena_printf(ui_arena(ui), "Why %d, not %d##why", winner,
                                    chosen ? own->rival : recogniser->answer.runner_up);
    return text != NULL ? text : "Why##why";
}

static void panel(Ui *ui, UiRect area, const AppData *data, ViewDraw *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const char *labels[PANEL_COUNT] = {
        [PANEL_STEPS] = "How it got there",
        [PANEL_WHY] = why_label(ui, data, own),
        [PANEL_LOOKS] = "Looks like",
        [PANEL_TIME] = "Over time",
    };
    int selected = data->settings->panel;
    UiRect tabs = ui_cut_top(&area, theme->control);
    tabs.w = fminf(tabs.w, ui_segmented_width(ui, labels, PANEL_COUNT));
    if (ui_segmented(ui, "panel", tabs, labels, PANEL_COUNT, &selected)) {
        actions_add(out, (Action){.kind = ACTION_PANEL, .index = selected});
    }
    (void)ui_cut_top(&area, area.h > 30 * theme->grid ? 2 * theme->grid : 1.25f * theme->grid);
    ui_push_clip(ui, (UiRect){area.x - 4, area.y - 4, area.w + 8, area.h + 8});
    switch (data->settings->panel) {
    case PANEL_STEPS:
        draw_xray(ui, area, data, out);
        break;
    case PANEL_WHY:
        draw_why(ui, area, data, own, out);
        break;
    case PANEL_LOOKS:
        draw_looks(ui, area, data);
        break;
    default:
        draw_time(ui, area, data, own, out);
        break;
    }
    ui_pop_clip(ui);
}

static void right_column(Ui *ui, UiRect column, const AppData *data, ViewDraw *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    float line = theme->line_height, gap = theme->margin * (column.h < 560 ? 0.5f : 0.75f);
    // The picture gets what the panel below can spare, in whole pixels a pixel.
    float side = fminf(column.w * 0.4f, column.h * (column.h < 560 ? 0.355f : 0.345f));
    UiRect space = {column.x, column.y + line + 0.5f * theme->grid, side, side};
    UiRect square = picture_square(ui, space);
    UiRect upper = ui_cut_top(&column, square.y + square.h - column.y + 1.5f * line);
    float sees_w = fmaxf(square.w, ui_text_width(ui, FONT_STRONG, "What the network sees"));
    network_sees(ui, (UiRect){upper.x, upper.y, sees_w, upper.h}, square, data);
    float answer_x = sees_w + theme->margin * (upper.w > 540 ? 1.5f : 1);
    UiRect answer = {upper.x + answer_x, upper.y, upper.w - answer_x, upper.h - 0.4f * line};
    draw_answer(ui, answer, data, own, out);
    (void)ui_cut_top(&column, gap);
    panel(ui, column, data, own, out);
}

// --- the status line -----------------------------------------------------------------------------

static void status_line(Ui *ui, UiRect left, UiRect right, const AppData *data) {
    const char *keys = "F1 keys \xc2\xb7 F11 full screen \xc2\xb7 P projector";
    bool blank = canvas_is_blank(data->canvas);
    if (data->drawings_name != NULL) {
        const char *label = data->drawings_label >= 0
                                ? arena_printf(ui_arena(ui), ", labelled %d", data->drawings_label)
                                : "";
        ui_textf(ui, left, FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                 "Drawing %d of %s%s \xc2\xb7 Page Up, Page Down", data->drawings_number,
                 data->drawings_name, label != NULL ? label : "");
    } else if (data->canvas->picture.grey != NULL) {
        ui_textf(ui, left, FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                 "%s \xc2\xb7 draw or clear to put it away", data->canvas->picture_name);
    } else {
        ui_text(ui, left, FONT_BODY, THEME_SOFT, ALIGN_LEFT,
                blank ? "Or drop a picture, a file of strokes or a weight file on the window."
                      : "Press a digit key to label this drawing and keep it.");
    }
    float keys_w = ui_text_width(ui, FONT_BODY, keys) + 1;
    if (data->recogniser->has_answer) {
        bool picture = data->canvas->picture.grey != NULL;
        const char *text =
            arena_printf(ui_arena(ui), "%.2f ms from %s to answer", data->recogniser->latency_ms,
                         picture ? "picture" : "stroke");
        text = text != NULL ? text : "";
        float w = ui_text_width(ui, FONT_BODY, text) + 1;
        UiRect where = {right.x, right.y, fminf(w, right.w), right.h};
        ui_text(ui, where, FONT_BODY, THEME_SOFT, ALIGN_LEFT, text);
        (void)ui_region(ui, "latency", where, false, NULL, NULL);
        ui_tooltip(
            ui, "Measured: normalising what is on the canvas and running the network, at the last "
                "change.");
        if (right.w - w < keys_w + ui_theme(ui)->margin) {
            keys = "F1 keys";
        }
    } else if (right.w < keys_w) {
        keys = "F1 keys";
    }
    ui_text(ui, right, FONT_BODY, THEME_SOFT, ALIGN_RIGHT, keys);
}

void view_draw(Ui *ui, UiRect area, const AppData *data, ViewDraw *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    float scale = ui_scale(ui);
    bool tight = area.h < 640 || area.w < 1100;
    float margin = tight ? 0.67f * theme->margin : theme->margin;
    float gap = tight ? 1.25f * theme->grid : 2 * theme->grid;
    UiRect page = {area.x + theme->margin, area.y + margin, area.w - 2 * theme->margin,
                   area.h - margin};
    UiRect status = ui_cut_bottom(&page, theme->line_height + (tight ? 1.5f : 3) * theme->grid);
    status.h = theme->line_height;
    (void)ui_cut_bottom(&page, gap);

    // The square is as large as fits beside the least the right column can do with.
    float least = 21.75f * theme->line_height;
    float side = fminf(page.h - gap - theme->control, page.w - theme->margin - least);
    side = fminf(side, page.w * 0.54f);
    side = floorf(fmaxf(side, 100) * scale) / scale;
    UiRect square = {roundf(page.x * scale) / scale, roundf(page.y * scale) / scale, side, side};
    float between = tight ? theme->margin : theme->margin * 4 / 3;
    UiRect controls = {square.x, square.y + side + gap, side, theme->control};
    UiRect column = {square.x + side + between, page.y, page.w - side - between, page.h};
    column.h = fminf(column.h, side + gap + theme->control);

    draw_canvas(ui, square, data, own, out);
    draw_controls(ui, controls, data, own, out);
    right_column(ui, column, data, own, out);
    status.y = fminf(status.y, controls.y + controls.h + (tight ? gap : 2.5f * theme->grid));
    status_line(ui, (UiRect){square.x, status.y, side, status.h},
                (UiRect){column.x, status.y, column.w, status.h}, data);
    writer_popup(ui, square, data, own, out);
}
