// layout_check.h - the sizes every view is laid out in, and what must hold in each: no text outside the
// window or cut by its clip, none over another, every picture inside. Boxes of capitals are compared, from
// the baseline up: descenders may dip into a line's gap.

#ifndef INKLING_TESTS_LAYOUT_CHECK_H
#define INKLING_TESTS_LAYOUT_CHECK_H

#include "app_fixture.h"

#include <math.h>

typedef struct {
    const char *name;
    float width, height, scale;
    bool projector;
} Size;

static const Size SIZES[] = {
    {"layout: 1280x800", 1280, 800, 1, false},
    {"layout: 960x600", 960, 600, 1, false},
    {"layout: 960x600 at 1.5", 960, 600, 1.5f, false},
    {"layout: 1024x768", 1024, 768, 1, false},
    {"layout: 1366x768", 1366, 768, 1.25f, false},
    {"layout: 1920x1080 at 2", 1920, 1080, 2, false},
    {"layout: 3840x2160", 3840, 2160, 1, false},
    {"layout: narrow and high", 960, 1400, 1, false},
    {"layout: wide and low", 2000, 600, 1, false},
    {"layout: projector 1280x800", 1280, 800, 1, true},
    {"layout: projector 960x600", 960, 600, 1, true},
    {"layout: projector 1024x768", 1024, 768, 1, true},
    {"layout: projector 1920x1080", 1920, 1080, 1, true},
    {"layout: projector 3840x2160 at 2", 1920, 1080, 2, true},
};

typedef struct {
    const char *text;
    float x0, y0, x1, y1;
} Box;

enum { MAX_BOXES = 4096 };

// Inside scrolled, what is half scrolled out may be cut at its top or bottom.
static inline void layout_check(const App *app, const Size *size, const char *state,
                                UiRect scrolled) {
    static Box boxes[MAX_BOXES];
    int n = 0;
    const DrawList *list = app_draws(app);
    UiRect clip = {0, 0, size->width, size->height};
    for (size_t i = 0; i < list->n; i++) {
        const DrawCommand *command = &list->commands[i];
        UiRect r = command->rect;
        if (command->kind == DRAW_CLIP) {
            clip = r;
        } else if (command->kind == DRAW_TEXT) {
            float em = command->u.text.font.size;
            Box box = {command->u.text.utf8, r.x, r.y - 0.73f * em, r.x + r.w, r.y};
            float top = clip.y + fminf(1, clip.h / 2); // just inside
            bool cut = ui_rect_has(scrolled, (box.x0 + box.x1) / 2, top) && clip.h < size->height &&
                       (box.y0 < clip.y || box.y1 > clip.y + clip.h);
            bool out = clip.h <= 0 && scrolled.h > 0; // scrolled out altogether
            if (cut || out) {
                continue;
            }
            bool inside = box.x0 >= clip.x - 0.6f && box.y0 >= clip.y - 0.6f &&
                          box.x1 <= clip.x + clip.w + 0.6f && box.y1 <= clip.y + clip.h + 0.6f;
            if (!inside) {
                fail_msg("%s, %s: \"%s\" at %.0f,%.0f..%.0f,%.0f leaves %.0f,%.0f %.0fx%.0f",
                         size->name, state, box.text, (double)box.x0, (double)box.y0,
                         (double)box.x1, (double)box.y1, (double)clip.x, (double)clip.y,
                         (double)clip.w, (double)clip.h);
            }
            for (int k = 0; k < n; k++) {
                const Box *other = &boxes[k];
                float w = fminf(box.x1, other->x1) - fmaxf(box.x0, other->x0);
                float h = fminf(box.y1, other->y1) - fmaxf(box.y0, other->y0);
                if (w > 0.6f && h > 0.6f) {
                    fail_msg("%s, %s: \"%s\" lies over \"%s\"", size->name, state, box.text,
                             other->text);
                }
            }
            assert_true(n < MAX_BOXES);
            boxes[n++] = box;
        } else if (command->kind == DRAW_FRAME || command->kind == DRAW_IMAGE) {
            bool cut = clip.h < size->height && ui_rect_has(scrolled, r.x + r.w / 2, clip.y + 1);
            if (cut) {
                continue;
            }
            if (r.x < -0.6f || r.y < -0.6f || r.x + r.w > size->width + 0.6f ||
                r.y + r.h > size->height + 0.6f || r.w <= 0 || r.h <= 0) {
                fail_msg("%s, %s: a picture or frame at %.0f,%.0f %.0fx%.0f", size->name, state,
                         (double)r.x, (double)r.y, (double)r.w, (double)r.h);
            }
        }
    }
    assert_true(n > 5);
}

#endif
