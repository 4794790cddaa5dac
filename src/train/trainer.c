// The order of things in an epoch: shuffle, steps, weights checked, validation, best kept.
//
// Three sets of weights: `model` is the one being trained, `average` its running mean where the
// recipe has one, and `result` is what the caller gets. The average, or else the model, is what
// validation measures; it is copied to `result` when it is the best so far (early stopping) or the
// newest known to be good. So a run that diverges or is cancelled always leaves something to use.
//
// Between two steps the trainer is at a position (epoch, step) from which it can be stopped, saved
// (trainer_state.h) and taken up again; nothing is kept on the stack over a step.

#include "nn/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/rng.h"
#include "nn/kernels.h"
#include "train/schedule.h"
#include "train/split.h"
#include "train/teachers_seen.h"
#include "train/trainer_impl.h"

static const double PROGRESS_EVERY_S = 1.0 / 30;
static const double ANSWERED = 0.99; // share of the validation samples that reach the threshold

enum { KEEP_EVERY = 128 }; // steps between two copies of weights known to be good

// --- making --------------------------------------------------------------------------------------

static NnStatus check_folds(const NnRecipe *recipe, const NnDataset *data, NnError *err) {
    if (recipe->folds == 0 && recipe->fold == 0) {
        return NN_OK;
    }
    if (recipe->folds < 2 || (size_t)recipe->folds > data->n || recipe->fold < 1 ||
        recipe->fold > recipe->folds) {
        NnStatus status =
            nn_fail(err, NN_ERR_USAGE,
                    "recipe \"%s\" cannot hold out fold %d of %d of the %zu samples of %s",
                    recipe->name, recipe->fold, recipe->folds, data->n, data->name);
        nn_error_hint(err, "use --folds 5, which trains every fold");
        return status;
    }
    return NN_OK;
}

static NnStatus check(const NnTrainerDesc *desc, NnError *err) {
    const NnRecipe *recipe = desc->recipe;
    const NnDataset *data = desc->train;
    if (data->n == 0 || data->n > UINT32_MAX) {
        return nn_fail(err, NN_ERR_USAGE, "cannot train on %zu samples of %s", data->n, data->name);
    }
    for (size_t i = 0; i < data->n; i++) {
        if (data->labels[i] >= NN_CLASSES) {
            return nn_fail(err, NN_ERR_FORMAT, "%s: sample %zu is labelled %d; labels are 0 to %d",
                           data->name, i, data->labels[i], NN_CLASSES - 1);
        }
    }
    if (recipe->styles > 0 && data->class_names != NULL && strcmp(data->class_names[0], "0") != 0) {
        NnStatus status =
            nn_fail(err, NN_ERR_USAGE,
                    "recipe \"%s\" mixes in generated digits, which %s has no classes for",
                    recipe->name, data->name);
        nn_error_hint(err, "use --set styles=0");
        return status;
    }
    if (recipe->batch < 1 || recipe->batch > NN_BATCH_MAX || recipe->epochs < 1) {
        return nn_fail(
            err, NN_ERR_USAGE,
            "recipe \"%s\" cannot be trained with batch %d and epochs %d; a batch has 1 to "
            "%d samples",
            recipe->name, recipe->batch, recipe->epochs, NN_BATCH_MAX);
    }
    if (check_folds(recipe, data, err) != NN_OK) {
        return NN_ERR_USAGE;
    }
    if (recipe->validation < 0 || split_held_out(recipe, data->n) >= data->n) {
        NnStatus status = nn_fail(
            err, NN_ERR_USAGE,
            "recipe \"%s\" holds out %d samples for validation, which leaves none of the %zu of %s",
            recipe->name, recipe->validation, data->n, data->name);
        nn_error_hint(err, "use --set validation=%zu", data->n / 10);
        return status;
    }
    if (recipe->patience > 0 && split_held_out(recipe, data->n) == 0) {
        NnStatus status =
            nn_fail(err, NN_ERR_USAGE, "recipe \"%s\" stops early, which needs a validation split",
                    recipe->name);
        nn_error_hint(err, "use --set patience=0 or --set validation=%zu", data->n / 10);
        return status;
    }
    return NN_OK;
}

