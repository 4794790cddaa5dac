// Back to an earlier epoch: to train it again, or to go on from there under other settings, as a run
// of its own. The pictures that measure stay the very same ones, so what the window holds of them
// stays true.

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "train/run_files.h"
#include "train/run_impl.h"
#include "train/runner_impl.h"

bool runner_add_stretch(NnRunner *r, const char *path, int after, const NnRecipe *recipe) {
    char *copy = path != NULL ? mem_copy_text(path) : NULL;
    mutex_lock(&r->mutex);
    RunnerStretch *grown = mem_resize(r->stretches, r->n_stretches + 1, sizeof *grown);
    bool added = grown != NULL && (path == NULL || copy != NULL);
    r->stretches = grown != NULL ? grown : r->stretches;
    if (added) {
        r->stretches[r->n_stretches++] =
            (RunnerStretch){.path = copy, .after = after, .recipe = *recipe};
        r->folder = copy;
    }
    mutex_unlock(&r->mutex);
    if (!added) {
        mem_free(copy);
    }
    return added;
}

// Epochs after this one are trained in the newest stretch from now on, whatever was there before.
static void cut_stretches(NnRunner *r, int epoch) {
    mutex_lock(&r->mutex);
    for (size_t i = 0; i < r->n_stretches; i++) {
        r->stretches[i].after = r->stretches[i].after > epoch ? epoch : r->stretches[i].after;
    }
    mutex_unlock(&r->mutex);
}

// The run is as it was; *err says why.
static void refuse(NnRunner *r, const NnError *err) {
    if (err->status == NN_ERR_CANCELLED) {
        runner_forget_orders(r);
    }
    text_copy(r->state.message, sizeof r->state.message, err->message);
    r->state.rewinds_answered++;
    runner_publish(r);
}

