// A run in a folder. What happens at the end of an epoch is always the same sequence: the logs get
// their lines, the networks are saved, then the checkpoint that knows of them. Whatever moment a
// process dies at, the checkpoint is of an epoch (or a batch) that all other files cover; taking the
// run up cuts them back to it and trains the rest again, to the same bits.

#define _POSIX_C_SOURCE 200809L
#include "nn/run.h"

#include <math.h>
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

static const double CHECKPOINT_EVERY_S = 60;
static const double SETTLE_AT_MOST_S = 0.5; // of a run that somebody stops

const char *run_path(char *out, const char *folder, const char *name) {
    snprintf(out, RUN_PATH_SIZE, "%s/%s", folder, name);
    return out;
}

RunLog *run_log_at(NnRun *run, int i) {
    RunLog *logs[LOGS] = {&run->logs.rates, &run->logs.validation, &run->logs.test,
                          &run->logs.metrics, &run->logs.csv};
    return logs[i];
}

NnStatus run_log_line(RunLog *log, char *owned_line, NnError *err) {
    NnStatus status = owned_line != NULL ? run_log_add(log, owned_line, strlen(owned_line), err)
                                         : nn_fail_file(err, NN_ERR_NOMEM, log->path, -1,
                                                        "not enough memory for a line");
    mem_free(owned_line);
    return status;
}

static void warn(NnRun *run, const NnError *warning) {
    if (run->desc.on_warning != NULL) {
        run->desc.on_warning(warning, run->desc.user);
    }
}

// --- looking -------------------------------------------------------------------------------------

NnStatus nn_run_read(const char *folder, NnRunState *state, NnRunConfig *config,
                     NnRunResult *result, NnError *err) {
    char path[RUN_PATH_SIZE];
    RunIdentity identity;
    NnRunResult own;
    NnError cause = {0};
    NnStatus status = run_config_read(run_path(path, folder, RUN_CONFIG), &identity, &cause);
    *state = NN_RUN_EMPTY;
    if (status == NN_ERR_NOT_FOUND) {
        return NN_OK;
    }
    if (status != NN_OK) {
        if (err != NULL) {
            *err = cause;
        }
        return status;
    }
    (void)run_result_read(run_path(path, folder, RUN_RESULT), &own);
    *state = own.state;
    if (config != NULL) {
        *config = identity.config;
    }
    if (result != NULL) {
        *result = own;
    }
    return NN_OK;
}

NnStatus run_differs(const char *folder, const char *key, NnError *err) {
    NnStatus status = nn_fail_file(
        err, NN_ERR_USAGE, folder, -1,
        "holds a run with another \"%s\"; a run goes on with the settings it began with", key);
    nn_error_hint(err, "choose another folder, or leave the setting away");
    return status;
}

NnStatus nn_run_same(const char *folder, const NnRunConfig *kept, const NnRunConfig *wanted,
                     NnError *err) {
    RunIdentity a = {.config = *kept}, b = {.config = *wanted};
    const char *key = run_difference(&a, &b, false);
    return key != NULL ? run_differs(folder, key, err) : NN_OK;
}

NnEpochRecord *nn_run_records(const char *folder, size_t *n, NnError *err) {
    char path[RUN_PATH_SIZE];
    NnError cause = {0};
    NnEpochRecord *records = run_records_read(run_path(path, folder, RUN_METRICS), n, &cause);
    if (cause.status != NN_OK && err != NULL) {
        *err = cause;
    }
    return records;
}

// --- keeping -------------------------------------------------------------------------------------

static NnStatus save_network(const NnRun *run, const NnModel *model, const char *name, int epoch,
                             NnError *err) {
    char path[RUN_PATH_SIZE], seed[32], number[16], held[16], fold[40];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->config.seed);
    snprintf(number, sizeof number, "%d", epoch);
    const RunData *data = &run->identity.train;
    const NnRecipe *recipe = &run->config.recipe;
    snprintf(held, sizeof held, "%d", recipe->validation);
    snprintf(fold, sizeof fold, "%d of %d", recipe->fold, recipe->folds);
    NnNote notes[10] = {{"recipe", recipe->name},
                        {"seed", seed},
                        {"epochs", number},
                        {"data", data->name},
                        {"data_images_sha256", data->images_sha256},
                        {"data_labels_sha256", data->labels_sha256},
                        {"validation", held}};
    size_t n = 7;
    if (recipe->folds > 0) {
        notes[n++] = (NnNote){"fold", fold};
    }
    if (recipe->teachers.n > 0) {
        notes[n++] = (NnNote){"teachers", nn_trainer_teachers(run->trainer)};
    }
    if (recipe->start[0] != '\0') {
        notes[n++] = (NnNote){"start", nn_trainer_start(run->trainer)};
    }
    return nn_model_save(model, run_path(path, run->folder, name), notes, n, err);
}

