#include "train/share_names.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "nn/recipe.h"

enum { PATH_SIZE = 4096 };

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_name(char ***names, size_t *count, const char *file) {
    char **more = mem_resize(*names, *count + 1, sizeof **names);
    if (more == NULL) {
        return false;
    }
    *names = more;
    char *name = mem_copy_text(file);
    if (name == NULL) {
        return false;
    }
    name[strlen(name) - strlen(".json")] = '\0';
    more[(*count)++] = name;
    return true;
}

char **share_names(const char *folder, size_t *count) {
    *count = 0;
    char path[PATH_SIZE];
    DIR *list = share_path(path, sizeof path, "assets", folder) ? opendir(path) : NULL;
    if (list == NULL) {
        return NULL;
    }
    char **names = NULL;
    const struct dirent *entry;
    while ((entry = readdir(list)) != NULL) {
        if (entry->d_name[0] != '.' && text_ends_with(entry->d_name, ".json") &&
            !add_name(&names, count, entry->d_name)) {
            nn_recipe_names_free(names, *count);
            names = NULL;
            *count = 0;
            break;
        }
    }
    closedir(list);
    if (*count > 1) {
        qsort(names, *count, sizeof *names, by_name);
    }
    return names;
}

NnStatus share_find(char *path, size_t size, const char *folder, const char *what, const char *name,
                    NnError *err) {
    char file[256], shown[128], list[400] = "";
    if (strchr(name, '/') != NULL || text_ends_with(name, ".json")) {
        return text_copy(path, size, name)
                   ? NN_OK
                   : nn_fail(err, NN_ERR_NOT_FOUND, "the path of the %s is too long", what);
    }
    int n = snprintf(file, sizeof file, "%s/%s.json", folder, name);
    if (n > 0 && (size_t)n < sizeof file && share_path(path, size, "assets", file)) {
        return NN_OK;
    }
    text_escape(shown, sizeof shown, name);
    size_t count, used = 0;
    char **names = share_names(folder, &count);
    for (size_t i = 0; i < count && used < sizeof list; i++) {
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    nn_recipe_names_free(names, count);
    nn_fail(err, NN_ERR_NOT_FOUND, "there is no %s \"%s\"; there are: %s", what, shown,
            count > 0 ? list : "none");
    if (count == 0) {
        nn_error_hint(err, "set INKLING_SHARE to the folder that holds assets/%s", folder);
    }
    return NN_ERR_NOT_FOUND;
}
