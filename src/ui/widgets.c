// Buttons and their relatives. Each makes its id, registers its rectangle, decides, draws.

#include "ui/ui_internal.h"

#include <math.h>

// Shown only to those who use the keyboard: a ring two pixels off the widget, so that it reads on
// any ground, in the one colour.
void ui_focus_ring(Ui *ui, UiId id, UiRect rect, float radius) {
    if (ui_focused(ui, id) && ui->focus_visible) {
        float off = 2 * ui->theme.hairline;
        draw_frame(ui_list(ui), ui_inset(rect, -2 * off), radius + 2 * off, off,
                   ui_color(ui, THEME_ACCENT));
    }
}

// Hovering and pressing as one eased amount: 0 at rest, 1 under the pointer, 2 pressed.
static float stir(Ui *ui, UiId id, const UiResponse *response) {
    bool held = response->pressed && response->hovered;
    return ui_ease(ui, ui_sub_id(id, 'h'), held ? 2.0f : response->hovered ? 1.0f : 0.0f);
}

float ui_button_width(Ui *ui, const char *label) {
    const char *text = ui_visible(ui, label);
    float width = fmaxf(ui_text_width(ui, FONT_BODY, text), ui_text_width(ui, FONT_MEDIUM, text));
    return ceilf(width) + 3 * ui->theme.grid;
}

bool ui_button(Ui *ui, const char *label, UiRect rect) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    UiResponse response = ui_item(ui, id, rect, ITEM_FOCUS, KEYS_PRESS);
    float stirred = stir(ui, id, &response);
    Color face = color_mix(theme->color[THEME_SURFACE], theme->color[THEME_TRACK], stirred / 2);
    Color edge =
        color_mix(theme->color[THEME_LINE], theme->color[THEME_FAINT], fminf(stirred, 1) * 0.7f);
    draw_rect(ui_list(ui), rect, theme->radius, face);
    draw_frame(ui_list(ui), rect, theme->radius, theme->hairline, edge);
    ui_text(ui, ui_inset(rect, theme->grid / 2), FONT_BODY, THEME_INK, ALIGN_CENTRE,
            ui_visible(ui, label));
    ui_focus_ring(ui, id, rect, theme->radius);
    return response.clicked;
}

bool ui_button_primary(Ui *ui, const char *label, UiRect rect) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    UiResponse response = ui_item(ui, id, rect, ITEM_FOCUS, KEYS_PRESS);
    float stirred = stir(ui, id, &response);
    // Towards the ink of the theme: darker on light ground, lighter on dark, both away from its
    // text.
    Color face = color_mix(theme->color[THEME_ACCENT], theme->color[THEME_INK], stirred * 0.1f);
    draw_rect(ui_list(ui), rect, theme->radius, face);
    ui_text(ui, ui_inset(rect, theme->grid / 2), FONT_MEDIUM, THEME_ON_ACCENT, ALIGN_CENTRE,
            ui_visible(ui, label));
    ui_focus_ring(ui, id, rect, theme->radius);
    return response.clicked;
}

bool ui_tab(Ui *ui, const char *label, UiRect rect, bool selected) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    UiResponse response = ui_item(ui, id, rect, ITEM_FOCUS, KEYS_PRESS);
    float stirred = stir(ui, id, &response);
    float chosen = ui_ease(ui, ui_sub_id(id, 's'), selected ? 1 : 0);
    float fill = fmaxf(chosen, fminf(stirred, 1) * 0.5f);
    if (fill > 0) {
        Color ground = theme->color[THEME_BACKGROUND];
        draw_rect(ui_list(ui), rect, theme->radius,
                  color_mix(ground, theme->color[THEME_TRACK], fill));
    }
    Color ink = color_mix(theme->color[THEME_SOFT], theme->color[THEME_INK],
                          fmaxf(chosen, fminf(stirred, 1)));
    ui_text_font(ui, ui_inset(rect, theme->grid / 2),
                 theme->font[selected ? FONT_MEDIUM : FONT_BODY], ink, ALIGN_CENTRE,
                 ui_visible(ui, label));
    ui_focus_ring(ui, id, rect, theme->radius);
    return response.clicked;
}

