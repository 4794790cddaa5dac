// Life of a frame, identity, stacks, and what a widget learns when it registers its rectangle.

#include "ui/ui_internal.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/error.h"

static const UiId ROOT_ID = 2166136261u; // FNV-1a's start

Ui *ui_new(UiMeasure measure, void *user) {
    Ui *ui = mem_new(1, sizeof *ui);
    UiMeasured *measured = mem_new(MEASURED_COUNT, sizeof *measured);
    if (ui == NULL || measured == NULL) {
        mem_free(ui);
        mem_free(measured);
        return NULL;
    }
    ui->measure = measure;
    ui->measure_user = user;
    ui->measured = measured;
    ui->pointers[0].known = true; // the mouse, always
    return ui;
}

void ui_free(Ui *ui) {
    if (ui == NULL) {
        return;
    }
    for (int i = 0; i < LAYER_COUNT; i++) {
        draw_list_release(&ui->lists[i]);
    }
    arena_release(&ui->arena);
    mem_free(ui->items.items);
    mem_free(ui->before.items);
    mem_free(ui->measured);
    ui_states_release(&ui->states);
    mem_free(ui);
}

void ui_set_clipboard(Ui *ui, UiClipboard clipboard) {
    ui->clipboard = clipboard;
}

void ui_begin(Ui *ui, const UiInput *input, const Theme *theme) {
    // A frame after a pause may be seconds late; an easing that starts in it must not end in it.
    const double longest_step_ms = 34;
    ui->dt_ms = (float)fmin(fmax(input->now_ms - ui->now_ms, 0), longest_step_ms);
    ui->now_ms = input->now_ms;
    ui->frame++;
    ui->input = input;
    ui->theme = *theme;
    ui->moving = false;
    ui->focus_moved = false;
    ui->wants_text = false;
    ui->tip = NULL;
    ui->duplicates = 0;
    ui->last = (UiResponse){0};
    ui->last_item = (UiItem){0};

    arena_reset(&ui->arena);
    UiRect window = {0, 0, input->width, input->height};
    for (int i = 0; i < LAYER_COUNT; i++) {
        draw_list_reset(&ui->lists[i], window);
    }
    ui->layer = LAYER_PAGE;
    ui->n_layers = 0;
    ui->ids[0] = ROOT_ID;
    ui->n_ids = 1;
    ui->clips[0] = window;
    ui->n_clips = 1;
    ui->n_disabled = 0;
    ui->plain = false;
    ui->disabled = 0;
    ui->n_scrolls = 0;

    UiItems items = ui->before;
    ui->before = ui->items;
    ui->items = items;
    ui->items.n = 0;
    ui_states_sweep(ui);
    ui_route(ui);
}

static const UiItem *item_of(const UiItems *items, UiId id) {
    for (size_t i = items->n; i > 0; i--) {
        if (items->items[i - 1].id == id) {
            return &items->items[i - 1];
        }
    }
    return NULL;
}

// Whoever has not been shown in this frame holds neither a pointer nor the focus any more.
static void let_go_of_the_vanished(Ui *ui) {
    for (int i = 0; i < MAX_POINTERS; i++) {
        UiPointer *pointer = &ui->pointers[i];
        if (pointer->active != 0 && item_of(&ui->items, pointer->active) == NULL) {
            pointer->active = 0;
        }
    }
    const UiItem *focused = ui->focus != 0 ? item_of(&ui->items, ui->focus) : NULL;
    if (ui->focus != 0 && (focused == NULL || (focused->flags & ITEM_DISABLED) != 0)) {
        ui->focus = 0;
    }
}

void ui_end(Ui *ui) {
    NN_DEBUG_ASSERT(ui->n_ids == 1 && ui->n_clips == 1 && ui->n_disabled == 0);
    NN_DEBUG_ASSERT(ui->n_layers == 0 && ui->n_scrolls == 0);
    let_go_of_the_vanished(ui);
    ui_popups_end(ui);
    ui_tooltip_end(ui);
    for (int i = 1; i < LAYER_COUNT; i++) {
        if (ui->lists[i].n > 1) { // more than the clip it starts with
            draw_list_append(&ui->lists[0], &ui->lists[i]);
        }
    }
    // What lies under a resting pointer may have changed with the layout.
    const UiPointer *mouse = &ui->pointers[0];
    if (mouse->present && mouse->buttons == 0) {
        const UiItem *top = ui_topmost(&ui->items, mouse->x, mouse->y);
        ui->moving = ui->moving || (top != NULL ? top->id : 0) != ui->hot;
    }
    ui->routes = NULL;
}

