// Affine map and elastic displacement are one bilinear resampling, so a picture is blurred once.
//
// Elastic distortion (Simard, Steinkraus and Platt, ICDAR 2003) displaces every pixel by a random
// field smoothed with a Gaussian. Smoothing 2 x 784 numbers per sample would cost more than the
// network. A cubic B-spline is a Gaussian to the eye, of sd sqrt(1/3) knot spacings, so random
// numbers on a coarse grid of knots, interpolated by the spline, are the same field for a tenth of
// the work. The grid is shifted at random, or the middle between knots would move less than the
// knots.
//
// Stroke thickness blends the picture with its dilation or erosion by one pixel: on an anti-aliased
// edge, coverage is linear in how far the edge has moved.

#include "data/augment.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "base/simd.h"

static const float DEFAULT_SIGMA = 5.0f, SIGMA_MIN = 1.0f; // px

enum {
    KNOTS_MAX = 24, // per axis; SIGMA_MIN needs 20
    STRIDE = 32,    // of the picture with one pixel of paper around it
    CORNERS = STRIDE * (NN_SIDE + 2),
    ROW = 32, // a row of anything that is computed: whole vectors, the last pixels are for nobody
};

// The spline of every knot at every pixel row (or column), four of which are not zero.
typedef struct {
    int n;          // knots
    int first[ROW]; // of the four
    float weight[KNOTS_MAX][ROW];
} SplineAxis;

typedef struct {
    float a, b, c, d; // source x = a x + b y, source y = c x + d y, about the picture's centre
    float shift_x, shift_y;
    float edge;   // every edge of the ink moves outwards by this many pixels, -1..1
    bool changed; // false: this sample is left alone
} Draw;

// NaN becomes low.
NN_INLINE float clamp(float x, float low, float high) {
    float above = x > low ? x : low;
    return above < high ? above : high;
}

bool augment_is_none(const NnAugment *a) {
    return a->rotation_deg <= 0 && a->shift_px <= 0 && a->scale <= 0 && a->shear <= 0 &&
           a->elastic_px <= 0 && a->thickness_px <= 0;
}

// Always the same numbers in the same order, so that one kind of change does not alter another.
static Draw draw(const NnAugment *a, Rng *rng) {
    float share = a->probability > 0 ? a->probability : 1.0f;
    Draw d = {.changed = rng_uniform(rng, 0, 1) < share};
    float angle = rng_uniform(rng, -1, 1) * a->rotation_deg * 0.017453293f;
    float scale = 1.0f + rng_uniform(rng, -1, 1) * a->scale;
    float shear = rng_uniform(rng, -1, 1) * a->shear;
    d.shift_x = rng_uniform(rng, -1, 1) * a->shift_px;
    d.shift_y = rng_uniform(rng, -1, 1) * a->shift_px;
    d.edge = clamp(rng_uniform(rng, -1, 1) * a->thickness_px / 2, -1, 1); // a stroke has two edges
    // The resampling goes from the new picture to the old one: turned back, shrunk, then sheared.
    float cosine = cosf(angle) / scale, sine = sinf(angle) / scale;
    d.a = cosine - shear * sine;
    d.b = sine + shear * cosine;
    d.c = -sine;
    d.d = cosine;
    return d;
}

// --- elastic field -------------------------------------------------------------------------------

// phase (0..1) shifts the grid, spacing is in pixels.
static void spline_axis(SplineAxis *axis, float spacing, float phase) {
    float step = 1.0f / spacing;
    memset(axis->weight, 0, sizeof axis->weight);
    for (int i = 0; i < NN_SIDE; i++) {
        float at = (float)i * step + phase;
        int first = (int)at;
        float u = at - (float)first, v = 1.0f - u;
        axis->first[i] = first;
        axis->weight[first][i] = v * v * v * (1.0f / 6);
        axis->weight[first + 1][i] = (3.0f * u * u * u - 6.0f * u * u + 4.0f) * (1.0f / 6);
        axis->weight[first + 2][i] = (3.0f * v * v * v - 6.0f * v * v + 4.0f) * (1.0f / 6);
        axis->weight[first + 3][i] = u * u * u * (1.0f / 6);
    }
    axis->n = axis->first[NN_SIDE - 1] + 4;
}

