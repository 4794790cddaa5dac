// A recipe file is read in two steps: jansson checks that it is JSON without repeated keys, then
// every member goes through the table of recipe_keys.c. What no table can see, such as widths of a
// residual layer, is checked at the end. The recipe given is written only when all is well.

#include "nn/recipe.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "nn/fuse.h"
#include "train/json_line.h"
#include "train/recipe_keys.h"
#include "train/share_names.h"

enum { RECIPE_MAX_BYTES = 1 << 20, PATH_SIZE = 4096, WHY_SIZE = 256 };

// More would not fit a weight file of 256 MiB.
static const size_t PARAMETERS_MAX = (size_t)60 << 20;

const char *nn_optim_name(NnOptimKind kind) {
    static const char *const names[NN_OPTIM_COUNT] = {"sgd",     "momentum", "nesterov", "adagrad",
                                                      "rmsprop", "adam",     "adamw"};
    return names[kind];
}

const char *nn_schedule_name(NnScheduleKind kind) {
    static const char *const names[NN_SCHEDULE_COUNT] = {"constant", "step", "exponential",
                                                         "cosine", "one_cycle"};
    return names[kind];
}

const char *nn_precision_name(NnPrecision precision) {
    static const char *const names[NN_PRECISION_COUNT] = {"f32", "bf16"};
    return names[precision];
}

const char *nn_monitor_name(NnMonitor monitor) {
    static const char *const names[NN_MONITOR_COUNT] = {"loss", "accuracy"};
    return names[monitor];
}

// What a recipe says where it says nothing.
static const NnRecipe defaults = {
    .data = "mnist",
    .init = NN_INIT_HE_NORMAL,
    .optimiser = NN_OPTIM_ADAM,
    .schedule = NN_SCHEDULE_CONSTANT,
    .learning_rate = 1e-3f,
    .momentum = 0.9f,
    .beta1 = 0.9f,
    .beta2 = 0.999f,
    .epsilon = 1e-8f,
    .step_factor = 0.1f,
    .step_epochs = 10,
    .batch = 64,
    .epochs = 10,
    .distil_weight = 0.5f,
    .distil_temperature = 2.0f,
    .augment = {.elastic_sigma = 5.0f},
};

// --- reading -------------------------------------------------------------------------------------

// What is being read, for messages. text is NULL for --set.
typedef struct {
    const char *text;
    size_t n;
    const char *path;
    NnError *err;
} Source;

// "FILE: line 7: KEY WHY" or "--set: KEY WHY". place leads to the value in the text.
static NnStatus refuse(const Source *source, const char *const *place, size_t depth,
                       const char *key, const char *why) {
    char shown[128];
    text_escape(shown, sizeof shown, key);
    if (source->text == NULL) {
        return nn_fail(source->err, NN_ERR_USAGE, "--set: \"%s\" %s", shown, why);
    }
    int line = json_line_of(source->text, source->n, place, depth);
    if (line == 0) {
        return nn_fail_file(source->err, NN_ERR_FORMAT, source->path, -1, "\"%s\" %s", shown, why);
    }
    return nn_fail_file(source->err, NN_ERR_FORMAT, source->path, line, "line %d: \"%s\" %s", line,
                        shown, why);
}

// Stores one member. name is the key as the table has it, the last part of place as the file has
// it.
static NnStatus store(const Source *source, const char *const *place, size_t depth,
                      const char *name, bool in_layer, json_t *value, void *target) {
    const RecipeKey *key = recipe_key(name, strlen(name), in_layer);
    if (key == NULL) {
        NnStatus status =
            refuse(source, place, depth, name, "is no key of a recipe; the name may be misspelt");
        const char *near = recipe_key_like(name, in_layer);
        if (near != NULL) {
            nn_error_hint(source->err, "did you mean \"%s\"?", near);
        }
        return status;
    }
    char why[WHY_SIZE];
    if (!recipe_key_store(key, value, target, why, sizeof why)) {
        NnStatus status = refuse(source, place, depth, name, why);
        nn_error_hint(source->err, "%s: %s", key->name, key->help);
        return status;
    }
    return NN_OK;
}

