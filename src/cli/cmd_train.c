// cmd_train.c - a recipe trained in the foreground. Everything that can refuse (recipe, settings,
// data, the folder of --out) is asked before the first step, not after an hour.

#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/signals.h"

typedef struct {
    Cli *cli;
    NnRecipe recipe;
    uint64_t seed;
    int threads;
    NnDataset *train, *test; // test: NULL where there is none
    const char *out, *log;
    FILE
        *lines; // where the line an epoch goes: stdout, or stderr when stdout holds one JSON object
    NnStatus log_status; // the first failure to write the log, told once
    NnError log_error;
} Training;

static NnStatus read_recipe(Training *t, NnError *err) {
    const Args *args = &t->cli->args;
    const char *name = args_operand(args, 0);
    NnStatus status = strchr(name, '/') != NULL || text_ends_with(name, ".json")
                          ? nn_recipe_read(name, &t->recipe, err)
                          : nn_recipe_find(name, &t->recipe, err);
    for (size_t i = 0; i < args_count(args, "set") && status == NN_OK; i++) {
        status = nn_recipe_set(&t->recipe, args_nth(args, "set", i), err);
    }
    if (status != NN_OK) {
        return status;
    }
    t->recipe.epochs = (int)args_int(args, "epochs", t->recipe.epochs);
    const char *data = args_text(args, "data");
    if (data != NULL && !text_copy(t->recipe.data, sizeof t->recipe.data, data)) {
        return nn_fail(err, NN_ERR_NOT_FOUND, "no data set has a name that long");
    }
    return NN_OK;
}

