// canvas.h - what is drawn on, and how it looks: strokes as a coverage mask in device pixels.
//
// The strokes live in an NnInk; the mask follows them, segment by segment while a stroke grows and
// all at once after anything else. The canvas may also show a picture that was dropped on it, or
// (replay, scrubbing) the drawing as it was at an earlier moment with the rest as a ghost. Thread:
// UI.

#ifndef INKLING_APP_CANVAS_H
#define INKLING_APP_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/ink.h"
#include "nn/picture.h"

enum { CANVAS_PREVIEW_MAX = 512 }; // longer side of the shown copy of a dropped picture

typedef struct {
    NnInk *ink;
    uint8_t *mask;  // (side, side) coverage of what is shown
    uint8_t *ghost; // (side, side) the whole drawing, while an earlier moment is shown
    int side;       // device pixels
    bool mask_stale;

    bool drawing; // between begin and end
    NnInkTool tool;
    float width;     // of the stroke being drawn, as a fraction of the canvas
    NnInkPoint last; // of the stroke being drawn
    double t0_ms;    // clock at the first point of the drawing

    NnInk *past; // the first past_points of the ink, while showing_past
    bool showing_past;
    size_t past_points;

    NnPicture picture; // grey NULL: none
    uint8_t *preview;  // (preview_h, preview_w)
    int preview_w, preview_h;
    char picture_name[128]; // of its file, fit to be shown
} Canvas;

bool canvas_init(Canvas *canvas, NnError *err);
void canvas_release(Canvas *canvas);

// The side of the square in device pixels. False when out of memory; the canvas then shows nothing.
bool canvas_resize(Canvas *canvas, int side);

// Points in canvas coordinates with the clock in t_ms. Drawing puts a dropped picture away.
void canvas_begin(Canvas *canvas, NnInkTool tool, float width, NnInkPoint point, double now_ms);
void canvas_extend(Canvas *canvas, NnInkPoint point, double now_ms);
void canvas_end(Canvas *canvas);
void canvas_cancel(Canvas *canvas);

bool canvas_undo(Canvas *canvas);
bool canvas_redo(Canvas *canvas);
bool canvas_clear(Canvas *canvas);   // false when there was nothing
void canvas_changed(Canvas *canvas); // after the ink was edited from outside

// Takes what picture holds. False when out of memory; picture is then the caller's still.
bool canvas_take_picture(Canvas *canvas, NnPicture *owned_picture, const char *path);
void canvas_drop_picture(Canvas *canvas);

// Shows the drawing's first n points, the rest as a ghost; canvas_show_now goes back to all of it.
void canvas_show_past(Canvas *canvas, size_t n_points);
void canvas_show_now(Canvas *canvas);

// The strokes on view: all of them, or the earlier moment.
const NnInk *canvas_visible_ink(const Canvas *canvas);

// Brings the mask up to date; once a frame, before composing.
void canvas_refresh(Canvas *canvas);

// Nothing on it: no stroke and no picture.
bool canvas_is_blank(const Canvas *canvas);

#endif
