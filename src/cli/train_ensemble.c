// train_ensemble.c - the members of an ensemble trained one after another, each a run in a folder
// below the ensemble's, then measured together:
//
//     ensemble.json             what is trained, with the settings of the command line
//     1-resnet-small-seed-1/    a run like any other
//     result.json               written last: the test set, each member and all together

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/ensemble.h"
#include "cli/train_run.h"

#define ENSEMBLE_FILE "ensemble.json"
#define RESULT_FILE "result.json"

enum { PATH_SIZE = RUN_FOLDER_SIZE + 320, KEEP_MB = 0, MEMBER_NAME = 160 };

typedef struct {
    Cli *cli;
    TrainRun whole; // its folder
    NnEnsemble ensemble;
} Job;

bool train_is_ensemble(Cli *cli, char *path) {
    const char *name = args_operand(&cli->args, 0), *resume = args_text(&cli->args, "resume");
    TrainRun run = {0};
    if (name == NULL && resume != NULL && train_run_folder(resume, &run, NULL) == NN_OK) {
        char file[PATH_SIZE];
        snprintf(file, sizeof file, "%s/" ENSEMBLE_FILE, run.folder);
        return file_exists(file) && text_copy(path, RUN_FOLDER_SIZE, file);
    }
    return name != NULL && nn_ensemble_find(name, path, RUN_FOLDER_SIZE);
}

// --- what to train -------------------------------------------------------------------------------

static NnStatus add_setting(NnEnsemble *ensemble, const char *key, const char *value,
                            NnError *err) {
    if (ensemble->n_settings == NN_SETTINGS_MAX) {
        return nn_fail(err, NN_ERR_USAGE, "an ensemble has at most %d settings", NN_SETTINGS_MAX);
    }
    char *setting = ensemble->settings[ensemble->n_settings];
    int n = snprintf(setting, NN_SETTING_SIZE, "%s%s%s", key, *key != '\0' ? "=" : "", value);
    if (n < 0 || n >= NN_SETTING_SIZE) {
        return nn_fail(err, NN_ERR_USAGE, "--set: a setting of an ensemble has at most %d bytes",
                       NN_SETTING_SIZE - 1);
    }
    ensemble->n_settings++;
    return NN_OK;
}

static NnStatus add_settings(const Args *args, NnEnsemble *ensemble, NnError *err) {
    NnStatus status = NN_OK;
    for (size_t i = 0; i < args_count(args, "set") && status == NN_OK; i++) {
        status = add_setting(ensemble, "", args_nth(args, "set", i), err);
    }
    char epochs[24];
    snprintf(epochs, sizeof epochs, "%d", (int)args_int(args, "epochs", 0));
    if (status == NN_OK && args_has(args, "epochs")) {
        status = add_setting(ensemble, "epochs", epochs, err);
    }
    const char *data = args_text(args, "data");
    return status == NN_OK && data != NULL ? add_setting(ensemble, "data", data, err) : status;
}

static NnStatus check_options(const Args *args, bool resumes, NnError *err) {
    static const char *const never[] = {"out", "log", "seed", "repeat", "folds", "tensorboard"};
    static const char *const at_first[] = {"set", "epochs", "data"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        if (args_has(args, never[i])) {
            return nn_fail(err, NN_ERR_USAGE,
                           "--%s is nothing for an ensemble: its members have seeds and files of "
                           "their own, in "
                           "the folder it is kept in",
                           never[i]);
        }
    }
    for (size_t i = 0; resumes && i < sizeof at_first / sizeof at_first[0]; i++) {
        if (args_has(args, at_first[i])) {
            return nn_fail(err, NN_ERR_USAGE,
                           "--%s: an ensemble goes on with the settings it began with",
                           at_first[i]);
        }
    }
    return args_has(args, "run") + args_has(args, "resume") + args_has(args, "keep") > 1
               ? nn_fail(err, NN_ERR_USAGE, "--run, --resume and --keep exclude each other")
               : NN_OK;
}

