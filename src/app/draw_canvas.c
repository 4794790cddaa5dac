// The square to draw on and the row of controls below it.
#include <math.h>

#include "app/view_draw.h"

static Action stroke_action(ActionKind kind, UiRect square, const ViewDraw *own,
                            const UiEvent *event) {
    return (Action){.kind = kind,
                    .number = event->t_ms,
                    .point = {.x = (own->pen_x - square.x) / square.w,
                              .y = (own->pen_y - square.y) / square.h,
                              .pressure = event->pressure}};
}

// A mouse reports whole device pixels, and a slow line through whole pixels wobbles by half of one.
// Where both coordinates are whole the pen follows the pointer with a lag that shrinks with its
// speed (after Casiez et al., "1 euro filter", CHI 2012): one sample's distance at most, far less
// than the pen's width. Pens and fingers report fractions and are followed exactly.
static void follow(Ui *ui, ViewDraw *own, const UiEvent *event) {
    const float slow_share = 0.35f,
                fast_px = 22; // from this far a sample on, the pen is at the pointer
    float x = event->x * ui_scale(ui), y = event->y * ui_scale(ui);
    bool whole = fabsf(x - roundf(x)) < 0.01f && fabsf(y - roundf(y)) < 0.01f;
    float distance = hypotf(event->x - own->pen_x, event->y - own->pen_y);
    float share = whole ? fminf(slow_share + distance / fast_px, 1) : 1;
    own->pen_x += share * (event->x - own->pen_x);
    own->pen_y += share * (event->y - own->pen_y);
}

static void begin_stroke(UiRect square, const UiEvent *event, ViewDraw *own, Actions *out) {
    own->drawing = true;
    own->pointer = event->pointer;
    own->button = event->button;
    own->pen_x = event->x;
    own->pen_y = event->y;
    Action begin = stroke_action(ACTION_STROKE_BEGIN, square, own, event);
    bool erase = own->eraser || event->button == BUTTON_RIGHT;
    begin.index = erase ? NN_INK_ERASE : NN_INK_DRAW;
    actions_add(out, begin);
}

// Every motion event counts, not the last of a frame: a fast stroke keeps its curves.
static void read_pointer(Ui *ui, UiRect square, const UiEvent *events, size_t n, ViewDraw *own,
                         Actions *out) {
    for (size_t i = 0; i < n; i++) {
        const UiEvent *event = &events[i];
        own->pointer_x = event->x;
        own->pointer_y = event->y;
        if (event->kind == EVENT_DOWN && !own->drawing &&
            (event->button == BUTTON_LEFT || event->button == BUTTON_RIGHT)) {
            begin_stroke(square, event, own, out);
        } else if (!own->drawing || event->pointer != own->pointer) {
            continue;
        } else if (event->kind == EVENT_MOVE) {
            follow(ui, own, event);
            actions_add(out, stroke_action(ACTION_STROKE_POINT, square, own, event));
        } else if (event->kind == EVENT_LEAVE ||
                   (event->kind == EVENT_UP && event->button == own->button)) {
            own->drawing = false;
            actions_add(out, (Action){.kind = ACTION_STROKE_END});
        }
    }
}

static void invite(Ui *ui, UiRect square, const AppData *data) {
    const Theme *theme = ui_theme(ui);
    Font large = theme->font[FONT_FIGURE];
    large.weight = WEIGHT_MEDIUM;
    bool small = ui_text_measure(ui, large, "Draw a digit 0-9").width > square.w * 0.9f;
    if (small) {
        ui_text(ui, square, FONT_BODY, THEME_FAINT, ALIGN_CENTRE, "Draw a digit");
        return;
    }
    float y = square.y + square.h * 0.5f;
    UiRect line = {square.x, y - 1.2f * large.size, square.w, 1.4f * large.size};
    ui_text_font(ui, line, large, ui_color(ui, THEME_FAINT), ALIGN_CENTRE,
                 "Draw a digit 0\xe2\x80\x93"
                 "9");
    UiRect below = {square.x, y + 0.4f * large.size, square.w, theme->line_height};
    ui_text(ui, below, FONT_BODY, THEME_FAINT, ALIGN_CENTRE,
            data->recogniser->model != NULL ? "with the mouse, a pen or a finger"
                                            : "there is no network yet to read it");
}

