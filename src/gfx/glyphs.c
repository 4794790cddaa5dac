#include "gfx/glyphs.h"

#include <math.h>
#include <string.h>

#include <SDL_ttf.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/text.h"
#include "gfx/blend.h"
#include "gfx/face.h"
#include "gfx/fonts.h"

enum {
    FACE_FALLBACK = WEIGHT_COUNT,     // two of them: regular, bold
    FACE_BUILT_IN = WEIGHT_COUNT + 2, // always there
    FACE_COUNT = WEIGHT_COUNT + 3,
    PICTURE_BYTES = 6 << 20, // kept at most, and a frame's worth more
    LEVELS = 4,              // of text luminance
};
#define LARGEST_PX 1000.0f
#define PHASES_UP_TO_PX 40.0f // larger glyphs stand on whole pixels: a quarter of one is not seen

// Either a letter (its face and advance) or one picture of it; the key says which.
typedef struct {
    uint64_t key; // 0: free slot
    const uint8_t *coverage;
    int16_t left, top, w, h;
    float advance; // ems
    uint8_t face;
} Entry;

struct Glyphs {
    FontFiles files;
    Face *faces[FACE_COUNT];
    bool tried[FACE_COUNT];
    float digit[WEIGHT_COUNT];  // width of a digit's cell in ems, 0: not known yet
    float ascent[WEIGHT_COUNT]; // ems
    float descent[WEIGHT_COUNT];
    Entry *entries; // open addressing, capacity a power of two, at most half full
    size_t n, capacity;
    size_t picture_bytes;
    Arena pictures;
    uint8_t contrast[LEVELS][256]; // coverage as painted, by luminance of the text
};

// --- life ----------------------------------------------------------------------------------------

// Blending sRGB values as they are makes light text on dark thinner and dark text on light a
// little washed out at small sizes. Half-covered pixels are raised, dark text's more.
static void make_contrast(Glyphs *glyphs) {
    static const float raise[LEVELS] = {0.28f, 0.24f, 0.20f, 0.18f};
    for (int level = 0; level < LEVELS; level++) {
        for (int i = 0; i < 256; i++) {
            float c = (float)i / 255.0f;
            glyphs->contrast[level][i] = (uint8_t)((c + raise[level] * c * (1 - c)) * 255 + 0.5f);
        }
    }
}

Glyphs *glyphs_new(const GfxDesc *desc, NnError *err) {
    Glyphs *glyphs = mem_new(1, sizeof *glyphs);
    if (glyphs == NULL || TTF_Init() != 0) {
        mem_free(glyphs);
        nn_fail(err, NN_ERR_NOMEM, "SDL_ttf does not start: %s.", SDL_GetError());
        return NULL;
    }
    glyphs->capacity = 2048;
    glyphs->entries = mem_new(glyphs->capacity, sizeof *glyphs->entries);
    glyphs->faces[FACE_BUILT_IN] = face_open(NULL);
    make_contrast(glyphs);
    if (glyphs->entries == NULL || glyphs->faces[FACE_BUILT_IN] == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "Out of memory for text.");
        glyphs_free(glyphs);
        return NULL;
    }
    if (fonts_find(desc, &glyphs->files, err) != NN_OK) {
        glyphs_free(glyphs);
        return NULL;
    }
    if (desc->font_path != NULL && !desc->builtin_font && !desc->exact_font) {
        // Asked for by name: a bad one is said at once.
        glyphs->faces[0] = face_open(desc->font_path);
        if (glyphs->faces[0] == NULL) {
            nn_fail_file(err, NN_ERR_FORMAT, desc->font_path, -1,
                         "is not a font SDL_ttf can read: %s.", TTF_GetError());
            glyphs_free(glyphs);
            return NULL;
        }
    }
    return glyphs;
}

void glyphs_free(Glyphs *glyphs) {
    if (glyphs != NULL) {
        for (int i = 0; i < FACE_COUNT; i++) {
            face_close(glyphs->faces[i]);
        }
        TTF_Quit();
        arena_release(&glyphs->pictures);
        mem_free(glyphs->entries);
        mem_free(glyphs);
    }
}

const char *glyphs_font_name(const Glyphs *glyphs) {
    return glyphs->files.name;
}

// Opened on first use: a start-up opens two or three of six.
static Face *face_at(Glyphs *glyphs, int i) {
    if (glyphs->faces[i] == NULL && !glyphs->tried[i]) {
        glyphs->tried[i] = true;
        const char *path =
            i < FACE_FALLBACK ? glyphs->files.path[i] : glyphs->files.fallback[i - FACE_FALLBACK];
        glyphs->faces[i] = path[0] != '\0' ? face_open(path) : NULL;
    }
    return glyphs->faces[i];
}

// --- table ---------------------------------------------------------------------------------------

