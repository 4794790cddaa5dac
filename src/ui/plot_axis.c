#include "ui/plot_axis.h"

#include <math.h>
#include <stddef.h>

// 1, 2 or 5 times a power of ten, not below `rough`.
static double round_step(double rough) {
    double power = pow(10, floor(log10(rough)));
    double digit = rough / power;
    const double nearly = 1 + 1e-9;
    return power * (digit <= nearly ? 1 : digit <= 2 * nearly ? 2 : digit <= 5 * nearly ? 5 : 10);
}

static double even_step(const PlotAxis *axis, double apart) {
    return round_step((axis->high - axis->low) * fmax(apart, 1.0 / (MAX_TICKS - 1)));
}

static void include(PlotAxis *axis, double v, bool *any) {
    axis->low = *any ? fmin(axis->low, v) : v;
    axis->high = *any ? fmax(axis->high, v) : v;
    *any = true;
}

static bool data_range(PlotAxis *axis, const UiSeries *series, size_t n, bool of_x) {
    bool any = false;
    for (size_t s = 0; s < n; s++) {
        const float *ys[] = {series[s].y, series[s].low};
        for (size_t i = 0; i < 2 * series[s].n; i++) {
            const float *column = ys[i % 2];
            double x = (double)series[s].x[i / 2];
            double y = column != NULL ? (double)column[i / 2] : (double)NAN;
            double v = of_x ? x : y;
            if (isfinite(x) && isfinite(y) && !(axis->log && v <= 0)) {
                include(axis, v, &any);
            }
        }
    }
    return any;
}

// A range of no length is opened around its value.
static void open_up(PlotAxis *axis) {
    const double least = 1e-9;
    if (axis->log) {
        if (axis->high < axis->low * 1.01) {
            axis->low /= 2;
            axis->high *= 2;
        }
    } else if (axis->high - axis->low <= fmax(fabs(axis->low), fabs(axis->high)) * least) {
        double by = axis->low == 0 ? 1 : fabs(axis->low) * 0.1;
        axis->low -= by;
        axis->high += by;
    }
}

static bool asked_for(PlotAxis *axis, double a, double b) {
    bool usable = isfinite(a) && isfinite(b) && a < b && (!axis->log || a > 0);
    if (usable) {
        axis->low = a;
        axis->high = b;
    }
    return usable;
}

bool plot_axis_x(PlotAxis *axis, const UiSeries *series, size_t n, double a, double b) {
    *axis = (PlotAxis){.low = 0, .high = 1};
    if (asked_for(axis, a, b)) {
        return true;
    }
    bool any = data_range(axis, series, n, true);
    open_up(axis);
    return any;
}

bool plot_axis_y(PlotAxis *axis, const UiSeries *series, size_t n, double a, double b,
                 double apart) {
    axis->low = axis->log ? 0.1 : 0;
    axis->high = 1;
    if (asked_for(axis, a, b)) {
        return true;
    }
    bool any = data_range(axis, series, n, false);
    open_up(axis);
    if (axis->log) {
        double air = pow(axis->high / axis->low, 0.05);
        axis->low /= air;
        axis->high *= air;
    } else {
        double step = even_step(axis, apart);
        axis->low = floor(axis->low / step) * step;
        axis->high = ceil(axis->high / step) * step;
        double wider = even_step(axis, apart); // the longer axis may have coarser ticks
        axis->low = floor(axis->low / wider) * wider;
        axis->high = ceil(axis->high / wider) * wider;
    }
    return any;
}

static void add_tick(PlotAxis *axis, double value) {
    const double slack = 1e-6;
    double share = plot_axis_share(axis, value);
    if (axis->n_ticks < MAX_TICKS && share >= -slack && share <= 1 + slack) {
        axis->ticks[axis->n_ticks++] = value + 0.0; // never "-0"
    }
}

static void even_ticks(PlotAxis *axis, double apart, bool whole) {
    double step = even_step(axis, apart);
    step = whole ? fmax(step, 1) : step;
    double first = ceil(axis->low / step - 1e-6);
    for (int i = 0; i < MAX_TICKS; i++) {
        add_tick(axis, (first + i) * step);
    }
}

// Those that come too close to the one before are left out.
static void keep_apart(PlotAxis *axis, double apart) {
    int kept = 0;
    for (int i = 0; i < axis->n_ticks; i++) {
        double share = plot_axis_share(axis, axis->ticks[i]);
        if (kept == 0 || share - plot_axis_share(axis, axis->ticks[kept - 1]) >= apart * 0.99) {
            axis->ticks[kept++] = axis->ticks[i];
        }
    }
    axis->n_ticks = kept;
}

// Decades, with 2 and 5 between them if there is room, or only every second, third ... decade.
static void log_ticks(PlotAxis *axis, double apart) {
    static const double with_two_and_five[] = {1, 2, 5}, alone[] = {1};
    double decades = log10(axis->high / axis->low);
    bool fine = decades * apart < 1e9 && log10(2) / decades >= apart;
    const double *digits = fine ? with_two_and_five : alone;
    int n_digits = fine ? 3 : 1;
    int stride = (int)fmax(1, ceil(apart * decades));
    int first = (int)floor(log10(axis->low)), last = (int)ceil(log10(axis->high));
    for (int decade = first; decade <= last; decade++) {
        for (int d = 0; d < n_digits && decade % stride == 0; d++) {
            add_tick(axis, digits[d] * pow(10, decade));
        }
    }
    if (axis->n_ticks >= 2) {
        return;
    }
    // About a decade: some of the same, unevenly spaced; less: any round numbers.
    axis->n_ticks = 0;
    for (int decade = first; decade <= last; decade++) {
        for (int d = 0; d < 3; d++) {
            add_tick(axis, with_two_and_five[d] * pow(10, decade));
        }
    }
    keep_apart(axis, apart);
    if (axis->n_ticks < 2) {
        axis->n_ticks = 0;
        even_ticks(axis, fmax(apart, 0.2), false);
        keep_apart(axis, apart);
    }
}

void plot_axis_ticks(PlotAxis *axis, double apart, bool whole) {
    axis->n_ticks = 0;
    apart = fmax(0.05, fmin(apart, 1));
    if (axis->log) {
        log_ticks(axis, apart);
    } else {
        even_ticks(axis, apart, whole);
    }
}

double plot_axis_share(const PlotAxis *axis, double value) {
    if (axis->log) {
        // Nothing, on a log scale, is infinitely far down: just below the axis will do.
        double v = value <= 0 ? axis->low / 10 : value;
        return log(v / axis->low) / log(axis->high / axis->low);
    }
    return (value - axis->low) / (axis->high - axis->low);
}