const DrawList *ui_draws(const Ui *ui) {
    return &ui->lists[0];
}

bool ui_wants_frame(const Ui *ui) {
    return ui->moving;
}

bool ui_wants_text(const Ui *ui, UiRect *where) {
    if (ui->wants_text && where != NULL) {
        *where = ui->text_rect;
    }
    return ui->wants_text;
}

size_t ui_duplicate_ids(const Ui *ui) {
    return ui->duplicates;
}

const Theme *ui_theme(const Ui *ui) {
    return &ui->theme;
}

Color ui_color(const Ui *ui, ThemeColor role) {
    return ui->theme.color[role];
}

DrawList *ui_list(Ui *ui) {
    return &ui->lists[ui->layer];
}

Arena *ui_arena(Ui *ui) {
    return &ui->arena;
}

const UiInput *ui_input(const Ui *ui) {
    return ui->input;
}

float ui_scale(const Ui *ui) {
    return ui->input->scale > 0 ? ui->input->scale : 1;
}

// --- identity ------------------------------------------------------------------------------------

UiId ui_hash(UiId seed, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    UiId hash = seed;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ p[i]) * 16777619u;
    }
    return hash != 0 ? hash : 1; // 0 means nobody
}

UiId ui_sub_id(UiId id, int part) {
    return ui_hash(id, &part, sizeof part);
}

UiId ui_id(Ui *ui, const char *label) {
    const char *hidden = strstr(label, "##");
    const char *counts = hidden != NULL ? hidden + 2 : label;
    return ui_hash(ui->ids[ui->n_ids - 1], counts, strlen(counts));
}

const char *ui_visible(Ui *ui, const char *label) {
    const char *hidden = strstr(label, "##");
    if (hidden == NULL) {
        return label;
    }
    size_t n = (size_t)(hidden - label);
    char *shown = arena_take(&ui->arena, n + 1, 1);
    if (shown == NULL) {
        return "";
    }
    memcpy(shown, label, n);
    return shown;
}

static void push_id(Ui *ui, UiId id) {
    NN_ASSERT(ui->n_ids < MAX_IDS);
    ui->ids[ui->n_ids++] = id;
}

void ui_push_id(Ui *ui, const char *label) {
    push_id(ui, ui_id(ui, label));
}

void ui_push_id_int(Ui *ui, int i) {
    push_id(ui, ui_sub_id(ui->ids[ui->n_ids - 1], i));
}

void ui_pop_id(Ui *ui) {
    NN_ASSERT(ui->n_ids > 1);
    ui->n_ids--;
}

// --- stacks --------------------------------------------------------------------------------------

UiRect ui_clip(const Ui *ui) {
    return ui->clips[ui->n_clips - 1];
}

void ui_push_clip(Ui *ui, UiRect rect) {
    NN_ASSERT(ui->n_clips < MAX_CLIPS);
    ui->clips[ui->n_clips] = ui_intersect(rect, ui_clip(ui));
    ui->n_clips++;
    draw_clip(ui_list(ui), ui_clip(ui));
}

void ui_pop_clip(Ui *ui) {
    NN_ASSERT(ui->n_clips > 1);
    ui->n_clips--;
    draw_clip(ui_list(ui), ui_clip(ui));
}

void ui_set_plain(Ui *ui, bool plain) {
    ui->plain = plain;
}

void ui_push_disabled(Ui *ui, bool disabled) {
    NN_ASSERT(ui->n_disabled < MAX_IDS);
    if (disabled && ui->disabled++ == 0) {
        ui->faded_from = ui_list(ui)->n;
    }
    ui->disabled_stack[ui->n_disabled++] = disabled;
}

void ui_pop_disabled(Ui *ui) {
    NN_ASSERT(ui->n_disabled > 0);
    if (ui->disabled_stack[--ui->n_disabled] && --ui->disabled == 0) {
        // Mixed with the ground, not made transparent: what lies below must not shine through.
        DrawList *list = ui_list(ui);
        for (size_t i = ui->faded_from; i < list->n; i++) {
            Color color = list->commands[i].color;
            Color faded = color_mix(color, ui_color(ui, THEME_BACKGROUND), 0.55f);
            list->commands[i].color = (faded & 0xFFFFFF) | (color & 0xFF000000);
        }
    }
}

// --- items ---------------------------------------------------------------------------------------

