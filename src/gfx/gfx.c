#include "gfx/gfx.h"

#include <string.h>

#include "base/alloc.h"
#include "gfx/cells.h"
#include "gfx/frame.h"
#include "gfx/glyphs.h"

struct Gfx {
    Glyphs *glyphs;
    Frame frame;
    Cells cells;
    GfxRect *rects; // as many as there are cells
    bool tint;
    uint32_t tints; // the last one's bits
};

Gfx *gfx_new(const GfxDesc *desc, NnError *err) {
    Gfx *gfx = mem_new(1, sizeof *gfx);
    if (gfx == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "Out of memory for the frame.");
        return NULL;
    }
    gfx->glyphs = glyphs_new(desc, err);
    if (gfx->glyphs == NULL) {
        mem_free(gfx);
        return NULL;
    }
    return gfx;
}

static void release_frame(Gfx *gfx) {
    frame_release(&gfx->frame);
    cells_release(&gfx->cells);
    mem_free(gfx->rects);
    gfx->rects = NULL;
}

void gfx_free(Gfx *gfx) {
    if (gfx != NULL) {
        release_frame(gfx);
        glyphs_free(gfx->glyphs);
        mem_free(gfx);
    }
}

bool gfx_resize(Gfx *gfx, int width, int height, float scale) {
    release_frame(gfx);
    if (width <= 0 || height <= 0 || !frame_init(&gfx->frame, width, height, scale, gfx->glyphs)) {
        return false;
    }
    bool ok = cells_init(&gfx->cells, width, height);
    size_t n = (size_t)gfx->cells.columns * (size_t)gfx->cells.rows;
    gfx->rects = ok ? mem_new(n, sizeof *gfx->rects) : NULL;
    if (gfx->rects == NULL) {
        release_frame(gfx);
        return false;
    }
    return true;
}

UiTextSize gfx_measure(void *gfx, Font font, const char *utf8, size_t n) {
    const Gfx *self = gfx;
    return glyphs_measure(self->glyphs, font, utf8, n);
}

static void paint_box(Gfx *gfx, const DrawList *list, Color background, RasterBox box) {
    frame_fill(&gfx->frame, box, background | 0xFF000000);
    for (size_t i = 0; i < list->n; i++) {
        RasterBox clip = frame_intersect(box, gfx->cells.reach[i]);
        if (!frame_is_empty(clip)) {
            frame_paint(&gfx->frame, &list->commands[i], clip);
        }
    }
    if (gfx->tint) {
        gfx->tints += 0x9E3779B9; // steps that far apart give colours that differ
        frame_fill(&gfx->frame, box, 0x40000000 | gfx->tints >> 8);
    }
}

const GfxRect *gfx_compose(Gfx *gfx, const DrawList *list, Color background, size_t *n) {
    *n = 0;
    if (gfx->rects == NULL) {
        return NULL;
    }
    glyphs_trim(gfx->glyphs);
    const RasterBox *boxes = cells_changed(&gfx->cells, &gfx->frame, list, background, n);
    for (size_t i = 0; i < *n; i++) {
        RasterBox box = boxes[i];
        paint_box(gfx, list, background, box);
        gfx->rects[i] = (GfxRect){box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0};
    }
    return gfx->rects;
}

const uint32_t *gfx_pixels(const Gfx *gfx, int *width, int *height) {
    *width = gfx->frame.width;
    *height = gfx->frame.height;
    return gfx->frame.pixels;
}

void gfx_invalidate(Gfx *gfx) {
    cells_forget(&gfx->cells);
}

void gfx_tint_repaints(Gfx *gfx, bool on) {
    if (gfx->tint && !on) {
        gfx_invalidate(gfx); // the tints on screen go
    }
    gfx->tint = on;
}

const char *gfx_font_name(const Gfx *gfx) {
    return glyphs_font_name(gfx->glyphs);
}
