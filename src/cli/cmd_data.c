// cmd_data.c - data sets: what is known and where, whether it is sound, and getting it.

#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/run.h"
#include "cli/suggest.h"

static NnStatus known(const char *name, const NnDatasetInfo **info, NnError *err) {
    size_t count;
    const NnDatasetInfo *table = nn_dataset_known(&count);
    char names[256] = "";
    *info = nn_dataset_info(name);
    if (*info != NULL) {
        return NN_OK;
    }
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s|", table[i].name);
    }
    char shown[64];
    char near[64];
    text_escape(shown, sizeof shown, name);
    nn_fail(err, NN_ERR_NOT_FOUND, "there is no data set called %s", shown);
    if (nearest_name(name, names, near, sizeof near)) {
        nn_error_hint(err, "did you mean %s?", near);
    } else {
        nn_error_hint(err, "`inkling data list` shows the names");
    }
    return NN_ERR_NOT_FOUND;
}

// The folder where name's files were found; false if nowhere.
static bool where(const char *name, char *path, size_t size) {
    static const char *const files[] = {"train-images-idx3-ubyte", "t10k-images-idx3-ubyte",
                                        "mine-images-idx3-ubyte"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (nn_dataset_find(name, files[i], path, size)) {
            char *slash = strrchr(path, '/');
            if (slash != NULL) {
                *slash = '\0';
            }
            return true;
        }
    }
    return false;
}

static NnStatus list(bool json, NnError *err) {
    size_t count;
    const NnDatasetInfo *table = nn_dataset_known(&count);
    json_t *array = json ? json_array() : NULL;
    for (size_t i = 0; i < count; i++) {
        char path[512];
        bool found = where(table[i].name, path, sizeof path);
        if (json) {
            array = json_text_push(array, json_pack("{s:s, s:s, s:o}", "name", table[i].name,
                                                    "title", table[i].title, "folder",
                                                    found ? json_string(path) : json_null()));
        } else {
            char shown[512];
            text_escape(shown, sizeof shown, found ? path : table[i].how_to_get);
            printf("%-8s %s\n         %s%s\n", table[i].name, table[i].title,
                   found ? "in " : "not here: ", shown);
        }
    }
    return json ? json_print(array, err) : NN_OK;
}

static NnStatus check_split(const char *name, NnSplit split, json_t *array, NnError *err) {
    NnDataset *data = nn_dataset_load(name, split, err);
    if (data == NULL) {
        return err->status;
    }
    NnStatus status = NN_OK;
    if (array != NULL) {
        json_t *entry =
            json_pack("{s:s, s:I, s:b, s:s, s:s}", "name", data->name, "n", (json_int_t)data->n,
                      "verified", (int)data->verified, "images_sha256", data->images_sha256,
                      "labels_sha256", data->labels_sha256);
        if (json_array_append_new(array, entry) != 0) {
            status = nn_fail(err, NN_ERR_NOMEM, "out of memory for the JSON result");
        }
    } else {
        printf("%-14s %6zu pictures, %s\n", data->name, data->n,
               data->verified ? "the published files"
                              : "readable; no published hashes to compare with");
    }
    nn_dataset_free(data);
    return status;
}

static NnStatus check_one(const char *name, json_t *array, NnError *err) {
    NnStatus status = check_split(name, NN_SPLIT_TRAIN, array, err);
    // My digits are one set without a test part.
    return status == NN_OK && strcmp(name, "mine") != 0
               ? check_split(name, NN_SPLIT_TEST, array, err)
               : status;
}

static NnStatus check(const char *name, bool json, NnError *err) {
    json_t *array = json ? json_array() : NULL;
    size_t count;
    const NnDatasetInfo *table = nn_dataset_known(&count);
    NnStatus status = NN_OK;
    bool any = false;
    for (size_t i = 0; i < count && status == NN_OK; i++) {
        char path[512];
        bool asked = name != NULL && strcmp(table[i].name, name) == 0;
        if (asked || (name == NULL && where(table[i].name, path, sizeof path))) {
            status = check_one(table[i].name, array, err);
            any = true;
        }
    }
    if (status != NN_OK) {
        json_decref(array);
        return status;
    }
    if (!any && !json) {
        printf("There are no data sets here yet; `inkling data list` says how to get them.\n");
    }
    return json ? json_print(array, err) : NN_OK;
}

static NnStatus fetch(Cli *cli, const NnDatasetInfo *info, NnError *err) {
    char script[512];
    if (strcmp(info->name, "mine") == 0) {
        nn_fail(err, NN_ERR_USAGE,
                "mine is what you draw and keep yourself; there is nothing to fetch");
        nn_error_hint(err, "%s", info->how_to_get);
        return NN_ERR_USAGE;
    }
    if (!share_path(script, sizeof script, "scripts", "get-data")) {
        nn_fail(err, NN_ERR_NOT_FOUND, "the script that fetches data is not installed");
        nn_error_hint(err, "%s", info->how_to_get);
        return NN_ERR_NOT_FOUND;
    }
    term_note(&cli->term, "%s %s", script, info->name);
    (void)fflush(NULL); // the child must not print our buffers again
    pid_t child = fork();
    if (child == 0) {
        execl(script, script, info->name, (char *)NULL);
        _exit(126);
    }
    int result = 0;
    pid_t waited = -1;
    if (child > 0) {
        do {
            waited = waitpid(child, &result, 0);
        } while (waited < 0 && errno == EINTR);
    }
    if (waited < 0) {
        return nn_fail(err, NN_ERR_FAILED, "%s could not be started: %s", script, strerror(errno));
    }
    if (!WIFEXITED(result) || WEXITSTATUS(result) != 0) {
        nn_fail(err, NN_ERR_FAILED, "%s was not fetched", info->title);
        nn_error_hint(err, "%s", info->how_to_get);
        return NN_ERR_FAILED;
    }
    return check(info->name, args_has(&cli->args, "json"), err);
}

NnStatus cmd_data(Cli *cli, NnError *err) {
    const char *action = args_operand(&cli->args, 0);
    const char *name = args_operand(&cli->args, 1);
    bool json = args_has(&cli->args, "json");
    const NnDatasetInfo *info = NULL;
    NnStatus status = name != NULL ? known(name, &info, err) : NN_OK;
    if (status != NN_OK) {
        return status;
    }
    if (action == NULL || strcmp(action, "list") == 0) {
        return list(json, err);
    }
    if (strcmp(action, "check") == 0) {
        return check(info != NULL ? info->name : NULL, json, err);
    }
    if (info == NULL) {
        nn_fail(err, NN_ERR_USAGE, "%s needs the name of a data set", action);
        nn_error_hint(err, "for example: inkling data %s mnist", action);
        return NN_ERR_USAGE;
    }
    return strcmp(action, "doubts") == 0 ? data_doubts(cli, info->name, err)
                                         : fetch(cli, info, err);
}
