// One thread owns the trainer and its workers. Between two batches it takes what orders there are;
// without orders it trains on, or sleeps when there is nothing to train. What the window reads is
// published through mailboxes and histories, so that neither side ever waits for the other.

#include "nn/runner.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/history.h"
#include "base/mailbox.h"
#include "base/text.h"
#include "base/thread.h"
#include "nn/kernels.h"
#include "train/dead_units.h"
#include "train/snapshots.h"

enum {
    ORDERS_MAX = 1024,
    POINTS_A_EPOCH = 4096,
    SAMPLE = 1000, // validation pictures measured during an epoch, always the same
    SNAPSHOT_BYTES = 64 << 20,
};

// Looks inside an epoch come so often at most, and take one part in so many of the time.
static const double SAMPLE_EVERY_S = 0.25;
static const double SAMPLE_SHARE = 25, WEIGHTS_SHARE = 20;

typedef enum { MODE_WAIT, MODE_TRAIN, MODE_ONE_BATCH, MODE_ONE_EPOCH } Mode;

// What lies in the mailbox for weights.
typedef struct {
    float temperature, threshold; // 0 until training is over
    float values[];
} Weights;

struct NnRunner {
    NnRunnerDesc desc;
    NnRecipe recipe;
    Thread thread;

    Mutex mutex; // guards the queue and quit
    Cond ordered;
    NnOrder orders[ORDERS_MAX];
    size_t first_order, n_orders;
    atomic_bool quit;      // raised under the lock
    atomic_int interrupts; // waiting orders (and the end) for which a validation is broken off

    // The runner thread's own.
    NnDataset *loaded; // the training set, where it is ours
    NnTrainer *trainer;
    DeadUnits *units;
    Mode mode;
    NnRunnerState state;
    double sampled_s, sample_cost_s, weights_s, weights_cost_s;
    double point_loss, point_accuracy; // sums over the batches of the next point
    int point_batches;

    // Written by the runner thread, read by the caller.
    Mailbox *states;
    History *points, *epochs;
    Snapshots *snapshots;
    Mailbox *_Atomic weights;   // (block count) floats; made when the network is known
    History *_Atomic answers;   // (n_validation) bytes, beside each item of epochs
    const NnRunnerState *shown; // the caller's own: what it was told last
    atomic_bool has_trainer;    // validation may be asked for
    size_t n_floats;            // written before weights
};

static bool interrupted(void *user) {
    NnRunner *r = user;
    return atomic_load(&r->interrupts) > 0;
}

static bool leaving(void *user) {
    NnRunner *r = user;
    return atomic_load(&r->quit);
}

// --- publishing ----------------------------------------------------------------------------------

static void publish_weights(NnRunner *r, const NnModel *model) {
    Mailbox *box = atomic_load_explicit(&r->weights, memory_order_relaxed);
    double begin = clock_s();
    Weights *weights = mailbox_back(box);
    weights->temperature = nn_model_arch(model)->temperature;
    weights->threshold = nn_model_arch(model)->threshold;
    memcpy(weights->values, nn_model_params_const(model), r->n_floats * sizeof(float));
    mailbox_publish(box);
    r->weights_s = clock_s();
    r->weights_cost_s = r->weights_s - begin;
}

static void publish(NnRunner *r) {
    if (r->trainer != NULL) {
        r->state.progress = nn_trainer_progress(r->trainer);
        r->state.steps_done = trainer_state(r->trainer).position.steps_done;
        r->state.rate_factor = trainer_rate_factor(r->trainer);
    }
    memcpy(mailbox_back(r->states), &r->state, sizeof r->state);
    mailbox_publish(r->states);
    if (r->desc.wake != NULL) {
        r->desc.wake(r->desc.user);
    }
}

static void enter(NnRunner *r, NnRunnerPhase phase) {
    r->state.phase = phase;
    r->mode = phase == NN_RUNNER_RUNNING ? r->mode : MODE_WAIT;
    if (r->trainer != NULL) {
        bool over =
            phase == NN_RUNNER_DONE || phase == NN_RUNNER_STOPPED || phase == NN_RUNNER_FAILED;
        publish_weights(r, over ? nn_trainer_model(r->trainer) : nn_trainer_newest(r->trainer));
    }
    publish(r);
}

