// input.h - what the person did since the last frame, as events in order. Built from events only,
// never from polled state, so that a recorded session replays exactly.

#ifndef INKLING_UI_INPUT_H
#define INKLING_UI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    EVENT_MOVE,       // pointer; x, y, pressure, pointer
    EVENT_DOWN,       // button, clicks
    EVENT_UP,
    EVENT_LEAVE,      // pointer left the window, or the window lost the focus: a stroke must end
    EVENT_WHEEL,      // dx, dy in lines, may be fractions
    EVENT_KEY,        // key, mods, repeat; on press
    EVENT_TEXT,       // text typed
    EVENT_DROP,       // a file was dropped: path
    EVENT_RESIZE,
    EVENT_QUIT,
    EVENT_WAKE,       // a worker has news
} UiEventKind;

typedef enum { BUTTON_LEFT = 1, BUTTON_MIDDLE = 2, BUTTON_RIGHT = 3 } UiButton;

enum { MOD_SHIFT = 1, MOD_CTRL = 2, MOD_ALT = 4 }; // Cmd on macOS counts as Ctrl

// Printable keys are their lower-case ASCII code; the others:
typedef enum {
    KEY_NONE = 0, KEY_BACKSPACE = 8, KEY_TAB = 9, KEY_ENTER = 13, KEY_ESCAPE = 27, KEY_SPACE = 32, KEY_DELETE = 127,
    KEY_LEFT = 256, KEY_RIGHT, KEY_UP, KEY_DOWN, KEY_HOME, KEY_END, KEY_PAGE_UP, KEY_PAGE_DOWN,
    KEY_F1 = 300, KEY_F2, KEY_F3, KEY_F4, KEY_F5, KEY_F6, KEY_F7, KEY_F8, KEY_F9, KEY_F10, KEY_F11, KEY_F12,
} UiKey;

typedef struct {
    UiEventKind kind;
    double t_ms;       // since the program started
    float x, y;        // logical pixels
    float dx, dy;
    float pressure;    // 1 where there is none
    int pointer;       // 0 mouse, 1.. fingers
    int button, clicks;
    int key, mods;
    bool repeat;
    char text[32];     // EVENT_TEXT
    const char *path;  // EVENT_DROP; lives until the next collection
} UiEvent;

typedef struct {
    UiEvent *events;
    size_t n, capacity;
    float width, height; // of the window, logical
    float scale;         // device pixels per logical pixel
    double now_ms;       // same clock as the events
} UiInput;

#endif
