// common.c - what several commands need: networks by name, JSON on stdout.

#define _POSIX_C_SOURCE 200809L // opendir
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/suggest.h"

static const char ENDING[] = ".safetensors";

// Names of the shipped networks with a '|' after each.
static void model_names(char *names, size_t size) {
    char folder[512];
    *names = '\0';
    if (!share_path(folder, sizeof folder, "models", "")) {
        return;
    }
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        size_t used = strlen(names);
        size_t n = strlen(entry->d_name);
        if (text_ends_with(entry->d_name, ENDING) && used + n < size) {
            snprintf(names + used, size - used, "%.*s|", (int)(n - strlen(ENDING)), entry->d_name);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

void models_list(void) {
    char names[2048];
    model_names(names, sizeof names);
    for (char *c = names; *c != '\0'; c++) {
        putchar(*c == '|' ? '\n' : *c);
    }
}

NnStatus model_find(const char *name, char *path, size_t size, NnError *err) {
    if (file_exists(name) || strchr(name, '/') != NULL || text_ends_with(name, ENDING)) {
        // A file, or meant as one: whoever reads it says what is wrong with it.
        return text_copy(path, size, name) ? NN_OK
                                           : nn_fail(err, NN_ERR_NOT_FOUND, "the path is too long");
    }
    char file[256];
    snprintf(file, sizeof file, "%s%s", name, ENDING);
    if (share_path(path, size, "models", file)) {
        return NN_OK;
    }
    char shown[128];
    text_escape(shown, sizeof shown, name);
    nn_fail(err, NN_ERR_NOT_FOUND, "there is no file and no shipped network called %s", shown);
    char names[2048];
    char near[128];
    model_names(names, sizeof names);
    if (nearest_name(name, names, near, sizeof near)) {
        nn_error_hint(err, "did you mean %s?", near);
    } else {
        nn_error_hint(err,
                      "give the path of a .safetensors file, or train one: inkling train RECIPE "
                      "--out FILE");
    }
    return NN_ERR_NOT_FOUND;
}

NnStatus reader_open(Reader *reader, const char *name, NnError *err) {
    *reader = (Reader){0};
    char path[512];
    NnStatus status = model_find(name != NULL ? name : DEFAULT_MODEL, path, sizeof path, err);
    if (status != NN_OK) {
        return status;
    }
    reader->model = nn_model_load(path, err);
    if (reader->model != NULL) {
        reader->work = nn_workspace_new(reader->model, 1, false, err);
    }
    return reader->work != NULL ? NN_OK : err->status;
}

void reader_release(Reader *reader) {
    nn_workspace_free(reader->work);
    nn_model_free(reader->model);
    *reader = (Reader){0};
}

json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_floats(const float *values, size_t n) {
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < n; i++) {
        if (json_array_append_new(array, json_number((double)values[i])) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

NnStatus json_print(json_t *owned_value, NnError *err) {
    if (owned_value == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the JSON result");
    }
    // Nine digits are enough to get every float back.
    char *text = json_text_make(owned_value, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(owned_value);
    if (text == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the JSON result");
    }
    puts(text);
    mem_free(text);
    return NN_OK;
}
