// metrics.c - accuracy, confusion, calibration: numbers over a whole data set.

#include "nn/metrics.h"

#include <math.h>
#include <string.h>

enum { ECE_BINS = 15 };

// The answer to a row of logits and, in double, its calibrated confidence and the log of the sum of
// exponentials of the logits times factor.
typedef struct {
    int digit;
    double log_sum, confidence;
} RowAnswer;

static RowAnswer row_answer(const float *logits, double factor) {
    RowAnswer answer = {0};
    for (int c = 1; c < NN_CLASSES; c++) {
        answer.digit = logits[c] > logits[answer.digit] ? c : answer.digit;
    }
    double top = factor * (double)logits[answer.digit], sum = 0.0;
    for (int c = 0; c < NN_CLASSES; c++) {
        sum += exp(factor * (double)logits[c] - top);
    }
    answer.log_sum = top + log(sum);
    answer.confidence = 1.0 / sum;
    return answer;
}

static double inverse_temperature(float temperature) {
    return temperature > 0.0f ? 1.0 / (double)temperature : 1.0;
}

static double ratio(size_t part, size_t whole) {
    return whole > 0 ? (double)part / (double)whole : 0.0;
}

double nn_proportion_stderr(size_t k, size_t n) {
    double p = ratio(k, n);
    return n > 0 ? sqrt(p * (1.0 - p) / (double)n) : 0.0;
}

static void per_class(NnMetrics *metrics) {
    for (int c = 0; c < NN_CLASSES; c++) {
        NnClassMetrics *class = &metrics->per_class[c];
        size_t answered = 0, right = metrics->confusion[c][c];
        for (int other = 0; other < NN_CLASSES; other++) {
            class->support += metrics->confusion[c][other];
            answered += metrics->confusion[other][c];
        }
        class->precision = ratio(right, answered);
        class->recall = ratio(right, class->support);
        class->f1 = ratio(2 * right, answered + class->support);
        metrics->macro_f1 += class->f1 / NN_CLASSES;
    }
}

void nn_metrics_compute(NnMetrics *metrics, const float *logits, const uint8_t *labels, size_t n,
                        float temperature) {
    memset(metrics, 0, sizeof *metrics);
    metrics->n = n;
    if (n == 0) {
        return;
    }
    struct {
        double confidence;
        size_t n, correct;
    } bins[ECE_BINS] = {{0}};
    double factor = inverse_temperature(temperature);
    size_t half = n / 2, first_correct = 0;
    for (size_t i = 0; i < n; i++) {
        const float *row = logits + i * NN_CLASSES;
        NN_ASSERT(labels[i] < NN_CLASSES);
        double confidence = row_answer(row, factor).confidence;
        RowAnswer plain = row_answer(row, 1.0);
        bool correct = plain.digit == labels[i];
        metrics->correct += correct;
        first_correct += correct && i < half;
        metrics->loss += plain.log_sum - (double)row[labels[i]];
        metrics->confusion[labels[i]][plain.digit]++;

        // Bins are (0, 1/15], (1/15, 2/15], ...
        // The confidence of logits that overflowed is no number and goes to the first.
        double place = ceil(confidence * ECE_BINS) - 1.0;
        int bin = place >= ECE_BINS ? ECE_BINS - 1 : place > 0.0 ? (int)place : 0;
        bins[bin].confidence += confidence;
        bins[bin].n++;
        bins[bin].correct += correct;
    }
    metrics->loss /= (double)n;
    metrics->accuracy = ratio(metrics->correct, n);
    metrics->stderr_accuracy = nn_proportion_stderr(metrics->correct, n);
    metrics->first_half = ratio(first_correct, half);
    metrics->second_half = ratio(metrics->correct - first_correct, n - half);
    for (int i = 0; i < ECE_BINS; i++) {
        metrics->ece += fabs((double)bins[i].correct - bins[i].confidence) / (double)n;
    }
    per_class(metrics);
}

static double loss_at(const float *logits, const uint8_t *labels, size_t n, double temperature) {
    double loss = 0.0;
    for (size_t i = 0; i < n; i++) {
        const float *row = logits + i * NN_CLASSES;
        loss += row_answer(row, 1.0 / temperature).log_sum - (double)row[labels[i]] / temperature;
    }
    return loss;
}

float nn_fit_temperature(const float *logits, const uint8_t *labels, size_t n) {
    // The loss is convex in 1 / temperature, so over the logarithm it has one valley, too.
    const double golden = 0.61803398874989485;
    double low = log(0.05), high = log(20.0);
    double a = high - golden * (high - low), b = low + golden * (high - low);
    double loss_a = loss_at(logits, labels, n, exp(a)), loss_b = loss_at(logits, labels, n, exp(b));
    while (high - low > 1e-4) {
        if (loss_a < loss_b) {
            high = b;
            b = a;
            loss_b = loss_a;
            a = high - golden * (high - low);
            loss_a = loss_at(logits, labels, n, exp(a));
        } else {
            low = a;
            a = b;
            loss_a = loss_b;
            b = low + golden * (high - low);
            loss_b = loss_at(logits, labels, n, exp(b));
        }
    }
    return (float)exp(0.5 * (low + high));
}

// How many rows are answered when the threshold is this.
static size_t answered_at(const float *logits, size_t n, const NnArch *arch) {
    size_t answered = 0;
    for (size_t i = 0; i < n; i++) {
        NnAnswer answer;
        nn_answer(arch, logits + i * NN_CLASSES, &answer);
        answered += answer.sure;
    }
    return answered;
}

// Why the top probability and no other score of the same logits. Four networks of this program, the best
// of them last, with each score's threshold at 99 % of the validation digits: errors among the surest
// 99 % of the test digits; per cent rejected of tests/fixtures/non-digits; of Fashion-MNIST.
//
//     margin of the two largest logits   28, 34, 29, 22   86, 80, 77, 93   75, 62, 71, 81
//     top probability                    31, 33, 30, 25   90, 85, 84, 95   82, 70, 79, 89
//     at twice the temperature           34, 34, 33, 31   92, 88, 87, 96   87, 78, 86, 94
//     largest logit                      40, 49, 44, 44   93, 89, 88, 96   90, 86, 92, 91
//     energy (Liu et al., 2020)          41, 53, 47, 45   93, 89, 89, 96   90, 86, 92, 89
//
// The margin knows best what is ambiguous, the largest logit what is foreign. The probability lies
// between, is what people see beside the answer, and no score does as much as longer training.
float nn_fit_threshold(const float *logits, size_t n, float temperature, double coverage) {
    // The largest threshold that still answers enough rows is a confidence of one of them. Found by
    // bisection over the bits of the float, which are ordered like positive floats: 31 passes, no
    // memory.
    double wanted = coverage * (double)n;
    uint32_t low = 0, high = 0x3f800001u; // 0 answers all, more than 1 none
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        NnArch arch = {.temperature = temperature};
        memcpy(&arch.threshold, &middle, sizeof arch.threshold);
        if ((double)answered_at(logits, n, &arch) >= wanted) {
            low = middle;
        } else {
            high = middle;
        }
    }
    float threshold;
    memcpy(&threshold, &low, sizeof threshold);
    return threshold;
}
