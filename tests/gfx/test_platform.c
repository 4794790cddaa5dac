// Under SDL's dummy video driver: events pushed into SDL's queue come out as ours, and a frame
// presented is what the window's surface holds.

#define _POSIX_C_SOURCE 200809L // setenv
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <SDL.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/thread.h"
#include "platform/platform.h"

static Platform *platform;
static UiInput input;

static int open_window(void **state) {
    NnError err = {0};
    const PlatformDesc *desc = *state;
    platform = platform_new(desc != NULL ? desc : &(PlatformDesc){.scale = 1}, &err);
    if (platform == NULL) {
        print_message("%s\n", err.message);
        return -1;
    }
    platform_collect(platform, &input, 0); // what opening it brought
    return 0;
}

static int close_window(void **state) {
    (void)state;
    platform_free(platform);
    return 0;
}

static SDL_Window *window(void) {
    for (Uint32 id = 1; id < 100; id++) {
        if (SDL_GetWindowFromID(id) != NULL) {
            return SDL_GetWindowFromID(id);
        }
    }
    return NULL;
}

static void push(SDL_Event event) {
    event.common.timestamp = SDL_GetTicks();
    assert_int_equal(SDL_PushEvent(&event), 1);
}

static void push_motion(int x, int y) {
    push((SDL_Event){.motion = {.type = SDL_MOUSEMOTION, .x = x, .y = y}});
}

static void push_button(Uint32 type, Uint8 button, int x, int y) {
    push((SDL_Event){.button = {.type = type, .button = button, .clicks = 1, .x = x, .y = y}});
}

static void push_finger(Uint32 type, SDL_FingerID finger, float x, float y, float pressure) {
    push((SDL_Event){.tfinger = {.type = type,
                                 .touchId = 77,
                                 .fingerId = finger,
                                 .x = x,
                                 .y = y,
                                 .pressure = pressure}});
}

static void push_window(Uint8 kind) {
    push((SDL_Event){.window = {.type = SDL_WINDOWEVENT, .event = kind}});
}

static void collect(void) {
    platform_collect(platform, &input, 0);
}

// --- events --------------------------------------------------------------------------------------

static void a_thousand_motions_arrive_in_order(void **state) {
    (void)state;
    push_button(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_LEFT, 3, 4);
    for (int i = 0; i < 1000; i++) {
        push_motion(i, 2 * i % 700);
    }
    push_button(SDL_MOUSEBUTTONUP, SDL_BUTTON_LEFT, 5, 6);
    collect();
    assert_int_equal(input.n, 1002);
    assert_int_equal(input.events[0].kind, EVENT_DOWN);
    assert_int_equal(input.events[1001].kind, EVENT_UP);
    for (int i = 0; i < 1000; i++) {
        const UiEvent *event = &input.events[i + 1];
        assert_int_equal(event->kind, EVENT_MOVE);
        assert_true(event->x == (float)i && event->y == (float)(2 * i % 700));
        assert_true(event->pressure == 1.0f && event->pointer == 0);
        assert_true(event->t_ms >= input.events[i].t_ms);
    }
    assert_true(input.now_ms + 1 >= input.events[1001].t_ms);
    collect();
    assert_int_equal(input.n, 0);
}

static void buttons_keep_their_names(void **state) {
    (void)state;
    const Uint8 sdl[] = {SDL_BUTTON_LEFT, SDL_BUTTON_MIDDLE, SDL_BUTTON_RIGHT, SDL_BUTTON_X1};
    const int ours[] = {BUTTON_LEFT, BUTTON_MIDDLE, BUTTON_RIGHT};
    for (int i = 0; i < 4; i++) {
        push_button(SDL_MOUSEBUTTONDOWN, sdl[i], 10 + i, 20);
        push_button(SDL_MOUSEBUTTONUP, sdl[i], 10 + i, 20);
    }
    collect();
    assert_int_equal(input.n, 6); // the fourth button is not ours
    for (int i = 0; i < 6; i++) {
        assert_int_equal(input.events[i].kind, i % 2 == 0 ? EVENT_DOWN : EVENT_UP);
        assert_int_equal(input.events[i].button, ours[i / 2]);
        assert_true(input.events[i].x == 10.0f + (float)(i / 2));
    }
}

