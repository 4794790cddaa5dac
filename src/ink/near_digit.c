// Each kind collects pen strokes on a sheet first, because digits are drawn by the style generator
// and then turned or put side by side; the sheet is drawn into the ink at the end, with one pen.

#include "nn/near_digit.h"

#include <math.h>

#include "base/rng.h"
#include "nn/style.h"

enum { POINTS_MAX = 1024, STROKES_MAX = 24, KIND_SHARES = 100 };

static const float TURN = 6.2831853f;

typedef struct {
    struct {
        float x, y;
    } points[POINTS_MAX];
    int ends[STROKES_MAX]; // points up to the end of each stroke
    int n_points, n_strokes;
    Rng rng;
} Sheet;

static float between(Sheet *sheet, float low, float high) {
    return rng_uniform(&sheet->rng, low, high);
}

static int count(Sheet *sheet, int low, int high) {
    return low + (int)rng_below(&sheet->rng, (uint32_t)(high - low + 1));
}

// What does not fit is left out: the longest drawings lose an end.
static void go(Sheet *sheet, float x, float y) {
    if (sheet->n_points < POINTS_MAX) {
        sheet->points[sheet->n_points].x = x;
        sheet->points[sheet->n_points].y = y;
        sheet->n_points++;
    }
}

static void lift(Sheet *sheet) {
    int begun = sheet->n_strokes > 0 ? sheet->ends[sheet->n_strokes - 1] : 0;
    if (sheet->n_strokes < STROKES_MAX && sheet->n_points > begun) {
        sheet->ends[sheet->n_strokes++] = sheet->n_points;
    }
}

// --- signs ---------------------------------------------------------------------------------------

typedef struct {
    float x, y;
} Place;

// Strokes of alphabets begin and end at a few places: a grid of three by four, a little off.
static Place anchor(Sheet *sheet) {
    float column = (float)count(sheet, 0, 2) / 2, row = (float)count(sheet, 0, 3) / 3;
    return (Place){column * 0.7f + between(sheet, -0.06f, 0.06f),
                   row + between(sheet, -0.06f, 0.06f)};
}

// From a to b, leaving the straight line by bend times its length.
static void arc(Sheet *sheet, Place a, Place b, float bend) {
    enum { STEPS = 12 };
    for (int i = 0; i <= STEPS; i++) {
        float t = (float)i / STEPS, off = bend * 4 * t * (1 - t);
        go(sheet, a.x + t * (b.x - a.x) - off * (b.y - a.y),
           a.y + t * (b.y - a.y) + off * (b.x - a.x));
    }
}

static void ring(Sheet *sheet, Place at) {
    enum { STEPS = 18 };
    float rx = between(sheet, 0.1f, 0.22f), ry = rx * between(sheet, 0.8f, 1.4f);
    float phase = between(sheet, 0, TURN);
    for (int i = 0; i <= STEPS; i++) {
        float angle = phase + TURN * (float)i / STEPS;
        go(sheet, at.x + rx * cosf(angle), at.y + ry * sinf(angle));
    }
}

static void sign(Sheet *sheet) {
    for (int strokes = count(sheet, 2, 4); strokes > 0; strokes--) {
        Place a = anchor(sheet), b = anchor(sheet);
        while (hypotf(b.x - a.x, b.y - a.y) < 0.3f) {
            b = anchor(sheet);
        }
        switch (count(sheet, 0, 9)) {
        case 0: // a ring
            ring(sheet, a);
            break;
        case 1: // a dot
            go(sheet, a.x, a.y);
            break;
        case 2:
        case 3: // an angle
            arc(sheet, a, b, 0);
            arc(sheet, b, anchor(sheet), 0);
            break;
        case 4: // a hook
            arc(sheet, a, b, between(sheet, -0.1f, 0.1f));
            arc(sheet, b, anchor(sheet), between(sheet, -0.6f, 0.6f));
            break;
        case 5:
        case 6:
            arc(sheet, a, b, between(sheet, -0.6f, 0.6f));
            break;
        default:
            arc(sheet, a, b, between(sheet, -0.06f, 0.06f));
            break;
        }
        lift(sheet);
    }
}

// --- outlines ------------------------------------------------------------------------------------

