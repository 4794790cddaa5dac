// frame.h - the frame in memory and the painting of one command into it. Private to gfx.
//
// A command never paints outside frame_bounds(), and every pixel it paints depends on nothing but
// the command and what is underneath, never on the clip. Painting a part again therefore gives the
// bytes of painting it all.

#ifndef INKLING_GFX_FRAME_H
#define INKLING_GFX_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/raster.h"
#include "gfx/glyphs.h"
#include "ui/draw_list.h"

// Where a device pixel finds its two source pixels along one axis, and the second one's share in
// 256ths.
typedef struct {
    int first, second;
    int share;
} FrameTap;

typedef struct {
    uint32_t *pixels; // (height, width) 0xFFRRGGBB
    uint8_t *mask;    // (height, width) coverage of the shape being painted; all 0 between commands
    uint8_t *line;    // (width) palette indices of one row of an image
    FrameTap *taps;   // (width) of an image's columns
    Arena scratch;    // points of one command in device pixels
    int width, height;
    float scale; // device pixels per logical pixel
    Glyphs *glyphs;
} Frame;

bool frame_init(Frame *frame, int width, int height, float scale, Glyphs *glyphs);
void frame_release(Frame *frame);

int frame_snap(float device);                               // nearest pixel edge
RasterBox frame_snap_rect(const Frame *frame, UiRect rect); // logical to device, edges snapped
RasterBox frame_bounds(const Frame *frame, const DrawCommand *command);
RasterBox frame_intersect(RasterBox a, RasterBox b); // all zero when they do not meet
bool frame_is_empty(RasterBox box);

void frame_fill(Frame *frame, RasterBox box, Color color); // clipped to the frame
// clip: not empty, and within the command's bounds.
void frame_paint(Frame *frame, const DrawCommand *command, RasterBox clip);

// Paints the mask in one colour inside box, and clears it there. For frame_paint's parts.
void frame_composite(Frame *frame, RasterBox box, RasterBox clip, Color color);
void frame_paint_image(Frame *frame, const DrawCommand *command, RasterBox clip); // image.c
// Coverage of a rounded rectangle, into the mask; only rows y0 to y1 of it. Coordinates are whole
// pixels.
void frame_mask_corners(Frame *frame, RasterBox rect, float radius, float width, int y0, int y1,
                        RasterBox clip);

#endif
