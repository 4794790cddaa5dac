// cmd_replay.c - recorded strokes through the very path the mouse takes: drawn point by point into
// an NnInk, normalised, classified one at a time. Digits are counted as right or wrong; with
// --non-digits every file is a kind of drawing that should get "not sure".

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_text.h"
#include "base/text.h"
#include "cli/csv.h"
#include "cli/drawn.h"
#include "cli/rejects.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "cli/transform.h"

typedef struct {
    size_t n, labelled, correct, naive_correct, not_sure, changed;
    size_t confusion[NN_CLASSES][NN_CLASSES]; // [label][answer], labelled drawings with an answer
    NnRejects rejects;                        // of the file being read
} Counts;

typedef struct {
    NnInk *recorded, *drawn; // as in the file; as drawn for the answer
    Drawn pictures;          // of the labelled drawings, where their errors are to be written
    bool keeps;
    StrokeTransform change;
    bool changes; // the strokes are altered: compare with the answer to the recorded ones
} Replay;

enum { NO_ANSWER = -1 };

// The answer's digit, or NO_ANSWER for a drawing without ink.
static int classify(const Reader *reader, const NnInk *ink, const NnNormaliseOptions *options,
                    NnDigit *picture, NnAnswer *answer) {
    *answer = (NnAnswer){.digit = NO_ANSWER, .runner_up = NO_ANSWER};
    if (nn_ink_normalise(ink, options, picture)) {
        nn_classify(reader->model, reader->work, picture, answer);
    }
    return answer->digit;
}

static NnStatus replay_one(const Reader *reader, Replay *replay, int label, Counts *counts,
                           NnAnswer *answer, NnError *err) {
    NnDigit picture;
    NnAnswer before = {0};
    if (replay->changes) {
        StrokeTransform same = {.brush = NN_DEFAULT_PEN, .scale = 1};
        NnStatus status = strokes_redraw(replay->recorded, &same, replay->drawn, err);
        if (status != NN_OK) {
            return status;
        }
        classify(reader, replay->drawn, NULL, &picture, &before);
    }
    NnStatus status = strokes_redraw(replay->recorded, &replay->change, replay->drawn, err);
    if (status != NN_OK) {
        return status;
    }
    int digit = classify(reader, replay->drawn, NULL, &picture, answer);
    counts->n++;
    counts->not_sure += !answer->sure;
    nn_rejects_add(&counts->rejects, digit != NO_ANSWER ? answer : NULL);
    counts->changed += replay->changes && before.digit != digit;
    if (label < 0) {
        return NN_OK;
    }
    status = replay->keeps ? drawn_add(&replay->pictures, &picture, label, err) : NN_OK;
    // What a demo does that squeezes the whole canvas to 28x28.
    NnNormaliseOptions naive = {.skip = 1u << NN_STAGE_CROP | 1u << NN_STAGE_SCALE |
                                        1u << NN_STAGE_PEN | 1u << NN_STAGE_CENTRE};
    NnAnswer squeezed;
    counts->labelled++;
    counts->correct += digit == label;
    counts->naive_correct += classify(reader, replay->drawn, &naive, &picture, &squeezed) == label;
    if (digit >= 0) {
        counts->confusion[label][digit]++;
    }
    return status;
}

static NnStatus replay_file(Cli *cli, const Reader *reader, Replay *replay, const char *path,
                            PredictionsCsv *csv, Counts *counts, NnError *err) {
    NnStrokeFile *file = nn_strokes_open(path, err);
    NnStatus status = file != NULL ? NN_OK : err->status;
    while (status == NN_OK) {
        int label = -1;
        bool more = false;
        status = nn_strokes_next(file, replay->recorded, NN_DEFAULT_PEN, &label, &more, err);
        if (status != NN_OK || !more) {
            break;
        }
        NnAnswer answer;
        status = replay_one(reader, replay, label, counts, &answer, err);
        if (status == NN_OK) {
            status = csv_row(csv, counts->n - 1, label, answer.digit, answer.probabilities, err);
        }
        if (status == NN_OK && signals_caught() != 0) {
            status = nn_fail(err, NN_ERR_CANCELLED, "stopped after %zu drawings", counts->n);
        }
        term_progress(&cli->term, -1, "%zu drawings", counts->n);
    }
    term_progress_clear(&cli->term);
    nn_strokes_close(file);
    return status;
}