static void show_picture(Ui *ui, UiRect square, const Canvas *canvas) {
    const Theme *theme = ui_theme(ui);
    float pad = 2 * theme->grid;
    float room = square.w - 2 * pad;
    float fit = room / (float)(canvas->preview_w > canvas->preview_h ? canvas->preview_w
                                                                     : canvas->preview_h);
    bool smooth = fit < 4; // a picture of few pixels shows them
    float w = (float)canvas->preview_w * fit, h = (float)canvas->preview_h * fit;
    UiRect where = {square.x + (square.w - w) / 2, square.y + (square.h - h) / 2, w, h};
    Color *grey = arena_take(ui_arena(ui), 256, sizeof *grey);
    if (grey == NULL) {
        return;
    }
    for (uint32_t i = 0; i < 256; i++) {
        grey[i] = 0xFF000000 | i << 16 | i << 8 | i;
    }
    draw_image(ui_list(ui), where, canvas->preview, canvas->preview_w, canvas->preview_h, grey,
               smooth, theme->radius / 2);
}

void draw_canvas(Ui *ui, UiRect square, const AppData *data, ViewDraw *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const Canvas *canvas = data->canvas;
    DrawList *list = ui_list(ui);
    own->square = square;
    int side = (int)lroundf(square.w * ui_scale(ui));
    if (side != canvas->side) {
        actions_add(out, (Action){.kind = ACTION_CANVAS_SIDE, .index = side});
    }
    draw_rect(list, square, theme->radius * 1.5f, ui_color(ui, THEME_PAPER));

    const UiEvent *events;
    size_t n;
    UiResponse response = ui_region(ui, "canvas", square, false, &events, &n);
    read_pointer(ui, square, events, n, own, out);
    if (!response.pressed && own->drawing) {
        own->drawing = false; // the button went up where we could not see it
        actions_add(out, (Action){.kind = ACTION_STROKE_END});
    }

    ui_push_clip(ui, square);
    if (canvas->picture.grey != NULL) {
        show_picture(ui, square, canvas);
    } else if (nn_ink_is_empty(canvas->ink) && !own->drawing) {
        invite(ui, square, data);
    } else if (canvas->mask != NULL && side == canvas->side) {
        if (canvas->showing_past) {
            draw_mask(list, square, canvas->ghost, side, side, ui_color(ui, THEME_TRACK));
        }
        draw_mask(list, square, canvas->mask, side, side, ui_color(ui, THEME_PEN));
    }
    bool erasing = own->drawing ? canvas->drawing && canvas->tool == NN_INK_ERASE : own->eraser;
    if (erasing && response.hovered) {
        float radius = data->settings->brush * ERASER_FACTOR * square.w / 2;
        draw_ring(list, own->pointer_x, own->pointer_y, radius, 1.5f, ui_color(ui, THEME_SOFT));
    }
    ui_pop_clip(ui);
    draw_frame(list, square, theme->radius * 1.5f, theme->hairline, ui_color(ui, THEME_LINE));
}

// --- controls ------------------------------------------------------------------------------------

typedef struct {
    const char *label;
    ActionKind kind;
    const char *tip;
    bool enabled, on, primary;
    float width;
} Control;

