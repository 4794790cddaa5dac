#include "cli/sweep_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/sweep_run.h"

enum { CELL_SIZE = 640, NAMED_AT_MOST = 20 };

static size_t parameters(const NnSweepConfig *config) {
    NnModel *model = nn_model_new(&config->recipe.arch, NULL);
    size_t n = model != NULL ? nn_model_param_count(model) : 0;
    nn_model_free(model);
    return n;
}

static const char *state_word(NnRunState state) {
    static const char *const words[] = {[NN_RUN_EMPTY] = "missing",
                                        [NN_RUN_STARTED] = "unfinished",
                                        [NN_RUN_DONE] = "done",
                                        [NN_RUN_FAILED] = "failed"};
    return words[state];
}

static const char *verdict_word(NnVerdict verdict) {
    static const char *const words[] = {[NN_VERDICT_NONE] = "",
                                        [NN_VERDICT_REACHED] = "reached",
                                        [NN_VERDICT_WITHIN] = "within one sd",
                                        [NN_VERDICT_MISSED] = "missed"};
    return words[verdict];
}

bool sweep_is_share(NnSweepFigure figure) {
    const char *name = nn_sweep_figure_name(figure);
    return text_ends_with(name, "accuracy") || text_ends_with(name, "precision") ||
           text_ends_with(name, "recall") || text_ends_with(name, "f1");
}

void sweep_write_value(char *out, size_t size, NnSweepFigure figure, double mean, double sd) {
    bool counts =
        figure == NN_SWEEP_EPOCHS || figure == NN_SWEEP_LOWEST_EPOCH || figure == NN_SWEEP_SECONDS;
    bool whole = mean == floor(mean) || (figure == NN_SWEEP_SECONDS && mean >= 10);
    int digits = sweep_is_share(figure) ? 2 : !counts ? 4 : whole ? 0 : 1;
    double times = sweep_is_share(figure) ? 100 : 1;
    int n = snprintf(out, size, "%.*f", digits, times * mean);
    bool spreads = isfinite(sd) && sd > 0 && figure != NN_SWEEP_SECONDS;
    if (spreads && n > 0 && (size_t)n < size) {
        snprintf(out + n, size - (size_t)n, " ± %.*f", counts ? 1 : digits, times * sd);
    }
}

// --- the table for people ------------------------------------------------------------------------

enum {
    COL_LABEL,
    COL_PARAMETERS,
    COL_RUNS,
    COL_FIGURES,
    COL_REPORTED = COL_FIGURES + NN_SWEEP_FIGURES,
    COLUMNS
};

// NULL where a figure is for machines alone: a row that is too long is read by nobody.
static const char *column_title(int column) {
    static const char *const titles[NN_SWEEP_FIGURES] = {
        [NN_SWEEP_EPOCHS] = "epochs",
        [NN_SWEEP_SECONDS] = "s",
        [NN_SWEEP_VAL_ACCURACY] = "validation %",
        [NN_SWEEP_TEST_ACCURACY] = "test %",
        [NN_SWEEP_TEST_LOSS] = "test loss",
        [NN_SWEEP_TEST_PRECISION] = "precision %",
        [NN_SWEEP_TEST_RECALL] = "recall %",
        [NN_SWEEP_TEST_F1] = "F1 %",
        [NN_SWEEP_LOWEST_LOSS] = "lowest test loss",
        [NN_SWEEP_LOWEST_EPOCH] = "at epoch",
        [NN_SWEEP_LOWEST_ACCURACY] = "test % there"};
    switch (column) {
    case COL_LABEL:
        return "network";
    case COL_PARAMETERS:
        return "parameters";
    case COL_RUNS:
        return "runs";
    case COL_REPORTED:
        return "reported";
    default:
        return titles[column - COL_FIGURES];
    }
}

