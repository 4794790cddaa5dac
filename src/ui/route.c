// Who gets which event. All of a frame's events are routed in order, before any widget runs, by
// where the widgets were in the frame before; so a press and a release that arrive together still
// make a click, and the order in which a view asks does not matter.

#include "ui/ui_internal.h"

#include <math.h>

// --- finding -------------------------------------------------------------------------------------

const UiItem *ui_topmost(const UiItems *items, float x, float y) {
    const UiItem *top = NULL;
    for (size_t i = 0; i < items->n; i++) {
        const UiItem *item = &items->items[i];
        if (ui_rect_has(item->rect, x, y) && (top == NULL || item->layer >= top->layer)) {
            top = item;
        }
    }
    return top;
}

static const UiItem *find(const Ui *ui, UiId id) {
    for (size_t i = 0; id != 0 && i < ui->before.n; i++) {
        if (ui->before.items[i].id == id) {
            return &ui->before.items[i];
        }
    }
    return NULL;
}

static bool over(const Ui *ui, UiId id, float x, float y) {
    const UiItem *item = find(ui, id);
    return item != NULL && ui_rect_has(item->rect, x, y);
}

UiPointer *ui_pointer_of(Ui *ui, UiId active) {
    for (int i = 0; i < MAX_POINTERS; i++) {
        if (active != 0 && ui->pointers[i].active == active) {
            return &ui->pointers[i];
        }
    }
    return NULL;
}

// The slot of a pointer's number; a finger gets one when it comes down. NULL: more fingers than
// hands.
static UiPointer *slot_of(Ui *ui, int number) {
    UiPointer *free_slot = NULL;
    for (int i = 0; i < MAX_POINTERS; i++) {
        UiPointer *pointer = &ui->pointers[i];
        if (pointer->known && pointer->pointer == number) {
            return pointer;
        }
        if (!pointer->known && free_slot == NULL) {
            free_slot = pointer;
        }
    }
    if (free_slot != NULL) {
        *free_slot = (UiPointer){.pointer = number, .known = true};
    }
    return free_slot;
}

// --- pointers ------------------------------------------------------------------------------------

void ui_set_focus(Ui *ui, UiId id, bool visible) {
    ui->focus = id;
    ui->focus_visible = visible;
}

static void press(Ui *ui, UiPointer *pointer, const UiEvent *event) {
    if (pointer->buttons == 0) {
        const UiItem *item = ui_topmost(&ui->before, event->x, event->y);
        bool takes =
            item != NULL && (item->flags & (ITEM_DISABLED | ITEM_BARRIER)) == 0 &&
            ui_pointer_of(ui, item->id) == NULL; // a second finger does not disturb the first
        pointer->active = takes ? item->id : 0;
        if (item != NULL && (item->flags & ITEM_BARRIER) != 0) {
            ui_popup_pressed(ui, item->id);
        } else if (pointer->pointer == 0 || takes) {
            ui_set_focus(ui, takes && (item->flags & ITEM_FOCUS) != 0 ? item->id : 0, false);
        }
    }
    pointer->buttons |= 1u << (event->button & 31);
}

static void let_go(UiPointer *pointer) {
    pointer->buttons = 0;
    pointer->active = 0;
    if (pointer->pointer != 0) {
        pointer->known = false; // a finger is gone when it is up
    }
}

static void route_pointer(Ui *ui, const UiEvent *event, UiRoute *route) {
    UiPointer *pointer = slot_of(ui, event->pointer);
    if (pointer == NULL) {
        return;
    }
    if (event->kind == EVENT_LEAVE) {
        route->owner = pointer->active;
        pointer->present = false;
        let_go(pointer);
        return;
    }
    pointer->present = true;
    pointer->x = event->x;
    pointer->y = event->y;
    if (event->kind == EVENT_DOWN) {
        press(ui, pointer, event);
    }
    if (pointer->buttons == 0) {
        const UiItem *item = ui_topmost(&ui->before, event->x, event->y);
        bool free_move = event->kind == EVENT_MOVE && item != NULL;
        route->owner = free_move && (item->flags & ITEM_DISABLED) == 0 ? item->id : 0;
        if (pointer->pointer != 0) {
            let_go(pointer);
        }
        return;
    }
    pointer->inside = over(ui, pointer->active, event->x, event->y);
    route->owner = pointer->active;
    route->inside = pointer->inside;
    if (event->kind == EVENT_UP) {
        pointer->buttons &= ~(1u << (event->button & 31));
        if (pointer->buttons == 0) {
            let_go(pointer);
        }
    }
}