static NnStatus set_first_weights(NnTrainer *t, const NnModel *start, NnError *err) {
    if (start == NULL) {
        NnStatus status = start_load(&t->start, &t->recipe, err);
        if (status == NN_OK) {
            trainer_first_weights(t, t->model);
        }
        return status;
    }
    if (!nn_arch_alike(nn_model_arch(start), nn_model_arch(t->model))) {
        return nn_fail(err, NN_ERR_SHAPE,
                       "the weights to start from belong to \"%s\", not to the layers of \"%s\"",
                       nn_model_arch(start)->name, t->recipe.name);
    }
    memcpy(nn_model_params(t->model), nn_model_params_const(start),
           nn_model_block_count(t->model) * sizeof(float));
    return NN_OK;
}

// Shuffles once by the seed and takes the validation samples off the end.
static bool split(NnTrainer *t) {
    size_t n = t->train->n, n_val = split_held_out(&t->recipe, n);
    t->n_train = n - n_val;
    t->rows = mem_new(n, sizeof *t->rows);
    t->order = mem_new(t->n_train, sizeof *t->order);
    t->validation = *t->train;
    t->validation.n = n_val;
    t->validation.images = mem_new_aligned(n_val, NN_PIXELS);
    t->validation.labels = mem_new(n_val, 1);
    size_t n_tracked = t->tracked != NULL ? t->tracked->n : 0;
    t->logits =
        mem_new_aligned((n_val > n_tracked ? n_val : n_tracked) * NN_CLASSES, sizeof *t->logits);
    t->val_answers = mem_new(n_val, 1);
    t->tracked_answers = mem_new(n_tracked, 1);
    if (t->rows == NULL || t->order == NULL || t->validation.images == NULL ||
        t->validation.labels == NULL || t->logits == NULL || t->val_answers == NULL ||
        t->tracked_answers == NULL) {
        return false;
    }
    split_rows(&t->recipe, t->seed, t->rows, n);
    for (size_t i = 0; i < n_val; i++) {
        size_t row = t->rows[t->n_train + i];
        memcpy(t->validation.images + i * NN_PIXELS, t->train->images + row * NN_PIXELS, NN_PIXELS);
        t->validation.labels[i] = t->train->labels[row];
    }
    return true;
}

static NnStatus build(NnTrainer *t, const NnTrainerDesc *desc, NnError *err) {
    t->model = nn_model_new(&t->recipe.arch, err);
    if (t->model == NULL) {
        return NN_ERR_FAILED;
    }
    NnStatus status = set_first_weights(t, desc->start, err);
    if (status != NN_OK) {
        return status;
    }
    t->result = nn_model_copy(t->model, err);
    t->average = t->recipe.ema > 0 ? nn_model_copy(t->model, err) : NULL;
    if (t->result == NULL || (t->recipe.ema > 0 && t->average == NULL)) {
        return NN_ERR_NOMEM;
    }
    if (!split(t)) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for the %zu samples of %s", t->train->n,
                       t->train->name);
    }
    status = teachers_load(&t->teachers, &t->recipe.teachers, err);
    if (status != NN_OK) {
        return status;
    }
    const Held held = {t->train, t->rows + t->n_train, t->validation.n};
    if (!teachers_seen(&t->teachers, &t->recipe.teachers, &held, t->caution, sizeof t->caution)) {
        (void)start_seen(&t->start, t->recipe.start, &held, t->caution, sizeof t->caution);
    }
    t->workers = workers_new(desc->threads, err);
    if (t->workers == NULL) {
        return NN_ERR_NOMEM;
    }
    workers_watch(t->workers, desc->gate);
    t->evaluator = evaluator_new(t->model, t->workers, err);
    t->stepper = stepper_new(&(StepperDesc){.recipe = &t->recipe,
                                            .data = t->train,
                                            .rows = t->rows,
                                            .n_rows = t->n_train,
                                            .model = t->model,
                                            .average = t->average,
                                            .teachers = &t->teachers,
                                            .workers = t->workers,
                                            .seed = t->seed},
                             err);
    return t->evaluator != NULL && t->stepper != NULL ? NN_OK : NN_ERR_NOMEM;
}

