#include "gfx/face.h"

#include <math.h>
#include <string.h>

#include <SDL_ttf.h>

#include "base/alloc.h"

enum {
    EM = 2048,          // pixels at which advances are read
    FIRST = 33,         // printable ASCII but the space: what is kerned
    LETTERS = 127 - 33, //
    UNKNOWN = INT16_MIN,
    FIRST_ROOM = 128 * 128, // bytes of a picture: digits of 100 pixels fit
};

struct Face {
    TTF_Font *font;        // NULL: the built-in face
    unsigned dpi_x, dpi_y; // in force
    int bars;              // width of "||" at EM, or 0
    int16_t *kerning;      // (LETTERS, LETTERS) at EM, UNKNOWN until asked for
    uint8_t *picture;      // the last one made
    size_t room;           // bytes of it
};

Face *face_open(const char *path) {
    Face *face = mem_new(1, sizeof *face);
    if (face == NULL || path == NULL) {
        return face;
    }
    // A point is a pixel at 72 dpi, so with a size of one point the resolution alone sets the size.
    face->dpi_x = face->dpi_y = 72 * EM;
    face->font = TTF_OpenFontDPI(path, 1, face->dpi_x, face->dpi_y);
    face->kerning = mem_new((size_t)LETTERS * LETTERS, sizeof *face->kerning);
    if (face->font == NULL || face->kerning == NULL) {
        face_close(face);
        return NULL;
    }
    TTF_SetFontHinting(face->font, TTF_HINTING_LIGHT);
    for (int i = 0; i < LETTERS * LETTERS; i++) {
        face->kerning[i] = UNKNOWN;
    }
    return face;
}

void face_close(Face *face) {
    if (face != NULL) {
        if (face->font != NULL) {
            TTF_CloseFont(face->font);
        }
        mem_free(face->kerning);
        mem_free(face->picture);
        mem_free(face);
    }
}

static bool set_size(Face *face, unsigned dpi_x, unsigned dpi_y) {
    if (dpi_x == face->dpi_x && dpi_y == face->dpi_y) {
        return true;
    }
    face->dpi_x = face->dpi_y = 0; // not known should it fail
    if (TTF_SetFontSizeDPI(face->font, 1, dpi_x, dpi_y) != 0) {
        return false;
    }
    face->dpi_x = dpi_x;
    face->dpi_y = dpi_y;
    return true;
}

bool face_has(const Face *face, unsigned code) {
    return face->font == NULL || TTF_GlyphIsProvided32(face->font, code) != 0;
}

float face_advance(Face *face, unsigned code) {
    if (face->font == NULL) {
        return 0.6f;
    }
    int advance = 0;
    if (!set_size(face, 72 * EM, 72 * EM) ||
        TTF_GlyphMetrics32(face->font, code, NULL, NULL, NULL, NULL, &advance) != 0) {
        return 0.5f;
    }
    return (float)advance / EM;
}

// Fonts keep kerning in one of two tables; FreeType reads the old one, HarfBuzz, through a text's
// width, the new one. Bars at both ends keep overhanging ink out of that width.
static int read_kerning(Face *face, unsigned a, unsigned b) {
    if (!set_size(face, 72 * EM, 72 * EM)) {
        return 0;
    }
    int old = TTF_GetFontKerningSizeGlyphs32(face->font, a, b);
    if (old != 0) {
        return old;
    }
    int width = 0, height = 0, advance_a = 0, advance_b = 0;
    if (face->bars == 0) {
        TTF_SizeUTF8(face->font, "||", &face->bars, &height);
    }
    const char text[] = {'|', (char)a, (char)b, '|', 0};
    bool ok = TTF_SizeUTF8(face->font, text, &width, &height) == 0 &&
              TTF_GlyphMetrics32(face->font, a, NULL, NULL, NULL, NULL, &advance_a) == 0 &&
              TTF_GlyphMetrics32(face->font, b, NULL, NULL, NULL, NULL, &advance_b) == 0;
    return ok ? width - face->bars - advance_a - advance_b : 0;
}

float face_kerning(Face *face, unsigned a, unsigned b) {
    if (face->font == NULL || a - FIRST >= LETTERS || b - FIRST >= LETTERS) {
        return 0;
    }
    int16_t *kept = &face->kerning[(a - FIRST) * LETTERS + (b - FIRST)];
    if (*kept == UNKNOWN) {
        int read = read_kerning(face, a, b);
        *kept = (int16_t)(read < -EM ? -EM : read > EM ? EM : read);
    }
    return (float)*kept / EM;
}

void face_height(Face *face, float *ascent, float *descent) {
    *ascent = 0.75f;
    *descent = 0.25f;
    if (face->font != NULL && set_size(face, 72 * EM, 72 * EM)) {
        *ascent = (float)TTF_FontAscent(face->font) / EM;
        *descent = (float)-TTF_FontDescent(face->font) / EM;
    }
}

