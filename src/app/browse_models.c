#define _POSIX_C_SOURCE 200809L

// The networks there are to use, to compare with and to learn from: those that come with the program and the person's own.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/browse.h"
#include "base/file.h"
#include "base/text.h"
#include "train/teachers.h"

static int by_name(const void *a, const void *b) {
    return strcmp(((const BrowseModel *)a)->name, ((const BrowseModel *)b)->name);
}

int browse_model_of(const Browse *browse, const char *path) {
    for (int i = 0; i < browse->n_models; i++) {
        if (strcmp(browse->models[i].path, path) == 0) {
            return i;
        }
    }
    return -1;
}

// Two files of one name are told apart by the folder of the second: "digits (Downloads)". What
// recipes may call by its name keeps it.
static void tell_apart(const Browse *browse, BrowseModel *model) {
    bool taken = false;
    for (int i = 0; i < browse->n_models; i++) {
        taken = taken || strcmp(browse->models[i].name, model->name) == 0;
    }
    const char *end = strrchr(model->path, '/');
    if (!taken || model->named || end == NULL || end == model->path) {
        return;
    }
    const char *folder = end;
    while (folder > model->path && folder[-1] != '/') {
        folder--;
    }
    char raw[STUDY_PATH_SIZE], shown[sizeof model->name];
    (void)snprintf(raw, sizeof raw, "%.*s", (int)(end - folder), folder);
    text_escape(shown, sizeof shown, raw);
    size_t n = strlen(model->name);
    (void)snprintf(model->name + n, sizeof model->name - n, " (%s)", shown);
}

int browse_add_model(Browse *browse, const char *path) {
    char real[STUDY_PATH_SIZE], found[TEACHER_PATH_SIZE];
    if (!path_real(real, sizeof real, path)) {
        return -1;
    }
    int known = browse_model_of(browse, real);
    if (known >= 0 || browse->n_models == BROWSE_MODELS_MAX) {
        return known;
    }
    BrowseModel *model = &browse->models[browse->n_models];
    (void)text_copy(model->path, sizeof model->path, real);
    const char *slash = strrchr(path, '/');
    text_escape(model->name, sizeof model->name, slash != NULL ? slash + 1 : path);
    char *ending = strstr(model->name, ".safetensors");
    if (ending != NULL) {
        *ending = '\0';
    }
    model->named = teacher_find(model->name, found) && path_real(real, sizeof real, found) &&
                   strcmp(real, model->path) == 0;
    tell_apart(browse, model);
    return browse->n_models++;
}

static bool add_folder(Browse *browse, const char *folder) {
    DIR *dir = opendir(folder);
    bool all = true;
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char path[STUDY_PATH_SIZE];
        int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (n > 0 && (size_t)n < sizeof path && entry->d_name[0] != '.' &&
            text_ends_with(path, ".safetensors")) {
            all = browse_add_model(browse, path) >= 0 && all;
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return all;
}

bool browse_find_models(Browse *browse) {
    char path[STUDY_PATH_SIZE], rival[STUDY_PATH_SIZE] = "";
    if (browse->model >= 0) {
        (void)text_copy(rival, sizeof rival, browse->models[browse->model].path);
    }
    bool all = true;
    if (share_path(path, sizeof path, "models", "inkling-mlp.safetensors")) {
        *strrchr(path, '/') = '\0';
        all = add_folder(browse, path);
    }
    if (place_path(path, sizeof path, PLACE_DATA, "models")) {
        all = add_folder(browse, path) && all;
    }
    qsort(browse->models, (size_t)browse->n_models, sizeof browse->models[0], by_name);
    browse->model = rival[0] != '\0' ? browse_model_of(browse, rival) : -1;
    return all;
}
