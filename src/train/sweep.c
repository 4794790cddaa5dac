// The runs of a sweep. A run's name is a hash of what the run is, of which nothing counts that says
// what every recipe says: so the names stay when the program learns a new setting, and runs of
// yesterday are found by the program of tomorrow.

#include "nn/sweep.h"

#include <jansson.h>
#include <math.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "train/recipe_json.h"
#include "train/share_names.h"
#include "train/sweep_impl.h"

enum { PATH_SIZE = 4096, SWEEP_MAX_BYTES = 1 << 20 };

const char *nn_sweep_figure_name(NnSweepFigure figure) {
    static const char *const names[NN_SWEEP_FIGURES] = {
        [NN_SWEEP_EPOCHS] = "epochs",
        [NN_SWEEP_SECONDS] = "seconds",
        [NN_SWEEP_TRAIN_LOSS] = "train_loss",
        [NN_SWEEP_TRAIN_ACCURACY] = "train_accuracy",
        [NN_SWEEP_VAL_LOSS] = "val_loss",
        [NN_SWEEP_VAL_ACCURACY] = "val_accuracy",
        [NN_SWEEP_TEST_LOSS] = "test_loss",
        [NN_SWEEP_TEST_ACCURACY] = "test_accuracy",
        [NN_SWEEP_TEST_PRECISION] = "test_precision",
        [NN_SWEEP_TEST_RECALL] = "test_recall",
        [NN_SWEEP_TEST_F1] = "test_f1",
        [NN_SWEEP_LOWEST_LOSS] = "lowest_test_loss",
        [NN_SWEEP_LOWEST_EPOCH] = "lowest_test_epoch",
        [NN_SWEEP_LOWEST_ACCURACY] = "lowest_test_accuracy",
        [NN_SWEEP_PEAK_ACCURACY] = "peak_test_accuracy"};
    return names[figure];
}

// --- numbers -------------------------------------------------------------------------------------

NnSpread nn_spread(const double *values, size_t n) {
    NnSpread spread = {0, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(values[i])) {
            spread.n++;
            sum += values[i];
            spread.low = spread.n == 1 ? values[i] : fmin(spread.low, values[i]);
            spread.high = spread.n == 1 ? values[i] : fmax(spread.high, values[i]);
        }
    }
    if (spread.n == 0) {
        return spread;
    }
    spread.mean = sum / (double)spread.n;
    for (size_t i = 0; i < n; i++) {
        double off = isfinite(values[i]) ? values[i] - spread.mean : 0;
        squares += off * off;
    }
    spread.sd = spread.n > 1 ? sqrt(squares / (double)(spread.n - 1)) : (double)NAN;
    return spread;
}

NnVerdict nn_sweep_verdict(const NnReported *reported, NnSweepFigure figure,
                           const NnSpread *measured) {
    bool lower = figure == NN_SWEEP_TRAIN_LOSS || figure == NN_SWEEP_VAL_LOSS ||
                 figure == NN_SWEEP_TEST_LOSS || figure == NN_SWEEP_LOWEST_LOSS;
    bool neutral =
        figure == NN_SWEEP_EPOCHS || figure == NN_SWEEP_SECONDS || figure == NN_SWEEP_LOWEST_EPOCH;
    double value = reported->value[figure];
    if (neutral || isnan(value) || measured->n == 0) {
        return NN_VERDICT_NONE;
    }
    // A mean that rounds to a figure given with three or four digits has met it.
    double half = fabs(value * 1e3 - round(value * 1e3)) < 1e-6 ? 5e-4 : 5e-5;
    double worse = (lower ? measured->mean - value : value - measured->mean) - half;
    double sd = fmax(isnan(measured->sd) ? 0 : measured->sd,
                     isnan(reported->sd[figure]) ? 0 : reported->sd[figure]);
    return worse <= 0 ? NN_VERDICT_REACHED : worse <= sd ? NN_VERDICT_WITHIN : NN_VERDICT_MISSED;
}

NnSpread nn_sweep_spread(const NnSweep *sweep, size_t config, const NnSweepOutcome *outcomes,
                         NnSweepFigure figure) {
    const NnSweepConfig *c = &sweep->configs[config];
    double *values = mem_new(c->n_runs, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; values != NULL && i < c->n_runs; i++) {
        const NnSweepOutcome *outcome = &outcomes[c->first_run + i];
        if (outcome->state == NN_RUN_DONE) {
            values[n++] = outcome->figure[figure];
        }
    }
    NnSpread spread = nn_spread(values, n);
    mem_free(values);
    return spread;
}

// --- names of runs -------------------------------------------------------------------------------

