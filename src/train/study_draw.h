// study_draw.h - a picture for a file, drawn without a window: rectangles, thumbnails, and text in
// a face of strokes. Private to study_sheet.c and study_matrix.c.
//
// Coverage comes from base/raster.c. The colours are those of the window's light theme.

#ifndef NN_TRAIN_STUDY_DRAW_H
#define NN_TRAIN_STUDY_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "nn/error.h"

// 0xRRGGBB
#define DRAW_GROUND 0xFAF8F4u
#define DRAW_INK 0x1D2126u
#define DRAW_SOFT 0x5F656Du
#define DRAW_RIGHT 0x2563C9u
#define DRAW_WRONG 0xA94F0Cu
#define DRAW_WRONG_SOFT 0xF8E6D8u
#define DRAW_RIGHT_SOFT 0xDCE7F8u
#define DRAW_WHITE 0xFFFFFFu

typedef struct Drawing Drawing;

// Filled with DRAW_GROUND. NULL: out of memory. For a picture larger than nn_png_write takes,
// saving says so.
Drawing *drawing_new(int width, int height);
void drawing_free(Drawing *drawing); // NULL is fine

// A line of text on its baseline; size is the height of a digit in pixels. UTF-8; letters are drawn
// small, a character the face lacks as a box. What lies outside the picture is cut off.
void drawing_text(Drawing *drawing, float x, float baseline, float size, uint32_t color,
                  const char *text);
float drawing_text_width(const char *text, float size);

// At most 256 x 256.
void drawing_round_rect(Drawing *drawing, int x, int y, int width, int height, float radius,
                        uint32_t color);

// A 28 x 28 picture, every pixel as scale x scale, white on black as the network sees it.
void drawing_digit(Drawing *drawing, int x, int y, int scale, const uint8_t *pixels);

NnStatus drawing_save(const Drawing *drawing, const char *path, NnError *err) NN_MUST_CHECK;

// a at t 0, b at t 1.
uint32_t drawing_mix(uint32_t a, uint32_t b, float t);

// "10,000"; out has at least 32 bytes and is returned.
char *drawing_grouped(char *out, size_t n);

// The strokes of a character: an alternation of a kind and points, "o3a6f3k0f". Kinds: - straight,
// ~ smooth, o smooth and closed. A point is x as a digit and y as a letter, from a, the height of a
// digit, down to k, the baseline, and on to n, the depth of a tail. *width is the largest x.
const char *face_strokes(unsigned code, int *width);

#endif