// field (28, ROW) = random displacements of one axis, from knots (ys->n, KNOTS_MAX). Along x a knot
// times its whole row of weights, zeros and all: cheaper than looking for the four.
NN_CLONES
static void interpolate(float *restrict field, float knots[KNOTS_MAX][KNOTS_MAX],
                        const SplineAxis *xs, const SplineAxis *ys) {
    float rows[KNOTS_MAX][ROW]; // knots interpolated along x
    for (int j = 0; j < ys->n; j++) {
        float row[ROW] = {0};
        for (int i = 0; i < xs->n; i++) {
            float knot = knots[j][i];
            for (int x = 0; x < ROW; x++) {
                row[x] += knot * xs->weight[i][x];
            }
        }
        memcpy(rows[j], row, sizeof row);
    }
    for (int y = 0; y < NN_SIDE; y++) {
        int first = ys->first[y];
        const float *r0 = rows[first], *r1 = r0 + ROW, *r2 = r1 + ROW, *r3 = r2 + ROW;
        float w0 = ys->weight[first][y], w1 = ys->weight[first + 1][y],
              w2 = ys->weight[first + 2][y], w3 = ys->weight[first + 3][y];
        for (int x = 0; x < ROW; x++) {
            field[y * ROW + x] = w0 * r0[x] + w1 * r1[x] + w2 * r2[x] + w3 * r3[x];
        }
    }
}

// The same, in pixels, of root mean square amplitude.
static void elastic_field(float *field, const SplineAxis *xs, const SplineAxis *ys, float amplitude,
                          Rng *rng) {
    // A spline of unit-variance knots has the variance B7(0) = 151/315 per axis, averaged over
    // phases; a uniform number on -1..1 has 1/3.
    float reach = amplitude * 1.7320508f * (315.0f / 151.0f);
    float knots[KNOTS_MAX][KNOTS_MAX];
    uint32_t words[KNOTS_MAX * KNOTS_MAX];
    rng_fill(rng, words, (size_t)ys->n * (size_t)xs->n);
    for (int j = 0; j < ys->n; j++) {
        for (int i = 0; i < xs->n; i++) { // of 24 bits, all of which a float holds
            float unit = (float)(words[j * xs->n + i] >> 8) * (1.0f / 16777216.0f);
            knots[j][i] = reach * (2.0f * unit - 1.0f);
        }
    }
    interpolate(field, knots, xs, ys);
}

// --- stroke thickness ----------------------------------------------------------------------------

NN_INLINE uint8_t extreme(uint8_t a, uint8_t b, bool largest) {
    return (a > b) == largest ? a : b;
}

// The picture with a border of paper. A row below and a few bytes more than that, for neighbours of
// the last.
typedef uint8_t Frame[NN_SIDE + 4][STRIDE];

// Inlined twice with a constant `grow`, so that each loop is one of vector maxima or minima.
NN_INLINE void move_edges(Frame moved, Frame frame, float amount, bool grow) {
    for (int y = 0; y < NN_SIDE; y++) {
        const uint8_t *up = frame[y], *mid = frame[y + 1], *down = frame[y + 2];
        uint8_t plus[NN_SIDE], square[NN_SIDE];
        for (int x = 0; x < NN_SIDE; x++) {
            uint8_t cross = extreme(extreme(up[x + 1], down[x + 1], grow),
                                    extreme(mid[x], mid[x + 2], grow), grow);
            uint8_t corners =
                extreme(extreme(up[x], up[x + 2], grow), extreme(down[x], down[x + 2], grow), grow);
            plus[x] = extreme(cross, mid[x + 1], grow);
            square[x] = extreme(plus[x], corners, grow);
        }
        for (int x = 0; x < NN_SIDE; x++) {
            // The mean of both shapes moves slanted edges about as far as straight ones (0.71
            // and 1.41).
            float target = 0.5f * (float)(plus[x] + square[x]);
            float now = (float)mid[x + 1];
            moved[y + 1][x + 1] = (uint8_t)(now + amount * (target - now) + 0.5f);
        }
    }
}

// For every place of the picture with its border, the four pixels between which it lies: its own in
// the lowest byte, right, below, and below right. One load a pixel instead of four, which is what
// resampling comes down to.
NN_CLONES
static void list_corners(uint32_t *restrict corners, const uint8_t *restrict pixels, float edge) {
    Frame frame, moved;
    memset(frame, 0, sizeof frame);
    for (int y = 0; y < NN_SIDE; y++) {
        memcpy(&frame[y + 1][1], pixels + y * NN_SIDE, NN_SIDE);
    }
    const uint8_t *f = frame[0];
    if (edge != 0) { // every edge of the ink moves outwards by so many pixels, -1..1
        memset(moved, 0, sizeof moved);
        f = moved[0];
    }
    if (edge < 0) {
        move_edges(moved, frame, -edge, false);
    } else if (edge > 0) {
        move_edges(moved, frame, edge, true);
    }
    for (int i = 0; i < CORNERS; i++) {
        corners[i] = (uint32_t)f[i] | (uint32_t)f[i + 1] << 8 | (uint32_t)f[i + STRIDE] << 16 |
                     (uint32_t)f[i + STRIDE + 1] << 24;
    }
}