static NnStatus read_data(Training *t, NnError *err) {
    t->train = nn_dataset_load(t->recipe.data, NN_SPLIT_TRAIN, err);
    if (t->train == NULL) {
        return err->status;
    }
    NnError missing = {0};
    t->test = nn_dataset_load(t->recipe.data, NN_SPLIT_TEST, &missing);
    if (t->test == NULL && missing.status != NN_ERR_NOT_FOUND) {
        *err = missing;
        return missing.status;
    }
    if (t->test == NULL) {
        term_note(&t->cli->term, "note: no test set of %s, so no test accuracy", t->recipe.data);
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
    } else {
        term_note(&t->cli->term, "note: without --out the trained network is not kept");
    }
    return t->log != NULL ? file_save(t->log, "", 0, err) : NN_OK;
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

static void on_progress(const NnProgress *p, void *user) {
    Training *t = user;
    double done =
        p->epochs > 0 && p->steps > 0 ? (p->epoch - 1 + (double)p->step / p->steps) / p->epochs : 0;
    if (!p->epoch_done) {
        term_progress(&t->cli->term, done, "epoch %d of %d, loss %.4f, %.0f/s, %.0f s left",
                      p->epoch, p->epochs, p->train_loss, p->samples_per_s, p->seconds_left);
        return;
    }
    term_progress_clear(&t->cli->term);
    if (t->lines == stdout || !t->cli->term.quiet) {
        fprintf(t->lines, "epoch %3d/%d  loss %.4f  accuracy %6.2f %%", p->epoch, p->epochs,
                p->train_loss, 100 * p->train_accuracy);
        if (isfinite(p->val_accuracy)) {
            fprintf(t->lines, "  validation %.4f  %6.2f %%", p->val_loss, 100 * p->val_accuracy);
        }
        fprintf(t->lines, "  %6.1f s\n", p->seconds);
        (void)fflush(t->lines);
    }
    if (t->log != NULL && t->log_status == NN_OK) {
        log_epoch(t, p);
    }
}

// Nobody reads the lines and nothing is to be kept: going on would be for nothing.
static bool should_stop(void *user) {
    const Training *t = user;
    return signals_caught() != 0 || (t->out == NULL && ferror(t->lines));
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

// No times: the same recipe, seed and data give the same file, byte for byte.
static NnStatus save(const Training *t, const NnModel *model, const NnProgress *p,
                     const NnMetrics *test, NnError *err) {
    const Args *args = &t->cli->args;
    Notes notes = {0};
    char settings[512] = "";
    for (size_t i = 0; i < args_count(args, "set"); i++) {
        size_t used = strlen(settings);
        snprintf(settings + used, sizeof settings - used, "%s%s", i > 0 ? " " : "",
                 args_nth(args, "set", i));
    }
    note_text(&notes, "recipe", t->recipe.name);
    if (settings[0] != '\0') {
        note_text(&notes, "settings", settings);
    }
    note_number(&notes, "seed", (double)t->seed, 0);
    note_number(&notes, "epochs", p->epoch, 0);
    note_text(&notes, "data", t->train->name);
    note_text(&notes, "data_images_sha256", t->train->images_sha256);
    note_text(&notes, "data_labels_sha256", t->train->labels_sha256);
    note_number(&notes, "val_accuracy", p->val_accuracy, 6);
    if (test != NULL) {
        note_number(&notes, "test_accuracy", test->accuracy, 6);
        note_number(&notes, "test_accuracy_stderr", test->stderr_accuracy, 6);
        note_number(&notes, "test_loss", test->loss, 6);
    }
    return nn_model_save(model, t->out, notes.pairs, notes.n, err);
}

static NnStatus measure_test(const Training *t, const NnModel *model, NnMetrics *metrics,
                             NnError *err) {
    float *logits = mem_new_aligned(t->test->n, NN_CLASSES * sizeof *logits);
    if (logits == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the test set");
    }
    NnStatus status =
        nn_evaluate(model, t->test, t->threads, logits, signals_should_stop, NULL, err);
    if (status == NN_OK) {
        nn_metrics_compute(metrics, logits, t->test->labels, t->test->n,
                           nn_model_arch(model)->temperature);
    }
    mem_free(logits);
    return status;
}

static NnStatus report(const Training *t, const NnModel *model, const NnProgress *p,
                       const NnMetrics *test, NnError *err) {
    char sha[65];
    nn_model_sha256(model, sha);
    if (args_has(&t->cli->args, "json")) {
        return json_print(json_pack("{s:s, s:I, s:i, s:o, s:o, s:o, s:o, s:s}", "recipe",
                                    t->recipe.name, "seed", (json_int_t)t->seed, "epochs", p->epoch,
                                    "test_accuracy",
                                    test != NULL ? json_number(test->accuracy) : json_null(),
                                    "val_accuracy", json_number(p->val_accuracy), "test_loss",
                                    test != NULL ? json_number(test->loss) : json_null(), "seconds",
                                    json_number(p->seconds), "weights_sha256", sha),
                          err);
    }
    if (test != NULL) {
        printf("test       %.2f %% ± %.2f, loss %.4f  (%s, %zu pictures)\n", 100 * test->accuracy,
               100 * test->stderr_accuracy, test->loss, t->test->name, test->n);
    }
    printf("trained    %s, seed %llu, %d epoch%s, %.1f s\n", t->recipe.name,
           (unsigned long long)t->seed, p->epoch, p->epoch == 1 ? "" : "s", p->seconds);
    printf("weights    sha256 %s\n", sha);
    if (t->out != NULL) {
        char shown[256];
        text_escape(shown, sizeof shown, t->out);
        printf("saved      %s\n", shown);
    }
    return NN_OK;
}

// After a stop or a loss that is no number the weights so far are worth keeping; the status stays.
static NnStatus save_what_there_is(const Training *t, const NnModel *model, const NnProgress *p,
                                   NnStatus status, NnError *err) {
    bool learnt = p->epoch > 1 || p->step > 0;
    if (t->out == NULL || !learnt || (status != NN_ERR_CANCELLED && status != NN_ERR_NUMERIC)) {
        return status;
    }
    NnError own = {0};
    NnStatus saved = save(t, model, p, NULL, &own);
    if (saved != NN_OK) {
        *err = own;
        return saved;
    }
    char shown[256];
    text_escape(shown, sizeof shown, t->out);
    term_note(&t->cli->term, "stopped in epoch %d; what was learnt so far is in %s", p->epoch,
              shown);
    return status;
}

static NnStatus train(Training *t, NnError *err) {
    NnTrainer *trainer = nn_trainer_new(
        &(NnTrainerDesc){
            .recipe = &t->recipe, .train = t->train, .seed = t->seed, .threads = t->threads},
        err);
    if (trainer == NULL) {
        return err->status;
    }
    NnObserver observer = {.on_progress = on_progress, .should_stop = should_stop, .user = t};
    NnStatus status = nn_trainer_run(trainer, &observer, err);
    term_progress_clear(&t->cli->term);
    const NnModel *model = nn_trainer_model(trainer);
    NnProgress progress = nn_trainer_progress(trainer);
    NnMetrics *test = NULL;
    if (status == NN_OK && t->test != NULL) {
        test = mem_new(1, sizeof *test);
        status = test != NULL ? measure_test(t, model, test, err)
                              : nn_fail(err, NN_ERR_NOMEM, "out of memory");
    }
    if (status != NN_OK) {
        status = save_what_there_is(t, model, &progress, status, err);
    } else {
        status = t->out != NULL ? save(t, model, &progress, test, err) : NN_OK;
        status = status == NN_OK ? report(t, model, &progress, test, err) : status;
    }
    mem_free(test);
    nn_trainer_free(trainer);
    return status;
}

NnStatus cmd_train(Cli *cli, NnError *err) {
    const Args *args = &cli->args;
    Training t = {
        .cli = cli,
        .seed = (uint64_t)args_int(args, "seed", 1),
        .threads = (int)args_int(args, "threads", 0),
        .out = args_text(args, "out"),
        .log = args_text(args, "log"),
        .lines = args_has(args, "json") ? stderr : stdout,
    };
    signals_catch();
    NnStatus status = read_recipe(&t, err);
    status = status == NN_OK ? read_data(&t, err) : status;
    status = status == NN_OK ? check_outputs(&t, err) : status;
    status = status == NN_OK ? train(&t, err) : status;
    nn_dataset_free(t.train);
    nn_dataset_free(t.test);
    return status == NN_OK ? t.log_status : status;
}
