// The action log against a model that keeps every state it has seen, and the eraser against brute
// force.

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "ink/drawings.h"

// --- a picture of the visible state --------------------------------------------------------------

typedef struct {
    size_t n_strokes, n_points;
    size_t lengths[256];
    float widths[256];
    NnInkPoint points[8192];
} State;

static void look(const NnInk *ink, State *state) {
    memset(state, 0, sizeof *state);
    state->n_strokes = nn_ink_stroke_count(ink);
    assert_in_range(state->n_strokes, 0, 256);
    for (size_t i = 0; i < state->n_strokes; i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        assert_in_range(state->n_points + stroke.n, 1, 8192);
        state->lengths[i] = stroke.n;
        state->widths[i] = stroke.width;
        memcpy(state->points + state->n_points, stroke.points, stroke.n * sizeof *stroke.points);
        state->n_points += stroke.n;
    }
    assert_int_equal(nn_ink_point_count(ink), state->n_points);
    assert_int_equal(nn_ink_is_empty(ink), state->n_strokes == 0);
}

static void assert_looks(const NnInk *ink, const State *expected) {
    static State got;
    look(ink, &got);
    assert_int_equal(got.n_strokes, expected->n_strokes);
    assert_int_equal(got.n_points, expected->n_points);
    assert_memory_equal(&got, expected, sizeof got);
}

static void scribble(NnInk *ink, Rng *rng, NnInkTool tool, float width, int n) {
    assert_true(nn_ink_begin(ink, tool, width));
    NnInkPoint point = {rng_uniform(rng, 0, 1), rng_uniform(rng, 0, 1), 1, 0};
    for (int i = 0; i < n; i++) {
        assert_true(nn_ink_extend(ink, point));
        point.x += rng_uniform(rng, -0.15f, 0.15f);
        point.y += rng_uniform(rng, -0.15f, 0.15f);
        point.pressure = rng_uniform(rng, 0, 1);
        point.t_ms += 8.0f;
    }
    nn_ink_end(ink);
}

// --- undo and redo -------------------------------------------------------------------------------

// Six hundred random actions; the model is the list of states as they looked when they were made.
static void undo_and_redo_walk_through_the_states_that_were_seen(void **unused) {
    (void)unused;
    enum { STEPS = 600, DEPTH = 64 };
    State *seen = calloc(DEPTH + 1, sizeof *seen);
    NnInk *ink = new_ink(), *other = new_ink();
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    add_five(other, 0.5f, 0.5f, 1, 0.05f);
    size_t position = 0, last = 0;
    look(ink, &seen[0]);
    for (int step = 0; step < STEPS; step++) {
        uint64_t version = nn_ink_version(ink);
        uint32_t what = rng_below(&rng, 10);
        if (what < 3) {
            assert_int_equal(nn_ink_can_undo(ink), position > 0);
            assert_int_equal(nn_ink_undo(ink), position > 0);
            position -= position > 0;
        } else if (what < 5) {
            assert_int_equal(nn_ink_can_redo(ink), position < last);
            assert_int_equal(nn_ink_redo(ink), position < last);
            position += position < last;
        } else {
            if (position == DEPTH) {
                nn_ink_reset(ink);
                position = last = 0;
                assert_false(nn_ink_can_undo(ink));
                look(ink, &seen[0]);
            }
            static State before, after;
            look(ink, &before);
            if (what < 7) {
                scribble(ink, &rng, NN_INK_DRAW, 0.05f, 1 + (int)rng_below(&rng, 12));
            } else if (what < 9) {
                scribble(ink, &rng, NN_INK_ERASE, 0.08f, 1 + (int)rng_below(&rng, 6));
            } else if (rng_below(&rng, 2) == 0) {
                assert_true(nn_ink_clear(ink));
            } else {
                assert_true(nn_ink_load(ink, other));
            }
            look(ink, &after);
            bool loaded = what == 9 && after.n_strokes > 0;
            if (memcmp(&before, &after, sizeof before) != 0 || loaded) {
                seen[++position] = after;
                last = position;
            } // else there is nothing to undo, and what was undone can still be redone
        }
        assert_looks(ink, &seen[position]);
        assert_true(nn_ink_version(ink) >= version);
    }
    nn_ink_free(ink);
    nn_ink_free(other);
    free(seen);
}

