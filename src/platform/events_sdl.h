// events_sdl.h - SDL's events as the program's own. Private to platform.
//
// Every motion event is kept. Fingers are pointers 1.. in the order they touch down, numbers of
// lifted ones are used again; SDL's mouse events made from touches, and touches made from the
// mouse, are left out.

#ifndef INKLING_PLATFORM_EVENTS_SDL_H
#define INKLING_PLATFORM_EVENTS_SDL_H

#include <stdbool.h>

#include <SDL.h>

#include "base/arena.h"
#include "ui/input.h"

enum { EVENT_FINGERS = 10 };

typedef struct {
    UiEvent *events;
    size_t n, capacity;
    Arena paths; // of dropped files, until the next collection

    float to_logical_x, to_logical_y; // window coordinates to logical pixels
    float width, height;              // of the window, logical
    float mouse_x, mouse_y;           // last seen, logical
    unsigned held;                    // mouse buttons that went down here: bit 1 << button
    SDL_FingerID fingers[EVENT_FINGERS];
    bool touching[EVENT_FINGERS];
    int modifiers;
} Events;

bool events_reserve(Events *events); // room for a busy frame's; without, it is taken when needed
void events_release(Events *events);
void events_start(Events *events); // forgets the last collection
void events_add(Events *events, const SDL_Event *event);
void events_add_plain(Events *events, UiEventKind kind, double t_ms); // one without details

#endif
