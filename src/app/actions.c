#include "app/actions.h"

#include "app/settings.h"
#include "app/view_data.h"
#include "app/view_errors.h"
#include "app/view_train.h"
#include "base/alloc.h"

enum {
    DRAW = 1 << APP_VIEW_DRAW,
    TRAIN = 1 << APP_VIEW_TRAIN,
    ERRORS = 1 << APP_VIEW_ERRORS,
    DATA = 1 << APP_VIEW_DATA,
    CANVAS = DRAW | TRAIN, // where there is one
    ALL = DRAW | TRAIN | ERRORS | DATA,
};

static const KeyBinding BINDINGS[] = {
    {'1', MOD_ALT, false, ACTION_VIEW, APP_VIEW_DRAW, "Alt 1", "Draw", ALL},
    {'2', MOD_ALT, false, ACTION_VIEW, APP_VIEW_TRAIN, "Alt 2", "Train: watch a network learn",
     ALL},
    {'3', MOD_ALT, false, ACTION_VIEW, APP_VIEW_ERRORS, "Alt 3", "Errors: what it gets wrong", ALL},
    {'5', MOD_ALT, false, ACTION_VIEW, APP_VIEW_DATA, "Alt 5", "Data: what networks learn from",
     ALL},
    {KEY_LEFT, 0, true, ACTION_DATA_STEP, -1, "Arrows", "Walk through the pictures", DATA},
    {KEY_RIGHT, 0, true, ACTION_DATA_STEP, 1, NULL, NULL, DATA},
    {KEY_UP, 0, true, ACTION_DATA_LINE, -1, NULL, NULL, DATA},
    {KEY_DOWN, 0, true, ACTION_DATA_LINE, 1, NULL, NULL, DATA},
    {'0', 0, false, ACTION_DATA_GROUP, 0, "0 - 9", "This digit alone, or all again", DATA},
    {'1', 0, false, ACTION_DATA_GROUP, 1, NULL, NULL, DATA},
    {'2', 0, false, ACTION_DATA_GROUP, 2, NULL, NULL, DATA},
    {'3', 0, false, ACTION_DATA_GROUP, 3, NULL, NULL, DATA},
    {'4', 0, false, ACTION_DATA_GROUP, 4, NULL, NULL, DATA},
    {'5', 0, false, ACTION_DATA_GROUP, 5, NULL, NULL, DATA},
    {'6', 0, false, ACTION_DATA_GROUP, 6, NULL, NULL, DATA},
    {'7', 0, false, ACTION_DATA_GROUP, 7, NULL, NULL, DATA},
    {'8', 0, false, ACTION_DATA_GROUP, 8, NULL, NULL, DATA},
    {'9', 0, false, ACTION_DATA_GROUP, 9, NULL, NULL, DATA},
    {'n', 0, true, ACTION_DATA_NEW, 0, "N", "New ones: other drawings, other pictures", DATA},
    {KEY_ENTER, 0, false, ACTION_DATA_TRY, 0, "Enter", "Put the picture on the canvas", DATA},
    {'s', MOD_CTRL, false, ACTION_DATA_SAVE, DATA_SAVE_TABLE, "Ctrl S",
     "Save the figures as a table", DATA},
    {KEY_LEFT, 0, true, ACTION_STUDY_STEP, -1, "Arrows", "Walk through the pictures", ERRORS},
    {KEY_RIGHT, 0, true, ACTION_STUDY_STEP, 1, NULL, NULL, ERRORS},
    {KEY_UP, 0, true, ACTION_STUDY_ROW, -1, NULL, NULL, ERRORS},
    {KEY_DOWN, 0, true, ACTION_STUDY_ROW, 1, NULL, NULL, ERRORS},
    {'w', 0, false, ACTION_STUDY_SHOW, 0, "W", "Only the wrong ones, or all", ERRORS},
    {'t', 0, false, ACTION_STUDY_NEXT_TAG, 0, "T", "Tag: the next one", ERRORS},
    {'1', 0, false, ACTION_STUDY_TAG, NN_TAG_MODEL, "1", "Tag: the network's fault", ERRORS},
    {'2', 0, false, ACTION_STUDY_TAG, NN_TAG_AMBIGUOUS, "2", "Tag: ambiguous", ERRORS},
    {'3', 0, false, ACTION_STUDY_TAG, NN_TAG_LABEL, "3", "Tag: the label is wrong", ERRORS},
    {'4', 0, false, ACTION_STUDY_TAG, NN_TAG_CROPPED, "4", "Tag: cropped", ERRORS},
    {'0', 0, false, ACTION_STUDY_TAG, NN_TAG_NONE, "0", "Take the tag off", ERRORS},
    {'n', 0, false, ACTION_STUDY_NOTE, 0, "N", "Write a note", ERRORS},
    {'u', 0, true, ACTION_STUDY_UNDO, 0, "U", "Undo tags and notes; or Ctrl Z", ERRORS},
    {'z', MOD_CTRL, true, ACTION_STUDY_UNDO, 0, NULL, NULL, ERRORS},
    {KEY_ENTER, 0, false, ACTION_STUDY_TRY, 0, "Enter", "Try the picture on the canvas", ERRORS},
    {'s', MOD_CTRL, false, ACTION_STUDY_SAVE, STUDY_SAVE_TABLE, "Ctrl S",
     "Save the list as a table", ERRORS},
    {'s', MOD_CTRL | MOD_SHIFT, false, ACTION_STUDY_SAVE, STUDY_SAVE_SHEET, "Ctrl Shift S",
     "Save its pictures as a contact sheet", ERRORS},
    {KEY_SPACE, 0, false, ACTION_TRAIN_GO, 0, "Space", "Start, pause, go on", TRAIN},
    {'b', 0, true, ACTION_TRAIN_BATCH, 0, "B", "Train one batch", TRAIN},
    {'n', 0, false, ACTION_TRAIN_EPOCH, 0, "N", "Train to the end of the epoch", TRAIN},
    {'x', 0, false, ACTION_TRAIN_STOP, 0, "X", "Stop the run", TRAIN},
    {'r', 0, false, ACTION_TRAIN_REWIND, 0, "R", "Rewind to the start weights", TRAIN},
    {KEY_LEFT, 0, true, ACTION_TRAIN_SHOW_STEP, -1, "Arrows", "Time machine: an epoch back or on",
     TRAIN},
    {KEY_RIGHT, 0, true, ACTION_TRAIN_SHOW_STEP, 1, NULL, NULL, TRAIN},
    {KEY_ENTER, 0, false, ACTION_TRAIN_CONTINUE, 0, "Enter", "Continue from the epoch on view",
     TRAIN},
    {'u', 0, false, ACTION_TRAIN_USE, 0, "U", "Use this network in Draw", TRAIN},
    {'f', 0, false, ACTION_TRAIN_FIGURES, 0, "F", "Save the figures as pictures and tables", TRAIN},
    {'s', MOD_CTRL, false, ACTION_TRAIN_SAVE, 0, "Ctrl S", "Save the network", TRAIN},
    {'z', MOD_CTRL, true, ACTION_UNDO, 0, "Ctrl Z", "Undo", CANVAS},
    {'z', MOD_CTRL | MOD_SHIFT, true, ACTION_REDO, 0, "Ctrl Y", "Redo", CANVAS},
    {'y', MOD_CTRL, true, ACTION_REDO, 0, NULL, NULL, CANVAS},
    {'c', 0, false, ACTION_CLEAR, 0, "C", "Clear the canvas", CANVAS},
    {KEY_DELETE, 0, false, ACTION_CLEAR, 0, NULL, NULL, CANVAS},
    {'e', 0, false, ACTION_ERASER, 0, "E", "Eraser; or the right button", CANVAS},
    {'[', 0, true, ACTION_BRUSH_STEP, -1, "[", "Thinner brush", CANVAS},
    {'-', 0, true, ACTION_BRUSH_STEP, -1, NULL, NULL, CANVAS}, // where brackets take three fingers
    {']', 0, true, ACTION_BRUSH_STEP, 1, "]", "Thicker brush", CANVAS},
    {'+', 0, true, ACTION_BRUSH_STEP, 1, NULL, NULL, CANVAS},
    {'0', 0, false, ACTION_KEEP, 0, "0 - 9", "Keep the drawing as this digit", DRAW},
    {'1', 0, false, ACTION_KEEP, 1, NULL, NULL, DRAW},
    {'2', 0, false, ACTION_KEEP, 2, NULL, NULL, DRAW},
    {'3', 0, false, ACTION_KEEP, 3, NULL, NULL, DRAW},
    {'4', 0, false, ACTION_KEEP, 4, NULL, NULL, DRAW},
    {'5', 0, false, ACTION_KEEP, 5, NULL, NULL, DRAW},
    {'6', 0, false, ACTION_KEEP, 6, NULL, NULL, DRAW},
    {'7', 0, false, ACTION_KEEP, 7, NULL, NULL, DRAW},
    {'8', 0, false, ACTION_KEEP, 8, NULL, NULL, DRAW},
    {'9', 0, false, ACTION_KEEP, 9, NULL, NULL, DRAW},
    {'h', 0, false, ACTION_PANEL, PANEL_STEPS, "H", "How it got there", DRAW},
    {'w', 0, false, ACTION_PANEL, PANEL_WHY, "W", "Why this digit and not that one", DRAW},
    {'l', 0, false, ACTION_PANEL, PANEL_LOOKS, "L", "Looks like: nearest training digits", DRAW},
    {'o', 0, false, ACTION_PANEL, PANEL_TIME, "O", "Over time", DRAW},
    {'r', 0, false, ACTION_REPLAY, 0, "R", "Replay the strokes", DRAW},
    {KEY_PAGE_DOWN, 0, true, ACTION_DRAWING_STEP, 1, "Page Down", "Next drawing of a dropped file",
     DRAW},
    {KEY_PAGE_UP, 0, true, ACTION_DRAWING_STEP, -1, "Page Up", "Previous drawing", DRAW},
    {'s', MOD_CTRL, false, ACTION_SAVE_DRAWING, 0, "Ctrl S", "Save the drawing as a picture", DRAW},
    {KEY_F12, 0, false, ACTION_SAVE_VIEW, 0, "F12", "Save the whole view as a picture", ALL},
    {'p', 0, false, ACTION_PROJECTOR, 0, "P", "Projector: larger type, thicker lines", ALL},
    {'t', 0, false, ACTION_THEME, 0, "T", "Light or dark; Ctrl T in every view", CANVAS},
    {'t', MOD_CTRL, false, ACTION_THEME, 0, "Ctrl T", "Light or dark", ERRORS | DATA},
    {'t', MOD_CTRL, false, ACTION_THEME, 0, NULL, NULL, CANVAS},
    {'m', 0, false, ACTION_MOTION, 0, "M", "Motion on or off", ALL},
    {KEY_F11, 0, false, ACTION_FULLSCREEN, 0, "F11", "Full screen", ALL},
    {KEY_F1, 0, false, ACTION_HELP, 0, "F1", "This list", ALL},
    {KEY_F3, 0, false, ACTION_STATS, 0, "F3", "Measurements of the program itself", ALL},
    {KEY_F4, 0, false, ACTION_TINT, 0, "F4", "Tint what is painted anew", ALL},
    {KEY_ESCAPE, 0, false, ACTION_ESCAPE, 0, "Esc", "Close, stop, take a stroke back", ALL},
    {'q', MOD_CTRL, false, ACTION_QUIT, 0, "Ctrl Q", "Quit; the drawing is kept", ALL},
};

