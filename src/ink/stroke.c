// A drawing is a list of actions and a position in it. Undo and redo move the position; what is
// seen follows from the actions before it. While a stroke is drawn, or the eraser moves, what is
// seen is kept up to date point by point; only undo and redo work it out anew, from the last clear
// on.

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "ink/visible.h"
#include "nn/ink.h"

// A coordinate further out than this has no meaning for a canvas of 0..1, and squares of it are
// still exact enough in float to draw with.
static const float FURTHEST = 1000.0f;

typedef enum { ACTION_STROKE, ACTION_ERASE, ACTION_CLEAR } ActionKind;

typedef struct {
    ActionKind kind;
    bool joined; // undone together with the action before it: the strokes of a drawing that was
                 // loaded
    float width;
    size_t first, n; // range of points
} Action;

struct NnInk {
    NnInkPoint *points; // of all actions, undone ones included, and of the pending one at the end
    size_t n_points, point_room;
    Action *actions;
    size_t n_actions, action_room;
    size_t n_done; // actions before the position

    Visible shown, spare;

    // Between begin and end. Undone actions stay until it has turned out to be one that changes
    // anything.
    bool drawing;
    Action pending;
    bool pending_cut; // the eraser has taken something away

    uint64_t version;
};

float nn_ink_pressure_width(float pressure) {
    float p = fminf(1.0f, fmaxf(0.0f, pressure));
    return 0.35f + 0.65f * p; // linear, so that a cut through a segment lies where the ink ends
}

NnInk *nn_ink_new(NnError *err) {
    NnInk *ink = mem_new(1, sizeof *ink);
    if (ink == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for a new drawing");
    }
    return ink;
}

void nn_ink_free(NnInk *ink) {
    if (ink != NULL) {
        mem_free(ink->points);
        mem_free(ink->actions);
        visible_release(&ink->shown);
        visible_release(&ink->spare);
        mem_free(ink);
    }
}

static bool reserve_points(NnInk *ink, size_t n) {
    void *block = ink->points;
    bool done = visible_reserve(&block, &ink->point_room, n, sizeof *ink->points);
    ink->points = block;
    return done;
}

static bool reserve_actions(NnInk *ink, size_t n) {
    void *block = ink->actions;
    bool done = visible_reserve(&block, &ink->action_room, n, sizeof *ink->actions);
    ink->actions = block;
    return done;
}

bool nn_ink_reserve(NnInk *ink, size_t n_points, size_t n_actions) {
    return reserve_points(ink, n_points) && reserve_actions(ink, n_actions) &&
           visible_room(&ink->shown, n_points, n_actions);
}

// --- the log -------------------------------------------------------------------------------------

// End of the points that belong to the actions before the position.
static size_t done_points(const NnInk *ink) {
    return ink->n_done > 0 ? ink->actions[ink->n_done - 1].first + ink->actions[ink->n_done - 1].n
                           : 0;
}

static size_t undone_points_end(const NnInk *ink) {
    return ink->n_actions > 0
               ? ink->actions[ink->n_actions - 1].first + ink->actions[ink->n_actions - 1].n
               : 0;
}

// Puts an action whose points are the last of the block behind the position and forgets what was
// undone. Room for it has been reserved.
static void append_action(NnInk *ink, Action action) {
    size_t first = done_points(ink);
    if (action.n > 0 && action.first != first) {
        memmove(ink->points + first, ink->points + action.first, action.n * sizeof *ink->points);
    }
    action.first = first;
    ink->n_points = first + action.n;
    ink->actions[ink->n_done++] = action;
    ink->n_actions = ink->n_done;
}