static void fail(NnRunner *r, const NnError *error) {
    r->state.error = *error;
    text_copy(r->state.message, sizeof r->state.message, error->message);
    if (r->trainer != NULL) {
        trainer_settle(r->trainer, true, leaving, r);
    }
    enter(r, NN_RUNNER_FAILED);
}

static void on_progress(const NnProgress *progress, void *user) {
    NnRunner *r = user;
    if (!progress->epoch_done) { // an epoch's end has more to tell, see end_epoch
        if (clock_s() - r->weights_s >= WEIGHTS_SHARE * r->weights_cost_s) {
            publish_weights(r, nn_trainer_newest(r->trainer));
        }
        publish(r);
    }
}

// --- measuring -----------------------------------------------------------------------------------

static void show_measure(NnRunner *r, const NnMeasure *measure, bool whole) {
    NnRunnerState *state = &r->state;
    state->measured_epoch = nn_trainer_progress(r->trainer).epoch;
    state->measured_whole = whole;
    for (int c = 0; c < NN_CLASSES; c++) {
        size_t support = 0;
        for (int answer = 0; answer < NN_CLASSES; answer++) {
            state->confusion[c][answer] = measure->confusion[c][answer];
            support += measure->confusion[c][answer];
        }
        state->class_accuracy[c] = support > 0 ? measure->class_accuracy[c] : (double)NAN;
    }
}

static NnDataset sample_of(const NnRunner *r) {
    const NnDataset *all = nn_trainer_validation(r->trainer);
    return nn_dataset_slice(all, 0, all->n < SAMPLE ? all->n : SAMPLE);
}

static void count_dead_units(NnRunner *r) {
    NnDataset sample = sample_of(r);
    if (sample.n > 0) {
        dead_units_count(r->units, nn_trainer_newest(r->trainer), &sample, &r->state.dead_units,
                         &r->state.hidden_units);
    }
}

static void take_sample(NnRunner *r) {
    double begin = clock_s();
    NnMeasure measure;
    if (nn_trainer_measure(r->trainer, SAMPLE, &measure, interrupted, r)) {
        show_measure(r, &measure, measure.n == r->state.n_validation);
    }
    r->sampled_s = clock_s();
    r->sample_cost_s = r->sampled_s - begin;
}

// --- training ------------------------------------------------------------------------------------

static void add_point(NnRunner *r) {
    NnProgress p = nn_trainer_progress(r->trainer);
    int stride = (p.steps + POINTS_A_EPOCH - 1) / POINTS_A_EPOCH;
    r->point_loss += p.batch_loss;
    r->point_accuracy += p.batch_accuracy;
    r->point_batches++;
    if (p.step % stride == 0 || p.step == p.steps) {
        NnTrainPoint point = {
            .epoch = p.epoch - 1 + (double)p.step / p.steps,
            .loss = (float)(r->point_loss / r->point_batches),
            .accuracy = (float)(r->point_accuracy / r->point_batches),
            .learning_rate = (float)p.learning_rate,
        };
        (void)history_add(r->points, &point); // without memory the curve has a gap
        r->point_loss = r->point_accuracy = 0;
        r->point_batches = 0;
    }
}

static void add_epoch(NnRunner *r) {
    const NnEpochRecord *record = nn_trainer_record(r->trainer);
    const NnMeasure *v = &record->validation;
    NnEpochPoint point = {
        .epoch = record->epoch,
        .train_loss = (float)record->train_loss,
        .train_accuracy = (float)record->train_accuracy,
        .val_loss = v->n > 0 ? (float)v->loss : NAN,
        .val_accuracy = v->n > 0 ? (float)v->accuracy : NAN,
        .best = nn_trainer_progress(r->trainer).best_epoch == record->epoch,
    };
    for (int c = 0; c < NN_CLASSES; c++) {
        point.class_accuracy[c] = (float)r->state.class_accuracy[c];
        for (int answer = 0; answer < NN_CLASSES; answer++) {
            point.confusion[c][answer] = v->n > 0 ? v->confusion[c][answer] : 0;
        }
    }
    // An item of answers for each of epochs, or none for either.
    const uint8_t *answers = nn_trainer_validation_answers(r->trainer);
    History *kept = atomic_load_explicit(&r->answers, memory_order_relaxed);
    if (answers == NULL || history_add(kept, answers)) {
        (void)history_add(r->epochs, &point);
    }
}

