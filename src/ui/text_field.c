// A line of text to edit. The caller's buffer is the text; only caret, selection and scroll are
// kept here, for the one field that has the focus. Positions are bytes and always lie between
// characters.

#include "ui/ui_internal.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

// --- characters and words ------------------------------------------------------------------------

static size_t next_character(const char *text, size_t at) {
    if (text[at] == '\0') {
        return at;
    }
    unsigned code = 0;
    int n = text_utf8_decode(text + at, &code);
    return at + (n > 0 ? (size_t)n : 1); // a stray byte counts as one
}

static size_t previous_character(const char *text, size_t at) {
    size_t before = 0;
    for (size_t i = 0; i < at; i = next_character(text, i)) {
        before = i;
    }
    return before;
}

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t';
}

static size_t word_start(const char *text, size_t at) {
    while (at > 0 && is_space(text[at - 1])) {
        at--;
    }
    while (at > 0 && !is_space(text[at - 1])) {
        at--;
    }
    return at;
}

static size_t word_end(const char *text, size_t at) {
    while (is_space(text[at])) {
        at++;
    }
    while (text[at] != '\0' && !is_space(text[at])) {
        at++;
    }
    return at;
}

// A view may have changed the text since; a caret must not end up inside a character or behind the
// end.
static size_t between_characters(const char *text, size_t at) {
    size_t i = 0;
    while (i < at && text[i] != '\0') {
        size_t next = next_character(text, i);
        if (next > at) {
            break;
        }
        i = next;
    }
    return i;
}

// --- editing -------------------------------------------------------------------------------------

typedef struct {
    Ui *ui;
    char *text;
    size_t size;
    bool changed, entered;
} Field;

static size_t first_of(const UiEdit *edit) {
    return edit->caret < edit->anchor ? edit->caret : edit->anchor;
}

static size_t last_of(const UiEdit *edit) {
    return edit->caret < edit->anchor ? edit->anchor : edit->caret;
}

static void erase(Field *field, size_t from, size_t to) {
    UiEdit *edit = &field->ui->edit;
    if (from < to) {
        memmove(field->text + from, field->text + to, strlen(field->text + to) + 1);
        field->changed = true;
    }
    edit->caret = edit->anchor = from;
}

static void erase_selection(Field *field) {
    erase(field, first_of(&field->ui->edit), last_of(&field->ui->edit));
}

// What does not fit is left out, whole characters at a time. Line breaks and tabs become spaces.
static void insert(Field *field, const char *more) {
    erase_selection(field);
    UiEdit *edit = &field->ui->edit;
    size_t used = strlen(field->text);
    for (const char *p = more; *p != '\0';) {
        unsigned code = 0;
        int n = text_utf8_decode(p, &code);
        size_t bytes = n > 0 ? (size_t)n : 1;
        bool blank = code == '\n' || code == '\t';
        if (n > 0 && (blank || (code >= 0x20 && code != 0x7F))) {
            if (used + bytes >= field->size) {
                break;
            }
            char *at = field->text + edit->caret;
            memmove(at + bytes, at, strlen(at) + 1);
            memcpy(at, blank ? " " : p, bytes);
            edit->caret += bytes;
            used += bytes;
            field->changed = true;
        }
        p += bytes;
    }
    edit->anchor = edit->caret;
}

static void copy_selection(Field *field) {
    Ui *ui = field->ui;
    size_t n = last_of(&ui->edit) - first_of(&ui->edit);
    char *copy = n > 0 ? arena_take(&ui->arena, n + 1, 1) : NULL;
    if (copy != NULL && ui->clipboard.set != NULL) {
        memcpy(copy, field->text + first_of(&ui->edit), n);
        ui->clipboard.set(ui->clipboard.user, copy);
    }
}

static void move_caret(UiEdit *edit, size_t to, bool select) {
    edit->caret = to;
    edit->anchor = select ? edit->anchor : to;
}

static void on_shortcut(Field *field, int key) {
    UiEdit *edit = &field->ui->edit;
    const UiClipboard *clipboard = &field->ui->clipboard;
    if (key == 'a') {
        edit->anchor = 0;
        edit->caret = strlen(field->text);
    } else if (key == 'v' && clipboard->get != NULL) {
        const char *pasted = clipboard->get(clipboard->user);
        insert(field, pasted != NULL ? pasted : "");
    } else if (key == 'c' || key == 'x') {
        copy_selection(field);
        // Without a clipboard, cutting would be losing.
        if (key == 'x' && clipboard->set != NULL) {
            erase_selection(field);
        }
    }
}

