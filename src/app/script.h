// script.h - a person's input as text, played with a fixed clock: for pictures, tests and the
// benchmark.
//
// One command a line, words separated by spaces, # starts a comment. Positions are logical pixels
// of the window, x right, y down; `stroke` and `draw` take positions on the canvas, whose sides are
// 0..1.
//
//     size 1280 800            window size (before anything else, or as a resize)
//     scale 2                  device pixels per logical pixel
//     move X Y                 the pointer moves
//     down X Y [right|shift]   a button goes down
//     up                       and up again
//     click X Y [right|shift]  both
//     wheel X Y LINES          turned over a place, towards the person when negative
//     key ctrl+shift+z         a key: letters, digits, f1-f12, escape, enter, tab, space, delete, ...
//     text WORDS               typed into a text field
//     stroke X Y X Y ...       one stroke on the canvas, 10 ms a point
//     draw FILE.jsonl N        the N-th drawing (from 0) of a strokes file, point by point
//     drop FILE                a file is dropped on the window
//     wait MS                  time passes
//     epochs N                 so many epochs are trained, in real time, and then it waits
//     settle                   until the threads have found what they were asked for, in real time
//
// Thread: UI.

#ifndef INKLING_APP_SCRIPT_H
#define INKLING_APP_SCRIPT_H

#include "app/app_state.h"

enum { SCRIPT_EVENTS = 64 };

typedef struct {
    App *app;
    void (*frame)(void *user, const UiInput *input); // shows one frame; calls app_frame
    void *user;
    UiInput input;
    UiEvent events[SCRIPT_EVENTS];
    float x, y; // of the pointer
    int button; // held, 0: none
    int mods;   // of it
} Script;

#define SCRIPT_FRAME_MS (1000.0 / 60)

// One frame has been shown when it returns, so that the layout is known.
void script_start(Script *script, App *app, float width, float height, float scale,
                  void (*frame)(void *user, const UiInput *input), void *user);

NnStatus script_play(Script *script, const char *path, NnError *err) NN_MUST_CHECK;

// One line; number is for the message.
NnStatus script_line(Script *script, const char *line, const char *path, int number,
                     NnError *err) NN_MUST_CHECK;

void script_event(Script *script, UiEvent event); // joins the frame to come
void script_frame(Script *script);
void script_wait(Script *script, double ms);

// Until the threads have answered what was asked of them, in real time; false after so many seconds
// in which they did nothing (base/patience.h).
bool script_settle_threads(Script *script, double seconds);

// Until nothing moves any more, two seconds at most.
void script_settle(Script *script);

#endif
