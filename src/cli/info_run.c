// info_run.c - what is left of a training: a run's folder, and event files for TensorBoard.

#define _POSIX_C_SOURCE 200809L // gmtime_r
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "cli/info.h"
#include "cli/run.h"

// --- a run ---------------------------------------------------------------------------------------

typedef struct {
    const char *folder;
    NnRunState state;
    NnRunConfig config;
    NnRunResult result; // of a run that is over
    NnEpochRecord *records;
    size_t n;
} Kept;

static bool over(const Kept *kept) {
    return kept->state == NN_RUN_DONE || kept->state == NN_RUN_FAILED;
}

static const char *state_word(NnRunState state) {
    return state == NN_RUN_DONE ? "done" : state == NN_RUN_FAILED ? "failed" : "started";
}

static json_t *epoch_json(const NnEpochRecord *r) {
    bool measured = r->validation.n > 0;
    return json_pack("{s:i, s:o, s:o, s:o, s:o}", "epoch", r->epoch, "train_loss",
                     json_number(r->train_loss), "train_accuracy", json_number(r->train_accuracy),
                     "val_loss", measured ? json_number(r->validation.loss) : json_null(),
                     "val_accuracy", measured ? json_number(r->validation.accuracy) : json_null());
}

static NnStatus run_json(const Kept *kept, NnError *err) {
    json_t *epochs = json_array();
    for (size_t i = 0; i < kept->n; i++) {
        epochs = json_text_push(epochs, epoch_json(&kept->records[i]));
    }
    json_t *result = json_null();
    const NnRunResult *r = &kept->result;
    if (over(kept)) {
        result = json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:s, s:s, s:s}", "epochs", r->epochs,
                           "best_epoch", r->best_epoch, "val_accuracy",
                           json_number(r->val_accuracy), "test_accuracy",
                           json_number(r->test_accuracy), "test_loss", json_number(r->test_loss),
                           "seconds", json_number(r->seconds), "weights_sha256", r->weights_sha256,
                           "network", r->network, "message", r->message);
    }
    return json_print(json_pack("{s:s, s:s, s:s, s:s, s:I, s:i, s:o, s:o}", "kind", "run", "file",
                                kept->folder, "state", state_word(kept->state), "recipe",
                                kept->config.recipe.name, "seed", (json_int_t)kept->config.seed,
                                "planned_epochs", kept->config.recipe.epochs, "epochs", epochs,
                                "result", result),
                      err);
}

// The lowest validation loss so far; 0 without a validation split.
static int best_epoch(const Kept *kept) {
    int best = 0;
    double lowest = HUGE_VAL;
    for (size_t i = 0; i < kept->n; i++) {
        const NnEpochRecord *r = &kept->records[i];
        if (r->validation.n > 0 && r->validation.loss < lowest) {
            lowest = r->validation.loss;
            best = r->epoch;
        }
    }
    return best;
}

static void print_epochs(const Kept *kept) {
    enum { SHOWN = 10 };
    int best = best_epoch(kept);
    for (size_t i = kept->n > SHOWN ? kept->n - SHOWN : 0; i < kept->n; i++) {
        const NnEpochRecord *r = &kept->records[i];
        char validation[96] = "", name[24];
        snprintf(name, sizeof name, "epoch %d", r->epoch);
        if (r->validation.n > 0) {
            snprintf(validation, sizeof validation, "  validation %.4f  %6.2f %%%s",
                     r->validation.loss, 100 * r->validation.accuracy,
                     r->epoch == best ? "  best" : "");
        }
        info_row(name, "loss %.4f  accuracy %6.2f %%%s", r->train_loss, 100 * r->train_accuracy,
                 validation);
    }
}

