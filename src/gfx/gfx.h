// gfx.h - executes draw commands into a frame in memory, and measures text.
//
// The whole frame is composed on the CPU into opaque 32-bit pixels, with raster.c for everything
// that is not a straight edge. So every renderer, `inkling render` and the tests show the same
// pixels, and a lost renderer costs one upload. Commands are hashed per cell of the frame; only
// cells that changed are painted again. Text comes from SDL_ttf through a glyph atlas; no window or
// display is needed. Thread: one.

#ifndef INKLING_GFX_GFX_H
#define INKLING_GFX_GFX_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/error.h"
#include "ui/draw_list.h"
#include "ui/ui.h"

typedef struct Gfx Gfx;

typedef struct {
    const char *font_path; // a regular font; NULL: Inter, else DejaVu Sans, else what fontconfig
                           // has, else the built-in face
    bool exact_font;       // DejaVu Sans by file and nothing else: what the pixel tests use
    bool builtin_font;     // the built-in 5 x 7 face and nothing else
} GfxDesc;

// NULL where font_path is no font, or exact_font finds none. Without any font the built-in face is
// used.
Gfx *gfx_new(const GfxDesc *desc, NnError *err);
void gfx_free(Gfx *gfx);

// Frame size in device pixels. Throws the old frame away.
bool gfx_resize(Gfx *gfx, int width, int height, float scale);

UiTextSize gfx_measure(void *gfx, Font font, const char *utf8, size_t n); // a UiMeasure

typedef struct {
    int x, y, w, h; // device pixels
} GfxRect;

// Paints what changed since the last call. Returns the rectangles painted; valid until the next
// call.
const GfxRect *gfx_compose(Gfx *gfx, const DrawList *list, Color background, size_t *n);

const uint32_t *gfx_pixels(const Gfx *gfx, int *width, int *height); // (height, width) 0xFFRRGGBB
void gfx_invalidate(Gfx *gfx);                                       // paint everything next time
void gfx_tint_repaints(Gfx *gfx, bool on); // F4: each painted region gets a random tint
const char *gfx_font_name(const Gfx *gfx); // what text is set in

#endif
