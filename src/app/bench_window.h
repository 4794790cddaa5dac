// bench_window.h - what the benchmarks of the window share.

#ifndef INKLING_APP_BENCH_WINDOW_H
#define INKLING_APP_BENCH_WINDOW_H

#include "app/driver.h"

// A window where there is a display, else SDL's dummy driver, which composes all the same; *name says
// which. Starts fresh: nothing of the person's is read or written.
NnStatus bench_window_open(Driver *driver, const AppOptions *options, const char **name,
                           NnError *err) NN_MUST_CHECK;

// Nearest rank, sorting values in place; 0 where there is nothing.
double bench_percentile(double *values, size_t n, double share);

double bench_rss_mb(void); // the most the process has had resident so far

#endif
