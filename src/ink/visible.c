#include "ink/visible.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

// Cuts and slivers shorter than this (in canvases) are rounding: the end a cut made lies on the rim
// of the eraser, and the next pass along the same way must not find it again.
static const double SLIVER = 2e-6;

bool visible_reserve(void **block, size_t *room, size_t n, size_t size) {
    if (n <= *room) {
        return true;
    }
    size_t wanted = *room < 64 ? 64 : *room * 2;
    if (wanted < n) {
        wanted = n;
    }
    void *grown = mem_resize(*block, wanted, size);
    if (grown == NULL) {
        return false;
    }
    *block = grown;
    *room = wanted;
    return true;
}

static bool reserve_points(Visible *visible, size_t n) {
    void *block = visible->points;
    bool done = visible_reserve(&block, &visible->point_room, n, sizeof *visible->points);
    visible->points = block;
    return done;
}

static bool reserve_strokes(Visible *visible, size_t n) {
    void *block = visible->strokes;
    bool done = visible_reserve(&block, &visible->stroke_room, n, sizeof *visible->strokes);
    visible->strokes = block;
    return done;
}

bool visible_room(Visible *visible, size_t n_points, size_t n_strokes) {
    return reserve_points(visible, n_points) && reserve_strokes(visible, n_strokes);
}

void visible_release(Visible *visible) {
    mem_free(visible->points);
    mem_free(visible->strokes);
    *visible = (Visible){0};
}

void visible_clear(Visible *visible) {
    visible->n_points = 0;
    visible->n_strokes = 0;
}

bool visible_begin(Visible *visible, float width, NnInkPoint point) {
    if (!reserve_points(visible, visible->n_points + 1) ||
        !reserve_strokes(visible, visible->n_strokes + 1)) {
        return false;
    }
    visible->strokes[visible->n_strokes++] = (VisibleStroke){
        .first = visible->n_points,
        .n = 1,
        .width = width,
        .x0 = point.x,
        .y0 = point.y,
        .x1 = point.x,
        .y1 = point.y,
    };
    visible->points[visible->n_points++] = point;
    return true;
}

bool visible_push(Visible *visible, NnInkPoint point) {
    if (!reserve_points(visible, visible->n_points + 1)) {
        return false;
    }
    VisibleStroke *stroke = &visible->strokes[visible->n_strokes - 1];
    stroke->n++;
    stroke->x0 = fminf(stroke->x0, point.x);
    stroke->y0 = fminf(stroke->y0, point.y);
    stroke->x1 = fmaxf(stroke->x1, point.x);
    stroke->y1 = fmaxf(stroke->y1, point.y);
    visible->points[visible->n_points++] = point;
    return true;
}

bool visible_copy(Visible *visible, const Visible *from) {
    if (!reserve_points(visible, from->n_points) || !reserve_strokes(visible, from->n_strokes)) {
        return false;
    }
    if (from->n_points > 0) {
        memcpy(visible->points, from->points, from->n_points * sizeof *from->points);
        memcpy(visible->strokes, from->strokes, from->n_strokes * sizeof *from->strokes);
    }
    visible->n_points = from->n_points;
    visible->n_strokes = from->n_strokes;
    return true;
}

void visible_drop_last(Visible *visible) {
    visible->n_strokes--;
    visible->n_points = visible->strokes[visible->n_strokes].first;
}

// --- the eraser ----------------------------------------------------------------------------------

// The eraser's way between two of its points, and how far it reaches.
typedef struct {
    double ax, ay, bx, by;
    double radius;
} Sweep;

// Part of a segment, as fractions of the way along it; empty when high <= low.
typedef struct {
    double low, high;
} Interval;

static double half_width(float width, NnInkPoint point) {
    return 0.5 * (double)(width * nn_ink_pressure_width(point.pressure));
}

static Interval hull(Interval a, Interval b) {
    if (a.high <= a.low) {
        return b;
    }
    if (b.high <= b.low) {
        return a;
    }
    return (Interval){fmin(a.low, b.low), fmax(a.high, b.high)};
}