// The kind is the one key that is named after a kind.
static bool find_kind(json_t *value, NnLayerKind *kind, int *n_found) {
    *n_found = 0;
    for (int k = 0; k < NN_LAYER_KIND_COUNT; k++) {
        if (json_object_get(value, nn_layer_kind_name((NnLayerKind)k)) != NULL) {
            *kind = (NnLayerKind)k;
            (*n_found)++;
        }
    }
    return *n_found == 1;
}

static NnStatus read_layer(const Source *source, json_t *value, size_t index, bool last,
                           NnLayer *layer) {
    char number[24];
    snprintf(number, sizeof number, "%zu", index);
    const char *place[3] = {"layers", number};
    if (!json_is_object(value)) {
        return refuse(source, place, 2, "layers", "must hold objects such as {\"dense\": 128}");
    }
    NnLayerKind kind = NN_LAYER_DENSE;
    int n_found;
    if (!find_kind(value, &kind, &n_found)) {
        return refuse(source, place, 2, "layers",
                      n_found == 0 ? "has an entry without \"dense\", \"conv\", \"max_pool\", "
                                     "\"average_pool\", \"batch_norm\" or \"flatten\""
                                   : "has an entry that is of two kinds at once");
    }
    bool dense = kind == NN_LAYER_DENSE, conv = kind == NN_LAYER_CONV;
    *layer = (NnLayer){.kind = kind,
                       .activation = (dense && !last) || conv ? NN_ACT_RELU : NN_ACT_NONE,
                       .kernel = conv ? 3 : 0,
                       .stride = conv ? 1 : 0};
    const char *key;
    json_t *member;
    json_object_foreach(value, key, member) {
        place[2] = key;
        const RecipeKey *known = recipe_key(key, strlen(key), true);
        if (known != NULL && !recipe_key_fits(known, kind)) {
            char why[WHY_SIZE];
            snprintf(why, sizeof why, "is nothing that a layer of kind %s has",
                     nn_layer_kind_name(kind));
            return refuse(source, place, 3, key, why);
        }
        NnStatus status = store(source, place, 3, key, true, member, layer);
        if (status != NN_OK) {
            return status;
        }
    }
    return NN_OK;
}

// The layers so far, so that what does not fit is found in its line.
static NnStatus check_so_far(const Source *source, NnArch *arch, size_t index) {
    char number[24], why[WHY_SIZE];
    snprintf(number, sizeof number, "%zu", index);
    const char *place[3] = {"layers", number, "residual"};
    const NnLayer *layer = &arch->layers[index];
    NnError cause = {0};
    arch->n_layers = (int)index + 1;
    if (nn_arch_infer(arch, &cause) != NN_OK) {
        snprintf(why, sizeof why, "cannot be built: %.200s", cause.message);
        return refuse(source, place, 2, "layers", why);
    }
    if (layer->residual && layer->n_in != layer->n_out) {
        snprintf(why, sizeof why,
                 "needs as many outputs as inputs, but adds %d inputs to %d outputs", layer->n_in,
                 layer->n_out);
        return refuse(source, place, 3, "residual", why);
    }
    return NN_OK;
}

static NnStatus read_layers(const Source *source, json_t *value, NnArch *arch) {
    const char *place[2] = {"layers"};
    size_t n = json_array_size(value); // 0 for anything but a list
    if (n == 0 || n > NN_LAYERS_MAX) {
        char why[WHY_SIZE];
        snprintf(why, sizeof why, "must be a list of 1 to %d layers", NN_LAYERS_MAX);
        return refuse(source, place, 1, "layers", why);
    }
    size_t parameters = 0;
    for (size_t i = 0; i < n; i++) {
        NnLayer *layer = &arch->layers[i];
        NnStatus status = read_layer(source, json_array_get(value, i), i, i + 1 == n, layer);
        if (status == NN_OK) {
            status = check_so_far(source, arch, i);
        }
        if (status != NN_OK) {
            return status;
        }
        size_t window = (size_t)layer->kernel * (size_t)layer->kernel;
        if (layer->kind == NN_LAYER_DENSE) {
            parameters += ((size_t)layer->n_in + 1) * (size_t)layer->n_out;
        } else if (layer->kind == NN_LAYER_CONV) {
            int before = layer->from > 0 ? layer->from - 1 : (int)i - 1;
            NnShape in = nn_arch_shape(arch, before);
            parameters += ((size_t)in.channels * window + 1) * (size_t)layer->channels;
        }
    }
    char why[WHY_SIZE];
    if (arch->layers[n - 1].n_out != NN_CLASSES) {
        snprintf(why, sizeof why, "must end with {\"dense\": %d}, one output for each class",
                 NN_CLASSES);
        return refuse(source, place, 1, "layers", why);
    }
    NnError cause;
    if (nn_arch_check(arch, &cause) != NN_OK) {
        snprintf(why, sizeof why, "cannot be built: %.200s", cause.message);
        return refuse(source, place, 1, "layers", why);
    }
    if (parameters > PARAMETERS_MAX) {
        snprintf(why, sizeof why, "has %zu parameters, but a network may have at most %zu",
                 parameters, PARAMETERS_MAX);
        return refuse(source, place, 1, "layers", why);
    }
    return NN_OK;
}

