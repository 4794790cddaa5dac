// People's drawings through the path the mouse takes, into the shipped network: how many are read
// right, and that place, size and brush do not change the answer. The drawings are no part of the
// project: where they are not found, this test is skipped.

#include <stdio.h>

#include "base/file.h"
#include "ink/drawings.h"
#include "nn/model.h"

#define DRAWINGS SOURCE_ROOT "/../shared/strokes/pendigits-tra.jsonl"

enum { SKIPPED = 77, STRIDE = 15 }; // all writers, in a second or two

typedef struct {
    const char *name;
    float scale, x, y, width; // about the middle of the canvas
} Change;

static const Change changes[] = {
    {"as drawn", 1, 0, 0, 1},         {"half the brush", 1, 0, 0, 0.5f},
    {"double the brush", 1, 0, 0, 2}, {"0.3 times the size, moved", 0.3f, 0.3f, -0.2f, 1},
    {"moved", 1, -0.4f, 0.4f, 1},     {"3 times the size", 3, 0, 0, 1},
};

enum { N_CHANGES = sizeof changes / sizeof changes[0] };

static void changed(const NnInk *ink, const Change *change, NnInk *out) {
    nn_ink_reset(out);
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        assert_true(nn_ink_begin(out, NN_INK_DRAW, stroke.width * change->width));
        for (size_t k = 0; k < stroke.n; k++) {
            NnInkPoint point = stroke.points[k];
            point.x = 0.5f + change->x + (point.x - 0.5f) * change->scale;
            point.y = 0.5f + change->y + (point.y - 0.5f) * change->scale;
            assert_true(nn_ink_extend(out, point));
        }
        nn_ink_end(out);
    }
}

static void peoples_digits_are_read_wherever_and_however_large_they_are(void **unused) {
    (void)unused;
    NnError err = {0};
    NnModel *model = nn_model_load(SOURCE_ROOT "/models/inkling-mlp.safetensors", &err);
    NnWorkspace *work = model != NULL ? nn_workspace_new(model, 1, false, &err) : NULL;
    NnStrokeFile *file = nn_strokes_open(DRAWINGS, &err);
    if (work == NULL || file == NULL) {
        fail_msg("%s", err.message);
    }
    NnInk *ink = new_ink(), *other = new_ink();
    int n = 0, right = 0, differ[N_CHANGES] = {0};
    bool more = true;
    for (int i = 0; more; i++) {
        int label;
        assert_int_equal(nn_strokes_next(file, ink, NN_DEFAULT_PEN, &label, &more, &err), NN_OK);
        if (!more || i % STRIDE != 0) {
            continue;
        }
        int answer_as_drawn = -1;
        for (size_t k = 0; k < N_CHANGES; k++) {
            NnDigit digit;
            NnAnswer answer;
            changed(ink, &changes[k], other);
            assert_true(nn_ink_normalise(other, NULL, &digit));
            nn_classify(model, work, &digit, &answer);
            answer_as_drawn = k == 0 ? answer.digit : answer_as_drawn;
            differ[k] += answer.digit != answer_as_drawn;
        }
        right += answer_as_drawn == label;
        n++;
    }
    printf("%d of %d drawings right\n", right, n);
    assert_true(right * 100 >= 94 * n);
    for (size_t k = 0; k < N_CHANGES; k++) {
        if (differ[k] * 100 >= n) {
            fail_msg("%s: %d of %d answers changed", changes[k].name, differ[k], n);
        }
    }
    nn_ink_free(ink);
    nn_ink_free(other);
    nn_strokes_close(file);
    nn_workspace_free(work);
    nn_model_free(model);
}

int main(void) {
    if (!file_exists(DRAWINGS)) {
        printf("skipped: no drawings in ../shared/strokes\n");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peoples_digits_are_read_wherever_and_however_large_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
