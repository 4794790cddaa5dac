// cmd_train.c - a recipe trained in the foreground, kept in a run folder or not. Everything that can refuse (recipe, settings,
// data, the folder of --out) is asked before the first step, not after an hour.

#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/signals.h"
#include "cli/train_repeat.h"

typedef struct {
    Cli *cli;
    TrainRun kept; // which run this is
    NnRun *run;
    int threads;
    NnDataset *train, *test; // test: NULL where there is none
    const char *out, *log;
    NnEventLog *events; // for TensorBoard; NULL: not asked for
    const char *whole;  // the folder of the ensemble this is a member of, or NULL
    FILE
        *lines; // where the line an epoch goes: stdout, or stderr when stdout holds one JSON object
    NnStatus log_status; // the first failure to write the log, told once
    NnError log_error;
} Training;

static NnStatus read_data(Training *t, NnError *err) {
    t->train = nn_dataset_load(t->kept.config.recipe.data, NN_SPLIT_TRAIN, err);
    if (t->train == NULL) {
        return err->status;
    }
    NnError missing = {0};
    t->test = nn_dataset_load(t->kept.config.recipe.data, NN_SPLIT_TEST, &missing);
    if (t->test == NULL && missing.status != NN_ERR_NOT_FOUND) {
        *err = missing;
        return missing.status;
    }
    if (t->test == NULL) {
        term_note(&t->cli->term, "note: no test set of %s, so no test accuracy",
                  t->kept.config.recipe.data);
    }
    return NN_OK;
}

// Finds out now whether the results will have a place to go.
static NnStatus check_outputs(Training *t, NnError *err) {
    if (t->out != NULL) {
        SaveFile *probe = save_open(t->out, err);
        if (probe == NULL) {
            return err->status;
        }
        save_abandon(probe);
    } else if (t->kept.folder[0] == '\0') {
        term_note(&t->cli->term, "note: without --out the trained network is not kept");
    }
    const char *events = args_text(&t->cli->args, "tensorboard");
    if (events != NULL) {
        t->events = nn_events_open(events, err);
        if (t->events == NULL) {
            return err->status;
        }
    }
    return t->log != NULL ? file_save(t->log, "", 0, err) : NN_OK;
}

// What could not be kept is tried again; the training goes on.
static void on_warning(const NnError *warning, void *user) {
    Training *t = user;
    term_progress_clear(&t->cli->term);
    term_note(&t->cli->term, "warning: %s; training goes on, and it is tried again",
              warning->message);
}

// What is not written waits for the next epoch: training goes on.
static void log_events(Training *t) {
    NnError warning = {0};
    if (nn_events_epoch(t->events, nn_trainer_record(nn_run_trainer(t->run)), &warning) != NN_OK) {
        on_warning(&warning, t);
    }
}

static void log_epoch(Training *t, const NnProgress *p) {
    json_t *object = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "epoch", p->epoch,
                               "train_loss", json_number(p->train_loss), "train_accuracy",
                               json_number(p->train_accuracy), "val_loss", json_number(p->val_loss),
                               "val_accuracy", json_number(p->val_accuracy), "learning_rate",
                               json_number(p->learning_rate), "seconds", json_number(p->seconds),
                               "samples_per_s", json_number(p->samples_per_s));
    char *text =
        object != NULL ? json_text_make(object, JSON_COMPACT | JSON_REAL_PRECISION(7)) : NULL;
    json_decref(object);
    size_t n = text != NULL ? strlen(text) : 0;
    if (text == NULL) {
        t->log_status = nn_fail(&t->log_error, NN_ERR_NOMEM, "out of memory for the log");
        return;
    }
    text[n] = '\n'; // in place of the terminator
    t->log_status = file_append(t->log, text, n + 1, &t->log_error);
    mem_free(text);
    if (t->log_status != NN_OK) { // training goes on: the weights are worth more than the log
        term_error(&t->cli->term, &t->log_error);
    }
}