// What the first n_done actions show. False when out of memory, with nothing changed.
static bool rebuild(NnInk *ink, size_t n_done) {
    size_t start = n_done;
    while (start > 0 && ink->actions[start - 1].kind != ACTION_CLEAR) {
        start--;
    }
    Visible fresh = {0};
    bool done = true;
    for (size_t i = start; i < n_done && done; i++) {
        const Action *action = &ink->actions[i];
        const NnInkPoint *points = ink->points + action->first;
        for (size_t k = 0; k < action->n && done; k++) {
            bool cut;
            if (action->kind == ACTION_ERASE) {
                done = visible_erase(&fresh, &ink->spare, points[k > 0 ? k - 1 : 0], points[k],
                                     0.5f * action->width, &cut);
            } else {
                done = k == 0 ? visible_begin(&fresh, action->width, points[0])
                              : visible_push(&fresh, points[k]);
            }
        }
    }
    if (!done) {
        visible_release(&fresh);
        return false;
    }
    visible_release(&ink->shown);
    ink->shown = fresh;
    ink->n_done = n_done;
    ink->version++;
    return true;
}

// --- drawing -------------------------------------------------------------------------------------

static float within(float value, float low, float high, float if_nan) {
    return isnan(value) ? if_nan : fminf(high, fmaxf(low, value));
}

bool nn_ink_begin(NnInk *ink, NnInkTool tool, float width) {
    nn_ink_end(ink);
    // The action's place is taken now, so that ending a stroke cannot fail.
    if (!reserve_actions(ink, ink->n_actions + 1)) {
        return false;
    }
    ink->drawing = true;
    ink->pending_cut = false;
    ink->pending = (Action){
        .kind = tool == NN_INK_ERASE ? ACTION_ERASE : ACTION_STROKE,
        .width = within(width, 1e-4f, 10.0f, NN_DEFAULT_PEN),
        .first = undone_points_end(ink),
    };
    return true;
}

bool nn_ink_extend(NnInk *ink, NnInkPoint point) {
    NN_ASSERT(ink->drawing);
    Action *pending = &ink->pending;
    if (isnan(point.x) || isnan(point.y)) {
        return true;
    }
    const NnInkPoint *last = NULL; // of this stroke
    float earliest = 0.0f;
    if (pending->n > 0) {
        last = &ink->points[pending->first + pending->n - 1];
        earliest = last->t_ms;
    } else if (done_points(ink) > 0) {
        earliest = ink->points[done_points(ink) - 1].t_ms;
    }
    point.x = within(point.x, -FURTHEST, FURTHEST, 0.0f);
    point.y = within(point.y, -FURTHEST, FURTHEST, 0.0f);
    point.pressure = within(point.pressure, 0.0f, 1.0f, 1.0f);
    point.t_ms = within(point.t_ms, earliest, 1e12f, earliest);
    if (last != NULL && last->x == point.x && last->y == point.y &&
        last->pressure == point.pressure) {
        return true;
    }
    if (!reserve_points(ink, ink->n_points + 1)) {
        return false;
    }
    last = pending->n > 0 ? &ink->points[pending->first + pending->n - 1] : NULL; // may have moved
    bool changed = true;
    bool done;
    if (pending->kind == ACTION_ERASE) {
        done = visible_erase(&ink->shown, &ink->spare, last != NULL ? *last : point, point,
                             0.5f * pending->width, &changed);
        ink->pending_cut = ink->pending_cut || (done && changed);
    } else if (last == NULL) {
        done = visible_begin(&ink->shown, pending->width, point);
    } else {
        done = visible_push(&ink->shown, point);
    }
    if (!done) {
        return false;
    }
    ink->points[ink->n_points++] = point;
    pending->n++;
    ink->version += changed ? 1 : 0;
    return true;
}

void nn_ink_end(NnInk *ink) {
    if (!ink->drawing) {
        return;
    }
    ink->drawing = false;
    if (ink->pending.kind == ACTION_ERASE ? ink->pending_cut : ink->pending.n > 0) {
        append_action(ink, ink->pending);
    } else {
        ink->n_points = ink->pending.first; // nothing has changed: there would be nothing to undo
    }
}

void nn_ink_cancel(NnInk *ink) {
    if (!ink->drawing) {
        return;
    }
    if (ink->pending.kind == ACTION_ERASE && ink->pending_cut && !rebuild(ink, ink->n_done)) {
        nn_ink_end(ink); // no memory to bring the ink back now; undo can do it later
        return;
    }
    if (ink->pending.kind == ACTION_STROKE && ink->pending.n > 0) {
        visible_drop_last(&ink->shown);
        ink->version++;
    }
    ink->drawing = false;
    ink->n_points = ink->pending.first;
}

