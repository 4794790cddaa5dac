#include "ui/draw_list.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

void draw_list_reset(DrawList *list, UiRect bounds) {
    list->n = 0;
    list->out_of_memory = false;
    arena_reset(&list->arena);
    draw_clip(list, bounds);
}

void draw_list_release(DrawList *list) {
    mem_free(list->commands);
    arena_release(&list->arena);
    memset(list, 0, sizeof *list);
}

static bool has_room(DrawList *list, size_t more) {
    size_t capacity = list->capacity > 0 ? list->capacity : 256;
    while (capacity - list->n < more) {
        capacity *= 2;
    }
    if (capacity != list->capacity) {
        DrawCommand *grown = mem_resize(list->commands, capacity, sizeof *grown);
        if (grown == NULL) {
            list->out_of_memory = true;
            return false;
        }
        list->commands = grown;
        list->capacity = capacity;
    }
    return true;
}

void draw_list_append(DrawList *list, const DrawList *more) {
    list->out_of_memory = list->out_of_memory || more->out_of_memory;
    if (has_room(list, more->n)) {
        memcpy(list->commands + list->n, more->commands, more->n * sizeof *more->commands);
        list->n += more->n;
    }
}

// The next command, or NULL: the frame then lacks it, and says so.
static DrawCommand *add(DrawList *list, DrawKind kind, UiRect rect, Color color) {
    if (!has_room(list, 1)) {
        return NULL;
    }
    DrawCommand *command = &list->commands[list->n++];
    memset(command, 0, sizeof *command); // padding too: gfx hashes the bytes
    command->kind = kind;
    command->rect = rect;
    command->color = color;
    return command;
}

void draw_clip(DrawList *list, UiRect rect) {
    list->clip = rect;
    (void)add(list, DRAW_CLIP, rect, 0);
}

void draw_rect(DrawList *list, UiRect rect, float radius, Color color) {
    DrawCommand *command = add(list, DRAW_RECT, rect, color);
    if (command != NULL) {
        command->radius = radius;
    }
}

void draw_frame(DrawList *list, UiRect rect, float radius, float width, Color color) {
    DrawCommand *command = add(list, DRAW_FRAME, rect, color);
    if (command != NULL) {
        command->radius = radius;
        command->width = width;
    }
}

static UiRect bounds_of(const float *xy, size_t n, float margin) {
    if (n == 0) {
        return (UiRect){0, 0, 0, 0};
    }
    float x0 = xy[0], x1 = xy[0], y0 = xy[1], y1 = xy[1];
    for (size_t i = 1; i < n; i++) {
        x0 = fminf(x0, xy[2 * i]);
        x1 = fmaxf(x1, xy[2 * i]);
        y0 = fminf(y0, xy[2 * i + 1]);
        y1 = fmaxf(y1, xy[2 * i + 1]);
    }
    return (UiRect){x0 - margin, y0 - margin, x1 - x0 + 2 * margin, y1 - y0 + 2 * margin};
}

static DrawCommand *add_points(DrawList *list, DrawKind kind, const float *xy, size_t n,
                               float margin, Color color) {
    if (n == 0) {
        return NULL;
    }
    float *kept = arena_take(&list->arena, n, 2 * sizeof *kept);
    DrawCommand *command = kept == NULL ? NULL : add(list, kind, bounds_of(xy, n, margin), color);
    if (command == NULL) {
        list->out_of_memory = true;
        return NULL;
    }
    memcpy(kept, xy, n * 2 * sizeof *kept);
    command->u.lines.xy = kept;
    command->u.lines.n = n;
    return command;
}

void draw_lines_dashed(DrawList *list, const float *xy, size_t n, float width, float on, float off,
                       Color color) {
    DrawCommand *command = add_points(list, DRAW_LINES, xy, n, width / 2 + 1, color);
    if (command != NULL) {
        command->width = width;
        command->u.lines.dash_on = on;
        command->u.lines.dash_off = off;
    }
}

void draw_lines(DrawList *list, const float *xy, size_t n, float width, Color color) {
    draw_lines_dashed(list, xy, n, width, 0, 0, color);
}

void draw_line(DrawList *list, float x0, float y0, float x1, float y1, float width, Color color) {
    draw_lines(list, (const float[]){x0, y0, x1, y1}, 2, width, color);
}

void draw_polygon(DrawList *list, const float *xy, size_t n, Color color) {
    (void)add_points(list, DRAW_POLYGON, xy, n, 1, color);
}

void draw_band(DrawList *list, const float *xtb, size_t n, Color color) {
    if (n < 2) {
        return;
    }
    float top = HUGE_VALF, bottom = -HUGE_VALF;
    for (size_t i = 0; i < n; i++) {
        top = fminf(top, xtb[3 * i + 1]);
        bottom = fmaxf(bottom, xtb[3 * i + 2]);
    }
    UiRect rect = {xtb[0], top, xtb[3 * (n - 1)] - xtb[0], bottom - top};
    float *kept = arena_take(&list->arena, n, 3 * sizeof *kept);
    DrawCommand *command = kept == NULL ? NULL : add(list, DRAW_BAND, rect, color);
    if (command == NULL) {
        list->out_of_memory = true;
        return;
    }
    memcpy(kept, xtb, n * 3 * sizeof *kept);
    command->u.band.xtb = kept;
    command->u.band.n = n;
}

void draw_disc(DrawList *list, float cx, float cy, float radius, Color color) {
    draw_ring(list, cx, cy, radius, 0, color);
}

void draw_ring(DrawList *list, float cx, float cy, float radius, float width, Color color) {
    UiRect rect = {cx - radius, cy - radius, 2 * radius, 2 * radius};
    DrawCommand *command = add(list, DRAW_DISC, rect, color);
    if (command != NULL) {
        command->radius = radius;
        command->width = width;
    }
}

void draw_text(DrawList *list, Font font, float x, float baseline, float measured_width,
               Color color, const char *utf8) {
    size_t n = strlen(utf8) + 1;
    char *kept = arena_take(&list->arena, n, 1);
    UiRect rect = {x, baseline, measured_width, font.size * 1.5f};
    DrawCommand *command = kept == NULL ? NULL : add(list, DRAW_TEXT, rect, color);
    if (command == NULL) {
        list->out_of_memory = true;
        return;
    }
    memcpy(kept, utf8, n);
    command->u.text.utf8 = kept;
    command->u.text.font = font;
}

void draw_image(DrawList *list, UiRect rect, const uint8_t *pixels, int w, int h,
                const Color *palette, bool smooth, float radius) {
    DrawCommand *command = add(list, DRAW_IMAGE, rect, 0);
    if (command != NULL) {
        command->radius = radius;
        command->u.image.pixels = pixels;
        command->u.image.w = w;
        command->u.image.h = h;
        command->u.image.palette = palette;
        command->u.image.smooth = smooth;
    }
}

void draw_mask(DrawList *list, UiRect rect, const uint8_t *coverage, int w, int h, Color color) {
    DrawCommand *command = add(list, DRAW_MASK, rect, color);
    if (command != NULL) {
        command->u.mask.coverage = coverage;
        command->u.mask.w = w;
        command->u.mask.h = h;
    }
}