// "test accuracy 98.38: reached (paper 002)": names as people read them.
static void write_reported(char *out, size_t size, const NnSweep *sweep, size_t c,
                           const NnSweepOutcome *outcomes) {
    const NnReported *reported = &sweep->configs[c].reported;
    size_t used = 0;
    *out = '\0';
    if (reported->source[0] == '\0') {
        return;
    }
    for (int f = 0; f < NN_SWEEP_FIGURES && used < size; f++) {
        NnSweepFigure figure = (NnSweepFigure)f;
        if (isnan(reported->value[f])) {
            continue;
        }
        NnSpread spread = nn_sweep_spread(sweep, c, outcomes, figure);
        char name[32], value[64];
        text_copy(name, sizeof name, nn_sweep_figure_name(figure));
        for (char *at = name; *at != '\0'; at++) {
            *at = *at == '_' ? ' ' : *at;
        }
        sweep_write_value(value, sizeof value, figure, reported->value[f], reported->sd[f]);
        const char *verdict = verdict_word(nn_sweep_verdict(reported, figure, &spread));
        used += (size_t)snprintf(out + used, size - used, "%s%s %s%s%s", used > 0 ? "; " : "", name,
                                 value, *verdict != '\0' ? ": " : "", verdict);
        if (column_title(COL_FIGURES + f) == NULL && spread.n > 0 && used < size) {
            sweep_write_value(value, sizeof value, figure, spread.mean, spread.sd);
            used += (size_t)snprintf(out + used, size - used, " (%s)", value);
        }
    }
    if (used < size) {
        used += (size_t)snprintf(out + used, size - used, "%s(%s)", used > 0 ? " " : "",
                                 reported->source);
    }
    if (used < size && reported->note[0] != '\0') {
        snprintf(out + used, size - used, ". %s", reported->note);
    }
}

static void write_cell(char *out, int column, const NnSweep *sweep, size_t c,
                       const NnSweepOutcome *outcomes) {
    const NnSweepConfig *config = &sweep->configs[c];
    *out = '\0';
    if (column == COL_LABEL) {
        int n = snprintf(out, CELL_SIZE, "%s", config->label);
        if (config->folds > 0) {
            snprintf(out + n, CELL_SIZE - (size_t)n, ", %d folds", config->folds);
        }
    } else if (column == COL_PARAMETERS) {
        snprintf(out, CELL_SIZE, "%zu", parameters(config));
    } else if (column == COL_RUNS) {
        size_t done = 0;
        for (size_t i = 0; i < config->n_runs; i++) {
            done += outcomes[config->first_run + i].state == NN_RUN_DONE;
        }
        snprintf(out, CELL_SIZE, done < config->n_runs ? "%zu of %zu" : "%zu", done,
                 config->n_runs);
    } else if (column == COL_REPORTED) {
        write_reported(out, CELL_SIZE, sweep, c, outcomes);
    } else {
        NnSweepFigure figure = (NnSweepFigure)(column - COL_FIGURES);
        NnSpread spread = nn_sweep_spread(sweep, c, outcomes, figure);
        if (spread.n > 0) {
            sweep_write_value(out, CELL_SIZE, figure, spread.mean, spread.sd);
        }
    }
}

// Letters, not bytes.
static int width_of(const char *text) {
    int width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

static NnStatus print_table(const NnSweep *sweep, const NnSweepOutcome *outcomes, bool markdown,
                            NnError *err) {
    size_t n = sweep->n_configs;
    char(*cells)[CELL_SIZE] = mem_new(n * COLUMNS, sizeof *cells);
    if (cells == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the table");
    }
    int width[COLUMNS] = {0};
    for (int k = 0; k < COLUMNS; k++) {
        if (column_title(k) == NULL) {
            continue;
        }
        for (size_t c = 0; c < n; c++) {
            char *cell = cells[c * COLUMNS + (size_t)k];
            write_cell(cell, k, sweep, c, outcomes);
            width[k] = width_of(cell) > width[k] ? width_of(cell) : width[k];
        }
        int title = width_of(column_title(k)); // a column without a figure is left out
        width[k] = width[k] > 0 && title > width[k] ? title : width[k];
    }
    int last = COLUMNS - 1;
    while (width[last] == 0) {
        last--;
    }
    for (size_t row = 0; row < n + 1 + markdown; row++) {
        fputs(markdown ? "|" : "", stdout);
        for (int k = 0; k <= last; k++) {
            const char *cell = row == 0 ? column_title(k)
                               : markdown && row == 1
                                   ? "---"
                                   : cells[(row - 1 - markdown) * COLUMNS + (size_t)k];
            if (width[k] > 0 && markdown) {
                printf(" %s |", cell);
            } else if (width[k] > 0) {
                printf("%s%*s", cell, k == last ? 0 : width[k] - width_of(cell) + 2, "");
            }
        }
        putchar('\n');
    }
    mem_free(cells);
    return NN_OK;
}

// --- the tables for machines ---------------------------------------------------------------------

// A field that may hold commas.
static void csv_text(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, stdout);
    }
    putchar('"');
}

