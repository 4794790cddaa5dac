// frame.c - straight edges land on device pixels and are filled directly; everything else becomes
// coverage in the mask, through raster.c, and is composited once.

#include "gfx/frame.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "gfx/blend.h"

bool frame_init(Frame *frame, int width, int height, float scale, Glyphs *glyphs) {
    memset(frame, 0, sizeof *frame);
    size_t w = (size_t)width;
    size_t h = (size_t)height;
    frame->pixels = mem_new(h, w * sizeof *frame->pixels);
    frame->mask = mem_new(h, w);
    frame->line = mem_new(w, sizeof *frame->line);
    frame->taps = mem_new(w, sizeof *frame->taps);
    if (frame->pixels == NULL || frame->mask == NULL || frame->line == NULL ||
        frame->taps == NULL) {
        frame_release(frame);
        return false;
    }
    frame->width = width;
    frame->height = height;
    frame->scale = scale;
    frame->glyphs = glyphs;
    return true;
}

void frame_release(Frame *frame) {
    mem_free(frame->pixels);
    mem_free(frame->mask);
    mem_free(frame->line);
    mem_free(frame->taps);
    arena_release(&frame->scratch);
    memset(frame, 0, sizeof *frame);
}

// --- boxes ---------------------------------------------------------------------------------------

bool frame_is_empty(RasterBox box) {
    return box.x1 <= box.x0 || box.y1 <= box.y0;
}

RasterBox frame_intersect(RasterBox a, RasterBox b) {
    RasterBox box = {a.x0 > b.x0 ? a.x0 : b.x0, a.y0 > b.y0 ? a.y0 : b.y0,
                     a.x1 < b.x1 ? a.x1 : b.x1, a.y1 < b.y1 ? a.y1 : b.y1};
    return frame_is_empty(box) ? (RasterBox){0, 0, 0, 0} : box;
}

// Whole numbers a float holds exactly, and sums of a few of them an int; NaN becomes the lower one.
static int whole(float v) {
    return (int)fmaxf(-1e6f, fminf(v, 1e6f));
}

int frame_snap(float device) {
    return whole(floorf(device + 0.5f));
}

RasterBox frame_snap_rect(const Frame *frame, UiRect rect) {
    float s = frame->scale;
    RasterBox box = {frame_snap(rect.x * s), frame_snap(rect.y * s),
                     frame_snap((rect.x + rect.w) * s), frame_snap((rect.y + rect.h) * s)};
    // What is there at all keeps at least a pixel: a bar of 0.3 % is not the same as none.
    box.x1 += rect.w > 0 && box.x1 == box.x0 ? 1 : 0;
    box.y1 += rect.h > 0 && box.y1 == box.y0 ? 1 : 0;
    return box;
}

static RasterBox grown(const Frame *frame, UiRect rect, float by) {
    float s = frame->scale;
    return (RasterBox){whole(floorf(rect.x * s - by)), whole(floorf(rect.y * s - by)),
                       whole(ceilf((rect.x + rect.w) * s + by)),
                       whole(ceilf((rect.y + rect.h) * s + by))};
}

RasterBox frame_bounds(const Frame *frame, const DrawCommand *command) {
    RasterBox box = {0, 0, 0, 0};
    UiRect rect = command->rect;
    switch (command->kind) {
    case DRAW_RECT:
    case DRAW_FRAME:
    case DRAW_IMAGE:
        box = frame_snap_rect(frame, rect);
        break;
    case DRAW_LINES: // snapping moves a line by up to half a pixel and thickens it to a whole one
    case DRAW_POLYGON:
    case DRAW_BAND:
    case DRAW_DISC:
        box = grown(frame, rect, 2);
        break;
    case DRAW_TEXT: { // h is no height here; glyphs lean out of their measured width a little
        float em = command->u.text.font.size;
        box = grown(frame, (UiRect){rect.x - em / 2, rect.y - em * 1.25f, rect.w + em, em * 1.75f},
                    1);
        break;
    }
    case DRAW_MASK:
        box.x0 = frame_snap(rect.x * frame->scale);
        box.y0 = frame_snap(rect.y * frame->scale);
        box.x1 = box.x0 + command->u.mask.w;
        box.y1 = box.y0 + command->u.mask.h;
        break;
    case DRAW_CLIP:
        break;
    }
    return frame_intersect(box, (RasterBox){0, 0, frame->width, frame->height});
}