bool ui_link(Ui *ui, const char *label, UiRect rect) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    UiResponse response = ui_item(ui, id, rect, ITEM_FOCUS, KEYS_PRESS);
    float stirred = stir(ui, id, &response);
    Color ink = theme->color[THEME_ACCENT];
    float end =
        ui_text_at(ui, rect, theme->font[FONT_BODY], ink, ALIGN_LEFT, ui_visible(ui, label));
    float em = theme->font[FONT_BODY].size;
    if (stirred > 0) {
        float y = ui_snap(ui, rect.y + rect.h / 2 + em * 0.55f);
        draw_rect(ui_list(ui), (UiRect){rect.x, y, end - rect.x, theme->hairline}, 0,
                  color_alpha(ink, fminf(stirred, 1)));
    }
    UiRect around = {rect.x, rect.y + rect.h / 2 - em * 0.7f, end - rect.x, em * 1.4f};
    ui_focus_ring(ui, id, around, theme->radius / 3);
    return response.clicked;
}

bool ui_icon_button(Ui *ui, const char *label, UiRect rect, UiIcon icon, bool on) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    UiResponse response = ui_item(ui, id, rect, ITEM_FOCUS, KEYS_PRESS);
    float stirred = stir(ui, id, &response);
    if (on || stirred > 0) {
        Color ground = theme->color[on ? THEME_ACCENT_SOFT : THEME_TRACK];
        draw_rect(ui_list(ui), rect, theme->radius,
                  color_alpha(ground, on ? 1 : fminf(stirred, 1)));
    }
    Color ink = color_mix(theme->color[THEME_SOFT], theme->color[THEME_INK], fminf(stirred, 1));
    float size = fminf(roundf(theme->font[FONT_BODY].size * 1.4f), fminf(rect.w, rect.h));
    UiRect box = {ui_snap(ui, rect.x + (rect.w - size) / 2),
                  ui_snap(ui, rect.y + (rect.h - size) / 2), size, size};
    ui_icon(ui, box, icon, on ? theme->color[THEME_ACCENT] : ink);
    ui_focus_ring(ui, id, rect, theme->radius);
    return response.clicked;
}

// --- segmented control ---------------------------------------------------------------------------

float ui_segmented_width(Ui *ui, const char *const *labels, int n) {
    float width = 0;
    for (int i = 0; i < n; i++) {
        width += ui_button_width(ui, labels[i]);
    }
    return width;
}

static float label_width(Ui *ui, const char *label) {
    return ui_button_width(ui, label) - 3 * ui->theme.grid;
}

// Every segment gets what its label needs and an equal share of the air; where there is no air
// left, all labels give way in proportion.
static UiRect segment(Ui *ui, UiRect rect, const char *const *labels, int n, int which) {
    float needed = 0;
    for (int i = 0; i < n; i++) {
        needed += label_width(ui, labels[i]);
    }
    float air = fmaxf(ui->theme.grid, (rect.w - needed) / (float)n);
    float squeeze = rect.w / fmaxf(1, needed + air * (float)n);
    float x = rect.x;
    for (int i = 0; i < which; i++) {
        x += (label_width(ui, labels[i]) + air) * squeeze;
    }
    float x0 = ui_snap(ui, x);
    float x1 = ui_snap(ui, x + (label_width(ui, labels[which]) + air) * squeeze);
    return (UiRect){x0, rect.y, x1 - x0, rect.h};
}

// One stop for Tab; the arrows choose within it.
static int choose_by_key(const Ui *ui, UiId id, int selected, int n) {
    for (size_t i = 0; i < ui->input->n; i++) {
        const UiEvent *event = &ui->input->events[i];
        if (!ui_owns(ui, id, i) || event->kind != EVENT_KEY) {
            continue;
        }
        switch (event->key) {
        case KEY_LEFT:
            selected = selected > 0 ? selected - 1 : selected;
            break;
        case KEY_RIGHT:
            selected = selected < n - 1 ? selected + 1 : selected;
            break;
        case KEY_HOME:
            selected = 0;
            break;
        case KEY_END:
            selected = n - 1;
            break;
        default:
            break;
        }
    }
    return selected;
}

