// run_find.c - which run a network comes from, and which pictures that run held out.
//
// A network belongs to a run when the run keeps the very same weights: names and times can be
// anything, and the file at hand may be a copy.

#define _XOPEN_SOURCE 700 // opendir, stat
#include "train/run_find.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sha2.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "nn/epochs.h"
#include "train/run_impl.h"
#include "train/split.h"

// Asked before each weight file, since there may be hundreds of large ones.
typedef struct {
    const NnModel *model;
    bool (*wanted)(void *user); // NULL: to the end
    void *user;
} Search;

static bool wanted(const Search *search) {
    return search->wanted == NULL || search->wanted(search->user);
}

// --- weights -------------------------------------------------------------------------------------

static bool has_weights(const char *path, const Search *search) {
    const NnModel *model = search->model;
    NnModel *kept = wanted(search) && file_exists(path) ? nn_model_load(path, NULL) : NULL;
    bool same = kept != NULL && nn_arch_alike(nn_model_arch(kept), nn_model_arch(model)) &&
                memcmp(nn_model_params_const(kept), nn_model_params_const(model),
                       nn_model_block_count(model) * sizeof(float)) == 0;
    nn_model_free(kept);
    return same;
}

static bool epoch_has_weights(const char *folder, const Search *search) {
    char path[RUN_PATH_SIZE];
    (void)run_path(path, folder, "epochs");
    DIR *dir = opendir(path);
    bool found = false;
    for (const struct dirent *entry;
         dir != NULL && !found && wanted(search) && (entry = readdir(dir)) != NULL;) {
        int n = snprintf(path, sizeof path, "%s/epochs/%s", folder, entry->d_name);
        found = n > 0 && (size_t)n < sizeof path && text_ends_with(path, ".safetensors") &&
                !text_ends_with(path, ".checkpoint.safetensors") && has_weights(path, search);
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return found;
}

static bool run_has_weights(const char *folder, const Search *search) {
    char path[RUN_PATH_SIZE];
    NnRunState state;
    NnRunConfig *config = wanted(search) ? mem_new(1, sizeof *config) : NULL;
    bool alike = config != NULL && nn_run_read(folder, &state, config, NULL, NULL) == NN_OK &&
                 state != NN_RUN_EMPTY &&
                 (config->recipe.fuse_batch_norm ||
                  nn_arch_alike(&config->recipe.arch, nn_model_arch(search->model)));
    mem_free(config);
    return alike && (has_weights(run_path(path, folder, RUN_BEST), search) ||
                     has_weights(run_path(path, folder, RUN_LAST), search) ||
                     epoch_has_weights(folder, search));
}

// --- folders -------------------------------------------------------------------------------------

// A file in it may be one of its epochs/.
static bool find_near(const Search *search, const char *path, char *folder, size_t size) {
    if (path == NULL || path[0] == '\0' || !text_copy(folder, size, path)) {
        return false;
    }
    for (int up = 0; up < 3; up++) {
        if (run_has_weights(folder[0] != '\0' ? folder : ".", search)) {
            return folder[0] != '\0' || text_copy(folder, size, ".");
        }
        char *slash = strrchr(folder, '/');
        if (slash == NULL && folder[0] == '\0') {
            break;
        }
        *(slash != NULL ? slash : folder) = '\0';
    }
    return false;
}

bool nn_run_near(const NnModel *model, const char *path, char *folder, size_t size) {
    return find_near(&(Search){.model = model}, path, folder, size);
}

// The newest run below base that is newer than *newest, which it becomes.
static void find_below(const Search *search, const char *base, char *folder, size_t size,
                       time_t *newest) {
    DIR *dir = opendir(base);
    for (const struct dirent *entry;
         dir != NULL && wanted(search) && (entry = readdir(dir)) != NULL;) {
        char path[RUN_PATH_SIZE], config[RUN_PATH_SIZE + sizeof RUN_METRICS + 1];
        int n = snprintf(path, sizeof path, "%s/%s", base, entry->d_name);
        struct stat info;
        if (n < 0 || (size_t)n >= sizeof path || entry->d_name[0] == '.') {
            continue;
        }
        (void)snprintf(config, sizeof config, "%s/%s", path, RUN_METRICS);
        if (stat(config, &info) == 0 && info.st_mtime > *newest && run_has_weights(path, search) &&
            text_copy(folder, size, path)) {
            *newest = info.st_mtime;
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

bool nn_run_find(const NnModel *model, const char *path, char *folder, size_t size,
                 bool (*still_wanted)(void *user), void *user) {
    static const Place places[] = {PLACE_STATE, PLACE_DATA};
    const Search search = {model, still_wanted, user};
    if (find_near(&search, path, folder, size)) {
        return true;
    }
    time_t newest = 0;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char base[RUN_PATH_SIZE];
        if (place_path(base, sizeof base, places[i], "runs")) {
            find_below(&search, base, folder, size, &newest);
        }
    }
    return newest != 0 && wanted(&search);
}

// --- what was held out ---------------------------------------------------------------------------

static void mix(char *out, const RunIdentity *identity, const char *sha256) {
    char text[2 * RUN_SHA_SIZE + 80];
    SHA2_CTX context;
    const NnRecipe *recipe = &identity->config.recipe;
    unsigned long long seed = identity->config.seed;
    int n = recipe->folds > 0 ? snprintf(text, sizeof text, "fold %llu %d/%d of %s", seed,
                                         recipe->fold, recipe->folds, sha256)
                              : snprintf(text, sizeof text, "validation %llu %d of %s", seed,
                                         recipe->validation, sha256);
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)text, (size_t)n);
    SHA256End(&context, out);
}

void run_validation_data(const RunIdentity *identity, RunData *validation) {
    size_t held = split_held_out(&identity->config.recipe, identity->train.n);
    *validation = (RunData){0};
    if (held == 0 || held >= identity->train.n) {
        return;
    }
    validation->n = held;
    char name[sizeof validation->name];
    text_copy(name, sizeof name, identity->train.name);
    char *split = strstr(name, " train");
    if (split != NULL) {
        *split = '\0';
    }
    (void)snprintf(validation->name, sizeof validation->name, "%.40s validation", name);
    mix(validation->images_sha256, identity, identity->train.images_sha256);
    mix(validation->labels_sha256, identity, identity->train.labels_sha256);
}

// The split of the trainer: one shuffle by the seed, and the end of it.
uint32_t *run_validation_rows(const RunIdentity *identity, NnError *err) {
    size_t n = identity->train.n, held = split_held_out(&identity->config.recipe, n);
    uint32_t *order = mem_new(n, sizeof *order), *rows = mem_new(held, sizeof *rows);
    if (order == NULL || rows == NULL) {
        (void)nn_fail(err, NN_ERR_NOMEM, "out of memory for the pictures a run held out");
        mem_free(order);
        mem_free(rows);
        return NULL;
    }
    split_rows(&identity->config.recipe, identity->config.seed, order, n);
    memcpy(rows, order + (n - held), held * sizeof *rows);
    mem_free(order);
    return rows;
}

static NnStatus unknown_origin(NnError *err) {
    (void)nn_fail(err, NN_ERR_NOT_FOUND,
                  "It is not known which pictures this network has not learnt from.");
    nn_error_hint(err, "Train one in the Train view, or with inkling train --keep.");
    return NN_ERR_NOT_FOUND;
}

// What was held out as the file says it; without, the recipe says it. False: it makes no sense.
static bool held_out_of_notes(const NnModel *model, NnRecipe *recipe) {
    const char *validation = nn_model_note(model, "validation"),
               *fold = nn_model_note(model, "fold");
    int held = recipe->validation, part = 0, parts = 0;
    char rest;
    bool good = validation == NULL || sscanf(validation, "%d%c", &held, &rest) == 1;
    good = good && (fold == NULL || sscanf(fold, "%d of %d%c", &part, &parts, &rest) == 2);
    good = good && held >= 0 && (parts == 0 || (part >= 1 && part <= parts));
    recipe->validation = held;
    recipe->fold = part;
    recipe->folds = parts;
    return good;
}

NnStatus run_identity_of_notes(const NnModel *model, RunIdentity *identity, NnError *err) {
    const char *recipe = nn_model_note(model, "recipe"), *seed = nn_model_note(model, "seed"),
               *settings = nn_model_note(model, "settings"), *data = nn_model_note(model, "data"),
               *images = nn_model_note(model, "data_images_sha256"),
               *labels = nn_model_note(model, "data_labels_sha256");
    NnRunConfig *config = &identity->config;
    bool found = recipe != NULL && nn_recipe_find(recipe, &config->recipe, NULL) == NN_OK;
    if (nn_model_note(model, "validation") != NULL) { // then nothing else is asked of the recipe
        config->recipe = found ? config->recipe : (NnRecipe){.folds = 0};
        settings = NULL;
        found = true;
    }
    if (!found || seed == NULL || data == NULL || images == NULL || labels == NULL ||
        !text_copy(identity->train.images_sha256, RUN_SHA_SIZE, images) ||
        !text_copy(identity->train.labels_sha256, RUN_SHA_SIZE, labels) ||
        !text_copy(identity->train.name, sizeof identity->train.name, data)) {
        return unknown_origin(err);
    }
    char *end;
    config->seed = strtoull(seed, &end, 10);
    char one[256];
    for (const char *at = settings; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, " ");
        (void)snprintf(one, sizeof one, "%.*s", (int)n, at);
        if (n >= sizeof one || (n > 0 && nn_recipe_set(&config->recipe, one, NULL) != NN_OK)) {
            return unknown_origin(err);
        }
        at += n + (at[n] == ' ');
    }
    size_t n = strcspn(data, " ");
    (void)snprintf(config->recipe.data, sizeof config->recipe.data, "%.*s", (int)n, data);
    bool good = *end == '\0' && end != seed && held_out_of_notes(model, &config->recipe);
    return good ? NN_OK : unknown_origin(err);
}