static void polygon(Sheet *sheet, float phase, float aspect) {
    int corners = count(sheet, 0, 4) == 0 ? 5 : count(sheet, 3, 4);
    int first = sheet->n_points;
    for (int i = 0; i < corners; i++) {
        float angle = phase + TURN * ((float)i + between(sheet, -0.15f, 0.15f)) / (float)corners;
        float r = between(sheet, 0.8f, 1.15f);
        go(sheet, aspect * r * cosf(angle), r * sinf(angle));
    }
    go(sheet, sheet->points[first].x, sheet->points[first].y);
}

// Lobes with cusps or waves between them. One is a dent; two would be an 8, open in the middle.
static void lobed(Sheet *sheet, float phase, float aspect) {
    enum { STEPS = 72 };
    int lobes = count(sheet, 0, 2) == 0 ? 1 : count(sheet, 3, 6);
    bool cusps = lobes == 1 || count(sheet, 0, 2) > 0;
    float depth =
        lobes == 1 ? between(sheet, 0.75f, 0.95f) : between(sheet, 0.25f, 0.5f) * (cusps ? 1 : 0.8f);
    depth *= lobes > 1 && count(sheet, 0, 1) == 0 ? -1.0f : 1.0f; // points outwards
    for (int i = 0; i <= STEPS; i++) {
        float t = TURN * (float)i / STEPS;
        float wave = cusps ? 1 - 2 * fabsf(sinf(0.5f * (float)lobes * t)) : cosf((float)lobes * t);
        float r = 1 - depth * wave;
        go(sheet, aspect * r * cosf(t + phase), r * sinf(t + phase));
    }
}

// A way round that a careless 0 could not be: straight sides, or dents that are deep.
static void outline(Sheet *sheet) {
    float phase = between(sheet, 0, TURN), aspect = between(sheet, 0.65f, 1.35f);
    if (count(sheet, 0, 1) == 0) {
        polygon(sheet, phase, aspect);
    } else {
        lobed(sheet, phase, aspect);
    }
    lift(sheet);
    if (count(sheet, 0, 3) == 0) { // something in it
        Place a = {between(sheet, -0.3f, 0.3f), between(sheet, -0.3f, 0.3f)};
        Place b = {between(sheet, -0.3f, 0.3f), between(sheet, -0.3f, 0.3f)};
        arc(sheet, a, b, between(sheet, -0.3f, 0.3f));
        lift(sheet);
    }
}

// --- from digits ---------------------------------------------------------------------------------

// Puts what the style generator draws of this digit on the sheet, in a box one high, its left edge at
// left. (x, y) goes to (ax * x + bx * y, ay * x + by * y) about the middle before. Returns the right
// edge; NAN: out of memory.
static float put_digit(Sheet *sheet, NnInk *ink, int digit, uint64_t seed, uint64_t index,
                       const float *turn, float left) {
    if (!nn_style_draw(nn_style_random(digit, seed, index), seed, index, ink)) {
        return NAN;
    }
    int first = sheet->n_points;
    float low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY, high_y = -INFINITY;
    for (size_t s = 0; s < nn_ink_stroke_count(ink); s++) {
        NnStroke stroke = nn_ink_stroke(ink, s);
        for (size_t i = 0; i < stroke.n; i++) {
            float x = turn[0] * stroke.points[i].x + turn[1] * stroke.points[i].y;
            float y = turn[2] * stroke.points[i].x + turn[3] * stroke.points[i].y;
            go(sheet, x, y);
            low_x = fminf(low_x, x);
            high_x = fmaxf(high_x, x);
            low_y = fminf(low_y, y);
            high_y = fmaxf(high_y, y);
        }
        lift(sheet);
    }
    float scale = 1 / fmaxf(fmaxf(high_y - low_y, high_x - low_x), 0.05f);
    for (int i = first; i < sheet->n_points; i++) {
        sheet->points[i].x = left + scale * (sheet->points[i].x - low_x);
        sheet->points[i].y = scale * (sheet->points[i].y - low_y);
    }
    return left + scale * (high_x - low_x);
}

