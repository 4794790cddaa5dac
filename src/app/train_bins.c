#include "app/train_bins.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

// Bin b into bin a; both are neighbours, a the earlier.
static void join(TrainBins *bins, size_t a, size_t b) {
    bool gap = isnan(bins->epoch[a]) || isnan(bins->epoch[b]);
    bins->epoch[a] = gap ? NAN : bins->epoch[a];
    bins->low[a] = fminf(bins->low[a], bins->low[b]); // a NaN is passed over
    bins->high[a] = fmaxf(bins->high[a], bins->high[b]);
    bins->smooth[a] = bins->smooth[b];
    bins->accuracy[a] = bins->accuracy[b];
    bins->rate[a] = bins->rate[b];
}

static void put(TrainBins *bins, size_t at, const TrainStep *step) {
    bins->epoch[at] = step->epoch;
    bins->low[at] = bins->high[at] = step->loss;
    bins->smooth[at] = step->smooth;
    bins->accuracy[at] = step->accuracy;
    bins->rate[at] = step->rate;
}

static void copy(TrainBins *bins, size_t to, size_t from) {
    float *columns[] = {bins->epoch,  bins->low,      bins->high,
                        bins->smooth, bins->accuracy, bins->rate};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        columns[i][to] = columns[i][from];
    }
}

// All bins are full: half as many of twice the width.
static void halve(TrainBins *bins) {
    for (size_t i = 0; i < bins->n / 2; i++) {
        join(bins, 2 * i, 2 * i + 1);
        copy(bins, i, 2 * i);
    }
    bins->n /= 2;
    bins->width *= 2;
    bins->filled = bins->width;
}

static bool make_room(TrainBins *bins) {
    // One more than is kept: where a step is put before it joins its bin.
    const size_t room = TRAIN_BINS + 1;
    float **columns[] = {&bins->epoch,  &bins->low,      &bins->high,
                         &bins->smooth, &bins->accuracy, &bins->rate};
    const size_t n = sizeof columns / sizeof columns[0];
    float *block = mem_new(n * room, sizeof *block);
    for (size_t i = 0; i < n && block != NULL; i++) {
        *columns[i] = block + i * room;
    }
    bins->width = 1;
    return block != NULL;
}

bool train_bins_add(TrainBins *bins, const TrainStep *step) {
    if (bins->epoch == NULL && !make_room(bins)) {
        return false;
    }
    bool full = bins->n == 0 || bins->filled == bins->width;
    if (full && bins->n == TRAIN_BINS) {
        halve(bins);
    }
    put(bins, bins->n, step);
    if (full) {
        bins->n++;
        bins->filled = 1;
    } else {
        join(bins, bins->n - 1, bins->n);
        bins->filled++;
    }
    return true;
}

void train_bins_clear(TrainBins *bins) {
    bins->n = bins->filled = 0;
    bins->width = 1;
}

void train_bins_release(TrainBins *bins) {
    mem_free(bins->epoch); // the head of the block
    memset(bins, 0, sizeof *bins);
}