// Where a t^2 + b t + c < 0 within the given interval, provided that is one piece.
static Interval negative_within(Interval within, double a, double b, double c) {
    double marks[4] = {within.low, within.high, within.high, within.high};
    size_t n = 1;
    double discriminant = b * b - 4.0 * a * c;
    if (discriminant >= 0.0) {
        // The stable form: no difference of nearly equal numbers, and it survives a = 0.
        double q = -0.5 * (b + copysign(sqrt(discriminant), b));
        double roots[2] = {q != 0.0 ? c / q : 0.0, a != 0.0 ? q / a : within.high};
        if (roots[0] > roots[1]) {
            double swap = roots[0];
            roots[0] = roots[1];
            roots[1] = swap;
        }
        for (size_t i = 0; i < 2; i++) {
            if (roots[i] > within.low && roots[i] < within.high) {
                marks[n++] = roots[i];
            }
        }
    }
    marks[n] = within.high;
    Interval found = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double middle = 0.5 * (marks[i] + marks[i + 1]);
        if ((a * middle + b) * middle + c < 0.0) {
            found = hull(found, (Interval){marks[i], marks[i + 1]});
        }
    }
    return found;
}

// The part of the segment p-q under the sweep. The distance to the sweep is convex along the
// segment and the pen's radius changes linearly, so it is one interval: the hull of what the disc
// at either end covers and what lies beside the way between them.
static Interval covered(const Sweep *sweep, NnInkPoint p, NnInkPoint q, float width) {
    const Interval whole = {0, 1};
    double px = (double)p.x, py = (double)p.y;
    double dx = (double)q.x - px, dy = (double)q.y - py;
    double reach = sweep->radius + half_width(width, p);
    double growth = half_width(width, q) - half_width(width, p);

    Interval found = {0, 0};
    const double ends[2][2] = {{sweep->ax, sweep->ay}, {sweep->bx, sweep->by}};
    for (size_t i = 0; i < 2; i++) {
        double ex = px - ends[i][0], ey = py - ends[i][1];
        found = hull(found, negative_within(whole, dx * dx + dy * dy - growth * growth,
                                            2.0 * (ex * dx + ey * dy - reach * growth),
                                            ex * ex + ey * ey - reach * reach));
    }
    double wx = sweep->bx - sweep->ax, wy = sweep->by - sweep->ay;
    double length = sqrt(wx * wx + wy * wy);
    if (length > 0.0) {
        double ux = wx / length, uy = wy / length;
        double along = (px - sweep->ax) * ux + (py - sweep->ay) * uy;
        double along_step = dx * ux + dy * uy;
        double aside = (px - sweep->ax) * uy - (py - sweep->ay) * ux;
        double aside_step = dx * uy - dy * ux;
        Interval beside = whole; // where the foot of the perpendicular falls on the way
        if (along_step != 0.0) {
            double enter = -along / along_step, leave = (length - along) / along_step;
            beside.low = fmax(0.0, fmin(enter, leave));
            beside.high = fmin(1.0, fmax(enter, leave));
        } else if (along < 0.0 || along > length) {
            beside.high = 0.0;
        }
        if (beside.high > beside.low) {
            found = hull(found, negative_within(beside, aside_step * aside_step - growth * growth,
                                                2.0 * (aside * aside_step - reach * growth),
                                                aside * aside - reach * reach));
        }
    }
    if ((found.high - found.low) * sqrt(dx * dx + dy * dy) < SLIVER) {
        return (Interval){0, 0};
    }
    return found;
}

static bool covers_dot(const Sweep *sweep, NnInkPoint p, float width) {
    double wx = sweep->bx - sweep->ax, wy = sweep->by - sweep->ay;
    double px = (double)p.x - sweep->ax, py = (double)p.y - sweep->ay;
    double square = wx * wx + wy * wy;
    double t = square > 0.0 ? fmin(1.0, fmax(0.0, (px * wx + py * wy) / square)) : 0.0;
    double x = px - t * wx, y = py - t * wy;
    return sqrt(x * x + y * y) < sweep->radius + half_width(width, p) - SLIVER;
}

static bool box_apart(const Sweep *sweep, const VisibleStroke *stroke) {
    double reach = sweep->radius + 0.5 * (double)stroke->width;
    return fmax(sweep->ax, sweep->bx) + reach < (double)stroke->x0 ||
           fmin(sweep->ax, sweep->bx) - reach > (double)stroke->x1 ||
           fmax(sweep->ay, sweep->by) + reach < (double)stroke->y0 ||
           fmin(sweep->ay, sweep->by) - reach > (double)stroke->y1;
}