static void end_epoch(NnRunner *r) {
    const NnEpochRecord *record = nn_trainer_record(r->trainer);
    if (record->validation.n > 0) {
        show_measure(r, &record->validation, true);
        count_dead_units(r);
    }
    add_epoch(r);
    snapshots_keep(r->snapshots, r->trainer);
    r->state.epochs_kept = record->epoch;
    r->sampled_s = clock_s();
    publish_weights(r, nn_trainer_newest(r->trainer));
    publish(r);
}

// One batch, and the end of the epoch or of the run where it comes to that.
static void train(NnRunner *r) {
    // A single batch is done whatever order follows it.
    bool single = r->mode == MODE_ONE_BATCH;
    NnObserver observer = {
        .on_progress = on_progress, .should_stop = single ? leaving : interrupted, .user = r};
    uint64_t before = trainer_state(r->trainer).position.steps_done;
    NnError err = {0};
    NnStatus status = nn_trainer_step(r->trainer, &observer, &err);
    if (trainer_state(r->trainer).position.steps_done > before) {
        add_point(r);
    }
    if (status == NN_ERR_CANCELLED) {
        return; // by an order, which is next
    }
    if (status != NN_OK) {
        fail(r, &err);
        return;
    }
    bool epoch_done = nn_trainer_progress(r->trainer).epoch_done;
    if (epoch_done) {
        end_epoch(r);
    }
    if (nn_trainer_finished(r->trainer)) {
        trainer_settle(r->trainer, false, leaving, r);
        enter(r, NN_RUNNER_DONE);
    } else if (r->mode == MODE_ONE_BATCH || (r->mode == MODE_ONE_EPOCH && epoch_done)) {
        enter(r, NN_RUNNER_PAUSED);
    } else if (!epoch_done && r->mode == MODE_TRAIN &&
               clock_s() - r->sampled_s > fmax(SAMPLE_EVERY_S, SAMPLE_SHARE * r->sample_cost_s)) {
        take_sample(r);
    }
}

// --- orders --------------------------------------------------------------------------------------

static void rewind_to(NnRunner *r, int epoch) {
    if (!snapshots_restore(r->snapshots, r->trainer, epoch)) {
        snprintf(r->state.message, sizeof r->state.message,
                 "epoch %d is not kept, so there is no way back to it", epoch);
        publish(r);
        return;
    }
    NnRunnerState *state = &r->state;
    trainer_forget_rates(r->trainer, trainer_state(r->trainer).position.steps_done);
    snapshots_drop_after(r->snapshots, epoch);
    r->point_loss = r->point_accuracy = 0;
    r->point_batches = 0;
    state->epochs_kept = epoch;
    state->branch++;
    state->branch_epoch = epoch;
    state->branch_points = history_count(r->points);
    state->branch_epochs = history_count(r->epochs);
    state->error = (NnError){0};
    state->message[0] = '\0';
    take_sample(r);
    count_dead_units(r);
    enter(r, NN_RUNNER_PAUSED);
}

static void change_rate(NnRunner *r, double factor) {
    NnError err = {0};
    if (nn_trainer_scale_rate(r->trainer, factor, &err) != NN_OK) {
        text_copy(r->state.message, sizeof r->state.message, err.message);
    }
    publish(r);
}

static void run_in(NnRunner *r, Mode mode) {
    r->mode = mode;
    enter(r, NN_RUNNER_RUNNING);
}

static void obey(NnRunner *r, NnOrder order) {
    NnRunnerPhase phase = r->state.phase;
    bool live = phase == NN_RUNNER_READY || phase == NN_RUNNER_RUNNING || phase == NN_RUNNER_PAUSED;
    if (r->trainer == NULL ||
        (!live && order.kind != NN_ORDER_REWIND && order.kind != NN_ORDER_SAMPLE)) {
        return;
    }
    switch (order.kind) {
    case NN_ORDER_START:
        run_in(r, MODE_TRAIN);
        break;
    case NN_ORDER_PAUSE:
        if (phase == NN_RUNNER_RUNNING) {
            enter(r, NN_RUNNER_PAUSED);
        }
        break;
    case NN_ORDER_STEP_BATCH:
        run_in(r, MODE_ONE_BATCH);
        break;
    case NN_ORDER_STEP_EPOCH:
        run_in(r, MODE_ONE_EPOCH);
        break;
    case NN_ORDER_STOP:
        trainer_settle(r->trainer, false, leaving, r);
        enter(r, NN_RUNNER_STOPPED);
        break;
    case NN_ORDER_LEARNING_RATE:
        change_rate(r, order.number);
        break;
    case NN_ORDER_REWIND:
        rewind_to(r, order.epoch);
        break;
    case NN_ORDER_SAMPLE:
        take_sample(r);
        count_dead_units(r);
        publish(r);
        break;
    }
}