NnTrainer *nn_trainer_new(const NnTrainerDesc *desc, NnError *err) {
    if (check(desc, err) != NN_OK) {
        return NULL;
    }
    NnTrainer *t = mem_new(1, sizeof *t);
    if (t == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for a trainer");
        return NULL;
    }
    t->recipe = *desc->recipe;
    t->train = desc->train;
    t->tracked = desc->tracked;
    t->seed = desc->seed;
    t->best_score = (double)INFINITY;
    if (build(t, desc, err) != NN_OK) {
        nn_trainer_free(t);
        return NULL;
    }
    size_t batch = (size_t)t->recipe.batch;
    t->progress = (NnProgress){
        .epochs = t->recipe.epochs,
        .steps = (int)((t->n_train + batch - 1) / batch),
        .val_loss = (double)NAN,
        .val_accuracy = (double)NAN,
    };
    return t;
}

void nn_trainer_free(NnTrainer *t) {
    if (t == NULL) {
        return;
    }
    stepper_free(t->stepper);
    evaluator_free(t->evaluator);
    workers_free(t->workers);
    teachers_release(&t->teachers);
    start_release(&t->start);
    mem_free(t->rates);
    mem_free(t->tracked_answers);
    mem_free(t->val_answers);
    mem_free(t->logits);
    mem_free(t->validation.labels);
    mem_free(t->validation.images);
    mem_free(t->order);
    mem_free(t->rows);
    nn_model_free(t->result);
    nn_model_free(t->average);
    nn_model_free(t->model);
    mem_free(t);
}

// --- running -------------------------------------------------------------------------------------

static bool all_finite(const NnModel *model) {
    const float *params = nn_model_params_const(model);
    size_t n = nn_model_block_count(model);
    float sum = 0; // 0 * x is 0 for every finite x, and NaN otherwise; NaN stays
    for (size_t i = 0; i < n; i++) {
        sum += 0.0f * params[i];
    }
    return sum == 0.0f;
}

static NnStatus diverged(const NnTrainer *t, NnError *err) {
    const NnProgress *p = &t->progress;
    NnStatus status =
        nn_fail(err, NN_ERR_NUMERIC,
                "training \"%s\" diverged: the loss is no number any more in epoch %d after %d of "
                "%d steps, at learning rate %g; the weights of step %llu of the run are kept",
                t->recipe.name, p->epoch, p->step, p->steps, p->learning_rate,
                (unsigned long long)t->kept_step);
    nn_error_hint(err, "lower learning_rate, or limit the gradient with clip_norm=1");
    return status;
}

static bool stop_wanted(const NnObserver *observer) {
    return observer != NULL && observer->should_stop != NULL &&
           observer->should_stop(observer->user);
}

static NnStatus cancelled(const NnTrainer *t, NnError *err) {
    return nn_fail(err, NN_ERR_CANCELLED, "training \"%s\" was stopped in epoch %d of %d",
                   t->recipe.name, t->progress.epoch, t->progress.epochs);
}

static void show(NnTrainer *t, const NnObserver *observer) {
    if (observer != NULL && observer->on_progress != NULL) {
        observer->on_progress(&t->progress, observer->user);
    }
}

