// Epochs that thinning has dropped, had again. Every random number is a function of seed and
// position, so training from the nearest state that is kept leads to the very same bits. It is done
// by a trainer of its own: until it has arrived the run stays what it is, and giving up costs
// nothing. Each epoch's loss must come out as it did the first time, or the bits are others (a
// teacher's file has changed, another machine trained it) and there is no way back after all.

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "train/checkpoint.h"
#include "train/run_files.h"
#include "train/run_impl.h"
#include "train/runner_impl.h"

typedef struct {
    NnRunner *runner;
    NnTrainer *trainer;
    size_t stretch; // whose recipe the trainer has
    double begin_s;
} Again;

size_t runner_stretch_of(const NnRunner *r, int epoch) {
    for (size_t i = r->n_stretches; i-- > 0;) {
        if (r->stretches[i].after < epoch) {
            return i;
        }
    }
    return r->n_stretches;
}

// --- one trainer after the other -----------------------------------------------------------------

// A trainer at its start, with the stretch's recipe and rates, in place of the one before.
static NnStatus take_stretch(Again *again, size_t stretch, NnError *err) {
    NnRunner *r = again->runner;
    const RunnerStretch *s = &r->stretches[stretch];
    nn_trainer_free(again->trainer);
    again->stretch = stretch;
    again->trainer =
        nn_trainer_new(&(NnTrainerDesc){.recipe = &s->recipe,
                                        .train = r->desc.train != NULL ? r->desc.train : r->loaded,
                                        .seed = r->desc.seed,
                                        .threads = r->desc.threads,
                                        .gate = &r->gate},
                       err);
    if (again->trainer == NULL) {
        return NN_ERR_FAILED;
    }
    bool last = stretch + 1 == r->n_stretches;
    size_t n = s->n_rates;
    const RateChange *rates = last ? trainer_rates(r->trainer, &n) : s->rates;
    NnStatus status = NN_OK;
    for (size_t i = 0; i < n && status == NN_OK; i++) {
        status = trainer_add_rate(again->trainer, rates[i], err);
    }
    return status;
}

// The state as it is, under the next stretch's recipe, as the branch took it over then.
static NnStatus cross_over(Again *again, size_t stretch, NnError *err) {
    int epoch = nn_trainer_progress(again->trainer).epoch;
    if (epoch == 0) {
        return take_stretch(again, stretch, err);
    }
    Snapshots *state = snapshots_new(SIZE_MAX);
    NnStatus status = NN_OK;
    if (state != NULL) {
        snapshots_keep(state, again->trainer);
    }
    if (state == NULL || snapshots_nearest(state, epoch) != epoch) {
        status = nn_fail(err, NN_ERR_NOMEM, "out of memory to go back with");
    } else {
        status = take_stretch(again, stretch, err);
    }
    if (status == NN_OK && !snapshots_restore(state, again->trainer, epoch)) {
        status = nn_fail(err, NN_ERR_FAILED, "epoch %d cannot be taken over", epoch);
    }
    snapshots_free(state);
    return status;
}

// --- where to begin ------------------------------------------------------------------------------

// The state after an epoch as it was kept in the files of a stretch.
static bool load(Again *again, size_t stretch, const char *path) {
    return file_exists(path) && take_stretch(again, stretch, NULL) == NN_OK &&
           checkpoint_load(again->trainer, path, NULL, NULL) == NN_OK;
}

static bool load_epoch(Again *again, int epoch) {
    const NnRunner *r = again->runner;
    size_t stretch = runner_stretch_of(r, epoch);
    char path[RUN_PATH_SIZE];
    if (stretch < r->n_stretches && r->stretches[stretch].path != NULL) {
        run_epoch_path(path, sizeof path, r->stretches[stretch].path, epoch, true);
        if (load(again, stretch, path)) {
            return true;
        }
    }
    for (size_t i = 0; i < r->n_stretches; i++) {
        if (r->stretches[i].after == epoch && r->stretches[i].path != NULL) {
            run_base_path(path, sizeof path, r->stretches[i].path, epoch);
            if (load(again, i, path)) {
                return true;
            }
        }
    }
    return false;
}