static size_t slot_of(const Entry *entries, size_t capacity, uint64_t key) {
    uint64_t hash = key * 0x9E3779B97F4A7C15u;
    size_t slot = (size_t)(hash >> 32) & (capacity - 1);
    while (entries[slot].key != 0 && entries[slot].key != key) {
        slot = (slot + 1) & (capacity - 1);
    }
    return slot;
}

// The entry for key, new ones zeroed but for the key. NULL when out of memory.
static Entry *entry_for(Glyphs *glyphs, uint64_t key, bool *fresh) {
    if (glyphs->n * 2 >= glyphs->capacity) {
        size_t capacity = glyphs->capacity * 2;
        Entry *grown = mem_new(capacity, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        for (size_t i = 0; i < glyphs->capacity; i++) {
            if (glyphs->entries[i].key != 0) {
                grown[slot_of(grown, capacity, glyphs->entries[i].key)] = glyphs->entries[i];
            }
        }
        mem_free(glyphs->entries);
        glyphs->entries = grown;
        glyphs->capacity = capacity;
    }
    Entry *entry = &glyphs->entries[slot_of(glyphs->entries, glyphs->capacity, key)];
    *fresh = entry->key == 0;
    if (*fresh) {
        entry->key = key;
        glyphs->n++;
    }
    return entry;
}

void glyphs_trim(Glyphs *glyphs) {
    if (glyphs->picture_bytes > PICTURE_BYTES) {
        memset(glyphs->entries, 0, glyphs->capacity * sizeof *glyphs->entries);
        glyphs->n = 0;
        glyphs->picture_bytes = 0;
        arena_release(&glyphs->pictures);
    }
}

static uint64_t key_of(int face, unsigned size, unsigned code, int phase) {
    return 1u << 31 | (uint64_t)code | (uint64_t)phase << 24 | (uint64_t)face << 27 |
           (uint64_t)size << 32;
}

// Face and advance of a character in a weight.
static Entry letter(Glyphs *glyphs, FontWeight weight, unsigned code) {
    bool fresh;
    Entry *entry = entry_for(glyphs, key_of((int)weight, 0, code, 0), &fresh);
    if (entry == NULL) {
        return (Entry){.face = FACE_BUILT_IN, .advance = 0.6f};
    }
    if (fresh) {
        const int order[] = {(int)weight, WEIGHT_REGULAR,
                             FACE_FALLBACK + (weight == WEIGHT_SEMIBOLD ? 1 : 0), FACE_BUILT_IN};
        int chosen = FACE_BUILT_IN;
        for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
            Face *face = face_at(glyphs, order[i]);
            if (face != NULL && face_has(face, code)) {
                chosen = order[i];
                break;
            }
        }
        entry->face = (uint8_t)chosen;
        entry->advance = face_advance(glyphs->faces[chosen], code);
    }
    return *entry;
}

static Entry picture_of(Glyphs *glyphs, int face, float size_px, unsigned code, int phase) {
    bool fresh;
    unsigned size = (unsigned)(72.0f * size_px + 0.5f);
    Entry *entry = entry_for(glyphs, key_of(face, size, code, phase), &fresh);
    if (entry == NULL) {
        return (Entry){0};
    }
    GlyphPicture picture;
    if (fresh && face_picture(glyphs->faces[face], code, size_px, phase, &picture)) {
        size_t bytes = (size_t)picture.w * (size_t)picture.h;
        uint8_t *kept = bytes > 0 ? arena_take(&glyphs->pictures, bytes, 1) : NULL;
        if (kept != NULL) {
            memcpy(kept, picture.coverage, bytes);
            glyphs->picture_bytes += bytes;
            entry->coverage = kept;
            entry->left = (int16_t)picture.left;
            entry->top = (int16_t)picture.top;
            entry->w = (int16_t)picture.w;
            entry->h = (int16_t)picture.h;
        }
    }
    return *entry;
}

// --- a line --------------------------------------------------------------------------------------

static bool is_digit(unsigned code) {
    return code >= '0' && code <= '9';
}

static bool is_letter(unsigned code) {
    return (code | 32) >= 'a' && (code | 32) <= 'z';
}

// The font's kerning between letters, and of a letter with a mark. Never beside a digit: numbers
// must not shift. Nor between two marks: there fonts hide arrows and other ligatures.
static float kerning(Glyphs *glyphs, const Entry *before, unsigned code_before, const Entry *after,
                     unsigned code_after) {
    bool wanted = before->face == after->face && !is_digit(code_before) && !is_digit(code_after) &&
                  (is_letter(code_before) || is_letter(code_after));
    return wanted ? face_kerning(glyphs->faces[after->face], code_before, code_after) : 0.0f;
}

