// Scrolling areas: a clip, an offset, a bar that comes forward when it is needed.

#include "ui/ui_internal.h"

#include <math.h>

#include "nn/error.h"

static const float LINE = 40; // logical pixels a notch of the wheel moves

static float clamp_offset(float offset, float content, float height) {
    return isfinite(offset) ? fmaxf(0, fminf(offset, content - height)) : 0;
}

// Innermost area first: what a keyboard user has moved to comes into view.
bool ui_scroll_reveal(Ui *ui, UiRect rect) {
    if (ui->n_scrolls == 0) {
        return false;
    }
    const UiScroll *area = &ui->scrolls[ui->n_scrolls - 1];
    const float air = ui->theme.grid;
    float top = rect.y - area->rect.y, bottom = top + rect.h;
    float by = top < air                     ? top - air
               : bottom > area->rect.h - air ? bottom - area->rect.h + air
                                             : 0;
    UiState *state = ui_state(ui, area->id);
    state->b = clamp_offset(*area->offset + by, area->content_height, area->rect.h);
    ui->moving = ui->moving || by != 0;
    return by != 0;
}

static UiRect bar_track(const Ui *ui, UiRect rect) {
    float w = ui->theme.grid * 1.5f;
    return (UiRect){rect.x + rect.w - w, rect.y, w, rect.h};
}

static float thumb_height(const Ui *ui, const UiScroll *area) {
    float share = area->rect.h / fmaxf(area->content_height, 1);
    return fminf(area->rect.h, fmaxf(3 * ui->theme.grid, area->rect.h * share));
}

// The wheel, and a finger that drags the ground of the area, act before the content is placed.
// Whole notches glide; a touchpad's fractions and a finger move the content with the hand.
static float scrolled(Ui *ui, const UiScroll *area, float target, bool *at_once) {
    UiState *drag = ui_state(ui, ui_sub_id(area->id, 'd'));
    for (size_t i = 0; i < ui->input->n; i++) {
        const UiEvent *event = &ui->input->events[i];
        if (!ui_owns(ui, area->id, i)) {
            continue;
        }
        if (event->kind == EVENT_WHEEL) {
            target -= event->dy * LINE;
            *at_once = *at_once || event->dy != roundf(event->dy);
        } else if (event->pointer != 0 && event->kind == EVENT_DOWN) {
            drag->a = event->y;
        } else if (event->pointer != 0 && event->kind == EVENT_MOVE) {
            target -= event->y - drag->a;
            drag->a = event->y;
            *at_once = true;
        }
    }
    return clamp_offset(target, area->content_height, area->rect.h);
}

UiRect ui_begin_scroll(Ui *ui, const char *label, UiRect rect, float content_height,
                       float *offset) {
    NN_ASSERT(ui->n_scrolls < MAX_SCROLLS);
    UiId id = ui_id(ui, label);
    UiScroll area = {id, rect, content_height, offset};
    float room = fmaxf(0, content_height - rect.h);
    ui_item(ui, id, rect, ITEM_WHEEL | ITEM_QUIET, 0);
    UiState *state = ui_state(ui, id);
    // a: the offset as we left it, b: where it is going. A view may have set it since.
    bool fresh = !state->seen;
    state->seen = true;
    float target = fresh || *offset != state->a ? *offset : state->b;
    float before = clamp_offset(target, content_height, rect.h);
    bool at_once = ui->theme.ease_ms <= 0;
    target = ui->disabled > 0 ? before : scrolled(ui, &area, before, &at_once);
    float shown = clamp_offset(*offset, content_height, rect.h);
    if (target != shown && !at_once) {
        const float time_constants = 8;
        float left = expf(-ui->dt_ms * time_constants / ui->theme.ease_ms);
        shown = target + (shown - target) * left;
        if (fabsf(target - shown) < 0.5f) {
            shown = target;
        } else {
            ui->moving = true;
        }
    } else {
        shown = target;
    }
    state = ui_state(ui, id);
    state->a = *offset = shown;
    state->b = target;
    ui_item_room(ui, id, target, room - target);
    ui->scrolls[ui->n_scrolls++] = area;
    ui_push_clip(ui, rect);
    float bar = room > 0 ? bar_track(ui, rect).w : 0;
    return (UiRect){rect.x, rect.y - ui_snap(ui, shown), fmaxf(0, rect.w - bar), content_height};
}

