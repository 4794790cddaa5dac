// Pictures that are no digits. Each kind draws with a virtual pen on the canvas, so that what the
// network sees of it has been through the same normalisation as what a person scribbles; only blots
// and silhouettes are painted as pixels, for they stand for photographs rather than for pen work.

#include "nn/scribble.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "ink/letters.h"
#include "ink/silhouette.h"

enum { KIND_SHARES = 100 };

typedef struct {
    NnInk *ink;
    Rng rng;
    float width;
    bool ok; // no point has been lost to a lack of memory
} Pen;

static float between(Pen *pen, float low, float high) {
    return rng_uniform(&pen->rng, low, high);
}

static int count(Pen *pen, int low, int high) {
    return low + (int)rng_below(&pen->rng, (uint32_t)(high - low + 1));
}

static void put_down(Pen *pen) {
    pen->ok = nn_ink_begin(pen->ink, NN_INK_DRAW, pen->width) && pen->ok;
}

static void go(Pen *pen, float x, float y) {
    pen->ok = nn_ink_extend(pen->ink, (NnInkPoint){.x = x, .y = y, .pressure = 1}) && pen->ok;
}

static void lift(Pen *pen) {
    nn_ink_end(pen->ink);
}

static void line(Pen *pen, float x0, float y0, float x1, float y1) {
    put_down(pen);
    go(pen, x0, y0);
    // A hand's line bends a little.
    float bend = between(pen, -0.06f, 0.06f);
    go(pen, 0.5f * (x0 + x1) - bend * (y1 - y0), 0.5f * (y0 + y1) + bend * (x1 - x0));
    go(pen, x1, y1);
    lift(pen);
}

// --- kinds ---------------------------------------------------------------------------------------

static void scrawl(Pen *pen) {
    int strokes = count(pen, 1, 3);
    for (int s = 0; s < strokes; s++) {
        float x = between(pen, 0.2f, 0.8f), y = between(pen, 0.2f, 0.8f);
        float heading = between(pen, 0, 6.2832f), turn = 0;
        float wildness = between(pen, 0.15f, 0.6f);
        int n = count(pen, 25, 110) / strokes + 8;
        put_down(pen);
        for (int i = 0; i < n; i++) {
            turn = 0.8f * turn + wildness * rng_normal(&pen->rng);
            heading += turn;
            x += 0.035f * cosf(heading);
            y += 0.035f * sinf(heading);
            // Turned back at the edges, as a hand keeps to its paper.
            if (x < 0.05f || x > 0.95f || y < 0.05f || y > 0.95f) {
                heading = atan2f(0.5f - y, 0.5f - x);
            }
            go(pen, x, y);
        }
        lift(pen);
    }
}

static void zigzag(Pen *pen) {
    int teeth = count(pen, 6, 14);
    float angle = between(pen, 0, 3.1416f), c = cosf(angle), s = sinf(angle);
    float length = between(pen, 0.2f, 0.45f), height = between(pen, 0.1f, 0.4f);
    put_down(pen);
    for (int i = 0; i <= teeth; i++) {
        float along = length * (2.0f * (float)i / (float)teeth - 1) + between(pen, -0.03f, 0.03f);
        float across = height * (i % 2 == 0 ? -1.0f : 1.0f) * between(pen, 0.6f, 1);
        go(pen, 0.5f + c * along - s * across, 0.5f + s * along + c * across);
    }
    lift(pen);
}

static void loops(Pen *pen) {
    // At least two turns: one is a 0, and a turn with a tail is a 6 or a 9.
    float turns = between(pen, 2.2f, 6), drift_x = between(pen, -0.3f, 0.3f);
    float drift_y = between(pen, -0.3f, 0.3f), direction = count(pen, 0, 1) == 0 ? -1.0f : 1.0f;
    float from = between(pen, 0.03f, 0.3f), to = between(pen, 0.03f, 0.3f);
    // A ring traced again and again is still a 0: the loops must wander or narrow.
    if (fabsf(to - from) < 0.12f) {
        drift_x = copysignf(between(pen, 0.25f, 0.4f), drift_x);
    }
    float flat = between(pen, 0.5f, 1), phase = between(pen, 0, 6.2832f);
    int n = (int)(turns * 16);
    put_down(pen);
    for (int i = 0; i <= n; i++) {
        float t = (float)i / (float)n, angle = phase + direction * 6.2832f * turns * t;
        float radius = (from + (to - from) * t) * between(pen, 0.92f, 1.08f);
        go(pen, 0.5f + drift_x * (t - 0.5f) + radius * cosf(angle),
           0.5f + drift_y * (t - 0.5f) + flat * radius * sinf(angle));
    }
    lift(pen);
}