static void print_csv(const NnSweep *sweep, const NnSweepOutcome *outcomes) {
    fputs("configuration,recipe,parameters,folds,runs,done", stdout);
    for (int f = 0; f < NN_SWEEP_FIGURES; f++) {
        const char *name = nn_sweep_figure_name((NnSweepFigure)f);
        printf(",%s,%s_sd", name, name);
    }
    putchar('\n');
    for (size_t c = 0; c < sweep->n_configs; c++) {
        const NnSweepConfig *config = &sweep->configs[c];
        size_t done = 0;
        for (size_t i = 0; i < config->n_runs; i++) {
            done += outcomes[config->first_run + i].state == NN_RUN_DONE;
        }
        csv_text(config->label);
        printf(",%s,%zu,%d,%zu,%zu", config->recipe.name, parameters(config), config->folds,
               config->n_runs, done);
        for (int f = 0; f < NN_SWEEP_FIGURES; f++) {
            NnSpread spread = nn_sweep_spread(sweep, c, outcomes, (NnSweepFigure)f);
            const double fields[] = {spread.mean, spread.sd};
            for (int k = 0; k < 2; k++) {
                putchar(',');
                if (isfinite(fields[k])) {
                    printf("%.9g", fields[k]);
                }
            }
        }
        putchar('\n');
    }
}

static json_t *spreads_json(const NnSweep *sweep, size_t c, const NnSweepOutcome *outcomes) {
    json_t *object = json_object();
    for (int f = 0; f < NN_SWEEP_FIGURES; f++) {
        NnSpread s = nn_sweep_spread(sweep, c, outcomes, (NnSweepFigure)f);
        if (s.n > 0) {
            object = json_text_put(object, nn_sweep_figure_name((NnSweepFigure)f),
                                   json_pack("{s:I, s:f, s:o, s:f, s:f}", "n", (json_int_t)s.n,
                                             "mean", s.mean, "sd", json_number(s.sd), "low", s.low,
                                             "high", s.high));
        }
    }
    return object;
}

static json_t *reported_json(const NnSweep *sweep, size_t c, const NnSweepOutcome *outcomes) {
    const NnReported *reported = &sweep->configs[c].reported;
    if (reported->source[0] == '\0') {
        return json_null();
    }
    json_t *figures = json_object();
    for (int f = 0; f < NN_SWEEP_FIGURES; f++) {
        NnSpread s = nn_sweep_spread(sweep, c, outcomes, (NnSweepFigure)f);
        const char *verdict = verdict_word(nn_sweep_verdict(reported, (NnSweepFigure)f, &s));
        if (isfinite(reported->value[f])) {
            figures =
                json_text_put(figures, nn_sweep_figure_name((NnSweepFigure)f),
                              json_pack("{s:f, s:o, s:o}", "value", reported->value[f], "sd",
                                        json_number(reported->sd[f]), "verdict",
                                        *verdict != '\0' ? json_string(verdict) : json_null()));
        }
    }
    return json_pack("{s:s, s:s, s:o}", "source", reported->source, "note", reported->note,
                     "figures", figures);
}

