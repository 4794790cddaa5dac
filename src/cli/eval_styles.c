// eval --styles: how a network answers what this program draws itself, with a seed that no recipe
// trains with: each form of handwriting, and each kind of scribble.

#include <stdio.h>

#include "base/json_text.h"
#include "cli/rejects.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "nn/near_digit.h"
#include "nn/scribble.h"
#include "nn/style.h"

enum { DRAWINGS = 100 }; // of each form and kind

static const uint64_t SEED = 2026;

// Where drawings are made and answered.
typedef struct {
    const NnModel *model;
    NnWorkspace *work;
    NnInk *ink;
} Desk;

// How many drawings of a form are read as its digit; negative: out of memory.
static int read_form(const Desk *desk, size_t form) {
    int read = 0;
    for (uint64_t i = 0; i < DRAWINGS; i++) {
        NnDigit digit;
        NnAnswer answer;
        // With the pen of a drawing, as a person's is read.
        if (!nn_style_draw(form, SEED, i, desk->ink) ||
            !nn_ink_normalise(desk->ink, NULL, &digit)) {
            return -1;
        }
        nn_classify(desk->model, desk->work, &digit, &answer);
        read += answer.digit == nn_style_form(form).digit;
    }
    return read;
}

// What is no digit and may be mixed into training: scribbles first, then what is near a digit.
enum { KINDS = NN_SCRIBBLE_COUNT + NN_NEAR_COUNT };

static const char *kind_name(int kind) {
    return kind < NN_SCRIBBLE_COUNT ? nn_scribble_name((NnScribbleKind)kind)
                                    : nn_near_name((NnNearKind)(kind - NN_SCRIBBLE_COUNT));
}

static bool draw_kind(NnInk *ink, int kind, uint64_t i, NnDigit *digit) {
    return kind < NN_SCRIBBLE_COUNT
               ? nn_scribble_kind(ink, (NnScribbleKind)kind, SEED, i, digit)
               : nn_near_digit_kind(ink, (NnNearKind)(kind - NN_SCRIBBLE_COUNT), SEED, i, digit);
}

static bool reject_kind(const Desk *desk, int kind, NnRejects *rejects) {
    for (uint64_t i = 0; i < DRAWINGS; i++) {
        NnDigit digit;
        NnAnswer answer;
        if (!draw_kind(desk->ink, kind, i, &digit)) {
            return false;
        }
        nn_classify(desk->model, desk->work, &digit, &answer);
        nn_rejects_add(rejects, &answer);
    }
    return true;
}

// rows: an array to fill, or NULL to print.
static NnStatus forms(const Desk *desk, json_t **rows, NnError *err) {
    if (rows == NULL) {
        printf("digit  read  form\n");
    }
    for (size_t i = 0; i < nn_style_count(); i++) {
        NnStyleForm form = nn_style_form(i);
        int read = read_form(desk, i);
        if (read < 0) {
            return nn_fail(err, NN_ERR_NOMEM, "out of memory for a drawing");
        }
        if (signals_caught() != 0) {
            return nn_fail(err, NN_ERR_CANCELLED, "stopped after %zu forms", i);
        }
        double share = (double)read / DRAWINGS;
        if (rows != NULL) {
            *rows = json_text_push(*rows, json_pack("{s:i, s:s, s:i, s:i, s:f}", "digit",
                                                    form.digit, "form", form.name, "n", DRAWINGS,
                                                    "read", read, "share", share));
        } else {
            printf("%5d %3.0f %%  %s\n", form.digit, 100 * share, form.name);
        }
    }
    return NN_OK;
}

static NnStatus kinds(const Desk *desk, json_t **rows, NnError *err) {
    if (rows == NULL) {
        printf("\n");
        rejects_print_head();
    }
    for (int k = 0; k < KINDS; k++) {
        NnRejects rejects = {0};
        const char *name = kind_name(k);
        if (!reject_kind(desk, k, &rejects)) {
            return nn_fail(err, NN_ERR_NOMEM, "out of memory for a drawing");
        }
        if (rows != NULL) {
            *rows = json_text_push(*rows, rejects_json("kind", name, &rejects));
        } else {
            rejects_print(name, &rejects);
        }
    }
    return NN_OK;
}

NnStatus eval_styles(Cli *cli, const NnModel *model, NnError *err) {
    bool json = args_has(&cli->args, "json");
    json_t *digits = json ? json_array() : NULL, *scribbles = json ? json_array() : NULL;
    Desk desk = {.model = model, .work = nn_workspace_new(model, 1, false, err)};
    desk.ink = desk.work != NULL ? nn_ink_new(err) : NULL;
    NnStatus status = desk.ink != NULL ? forms(&desk, json ? &digits : NULL, err) : err->status;
    if (status == NN_OK) {
        status = kinds(&desk, json ? &scribbles : NULL, err);
    }
    nn_ink_free(desk.ink);
    nn_workspace_free(desk.work);
    if (status == NN_OK && json) {
        return json_print(json_pack("{s:o, s:o}", "forms", digits, "non_digits", scribbles), err);
    }
    json_decref(digits);
    json_decref(scribbles);
    return status;
}