static void on_key(Field *field, const UiEvent *event) {
    UiEdit *edit = &field->ui->edit;
    const char *text = field->text;
    bool by_word = (event->mods & MOD_CTRL) != 0, select = (event->mods & MOD_SHIFT) != 0;
    bool selected = edit->caret != edit->anchor;
    size_t before = by_word ? word_start(text, edit->caret) : previous_character(text, edit->caret);
    size_t after = by_word ? word_end(text, edit->caret) : next_character(text, edit->caret);
    switch (event->key) {
    case KEY_LEFT:
        move_caret(edit, selected && !select && !by_word ? first_of(edit) : before, select);
        break;
    case KEY_RIGHT:
        move_caret(edit, selected && !select && !by_word ? last_of(edit) : after, select);
        break;
    case KEY_HOME:
        move_caret(edit, 0, select);
        break;
    case KEY_END:
        move_caret(edit, strlen(text), select);
        break;
    case KEY_BACKSPACE:
        erase(field, selected ? first_of(edit) : before, selected ? last_of(edit) : edit->caret);
        break;
    case KEY_DELETE:
        erase(field, selected ? first_of(edit) : edit->caret, selected ? last_of(edit) : after);
        break;
    case KEY_ENTER:
        field->entered = true;
        break;
    default:
        if ((event->mods & MOD_CTRL) != 0) {
            on_shortcut(field, event->key);
        }
        break;
    }
}

// --- the pointer ---------------------------------------------------------------------------------

static float width_to(Ui *ui, const char *text, size_t n) {
    char *part = arena_take(&ui->arena, n + 1, 1);
    if (part == NULL) {
        return 0;
    }
    memcpy(part, text, n);
    return ui_text_width(ui, FONT_BODY, part);
}

// The gap between characters nearest to x, which counts from the text's start.
static size_t at_x(Ui *ui, const char *text, float x) {
    size_t at = 0;
    float left = 0;
    while (text[at] != '\0') {
        size_t next = next_character(text, at);
        float right = width_to(ui, text, next);
        if (x < (left + right) / 2) {
            break;
        }
        at = next;
        left = right;
    }
    return at;
}

static void on_pointer(Field *field, const UiEvent *event, float text_x, bool held) {
    UiEdit *edit = &field->ui->edit;
    size_t at = at_x(field->ui, field->text, event->x - text_x);
    if (event->kind == EVENT_DOWN && event->button == BUTTON_LEFT) {
        if (event->clicks == 2) {
            edit->anchor = word_start(field->text, at);
            edit->caret = word_end(field->text, edit->anchor);
        } else if (event->clicks > 2) {
            edit->anchor = 0;
            edit->caret = strlen(field->text);
        } else {
            edit->anchor = edit->caret = at;
        }
        edit->dragging = event->clicks < 2;
    } else if (event->kind == EVENT_MOVE && held && edit->dragging) {
        edit->caret = at;
    }
}

static void on_events(Field *field, UiId id, float text_x, bool held) {
    Ui *ui = field->ui;
    UiEdit *edit = &ui->edit;
    for (size_t i = 0; i < ui->input->n; i++) {
        const UiEvent *event = &ui->input->events[i];
        if (!ui_owns(ui, id, i)) {
            continue;
        }
        size_t caret = edit->caret;
        if (event->kind == EVENT_TEXT) {
            insert(field, event->text);
        } else if (event->kind == EVENT_KEY) {
            on_key(field, event);
        } else {
            on_pointer(field, event, text_x, held);
        }
        if (caret != edit->caret || event->kind != EVENT_MOVE) {
            edit->touched_ms = ui->now_ms;
        }
    }
}

// --- drawing -------------------------------------------------------------------------------------

