// A drop-down choice: a button that shows what is chosen, and a list in a popup.

#include "ui/ui_internal.h"

#include <ctype.h>
#include <math.h>

typedef struct {
    const char *const *items;
    int n;
    float row; // height
} Choices;

// Letters jump to the next item that starts with them.
static int next_with(const Choices *choices, int from, int letter) {
    for (int step = 1; step <= choices->n; step++) {
        int i = (from + step) % choices->n;
        if (tolower((unsigned char)choices->items[i][0]) == letter) {
            return i;
        }
    }
    return from;
}

static int moved_by(const Choices *choices, int marked, int key) {
    switch (key) {
    case KEY_UP:
        return marked > 0 ? marked - 1 : 0;
    case KEY_DOWN:
        return marked < choices->n - 1 ? marked + 1 : choices->n - 1;
    case KEY_HOME:
    case KEY_PAGE_UP:
        return 0;
    case KEY_END:
    case KEY_PAGE_DOWN:
        return choices->n - 1;
    default:
        return next_with(choices, marked, key);
    }
}

// Returns the row that was taken, -1: none.
static int list_events(Ui *ui, UiId id, const Choices *choices, UiRect content, int *marked) {
    int taken = -1;
    for (size_t i = 0; i < ui->input->n; i++) {
        const UiEvent *event = &ui->input->events[i];
        if (!ui_owns(ui, id, i)) {
            continue;
        }
        if (event->kind == EVENT_KEY && (event->key == KEY_ENTER || event->key == KEY_SPACE)) {
            taken = *marked;
        } else if (event->kind == EVENT_KEY) {
            *marked = moved_by(choices, *marked, event->key);
            UiRect row = {content.x, content.y + (float)*marked * choices->row, content.w,
                          choices->row};
            ui_scroll_reveal(ui, row);
        } else if (ui_rect_has(content, event->x, event->y)) {
            int row = (int)((event->y - content.y) / choices->row);
            row = row < choices->n ? row : choices->n - 1;
            *marked = row;
            bool left_up = event->kind == EVENT_UP && event->button == BUTTON_LEFT;
            taken = left_up && ui->routes[i].inside ? row : taken;
        }
    }
    return taken;
}

static void draw_rows(Ui *ui, const Choices *choices, UiRect content, int marked, int selected) {
    const Theme *theme = &ui->theme;
    for (int i = 0; i < choices->n; i++) {
        UiRect row = {content.x, content.y + (float)i * choices->row, content.w, choices->row};
        if (i == marked) {
            draw_rect(ui_list(ui), row, theme->radius - 2, theme->color[THEME_ACCENT_SOFT]);
        }
        UiRect tick = ui_cut_left(&row, 3 * theme->grid);
        if (i == selected) {
            ui_icon(ui, ui_inset(tick, theme->grid * 0.8f), ICON_CHECK, theme->color[THEME_ACCENT]);
        }
        ui_cut_right(&row, theme->grid);
        ui_text(ui, row, FONT_BODY, THEME_INK, ALIGN_LEFT, choices->items[i]);
    }
}

// Below the button if there is room, else above, else wherever it fits; wide enough for its items.
static UiRect list_rect(Ui *ui, UiRect button, const Choices *choices) {
    const float gap = ui->theme.grid / 2, pad = ui->theme.grid / 2;
    float w = button.w;
    for (int i = 0; i < choices->n; i++) {
        w = fmaxf(w, ceilf(ui_text_width(ui, FONT_BODY, choices->items[i])) + 5 * ui->theme.grid +
                         2 * pad);
    }
    float window_w = ui->input->width, window_h = ui->input->height;
    float h = fminf(choices->row * (float)choices->n + 2 * pad, window_h - 2 * gap);
    w = fminf(w, window_w - 2 * gap);
    float below = button.y + button.h + gap, above = button.y - gap - h;
    float y = below + h <= window_h - gap || above < gap ? below : above;
    return (UiRect){fmaxf(gap, fminf(button.x, window_w - gap - w)),
                    fmaxf(gap, fminf(y, window_h - gap - h)), w, h};
}

