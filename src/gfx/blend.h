// blend.h - mixing opaque 0xFFRRGGBB pixels with a colour, rounded exactly: round((s a + d (255 -
// a)) / 255).
//
// Blending is done on the sRGB values as they are, as browsers do; text gets its own correction in
// glyphs.c. Two channels travel in one word, 16 bits each, which 255 * 255 + 128 just fits.

#ifndef INKLING_GFX_BLEND_H
#define INKLING_GFX_BLEND_H

#include <stdint.h>
#include <string.h>

static inline unsigned blend_scale(unsigned a, unsigned b) { // a b / 255, rounded
    unsigned t = a * b + 128;
    return (t + (t >> 8)) >> 8;
}

static inline uint32_t blend_mix(uint32_t under, uint32_t over, unsigned alpha) {
    const uint32_t lanes = 0x00FF00FF;
    const uint32_t half = 0x00800080;
    uint32_t rb = (over & lanes) * alpha + (under & lanes) * (255 - alpha) + half;
    uint32_t g = ((over >> 8) & 0xFF) * alpha + ((under >> 8) & 0xFF) * (255 - alpha) + 128;
    rb = ((rb + ((rb >> 8) & lanes)) >> 8) & lanes;
    g = ((g + (g >> 8)) >> 8) & 0xFF;
    return 0xFF000000 | rb | g << 8;
}

// One colour onto n pixels through coverage. Most of a curve's box is empty and most of a shape's
// inside is full: eight pixels of either are seen at once.
static inline void blend_row(uint32_t *pixels, const uint8_t *coverage, int n, uint32_t color) {
    unsigned alpha = color >> 24;
    for (int i = 0; i < n; i++) {
        uint64_t eight = 1;
        if (i + 8 <= n) {
            memcpy(&eight, coverage + i, sizeof eight);
        }
        if (eight == 0) {
            i += 7;
        } else if (eight == UINT64_MAX && alpha == 255) {
            for (int k = 0; k < 8; k++) {
                pixels[i + k] = color;
            }
            i += 7;
        } else if (coverage[i] > 0) {
            pixels[i] = blend_mix(pixels[i], color, blend_scale(coverage[i], alpha));
        }
    }
}

#endif
