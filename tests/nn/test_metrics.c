// Metrics against small cases worked out by hand and a naive second computation.

#include "nn/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/near.h"

enum { N = 3000 };

// Logits of a classifier that is right about 80 % of the time and too sure of itself by a factor.
static void make_answers(float *logits, uint8_t *labels, float factor) {
    for (int i = 0; i < N; i++) {
        Rng rng = rng_at(1, RNG_STREAM_TEST, (uint64_t)i);
        float *row = logits + i * NN_CLASSES;
        double p[NN_CLASSES], sum = 0;
        for (int c = 0; c < NN_CLASSES; c++) {
            row[c] = 3.0f * rng_normal(&rng);
            sum += p[c] = exp((double)row[c]);
        }
        // The label is drawn from the true softmax, so temperature 1 / factor undoes the scaling.
        double draw = (double)rng_uniform(&rng, 0.0f, 1.0f) * sum;
        int label = 0;
        while (label < NN_CLASSES - 1 && draw >= p[label]) {
            draw -= p[label++];
        }
        labels[i] = (uint8_t)label;
        for (int c = 0; c < NN_CLASSES; c++) {
            row[c] *= factor;
        }
    }
}

static float logits[N * NN_CLASSES];
static uint8_t labels[N];

static double naive_confidence(const float *row, double temperature) {
    double sum = 0, top = -1e30;
    for (int c = 0; c < NN_CLASSES; c++) {
        top = fmax(top, (double)row[c]);
    }
    for (int c = 0; c < NN_CLASSES; c++) {
        sum += exp(((double)row[c] - top) / temperature);
    }
    return 1 / sum;
}

static double naive_loss(double temperature) {
    double loss = 0;
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int c = 0; c < NN_CLASSES; c++) {
            sum += exp((double)(logits[i * NN_CLASSES + c] - logits[i * NN_CLASSES + labels[i]]) /
                       temperature);
        }
        loss += log(sum) / N;
    }
    return loss;
}

static int naive_answer(const float *row) {
    int best = 0;
    for (int c = 1; c < NN_CLASSES; c++) {
        best = row[c] > row[best] ? c : best;
    }
    return best;
}

static void metrics_equal_a_naive_computation(void **state) {
    (void)state;
    const double temperature = 1.7;
    make_answers(logits, labels, 1.0f);
    NnMetrics m;
    nn_metrics_compute(&m, logits, labels, N, (float)temperature);
    size_t correct = 0, first = 0, confusion[NN_CLASSES][NN_CLASSES] = {{0}};
    for (int i = 0; i < N; i++) {
        int answer = naive_answer(logits + i * NN_CLASSES);
        correct += answer == labels[i];
        first += answer == labels[i] && i < N / 2;
        confusion[labels[i]][answer]++;
    }
    assert_int_equal(m.n, N);
    assert_int_equal(m.correct, correct);
    assert_memory_equal(m.confusion, confusion, sizeof confusion);
    double accuracy = (double)correct / N;
    assert_near(m.accuracy, accuracy, 1e-12, "accuracy", 0);
    assert_near(m.stderr_accuracy, sqrt(accuracy * (1 - accuracy) / N), 1e-12, "standard error", 0);
    assert_near(m.first_half, (double)first / (N / 2), 1e-12, "first half", 0);
    assert_near(m.second_half, (double)(correct - first) / (N / 2), 1e-12, "second half", 0);
    assert_near(m.loss, naive_loss(1.0), 1e-9, "loss", 0);

    double macro = 0;
    for (int c = 0; c < NN_CLASSES; c++) {
        double row = 0, column = 0, right = (double)confusion[c][c];
        for (int k = 0; k < NN_CLASSES; k++) {
            row += (double)confusion[c][k];
            column += (double)confusion[k][c];
        }
        double precision = right / column, recall = right / row;
        assert_near(m.per_class[c].precision, precision, 1e-12, "precision", c);
        assert_near(m.per_class[c].recall, recall, 1e-12, "recall", c);
        assert_near(m.per_class[c].f1, 2 * precision * recall / (precision + recall), 1e-12, "F1",
                    c);
        assert_int_equal(m.per_class[c].support, (size_t)row);
        macro += 2 * precision * recall / (precision + recall) / NN_CLASSES;
    }
    assert_near(m.macro_f1, macro, 1e-12, "macro F1", 0);

    double ece = 0;
    for (int bin = 0; bin < 15; bin++) {
        double n = 0, sure = 0, right = 0;
        for (int i = 0; i < N; i++) {
            double confidence = naive_confidence(logits + i * NN_CLASSES, temperature);
            if (confidence > bin / 15.0 && confidence <= (bin + 1) / 15.0) {
                n++;
                sure += confidence;
                right += naive_answer(logits + i * NN_CLASSES) == labels[i];
            }
        }
        ece += n > 0 ? n / N * fabs(right / n - sure / n) : 0;
    }
    assert_near(m.ece, ece, 1e-7, "ECE", 0);
}

static void undefined_ratios_are_zero(void **state) {
    (void)state;
    float row[NN_CLASSES] = {0, 0, 5};
    uint8_t label = 7;
    NnMetrics m;
    nn_metrics_compute(&m, row, &label, 1, 0.0f);
    assert_true(m.accuracy == 0.0 && m.macro_f1 == 0.0);
    assert_true(m.per_class[2].precision == 0.0 && m.per_class[2].recall == 0.0);
    assert_true(m.per_class[7].recall == 0.0 && m.per_class[7].support == 1);
    assert_true(m.confusion[7][2] == 1 && m.first_half == 0.0);
    nn_metrics_compute(&m, NULL, NULL, 0, 1.0f);
    assert_true(m.n == 0 && m.accuracy == 0.0 && m.loss == 0.0);
}

