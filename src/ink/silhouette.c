#include "ink/silhouette.h"

#include <math.h>

enum { CORNERS_MAX = 6, PATCHES_MAX = 3 };

// A line from left to right of [0, 1] through corners at equal distances.
typedef struct {
    float at[CORNERS_MAX];
    int n;
} Edge;

// What is open in a thing, or lighter and darker on it: parallel bands.
typedef struct {
    float x, y, start; // across a pixel of each axis; in periods
    float share;       // of a period that is band
} Bands;

typedef struct {
    float left, top, right, bottom, grey;
} Patch;

typedef struct {
    bool stands;
    float begin, end, middle, half; // along the axis and across it, pixels
    Edge low, high;                 // of across / half
    float split_from, split_half;   // of the axis; where 1 or more, it is whole
    bool is_open;
    Bands open, stripes;
    float grey, contrast, grain;
    Patch patches[PATCHES_MAX];
    int n_patches;
} Thing;

static int count(Rng *rng, int low, int high) {
    return low + (int)rng_below(rng, (uint32_t)(high - low + 1));
}

static bool one_in(Rng *rng, uint32_t n) {
    return rng_below(rng, n) == 0;
}

static Edge edge(Rng *rng, float low, float high) {
    Edge e = {.n = count(rng, 3, CORNERS_MAX)};
    for (int i = 0; i < e.n; i++) {
        e.at[i] = rng_uniform(rng, low, high);
    }
    return e;
}

static float edge_at(const Edge *e, float t) {
    float place = t * (float)(e->n - 1);
    int i = place >= (float)(e->n - 1) ? e->n - 2 : (int)place;
    return e->at[i] + (place - (float)i) * (e->at[i + 1] - e->at[i]);
}

static Bands bands(Rng *rng, float period_low, float period_high) {
    float angle = rng_uniform(rng, 0, 3.1416f), period = rng_uniform(rng, period_low, period_high);
    return (Bands){
        .x = cosf(angle) / period,
        .y = sinf(angle) / period,
        .start = rng_uniform(rng, 0, 1),
        .share = rng_uniform(rng, 0.25f, 0.7f),
    };
}

static bool in_band(const Bands *b, float x, float y) {
    float phase = b->x * x + b->y * y + b->start;
    return phase - floorf(phase) < b->share;
}

static Thing invent(Rng *rng) {
    Thing t = {.stands = !one_in(rng, 3), .split_from = 1};
    t.begin = rng_uniform(rng, 0, 6);
    t.end = rng_uniform(rng, 22, NN_SIDE);
    t.middle = rng_uniform(rng, 12, 16);
    t.half = rng_uniform(rng, t.stands ? 5 : 3, 13); // nothing that stands is as thin as a 1
    if (t.stands) {
        t.high = edge(rng, 0.35f, 1);
        if (one_in(rng, 5)) {
            t.split_from = rng_uniform(rng, 0.2f, 0.6f);
            t.split_half = rng_uniform(rng, 0.5f, 3);
        }
    } else {
        t.high = edge(rng, -0.3f, 1);
        t.low = edge(rng, -1, -0.2f);
        t.is_open = one_in(rng, 2);
        t.open = bands(rng, 3, 9);
    }
    t.grey = rng_uniform(rng, 0.25f, 1);
    t.stripes = bands(rng, 2, 9);
    t.contrast = one_in(rng, 3) ? rng_uniform(rng, -0.6f, 0.4f) : 0;
    t.grain = one_in(rng, 2) ? rng_uniform(rng, 0.02f, 0.2f) : 0;
    t.n_patches = one_in(rng, 2) ? count(rng, 1, PATCHES_MAX) : 0;
    for (int i = 0; i < t.n_patches; i++) {
        Patch *p = &t.patches[i];
        p->left = rng_uniform(rng, 4, 20);
        p->top = rng_uniform(rng, 2, 22);
        p->right = p->left + rng_uniform(rng, 2, 10);
        p->bottom = p->top + rng_uniform(rng, 1, 8);
        p->grey = rng_uniform(rng, 0, 1);
    }
    return t;
}

static bool is_inside(const Thing *t, float x, float y) {
    float along = t->stands ? y : x, across = t->stands ? x - t->middle : t->middle - y;
    float place = (along - t->begin) / (t->end - t->begin);
    if (place < 0 || place > 1) {
        return false;
    }
    float high = t->half * edge_at(&t->high, place);
    float low = t->stands ? -high : t->half * edge_at(&t->low, place);
    bool split = place > t->split_from && fabsf(across) < t->split_half;
    return across < high && across > low && !split && !(t->is_open && in_band(&t->open, x, y));
}

static float surface(const Thing *t, float x, float y, Rng *rng) {
    float grey = t->grey + (in_band(&t->stripes, x, y) ? t->contrast : 0);
    for (int i = 0; i < t->n_patches; i++) {
        const Patch *p = &t->patches[i];
        if (x > p->left && x < p->right && y > p->top && y < p->bottom) {
            grey = p->grey;
        }
    }
    return grey + t->grain * rng_normal(rng);
}

void silhouette_paint(Rng *rng, NnDigit *digit) {
    Thing thing = invent(rng);
    for (int i = 0; i < NN_PIXELS; i++) {
        float x = (float)(i % NN_SIDE) + 0.5f, y = (float)(i / NN_SIDE) + 0.5f;
        // Not quite black: a dark surface is still there.
        float grey = is_inside(&thing, x, y) ? fmaxf(surface(&thing, x, y, rng), 0.02f) : 0;
        digit->pixels[i] = (uint8_t)(255 * fminf(grey, 1) + 0.5f);
    }
}