static void letter(Pen *pen) {
    const Letter *form = &letters[rng_below(&pen->rng, (uint32_t)letters_count)];
    float slant = between(pen, -0.15f, 0.3f), aspect = between(pen, 0.65f, 1.2f);
    float angle = between(pen, -0.2f, 0.2f), c = cosf(angle), s = sinf(angle);
    for (const signed char *p = form->points; *p != LETTER_END;) {
        put_down(pen);
        for (; *p != LETTER_LIFT && *p != LETTER_END; p += 2) {
            float x = ((float)p[0] / 10 - 0.5f) * aspect * 0.6f + between(pen, -0.025f, 0.025f);
            float y = ((float)p[1] / 10 - 0.5f) * 0.6f + between(pen, -0.025f, 0.025f);
            x -= slant * y;
            go(pen, 0.5f + c * x - s * y, 0.5f + s * x + c * y);
        }
        lift(pen);
        p += *p == LETTER_LIFT;
    }
}

static void polygon(Pen *pen, int corners, int step, float radius) {
    float phase = between(pen, 0, 6.2832f);
    put_down(pen);
    for (int i = 0; i <= corners; i++) {
        float angle = phase + 6.2832f * (float)(i * step % corners) / (float)corners;
        float r = radius * between(pen, 0.9f, 1.1f);
        go(pen, 0.5f + r * cosf(angle), 0.5f + r * sinf(angle));
    }
    lift(pen);
}

static void shape(Pen *pen) {
    float r = between(pen, 0.15f, 0.4f), tilt = between(pen, -0.25f, 0.25f) * r;
    switch (count(pen, 0, 6)) {
    case 0: // plus
        line(pen, 0.5f - r, 0.5f + tilt, 0.5f + r, 0.5f - tilt);
        line(pen, 0.5f - tilt, 0.5f - r, 0.5f + tilt, 0.5f + r);
        break;
    case 1: // times
        line(pen, 0.5f - r, 0.5f - r + tilt, 0.5f + r, 0.5f + r - tilt);
        line(pen, 0.5f + r, 0.5f - r - tilt, 0.5f - r, 0.5f + r + tilt);
        break;
    case 2: // star of rays
        for (int i = 0, n = count(pen, 3, 5); i < n; i++) {
            float angle = 3.1416f * ((float)i + between(pen, -0.1f, 0.1f)) / (float)n;
            float x = r * cosf(angle), y = r * sinf(angle);
            line(pen, 0.5f - x, 0.5f - y, 0.5f + x, 0.5f + y);
        }
        break;
    case 3: // star of five points, in one go
        polygon(pen, 5, 2, r);
        break;
    case 4: // triangle or box
        polygon(pen, count(pen, 3, 4), 1, r);
        break;
    case 5: // arrow
        line(pen, 0.5f - r, 0.5f + tilt, 0.5f + r, 0.5f);
        line(pen, 0.5f + r * 0.4f, 0.5f - r * 0.5f, 0.5f + r, 0.5f);
        line(pen, 0.5f + r * 0.4f, 0.5f + r * 0.5f, 0.5f + r, 0.5f);
        break;
    default: // horizontal stroke, alone or twice
        line(pen, 0.5f - r, 0.5f + tilt * 0.5f, 0.5f + r, 0.5f - tilt * 0.5f);
        if (count(pen, 0, 1) == 1) {
            line(pen, 0.5f - r, 0.5f + r * 0.5f, 0.5f + r, 0.5f + r * 0.5f);
        }
        break;
    }
}

static void hatch(Pen *pen) {
    int n = count(pen, 3, 9);
    bool dots = count(pen, 0, 3) == 0, grid = count(pen, 0, 2) == 0;
    float angle = between(pen, 0, 3.1416f), half = between(pen, 0.15f, 0.4f);
    for (int i = 0; i < n; i++) {
        if (dots) {
            float x = between(pen, 0.1f, 0.9f), y = between(pen, 0.1f, 0.9f);
            line(pen, x, y, x + 0.01f, y);
            continue;
        }
        float turned = grid && i % 2 == 1 ? angle + 1.5708f : angle;
        float c = cosf(turned), s = sinf(turned);
        float across = (2 * ((float)i + 0.5f) / (float)n - 1) * half;
        float a = half * between(pen, 0.7f, 1.1f), b = half * between(pen, 0.7f, 1.1f);
        line(pen, 0.5f - c * a - s * across, 0.5f - s * a + c * across, 0.5f + c * b - s * across,
             0.5f + s * b + c * across);
    }
}

