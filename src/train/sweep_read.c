// A sweep file becomes a list of configurations, each a whole recipe, and a list of runs. Settings
// go through nn_recipe_set, so what a sweep may say and in which limits is what a recipe may.

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "base/text.h"
#include "train/json_line.h"
#include "train/sweep_impl.h"

enum { SWEEP_MAX_BYTES = 1 << 20, DEPTH_MAX = 6, SETTINGS_MAX = 32, FOLDS_MAX = 100 };

// 2^53: every JSON reader gets a seed up to here exactly.
static const json_int_t SEED_MAX = 9007199254740992;

// What is being read, and where: place leads to the value in work.
typedef struct {
    const char *text;
    size_t n;
    const char *path;
    NnError *err;
    const char *place[DEPTH_MAX];
    char number[DEPTH_MAX][24]; // the indices among them
    size_t depth;
    NnSweep *sweep;
} Source;

static void enter(Source *s, const char *key) {
    NN_ASSERT(s->depth < DEPTH_MAX);
    s->place[s->depth++] = key;
}

static void enter_item(Source *s, size_t index) {
    NN_ASSERT(s->depth < DEPTH_MAX);
    snprintf(s->number[s->depth], sizeof s->number[0], "%zu", index);
    s->place[s->depth] = s->number[s->depth];
    s->depth++;
}

static void leave(Source *s) {
    s->depth--;
}

// "FILE: line 7: why", of the place in work.
NN_PRINTF(3, 4)
static NnStatus refuse(const Source *s, NnStatus status, const char *format, ...) {
    char why[400];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    int line = json_line_of(s->text, s->n, s->place, s->depth);
    return nn_fail_file(s->err, status, s->path, line, "line %d: %s", line > 0 ? line : 1, why);
}

static NnStatus refuse_key(const Source *s, const char *key, const char *wanted) {
    char shown[128];
    text_escape(shown, sizeof shown, key);
    return refuse(s, NN_ERR_FORMAT, "\"%s\" must be %s", shown, wanted);
}

static NnStatus unknown_key(const Source *s, const char *key, const char *known) {
    char shown[128];
    text_escape(shown, sizeof shown, key);
    NnStatus status = refuse(s, NN_ERR_FORMAT, "\"%s\" is no key here", shown);
    nn_error_hint(s->err, "there are: %s", known);
    return status;
}

static NnStatus no_memory(const Source *s) {
    return nn_fail_file(s->err, NN_ERR_NOMEM, s->path, -1, "not enough memory for the sweep");
}

static bool plain_text(const json_t *value, char *out, size_t size) {
    const char *text = json_string_value(value);
    for (const char *c = text; c != NULL && *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            return false;
        }
    }
    return text != NULL && text_copy(out, size, text);
}

// --- an entry of "runs" --------------------------------------------------------------------------

// A setting before it meets a recipe: its key, its value, and where the value stands.
typedef struct {
    const char *key;
    const json_t *values; // the list of "vary", or the one value of "set"
    bool varies;
    size_t at; // which of the values
} Choice;

typedef struct {
    Choice choices[SETTINGS_MAX];
    size_t n_choices;
    uint64_t *seeds;
    size_t n_seeds;
    int folds;
    NnReported reported;
} Entry;

static const json_t *chosen(const Choice *choice) {
    return choice->varies ? json_array_get(choice->values, choice->at) : choice->values;
}

// "key=value" as --set takes it; words without their quotes. Free with mem_free.
static char *setting_text(const Choice *choice) {
    const json_t *value = chosen(choice);
    char *made =
        json_is_string(value)
            ? mem_copy_text(json_string_value(value))
            : json_text_make(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    size_t size = strlen(choice->key) + (made != NULL ? strlen(made) : 0) + 2;
    char *text = made != NULL ? mem_new(size, 1) : NULL;
    if (text != NULL) {
        snprintf(text, size, "%s=%s", choice->key, made);
    }
    mem_free(made);
    return text;
}

static NnStatus read_choices(Source *s, json_t *object, bool varies, Entry *entry) {
    if (!json_is_object(object)) {
        return refuse_key(s, varies ? "vary" : "set",
                          varies ? "an object of lists, such as {\"l2\": [0, 1e-4]}"
                                 : "an object, such as {\"epochs\": 30}");
    }
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        enter(s, key);
        if (varies && json_array_size(value) == 0) {
            return refuse_key(s, key, "a list of the values to try");
        }
        if (strcmp(key, "name") == 0 || strcmp(key, "folds") == 0 || strcmp(key, "fold") == 0) {
            return refuse(s, NN_ERR_FORMAT, "\"%s\" cannot be set here", key);
        }
        for (size_t i = 0; i < entry->n_choices; i++) {
            if (strcmp(entry->choices[i].key, key) == 0) {
                return refuse(s, NN_ERR_FORMAT, "\"%s\" is both set and varied", key);
            }
        }
        if (entry->n_choices == SETTINGS_MAX) {
            return refuse(s, NN_ERR_FORMAT, "\"%s\" is one setting too many; %d are allowed", key,
                          SETTINGS_MAX);
        }
        entry->choices[entry->n_choices++] = (Choice){key, value, varies, 0};
        leave(s);
    }
    return NN_OK;
}

