// Generated handwriting: every form is a drawing a person could have made, the same each time.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ink/style_forms.h"
#include "nn/ink.h"
#include "nn/style.h"
#include "support/faults.h"

enum { DRAWINGS = 40 }; // of each form

static const uint64_t SEED = 11;

static NnInk *new_ink(void) {
    NnInk *ink = nn_ink_new(NULL);
    assert_non_null(ink);
    return ink;
}

static bool same_strokes(const NnInk *a, const NnInk *b) {
    bool same = nn_ink_stroke_count(a) == nn_ink_stroke_count(b);
    for (size_t i = 0; same && i < nn_ink_stroke_count(a); i++) {
        NnStroke s = nn_ink_stroke(a, i), t = nn_ink_stroke(b, i);
        same = s.n == t.n && s.width == t.width &&
               memcmp(s.points, t.points, s.n * sizeof *s.points) == 0;
    }
    return same;
}

static void every_digit_has_several_forms_with_names_of_their_own(void **unused) {
    (void)unused;
    int n_forms[10] = {0};
    for (size_t i = 0; i < nn_style_count(); i++) {
        NnStyleForm form = nn_style_form(i);
        assert_in_range(form.digit, 0, 9);
        n_forms[form.digit]++;
        for (size_t k = 0; k < i; k++) {
            NnStyleForm other = nn_style_form(k);
            assert_true(other.digit <= form.digit);
            assert_false(other.digit == form.digit && strcmp(other.name, form.name) == 0);
        }
    }
    for (int digit = 0; digit < 10; digit++) {
        assert_true(n_forms[digit] >= 5);
    }
}

// What the code that draws relies on.
static void the_table_of_forms_is_well_made(void **unused) {
    (void)unused;
    for (size_t i = 0; i < style_form_count; i++) {
        const StyleForm *form = &style_forms[i];
        assert_in_range(form->n, 2, STYLE_POINTS_MAX);
        assert_int_equal(form->points[form->n - 1].joint, STYLE_LIFT);
        for (size_t k = 0; k < form->n; k++) {
            bool first = k == 0 || form->points[k - 1].joint == STYLE_LIFT;
            assert_false(first && form->points[k].joint == STYLE_LIFT); // no stroke of one point
        }
        assert_true(form->weight > 0 && form->lean >= 0);
        assert_true(form->narrow > 0 && form->narrow <= 1);
    }
}

static void check_on_canvas(const NnInk *ink, const char *name) {
    float t_ms = 0;
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        assert_true(stroke.n >= 2 && stroke.width > 0);
        for (size_t k = 0; k < stroke.n; k++) {
            NnInkPoint p = stroke.points[k];
            float low = 0.5f * stroke.width, high = 1.0f - low;
            if (!(p.x >= low && p.x <= high && p.y >= low && p.y <= high)) {
                fail_msg("%s: a point at (%g, %g) with a pen of %g", name, (double)p.x, (double)p.y,
                         (double)stroke.width);
            }
            assert_true(p.pressure > 0 && p.pressure <= 1);
            assert_true(p.t_ms >= t_ms);
            t_ms = p.t_ms;
        }
    }
}

static void every_form_draws_ink_inside_the_canvas(void **unused) {
    (void)unused;
    NnInk *ink = new_ink();
    for (size_t form = 0; form < nn_style_count(); form++) {
        const char *name = nn_style_form(form).name;
        size_t strokes = 0;
        for (uint64_t i = 0; i < DRAWINGS; i++) {
            NnDigit digit;
            assert_true(nn_style_picture(form, SEED, i, ink, &digit));
            check_on_canvas(ink, name);
            // As many strokes each time: pen lifts belong to the form.
            strokes = i == 0 ? nn_ink_stroke_count(ink) : strokes;
            assert_int_equal(nn_ink_stroke_count(ink), strokes);
            unsigned sum = 0;
            for (int p = 0; p < NN_PIXELS; p++) {
                sum += digit.pixels[p];
            }
            unsigned mean =
                sum / NN_PIXELS; // 33 in MNIST; its lightest digit has 6, its darkest 81
            if (mean < 6 || mean > 110) {
                fail_msg("%s, drawing %d: mean pixel %u", name, (int)i, mean);
            }
        }
    }
    nn_ink_free(ink);
}