static void print_epoch(const Training *t, const NnProgress *p) {
    const NnEpochRecord *record = nn_trainer_record(nn_run_trainer(t->run));
    fprintf(t->lines, "epoch %3d/%d  loss %.4f  accuracy %6.2f %%", p->epoch, p->epochs,
            p->train_loss, 100 * p->train_accuracy);
    if (record->validation.n > 0) {
        fprintf(t->lines, "  validation %.4f  %6.2f %% ± %.2f", p->val_loss, 100 * p->val_accuracy,
                100 * record->validation.stderr_accuracy);
    }
    if (record->test.n > 0) { // asked for with --track-test; nothing is chosen by it
        fprintf(t->lines, "  test (tracked) %.4f  %6.2f %%", record->test.loss,
                100 * record->test.accuracy);
    }
    fprintf(t->lines, "  %6.1f s\n", p->seconds);
    (void)fflush(t->lines);
}

// "42 s", "7:03 min", "1:02:03 h"
static void duration(char *out, size_t size, double seconds) {
    long s = seconds > 0 && seconds < 1e9 ? lround(seconds) : 0;
    if (s < 60) {
        snprintf(out, size, "%ld s", s);
    } else if (s < 3600) {
        snprintf(out, size, "%ld:%02ld min", s / 60, s % 60);
    } else {
        snprintf(out, size, "%ld:%02ld:%02ld h", s / 3600, s / 60 % 60, s % 60);
    }
}

static void on_progress(const NnProgress *p, void *user) {
    Training *t = user;
    double done =
        p->epochs > 0 && p->steps > 0 ? (p->epoch - 1 + (double)p->step / p->steps) / p->epochs : 0;
    if (!p->epoch_done) {
        char left[48];
        duration(left, sizeof left, p->seconds_left);
        term_progress(&t->cli->term, done,
                      "epoch %d of %d, loss %.4f, accuracy %.2f %%, %.0f/s, %s left", p->epoch,
                      p->epochs, p->train_loss, 100 * p->train_accuracy, p->samples_per_s, left);
        return;
    }
    term_progress_clear(&t->cli->term);
    if (t->lines == stdout || !t->cli->term.quiet) {
        print_epoch(t, p);
    }
    if (t->log != NULL && t->log_status == NN_OK) {
        log_epoch(t, p);
    }
    if (t->events != NULL) {
        log_events(t);
    }
}

// Nobody reads the lines and nothing is to be kept: going on would be for nothing.
static bool should_stop(void *user) {
    const Training *t = user;
    return signals_caught() != 0 ||
           (t->out == NULL && t->kept.folder[0] == '\0' && ferror(t->lines));
}

enum { NOTES_MAX = 16, NOTE_SIZE = 32 };

typedef struct {
    NnNote pairs[NOTES_MAX];
    char values[NOTES_MAX][NOTE_SIZE];
    size_t n;
} Notes;

static void note_text(Notes *notes, const char *key, const char *value) {
    NN_ASSERT(notes->n < NOTES_MAX);
    notes->pairs[notes->n++] = (NnNote){key, value};
}

static void note_number(Notes *notes, const char *key, double value, int digits) {
    if (isfinite(value)) {
        char *text = notes->values[notes->n];
        snprintf(text, NOTE_SIZE, "%.*f", digits, value);
        note_text(notes, key, text);
    }
}

static void note_results(Notes *notes, double val_accuracy, const NnRunResult *result) {
    note_number(notes, "val_accuracy", val_accuracy, 6);
    note_number(notes, "test_accuracy", result->test_accuracy, 6);
    note_number(notes, "test_accuracy_stderr", result->test_stderr, 6);
    note_number(notes, "test_loss", result->test_loss, 6);
}

// No times: the same recipe, seed and data give the same file, byte for byte.
static NnStatus save(const Training *t, const NnProgress *p, const NnRunResult *result,
                     NnError *err) {
    const Args *args = &t->cli->args;
    Notes notes = {0};
    char settings[512] = "";
    for (size_t i = 0; i < args_count(args, "set"); i++) {
        size_t used = strlen(settings);
        snprintf(settings + used, sizeof settings - used, "%s%s", i > 0 ? " " : "",
                 args_nth(args, "set", i));
    }
    note_text(&notes, "recipe", t->kept.config.recipe.name);
    if (settings[0] != '\0') {
        note_text(&notes, "settings", settings);
    }
    note_number(&notes, "seed", (double)t->kept.config.seed, 0);
    note_number(&notes, "epochs", p->epoch, 0);
    note_text(&notes, "data", t->train->name);
    note_text(&notes, "data_images_sha256", t->train->images_sha256);
    note_text(&notes, "data_labels_sha256", t->train->labels_sha256);
    note_number(&notes, "validation", t->kept.config.recipe.validation, 0);
    const char *teachers = nn_trainer_teachers(nn_run_trainer(t->run));
    if (teachers != NULL) {
        note_text(&notes, "teachers", teachers);
    }
    const char *start = nn_trainer_start(nn_run_trainer(t->run));
    if (start != NULL) {
        note_text(&notes, "start", start);
    }
    note_results(&notes, p->val_accuracy, result);
    return nn_model_save(nn_run_network(t->run), t->out, notes.pairs, notes.n, err);
}

