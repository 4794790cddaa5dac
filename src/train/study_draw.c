#include "train/study_draw.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/raster.h"
#include "base/text.h"
#include "nn/ink.h"
#include "nn/picture.h"

enum {
    MASK_SIDE = 256,
    POINTS_MAX = 128, // of one stroke once it is smooth
    PIECES = 8,       // of a smooth stroke between two of its points
    UNITS = 10,       // of the face: the height of a digit
    SPACE = 3,        // units between two characters
};

struct Drawing {
    int width, height;
    RasterMask mask; // one shape at a time
    uint8_t *rgb;    // (height, width, 3)
    uint8_t coverage[MASK_SIDE * MASK_SIDE];
};

Drawing *drawing_new(int width, int height) {
    Drawing *drawing = mem_new(1, sizeof *drawing);
    uint8_t *rgb = mem_new((size_t)width * (size_t)height, 3);
    if (drawing == NULL || rgb == NULL) {
        mem_free(drawing);
        mem_free(rgb);
        return NULL;
    }
    *drawing = (Drawing){.width = width, .height = height, .rgb = rgb};
    drawing->mask = (RasterMask){drawing->coverage, MASK_SIDE, MASK_SIDE, MASK_SIDE};
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++) {
        rgb[3 * i] = DRAW_GROUND >> 16 & 255;
        rgb[3 * i + 1] = DRAW_GROUND >> 8 & 255;
        rgb[3 * i + 2] = DRAW_GROUND & 255;
    }
    return drawing;
}

void drawing_free(Drawing *drawing) {
    if (drawing != NULL) {
        mem_free(drawing->rgb);
        mem_free(drawing);
    }
}

NnStatus drawing_save(const Drawing *drawing, const char *path, NnError *err) {
    return nn_png_write(path, drawing->rgb, drawing->width, drawing->height, 3, err);
}

uint32_t drawing_mix(uint32_t a, uint32_t b, float t) {
    uint32_t mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        float from = (float)(a >> shift & 255), to = (float)(b >> shift & 255);
        mixed |= (uint32_t)(from + (to - from) * t + 0.5f) << shift;
    }
    return mixed;
}

static void set_pixel(Drawing *drawing, int x, int y, uint32_t color, unsigned coverage) {
    if (x < 0 || y < 0 || x >= drawing->width || y >= drawing->height) {
        return;
    }
    uint8_t *pixel = drawing->rgb + 3 * ((size_t)y * (size_t)drawing->width + (size_t)x);
    for (int channel = 0; channel < 3; channel++) {
        unsigned to = color >> (16 - 8 * channel) & 255;
        pixel[channel] = (uint8_t)((pixel[channel] * (255 - coverage) + to * coverage + 127) / 255);
    }
}

// Colours what is on the mask, whose corner lies at (x, y), and clears it.
static void lay_down(Drawing *drawing, RasterBox box, int x, int y, uint32_t color) {
    for (int v = box.y0; v < box.y1; v++) {
        for (int u = box.x0; u < box.x1; u++) {
            unsigned coverage = drawing->coverage[v * MASK_SIDE + u];
            if (coverage > 0) {
                set_pixel(drawing, x + u, y + v, color, coverage);
            }
        }
    }
    raster_clear(&drawing->mask, box);
}

void drawing_round_rect(Drawing *drawing, int x, int y, int width, int height, float radius,
                        uint32_t color) {
    RasterBox box = raster_round_rect(&drawing->mask, 0, 0, (float)width, (float)height, radius, 0);
    lay_down(drawing, box, x, y, color);
}

void drawing_digit(Drawing *drawing, int x, int y, int scale, const uint8_t *pixels) {
    for (int v = 0; v < NN_SIDE * scale; v++) {
        for (int u = 0; u < NN_SIDE * scale; u++) {
            uint32_t grey = pixels[v / scale * NN_SIDE + u / scale];
            set_pixel(drawing, x + u, y + v, grey << 16 | grey << 8 | grey, 255);
        }
    }
}

// --- text ----------------------------------------------------------------------------------------

// A stroke's points, in units of the face.
typedef struct {
    float xy[2 * POINTS_MAX];
    size_t n;
} Stroke;

static void add_point(Stroke *stroke, float x, float y) {
    if (stroke->n < POINTS_MAX) {
        stroke->xy[2 * stroke->n] = x;
        stroke->xy[2 * stroke->n + 1] = y;
        stroke->n++;
    }
}

