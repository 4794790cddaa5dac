#include "train/run_config.h"

#include <jansson.h>
#include <sha2.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "nn/version.h"
#include "train/recipe_json.h"
#include "train/start.h"

enum { FORMAT = 1, CONFIG_MAX_BYTES = 1 << 20, KEEP_MB_MAX = 1 << 20, FLOAT_DIGITS = 9 };

static void hash(char *out, const uint8_t *bytes, size_t n) {
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, bytes, n);
    SHA256End(&context, out);
}

static void describe(RunData *out, const NnDataset *data) {
    *out = (RunData){.n = data->n};
    text_copy(out->name, sizeof out->name, data->name);
    memcpy(out->images_sha256, data->images_sha256, RUN_SHA_SIZE);
    memcpy(out->labels_sha256, data->labels_sha256, RUN_SHA_SIZE);
    if (out->images_sha256[0] == '\0' || out->labels_sha256[0] == '\0') {
        hash(out->images_sha256, data->images, data->n * NN_PIXELS);
        hash(out->labels_sha256, data->labels, data->n);
    }
}

static NnStatus describe_teachers(RunIdentity *identity, NnError *err) {
    Teachers teachers;
    NnStatus status = teachers_load(&teachers, &identity->config.recipe.teachers, err);
    if (status == NN_OK) {
        memcpy(identity->teachers_sha256, teachers.sha256, sizeof teachers.sha256);
        teachers_release(&teachers);
    }
    return status;
}

static NnStatus describe_start(RunIdentity *identity, NnError *err) {
    Start start;
    NnStatus status = start_load(&start, &identity->config.recipe, err);
    if (status == NN_OK) {
        memcpy(identity->start_sha256, start.sha256, sizeof start.sha256);
        start_release(&start);
    }
    return status;
}

NnStatus run_identity(RunIdentity *identity, const NnRunConfig *config, const NnDataset *train,
                      const NnDataset *test, NnError *err) {
    *identity = (RunIdentity){.config = *config};
    describe(&identity->train, train);
    if (config->track_test && test != NULL) {
        describe(&identity->test, test);
    }
    NnStatus status = describe_teachers(identity, err);
    return status == NN_OK ? describe_start(identity, err) : status;
}

// --- writing -------------------------------------------------------------------------------------

static json_t *data_to_json(const RunData *data) {
    if (data->n == 0) {
        return json_null();
    }
    return json_pack("{s:s, s:I, s:s, s:s}", "name", data->name, "n", (json_int_t)data->n,
                     "images_sha256", data->images_sha256, "labels_sha256", data->labels_sha256);
}

// Only where there are any, so that other runs are written as they always were.
static bool put_networks(json_t *object, const RunIdentity *identity) {
    int n = identity->config.recipe.teachers.n;
    json_t *list = n > 0 ? json_array() : NULL;
    bool whole = n == 0 || json_object_set(object, "teachers_sha256", list) == 0;
    for (int i = 0; whole && i < n; i++) {
        whole = json_array_append_new(list, json_string(identity->teachers_sha256[i])) == 0;
    }
    json_decref(list);
    return whole &&
           (identity->start_sha256[0] == '\0' ||
            json_object_set_new(object, "start_sha256", json_string(identity->start_sha256)) == 0);
}

