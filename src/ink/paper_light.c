// Which side of grey is paper, and how much light falls on it where.

#include "ink/paper.h"

#include <math.h>
#include <string.h>

enum {
    LEVELS = 256,
    CELLS = 32, // a side, for the light
    REACH =
        4, // strokes leave dents up to 2 REACH + 1 cells wide, more than a quarter of the picture
    PADDED = CELLS + 4 * REACH,
};

static int clamp_int(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

// What n x n cells say at a place given in cells: between their middles linearly, and on beyond the
// outer ones.
static double between_cells(const double *cells, int n, double x, double y) {
    int cx = clamp_int((int)floor(x - 0.5), 0, n - 2),
        cy = clamp_int((int)floor(y - 0.5), 0, n - 2);
    double ax = x - 0.5 - cx, ay = y - 0.5 - cy;
    const double *row = cells + cy * n + cx;
    double top = row[0] * (1.0 - ax) + row[1] * ax;
    double bottom = row[n] * (1.0 - ax) + row[n + 1] * ax;
    return top * (1.0 - ay) + bottom * ay;
}

// Ink is the smaller part and the exception to its surroundings, so the grey values have their long
// tail on its side; and the picture's frame is mostly paper. Both have a vote: very thick digits
// have no tail, and shadows fall on frames.
bool paper_ink_is_light(const uint8_t *grey, int width, int height) {
    enum { COARSE = 4 };
    uint8_t means[COARSE * COARSE]; // against these, so that a gradient of light does not vote
    double cells[COARSE * COARSE];
    grid_resample(grey, width, height, (GridRect){0, 0, width, height}, means, COARSE, COARSE);
    for (int i = 0; i < COARSE * COARSE; i++) {
        cells[i] = means[i];
    }
    int rim = clamp_int((width < height ? width : height) / 16, 1, PAPER_SIDE);
    double n = (double)width * height, frame_n = 0.0;
    double sum = 0.0, frame = 0.0, second = 0.0, third = 0.0;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double value = grey[y * width + x];
            double apart = value - between_cells(cells, COARSE, (x + 0.5) * COARSE / width,
                                                 (y + 0.5) * COARSE / height);
            sum += value;
            second += apart * apart;
            third += apart * apart * apart;
            if (x < rim || y < rim || x >= width - rim || y >= height - rim) {
                frame += value;
                frame_n += 1.0;
            }
        }
    }
    double spread = sqrt(second / n);
    if (spread <= 0.0) {
        return false;
    }
    double tail = third / n / (spread * spread * spread);
    double frame_darker = (sum / n - frame / frame_n) / spread;
    // Paper is light where the votes say next to nothing.
    return fmin(fmax(tail, -2.0), 2.0) + 2.0 * fmin(fmax(frame_darker, -1.0), 1.0) > 0.25;
}

// The largest (or smallest) of the cells around each, in a square of 2 REACH + 1.
static void spread_extreme(double *cells, bool largest) {
    double before[PADDED * PADDED];
    memcpy(before, cells, sizeof before);
    for (int y = 0; y < PADDED; y++) {
        for (int x = 0; x < PADDED; x++) {
            double best = before[y * PADDED + x];
            for (int v = clamp_int(y - REACH, 0, y); v <= y + REACH && v < PADDED; v++) {
                for (int u = clamp_int(x - REACH, 0, x); u <= x + REACH && u < PADDED; u++) {
                    double value = before[v * PADDED + u];
                    best = largest ? fmax(best, value) : fmin(best, value);
                }
            }
            cells[y * PADDED + x] = best;
        }
    }
}

// Fills dents no wider than a stroke may be.
static void close_padded(double *padded) {
    spread_extreme(padded, true);
    spread_extreme(padded, false);
}

static int mirrored(int i) {
    return i < 0 ? -i : i >= CELLS ? 2 * (CELLS - 1) - i : i;
}

// Surrounds the cells with their mirror images. Turned half round a slope goes on as a slope.
static void pad(const double *cells, bool half_round, double *padded) {
    for (int y = 0; y < PADDED; y++) {
        for (int x = 0; x < PADDED; x++) {
            int u = x - 2 * REACH, v = y - 2 * REACH;
            int edge_u = clamp_int(u, 0, CELLS - 1), edge_v = clamp_int(v, 0, CELLS - 1);
            double edge = cells[edge_v * CELLS + edge_u];
            double image = cells[mirrored(v) * CELLS + mirrored(u)];
            padded[y * PADDED + x] = half_round ? 2.0 * edge - image : image;
        }
    }
}

static double *inner(double *padded, int i) {
    return &padded[(i / CELLS + 2 * REACH) * PADDED + i % CELLS + 2 * REACH];
}

// Twice: at the border, where light that falls off looks like the rim of a dent, the first time
// fills too much. What is not much darker than its filling is no dent; with the real dents filled
// the slopes can be continued beyond the border, and the second time sees them as slopes.
static void close_dents(double *cells) {
    static const double DENT = 0.75;
    double padded[PADDED * PADDED];
    pad(cells, false, padded);
    close_padded(padded);
    for (int i = 0; i < CELLS * CELLS; i++) {
        double filled = *inner(padded, i);
        cells[i] = cells[i] < DENT * filled ? filled : cells[i];
    }
    pad(cells, true, padded);
    close_padded(padded);
    for (int i = 0; i < CELLS * CELLS; i++) {
        cells[i] = *inner(padded, i);
    }
}

// The grey value that the lightest fifth of a rectangle reaches.
static double light_of(const Paper *paper, int x0, int y0, int x1, int y1) {
    unsigned count[LEVELS] = {0}, n = 0;
    for (int y = y0; y < y1; y++) {
        for (int x = x0; x < x1; x++) {
            count[255 - paper->plain[y * paper->width + x]]++;
            n++;
        }
    }
    unsigned above = 0;
    int level = LEVELS - 1;
    while (level > 0 && (above += count[level]) * 5 < n) {
        level--;
    }
    return level;
}

// Divides by the light on the paper: the lightest of each cell, with the dents closed that strokes
// leave. A shadow scales paper and ink alike, so after division both are where they are in the
// light.
void paper_flatten(Paper *paper) {
    double cells[CELLS * CELLS];
    double brightest = 1.0;
    for (int i = 0; i < CELLS * CELLS; i++) {
        int x = i % CELLS, y = i / CELLS;
        int x0 = x * paper->width / CELLS, x1 = (x + 1) * paper->width / CELLS;
        int y0 = y * paper->height / CELLS, y1 = (y + 1) * paper->height / CELLS;
        cells[i] = light_of(paper, x0, y0, x1 > x0 ? x1 : x0 + 1, y1 > y0 ? y1 : y0 + 1);
        brightest = fmax(brightest, cells[i]);
    }
    double lowest = 0.2 * brightest; // deeper shadow is noise
    close_dents(cells);
    for (int y = 0; y < paper->height; y++) {
        for (int x = 0; x < paper->width; x++) {
            double light = between_cells(cells, CELLS, (x + 0.5) * CELLS / paper->width,
                                         (y + 0.5) * CELLS / paper->height);
            double missing = light - (255.0 - paper->plain[y * paper->width + x]);
            double share = fmin(fmax(missing / fmax(light, lowest), 0.0), 1.0);
            paper->ink[y * paper->width + x] = (uint8_t)(255.0 * share + 0.5);
        }
    }
}