// The wheel goes to the topmost area that has room in its direction, so an area at its end passes
// it on to the one around it. A gesture under way stays with its area: a list that is being
// scrolled must not stop because a slider has come under the pointer.
static void route_wheel(Ui *ui, const UiEvent *event, UiRoute *route) {
    const double gesture_ms = 200;
    const UiItem *top = ui_topmost(&ui->before, event->x, event->y);
    const UiItem *taker = NULL;
    for (size_t i = 0; i < ui->before.n; i++) {
        const UiItem *item = &ui->before.items[i];
        float room = event->dy > 0 ? item->room_up : item->room_down;
        bool can = (item->flags & ITEM_WHEEL) != 0 && (item->flags & ITEM_DISABLED) == 0 &&
                   room > 0 && ui_rect_has(item->rect, event->x, event->y) &&
                   (top == NULL || item->layer >= top->layer);
        if (!can) {
            continue;
        }
        taker = item;
        if (item->id == ui->wheel_id && event->t_ms - ui->wheel_ms < gesture_ms) {
            break;
        }
    }
    if (taker != NULL) {
        ui->wheel_id = taker->id;
        ui->wheel_ms = event->t_ms;
        route->owner = taker->id;
    } else if (top != NULL && (top->flags & ITEM_DISABLED) == 0) {
        route->owner = top->id;
    }
}

// --- keys ----------------------------------------------------------------------------------------

static void move_focus(Ui *ui, bool backwards) {
    const UiItems *items = &ui->before;
    size_t at = items->n; // where the search starts: before the first
    for (size_t i = 0; i < items->n; i++) {
        if (items->items[i].id == ui->focus) {
            at = i;
        }
    }
    size_t around = items->n + 1; // one place for "nowhere"
    for (size_t step = 1; step <= around; step++) {
        size_t i = backwards ? (at + around - step) % around : (at + step) % around;
        if (i == items->n) {
            continue;
        }
        const UiItem *item = &items->items[i];
        if ((item->flags & ITEM_FOCUS) != 0 && (item->flags & ITEM_DISABLED) == 0 &&
            item->layer == ui->n_popups) {
            ui_set_focus(ui, item->id, true);
            ui->focus_moved = true;
            return;
        }
    }
}

static bool is_edit_key(int key, int mods) {
    if ((mods & MOD_ALT) != 0) {
        return false;
    }
    bool moves = key == KEY_LEFT || key == KEY_RIGHT || key == KEY_HOME || key == KEY_END ||
                 key == KEY_BACKSPACE || key == KEY_DELETE;
    if ((mods & MOD_CTRL) != 0) {
        return moves || key == 'a' || key == 'c' || key == 'x' || key == 'v';
    }
    return moves || key == KEY_ENTER || key == KEY_UP || key == KEY_DOWN ||
           (key >= KEY_SPACE && key < KEY_LEFT); // printable, Latin letters with accents included
}

static bool wants_key(const Ui *ui, unsigned keys, int key, int mods) {
    if ((keys & KEYS_TEXT) != 0 && is_edit_key(key, mods)) {
        return true;
    }
    if ((mods & (MOD_CTRL | MOD_ALT)) != 0) {
        return false;
    }
    switch (key) {
    case KEY_ENTER:
    case KEY_SPACE:
        return (keys & KEYS_OPEN) != 0 || ((keys & KEYS_PRESS) != 0 && ui->focus_visible);
    case KEY_LEFT:
    case KEY_RIGHT:
        return (keys & KEYS_LEFT_RIGHT) != 0;
    case KEY_UP:
    case KEY_DOWN:
        return (keys & KEYS_UP_DOWN) != 0;
    case KEY_HOME:
    case KEY_END:
    case KEY_PAGE_UP:
    case KEY_PAGE_DOWN:
        return (keys & KEYS_ENDS) != 0;
    default:
        return (keys & KEYS_LETTERS) != 0 && key > KEY_SPACE && key < KEY_DELETE;
    }
}

