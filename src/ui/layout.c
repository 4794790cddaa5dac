#include "ui/ui_internal.h"

#include <math.h>

// A cut never takes more than there is: a layout that does not fit ends in empty rectangles, which
// draw nothing, and never in negative ones.
static float fitting(float wanted, float room) {
    return fmaxf(0, fminf(wanted, room));
}

UiRect ui_cut_top(UiRect *rect, float height) {
    height = fitting(height, rect->h);
    UiRect cut = {rect->x, rect->y, rect->w, height};
    rect->y += height;
    rect->h -= height;
    return cut;
}

UiRect ui_cut_bottom(UiRect *rect, float height) {
    height = fitting(height, rect->h);
    rect->h -= height;
    return (UiRect){rect->x, rect->y + rect->h, rect->w, height};
}

UiRect ui_cut_left(UiRect *rect, float width) {
    width = fitting(width, rect->w);
    UiRect cut = {rect->x, rect->y, width, rect->h};
    rect->x += width;
    rect->w -= width;
    return cut;
}

UiRect ui_cut_right(UiRect *rect, float width) {
    width = fitting(width, rect->w);
    rect->w -= width;
    return (UiRect){rect->x + rect->w, rect->y, width, rect->h};
}

UiRect ui_inset(UiRect rect, float by) {
    float w = fmaxf(0, rect.w - 2 * by);
    float h = fmaxf(0, rect.h - 2 * by);
    return (UiRect){rect.x + (rect.w - w) / 2, rect.y + (rect.h - h) / 2, w, h};
}

bool ui_rect_has(UiRect rect, float x, float y) {
    return x >= rect.x && y >= rect.y && x < rect.x + rect.w && y < rect.y + rect.h;
}

UiRect ui_intersect(UiRect a, UiRect b) {
    float x0 = fmaxf(a.x, b.x), y0 = fmaxf(a.y, b.y);
    float x1 = fminf(a.x + a.w, b.x + b.w), y1 = fminf(a.y + a.h, b.y + b.h);
    return (UiRect){x0, y0, fmaxf(0, x1 - x0), fmaxf(0, y1 - y0)};
}
