// The Train view in every size, theme and state: nothing clipped, nothing over another.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include <math.h>

#include "layout_check.h"
#include "train_fixture.h"

static void both_themes(AppFixture *fixture, const Size *size, const char *what) {
    App *app = &fixture->app;
    for (int dark = 0; dark < 2; dark++) {
        app->settings.dark = dark == 1;
        script_settle(&fixture->script);
        script_settle(&fixture->script);
        char state[80];
        (void)snprintf(state, sizeof state, "%s, %s", what, dark == 1 ? "dark" : "light");
        layout_check(app, size, state, app->train.settings);
        assert_int_equal(ui_duplicate_ids(app->ui), 0);
    }
}

static void run_size(void **state) {
    const Size *size = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(train_setup((void **)&fixture), 0);
    open_train(fixture, size->width, size->height, size->scale);
    App *app = &fixture->app;
    app->settings.projector = size->projector;
    both_themes(fixture, size, "before a run");
    set_field(fixture, FIELD_RATE, "fast");
    both_themes(fixture, size, "a bad field");
    set_field(fixture, FIELD_RATE, "0.01");
    script_settle(&fixture->script);
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "epochs 3");
    for (int i = 0; i < TRAIN_CHART_COUNT; i++) {
        app->train.chart = i;
        app->train.panel = i % TRAIN_PANEL_COUNT;
        app->train.by_share = i == 2;
        both_themes(fixture, size, "trained");
    }
    training_show(&app->training, 1);
    both_themes(fixture, size, "an earlier epoch");
    app->training.verdict = (DoctorVerdict){.finding = DOCTOR_OVERFITTING, .epoch = 2};
    (void)doctor_say(&app->training.verdict, app->training.advice, sizeof app->training.advice);
    both_themes(fixture, size, "advice");
    assert_true(app->train.square.w >= 80);
    assert_true(app->train.curves.w >= 0.25f * size->width);
    assert_true(app->train.curves.h >= 0.3f * size->height);
    assert_true(app->train.matrix.w >= 0.2f * size->width || app->train.matrix.w >= 300);
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

int main(void) {
    enum { N = sizeof SIZES / sizeof SIZES[0] };
    struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++) {
        tests[i] =
            (struct CMUnitTest){SIZES[i].name, run_size, NULL, NULL, (void *)(uintptr_t)&SIZES[i]};
    }
    return _cmocka_run_group_tests("train layout", tests, N, NULL, NULL);
}