// A recipe of which nothing is said but what has to be.
static json_t *nothing_said(void) {
    static const char text[] = "{\"name\": \"-\", \"layers\": [{\"dense\": 10}]}";
    NnRecipe recipe;
    NnError unused = {0};
    return nn_recipe_parse(text, sizeof text - 1, "-", &recipe, &unused) == NN_OK
               ? recipe_to_json(&recipe)
               : NULL;
}

// Takes out of object what plain says as well.
static void leave_out(json_t *object, const json_t *plain) {
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value) {
        json_t *same = json_object_get(plain, key);
        if (json_is_object(value) && json_is_object(same)) {
            leave_out(value, same);
        }
        bool empty = json_is_object(value) && json_object_size(value) == 0;
        if (empty || (same != NULL && json_equal(value, same))) {
            (void)json_object_del(object, key);
        }
    }
}

// In a layer 0 and false are what goes without saying.
static void leave_out_zeros(json_t *layer) {
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(layer, next, key, value) {
        if (json_is_false(value) || (json_is_number(value) && json_number_value(value) == 0)) {
            (void)json_object_del(layer, key);
        }
    }
}

static json_t *essence(const NnRecipe *recipe, const json_t *plain) {
    json_t *object = recipe_to_json(recipe);
    if (object == NULL) {
        return NULL;
    }
    (void)json_object_del(object, "title");
    (void)json_object_del(object, "source");
    json_t *layers = json_object_get(object, "layers");
    for (size_t i = 0; i < json_array_size(layers); i++) {
        leave_out_zeros(json_array_get(layers, i));
    }
    leave_out(object, plain);
    return object;
}

// What the runs of a configuration have in common, once for each fold. Free with mem_free.
static char *essence_text(const NnSweepConfig *config, int fold, const json_t *plain) {
    NnRecipe recipe = config->recipe;
    recipe.folds = config->folds;
    recipe.fold = fold;
    json_t *object = essence(&recipe, plain);
    char *text =
        object != NULL
            ? json_text_make(object, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9))
            : NULL;
    json_decref(object);
    return text;
}

// "linear-s1-1f2e3d4c", "linear-s1-f2-1f2e3d4c": short, and no two runs share it.
static void name_run(const NnSweep *sweep, const char *essence_json, NnSweepRun *run) {
    char digest[SHA256_DIGEST_STRING_LENGTH], fold[16] = "", name[64], rest[64];
    snprintf(rest, sizeof rest, ",\"seed\":%llu,\"track_test\":%s}", (unsigned long long)run->seed,
             sweep->track_test ? "true" : "false");
    const char *const parts[] = {"{\"recipe\":", essence_json, rest};
    SHA2_CTX context;
    SHA256Init(&context);
    for (size_t i = 0; i < 3; i++) {
        SHA256Update(&context, (const uint8_t *)parts[i], strlen(parts[i]));
    }
    SHA256End(&context, digest);
    text_copy(name, sizeof name, sweep->configs[run->config].recipe.name);
    for (char *c = name; *c != '\0'; c++) {
        bool plain_letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                            (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';
        *c = plain_letter ? *c : '-';
    }
    if (run->fold > 0) {
        snprintf(fold, sizeof fold, "-f%d", run->fold);
    }
    snprintf(run->id, sizeof run->id, "%s-s%llu%s-%.8s", name, (unsigned long long)run->seed, fold,
             digest);
}

static int by_id(const void *a, const void *b) {
    return strcmp((*(NnSweepRun *const *)a)->id, (*(NnSweepRun *const *)b)->id);
}

static NnStatus check_names(const NnSweep *sweep, const char *path, NnError *err) {
    const NnSweepRun **sorted = mem_new(sweep->n_runs, sizeof *sorted);
    if (sorted == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the runs of a sweep");
    }
    for (size_t i = 0; i < sweep->n_runs; i++) {
        sorted[i] = &sweep->runs[i];
    }
    qsort(sorted, sweep->n_runs, sizeof *sorted, by_id);
    NnStatus status = NN_OK;
    for (size_t i = 1; i < sweep->n_runs && status == NN_OK; i++) {
        if (strcmp(sorted[i]->id, sorted[i - 1]->id) == 0) {
            const NnSweepConfig *a = &sweep->configs[sorted[i - 1]->config];
            status = nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                                  "\"runs\" holds the same run twice: %s with seed %llu", a->label,
                                  (unsigned long long)sorted[i]->seed);
        }
    }
    mem_free(sorted);
    return status;
}