// A cubic through p1 and p2 whose ends point along p0 p2 and p1 p3. With this pull four points of a
// circle give a circle.
static void add_curve(Stroke *stroke, const float *p0, const float *p1, const float *p2,
                      const float *p3) {
    const float pull = 0.276f;
    for (int i = 1; i <= PIECES; i++) {
        float t = (float)i / PIECES, s = 1.0f - t;
        float xy[2];
        for (int k = 0; k < 2; k++) {
            float a = p1[k] + pull * (p2[k] - p0[k]), b = p2[k] - pull * (p3[k] - p1[k]);
            xy[k] = s * s * s * p1[k] + 3 * s * s * t * a + 3 * s * t * t * b + t * t * t * p2[k];
        }
        add_point(stroke, xy[0], xy[1]);
    }
}

static Stroke make_smooth(const Stroke *given, bool closed) {
    Stroke smooth = {.n = 0};
    size_t n = given->n, pieces = closed ? n : n - 1;
    add_point(&smooth, given->xy[0], given->xy[1]);
    for (size_t i = 0; i < pieces; i++) {
        size_t before = i > 0 ? i - 1 : closed ? n - 1 : 0;
        size_t after = (i + 1) % n;
        size_t beyond = closed ? (i + 2) % n : i + 2 < n ? i + 2 : n - 1;
        add_curve(&smooth, given->xy + 2 * before, given->xy + 2 * i, given->xy + 2 * after,
                  given->xy + 2 * beyond);
    }
    return smooth;
}

// Reads one stroke and returns what follows it.
static const char *read_stroke(const char *at, Stroke *stroke) {
    char kind = *at++;
    stroke->n = 0;
    while (*at >= '0' && *at <= '9') {
        add_point(stroke, (float)(at[0] - '0'), (float)(at[1] - 'a'));
        at += 2;
    }
    if (kind != '-' && stroke->n > 0) {
        *stroke = make_smooth(stroke, kind == 'o');
    }
    return at;
}

static void draw_glyph(Drawing *drawing, const char *strokes, float x, float baseline, float size,
                       uint32_t color) {
    // The mask's corner on a whole pixel, with room for half a pen to the left and above.
    int left = (int)floorf(x) - 2, top = (int)floorf(baseline - size) - 2;
    float unit = size / UNITS, pen = 0.6f + 0.085f * size;
    RasterBox box = {0, 0, 0, 0};
    while (*strokes != '\0') {
        Stroke stroke = {.n = 0};
        strokes = read_stroke(strokes, &stroke);
        for (size_t i = 0; i < stroke.n; i++) {
            stroke.xy[2 * i] = x - (float)left + unit * stroke.xy[2 * i];
            stroke.xy[2 * i + 1] =
                baseline - (float)top - size + unit * stroke.xy[2 * i + 1] - 0.5f * pen + 0.5f;
        }
        if (stroke.n == 1) { // a dot is a little heavier than the pen
            RasterBox dot = raster_disc(&drawing->mask, stroke.xy[0], stroke.xy[1], 0.7f * pen);
            box = raster_box_union(box, dot);
        } else {
            box = raster_box_union(box,
                                   raster_polyline(&drawing->mask, stroke.xy, stroke.n, pen, 0, 0));
        }
    }
    lay_down(drawing, box, left, top, color);
}

// The next character of text, a byte that is no UTF-8 as one that no face has.
static int next_code(const char *text, unsigned *code) {
    int length = text_utf8_decode(text, code);
    if (length == 0) {
        *code = 0xfffd;
        return 1;
    }
    return length;
}

void drawing_text(Drawing *drawing, float x, float baseline, float size, uint32_t color,
                  const char *text) {
    while (*text != '\0') {
        unsigned code;
        int width;
        text += next_code(text, &code);
        draw_glyph(drawing, face_strokes(code, &width), x, baseline, size, color);
        x += (float)(width + SPACE) * size / UNITS;
    }
}

float drawing_text_width(const char *text, float size) {
    float units = 0.0f;
    while (*text != '\0') {
        unsigned code;
        int width;
        text += next_code(text, &code);
        (void)face_strokes(code, &width);
        units += (float)(width + SPACE);
    }
    return units > 0 ? (units - SPACE) * size / UNITS : 0.0f;
}

char *drawing_grouped(char *out, size_t n) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%zu", n), used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            out[used++] = ',';
        }
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return out;
}
