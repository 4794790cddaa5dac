// info_sweep.c - what a sweep's file plans: its configurations with their settings and seeds, how many
// runs they make, and what is reported for them. What the runs have given is `inkling sweep`'s to say.

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/info.h"
#include "cli/run.h"
#include "cli/sweep_report.h"

enum { FILE_MAX_BYTES = 1 << 20, TEXT = 1024 };

bool info_is_sweep(const char *path) {
    size_t n;
    unsigned char *bytes = file_read(path, FILE_MAX_BYTES, &n, NULL);
    bool no_memory;
    json_t *root = bytes != NULL ? json_text_parse(bytes, n, 0, NULL, &no_memory) : NULL;
    bool plans = json_object_get(root, "runs") != NULL;
    json_decref(root);
    mem_free(bytes);
    return plans;
}

static bool is_reported(const NnReported *reported, int figure) {
    return isfinite(reported->value[figure]);
}

// --- for machines --------------------------------------------------------------------------------

// As the sweep's file says it: a number, or [mean, sd].
static json_t *reported_json(const NnReported *reported) {
    json_t *object = json_object();
    if (reported->source[0] != '\0') {
        object = json_text_put(object, "source", json_string(reported->source));
    }
    if (reported->note[0] != '\0') {
        object = json_text_put(object, "note", json_string(reported->note));
    }
    for (int f = 0; f < NN_SWEEP_FIGURES; f++) {
        json_t *value = json_number(reported->value[f]);
        if (isfinite(reported->sd[f])) {
            value =
                json_text_push(json_text_push(json_array(), value), json_number(reported->sd[f]));
        }
        if (is_reported(reported, f)) {
            object = json_text_put(object, nn_sweep_figure_name((NnSweepFigure)f), value);
        } else {
            json_decref(value);
        }
    }
    return object;
}

static json_t *config_json(const NnSweepConfig *config) {
    json_t *settings = json_array(), *seeds = json_array();
    for (size_t i = 0; i < config->n_settings; i++) {
        settings = json_text_push(settings, json_string(config->settings[i]));
    }
    for (size_t i = 0; i < config->n_seeds; i++) {
        seeds = json_text_push(seeds, json_integer((json_int_t)config->seeds[i]));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:i, s:I, s:o}", "recipe", config->recipe_name, "label",
                     config->label, "settings", settings, "seeds", seeds, "folds", config->folds,
                     "runs", (json_int_t)config->n_runs, "reported",
                     reported_json(&config->reported));
}

static NnStatus sweep_json(const NnSweep *sweep, NnError *err) {
    json_t *configs = json_array();
    for (size_t i = 0; i < sweep->n_configs; i++) {
        configs = json_text_push(configs, config_json(&sweep->configs[i]));
    }
    return json_print(json_pack("{s:s, s:s, s:s, s:b, s:I, s:o}", "kind", "sweep", "name",
                                sweep->name, "title", sweep->title, "track_test", sweep->track_test,
                                "runs", (json_int_t)sweep->n_runs, "configs", configs),
                      err);
}

// --- for people ----------------------------------------------------------------------------------

// "seeds 1 to 5", "seed 7", "seeds 3, 11".
static void write_seeds(char *out, size_t size, const NnSweepConfig *config) {
    size_t n = config->n_seeds;
    bool in_order = true;
    for (size_t i = 1; i < n; i++) {
        in_order = in_order && config->seeds[i] == config->seeds[i - 1] + 1;
    }
    size_t used = (size_t)snprintf(out, size, n == 1 ? "seed" : "seeds");
    for (size_t i = 0; i < n && used < size; i++) {
        if (i > 0 && i + 1 < n && in_order) {
            continue;
        }
        const char *joint = i == 0 ? " " : in_order && n > 2 ? " to " : ", ";
        used += (size_t)snprintf(out + used, size - used, "%s%llu", joint,
                                 (unsigned long long)config->seeds[i]);
    }
}

static void write_reported(char *out, size_t size, const NnReported *reported) {
    size_t used = 0;
    out[0] = '\0';
    for (int f = 0; f < NN_SWEEP_FIGURES && used < size; f++) {
        char value[64], name[48];
        if (!is_reported(reported, f)) {
            continue;
        }
        text_copy(name, sizeof name, nn_sweep_figure_name((NnSweepFigure)f));
        for (char *c = name; *c != '\0'; c++) {
            *c = *c == '_' ? ' ' : *c;
        }
        sweep_write_value(value, sizeof value, (NnSweepFigure)f, reported->value[f],
                          reported->sd[f]);
        used += (size_t)snprintf(out + used, size - used, "%s%s %s%s", used > 0 ? ", " : "", name,
                                 value, sweep_is_share((NnSweepFigure)f) ? " %" : "");
    }
}

static void print_config(const NnSweepConfig *config) {
    char seeds[TEXT], figures[TEXT], folds[32] = "";
    write_seeds(seeds, sizeof seeds, config);
    if (config->folds > 0) {
        snprintf(folds, sizeof folds, ", %d folds", config->folds);
    }
    info_row("runs", "%-28s %s%s", config->label, seeds, folds);
    for (size_t i = 0; i < config->n_settings; i++) {
        info_row(i == 0 ? "  with" : "", "%s", config->settings[i]);
    }
    const NnReported *reported = &config->reported;
    write_reported(figures, sizeof figures, reported);
    if (figures[0] != '\0' || reported->note[0] != '\0') {
        info_row("  reported", "%s%s%s", figures,
                 figures[0] != '\0' && reported->source[0] != '\0' ? "; " : "", reported->source);
    }
    if (reported->note[0] != '\0') {
        info_row("", "%s", reported->note);
    }
}

NnStatus info_sweep(const char *name, bool json, NnError *err) {
    NnSweep *sweep = nn_sweep_find(name, err);
    if (sweep == NULL) {
        return err->status;
    }
    NnStatus status = NN_OK;
    if (json) {
        status = sweep_json(sweep, err);
    } else {
        info_sentence(name, "is a sweep of %zu runs of %zu configurations: %s", sweep->n_runs,
                      sweep->n_configs, sweep->title);
        info_row("test set", "%s", sweep->track_test ? "measured after every epoch" : "at the end");
        for (size_t i = 0; i < sweep->n_configs; i++) {
            print_config(&sweep->configs[i]);
        }
    }
    nn_sweep_free(sweep);
    return status;
}
