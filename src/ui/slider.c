#include "ui/ui_internal.h"

#include <math.h>

// 1, 2 or 5 times a power of ten, about a fortieth of the range: what an arrow key moves.
float ui_step_of(float low, float high) {
    float rough = fabsf(high - low) / 40;
    if (!(rough > 0) || !isfinite(rough)) {
        return 0;
    }
    float power = powf(10, floorf(log10f(rough)));
    float digit = rough / power;
    return power * (digit < 1.5f ? 1 : digit < 3.5f ? 2 : digit < 7.5f ? 5 : 10);
}

static float on_grid(float value, float step, float low) {
    return step > 0 ? low + roundf((value - low) / step) * step : value;
}

// Keys and wheel move to the next round value, so that 0.5137 becomes 0.52 and not 0.5337.
static float moved(float value, float steps, float step) {
    const float nearly = 1e-3f; // a value on the grid must move a whole step
    float at = value / step;
    float next = steps > 0 ? floorf(at + nearly) + steps : ceilf(at - nearly) + steps;
    return next * step;
}

static float key_steps(int key, int mods) {
    float many = (mods & MOD_SHIFT) != 0 ? 5 : 1;
    switch (key) {
    case KEY_LEFT:
    case KEY_DOWN:
        return -many;
    case KEY_RIGHT:
    case KEY_UP:
        return many;
    case KEY_PAGE_DOWN:
        return -5;
    case KEY_PAGE_UP:
        return 5;
    default:
        return 0;
    }
}

typedef struct {
    float x, w; // where the thumb's centre can be
    float low, high, step;
} Rail;

static float at_pointer(const Rail *rail, float x) {
    float share = rail->w > 0 ? (x - rail->x) / rail->w : 0;
    share = fmaxf(0, fminf(share, 1));
    return on_grid(rail->low + share * (rail->high - rail->low), rail->step, rail->low);
}

static float from_events(Ui *ui, UiId id, const Rail *rail, float value) {
    float step = rail->step > 0 ? rail->step : ui_step_of(rail->low, rail->high);
    float low = fminf(rail->low, rail->high), high = fmaxf(rail->low, rail->high);
    for (size_t i = 0; i < ui->input->n; i++) {
        const UiEvent *event = &ui->input->events[i];
        const UiPointer *holder = ui_pointer_of(ui, id);
        bool held = holder != NULL && (holder->buttons & 1u << BUTTON_LEFT) != 0;
        if (!ui_owns(ui, id, i)) {
            continue;
        }
        bool left = event->button == BUTTON_LEFT;
        if (((event->kind == EVENT_DOWN || event->kind == EVENT_UP) && left) ||
            (event->kind == EVENT_MOVE && held)) {
            value = at_pointer(rail, event->x);
        } else if (event->kind == EVENT_WHEEL) {
            value = moved(value, event->dy > 0 ? 1 : -1, step);
        } else if (event->kind == EVENT_KEY && event->key == KEY_HOME) {
            value = rail->low;
        } else if (event->kind == EVENT_KEY && event->key == KEY_END) {
            value = rail->high;
        } else if (event->kind == EVENT_KEY && key_steps(event->key, event->mods) != 0) {
            value = moved(value, key_steps(event->key, event->mods), step);
        }
        value = fmaxf(low, fminf(value, high));
    }
    return value;
}

bool ui_slider_steps(Ui *ui, const char *label, UiRect rect, float *value, float low, float high,
                     float step) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    UiResponse response =
        ui_item(ui, id, rect, ITEM_FOCUS | ITEM_WHEEL, KEYS_LEFT_RIGHT | KEYS_UP_DOWN | KEYS_ENDS);
    float thumb = fminf(theme->control / 4, rect.h / 2);
    Rail rail = {rect.x + thumb, fmaxf(0, rect.w - 2 * thumb), low, high, step};
    float before = *value;
    if (ui->disabled == 0) {
        *value = from_events(ui, id, &rail, before);
    }
    ui_item_room(ui, id, fmaxf(low, high) - *value, *value - fminf(low, high));
    bool changed = *value != before;
    ui->last.changed = changed;

    float span = high - low;
    float share = span != 0 && isfinite(*value) ? fmaxf(0, fminf((*value - low) / span, 1)) : 0;
    // A dragged thumb sticks to the pointer; keys, wheel and the view's own changes glide.
    float eased = ui_ease(ui, ui_sub_id(id, 'v'), share);
    float shown = response.pressed && step <= 0 ? share : eased;
    float y = rect.y + rect.h / 2, x = rail.x + rail.w * shown;
    float thick = roundf(theme->control / 8);
    float end = step > 0 ? thumb : 0; // marks sit on the very ends of the rail
    UiRect track = {rect.x + end, ui_snap(ui, y - thick / 2), fmaxf(0, rect.w - 2 * end), thick};
    Color rest = theme->color[THEME_LINE], full = theme->color[THEME_ACCENT];
    draw_rect(ui_list(ui), track, thick / 2, rest);
    draw_rect(ui_list(ui), (UiRect){track.x, track.y, fmaxf(0, x - track.x), thick}, thick / 2,
              full);
    Color mark = color_mix(rest, theme->color[THEME_FAINT], 0.5f);
    int marks = step > 0 ? (int)roundf(fabsf(span) / step) : 0;
    for (int i = 0; i <= marks && marks <= 40 && marks > 0; i++) {
        float at = (float)i / (float)marks;
        draw_disc(ui_list(ui), rail.x + rail.w * at, y, thick * 0.9f, at <= shown ? full : mark);
    }
    float stirred = ui_ease(ui, ui_sub_id(id, 'h'), response.hovered || response.pressed ? 1 : 0);
    float radius = thumb * (0.94f + 0.12f * stirred);
    float ring = 2 * theme->hairline;
    draw_disc(ui_list(ui), x, y, radius, theme->color[THEME_SURFACE]);
    draw_ring(ui_list(ui), x, y, radius, ring, full);
    UiRect around = {x - thumb, y - thumb, 2 * thumb, 2 * thumb};
    ui_focus_ring(ui, id, around, thumb);
    return changed;
}

bool ui_slider(Ui *ui, const char *label, UiRect rect, float *value, float low, float high) {
    return ui_slider_steps(ui, label, rect, value, low, high, 0);
}