NnStatus sweep_plan(NnSweep *sweep, const char *path, NnError *err) {
    size_t n = 0;
    for (size_t c = 0; c < sweep->n_configs; c++) {
        NnSweepConfig *config = &sweep->configs[c];
        config->first_run = n;
        config->n_runs = config->n_seeds * (config->folds > 0 ? (size_t)config->folds : 1);
        n += config->n_runs;
        if (n > NN_SWEEP_RUNS_MAX) {
            return nn_fail_file(err, NN_ERR_FORMAT, path, -1, "\"runs\" makes more than %d runs",
                                NN_SWEEP_RUNS_MAX);
        }
    }
    json_t *plain = nothing_said();
    sweep->runs = mem_new(n, sizeof *sweep->runs);
    sweep->n_runs = sweep->runs != NULL ? n : 0;
    bool whole = plain != NULL && sweep->runs != NULL;
    for (size_t c = 0; whole && c < sweep->n_configs; c++) {
        const NnSweepConfig *config = &sweep->configs[c];
        size_t folds = config->n_runs / config->n_seeds;
        for (size_t f = 0; whole && f < folds; f++) {
            int fold = config->folds > 0 ? (int)f + 1 : 0;
            char *text = essence_text(config, fold, plain);
            whole = text != NULL;
            for (size_t i = 0; whole && i < config->n_seeds; i++) {
                NnSweepRun *run = &sweep->runs[config->first_run + i * folds + f];
                *run = (NnSweepRun){.config = c, .seed = config->seeds[i], .fold = fold};
                name_run(sweep, text, run);
            }
            mem_free(text);
        }
    }
    json_decref(plain);
    return whole ? check_names(sweep, path, err)
                 : nn_fail(err, NN_ERR_NOMEM, "out of memory for the runs of a sweep");
}

NnRunConfig nn_sweep_run_config(const NnSweep *sweep, size_t i) {
    const NnSweepRun *run = &sweep->runs[i];
    const NnSweepConfig *config = &sweep->configs[run->config];
    NnRunConfig wanted = {
        .recipe = config->recipe, .seed = run->seed, .track_test = sweep->track_test};
    wanted.recipe.folds = config->folds;
    wanted.recipe.fold = run->fold;
    return wanted;
}

// --- life ----------------------------------------------------------------------------------------

void nn_sweep_free(NnSweep *sweep) {
    if (sweep == NULL) {
        return;
    }
    for (size_t c = 0; c < sweep->n_configs; c++) {
        NnSweepConfig *config = &sweep->configs[c];
        for (size_t i = 0; i < config->n_settings; i++) {
            mem_free(config->settings[i]);
        }
        mem_free(config->settings);
        mem_free(config->seeds);
    }
    mem_free(sweep->configs);
    mem_free(sweep->runs);
    mem_free(sweep);
}

NnSweep *nn_sweep_of(const NnRecipe *recipe, const uint64_t *seeds, size_t n_seeds, int folds,
                     bool track_test, NnError *err) {
    NnSweep *sweep = mem_new(1, sizeof *sweep);
    NnSweepConfig *config = mem_new(1, sizeof *config);
    uint64_t *own_seeds = mem_new(n_seeds, sizeof *own_seeds);
    if (sweep == NULL || config == NULL || own_seeds == NULL) {
        mem_free(own_seeds);
        mem_free(config);
        mem_free(sweep);
        nn_fail(err, NN_ERR_NOMEM, "out of memory for the runs of a recipe");
        return NULL;
    }
    memcpy(own_seeds, seeds, n_seeds * sizeof *own_seeds);
    *config =
        (NnSweepConfig){.recipe = *recipe, .folds = folds, .seeds = own_seeds, .n_seeds = n_seeds};
    for (int f = 0; f < NN_SWEEP_FIGURES; f++) {
        config->reported.value[f] = config->reported.sd[f] = (double)NAN;
    }
    text_copy(config->recipe_name, sizeof config->recipe_name, recipe->name);
    text_copy(config->label, sizeof config->label, recipe->name);
    *sweep = (NnSweep){.track_test = track_test, .configs = config, .n_configs = 1};
    text_copy(sweep->name, sizeof sweep->name, recipe->name);
    if (sweep_plan(sweep, NULL, err) != NN_OK) {
        nn_sweep_free(sweep);
        return NULL;
    }
    return sweep;
}

NnSweep *nn_sweep_find(const char *name, NnError *err) {
    char path[PATH_SIZE];
    size_t n;
    if (share_find(path, sizeof path, "sweeps", "sweep", name, err) != NN_OK) {
        return NULL;
    }
    unsigned char *bytes = file_read(path, SWEEP_MAX_BYTES, &n, err);
    NnSweep *sweep = bytes != NULL ? nn_sweep_parse((const char *)bytes, n, path, err) : NULL;
    mem_free(bytes);
    return sweep;
}

char **nn_sweep_names(size_t *count) {
    return share_names("sweeps", count);
}
