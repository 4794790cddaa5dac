#include "app/toast.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Long enough to be read: a base and so much a letter, errors twice.
static const double BASE_MS = 2200, LETTER_MS = 45;

static Toast *add(Toasts *toasts) {
    if (toasts->n == TOASTS_MAX) {
        memmove(&toasts->list[0], &toasts->list[1], (TOASTS_MAX - 1) * sizeof toasts->list[0]);
        toasts->n--;
    }
    Toast *item = &toasts->list[toasts->n++];
    memset(item, 0, sizeof *item);
    return item;
}

void toast(Toasts *toasts, double now_ms, const char *format, ...) {
    Toast *item = add(toasts);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(item->text, sizeof item->text, format, args);
    va_end(args);
    item->ends_ms = now_ms + BASE_MS + LETTER_MS * (double)strlen(item->text);
}

void toast_error(Toasts *toasts, double now_ms, const NnError *err) {
    Toast *item = add(toasts);
    item->trouble = true;
    (void)snprintf(item->text, sizeof item->text, "%s%s%s", err->message,
                   err->hint[0] != '\0' ? " " : "", err->hint);
    item->ends_ms = now_ms + 2 * (BASE_MS + LETTER_MS * (double)strlen(item->text));
}

void toasts_update(Toasts *toasts, double now_ms) {
    for (int i = 0; i < toasts->n; i++) {
        if (toasts->list[i].ends_ms <= now_ms) {
            memmove(&toasts->list[i], &toasts->list[i + 1],
                    (size_t)(toasts->n - i - 1) * sizeof toasts->list[0]);
            toasts->n--;
            i--;
        }
    }
}

double toasts_next_ms(const Toasts *toasts) {
    double next = -1;
    for (int i = 0; i < toasts->n; i++) {
        if (next < 0 || toasts->list[i].ends_ms < next) {
            next = toasts->list[i].ends_ms;
        }
    }
    return next;
}

void toasts_draw(Ui *ui, const Toasts *toasts, UiRect area) {
    float bottom = area.y + area.h;
    const Theme *theme = ui_theme(ui);
    DrawList *list = ui_list(ui);
    float pad = theme->grid * 1.25f;
    float icon = roundf(theme->line_height * 0.8f);
    for (int i = toasts->n - 1; i >= 0; i--) {
        const Toast *item = &toasts->list[i];
        float room = fminf(area.w - icon - 3 * pad, theme->line_height * 28);
        float natural = ui_text_width(ui, FONT_BODY, item->text);
        float text_w = fminf(natural + 1, room);
        UiRect measure = {0, 0, text_w, 0};
        float text_h = ui_paragraph(ui, measure, FONT_BODY, THEME_INK, item->text, true);
        float w = text_w + icon + 3 * pad, h = text_h + 2 * pad;
        UiRect box = {floorf(area.x + (area.w - w) / 2), floorf(bottom - h), floorf(w), floorf(h)};
        bottom = box.y - theme->grid;
        for (int k = 5; k >= 1; k--) { // a soft shadow
            UiRect shade = ui_inset(box, (float)-k);
            shade.y += 2;
            draw_rect(list, shade, theme->radius + (float)k,
                      color_alpha(0xFF000000, theme->dark ? 0.07f : 0.02f));
        }
        draw_rect(list, box, theme->radius, ui_color(ui, THEME_SURFACE));
        draw_frame(list, box, theme->radius, theme->hairline,
                   ui_color(ui, item->trouble ? THEME_WRONG : THEME_LINE));
        UiRect mark = {box.x + pad, box.y + pad + (theme->line_height - icon) / 2, icon, icon};
        ui_icon(ui, mark, item->trouble ? ICON_CROSS : ICON_CHECK,
                ui_color(ui, item->trouble ? THEME_WRONG : THEME_ACCENT));
        UiRect text = {mark.x + icon + pad, box.y + pad, text_w, text_h};
        (void)ui_paragraph(ui, text, FONT_BODY, THEME_INK, item->text, false);
    }
}
