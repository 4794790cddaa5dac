// cmd_info.c - what a file is, told by its content; what there is to say of it is in info_x.c.

#define _POSIX_C_SOURCE 200809L // S_ISDIR
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/info.h"
#include "cli/run.h"

enum { PATH_SIZE = 4096, HEAD_SIZE = 16 };

void info_sentence(const char *path, const char *format, ...) {
    char shown[512], text[1280], escaped[1536];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_escape(shown, sizeof shown, path);
    text_escape(escaped, sizeof escaped, text);
    size_t n = strlen(escaped);
    printf("%s %s%s\n", shown, escaped, n > 0 && escaped[n - 1] == '.' ? "" : ".");
}

void info_row(const char *name, const char *format, ...) {
    char text[1280], escaped[1536];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_escape(escaped, sizeof escaped, text);
    printf("%-11s %s\n", name, escaped);
}

json_t *info_text(const char *text) {
    char escaped[2048];
    text_escape(escaped, sizeof escaped, text);
    return json_string(escaped);
}

json_t *info_put(json_t *owned_object, const char *key, json_t *owned_item) {
    char escaped[512];
    text_escape(escaped, sizeof escaped, key);
    return json_text_put(owned_object, escaped, owned_item);
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// A recipe and the network it makes may share a name: the network is described, the recipe
// mentioned. A run may be named without the folder they are all kept in.
static NnStatus name_info(Cli *cli, const char *name, bool json, NnError *err) {
    NnRecipe recipe;
    char path[PATH_SIZE], inner[256];
    char sweep[256];
    snprintf(sweep, sizeof sweep, "sweeps/%s.json", name);
    bool is_recipe = nn_recipe_find(name, &recipe, NULL) == NN_OK;
    if (model_find(name, path, sizeof path, NULL) == NN_OK && file_exists(path)) {
        NnStatus status = info_weights(path, json, err);
        char file[128];
        snprintf(file, sizeof file, "recipes/%s.json", name);
        if (status == NN_OK && is_recipe && share_path(path, sizeof path, "assets", file)) {
            term_note(&cli->term, "note: there is a recipe of that name, too: inkling info %s",
                      path);
        }
        return status;
    }
    if (is_recipe) {
        return info_recipe(&recipe, json, err);
    }
    if (nn_ensemble_find(name, path, sizeof path)) {
        return info_ensemble(path, json, err);
    }
    if (share_path(path, sizeof path, "assets", sweep)) {
        return info_sweep(name, json, err);
    }
    int n = snprintf(inner, sizeof inner, "runs/%s", name);
    if (n > 0 && (size_t)n < sizeof inner && name[0] != '.' &&
        place_path(path, sizeof path, PLACE_DATA, inner) && is_folder(path)) {
        return info_run(path, json, err);
    }
    nn_fail_file(err, NN_ERR_NOT_FOUND, name, -1,
                 "there is no such file, recipe, sweep, shipped network or run");
    return NN_ERR_NOT_FOUND;
}

// Of ONNX the first field is the version of its representation, a small number.
static bool is_onnx(const char *path, const uint8_t *head, size_t n) {
    return text_ends_with(path, ".onnx") ||
           (n > 2 && head[0] == 0x08 && head[1] > 0 && head[1] < 64 && (head[2] & 7) == 2);
}

static NnStatus file_info(const char *path, const uint8_t *head, size_t n, bool json,
                          NnError *err) {
    static const uint8_t png[] = {0x89, 'P', 'N', 'G'};
    static const uint8_t jpeg[] = {0xFF, 0xD8};
    static const uint8_t gzip[] = {0x1F, 0x8B};
    static const uint8_t idx[] = {0, 0, 8};
    if (n >= 3 && (memcmp(head, gzip, sizeof gzip) == 0 || memcmp(head, idx, sizeof idx) == 0)) {
        return info_idx(path, json, err);
    }
    if (memcmp(head, png, sizeof png) == 0 || memcmp(head, jpeg, sizeof jpeg) == 0) {
        return info_picture(path, json, err);
    }
    if (nn_events_is(head, n) || strstr(path, ".tfevents.") != NULL) {
        return info_events(path, json, err);
    }
    if (text_ends_with(path, ".jsonl")) {
        return info_strokes(path, json, err);
    }
    if (text_ends_with(path, ".json")) {
        NnRecipe recipe;
        char found[PATH_SIZE];
        if (nn_ensemble_find(path, found, sizeof found)) {
            return info_ensemble(path, json, err);
        }
        if (info_is_sweep(path)) {
            return info_sweep(path, json, err);
        }
        NnStatus status = nn_recipe_read(path, &recipe, err);
        return status == NN_OK ? info_recipe(&recipe, json, err) : status;
    }
    if (head[8] == '{' || text_ends_with(path, ".safetensors")) {
        return info_weights(path, json, err);
    }
    if (is_onnx(path, head, n)) {
        return info_onnx(path, json, err);
    }
    nn_fail_file(err, NN_ERR_FORMAT, path, 0, "is none of the kinds inkling knows");
    nn_error_hint(err, "weights (.safetensors), networks (.onnx), IDX data, strokes (.jsonl), PNG, "
                       "JPEG, recipes and sweeps (.json), event files, folders of runs");
    return NN_ERR_FORMAT;
}

NnStatus cmd_info(Cli *cli, NnError *err) {
    const char *path = args_operand(&cli->args, 0);
    bool json = args_has(&cli->args, "json");
    if (is_folder(path)) {
        return info_run(path, json, err);
    }
    FILE *file = fopen(path, "rb");
    uint8_t head[HEAD_SIZE] = {0};
    if (file == NULL) {
        return name_info(cli, path, json, err);
    }
    size_t n = fread(head, 1, sizeof head, file);
    (void)fclose(file);
    return file_info(path, head, n, json, err);
}
