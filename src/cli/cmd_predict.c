// cmd_predict.c - the digit in each picture file. A bad file is reported and the others are still
// answered; the exit status is that of the worst.

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/run.h"

static NnStatus classify_file(const Reader *reader, const char *path, NnAnswer *answer,
                              NnError *err) {
    NnPicture picture = {0};
    NnStatus status = nn_picture_read(path, &picture, err);
    if (status != NN_OK) {
        return status;
    }
    NnDigit digit;
    NnError own = {0};
    status =
        nn_picture_normalise(picture.grey, picture.width, picture.height, NULL, &digit, NULL, &own);
    nn_picture_release(&picture);
    if (status != NN_OK) { // it knows no file names
        nn_fail_file(err, status, path, -1, "%s", own.message);
        nn_error_hint(err, "%s", own.hint);
        return status;
    }
    nn_classify(reader->model, reader->work, &digit, answer);
    return NN_OK;
}

static json_t *answer_json(const char *path, const NnAnswer *answer) {
    return json_pack("{s:s, s:i, s:o, s:b, s:f}", "file", path, "digit", answer->digit,
                     "probabilities", json_floats(answer->probabilities, NN_CLASSES), "sure",
                     (int)answer->sure, "confidence", (double)answer->confidence);
}

// One line a file, when there are several.
static void print_line(const Term *term, const char *path, const NnAnswer *answer) {
    char shown[256];
    text_escape(shown, sizeof shown, path);
    printf("%s%d%s%c", term_strong(term), answer->digit, term_plain(term),
           answer->sure ? ' ' : '?');
    for (int c = 0; c < NN_CLASSES; c++) {
        printf(" %5.1f", 100 * (double)answer->probabilities[c]);
    }
    printf("  %s\n", shown);
}

NnStatus cmd_predict(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    bool json = args_has(args, "json");
    Reader reader;
    NnStatus status = reader_open(&reader, args_text(args, "model"), err);
    if (status != NN_OK) {
        return status;
    }
    json_t *array = json ? json_array() : NULL;
    bool many = args->n_operands > 1;
    if (many && !json) {
        printf("        0     1     2     3     4     5     6     7     8     9  %%\n");
    }
    NnStatus worst = NN_OK;
    for (size_t i = 0; i < args->n_operands; i++) {
        const char *path = args->operands[i];
        NnAnswer answer;
        NnError own = {0};
        status = classify_file(&reader, path, &answer, &own);
        if (status != NN_OK) {
            term_error(&cli->term, &own);
            worst = nn_exit_code(status) > nn_exit_code(worst) ? status : worst;
        } else if (json) {
            if (json_array_append_new(array, answer_json(path, &answer)) != 0) {
                status = worst = nn_fail(err, NN_ERR_NOMEM, "out of memory for the JSON result");
                break;
            }
        } else if (many) {
            print_line(&cli->term, path, &answer);
        } else {
            answer_print(&cli->term, path, &answer);
        }
    }
    reader_release(&reader);
    if (json && status != NN_ERR_NOMEM) {
        status = json_print(array, err);
        worst = status != NN_OK ? status : worst;
    } else {
        json_decref(array);
    }
    return worst;
}
