// actions.h - what a view asks for. Views describe, actions change: only app_apply() carries them
// out.
//
// One table names every action a key starts; it is what handles the keys and what F1 lists.

#ifndef INKLING_APP_ACTIONS_H
#define INKLING_APP_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "app/app.h"
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
    // errors
    ACTION_STUDY_SOURCE, // index: StudySource; the same again reads its files anew
    ACTION_STUDY_QUERY,  // the view asks for other rows than it is shown
    ACTION_STUDY_STEP,   // index: -1 or 1 picture
    ACTION_STUDY_ROW,    // index: -1 or 1 row of pictures
    ACTION_STUDY_SHOW,   // wrong, all
    ACTION_STUDY_TAG,    // index: NnTag; the one it has takes it off
    ACTION_STUDY_NEXT_TAG,
    ACTION_STUDY_NOTE, // text; NULL: opens the field
    ACTION_STUDY_UNDO,
    ACTION_STUDY_TRY,   // the sample goes on the canvas
    ACTION_STUDY_SAVE,  // index: StudyFile
    ACTION_STUDY_TAB,   // index: ErrorsTab
    ACTION_STUDY_RIVAL, // index: of the networks found, -1 none
    // data
    ACTION_DATA_SOURCE, // index: DataSource; the same again reads its files anew
    ACTION_DATA_GROUP,  // index: class; the one on view: all again
    ACTION_DATA_NEW,    // other drawings, other pictures
    ACTION_DATA_STEP,   // index: -1 or 1 picture
    ACTION_DATA_LINE,   // index: -1 or 1 line of pictures
    ACTION_DATA_TRY,    // the picture goes on the canvas
    ACTION_DATA_SAVE,   // index: DataFile
    // training
    ACTION_TRAIN_RECIPE, // index: of the names
    ACTION_TRAIN_FIELD,  // index: TrainField; text
    ACTION_TRAIN_GO,     // starts, pauses, goes on
    ACTION_TRAIN_BATCH,
    ACTION_TRAIN_EPOCH,
    ACTION_TRAIN_STOP,
    ACTION_TRAIN_REWIND,
    ACTION_TRAIN_RESUME,    // the run the window was closed on
    ACTION_TRAIN_CONTINUE,  // from the epoch on view, as a branch
    ACTION_TRAIN_RATE,      // number: factor on the schedule
    ACTION_TRAIN_SHOW,      // index: epoch, TRAINING_NEWEST
    ACTION_TRAIN_SHOW_STEP, // index: -1 or 1
    ACTION_TRAIN_USE,
    ACTION_TRAIN_SAVE,
    ACTION_TRAIN_FIGURES,
    ACTION_TRAIN_REMEDY,
    ACTION_TRAIN_TYPICAL, // index: label * 10 + answer
    ACTION_TRAIN_RETRY,   // reads the data set once more
    // everywhere
    ACTION_MODEL_LIST, // opens: looks for networks
    ACTION_MODEL,      // index: of the networks found
    ACTION_VIEW,       // index: AppView
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
    unsigned views; // bits 1 << AppView
} KeyBinding;

const KeyBinding *key_bindings(size_t *n);

// Turns keys nobody else wanted into actions, by the bindings of this view.
void actions_from_keys(Ui *ui, AppView view, Actions *actions);

#endif
