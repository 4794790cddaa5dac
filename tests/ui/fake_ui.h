// fake_ui.h - a Ui without a font or a window: every character is 0.6 em wide, events are written
// into an array, frames are 16 ms apart.

#ifndef INKLING_TESTS_FAKE_UI_H
#define INKLING_TESTS_FAKE_UI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/ui.h"

enum { FAKE_EVENTS = 256 };

typedef struct {
    Ui *ui;
    Theme theme;
    UiInput input;
    UiEvent events[FAKE_EVENTS];
} FakeUi;

static inline UiTextSize fake_measure(void *user, Font font, const char *utf8, size_t n) {
    (void)user;
    char text[1024] = "";
    memcpy(text, utf8, n < sizeof text - 1 ? n : sizeof text - 1);
    float characters = 0; // a broken byte takes no room, which tempts to cut inside a character
    for (const char *c = text; *c != '\0';) {
        unsigned code = 0;
        int bytes = text_utf8_decode(c, &code);
        characters += bytes > 0;
        c += bytes > 0 ? bytes : 1;
    }
    return (UiTextSize){characters * font.size * 0.6f, font.size * 0.93f, font.size * 0.24f};
}

// motion off: what is asserted is where things end, unless a test is about the way there.
static inline void fake_init(FakeUi *fake, bool motion) {
    memset(fake, 0, sizeof *fake);
    fake->ui = ui_new(fake_measure, NULL);
    assert_non_null(fake->ui);
    theme_make(&fake->theme, false, false, motion);
    fake->input = (UiInput){.events = fake->events,
                            .capacity = FAKE_EVENTS,
                            .width = 800,
                            .height = 600,
                            .scale = 1,
                            .now_ms = 1000};
}

static inline void fake_release(FakeUi *fake) {
    ui_free(fake->ui);
}

static inline UiEvent *fake_event(FakeUi *fake, UiEventKind kind) {
    assert_true(fake->input.n < FAKE_EVENTS);
    UiEvent *event = &fake->events[fake->input.n++];
    *event = (UiEvent){.kind = kind, .t_ms = fake->input.now_ms, .pressure = 1, .clicks = 1};
    return event;
}

static inline UiEvent *fake_pointer(FakeUi *fake, UiEventKind kind, float x, float y) {
    UiEvent *event = fake_event(fake, kind);
    event->x = x;
    event->y = y;
    event->button = BUTTON_LEFT;
    return event;
}

static inline void fake_click(FakeUi *fake, float x, float y) {
    fake_pointer(fake, EVENT_MOVE, x, y);
    fake_pointer(fake, EVENT_DOWN, x, y);
    fake_pointer(fake, EVENT_UP, x, y);
}

static inline void fake_key(FakeUi *fake, int key, int mods) {
    UiEvent *event = fake_event(fake, EVENT_KEY);
    event->key = key;
    event->mods = mods;
}

static inline void fake_type(FakeUi *fake, const char *text) {
    snprintf(fake_event(fake, EVENT_TEXT)->text, sizeof fake->events[0].text, "%s", text);
}

static inline void fake_wheel(FakeUi *fake, float x, float y, float dy) {
    UiEvent *event = fake_pointer(fake, EVENT_WHEEL, x, y);
    event->dy = dy;
}

static inline Ui *fake_begin(FakeUi *fake) {
    ui_begin(fake->ui, &fake->input, &fake->theme);
    return fake->ui;
}

static inline void fake_end(FakeUi *fake) {
    ui_end(fake->ui);
    fake->input.n = 0;
    fake->input.now_ms += 16;
}

#endif
