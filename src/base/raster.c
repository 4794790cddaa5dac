// raster.c - every shape but the polygon is a depth function: how far inside its outline a point
// lies, negative outside. Depth changes by at most one pixel per pixel, so a point 9 pixels deep
// tells that the next 8 pixels are inside too. Rows are walked with that: a thick stroke costs its
// edge plus a few steps that double, and empty corners are leapt over the same way.

#include "base/raster.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

// Beyond this a float no longer holds a fraction of a pixel; such shapes are not drawn.
#define FARTHEST 1e6f

typedef float (*Depth)(const void *shape, float x, float y);

RasterBox raster_box_union(RasterBox a, RasterBox b) {
    if (a.x1 <= a.x0 || a.y1 <= a.y0) {
        return b;
    }
    if (b.x1 <= b.x0 || b.y1 <= b.y0) {
        return a;
    }
    return (RasterBox){a.x0 < b.x0 ? a.x0 : b.x0, a.y0 < b.y0 ? a.y0 : b.y0,
                       a.x1 > b.x1 ? a.x1 : b.x1, a.y1 > b.y1 ? a.y1 : b.y1};
}

void raster_clear(RasterMask *mask, RasterBox box) {
    for (int y = box.y0; y < box.y1 && box.x1 > box.x0; y++) {
        memset(mask->pixels + (ptrdiff_t)y * mask->stride + box.x0, 0, (size_t)(box.x1 - box.x0));
    }
}

static bool in_reach(float a, float b, float c, float d) { // false for NaN as well
    return fabsf(a) <= FARTHEST && fabsf(b) <= FARTHEST && fabsf(c) <= FARTHEST &&
           fabsf(d) <= FARTHEST;
}

// fminf and fmaxf are calls into libm, because of NaN, which in_reach keeps out: a third of the
// time of a stroke.
static inline float least(float a, float b) {
    return a < b ? a : b;
}

static inline float most(float a, float b) {
    return a > b ? a : b;
}

static int pixel_in(float at, int limit) {
    return (int)most(0.0f, least(at, (float)limit));
}

// Pixels whose centre lies in the rectangle grown by half a pixel, clipped to the mask.
static RasterBox box_in(const RasterMask *mask, float x0, float y0, float x1, float y1) {
    RasterBox box = {
        pixel_in(floorf(x0 - 0.5f), mask->width), pixel_in(floorf(y0 - 0.5f), mask->height),
        pixel_in(ceilf(x1 + 0.5f), mask->width), pixel_in(ceilf(y1 + 0.5f), mask->height)};
    return box.x1 <= box.x0 || box.y1 <= box.y0 ? (RasterBox){0, 0, 0, 0} : box;
}

static inline void blend(uint8_t *pixel, float coverage) {
    uint8_t value = (uint8_t)(coverage * 255.0f + 0.5f);
    *pixel = *pixel > value ? *pixel : value;
}

// One row of a shape, between columns x0 and x1. Inlined with its depth function into each caller.
static inline void walk_row(uint8_t *row, int x0, int x1, float y, const void *shape, Depth depth) {
    for (int x = x0; x < x1;) {
        float coverage = depth(shape, (float)x + 0.5f, y) + 0.5f;
        float left = (float)(x1 - x - 1);
        if (coverage <= 0.0f) {
            x += 1 + (int)least(-coverage, left);
        } else if (coverage >= 1.0f) {
            int run = 1 + (int)least(coverage - 1.0f, left);
            memset(row + x, 255, (size_t)run);
            x += run;
        } else {
            blend(&row[x], coverage);
            x++;
        }
    }
}

// A stretch of a row where the depth is the same, or beyond what matters.
static void walk_level(uint8_t *row, int x0, int x1, float depth) {
    float coverage = least(depth + 0.5f, 1.0f);
    if (coverage == 1.0f && x1 > x0) {
        memset(row + x0, 255, (size_t)(x1 - x0));
    } else if (coverage > 0.0f) {
        for (int x = x0; x < x1; x++) {
            blend(&row[x], coverage);
        }
    }
}

// --- strokes -------------------------------------------------------------------------------------

// A disc whose radius changes linearly while it moves from (x, y) along the unit vector (ux, uy).
typedef struct {
    float x, y, radius;
    float ux, uy, length;
    float grow; // radius gained per pixel moved
    float lean; // how far ahead the nearest disc is, per pixel across: grow / sqrt(1 - grow^2)
} Stroke;