static void the_version_changes_with_what_is_seen_and_only_then(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    const float line[] = {0.2f, 0.5f, 0.8f, 0.5f}, elsewhere[] = {0.1f, 0.1f, 0.9f, 0.1f};
    uint64_t version = nn_ink_version(ink);
    assert_true(nn_ink_begin(ink, NN_INK_DRAW, 0.05f));
    assert_int_equal(nn_ink_version(ink), version);
    NnInkPoint point = {0.2f, 0.5f, 1, 0};
    assert_true(nn_ink_extend(ink, point));
    assert_true(nn_ink_version(ink) != version);
    version = nn_ink_version(ink);
    assert_true(nn_ink_extend(ink, point)); // an exact repeat
    assert_int_equal(nn_ink_version(ink), version);
    assert_int_equal(nn_ink_point_count(ink), 1);
    nn_ink_cancel(ink);
    assert_true(nn_ink_is_empty(ink));
    assert_true(nn_ink_version(ink) != version);
    add_stroke(ink, NN_INK_DRAW, 0.05f, line, 2);
    version = nn_ink_version(ink);
    add_stroke(ink, NN_INK_ERASE, 0.05f, elsewhere, 2);
    assert_int_equal(nn_ink_version(ink), version);
    nn_ink_free(ink);
}

static void what_changes_nothing_is_no_action_and_keeps_what_was_undone(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    const float line[] = {0.2f, 0.5f, 0.8f, 0.5f}, elsewhere[] = {0.1f, 0.1f, 0.9f, 0.1f};
    assert_true(nn_ink_clear(ink));
    assert_false(nn_ink_can_undo(ink));
    add_stroke(ink, NN_INK_DRAW, 0.05f, line, 2);
    add_stroke(ink, NN_INK_DRAW, 0.05f, elsewhere, 2);
    assert_true(nn_ink_undo(ink));
    add_stroke(ink, NN_INK_DRAW, 0.05f, NULL, 0);
    add_stroke(ink, NN_INK_ERASE, 0.05f, elsewhere, 2); // over empty paper now
    assert_true(nn_ink_begin(ink, NN_INK_DRAW, 0.05f));
    assert_true(nn_ink_extend(ink, (NnInkPoint){0.5f, 0.5f, 1, 0}));
    assert_true(nn_ink_extend(ink, (NnInkPoint){0.6f, 0.7f, 1, 9}));
    assert_int_equal(nn_ink_stroke_count(ink), 2);
    assert_true(nn_ink_undo(ink)); // takes back the open stroke, nothing else
    assert_int_equal(nn_ink_stroke_count(ink), 1);
    assert_true(nn_ink_redo(ink));
    assert_int_equal(nn_ink_stroke_count(ink), 2);
    assert_true(nn_ink_stroke(ink, 1).points[0].y == 0.1f);
    nn_ink_free(ink);
}

static void cancelling_the_eraser_brings_the_ink_back(void **unused) {
    (void)unused;
    static State before;
    NnInk *ink = new_ink();
    add_five(ink, 0.5f, 0.5f, 1, 0.05f);
    look(ink, &before);
    assert_true(nn_ink_begin(ink, NN_INK_ERASE, 0.2f));
    assert_true(nn_ink_extend(ink, (NnInkPoint){0.5f, 0.5f, 1, 0}));
    assert_true(nn_ink_extend(ink, (NnInkPoint){0.5f, 0.8f, 1, 0}));
    nn_ink_cancel(ink);
    assert_looks(ink, &before);
    nn_ink_free(ink);
}

static void a_loaded_drawing_is_undone_as_one(void **unused) {
    (void)unused;
    static State before, five;
    NnInk *ink = new_ink(), *other = new_ink();
    const float line[] = {0.2f, 0.5f, 0.8f, 0.5f};
    add_stroke(ink, NN_INK_DRAW, 0.03f, line, 2);
    add_five(other, 0.5f, 0.5f, 1, 0.05f);
    look(ink, &before);
    look(other, &five);
    assert_true(nn_ink_load(ink, other));
    assert_looks(ink, &five);
    assert_true(nn_ink_undo(ink));
    assert_looks(ink, &before);
    assert_true(nn_ink_redo(ink));
    assert_looks(ink, &five);
    nn_ink_free(ink);
    nn_ink_free(other);
}

