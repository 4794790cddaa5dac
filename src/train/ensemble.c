#include "nn/ensemble.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "nn/trainer.h"
#include "train/json_line.h"

enum { FILE_MAX_BYTES = 1 << 20, WHY_SIZE = 256 };

// --- reading -------------------------------------------------------------------------------------

typedef struct {
    const char *text;
    size_t n;
    const char *path;
    NnError *err;
} Source;

// "FILE: line 7: KEY WHY". place leads to the value in the text.
static NnStatus refuse(const Source *source, const char *const *place, size_t depth,
                       const char *key, const char *why) {
    char shown[128];
    text_escape(shown, sizeof shown, key);
    int line = json_line_of(source->text, source->n, place, depth);
    return nn_fail_file(source->err, NN_ERR_FORMAT, source->path, line > 0 ? line : -1,
                        "line %d: \"%s\" %s", line > 0 ? line : 1, shown, why);
}

static bool read_text(char *out, size_t size, const json_t *value) {
    const char *text = json_string_value(value);
    if (text == NULL || *text == '\0' || !text_copy(out, size, text)) {
        return false;
    }
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            return false;
        }
    }
    return true;
}

static NnStatus read_member(const Source *source, NnEnsemble *ensemble, int i, json_t *value) {
    NnMember *member = &ensemble->members[i];
    char number[16];
    snprintf(number, sizeof number, "%d", i);
    const char *place[] = {"members", number, "recipe"};
    *member = (NnMember){.seed = (uint64_t)i + 1};
    if (!json_is_object(value) ||
        !read_text(member->recipe, sizeof member->recipe, json_object_get(value, "recipe"))) {
        return refuse(source, place, 2, "members",
                      "must hold objects such as {\"recipe\": \"lenet5\", \"seed\": 1}");
    }
    const char *key;
    json_t *inner;
    json_object_foreach(value, key, inner) {
        place[2] = key;
        if (strcmp(key, "seed") == 0) {
            if (!json_is_integer(inner) || json_integer_value(inner) < 0) {
                return refuse(source, place, 3, key, "must be a whole number from 0");
            }
            member->seed = (uint64_t)json_integer_value(inner);
        } else if (strcmp(key, "recipe") != 0) {
            return refuse(source, place, 3, key, "is nothing that a member has");
        }
    }
    for (int k = 0; k < i; k++) {
        if (strcmp(ensemble->members[k].recipe, member->recipe) == 0 &&
            ensemble->members[k].seed == member->seed) {
            return refuse(source, place, 2, "members",
                          "has the same recipe with the same seed twice");
        }
    }
    return NN_OK;
}

static NnStatus read_members(const Source *source, NnEnsemble *ensemble, json_t *list) {
    const char *place[] = {"members"};
    size_t n = json_array_size(list); // 0 for anything but a list
    if (n == 0 || n > NN_MEMBERS_MAX) {
        char why[WHY_SIZE];
        snprintf(why, sizeof why, "must be a list of 1 to %d members", NN_MEMBERS_MAX);
        return refuse(source, place, 1, "members", why);
    }
    NnStatus status = NN_OK;
    for (size_t i = 0; i < n && status == NN_OK; i++) {
        status = read_member(source, ensemble, (int)i, json_array_get(list, i));
    }
    ensemble->n_members = (int)n;
    return status;
}

static NnStatus read_settings(const Source *source, NnEnsemble *ensemble, json_t *list) {
    const char *place[] = {"settings"};
    size_t n = json_array_size(list);
    bool sound = json_is_array(list) && n <= NN_SETTINGS_MAX;
    for (size_t i = 0; sound && i < n; i++) {
        sound = read_text(ensemble->settings[i], NN_SETTING_SIZE, json_array_get(list, i));
    }
    ensemble->n_settings = (int)n;
    return sound ? NN_OK
                 : refuse(source, place, 1, "settings",
                          "must be a list of texts such as \"epochs=5\"");
}