static NnStatus read_seeds(Source *s, const json_t *value, Entry *entry) {
    static const char wanted[] = "how many seeds, from 1, or a list of different seeds";
    size_t n = json_is_array(value) ? json_array_size(value)
               : json_is_integer(value) && json_integer_value(value) > 0
                   ? (size_t)json_integer_value(value)
                   : 0;
    if (n == 0 || n > NN_SWEEP_RUNS_MAX) {
        return refuse_key(s, "seeds", wanted);
    }
    mem_free(entry->seeds);
    entry->n_seeds = n;
    entry->seeds = mem_new(n, sizeof *entry->seeds);
    if (entry->seeds == NULL) {
        return no_memory(s);
    }
    for (size_t i = 0; i < n; i++) {
        entry->seeds[i] = i + 1;
        if (json_is_array(value)) {
            const json_t *seed = json_array_get(value, i);
            if (!json_is_integer(seed) || json_integer_value(seed) < 0 ||
                json_integer_value(seed) > SEED_MAX) {
                return refuse_key(s, "seeds", wanted);
            }
            entry->seeds[i] = (uint64_t)json_integer_value(seed);
        }
    }
    return NN_OK;
}

// A number, or [mean, sd].
static bool read_figure(const json_t *value, double *mean, double *sd) {
    const json_t *first = json_is_array(value) ? json_array_get(value, 0) : value;
    const json_t *second = json_array_get(value, 1);
    bool two = json_is_array(value);
    *mean = json_number_value(first);
    *sd = two ? json_number_value(second) : (double)NAN;
    return json_is_number(first) &&
           (!two || (json_array_size(value) == 2 && json_is_number(second) && *sd >= 0));
}

static NnStatus read_reported(Source *s, json_t *object, NnReported *reported) {
    if (!json_is_object(object)) {
        return refuse_key(s, "reported", "an object with \"source\" and figures");
    }
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        enter(s, key);
        bool source = strcmp(key, "source") == 0, note = strcmp(key, "note") == 0;
        int figure = 0;
        while (figure < NN_SWEEP_FIGURES &&
               strcmp(key, nn_sweep_figure_name((NnSweepFigure)figure)) != 0) {
            figure++;
        }
        if (!source && !note && figure == NN_SWEEP_FIGURES) {
            return unknown_key(s, key,
                               "source, note, and figures such as test_loss, test_accuracy, "
                               "lowest_test_loss");
        }
        if ((source && !plain_text(value, reported->source, sizeof reported->source)) ||
            (note && !plain_text(value, reported->note, sizeof reported->note))) {
            return refuse_key(s, key, "a line of text that is not too long");
        }
        if (figure < NN_SWEEP_FIGURES &&
            !read_figure(value, &reported->value[figure], &reported->sd[figure])) {
            return refuse_key(s, key, "a number, or [mean, sd]");
        }
        leave(s);
    }
    return reported->source[0] != '\0' ? NN_OK
                                       : refuse(s, NN_ERR_FORMAT, "\"reported\" has no \"source\"");
}

// Puts the settings that are chosen now on the recipe. A fault is told with the setting's line.
static NnStatus apply(Source *s, const Entry *entry, NnSweepConfig *config) {
    config->settings = mem_new(entry->n_choices, sizeof *config->settings);
    if (config->settings == NULL) {
        return no_memory(s);
    }
    size_t used = (size_t)snprintf(config->label, sizeof config->label, "%s", config->recipe.name);
    for (size_t i = 0; i < entry->n_choices; i++) {
        const Choice *choice = &entry->choices[i];
        char *text = setting_text(choice);
        if (text == NULL) {
            return no_memory(s);
        }
        config->settings[config->n_settings++] = text;
        NnError cause = {0};
        if (nn_recipe_set(&config->recipe, text, &cause) != NN_OK) {
            enter(s, choice->varies ? "vary" : "set");
            enter(s, choice->key);
            if (choice->varies) {
                enter_item(s, choice->at);
            }
            static const char origin[] = "--set: "; // a sweep file has no such option
            bool told = strncmp(cause.message, origin, sizeof origin - 1) == 0;
            NnStatus status =
                refuse(s, NN_ERR_FORMAT, "%s", cause.message + (told ? sizeof origin - 1 : 0));
            nn_error_hint(s->err, "%s", cause.hint);
            return status;
        }
        if (choice->varies && used < sizeof config->label) {
            char shown[96];
            text_escape(shown, sizeof shown, text);
            *strchr(shown, '=') = ' ';
            used +=
                (size_t)snprintf(config->label + used, sizeof config->label - used, ", %s", shown);
        }
    }
    return NN_OK;
}

