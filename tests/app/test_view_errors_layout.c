// The Errors view in every size, theme and state: nothing clipped, nothing over another.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "errors_fixture.h"
#include "layout_check.h"

static void all_tabs(AppFixture *fixture, const Size *size, const char *what) {
    static const char *const tabs[] = {"matrix", "classes", "calibration", "duel"};
    for (int tab = 0; tab < ERRORS_TAB_COUNT; tab++) {
        for (int dark = 0; dark < 2; dark++) {
            app_apply(&fixture->app, &(Action){.kind = ACTION_STUDY_TAB, .index = tab});
            fixture->app.settings.dark = dark == 1;
            script_settle(&fixture->script);
            script_settle(&fixture->script);
            char state[80];
            (void)snprintf(state, sizeof state, "%s, %s, %s", what, tabs[tab],
                           dark == 1 ? "dark" : "light");
            UiRect scrolled = fixture->app.errors.grid;
            layout_check(&fixture->app, size, state, scrolled);
            assert_int_equal(ui_duplicate_ids(fixture->app.ui), 0);
        }
    }
    assert_true(fixture->app.errors.grid.w >= size->width * 0.25f);
    assert_true(fixture->app.errors.grid.h >= size->height * 0.4f);
}

static void run_size(void **state) {
    const Size *size = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(errors_setup((void **)&fixture), 0);
    open_errors(fixture, size->width, size->height, size->scale);
    fixture->app.settings.projector = size->projector;
    all_tabs(fixture, size, "wrong");
    ErrorsQuery *query = &fixture->app.errors.query;
    query->show = SHOW_ALL;
    query->cell = (ErrorsCell){3, 3};
    query->second = (ErrorsCell){3, 5};
    all_tabs(fixture, size, "two cells");
    query->second.label = -1;
    query->low = 0.999f;
    all_tabs(fixture, size, "nothing passes");
    app_apply(&fixture->app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_MINE});
    fixture_play(fixture, "settle");
    script_settle(&fixture->script);
    layout_check(&fixture->app, size, "no digits of one's own", (UiRect){0});
    app_apply(&fixture->app, &(Action){.kind = ACTION_STUDY_SOURCE, .index = STUDY_FILES});
    script_settle(&fixture->script);
    layout_check(&fixture->app, size, "no files yet", (UiRect){0});
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

int main(void) {
    enum { N = sizeof SIZES / sizeof SIZES[0] };
    struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++) {
        tests[i] =
            (struct CMUnitTest){SIZES[i].name, run_size, NULL, NULL, (void *)(uintptr_t)&SIZES[i]};
    }
    return _cmocka_run_group_tests("errors layout", tests, N, NULL, NULL);
}