static void control_button(Ui *ui, UiRect rect, const Control *control, Actions *out) {
    ui_push_disabled(ui, !control->enabled);
    bool pressed = control->primary ? ui_button_primary(ui, control->label, rect)
                                    : ui_button(ui, control->label, rect);
    ui_tooltip(ui, control->tip);
    if (control->on) {
        draw_frame(ui_list(ui), rect, ui_theme(ui)->radius, 2, ui_color(ui, THEME_ACCENT));
    }
    ui_pop_disabled(ui);
    if (pressed) {
        actions_add(out, (Action){.kind = control->kind});
    }
}

void draw_controls(Ui *ui, UiRect row, const AppData *data, ViewDraw *own, Actions *out) {
    const Theme *theme = ui_theme(ui);
    const NnInk *ink = data->canvas->ink;
    bool blank = canvas_is_blank(data->canvas);
    float gap = theme->grid;
    enum { ERASER, UNDO, REDO, SAVE, CLEAR, COUNT };
    Control controls[COUNT] = {
        [ERASER] = {"Eraser", ACTION_ERASER,
                    "Cuts strokes apart. The right button always erases. Key E", true, own->eraser,
                    false, 0},
        [UNDO] = {"Undo", ACTION_UNDO, "Takes the last stroke back. Ctrl Z",
                  nn_ink_can_undo(ink) || data->canvas->picture.grey != NULL, false, false, 0},
        [REDO] = {"Redo", ACTION_REDO, "Brings it again. Ctrl Y", nn_ink_can_redo(ink), false,
                  false, 0},
        [SAVE] = {"Save picture", ACTION_SAVE_DRAWING,
                  "Writes the drawing as a PNG. Ctrl S; F12 saves the whole view",
                  !nn_ink_is_empty(ink), false, false, 0},
        [CLEAR] = {"Clear", ACTION_CLEAR, "An empty canvas; can be undone. Key C", !blank, false,
                   true, 0},
    };
    const char *label = "Brush";
    float label_w = ui_text_width(ui, FONT_BODY, label) + gap;
    float least = 7 * gap; // of the slider
    float used = 0;
    for (int i = 0; i < COUNT; i++) {
        controls[i].width = ui_button_width(ui, controls[i].label);
        used += controls[i].width + gap;
    }
    // On a narrow canvas the words get shorter before anything gets lost.
    if (row.w - used - label_w < least) {
        used -= controls[SAVE].width;
        controls[SAVE].label = "Save##Save picture";
        controls[SAVE].width = ui_button_width(ui, "Save");
        used += controls[SAVE].width;
    }
    if (row.w - used - label_w < least) {
        label_w = 0;
    }
    bool redo_shown = row.w - used - label_w >= least;
    for (int i = COUNT - 1; i >= SAVE; i--) {
        UiRect rect = ui_cut_right(&row, controls[i].width);
        (void)ui_cut_right(&row, gap);
        controls[i].width = 0;
        control_button(ui, rect, &controls[i], out);
    }
    if (label_w > 0) {
        ui_text(ui, ui_cut_left(&row, label_w), FONT_BODY, THEME_SOFT, ALIGN_LEFT, label);
    }
    float buttons = controls[ERASER].width + controls[UNDO].width + 2 * gap +
                    (redo_shown ? controls[REDO].width + gap : 0);
    float room = row.w - buttons;
    UiRect slider = ui_cut_left(&row, fmaxf(fminf(room, 16 * gap), 0));
    float brush = data->settings->brush;
    if (slider.w >= 4 * gap) {
        if (ui_slider(ui, "Brush width", slider, &brush, BRUSH_MIN, BRUSH_MAX)) {
            actions_add(out, (Action){.kind = ACTION_BRUSH, .number = (double)brush});
        }
        ui_tooltip(ui, "Width of the pen. It is normalised before the network looks, so it changes "
                       "the picture, not the answer. Keys [ and ]");
    }
    for (int i = ERASER; i <= REDO; i++) {
        if (i == REDO && !redo_shown) {
            continue;
        }
        (void)ui_cut_left(&row, gap);
        control_button(ui, ui_cut_left(&row, controls[i].width), &controls[i], out);
    }
}