// --- resampling ----------------------------------------------------------------------------------

// dx, dy (28, ROW): elastic displacements, or NULL.
NN_CLONES
static void resample(const uint32_t *restrict corners, const Draw *d, const float *restrict dx,
                     const float *restrict dy, float scale, float offset, float *restrict out) {
    const float centre = (NN_SIDE - 1) / 2.0f;
    for (int y = 0; y < NN_SIDE; y++) {
        float py = (float)y - centre;
        float x0 = d->b * py + centre + d->shift_x, y0 = d->d * py + centre + d->shift_y;
        float sx[ROW], sy[ROW], row[ROW];
        int at[ROW];
        uint32_t four[ROW];
        for (int x = 0; x < ROW; x++) {
            float px = (float)x - centre;
            sx[x] = d->a * px + x0;
            sy[x] = d->c * px + y0;
        }
        for (int x = 0; dx != NULL && x < ROW; x++) {
            sx[x] += dx[y * ROW + x];
            sy[x] += dy[y * ROW + x];
        }
        // From -1 (all border) to 28, and one further for the border: truncation is the floor. A loop
        // of its own: followed by the conversion the compiler makes branches of it.
        for (int x = 0; x < ROW; x++) {
            sx[x] = clamp(sx[x] + 1.0f, 0.0f, NN_SIDE + 1.0f);
            sy[x] = clamp(sy[x] + 1.0f, 0.0f, NN_SIDE + 1.0f);
        }
        for (int x = 0; x < ROW; x++) {
            int i = (int)sx[x], j = (int)sy[x];
            at[x] = j * STRIDE + i;
            sx[x] -= (float)i;
            sy[x] -= (float)j;
        }
        for (int x = 0; x < ROW; x++) { // no arithmetic here: loads one by one, the rest in vectors
            four[x] = corners[at[x]];
        }
        for (int x = 0; x < ROW; x++) {
            float p00 = (float)(int)(four[x] & 255), p01 = (float)(int)(four[x] >> 8 & 255);
            float p10 = (float)(int)(four[x] >> 16 & 255), p11 = (float)(int)(four[x] >> 24);
            float top = p00 + sx[x] * (p01 - p00), bottom = p10 + sx[x] * (p11 - p10);
            row[x] = (top + sy[x] * (bottom - top)) * scale + offset;
        }
        memcpy(out + y * NN_SIDE, row, NN_SIDE * sizeof *row);
    }
}

NN_CLONES
static void standardise(float *restrict out, const uint8_t *restrict pixels, float scale,
                        float offset) {
    for (int i = 0; i < NN_PIXELS; i++) {
        out[i] = (float)pixels[i] * scale + offset;
    }
}

void augment_floats(const NnAugment *a, const uint8_t *pixels, uint64_t seed, uint64_t epoch,
                    uint64_t sample, float scale, float offset, float *out) {
    Rng rng = rng_at(seed, RNG_STREAM_AUGMENT, epoch << 32 | sample);
    Draw d = draw(a, &rng);
    if (!d.changed) {
        standardise(out, pixels, scale, offset);
        return;
    }
    uint32_t corners[CORNERS];
    list_corners(corners, pixels, d.edge);
    if (a->elastic_px <= 0) {
        resample(corners, &d, NULL, NULL, scale, offset, out);
        return;
    }
    float sigma = a->elastic_sigma > 0 ? a->elastic_sigma : DEFAULT_SIGMA;
    float spacing = clamp(sigma, SIGMA_MIN, NN_SIDE) * 1.7320508f;
    SplineAxis xs, ys;
    spline_axis(&xs, spacing, rng_uniform(&rng, 0, 1));
    spline_axis(&ys, spacing, rng_uniform(&rng, 0, 1));
    float dx[NN_SIDE * ROW], dy[NN_SIDE * ROW];
    elastic_field(dx, &xs, &ys, a->elastic_px, &rng);
    elastic_field(dy, &xs, &ys, a->elastic_px, &rng);
    resample(corners, &d, dx, dy, scale, offset, out);
}

void augment_bytes(const NnAugment *augment, const uint8_t *pixels, uint64_t seed, uint64_t epoch,
                   uint64_t sample, uint8_t *out) {
    float values[NN_PIXELS];
    augment_floats(augment, pixels, seed, epoch, sample, 1.0f, 0.5f, values);
    for (int i = 0; i < NN_PIXELS; i++) {
        out[i] = (uint8_t)values[i];
    }
}
