// blend.h - mixing opaque 0xFFRRGGBB pixels with a colour, rounded exactly: round((s a + d (255 -
// a)) / 255).
//
// Blending is done on the sRGB values as they are, as browsers do; text gets its own correction in
// glyphs.c. Two channels travel in one word, 16 bits each, which 255 * 255 + 128 just fits.

#ifndef INKLING_GFX_BLEND_H
#define INKLING_GFX_BLEND_H

#include <stdint.h>

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

#endif