// The place of a run in messages and results; NULL where nothing is kept.
static const char *run_folder(const Training *t) {
    return t->kept.folder[0] != '\0' ? t->kept.folder : NULL;
}

static NnStatus report(const Training *t, const NnRunResult *result, NnError *err) {
    const NnRunConfig *config = &t->kept.config;
    bool json = args_has(&t->cli->args, "json");
    if (json && t->whole != NULL) {
        return NN_OK; // the ensemble's object has them all
    }
    if (json) {
        return json_print(
            json_pack("{s:s, s:I, s:i, s:o, s:o, s:o, s:o, s:s, s:s?}", "recipe",
                      config->recipe.name, "seed", (json_int_t)config->seed, "epochs",
                      result->epochs, "test_accuracy", json_number(result->test_accuracy),
                      "val_accuracy", json_number(result->val_accuracy), "test_loss",
                      json_number(result->test_loss), "seconds", json_number(result->seconds),
                      "weights_sha256", result->weights_sha256, "run", run_folder(t)),
            err);
    }
    if (isfinite(result->test_accuracy)) {
        printf("test       %.2f %% ± %.2f, loss %.4f", 100 * result->test_accuracy,
               100 * result->test_stderr, result->test_loss);
        if (t->test != NULL) {
            printf("  (%s, %zu pictures)", t->test->name, t->test->n);
        }
        putchar('\n');
    }
    printf("trained    %s, seed %llu, %d epoch%s, %.1f s\n", config->recipe.name,
           (unsigned long long)config->seed, result->epochs, result->epochs == 1 ? "" : "s",
           result->seconds);
    printf("weights    sha256 %s\n", result->weights_sha256);
    const char *events = t->events != NULL ? nn_events_path(t->events) : NULL;
    const char *places[][2] = {{"saved", t->out}, {"run", run_folder(t)}, {"events", events}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i][1] != NULL) {
            char shown[256];
            text_escape(shown, sizeof shown, places[i][1]);
            printf("%-10s %s\n", places[i][0], shown);
        }
    }
    return NN_OK;
}

// After a stop or a loss that is no number the weights so far are worth keeping; the status stays.
static NnStatus save_what_there_is(const Training *t, const NnProgress *p, NnStatus status,
                                   NnError *err) {
    bool learnt = p->epoch > 1 || p->step > 0;
    if (!learnt || (status != NN_ERR_CANCELLED && status != NN_ERR_NUMERIC)) {
        return status;
    }
    char shown[256];
    if (t->out != NULL) {
        NnError own = {0};
        NnStatus saved = save(t, p, nn_run_result(t->run), &own);
        if (saved != NN_OK) {
            *err = own;
            return saved;
        }
        text_escape(shown, sizeof shown, t->out);
        term_note(&t->cli->term, "stopped in epoch %d; what was learnt so far is in %s", p->epoch,
                  shown);
    }
    if (run_folder(t) != NULL && status == NN_ERR_CANCELLED) {
        text_escape(shown, sizeof shown, t->whole != NULL ? t->whole : t->kept.folder);
        term_note(&t->cli->term,
                  "stopped in epoch %d; inkling train --resume %s goes on from there", p->epoch,
                  shown);
    }
    return status;
}