// Every recipe is read before the first is trained.
static NnStatus check_members(const NnEnsemble *ensemble, NnError *err) {
    NnStatus status = NN_OK;
    char data[32] = "";
    for (int i = 0; i < ensemble->n_members && status == NN_OK; i++) {
        NnRecipe recipe;
        status = nn_ensemble_recipe(ensemble, i, &recipe, err);
        if (status == NN_OK && i > 0 && strcmp(data, recipe.data) != 0) {
            status =
                nn_fail(err, NN_ERR_USAGE,
                        "the ensemble's members are trained on %s and on %s; they must share a "
                        "data set to be measured together",
                        data, recipe.data);
        }
        memcpy(data, recipe.data, sizeof data);
    }
    return status;
}

static NnStatus choose_folder(Job *job, NnError *err) {
    const Args *args = &job->cli->args;
    const char *fresh = args_text(args, "run"), *resume = args_text(args, "resume");
    if (resume != NULL) {
        return train_run_folder(resume, &job->whole, err);
    }
    if (fresh != NULL) {
        return text_copy(job->whole.folder, sizeof job->whole.folder, fresh)
                   ? NN_OK
                   : nn_fail(err, NN_ERR_USAGE, "the path of the run's folder is too long");
    }
    text_copy(job->whole.config.recipe.name, sizeof job->whole.config.recipe.name,
              job->ensemble.name);
    job->whole.config.seed = 1;
    return train_run_name(&job->whole, err);
}

// In a new folder the file is written before the first member begins.
static NnStatus prepare(Job *job, const char *path, NnError *err) {
    const Args *args = &job->cli->args;
    char kept[PATH_SIZE];
    NnStatus status = nn_ensemble_read(path, &job->ensemble, err);
    status = status == NN_OK ? choose_folder(job, err) : status;
    if (status != NN_OK) {
        return status;
    }
    snprintf(kept, sizeof kept, "%s/" ENSEMBLE_FILE, job->whole.folder);
    bool there = file_exists(kept);
    if (there && !args_has(args, "resume")) {
        status =
            nn_fail_file(err, NN_ERR_USAGE, job->whole.folder, -1, "holds an ensemble already");
        nn_error_hint(err, "take it up with --resume, or choose another folder");
        return status;
    }
    status = check_options(args, there, err);
    status = status == NN_OK && there ? nn_ensemble_read(kept, &job->ensemble, err) : status;
    status = status == NN_OK && !there ? add_settings(args, &job->ensemble, err) : status;
    status = status == NN_OK ? check_members(&job->ensemble, err) : status;
    if (status != NN_OK || there) {
        return status;
    }
    status = folder_make(job->whole.folder, err);
    return status == NN_OK ? nn_ensemble_write(kept, &job->ensemble, err) : status;
}

// --- training ------------------------------------------------------------------------------------

// "1-resnet-small-seed-1"
static void member_name(char *out, const NnEnsemble *ensemble, int i) {
    const NnMember *member = &ensemble->members[i];
    const char *slash = strrchr(member->recipe, '/');
    char recipe[64];
    text_copy(recipe, sizeof recipe, slash != NULL ? slash + 1 : member->recipe);
    for (char *c = recipe; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';
        *c = plain ? *c : '-';
    }
    snprintf(out, MEMBER_NAME, "%d-%s-seed-%llu", i + 1, recipe, (unsigned long long)member->seed);
}

