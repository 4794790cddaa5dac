// The Data view in every size, theme and state: nothing clipped, nothing over another.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "data_fixture.h"
#include "layout_check.h"

static void both_themes(AppFixture *fixture, const Size *size, const char *what) {
    for (int dark = 0; dark < 2; dark++) {
        fixture->app.settings.dark = dark == 1;
        script_settle(&fixture->script);
        script_settle(&fixture->script);
        char state[80];
        (void)snprintf(state, sizeof state, "%s, %s", what, dark == 1 ? "dark" : "light");
        layout_check(&fixture->app, size, state, fixture->app.data.pictures);
        assert_int_equal(ui_duplicate_ids(fixture->app.ui), 0);
    }
}

static void run_size(void **state) {
    const Size *size = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(data_setup((void **)&fixture), 0);
    open_data(fixture, size->width, size->height, size->scale);
    fixture->app.settings.projector = size->projector;
    both_themes(fixture, size, "all classes");
    assert_true(fixture->app.data.pictures.w >= size->width * 0.3f);
    assert_true(fixture->app.data.columns >= 3);
    fixture_play(fixture, "key 7");
    both_themes(fixture, size, "one class");
    choose_source(fixture, DATA_HANDWRITING);
    both_themes(fixture, size, "handwriting");
    assert_true(fixture->app.data.columns >= 3);
    fixture->app.data.group = NN_CLASSES;
    fixture_play(fixture, "key right");
    both_themes(fixture, size, "what is no digit");
    choose_source(fixture, DATA_MINE);
    layout_check(&fixture->app, size, "no digits of one's own", (UiRect){0});
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

int main(void) {
    enum { N = sizeof SIZES / sizeof SIZES[0] };
    struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++) {
        tests[i] =
            (struct CMUnitTest){SIZES[i].name, run_size, NULL, NULL, (void *)(uintptr_t)&SIZES[i]};
    }
    return _cmocka_run_group_tests("data layout", tests, N, NULL, NULL);
}