static void seed_index_and_form_decide_everything(void **unused) {
    (void)unused;
    NnInk *first = new_ink(), *again = new_ink();
    for (size_t form = 0; form < nn_style_count(); form++) {
        assert_true(nn_style_draw(form, SEED, 5, first));
        assert_true(nn_ink_begin(again, NN_INK_DRAW, 0.1f)); // whatever was there before
        assert_true(nn_ink_extend(again, (NnInkPoint){.x = 0.5f, .y = 0.5f, .pressure = 1}));
        assert_true(nn_style_draw(form, SEED, 5, again));
        assert_true(same_strokes(first, again));
        assert_true(nn_style_draw(form, SEED, 6, again));
        assert_false(same_strokes(first, again));
        assert_true(nn_style_draw(form, SEED + 1, 5, again));
        assert_false(same_strokes(first, again));
    }
    nn_ink_free(first);
    nn_ink_free(again);
}

static void a_picture_is_the_drawing_with_another_pen(void **unused) {
    (void)unused;
    NnInk *drawn = new_ink(), *ink = new_ink();
    NnDigit digit, with_default_pen;
    size_t form = nn_style_random(4, SEED, 9);
    int differ = 0;
    for (uint64_t i = 0; i < 10; i++) {
        assert_true(nn_style_draw(form, SEED, i, drawn));
        assert_true(nn_style_picture(form, SEED, i, ink, &digit));
        assert_true(same_strokes(drawn, ink));
        assert_true(nn_ink_normalise(ink, NULL, &with_default_pen));
        differ += memcmp(&digit, &with_default_pen, sizeof digit) != 0;
    }
    assert_true(differ >= 9);
    nn_ink_free(drawn);
    nn_ink_free(ink);
}

static void chance_gives_every_form_of_the_digit_and_no_other(void **unused) {
    (void)unused;
    size_t n = nn_style_count();
    int *seen = calloc(n, sizeof *seen);
    assert_non_null(seen);
    enum { DRAWS = 2000 };
    for (int digit = 0; digit < 10; digit++) {
        for (uint64_t i = 0; i < DRAWS; i++) {
            size_t form = nn_style_random(digit, SEED, i);
            assert_true(form < n);
            assert_int_equal(nn_style_form(form).digit, digit);
            seen[form]++;
        }
    }
    for (size_t form = 0; form < n; form++) {
        if (seen[form] < DRAWS / 100) {
            fail_msg("%d %s: drawn %d times of %d", nn_style_form(form).digit,
                     nn_style_form(form).name, seen[form], (int)DRAWS);
        }
    }
    free(seen);
}

static NnStatus picture_on_new_ink(void *user, NnError *err) {
    (void)user;
    static const NnDigit paper;
    NnInk *ink = nn_ink_new(err);
    if (ink == NULL) {
        return NN_ERR_NOMEM;
    }
    NnDigit digit;
    bool done = nn_style_picture(0, SEED, 0, ink, &digit);
    assert_int_equal(nn_ink_is_empty(ink), !done);
    assert_int_equal(memcmp(&digit, &paper, sizeof paper) == 0, !done);
    nn_ink_free(ink);
    return done ? NN_OK : nn_fail(err, NN_ERR_NOMEM, "no memory for the drawing");
}

static void without_memory_there_is_no_drawing(void **unused) {
    (void)unused;
    assert_true(fault_each_allocation(picture_on_new_ink, NULL, NULL) >= 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_digit_has_several_forms_with_names_of_their_own),
        cmocka_unit_test(the_table_of_forms_is_well_made),
        cmocka_unit_test(every_form_draws_ink_inside_the_canvas),
        cmocka_unit_test(seed_index_and_form_decide_everything),
        cmocka_unit_test(a_picture_is_the_drawing_with_another_pen),
        cmocka_unit_test(chance_gives_every_form_of_the_digit_and_no_other),
        cmocka_unit_test(without_memory_there_is_no_drawing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