// Overlapping soft-edged boxes and discs of different greys, now and then the whole picture.
static void blot(Pen *pen, NnDigit *digit) {
    float level = count(pen, 0, 7) == 0 ? between(pen, 0.3f, 1) : 0;
    float grain = count(pen, 0, 1) == 0 ? 0 : between(pen, 0, 0.3f);
    float value[NN_PIXELS];
    for (int i = 0; i < NN_PIXELS; i++) {
        value[i] = level;
    }
    for (int k = 0, n = count(pen, 1, 4); k < n; k++) {
        float cx = between(pen, 8, 20), cy = between(pen, 8, 20), grey = between(pen, 0.4f, 1);
        float half_w = between(pen, 3, 13), half_h = between(pen, 4, 13);
        bool round = count(pen, 0, 1) == 0;
        for (int i = 0; i < NN_PIXELS; i++) {
            int x = i % NN_SIDE, y = i / NN_SIDE;
            float dx = fabsf((float)x + 0.5f - cx) / half_w;
            float dy = fabsf((float)y + 0.5f - cy) / half_h;
            float far = round ? sqrtf(dx * dx + dy * dy) : fmaxf(dx, dy);
            if (far < 1) {
                value[i] = grey;
            }
        }
    }
    for (int i = 0; i < NN_PIXELS; i++) {
        float v = value[i] > 0 ? value[i] + grain * rng_normal(&pen->rng) : 0;
        digit->pixels[i] = (uint8_t)(255 * fminf(fmaxf(v, 0), 1) + 0.5f);
    }
}

const char *nn_scribble_name(NnScribbleKind kind) {
    static const char *const names[NN_SCRIBBLE_COUNT] = {
        [NN_SCRIBBLE_SCRAWL] = "scrawl", [NN_SCRIBBLE_ZIGZAG] = "zigzag",
        [NN_SCRIBBLE_LOOPS] = "loops",   [NN_SCRIBBLE_LETTER] = "letter",
        [NN_SCRIBBLE_SHAPE] = "shape",   [NN_SCRIBBLE_HATCH] = "hatching",
        [NN_SCRIBBLE_BLOT] = "blot",     [NN_SCRIBBLE_SILHOUETTE] = "silhouette",
    };
    return names[kind];
}

bool nn_scribble_kind(NnInk *ink, NnScribbleKind kind, uint64_t seed, uint64_t index,
                      NnDigit *digit) {
    static void (*const draw[NN_SCRIBBLE_COUNT])(Pen *) = {
        [NN_SCRIBBLE_SCRAWL] = scrawl, [NN_SCRIBBLE_ZIGZAG] = zigzag, [NN_SCRIBBLE_LOOPS] = loops,
        [NN_SCRIBBLE_LETTER] = letter, [NN_SCRIBBLE_SHAPE] = shape,   [NN_SCRIBBLE_HATCH] = hatch,
    };
    Pen pen = {.ink = ink, .rng = rng_at(seed, RNG_STREAM_SCRIBBLE, index), .ok = true};
    if (kind == NN_SCRIBBLE_SILHOUETTE) {
        silhouette_paint(&pen.rng, digit);
        return true;
    }
    if (kind == NN_SCRIBBLE_BLOT) {
        blot(&pen, digit);
        return true;
    }
    pen.width = between(&pen, 0.03f, 0.1f);
    nn_ink_reset(ink);
    draw[kind](&pen);
    NnNormaliseOptions options = {.pen_px = between(&pen, 1.6f, 3.6f)};
    return pen.ok && nn_ink_normalise(ink, &options, digit);
}

bool nn_scribble(NnInk *ink, uint64_t seed, uint64_t index, NnDigit *digit) {
    // Shares of a hundred. The kinds people draw to tease such a program come most often.
    static const uint8_t share[NN_SCRIBBLE_COUNT] = {
        [NN_SCRIBBLE_SCRAWL] = 20, [NN_SCRIBBLE_ZIGZAG] = 8,      [NN_SCRIBBLE_LOOPS] = 10,
        [NN_SCRIBBLE_LETTER] = 20, [NN_SCRIBBLE_SHAPE] = 9,       [NN_SCRIBBLE_HATCH] = 7,
        [NN_SCRIBBLE_BLOT] = 8,    [NN_SCRIBBLE_SILHOUETTE] = 18,
    };
    // The draw of the kind has a seed of its own, so that it does not shape what is drawn.
    Rng rng = rng_at(~seed, RNG_STREAM_SCRIBBLE, index);
    int left = (int)rng_below(&rng, KIND_SHARES);
    int kind = 0;
    while (left >= share[kind] && kind + 1 < NN_SCRIBBLE_COUNT) {
        left -= share[kind++];
    }
    return nn_scribble_kind(ink, (NnScribbleKind)kind, seed, index, digit);
}
