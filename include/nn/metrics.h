// metrics.h - how well a network answers.

#ifndef NN_METRICS_H
#define NN_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "nn/dataset.h"
#include "nn/model.h"

typedef struct {
    double precision, recall, f1; // 0 where undefined
    size_t support;               // samples of this class
} NnClassMetrics;

typedef struct {
    size_t n, correct;
    double accuracy, stderr_accuracy; // sqrt(a (1 - a) / n)
    double loss;                      // mean cross-entropy in nats, uncalibrated logits
    double macro_f1;
    double ece; // expected calibration error of the calibrated probabilities, 15 equal bins (Guo et
                // al., 2017)
    double first_half, second_half;           // accuracy of rows 0 .. n/2-1 and of the rest
    size_t confusion[NN_CLASSES][NN_CLASSES]; // [true][answered]
    NnClassMetrics per_class[NN_CLASSES];
} NnMetrics;

// logits (n, 10), labels (n).
void nn_metrics_compute(NnMetrics *metrics, const float *logits, const uint8_t *labels, size_t n,
                        float temperature);

// Standard error of the proportion k / n: sqrt(p (1 - p) / n). 0 for n = 0.
double nn_proportion_stderr(size_t k, size_t n);

// The temperature that minimises the cross-entropy of logits (n, 10), by golden section on
// 0.05..20.
float nn_fit_temperature(const float *logits, const uint8_t *labels, size_t n);

// The smallest calibrated confidence kept when a share `coverage` of the samples is answered.
float nn_fit_threshold(const float *logits, size_t n, float temperature, double coverage);

#endif
