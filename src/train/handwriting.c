#include "nn/handwriting.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/file.h"
#include "nn/near_digit.h"
#include "nn/scribble.h"
#include "nn/style.h"

struct NnHand {
    const NnModel *model;
    NnWorkspace *work; // NULL without a model
    NnInk *ink;
};

size_t nn_hand_rows(void) {
    return nn_style_count() + NN_SCRIBBLE_COUNT + NN_NEAR_COUNT;
}

static bool is_form(size_t row) {
    return row < nn_style_count();
}

// Of a row behind the forms: scribbles first, then what is near a digit.
static int kind_of(size_t row) {
    return (int)(row - nn_style_count());
}

static bool draw_kind(NnInk *ink, int kind, uint64_t seed, uint64_t index, NnDigit *digit) {
    int near = kind - NN_SCRIBBLE_COUNT;
    return near < 0 ? nn_scribble_kind(ink, (NnScribbleKind)kind, seed, index, digit)
                    : nn_near_digit_kind(ink, (NnNearKind)near, seed, index, digit);
}

int nn_hand_digit(size_t row) {
    return is_form(row) ? nn_style_form(row).digit : -1;
}

const char *nn_hand_name(size_t row) {
    if (is_form(row)) {
        return nn_style_form(row).name;
    }
    int near = kind_of(row) - NN_SCRIBBLE_COUNT;
    return near < 0 ? nn_scribble_name((NnScribbleKind)kind_of(row))
                    : nn_near_name((NnNearKind)near);
}

NnHand *nn_hand_new(const NnModel *model, NnError *err) {
    NnHand *hand = mem_new(1, sizeof *hand);
    if (hand == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "Not enough memory for handwriting.");
        return NULL;
    }
    hand->model = model;
    hand->ink = nn_ink_new(err);
    hand->work = hand->ink != NULL && model != NULL ? nn_workspace_new(model, 1, false, err) : NULL;
    if (hand->ink == NULL || (model != NULL && hand->work == NULL)) {
        nn_hand_free(hand);
        return NULL;
    }
    return hand;
}

void nn_hand_free(NnHand *hand) {
    if (hand != NULL) {
        nn_workspace_free(hand->work);
        nn_ink_free(hand->ink);
        mem_free(hand);
    }
}

bool nn_hand_draw(NnHand *hand, size_t row, uint64_t seed, uint64_t index, NnDigit *digit,
                  NnAnswer *answer) {
    bool drawn = is_form(row) ? nn_style_draw(row, seed, index, hand->ink) &&
                                    nn_ink_normalise(hand->ink, NULL, digit)
                              : draw_kind(hand->ink, kind_of(row), seed, index, digit);
    if (drawn && answer != NULL && hand->work != NULL) {
        nn_classify(hand->model, hand->work, digit, answer);
    }
    return drawn;
}

bool nn_hand_right(size_t row, const NnAnswer *answer) {
    return is_form(row) ? answer->digit == nn_style_form(row).digit : !answer->sure;
}

int nn_hand_try(NnHand *hand, size_t row, uint64_t seed, int n) {
    int right = 0;
    for (int i = 0; i < n; i++) {
        NnDigit digit;
        NnAnswer answer = {.digit = -1};
        if (!nn_hand_draw(hand, row, seed, (uint64_t)i, &digit, &answer)) {
            return -1;
        }
        right += nn_hand_right(row, &answer);
    }
    return right;
}

NnStatus nn_hand_write_csv(const int *right, int n, const char *path, NnError *err) {
    enum { LINE = 128 };
    size_t room = LINE * (nn_hand_rows() + 1);
    char *text = mem_new(room, 1);
    if (text == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "Not enough memory to write a table.");
    }
    size_t used = (size_t)snprintf(text, room, "digit,form,n,right,share\n");
    for (size_t row = 0; row < nn_hand_rows(); row++) {
        char digit[8] = ""; // of a scribble: none
        if (nn_hand_digit(row) >= 0) {
            snprintf(digit, sizeof digit, "%d", nn_hand_digit(row));
        }
        if (right[row] >= 0) {
            used +=
                (size_t)snprintf(text + used, room - used, "%s,\"%.60s\",%d,%d,%.4f\n", digit,
                                 nn_hand_name(row), n, right[row], (double)right[row] / (double)n);
        }
    }
    NnStatus status = file_save(path, text, used, err);
    mem_free(text);
    return status;
}