static void a_prefix_holds_the_first_points(void **unused) {
    (void)unused;
    static State all, part;
    NnInk *ink = new_ink(), *out = new_ink();
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    scribble(ink, &rng, NN_INK_DRAW, 0.05f, 12);
    scribble(ink, &rng, NN_INK_DRAW, 0.02f, 9);
    scribble(ink, &rng, NN_INK_ERASE, 0.05f, 3);
    look(ink, &all);
    for (size_t n = 0; n <= all.n_points + 3; n++) {
        size_t wanted = n < all.n_points ? n : all.n_points;
        assert_true(nn_ink_prefix(ink, n, out));
        look(out, &part);
        assert_int_equal(part.n_points, wanted);
        assert_memory_equal(part.points, all.points, wanted * sizeof all.points[0]);
    }
    nn_ink_free(ink);
    nn_ink_free(out);
}

static void time_never_runs_back_and_nonsense_is_bounded(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    assert_true(nn_ink_begin(ink, NN_INK_DRAW, 0.05f));
    assert_true(nn_ink_extend(ink, (NnInkPoint){0.1f, 0.1f, 1, 50}));
    assert_true(nn_ink_extend(ink, (NnInkPoint){NAN, 0.1f, 1, 60}));
    assert_true(nn_ink_extend(ink, (NnInkPoint){INFINITY, -1e30f, 7, 20}));
    assert_true(nn_ink_extend(ink, (NnInkPoint){0.3f, 0.3f, NAN, NAN}));
    nn_ink_end(ink);
    NnStroke stroke = nn_ink_stroke(ink, 0);
    assert_int_equal(stroke.n, 3);
    for (size_t i = 0; i < stroke.n; i++) {
        assert_true(stroke.points[i].t_ms == 50.0f);
        assert_true(stroke.points[i].pressure == 1.0f);
        assert_true(fabsf(stroke.points[i].x) <= 1000.0f && fabsf(stroke.points[i].y) <= 1000.0f);
    }
    const float widths[] = {0, -1, NAN, 1e30f};
    for (size_t i = 0; i < 4; i++) {
        const float dot[] = {0.5f, 0.5f};
        add_stroke(ink, NN_INK_DRAW, widths[i], dot, 1);
        float width = nn_ink_stroke(ink, i + 1).width;
        assert_true(width > 0.0f && width <= 10.0f);
    }
    NnDigit digit;
    assert_true(nn_ink_normalise(ink, NULL, &digit));
    nn_ink_free(ink);
}

static void pressure_widens_and_never_vanishes(void **unused) {
    (void)unused;
    assert_true(nn_ink_pressure_width(1.0f) == 1.0f);
    assert_true(nn_ink_pressure_width(0.0f) >= 0.35f);
    assert_true(nn_ink_pressure_width(-3.0f) >= 0.35f);
    assert_true(nn_ink_pressure_width(3.0f) == 1.0f);
    for (int i = 0; i < 100; i++) {
        assert_true(nn_ink_pressure_width((float)(i + 1) / 100.0f) >
                    nn_ink_pressure_width((float)i / 100.0f));
    }
}

// --- the eraser ----------------------------------------------------------------------------------

static double distance_to_segment(double x, double y, NnInkPoint a, NnInkPoint b) {
    double dx = (double)b.x - (double)a.x, dy = (double)b.y - (double)a.y;
    double square = dx * dx + dy * dy;
    double t = square > 0 ? ((x - (double)a.x) * dx + (y - (double)a.y) * dy) / square : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - (double)a.x - t * dx, y - (double)a.y - t * dy);
}

static bool shown_at(const NnInk *ink, double t_ms) {
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        if (t_ms >= (double)stroke.points[0].t_ms &&
            t_ms <= (double)stroke.points[stroke.n - 1].t_ms) {
            return true;
        }
    }
    return false;
}