// data becomes the pictures held out of it.
static NnStatus keep_held_out(NnDataset *data, const RunIdentity *identity, NnError *err) {
    RunData validation;
    run_validation_data(identity, &validation);
    if (strcmp(data->images_sha256, identity->train.images_sha256) != 0 ||
        strcmp(data->labels_sha256, identity->train.labels_sha256) != 0) {
        (void)nn_fail(err, NN_ERR_NOT_FOUND,
                      "%s has changed since this network learnt from it: which pictures were held "
                      "out is no longer known.",
                      data->name);
        nn_error_hint(err, "Train the network anew.");
        return NN_ERR_NOT_FOUND;
    }
    if (validation.n == 0) {
        (void)nn_fail(err, NN_ERR_NOT_FOUND,
                      "This network learnt from all pictures of %s: none were held out.",
                      data->name);
        nn_error_hint(err, "Look at the test set, or train with --set validation=5000.");
        return NN_ERR_NOT_FOUND;
    }
    uint32_t *rows = run_validation_rows(identity, err);
    uint8_t *images = mem_new_aligned(validation.n, NN_PIXELS), *labels = mem_new(validation.n, 1);
    if (rows == NULL || images == NULL || labels == NULL) {
        mem_free(rows);
        mem_free(images);
        mem_free(labels);
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the pictures a run held out");
    }
    for (size_t i = 0; i < validation.n; i++) {
        memcpy(images + i * NN_PIXELS, data->images + (size_t)rows[i] * NN_PIXELS, NN_PIXELS);
        labels[i] = data->labels[rows[i]];
    }
    mem_free(rows);
    mem_free(data->images);
    mem_free(data->labels);
    data->images = images;
    data->labels = labels;
    data->n = validation.n;
    data->verified = false;
    memcpy(data->name, validation.name, sizeof data->name);
    memcpy(data->images_sha256, validation.images_sha256, sizeof data->images_sha256);
    memcpy(data->labels_sha256, validation.labels_sha256, sizeof data->labels_sha256);
    return NN_OK;
}

NnDataset *nn_run_validation(const NnModel *model, const char *folder, NnError *err) {
    char path[RUN_PATH_SIZE];
    RunIdentity *identity = mem_new(1, sizeof *identity);
    if (identity == NULL) {
        (void)nn_fail(err, NN_ERR_NOMEM, "out of memory for the pictures a run held out");
        return NULL;
    }
    NnStatus status = folder != NULL
                          ? run_config_read(run_path(path, folder, RUN_CONFIG), identity, err)
                          : run_identity_of_notes(model, identity, err);
    NnDataset *data = NULL;
    if (status == NN_OK) {
        data = nn_dataset_load(identity->config.recipe.data, NN_SPLIT_TRAIN, err);
        status = data != NULL ? NN_OK : NN_ERR_NOT_FOUND;
    }
    if (status == NN_OK) {
        identity->train.n = data->n;
        status = keep_held_out(data, identity, err);
    }
    if (status != NN_OK) {
        nn_dataset_free(data);
        data = NULL;
    }
    mem_free(identity);
    return data;
}