// Times and rates, then the observer if it is due.
static void report(NnTrainer *t, const NnObserver *observer, double begin_s, size_t samples) {
    NnProgress *p = &t->progress;
    double now = clock_s();
    if (now - t->shown_s < PROGRESS_EVERY_S) {
        return;
    }
    t->shown_s = now;
    p->seconds = t->active_s + now - begin_s;
    p->samples_per_s = (double)samples / fmax(t->epoch_s + now - begin_s, 1e-9);
    double steps = (double)p->epochs * p->steps, done = (double)t->steps_done;
    double here = done - (double)t->resumed_steps;
    p->seconds_left = here > 0 ? (p->seconds - t->resumed_s) * (steps - done) / here : 0;
    show(t, observer);
}

static NnStatus run_batch(NnTrainer *t, const NnObserver *observer, double begin_s, NnError *err) {
    NnProgress *p = &t->progress;
    if (stop_wanted(observer)) {
        return cancelled(t, err);
    }
    size_t batch = (size_t)t->recipe.batch, seen = (size_t)p->step * batch;
    size_t n = t->n_train - seen < batch ? t->n_train - seen : batch;
    float rate = (float)((double)schedule_rate(&t->recipe, t->steps_done, (uint64_t)p->steps) *
                         trainer_rate_factor(t));
    p->learning_rate = (double)rate;
    StepResult result = stepper_gradient(
        t->stepper, &(StepBatch){
                        .rows = t->order + seen,
                        .n = (int)n,
                        .epoch = (uint64_t)p->epoch - 1,
                        .step = t->steps_done,
                        .first_sample = (uint64_t)(p->epoch - 1) * t->n_train + seen,
                        .learning_rate = rate,
                    });
    if (!isfinite(result.loss)) {
        return diverged(t, err);
    }
    if (t->steps_done % KEEP_EVERY == 0 && trainer_keeps_newest(t)) {
        trainer_keep_newest(t);
    }
    stepper_update(t->stepper);
    seen += n;
    t->epoch_loss += result.loss;
    t->epoch_correct += result.correct;
    t->epoch_labelled += result.labelled;
    t->steps_done++;
    p->step++;
    p->batch_loss = result.loss / (double)n;
    p->batch_accuracy = result.labelled > 0 ? (double)result.correct / (double)result.labelled : 0;
    p->train_loss = t->epoch_loss / (double)seen;
    p->train_accuracy = trainer_train_accuracy(t);
    report(t, observer, begin_s, seen);
    return NN_OK;
}

static void to_answers(const NnTrainer *t, uint8_t *answers, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const float *row = t->logits + i * NN_CLASSES;
        int best = 0;
        for (int c = 1; c < NN_CLASSES; c++) {
            best = row[c] > row[best] ? c : best;
        }
        answers[i] = (uint8_t)best;
    }
}

// Measures the candidate on the validation split and the tracked set. False when the observer stops
// it.
static bool validate(NnTrainer *t, const NnObserver *observer) {
    NnProgress *p = &t->progress;
    NnEpochRecord *record = &t->record;
    bool (*should_stop)(void *) = observer != NULL ? observer->should_stop : NULL;
    void *user = observer != NULL ? observer->user : NULL;
    if (!trainer_measure_on(t, nn_trainer_newest(t), t->tracked, &record->test, should_stop,
                            user)) {
        return false;
    }
    to_answers(t, t->tracked_answers, record->test.n);
    if (!trainer_measure_on(t, nn_trainer_newest(t), &t->validation, &record->validation,
                            should_stop, user)) {
        return false;
    }
    to_answers(t, t->val_answers, record->validation.n);
    if (t->validation.n > 0) {
        p->val_loss = record->validation.loss;
        p->val_accuracy = record->validation.accuracy;
    }
    return true;
}