static float digit_cell(Glyphs *glyphs, FontWeight weight) {
    for (unsigned code = '0'; code <= '9' && glyphs->digit[weight] == 0.0f; code++) {
        float widest = 0.0f;
        for (unsigned digit = '0'; digit <= '9'; digit++) {
            widest = fmaxf(widest, letter(glyphs, weight, digit).advance);
        }
        glyphs->digit[weight] = widest;
    }
    return glyphs->digit[weight];
}

// Walks a line: one character a call, its pen position in ems.
typedef struct {
    const char *text;
    size_t n, at;
    float pen; // ems, where the next character's cell begins
    unsigned code;
    Entry entry;
    float x; // ems, where this character's pen stands
} Walk;

static bool next_character(Glyphs *glyphs, FontWeight weight, Walk *walk) {
    if (walk->at >= walk->n) {
        return false;
    }
    // Decoding reads up to a terminating byte, which text cut at n need not have.
    char bytes[5] = {0};
    for (size_t i = 0; i < 4 && walk->at + i < walk->n; i++) {
        bytes[i] = walk->text[walk->at + i];
    }
    unsigned code = 0;
    int length = text_utf8_decode(bytes, &code);
    walk->at += length > 0 ? (size_t)length : 1;
    code = length > 0 ? code : 0xFFFD; // replacement character
    Entry entry = letter(glyphs, weight, code);
    if (walk->code != 0) {
        walk->pen += kerning(glyphs, &walk->entry, walk->code, &entry, code);
    }
    float cell = is_digit(code) ? digit_cell(glyphs, weight) : entry.advance;
    walk->x = walk->pen + (cell - entry.advance) / 2;
    walk->pen += cell;
    walk->code = code;
    walk->entry = entry;
    return true;
}

UiTextSize glyphs_measure(Glyphs *glyphs, Font font, const char *utf8, size_t n) {
    if (glyphs->ascent[font.weight] == 0.0f) {
        int face = letter(glyphs, font.weight, 'x').face;
        face_height(glyphs->faces[face], &glyphs->ascent[font.weight],
                    &glyphs->descent[font.weight]);
    }
    Walk walk = {.text = utf8, .n = n};
    while (next_character(glyphs, font.weight, &walk)) {
    }
    return (UiTextSize){walk.pen * font.size, glyphs->ascent[font.weight] * font.size,
                        glyphs->descent[font.weight] * font.size};
}

static void paint_picture(const GlyphTarget *target, const Entry *picture, int x, int y,
                          Color color, const uint8_t *contrast) {
    int left = x + picture->left;
    int top = y - picture->top;
    unsigned alpha = color >> 24;
    int x0 = left > target->clip.x0 ? left : target->clip.x0;
    int x1 = left + picture->w < target->clip.x1 ? left + picture->w : target->clip.x1;
    int y0 = top > target->clip.y0 ? top : target->clip.y0;
    int y1 = top + picture->h < target->clip.y1 ? top + picture->h : target->clip.y1;
    for (int row = y0; row < y1; row++) {
        const uint8_t *coverage = picture->coverage + (ptrdiff_t)(row - top) * picture->w - left;
        uint32_t *pixels = target->pixels + (ptrdiff_t)row * target->stride;
        for (int column = x0; column < x1; column++) {
            unsigned a = blend_scale(contrast[coverage[column]], alpha);
            if (a > 0) {
                pixels[column] = blend_mix(pixels[column], color, a);
            }
        }
    }
}

void glyphs_draw(Glyphs *glyphs, const GlyphTarget *target, FontWeight weight, float size_px,
                 float x, int baseline, Color color, const char *utf8) {
    size_px = fmaxf(1.0f, fminf(size_px, LARGEST_PX));
    unsigned luminance =
        (54 * (color >> 16 & 255) + 183 * (color >> 8 & 255) + 19 * (color & 255)) >> 8;
    const uint8_t *contrast = glyphs->contrast[luminance * LEVELS / 256];
    bool phases = size_px <= PHASES_UP_TO_PX;
    Walk walk = {.text = utf8, .n = strlen(utf8)};
    while (next_character(glyphs, weight, &walk)) {
        float pen = x + walk.x * size_px;
        if (pen > (float)target->clip.x1 + size_px || !(pen > -1e6f)) {
            break;
        }
        int quarter = (int)floorf(pen * FACE_PHASES + 0.5f);
        int phase = phases && walk.entry.face != FACE_BUILT_IN ? quarter & (FACE_PHASES - 1) : 0;
        int whole = phases && walk.entry.face != FACE_BUILT_IN ? (quarter - phase) / FACE_PHASES
                                                               : (int)floorf(pen + 0.5f);
        if (pen + 2 * size_px < (float)target->clip.x0) {
            continue;
        }
        Entry picture = picture_of(glyphs, walk.entry.face, size_px, walk.code, phase);
        if (picture.coverage != NULL) {
            paint_picture(target, &picture, whole, baseline, color, contrast);
        }
    }
}
