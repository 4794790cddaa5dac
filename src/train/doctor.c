#include "train/doctor.h"

#include <math.h>
#include <stdio.h>

enum { WINDOW = 20, PATIENCE_STEPS = 200, DEAD_LEAST_UNITS = 8, PLATEAU_EPOCHS = 4 };

static const double DIVERGED_FACTOR = 2, DIVERGED_NATS = 0.5;
static const double RANDOM_NATS = 2.302585092994046; // ln 10: every digit equally likely
static const double RANDOM_SHARE = 0.97;
static const double DEAD_SHARE = 0.25;
static const double OVERFIT_FACTOR = 1.02;
static const double PLATEAU_SHARE = 0.01, PLATEAU_NATS = 0.05;

static bool no_number(const DoctorSeries *series) {
    for (size_t i = 0; i < series->n_steps; i++) {
        if (!isfinite(series->step_loss[i])) {
            return true;
        }
    }
    return false;
}

// Of the last WINDOW steps and the lowest of all windows before those; both windows are whole.
static bool window_means(const DoctorSeries *series, double *last, double *lowest) {
    if (series->n_steps < 2 * (size_t)WINDOW) {
        return false;
    }
    double sum = 0;
    *lowest = HUGE_VAL;
    for (size_t i = 0; i < series->n_steps; i++) {
        sum += (double)series->step_loss[i];
        sum -= i >= WINDOW ? (double)series->step_loss[i - WINDOW] : 0;
        if (i + 1 >= WINDOW && i + WINDOW < series->n_steps) {
            *lowest = fmin(*lowest, sum / WINDOW);
        }
    }
    *last = sum / WINDOW;
    return true;
}

static size_t lowest_at(const float *values, size_t n) {
    size_t best = n;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(values[i]) && (best == n || values[i] < values[best])) {
            best = i;
        }
    }
    return best;
}

static bool overfits(const DoctorSeries *series, int *epoch) {
    size_t n = series->n_epochs;
    size_t best = lowest_at(series->val_loss, n);
    if (n < 3 || best + 2 >= n) {
        return false;
    }
    const float *v = series->val_loss;
    bool rises = v[n - 1] > v[n - 2] && v[n - 2] > v[n - 3]; // false where one is NaN
    bool worse = (double)v[n - 1] > OVERFIT_FACTOR * (double)v[best];
    bool learns_by_heart = series->train_loss[n - 1] < series->train_loss[best];
    *epoch = (int)best + 1;
    return rises && worse && learns_by_heart;
}

static bool stands_still(const DoctorSeries *series) {
    size_t n = series->n_epochs;
    if (n < PLATEAU_EPOCHS + 1) {
        return false;
    }
    double before = (double)series->train_loss[n - 1 - PLATEAU_EPOCHS];
    double now = (double)series->train_loss[n - 1];
    return now > PLATEAU_NATS && now > before * (1 - PLATEAU_SHARE);
}

DoctorVerdict doctor_examine(const DoctorSeries *series) {
    DoctorVerdict verdict = {.finding = DOCTOR_WELL};
    double last = 0, lowest = 0;
    double dead = series->hidden_units > 0 ? (double)series->dead_units / series->hidden_units : 0;
    if (no_number(series)) {
        verdict.finding = DOCTOR_NO_NUMBER;
        return verdict;
    }
    bool means = window_means(series, &last, &lowest);
    if (means && last > DIVERGED_FACTOR * lowest && last > lowest + DIVERGED_NATS) {
        verdict.finding = DOCTOR_DIVERGING;
    } else if (means && series->n_steps >= PATIENCE_STEPS && last > RANDOM_SHARE * RANDOM_NATS) {
        verdict.finding = DOCTOR_NOT_LEARNING;
    } else if (series->hidden_units >= DEAD_LEAST_UNITS && dead >= DEAD_SHARE) {
        verdict.finding = DOCTOR_DEAD_UNITS;
        verdict.share = dead;
    } else if (overfits(series, &verdict.epoch)) {
        verdict.finding = DOCTOR_OVERFITTING;
    } else {
        verdict.epoch = 0;
        verdict.finding = stands_still(series) ? DOCTOR_PLATEAU : DOCTOR_WELL;
    }
    verdict.epoch = verdict.finding == DOCTOR_OVERFITTING ? verdict.epoch : 0;
    return verdict;
}

const char *doctor_say(const DoctorVerdict *verdict, char *out, size_t size) {
    static const char *const sentences[DOCTOR_FINDING_COUNT] = {
        [DOCTOR_WELL] = "",
        [DOCTOR_NO_NUMBER] = "The loss is no number any more: go back an epoch and train on with a "
                             "smaller learning rate.",
        [DOCTOR_DIVERGING] = "The loss runs away: the learning rate is too high.",
        [DOCTOR_NOT_LEARNING] = "It has not learnt anything yet: try a learning rate ten times "
                                "higher or lower.",
        [DOCTOR_PLATEAU] = "The loss stands still: a smaller learning rate may get it moving, else "
                           "a wider network.",
    };
    switch (verdict->finding) {
    case DOCTOR_DEAD_UNITS:
        (void)snprintf(
            out, size,
            "%.0f %% of the hidden units are dead, they answer 0 to everything: use leaky "
            "ReLU or a smaller learning rate.",
            verdict->share * 100);
        break;
    case DOCTOR_OVERFITTING:
        (void)snprintf(
            out, size,
            "Overfitting since epoch %d: validation loss rises while training loss falls.",
            verdict->epoch);
        break;
    default:
        (void)snprintf(out, size, "%s", sentences[verdict->finding]);
        break;
    }
    return out;
}
