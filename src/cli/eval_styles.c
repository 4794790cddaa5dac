// eval --styles: how a network answers what this program draws itself, with a seed that no recipe
// trains with: each form of handwriting, and each kind of scribble.

#include <stdio.h>

#include "base/json_text.h"
#include "cli/rejects.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "nn/handwriting.h"
#include "nn/style.h"

// rows: an array to fill, or NULL to print.
static NnStatus forms(NnHand *hand, json_t **rows, NnError *err) {
    if (rows == NULL) {
        printf("digit  read  form\n");
    }
    for (size_t i = 0; i < nn_style_count(); i++) {
        NnStyleForm form = nn_style_form(i);
        int read = nn_hand_try(hand, i, NN_HAND_SEED, NN_HAND_TRIES);
        if (read < 0) {
            return nn_fail(err, NN_ERR_NOMEM, "out of memory for a drawing");
        }
        if (signals_caught() != 0) {
            return nn_fail(err, NN_ERR_CANCELLED, "stopped after %zu forms", i);
        }
        double share = (double)read / NN_HAND_TRIES;
        if (rows != NULL) {
            *rows = json_text_push(*rows, json_pack("{s:i, s:s, s:i, s:i, s:f}", "digit",
                                                    form.digit, "form", form.name, "n",
                                                    NN_HAND_TRIES, "read", read, "share", share));
        } else {
            printf("%5d %3.0f %%  %s\n", form.digit, 100 * share, form.name);
        }
    }
    return NN_OK;
}

static NnStatus kinds(NnHand *hand, json_t **rows, NnError *err) {
    if (rows == NULL) {
        printf("\n");
        rejects_print_head();
    }
    for (size_t row = nn_style_count(); row < nn_hand_rows(); row++) {
        NnRejects rejects = {0};
        for (uint64_t i = 0; i < NN_HAND_TRIES; i++) {
            NnDigit digit;
            NnAnswer answer;
            if (!nn_hand_draw(hand, row, NN_HAND_SEED, i, &digit, &answer)) {
                return nn_fail(err, NN_ERR_NOMEM, "out of memory for a drawing");
            }
            nn_rejects_add(&rejects, &answer);
        }
        if (rows != NULL) {
            *rows = json_text_push(*rows, rejects_json("kind", nn_hand_name(row), &rejects));
        } else {
            rejects_print(nn_hand_name(row), &rejects);
        }
    }
    return NN_OK;
}

NnStatus eval_styles(Cli *cli, const NnModel *model, NnError *err) {
    bool json = args_has(&cli->args, "json");
    json_t *digits = json ? json_array() : NULL, *scribbles = json ? json_array() : NULL;
    NnHand *hand = nn_hand_new(model, err);
    NnStatus status = hand != NULL ? forms(hand, json ? &digits : NULL, err) : err->status;
    if (status == NN_OK) {
        status = kinds(hand, json ? &scribbles : NULL, err);
    }
    nn_hand_free(hand);
    if (status == NN_OK && json) {
        return json_print(json_pack("{s:o, s:o}", "forms", digits, "non_digits", scribbles), err);
    }
    json_decref(digits);
    json_decref(scribbles);
    return status;
}