// The nearest state that is kept, in memory or in files; the start needs none.
static NnStatus begin(Again *again, int epoch, NnError *err) {
    NnRunner *r = again->runner;
    int in_memory = snapshots_nearest(r->snapshots, epoch);
    for (int e = epoch; e > in_memory; e--) {
        if (load_epoch(again, e)) {
            return NN_OK;
        }
    }
    size_t stretch = runner_stretch_of(r, in_memory > 0 ? in_memory : 1);
    if (stretch == r->n_stretches) {
        return nn_fail(err, NN_ERR_NOT_FOUND,
                       "epoch %d belongs to the run that this one has branched from, and is not "
                       "kept here",
                       epoch);
    }
    NnStatus status = take_stretch(again, stretch, err);
    if (status == NN_OK && in_memory > 0 &&
        !snapshots_restore(r->snapshots, again->trainer, in_memory)) {
        status = nn_fail(err, NN_ERR_FAILED, "epoch %d cannot be taken over", in_memory);
    }
    return status;
}

// --- training ------------------------------------------------------------------------------------

static void on_progress(const NnProgress *p, void *user) {
    const Again *again = user;
    NnRunnerState *state = &again->runner->state;
    double in_epoch = p->steps > 0 ? (double)p->step / p->steps : 0;
    state->back.epoch = p->epoch;
    state->back.done =
        (p->epoch - state->back.from + in_epoch) / (state->back.to - state->back.from + 1);
    state->back.seconds_left = state->back.done > 0 ? (clock_s() - again->begin_s) *
                                                          (1 - state->back.done) / state->back.done
                                                    : 0;
    runner_publish(again->runner);
}

static bool interrupted(void *user) {
    const Again *again = user;
    return runner_interrupted(again->runner);
}

// The record of a run that is taken up is rounded.
static bool is_same(double now, double then) {
    const double rounding = 5e-7;
    return (isnan(now) && isnan(then)) || fabs(now - then) <= rounding * fabs(then);
}

// Nothing says how an epoch was, where there was no memory for its point.
static bool came_out_alike(const NnRunner *r, const NnEpochRecord *now) {
    size_t item;
    if (!runner_epoch_item(r, r->state.epochs_kept, now->epoch, &item)) {
        return true;
    }
    const NnEpochPoint *then = history_at(r->epochs, item);
    return is_same(now->train_loss, (double)then->train_loss) &&
           (now->validation.n == 0 || is_same(now->validation.loss, (double)then->val_loss));
}

static NnStatus train_epoch(Again *again, NnError *err) {
    NnObserver observer = {.on_progress = on_progress, .should_stop = interrupted, .user = again};
    NnStatus status = NN_OK;
    do {
        status = nn_trainer_step(again->trainer, &observer, err);
    } while (status == NN_OK && !nn_trainer_finished(again->trainer) &&
             !nn_trainer_progress(again->trainer).epoch_done);
    return status;
}

static NnStatus train_to(Again *again, int epoch, NnError *err) {
    NnRunner *r = again->runner;
    NnStatus status = NN_OK;
    for (int e = nn_trainer_progress(again->trainer).epoch; e < epoch && status == NN_OK; e++) {
        size_t stretch = runner_stretch_of(r, e + 1);
        status = stretch != again->stretch ? cross_over(again, stretch, err) : NN_OK;
        status = status == NN_OK ? train_epoch(again, err) : status;
        if (status == NN_OK && (nn_trainer_progress(again->trainer).epoch != e + 1 ||
                                !came_out_alike(r, nn_trainer_record(again->trainer)))) {
            status = nn_fail(err, NN_ERR_FAILED,
                             "there is no way back to epoch %d: trained again, epoch %d came out "
                             "another one than it was",
                             epoch, e + 1);
        }
    }
    return status;
}

Snapshots *runner_again(NnRunner *r, int epoch, NnError *err) {
    Again again = {.runner = r, .begin_s = clock_s()};
    Snapshots *state = NULL;
    if (r->state.phase == NN_RUNNER_RUNNING) {
        runner_enter(r, NN_RUNNER_PAUSED);
    }
    NnStatus status = begin(&again, epoch, err);
    if (status == NN_OK) {
        int from = nn_trainer_progress(again.trainer).epoch;
        r->state.back.from = from + 1;
        r->state.back.epoch = from + 1;
        r->state.back.to = from < epoch ? epoch : 0;
        r->state.message[0] = '\0';
        runner_publish(r);
        status = train_to(&again, epoch, err);
    }
    if (status == NN_ERR_CANCELLED) {
        nn_fail(err, status, "the way back to epoch %d was given up", epoch);
    }
    if (status == NN_OK) {
        state = snapshots_new(SIZE_MAX);
        if (state != NULL) {
            snapshots_keep(state, again.trainer);
        }
        if (state == NULL || snapshots_nearest(state, epoch) != epoch) {
            nn_fail(err, NN_ERR_NOMEM, "out of memory to go back with");
            snapshots_free(state);
            state = NULL;
        }
    }
    nn_trainer_free(again.trainer);
    r->state.back.to = 0;
    return state;
}