// The name of a file without its folder and ending: what its drawings are called.
static void set_name(const char *path, char *name, size_t size) {
    const char *slash = strrchr(path, '/');
    (void)text_copy(name, size, slash != NULL ? slash + 1 : path);
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name) {
        *dot = '\0';
    }
}

// All files in their order. sets: an array for the rejects of each file, or NULL; printed at once
// where people read them.
static NnStatus replay_files(Cli *cli, const Reader *reader, Replay *replay, Counts *counts,
                             json_t **sets, NnError *err) {
    const Args *args = &cli->args;
    bool non_digits = args_has(args, "non-digits");
    NnRejects all = {0};
    PredictionsCsv csv;
    NnStatus status = csv_open(&csv, args_text(args, "predictions"), err);
    for (size_t i = 0; i < args->n_operands && status == NN_OK; i++) {
        const char *path = args_operand(args, i);
        char name[256];
        counts->rejects = (NnRejects){0};
        status = replay_file(cli, reader, replay, path, &csv, counts, err);
        set_name(path, name, sizeof name);
        if (status == NN_OK && sets != NULL) {
            *sets = json_text_push(*sets, rejects_json("set", name, &counts->rejects));
        } else if (status == NN_OK && non_digits) {
            rejects_print(name, &counts->rejects);
        }
        nn_rejects_join(&all, &counts->rejects);
    }
    counts->rejects = all;
    if (status == NN_OK) {
        return csv_close(&csv, err);
    }
    csv_abandon(&csv);
    return status;
}

static double share(size_t part, size_t whole) {
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

static NnStatus print_json(const Counts *counts, bool changes, NnError *err) {
    json_int_t n = (json_int_t)counts->n;
    json_t *object =
        json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:I}", "n", n, "labelled",
                  (json_int_t)counts->labelled, "correct", (json_int_t)counts->correct, "accuracy",
                  json_number(share(counts->correct, counts->labelled)), "stderr",
                  json_number(nn_proportion_stderr(counts->correct, counts->labelled)),
                  "naive_accuracy", json_number(share(counts->naive_correct, counts->labelled)),
                  "not_sure", (json_int_t)counts->not_sure);
    if (object != NULL && changes &&
        json_object_set_new(object, "changed", json_integer((json_int_t)counts->changed)) != 0) {
        json_decref(object);
        object = NULL;
    }
    return json_print(object, err);
}

// The most frequent wrong answers, which say more about handwriting than a table of zeros.
static void print_mistakes(const Counts *counts) {
    enum { SHOWN = 5 };
    size_t below =
        SIZE_MAX; // count of the last one printed, and its place, so that ties all get a turn
    int last = -1;
    for (int k = 0; k < SHOWN; k++) {
        size_t best = 0;
        int at = -1;
        for (int i = 0; i < NN_CLASSES * NN_CLASSES; i++) {
            size_t count = counts->confusion[i / NN_CLASSES][i % NN_CLASSES];
            bool later = count < below || (count == below && i > last);
            if (i / NN_CLASSES != i % NN_CLASSES && later && count > best) {
                best = count;
                at = i;
            }
        }
        if (at < 0) {
            return;
        }
        printf("%s%d read as %d: %zu", k == 0 ? "mistakes   " : ", ", at / NN_CLASSES,
               at % NN_CLASSES, best);
        below = best;
        last = at;
    }
}