// --- pictures ------------------------------------------------------------------------------------

static bool make_room(Face *face, int w, int h) {
    size_t need = (size_t)w * (size_t)h;
    if (need > face->room) {
        size_t room = face->room > 0 ? face->room : FIRST_ROOM;
        while (room < need) {
            room *= 2;
        }
        uint8_t *grown = mem_resize(face->picture, room, 1);
        if (grown == NULL) {
            return false;
        }
        face->picture = grown;
        face->room = room;
    }
    memset(face->picture, 0, need);
    return true;
}

static int floor_div(int a, int b) {
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

// Coverage at four columns a pixel to coverage at one, the pen standing phase columns into a pixel.
// left: column of the surface's left edge from the pen.
static bool gather(Face *face, const SDL_Surface *fine, int left, int phase,
                   GlyphPicture *picture) {
    int first = floor_div(left + phase, FACE_PHASES);
    int last = floor_div(left + phase + fine->w - 1, FACE_PHASES);
    picture->left = first;
    picture->w = last - first + 1;
    picture->h = fine->h;
    if (!make_room(face, picture->w, picture->h)) {
        return false;
    }
    int shift = left + phase - first * FACE_PHASES; // of the surface inside the picture's columns
    for (int y = 0; y < fine->h; y++) {
        const uint8_t *row = (const uint8_t *)fine->pixels + (ptrdiff_t)y * fine->pitch;
        for (int x = 0; x < picture->w; x++) {
            int sum = FACE_PHASES / 2;
            for (int i = 0; i < FACE_PHASES; i++) {
                int column = x * FACE_PHASES + i - shift;
                sum += column >= 0 && column < fine->w ? row[column] : 0;
            }
            face->picture[y * picture->w + x] = (uint8_t)(sum / FACE_PHASES);
        }
    }
    return true;
}

static bool row_is_empty(const GlyphPicture *picture, int y) {
    for (int x = 0; x < picture->w; x++) {
        if (picture->coverage[y * picture->w + x] != 0) {
            return false;
        }
    }
    return true;
}

// Surfaces have the whole line's height; the ink has not.
static void trim(GlyphPicture *picture) {
    int above = 0;
    while (above < picture->h && row_is_empty(picture, above)) {
        above++;
    }
    while (picture->h > above && row_is_empty(picture, picture->h - 1)) {
        picture->h--;
    }
    picture->coverage += (ptrdiff_t)above * picture->w;
    picture->top -= above;
    picture->h -= above;
}

// Dots become squares of a whole number of pixels, so that they stay sharp.
static bool dots_picture(Face *face, unsigned code, float size_px, GlyphPicture *picture) {
    int dot = (int)fmaxf(1.0f, floorf(size_px / 10.0f + 0.2f));
    const uint8_t *rows = bitmap_face_rows(code);
    *picture = (GlyphPicture){0, 7 * dot, 5 * dot, BITMAP_FACE_ROWS * dot, NULL};
    if (!make_room(face, picture->w, picture->h)) {
        return false;
    }
    for (int y = 0; y < picture->h; y++) {
        for (int x = 0; x < picture->w; x++) {
            bool ink = (rows[y / dot] >> (4 - x / dot) & 1) != 0;
            face->picture[y * picture->w + x] = ink ? 255 : 0;
        }
    }
    picture->coverage = face->picture;
    return true;
}

bool face_picture(Face *face, unsigned code, float size_px, int phase, GlyphPicture *picture) {
    if (face->font == NULL) {
        return dots_picture(face, code, size_px, picture);
    }
    memset(picture, 0, sizeof *picture);
    unsigned dpi = (unsigned)(72.0f * size_px + 0.5f);
    int minx = 0, maxy = 0;
    if (!set_size(face, dpi * FACE_PHASES, dpi) ||
        TTF_GlyphMetrics32(face->font, code, &minx, NULL, NULL, &maxy, NULL) != 0) {
        return false;
    }
    SDL_Color white = {255, 255, 255, 255}, black = {0, 0, 0, 255};
    SDL_Surface *fine = TTF_RenderGlyph32_Shaded(face->font, code, white, black);
    if (fine == NULL) { // no ink and no advance
        return true;
    }
    // SDL_ttf puts the pen at the left edge and the baseline an ascent below the top, and makes
    // room for ink that sticks out left or above.
    int ascent = TTF_FontAscent(face->font);
    bool ok =
        fine->format->BitsPerPixel == 8 && gather(face, fine, minx < 0 ? minx : 0, phase, picture);
    SDL_FreeSurface(fine);
    if (ok) {
        picture->top = maxy > ascent ? maxy : ascent;
        picture->coverage = face->picture;
        trim(picture);
    }
    return ok;
}
