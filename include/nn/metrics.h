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

// --- what is answered, and what gets "not sure" ---------------------------------------------------

// Of n samples those that are answered, and how many of the answers are wrong.
typedef struct {
    size_t n, answered, wrong;
    double coverage, accuracy; // answered / n; right / answered, 0 where nothing is answered
    float threshold;           // the smallest confidence that is answered
} NnCoverage;

// Where a confidence of threshold is enough. logits (n, 10), labels (n).
void nn_coverage_at(NnCoverage *coverage, const float *logits, const uint8_t *labels, size_t n,
                    float temperature, float threshold);

// Where at least this share of the samples is to be answered, the surest first; more where several
// are just as sure.
void nn_coverage_of(NnCoverage *coverage, const float *logits, const uint8_t *labels, size_t n,
                    float temperature, double share);

// Of samples that are no digits, those that are told so.
typedef struct {
    size_t n, rejected;         // all; those without ink or with "not sure"
    double confidence;          // sum of the calibrated confidences; nothing where there is no ink
    size_t claimed[NN_CLASSES]; // taken for this digit, surely
} NnRejects;

void nn_rejects_add(NnRejects *rejects, const NnAnswer *answer); // NULL: no ink, no answer
void nn_rejects_join(NnRejects *rejects, const NnRejects *other);
int nn_rejects_most_claimed(const NnRejects *rejects); // -1 where everything is rejected

// The smallest calibrated confidence kept when a share `coverage` of the samples is answered.
float nn_fit_threshold(const float *logits, size_t n, float temperature, double coverage);

#endif