static void route_escape(Ui *ui, const UiItem *focused, UiRoute *route) {
    if (ui->n_popups > 0) {
        ui_close_popup(ui);
        route->used = true;
    } else if (focused != NULL && (ui->focus_visible || (focused->keys & KEYS_TEXT) != 0)) {
        ui_set_focus(ui, 0, false);
        route->used = true;
    }
}

static void route_key(Ui *ui, const UiEvent *event, UiRoute *route) {
    const UiItem *focused = find(ui, ui->focus);
    if (focused != NULL &&
        ((focused->flags & ITEM_DISABLED) != 0 || focused->layer != ui->n_popups)) {
        focused = NULL;
    }
    if (event->kind == EVENT_TEXT) {
        route->owner = focused != NULL && (focused->keys & KEYS_TEXT) != 0 ? focused->id : 0;
    } else if (event->key == KEY_TAB && (event->mods & (MOD_CTRL | MOD_ALT)) == 0) {
        move_focus(ui, (event->mods & MOD_SHIFT) != 0);
        route->used = true;
    } else if (event->key == KEY_ESCAPE) {
        route_escape(ui, focused, route);
    } else if (focused != NULL && wants_key(ui, focused->keys, event->key, event->mods)) {
        route->owner = focused->id;
        route->used = (focused->keys & KEYS_SHARED) == 0;
        ui->focus_visible = ui->focus_visible || (focused->keys & (KEYS_TEXT | KEYS_SHARED)) == 0;
    }
}

// --- a frame -------------------------------------------------------------------------------------

static void find_hot(Ui *ui) {
    const UiPointer *mouse = &ui->pointers[0];
    UiId hot = 0;
    if (mouse->present && mouse->buttons != 0) {
        hot = mouse->inside ? mouse->active : 0;
    } else if (mouse->present) {
        const UiItem *item = ui_topmost(&ui->before, mouse->x, mouse->y);
        hot = item != NULL ? item->id : 0;
    }
    ui->hot = hot;
}

void ui_route(Ui *ui) {
    const UiInput *input = ui->input;
    ui->routes = input->n > 0 ? arena_take(&ui->arena, input->n, sizeof *ui->routes) : NULL;
    for (size_t i = 0; ui->routes != NULL && i < input->n; i++) {
        const UiEvent *event = &input->events[i];
        UiRoute *route = &ui->routes[i];
        switch (event->kind) {
        case EVENT_MOVE:
        case EVENT_DOWN:
        case EVENT_UP:
        case EVENT_LEAVE:
            route_pointer(ui, event, route);
            break;
        case EVENT_WHEEL:
            route_wheel(ui, event, route);
            break;
        case EVENT_KEY:
        case EVENT_TEXT:
            route_key(ui, event, route);
            break;
        case EVENT_DROP:
        case EVENT_RESIZE:
        case EVENT_QUIT:
        case EVENT_WAKE:
            break; // the program's, not a widget's
        }
    }
    find_hot(ui);
}

bool ui_key(Ui *ui, int key, int mods) {
    bool function_key = key >= KEY_F1 && key <= KEY_F12;
    if (ui->layer < ui->n_popups && !function_key) {
        return false; // an open popup keeps the rest of the page's keys silent
    }
    for (size_t i = 0; ui->routes != NULL && i < ui->input->n; i++) {
        const UiEvent *event = &ui->input->events[i];
        if (event->kind == EVENT_KEY && event->key == key && event->mods == mods &&
            !ui->routes[i].used) {
            ui->routes[i].used = true;
            return true;
        }
    }
    return false;
}
