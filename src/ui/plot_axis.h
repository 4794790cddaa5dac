// plot_axis.h - ranges, scales and round ticks of a plot's axes.

#ifndef INKLING_UI_PLOT_AXIS_H
#define INKLING_UI_PLOT_AXIS_H

#include <stdbool.h>

#include "ui/ui.h"

enum { MAX_TICKS = 16 };

typedef struct {
    double low, high; // low < high; both positive on a log axis
    bool log;
    double ticks[MAX_TICKS]; // inside the range, rising
    int n_ticks;
} PlotAxis;

// The range of the data, or the one asked for when a < b. Not finite: skipped; on a log axis, also
// what is not positive. False: there was nothing to take it from. A y range that comes from the data
// is widened: to where the first tick outside would be, on a log axis by a little air.
bool plot_axis_x(PlotAxis *axis, const UiSeries *series, size_t n, double a, double b);
bool plot_axis_y(PlotAxis *axis, const UiSeries *series, size_t n, double a, double b, double apart);

// Few round ticks, at least `apart` of the axis' length (0..1) from each other. whole: no fractions.
void plot_axis_ticks(PlotAxis *axis, double apart, bool whole);

double plot_axis_share(const PlotAxis *axis, double value); // 0 at low, 1 at high; NaN for NaN

#endif