// --- pixels --------------------------------------------------------------------------------------

void frame_fill(Frame *frame, RasterBox box, Color color) {
    box = frame_intersect(box, (RasterBox){0, 0, frame->width, frame->height});
    unsigned alpha = color >> 24;
    for (int y = box.y0; y < box.y1; y++) {
        uint32_t *row = frame->pixels + (size_t)y * (size_t)frame->width;
        if (alpha == 255) {
            for (int x = box.x0; x < box.x1; x++) {
                row[x] = color;
            }
        } else if (alpha > 0) {
            for (int x = box.x0; x < box.x1; x++) {
                row[x] = blend_mix(row[x], color, alpha);
            }
        }
    }
}

void frame_composite(Frame *frame, RasterBox box, RasterBox clip, Color color) {
    RasterBox shown = frame_intersect(box, clip);
    for (int y = shown.y0; y < shown.y1; y++) {
        size_t at = (size_t)y * (size_t)frame->width + (size_t)shown.x0;
        blend_row(frame->pixels + at, frame->mask + at, shown.x1 - shown.x0, color);
    }
    raster_clear(&(RasterMask){frame->mask, frame->width, frame->height, frame->width}, box);
}

// Shapes need not be rasterised right of or below the clip.
static RasterMask mask_for(const Frame *frame, RasterBox clip) {
    return (RasterMask){frame->mask, clip.x1, clip.y1, frame->width};
}

void frame_mask_corners(Frame *frame, RasterBox rect, float radius, float width, int y0, int y1,
                        RasterBox clip) {
    int top = y0 > clip.y0 ? y0 : clip.y0;
    int bottom = y1 < clip.y1 ? y1 : clip.y1;
    if (bottom <= top) {
        return;
    }
    // Rows above are left out by moving the origin: exact, since all edges are whole numbers.
    RasterMask mask = {frame->mask + (size_t)top * (size_t)frame->width, clip.x1, bottom - top,
                       frame->width};
    raster_round_rect(&mask, (float)rect.x0, (float)(rect.y0 - top), (float)(rect.x1 - rect.x0),
                      (float)(rect.y1 - rect.y0), radius, width);
}

// --- commands ------------------------------------------------------------------------------------

// A filled rectangle (width 0) or its outline. Only the rows with corners go through the mask.
static void paint_rect(Frame *frame, const DrawCommand *command, RasterBox clip) {
    RasterBox rect = frame_snap_rect(frame, command->rect);
    bool outline = command->kind == DRAW_FRAME;
    int width = outline ? (int)fmaxf(1.0f, floorf(command->width * frame->scale + 0.5f)) : 0;
    int height = rect.y1 - rect.y0;
    float limit = (float)(rect.x1 - rect.x0 < height ? rect.x1 - rect.x0 : height) / 2;
    float radius = fmaxf(0.0f, fminf(command->radius * frame->scale, limit));
    // Rows of the top and of the bottom that are not plain; no more than the rectangle has.
    int band = radius > 0 ? (int)ceilf(fmaxf(radius, (float)width)) : width;
    band = band > height - height / 2 ? height - height / 2 : band;
    int low = rect.y1 - band > rect.y0 + band ? rect.y1 - band : rect.y0 + band;
    RasterBox top = {rect.x0, rect.y0, rect.x1, rect.y0 + band};
    RasterBox middle = {rect.x0, rect.y0 + band, rect.x1, low};
    RasterBox bottom = {rect.x0, low, rect.x1, rect.y1};
    if (radius > 0) {
        frame_mask_corners(frame, rect, radius, (float)width, top.y0, top.y1, clip);
        frame_mask_corners(frame, rect, radius, (float)width, bottom.y0, bottom.y1, clip);
        RasterBox drawn = {0, 0, clip.x1, clip.y1};
        frame_composite(frame, frame_intersect(top, drawn), clip, command->color);
        frame_composite(frame, frame_intersect(bottom, drawn), clip, command->color);
    } else {
        frame_fill(frame, frame_intersect(top, clip), command->color);
        frame_fill(frame, frame_intersect(bottom, clip), command->color);
    }
    if (!outline || 2 * width >= rect.x1 - rect.x0) {
        frame_fill(frame, frame_intersect(middle, clip), command->color);
    } else {
        RasterBox left = {rect.x0, middle.y0, rect.x0 + width, middle.y1};
        RasterBox right = {rect.x1 - width, middle.y0, rect.x1, middle.y1};
        frame_fill(frame, frame_intersect(left, clip), command->color);
        frame_fill(frame, frame_intersect(right, clip), command->color);
    }
}

