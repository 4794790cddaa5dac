// ui.h - a small immediate-mode user interface. It reads events, emits draw commands and says
// what happened; it never draws, allocates from the system in a steady frame, or knows the engine.
//
//     ui_begin(ui, &input, &theme);
//     if (ui_button(ui, "Clear", rect)) { ... }
//     ui_end(ui);           // ui_draws(ui) now holds the frame
//
// Identity: hash of the id stack and the label ("Clear##2": only what follows ## or the whole label counts
// for identity, only what precedes it is shown). Hot: under the pointer and topmost in last frame's order.
// Active: pressed here; release outside cancels. Focus: the keyboard's; Tab and Shift-Tab move it in
// the order of emission, Enter or Space press, Escape lets go. A click gives a button the focus, but Enter
// and Space press it only once Tab has been used. A popup is drawn last and hit first.
// Thread: UI thread only.

#ifndef INKLING_UI_UI_H
#define INKLING_UI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/draw_list.h"
#include "ui/input.h"
#include "ui/theme.h"

typedef struct Ui Ui;
typedef uint32_t UiId;

typedef struct {
    float width, ascent, descent; // logical pixels
} UiTextSize;

// Supplied by gfx. n bytes of utf8.
typedef UiTextSize (*UiMeasure)(void *user, Font font, const char *utf8, size_t n);

Ui *ui_new(UiMeasure measure, void *user); // NULL if out of memory
void ui_free(Ui *ui);

void ui_begin(Ui *ui, const UiInput *input, const Theme *theme);
void ui_end(Ui *ui);
const DrawList *ui_draws(const Ui *ui);
bool ui_wants_frame(const Ui *ui); // something is still moving (an easing, a tooltip about to open)
bool ui_wants_text(const Ui *ui, UiRect *where); // a text field has the focus: switch text input on
size_t ui_duplicate_ids(const Ui *ui); // widgets of this frame whose id was taken; debug builds frame them

typedef struct {
    const char *(*get)(void *user); // valid until the next call; NULL: nothing there
    void (*set)(void *user, const char *utf8);
    void *user;
} UiClipboard;

void ui_set_clipboard(Ui *ui, UiClipboard clipboard); // without one, text fields cannot cut and paste

// --- for views -----------------------------------------------------------------------------------

const Theme *ui_theme(const Ui *ui);
Color ui_color(const Ui *ui, ThemeColor role);
DrawList *ui_list(Ui *ui); // to draw into directly
Arena *ui_arena(Ui *ui);   // memory of this frame
const UiInput *ui_input(const Ui *ui);
float ui_scale(const Ui *ui);

void ui_push_id(Ui *ui, const char *label);
void ui_push_id_int(Ui *ui, int i);
void ui_pop_id(Ui *ui);
UiId ui_id(Ui *ui, const char *label);

void ui_push_clip(Ui *ui, UiRect rect); // intersected with the one above
void ui_pop_clip(Ui *ui);

// Everything between is shown pale and takes no input.
void ui_push_disabled(Ui *ui, bool disabled);
void ui_pop_disabled(Ui *ui);

// Text fields and choices are shown as a value on a line, to the right, and get their frame when they are used: for
// long lists of settings. In force until the frame ends or it is taken back.
void ui_set_plain(Ui *ui, bool plain);

// Drawn above everything, and takes the pointer first; begin returns false while it is closed. A press outside
// or Escape closes it, and does nothing else. Opened from within a popup it lies above that one.
bool ui_begin_popup(Ui *ui, UiId id, UiRect rect);
void ui_end_popup(Ui *ui);
void ui_open_popup(Ui *ui, UiId id);
void ui_close_popup(Ui *ui);
bool ui_popup_open(const Ui *ui, UiId id); // 0: any

// --- rectangles: cut pieces off one until it is laid out -----------------------------------------

UiRect ui_cut_top(UiRect *rect, float height);
UiRect ui_cut_bottom(UiRect *rect, float height);
UiRect ui_cut_left(UiRect *rect, float width);
UiRect ui_cut_right(UiRect *rect, float width);
UiRect ui_inset(UiRect rect, float by);
bool ui_rect_has(UiRect rect, float x, float y); // left and top edge inside, right and bottom not

// --- text ----------------------------------------------------------------------------------------

typedef enum { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT } UiAlign;

float ui_text_width(Ui *ui, FontRole role, const char *text);
UiTextSize ui_text_measure(Ui *ui, Font font, const char *text);

