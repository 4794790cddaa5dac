// Beginning a run, alone or as a branch of another one, and taking one up. config.json is written
// last of what begins a run, so a folder that has it has all the rest.

#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "train/checkpoint.h"
#include "train/run_files.h"
#include "train/run_impl.h"
#include "train/snapshots.h"

// rates.jsonl anew from what the trainer knows.
static NnStatus rewrite_rates(NnRun *run, NnError *err) {
    size_t n;
    const RateChange *rates = trainer_rates(run->trainer, &n);
    run_log_release(&run->logs.rates);
    char path[RUN_PATH_SIZE];
    run_path(path, run->folder, RUN_RATES);
    if (n == 0 && file_size(path) <= 0) {
        return NN_OK;
    }
    NnStatus status = NN_OK;
    for (size_t i = 0; i < n && status == NN_OK; i++) {
        status = run_log_line(&run->logs.rates, run_rate_json(rates[i]), err);
    }
    if (status == NN_OK) {
        status = file_save(path, run->logs.rates.waiting, run->logs.rates.n, err);
    }
    run->logs.rates.n = status == NN_OK ? 0 : run->logs.rates.n;
    return status;
}

// Cuts every file back to what the trainer has done.
NnStatus run_cut(NnRun *run, NnError *err) {
    NnError cause = {0};
    char jsonl[RUN_PATH_SIZE], csv[RUN_PATH_SIZE];
    TrainerPosition at = trainer_state(run->trainer).position;
    int done = at.epoch_done || at.epoch == 0 ? at.epoch : at.epoch - 1;
    size_t n;
    run_path(jsonl, run->folder, RUN_METRICS);
    run_path(csv, run->folder, RUN_METRICS_CSV);
    NnEpochRecord *records = run_records_read(jsonl, &n, &cause);
    if (cause.status != NN_OK) {
        if (err != NULL) {
            *err = cause;
        }
        return cause.status;
    }
    while (n > 0 && records[n - 1].epoch > done) {
        n--;
    }
    NnStatus status = run_records_write(jsonl, csv, records, n, err);
    mem_free(records);
    const NnDataset *validation = nn_trainer_validation(run->trainer);
    if (status == NN_OK && validation->n > 0) {
        status = run_answers_fit(run->logs.validation.path, (size_t)done, validation->n, err);
    }
    if (status == NN_OK && run->config.track_test && run->desc.test != NULL) {
        status = run_answers_fit(run->logs.test.path, (size_t)done, run->desc.test->n, err);
    }
    run_epochs_drop_after(run->folder, done);
    return status == NN_OK ? rewrite_rates(run, err) : status;
}

// What a branch must have in common with its run: weights have to fit, and no picture may move from
// the training samples to those that measure them. NULL: it has.
static const char *branch_difference(const RunIdentity *from, const RunIdentity *to) {
    const NnRecipe *a = &from->config.recipe, *b = &to->config.recipe;
    bool same_net = nn_arch_alike(&a->arch, &b->arch) && a->arch.input_mean == b->arch.input_mean &&
                    a->arch.input_sd == b->arch.input_sd;
    return !same_net                                          ? "layers"
           : a->validation != b->validation                   ? "validation"
           : a->folds != b->folds || a->fold != b->fold       ? "fold"
           : from->config.seed != to->config.seed             ? "seed"
           : from->config.track_test != to->config.track_test ? "track_test"
           : from->train.n != to->train.n ||
                   strcmp(from->train.images_sha256, to->train.images_sha256) != 0 ||
                   strcmp(from->train.labels_sha256, to->train.labels_sha256) != 0
               ? "data"
               : NULL;
}

// The factor on the learning rate that was in force at the branch goes on from there.
static NnStatus branch_rate(NnRun *run, const NnRecipe *parent, NnError *err) {
    char path[RUN_PATH_SIZE];
    int epoch = run->desc.branch_epoch;
    NnStatus status =
        run_rates_read(run_path(path, run->desc.branch_of, RUN_RATES), run->trainer, err);
    if (status != NN_OK) {
        return status;
    }
    size_t batch = (size_t)parent->batch;
    size_t steps = (trainer_sample_count(run->trainer) + batch - 1) / batch;
    bool began_there = run_base_epoch(run->desc.branch_of) == epoch; // with that factor
    trainer_forget_rates(run->trainer, (uint64_t)epoch * steps + began_there);
    size_t n;
    const RateChange *rates = trainer_rates(run->trainer, &n);
    double factor = n > 0 ? rates[n - 1].factor : 1.0;
    trainer_forget_rates(run->trainer, 0);
    return factor != 1.0 ? nn_trainer_scale_rate(run->trainer, factor, err) : NN_OK;
}

