// study_face.c - the shapes of digits, small letters and a few signs, as points for smooth strokes.

#include "train/study_draw.h"

typedef struct {
    unsigned code;
    int width;
    const char *strokes;
} Glyph;

static const Glyph glyphs[] = {
    {'0', 6, "o3a6f3k0f"},
    {'1', 6, "-1c3a3k"},
    {'2', 6, "~0c1b3a5b6d4g0k-0k6k"},
    {'3', 6, "~0b3a5c3e-3e2e~3e6h3k0j"},
    {'4', 6, "-5k5a0h6h"},
    {'5', 6, "-6a1a0e~0e3d6g3k0j"},
    {'6', 6,
     "~5a2c0h-0h0h"
     "o3e6h3k0h"},
    {'7', 6, "-0a6a2k"},
    {'8', 6,
     "o3a5c3e1c"
     "o3e6h3k0h"},
    {'9', 6, "o3a6d3g0d~6d4i1k"},
    {'a', 5, "o2d5g2k0g-5d5k"},
    {'b', 5, "-0a0ko2d5g2k0g"},
    {'c', 5, "~5e3d0g3k5j"},
    {'d', 5, "-5a5ko2d5g2k0g"},
    {'e', 5, "-0g5g~5g3d0g3k5j"},
    {'f', 3, "~3a1b1d-1d1k-0d3d"},
    {'g', 5, "o2d5g2k0g-5d5k~5k3n0m"},
    {'h', 5, "-0a0k~0f3d5f-5f5k"},
    {'i', 0, "-0d0k-0a0a"},
    {'j', 2, "-2d2k~2k2m0n-2a2a"},
    {'k', 5, "-0a0k-4d0h-1g5k"},
    {'l', 0, "-0a0k"},
    {'m', 8, "-0d0k~0f2d4f-4f4k~4f6d8f-8f8k"},
    {'n', 5, "-0d0k~0f3d5f-5f5k"},
    {'o', 5, "o2d5g2k0g"},
    {'p', 5, "-0d0no2d5g2k0g"},
    {'q', 5, "-5d5no2d5g2k0g"},
    {'r', 3, "-0d0k~0g1e3d"},
    {'s', 4, "~4e2d0e2g4i2k0j"},
    {'t', 4, "-1a1i~1i2k4k-0d4d"},
    {'u', 5, "-0d0h~0h2k5h-5d5k"},
    {'v', 5, "-0d2k5d"},
    {'w', 8, "-0d2k4d6k8d"},
    {'x', 5, "-0d5k-5d0k"},
    {'y', 5, "-0d3k-5d2n0n"},
    {'z', 5, "-0d5d0k5k"},
    {'T', 6, "-0a6a-3a3k"},
    {' ', 2, ""},
    {'.', 0, "-0k0k"},
    {',', 1, "-1k0m"},
    {':', 0, "-0e0e-0k0k"},
    {'-', 3, "-0g3g"},
    {'_', 5, "-0k5k"},
    {'+', 5, "-0g5g-2d2i"},
    {'/', 4, "-4a0k"},
    {'%', 8, "o1a3c1e0co7g8i7k5i-7a1k"},
    {'?', 5, "~0c2a5c3f-3f2h-2k2k"},
    {0xb1, 5, "-0f5f-2c2h-0k5k"}, // plus or minus
    {0xb7, 0, "-0g0g"},           // middle dot
    {0x2713, 6, "-0g2k6c"},       // right
    {0x2717, 5, "-0d5k-5d0k"},    // wrong
};

static const Glyph box = {0, 5, "-0a5a5k0k0a"};

static const Glyph *find(unsigned code) {
    for (size_t i = 0; i < sizeof glyphs / sizeof glyphs[0]; i++) {
        if (glyphs[i].code == code) {
            return &glyphs[i];
        }
    }
    return NULL;
}

const char *face_strokes(unsigned code, int *width) {
    const Glyph *glyph = find(code);
    if (glyph == NULL && code >= 'A' && code <= 'Z') {
        glyph = find(code - 'A' + 'a');
    }
    glyph = glyph != NULL ? glyph : &box;
    *width = glyph->width;
    return glyph->strokes;
}