static NnStatus add_config(Source *s, const Entry *entry, const char *recipe) {
    NnSweep *sweep = s->sweep;
    NnSweepConfig *more = mem_resize(sweep->configs, sweep->n_configs + 1, sizeof *more);
    if (more == NULL) {
        return no_memory(s);
    }
    sweep->configs = more;
    NnSweepConfig *config = &more[sweep->n_configs++];
    *config = (NnSweepConfig){.folds = entry->folds, .reported = entry->reported};
    NnError cause = {0};
    if (!text_copy(config->recipe_name, sizeof config->recipe_name, recipe)) {
        return refuse_key(s, "recipe", "the name of a recipe, or its path, if it is not that long");
    }
    if (nn_recipe_find(recipe, &config->recipe, &cause) != NN_OK) {
        enter(s, "recipe");
        NnStatus status = refuse(s, cause.status == NN_ERR_NOMEM ? cause.status : NN_ERR_FORMAT,
                                 "\"recipe\": %s", cause.message);
        nn_error_hint(s->err, "%s", cause.hint);
        return status;
    }
    config->seeds = mem_new(entry->n_seeds, sizeof *config->seeds);
    if (config->seeds == NULL) {
        return no_memory(s);
    }
    memcpy(config->seeds, entry->seeds, entry->n_seeds * sizeof *config->seeds);
    config->n_seeds = entry->n_seeds;
    if (sweep->n_configs > NN_SWEEP_RUNS_MAX) {
        return refuse(s, NN_ERR_FORMAT, "\"runs\" makes more than %d runs", NN_SWEEP_RUNS_MAX);
    }
    return apply(s, entry, config);
}

// The next combination of what varies, the last key fastest. False after the last one.
static bool next_choice(Entry *entry) {
    for (size_t i = entry->n_choices; i > 0; i--) {
        Choice *choice = &entry->choices[i - 1];
        if (choice->varies && ++choice->at < json_array_size(choice->values)) {
            return true;
        }
        choice->at = 0;
    }
    return false;
}

static NnStatus expand(Source *s, Entry *entry, const json_t *recipe) {
    size_t n = json_is_array(recipe) ? json_array_size(recipe) : 1;
    for (size_t i = 0; i < n; i++) {
        const json_t *name = json_is_array(recipe) ? json_array_get(recipe, i) : recipe;
        if (!json_is_string(name)) {
            enter(s, "recipe");
            return refuse_key(s, "recipe", "the name of a recipe, or a list of names");
        }
        do {
            NnStatus status = add_config(s, entry, json_string_value(name));
            if (status != NN_OK) {
                return status;
            }
        } while (next_choice(entry));
    }
    return NN_OK;
}

static NnStatus read_entry_key(Source *s, const char *key, json_t *value, Entry *entry) {
    if (strcmp(key, "recipe") == 0) {
        bool empty = json_is_array(value) && json_array_size(value) == 0;
        return empty ? refuse_key(s, key, "the name of a recipe, or a list of names") : NN_OK;
    }
    if (strcmp(key, "set") == 0 || strcmp(key, "vary") == 0) {
        return read_choices(s, value, key[0] == 'v', entry);
    }
    if (strcmp(key, "seeds") == 0) {
        return read_seeds(s, value, entry);
    }
    if (strcmp(key, "reported") == 0) {
        return read_reported(s, value, &entry->reported);
    }
    if (strcmp(key, "folds") == 0) {
        json_int_t folds = json_integer_value(value);
        if (!json_is_integer(value) || folds < 0 || folds == 1 || folds > FOLDS_MAX) {
            return refuse_key(s, key, "0 for none, or 2 to 100");
        }
        entry->folds = (int)folds;
        return NN_OK;
    }
    return unknown_key(s, key, "recipe, set, vary, seeds, folds, reported");
}

