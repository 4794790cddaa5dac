// The window composed without a display: pictures of every panel, a monkey at the controls, scripts
// that are wrong.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "app_fixture.h"

#include <math.h>

#include "app/driver.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "nn/picture.h"

static AppOptions options_of(const AppFixture *fixture) {
    return (AppOptions){.model_path = fixture->weights, .exact_font = true};
}

static void render(const AppFixture *fixture, const AppOptions *options, const char *script,
                   NnPicture *picture) {
    char script_path[300], out[300];
    (void)snprintf(script_path, sizeof script_path, "%s/a.script", fixture->folder);
    (void)snprintf(out, sizeof out, "%s/a.png", fixture->folder);
    assert_int_equal(file_save(script_path, script, strlen(script), NULL), NN_OK);
    NnError err = {0};
    if (app_render(options, script_path, out, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(nn_picture_read(out, picture, &err), NN_OK);
}

static int grey_at(const NnPicture *picture, int x, int y) {
    return picture->grey[y * picture->width + x];
}

static const char *const PANELS[] = {"steps", "why", "looks", "time"};

static void every_panel_is_rendered_in_both_themes(void **state) {
    AppFixture *fixture = *state;
    assert_int_equal(setenv("INKLING_DATA", fixture->folder, 1), 0);
    for (int i = 0; i < 8; i++) {
        AppOptions options = options_of(fixture);
        options.panel = PANELS[i % 4];
        options.theme = i < 4 ? "light" : "dark";
        NnPicture picture = {0};
        render(fixture, &options, SEVEN "\n", &picture);
        assert_int_equal(picture.width, 1280);
        assert_int_equal(picture.height, 800);
        // Ground, ink where the seven is, paper where it is not.
        int ground = grey_at(&picture, 5, 790), paper = grey_at(&picture, 60, 640);
        int ink = grey_at(&picture, 24 + 310, 72 + 155);
        assert_true(i < 4 ? ground > 235 && paper > 250 && ink < 40
                          : ground < 40 && paper < 30 && ink > 230);
        nn_picture_release(&picture);
    }
}

static void size_and_scale_are_those_asked_for(void **state) {
    AppFixture *fixture = *state;
    AppOptions options = options_of(fixture);
    options.width = 960;
    options.height = 600;
    options.scale = 1.5f;
    options.projector = "on";
    NnPicture picture = {0};
    render(fixture, &options, "# nothing happens\n\n", &picture);
    assert_int_equal(picture.width, 1440);
    assert_int_equal(picture.height, 900);
    nn_picture_release(&picture);
}

typedef struct {
    const char *name;
    AppOptions options;
    const char *script; // NULL: none is written
    NnStatus expected;
    const char *says;
} BadCall;

static const BadCall BAD_CALLS[] = {
    {"render: no such theme", {.theme = "blue"}, "", NN_ERR_USAGE, "blue"},
    {"render: no such panel", {.panel = "sideways"}, "", NN_ERR_USAGE, "sideways"},
    {"render: a projector that is loud", {.projector = "loud"}, "", NN_ERR_USAGE, "loud"},
    {"render: no such network",
     {.model_path = "/nowhere.safetensors"},
     "",
     NN_ERR_NOT_FOUND,
     "nowhere"},
    {"render: no such script", {.width = 0}, NULL, NN_ERR_NOT_FOUND, "a.script"},
    {"script: no such command", {.width = 0}, "wait 1\nfly 3 4\n", NN_ERR_FORMAT, "line 2"},
    {"script: a move to nowhere", {.width = 0}, "move 1\n", NN_ERR_FORMAT, "move"},
    {"script: a move to words", {.width = 0}, "move a b\n", NN_ERR_FORMAT, "move"},
    {"script: a move to nan", {.width = 0}, "move nan 3\n", NN_ERR_FORMAT, "move"},
    {"script: half a point", {.width = 0}, "stroke 0.1 0.2 0.3\n", NN_ERR_FORMAT, "stroke"},
    {"script: no such key", {.width = 0}, "key ctrl+shift+banana\n", NN_ERR_FORMAT, "key"},
    {"script: a huge window", {.width = 0}, "size 1e6 1e6\n", NN_ERR_FORMAT, "size"},
    {"script: an endless wait", {.width = 0}, "wait 1e12\n", NN_ERR_FORMAT, "wait"},
    {"script: drawing number -1", {.width = 0}, "draw x.jsonl -1\n", NN_ERR_FORMAT, "draw"},
    {"script: drawings that are not there",
     {.width = 0},
     "draw x.jsonl 1\n",
     NN_ERR_NOT_FOUND,
     "x.jsonl"},
};

static void run_bad_call(void **state) {
    const BadCall *row = *state;
    AppFixture *fixture = NULL;
    assert_int_equal(fixture_setup((void **)&fixture), 0);
    AppOptions options = row->options;
    options.exact_font = true;
    options.model_path = options.model_path != NULL ? options.model_path : fixture->weights;
    char script_path[300], out[300];
    (void)snprintf(script_path, sizeof script_path, "%s/a.script", fixture->folder);
    (void)snprintf(out, sizeof out, "%s/a.png", fixture->folder);
    if (row->script != NULL) {
        assert_int_equal(file_save(script_path, row->script, strlen(row->script), NULL), NN_OK);
    }
    NnError err = {0};
    assert_int_equal(app_render(&options, script_path, out, &err), row->expected);
    if (strstr(err.message, row->says) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, row->says);
    }
    assert_false(file_exists(out));
    assert_int_equal(fixture_teardown((void **)&fixture), 0);
}

// --- with a driver -------------------------------------------------------------------------------

static void driver_shows(void *user, const UiInput *input) {
    driver_frame(user, input, (int)lroundf(input->width * input->scale),
                 (int)lroundf(input->height * input->scale));
}

static Driver *open_driver(AppFixture *fixture, Script *script) {
    Driver *driver = mem_new(1, sizeof *driver);
    AppOptions options = options_of(fixture);
    NnError err = {0};
    if (driver_open(driver, &options, &(DriverDesc){0}, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    script_start(script, &driver->app, 1280, 800, 1, driver_shows, driver);
    return driver;
}

static void text_goes_to_the_clipboard_and_back(void **state) {
    AppFixture *fixture = *state;
    assert_int_equal(setenv("SDL_VIDEODRIVER", "dummy", 1), 0);
    Script *script = mem_new(1, sizeof *script);
    Driver *driver = mem_new(1, sizeof *driver);
    AppOptions options = options_of(fixture);
    NnError err = {0};
    if (driver_open(driver, &options, &(DriverDesc){.window = true}, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    script_start(script, &driver->app, 1280, 800, 1, driver_shows, driver);
    const char *lines[] = {SEVEN,        "key 7",      "wait 300",   "text Ada", "key ctrl+a",
                           "key ctrl+x", "key ctrl+v", "key ctrl+v", "key enter"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(script_line(script, lines[i], "test", 1, &err), NN_OK);
    }
    assert_string_equal(driver->app.settings.writer, "AdaAda");
    assert_string_equal(platform_clipboard_get(driver->platform), "Ada");
    driver_close(driver);
    mem_free(driver);
    mem_free(script);
}

static void a_composed_steady_frame_asks_for_no_memory(void **state) {
    AppFixture *fixture = *state;
    Script *script = mem_new(1, sizeof *script);
    Driver *driver = open_driver(fixture, script);
    NnError err = {0};
    for (int panel = 0; panel < PANEL_COUNT; panel++) {
        driver->app.settings.panel = panel;
        assert_int_equal(script_line(script, SEVEN, "test", 1, &err), NN_OK);
        script_wait(script, 3000);
        uint64_t before = mem_request_count();
        for (int i = 0; i < 20; i++) {
            script_frame(script);
        }
        assert_int_equal(mem_request_count() - before, 0);
        assert_int_equal(driver->app.stats.painted, 0); // nor is anything painted
    }
    driver_close(driver);
    mem_free(driver);
    mem_free(script);
}

// Random events of every kind. What is promised: no crash, no leak, and a window that still
// answers.
static void a_monkey_does_no_harm(void **state) {
    AppFixture *fixture = *state;
    assert_int_equal(chdir(fixture->folder), 0); // where it will save its pictures
    Script *script = mem_new(1, sizeof *script);
    Driver *driver = open_driver(fixture, script);
    Rng rng = rng_at(20, RNG_STREAM_TEST, 1);
    static const int KEYS[] = {
        'z',           'y',       'c',       'e',        '[',        ']',      '1',       '7',
        'h',           'w',       'l',       'o',        'r',        'p',      't',       'm',
        KEY_TAB,       KEY_ENTER, KEY_SPACE, KEY_ESCAPE, KEY_DELETE, KEY_LEFT, KEY_RIGHT, KEY_HOME,
        KEY_PAGE_DOWN, KEY_F1,    KEY_F3,    KEY_F4,     KEY_F11};
    int buttons = 0;
    for (int i = 0; i < 1500; i++) {
        UiEvent event = {.x = rng_uniform(&rng, -20, 1300), .y = rng_uniform(&rng, -20, 820)};
        switch (rng_below(&rng, 9)) {
        case 0:
            event.kind = buttons == 0 ? EVENT_DOWN : EVENT_UP;
            event.button = buttons == 0 ? 1 + (int)rng_below(&rng, 3) : buttons;
            buttons = buttons == 0 ? event.button : 0;
            event.clicks = 1;
            break;
        case 1:
            event.kind = EVENT_KEY;
            event.key = KEYS[rng_below(&rng, sizeof KEYS / sizeof KEYS[0])];
            event.mods = rng_below(&rng, 4) == 0 ? MOD_CTRL : 0;
            event.mods |= rng_below(&rng, 6) == 0 ? MOD_SHIFT : 0;
            break;
        case 2:
            event.kind = EVENT_WHEEL;
            event.dy = rng_uniform(&rng, -3, 3);
            break;
        case 3:
            event.kind = rng_below(&rng, 20) == 0 ? EVENT_LEAVE : EVENT_MOVE;
            break;
        case 4:
            event.kind = EVENT_TEXT;
            event.text[0] = 'a';
            break;
        case 5:
            if (rng_below(&rng, 40) == 0) {
                event.kind = EVENT_RESIZE;
                script->input.width = rng_uniform(&rng, 640, 1500);
                script->input.height = rng_uniform(&rng, 480, 1000);
            } else {
                event.kind = EVENT_MOVE;
            }
            break;
        default:
            event.kind = EVENT_MOVE;
            event.pointer = rng_below(&rng, 8) == 0 ? 1 : 0;
            break;
        }
        script_event(script, event);
        if (rng_below(&rng, 3) == 0) {
            script_frame(script);
        }
    }
    script_event(script, (UiEvent){.kind = EVENT_LEAVE});
    script_settle(script);
    NnError err = {0};
    static const char *const AFTERWARDS[] = {"key alt+1",  "key escape", "key escape", "key escape",
                                             "key escape", "key c",      SEVEN};
    for (int i = 0; i < 7; i++) { // whatever is open closes, and one can draw
        assert_int_equal(script_line(script, AFTERWARDS[i], "test", i, &err), NN_OK);
    }
    assert_true(driver->app.recogniser.has_answer);
    assert_int_equal(nn_ink_stroke_count(driver->app.canvas.ink), 1);
    driver_close(driver);
    mem_free(driver);
    mem_free(script);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
enum { N_BAD = sizeof BAD_CALLS / sizeof BAD_CALLS[0] };

int main(void) {
    struct CMUnitTest tests[5 + N_BAD] = {
        CASE(every_panel_is_rendered_in_both_themes),
        CASE(size_and_scale_are_those_asked_for),
        CASE(a_composed_steady_frame_asks_for_no_memory),
        CASE(text_goes_to_the_clipboard_and_back),
        CASE(a_monkey_does_no_harm),
    };
    for (size_t i = 0; i < N_BAD; i++) {
        tests[5 + i] = (struct CMUnitTest){BAD_CALLS[i].name, run_bad_call, NULL, NULL,
                                           (void *)(uintptr_t)&BAD_CALLS[i]};
    }
    return _cmocka_run_group_tests("render", tests, 5 + N_BAD, NULL, NULL);
}