static void begin_epoch(NnTrainer *t) {
    NnProgress *p = &t->progress;
    if (p->epoch == 0 || p->epoch_done) {
        p->epoch++;
        p->step = 0;
        p->epoch_done = false;
        t->epoch_loss = 0;
        t->epoch_correct = 0;
        t->epoch_labelled = 0;
        t->epoch_s = 0;
    }
    if (t->ordered_epoch != p->epoch) {
        Rng rng = rng_at(t->seed, RNG_STREAM_SHUFFLE, (uint64_t)p->epoch);
        rng_permutation(&rng, t->order, t->n_train);
        for (size_t i = 0; i < t->n_train; i++) {
            t->order[i] = t->rows[t->order[i]];
        }
        t->ordered_epoch = p->epoch;
    }
}

double nn_trainer_score(const NnRecipe *recipe, const NnMeasure *validation) {
    return recipe->monitor == NN_MONITOR_ACCURACY ? 1 - validation->accuracy : validation->loss;
}

static NnStatus end_epoch(NnTrainer *t, const NnObserver *observer, double begin_s, NnError *err) {
    NnProgress *p = &t->progress;
    if (!all_finite(t->model)) {
        return diverged(t, err);
    }
    double epoch_s = t->epoch_s + clock_s() - begin_s; // without the validation
    if (!validate(t, observer)) {
        return cancelled(t, err);
    }
    if (t->validation.n > 0 && !isfinite(p->val_loss)) {
        return diverged(t, err);
    }
    double score = nn_trainer_score(&t->recipe, &t->record.validation);
    if (t->validation.n > 0 && score < t->best_score) {
        t->best_score = score;
        p->best_epoch = p->epoch;
    }
    if (trainer_keeps_newest(t) || p->best_epoch == p->epoch) {
        trainer_keep_newest(t);
    }
    t->shown_s = clock_s();
    p->seconds = t->active_s + t->shown_s - begin_s;
    p->seconds_left = p->seconds / p->epoch * (p->epochs - p->epoch);
    p->samples_per_s = (double)t->n_train / fmax(epoch_s, 1e-9);
    p->epoch_done = true;
    t->finished = trainer_is_finished(t);
    t->record.epoch = p->epoch;
    t->record.steps = t->steps_done;
    t->record.train_loss = p->train_loss;
    t->record.train_accuracy = p->train_accuracy;
    t->record.learning_rate = p->learning_rate;
    t->record.samples_per_s = p->samples_per_s;
    t->record.seconds = p->seconds;
    show(t, observer);
    return NN_OK;
}

NnStatus nn_trainer_step(NnTrainer *t, const NnObserver *observer, NnError *err) {
    if (t->finished) {
        return NN_OK;
    }
    kernels_thread_begin();
    const NnProgress *p = &t->progress;
    double begin_s = clock_s();
    begin_epoch(t);
    NnStatus status = p->step < p->steps ? run_batch(t, observer, begin_s, err) : NN_OK;
    if (status == NN_OK && p->step == p->steps) {
        status = end_epoch(t, observer, begin_s, err);
    }
    double spent = clock_s() - begin_s;
    t->active_s += spent;
    t->epoch_s += spent;
    return status;
}

void trainer_settle(NnTrainer *t, bool diverged, bool (*should_stop)(void *user), void *user) {
    size_t n = t->validation.n;
    if (!diverged && trainer_keeps_newest(t) && all_finite(nn_trainer_newest(t))) {
        trainer_keep_newest(t);
    }
    if (n == 0 ||
        !evaluator_run(t->evaluator, t->result, &t->validation, t->logits, should_stop, user)) {
        return;
    }
    NnArch *arch = nn_model_arch_edit(t->result);
    arch->temperature = nn_fit_temperature(t->logits, t->validation.labels, n);
    arch->threshold = nn_fit_threshold(t->logits, n, arch->temperature, ANSWERED);
}

NnStatus nn_trainer_run(NnTrainer *t, const NnObserver *observer, NnError *err) {
    NnStatus status = NN_OK;
    while (status == NN_OK && !t->finished) {
        status = nn_trainer_step(t, observer, err);
    }
    trainer_settle(t, status == NN_ERR_NUMERIC, NULL, NULL);
    return status;
}
