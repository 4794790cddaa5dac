// Both questions are answered by the distance to the outline. Across a straight stroke of width w
// the distance from inside runs 0 .. w/2 .. 0, with a mean of w/4; ends, bends and crossings change
// little.
//
// The distance transform is Felzenszwalb and Huttenlocher's lower envelope of parabolas ("Distance
// transforms of sampled functions", 2012): exact, and linear in the number of pixels.

#include "ink/thickness.h"

#include <math.h>
#include <stdbool.h>

enum { SIDE = THICKNESS_SIDE, PIXELS = SIDE * SIDE };

static const float FAR_AWAY = 1e6f; // squared pixels; beyond any distance in the picture

// Squared distances along one row or column: in place, step apart.
static void transform_line(float *values, int step) {
    float before[SIDE];
    int parabola[SIDE];     // the lowest ones, from the left
    float border[SIDE + 1]; // where each begins to be the lowest
    int n = 0;
    for (int q = 0; q < SIDE; q++) {
        before[q] = values[q * step];
    }
    parabola[0] = 0;
    border[0] = -FAR_AWAY;
    border[1] = FAR_AWAY;
    for (int q = 1; q < SIDE; q++) {
        float crossing;
        for (;;) {
            int p = parabola[n];
            crossing = (before[q] - before[p] + (float)(q * q - p * p)) / (float)(2 * (q - p));
            if (crossing > border[n] || n == 0) {
                break;
            }
            n--;
        }
        if (crossing > border[n]) {
            n++;
        }
        parabola[n] = q;
        border[n] = n == 0 ? -FAR_AWAY : crossing;
        border[n + 1] = FAR_AWAY;
    }
    for (int q = 0, k = 0; q < SIDE; q++) {
        while (border[k + 1] < (float)q) {
            k++;
        }
        float apart = (float)(q - parabola[k]);
        values[q * step] = apart * apart + before[parabola[k]];
    }
}

// Distance from each pixel's centre to the nearest centre of a pixel that is (or is not) ink.
static void distance_to(const uint8_t *picture, bool to_ink, float *distance) {
    for (int i = 0; i < PIXELS; i++) {
        distance[i] = (picture[i] >= 128) == to_ink ? 0.0f : FAR_AWAY;
    }
    for (int x = 0; x < SIDE; x++) {
        transform_line(distance + x, SIDE);
    }
    for (int y = 0; y < SIDE; y++) {
        transform_line(distance + y * SIDE, 1);
    }
    for (int i = 0; i < PIXELS; i++) {
        distance[i] = sqrtf(distance[i]);
        if (!to_ink) { // beyond the picture there is paper
            int x = i % SIDE, y = i / SIDE;
            float to_edge = fminf(fminf((float)x, (float)y),
                                  fminf((float)(SIDE - 1 - x), (float)(SIDE - 1 - y)));
            distance[i] = fminf(distance[i], to_edge + 1.0f);
        }
    }
}

double thickness_of(const uint8_t *picture) {
    float inside[PIXELS];
    distance_to(picture, false, inside);
    double sum = 0.0, n = 0.0;
    for (int i = 0; i < PIXELS; i++) {
        if (inside[i] > 0.0f) {
            sum += (double)inside[i] - 0.5; // the outline runs between the two centres
            n += 1.0;
        }
    }
    return n > 0.0 ? 4.0 * sum / n : 0.0;
}

// The core of what would vanish: on the middle line of strokes, where no neighbour's disc holds a
// pixel's own, the largest disc that fits is drawn again, no wider than keep.
static void draw_core(const float *inside, double shrink, double keep, uint8_t *picture) {
    for (int y = 1; y < SIDE - 1; y++) {
        for (int x = 1; x < SIDE - 1; x++) {
            float here = inside[y * SIDE + x];
            // Half the width that is to be taken off is where spurs into corners begin.
            if ((double)here < 0.5 * shrink + 0.5 || (double)here > shrink + 0.5 * keep + 0.5) {
                continue;
            }
            bool middle = true;
            for (int v = -1; v <= 1; v++) {
                for (int u = -1; u <= 1; u++) {
                    float apart = u != 0 && v != 0 ? 1.41f : 1.0f;
                    middle = middle && ((u == 0 && v == 0) ||
                                        inside[(y + v) * SIDE + x + u] < here + 0.9f * apart);
                }
            }
            if (!middle) {
                continue;
            }
            double radius = fmin((double)here - 0.5, 0.5 * keep);
            int reach = (int)ceil(radius + 0.5);
            for (int v = y - reach; v <= y + reach; v++) {
                for (int u = x - reach; u <= x + reach; u++) {
                    if (u < 0 || v < 0 || u >= SIDE || v >= SIDE) {
                        continue;
                    }
                    double away = sqrt((double)((u - x) * (u - x) + (v - y) * (v - y)));
                    double covered = fmin(fmax(radius + 0.5 - away, 0.0), 1.0);
                    uint8_t value = (uint8_t)(255.0 * covered + 0.5);
                    if (value > picture[v * SIDE + u]) {
                        picture[v * SIDE + u] = value;
                    }
                }
            }
        }
    }
}

void thickness_change(uint8_t *picture, double grow, double keep) {
    float inside[PIXELS], outside[PIXELS];
    distance_to(picture, false, inside);
    distance_to(picture, true, outside);
    for (int i = 0; i < PIXELS; i++) {
        double depth = inside[i] > 0.0f ? (double)inside[i] - 0.5 : 0.5 - (double)outside[i];
        picture[i] = (uint8_t)(255.0 * fmin(fmax(depth + grow + 0.5, 0.0), 1.0) + 0.5);
    }
    if (grow < 0.0) {
        draw_core(inside, -grow, keep, picture);
    }
}
