// Which side of grey is paper, and how much light falls on it where.

#include "ink/paper.h"

#include <math.h>
#include <string.h>

enum { LEVELS = 256, LIGHT_CELLS = 32 };

static int clamp_int(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

// What a picture of n cells a side says at a place given in cells, between its cells linearly.
static double between_cells(const uint8_t *cells, int n, double x, double y) {
    double fx = fmin(fmax(x - 0.5, 0.0), n - 1.0), fy = fmin(fmax(y - 0.5, 0.0), n - 1.0);
    int cx = clamp_int((int)fx, 0, n - 2), cy = clamp_int((int)fy, 0, n - 2);
    double ax = fx - cx, ay = fy - cy;
    const uint8_t *row = cells + cy * n + cx;
    double top = row[0] * (1.0 - ax) + row[1] * ax;
    double bottom = row[n] * (1.0 - ax) + row[n + 1] * ax;
    return top * (1.0 - ay) + bottom * ay;
}

// Ink is the smaller part and the exception to its surroundings, so the grey values have their long
// tail on its side; and the picture's frame is mostly paper. Both have a vote: very thick digits
// have no tail, and shadows fall on frames.
bool paper_ink_is_light(const uint8_t *grey, int width, int height) {
    enum { CELLS = 4 };
    uint8_t cells[CELLS * CELLS]; // against these, so that a gradient of light does not vote
    grid_resample(grey, width, height, (GridRect){0, 0, width, height}, cells, CELLS, CELLS);
    int rim = clamp_int((width < height ? width : height) / 16, 1, PAPER_SIDE);
    double n = (double)width * height, frame_n = 0.0;
    double sum = 0.0, frame = 0.0, second = 0.0, third = 0.0;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double value = grey[y * width + x];
            double apart = value - between_cells(cells, CELLS, (x + 0.5) * CELLS / width,
                                                 (y + 0.5) * CELLS / height);
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
    return fmin(fmax(tail, -2.0), 2.0) + 2.0 * fmin(fmax(frame_darker, -1.0), 1.0) > 0.0;
}

// The largest (or smallest) of the cells around each, in a square of 2 reach + 1.
static void spread_extreme(uint8_t *cells, int reach, bool largest) {
    uint8_t before[LIGHT_CELLS * LIGHT_CELLS];
    memcpy(before, cells, sizeof before);
    for (int y = 0; y < LIGHT_CELLS; y++) {
        for (int x = 0; x < LIGHT_CELLS; x++) {
            uint8_t best = before[y * LIGHT_CELLS + x];
            for (int v = clamp_int(y - reach, 0, y); v <= y + reach && v < LIGHT_CELLS; v++) {
                for (int u = clamp_int(x - reach, 0, x); u <= x + reach && u < LIGHT_CELLS; u++) {
                    uint8_t value = before[v * LIGHT_CELLS + u];
                    best = (value > best) == largest ? value : best;
                }
            }
            cells[y * LIGHT_CELLS + x] = best;
        }
    }
}

// The grey value that the lightest fifth of a rectangle reaches.
static uint8_t light_of(const Paper *paper, int x0, int y0, int x1, int y1) {
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
    return (uint8_t)level;
}

// Divides by the light on the paper: the lightest of each cell, closed over so that no stroke's
// width leaves a dent in it. A shadow scales paper and ink alike, so after division both are where
// they are in the light.
void paper_flatten(Paper *paper) {
    uint8_t cells[LIGHT_CELLS * LIGHT_CELLS];
    uint8_t brightest = 0;
    for (int y = 0; y < LIGHT_CELLS; y++) {
        for (int x = 0; x < LIGHT_CELLS; x++) {
            int x0 = x * paper->width / LIGHT_CELLS, x1 = (x + 1) * paper->width / LIGHT_CELLS;
            int y0 = y * paper->height / LIGHT_CELLS, y1 = (y + 1) * paper->height / LIGHT_CELLS;
            uint8_t light = light_of(paper, x0, y0, x1 > x0 ? x1 : x0 + 1, y1 > y0 ? y1 : y0 + 1);
            cells[y * LIGHT_CELLS + x] = light;
            brightest = light > brightest ? light : brightest;
        }
    }
    enum { REACH = 4 }; // strokes up to 9 cells wide, more than a quarter of the picture
    spread_extreme(cells, REACH, true);
    spread_extreme(cells, REACH, false);
    for (int y = 0; y < paper->height; y++) {
        for (int x = 0; x < paper->width; x++) {
            double light = between_cells(cells, LIGHT_CELLS, (x + 0.5) * LIGHT_CELLS / paper->width,
                                         (y + 0.5) * LIGHT_CELLS / paper->height);
            light = fmax(light, fmax(0.2 * brightest, 1.0)); // deeper shadow is noise
            double share = (255.0 - paper->plain[y * paper->width + x]) / light;
            paper->ink[y * paper->width + x] = (uint8_t)(255.0 * (1.0 - fmin(share, 1.0)) + 0.5);
        }
    }
}
