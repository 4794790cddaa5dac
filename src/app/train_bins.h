// train_bins.h - the steps of a run, thinned for drawing.
//
// A run has more steps than a screen has pixels, and a chart is drawn many times a second. Steps are
// kept in bins of a power of two of them, at most TRAIN_BINS bins: each as its lowest and highest
// loss and the last value of what is averaged already. Bins only ever fill up, two become one when
// there is no room for another, so the picture stands still while it grows. A gap (a step whose
// epoch is NaN) makes its bin one.

#ifndef INKLING_APP_TRAIN_BINS_H
#define INKLING_APP_TRAIN_BINS_H

#include <stdbool.h>
#include <stddef.h>

enum { TRAIN_BINS = 4096 };

typedef struct {
    float epoch, loss, smooth, accuracy, rate; // accuracy in per cent
} TrainStep;

// Zeroed storage is an empty one.
typedef struct {
    float *epoch;                    // (n) of each bin's first step
    float *low, *high;               // (n) of the loss
    float *smooth, *accuracy, *rate; // (n) of the last step
    size_t n;
    size_t width;  // steps in a bin, ..
    size_t filled; // .. and in the last one
} TrainBins;

bool train_bins_add(TrainBins *bins, const TrainStep *step); // false: no memory for it
void train_bins_clear(TrainBins *bins);
void train_bins_release(TrainBins *bins);

#endif