static void print_run(const Kept *kept) {
    const NnRecipe *recipe = &kept->config.recipe;
    const NnRunResult *r = &kept->result;
    char layers[1024];
    nn_arch_describe(&recipe->arch, layers, sizeof layers);
    int done = kept->n > 0 ? kept->records[kept->n - 1].epoch : 0;
    if (kept->state == NN_RUN_DONE && isfinite(r->test_accuracy)) {
        info_sentence(kept->folder, "is a finished run of %s: %.2f %% of the test set right",
                      recipe->name, 100 * r->test_accuracy);
    } else if (kept->state == NN_RUN_DONE) {
        info_sentence(kept->folder, "is a finished run of %s", recipe->name);
    } else if (kept->state == NN_RUN_FAILED) {
        info_sentence(kept->folder, "is a run of %s that failed", recipe->name);
        info_row("why", "%s", r->message);
    } else {
        info_sentence(kept->folder, "is a run of %s, %d of %d epochs done; it can be taken up",
                      recipe->name, done, recipe->epochs);
        info_row("go on", "inkling train --resume %s", kept->folder);
    }
    info_row("network", "%s", layers);
    info_row("data", "%s", recipe->data);
    info_row("seed", "%" PRIu64, kept->config.seed);
    info_row("epochs", "%d of %d", done, recipe->epochs);
    if (kept->state == NN_RUN_DONE) {
        info_row("seconds", "%.1f", r->seconds);
        info_row("weights", "%s, sha256 %s", r->network, r->weights_sha256);
    }
    print_epochs(kept);
}

NnStatus info_run(const char *folder, bool json, NnError *err) {
    Kept *kept = mem_new(1, sizeof *kept);
    if (kept == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "not enough memory for a run");
    }
    kept->folder = folder;
    NnStatus status = nn_run_read(folder, &kept->state, &kept->config, &kept->result, err);
    if (status == NN_OK && kept->state == NN_RUN_EMPTY) {
        status = nn_fail_file(err, NN_ERR_NOT_FOUND, folder, -1,
                              "is a folder, but there is no training run in it");
        nn_error_hint(err, "inkling train RECIPE --run %s keeps one there", folder);
    }
    if (status == NN_OK) {
        kept->records = nn_run_records(folder, &kept->n, err);
        status = err->status; // a run that has done no epoch yet has no records, and no error
    }
    if (status == NN_OK && json) {
        status = run_json(kept, err);
    } else if (status == NN_OK) {
        print_run(kept);
    }
    mem_free(kept->records);
    mem_free(kept);
    return status;
}

// --- event files ---------------------------------------------------------------------------------

// "2026-11-20T14:03:59Z"
static void utc(char *out, size_t size, double seconds) {
    struct tm parts;
    time_t whole = isfinite(seconds) && fabs(seconds) < 1e11 ? (time_t)seconds : 0;
    if (gmtime_r(&whole, &parts) == NULL ||
        strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        out[0] = '\0';
    }
}

static NnStatus events_json(const char *path, const NnEventInfo *info, NnError *err) {
    json_t *series = json_array();
    for (size_t i = 0; i < info->n_series; i++) {
        const NnEventSeries *s = &info->series[i];
        series = json_text_push(series, json_pack("{s:o, s:I, s:I, s:I, s:o}", "tag",
                                                  info_text(s->tag), "n", (json_int_t)s->n,
                                                  "first_step", (json_int_t)s->first_step,
                                                  "last_step", (json_int_t)s->last_step, "last",
                                                  json_number((double)s->last)));
    }
    return json_print(json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "kind", "events", "file",
                                path, "records", (json_int_t)info->records, "torn_bytes",
                                (json_int_t)info->torn, "first_time", json_number(info->first_time),
                                "last_time", json_number(info->last_time), "series", series),
                      err);
}

static void print_events(const char *path, const NnEventInfo *info) {
    char from[32], to[32];
    utc(from, sizeof from, info->first_time);
    utc(to, sizeof to, info->last_time);
    info_sentence(path, "is a TensorBoard event file of %zu series in %zu records", info->n_series,
                  info->records);
    info_row("written", "%s to %s", from, to);
    if (info->torn > 0) {
        info_row("torn", "%zu bytes of a last record that was never finished", info->torn);
    }
    for (size_t i = 0; i < info->n_series; i++) {
        const NnEventSeries *s = &info->series[i];
        char last[48] = "no number"; // a histogram, a picture
        if (isfinite(s->last)) {
            snprintf(last, sizeof last, "%.6g", (double)s->last);
        }
        info_row(i == 0 ? "series" : "", "%-20s %5zu  steps %" PRId64 " to %" PRId64 ", last %s",
                 s->tag, s->n, s->first_step, s->last_step, last);
    }
}

NnStatus info_events(const char *path, bool json, NnError *err) {
    NnEventInfo *info = nn_events_read(path, err);
    if (info == NULL) {
        return err->status;
    }
    NnStatus status = NN_OK;
    if (json) {
        status = events_json(path, info, err);
    } else {
        print_events(path, info);
    }
    mem_free(info);
    return status;
}
