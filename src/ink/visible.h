// visible.h - the strokes a drawing shows, in one block of points, and the eraser's cut through
// them.
//
// Strokes are kept in the order they were drawn and their points one behind the other, so growing
// the last stroke is an append. A cut copies what is left into a spare block and swaps the two: an
// eraser that touches nothing copies nothing, and a long pass settles without asking for memory.

#ifndef NN_INK_VISIBLE_H
#define NN_INK_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/ink.h"

typedef struct {
    size_t first, n; // range of points
    float width;
    float x0, y0, x1, y1; // box of the points, without the pen's width
} VisibleStroke;

typedef struct {
    NnInkPoint *points;
    size_t n_points, point_room;
    VisibleStroke *strokes;
    size_t n_strokes, stroke_room;
} Visible; // zero-initialised is empty and ready

void visible_release(Visible *visible);
void visible_clear(Visible *visible); // keeps the memory

// False when out of memory; nothing has changed then.
bool visible_room(Visible *visible, size_t n_points, size_t n_strokes); // for so many in all
bool visible_begin(Visible *visible, float width, NnInkPoint point);    // a new stroke of one point
bool visible_push(Visible *visible, NnInkPoint point);                  // onto the last stroke
bool visible_copy(Visible *visible, const Visible *from);
void visible_drop_last(Visible *visible);

// Takes away what a disc of this radius touches on its way from one point to the other: whatever
// part of a stroke's centre line comes nearer than radius plus the pen's own radius there, so that
// no ink is left under the disc. *cut tells whether anything went. spare is working memory that
// lives as long as visible. False when out of memory; visible is as it was then.
bool visible_erase(Visible *visible, Visible *spare, NnInkPoint from, NnInkPoint to, float radius,
                   bool *cut);

// Room for n elements of this size, doubling; block may be NULL when *room is 0.
bool visible_reserve(void **block, size_t *room, size_t n, size_t size);

#endif
