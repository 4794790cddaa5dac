// raster.h - anti-aliased coverage: brush strokes, curves, discs, rounded corners.
//
// Shapes are blended by maximum into an 8-bit mask, so overlapping pieces of one stroke show no
// seams and a stroke can grow segment by segment. The mask is then composited once. Coverage of a
// pixel is clamp(radius + 1/2 - distance, 0, 1), distance from the pixel's centre to the shape: within
// 1/255 of cairo's on average. Every renderer and the classifier see these same pixels.
//
// Coordinates are in mask pixels; the centre of the top left pixel is at (0.5, 0.5). What lies outside the mask
// is clipped; a shape with a coordinate that is not finite or beyond a million pixels is not drawn.
// Thread: reentrant; a mask belongs to one thread at a time.

#ifndef NN_BASE_RASTER_H
#define NN_BASE_RASTER_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *pixels; // (height, stride) coverage 0..255
    int width, height;
    int stride;
} RasterMask;

// Pixels touched, as a half-open box; empty when x1 <= x0.
typedef struct {
    int x0, y0, x1, y1;
} RasterBox;

RasterBox raster_box_union(RasterBox a, RasterBox b);

// A round brush moved along a segment, its radius going from r0 to r1. A point when both ends meet.
RasterBox raster_segment(RasterMask *mask, float x0, float y0, float r0, float x1, float y1, float r1);

// A line through n points with round joins and caps: the same bytes as one raster_segment per pair of
// points. dash_on and dash_off are lengths as seen, caps included, in pixels; 0: solid.
RasterBox raster_polyline(RasterMask *mask, const float *xy, size_t n, float width, float dash_on,
                          float dash_off);

// radius is the outer one; a ring grows inwards from it.
RasterBox raster_disc(RasterMask *mask, float cx, float cy, float radius);
RasterBox raster_ring(RasterMask *mask, float cx, float cy, float radius, float width);

// Rounded rectangle, filled (width 0) or as an outline drawn inwards.
RasterBox raster_round_rect(RasterMask *mask, float x, float y, float w, float h, float radius,
                            float width);

// A filled polygon, non-zero winding, coverage by area (16 scan lines a row, exact along x). A row that
// more than 256 of its edges meet is left empty. For icons and areas under curves.
RasterBox raster_polygon(RasterMask *mask, const float *xy, size_t n);

// The area between two curves over the same x: xtb is (n, 3), x from left to right, top and
// bottom. A column of pixels shows what lies at its centre, exact in height.
RasterBox raster_band(RasterMask *mask, const float *xtb, size_t n);

void raster_clear(RasterMask *mask, RasterBox box);

#endif