// Ways to turn a digit so that it is none any more, whichever of its forms it has. A mirrored 2 is
// near a 5, a 6 upside down is a 9, and of 0, 1 and 8 hardly any way makes something else.
static bool turned(Sheet *sheet, NnInk *ink, uint64_t seed, uint64_t index) {
    static const float mirror[] = {-1, 0, 0, 1}, upside[] = {-1, 0, 0, -1};
    static const float left[] = {0, 1, -1, 0}, right[] = {0, -1, 1, 0};
    static const struct {
        int digit;
        const float *turn;
    } ways[] = {
        {3, mirror}, {4, mirror}, {6, mirror}, {7, mirror}, {9, mirror}, {3, upside},
        {4, upside}, {7, upside}, {1, left},   {2, left},   {3, left},   {4, left},
        {5, left},   {6, left},   {7, left},   {8, left},   {9, left},   {2, right},
        {3, right},  {4, right},  {5, right},  {6, right},  {7, right},  {9, right},
    };
    size_t way = rng_below(&sheet->rng, sizeof ways / sizeof ways[0]);
    return !isnan(put_digit(sheet, ink, ways[way].digit, seed, index, ways[way].turn, 0));
}

static bool number(Sheet *sheet, NnInk *ink, uint64_t seed, uint64_t index) {
    static const float upright[] = {1, 0, 0, 1};
    float at = 0;
    for (int digits = count(sheet, 0, 3) == 0 ? 3 : 2; digits > 0 && !isnan(at); digits--) {
        int digit = count(sheet, 0, 9);
        // Each digit's shape has a seed of its own.
        at = put_digit(sheet, ink, digit, seed + (uint64_t)digits, index, upright, at);
        at += between(sheet, 0.1f, 0.5f);
    }
    return !isnan(at);
}

// --- drawing -------------------------------------------------------------------------------------

static bool draw(Sheet *sheet, NnInk *ink) {
    float slant = between(sheet, -0.2f, 0.25f), angle = between(sheet, -0.2f, 0.2f);
    float c = cosf(angle), s = sinf(angle);
    nn_ink_reset(ink);
    bool ok = true;
    for (int k = 0, i = 0; k < sheet->n_strokes; k++) {
        ok = ok && nn_ink_begin(ink, NN_INK_DRAW, NN_DEFAULT_PEN);
        for (; i < sheet->ends[k]; i++) {
            float x = sheet->points[i].x - slant * sheet->points[i].y, y = sheet->points[i].y;
            NnInkPoint point = {.x = 0.5f + 0.25f * (c * x - s * y),
                                .y = 0.5f + 0.25f * (s * x + c * y),
                                .pressure = 1};
            ok = ok && nn_ink_extend(ink, point);
        }
        nn_ink_end(ink);
    }
    return ok;
}

const char *nn_near_name(NnNearKind kind) {
    static const char *const names[NN_NEAR_COUNT] = {
        [NN_NEAR_SIGN] = "sign",
        [NN_NEAR_OUTLINE] = "outline",
        [NN_NEAR_TURNED] = "turned digit",
        [NN_NEAR_NUMBER] = "number",
    };
    return names[kind];
}

bool nn_near_digit_kind(NnInk *ink, NnNearKind kind, uint64_t seed, uint64_t index,
                        NnDigit *digit) {
    Sheet sheet;
    sheet.n_points = sheet.n_strokes = 0;
    sheet.rng = rng_at(seed, RNG_STREAM_NEAR_DIGIT, index);
    NnNormaliseOptions options = {.pen_px = between(&sheet, 1.6f, 3.6f)};
    bool ok = true;
    switch (kind) {
    case NN_NEAR_SIGN:
        sign(&sheet);
        break;
    case NN_NEAR_OUTLINE:
        outline(&sheet);
        break;
    case NN_NEAR_TURNED:
        ok = turned(&sheet, ink, seed, index);
        break;
    default:
        ok = number(&sheet, ink, seed, index);
        break;
    }
    return ok && draw(&sheet, ink) && nn_ink_normalise(ink, &options, digit);
}

bool nn_near_digit(NnInk *ink, uint64_t seed, uint64_t index, NnDigit *digit) {
    // Shares of a hundred.
    static const uint8_t share[NN_NEAR_COUNT] = {
        [NN_NEAR_SIGN] = 45, [NN_NEAR_OUTLINE] = 20, [NN_NEAR_TURNED] = 20, [NN_NEAR_NUMBER] = 15};
    // The draw of the kind has a seed of its own, so that it does not shape what is drawn.
    Rng rng = rng_at(~seed, RNG_STREAM_NEAR_DIGIT, index);
    int left = (int)rng_below(&rng, KIND_SHARES), kind = 0;
    while (left >= share[kind] && kind + 1 < NN_NEAR_COUNT) {
        left -= share[kind++];
    }
    return nn_near_digit_kind(ink, (NnNearKind)kind, seed, index, digit);
}
