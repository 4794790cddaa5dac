#define _XOPEN_SOURCE 700 // rmdir, opendir

// Runs on disk: each has a numbered folder of its own, the last few are kept, and the newest can be
// taken up again when the window was closed, or worse, before it was over.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/training.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

enum { RUNS_KEPT = 3 }; // with the one that is about to begin

void training_keep_runs(Training *training, const char *folder) {
    (void)text_copy(training->runs.folder, sizeof training->runs.folder, folder);
}

// "run-12": 12; 0 for anything else.
static int number_of(const char *name) {
    char *end;
    if (strncmp(name, "run-", 4) != 0) {
        return 0;
    }
    long n = strtol(name + 4, &end, 10);
    return *end == '\0' && n > 0 && n < 1000000000 ? (int)n : 0;
}

static int newest_number(const char *folder) {
    int newest = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        int n = number_of(entry->d_name);
        newest = n > newest ? n : newest;
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return newest;
}

static bool path_of(const Training *training, int number, char *path, size_t size) {
    int n = snprintf(path, size, "%s/run-%d", training->runs.folder, number);
    return n > 0 && (size_t)n < size;
}

// The files of a folder, and of the folders in it, then the folder. What is not ours to remove stays,
// and the folder with it.
static void remove_folder(const char *folder, int depth) {
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char path[TRAINING_PATH];
        int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        bool dots = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (dots || n < 0 || (size_t)n >= sizeof path) {
            continue;
        }
        if (unlink(path) != 0 && depth > 0) { // a link to a folder is unlinked, never followed
            remove_folder(path, depth - 1);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    (void)rmdir(folder);
}

static void remove_old(const Training *training, int newest) {
    DIR *dir = opendir(training->runs.folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        int n = number_of(entry->d_name);
        char path[TRAINING_PATH];
        if (n > 0 && n <= newest - RUNS_KEPT && path_of(training, n, path, sizeof path)) {
            remove_folder(path, 1);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

bool training_new_folder(Training *training, char *path, size_t size) {
    if (training->runs.folder[0] == '\0' || folder_make(training->runs.folder, NULL) != NN_OK) {
        return false;
    }
    int number = newest_number(training->runs.folder) + 1;
    remove_old(training, number);
    return path_of(training, number, path, size);
}

void training_find_run(Training *training) {
    TrainRuns *runs = &training->runs;
    runs->resumable = false;
    int newest = runs->folder[0] != '\0' ? newest_number(runs->folder) : 0;
    NnRunState state = NN_RUN_EMPTY;
    if (newest == 0 || !path_of(training, newest, runs->path, sizeof runs->path) ||
        nn_run_read(runs->path, &state, &runs->config, NULL, NULL) != NN_OK) {
        return; // an unreadable run is none: a new one begins beside it
    }
    size_t n = 0;
    mem_free(nn_run_records(runs->path, &n, NULL));
    runs->epochs = (int)n;
    runs->resumable = state == NN_RUN_STARTED && runs->epochs < runs->config.recipe.epochs;
}

void training_take_up(Training *training) {
    TrainRuns *runs = &training->runs;
    if (runs->resumable && !training_active(training)) {
        NnRecipe recipe = runs->config.recipe;
        train_form_take(&training->form, &recipe, runs->config.seed);
        if (recipe.validation == 0) { // as it was begun
            (void)train_form_set(&training->form, FIELD_VALIDATION, "0");
        }
        for (size_t i = 0; i < training->n_names; i++) {
            training->chosen =
                strcmp(training->names[i], recipe.name) == 0 ? (int)i : training->chosen;
        }
        runs->resumes = true;
    }
}
