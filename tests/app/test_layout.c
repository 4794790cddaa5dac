// The Draw view in every size, scale, theme and state: no text outside the window or cut by its
// clip, none over another, every control inside. Boxes of capitals are compared, from the baseline
// up: descenders may dip into a line's gap.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "layout_check.h"

static void open_panel(AppFixture *fixture, int panel, bool dark) {
    fixture->app.settings.panel = panel;
    fixture->app.settings.dark = dark;
    script_settle(&fixture->script);
    script_settle(&fixture->script);
}

static void all_panels(AppFixture *fixture, const Size *size, const char *what) {
    static const char *const PANELS[] = {"how", "why", "looks", "time"};
    for (int panel = 0; panel < PANEL_COUNT; panel++) {
        for (int dark = 0; dark < 2; dark++) {
            open_panel(fixture, panel, dark == 1);
            char state[80];
            (void)snprintf(state, sizeof state, "%s, %s, %s", what, PANELS[panel],
                           dark == 1 ? "dark" : "light");
            layout_check(&fixture->app, size, state, (UiRect){0});
            // The drawing square is what the view is for.
            UiRect square = fixture->app.draw.square;
            assert_true(square.w >= fminf(size->width * 0.4f, size->height * 0.55f));
        }
    }
}

static void run_size(void **state) {
    const Size *size = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(fixture_setup((void **)&fixture), 0);
    fixture_open(fixture, false, true, size->width, size->height, size->scale);
    fixture->app.settings.projector = size->projector;
    all_panels(fixture, size, "blank");
    fixture_play(fixture, SEVEN);
    fixture_play(fixture, "stroke 0.4 0.55 0.5 0.55 0.6 0.55");
    all_panels(fixture, size, "a drawing");
    fixture->app.recogniser.options.skip = 1u << NN_STAGE_CENTRE | 1u << NN_STAGE_PEN;
    all_panels(fixture, size, "stages left out");
    fixture_close(fixture);
    fixture_open(fixture, false, false, size->width, size->height, size->scale);
    fixture->app.settings.projector = size->projector;
    fixture_play(fixture, SEVEN);
    all_panels(fixture, size, "no network");
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

// No two widgets of a frame share an identity: one of them would answer for the other.
static void no_identity_is_used_twice(void **state) {
    AppFixture *fixture = *state;
    fixture_open(fixture, false, true, 1280, 800, 1);
    fixture_play(fixture, SEVEN);
    for (int panel = 0; panel < PANEL_COUNT; panel++) {
        open_panel(fixture, panel, false);
        assert_int_equal(ui_duplicate_ids(fixture->app.ui), 0);
    }
    fixture_play(fixture, "key f1");
    script_settle(&fixture->script);
    assert_int_equal(ui_duplicate_ids(fixture->app.ui), 0);
}

int main(void) {
    enum { N = sizeof SIZES / sizeof SIZES[0] };
    struct CMUnitTest tests[N + 1];
    for (size_t i = 0; i < N; i++) {
        tests[i] =
            (struct CMUnitTest){SIZES[i].name, run_size, NULL, NULL, (void *)(uintptr_t)&SIZES[i]};
    }
    tests[N] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(no_identity_is_used_twice,
                                                                  fixture_setup, fixture_teardown);
    return _cmocka_run_group_tests("layout", tests, N + 1, NULL, NULL);
}