// The depth in the union of all discs is the largest over them. With s the disc's place, it is
// radius + grow s - sqrt((along - s)^2 + across^2), concave in s: the maximum where its derivative
// is 0, clamped to the ends, is exact.
static inline float stroke_depth(const void *shape, float x, float y) {
    const Stroke *stroke = shape;
    float dx = x - stroke->x;
    float dy = y - stroke->y;
    float along = dx * stroke->ux + dy * stroke->uy;
    float across = fabsf(dx * stroke->uy - dy * stroke->ux);
    float s = least(most(along + stroke->lean * across, 0.0f), stroke->length);
    float behind = along - s;
    return stroke->radius + stroke->grow * s - sqrtf(behind * behind + across * across);
}

// The same of a brush that keeps its radius: beside the line there is no root to be taken, sqrt(x x)
// being x to the last bit.
static inline float even_depth(const void *shape, float x, float y) {
    const Stroke *stroke = shape;
    float dx = x - stroke->x;
    float dy = y - stroke->y;
    float along = dx * stroke->ux + dy * stroke->uy;
    float across = fabsf(dx * stroke->uy - dy * stroke->ux);
    float behind = along - least(most(along, 0.0f), stroke->length);
    return stroke->radius - (behind == 0.0f ? across : sqrtf(behind * behind + across * across));
}

RasterBox raster_segment(RasterMask *mask, float x0, float y0, float r0, float x1, float y1,
                         float r1) {
    if (!in_reach(x0, y0, x1, y1) || !in_reach(r0, r1, 0, 0)) {
        return (RasterBox){0, 0, 0, 0};
    }
    float reach = fmaxf(r0, r1);
    RasterBox box = box_in(mask, fminf(x0, x1) - reach, fminf(y0, y1) - reach,
                           fmaxf(x0, x1) + reach, fmaxf(y0, y1) + reach);
    float dx = x1 - x0;
    float dy = y1 - y0;
    float length = sqrtf(dx * dx + dy * dy);
    Stroke stroke = {.x = x0, .y = y0, .radius = r0, .ux = 1};
    if (length <= fabsf(r1 - r0)) { // one end's disc holds the other's, or both are one point
        stroke.x = r1 > r0 ? x1 : x0;
        stroke.y = r1 > r0 ? y1 : y0;
        stroke.radius = reach;
    } else {
        stroke.ux = dx / length;
        stroke.uy = dy / length;
        stroke.length = length;
        stroke.grow = (r1 - r0) / length;
        stroke.lean = stroke.grow / sqrtf(fmaxf(1.0f - stroke.grow * stroke.grow, 1e-6f));
    }
    // A row can meet the stroke only where it crosses the strip around the line.
    bool strip = fabsf(stroke.uy) > 1e-3f;
    float slope = strip ? stroke.ux / stroke.uy : 0.0f;
    float half = strip ? (reach + 0.5f) / fabsf(stroke.uy) + 1.0f : 0.0f;
    for (int y = box.y0; y < box.y1; y++) {
        float centre = (float)y + 0.5f;
        int from = box.x0, to = box.x1;
        if (strip) {
            float middle = stroke.x + (centre - stroke.y) * slope;
            int first = pixel_in(middle - half, mask->width);
            int last = pixel_in(middle + half + 1.0f, mask->width);
            from = first > from ? first : from;
            to = last < to ? last : to;
        }
        uint8_t *row = mask->pixels + (ptrdiff_t)y * mask->stride;
        if (stroke.grow == 0.0f) {
            walk_row(row, from, to, centre, &stroke, even_depth);
        } else {
            walk_row(row, from, to, centre, &stroke, stroke_depth);
        }
    }
    return box;
}

// Dashes of one piece of a polyline. start is how far into the dash pattern the piece begins. A
// dash that goes on in the next piece is drawn to the corner here and from the corner there, so
// joins stay round.
static RasterBox dashes(RasterMask *mask, const float *from, const float *to, float radius,
                        float length, float start, float on, float off) {
    RasterBox touched = {0, 0, 0, 0};
    float dx = (to[0] - from[0]) / length;
    float dy = (to[1] - from[1]) / length;
    float at = -start;
    while (at < length) {
        // Round caps belong to the visible length: the brush's way is shorter by a radius at each
        // end.
        float cap = fminf(radius, on / 2);
        float a = fmaxf(at + cap, 0.0f);
        float b = fminf(at + on - cap, length);
        if (a <= b) {
            RasterBox box = raster_segment(mask, from[0] + a * dx, from[1] + a * dy, radius,
                                           from[0] + b * dx, from[1] + b * dy, radius);
            touched = raster_box_union(touched, box);
        }
        at += on + off;
    }
    return touched;
}