static void a_perfect_answer_has_no_calibration_error(void **state) {
    (void)state;
    float rows[2 * NN_CLASSES] = {[3] = 1000, [NN_CLASSES + 4] = 1000};
    const uint8_t own[2] = {3, 4};
    NnMetrics m;
    nn_metrics_compute(&m, rows, own, 2, 1.0f);
    assert_true(m.accuracy == 1.0 && m.ece == 0.0 && m.loss == 0.0 && m.second_half == 1.0);
}

static void the_temperature_minimises_the_loss(void **state) {
    (void)state;
    const float factors[] = {0.25f, 1.0f, 4.0f};
    for (int k = 0; k < 3; k++) {
        make_answers(logits, labels, factors[k]);
        double fitted = (double)nn_fit_temperature(logits, labels, N);
        // The labels were drawn at temperature `factor`; 3,000 of them give it to some percent.
        assert_near(fitted / (double)factors[k], 1.0, 0.08, "temperature", k);
        double least = naive_loss(fitted);
        assert_true(least <= naive_loss(fitted * 1.003) && least <= naive_loss(fitted / 1.003));
    }
    memset(labels, 0, sizeof labels); // hopeless: as flat as allowed
    assert_near(nn_fit_temperature(logits, labels, N), 20.0, 0.01, "hopeless", 0);
}

// What is sure is counted as answers are given, in float; the second count is naive, in double.
static void the_threshold_answers_the_share_asked_for(void **state) {
    (void)state;
    make_answers(logits, labels, 1.0f);
    const double coverages[] = {0.0, 0.5, 0.9, 0.98, 1.0};
    for (int k = 0; k < 5; k++) {
        NnArch arch = {.temperature = 1.3f};
        arch.threshold = nn_fit_threshold(logits, N, arch.temperature, coverages[k]);
        size_t answered = 0, above = 0;
        for (int i = 0; i < N; i++) {
            NnAnswer answer;
            nn_answer(&arch, logits + i * NN_CLASSES, &answer);
            answered += answer.sure;
            double confidence = naive_confidence(logits + i * NN_CLASSES, (double)arch.temperature);
            above += confidence > (double)arch.threshold + 1e-6;
        }
        assert_true((double)answered >= coverages[k] * N);
        assert_true((double)above < coverages[k] * N || coverages[k] == 0.0);
    }
}

static void coverage_counts_what_is_answered_and_what_of_it_is_wrong(void **state) {
    (void)state;
    make_answers(logits, labels, 1.0f);
    const float threshold = 0.7f, temperature = 1.3f;
    size_t answered = 0, wrong = 0;
    for (int i = 0; i < N; i++) {
        const float *row = logits + i * NN_CLASSES;
        int top = 0;
        for (int c = 1; c < NN_CLASSES; c++) {
            top = row[c] > row[top] ? c : top;
        }
        bool sure = naive_confidence(row, (double)temperature) >= (double)threshold;
        answered += sure;
        wrong += sure && top != labels[i];
    }
    assert_true(wrong > 0 && answered < N);
    NnCoverage coverage;
    nn_coverage_at(&coverage, logits, labels, N, temperature, threshold);
    assert_int_equal(coverage.n, N);
    assert_int_equal(coverage.answered, answered);
    assert_int_equal(coverage.wrong, wrong);
    assert_near(coverage.coverage, (double)answered / N, 1e-12, "coverage", 0);
    assert_near(coverage.accuracy, 1 - (double)wrong / (double)answered, 1e-12, "accuracy", 0);

    nn_coverage_of(&coverage, logits, labels, N, temperature, 0.9);
    assert_int_equal(coverage.answered, 2700); // no two are just as sure here
    nn_coverage_at(&coverage, logits, labels, N, temperature, 1.1f);
    assert_int_equal(coverage.answered, 0);
    assert_true(coverage.accuracy == 0);
}

static void what_is_no_digit_is_rejected_or_claimed(void **state) {
    (void)state;
    NnRejects rejects = {0}, all = {0};
    assert_int_equal(nn_rejects_most_claimed(&rejects), -1);
    const NnAnswer unsure = {.digit = 3, .confidence = 0.25f};
    const NnAnswer seven = {.digit = 7, .confidence = 0.75f, .sure = true};
    nn_rejects_add(&rejects, NULL);
    nn_rejects_add(&rejects, &unsure);
    assert_int_equal(nn_rejects_most_claimed(&rejects), -1);
    nn_rejects_add(&rejects, &seven);
    nn_rejects_join(&all, &rejects);
    nn_rejects_join(&all, &rejects);
    assert_int_equal(all.n, 6);
    assert_int_equal(all.rejected, 4);
    assert_int_equal(all.claimed[7], 2);
    assert_int_equal(nn_rejects_most_claimed(&all), 7);
    assert_near(all.confidence, 2.0, 1e-12, "confidence", 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_equal_a_naive_computation),
        cmocka_unit_test(undefined_ratios_are_zero),
        cmocka_unit_test(a_perfect_answer_has_no_calibration_error),
        cmocka_unit_test(the_temperature_minimises_the_loss),
        cmocka_unit_test(the_threshold_answers_the_share_asked_for),
        cmocka_unit_test(coverage_counts_what_is_answered_and_what_of_it_is_wrong),
        cmocka_unit_test(what_is_no_digit_is_rejected_or_claimed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
