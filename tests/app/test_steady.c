// A frame that shows nothing it has not shown before takes no memory: not from base/alloc, and not
// from the C library behind its back, which is how SDL, SDL_ttf and FreeType would take it. The
// window is SDL's dummy one.
#define _XOPEN_SOURCE 700 // mkdtemp, setenv

#include "app_fixture.h"

#include <errno.h>
#include <math.h>

#include "app/driver.h"
#include "base/alloc.h"

// --- the C library's requests, counted -----------------------------------------------------------
// glibc lets a program put its own in front, for all libraries it loads; these are what is behind.

void *__libc_malloc(size_t size);                     // NOLINT(bugprone-reserved-identifier)
void *__libc_calloc(size_t count, size_t size);       // NOLINT(bugprone-reserved-identifier)
void *__libc_realloc(void *block, size_t size);       // NOLINT(bugprone-reserved-identifier)
void *__libc_memalign(size_t alignment, size_t size); // NOLINT(bugprone-reserved-identifier)

static _Thread_local uint64_t calls; // of this thread

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): glibc's own are reserved
void *malloc(size_t size) {
    calls++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    calls++;
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    calls++;
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    calls++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    calls++;
    *block = __libc_memalign(alignment, size);
    return *block != NULL ? 0 : ENOMEM;
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

// --- the window ----------------------------------------------------------------------------------

typedef struct {
    Driver driver;
    Script script;
    UiInput window; // what the dummy window says
    size_t frames;
    uint64_t requests, calls; // made in them
} Steady;

static void shown(void *user, const UiInput *input) {
    Steady *steady = user;
    uint64_t requests_before = mem_request_count(), calls_before = calls;
    platform_collect(steady->driver.platform, &steady->window, 0);
    driver_frame(&steady->driver, input, (int)lroundf(input->width), (int)lroundf(input->height));
    steady->frames++;
    steady->requests += mem_request_count() - requests_before;
    steady->calls += calls - calls_before;
}

static void play(Steady *steady, const char *line) {
    NnError err = {0};
    if (script_line(&steady->script, line, "test", 1, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
}

// Draws, takes back, draws again and clears, with the pointer over all that lies on the way.
static void session(Steady *steady) {
    for (int panel = 0; panel < PANEL_COUNT; panel++) {
        steady->driver.app.settings.panel = panel;
        play(steady, SEVEN);
        play(steady, "stroke 0.4 0.55 0.45 0.55 0.5 0.55 0.55 0.55 0.6 0.55");
        play(steady, "wait 500");
        play(steady, "key z");
        play(steady, "key y");
        play(steady, "key c");
        play(steady, "wait 500");
    }
}

static void a_frame_like_one_before_takes_no_memory_from_anybody(void **state) {
    AppFixture *fixture = *state;
    assert_int_equal(setenv("SDL_VIDEODRIVER", "dummy", 1), 0);
    Steady *steady = mem_new(1, sizeof *steady);
    AppOptions options = {.model_path = fixture->weights,
                          .exact_font = true,
                          .width = 1280,
                          .height = 800,
                          .scale = 1};
    NnError err = {0};
    uint64_t calls_before = calls, requests_before = mem_request_count();
    if (driver_open(&steady->driver, &options, &(DriverDesc){.window = true}, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    // SDL and the fonts take memory of their own to start with: the count sees it.
    assert_true(calls - calls_before > mem_request_count() - requests_before + 100);
    script_start(&steady->script, &steady->driver.app, 1280, 800, 1, shown, steady);
    session(steady);
    steady->frames = 0;
    steady->requests = steady->calls = 0;
    session(steady);
    assert_true(steady->frames > 200);
    assert_int_equal(steady->requests, 0);
    assert_int_equal(steady->calls, 0);
    driver_close(&steady->driver);
    mem_free(steady);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_frame_like_one_before_takes_no_memory_from_anybody,
                                        fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