// A seed above 2^63 is written as the negative number of the same bits.
static json_t *to_json(const RunIdentity *identity) {
    const NnRunConfig *config = &identity->config;
    json_t *object = json_pack("{s:i, s:o, s:I, s:o, s:o, s:b}", "format", FORMAT, "recipe",
                               recipe_to_json(&config->recipe), "seed", (json_int_t)config->seed,
                               "train", data_to_json(&identity->train), "test",
                               data_to_json(&identity->test), "track_test", config->track_test);
    if (object != NULL && !put_networks(object, identity)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static NnStatus no_memory(const char *path, NnError *err) {
    return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for the run's settings");
}

char *run_config_text(const RunIdentity *identity) {
    json_t *object = to_json(identity);
    bool whole =
        object != NULL &&
        json_object_set_new(object, "keep_mb", json_integer(identity->config.keep_mb)) == 0 &&
        json_object_set_new(object, "program", json_string("inkling " NN_VERSION)) == 0;
    char *text =
        whole ? json_text_make(object, JSON_INDENT(2) | JSON_REAL_PRECISION(FLOAT_DIGITS)) : NULL;
    json_decref(object);
    return text;
}

NnStatus run_config_write(const char *path, const RunIdentity *identity, NnError *err) {
    char *text = run_config_text(identity);
    NnStatus status =
        text != NULL ? file_save(path, text, strlen(text), err) : no_memory(path, err);
    mem_free(text);
    return status;
}

NnStatus run_identity_sha256(const RunIdentity *identity, char *out, NnError *err) {
    json_t *object = to_json(identity);
    char *text = object != NULL ? json_text_make(object, JSON_COMPACT | JSON_SORT_KEYS |
                                                             JSON_REAL_PRECISION(FLOAT_DIGITS))
                                : NULL;
    json_decref(object);
    if (text == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "not enough memory for the run's settings");
    }
    hash(out, (const uint8_t *)text, strlen(text));
    mem_free(text);
    return NN_OK;
}

// --- reading -------------------------------------------------------------------------------------

static NnStatus wrong(const char *path, const char *key, const char *wanted, NnError *err) {
    return nn_fail_file(err, NN_ERR_FORMAT, path, -1, "\"%s\" must be %s", key, wanted);
}

static bool copy_text(char *out, size_t size, const json_t *value) {
    return json_is_string(value) && text_copy(out, size, json_string_value(value));
}

static bool data_from_json(RunData *data, const json_t *value) {
    *data = (RunData){0};
    if (json_is_null(value)) {
        return true;
    }
    const json_t *n = json_object_get(value, "n");
    data->n = json_is_integer(n) && json_integer_value(n) > 0 ? (size_t)json_integer_value(n) : 0;
    return data->n > 0 &&
           copy_text(data->name, sizeof data->name, json_object_get(value, "name")) &&
           copy_text(data->images_sha256, RUN_SHA_SIZE, json_object_get(value, "images_sha256")) &&
           copy_text(data->labels_sha256, RUN_SHA_SIZE, json_object_get(value, "labels_sha256"));
}

static bool teachers_from_json(RunIdentity *identity, const json_t *list) {
    int n = identity->config.recipe.teachers.n;
    bool sound = n == 0 ? list == NULL : json_array_size(list) == (size_t)n;
    for (int i = 0; sound && i < n; i++) {
        sound =
            copy_text(identity->teachers_sha256[i], RUN_SHA_SIZE, json_array_get(list, (size_t)i));
    }
    return sound;
}

// The recipe goes through its own reader, limits and all.
static NnStatus read_recipe(NnRecipe *recipe, const json_t *value, const char *path, NnError *err) {
    if (!json_is_object(value)) {
        return wrong(path, "recipe", "an object", err);
    }
    char *text = json_text_make(value, JSON_REAL_PRECISION(FLOAT_DIGITS));
    if (text == NULL) {
        return no_memory(path, err);
    }
    NnStatus status = nn_recipe_parse(text, strlen(text), path, recipe, err);
    mem_free(text);
    return status;
}

static NnStatus from_json(RunIdentity *identity, const json_t *root, const char *path,
                          NnError *err) {
    NnRunConfig *config = &identity->config;
    const json_t *format = json_object_get(root, "format"), *seed = json_object_get(root, "seed"),
                 *keep = json_object_get(root, "keep_mb"),
                 *track = json_object_get(root, "track_test");
    if (!json_is_integer(format) || json_integer_value(format) != FORMAT) {
        return wrong(path, "format", "1: another version of the program wrote this", err);
    }
    if (!json_is_integer(seed)) {
        return wrong(path, "seed", "a whole number", err);
    }
    if (!json_is_integer(keep) || json_integer_value(keep) < 0 ||
        json_integer_value(keep) > KEEP_MB_MAX) {
        return wrong(path, "keep_mb", "a number of megabytes", err);
    }
    if (!json_is_boolean(track)) {
        return wrong(path, "track_test", "true or false", err);
    }
    config->seed = (uint64_t)json_integer_value(seed);
    config->keep_mb = (int)json_integer_value(keep);
    config->track_test = json_is_true(track);
    if (!data_from_json(&identity->train, json_object_get(root, "train")) ||
        identity->train.n == 0) {
        return wrong(path, "train", "a data set with its hashes", err);
    }
    if (!data_from_json(&identity->test, json_object_get(root, "test"))) {
        return wrong(path, "test", "null or a data set with its hashes", err);
    }
    NnStatus status = read_recipe(&config->recipe, json_object_get(root, "recipe"), path, err);
    if (status == NN_OK &&
        !teachers_from_json(identity, json_object_get(root, "teachers_sha256"))) {
        return wrong(path, "teachers_sha256", "a list of the teachers' hashes", err);
    }
    const json_t *start = json_object_get(root, "start_sha256");
    identity->start_sha256[0] = '\0';
    if (status == NN_OK && (config->recipe.start[0] == '\0'
                                ? start != NULL
                                : !copy_text(identity->start_sha256, RUN_SHA_SIZE, start))) {
        return wrong(path, "start_sha256", "the hash of the network training begins with", err);
    }
    return status;
}

NnStatus run_config_parse(const void *bytes, size_t n, const char *path, RunIdentity *identity,
                          NnError *err) {
    json_error_t fault;
    bool out_of_memory;
    json_t *root = json_text_parse(bytes, n, JSON_REJECT_DUPLICATES, &fault, &out_of_memory);
    if (out_of_memory) {
        return no_memory(path, err);
    }
    if (root == NULL) {
        char shown[4 * JSON_ERROR_TEXT_LENGTH];
        text_escape(shown, sizeof shown, fault.text);
        return nn_fail_file(err, NN_ERR_FORMAT, path, fault.line, "line %d: no valid JSON: %s",
                            fault.line, shown);
    }
    NnStatus status = from_json(identity, root, path, err);
    json_decref(root);
    return status;
}

NnStatus run_config_read(const char *path, RunIdentity *identity, NnError *err) {
    size_t n;
    NnError cause = {0};
    unsigned char *bytes = file_read(path, CONFIG_MAX_BYTES, &n, &cause);
    if (bytes == NULL) {
        if (err != NULL) {
            *err = cause;
        }
        return cause.status;
    }
    NnStatus status = run_config_parse(bytes, n, path, identity, err);
    mem_free(bytes);
    return status;
}

// --- comparing -----------------------------------------------------------------------------------

static const char *data_difference(const RunData *a, const RunData *b, const char *const keys[3]) {
    if (a->n != b->n) {
        return keys[0];
    }
    if (strcmp(a->images_sha256, b->images_sha256) != 0) {
        return keys[1];
    }
    return strcmp(a->labels_sha256, b->labels_sha256) != 0 ? keys[2] : NULL;
}

const char *run_changed_network(const RunIdentity *then, const RunIdentity *now) {
    const NnTeacherNames *a = &then->config.recipe.teachers, *b = &now->config.recipe.teachers;
    for (int i = 0; i < a->n; i++) {
        for (int k = 0; k < b->n; k++) {
            if (strcmp(a->names[i], b->names[k]) == 0 &&
                strcmp(then->teachers_sha256[i], now->teachers_sha256[k]) != 0) {
                return b->names[k];
            }
        }
    }
    const char *start = now->config.recipe.start;
    return strcmp(then->config.recipe.start, start) == 0 &&
                   strcmp(then->start_sha256, now->start_sha256) != 0
               ? start
               : NULL;
}

const char *run_difference(const RunIdentity *a, const RunIdentity *b, bool data) {
    static const char *const train_keys[] = {"train.n", "train.images_sha256",
                                             "train.labels_sha256"};
    static const char *const test_keys[] = {"test.n", "test.images_sha256", "test.labels_sha256"};
    const char *key = recipe_difference(&a->config.recipe, &b->config.recipe);
    if (key == NULL && a->config.seed != b->config.seed) {
        key = "seed";
    }
    if (key == NULL && a->config.track_test != b->config.track_test) {
        key = "track_test";
    }
    if (key == NULL && data) {
        key = data_difference(&a->train, &b->train, train_keys);
    }
    return key == NULL && data ? data_difference(&a->test, &b->test, test_keys) : key;
}