static NnStatus read_key(const Source *source, NnEnsemble *ensemble, const char *key,
                         json_t *value) {
    const struct {
        const char *key;
        char *text;
        size_t size;
    } texts[] = {{"name", ensemble->name, sizeof ensemble->name},
                 {"title", ensemble->title, sizeof ensemble->title},
                 {"source", ensemble->source, sizeof ensemble->source}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(key, texts[i].key) == 0) {
            return read_text(texts[i].text, texts[i].size, value)
                       ? NN_OK
                       : refuse(source, &key, 1, key, "must be a short text in quotes");
        }
    }
    return strcmp(key, "members") == 0 ? read_members(source, ensemble, value)
           : strcmp(key, "settings") == 0
               ? read_settings(source, ensemble, value)
               : refuse(source, &key, 1, key, "is no key of an ensemble");
}

static NnStatus read_all(const Source *source, json_t *root, NnEnsemble *ensemble) {
    if (!json_is_object(root)) {
        return nn_fail_file(source->err, NN_ERR_FORMAT, source->path, 1,
                            "line 1: an ensemble is a JSON object, { ... }");
    }
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        NnStatus status = read_key(source, ensemble, key, value);
        if (status != NN_OK) {
            return status;
        }
    }
    const char *missing = ensemble->name[0] == '\0'  ? "name"
                          : ensemble->n_members == 0 ? "members"
                                                     : NULL;
    return missing == NULL ? NN_OK
                           : nn_fail_file(source->err, NN_ERR_FORMAT, source->path, -1,
                                          "the ensemble has no \"%s\"", missing);
}

NnStatus nn_ensemble_parse(const char *text, size_t n, const char *path, NnEnsemble *ensemble,
                           NnError *err) {
    json_error_t place;
    bool no_memory;
    json_t *root = json_text_parse(text, n, JSON_REJECT_DUPLICATES, &place, &no_memory);
    NnEnsemble *read = mem_new(1, sizeof *read);
    NnStatus status = NN_OK;
    if (no_memory || read == NULL) {
        status = nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to read it");
    } else if (root == NULL) {
        char shown[4 * JSON_ERROR_TEXT_LENGTH];
        text_escape(shown, sizeof shown, place.text);
        status = nn_fail_file(err, NN_ERR_FORMAT, path, place.line, "line %d: no valid JSON: %s",
                              place.line, shown);
    } else {
        status = read_all(&(Source){text, n, path, err}, root, read);
    }
    if (status == NN_OK) {
        *ensemble = *read;
    }
    json_decref(root);
    mem_free(read);
    return status;
}

NnStatus nn_ensemble_read(const char *path, NnEnsemble *ensemble, NnError *err) {
    size_t n;
    NnError cause = {0};
    unsigned char *bytes = file_read(path, FILE_MAX_BYTES, &n, &cause);
    if (bytes == NULL) {
        if (err != NULL) {
            *err = cause;
        }
        return cause.status;
    }
    NnStatus status = nn_ensemble_parse((const char *)bytes, n, path, ensemble, err);
    mem_free(bytes);
    return status;
}

bool nn_ensemble_find(const char *name, char *path, size_t size) {
    char file[256];
    if (strchr(name, '/') == NULL && !text_ends_with(name, ".json")) {
        int n = snprintf(file, sizeof file, "ensembles/%s.json", name);
        return n > 0 && (size_t)n < sizeof file && share_path(path, size, "assets", file);
    }
    size_t n;
    NnError cause = {0};
    unsigned char *bytes = file_read(name, FILE_MAX_BYTES, &n, &cause);
    if (bytes == NULL) {
        return false; // whoever reads it as a recipe says what is wrong
    }
    bool no_memory;
    json_t *root = json_text_parse(bytes, n, 0, NULL, &no_memory);
    bool found = json_object_get(root, "members") != NULL && text_copy(path, size, name);
    json_decref(root);
    mem_free(bytes);
    return found;
}

