#define _DEFAULT_SOURCE // setenv
#include "app/bench_window.h"

#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>

NnStatus bench_window_open(Driver *driver, const AppOptions *options, const char **name,
                           NnError *err) {
    AppOptions fresh = *options;
    fresh.fresh = true;
    DriverDesc desc = {.search_neighbours = true, .window = true};
    *name = "window";
    NnStatus status = driver_open(driver, &fresh, &desc, NULL);
    if (status != NN_OK) {
        (void)setenv("SDL_VIDEODRIVER", "dummy", 1);
        *name = "dummy";
        status = driver_open(driver, &fresh, &desc, err);
    }
    return status;
}

static int ascending(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

double bench_percentile(double *values, size_t n, double share) {
    if (n == 0) {
        return 0;
    }
    qsort(values, n, sizeof *values, ascending);
    size_t rank = (size_t)ceil(share * (double)n);
    return values[rank > 0 ? rank - 1 : 0];
}

double bench_rss_mb(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (double)usage.ru_maxrss / 1024 : 0; // KiB on Linux
}