// Where a level or upright line must run for its edges to fall on pixels. width is whole.
static float snap_line(float at, float width) {
    return (float)frame_snap(at - width / 2) + width / 2;
}

// A level or upright piece: axes, grid lines, slider tracks. False if it is neither.
static bool paint_straight(Frame *frame, const DrawCommand *command, RasterBox clip) {
    const float *xy = command->u.lines.xy;
    bool level = xy[1] == xy[3];
    if (command->u.lines.n != 2 || (!level && xy[0] != xy[2])) {
        return false;
    }
    float s = frame->scale;
    float width = fmaxf(1.0f, floorf(command->width * s + 0.5f));
    float ends[4] = {xy[0] * s, xy[1] * s, xy[2] * s, xy[3] * s};
    float across = snap_line(level ? ends[1] : ends[0], width);
    ends[level ? 1 : 0] = across;
    ends[level ? 3 : 2] = across;
    bool dashed = command->u.lines.dash_on > 0 && command->u.lines.dash_off > 0;
    // A hairline is a rectangle; round caps would only blur its ends.
    if ((width <= 2 || command->width <= 1.5f) && !dashed) {
        float x0 = fminf(ends[0], ends[2]) - (level ? 0 : width / 2);
        float x1 = fmaxf(ends[0], ends[2]) + (level ? 0 : width / 2);
        float y0 = fminf(ends[1], ends[3]) - (level ? width / 2 : 0);
        float y1 = fmaxf(ends[1], ends[3]) + (level ? width / 2 : 0);
        RasterBox box = {frame_snap(x0), frame_snap(y0), frame_snap(x1), frame_snap(y1)};
        frame_fill(frame, frame_intersect(box, clip), command->color);
        return true;
    }
    RasterMask mask = mask_for(frame, clip);
    RasterBox box = raster_polyline(&mask, ends, 2, width, command->u.lines.dash_on * s,
                                    command->u.lines.dash_off * s);
    frame_composite(frame, box, clip, command->color);
    return true;
}

// Points in device pixels, kept until the next command. NULL when out of memory.
static const float *scaled(Frame *frame, const DrawCommand *command) {
    size_t n = command->u.lines.n;
    arena_reset(&frame->scratch);
    float *xy = arena_take(&frame->scratch, n, 2 * sizeof *xy);
    for (size_t i = 0; xy != NULL && i < 2 * n; i++) {
        xy[i] = command->u.lines.xy[i] * frame->scale;
    }
    return xy;
}

static void paint_lines(Frame *frame, const DrawCommand *command, RasterBox clip) {
    if (paint_straight(frame, command, clip)) {
        return;
    }
    const float *xy = scaled(frame, command);
    if (xy == NULL) {
        return;
    }
    size_t n = command->u.lines.n;
    float width = command->width * frame->scale;
    RasterMask mask = mask_for(frame, clip);
    RasterBox touched = {0, 0, 0, 0};
    if (n == 1 || (command->u.lines.dash_on > 0 && command->u.lines.dash_off > 0)) {
        touched = raster_polyline(&mask, xy, n, width, command->u.lines.dash_on * frame->scale,
                                  command->u.lines.dash_off * frame->scale);
    } else { // pieces that do not meet the clip are left out; the others get the same bytes
        float reach = width / 2 + 1;
        for (const float *a = xy, *b = xy + 2; b < xy + 2 * n; a = b, b += 2) {
            if (fmaxf(a[0], b[0]) + reach > (float)clip.x0 &&
                fminf(a[0], b[0]) - reach < (float)clip.x1 &&
                fmaxf(a[1], b[1]) + reach > (float)clip.y0 &&
                fminf(a[1], b[1]) - reach < (float)clip.y1) {
                RasterBox box = raster_segment(&mask, a[0], a[1], width / 2, b[0], b[1], width / 2);
                touched = raster_box_union(touched, box);
            }
        }
    }
    frame_composite(frame, touched, clip, command->color);
}