// Orders that a validation, which may take a second, is broken off for.
static bool is_urgent(NnOrderKind kind) {
    return kind == NN_ORDER_PAUSE || kind == NN_ORDER_STOP || kind == NN_ORDER_REWIND;
}

void nn_runner_order(NnRunner *r, NnOrder order) {
    mutex_lock(&r->mutex);
    size_t at = (r->first_order + r->n_orders) % ORDERS_MAX;
    if (r->n_orders == ORDERS_MAX && order.kind == NN_ORDER_STOP) {
        at = (at + ORDERS_MAX - 1) % ORDERS_MAX; // in place of the newest
        r->n_orders--;
        atomic_fetch_sub(&r->interrupts, is_urgent(r->orders[at].kind));
    }
    if (r->n_orders < ORDERS_MAX) {
        r->orders[at] = order;
        r->n_orders++;
        atomic_fetch_add(&r->interrupts, is_urgent(order.kind));
        cond_signal(&r->ordered);
    }
    mutex_unlock(&r->mutex);
}

typedef enum { NEXT_QUIT, NEXT_ORDER, NEXT_TRAIN } Next;

// Sleeps until there is something to do.
static Next next(NnRunner *r, NnOrder *order) {
    Next what = NEXT_TRAIN;
    mutex_lock(&r->mutex);
    while (!r->quit && r->n_orders == 0 && r->mode == MODE_WAIT) {
        cond_wait(&r->ordered, &r->mutex);
    }
    if (r->quit) {
        what = NEXT_QUIT;
    } else if (r->n_orders > 0 && r->mode != MODE_ONE_BATCH) {
        *order = r->orders[r->first_order];
        r->first_order = (r->first_order + 1) % ORDERS_MAX;
        r->n_orders--;
        atomic_fetch_sub(&r->interrupts, is_urgent(order->kind));
        what = NEXT_ORDER;
    }
    mutex_unlock(&r->mutex);
    return what;
}

// --- the thread ----------------------------------------------------------------------------------

static bool make_trainer(NnRunner *r, NnError *err) {
    const NnDataset *train = r->desc.train;
    if (train == NULL) {
        r->loaded = nn_dataset_load(r->recipe.data, NN_SPLIT_TRAIN, err);
        train = r->loaded;
    }
    if (train == NULL) {
        return false;
    }
    r->trainer = nn_trainer_new(
        &(NnTrainerDesc){
            .recipe = &r->recipe, .train = train, .seed = r->desc.seed, .threads = r->desc.threads},
        err);
    return r->trainer != NULL;
}

// What depends on the sizes of network and data.
static bool make_outlets(NnRunner *r, NnError *err) {
    const NnModel *model = nn_trainer_newest(r->trainer);
    size_t n_validation = nn_trainer_validation(r->trainer)->n;
    r->n_floats = nn_model_block_count(model);
    Mailbox *weights = mailbox_new(sizeof(Weights) + r->n_floats * sizeof(float));
    History *answers = history_new(n_validation > 0 ? n_validation : 1);
    r->units = dead_units_new(model);
    atomic_store(&r->answers, answers);
    atomic_store(&r->weights, weights);
    if (weights == NULL || answers == NULL || r->units == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for the training of \"%s\"", r->recipe.name);
        return false;
    }
    r->state.n_validation = n_validation;
    r->state.n_train = trainer_sample_count(r->trainer);
    atomic_store(&r->has_trainer, true);
    return true;
}

static void load(NnRunner *r) {
    NnError err = {0};
    if (!make_trainer(r, &err) || !make_outlets(r, &err)) {
        nn_trainer_free(r->trainer);
        r->trainer = NULL;
        fail(r, &err);
        return;
    }
    snapshots_keep(r->snapshots, r->trainer);
    enter(r, NN_RUNNER_READY);
}

static void runner_main(void *user) {
    NnRunner *r = user;
    kernels_thread_begin();
    load(r);
    NnOrder order;
    for (Next what = next(r, &order); what != NEXT_QUIT; what = next(r, &order)) {
        if (what == NEXT_ORDER) {
            obey(r, order);
        } else {
            train(r);
        }
    }
}