static void scroll_bar(Ui *ui, const UiScroll *area) {
    const Theme *theme = &ui->theme;
    float room = area->content_height - area->rect.h;
    UiId id = ui_sub_id(area->id, 'b');
    UiRect track = bar_track(ui, area->rect);
    UiResponse response = ui_item(ui, id, track, ITEM_QUIET, 0);
    float thumb = thumb_height(ui, area);
    float travel = fmaxf(1, track.h - thumb);
    float at = track.y + travel * fminf(1, *area->offset / room);
    float moved = -1;
    for (size_t i = 0; i < ui->input->n && ui->disabled == 0; i++) {
        const UiEvent *event = &ui->input->events[i];
        if (!ui_owns(ui, id, i)) {
            continue;
        }
        UiState *grip = ui_state(ui, ui_sub_id(id, 'g'));
        if (event->kind == EVENT_DOWN) {
            bool on_thumb = event->y >= at && event->y < at + thumb;
            grip->a = on_thumb ? event->y - at : thumb / 2; // else the thumb comes to it
            grip->seen = true;
        }
        bool drags = event->kind == EVENT_DOWN || (event->kind == EVENT_MOVE && response.pressed);
        if (drags && grip->seen) {
            moved = clamp_offset((event->y - grip->a - track.y) / travel * room,
                                 area->content_height, area->rect.h);
            at = track.y + travel * moved / room;
        }
    }
    if (response.pressed) {
        (void)ui_state(ui, ui_sub_id(id, 'g')); // the grip lives as long as the drag
    }
    if (moved >= 0) {
        UiState *state = ui_state(ui, area->id);
        state->a = state->b = *area->offset = moved;
        ui->moving = true; // the content follows in the next frame
    }
    float stirred = ui_ease(ui, ui_sub_id(id, 'h'), response.hovered || response.pressed ? 1 : 0);
    float w = theme->grid / 2 + stirred * theme->grid / 4;
    UiRect lane = {track.x + track.w - w, track.y, w, track.h};
    draw_rect(ui_list(ui), lane, w / 2, theme->color[THEME_TRACK]);
    Color face = color_mix(theme->color[THEME_FAINT], theme->color[THEME_SOFT], stirred);
    draw_rect(ui_list(ui), (UiRect){lane.x, at, w, thumb}, w / 2, face);
}

// Page keys go to the innermost area under the pointer that nobody with the focus has taken them
// from, and that still has room; so the area around it gets what this one cannot use.
static void page_keys(Ui *ui, const UiScroll *area) {
    const UiPointer *mouse = &ui->pointers[0];
    UiRect seen = ui_intersect(area->rect, ui_clip(ui));
    bool blocked = ui->layer < ui->n_popups || ui->disabled > 0;
    if (blocked || !mouse->present || !ui_rect_has(seen, mouse->x, mouse->y)) {
        return;
    }
    UiState *state = ui_state(ui, area->id);
    float page = fmaxf(area->rect.h - LINE, area->rect.h / 2);
    float room = area->content_height - area->rect.h;
    float target = state->b;
    if (state->b < room) {
        target += ui_key(ui, KEY_PAGE_DOWN, 0) ? page : 0;
        target = ui_key(ui, KEY_END, 0) ? room : target;
    }
    if (state->b > 0) {
        target -= ui_key(ui, KEY_PAGE_UP, 0) ? page : 0;
        target = ui_key(ui, KEY_HOME, 0) ? 0 : target;
    }
    if (target != state->b) {
        state->b = clamp_offset(target, area->content_height, area->rect.h);
        ui->moving = true;
    }
}

void ui_end_scroll(Ui *ui) {
    NN_ASSERT(ui->n_scrolls > 0);
    UiScroll area = ui->scrolls[--ui->n_scrolls];
    if (area.content_height > area.rect.h) {
        page_keys(ui, &area);
        scroll_bar(ui, &area);
    }
    ui_pop_clip(ui);
}