static void paint_polygon(Frame *frame, const DrawCommand *command, RasterBox clip) {
    const float *xy = scaled(frame, command);
    RasterMask mask = mask_for(frame, clip);
    if (xy != NULL) {
        RasterBox box = raster_polygon(&mask, xy, command->u.lines.n);
        frame_composite(frame, box, clip, command->color);
    }
}

// Pieces beside the clip are left out; the others get the same bytes.
static void paint_band(Frame *frame, const DrawCommand *command, RasterBox clip) {
    float s = frame->scale;
    const float *xtb = command->u.band.xtb;
    RasterMask mask = mask_for(frame, clip);
    RasterBox touched = {0, 0, 0, 0};
    for (size_t i = 1; i < command->u.band.n; i++, xtb += 3) {
        if (xtb[3] * s >= (float)clip.x0 && xtb[0] * s <= (float)clip.x1) {
            const float piece[] = {xtb[0] * s, xtb[1] * s, xtb[2] * s,
                                   xtb[3] * s, xtb[4] * s, xtb[5] * s};
            touched = raster_box_union(touched, raster_band(&mask, piece, 2));
        }
    }
    frame_composite(frame, touched, clip, command->color);
}

static void paint_disc(Frame *frame, const DrawCommand *command, RasterBox clip) {
    float s = frame->scale;
    float cx = (command->rect.x + command->rect.w / 2) * s;
    float cy = (command->rect.y + command->rect.h / 2) * s;
    float radius = command->radius * s;
    RasterMask mask = mask_for(frame, clip);
    RasterBox box = command->width > 0
                        ? raster_ring(&mask, cx, cy, radius, fmaxf(1.0f, command->width * s))
                        : raster_disc(&mask, cx, cy, radius);
    frame_composite(frame, box, clip, command->color);
}

// Coverage that comes ready made: the brush strokes of the canvas, kept by the view between frames.
static void paint_mask(Frame *frame, const DrawCommand *command, RasterBox clip) {
    int left = frame_snap(command->rect.x * frame->scale);
    int top = frame_snap(command->rect.y * frame->scale);
    for (int y = clip.y0; y < clip.y1; y++) {
        const uint8_t *row =
            command->u.mask.coverage + (size_t)(y - top) * (size_t)command->u.mask.w;
        blend_row(frame->pixels + (size_t)y * (size_t)frame->width + clip.x0,
                  row + (clip.x0 - left), clip.x1 - clip.x0, command->color);
    }
}

static void paint_text(Frame *frame, const DrawCommand *command, RasterBox clip) {
    float s = frame->scale;
    GlyphTarget target = {frame->pixels, frame->width, clip};
    glyphs_draw(frame->glyphs, &target, command->u.text.font.weight, command->u.text.font.size * s,
                command->rect.x * s, frame_snap(command->rect.y * s), command->color,
                command->u.text.utf8);
}

void frame_paint(Frame *frame, const DrawCommand *command, RasterBox clip) {
    switch (command->kind) {
    case DRAW_RECT:
    case DRAW_FRAME:
        paint_rect(frame, command, clip);
        break;
    case DRAW_LINES:
        paint_lines(frame, command, clip);
        break;
    case DRAW_POLYGON:
        paint_polygon(frame, command, clip);
        break;
    case DRAW_BAND:
        paint_band(frame, command, clip);
        break;
    case DRAW_DISC:
        paint_disc(frame, command, clip);
        break;
    case DRAW_TEXT:
        paint_text(frame, command, clip);
        break;
    case DRAW_IMAGE:
        frame_paint_image(frame, command, clip);
        break;
    case DRAW_MASK:
        paint_mask(frame, command, clip);
        break;
    case DRAW_CLIP:
        break;
    }
}
