// Back to an earlier epoch: to train it again, or to go on from there under other settings, as a run
// of its own. The pictures that measure stay the very same ones, so what the window holds of them
// stays true.

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "train/run_impl.h"
#include "train/runner_impl.h"

bool runner_add_folder(NnRunner *r, const char *path, int after) {
    char *copy = path != NULL ? mem_copy_text(path) : NULL;
    mutex_lock(&r->mutex);
    RunnerFolder *grown = mem_resize(r->folders, r->n_folders + 1, sizeof *grown);
    bool added = grown != NULL && (path == NULL || copy != NULL);
    r->folders = grown != NULL ? grown : r->folders;
    if (added) {
        r->folders[r->n_folders++] = (RunnerFolder){copy, after};
        r->folder = copy;
    }
    mutex_unlock(&r->mutex);
    if (!added) {
        mem_free(copy);
    }
    return added;
}

// Epochs after this one are trained in the newest folder from now on, whatever was there before.
static void cut_folders(NnRunner *r, int epoch) {
    mutex_lock(&r->mutex);
    for (size_t i = 0; i < r->n_folders; i++) {
        r->folders[i].after = r->folders[i].after > epoch ? epoch : r->folders[i].after;
    }
    mutex_unlock(&r->mutex);
}

static void refuse(NnRunner *r, const char *message) {
    text_copy(r->state.message, sizeof r->state.message, message);
    runner_publish(r);
}

// The trainer is at an earlier epoch: everything else follows.
static void went_back(NnRunner *r, int epoch) {
    NnRunnerState *state = &r->state;
    snapshots_drop_after(r->snapshots, epoch);
    cut_folders(r, epoch);
    r->point_loss = r->point_accuracy = 0;
    r->point_batches = 0;
    state->epochs_kept = epoch;
    state->branch++;
    state->branch_epoch = epoch;
    state->branch_points = history_count(r->points);
    state->branch_epochs = history_count(r->epochs);
    state->error = (NnError){0};
    state->message[0] = '\0';
}

static void look_around(NnRunner *r) {
    runner_sample(r);
    runner_count_dead_units(r);
    runner_enter(r, NN_RUNNER_PAUSED);
}

void runner_rewind(NnRunner *r, int epoch) {
    NnError err = {0};
    int now = nn_trainer_progress(r->trainer).epoch;
    bool in_memory =
        epoch > 0 && epoch <= now && snapshots_restore(r->snapshots, r->trainer, epoch);
    NnStatus status = in_memory                  ? run_follow(r->run, &err)
                      : epoch < 0 || epoch > now ? NN_ERR_NOT_FOUND
                                                 : nn_run_rewind(r->run, epoch, &err);
    bool there = nn_trainer_progress(r->trainer).epoch == epoch;
    if (status != NN_OK && !in_memory && !(there && epoch == 0)) {
        char message[sizeof r->state.message];
        snprintf(message, sizeof message, "epoch %d is not kept, so there is no way back to it",
                 epoch);
        refuse(r, message);
        return;
    }
    went_back(r, epoch);
    if (status != NN_OK) { // back in memory, but the files lag behind
        runner_warn(&err, r);
    }
    look_around(r);
}

// --- branches ------------------------------------------------------------------------------------

// What the recipe of a branch may not change. NULL: nothing of it is changed.
static const char *fixed_key(const NnRecipe *a, const NnRecipe *b) {
    bool same_net = nn_arch_alike(&a->arch, &b->arch) && a->arch.input_mean == b->arch.input_mean &&
                    a->arch.input_sd == b->arch.input_sd;
    return !same_net                        ? "layers"
           : a->validation != b->validation ? "validation"
           : strcmp(a->data, b->data) != 0  ? "data"
                                            : NULL;
}

// The folder an epoch was trained in, where its checkpoint is.
static const char *folder_of(const NnRunner *r, int epoch) {
    size_t i = r->n_folders;
    while (i > 0 && r->folders[i - 1].after >= epoch) {
        i--;
    }
    return i > 0 ? r->folders[i - 1].path : NULL;
}

// The factor on the rate goes on from where it was at the end of that epoch, as a branch of a folder
// has it.
static NnStatus take_factor(NnRunner *r, NnTrainer *trainer, int epoch, NnError *err) {
    size_t n;
    const RateChange *rates = trainer_rates(r->trainer, &n);
    uint64_t end = (uint64_t)epoch * (uint64_t)nn_trainer_progress(r->trainer).steps;
    while (n > 0 && rates[n - 1].step >= end) {
        n--;
    }
    double factor = n > 0 ? rates[n - 1].factor : 1.0;
    return factor != 1.0 ? nn_trainer_scale_rate(trainer, factor, err) : NN_OK;
}

static NnRun *open_branch(NnRunner *r, const RunnerBranch *branch, NnError *err) {
    const NnDataset *train = r->desc.train != NULL ? r->desc.train : r->loaded;
    const char *folder = r->folder != NULL ? branch->folder : NULL;
    bool from_files = folder != NULL && branch->epoch > 0;
    NnRunConfig config = {.recipe = branch->recipe,
                          .seed = r->desc.seed,
                          .track_test = r->test != NULL,
                          .keep_mb = RUNNER_KEEP_MB};
    NnRun *run =
        nn_run_new(&(NnRunDesc){.folder = folder,
                                .config = &config,
                                .train = train,
                                .test = r->test,
                                .threads = r->desc.threads,
                                .branch_of = from_files ? folder_of(r, branch->epoch) : NULL,
                                .branch_epoch = branch->epoch,
                                .on_warning = runner_warn,
                                .user = r},
                   err);
    if (run == NULL || from_files || branch->epoch == 0) {
        return run;
    }
    NnTrainer *trainer = nn_run_trainer(run);
    bool there = snapshots_restore(r->snapshots, trainer, branch->epoch);
    if (!there) {
        nn_fail(err, NN_ERR_NOT_FOUND, "epoch %d is not kept, so there is no way back to it",
                branch->epoch);
    }
    if (!there || take_factor(r, trainer, branch->epoch, err) != NN_OK) {
        nn_run_free(run);
        return NULL;
    }
    return run;
}

void runner_branch(NnRunner *r, const RunnerBranch *branch) {
    NnError err = {0};
    const char *key = fixed_key(&r->recipe, &branch->recipe);
    int now = nn_trainer_progress(r->trainer).epoch;
    NnRun *run = NULL;
    if (key != NULL) {
        nn_fail(&err, NN_ERR_USAGE, "a branch cannot have another \"%s\" than its run", key);
    } else if (branch->epoch < 0 || branch->epoch > now || branch->epoch >= branch->recipe.epochs) {
        nn_fail(&err, NN_ERR_USAGE, "epoch %d of %d leaves nothing to go on with", branch->epoch,
                branch->recipe.epochs);
    } else {
        run = open_branch(r, branch, &err);
    }
    if (run == NULL ||
        !runner_add_folder(r, r->folder != NULL ? branch->folder : NULL, branch->epoch)) {
        nn_run_free(run);
        refuse(r, err.status != NN_OK ? err.message : "out of memory for a branch");
        return;
    }
    trainer_swap_validation(r->trainer, nn_run_trainer(run));
    nn_run_free(r->run);
    r->run = run;
    r->trainer = nn_run_trainer(run);
    r->recipe = branch->recipe;
    went_back(r, branch->epoch);
    look_around(r);
}