// --- writing -------------------------------------------------------------------------------------

static json_t *to_json(const NnEnsemble *ensemble) {
    json_t *object = json_object(), *members = json_array(), *settings = json_array();
    bool whole = json_object_set_new(object, "name", json_string(ensemble->name)) == 0;
    if (whole && ensemble->title[0] != '\0') {
        whole = json_object_set_new(object, "title", json_string(ensemble->title)) == 0;
    }
    if (whole && ensemble->source[0] != '\0') {
        whole = json_object_set_new(object, "source", json_string(ensemble->source)) == 0;
    }
    for (int i = 0; whole && i < ensemble->n_members; i++) {
        const NnMember *member = &ensemble->members[i];
        json_t *entry =
            json_pack("{s:s, s:I}", "recipe", member->recipe, "seed", (json_int_t)member->seed);
        whole = json_array_append_new(members, entry) == 0;
    }
    for (int i = 0; whole && i < ensemble->n_settings; i++) {
        whole = json_array_append_new(settings, json_string(ensemble->settings[i])) == 0;
    }
    whole = whole && json_object_set(object, "members", members) == 0 &&
            json_object_set(object, "settings", settings) == 0;
    json_decref(members);
    json_decref(settings);
    if (!whole) {
        json_decref(object);
        return NULL;
    }
    return object;
}

NnStatus nn_ensemble_write(const char *path, const NnEnsemble *ensemble, NnError *err) {
    json_t *object = to_json(ensemble);
    char *text = object != NULL ? json_text_make(object, JSON_INDENT(2)) : NULL;
    json_decref(object);
    NnStatus status =
        text != NULL ? file_save(path, text, strlen(text), err)
                     : nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to write it");
    mem_free(text);
    return status;
}

// --- members -------------------------------------------------------------------------------------

NnStatus nn_ensemble_recipe(const NnEnsemble *ensemble, int i, NnRecipe *recipe, NnError *err) {
    NnStatus status = nn_recipe_find(ensemble->members[i].recipe, recipe, err);
    for (int k = 0; k < ensemble->n_settings && status == NN_OK; k++) {
        status = nn_recipe_set(recipe, ensemble->settings[k], err);
    }
    return status;
}

static void add_probabilities(double *sums, const float *logits, size_t n, float temperature) {
    for (size_t i = 0; i < n; i++) {
        float p[NN_CLASSES];
        nn_softmax(p, logits + i * NN_CLASSES, 1, NN_CLASSES, temperature);
        for (size_t c = 0; c < NN_CLASSES; c++) {
            sums[i * NN_CLASSES + c] += (double)p[c];
        }
    }
}

NnStatus nn_ensemble_evaluate(NnModel *const *models, int n_models, const NnDataset *data,
                              int threads, float *logits, NnMetrics *each,
                              bool (*should_stop)(void *user), void *user, NnError *err) {
    size_t n = data->n * NN_CLASSES;
    double *sums = mem_new(n, sizeof *sums);
    if (sums == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for %zu answers", data->n);
    }
    NnStatus status = NN_OK;
    for (int i = 0; i < n_models && status == NN_OK; i++) {
        float temperature = nn_model_arch(models[i])->temperature;
        status = nn_evaluate(models[i], data, threads, logits, should_stop, user, err);
        if (status == NN_OK) {
            add_probabilities(sums, logits, data->n, temperature);
        }
        if (status == NN_OK && each != NULL) {
            nn_metrics_compute(&each[i], logits, data->labels, data->n, temperature);
        }
    }
    for (size_t i = 0; i < n && status == NN_OK; i++) {
        // A probability that is 0 to all members stays the smallest there is, not minus infinity.
        logits[i] = (float)log(fmax(sums[i] / n_models, 1e-38));
    }
    mem_free(sums);
    return status;
}