bool nn_ink_clear(NnInk *ink) {
    nn_ink_end(ink);
    if (ink->shown.n_strokes == 0) {
        return true;
    }
    if (!reserve_actions(ink, ink->n_actions + 1)) {
        return false;
    }
    append_action(ink, (Action){.kind = ACTION_CLEAR});
    visible_clear(&ink->shown);
    ink->version++;
    return true;
}

bool nn_ink_can_undo(const NnInk *ink) {
    return ink->drawing || ink->n_done > 0;
}

bool nn_ink_can_redo(const NnInk *ink) {
    return !ink->drawing && ink->n_done < ink->n_actions;
}

bool nn_ink_undo(NnInk *ink) {
    if (ink->drawing) {
        nn_ink_cancel(ink);
        return true;
    }
    size_t position = ink->n_done;
    while (position > 0 && ink->actions[position - 1].joined) {
        position--;
    }
    return position > 0 && rebuild(ink, position - 1);
}

bool nn_ink_redo(NnInk *ink) {
    if (!nn_ink_can_redo(ink)) {
        return false;
    }
    size_t position = ink->n_done + 1;
    while (position < ink->n_actions && ink->actions[position].joined) {
        position++;
    }
    return rebuild(ink, position);
}

void nn_ink_reset(NnInk *ink) {
    ink->drawing = false;
    ink->n_points = 0;
    ink->n_actions = 0;
    ink->n_done = 0;
    visible_clear(&ink->shown);
    ink->version++;
}

bool nn_ink_load(NnInk *ink, const NnInk *drawing) {
    nn_ink_end(ink);
    const Visible *from = &drawing->shown;
    size_t n_points = done_points(ink);
    if (!reserve_points(ink, n_points + from->n_points) ||
        !reserve_actions(ink, ink->n_done + from->n_strokes + 1) ||
        !visible_copy(&ink->shown, from)) {
        return false;
    }
    if (from->n_points > 0) {
        memcpy(ink->points + n_points, from->points, from->n_points * sizeof *from->points);
    }
    ink->actions[ink->n_done++] = (Action){.kind = ACTION_CLEAR, .first = n_points};
    for (size_t i = 0; i < from->n_strokes; i++) {
        ink->actions[ink->n_done++] = (Action){
            .kind = ACTION_STROKE,
            .joined = true,
            .width = from->strokes[i].width,
            .first = n_points + from->strokes[i].first,
            .n = from->strokes[i].n,
        };
    }
    ink->n_points = n_points + from->n_points;
    ink->n_actions = ink->n_done;
    ink->version++;
    return true;
}

// --- looking -------------------------------------------------------------------------------------

size_t nn_ink_stroke_count(const NnInk *ink) {
    return ink->shown.n_strokes;
}

NnStroke nn_ink_stroke(const NnInk *ink, size_t i) {
    NN_ASSERT(i < ink->shown.n_strokes);
    const VisibleStroke *stroke = &ink->shown.strokes[i];
    return (NnStroke){
        .points = ink->shown.points + stroke->first, .n = stroke->n, .width = stroke->width};
}

bool nn_ink_is_empty(const NnInk *ink) {
    return ink->shown.n_strokes == 0;
}

uint64_t nn_ink_version(const NnInk *ink) {
    return ink->version;
}

size_t nn_ink_point_count(const NnInk *ink) {
    return ink->shown.n_points;
}

bool nn_ink_prefix(const NnInk *ink, size_t n, NnInk *out) {
    // Strokes are shown in the order they were drawn and time never runs back, so this is time
    // order.
    nn_ink_reset(out);
    for (size_t i = 0; i < ink->shown.n_strokes && n > 0; i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        size_t wanted = stroke.n < n ? stroke.n : n;
        if (!nn_ink_begin(out, NN_INK_DRAW, stroke.width)) {
            nn_ink_reset(out);
            return false;
        }
        for (size_t k = 0; k < wanted; k++) {
            if (!nn_ink_extend(out, stroke.points[k])) {
                nn_ink_reset(out);
                return false;
            }
        }
        nn_ink_end(out);
        n -= wanted;
    }
    return true;
}
