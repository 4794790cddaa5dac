#include "cli/train_run.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

enum { KEEP_MB = 256 };

// The settings that options change, on top of the recipe there is.
static NnStatus change_recipe(const Args *args, NnRecipe *recipe, NnError *err) {
    NnStatus status = NN_OK;
    for (size_t i = 0; i < args_count(args, "set") && status == NN_OK; i++) {
        status = nn_recipe_set(recipe, args_nth(args, "set", i), err);
    }
    if (status != NN_OK) {
        return status;
    }
    recipe->epochs = (int)args_int(args, "epochs", recipe->epochs);
    const char *data = args_text(args, "data");
    const NnDatasetInfo *info = data != NULL ? nn_dataset_info(data) : NULL;
    data = info != NULL ? info->name : data; // the same run by either name
    if (data != NULL && !text_copy(recipe->data, sizeof recipe->data, data)) {
        return nn_fail(err, NN_ERR_NOT_FOUND, "no data set has a name that long");
    }
    return NN_OK;
}

static NnStatus read_recipe(const Args *args, NnRecipe *recipe, NnError *err) {
    const char *name = args_operand(args, 0);
    NnStatus status = nn_recipe_find(name, recipe, err);
    return status == NN_OK ? change_recipe(args, recipe, err) : status;
}

static NnStatus needs_recipe(NnError *err) {
    NnStatus status =
        nn_fail(err, NN_ERR_USAGE, "train needs RECIPE: the name of a recipe or a file");
    nn_error_hint(err,
                  "for example: inkling train mlp-256-128 --epochs 5 --out digits.safetensors");
    return status;
}

// "mlp-256-128-1-20261120-140359" in the user's data folder.
NnStatus train_run_name(TrainRun *run, NnError *err) {
    char name[128], recipe[64], time[20];
    const NnRecipe *from = &run->config.recipe;
    text_copy(recipe, sizeof recipe, from->name);
    for (char *c = recipe; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';
        *c = plain ? *c : '-';
    }
    clock_timestamp(time); // "2026-11-20T14:03:59"
    snprintf(name, sizeof name, "runs/%s-%llu-%.4s%.2s%.2s-%.2s%.2s%.2s", recipe,
             (unsigned long long)run->config.seed, time, time + 5, time + 8, time + 11, time + 14,
             time + 17);
    if (!place_path(run->folder, sizeof run->folder, PLACE_DATA, name)) {
        return nn_fail(err, NN_ERR_USAGE, "there is no home folder to keep the run in");
    }
    return NN_OK;
}

// A name without a slash may be that of a run below the user's data folder.
NnStatus train_run_folder(const char *name, TrainRun *run, NnError *err) {
    char config[RUN_FOLDER_SIZE + 16], inner[256];
    snprintf(config, sizeof config, "%s/config.json", name);
    int n = snprintf(inner, sizeof inner, "runs/%s", name);
    bool plain = strchr(name, '/') == NULL && n > 0 && (size_t)n < sizeof inner;
    if (plain && !file_exists(config) &&
        place_path(run->folder, sizeof run->folder, PLACE_DATA, inner)) {
        snprintf(config, sizeof config, "%s/config.json", run->folder);
        if (file_exists(config)) {
            return NN_OK;
        }
    }
    return text_copy(run->folder, sizeof run->folder, name)
               ? NN_OK
               : nn_fail(err, NN_ERR_USAGE, "the path of the run's folder is too long");
}

static NnStatus take_up(const Args *args, TrainRun *run, NnError *err) {
    NnRunConfig kept, *wanted = &run->config;
    NnStatus status = nn_run_read(run->folder, &run->state, &kept, &run->result, err);
    if (status != NN_OK) {
        return status;
    }
    bool has_recipe = args_operand(args, 0) != NULL;
    if (run->state == NN_RUN_EMPTY && !has_recipe) {
        char shown[256];
        text_escape(shown, sizeof shown, run->folder);
        status = nn_fail(err, NN_ERR_NOT_FOUND, "%s: there is no run in this folder", shown);
        nn_error_hint(err, "name a RECIPE, too, to begin one there");
        return status;
    }
    if (run->state == NN_RUN_EMPTY) {
        return read_recipe(args, &wanted->recipe, err);
    }
    *wanted = kept;
    wanted->seed = (uint64_t)args_int(args, "seed", (int64_t)kept.seed);
    wanted->track_test = kept.track_test || args_has(args, "track-test");
    status = has_recipe ? read_recipe(args, &wanted->recipe, err)
                        : change_recipe(args, &wanted->recipe, err);
    return status == NN_OK ? nn_run_same(run->folder, &kept, wanted, err) : status;
}

NnStatus train_run_find(Cli *cli, TrainRun *run, NnError *err) {
    const Args *args = &cli->args;
    const char *fresh = args_text(args, "run"), *resume = args_text(args, "resume");
    bool keep = args_has(args, "keep");
    *run = (TrainRun){.resume = resume != NULL};
    run->config.seed = (uint64_t)args_int(args, "seed", 1);
    run->config.track_test = args_has(args, "track-test");
    run->config.keep_mb = (int)args_int(args, "keep-epochs", KEEP_MB);
    if ((fresh != NULL) + (resume != NULL) + keep > 1) {
        return nn_fail(err, NN_ERR_USAGE, "--run, --resume and --keep exclude each other");
    }
    NnStatus status = NN_OK;
    if (resume != NULL) {
        status = train_run_folder(resume, run, err);
        return status == NN_OK ? take_up(args, run, err) : status;
    }
    if (args_operand(args, 0) == NULL) {
        return needs_recipe(err);
    }
    status = read_recipe(args, &run->config.recipe, err);
    if (status == NN_OK && fresh != NULL && !text_copy(run->folder, sizeof run->folder, fresh)) {
        status = nn_fail(err, NN_ERR_USAGE, "the path of the run's folder is too long");
    }
    return status == NN_OK && keep ? train_run_name(run, err) : status;
}