// Points along the stroke, told apart by their time: each is still shown exactly when the pen's
// disc there does not meet the eraser's on any part of its way.
static void the_eraser_takes_what_it_touches_and_nothing_else(void **unused) {
    (void)unused;
    enum { ROUNDS = 60, POINTS = 12, WAY = 5, SAMPLES = 60 };
    Rng rng = rng_at(4, RNG_STREAM_TEST, 0);
    int gone = 0, left = 0;
    for (int round = 0; round < ROUNDS; round++) {
        NnInk *ink = new_ink();
        NnInkPoint points[POINTS], way[WAY];
        float width = rng_uniform(&rng, 0.01f, 0.1f), rubber = rng_uniform(&rng, 0.01f, 0.2f);
        assert_true(nn_ink_begin(ink, NN_INK_DRAW, width));
        for (int i = 0; i < POINTS; i++) {
            points[i] = (NnInkPoint){rng_uniform(&rng, 0, 1), rng_uniform(&rng, 0, 1),
                                     rng_uniform(&rng, 0, 1), 16.0f * (float)i};
            assert_true(nn_ink_extend(ink, points[i]));
        }
        nn_ink_end(ink);
        assert_true(nn_ink_begin(ink, NN_INK_ERASE, rubber));
        for (int i = 0; i < WAY; i++) {
            way[i] = (NnInkPoint){rng_uniform(&rng, 0, 1), rng_uniform(&rng, 0, 1), 0.2f, 0};
            assert_true(nn_ink_extend(ink, way[i]));
        }
        nn_ink_end(ink);
        for (int i = 0; i + 1 < POINTS; i++) {
            for (int k = 0; k < SAMPLES; k++) {
                double t = (k + 0.5) / SAMPLES;
                NnInkPoint a = points[i], b = points[i + 1];
                double x = (double)a.x + t * ((double)b.x - (double)a.x);
                double y = (double)a.y + t * ((double)b.y - (double)a.y);
                double pressure = (double)a.pressure + t * (double)(b.pressure - a.pressure);
                double reach = 0.5 * (double)rubber +
                               0.5 * (double)width * (double)nn_ink_pressure_width((float)pressure);
                double nearest = (double)INFINITY;
                for (int j = 0; j + 1 < WAY; j++) {
                    nearest = fmin(nearest, distance_to_segment(x, y, way[j], way[j + 1]));
                }
                if (fabs(nearest - reach) < 1e-4) {
                    continue; // rounding may fall either way
                }
                bool shown = shown_at(ink, 16.0 * (i + t));
                if (shown != (nearest > reach)) {
                    fail_msg("round %d, segment %d at %.3f: distance %.6f, reach %.6f, %s", round,
                             i, t, nearest, reach, shown ? "still shown" : "gone");
                }
                gone += !shown;
                left += shown;
            }
        }
        nn_ink_free(ink);
    }
    assert_true(gone > 1000 && left > 1000); // the test has seen both
}

static void dots_are_erased_whole(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    const float near_dot[] = {0.5f, 0.5f}, far_dot[] = {0.7f, 0.5f};
    const float way[] = {0.5f, 0.54f, 0.4f, 0.54f};
    add_stroke(ink, NN_INK_DRAW, 0.05f, near_dot, 1);
    add_stroke(ink, NN_INK_DRAW, 0.05f, far_dot, 1);
    add_stroke(ink, NN_INK_ERASE, 0.05f, way, 2); // 0.04 away, reach 0.05
    assert_int_equal(nn_ink_stroke_count(ink), 1);
    assert_true(nn_ink_stroke(ink, 0).points[0].x == 0.7f);
    nn_ink_free(ink);
}

static void the_same_pass_again_changes_nothing(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    const float line[] = {0.1f, 0.52f, 0.9f, 0.48f}, way[] = {0.4f, 0.2f, 0.45f, 0.8f};
    add_stroke(ink, NN_INK_DRAW, 0.05f, line, 2);
    add_stroke(ink, NN_INK_ERASE, 0.1f, way, 2);
    assert_int_equal(nn_ink_stroke_count(ink), 2);
    uint64_t version = nn_ink_version(ink);
    add_stroke(ink, NN_INK_ERASE, 0.1f, way, 2);
    assert_int_equal(nn_ink_version(ink), version);
    nn_ink_free(ink);
}

