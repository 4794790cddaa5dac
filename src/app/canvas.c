#include "app/canvas.h"

#include <string.h>

#include "base/alloc.h"
#include "base/raster.h"
#include "base/text.h"

// Between a drawing that came from a file and the first stroke added to it: the two clocks have
// nothing in common.
static const double PAUSE_MS = 300;
// Ink of minutes: nobody draws that much without a pause, and pages never written to cost nothing.
enum { POINTS_AHEAD = 1 << 16, ACTIONS_AHEAD = 1 << 10 };

bool canvas_init(Canvas *canvas, NnError *err) {
    memset(canvas, 0, sizeof *canvas);
    canvas->ink = nn_ink_new(err);
    canvas->past = canvas->ink == NULL ? NULL : nn_ink_new(err);
    if (canvas->past == NULL) {
        canvas_release(canvas);
        return false;
    }
    (void)nn_ink_reserve(canvas->ink, POINTS_AHEAD, ACTIONS_AHEAD); // a wish: it grows by itself
    return true;
}

void canvas_release(Canvas *canvas) {
    canvas_drop_picture(canvas);
    nn_ink_free(canvas->past);
    nn_ink_free(canvas->ink);
    mem_free(canvas->mask);
    mem_free(canvas->ghost);
    memset(canvas, 0, sizeof *canvas);
}

bool canvas_resize(Canvas *canvas, int side) {
    if (side == canvas->side) {
        return true;
    }
    mem_free(canvas->mask);
    mem_free(canvas->ghost);
    canvas->mask = mem_new((size_t)side, (size_t)side);
    canvas->ghost = mem_new((size_t)side, (size_t)side);
    if (canvas->mask == NULL || canvas->ghost == NULL) {
        mem_free(canvas->mask);
        mem_free(canvas->ghost);
        canvas->mask = canvas->ghost = NULL;
        canvas->side = 0;
        return false;
    }
    canvas->side = side;
    canvas->mask_stale = true;
    return true;
}

static NnInkPoint on_ink_time(const Canvas *canvas, NnInkPoint point, double now_ms) {
    double t = now_ms - canvas->t0_ms;
    point.t_ms = t < (double)canvas->last.t_ms ? canvas->last.t_ms : (float)t;
    return point;
}

// Paints the newest segment alone; the mask was up to date before it.
static void paint_segment(Canvas *canvas, NnInkPoint from, NnInkPoint to, float width) {
    if (canvas->mask == NULL || canvas->mask_stale) {
        return;
    }
    RasterMask mask = {canvas->mask, canvas->side, canvas->side, canvas->side};
    float side = (float)canvas->side;
    float radius = width * side / 2;
    (void)raster_segment(&mask, from.x * side, from.y * side,
                         radius * nn_ink_pressure_width(from.pressure), to.x * side, to.y * side,
                         radius * nn_ink_pressure_width(to.pressure));
}

void canvas_begin(Canvas *canvas, NnInkTool tool, float width, NnInkPoint point, double now_ms) {
    canvas_drop_picture(canvas);
    canvas_show_now(canvas);
    // Time runs on over a clear: undo may bring back what was drawn before it.
    bool untouched = nn_ink_is_empty(canvas->ink) && !nn_ink_can_undo(canvas->ink) &&
                     !nn_ink_can_redo(canvas->ink);
    if (untouched) {
        canvas->last = (NnInkPoint){0};
        canvas->t0_ms = now_ms;
    } else if (now_ms - canvas->t0_ms < (double)canvas->last.t_ms) {
        canvas->t0_ms = now_ms - (double)canvas->last.t_ms - PAUSE_MS;
    }
    point = on_ink_time(canvas, point, now_ms);
    if (!nn_ink_begin(canvas->ink, tool, width)) {
        return;
    }
    canvas->drawing = true;
    canvas->tool = tool;
    canvas->width = width;
    if (nn_ink_extend(canvas->ink, point)) {
        if (tool == NN_INK_DRAW) {
            paint_segment(canvas, point, point, width);
        } else {
            canvas->mask_stale = true;
        }
    }
    canvas->last = point;
}

void canvas_extend(Canvas *canvas, NnInkPoint point, double now_ms) {
    if (!canvas->drawing) {
        return;
    }
    point = on_ink_time(canvas, point, now_ms);
    if (!nn_ink_extend(canvas->ink, point)) {
        return;
    }
    if (canvas->tool == NN_INK_DRAW) {
        paint_segment(canvas, canvas->last, point, canvas->width);
    } else {
        canvas->mask_stale = true;
    }
    canvas->last = point;
}

void canvas_end(Canvas *canvas) {
    if (canvas->drawing) {
        nn_ink_end(canvas->ink);
        canvas->drawing = false;
    }
}

void canvas_cancel(Canvas *canvas) {
    if (canvas->drawing) {
        nn_ink_cancel(canvas->ink);
        canvas->drawing = false;
        canvas->mask_stale = true;
    }
}

void canvas_changed(Canvas *canvas) {
    canvas->mask_stale = true;
    // A drawing that came from elsewhere continues at its own last moment, not at the clock's.
    size_t n = nn_ink_stroke_count(canvas->ink);
    canvas->last = (NnInkPoint){0};
    if (n > 0) {
        NnStroke stroke = nn_ink_stroke(canvas->ink, n - 1);
        canvas->last = stroke.points[stroke.n - 1];
    }
}