static void keep_item(UiItems *items, const UiItem *item) {
    if (items->n == items->capacity) {
        size_t capacity = items->capacity > 0 ? items->capacity * 2 : 256;
        UiItem *grown = mem_resize(items->items, capacity, sizeof *grown);
        if (grown == NULL) {
            return; // seen but out of reach, until there is memory
        }
        items->items = grown;
        items->capacity = capacity;
    }
    items->items[items->n++] = *item;
}

bool ui_owns(const Ui *ui, UiId id, size_t event) {
    return ui->routes != NULL && ui->routes[event].owner == id;
}

bool ui_focused(const Ui *ui, UiId id) {
    return ui->focus == id && ui->disabled == 0;
}

static void read_events(const Ui *ui, UiId id, unsigned keys, UiResponse *response) {
    for (size_t i = 0; i < ui->input->n; i++) {
        if (!ui_owns(ui, id, i)) {
            continue;
        }
        const UiEvent *event = &ui->input->events[i];
        if (event->kind == EVENT_UP && ui->routes[i].inside) {
            response->clicked |= event->button == BUTTON_LEFT;
            response->right_clicked |= event->button == BUTTON_RIGHT;
            response->double_clicked |= event->button == BUTTON_LEFT && event->clicks == 2;
        }
        if (event->kind == EVENT_KEY && (event->key == KEY_ENTER || event->key == KEY_SPACE) &&
            (keys & (KEYS_PRESS | KEYS_OPEN)) != 0) {
            response->clicked |= !event->repeat;
        }
    }
}

UiResponse ui_item(Ui *ui, UiId id, UiRect rect, unsigned flags, unsigned keys) {
    UiState *state = ui_state(ui, id);
    if (state->item_frame == ui->frame) {
        ui->duplicates++;
#ifndef NDEBUG
        draw_frame(ui_list(ui), rect, 0, 3, ui_color(ui, THEME_WRONG));
#endif
    }
    state->item_frame = ui->frame;
    UiItem item = {.id = id,
                   .rect = ui_intersect(rect, ui_clip(ui)),
                   .whole = rect,
                   .layer = ui->layer,
                   .flags = flags | (ui->disabled > 0 ? ITEM_DISABLED : 0),
                   .keys = keys};
    keep_item(&ui->items, &item);

    UiResponse response = {0};
    if (ui->disabled == 0) {
        response.hovered = ui->hot == id;
        response.focused = ui_focused(ui, id);
        for (int i = 0; i < MAX_POINTERS; i++) {
            if (ui->pointers[i].active == id) {
                response.pressed = true;
                response.hovered |= ui->pointers[i].inside;
            }
        }
        read_events(ui, id, keys, &response);
        if (response.focused && ui->focus_moved) {
            ui_scroll_reveal(ui, rect);
        }
    }
    if ((flags & ITEM_QUIET) == 0) {
        ui->last_item = item;
        ui->last = response;
    }
    return response;
}

void ui_item_room(Ui *ui, UiId id, float up, float down) {
    UiItem *item = ui->items.n > 0 ? &ui->items.items[ui->items.n - 1] : NULL;
    if (item != NULL && item->id == id) { // it is missing when memory was out
        item->room_up = up;
        item->room_down = down;
    }
}

void ui_focus(Ui *ui, UiId id) {
    ui_set_focus(ui, id, true);
}

UiResponse ui_last(const Ui *ui) {
    return ui->last;
}

UiResponse ui_region(Ui *ui, const char *label, UiRect rect, bool focusable, const UiEvent **events,
                     size_t *n) {
    UiId id = ui_id(ui, label);
    unsigned keys = KEYS_OPEN | KEYS_LEFT_RIGHT | KEYS_UP_DOWN | KEYS_ENDS | KEYS_SHARED;
    UiResponse response = ui_item(ui, id, rect, focusable ? ITEM_FOCUS : 0, focusable ? keys : 0);
    size_t owned = 0;
    for (size_t i = 0; i < ui->input->n; i++) {
        owned += ui_owns(ui, id, i);
    }
    UiEvent *own = owned > 0 && ui->disabled == 0 && events != NULL
                       ? arena_take(&ui->arena, owned, sizeof *own)
                       : NULL;
    size_t kept = 0;
    for (size_t i = 0; i < ui->input->n && own != NULL; i++) {
        if (ui_owns(ui, id, i)) {
            own[kept++] = ui->input->events[i];
        }
    }
    if (events != NULL) {
        *events = own;
    }
    if (n != NULL) {
        *n = kept;
    }
    return response;
}