static int popup_list(Ui *ui, UiId popup, UiRect button, const Choices *choices, int selected,
                      bool opening) {
    UiRect rect = list_rect(ui, button, choices);
    if (!ui_begin_popup(ui, popup, rect)) {
        return -1;
    }
    UiState *state = ui_state(ui, ui_sub_id(popup, 'm')); // a: the marked row, b: the scroll
    int marked = opening ? (selected >= 0 ? selected : 0) : (int)state->a;
    float offset = opening ? ((float)marked + 0.5f) * choices->row - rect.h / 2 : state->b;
    UiRect inner = ui_inset(rect, ui->theme.grid / 2);
    float height = choices->row * (float)choices->n;
    ui_push_id_int(ui, (int)popup);
    UiRect content = ui_begin_scroll(ui, "list", inner, height, &offset);
    UiId list = ui_id(ui, "rows");
    ui_item(ui, list, content, ITEM_FOCUS | ITEM_QUIET,
            KEYS_UP_DOWN | KEYS_ENDS | KEYS_OPEN | KEYS_LETTERS);
    if (opening) {
        ui_set_focus(ui, list, ui->focus_visible);
    }
    int taken = list_events(ui, list, choices, content, &marked);
    draw_rows(ui, choices, content, marked, selected);
    ui_end_scroll(ui);
    ui_pop_id(ui);
    state = ui_state(ui, ui_sub_id(popup, 'm'));
    state->a = (float)marked;
    state->b = offset;
    ui_end_popup(ui);
    return taken;
}

// What is chosen and the arrow; plain: on a line, the arrow only while it is of interest.
static void draw_button(Ui *ui, UiRect rect, const char *text, bool chosen, float stirred) {
    const Theme *theme = &ui->theme;
    Color edge = color_mix(theme->color[THEME_LINE], theme->color[THEME_FAINT], stirred * 0.7f);
    UiRect inner = ui_inset(rect, ui->plain ? theme->grid : theme->grid * 1.5f);
    inner.y = rect.y;
    inner.h = rect.h;
    if (ui->plain) {
        UiRect line = {rect.x, rect.y + rect.h - theme->hairline, rect.w, theme->hairline};
        draw_rect(ui_list(ui), line, 0, edge);
    } else {
        draw_rect(ui_list(ui), rect, theme->radius, theme->color[THEME_SURFACE]);
        draw_frame(ui_list(ui), rect, theme->radius, theme->hairline, edge);
    }
    float arrow = roundf(theme->font[FONT_BODY].size * 0.85f);
    UiRect chevron = ui->plain ? ui_cut_left(&inner, arrow) : ui_cut_right(&inner, arrow);
    chevron = (UiRect){chevron.x, ui_snap(ui, rect.y + (rect.h - arrow) / 2), arrow, arrow};
    ui_icon(ui, chevron, ICON_CHEVRON,
            color_alpha(theme->color[THEME_SOFT], ui->plain ? 0.45f + 0.55f * stirred : 1));
    ui_cut_right(&inner, ui->plain ? 0 : theme->grid / 2);
    ui_text(ui, inner, FONT_BODY, chosen ? THEME_INK : THEME_SOFT,
            ui->plain ? ALIGN_RIGHT : ALIGN_LEFT, text);
}

static bool choose(Ui *ui, const char *label, UiRect rect, const char *const *items, int n,
                   int *selected, bool bare) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    UiId popup = ui_sub_id(id, 'p');
    unsigned keys = KEYS_OPEN | KEYS_UP_DOWN;
    UiResponse response = ui_item(ui, id, rect, ITEM_FOCUS, keys);
    UiItem item = ui->last_item;
    bool asked = response.clicked;
    for (size_t i = 0; i < ui->input->n && ui->disabled == 0; i++) {
        asked = asked || (ui_owns(ui, id, i) && ui->input->events[i].kind == EVENT_KEY);
    }
    bool opening = asked && n > 0 && !ui_popup_open(ui, popup);
    if (opening) {
        ui_open_popup(ui, popup);
    }
    bool open = ui_popup_open(ui, popup);
    if (!bare) {
        float stirred = ui_ease(ui, ui_sub_id(id, 'h'), response.hovered || open ? 1 : 0);
        bool any = *selected >= 0 && *selected < n;
        draw_button(ui, rect, any ? items[*selected] : ui_visible(ui, label), any, stirred);
    }
    ui_focus_ring(ui, id, rect, theme->radius);

    Choices choices = {items, n, theme->control - theme->grid / 2};
    int taken = open ? popup_list(ui, popup, rect, &choices, *selected, opening) : -1;
    if (taken >= 0) {
        ui_close_popup(ui);
    }
    bool changed = taken >= 0 && taken != *selected;
    if (changed) {
        *selected = taken;
    }
    ui->last_item = item;
    ui->last = response;
    ui->last.clicked = opening;
    ui->last.changed = changed;
    return changed;
}

bool ui_choice(Ui *ui, const char *label, UiRect rect, const char *const *items, int n,
               int *selected) {
    return choose(ui, label, rect, items, n, selected, false);
}

bool ui_choice_bare(Ui *ui, const char *label, UiRect rect, const char *const *items, int n,
                    int *selected) {
    return choose(ui, label, rect, items, n, selected, true);
}