static NnStatus flush_logs(NnRun *run, NnError *err) {
    NnStatus status = NN_OK;
    for (int i = 0; i < LOGS && status == NN_OK; i++) {
        status = run_log_flush(run_log_at(run, i), err);
    }
    return status;
}

NnStatus nn_run_checkpoint(NnRun *run, NnError *err) {
    if (run->folder == NULL) {
        return NN_OK;
    }
    char path[RUN_PATH_SIZE];
    NnStatus status = flush_logs(run, err);
    if (status == NN_OK) {
        status = checkpoint_save(run->trainer, run_path(path, run->folder, RUN_CHECKPOINT),
                                 run->sha256, err);
    }
    run->saved_s = clock_s();
    return status;
}

static NnStatus log_epoch(NnRun *run, NnError *err) {
    const NnEpochRecord *record = nn_trainer_record(run->trainer);
    NnStatus status = run_log_line(&run->logs.metrics, run_record_json(record), err);
    if (status == NN_OK) {
        status = run_log_line(&run->logs.csv, run_record_csv(record), err);
    }
    if (status == NN_OK && record->validation.n > 0) {
        status = run_log_add(&run->logs.validation, nn_trainer_validation_answers(run->trainer),
                             record->validation.n, err);
    }
    if (status == NN_OK && record->test.n > 0) {
        status = run_log_add(&run->logs.test, nn_trainer_tracked_answers(run->trainer),
                             record->test.n, err);
    }
    return status;
}

static NnStatus keep_files(NnRun *run, NnError *err) {
    char last[RUN_PATH_SIZE], best[RUN_PATH_SIZE], checkpoint[RUN_PATH_SIZE];
    NnProgress p = nn_trainer_progress(run->trainer);
    run_path(last, run->folder, RUN_LAST);
    run_path(checkpoint, run->folder, RUN_CHECKPOINT);
    NnStatus status = flush_logs(run, err);
    status = status == NN_OK
                 ? save_network(run, nn_trainer_newest(run->trainer), RUN_LAST, p.epoch, err)
                 : status;
    if (status == NN_OK && p.best_epoch == p.epoch) {
        status = file_share(last, run_path(best, run->folder, RUN_BEST), err);
    }
    status = status == NN_OK ? nn_run_checkpoint(run, err) : status;
    if (status == NN_OK && run->config.keep_mb > 0) {
        status = run_epoch_keep(run->folder, p.epoch, run->config.keep_mb, last, checkpoint,
                                &run->stride, err);
    }
    return status;
}

// A disk that is full is no reason to stop: the weights are in memory, and there may be room again.
static void keep_epoch(NnRun *run) {
    NnError err = {0};
    if (log_epoch(run, &err) != NN_OK || keep_files(run, &err) != NN_OK) {
        warn(run, &err);
    }
    run->saved_s = clock_s();
}

NnStatus nn_run_step(NnRun *run, const NnObserver *observer, NnError *err) {
    bool was_over = nn_trainer_finished(run->trainer);
    NnStatus status = nn_trainer_step(run->trainer, observer, err);
    if (status != NN_OK || run->folder == NULL || was_over) {
        return status;
    }
    double every = run->desc.checkpoint_s > 0 ? run->desc.checkpoint_s : CHECKPOINT_EVERY_S;
    if (nn_trainer_progress(run->trainer).epoch_done) {
        keep_epoch(run);
    } else if (clock_s() - run->saved_s >= every) {
        NnError warning = {0};
        if (nn_run_checkpoint(run, &warning) != NN_OK) {
            warn(run, &warning);
        }
    }
    return NN_OK;
}

// --- the end -------------------------------------------------------------------------------------