static NnStatus read_augment(const Source *source, json_t *value, NnRecipe *recipe) {
    const char *place[2] = {"augment"};
    if (!json_is_object(value)) {
        return refuse(source, place, 1, "augment", "must be an object");
    }
    const char *key;
    json_t *member;
    json_object_foreach(value, key, member) {
        char name[64];
        snprintf(name, sizeof name, "augment.%s", key);
        place[1] = key;
        NnStatus status = store(source, place, 2, name, false, member, recipe);
        if (status != NN_OK) {
            return status;
        }
    }
    return NN_OK;
}

static NnStatus read_member(const Source *source, const char *key, json_t *value,
                            NnRecipe *recipe) {
    if (strcmp(key, "layers") == 0) {
        return read_layers(source, value, &recipe->arch);
    }
    if (strcmp(key, "augment") == 0) {
        return read_augment(source, value, recipe);
    }
    return store(source, &key, 1, key, false, value, recipe);
}

// The keys that say how to learn from teachers are a mistake where there are none.
static NnStatus check_teachers(const Source *source, const char *key, const NnRecipe *recipe) {
    if (recipe->teachers.n > 0 || strncmp(key, "distil_", strlen("distil_")) != 0) {
        return NN_OK;
    }
    return refuse(source, &key, 1, key,
                  source->text != NULL ? "says nothing without \"teachers\""
                                       : "says nothing without \"teachers\", which are set first");
}

// Samples are shared out: handwriting and what is no digit cannot be more than all of them.
static NnStatus check_shares(const Source *source, const char *key, const NnRecipe *recipe) {
    bool share = strcmp(key, "styles") == 0 || strcmp(key, "non_digits") == 0 ||
                 strcmp(key, "near_digits") == 0;
    return share && recipe->styles + recipe->non_digits + recipe->near_digits > 1.0f
               ? refuse(source, &key, 1, key,
                        "makes \"styles\", \"non_digits\" and \"near_digits\" more than 1 together")
               : NN_OK;
}

static NnStatus check_fusion(const Source *source, const char *key, const NnRecipe *recipe) {
    if (strcmp(key, "fuse_batch_norm") != 0 || !recipe->fuse_batch_norm) {
        return NN_OK;
    }
    for (int i = 0; i < recipe->arch.n_layers; i++) {
        if (fuse_takes_next(&recipe->arch, i)) {
            return NN_OK;
        }
    }
    return refuse(
        source, &key, 1, key,
        "says nothing where no \"batch_norm\" stands right behind a \"dense\" or \"conv\" "
        "layer without an activation");
}

static NnStatus read_all(const Source *source, json_t *root, NnRecipe *recipe) {
    if (!json_is_object(root)) {
        return nn_fail_file(source->err, NN_ERR_FORMAT, source->path, 1,
                            "line 1: a recipe is a JSON object, { ... }");
    }
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        // "augment.shear" is how --set spells it; a file has an object.
        if (strchr(key, '.') != NULL) {
            return refuse(source, &key, 1, key, "belongs into an object without the dot");
        }
        NnStatus status = read_member(source, key, value, recipe);
        if (status != NN_OK) {
            return status;
        }
    }
    json_object_foreach(root, key, value) {
        NnStatus status = check_teachers(source, key, recipe);
        status = status == NN_OK ? check_shares(source, key, recipe) : status;
        status = status == NN_OK ? check_fusion(source, key, recipe) : status;
        if (status != NN_OK) {
            return status;
        }
    }
    const char *missing = recipe->name[0] == '\0'      ? "name"
                          : recipe->arch.n_layers == 0 ? "layers"
                                                       : NULL;
    if (missing != NULL) {
        return nn_fail_file(source->err, NN_ERR_FORMAT, source->path, -1,
                            "the recipe has no \"%s\"", missing);
    }
    text_copy(recipe->arch.name, sizeof recipe->arch.name, recipe->name);
    return NN_OK;
}