// The answers a run learns from must go on being the same ones, and the place it began at, too.
static NnStatus same_networks(const RunIdentity *then, const RunIdentity *now, const char *folder,
                              NnError *err) {
    const char *name = run_changed_network(then, now);
    if (name == NULL) {
        return NN_OK;
    }
    char shown[NN_TEACHER_SIZE];
    text_escape(shown, sizeof shown, name);
    NnStatus status =
        nn_fail_file(err, NN_ERR_USAGE, folder, -1,
                     "holds a run whose teacher or start %s has changed since it began", shown);
    nn_error_hint(err, "put the old file back, or begin a run in another folder");
    return status;
}

// The trainer as it was in the other run, with what a recipe of other settings can use of that.
static NnStatus branch_state(NnRun *run, const NnRecipe *parent, NnError *err) {
    const NnRunDesc *desc = &run->desc;
    if (desc->branch_state != NULL) {
        return snapshots_restore(desc->branch_state, run->trainer, desc->branch_epoch)
                   ? NN_OK
                   : nn_fail(err, NN_ERR_NOT_FOUND, "epoch %d is not in memory",
                             desc->branch_epoch);
    }
    char from[RUN_PATH_SIZE];
    run_epoch_path(from, sizeof from, desc->branch_of, desc->branch_epoch, true);
    NnStatus status = checkpoint_load(run->trainer, from, NULL, err);
    TrainerState state = trainer_state(run->trainer);
    if (status == NN_OK && state.n_optim > 0 &&
        !trainer_takes_optimiser(run->trainer, parent->optimiser)) {
        memset(state.optim, 0, state.n_optim * sizeof(float)); // of the same size, by chance
    }
    return status;
}

static NnStatus begin_branch(NnRun *run, NnError *err) {
    const NnRunDesc *desc = &run->desc;
    char from[RUN_PATH_SIZE], to[RUN_PATH_SIZE], csv[RUN_PATH_SIZE];
    RunIdentity parent;
    NnStatus status = run_config_read(run_path(from, desc->branch_of, RUN_CONFIG), &parent, err);
    if (status != NN_OK) {
        return status;
    }
    const char *key = branch_difference(&parent, &run->identity);
    if (key != NULL) {
        return nn_fail_file(err, NN_ERR_USAGE, desc->branch_of, -1,
                            "cannot be branched with another \"%s\"", key);
    }
    status = same_networks(&parent, &run->identity, desc->branch_of, err);
    if (status != NN_OK) {
        return status;
    }
    status = branch_state(run, &parent.config.recipe, err);
    if (status != NN_OK) {
        return status;
    }
    NnError cause = {0};
    size_t n;
    NnEpochRecord *records = nn_run_records(desc->branch_of, &n, &cause);
    while (n > 0 && records[n - 1].epoch > desc->branch_epoch) {
        n--;
    }
    if (cause.status == NN_OK && n > 0) {
        status = branch_rate(run, &parent.config.recipe, err);
    }
    if (cause.status == NN_OK && status == NN_OK) {
        status = run_records_write(run_path(to, run->folder, RUN_METRICS),
                                   run_path(csv, run->folder, RUN_METRICS_CSV), records, n, err);
    }
    mem_free(records);
    const char *answers[] = {RUN_VALIDATION, RUN_TEST};
    for (size_t i = 0; i < 2 && status == NN_OK; i++) {
        if (file_exists(run_path(from, desc->branch_of, answers[i]))) {
            status = file_share(from, run_path(to, run->folder, answers[i]), err);
        }
    }
    if (cause.status != NN_OK && err != NULL) {
        *err = cause;
    }
    status = cause.status != NN_OK ? cause.status : status;
    status = status == NN_OK ? nn_run_checkpoint(run, err) : status;
    return status == NN_OK ? run_begin_here(run, err) : status;
}

static NnStatus begin(NnRun *run, NnError *err) {
    char path[RUN_PATH_SIZE], csv[RUN_PATH_SIZE];
    // Left-overs of a run that has lost its settings would be taken for this one's.
    const char *left[] = {RUN_CHECKPOINT, RUN_RATES, RUN_RESULT, RUN_VALIDATION, RUN_TEST};
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        (void)unlink(run_path(path, run->folder, left[i]));
    }
    NnStatus status = run_base_keep(run->folder, 0, NULL, err);
    if (status == NN_OK) {
        status = run_records_write(run_path(path, run->folder, RUN_METRICS),
                                   run_path(csv, run->folder, RUN_METRICS_CSV), NULL, 0, err);
    }
    if (status == NN_OK && run->desc.branch_of != NULL) {
        status = begin_branch(run, err);
    }
    status = status == NN_OK ? run_cut(run, err) : status;
    return status == NN_OK
               ? run_config_write(run_path(path, run->folder, RUN_CONFIG), &run->identity, err)
               : status;
}