static NnStatus member_run(const Job *job, int i, TrainRun *run, NnError *err) {
    const Args *args = &job->cli->args;
    char name[MEMBER_NAME];
    *run = (TrainRun){.resume = true};
    member_name(name, &job->ensemble, i);
    int n = snprintf(run->folder, sizeof run->folder, "%.3900s/%s", job->whole.folder, name);
    if (n < 0 || (size_t)n >= sizeof run->folder) {
        return nn_fail(err, NN_ERR_USAGE, "the path of the run's folder is too long");
    }
    NnStatus status = nn_run_read(run->folder, &run->state, &run->config, &run->result, err);
    if (status == NN_OK && run->state == NN_RUN_EMPTY) {
        run->config.seed = job->ensemble.members[i].seed;
        run->config.track_test = args_has(args, "track-test");
        run->config.keep_mb = (int)args_int(args, "keep-epochs", KEEP_MB);
        status = nn_ensemble_recipe(&job->ensemble, i, &run->config.recipe, err);
    }
    return status;
}

static NnStatus train_all(const Job *job, Together *together, NnError *err) {
    NnStatus status = NN_OK;
    for (int i = 0; i < job->ensemble.n_members && status == NN_OK; i++) {
        TrainRun run;
        char name[MEMBER_NAME], path[PATH_SIZE];
        member_name(name, &job->ensemble, i);
        term_note(&job->cli->term, "member %d of %d: %s, seed %llu", i + 1, job->ensemble.n_members,
                  job->ensemble.members[i].recipe,
                  (unsigned long long)job->ensemble.members[i].seed);
        status = member_run(job, i, &run, err);
        if (status == NN_OK && run.state != NN_RUN_DONE) {
            status = train_member(job->cli, &run, job->whole.folder, err);
            status = status == NN_OK ? member_run(job, i, &run, err) : status;
        }
        if (status == NN_OK) {
            snprintf(path, sizeof path, "%s/%s", run.folder, run.result.network);
            status = ensemble_add(together, path, name, err);
        }
    }
    return status;
}

// --- the end -------------------------------------------------------------------------------------

static NnStatus tell(const Job *job, const Together *together, const NnDataset *test,
                     NnError *err) {
    char path[PATH_SIZE];
    json_t *object = ensemble_json(together, test);
    object = json_text_put(object, "ensemble", json_string(job->ensemble.name));
    object = json_text_put(object, "run", json_string(job->whole.folder));
    char *text =
        object != NULL ? json_text_make(object, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : NULL;
    if (text == NULL) {
        json_decref(object);
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the JSON result");
    }
    snprintf(path, sizeof path, "%s/" RESULT_FILE, job->whole.folder);
    NnStatus status = file_save(path, text, strlen(text), err);
    mem_free(text);
    if (status == NN_OK && args_has(&job->cli->args, "json")) {
        return json_print(object, err);
    }
    json_decref(object);
    if (status == NN_OK) {
        char shown[256];
        text_escape(shown, sizeof shown, job->whole.folder);
        putchar('\n');
        ensemble_print(together, test);
        printf("\nrun        %s\n", shown);
    }
    return status;
}

static NnStatus measure(const Job *job, Together *together, NnError *err) {
    NnRecipe recipe;
    NnStatus status = nn_ensemble_recipe(&job->ensemble, 0, &recipe, err);
    NnDataset *test = status == NN_OK ? nn_dataset_load(recipe.data, NN_SPLIT_TEST, err) : NULL;
    if (test == NULL) {
        return err->status;
    }
    int threads = (int)args_int(&job->cli->args, "threads", 0);
    status = ensemble_measure(together, test, threads, err);
    status = status == NN_OK ? tell(job, together, test, err) : status;
    nn_dataset_free(test);
    return status;
}

NnStatus train_ensemble(Cli *cli, const char *path, NnError *err) {
    Job *job = mem_new(1, sizeof *job);
    Together *together = ensemble_new(err);
    NnStatus status = job != NULL && together != NULL
                          ? NN_OK
                          : nn_fail(err, NN_ERR_NOMEM, "out of memory for an ensemble");
    if (status == NN_OK) {
        job->cli = cli;
        status = prepare(job, path, err);
    }
    status = status == NN_OK ? train_all(job, together, err) : status;
    status = status == NN_OK ? measure(job, together, err) : status;
    ensemble_free(together);
    mem_free(job);
    return status;
}