const KeyBinding *key_bindings(size_t *n) {
    *n = sizeof BINDINGS / sizeof BINDINGS[0];
    return BINDINGS;
}

void actions_add(Actions *actions, Action action) {
    if (actions->n == actions->capacity) {
        size_t capacity = actions->capacity > 0 ? actions->capacity * 2 : 64;
        Action *grown = mem_resize(actions->items, capacity, sizeof *grown);
        if (grown == NULL) {
            return;
        }
        actions->items = grown;
        actions->capacity = capacity;
    }
    actions->items[actions->n++] = action;
}

void actions_release(Actions *actions) {
    mem_free(actions->items);
    *actions = (Actions){0};
}

static bool only_repeats(Ui *ui, const KeyBinding *binding) {
    const UiInput *input = ui_input(ui);
    for (size_t i = 0; i < input->n; i++) {
        const UiEvent *event = &input->events[i];
        if (event->kind == EVENT_KEY && event->key == binding->key &&
            event->mods == binding->mods && !event->repeat) {
            return false;
        }
    }
    return true;
}

void actions_from_keys(Ui *ui, AppView view, Actions *actions) {
    for (size_t i = 0; i < sizeof BINDINGS / sizeof BINDINGS[0]; i++) {
        const KeyBinding *binding = &BINDINGS[i];
        bool here = (binding->views & 1u << view) != 0;
        while (here && ui_key(ui, binding->key, binding->mods)) {
            if (binding->repeats || !only_repeats(ui, binding)) {
                actions_add(actions, (Action){.kind = binding->kind, .index = binding->index});
            }
        }
    }
}