RasterBox raster_polyline(RasterMask *mask, const float *xy, size_t n, float width, float dash_on,
                          float dash_off) {
    float radius = width / 2;
    RasterBox touched = {0, 0, 0, 0};
    if (n == 1) {
        return raster_segment(mask, xy[0], xy[1], radius, xy[0], xy[1], radius);
    }
    // Dashes too short to be told apart are a line; so is a pattern with nothing in between.
    bool dashed = dash_on > 0.0f && dash_off > 0.0f && dash_on + dash_off >= 0.5f &&
                  dash_on + dash_off <= FARTHEST;
    float walked = 0.0f; // position in the dash pattern
    for (size_t i = 1; i < n; i++) {
        const float *a = xy + 2 * (i - 1);
        const float *b = a + 2;
        RasterBox box = {0, 0, 0, 0};
        if (!dashed) {
            box = raster_segment(mask, a[0], a[1], radius, b[0], b[1], radius);
        } else if (in_reach(a[0], a[1], b[0], b[1])) {
            float length = sqrtf((b[0] - a[0]) * (b[0] - a[0]) + (b[1] - a[1]) * (b[1] - a[1]));
            if (length > 0.0f) {
                box = dashes(mask, a, b, radius, length, walked, dash_on, dash_off);
                walked = fmodf(walked + length, dash_on + dash_off);
            }
        }
        touched = raster_box_union(touched, box);
    }
    return touched;
}

// --- discs and rounded rectangles ----------------------------------------------------------------

// A rounded rectangle by its centre, half sizes and corner radius; a circle is the case half =
// radius.
typedef struct {
    float cx, cy;
    float flat_x, flat_y; // half of the straight part of the sides
    float radius;
    float width; // of the outline
} RoundRect;

static inline float fill_depth(const void *shape, float x, float y) {
    const RoundRect *rect = shape;
    float qx = fabsf(x - rect->cx) - rect->flat_x;
    float qy = fabsf(y - rect->cy) - rect->flat_y;
    float outside_x = most(qx, 0.0f);
    float outside_y = most(qy, 0.0f);
    return rect->radius - least(most(qx, qy), 0.0f) -
           sqrtf(outside_x * outside_x + outside_y * outside_y);
}

static inline float outline_depth(const void *shape, float x, float y) {
    const RoundRect *rect = shape;
    float depth = fill_depth(shape, x, y);
    return least(depth, rect->width - depth);
}

RasterBox raster_round_rect(RasterMask *mask, float x, float y, float w, float h, float radius,
                            float width) {
    if (!in_reach(x, y, w, h) || !in_reach(radius, width, 0, 0) || w <= 0.0f || h <= 0.0f) {
        return (RasterBox){0, 0, 0, 0};
    }
    radius = fmaxf(0.0f, fminf(radius, fminf(w, h) / 2));
    RoundRect rect = {x + w / 2, y + h / 2, w / 2 - radius, h / 2 - radius, radius, width};
    RasterBox box = box_in(mask, x, y, x + w, y + h);
    // Between the corners a row is all the same.
    float corner = most(radius, width) + 1.0f;
    int left = (int)least(most(ceilf(x + corner), (float)box.x0), (float)box.x1);
    int right = (int)least(most(floorf(x + w - corner), (float)left), (float)box.x1);
    for (int row = box.y0; row < box.y1; row++) {
        uint8_t *pixels = mask->pixels + (ptrdiff_t)row * mask->stride;
        float centre = (float)row + 0.5f;
        if (width > 0.0f) {
            walk_row(pixels, box.x0, left, centre, &rect, outline_depth);
            walk_level(pixels, left, right, outline_depth(&rect, rect.cx, centre));
            walk_row(pixels, right, box.x1, centre, &rect, outline_depth);
        } else {
            walk_row(pixels, box.x0, left, centre, &rect, fill_depth);
            walk_level(pixels, left, right, fill_depth(&rect, rect.cx, centre));
            walk_row(pixels, right, box.x1, centre, &rect, fill_depth);
        }
    }
    return box;
}

RasterBox raster_disc(RasterMask *mask, float cx, float cy, float radius) {
    return raster_segment(mask, cx, cy, radius, cx, cy, radius);
}

RasterBox raster_ring(RasterMask *mask, float cx, float cy, float radius, float width) {
    return raster_round_rect(mask, cx - radius, cy - radius, 2 * radius, 2 * radius, radius, width);
}

// --- polygons ------------------------------------------------------------------------------------
// Sixteen scan lines a pixel row, exact along x. A band of columns is summed at a time, so that no
// memory is needed beyond the stack.

enum { EDGES = 256, BAND = 128, LINES = 16 };

typedef struct {
    float x;
    int turn; // +1 for an edge that goes down, -1 for one that goes up
} Crossing;

