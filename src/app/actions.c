#include "app/actions.h"

#include "app/settings.h"
#include "base/alloc.h"

static const KeyBinding BINDINGS[] = {
    {'z', MOD_CTRL, true, ACTION_UNDO, 0, "Ctrl Z", "Undo"},
    {'z', MOD_CTRL | MOD_SHIFT, true, ACTION_REDO, 0, "Ctrl Y", "Redo"},
    {'y', MOD_CTRL, true, ACTION_REDO, 0, NULL, NULL},
    {'c', 0, false, ACTION_CLEAR, 0, "C", "Clear the canvas"},
    {KEY_DELETE, 0, false, ACTION_CLEAR, 0, NULL, NULL},
    {'e', 0, false, ACTION_ERASER, 0, "E", "Eraser; or the right button"},
    {'[', 0, true, ACTION_BRUSH_STEP, -1, "[", "Thinner brush"},
    {'-', 0, true, ACTION_BRUSH_STEP, -1, NULL, NULL}, // where brackets take three fingers
    {']', 0, true, ACTION_BRUSH_STEP, 1, "]", "Thicker brush"},
    {'+', 0, true, ACTION_BRUSH_STEP, 1, NULL, NULL},
    {'0', 0, false, ACTION_KEEP, 0, "0 - 9", "Keep the drawing as this digit"},
    {'1', 0, false, ACTION_KEEP, 1, NULL, NULL},
    {'2', 0, false, ACTION_KEEP, 2, NULL, NULL},
    {'3', 0, false, ACTION_KEEP, 3, NULL, NULL},
    {'4', 0, false, ACTION_KEEP, 4, NULL, NULL},
    {'5', 0, false, ACTION_KEEP, 5, NULL, NULL},
    {'6', 0, false, ACTION_KEEP, 6, NULL, NULL},
    {'7', 0, false, ACTION_KEEP, 7, NULL, NULL},
    {'8', 0, false, ACTION_KEEP, 8, NULL, NULL},
    {'9', 0, false, ACTION_KEEP, 9, NULL, NULL},
    {'h', 0, false, ACTION_PANEL, PANEL_STEPS, "H", "How it got there"},
    {'w', 0, false, ACTION_PANEL, PANEL_WHY, "W", "Why this digit and not that one"},
    {'l', 0, false, ACTION_PANEL, PANEL_LOOKS, "L", "Looks like: nearest training digits"},
    {'o', 0, false, ACTION_PANEL, PANEL_TIME, "O", "Over time"},
    {'r', 0, false, ACTION_REPLAY, 0, "R", "Replay the strokes"},
    {KEY_PAGE_DOWN, 0, true, ACTION_DRAWING_STEP, 1, "Page Down", "Next drawing of a dropped file"},
    {KEY_PAGE_UP, 0, true, ACTION_DRAWING_STEP, -1, "Page Up", "Previous drawing"},
    {'s', MOD_CTRL, false, ACTION_SAVE_DRAWING, 0, "Ctrl S", "Save the drawing as a picture"},
    {KEY_F12, 0, false, ACTION_SAVE_VIEW, 0, "F12", "Save the whole view as a picture"},
    {'p', 0, false, ACTION_PROJECTOR, 0, "P", "Projector: larger type, thicker lines"},
    {'t', 0, false, ACTION_THEME, 0, "T", "Light or dark"},
    {'m', 0, false, ACTION_MOTION, 0, "M", "Motion on or off"},
    {KEY_F11, 0, false, ACTION_FULLSCREEN, 0, "F11", "Full screen"},
    {KEY_F1, 0, false, ACTION_HELP, 0, "F1", "This list"},
    {KEY_F3, 0, false, ACTION_STATS, 0, "F3", "Measurements of the program itself"},
    {KEY_F4, 0, false, ACTION_TINT, 0, "F4", "Tint what is painted anew"},
    {KEY_ESCAPE, 0, false, ACTION_ESCAPE, 0, "Esc", "Close, stop, take a stroke back"},
    {'q', MOD_CTRL, false, ACTION_QUIT, 0, "Ctrl Q", "Quit; the drawing is kept"},
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

void actions_from_keys(Ui *ui, Actions *actions) {
    for (size_t i = 0; i < sizeof BINDINGS / sizeof BINDINGS[0]; i++) {
        const KeyBinding *binding = &BINDINGS[i];
        while (ui_key(ui, binding->key, binding->mods)) {
            if (binding->repeats || !only_repeats(ui, binding)) {
                actions_add(actions, (Action){.kind = binding->kind, .index = binding->index});
            }
        }
    }
}
