// The schedules against their formulas written out again by hand, at steps where these are simple.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/near.h"
#include "train/schedule.h"

enum { STEPS = 100 }; // an epoch

typedef struct {
    NnScheduleKind kind;
    float warmup;
    uint64_t step;
    double expected; // of a peak of 1 over 10 epochs, step_factor 0.5, step_epochs 3
} Row;

static void run_row(void **state) {
    const Row *row = *state;
    NnRecipe recipe = {.schedule = row->kind,
                       .learning_rate = 1.0f,
                       .epochs = 10,
                       .warmup_epochs = row->warmup,
                       .step_factor = 0.5f,
                       .step_epochs = 3};
    assert_near(schedule_rate(&recipe, row->step, STEPS), row->expected, 1e-6,
                "schedule_rate(&recipe, row->step, STEPS)", 0);
}

static Row constant_start = {NN_SCHEDULE_CONSTANT, 0, 0, 1.0};
static Row constant_end = {NN_SCHEDULE_CONSTANT, 0, 999, 1.0};
static Row warmup_first = {NN_SCHEDULE_CONSTANT, 2, 0, 1.0 / 200};
static Row warmup_middle = {NN_SCHEDULE_CONSTANT, 2, 99, 0.5};
static Row warmup_last = {NN_SCHEDULE_CONSTANT, 2, 199, 1.0};
static Row warmup_after = {NN_SCHEDULE_CONSTANT, 2, 200, 1.0};
static Row step_before = {NN_SCHEDULE_STEP, 0, 299, 1.0};
static Row step_at = {NN_SCHEDULE_STEP, 0, 300, 0.5};
static Row step_third = {NN_SCHEDULE_STEP, 0, 999, 0.125};
static Row exponential_one = {NN_SCHEDULE_EXPONENTIAL, 0, 100, 0.5};
static Row exponential_half = {NN_SCHEDULE_EXPONENTIAL, 0, 150, 0.353553390593};
static Row cosine_start = {NN_SCHEDULE_COSINE, 0, 0, 1.0};
static Row cosine_third = {NN_SCHEDULE_COSINE, 1, 400, 0.75}; // a third of the way from 1 to 10
static Row cosine_middle = {NN_SCHEDULE_COSINE, 0, 500, 0.5};
static Row cosine_end = {NN_SCHEDULE_COSINE, 0, 1000, 0.0};
static Row cycle_start = {NN_SCHEDULE_ONE_CYCLE, 0, 0, 1.0 / 25};
static Row cycle_rising = {NN_SCHEDULE_ONE_CYCLE, 0, 150, 0.52};
static Row cycle_peak = {NN_SCHEDULE_ONE_CYCLE, 0, 300, 1.0};
static Row cycle_falling = {NN_SCHEDULE_ONE_CYCLE, 0, 650, 0.500002};
static Row cycle_end = {NN_SCHEDULE_ONE_CYCLE, 0, 1000, 1.0 / 250000};
static Row cycle_own_peak = {NN_SCHEDULE_ONE_CYCLE, 1, 100, 1.0};

#define ROW(row)                                                                                   \
    { #row, run_row, NULL, NULL, &(row) }

int main(void) {
    const struct CMUnitTest tests[] = {
        ROW(constant_start), ROW(constant_end),    ROW(warmup_first),     ROW(warmup_middle),
        ROW(warmup_last),    ROW(warmup_after),    ROW(step_before),      ROW(step_at),
        ROW(step_third),     ROW(exponential_one), ROW(exponential_half), ROW(cosine_start),
        ROW(cosine_third),   ROW(cosine_middle),   ROW(cosine_end),       ROW(cycle_start),
        ROW(cycle_rising),   ROW(cycle_peak),      ROW(cycle_falling),    ROW(cycle_end),
        ROW(cycle_own_peak),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
