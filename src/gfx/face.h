// face.h - one font file, or the built-in face: advances, kerning and glyph pictures. Private to
// gfx.
//
// Advances and kerning are in ems, taken from the font at 2,048 pixels, so a line's width is
// proportional to its size and layouts agree at every scale. Pictures are made at the exact pixel
// size asked for (SDL_ttf takes whole points only, but any resolution), hinted in height alone,
// with four times the columns: from those follow the coverages for a pen at 0, 1/4, 1/2 and 3/4 of
// a pixel.

#ifndef INKLING_GFX_FACE_H
#define INKLING_GFX_FACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Face Face;

enum { FACE_PHASES = 4 };

// Coverage of one glyph. left and top: from the pen on the baseline to the top left corner, y up.
typedef struct {
    int left, top, w, h;
    uint8_t *coverage; // (h, w); the face's own, valid until its next picture
} GlyphPicture;

Face *face_open(
    const char *path); // NULL: the built-in face. Returns NULL if it is no font, or out of memory
void face_close(Face *face);

bool face_has(const Face *face, unsigned code);
float face_advance(Face *face, unsigned code);               // ems
float face_kerning(Face *face, unsigned a, unsigned b);      // ems, added between a and b
void face_height(Face *face, float *ascent, float *descent); // ems, both positive
bool face_picture(Face *face, unsigned code, float size_px, int phase, GlyphPicture *picture);

// The built-in face of 5 x 7 dots: its dot pattern of a character, row by row, bit 4 leftmost.
const uint8_t *bitmap_face_rows(unsigned code); // a hollow box for what it does not have
enum { BITMAP_FACE_ROWS = 9 };                  // 7 above the baseline, 2 below

#endif
