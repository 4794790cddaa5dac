// doctor.h - what is wrong with a training run, recognised by stated rules.
//
// Pure functions over the series of a run: the same numbers give the same verdict. The rules, worst
// first; the first that holds is the finding:
//
//   no number     the loss of a step is NaN or infinite
//   diverging     the mean loss of the last 20 steps is more than twice the lowest such mean before
//                 it, and at least 0.5 nats above it
//   not learning  after 200 steps the mean loss of the last 20 is still above 0.97 ln 10, that is,
//                 no better than answering at random
//   dead units    at least a quarter of 8 or more hidden ReLU units answers 0 to every sample
//   overfitting   in each of the last two epochs the validation loss was higher than in the epoch
//                 before it, it is 2 % above its lowest, and the training loss is below what it was
//                 in the epoch with the lowest
//   plateau       over the last four epochs the training loss fell by less than 1 % altogether
//                 while it is above 0.05 nats
//
//     DoctorVerdict verdict = doctor_examine(&series);
//     doctor_say(&verdict, text, sizeof text);
//
// Thread: reentrant.

#ifndef NN_TRAIN_DOCTOR_H
#define NN_TRAIN_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    DOCTOR_WELL,
    DOCTOR_NO_NUMBER,
    DOCTOR_DIVERGING,
    DOCTOR_NOT_LEARNING,
    DOCTOR_DEAD_UNITS,
    DOCTOR_OVERFITTING,
    DOCTOR_PLATEAU,
    DOCTOR_FINDING_COUNT,
} DoctorFinding;

typedef struct {
    const float *step_loss; // (n_steps) one a step, in order
    size_t n_steps;
    const float *train_loss, *val_loss; // (n_epochs) one an epoch, from epoch 1; NaN: not measured
    size_t n_epochs;
    int dead_units, hidden_units;
} DoctorSeries;

typedef struct {
    DoctorFinding finding;
    int epoch;    // of overfitting: the one with the lowest validation loss; else 0
    double share; // of dead units; else 0
} DoctorVerdict;

DoctorVerdict doctor_examine(const DoctorSeries *series);

// A sentence with a remedy; "" when all is well. Returns out.
const char *doctor_say(const DoctorVerdict *verdict, char *out, size_t size);

#endif
