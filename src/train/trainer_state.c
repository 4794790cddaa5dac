// A trainer between two steps: what is asked of it, how it is measured, and how it is put
// elsewhere.

#include "train/trainer_state.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/kernels.h"
#include "train/trainer_impl.h"

static const double FACTOR_MAX = 1e6;

const NnModel *nn_trainer_model(const NnTrainer *trainer) {
    return trainer->result;
}

NnProgress nn_trainer_progress(const NnTrainer *trainer) {
    return trainer->progress;
}

bool nn_trainer_finished(const NnTrainer *trainer) {
    return trainer->finished;
}

const NnModel *nn_trainer_newest(const NnTrainer *t) {
    return t->average != NULL ? t->average : t->model;
}

const NnEpochRecord *nn_trainer_record(const NnTrainer *trainer) {
    return &trainer->record;
}

const uint8_t *nn_trainer_validation_answers(const NnTrainer *t) {
    return t->validation.n > 0 ? t->val_answers : NULL;
}

const uint8_t *nn_trainer_tracked_answers(const NnTrainer *t) {
    return t->tracked != NULL ? t->tracked_answers : NULL;
}

const NnDataset *nn_trainer_validation(const NnTrainer *trainer) {
    return &trainer->validation;
}

const uint32_t *nn_trainer_validation_rows(const NnTrainer *t) {
    return t->rows + t->n_train;
}

const char *nn_trainer_teachers(const NnTrainer *t) {
    return t->teachers.n > 0 ? t->teachers.note : NULL;
}

const char *nn_trainer_start(const NnTrainer *t) {
    return t->start.note[0] != '\0' ? t->start.note : NULL;
}

const char *nn_trainer_caution(const NnTrainer *t) {
    return t->caution[0] != '\0' ? t->caution : NULL;
}

const NnRecipe *nn_trainer_recipe(const NnTrainer *trainer) {
    return &trainer->recipe;
}

size_t trainer_sample_count(const NnTrainer *trainer) {
    return trainer->n_train;
}

bool trainer_keeps_newest(const NnTrainer *t) {
    return t->recipe.patience == 0 || t->progress.best_epoch == 0;
}

void trainer_keep_newest(NnTrainer *t) {
    memcpy(nn_model_params(t->result), nn_model_params_const(nn_trainer_newest(t)),
           nn_model_block_count(t->result) * sizeof(float));
    t->kept_step = t->steps_done;
}

double trainer_train_accuracy(const NnTrainer *t) {
    return t->epoch_labelled > 0 ? (double)t->epoch_correct / (double)t->epoch_labelled : 0;
}

bool trainer_is_finished(const NnTrainer *t) {
    const NnProgress *p = &t->progress;
    int patience = t->recipe.patience;
    return p->epoch_done &&
           (p->epoch >= p->epochs || (patience > 0 && p->epoch - p->best_epoch >= patience));
}

// --- measuring -----------------------------------------------------------------------------------

static void to_measure(const NnTrainer *t, NnMeasure *measure) {
    const NnMetrics *m = &t->metrics;
    measure->n = m->n;
    measure->loss = m->loss;
    measure->accuracy = m->accuracy;
    measure->stderr_accuracy = m->stderr_accuracy;
    measure->macro_f1 = m->macro_f1;
    for (int c = 0; c < NN_CLASSES; c++) {
        measure->class_accuracy[c] = m->per_class[c].recall;
        for (int answer = 0; answer < NN_CLASSES; answer++) {
            measure->confusion[c][answer] = (uint32_t)m->confusion[c][answer];
        }
    }
}

bool trainer_measure_on(NnTrainer *t, const NnModel *model, const NnDataset *data,
                        NnMeasure *measure, bool (*should_stop)(void *user), void *user) {
    if (data == NULL || data->n == 0) {
        measure->n = 0;
        return true;
    }
    if (!evaluator_run(t->evaluator, model, data, t->logits, should_stop, user)) {
        return false;
    }
    nn_metrics_compute(&t->metrics, t->logits, data->labels, data->n, 1.0f);
    to_measure(t, measure);
    return true;
}

bool nn_trainer_measure(NnTrainer *t, size_t n, NnMeasure *measure, bool (*should_stop)(void *user),
                        void *user) {
    kernels_thread_begin();
    NnDataset part = nn_dataset_slice(&t->validation, 0, n < t->validation.n ? n : t->validation.n);
    return trainer_measure_on(t, nn_trainer_newest(t), &part, measure, should_stop, user) &&
           measure->n > 0;
}

// --- moving --------------------------------------------------------------------------------------

TrainerState trainer_state(NnTrainer *t) {
    const NnProgress *p = &t->progress;
    TrainerState state = {
        .n = nn_model_block_count(t->model),
        .model = nn_model_params(t->model),
        .average = t->average != NULL ? nn_model_params(t->average) : NULL,
        .best = trainer_keeps_newest(t) ? NULL : nn_model_params(t->result),
        .position =
            {
                .epoch = p->epoch,
                .step = p->step,
                .epoch_done = p->epoch_done,
                .steps_done = t->steps_done,
                .loss = t->epoch_loss,
                .correct = t->epoch_correct,
                .labelled = t->epoch_labelled,
                .val_loss = p->val_loss,
                .val_accuracy = p->val_accuracy,
                .best_score = t->best_score,
                .best_epoch = p->best_epoch,
                .seconds = t->active_s,
            },
    };
    state.optim = stepper_state(t->stepper, &state.n_optim);
    return state;
}