static NnStatus train(Training *t, NnError *err) {
    t->run = nn_run_new(&(NnRunDesc){.folder = run_folder(t),
                                     .config = &t->kept.config,
                                     .train = t->train,
                                     .test = t->test,
                                     .threads = t->threads,
                                     .resume = t->kept.resume,
                                     .on_warning = on_warning,
                                     .user = t},
                        err);
    if (t->run == NULL) {
        return err->status;
    }
    NnProgress from = nn_trainer_progress(nn_run_trainer(t->run));
    if (from.epoch > 0) {
        term_note(&t->cli->term, "taken up in epoch %d after %d of %d batches", from.epoch,
                  from.step, from.steps);
    }
    const char *caution = nn_trainer_caution(nn_run_trainer(t->run));
    if (caution != NULL) {
        term_note(&t->cli->term, "note: %s", caution);
    }
    const NnRecipe *recipe = &t->kept.config.recipe;
    if (recipe->precision == NN_PRECISION_BF16) {
        term_note(&t->cli->term, "multiplies in bf16%s",
                  nn_precision_is_fast(recipe->precision)
                      ? ""
                      : ", which this CPU or build does by rounding: no faster than f32");
    }
    NnObserver observer = {.on_progress = on_progress, .should_stop = should_stop, .user = t};
    NnStatus status = nn_run_train(t->run, &observer, err);
    term_progress_clear(&t->cli->term);
    NnProgress progress = nn_trainer_progress(nn_run_trainer(t->run));
    const NnRunResult *result = nn_run_result(t->run);
    if (status != NN_OK) {
        status = save_what_there_is(t, &progress, status, err);
    } else {
        status = t->out != NULL ? save(t, &progress, result, err) : NN_OK;
        status = status == NN_OK ? report(t, result, err) : status;
    }
    nn_run_free(t->run);
    return status;
}

// The network of a run that is over, as it would have been saved at its end: the file in the folder
// was written before the test set was looked at.
static NnStatus save_again(const Training *t, NnError *err) {
    static const char *const kept[] = {
        "recipe", "seed",     "epochs", "data", "data_images_sha256", "data_labels_sha256",
        "fold",   "teachers", "start"};
    char path[RUN_FOLDER_SIZE + 64];
    snprintf(path, sizeof path, "%s/%s", t->kept.folder, t->kept.result.network);
    NnModel *model = nn_model_load(path, err);
    if (model == NULL) {
        return err->status;
    }
    Notes notes = {0};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const char *value = nn_model_note(model, kept[i]);
        if (value != NULL) {
            note_text(&notes, kept[i], value);
        }
    }
    note_number(&notes, "validation", t->kept.config.recipe.validation, 0);
    note_results(&notes, t->kept.result.val_accuracy, &t->kept.result);
    NnStatus status = nn_model_save(model, t->out, notes.pairs, notes.n, err);
    nn_model_free(model);
    return status;
}

// The run is over already: what came of it is told once more, and saved where --out says.
static NnStatus tell_again(Training *t, NnError *err) {
    NnStatus status = t->out != NULL ? save_again(t, err) : NN_OK;
    if (status != NN_OK) {
        return status;
    }
    term_note(&t->cli->term, "the run is done already");
    return report(t, &t->kept.result, err);
}

static Training begin(Cli *cli) {
    const Args *args = &cli->args;
    return (Training){
        .cli = cli,
        .threads = (int)args_int(args, "threads", 0),
        .out = args_text(args, "out"),
        .log = args_text(args, "log"),
        .lines = args_has(args, "json") ? stderr : stdout,
    };
}

static NnStatus carry_out(Training *t, NnError *err) {
    if (t->kept.state == NN_RUN_DONE) {
        return tell_again(t, err);
    }
    NnStatus status = read_data(t, err);
    status = status == NN_OK ? check_outputs(t, err) : status;
    status = status == NN_OK ? train(t, err) : status;
    nn_events_close(t->events);
    nn_dataset_free(t->train);
    nn_dataset_free(t->test);
    return status == NN_OK ? t->log_status : status;
}

NnStatus train_member(Cli *cli, const TrainRun *run, const char *whole, NnError *err) {
    Training t = begin(cli);
    t.kept = *run;
    t.whole = whole;
    return carry_out(&t, err);
}

NnStatus cmd_train(Cli *cli, NnError *err) {
    char ensemble[RUN_FOLDER_SIZE];
    signals_catch();
    if (train_is_ensemble(cli, ensemble)) {
        return train_ensemble(cli, ensemble, err);
    }
    Training t = begin(cli);
    NnStatus status = train_run_find(cli, &t.kept, err);
    if (status == NN_OK && train_repeats(&cli->args)) {
        return train_repeat(cli, &t.kept, err);
    }
    return status == NN_OK ? carry_out(&t, err) : status;
}
