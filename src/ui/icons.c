// Icons as strokes and shapes in an 18-unit box, so that they stay crisp at any size and need no
// font.

#include "ui/ui_internal.h"

#include <math.h>

typedef struct {
    DrawList *list;
    float x, y, unit, width;
    Color color;
} IconPen;

static void stroke(const IconPen *pen, const float *xy, size_t n) {
    float at[32];
    for (size_t i = 0; i < n && i < 16; i++) {
        at[2 * i] = pen->x + xy[2 * i] * pen->unit;
        at[2 * i + 1] = pen->y + xy[2 * i + 1] * pen->unit;
    }
    draw_lines(pen->list, at, n < 16 ? n : 16, pen->width, pen->color);
}

static void fill(const IconPen *pen, const float *xy, size_t n) {
    float at[32];
    for (size_t i = 0; i < n && i < 16; i++) {
        at[2 * i] = pen->x + xy[2 * i] * pen->unit;
        at[2 * i + 1] = pen->y + xy[2 * i + 1] * pen->unit;
    }
    draw_polygon(pen->list, at, n < 16 ? n : 16, pen->color);
}

static void box(const IconPen *pen, float x, float y, float w, float h, float radius) {
    UiRect rect = {pen->x + x * pen->unit, pen->y + y * pen->unit, w * pen->unit, h * pen->unit};
    draw_rect(pen->list, rect, radius * pen->unit, pen->color);
}

static void half_disc(const IconPen *pen, float cx, float cy, float r) {
    float xy[2 * 15];
    for (int i = 0; i < 15; i++) {
        float angle = (float)i / 14 * 3.14159265f;
        xy[2 * i] = cx + r * sinf(angle);
        xy[2 * i + 1] = cy - r * cosf(angle);
    }
    fill(pen, xy, 15);
}

static void projector(const IconPen *pen) {
    UiRect screen = {pen->x + 1.5f * pen->unit, pen->y + 2.5f * pen->unit, 15 * pen->unit,
                     10 * pen->unit};
    draw_frame(pen->list, screen, 1.5f * pen->unit, pen->width, pen->color);
    stroke(pen, (const float[]){9, 12.5f, 9, 15.5f}, 2);
    stroke(pen, (const float[]){6, 15.5f, 12, 15.5f}, 2);
}

static void help(const IconPen *pen) {
    float xy[2 * 13];
    size_t n = 0;
    for (; n < 11; n++) { // the bow: from the left over the top to the middle
        float angle = -3.0f + (float)n / 10 * 4.2f;
        xy[2 * n] = 9 + 3.4f * cosf(angle);
        xy[2 * n + 1] = 6 + 3.4f * sinf(angle);
    }
    xy[2 * n] = 9.1f;
    xy[2 * n++ + 1] = 10.2f;
    xy[2 * n] = 9;
    xy[2 * n++ + 1] = 11.4f;
    stroke(pen, xy, n);
    draw_disc(pen->list, pen->x + 9 * pen->unit, pen->y + 15 * pen->unit, pen->width * 0.72f,
              pen->color);
}

void ui_icon(Ui *ui, UiRect rect, UiIcon icon, Color color) {
    float size = fminf(rect.w, rect.h);
    IconPen pen = {.list = ui_list(ui),
                   .x = rect.x + (rect.w - size) / 2,
                   .y = rect.y + (rect.h - size) / 2,
                   .unit = size / 18,
                   .width = fmaxf(1, size / 18 * 1.5f),
                   .color = color};
    switch (icon) {
    case ICON_PROJECTOR:
        projector(&pen);
        break;
    case ICON_THEME:
        draw_ring(pen.list, pen.x + 9 * pen.unit, pen.y + 9 * pen.unit, 7 * pen.unit, pen.width,
                  color);
        half_disc(&pen, 9, 9, 6.5f);
        break;
    case ICON_HELP:
        help(&pen);
        break;
    case ICON_CHECK:
        pen.width *= 1.4f;
        stroke(&pen, (const float[]){3, 9.5f, 7, 13.5f, 15, 4.5f}, 3);
        break;
    case ICON_CROSS:
        pen.width *= 1.4f;
        stroke(&pen, (const float[]){4, 4, 14, 14}, 2);
        stroke(&pen, (const float[]){14, 4, 4, 14}, 2);
        break;
    case ICON_PLAY:
        fill(&pen, (const float[]){5, 3, 15, 9, 5, 15}, 3);
        break;
    case ICON_PAUSE:
        box(&pen, 4, 3, 3.5f, 12, 1);
        box(&pen, 10.5f, 3, 3.5f, 12, 1);
        break;
    case ICON_CLOSE:
        stroke(&pen, (const float[]){4.5f, 4.5f, 13.5f, 13.5f}, 2);
        stroke(&pen, (const float[]){13.5f, 4.5f, 4.5f, 13.5f}, 2);
        break;
    case ICON_CHEVRON:
        stroke(&pen, (const float[]){4, 6.5f, 9, 11.5f, 14, 6.5f}, 3);
        break;
    case ICON_COUNT:
        break;
    }
}
