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

static const float DEFAULT_SIGMA = 5.0f, SIGMA_MIN = 1.0f; // px

enum {
    KNOTS_MAX = 24, // per axis; SIGMA_MIN needs 20
    STRIDE = 32,    // of the padded picture: one pixel of paper around it, rows of two cache lines
    PADDED = STRIDE * (NN_SIDE + 3),
};

// Spline weights of every pixel row (or column): knots first .. first + 3.
typedef struct {
    int first[NN_SIDE];
    float weight[4][NN_SIDE];
} SplineAxis;

typedef struct {
    float a, b, c, d; // source x = a x + b y, source y = c x + d y, about the picture's centre
    float shift_x, shift_y;
    float edge;   // every edge of the ink moves outwards by this many pixels, -1..1
    bool changed; // false: this sample is left alone
} Draw;

// NaN becomes low.
static inline float clamp(float x, float low, float high) {
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

// Returns how many knots the axis needs. phase (0..1) shifts the grid, spacing is in pixels.
static int spline_axis(SplineAxis *axis, float spacing, float phase) {
    int last = 0;
    for (int i = 0; i < NN_SIDE; i++) {
        float at = (float)i / spacing + phase;
        int first = (int)at;
        float u = at - (float)first, v = 1.0f - u;
        axis->first[i] = first;
        axis->weight[0][i] = v * v * v / 6.0f;
        axis->weight[1][i] = (3.0f * u * u * u - 6.0f * u * u + 4.0f) / 6.0f;
        axis->weight[2][i] = (3.0f * v * v * v - 6.0f * v * v + 4.0f) / 6.0f;
        axis->weight[3][i] = u * u * u / 6.0f;
        last = first + 3;
    }
    return last + 1;
}

// field (28, 28) = random displacements of one axis, in pixels, root mean square amplitude.
static void elastic_field(float *field, const SplineAxis *xs, int n_x, const SplineAxis *ys,
                          int n_y, float amplitude, Rng *rng) {
    // A spline of unit-variance knots has the variance B7(0) = 151/315 per axis, averaged over
    // phases; a uniform number on -1..1 has 1/3.
    float reach = amplitude * 1.7320508f * (315.0f / 151.0f);
    float knots[KNOTS_MAX][KNOTS_MAX];
    for (int j = 0; j < n_y; j++) {
        for (int i = 0; i < n_x; i++) {
            knots[j][i] = rng_uniform(rng, -reach, reach);
        }
    }
    float rows[KNOTS_MAX][NN_SIDE]; // knots interpolated along x
    for (int j = 0; j < n_y; j++) {
        for (int x = 0; x < NN_SIDE; x++) {
            const float *k = &knots[j][xs->first[x]];
            rows[j][x] = xs->weight[0][x] * k[0] + xs->weight[1][x] * k[1] +
                         xs->weight[2][x] * k[2] + xs->weight[3][x] * k[3];
        }
    }
    for (int y = 0; y < NN_SIDE; y++) {
        const float *r0 = rows[ys->first[y]], *r1 = r0 + NN_SIDE, *r2 = r1 + NN_SIDE,
                    *r3 = r2 + NN_SIDE;
        float w0 = ys->weight[0][y], w1 = ys->weight[1][y], w2 = ys->weight[2][y],
              w3 = ys->weight[3][y];
        for (int x = 0; x < NN_SIDE; x++) {
            field[y * NN_SIDE + x] = w0 * r0[x] + w1 * r1[x] + w2 * r2[x] + w3 * r3[x];
        }
    }
}

// --- stroke thickness ----------------------------------------------------------------------------

static inline uint8_t extreme(uint8_t a, uint8_t b, bool largest) {
    return (a > b) == largest ? a : b;
}

typedef uint8_t Frame[NN_SIDE + 2][STRIDE]; // the picture with a border of paper

// Inlined twice with a constant `grow`, so that each loop is one of vector maxima or minima.
static inline void move_edges(float *padded, Frame frame, float amount, bool grow) {
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
        float *out = padded + (y + 1) * STRIDE + 1;
        for (int x = 0; x < NN_SIDE; x++) {
            // The mean of both shapes moves slanted edges about as far as straight ones (0.71
            // and 1.41).
            float moved = 0.5f * (float)(plus[x] + square[x]);
            float now = (float)mid[x + 1];
            out[x] = now + amount * (moved - now);
        }
    }
}

