#include "app/timeline.h"

#include <math.h>
#include <string.h>

// A pause longer than this, between strokes or in one, is shown and replayed as this long.
static const float PAUSE_MAX_MS = 400;
// Step between points of a drawing that carries no times: a pen's usual 100 points a second.
static const float STEP_MS = 10;

bool timeline_init(Timeline *timeline, NnError *err) {
    memset(timeline, 0, sizeof *timeline);
    timeline->prefix = nn_ink_new(err);
    timeline_restart(timeline);
    return timeline->prefix != NULL;
}

void timeline_release(Timeline *timeline) {
    nn_ink_free(timeline->prefix);
    memset(timeline, 0, sizeof *timeline);
}

void timeline_restart(Timeline *timeline) {
    timeline->n = 0;
    timeline->stride = 1;
    timeline->complete = false;
}

// Walks the drawing's points in time order; time stops for the rest of a long pause.
typedef struct {
    const NnInk *ink;
    size_t stroke, point;
    size_t seen;
    float last_t, t_ms;
    bool timed;
} Walk;

static Walk walk_start(const NnInk *ink) {
    Walk walk = {.ink = ink};
    size_t n = nn_ink_stroke_count(ink);
    if (n > 0) {
        NnStroke first = nn_ink_stroke(ink, 0), last = nn_ink_stroke(ink, n - 1);
        walk.timed = last.points[last.n - 1].t_ms > first.points[0].t_ms;
        walk.last_t = first.points[0].t_ms;
    }
    return walk;
}

static bool walk_next(Walk *walk) {
    if (walk->stroke >= nn_ink_stroke_count(walk->ink)) {
        return false;
    }
    NnStroke stroke = nn_ink_stroke(walk->ink, walk->stroke);
    if (walk->timed) {
        float t = stroke.points[walk->point].t_ms;
        walk->t_ms += fminf(fmaxf(t - walk->last_t, 0), PAUSE_MAX_MS);
        walk->last_t = t;
    } else if (walk->seen > 0) {
        walk->t_ms += walk->point == 0 ? PAUSE_MAX_MS / 2 : STEP_MS;
    }
    walk->seen++;
    if (++walk->point >= stroke.n) {
        walk->point = 0;
        walk->stroke++;
    }
    return true;
}

size_t timeline_points_at(const Canvas *canvas, float t_ms) {
    Walk walk = walk_start(canvas->ink);
    size_t points = 0;
    while (walk_next(&walk) && walk.t_ms <= t_ms) {
        points = walk.seen;
    }
    return points;
}

float timeline_time_of(const Canvas *canvas, size_t points) {
    Walk walk = walk_start(canvas->ink);
    while (walk.seen < points && walk_next(&walk)) {
    }
    return walk.t_ms;
}

float timeline_duration(const Canvas *canvas) {
    return timeline_time_of(canvas, SIZE_MAX);
}

static void thin_out(Timeline *timeline) {
    int kept = 0;
    for (int i = 1; i < timeline->n;
         i += 2) { // moment i is at (i + 1) * stride: keep the even multiples
        timeline->moments[kept++] = timeline->moments[i];
    }
    timeline->n = kept;
    timeline->stride *= 2;
}

void timeline_step(Timeline *timeline, const Canvas *canvas, Recogniser *recogniser) {
    if (recogniser->model == NULL || canvas->picture.grey != NULL) {
        timeline_restart(timeline);
        timeline->total = 0;
        return;
    }
    uint64_t version = nn_ink_version(canvas->ink);
    bool other_eyes = timeline->generation != recogniser->generation ||
                      timeline->skip != recogniser->options.skip;
    if (version != timeline->version || other_eyes) {
        size_t total = nn_ink_point_count(canvas->ink);
        bool grew = total > timeline->total && canvas->drawing && canvas->tool == NN_INK_DRAW;
        if (other_eyes || !grew) {
            timeline_restart(timeline);
        }
        timeline->version = version;
        timeline->generation = recogniser->generation;
        timeline->skip = recogniser->options.skip;
        timeline->total = total;
        timeline->end_ms = timeline_duration(canvas);
        // The moment of the old end was not at a multiple of the stride.
        if (timeline->n > 0 &&
            timeline->moments[timeline->n - 1].points != (size_t)timeline->n * timeline->stride) {
            timeline->n--;
        }
        timeline->complete = total == 0;
    }
    while (timeline->total / timeline->stride >= TIMELINE_MAX - 1) {
        if (timeline->n > 0) {
            thin_out(timeline);
        } else {
            timeline->stride *= 2;
        }
    }
    for (int i = 0; i < TIMELINE_A_FRAME && !timeline->complete; i++) {
        size_t points = ((size_t)timeline->n + 1) * timeline->stride;
        points = points < timeline->total ? points : timeline->total;
        Moment *moment = &timeline->moments[timeline->n];
        NnDigit digit;
        NnAnswer answer;
        if (!nn_ink_prefix(canvas->ink, points, timeline->prefix)) {
            return; // out of memory: the ribbon stays as far as it is
        }
        if (nn_ink_normalise(timeline->prefix, &recogniser->options, &digit)) {
            nn_classify(recogniser->model, recogniser->work, &digit, &answer);
            memcpy(moment->p, answer.probabilities, sizeof moment->p);
            moment->sure = answer.sure;
        } else {
            memset(moment, 0, sizeof *moment);
        }
        moment->points = points;
        moment->t_ms = timeline_time_of(canvas, points);
        timeline->n++;
        timeline->complete = points == timeline->total;
    }
}