static NnStatus test_result(NnRun *run, const NnModel *model, const NnObserver *observer,
                            NnError *err) {
    const NnDataset *test = run->desc.test;
    if (test == NULL) {
        return NN_OK;
    }
    float *logits = mem_new_aligned(test->n, NN_CLASSES * sizeof *logits);
    NnMetrics *metrics = mem_new(1, sizeof *metrics);
    NnStatus status = logits == NULL || metrics == NULL
                          ? nn_fail(err, NN_ERR_NOMEM, "out of memory for the test set")
                          : nn_evaluate(model, test, run->desc.threads, logits,
                                        observer != NULL ? observer->should_stop : NULL,
                                        observer != NULL ? observer->user : NULL, err);
    if (status == NN_OK) {
        nn_metrics_compute(metrics, logits, test->labels, test->n, 1.0f);
        run->result.test_loss = metrics->loss;
        run->result.test_accuracy = metrics->accuracy;
        run->result.test_stderr = metrics->stderr_accuracy;
        run->result.test_f1 = metrics->macro_f1;
        run->result.test_precision = run->result.test_recall = 0;
        for (int c = 0; c < NN_CLASSES; c++) {
            run->result.test_precision += metrics->per_class[c].precision / NN_CLASSES;
            run->result.test_recall += metrics->per_class[c].recall / NN_CLASSES;
        }
    }
    mem_free(metrics);
    mem_free(logits);
    return status;
}

static void fill_result(NnRun *run, const NnModel *model) {
    NnProgress p = nn_trainer_progress(run->trainer);
    bool stops_early = run->config.recipe.patience > 0 && p.best_epoch > 0;
    run->result = (NnRunResult){
        .state = NN_RUN_DONE,
        .epochs = p.epoch,
        .best_epoch = p.best_epoch,
        .val_loss = p.val_loss,
        .val_accuracy = p.val_accuracy,
        .test_loss = (double)NAN,
        .test_accuracy = (double)NAN,
        .test_stderr = (double)NAN,
        .test_precision = (double)NAN,
        .test_recall = (double)NAN,
        .test_f1 = (double)NAN,
        .seconds = p.seconds,
    };
    text_copy(run->result.network, sizeof run->result.network, stops_early ? RUN_BEST : RUN_LAST);
    nn_model_sha256(model, run->result.weights_sha256);
}

static NnStatus write_result(NnRun *run, NnError *err) {
    char path[RUN_PATH_SIZE];
    return run_result_write(run_path(path, run->folder, RUN_RESULT), run->config.recipe.name,
                            run->config.seed, &run->result, err);
}

static NnStatus end_well(NnRun *run, const NnModel *model, const NnObserver *observer,
                         NnError *err) {
    NnStatus status = test_result(run, model, observer, err);
    if (status != NN_OK || run->folder == NULL) {
        return status;
    }
    status = flush_logs(run, err); // what could not be written before
    status = status == NN_OK
                 ? save_network(run, model, run->result.network, run->result.epochs, err)
                 : status;
    return status == NN_OK ? write_result(run, err) : status;
}

// Marks the run as failed. Its own error counts for more than one met while keeping what there is.
static void end_failed(NnRun *run, const NnModel *model, const NnError *cause) {
    NnError err = {0};
    run->result.state = NN_RUN_FAILED;
    text_copy(run->result.message, sizeof run->result.message, cause->message);
    text_copy(run->result.network, sizeof run->result.network, RUN_LAST);
    NnStatus kept = flush_logs(run, &err);
    kept = kept == NN_OK ? save_network(run, model, RUN_LAST, run->result.epochs, &err) : kept;
    kept = kept == NN_OK ? write_result(run, &err) : kept;
    if (kept != NN_OK) {
        warn(run, &err);
    }
}

static bool is_late(void *user) {
    return clock_s() > *(const double *)user;
}

