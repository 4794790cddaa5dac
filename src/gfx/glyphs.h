// glyphs.h - one line of text, measured and painted. Private to gfx.
//
// Glyph pictures and advances are kept by (face, size, character, quarter pixel) once made. Digits
// stand in cells as wide as the widest of them, so a number that changes does not move what is
// beside it.

#ifndef INKLING_GFX_GLYPHS_H
#define INKLING_GFX_GLYPHS_H

#include <stddef.h>
#include <stdint.h>

#include "base/raster.h"
#include "gfx/gfx.h"
#include "nn/error.h"

typedef struct Glyphs Glyphs;

Glyphs *glyphs_new(const GfxDesc *desc, NnError *err);
void glyphs_free(Glyphs *glyphs);
const char *glyphs_font_name(const Glyphs *glyphs);

UiTextSize glyphs_measure(Glyphs *glyphs, Font font, const char *utf8,
                          size_t n); // any unit: font's

typedef struct {
    uint32_t *pixels;
    int stride; // pixels
    RasterBox clip;
} GlyphTarget;

// All in device pixels; the pen starts at x, the baseline is whole.
void glyphs_draw(Glyphs *glyphs, const GlyphTarget *target, FontWeight weight, float size_px,
                 float x, int baseline, Color color, const char *utf8);

// Gives pictures back when there are too many. Between frames only.
void glyphs_trim(Glyphs *glyphs);

#endif
