// image.c - small 8-bit pictures, enlarged or reduced, through a palette.
//
// Sampling works on the 8-bit values and the palette comes last: halfway between two values lies a
// value, and every palette of ours is a scale. Four cases:
//   squares   nearest pixel; cell edges fall on device pixels, so cells differ by at most one
//   small     cells under 4 device pixels, where one more or less would show: edges are shared
//             in proportion to area instead
//   smooth    bilinear
//   reduced   the mean of the area that falls into a device pixel

#include <math.h>

#include "gfx/blend.h"
#include "gfx/frame.h"

typedef struct {
    const uint8_t *pixels; // (h, w)
    int w, h;
    int out_w, out_h; // device pixels it fills
    bool smooth;
} Picture;

// Enlargement along one axis: device pixel i of `out` over `in` source pixels.
static FrameTap tap_at(int i, int out, int in, bool smooth) {
    if (smooth) {
        float at = fmaxf(0.0f, ((float)i + 0.5f) * (float)in / (float)out - 0.5f);
        int first = (int)at < in - 1 ? (int)at : in - 1;
        int second = first + 1 < in ? first + 1 : first;
        return (FrameTap){first, second, (int)((at - (float)first) * 256.0f + 0.5f)};
    }
    if (out >= 4 * in || out % in == 0) {
        int nearest = (int)(((int64_t)2 * i + 1) * in / (2 * (int64_t)out));
        return (FrameTap){nearest, nearest, 0};
    }
    // The pixel covers in / out source pixels from here; what lies beyond the next whole number is
    // the second's.
    int first = (int)((int64_t)i * in / out);
    int64_t beyond = ((int64_t)i + 1) * in - ((int64_t)first + 1) * out;
    int second = first + 1 < in ? first + 1 : first;
    return (FrameTap){first, second, beyond > 0 ? (int)((beyond * 256 + in / 2) / in) : 0};
}

static void enlarged_row(const Picture *picture, const FrameTap *columns, FrameTap y, int n,
                         uint8_t *out) {
    const uint8_t *above = picture->pixels + (size_t)y.first * (size_t)picture->w;
    const uint8_t *below = picture->pixels + (size_t)y.second * (size_t)picture->w;
    for (int i = 0; i < n; i++) {
        FrameTap c = columns[i];
        int a = above[c.first] * (256 - c.share) + above[c.second] * c.share;
        int b = below[c.first] * (256 - c.share) + below[c.second] * c.share;
        out[i] = (uint8_t)((a * (256 - y.share) + b * y.share + 32768) >> 16);
    }
}

// Source pixels covered by device pixel i, with the share of the first and the last.
typedef struct {
    int first, last;
    float head, tail;
} Span;

static Span span_at(int i, int out, int in) {
    float step = (float)in / (float)out;
    float from = (float)i * step, to = fminf((float)(i + 1) * step, (float)in);
    int first = (int)from < in - 1 ? (int)from : in - 1;
    int last = (int)ceilf(to) - 1 > first ? (int)ceilf(to) - 1 : first;
    last = last < in - 1 ? last : in - 1;
    return (Span){first, last, (float)(first + 1) - from, to - (float)last};
}

static float share(Span span, int i) {
    if (span.first == span.last) {
        return 1.0f;
    }
    return i == span.first ? span.head : i == span.last ? span.tail : 1.0f;
}

static void reduced_row(const Picture *picture, int row, int first, int n, uint8_t *out) {
    Span y = span_at(row, picture->out_h, picture->h);
    for (int i = 0; i < n; i++) {
        Span x = span_at(first + i, picture->out_w, picture->w);
        float sum = 0.0f, area = 0.0f;
        for (int v = y.first; v <= y.last; v++) {
            const uint8_t *source = picture->pixels + (size_t)v * (size_t)picture->w;
            for (int u = x.first; u <= x.last; u++) {
                float part = share(y, v) * share(x, u);
                sum += part * (float)source[u];
                area += part;
            }
        }
        out[i] = (uint8_t)(sum / area + 0.5f);
    }
}

// One row of palette indices onto the frame. mask: coverage of rounded corners, or NULL.
static void palette_row(uint32_t *row, const uint8_t *indices, const uint8_t *mask, int n,
                        const Color *palette) {
    for (int i = 0; i < n; i++) {
        Color color = palette[indices[i]];
        unsigned alpha = mask != NULL ? blend_scale(color >> 24, mask[i]) : color >> 24;
        row[i] = alpha == 255 ? color : blend_mix(row[i], color, alpha);
    }
}

void frame_paint_image(Frame *frame, const DrawCommand *command, RasterBox clip) {
    RasterBox rect = frame_snap_rect(frame, command->rect);
    Picture picture = {command->u.image.pixels, command->u.image.w, command->u.image.h,
                       rect.x1 - rect.x0,       rect.y1 - rect.y0,  command->u.image.smooth};
    if (picture.w <= 0 || picture.h <= 0) {
        return;
    }
    int left = clip.x0 - rect.x0;
    int n = clip.x1 - clip.x0;
    bool reduced = picture.out_w < picture.w || picture.out_h < picture.h;
    for (int i = 0; i < n && !reduced; i++) {
        frame->taps[i] = tap_at(left + i, picture.out_w, picture.w, picture.smooth);
    }
    float limit = (float)(picture.out_w < picture.out_h ? picture.out_w : picture.out_h) / 2;
    float radius = fminf(command->radius * frame->scale, limit);
    int band = radius > 0 ? (int)ceilf(radius) : 0;
    if (band > 0) {
        frame_mask_corners(frame, rect, radius, 0, rect.y0, rect.y0 + band, clip);
        frame_mask_corners(frame, rect, radius, 0, rect.y1 - band, rect.y1, clip);
    }
    FrameTap before = {-1, -1, -1};
    for (int y = clip.y0; y < clip.y1; y++) {
        size_t at = (size_t)y * (size_t)frame->width + (size_t)clip.x0;
        bool round = y < rect.y0 + band || y >= rect.y1 - band;
        if (reduced) {
            reduced_row(&picture, y - rect.y0, left, n, frame->line);
        } else {
            FrameTap tap = tap_at(y - rect.y0, picture.out_h, picture.h, picture.smooth);
            if (tap.first != before.first || tap.second != before.second ||
                tap.share != before.share) {
                enlarged_row(&picture, frame->taps, tap, n, frame->line);
                before = tap; // the rows of one square are alike
            }
        }
        palette_row(frame->pixels + at, frame->line, round ? frame->mask + at : NULL, n,
                    command->u.image.palette);
    }
    if (band > 0) { // corners also reach left of the clip
        RasterBox drawn = {rect.x0 > 0 ? rect.x0 : 0, clip.y0, clip.x1, clip.y1};
        raster_clear(&(RasterMask){frame->mask, frame->width, frame->height, frame->width}, drawn);
    }
}