NnStatus nn_run_end(NnRun *run, NnStatus status, const NnObserver *observer, NnError *err) {
    NnError own = {0};
    err = err != NULL ? err : &own;
    NnError warning = {0};
    if (status == NN_ERR_CANCELLED && nn_run_checkpoint(run, &warning) != NN_OK) {
        warn(run, &warning); // first of all: whoever stops a run may not wait for long
    }
    double deadline = clock_s() + SETTLE_AT_MOST_S;
    trainer_settle(run->trainer, status == NN_ERR_NUMERIC,
                   status == NN_ERR_CANCELLED ? is_late : NULL, &deadline);
    if (status != NN_ERR_NUMERIC && run->config.recipe.fuse_batch_norm) {
        nn_model_free(run->fused);
        run->fused = nn_model_fuse(nn_trainer_model(run->trainer), err);
        status = run->fused == NULL ? NN_ERR_NOMEM : status;
    }
    const NnModel *model = nn_run_network(run);
    fill_result(run, model);
    if (status == NN_OK) {
        status = end_well(run, model, observer, err);
    } else if (status == NN_ERR_NUMERIC && run->folder != NULL) {
        end_failed(run, model, err);
    }
    return status;
}

NnStatus nn_run_train(NnRun *run, const NnObserver *observer, NnError *err) {
    NnError own = {0};
    err = err != NULL ? err : &own;
    NnStatus status = NN_OK;
    while (status == NN_OK && !nn_trainer_finished(run->trainer)) {
        status = nn_run_step(run, observer, err);
    }
    return nn_run_end(run, status, observer, err);
}

const NnModel *nn_run_network(const NnRun *run) {
    return run->fused != NULL ? run->fused : nn_trainer_model(run->trainer);
}

const NnRunResult *nn_run_result(const NnRun *run) {
    return &run->result;
}

NnTrainer *nn_run_trainer(NnRun *run) {
    return run->trainer;
}

// --- changes -------------------------------------------------------------------------------------

NnStatus nn_run_scale_rate(NnRun *run, double factor, NnError *err) {
    NnStatus status = nn_trainer_scale_rate(run->trainer, factor, err);
    if (status != NN_OK || run->folder == NULL) {
        return status;
    }
    size_t n;
    const RateChange *rates = trainer_rates(run->trainer, &n);
    NnError warning = {0};
    if (run_log_line(&run->logs.rates, run_rate_json(rates[n - 1]), &warning) != NN_OK ||
        run_log_flush(&run->logs.rates, &warning) != NN_OK) {
        warn(run, &warning);
    }
    return NN_OK;
}

NnStatus run_begin_here(NnRun *run, NnError *err) {
    char checkpoint[RUN_PATH_SIZE];
    run->base = trainer_state(run->trainer).position.epoch;
    return run->folder == NULL || run->config.keep_mb == 0
               ? NN_OK
               : run_base_keep(run->folder, run->base,
                               run_path(checkpoint, run->folder, RUN_CHECKPOINT), err);
}

NnStatus run_follow(NnRun *run, NnError *err) {
    TrainerPosition at = trainer_state(run->trainer).position;
    bool begins = run->base > 0 && at.epoch == run->base;
    // The factor a branch began with is no change that came after.
    trainer_forget_rates(run->trainer, at.steps_done + begins);
    NnStatus status = NN_OK;
    if (run->folder != NULL) {
        char result[RUN_PATH_SIZE];
        (void)unlink(run_path(result, run->folder, RUN_RESULT)); // the run is not over any more
        for (int i = 0; i < LOGS; i++) {
            run_log_at(run, i)->n = 0; // of epochs that are no more, or in the files already
        }
        status = nn_run_checkpoint(run, err);
    }
    if (status == NN_OK && at.epoch < run->base) {
        status = run_begin_here(run, err);
    }
    return status == NN_OK && run->folder != NULL ? run_cut(run, err) : status;
}

NnStatus run_load_epoch(NnRun *run, int epoch, NnError *err) {
    char path[RUN_PATH_SIZE];
    if (run->folder == NULL) {
        return nn_fail(err, NN_ERR_USAGE, "a run that is not kept can go back to its start alone");
    }
    run_epoch_path(path, sizeof path, run->folder, epoch, true);
    return checkpoint_load(run->trainer, path, run->sha256, err);
}

NnStatus nn_run_rewind(NnRun *run, int epoch, NnError *err) {
    if (epoch == 0) {
        trainer_restart(run->trainer);
        return run_follow(run, err);
    }
    NnStatus status = run_load_epoch(run, epoch, err);
    return status == NN_OK ? run_follow(run, err) : status;
}