NnStatus nn_recipe_parse(const char *text, size_t n, const char *path, NnRecipe *recipe,
                         NnError *err) {
    if (n > RECIPE_MAX_BYTES) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                            "has %zu bytes, but a recipe has at most %d", n, RECIPE_MAX_BYTES);
    }
    json_error_t place;
    bool no_memory;
    json_t *root = json_text_parse(text, n, JSON_REJECT_DUPLICATES, &place, &no_memory);
    if (no_memory) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to read it");
    }
    if (root == NULL) {
        char shown[4 * JSON_ERROR_TEXT_LENGTH]; // jansson quotes bytes of the file
        text_escape(shown, sizeof shown, place.text);
        return nn_fail_file(err, NN_ERR_FORMAT, path, place.line, "line %d: no valid JSON: %s",
                            place.line, shown);
    }
    NnRecipe read = defaults;
    NnStatus status = read_all(&(Source){text, n, path, err}, root, &read);
    json_decref(root);
    if (status == NN_OK) {
        *recipe = read;
    }
    return status;
}

NnStatus nn_recipe_read(const char *path, NnRecipe *recipe, NnError *err) {
    size_t n;
    NnError cause = {0};
    unsigned char *bytes = file_read(path, RECIPE_MAX_BYTES, &n, &cause);
    if (bytes == NULL) {
        if (err != NULL) {
            *err = cause;
        }
        return cause.status;
    }
    NnStatus status = nn_recipe_parse((const char *)bytes, n, path, recipe, err);
    mem_free(bytes);
    return status;
}

NnStatus nn_recipe_set(NnRecipe *recipe, const char *assignment, NnError *err) {
    const char *equals = strchr(assignment, '=');
    char key[64];
    if (equals == NULL || equals == assignment || (size_t)(equals - assignment) >= sizeof key) {
        return nn_fail(err, NN_ERR_USAGE, "--set takes key=value, such as learning_rate=0.01");
    }
    text_copy(key, (size_t)(equals - assignment) + 1, assignment);
    // A value is JSON, but a word needs no quotes.
    bool no_memory;
    json_t *value = json_text_parse(equals + 1, strlen(equals + 1),
                                    JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL, &no_memory);
    if (value == NULL && !no_memory) {
        value = json_string(equals + 1);
    }
    if (value == NULL) {
        char shown[4 * sizeof key];
        text_escape(shown, sizeof shown, key);
        return no_memory ? nn_fail(err, NN_ERR_NOMEM, "--set: not enough memory for \"%s\"", shown)
                         : nn_fail(err, NN_ERR_USAGE,
                                   "--set: the value of \"%s\" is no valid UTF-8", shown);
    }
    NnRecipe changed = *recipe;
    const Source source = {.err = err};
    NnStatus status = read_member(&source, key, value, &changed);
    json_decref(value);
    status = status == NN_OK ? check_teachers(&source, key, &changed) : status;
    status = status == NN_OK ? check_shares(&source, key, &changed) : status;
    status = status == NN_OK ? check_fusion(&source, key, &changed) : status;
    if (status == NN_OK) {
        *recipe = changed;
    }
    return status;
}

// --- the recipes that come with the program ------------------------------------------------------

NnStatus nn_recipe_find(const char *name, NnRecipe *recipe, NnError *err) {
    char path[PATH_SIZE];
    NnStatus status = share_find(path, sizeof path, "recipes", "recipe", name, err);
    return status == NN_OK ? nn_recipe_read(path, recipe, err) : status;
}

char **nn_recipe_names(size_t *count) {
    return share_names("recipes", count);
}

void nn_recipe_names_free(char **names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        mem_free(names[i]);
    }
    mem_free(names);
}