static json_t *run_json(const NnSweep *sweep, size_t i, const NnSweepOutcome *outcome) {
    const NnSweepRun *run = &sweep->runs[i];
    json_t *object =
        json_pack("{s:s, s:I, s:i, s:s}", "run", run->id, "seed", (json_int_t)run->seed, "fold",
                  run->fold, "state", state_word(outcome->state));
    if (outcome->message[0] != '\0') {
        object = json_text_put(object, "message", json_string(outcome->message));
    }
    for (int f = 0; f < NN_SWEEP_FIGURES && outcome->state == NN_RUN_DONE; f++) {
        object = json_text_put(object, nn_sweep_figure_name((NnSweepFigure)f),
                               json_number(outcome->figure[f]));
    }
    return object;
}

static json_t *config_json(const NnSweep *sweep, size_t c, const NnSweepOutcome *outcomes) {
    const NnSweepConfig *config = &sweep->configs[c];
    json_t *settings = json_array(), *runs = json_array();
    for (size_t i = 0; i < config->n_settings; i++) {
        settings = json_text_push(settings, json_string(config->settings[i]));
    }
    for (size_t i = config->first_run; i < config->first_run + config->n_runs; i++) {
        runs = json_text_push(runs, run_json(sweep, i, &outcomes[i]));
    }
    return json_pack("{s:s, s:s, s:o, s:I, s:i, s:o, s:o, s:o}", "configuration", config->label,
                     "recipe", config->recipe.name, "settings", settings, "parameters",
                     (json_int_t)parameters(config), "folds", config->folds, "figures",
                     spreads_json(sweep, c, outcomes), "reported",
                     reported_json(sweep, c, outcomes), "runs", runs);
}

static NnStatus print_json(const NnSweep *sweep, const NnSweepOutcome *outcomes, NnError *err) {
    json_t *configs = json_array(), *ids[NN_RUN_FAILED + 1];
    for (int s = 0; s <= NN_RUN_FAILED; s++) {
        ids[s] = json_array();
    }
    for (size_t i = 0; i < sweep->n_runs; i++) {
        NnRunState state = outcomes[i].state;
        ids[state] = json_text_push(ids[state], json_string(sweep->runs[i].id));
    }
    for (size_t c = 0; c < sweep->n_configs; c++) {
        configs = json_text_push(configs, config_json(sweep, c, outcomes));
    }
    return json_print(json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "sweep", sweep->name,
                                "title", sweep->title, "runs", (json_int_t)sweep->n_runs, "done",
                                ids[NN_RUN_DONE], "unfinished", ids[NN_RUN_STARTED], "missing",
                                ids[NN_RUN_EMPTY], "failed", ids[NN_RUN_FAILED], "configurations",
                                configs),
                      err);
}

NnStatus sweep_report(const NnSweep *sweep, const NnSweepOutcome *outcomes, SweepForm form,
                      NnError *err) {
    if (form == SWEEP_JSON) {
        return print_json(sweep, outcomes, err);
    }
    if (form == SWEEP_CSV) {
        print_csv(sweep, outcomes);
        return NN_OK;
    }
    return print_table(sweep, outcomes, form == SWEEP_MARKDOWN, err);
}

void sweep_report_missing(Term *term, const NnSweep *sweep, const NnSweepOutcome *outcomes) {
    size_t n = 0, told = 0;
    for (size_t i = 0; i < sweep->n_runs; i++) {
        n += outcomes[i].state != NN_RUN_DONE;
    }
    if (n > 0) {
        term_note(term, "note: %zu of %zu runs are not done", n, sweep->n_runs);
    }
    for (size_t i = 0; i < sweep->n_runs && told < NAMED_AT_MOST; i++) {
        const NnSweepOutcome *outcome = &outcomes[i];
        if (outcome->state == NN_RUN_DONE) {
            continue;
        }
        told++;
        if (outcome->state == NN_RUN_STARTED) {
            term_note(term, "  %zu %s: unfinished, %d of %d epochs", i + 1, sweep->runs[i].id,
                      outcome->epochs_done, sweep->configs[sweep->runs[i].config].recipe.epochs);
        } else {
            term_note(term, "  %zu %s: %s%s%s", i + 1, sweep->runs[i].id,
                      state_word(outcome->state), outcome->message[0] != '\0' ? ": " : "",
                      outcome->message);
        }
    }
    if (n > told) {
        term_note(term, "  ... and %zu more; --json has them all", n - told);
    }
}
