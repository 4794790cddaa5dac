// The doctor's rules on made-up series: each is recognised, and nothing is said without cause.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "train/doctor.h"

enum { STEPS = 400, EPOCHS = 8 };

typedef struct {
    float step[STEPS], train[EPOCHS], val[EPOCHS];
    DoctorSeries series;
} Run;

// A run as one likes to see it: the loss falls steadily, validation with it.
static void healthy(Run *run) {
    memset(run, 0, sizeof *run);
    for (int i = 0; i < STEPS; i++) {
        run->step[i] = 2.3f * expf(-0.01f * (float)i) + (i % 2 == 0 ? 0.05f : 0.15f);
    }
    for (int i = 0; i < EPOCHS; i++) {
        run->train[i] = 0.6f * expf(-0.3f * (float)i);
        run->val[i] = 0.1f + 0.5f * expf(-0.3f * (float)i);
    }
    run->series = (DoctorSeries){.step_loss = run->step,
                                 .n_steps = STEPS,
                                 .train_loss = run->train,
                                 .val_loss = run->val,
                                 .n_epochs = EPOCHS,
                                 .dead_units = 3,
                                 .hidden_units = 100};
}

static void expect(const Run *run, DoctorFinding finding) {
    DoctorVerdict verdict = doctor_examine(&run->series);
    assert_int_equal(verdict.finding, finding);
    char text[256];
    (void)doctor_say(&verdict, text, sizeof text);
    assert_int_equal(text[0] == '\0', finding == DOCTOR_WELL);
    assert_true(strlen(text) + 1 < sizeof text); // nothing was cut off
}

static void a_good_run_is_well_at_every_moment(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    for (size_t n = 0; n <= STEPS; n++) {
        run.series.n_steps = n;
        run.series.n_epochs = n * EPOCHS / STEPS;
        expect(&run, DOCTOR_WELL);
    }
}

static void a_single_nan_or_infinity_is_no_number(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    run.step[STEPS - 1] = NAN;
    expect(&run, DOCTOR_NO_NUMBER);
    healthy(&run);
    run.step[3] = INFINITY;
    expect(&run, DOCTOR_NO_NUMBER);
}

static void a_loss_that_doubles_diverges_but_one_bad_batch_does_not(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    run.step[STEPS - 3] = 6; // the mean of 20 rises by 0.3
    expect(&run, DOCTOR_WELL);
    for (int i = STEPS - 20; i < STEPS; i++) {
        run.step[i] = 1.5f;
    }
    expect(&run, DOCTOR_DIVERGING);
}

static void twice_a_tiny_loss_does_not_diverge(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    for (int i = 0; i < STEPS; i++) {
        run.step[i] = i < STEPS - 20 ? 0.02f : 0.2f;
    }
    expect(&run, DOCTOR_WELL);
}

static void random_answers_after_200_steps_are_not_learning(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    for (int i = 0; i < STEPS; i++) {
        run.step[i] = 2.31f;
    }
    expect(&run, DOCTOR_NOT_LEARNING);
    run.series.n_steps = 199;
    expect(&run, DOCTOR_WELL);
}

static void a_quarter_of_dead_units_is_said_with_its_share(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    run.series.dead_units = 24;
    expect(&run, DOCTOR_WELL);
    run.series.dead_units = 25;
    expect(&run, DOCTOR_DEAD_UNITS);
    DoctorVerdict verdict = doctor_examine(&run.series);
    char text[256];
    assert_non_null(strstr(doctor_say(&verdict, text, sizeof text), "25 %"));
    run.series.dead_units = 7;
    run.series.hidden_units = 7; // too few to speak of a share
    expect(&run, DOCTOR_WELL);
}

static void validation_rising_while_training_falls_is_overfitting_since_its_best(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    for (int i = 5; i < EPOCHS; i++) {
        run.val[i] = run.val[4] + 0.02f * (float)(i - 4);
    }
    expect(&run, DOCTOR_OVERFITTING);
    assert_int_equal(doctor_examine(&run.series).epoch, 5);
    run.series.n_epochs = 6; // one bad epoch is no trend
    expect(&run, DOCTOR_WELL);
    run.series.n_epochs = EPOCHS;
    run.train[7] = run.train[4] + 0.1f; // both rise: something else
    expect(&run, DOCTOR_PLATEAU);
}

static void without_a_validation_split_there_is_no_overfitting(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    for (int i = 0; i < EPOCHS; i++) {
        run.val[i] = NAN;
    }
    expect(&run, DOCTOR_WELL);
}

static void four_epochs_without_progress_are_a_plateau_unless_the_loss_is_tiny(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    for (int i = 3; i < EPOCHS; i++) {
        run.train[i] = run.train[3];
    }
    expect(&run, DOCTOR_PLATEAU);
    run.series.n_epochs = 7;
    expect(&run, DOCTOR_WELL);
    run.series.n_epochs = EPOCHS;
    for (int i = 0; i < EPOCHS; i++) {
        run.train[i] = 0.01f;
    }
    expect(&run, DOCTOR_WELL);
}

static void the_worst_is_said_first(void **state) {
    (void)state;
    Run run;
    healthy(&run);
    run.series.dead_units = 90;
    for (int i = STEPS - 20; i < STEPS; i++) {
        run.step[i] = 5;
    }
    expect(&run, DOCTOR_DIVERGING);
    run.step[STEPS - 1] = NAN;
    expect(&run, DOCTOR_NO_NUMBER);
}

static void a_sentence_that_does_not_fit_is_cut_and_ends(void **state) {
    (void)state;
    DoctorVerdict verdict = {.finding = DOCTOR_DEAD_UNITS, .share = 0.5};
    char text[8];
    memset(text, 'x', sizeof text);
    assert_int_equal(strlen(doctor_say(&verdict, text, sizeof text)), 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_run_is_well_at_every_moment),
        cmocka_unit_test(a_single_nan_or_infinity_is_no_number),
        cmocka_unit_test(a_loss_that_doubles_diverges_but_one_bad_batch_does_not),
        cmocka_unit_test(twice_a_tiny_loss_does_not_diverge),
        cmocka_unit_test(random_answers_after_200_steps_are_not_learning),
        cmocka_unit_test(a_quarter_of_dead_units_is_said_with_its_share),
        cmocka_unit_test(validation_rising_while_training_falls_is_overfitting_since_its_best),
        cmocka_unit_test(without_a_validation_split_there_is_no_overfitting),
        cmocka_unit_test(four_epochs_without_progress_are_a_plateau_unless_the_loss_is_tiny),
        cmocka_unit_test(the_worst_is_said_first),
        cmocka_unit_test(a_sentence_that_does_not_fit_is_cut_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
