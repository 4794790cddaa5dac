// Popups and tooltips: drawn into layers above the page, which ui_end puts last.

#include "ui/ui_internal.h"

#include <math.h>

#include "nn/error.h"

// --- popups --------------------------------------------------------------------------------------

static int place_of(const Ui *ui, UiId id) {
    for (int i = 0; i < ui->n_popups; i++) {
        if (ui->popups[i].id == id) {
            return i;
        }
    }
    return -1;
}

static void close_from(Ui *ui, int place) {
    if (place < ui->n_popups) {
        ui_set_focus(ui, ui->popups[place].focus_before, ui->focus_visible);
        ui->n_popups = place;
    }
}

// A popup opened from within a popup lies above it; opened from the page it replaces any other.
void ui_open_popup(Ui *ui, UiId id) {
    int place = ui->layer < MAX_POPUPS ? ui->layer : MAX_POPUPS - 1;
    if (place_of(ui, id) == place) {
        return;
    }
    close_from(ui, place);
    ui->popups[ui->n_popups++] = (UiPopup){.id = id, .focus_before = ui->focus, .frame = ui->frame};
    ui->focus = 0;
    ui->moving = true; // it may have been opened after its place in the frame
}

void ui_close_popup(Ui *ui) {
    if (ui->n_popups > 0) {
        close_from(ui, ui->n_popups - 1);
    }
}

bool ui_popup_open(const Ui *ui, UiId id) {
    return id == 0 ? ui->n_popups > 0 : place_of(ui, id) >= 0;
}

void ui_popup_pressed(Ui *ui, UiId barrier) {
    for (int i = 0; i < ui->n_popups; i++) {
        if (ui_sub_id(ui->popups[i].id, 'g') == barrier) {
            close_from(ui, i);
        }
    }
}

bool ui_begin_popup(Ui *ui, UiId id, UiRect rect) {
    int place = place_of(ui, id);
    if (place < 0) {
        return false;
    }
    NN_ASSERT(ui->n_layers < LAYER_COUNT && ui->n_clips < MAX_CLIPS);
    ui->popups[place].frame = ui->frame;
    ui->layer_stack[ui->n_layers++] = ui->layer;
    ui->layer = place + 1;
    UiRect window = {0, 0, ui->input->width, ui->input->height};
    ui->clips[ui->n_clips++] = window;
    draw_clip(ui_list(ui), window);
    ui_item(ui, ui_sub_id(id, 'g'), window, ITEM_BARRIER | ITEM_QUIET, 0);
    ui_item(ui, id, rect, ITEM_QUIET, 0);

    const Theme *theme = &ui->theme;
    // A soft shadow: frames one pixel apart, fading outwards and a little lower than the panel.
    for (int i = 8; i >= 1; i--) {
        UiRect shade = ui_inset(rect, (float)-i);
        shade.y += 4;
        draw_rect(ui_list(ui), shade, theme->radius + (float)i,
                  color_alpha(0xFF000000, theme->dark ? 0.055f : 0.014f));
    }
    draw_rect(ui_list(ui), rect, theme->radius, theme->color[THEME_SURFACE]);
    draw_frame(ui_list(ui), rect, theme->radius, theme->hairline, theme->color[THEME_LINE]);
    return true;
}

void ui_end_popup(Ui *ui) {
    NN_ASSERT(ui->n_layers > 0);
    ui->n_clips--;
    ui->layer = ui->layer_stack[--ui->n_layers];
}

// A popup whose view has gone must not keep the pointer.
void ui_popups_end(Ui *ui) {
    for (int i = 0; i < ui->n_popups; i++) {
        if (ui->popups[i].frame + 1 < ui->frame) {
            close_from(ui, i);
        }
    }
}

// --- tooltips ------------------------------------------------------------------------------------

void ui_tooltip(Ui *ui, const char *text) {
    const double delay_ms = 500, again_ms = 400;
    const UiItem *item = &ui->last_item;
    if (item->id == 0) {
        return;
    }
    const UiPointer *mouse = &ui->pointers[0];
    bool by_mouse = ui->hot == item->id && mouse->buttons == 0;
    bool by_keyboard = ui->focus == item->id && ui->focus_visible;
    UiState *state = ui_state(ui, ui_sub_id(item->id, 't'));
    bool muted = mouse->buttons != 0 && ui->hot == item->id; // a press says: I know what this is
    if (!by_mouse && !by_keyboard) {
        state->since_ms = 0;
        state->a = muted ? 1 : 0; // until the pointer has left
        return;
    }
    if (state->since_ms == 0) {
        bool one_was_just_open = ui->now_ms - ui->tip_shown_ms < again_ms && ui->tip_shown_ms > 0;
        state->since_ms = ui->now_ms - (one_was_just_open ? delay_ms : 0);
    }
    if (state->a != 0) {
        return;
    }
    if (ui->now_ms - state->since_ms < delay_ms) {
        ui->moving = true; // so that someone looks again when the time has come
        return;
    }
    ui->tip = text;
    ui->tip_near = item->whole;
    ui->tip_by_mouse = by_mouse;
}

static float clamp(float v, float low, float high) {
    return fmaxf(low, fminf(v, high));
}

void ui_tooltip_end(Ui *ui) {
    if (ui->tip == NULL) {
        return;
    }
    ui->tip_shown_ms = ui->now_ms;
    const Theme *theme = &ui->theme;
    const float pad = theme->grid, gap = theme->grid;
    float widest = fminf(40 * theme->font[FONT_SMALL].size * 0.6f, ui->input->width - 4 * gap);
    ui->layer = LAYER_TOOLTIP;
    float text_w = fminf(widest, ceilf(ui_text_width(ui, FONT_SMALL, ui->tip)) + 1);
    float text_h =
        ui_paragraph(ui, (UiRect){0, 0, text_w, 0}, FONT_SMALL, THEME_INK, ui->tip, true);
    UiRect box = {0, 0, text_w + 2 * pad, text_h + pad};

    // Below the widget; or, when that is large or the keyboard's, still clear of the pointer.
    const UiPointer *mouse = &ui->pointers[0];
    UiRect near = ui->tip_near;
    const float large = 6 * theme->control;
    if (ui->tip_by_mouse && (near.h > 2 * theme->control || near.w > large)) {
        const float cursor = 20; // how far the usual arrow reaches below its tip
        near = (UiRect){mouse->x - box.w / 2, mouse->y - gap, box.w, cursor + gap};
    }
    box.x = near.x + near.w / 2 - box.w / 2;
    box.y = near.y + near.h + gap;
    if (box.y + box.h > ui->input->height - gap) {
        box.y = near.y - gap - box.h;
    }
    box.x = clamp(box.x, gap, fmaxf(gap, ui->input->width - gap - box.w));
    box.y = clamp(box.y, gap, fmaxf(gap, ui->input->height - gap - box.h));
    if (ui->tip_by_mouse && ui_rect_has(ui_inset(box, -4), mouse->x, mouse->y)) {
        bool right = mouse->x + 16 + box.w <= ui->input->width - gap;
        box.x = right ? mouse->x + 16 : fmaxf(0, mouse->x - 16 - box.w);
    }
    box.x = ui_snap(ui, box.x);
    box.y = ui_snap(ui, box.y);
    draw_rect(ui_list(ui), box, theme->radius, theme->color[THEME_INK]);
    UiRect text = {box.x + pad, box.y + pad / 2, text_w, text_h};
    ui_paragraph(ui, text, FONT_SMALL, THEME_BACKGROUND, ui->tip, false);
    ui->layer = LAYER_PAGE;
}