static void fingers_are_pointers_of_their_own(void **state) {
    (void)state;
    push_finger(SDL_FINGERDOWN, 900, 0.5f, 0.25f, 0.5f);
    push_motion(7, 8);
    push_finger(SDL_FINGERDOWN, 901, 0.1f, 0.1f, 0);
    push_finger(SDL_FINGERMOTION, 900, 0.75f, 0.5f, 0.25f);
    push_finger(SDL_FINGERUP, 900, 0.75f, 0.5f, 0);
    push_finger(SDL_FINGERDOWN, 902, 0, 0, 1);
    push_finger(SDL_FINGERMOTION, 555, 0, 0, 1); // never touched down
    push_finger(SDL_FINGERUP, 901, 0, 0, 0);
    push_finger(SDL_FINGERUP, 902, 0, 0, 0);
    collect();
    const struct {
        UiEventKind kind;
        int pointer;
    } want[] = {{EVENT_DOWN, 1}, {EVENT_MOVE, 0}, {EVENT_DOWN, 2}, {EVENT_MOVE, 1},
                {EVENT_UP, 1},   {EVENT_DOWN, 1}, {EVENT_UP, 2},   {EVENT_UP, 1}};
    assert_int_equal(input.n, 8);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(input.events[i].kind, want[i].kind);
        assert_int_equal(input.events[i].pointer, want[i].pointer);
    }
    assert_true(fabsf(input.events[3].x - 0.75f * input.width) < 0.01f);
    assert_true(fabsf(input.events[3].y - 0.5f * input.height) < 0.01f);
    assert_true(input.events[3].pressure == 0.25f);
    assert_true(input.events[2].pressure == 1.0f); // a screen that cannot tell
}

static void mouse_events_made_from_touches_are_left_out(void **state) {
    (void)state;
    push((SDL_Event){.motion = {.type = SDL_MOUSEMOTION, .which = SDL_TOUCH_MOUSEID, .x = 5}});
    push((SDL_Event){
        .button = {.type = SDL_MOUSEBUTTONDOWN, .which = SDL_TOUCH_MOUSEID, .button = 1}});
    push((SDL_Event){.tfinger = {.type = SDL_FINGERDOWN, .touchId = SDL_MOUSE_TOUCHID}});
    collect();
    assert_int_equal(input.n, 0);
}

typedef struct {
    SDL_Keycode sym;
    SDL_Scancode scancode;
    Uint16 mod;
    int key, mods;
} KeyRow;