static bool touches(const Sweep *sweep, const Visible *visible, const VisibleStroke *stroke) {
    const NnInkPoint *points = visible->points + stroke->first;
    if (box_apart(sweep, stroke)) {
        return false;
    }
    if (stroke->n == 1) {
        return covers_dot(sweep, points[0], stroke->width);
    }
    for (size_t i = 0; i + 1 < stroke->n; i++) {
        Interval gone = covered(sweep, points[i], points[i + 1], stroke->width);
        if (gone.high > gone.low) {
            return true;
        }
    }
    return false;
}

static float mix(float a, float b, double t) {
    return (float)((double)a + t * ((double)b - (double)a));
}

static NnInkPoint point_between(NnInkPoint p, NnInkPoint q, double t) {
    return (NnInkPoint){
        .x = mix(p.x, q.x, t),
        .y = mix(p.y, q.y, t),
        .pressure = mix(p.pressure, q.pressure, t),
        .t_ms = mix(p.t_ms, q.t_ms, t),
    };
}

// A piece that a cut left over is kept unless it is a sliver of rounding.
static void end_piece(Visible *out) {
    const VisibleStroke *piece = &out->strokes[out->n_strokes - 1];
    double extent =
        fmax((double)piece->x1 - (double)piece->x0, (double)piece->y1 - (double)piece->y0);
    if (extent < SLIVER) {
        visible_drop_last(out);
    }
}

// Appends to out what the sweep leaves of a stroke of at least two points.
static bool append_remains(Visible *out, const NnInkPoint *points, const VisibleStroke *stroke,
                           const Sweep *sweep) {
    bool open = false; // the last stroke of out reaches up to the current point
    for (size_t i = 0; i + 1 < stroke->n; i++) {
        NnInkPoint p = points[i], q = points[i + 1];
        Interval gone = covered(sweep, p, q, stroke->width);
        bool any = gone.high > gone.low;
        if (!any || gone.low > 0.0) {
            if (!open && !visible_begin(out, stroke->width, p)) {
                return false;
            }
            if (!visible_push(out, any ? point_between(p, q, gone.low) : q)) {
                return false;
            }
            open = true;
        }
        if (any && open) {
            end_piece(out);
            open = false;
        }
        if (any && gone.high < 1.0) {
            if (!visible_begin(out, stroke->width, point_between(p, q, gone.high)) ||
                !visible_push(out, q)) {
                return false;
            }
            open = true;
        }
    }
    if (open) {
        end_piece(out);
    }
    return true;
}

static bool append_whole(Visible *out, const NnInkPoint *points, const VisibleStroke *stroke) {
    if (!reserve_points(out, out->n_points + stroke->n) ||
        !reserve_strokes(out, out->n_strokes + 1)) {
        return false;
    }
    memcpy(out->points + out->n_points, points, stroke->n * sizeof *points);
    out->strokes[out->n_strokes] = *stroke;
    out->strokes[out->n_strokes].first = out->n_points;
    out->n_strokes++;
    out->n_points += stroke->n;
    return true;
}

bool visible_erase(Visible *visible, Visible *spare, NnInkPoint from, NnInkPoint to, float radius,
                   bool *cut) {
    const Sweep sweep = {(double)from.x, (double)from.y, (double)to.x, (double)to.y,
                         (double)radius};
    *cut = false;
    for (size_t i = 0; i < visible->n_strokes && !*cut; i++) {
        *cut = touches(&sweep, visible, &visible->strokes[i]);
    }
    if (!*cut) {
        return true;
    }
    visible_clear(spare);
    for (size_t i = 0; i < visible->n_strokes; i++) {
        const VisibleStroke *stroke = &visible->strokes[i];
        const NnInkPoint *points = visible->points + stroke->first;
        bool done = true;
        if (!touches(&sweep, visible, stroke)) {
            done = append_whole(spare, points, stroke);
        } else if (stroke->n > 1) {
            done = append_remains(spare, points, stroke, &sweep);
        }
        if (!done) {
            *cut = false;
            return false;
        }
    }
    Visible before = *visible;
    *visible = *spare;
    *spare = before;
    return true;
}
