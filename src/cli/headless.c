// headless.c - the window's job in the terminal: the drawings that come with the program are drawn
// point by point, and each is answered with ten bars.

#include <stdio.h>

#include "base/file.h"
#include "cli/answer.h"
#include "cli/cmd_window.h"
#include "cli/transform.h"

static NnStatus answer_all(Cli *cli, const Reader *reader, NnStrokeFile *file, NnInk *recorded,
                           NnInk *drawn, NnError *err) {
    StrokeTransform same = {.brush = NN_DEFAULT_PEN, .scale = 1};
    for (size_t n = 1;; n++) {
        int label = -1;
        bool more = false;
        NnStatus status = nn_strokes_next(file, recorded, NN_DEFAULT_PEN, &label, &more, err);
        if (status == NN_OK && more) {
            status = strokes_redraw(recorded, &same, drawn, err);
        }
        if (status != NN_OK || !more) {
            return status;
        }
        NnDigit digit;
        NnAnswer answer;
        char title[64];
        if (nn_ink_normalise(drawn, NULL, &digit)) {
            nn_classify(reader->model, reader->work, &digit, &answer);
            snprintf(title, sizeof title, "drawing %zu", n);
            if (label >= 0) {
                snprintf(title, sizeof title, "drawing %zu, meant as %d", n, label);
            }
            answer_print(&cli->term, title, &answer);
        }
    }
}

NnStatus headless_answers(Cli *cli, NnError *err) {
    char path[512];
    if (!share_path(path, sizeof path, "assets", "drawings/digits.jsonl")) {
        nn_fail(err, NN_ERR_NOT_FOUND, "the drawings that come with inkling are not there");
        nn_error_hint(err, "set INKLING_SHARE to the folder that holds assets and models");
        return NN_ERR_NOT_FOUND;
    }
    Reader reader;
    NnStrokeFile *file = NULL;
    NnInk *recorded = NULL;
    NnInk *drawn = NULL;
    NnStatus status = reader_open(&reader, args_text(&cli->args, "model"), err);
    if (status == NN_OK) {
        file = nn_strokes_open(path, err);
        recorded = nn_ink_new(err);
        drawn = nn_ink_new(err);
        status = file != NULL && recorded != NULL && drawn != NULL
                     ? answer_all(cli, &reader, file, recorded, drawn, err)
                     : err->status;
    }
    nn_ink_free(recorded);
    nn_ink_free(drawn);
    nn_strokes_close(file);
    reader_release(&reader);
    return status;
}