// The trainer is at an earlier epoch: everything else follows.
static void went_back(NnRunner *r, int epoch) {
    NnRunnerState *state = &r->state;
    snapshots_drop_after(r->snapshots, epoch);
    cut_stretches(r, epoch);
    r->point_loss = r->point_accuracy = 0;
    r->point_batches = 0;
    state->epochs_kept = epoch;
    state->rewinds_answered++;
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

// The trainer to the end of an epoch: from memory, from the run's own files, or trained again.
static NnStatus put_back(NnRunner *r, int epoch, NnError *err) {
    if (epoch == 0) {
        trainer_restart(r->trainer);
        return NN_OK;
    }
    if (epoch < 0 || epoch > r->state.epochs_kept) {
        return nn_fail(err, NN_ERR_USAGE, "there is no epoch %d to go back to", epoch);
    }
    if (snapshots_restore(r->snapshots, r->trainer, epoch) ||
        run_load_epoch(r->run, epoch, NULL) == NN_OK) {
        return NN_OK;
    }
    Snapshots *again = runner_again(r, epoch, err);
    bool there = again != NULL && snapshots_restore(again, r->trainer, epoch);
    snapshots_free(again);
    return there ? NN_OK : NN_ERR_FAILED;
}

void runner_rewind(NnRunner *r, int epoch) {
    NnError err = {0};
    if (put_back(r, epoch, &err) != NN_OK) {
        refuse(r, &err);
        return;
    }
    NnStatus status = run_follow(r->run, &err);
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

// past has that epoch; NULL: a file of folder `from` does.
static NnRun *open_branch(NnRunner *r, const RunnerBranch *branch, const char *from,
                          const Snapshots *past, NnError *err) {
    const char *folder = r->folder != NULL ? branch->folder : NULL;
    bool in_files = folder != NULL && branch->epoch > 0;
    NnRunConfig config = {.recipe = branch->recipe,
                          .seed = r->desc.seed,
                          .track_test = r->test != NULL,
                          .keep_mb = r->desc.folder_mb};
    NnRun *run = nn_run_new(&(NnRunDesc){.folder = folder,
                                         .config = &config,
                                         .train = r->desc.train != NULL ? r->desc.train : r->loaded,
                                         .test = r->test,
                                         .threads = r->desc.threads,
                                         .gate = &r->gate,
                                         .branch_of = in_files ? from : NULL,
                                         .branch_epoch = branch->epoch,
                                         .branch_state = past,
                                         .on_warning = runner_warn,
                                         .user = r},
                            err);
    if (run == NULL || in_files || branch->epoch == 0) {
        return run;
    }
    NnTrainer *trainer = nn_run_trainer(run);
    if (!snapshots_restore(past, trainer, branch->epoch)) {
        nn_fail(err, NN_ERR_NOT_FOUND, "epoch %d is not kept", branch->epoch);
    } else if (take_factor(r, trainer, branch->epoch, err) == NN_OK &&
               run_begin_here(run, err) == NN_OK) {
        return run;
    }
    nn_run_free(run);
    return NULL;
}

// The epoch it begins at is looked for in the files, in memory, and else trained again.
static NnRun *begin_branch(NnRunner *r, const RunnerBranch *branch, NnError *err) {
    size_t stretch = runner_stretch_of(r, branch->epoch);
    // A branch that has been taken up knows of the epochs before it, too.
    const char *from = r->stretches[stretch < r->n_stretches ? stretch : 0].path;
    char path[RUN_PATH_SIZE] = "";
    if (from != NULL) {
        run_epoch_path(path, sizeof path, from, branch->epoch, true);
    }
    bool in_file = r->folder != NULL && branch->folder != NULL && file_exists(path);
    bool in_memory = snapshots_nearest(r->snapshots, branch->epoch) == branch->epoch;
    const Snapshots *past = in_memory && !in_file ? r->snapshots : NULL;
    Snapshots *again = NULL;
    if (branch->epoch > 0 && !in_memory && !in_file) {
        past = again = runner_again(r, branch->epoch, err);
        if (again == NULL) {
            return NULL;
        }
    }
    NnRun *run = open_branch(r, branch, from, past, err);
    snapshots_free(again);
    return run;
}

// What the run's own trainer, which goes, knows of the stretch that is left.
static bool leave_stretch(NnRunner *r) {
    RunnerStretch *last = &r->stretches[r->n_stretches - 1];
    size_t n;
    const RateChange *rates = trainer_rates(r->trainer, &n);
    RateChange *copy = n > 0 ? mem_new(n, sizeof *copy) : NULL;
    if (n > 0 && copy == NULL) {
        return false;
    }
    if (n > 0) {
        memcpy(copy, rates, n * sizeof *copy);
    }
    mem_free(last->rates);
    last->rates = copy;
    last->n_rates = n;
    return true;
}

void runner_branch(NnRunner *r, const RunnerBranch *branch) {
    NnError err = {0};
    const char *key = fixed_key(&r->recipe, &branch->recipe);
    NnRun *run = NULL;
    if (key != NULL) {
        nn_fail(&err, NN_ERR_USAGE, "a branch cannot have another \"%s\" than its run", key);
    } else if (branch->epoch < 0 || branch->epoch > r->state.epochs_kept ||
               branch->epoch >= branch->recipe.epochs) {
        nn_fail(&err, NN_ERR_USAGE, "epoch %d of %d leaves nothing to go on with", branch->epoch,
                branch->recipe.epochs);
    } else {
        run = begin_branch(r, branch, &err);
    }
    const char *folder = r->folder != NULL ? branch->folder : NULL;
    if (run != NULL &&
        (!leave_stretch(r) || !runner_add_stretch(r, folder, branch->epoch, &branch->recipe))) {
        nn_fail(&err, NN_ERR_NOMEM, "out of memory for a branch");
        nn_run_free(run);
        run = NULL;
    }
    if (run == NULL) {
        refuse(r, &err);
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
