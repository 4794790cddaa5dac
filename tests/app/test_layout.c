// The Draw view in every size, scale, theme and state: no text outside the window or cut by its
// clip, none over another, every control inside. Boxes of capitals are compared, from the baseline
// up: descenders may dip into a line's gap.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "app_fixture.h"

#include <math.h>

typedef struct {
    const char *name;
    float width, height, scale;
    bool projector;
} Size;

static const Size SIZES[] = {
    {"layout: 1280x800", 1280, 800, 1, false},
    {"layout: 960x600", 960, 600, 1, false},
    {"layout: 960x600 at 1.5", 960, 600, 1.5f, false},
    {"layout: 1024x768", 1024, 768, 1, false},
    {"layout: 1366x768", 1366, 768, 1.25f, false},
    {"layout: 1920x1080 at 2", 1920, 1080, 2, false},
    {"layout: 3840x2160", 3840, 2160, 1, false},
    {"layout: narrow and high", 960, 1400, 1, false},
    {"layout: wide and low", 2000, 600, 1, false},
    {"layout: projector 1280x800", 1280, 800, 1, true},
    {"layout: projector 960x600", 960, 600, 1, true},
    {"layout: projector 1024x768", 1024, 768, 1, true},
    {"layout: projector 1920x1080", 1920, 1080, 1, true},
    {"layout: projector 3840x2160 at 2", 1920, 1080, 2, true},
};

typedef struct {
    const char *text;
    float x0, y0, x1, y1;
} Box;

enum { MAX_BOXES = 512 };

static void check(const App *app, const Size *size, const char *state) {
    static Box boxes[MAX_BOXES];
    int n = 0;
    const DrawList *list = app_draws(app);
    UiRect clip = {0, 0, size->width, size->height};
    for (size_t i = 0; i < list->n; i++) {
        const DrawCommand *command = &list->commands[i];
        UiRect r = command->rect;
        if (command->kind == DRAW_CLIP) {
            clip = r;
        } else if (command->kind == DRAW_TEXT) {
            float em = command->u.text.font.size;
            Box box = {command->u.text.utf8, r.x, r.y - 0.73f * em, r.x + r.w, r.y};
            bool inside = box.x0 >= clip.x - 0.6f && box.y0 >= clip.y - 0.6f &&
                          box.x1 <= clip.x + clip.w + 0.6f && box.y1 <= clip.y + clip.h + 0.6f;
            if (!inside) {
                fail_msg("%s, %s: \"%s\" at %.0f,%.0f..%.0f,%.0f leaves %.0f,%.0f %.0fx%.0f",
                         size->name, state, box.text, (double)box.x0, (double)box.y0,
                         (double)box.x1, (double)box.y1, (double)clip.x, (double)clip.y,
                         (double)clip.w, (double)clip.h);
            }
            for (int k = 0; k < n; k++) {
                const Box *other = &boxes[k];
                float w = fminf(box.x1, other->x1) - fmaxf(box.x0, other->x0);
                float h = fminf(box.y1, other->y1) - fmaxf(box.y0, other->y0);
                if (w > 0.6f && h > 0.6f) {
                    fail_msg("%s, %s: \"%s\" lies over \"%s\"", size->name, state, box.text,
                             other->text);
                }
            }
            assert_true(n < MAX_BOXES);
            boxes[n++] = box;
        } else if (command->kind == DRAW_FRAME || command->kind == DRAW_IMAGE) {
            if (r.x < -0.6f || r.y < -0.6f || r.x + r.w > size->width + 0.6f ||
                r.y + r.h > size->height + 0.6f || r.w <= 0 || r.h <= 0) {
                fail_msg("%s, %s: a picture or frame at %.0f,%.0f %.0fx%.0f", size->name, state,
                         (double)r.x, (double)r.y, (double)r.w, (double)r.h);
            }
        }
    }
    assert_true(n > 20);
}

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
            check(&fixture->app, size, state);
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