static void print_text(const Counts *counts, bool changes) {
    printf("drawings   %zu, %zu with a label\n", counts->n, counts->labelled);
    if (counts->labelled > 0) {
        printf("accuracy   %.2f %% ± %.2f  (%zu right)\n",
               100 * share(counts->correct, counts->labelled),
               100 * nn_proportion_stderr(counts->correct, counts->labelled), counts->correct);
        printf("naive      %.2f %%  (the whole canvas squeezed to 28x28)\n",
               100 * share(counts->naive_correct, counts->labelled));
        print_mistakes(counts);
        printf("%s", counts->correct < counts->labelled ? "\n" : "");
    }
    printf("not sure   %zu (%.1f %%)\n", counts->not_sure,
           100 * share(counts->not_sure, counts->n));
    if (changes) {
        printf("changed    %zu (%.2f %%) answers, against the strokes as recorded\n",
               counts->changed, 100 * share(counts->changed, counts->n));
    }
}

// Drawings that are no digits, each file a kind of its own.
static NnStatus tell_rejects(Cli *cli, const Reader *reader, Replay *replay, NnError *err) {
    bool json = args_has(&cli->args, "json");
    json_t *sets = json ? json_array() : NULL;
    Counts counts = {0};
    if (!json) {
        rejects_print_head();
    }
    NnStatus status = replay_files(cli, reader, replay, &counts, json ? &sets : NULL, err);
    if (status != NN_OK) {
        json_decref(sets);
        return status;
    }
    if (json) {
        return json_print(json_text_put(rejects_json("set", NULL, &counts.rejects), "sets", sets),
                          err);
    }
    if (cli->args.n_operands > 1) {
        rejects_print("all", &counts.rejects);
    }
    return NN_OK;
}

static NnStatus tell_digits(Cli *cli, const Reader *reader, Replay *replay, NnError *err) {
    Counts counts = {0};
    NnStatus status = replay_files(cli, reader, replay, &counts, NULL, err);
    if (status == NN_OK && replay->keeps) {
        char name[256];
        set_name(args_operand(&cli->args, 0), name, sizeof name);
        status = drawn_save_errors(cli, reader->model, &replay->pictures, name,
                                   args_text(&cli->args, "errors"), err);
    }
    if (status == NN_OK && args_has(&cli->args, "json")) {
        return print_json(&counts, replay->changes, err);
    }
    if (status == NN_OK) {
        print_text(&counts, replay->changes);
    }
    return status;
}

NnStatus cmd_replay(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    double dx = 0;
    double dy = 0;
    Replay replay = {
        .changes = args_has(args, "brush") || args_has(args, "scale") || args_has(args, "move"),
        .keeps = args_has(args, "errors"),
    };
    if (replay.keeps && args_has(args, "non-digits")) {
        return nn_fail(err, NN_ERR_USAGE, "--errors and --non-digits do not go together");
    }
    (void)args_pair(args, "move", &dx, &dy);
    replay.change = (StrokeTransform){
        .brush = (float)args_real(args, "brush", (double)NN_DEFAULT_PEN),
        .scale = (float)args_real(args, "scale", 1),
        .dx = (float)dx,
        .dy = (float)dy,
    };
    Reader reader;
    signals_catch();
    NnStatus status = reader_open(&reader, args_text(args, "model"), err);
    if (status == NN_OK) {
        replay.recorded = nn_ink_new(err);
        replay.drawn = nn_ink_new(err);
        status = replay.recorded != NULL && replay.drawn != NULL ? NN_OK : NN_ERR_NOMEM;
    }
    if (status == NN_OK) {
        status = args_has(args, "non-digits") ? tell_rejects(cli, &reader, &replay, err)
                                              : tell_digits(cli, &reader, &replay, err);
    }
    drawn_release(&replay.pictures);
    nn_ink_free(replay.recorded);
    nn_ink_free(replay.drawn);
    reader_release(&reader);
    return status;
}