static const KeyRow keys[] = {
    {SDLK_a, SDL_SCANCODE_A, 0, 'a', 0},
    {SDLK_z, SDL_SCANCODE_Z, KMOD_LCTRL, 'z', MOD_CTRL},
    {SDLK_z, SDL_SCANCODE_Z, KMOD_LCTRL | KMOD_RSHIFT, 'z', MOD_CTRL | MOD_SHIFT},
    {SDLK_5, SDL_SCANCODE_5, 0, '5', 0},
    {SDLK_KP_5, SDL_SCANCODE_KP_5, 0, '5', 0},
    {SDLK_KP_0, SDL_SCANCODE_KP_0, 0, '0', 0},
    {SDLK_AMPERSAND, SDL_SCANCODE_1, KMOD_LALT, '1', MOD_ALT}, // a French keyboard
    {0xE0, SDL_SCANCODE_0, KMOD_LALT, '0', MOD_ALT},
    {SDLK_RETURN, SDL_SCANCODE_RETURN, 0, KEY_ENTER, 0},
    {SDLK_KP_ENTER, SDL_SCANCODE_KP_ENTER, 0, KEY_ENTER, 0},
    {SDLK_TAB, SDL_SCANCODE_TAB, KMOD_LSHIFT, KEY_TAB, MOD_SHIFT},
    {SDLK_ESCAPE, SDL_SCANCODE_ESCAPE, 0, KEY_ESCAPE, 0},
    {SDLK_BACKSPACE, SDL_SCANCODE_BACKSPACE, 0, KEY_BACKSPACE, 0},
    {SDLK_DELETE, SDL_SCANCODE_DELETE, 0, KEY_DELETE, 0},
    {SDLK_SPACE, SDL_SCANCODE_SPACE, 0, KEY_SPACE, 0},
    {SDLK_LEFT, SDL_SCANCODE_LEFT, 0, KEY_LEFT, 0},
    {SDLK_PAGEDOWN, SDL_SCANCODE_PAGEDOWN, 0, KEY_PAGE_DOWN, 0},
    {SDLK_F1, SDL_SCANCODE_F1, 0, KEY_F1, 0},
    {SDLK_F12, SDL_SCANCODE_F12, 0, KEY_F12, 0},
    {SDLK_LEFTBRACKET, SDL_SCANCODE_LEFTBRACKET, 0, '[', 0},
};

static void keys_are_mapped(void **state) {
    (void)state;
    enum { KEYS = sizeof keys / sizeof *keys };
    for (int i = 0; i < KEYS; i++) {
        SDL_Keysym sym = {.sym = keys[i].sym, .scancode = keys[i].scancode, .mod = keys[i].mod};
        push((SDL_Event){.key = {.type = SDL_KEYDOWN, .keysym = sym, .repeat = i == 3}});
        push((SDL_Event){.key = {.type = SDL_KEYUP, .keysym = sym}});
    }
    collect();
    assert_int_equal(input.n, KEYS);
    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(input.events[i].kind, EVENT_KEY);
        assert_int_equal(input.events[i].key, keys[i].key);
        assert_int_equal(input.events[i].mods, keys[i].mods);
        assert_int_equal(input.events[i].repeat, i == 3);
    }
}

static void wheel_text_drops_and_closing(void **state) {
    (void)state;
    push_motion(30, 40);
    push((SDL_Event){.wheel = {.type = SDL_MOUSEWHEEL, .preciseY = 0.25f}});
    push((SDL_Event){
        .wheel = {.type = SDL_MOUSEWHEEL, .y = 2, .direction = SDL_MOUSEWHEEL_FLIPPED}});
    SDL_Event text = {.text = {.type = SDL_TEXTINPUT, .text = "é7"}};
    push(text);
    char *path = SDL_strdup("/tmp/a b.png");
    push((SDL_Event){.drop = {.type = SDL_DROPFILE, .file = path}});
    push((SDL_Event){.quit = {.type = SDL_QUIT}});
    collect();
    assert_int_equal(input.n, 6);
    assert_true(input.events[1].dy == 0.25f && input.events[1].x == 30 && input.events[1].y == 40);
    assert_true(input.events[2].dy == -2.0f);
    assert_string_equal(input.events[3].text, "é7");
    assert_int_equal(input.events[4].kind, EVENT_DROP);
    assert_string_equal(input.events[4].path, "/tmp/a b.png");
    assert_int_equal(input.events[5].kind, EVENT_QUIT);
}

static void leaving_ends_strokes_but_not_a_drag(void **state) {
    (void)state;
    push_window(SDL_WINDOWEVENT_LEAVE);
    push_button(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_LEFT, 1, 1);
    push_window(SDL_WINDOWEVENT_LEAVE); // the mouse is captured: its events keep coming
    push_motion(-50, 9);
    push_window(SDL_WINDOWEVENT_FOCUS_LOST);
    push_window(SDL_WINDOWEVENT_LEAVE);
    collect();
    const UiEventKind want[] = {EVENT_LEAVE, EVENT_DOWN, EVENT_MOVE, EVENT_LEAVE, EVENT_LEAVE};
    assert_int_equal(input.n, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(input.events[i].kind, want[i]);
    }
}