// The picture as floats with one pixel of paper around it, every edge of the ink moved outwards by
// edge pixels (-1..1).
static void pad(float *padded, const uint8_t *pixels, float edge) {
    Frame frame;
    memset(frame, 0, sizeof frame);
    memset(padded, 0, PADDED * sizeof *padded);
    for (int y = 0; y < NN_SIDE; y++) {
        memcpy(&frame[y + 1][1], pixels + y * NN_SIDE, NN_SIDE);
    }
    if (edge < 0) {
        move_edges(padded, frame, -edge, false);
    } else {
        move_edges(padded, frame, edge, true);
    }
}

// --- resampling ----------------------------------------------------------------------------------

// dx, dy (28, 28): elastic displacements, or NULL.
static void resample(const float *padded, const Draw *d, const float *dx, const float *dy,
                     float scale, float offset, float *out) {
    const float centre = (NN_SIDE - 1) / 2.0f;
    for (int y = 0; y < NN_SIDE; y++) {
        float py = (float)y - centre;
        float x0 = d->b * py + centre + d->shift_x, y0 = d->d * py + centre + d->shift_y;
        float sx[NN_SIDE], sy[NN_SIDE];
        for (int x = 0; x < NN_SIDE; x++) {
            float px = (float)x - centre;
            sx[x] = d->a * px + x0;
            sy[x] = d->c * px + y0;
        }
        if (dx != NULL) {
            for (int x = 0; x < NN_SIDE; x++) {
                sx[x] += dx[y * NN_SIDE + x];
                sy[x] += dy[y * NN_SIDE + x];
            }
        }
        int at[NN_SIDE];
        for (int x = 0; x < NN_SIDE; x++) {
            // From -1 (all border) to 28, and one further for the border: truncation is the floor.
            float u = sx[x] + 1.0f, v = sy[x] + 1.0f;
            u = clamp(u, 0.0f, NN_SIDE + 1.0f);
            v = clamp(v, 0.0f, NN_SIDE + 1.0f);
            int column = (int)u, row = (int)v;
            at[x] = row * STRIDE + column;
            sx[x] = u - (float)column;
            sy[x] = v - (float)row;
        }
        for (int x = 0; x < NN_SIDE; x++) {
            const float *p = padded + at[x];
            float top = p[0] + sx[x] * (p[1] - p[0]);
            float bottom = p[STRIDE] + sx[x] * (p[STRIDE + 1] - p[STRIDE]);
            out[y * NN_SIDE + x] = (top + sy[x] * (bottom - top)) * scale + offset;
        }
    }
}

void augment_floats(const NnAugment *a, const uint8_t *pixels, uint64_t seed, uint64_t epoch,
                    uint64_t sample, float scale, float offset, float *out) {
    Rng rng = rng_at(seed, RNG_STREAM_AUGMENT, epoch << 32 | sample);
    Draw d = draw(a, &rng);
    if (!d.changed) {
        for (int i = 0; i < NN_PIXELS; i++) {
            out[i] = (float)pixels[i] * scale + offset;
        }
        return;
    }
    float padded[PADDED];
    pad(padded, pixels, d.edge);
    if (a->elastic_px <= 0) {
        resample(padded, &d, NULL, NULL, scale, offset, out);
        return;
    }
    float sigma = a->elastic_sigma > 0 ? a->elastic_sigma : DEFAULT_SIGMA;
    float spacing = clamp(sigma, SIGMA_MIN, NN_SIDE) * 1.7320508f;
    SplineAxis xs, ys;
    int n_x = spline_axis(&xs, spacing, rng_uniform(&rng, 0, 1));
    int n_y = spline_axis(&ys, spacing, rng_uniform(&rng, 0, 1));
    float dx[NN_PIXELS], dy[NN_PIXELS];
    elastic_field(dx, &xs, n_x, &ys, n_y, a->elastic_px, &rng);
    elastic_field(dy, &xs, n_x, &ys, n_y, a->elastic_px, &rng);
    resample(padded, &d, dx, dy, scale, offset, out);
}

void augment_bytes(const NnAugment *augment, const uint8_t *pixels, uint64_t seed, uint64_t epoch,
                   uint64_t sample, uint8_t *out) {
    float values[NN_PIXELS];
    augment_floats(augment, pixels, seed, epoch, sample, 1.0f, 0.5f, values);
    for (int i = 0; i < NN_PIXELS; i++) {
        out[i] = (uint8_t)values[i];
    }
}