// Where the scan line at y crosses the edges listed, from left to right.
static int crossings_at(Crossing *out, const float *xy, size_t n, const size_t *edges, int n_edges,
                        float y) {
    int count = 0;
    for (int e = 0; e < n_edges; e++) {
        const float *a = xy + 2 * edges[e];
        const float *b = xy + 2 * ((edges[e] + 1) % n);
        if ((a[1] <= y) == (b[1] <= y)) {
            continue;
        }
        Crossing crossing = {a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]), a[1] <= y ? 1 : -1};
        int at = count++;
        for (; at > 0 && out[at - 1].x > crossing.x; at--) {
            out[at] = out[at - 1];
        }
        out[at] = crossing;
    }
    return count;
}

// Adds the span from x0 to x1 to sums, whose first column is band.
static void add_span(float *sums, int band, float x0, float x1) {
    x0 = most(x0 - (float)band, 0.0f);
    x1 = least(x1 - (float)band, (float)BAND);
    for (int x = (int)x0; (float)x < x1; x++) {
        sums[x] += least(x1, (float)(x + 1)) - most(x0, (float)x);
    }
}

static void polygon_row(RasterMask *mask, int y, RasterBox box, const float *xy, size_t n,
                        const size_t *edges, int n_edges) {
    Crossing crossings[EDGES];
    for (int band = box.x0; band < box.x1; band += BAND) {
        float sums[BAND] = {0};
        for (int line = 0; line < LINES; line++) {
            float at = (float)y + ((float)line + 0.5f) / (float)LINES;
            int count = crossings_at(crossings, xy, n, edges, n_edges, at);
            for (int c = 0, winding = 0; c + 1 < count; c++) {
                winding += crossings[c].turn;
                if (winding != 0) {
                    add_span(sums, band, crossings[c].x, crossings[c + 1].x);
                }
            }
        }
        uint8_t *row = mask->pixels + (ptrdiff_t)y * mask->stride;
        for (int x = band; x < box.x1 && x < band + BAND; x++) {
            blend(&row[x], fminf(sums[x - band] / (float)LINES, 1.0f));
        }
    }
}

RasterBox raster_polygon(RasterMask *mask, const float *xy, size_t n) {
    RasterBox box = {0, 0, 0, 0};
    if (n < 3) {
        return box;
    }
    float x0 = xy[0], x1 = xy[0], y0 = xy[1], y1 = xy[1];
    for (size_t i = 0; i < n; i++) {
        const float *p = xy + 2 * i;
        if (!in_reach(p[0], p[1], 0, 0)) {
            return box;
        }
        x0 = fminf(x0, p[0]);
        x1 = fmaxf(x1, p[0]);
        y0 = fminf(y0, p[1]);
        y1 = fmaxf(y1, p[1]);
    }
    box = box_in(mask, x0, y0, x1, y1);
    for (int y = box.y0; y < box.y1; y++) {
        size_t edges[EDGES];
        int n_edges = 0;
        for (size_t i = 0; i < n && n_edges <= EDGES; i++) {
            float a = xy[2 * i + 1];
            float b = xy[2 * ((i + 1) % n) + 1];
            if (fmaxf(a, b) >= (float)y && fminf(a, b) <= (float)(y + 1)) {
                if (n_edges < EDGES) {
                    edges[n_edges] = i;
                }
                n_edges++;
            }
        }
        if (n_edges <= EDGES) {
            polygon_row(mask, y, box, xy, n, edges, n_edges);
        }
    }
    return box;
}

// --- bands ---------------------------------------------------------------------------------------

static void column(RasterMask *mask, int x, float top, float bottom) {
    int y = (int)top, end = (int)ceilf(bottom);
    uint8_t *pixel = mask->pixels + (ptrdiff_t)y * mask->stride + x;
    for (; y < end; y++, pixel += mask->stride) {
        blend(pixel, least(bottom, (float)(y + 1)) - most(top, (float)y));
    }
}

RasterBox raster_band(RasterMask *mask, const float *xtb, size_t n) {
    RasterBox touched = {0, 0, 0, 0};
    float height = (float)mask->height;
    for (const float *a = xtb, *b = xtb + 3; n >= 2 && b < xtb + 3 * n; a = b, b += 3) {
        if (!in_reach(a[0], a[1], a[2], 0) || !in_reach(b[0], b[1], b[2], 0)) {
            continue;
        }
        // Columns whose centre lies between the two.
        int first = pixel_in(ceilf(a[0] - 0.5f), mask->width);
        int end = pixel_in(ceilf(b[0] - 0.5f), mask->width);
        for (int x = first; x < end; x++) {
            float share = ((float)x + 0.5f - a[0]) / (b[0] - a[0]);
            float top = most(a[1] + share * (b[1] - a[1]), 0.0f);
            float bottom = least(a[2] + share * (b[2] - a[2]), height);
            if (top < bottom) {
                column(mask, x, top, bottom);
                touched =
                    raster_box_union(touched, (RasterBox){x, (int)top, x + 1, (int)ceilf(bottom)});
            }
        }
    }
    return touched;
}