void trainer_first_weights(const NnTrainer *t, NnModel *model) {
    const NnModel *start = start_weights(&t->start);
    if (start == NULL) {
        nn_model_init(model, t->recipe.init, t->seed);
        return;
    }
    memcpy(nn_model_params(model), nn_model_params_const(start),
           nn_model_block_count(model) * sizeof(float));
}

void trainer_restart(NnTrainer *t) {
    TrainerState state = trainer_state(t);
    trainer_first_weights(t, t->model);
    if (state.average != NULL) {
        memcpy(state.average, state.model, state.n * sizeof(float));
    }
    if (state.n_optim > 0) {
        memset(state.optim, 0, state.n_optim * sizeof(float));
    }
    trainer_move(t, &(TrainerPosition){.val_loss = (double)NAN,
                                       .val_accuracy = (double)NAN,
                                       .best_score = (double)INFINITY});
}

float *trainer_best_block(NnTrainer *t) {
    return nn_model_params(t->result);
}

static int optimiser_family(NnOptimKind kind) {
    return kind == NN_OPTIM_ADAMW      ? NN_OPTIM_ADAM
           : kind == NN_OPTIM_NESTEROV ? NN_OPTIM_MOMENTUM
                                       : (int)kind;
}

bool trainer_takes_optimiser(const NnTrainer *t, NnOptimKind from) {
    return optimiser_family(t->recipe.optimiser) == optimiser_family(from);
}

void trainer_swap_validation(NnTrainer *a, NnTrainer *b) {
    NN_ASSERT(a->validation.n == b->validation.n);
    NnDataset mine = a->validation;
    a->validation = b->validation;
    b->validation = mine;
}

void trainer_move(NnTrainer *t, const TrainerPosition *to) {
    NnProgress *p = &t->progress;
    size_t batch = (size_t)t->recipe.batch, seen = (size_t)to->step * batch;
    seen = seen < t->n_train ? seen : t->n_train;
    p->epoch = to->epoch;
    p->step = to->step;
    p->epoch_done = to->epoch_done;
    p->val_loss = to->val_loss;
    p->val_accuracy = to->val_accuracy;
    p->best_epoch = to->best_epoch;
    p->train_loss = seen > 0 ? to->loss / (double)seen : 0;
    p->seconds = to->seconds;
    t->steps_done = to->steps_done;
    t->epoch_loss = to->loss;
    t->epoch_correct = to->correct;
    t->epoch_labelled = to->labelled;
    p->train_accuracy = trainer_train_accuracy(t);
    t->best_score = to->best_score;
    t->active_s = to->seconds;
    t->epoch_s = 0;
    t->resumed_s = to->seconds;
    t->resumed_steps = to->steps_done;
    if (trainer_keeps_newest(t)) {
        trainer_keep_newest(t);
    }
    t->finished = trainer_is_finished(t);
}

// --- the learning rate ---------------------------------------------------------------------------

NnStatus trainer_add_rate(NnTrainer *t, RateChange change, NnError *err) {
    if (!(change.factor > 0 && change.factor <= FACTOR_MAX)) {
        return nn_fail(
            err, NN_ERR_USAGE,
            "the learning rate can be multiplied by more than 0 and at most %g, not by %g",
            FACTOR_MAX, change.factor);
    }
    size_t n = t->n_rates;
    if (n > 0 && t->rates[n - 1].step >= change.step) {
        NN_ASSERT(t->rates[n - 1].step == change.step);
        t->rates[n - 1] = change;
        return NN_OK;
    }
    RateChange *more = mem_resize(t->rates, n + 1, sizeof *more);
    if (more == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "out of memory for a change of the learning rate");
    }
    t->rates = more;
    t->rates[t->n_rates++] = change;
    return NN_OK;
}

NnStatus nn_trainer_scale_rate(NnTrainer *t, double factor, NnError *err) {
    trainer_forget_rates(t, t->steps_done);
    return trainer_add_rate(t, (RateChange){t->steps_done, factor}, err);
}

const RateChange *trainer_rates(const NnTrainer *trainer, size_t *n) {
    *n = trainer->n_rates;
    return trainer->rates;
}

double trainer_rate_factor(const NnTrainer *t) {
    size_t i = t->n_rates;
    while (i > 0 && t->rates[i - 1].step > t->steps_done) {
        i--;
    }
    return i > 0 ? t->rates[i - 1].factor : 1.0;
}

void trainer_forget_rates(NnTrainer *t, uint64_t from_step) {
    while (t->n_rates > 0 && t->rates[t->n_rates - 1].step >= from_step) {
        t->n_rates--;
    }
}