NnRunner *nn_runner_new(const NnRunnerDesc *desc, NnError *err) {
    NnRunner *r = mem_new(1, sizeof *r);
    if (r == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for a training");
        return NULL;
    }
    r->desc = *desc;
    r->recipe = *desc->recipe;
    mutex_init(&r->mutex);
    cond_init(&r->ordered);
    r->states = mailbox_new(sizeof r->state);
    r->points = history_new(sizeof(NnTrainPoint));
    r->epochs = history_new(sizeof(NnEpochPoint));
    r->snapshots = snapshots_new(SNAPSHOT_BYTES);
    bool whole =
        r->states != NULL && r->points != NULL && r->epochs != NULL && r->snapshots != NULL;
    if (whole) {
        (void)nn_runner_state(r, NULL);
    }
    if (whole && thread_start(&r->thread, runner_main, r, true)) {
        return r;
    }
    if (whole) {
        nn_fail(err, NN_ERR_FAILED, "the system has no thread to train on");
    } else {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for a training");
    }
    nn_runner_free(r);
    return NULL;
}

void nn_runner_free(NnRunner *r) {
    if (r == NULL) {
        return;
    }
    mutex_lock(&r->mutex);
    atomic_store(&r->quit, true);
    atomic_fetch_add(&r->interrupts, 1);
    cond_signal(&r->ordered);
    mutex_unlock(&r->mutex);
    thread_join(&r->thread);

    dead_units_free(r->units);
    nn_trainer_free(r->trainer);
    nn_dataset_free(r->loaded);
    history_free(atomic_load(&r->answers));
    mailbox_free(atomic_load(&r->weights));
    snapshots_free(r->snapshots);
    history_free(r->epochs);
    history_free(r->points);
    mailbox_free(r->states);
    cond_release(&r->ordered);
    mutex_release(&r->mutex);
    mem_free(r);
}

// --- the caller's side ---------------------------------------------------------------------------

const NnRunnerState *nn_runner_state(NnRunner *r, bool *fresh) {
    r->shown = mailbox_latest(r->states, fresh);
    return r->shown;
}

size_t nn_runner_point_count(const NnRunner *r) {
    return history_count(r->points);
}

const NnTrainPoint *nn_runner_point(const NnRunner *r, size_t i) {
    return history_at(r->points, i);
}

size_t nn_runner_epoch_count(const NnRunner *r) {
    return history_count(r->epochs);
}

const NnEpochPoint *nn_runner_epoch(const NnRunner *r, size_t i) {
    return history_at(r->epochs, i);
}

bool nn_runner_weights(NnRunner *r, NnModel *model) {
    Mailbox *box = atomic_load(&r->weights);
    if (box == NULL || nn_model_block_count(model) != r->n_floats) {
        return false;
    }
    bool fresh;
    const Weights *weights = mailbox_latest(box, &fresh);
    if (fresh) {
        memcpy(nn_model_params(model), weights->values, r->n_floats * sizeof(float));
        nn_model_arch_edit(model)->temperature = weights->temperature;
        nn_model_arch_edit(model)->threshold = weights->threshold;
    }
    return fresh;
}

bool nn_runner_epoch_weights(NnRunner *r, int epoch, NnModel *model) {
    return snapshots_weights(r->snapshots, epoch, nn_model_params(model),
                             nn_model_block_count(model));
}

const uint8_t *nn_runner_epoch_answers(NnRunner *r, int epoch, size_t *n) {
    const NnRunnerState *state = r->shown;
    History *answers = atomic_load(&r->answers);
    *n = state->n_validation;
    if (answers == NULL || *n == 0) {
        return NULL;
    }
    // Backwards over the current branch: an epoch that a rewind has dropped is followed by one that
    // is no later, or lies above what is kept.
    int below = state->epochs_kept + 1;
    for (size_t i = history_count(r->epochs); i-- > 0;) {
        int here = ((const NnEpochPoint *)history_at(r->epochs, i))->epoch;
        if (here < below) {
            below = here;
            if (here == epoch) {
                return history_at(answers, i);
            }
        }
    }
    return NULL;
}

const NnDataset *nn_runner_validation(const NnRunner *r) {
    return atomic_load(&r->has_trainer) ? nn_trainer_validation(r->trainer) : NULL;
}