// --- waiting -------------------------------------------------------------------------------------

static void the_clipboard_gives_back_what_was_put_on_it(void **state) {
    (void)state;
    assert_true(platform_clipboard_set(platform, "Zo\u00eb 3"));
    assert_string_equal(platform_clipboard_get(platform), "Zo\u00eb 3");
    assert_string_equal(platform_clipboard_get(platform),
                        "Zo\u00eb 3"); // reading takes nothing off
    assert_true(platform_clipboard_set(platform, ""));
    assert_null(platform_clipboard_get(platform));
}

static void wake_many(void *user) {
    (void)user;
    for (int i = 0; i < 1000; i++) {
        platform_wake(platform);
    }
}

static void a_worker_wakes_the_window_and_many_wakes_become_one(void **state) {
    (void)state;
    Thread thread;
    wake_many(NULL);
    collect();
    assert_int_equal(input.n, 1);
    assert_int_equal(input.events[0].kind, EVENT_WAKE);
    assert_true(thread_start(&thread, wake_many, NULL, false));
    size_t wakes = 0;
    platform_collect(platform, &input, -1); // would hang without
    wakes += input.n;
    thread_join(&thread);
    collect();
    wakes += input.n;
    assert_in_range(wakes, 1, 1000);
    collect();
    assert_int_equal(input.n, 0);
}

static void waiting_ends_on_time(void **state) {
    (void)state;
    double start = clock_s();
    platform_collect(platform, &input, 40);
    double waited = clock_s() - start;
    assert_int_equal(input.n, 0);
    assert_true(waited > 0.035 && waited < 2.0);
}

// --- frames --------------------------------------------------------------------------------------

static void fill(uint32_t *pixels, int n, uint64_t seed) {
    Rng rng = rng_at(seed, RNG_STREAM_TEST, 0);
    for (int i = 0; i < n; i++) {
        pixels[i] = rng_u32(&rng) | 0xFF000000u;
    }
}

static uint32_t on_screen(int x, int y) {
    SDL_Surface *surface = SDL_GetWindowSurface(window());
    assert_non_null(surface);
    uint32_t value;
    memcpy(&value, (uint8_t *)surface->pixels + y * surface->pitch + x * 4, sizeof value);
    Uint8 r, g, b;
    SDL_GetRGB(value, surface->format, &r, &g, &b);
    return 0xFF000000u | (uint32_t)r << 16 | (uint32_t)g << 8 | b;
}

static void what_is_presented_is_what_is_seen(void **state) {
    (void)state;
    int w, h;
    platform_frame_size(platform, &w, &h);
    uint32_t *pixels = calloc((size_t)w * (size_t)h, sizeof *pixels);
    assert_non_null(pixels);
    fill(pixels, w * h, 1);
    platform_present(platform, pixels, w, h, NULL, 0); // the first time everything is new
    for (int i = 0; i < w * h; i += 97) {
        assert_int_equal(on_screen(i % w, i / w), pixels[i]);
    }
    uint32_t kept = pixels[0];
    fill(pixels, w * h, 2);
    GfxRect rects[100]; // more than one batch, some of it outside
    for (int i = 0; i < 100; i++) {
        rects[i] = (GfxRect){200 + 8 * i, 300, 8, 8};
    }
    rects[0] = (GfxRect){w - 5, h - 5, 50, 50};
    platform_present(platform, pixels, w, h, rects, 100);
    assert_int_equal(on_screen(0, 0), kept);
    assert_int_equal(on_screen(w - 1, h - 1), pixels[w * h - 1]);
    assert_int_equal(on_screen(210, 305), pixels[305 * w + 210]);
    assert_int_equal(on_screen(990, 305), pixels[305 * w + 990]);
    free(pixels);
}