bool canvas_undo(Canvas *canvas) {
    canvas_cancel(canvas);
    canvas_show_now(canvas);
    if (canvas->picture.grey != NULL) { // the last thing done was to drop it
        canvas_drop_picture(canvas);
        return true;
    }
    if (!nn_ink_undo(canvas->ink)) {
        return false;
    }
    canvas_changed(canvas);
    return true;
}

bool canvas_redo(Canvas *canvas) {
    canvas_cancel(canvas);
    canvas_show_now(canvas);
    if (!nn_ink_redo(canvas->ink)) {
        return false;
    }
    canvas_changed(canvas);
    return true;
}

bool canvas_clear(Canvas *canvas) {
    canvas_cancel(canvas);
    canvas_show_now(canvas);
    bool had_picture = canvas->picture.grey != NULL;
    canvas_drop_picture(canvas);
    if (nn_ink_is_empty(canvas->ink) || !nn_ink_clear(canvas->ink)) {
        return had_picture;
    }
    canvas_changed(canvas);
    return true;
}

// --- pictures ------------------------------------------------------------------------------------

// The mean of each block of pixels, so that a photograph is not shown as noise.
static void shrink(const NnPicture *picture, uint8_t *out, int w, int h) {
    for (int y = 0; y < h; y++) {
        int y0 = (int)((int64_t)y * picture->height / h);
        int y1 = (int)((int64_t)(y + 1) * picture->height / h);
        for (int x = 0; x < w; x++) {
            int x0 = (int)((int64_t)x * picture->width / w);
            int x1 = (int)((int64_t)(x + 1) * picture->width / w);
            uint64_t sum = 0;
            for (int v = y0; v < y1; v++) {
                for (int u = x0; u < x1; u++) {
                    sum += picture->grey[(size_t)v * (size_t)picture->width + (size_t)u];
                }
            }
            out[y * w + x] = (uint8_t)(sum / ((uint64_t)(y1 - y0) * (uint64_t)(x1 - x0)));
        }
    }
}

bool canvas_take_picture(Canvas *canvas, NnPicture *owned_picture, const char *path) {
    int w = owned_picture->width, h = owned_picture->height;
    int longer = w > h ? w : h;
    if (longer > CANVAS_PREVIEW_MAX) {
        w = (int)((int64_t)w * CANVAS_PREVIEW_MAX / longer);
        h = (int)((int64_t)h * CANVAS_PREVIEW_MAX / longer);
        w = w > 0 ? w : 1;
        h = h > 0 ? h : 1;
    }
    uint8_t *preview = mem_new((size_t)w, (size_t)h);
    if (preview == NULL) {
        return false;
    }
    shrink(owned_picture, preview, w, h);
    canvas_cancel(canvas);
    canvas_show_now(canvas);
    canvas_drop_picture(canvas);
    canvas->picture = *owned_picture;
    memset(owned_picture, 0, sizeof *owned_picture);
    canvas->preview = preview;
    canvas->preview_w = w;
    canvas->preview_h = h;
    const char *slash = strrchr(path, '/');
    text_escape(canvas->picture_name, sizeof canvas->picture_name, slash ? slash + 1 : path);
    return true;
}

void canvas_drop_picture(Canvas *canvas) {
    if (canvas->picture.grey != NULL) {
        nn_picture_release(&canvas->picture);
        memset(&canvas->picture, 0, sizeof canvas->picture);
    }
    mem_free(canvas->preview);
    canvas->preview = NULL;
    canvas->picture_name[0] = '\0';
}

// --- earlier moments -----------------------------------------------------------------------------

void canvas_show_past(Canvas *canvas, size_t n_points) {
    if (canvas->showing_past && canvas->past_points == n_points) {
        return;
    }
    if (!nn_ink_prefix(canvas->ink, n_points, canvas->past)) {
        return; // out of memory: what was shown stays
    }
    if (!canvas->showing_past && canvas->ghost != NULL) {
        nn_ink_draw(canvas->ink, canvas->ghost, canvas->side);
    }
    canvas->showing_past = true;
    canvas->past_points = n_points;
    canvas->mask_stale = true;
}

void canvas_show_now(Canvas *canvas) {
    if (canvas->showing_past) {
        canvas->showing_past = false;
        canvas->mask_stale = true;
    }
}

const NnInk *canvas_visible_ink(const Canvas *canvas) {
    return canvas->showing_past ? canvas->past : canvas->ink;
}

void canvas_refresh(Canvas *canvas) {
    if (canvas->mask_stale && canvas->mask != NULL) {
        nn_ink_draw(canvas_visible_ink(canvas), canvas->mask, canvas->side);
        if (canvas->showing_past) {
            nn_ink_draw(canvas->ink, canvas->ghost, canvas->side);
        }
        canvas->mask_stale = false;
    }
}

bool canvas_is_blank(const Canvas *canvas) {
    return nn_ink_is_empty(canvas->ink) && canvas->picture.grey == NULL;
}
