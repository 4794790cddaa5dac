#define _POSIX_C_SOURCE 200809L

// The networks there are to compare with: those that come with the program and the person's own.
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

int browse_add_model(Browse *browse, const char *path) {
    for (int i = 0; i < browse->n_models; i++) {
        if (strcmp(browse->models[i].path, path) == 0) {
            return i;
        }
    }
    BrowseModel *model = &browse->models[browse->n_models];
    if (browse->n_models == BROWSE_MODELS_MAX ||
        !text_copy(model->path, sizeof model->path, path)) {
        return -1;
    }
    const char *slash = strrchr(path, '/');
    text_escape(model->name, sizeof model->name, slash != NULL ? slash + 1 : path);
    char *ending = strstr(model->name, ".safetensors");
    if (ending != NULL) {
        *ending = '\0';
    }
    char found[TEACHER_PATH_SIZE];
    model->named = teacher_find(model->name, found) && strcmp(found, path) == 0;
    return browse->n_models++;
}

static void add_folder(Browse *browse, const char *folder) {
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char path[STUDY_PATH_SIZE];
        int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (n > 0 && (size_t)n < sizeof path && entry->d_name[0] != '.' &&
            text_ends_with(path, ".safetensors")) {
            (void)browse_add_model(browse, path);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

void browse_find_models(Browse *browse) {
    if (browse->model >= 0) {
        return; // the one in use keeps its place
    }
    char path[STUDY_PATH_SIZE];
    if (share_path(path, sizeof path, "models", "inkling-mlp.safetensors")) {
        *strrchr(path, '/') = '\0';
        add_folder(browse, path);
    }
    if (place_path(path, sizeof path, PLACE_DATA, "models")) {
        add_folder(browse, path);
    }
    qsort(browse->models, (size_t)browse->n_models, sizeof browse->models[0], by_name);
}
