// fonts.h - which font files to use. Private to gfx.
//
// In this order: the file asked for; Inter; DejaVu Sans, both where systems are known to keep them
// and where CMake saw them; what fontconfig has, its answer checked, since it always has one; the
// fonts of macOS and Windows; nothing, which means the built-in face.

#ifndef INKLING_GFX_FONTS_H
#define INKLING_GFX_FONTS_H

#include <stdbool.h>

#include "gfx/gfx.h"
#include "nn/error.h"

typedef struct {
    char path[WEIGHT_COUNT][512]; // "" for the built-in face
    char fallback[2][512];        // DejaVu Sans and its bold, for what the others lack; may be ""
    char name[64];
} FontFiles;

NnStatus fonts_find(const GfxDesc *desc, FontFiles *files, NnError *err) NN_MUST_CHECK;

#endif
