// Text: measured once, cut where it does not fit, wrapped at spaces.

#include "ui/ui_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char ELLIPSIS[] = "\xE2\x80\xA6";

// Measuring means shaping with the font library; the same hundred strings come back every frame. A
// direct-mapped table is enough: a clash costs one measurement. The scale is part of the key,
// because hinting moves widths with it.
static UiTextSize measured(Ui *ui, Font font, const char *text, size_t n) {
    const uint32_t with[] = {(uint32_t)lroundf(font.size * 64), (uint32_t)font.weight,
                             (uint32_t)lroundf(ui_scale(ui) * 1024)};
    uint64_t key = 14695981039346656037u; // FNV-1a
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
        key = (key ^ with[i]) * 1099511628211u;
    }
    for (size_t i = 0; i < n; i++) {
        key = (key ^ (unsigned char)text[i]) * 1099511628211u;
    }
    key = key != 0 ? key : 1;
    UiMeasured *place = &ui->measured[(key ^ key >> 32) % MEASURED_COUNT];
    if (place->key != key) {
        place->size = ui->measure(ui->measure_user, font, text, n);
        place->key = key;
    }
    return place->size;
}

UiTextSize ui_text_measure(Ui *ui, Font font, const char *text) {
    return measured(ui, font, text, strlen(text));
}

float ui_text_width(Ui *ui, FontRole role, const char *text) {
    return ui_text_measure(ui, ui->theme.font[role], text).width;
}

float ui_snap(const Ui *ui, float v) {
    float scale = ui_scale(ui);
    return roundf(v * scale) / scale;
}

static bool starts_character(char byte) {
    return ((unsigned char)byte & 0xC0) != 0x80;
}

// The longest prefix that fits with an ellipsis, as frame memory; NULL when not even that fits.
static const char *cut_to(Ui *ui, Font font, const char *text, size_t n, float width) {
    float dots = measured(ui, font, ELLIPSIS, sizeof ELLIPSIS - 1).width;
    if (dots > width) {
        return NULL;
    }
    char *cut = arena_take(&ui->arena, n + sizeof ELLIPSIS, 1);
    size_t low = 0, high = n; // low fits, high does not
    while (cut != NULL && high - low > 1) {
        size_t middle = low + (high - low) / 2;
        while (middle > low && !starts_character(text[middle])) {
            middle--;
        }
        if (middle == low) {
            middle = low + (high - low) / 2;
            while (middle < high && !starts_character(text[middle])) {
                middle++;
            }
            if (middle == high) {
                break;
            }
        }
        memcpy(cut, text, middle);
        memcpy(cut + middle, ELLIPSIS, sizeof ELLIPSIS);
        // Measured whole, since kerning may draw the dots closer or push them off.
        if (measured(ui, font, cut, middle + sizeof ELLIPSIS - 1).width <= width) {
            low = middle;
        } else {
            high = middle;
        }
    }
    if (cut != NULL) {
        while (low > 0 && text[low - 1] == ' ') {
            low--;
        }
        memcpy(cut, text, low);
        memcpy(cut + low, ELLIPSIS, sizeof ELLIPSIS);
    }
    return cut;
}

// Returns where the text ended.
float ui_text_at(Ui *ui, UiRect rect, Font font, Color color, UiAlign align, const char *text) {
    size_t n = strlen(text);
    if (n == 0 || rect.w <= 0) {
        return rect.x;
    }
    UiTextSize size = measured(ui, font, text, n);
    // A rectangle made from this very width may be narrower by a rounding.
    const float slack = 0.01f;
    if (size.width > rect.w + slack) {
        text = cut_to(ui, font, text, n, rect.w);
        if (text == NULL) {
            return rect.x;
        }
        size = ui_text_measure(ui, font, text);
    }
    float x = rect.x;
    if (align == ALIGN_CENTRE) {
        x += (rect.w - size.width) / 2;
    } else if (align == ALIGN_RIGHT) {
        x += rect.w - size.width;
    }
    // To the device pixel, towards the inside, so that text does not shimmer while a column eases.
    float scale = ui_scale(ui);
    float snapped = floorf(x * scale + slack) / scale;
    x = snapped >= rect.x ? snapped : x;
    float baseline = ui_snap(ui, rect.y + (rect.h + size.ascent - size.descent) / 2);
    draw_text(ui_list(ui), font, x, baseline, size.width, color, text);
    return x + size.width;
}

void ui_text_font(Ui *ui, UiRect rect, Font font, Color color, UiAlign align, const char *text) {
    (void)ui_text_at(ui, rect, font, color, align, text);
}

void ui_text(Ui *ui, UiRect rect, FontRole role, ThemeColor color, UiAlign align,
             const char *text) {
    (void)ui_text_at(ui, rect, ui->theme.font[role], ui_color(ui, color), align, text);
}

void ui_textf(Ui *ui, UiRect rect, FontRole role, ThemeColor color, UiAlign align,
              const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = n < 0 ? NULL : arena_take(&ui->arena, (size_t)n + 1, 1);
    if (text != NULL) {
        va_start(args, format);
        vsnprintf(text, (size_t)n + 1, format, args);
        va_end(args);
        ui_text(ui, rect, role, color, align, text);
    }
}

// Length of the line that starts at text: up to a newline, or to the last space before the width is
// full. A word longer than the line stands alone and is cut when drawn.
static size_t line_length(Ui *ui, Font font, const char *text, float width) {
    size_t fits = 0;
    for (size_t i = 0;; i++) {
        if (text[i] != ' ' && text[i] != '\n' && text[i] != '\0') {
            continue;
        }
        if (fits > 0 && measured(ui, font, text, i).width > width) {
            return fits;
        }
        fits = i;
        if (text[i] != ' ') {
            return fits;
        }
    }
}

float ui_paragraph(Ui *ui, UiRect rect, FontRole role, ThemeColor color, const char *text,
                   bool measure_only) {
    Font font = ui->theme.font[role];
    float line_height = ui->theme.line_height * font.size / ui->theme.font[FONT_BODY].size;
    line_height = roundf(line_height);
    float used = 0;
    while (*text != '\0') {
        size_t n = line_length(ui, font, text, rect.w);
        char *line = measure_only ? NULL : arena_take(&ui->arena, n + 1, 1);
        if (line != NULL) {
            memcpy(line, text, n);
            UiRect at = {rect.x, rect.y + used, rect.w, line_height};
            ui_text(ui, at, role, color, ALIGN_LEFT, line);
        }
        used += line_height;
        text += n;
        while (*text == ' ') {
            text++;
        }
        text += *text == '\n';
    }
    return used;
}
