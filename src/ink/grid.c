#include "ink/grid.h"

#include <math.h>
#include <stddef.h>

typedef struct {
    double low, high;
    int first, last; // pixels that overlap it, last excluded, clipped to the picture
} Range;

static Range range_of(double from, double to, int i, int n, int limit) {
    double step = (to - from) / n;
    Range range = {from + i * step, from + (i + 1) * step, 0, 0};
    if (step < 1.0) {
        double middle = 0.5 * (range.low + range.high);
        range.low = middle - 0.5;
        range.high = middle + 0.5;
    }
    range.first = (int)floor(fmin(fmax(range.low, 0.0), limit));
    range.last = (int)ceil(fmin(fmax(range.high, 0.0), limit));
    return range;
}

static double overlap(const Range *range, int pixel) {
    return fmin(range->high, pixel + 1.0) - fmax(range->low, pixel);
}

void grid_resample(const uint8_t *in, int in_width, int in_height, GridRect from, uint8_t *out,
                   int out_width, int out_height) {
    for (int y = 0; y < out_height; y++) {
        Range rows = range_of(from.y0, from.y1, y, out_height, in_height);
        for (int x = 0; x < out_width; x++) {
            Range columns = range_of(from.x0, from.x1, x, out_width, in_width);
            double sum = 0.0;
            for (int v = rows.first; v < rows.last; v++) {
                const uint8_t *row = in + (ptrdiff_t)v * in_width;
                double row_sum = 0.0;
                for (int u = columns.first; u < columns.last; u++) {
                    row_sum += row[u] * overlap(&columns, u);
                }
                sum += row_sum * overlap(&rows, v);
            }
            double area = (columns.high - columns.low) * (rows.high - rows.low);
            out[(ptrdiff_t)y * out_width + x] = (uint8_t)(fmin(sum / area, 255.0) + 0.5);
        }
    }
}

bool grid_centre_of_mass(const uint8_t *pixels, int width, int height, double *x, double *y) {
    double mass = 0.0, moment_x = 0.0, moment_y = 0.0;
    for (int v = 0; v < height; v++) {
        const uint8_t *row = pixels + (ptrdiff_t)v * width;
        uint64_t row_mass = 0, row_moment = 0; // exact: 4096 * 4096 * 255 fits many times over
        for (int u = 0; u < width; u++) {
            row_mass += row[u];
            row_moment += (uint64_t)row[u] * (uint64_t)u;
        }
        mass += (double)row_mass;
        moment_x += (double)row_moment;
        moment_y += (double)row_mass * v;
    }
    if (mass <= 0.0) {
        return false;
    }
    *x = moment_x / mass + 0.5;
    *y = moment_y / mass + 0.5;
    return true;
}
