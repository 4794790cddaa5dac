// actions.h - what a view asks for. Views describe, actions change: only app_apply() carries them
// out.
//
// One table names every action a key starts; it is what handles the keys and what F1 lists.

#ifndef INKLING_APP_ACTIONS_H
#define INKLING_APP_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/ink.h"
#include "ui/ui.h"

typedef enum {
    ACTION_NONE,
    // the canvas; point, and number as the clock in ms
    ACTION_STROKE_BEGIN, // index: NnInkTool
    ACTION_STROKE_POINT,
    ACTION_STROKE_END,
    ACTION_CANVAS_SIDE, // index: device pixels
    ACTION_UNDO,
    ACTION_REDO,
    ACTION_CLEAR,
    ACTION_ERASER,     // on and off
    ACTION_BRUSH,      // number: width as a fraction of the canvas
    ACTION_BRUSH_STEP, // index: -1 or 1
    // the answer
    ACTION_STAGE,     // index: NnStage; turns it off or on
    ACTION_PANEL,     // index: DrawPanel
    ACTION_RIVAL,     // index: class, -1 the runner-up
    ACTION_THRESHOLD, // number: negative for the model's own
    // time
    ACTION_SCRUB, // number: ms of drawing time; negative: now
    ACTION_REPLAY,
    // my digits and files
    ACTION_KEEP,   // index: label
    ACTION_WRITER, // text
    ACTION_SAVE_DRAWING,
    ACTION_SAVE_VIEW,
    ACTION_DRAWING_STEP, // index: -1 or 1, in a file of strokes
    // everywhere
    ACTION_THEME,
    ACTION_PROJECTOR,
    ACTION_MOTION,
    ACTION_FULLSCREEN,
    ACTION_HELP,
    ACTION_STATS,
    ACTION_TINT,
    ACTION_ESCAPE,
    ACTION_QUIT,
} ActionKind;

typedef struct {
    ActionKind kind;
    int index;
    double number;
    NnInkPoint point;
    const char *text; // lives in the frame's memory
} Action;

typedef struct {
    Action *items;
    size_t n, capacity;
} Actions;

// An action that finds no memory is left out: the person repeats it.
void actions_add(Actions *actions, Action action);
void actions_release(Actions *actions);

typedef struct {
    int key, mods;
    bool repeats; // while the key is held; a toggle or "keep" must not
    ActionKind kind;
    int index;
    const char *keys; // as F1 shows them; NULL: another spelling of the row above
    const char *what;
} KeyBinding;

const KeyBinding *key_bindings(size_t *n);

// Turns keys nobody else wanted into actions.
void actions_from_keys(Ui *ui, Actions *actions);

#endif
