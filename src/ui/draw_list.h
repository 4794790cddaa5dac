// draw_list.h - what a frame looks like, as a list of commands. Nothing here draws.
//
// Coordinates are logical pixels (1 = 1/96 inch at scale 1), y down; gfx multiplies by the scale and
// snaps straight edges to device pixels. Everything a command points to must live until the frame has been
// composed: text and points are copied into the list's arena, images and masks are borrowed.
// Frame memory comes from arenas that keep their chunks: a steady frame asks the system for none.

#ifndef INKLING_UI_DRAW_LIST_H
#define INKLING_UI_DRAW_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct {
    float x, y, w, h;
} UiRect;

typedef uint32_t Color; // 0xAARRGGBB, not premultiplied

typedef enum { WEIGHT_REGULAR, WEIGHT_MEDIUM, WEIGHT_SEMIBOLD, WEIGHT_COUNT } FontWeight;

typedef struct {
    float size; // logical pixels, the em
    FontWeight weight;
} Font;

typedef enum {
    DRAW_RECT,     // filled, rounded by radius
    DRAW_FRAME,    // its outline, `width` thick, inside the rectangle
    DRAW_LINES,    // polyline with round joins and caps, maybe dashed
    DRAW_POLYGON,  // filled
    DRAW_BAND,     // the area between two curves
    DRAW_DISC,     // filled circle, or a ring when width > 0
    DRAW_TEXT,     // one line; y is the baseline; digits sit in cells of equal width
    DRAW_IMAGE,    // 8-bit picture through a palette
    DRAW_MASK,     // 8-bit coverage in one colour, device pixels 1:1
    DRAW_CLIP,     // from here on, draw only inside rect (already intersected with the clip above)
} DrawKind;

typedef struct {
    DrawKind kind;
    UiRect rect;  // bounds; for text: x, baseline y, measured width, ascent + descent in h
    Color color;
    float radius; // corner radius, or the disc's radius
    float width;  // of a line or outline
    union {
        struct {
            const float *xy; // (n, 2)
            size_t n;
            float dash_on, dash_off; // 0: solid
        } lines; // and polygon
        struct {
            const float *xtb; // (n, 3) x, top, bottom; from left to right
            size_t n;
        } band;
        struct {
            const char *utf8;
            Font font;
        } text;
        struct {
            const uint8_t *pixels; // (h, w)
            int w, h;
            const Color *palette;  // (256)
            bool smooth;           // bilinear when enlarged; false: pixels visible as squares
        } image;
        struct {
            const uint8_t *coverage; // (h, w)
            int w, h;
        } mask;
    } u;
} DrawCommand;

typedef struct {
    DrawCommand *commands;
    size_t n, capacity;
    bool out_of_memory; // some commands are missing; the frame is drawn without them
    Arena arena;        // text and points of this frame
    UiRect clip;        // in force
} DrawList;

void draw_list_reset(DrawList *list, UiRect bounds); // start of a frame
void draw_list_release(DrawList *list);
void draw_list_append(DrawList *list, const DrawList *more); // more must live as long as list's frame

void draw_clip(DrawList *list, UiRect rect); // ui_core keeps the stack
void draw_rect(DrawList *list, UiRect rect, float radius, Color color);
void draw_frame(DrawList *list, UiRect rect, float radius, float width, Color color);
void draw_lines(DrawList *list, const float *xy, size_t n, float width, Color color); // copies xy
void draw_lines_dashed(DrawList *list, const float *xy, size_t n, float width, float on, float off, Color color);
void draw_line(DrawList *list, float x0, float y0, float x1, float y1, float width, Color color);
void draw_polygon(DrawList *list, const float *xy, size_t n, Color color);
void draw_band(DrawList *list, const float *xtb, size_t n, Color color); // copies xtb
void draw_disc(DrawList *list, float cx, float cy, float radius, Color color);
void draw_ring(DrawList *list, float cx, float cy, float radius, float width, Color color);
void draw_text(DrawList *list, Font font, float x, float baseline, float measured_width, Color color,
               const char *utf8); // copies utf8
void draw_image(DrawList *list, UiRect rect, const uint8_t *pixels, int w, int h, const Color *palette,
                bool smooth, float radius);
void draw_mask(DrawList *list, UiRect rect, const uint8_t *coverage, int w, int h, Color color);

#endif