// One line, vertically centred in rect, cut with an ellipsis where it does not fit.
void ui_text(Ui *ui, UiRect rect, FontRole role, ThemeColor color, UiAlign align, const char *text);
void ui_textf(Ui *ui, UiRect rect, FontRole role, ThemeColor color, UiAlign align, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void ui_text_font(Ui *ui, UiRect rect, Font font, Color color, UiAlign align, const char *text);

// Wrapped at spaces; returns the height used. measure_only draws nothing.
float ui_paragraph(Ui *ui, UiRect rect, FontRole role, ThemeColor color, const char *text, bool measure_only);

// --- widgets -------------------------------------------------------------------------------------

typedef struct {
    bool hovered, pressed, clicked, focused, changed;
    bool right_clicked, double_clicked;
} UiResponse;

bool ui_button(Ui *ui, const char *label, UiRect rect);         // plain
bool ui_button_primary(Ui *ui, const char *label, UiRect rect); // accent; at most one a view
float ui_button_width(Ui *ui, const char *label);               // what its label needs
bool ui_tab(Ui *ui, const char *label, UiRect rect, bool selected);
bool ui_segmented(Ui *ui, const char *label, UiRect rect, const char *const *labels, int n, int *selected);
float ui_segmented_width(Ui *ui, const char *const *labels, int n);
bool ui_toggle(Ui *ui, const char *label, UiRect rect, bool *on); // the little switch; label is its name, not shown
bool ui_slider(Ui *ui, const char *label, UiRect rect, float *value, float low, float high);
// The same in steps, each with its mark: epochs, counts.
bool ui_slider_steps(Ui *ui, const char *label, UiRect rect, float *value, float low, float high, float step);
bool ui_text_field(Ui *ui, const char *label, UiRect rect, char *text, size_t size); // true on Enter
bool ui_choice(Ui *ui, const char *label, UiRect rect, const char *const *items, int n, int *selected); // drop-down
// The same without a look of its own: the list, the keys and the ring of focus; the caller draws what is in rect.
// ui_last().clicked: the list has just been opened.
bool ui_choice_bare(Ui *ui, const char *label, UiRect rect, const char *const *items, int n, int *selected);
bool ui_link(Ui *ui, const char *label, UiRect rect);

typedef enum { ICON_PROJECTOR, ICON_THEME, ICON_HELP, ICON_CHECK, ICON_CROSS, ICON_PLAY, ICON_PAUSE, ICON_CLOSE, ICON_CHEVRON, ICON_COUNT } UiIcon;
bool ui_icon_button(Ui *ui, const char *label, UiRect rect, UiIcon icon, bool on);
void ui_icon(Ui *ui, UiRect rect, UiIcon icon, Color color);

// Shown beside the last widget after a pause; never under the pointer, kept on screen.
void ui_tooltip(Ui *ui, const char *text);
void ui_focus(Ui *ui, UiId id);    // gives a widget of this frame the keyboard: the field of a popup just opened
UiResponse ui_last(const Ui *ui); // what happened to the last widget

// A region of the view's own: hover, press, drag, focus by the rules above. The events that belong to it this frame
// (all motion included, also outside the rectangle while active) come in order; valid until ui_end. A stroke ends
// with EVENT_UP or EVENT_LEAVE. Arrows, Enter, Space, Home, End and Page keys come, too, when it is focusable and has
// the focus; they are still there for ui_key.
UiResponse ui_region(Ui *ui, const char *label, UiRect rect, bool focusable, const UiEvent **events, size_t *n);

// A scrolling area: pushes a clip; content is drawn at rect.y - offset. Wheel, drag of the bar, Page keys; nested
// areas pass on what they cannot use.
UiRect ui_begin_scroll(Ui *ui, const char *label, UiRect rect, float content_height, float *offset);
void ui_end_scroll(Ui *ui);

// True once if this key was pressed and neither the widget with the focus nor an open popup wanted it, whatever the
// order of the calls. Consumes it. Function keys pass through popups.
bool ui_key(Ui *ui, int key, int mods);

// An eased copy of target for this id: 150-200 ms, exact when close; target at once if motion is off.
float ui_ease(Ui *ui, UiId id, float target);

// --- figures -------------------------------------------------------------------------------------

typedef struct {
    const float *x, *y;   // (n); NaN leaves a gap
    const float *low;     // (n) the area between y and this instead of a line; NULL: a line
    size_t n;
    const char *label;    // written at the line's end
    Color color;
    float width;          // 0: 2
    float dash_on, dash_off;
    bool marks;           // a ring at each point
    int best;             // index of a point set off with a dot, -1: none
} UiSeries;

typedef struct {
    float x0, x1, y0, y1; // axis range; equal: taken from the data
    bool log_y;
    const char *x_label;
    const char *y_format; // printf for ticks, NULL: "%g"
    bool ease;            // the range moves instead of jumping
} UiPlot;

// Survives no point, one point, equal values, NaN, all negative. Returns the axes' inner rectangle.
UiRect ui_plot(Ui *ui, const char *label, UiRect rect, const UiPlot *plot, const UiSeries *series, size_t n);

// Ten (or n) horizontal bars with labels and percentages; best is set off. Values ease by id.
void ui_bars(Ui *ui, const char *label, UiRect rect, const float *values, const char *const *labels, int n, int best, ThemeColor best_color);

#endif