static NnStatus read_entry(Source *s, json_t *object) {
    static const uint64_t one[] = {1};
    if (!json_is_object(object)) {
        return refuse(s, NN_ERR_FORMAT,
                      "\"runs\" must hold objects such as {\"recipe\": \"linear\"}");
    }
    const json_t *recipe = json_object_get(object, "recipe");
    if (recipe == NULL) {
        return refuse(s, NN_ERR_FORMAT, "an entry of \"runs\" has no \"recipe\"");
    }
    Entry entry = {.n_seeds = 1, .seeds = mem_new(1, sizeof one[0])};
    for (int f = 0; f < NN_SWEEP_FIGURES; f++) {
        entry.reported.value[f] = entry.reported.sd[f] = (double)NAN;
    }
    NnStatus status = NN_OK;
    if (entry.seeds == NULL) {
        status = no_memory(s);
    } else {
        entry.seeds[0] = one[0];
    }
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        if (status == NN_OK) {
            enter(s, key);
            status = read_entry_key(s, key, value, &entry);
            if (status == NN_OK) {
                leave(s);
            }
        }
    }
    status = status == NN_OK ? expand(s, &entry, recipe) : status;
    mem_free(entry.seeds);
    return status;
}

// --- the file ------------------------------------------------------------------------------------

static NnStatus read_runs(Source *s, json_t *list) {
    if (json_array_size(list) == 0) {
        return refuse_key(s, "runs", "a list of objects such as {\"recipe\": \"linear\"}");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        enter_item(s, i);
        NnStatus status = read_entry(s, json_array_get(list, i));
        if (status != NN_OK) {
            return status;
        }
        leave(s);
    }
    return NN_OK;
}

static NnStatus read_member(Source *s, const char *key, json_t *value) {
    NnSweep *sweep = s->sweep;
    if (strcmp(key, "name") == 0 || strcmp(key, "title") == 0) {
        bool name = key[0] == 'n';
        return plain_text(value, name ? sweep->name : sweep->title,
                          name ? sizeof sweep->name : sizeof sweep->title)
                   ? NN_OK
                   : refuse_key(s, key, "a line of text that is not too long");
    }
    if (strcmp(key, "track_test") == 0) {
        sweep->track_test = json_is_true(value);
        return json_is_boolean(value) ? NN_OK : refuse_key(s, key, "true or false");
    }
    if (strcmp(key, "runs") == 0) {
        return read_runs(s, value);
    }
    return unknown_key(s, key, "name, title, track_test, runs");
}

static NnStatus read_all(Source *s, json_t *root) {
    if (!json_is_object(root)) {
        return nn_fail_file(s->err, NN_ERR_FORMAT, s->path, 1,
                            "line 1: a sweep is a JSON object, { ... }");
    }
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        enter(s, key);
        NnStatus status = read_member(s, key, value);
        if (status != NN_OK) {
            return status;
        }
        leave(s);
    }
    const char *missing = s->sweep->name[0] == '\0'  ? "name"
                          : s->sweep->n_configs == 0 ? "runs"
                                                     : NULL;
    return missing == NULL ? NN_OK
                           : nn_fail_file(s->err, NN_ERR_FORMAT, s->path, -1,
                                          "the sweep has no \"%s\"", missing);
}

NnSweep *nn_sweep_parse(const char *text, size_t n, const char *path, NnError *err) {
    if (n > SWEEP_MAX_BYTES) {
        nn_fail_file(err, NN_ERR_FORMAT, path, -1, "has %zu bytes, but a sweep has at most %d", n,
                     SWEEP_MAX_BYTES);
        return NULL;
    }
    json_error_t fault;
    bool out_of_memory;
    json_t *root = json_text_parse(text, n, JSON_REJECT_DUPLICATES, &fault, &out_of_memory);
    if (root == NULL) {
        char shown[4 * JSON_ERROR_TEXT_LENGTH]; // jansson quotes bytes of the file
        text_escape(shown, sizeof shown, fault.text);
        if (out_of_memory) {
            nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to read it");
        } else {
            nn_fail_file(err, NN_ERR_FORMAT, path, fault.line, "line %d: no valid JSON: %s",
                         fault.line, shown);
        }
        return NULL;
    }
    Source source = {.text = text, .n = n, .path = path, .err = err};
    source.sweep = mem_new(1, sizeof *source.sweep);
    NnStatus status = source.sweep != NULL ? read_all(&source, root) : no_memory(&source);
    json_decref(root);
    if (status == NN_OK) {
        status = sweep_plan(source.sweep, path, err);
    }
    if (status != NN_OK) {
        nn_sweep_free(source.sweep);
        return NULL;
    }
    return source.sweep;
}