static void draw_content(Ui *ui, const Field *field, UiRect inner, bool focused) {
    const Theme *theme = &ui->theme;
    const UiEdit *edit = &ui->edit;
    float x = focused ? inner.x - edit->scroll : inner.x;
    float from = 0, caret = 0;
    if (focused) {
        from = x + width_to(ui, field->text, edit->anchor);
        caret = x + width_to(ui, field->text, edit->caret);
    }
    float tall = roundf(theme->font[FONT_BODY].size * 1.4f);
    float top = ui_snap(ui, inner.y + (inner.h - tall) / 2);
    if (focused && edit->caret != edit->anchor) {
        UiRect selection = {fminf(from, caret), top, fabsf(caret - from), tall};
        draw_rect(ui_list(ui), selection, 2, theme->color[THEME_ACCENT_SOFT]);
    }
    float width = focused ? ui_text_width(ui, FONT_BODY, field->text) + 1 : inner.w;
    UiRect line = {x, inner.y, fmaxf(width, 1), inner.h};
    ui_text(ui, line, FONT_BODY, THEME_INK, ALIGN_LEFT, field->text);
    const double half_blink_ms = 530;
    bool lit = fmod(ui->now_ms - edit->touched_ms, 2 * half_blink_ms) < half_blink_ms;
    if (focused && lit) {
        float w = fmaxf(1, theme->hairline);
        draw_rect(ui_list(ui), (UiRect){ui_snap(ui, caret), top, w, tall}, 0,
                  theme->color[THEME_INK]);
    }
}

static void draw_ground(Ui *ui, UiId id, UiRect rect, bool hovered, bool focused) {
    const Theme *theme = &ui->theme;
    float stirred = ui_ease(ui, ui_sub_id(id, 'h'), hovered ? 1 : 0);
    Color edge = color_mix(theme->color[THEME_LINE], theme->color[THEME_FAINT], stirred * 0.7f);
    if (ui->plain && !focused) {
        UiRect line = {rect.x, rect.y + rect.h - theme->hairline, rect.w, theme->hairline};
        draw_rect(ui_list(ui), line, 0, edge);
        return;
    }
    draw_rect(ui_list(ui), rect, theme->radius, theme->color[THEME_SURFACE]);
    draw_frame(ui_list(ui), rect, theme->radius, focused ? 2 * theme->hairline : theme->hairline,
               focused ? theme->color[THEME_ACCENT] : edge);
}

bool ui_text_field(Ui *ui, const char *label, UiRect rect, char *text, size_t size) {
    const Theme *theme = &ui->theme;
    UiId id = ui_id(ui, label);
    UiResponse response = ui_item(ui, id, rect, ITEM_FOCUS, KEYS_TEXT);
    UiEdit *edit = &ui->edit;
    bool focused = response.focused;
    UiRect inner = ui_inset(rect, theme->grid);
    inner.y = rect.y;
    inner.h = rect.h;
    Field field = {.ui = ui, .text = text, .size = size};
    if (focused) {
        if (edit->id != id) { // by keyboard: all of it selected, ready to be replaced
            *edit = (UiEdit){.id = id, .caret = strlen(text), .touched_ms = ui->now_ms};
            edit->anchor = ui->focus_visible ? 0 : edit->caret;
        }
        edit->caret = between_characters(text, edit->caret);
        edit->anchor = between_characters(text, edit->anchor);
        on_events(&field, id, inner.x - edit->scroll, response.pressed);
        // Just as much scroll as keeps the caret in sight, and none when all fits.
        float caret = width_to(ui, text, edit->caret);
        float longest = fmaxf(0, ui_text_width(ui, FONT_BODY, text) + 2 - inner.w);
        edit->scroll = fmaxf(caret + 2 - inner.w, fminf(edit->scroll, caret));
        edit->scroll = fmaxf(0, fminf(edit->scroll, longest));
        ui->wants_text = true;
        ui->text_rect = rect;
    } else if (edit->id == id) {
        edit->id = 0;
    }
    draw_ground(ui, id, rect, response.hovered, focused);
    ui_push_clip(ui, ui_inset(rect, focused || !ui->plain ? theme->grid / 2 : 0));
    if (ui->plain && !focused) {
        ui_text(ui, (UiRect){rect.x, rect.y, rect.w - theme->grid, rect.h}, FONT_BODY, THEME_INK,
                ALIGN_RIGHT, text);
    } else {
        if (text[0] == '\0') {
            ui_text(ui, inner, FONT_BODY, THEME_SOFT, ALIGN_LEFT, ui_visible(ui, label));
        }
        draw_content(ui, &field, inner, focused);
    }
    ui_pop_clip(ui);
    ui->last.changed = field.changed;
    return field.entered;
}