bool ui_segmented(Ui *ui, const char *label, UiRect rect, const char *const *labels, int n,
                  int *selected) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    int before = *selected;
    UiResponse whole = ui_item(ui, id, rect, ITEM_FOCUS, KEYS_LEFT_RIGHT | KEYS_ENDS);
    int chosen = ui->disabled > 0 ? before : choose_by_key(ui, id, before, n);

    draw_rect(ui_list(ui), rect, theme->radius, theme->color[THEME_SURFACE]);
    if (chosen >= 0 && chosen < n) {
        UiRect at = segment(ui, rect, labels, n, chosen);
        at.x = rect.x + ui_ease(ui, ui_sub_id(id, 'x'), at.x - rect.x);
        at.w = ui_ease(ui, ui_sub_id(id, 'w'), at.w);
        draw_rect(ui_list(ui), ui_inset(at, theme->hairline), theme->radius - theme->hairline,
                  theme->color[THEME_ACCENT_SOFT]);
    }
    draw_frame(ui_list(ui), rect, theme->radius, theme->hairline, theme->color[THEME_LINE]);
    const UiPointer *mouse = &ui->pointers[0];
    for (int i = 0; i < n; i++) {
        UiRect at = segment(ui, rect, labels, n, i);
        bool under = whole.hovered && ui_rect_has(at, mouse->x, mouse->y);
        float stirred = ui_ease(ui, ui_sub_id(id, 256 + i), under ? 1 : 0);
        float strong = i == chosen ? 1 : stirred;
        ui_text_font(ui, ui_inset(at, theme->grid / 4),
                     theme->font[i == chosen ? FONT_MEDIUM : FONT_BODY],
                     color_mix(theme->color[THEME_SOFT], theme->color[THEME_INK], strong),
                     ALIGN_CENTRE, ui_visible(ui, labels[i]));
        for (size_t k = 0; whole.clicked && k < ui->input->n; k++) {
            const UiEvent *event = &ui->input->events[k];
            if (ui_owns(ui, id, k) && event->kind == EVENT_UP && event->button == BUTTON_LEFT &&
                ui_rect_has(at, event->x, event->y)) {
                chosen = i;
            }
        }
    }
    ui_focus_ring(ui, id, rect, theme->radius);
    *selected = chosen;
    ui->moving = ui->moving || chosen != before;
    ui->last.changed = chosen != before;
    return chosen != before;
}

// --- switch --------------------------------------------------------------------------------------

bool ui_toggle(Ui *ui, const char *label, UiRect rect, bool *on) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    UiResponse response = ui_item(ui, id, rect, ITEM_FOCUS, KEYS_PRESS | KEYS_OPEN);
    if (response.clicked) {
        *on = !*on;
        ui->last.changed = true;
    }
    float stirred = stir(ui, id, &response);
    float shown = ui_ease(ui, ui_sub_id(id, 's'), *on ? 1 : 0);
    float h = fminf(roundf(theme->control * 0.56f), rect.h);
    float w = fminf(roundf(h * 1.78f), rect.w);
    UiRect track = {rect.x, ui_snap(ui, rect.y + (rect.h - h) / 2), w, h};
    Color off = color_mix(theme->color[THEME_FAINT], theme->color[THEME_SOFT], stirred * 0.25f);
    Color full = color_mix(theme->color[THEME_ACCENT], theme->color[THEME_INK], stirred * 0.1f);
    draw_rect(ui_list(ui), track, h / 2, color_mix(off, full, shown));
    float knob = h / 2 - 2.5f * theme->hairline;
    float from = track.x + h / 2, to = track.x + w - h / 2;
    draw_disc(ui_list(ui), from + (to - from) * shown, track.y + h / 2, knob,
              theme->color[THEME_SURFACE]);
    ui_focus_ring(ui, id, track, h / 2);
    return response.clicked;
}