static void no_ink_is_left_under_the_eraser(void **unused) {
    (void)unused;
    enum { SIZE = 200 };
    static uint8_t mask[SIZE * SIZE];
    NnInk *ink = new_ink();
    add_five(ink, 0.5f, 0.5f, 1.5f, 0.06f);
    const float way[] = {0.3f, 0.4f, 0.7f, 0.75f};
    add_stroke(ink, NN_INK_ERASE, 0.06f, way, 2);
    nn_ink_draw(ink, mask, SIZE);
    size_t inked = 0;
    for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
            NnInkPoint a = {way[0], way[1], 1, 0}, b = {way[2], way[3], 1, 0};
            double away = distance_to_segment((x + 0.5) / SIZE, (y + 0.5) / SIZE, a, b);
            inked += mask[y * SIZE + x] > 0;
            if (away * SIZE < 0.03 * SIZE - 1.0 && mask[y * SIZE + x] != 0) {
                fail_msg("ink %d at %d, %d", mask[y * SIZE + x], x, y);
            }
        }
    }
    assert_true(inked > 500);
    nn_ink_free(ink);
}

// --- memory --------------------------------------------------------------------------------------

static void a_stroke_asks_for_memory_a_logarithmic_number_of_times(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    uint64_t before = mem_request_count();
    assert_true(nn_ink_begin(ink, NN_INK_DRAW, 0.05f));
    for (int i = 0; i < 100000; i++) {
        assert_true(nn_ink_extend(
            ink, (NnInkPoint){(float)(i % 977) / 977.0f, (float)(i % 91) / 91.0f, 1, (float)i}));
    }
    nn_ink_end(ink);
    assert_in_range(mem_request_count() - before, 1, 40);
    nn_ink_free(ink);
}

// Every request in turn fails, once and from then on: a call that says no has changed nothing.
static void out_of_memory_leaves_the_drawing_as_it_was(void **unused) {
    (void)unused;
    static State before, after;
    size_t refusals = 0;
    for (uint64_t nth = 1; nth < 60; nth++) {
        NnInk *ink = new_ink(), *other = new_ink();
        add_five(other, 0.5f, 0.5f, 1, 0.05f);
        Rng rng = rng_at(5, RNG_STREAM_TEST, 0);
        mem_fail_at(nth, nth % 2 == 0);
        for (int i = 0; i < 40; i++) {
            NnInkTool tool = i % 3 == 2 ? NN_INK_ERASE : NN_INK_DRAW;
            look(ink, &before);
            bool done;
            if (i % 7 == 5) {
                done = nn_ink_can_undo(ink) ? nn_ink_undo(ink) : true;
            } else if (i == 20) {
                done = nn_ink_load(ink, other);
            } else if (i == 30) {
                done = nn_ink_clear(ink);
            } else {
                done = nn_ink_begin(ink, tool, 0.05f);
                for (int k = 0; k < 30 && done; k++) {
                    look(ink, &before);
                    done = nn_ink_extend(
                        ink, (NnInkPoint){rng_uniform(&rng, 0, 1), rng_uniform(&rng, 0, 1), 1, 0});
                }
            }
            if (!done) {
                refusals++;
                look(ink, &after);
                assert_memory_equal(&before, &after, sizeof before);
            }
            nn_ink_end(ink);
        }
        mem_fail_at(0, false);
        nn_ink_free(ink);
        nn_ink_free(other);
    }
    assert_true(refusals > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undo_and_redo_walk_through_the_states_that_were_seen),
        cmocka_unit_test(the_version_changes_with_what_is_seen_and_only_then),
        cmocka_unit_test(what_changes_nothing_is_no_action_and_keeps_what_was_undone),
        cmocka_unit_test(cancelling_the_eraser_brings_the_ink_back),
        cmocka_unit_test(a_loaded_drawing_is_undone_as_one),
        cmocka_unit_test(a_prefix_holds_the_first_points),
        cmocka_unit_test(time_never_runs_back_and_nonsense_is_bounded),
        cmocka_unit_test(pressure_widens_and_never_vanishes),
        cmocka_unit_test(the_eraser_takes_what_it_touches_and_nothing_else),
        cmocka_unit_test(dots_are_erased_whole),
        cmocka_unit_test(the_same_pass_again_changes_nothing),
        cmocka_unit_test(no_ink_is_left_under_the_eraser),
        cmocka_unit_test(a_stroke_asks_for_memory_a_logarithmic_number_of_times),
        cmocka_unit_test(out_of_memory_leaves_the_drawing_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
