#include "cli/sweep_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/signals.h"

enum { PATH_SIZE = 4096 };

void sweep_run_words(const NnSweep *sweep, size_t i, char *out, size_t size) {
    const NnSweepRun *run = &sweep->runs[i];
    const NnSweepConfig *config = &sweep->configs[run->config];
    int n = snprintf(out, size, "%s, seed %llu", config->label, (unsigned long long)run->seed);
    if (run->fold > 0 && n > 0 && (size_t)n < size) {
        snprintf(out + n, size - (size_t)n, ", fold %d of %d", run->fold, config->folds);
    }
}

static NnStatus read_data(SweepWork *work, const char *name, NnError *err) {
    if (work->train != NULL && strcmp(work->data, name) == 0) {
        return NN_OK;
    }
    nn_dataset_free(work->train);
    nn_dataset_free(work->test);
    work->test = NULL;
    text_copy(work->data, sizeof work->data, name);
    work->train = nn_dataset_load(name, NN_SPLIT_TRAIN, err);
    if (work->train == NULL) {
        return err->status;
    }
    NnError missing = {0};
    work->test = nn_dataset_load(name, NN_SPLIT_TEST, &missing);
    if (work->test == NULL && missing.status != NN_ERR_NOT_FOUND) {
        *err = missing;
        return missing.status;
    }
    return NN_OK;
}

// Without memory for it the table lacks figures of the epochs; the run goes on.
static void remember(SweepWork *work, const NnEpochRecord *record) {
    if (work->n_records == work->room) {
        size_t room = work->room > 0 ? 2 * work->room : 64;
        NnEpochRecord *more = mem_resize(work->records, room, sizeof *more);
        if (more == NULL) {
            return;
        }
        work->records = more;
        work->room = room;
    }
    work->records[work->n_records++] = *record;
}

static void on_progress(const NnProgress *p, void *user) {
    SweepWork *work = user;
    if (p->epoch_done) {
        remember(work, nn_trainer_record(nn_run_trainer(work->run)));
    }
    const NnSweepRun *run = &work->sweep->runs[work->at];
    double epochs = p->epochs > 0 ? p->epochs : 1, steps = p->steps > 0 ? p->steps : 1;
    term_progress(
        &work->cli->term, (p->epoch - 1 + p->step / steps) / epochs,
        "run %zu of %zu (%s), epoch %d of %d, loss %.4f, accuracy %.2f %%, %.0f/s, %.0f s "
        "left",
        work->at + 1, work->sweep->n_runs, run->id, p->epoch, p->epochs, p->train_loss,
        100 * p->train_accuracy, p->samples_per_s, p->seconds_left);
}

static void on_warning(const NnError *warning, void *user) {
    SweepWork *work = user;
    term_note(&work->cli->term, "warning: %s; training goes on, and it is tried again",
              warning->message);
}

static NnStatus train(SweepWork *work, const char *folder, NnSweepOutcome *outcome, NnError *err) {
    NnRunConfig config = nn_sweep_run_config(work->sweep, work->at);
    NnStatus status = read_data(work, config.recipe.data, err);
    if (status != NN_OK) {
        return status;
    }
    work->run = nn_run_new(&(NnRunDesc){.folder = folder,
                                        .config = &config,
                                        .train = work->train,
                                        .test = work->test,
                                        .threads = work->threads,
                                        .resume = true,
                                        .on_warning = on_warning,
                                        .user = work},
                           err);
    if (work->run == NULL) {
        return err->status;
    }
    const char *caution = nn_trainer_caution(nn_run_trainer(work->run));
    if (caution != NULL && !work->cautioned) { // once is enough
        term_note(&work->cli->term, "note: %s", caution);
        work->cautioned = true;
    }
    NnObserver observer = {
        .on_progress = on_progress, .should_stop = signals_should_stop, .user = work};
    work->n_records = 0;
    status = nn_run_train(work->run, &observer, err);
    term_progress_clear(&work->cli->term);
    if (status == NN_OK) {
        nn_sweep_outcome(outcome, nn_run_result(work->run), work->records, work->n_records);
    }
    nn_run_free(work->run);
    work->run = NULL;
    return status;
}

NnStatus sweep_run(SweepWork *work, size_t i, NnSweepOutcome *outcome, NnError *err) {
    work->at = i;
    if (work->folder == NULL) {
        return train(work, NULL, outcome, err);
    }
    nn_sweep_look(work->sweep, i, work->folder, outcome);
    if (outcome->state == NN_RUN_DONE) {
        return NN_OK;
    }
    char folder[PATH_SIZE];
    int n = snprintf(folder, sizeof folder, "%s/%s", work->folder, work->sweep->runs[i].id);
    if (n < 0 || (size_t)n >= sizeof folder) {
        return nn_fail(err, NN_ERR_USAGE, "the path of the run's folder is too long");
    }
    NnStatus status = train(work, folder, outcome, err);
    if (status == NN_OK) { // with the epochs that an earlier process trained
        nn_sweep_look(work->sweep, i, work->folder, outcome);
    }
    return status;
}

void sweep_work_release(SweepWork *work) {
    nn_dataset_free(work->train);
    nn_dataset_free(work->test);
    mem_free(work->records);
    *work = (SweepWork){0};
}

NnStatus sweep_run_tell(const NnSweep *sweep, size_t i, const NnSweepOutcome *outcome, bool json,
                        NnError *err) {
    const NnSweepRun *run = &sweep->runs[i];
    const double *figure = outcome->figure;
    if (json) {
        json_t *object = json_pack("{s:s, s:s, s:I, s:i}", "run", run->id, "recipe",
                                   sweep->configs[run->config].recipe.name, "seed",
                                   (json_int_t)run->seed, "fold", run->fold);
        for (int f = 0; f < NN_SWEEP_FIGURES && object != NULL; f++) {
            if (json_object_set_new(object, nn_sweep_figure_name((NnSweepFigure)f),
                                    json_number(figure[f])) != 0) {
                json_decref(object);
                object = NULL;
            }
        }
        return json_print(object, err);
    }
    char words[256];
    sweep_run_words(sweep, i, words, sizeof words);
    printf("%3zu/%zu  %s:", i + 1, sweep->n_runs, words);
    if (isfinite(figure[NN_SWEEP_VAL_ACCURACY])) {
        printf("  validation %.2f %%, loss %.4f", 100 * figure[NN_SWEEP_VAL_ACCURACY],
               figure[NN_SWEEP_VAL_LOSS]);
    }
    if (isfinite(figure[NN_SWEEP_TEST_ACCURACY])) {
        printf("  test %.2f %%, loss %.4f", 100 * figure[NN_SWEEP_TEST_ACCURACY],
               figure[NN_SWEEP_TEST_LOSS]);
    }
    printf("  %.1f s\n", figure[NN_SWEEP_SECONDS]);
    (void)fflush(stdout);
    return NN_OK;
}