static NnStatus take_up(NnRun *run, NnError *err) {
    char path[RUN_PATH_SIZE];
    NnStatus status = NN_OK;
    run->base = run_base_epoch(run->folder);
    if (access(run_path(path, run->folder, RUN_CHECKPOINT), F_OK) == 0) {
        status = checkpoint_load(run->trainer, path, run->sha256, err);
    }
    status = status == NN_OK
                 ? run_rates_read(run_path(path, run->folder, RUN_RATES), run->trainer, err)
                 : status;
    return status == NN_OK ? run_cut(run, err) : status;
}

static NnStatus name_files(NnRun *run, NnError *err) {
    enum { LONGEST_NAME = 64 };
    if (strlen(run->desc.folder) + LONGEST_NAME > RUN_PATH_SIZE) {
        return nn_fail(err, NN_ERR_USAGE, "the path of the run's folder is too long");
    }
    run->folder = mem_copy_text(run->desc.folder);
    if (run->folder == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for a run");
    }
    run_path(run->logs.metrics.path, run->folder, RUN_METRICS);
    run_path(run->logs.csv.path, run->folder, RUN_METRICS_CSV);
    run_path(run->logs.rates.path, run->folder, RUN_RATES);
    run_path(run->logs.validation.path, run->folder, RUN_VALIDATION);
    run_path(run->logs.test.path, run->folder, RUN_TEST);
    return NN_OK;
}

// The folder is ours from here on, and *there says whether it holds this very run.
static NnStatus enter_folder(NnRun *run, bool *there, NnError *err) {
    char path[RUN_PATH_SIZE];
    NnStatus status = name_files(run, err);
    status =
        status == NN_OK ? folder_make(run_path(path, run->folder, "predictions"), err) : status;
    status =
        status == NN_OK ? lock_take(&run->lock, run_path(path, run->folder, "lock"), err) : status;
    if (status != NN_OK) {
        return status;
    }
    folder_sweep(run->folder);
    status = run_identity(&run->identity, &run->config, run->desc.train, run->desc.test, err);
    status = status == NN_OK ? run_identity_sha256(&run->identity, run->sha256, err) : status;
    if (status != NN_OK) {
        return status;
    }
    RunIdentity kept;
    NnError cause = {0};
    status = run_config_read(run_path(path, run->folder, RUN_CONFIG), &kept, &cause);
    *there = status == NN_OK;
    if (status == NN_ERR_NOT_FOUND) {
        return NN_OK;
    }
    if (status != NN_OK) {
        if (err != NULL) {
            *err = cause;
        }
        return status;
    }
    if (!run->desc.resume) {
        status = nn_fail_file(err, NN_ERR_USAGE, run->folder, -1, "holds a run already");
        nn_error_hint(err, "take it up with --resume, or choose another folder");
        return status;
    }
    const char *key = run_difference(&kept, &run->identity, true);
    run->config.keep_mb = kept.config.keep_mb;
    return key != NULL ? run_differs(run->folder, key, err)
                       : same_networks(&kept, &run->identity, run->folder, err);
}

static NnStatus open_run(NnRun *run, NnError *err) {
    const NnRunDesc *desc = &run->desc;
    bool there = false;
    NnStatus status = desc->folder != NULL ? enter_folder(run, &there, err) : NN_OK;
    if (status != NN_OK) {
        return status;
    }
    NnError cause = {0};
    run->trainer = nn_trainer_new(
        &(NnTrainerDesc){
            .recipe = &run->config.recipe,
            .train = desc->train,
            .seed = run->config.seed,
            .threads = desc->threads,
            .gate = desc->gate,
            .tracked = run->config.track_test ? desc->test : NULL,
        },
        &cause);
    if (run->trainer == NULL) {
        if (err != NULL) {
            *err = cause;
        }
        return cause.status;
    }
    if (run->folder == NULL) {
        return NN_OK;
    }
    status = checkpoint_fits(run->trainer, err);
    if (status == NN_OK) {
        status = there ? take_up(run, err) : begin(run, err);
    }
    run->saved_s = clock_s();
    return status;
}

NnRun *nn_run_new(const NnRunDesc *desc, NnError *err) {
    NnRun *run = mem_new(1, sizeof *run);
    if (run == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for a run");
        return NULL;
    }
    run->desc = *desc;
    run->config = *desc->config;
    run->desc.config = &run->config;
    run->lock.fd = -1;
    if (open_run(run, err) != NN_OK) {
        nn_run_free(run);
        return NULL;
    }
    return run;
}

void nn_run_free(NnRun *run) {
    if (run == NULL) {
        return;
    }
    nn_model_free(run->fused);
    nn_trainer_free(run->trainer);
    for (int i = 0; i < LOGS; i++) {
        run_log_release(run_log_at(run, i));
    }
    lock_drop(&run->lock);
    mem_free(run->folder);
    mem_free(run);
}