static void a_new_size_is_told_and_painted_whole(void **state) {
    (void)state;
    int w, h;
    SDL_SetWindowSize(window(), 1000, 700);
    collect();
    assert_true(input.n >= 1 && input.events[0].kind == EVENT_RESIZE);
    assert_true(input.width == 1000 && input.height == 700);
    platform_frame_size(platform, &w, &h);
    assert_int_equal(w, 1000);
    assert_int_equal(h, 700);
    uint32_t *pixels = calloc((size_t)w * (size_t)h, sizeof *pixels);
    fill(pixels, w * h, 3);
    platform_present(platform, pixels, w, h, NULL, 0);
    assert_int_equal(on_screen(999, 699), pixels[w * h - 1]);
    free(pixels);
}

static void a_scale_makes_logical_pixels_larger(void **state) {
    (void)state;
    int w, h;
    platform_frame_size(platform, &w, &h);
    push_motion(300, 150);
    collect();
    assert_true(input.scale == 1.5f);
    assert_true(fabsf(input.width * 1.5f - (float)w) < 0.01f);
    assert_true(fabsf(input.events[input.n - 1].x - 200) < 0.01f);
    assert_true(fabsf(input.events[input.n - 1].y - 100) < 0.01f);
}

static void check_refused(void) {
    NnError err = {0};
    Platform *refused = platform_new(&(PlatformDesc){.scale = 1}, &err);
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    assert_null(refused);
    assert_int_equal(err.status, NN_ERR_FAILED);
    assert_non_null(strstr(err.message, "display"));
    assert_true(err.hint[0] != '\0');
}

static void a_driver_that_does_not_exist_is_an_error(void **state) {
    (void)state;
    setenv("SDL_VIDEODRIVER", "no such driver", 1);
    check_refused();
}

static void without_a_display_no_window_is_pretended(void **state) {
    (void)state;
    if (access("/dev/dri/card0", R_OK) == 0) {
        skip(); // SDL may open a window on the bare console
    }
    unsetenv("SDL_VIDEODRIVER");
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    check_refused();
}

int main(void) {
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    static PlatformDesc large = {.scale = 1.5f}, accelerated = {.scale = 1, .accelerated = true};
#define IN_A_WINDOW(test) cmocka_unit_test_setup_teardown(test, open_window, close_window)
    const struct CMUnitTest tests[] = {
        IN_A_WINDOW(a_thousand_motions_arrive_in_order),
        IN_A_WINDOW(buttons_keep_their_names),
        IN_A_WINDOW(fingers_are_pointers_of_their_own),
        IN_A_WINDOW(mouse_events_made_from_touches_are_left_out),
        IN_A_WINDOW(keys_are_mapped),
        IN_A_WINDOW(wheel_text_drops_and_closing),
        IN_A_WINDOW(leaving_ends_strokes_but_not_a_drag),
        IN_A_WINDOW(the_clipboard_gives_back_what_was_put_on_it),
        IN_A_WINDOW(a_worker_wakes_the_window_and_many_wakes_become_one),
        IN_A_WINDOW(waiting_ends_on_time),
        IN_A_WINDOW(what_is_presented_is_what_is_seen),
        IN_A_WINDOW(a_new_size_is_told_and_painted_whole),
        {"a scale makes logical pixels larger", a_scale_makes_logical_pixels_larger, open_window,
         close_window, &large},
        // The dummy driver has no acceleration: the window must fall back on its surface.
        {"acceleration that is not there is done without", what_is_presented_is_what_is_seen,
         open_window, close_window, &accelerated},
        cmocka_unit_test(a_driver_that_does_not_exist_is_an_error),
        cmocka_unit_test(without_a_display_no_window_is_pretended),
    };
    return cmocka_run_group_tests_name("platform", tests, NULL, NULL);
}
