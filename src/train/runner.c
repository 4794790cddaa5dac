// One thread owns the trainer and its workers. Between two batches it takes what orders there are;
// without orders it trains on, or sleeps when there is nothing to train. What the window reads is
// published through mailboxes and histories, so that neither side ever waits for the other.

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "nn/kernels.h"
#include "train/run_files.h"
#include "train/runner_impl.h"

// --- orders --------------------------------------------------------------------------------------

static void change_rate(NnRunner *r, double factor) {
    NnError err = {0};
    if (nn_run_scale_rate(r->run, factor, &err) != NN_OK) {
        text_copy(r->state.message, sizeof r->state.message, err.message);
    }
    runner_publish(r);
}

static void run_in(NnRunner *r, Mode mode) {
    r->mode = mode;
    runner_enter(r, NN_RUNNER_RUNNING);
}

static void obey(NnRunner *r, RunnerOrder queued) {
    NnOrder order = queued.order;
    NnRunnerPhase phase = r->state.phase;
    bool live = phase == NN_RUNNER_READY || phase == NN_RUNNER_RUNNING || phase == NN_RUNNER_PAUSED;
    if (r->trainer == NULL && order.kind == NN_ORDER_REWIND) {
        r->state.rewinds_answered++;
        runner_publish(r);
    }
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
            runner_enter(r, NN_RUNNER_PAUSED);
        }
        break;
    case NN_ORDER_STEP_BATCH:
        run_in(r, MODE_ONE_BATCH);
        break;
    case NN_ORDER_STEP_EPOCH:
        run_in(r, MODE_ONE_EPOCH);
        break;
    case NN_ORDER_STOP:
        runner_stop(r);
        break;
    case NN_ORDER_LEARNING_RATE:
        change_rate(r, order.number);
        break;
    case NN_ORDER_REWIND:
        if (queued.branch != NULL) {
            runner_branch(r, queued.branch);
        } else {
            runner_rewind(r, order.epoch);
        }
        break;
    case NN_ORDER_SAMPLE:
        runner_sample(r);
        runner_count_dead_units(r);
        runner_publish(r);
        break;
    }
}

// Orders that a validation, which may take a second, is broken off for.
static bool is_urgent(NnOrderKind kind) {
    return kind == NN_ORDER_PAUSE || kind == NN_ORDER_STOP || kind == NN_ORDER_REWIND;
}

static void free_branch(RunnerBranch *branch) {
    if (branch != NULL) {
        mem_free(branch->folder);
        mem_free(branch);
    }
}

static void enqueue(NnRunner *r, RunnerOrder order) {
    RunnerBranch *lost = order.branch;
    mutex_lock(&r->mutex);
    size_t at = (r->first_order + r->n_orders) % ORDERS_MAX;
    if (r->n_orders == ORDERS_MAX && order.order.kind == NN_ORDER_STOP) {
        at = (at + ORDERS_MAX - 1) % ORDERS_MAX; // in place of the newest
        r->n_orders--;
        atomic_fetch_sub(&r->interrupts, is_urgent(r->orders[at].order.kind));
        lost = r->orders[at].branch;
    }
    if (r->n_orders < ORDERS_MAX) {
        lost = lost == order.branch ? NULL : lost;
        r->orders[at] = order;
        r->n_orders++;
        atomic_fetch_add(&r->interrupts, is_urgent(order.order.kind));
        cond_signal(&r->ordered);
    }
    mutex_unlock(&r->mutex);
    free_branch(lost);
}

void nn_runner_step_aside(NnRunner *r, bool aside) {
    if (aside) {
        gate_shut(&r->gate);
    } else {
        gate_open(&r->gate);
    }
}

void nn_runner_order(NnRunner *r, NnOrder order) {
    enqueue(r, (RunnerOrder){.order = order});
}

bool nn_runner_branch(NnRunner *r, int epoch, const NnRecipe *recipe, const char *run_folder) {
    RunnerBranch *branch = mem_new(1, sizeof *branch);
    if (branch == NULL) {
        return false;
    }
    *branch = (RunnerBranch){.epoch = epoch, .recipe = *recipe};
    branch->folder = run_folder != NULL ? mem_copy_text(run_folder) : NULL;
    if (run_folder != NULL && branch->folder == NULL) {
        mem_free(branch);
        return false;
    }
    enqueue(r, (RunnerOrder){.order = {.kind = NN_ORDER_REWIND, .epoch = epoch}, .branch = branch});
    return true;
}

// What was ordered for after the arrival goes with it, and so does the order that gave it up; a
// rewind to elsewhere is still to be done.
void runner_forget_orders(NnRunner *r) {
    mutex_lock(&r->mutex);
    bool found = r->quit;
    while (!found && r->n_orders > 0 && r->orders[r->first_order].order.kind != NN_ORDER_REWIND) {
        found = is_urgent(r->orders[r->first_order].order.kind);
        r->first_order = (r->first_order + 1) % ORDERS_MAX;
        r->n_orders--;
        atomic_fetch_sub(&r->interrupts, found);
    }
    mutex_unlock(&r->mutex);
}

typedef enum { NEXT_QUIT, NEXT_ORDER, NEXT_TRAIN } Next;

// Sleeps until there is something to do.
static Next next(NnRunner *r, RunnerOrder *order) {
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
        atomic_fetch_sub(&r->interrupts, is_urgent(order->order.kind));
        what = NEXT_ORDER;
    }
    mutex_unlock(&r->mutex);
    return what;
}

// --- the thread ----------------------------------------------------------------------------------

// A run that tracks the test set, as the command line can ask for, goes on doing so.
static bool follow_config(NnRunner *r, NnRunConfig *config, NnError *err) {
    NnRunConfig kept;
    NnRunState state;
    if (nn_run_read(r->folder, &state, &kept, NULL, err) != NN_OK) {
        return false;
    }
    config->track_test = state != NN_RUN_EMPTY && kept.track_test;
    if (config->track_test) {
        r->test = nn_dataset_load(r->recipe.data, NN_SPLIT_TEST, err);
    }
    return !config->track_test || r->test != NULL;
}

static bool make_trainer(NnRunner *r, NnError *err) {
    const NnDataset *train = r->desc.train;
    if (train == NULL) {
        r->loaded = nn_dataset_load(r->recipe.data, NN_SPLIT_TRAIN, err);
        train = r->loaded;
    }
    if (train == NULL) {
        return false;
    }
    NnRunConfig config = {.recipe = r->recipe, .seed = r->desc.seed, .keep_mb = r->desc.folder_mb};
    if (r->folder != NULL && !follow_config(r, &config, err)) {
        return false;
    }
    r->run = nn_run_new(&(NnRunDesc){.folder = r->folder,
                                     .config = &config,
                                     .train = train,
                                     .test = r->test,
                                     .threads = r->desc.threads,
                                     .gate = &r->gate,
                                     .resume = true,
                                     .on_warning = runner_warn,
                                     .user = r},
                        err);
    if (r->run == NULL) {
        return false;
    }
    r->trainer = nn_run_trainer(r->run);
    // A branch that is taken up: the epochs before it are another run's.
    mutex_lock(&r->mutex);
    r->stretches[0].after = r->folder != NULL ? run_base_epoch(r->folder) : 0;
    mutex_unlock(&r->mutex);
    return true;
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
    r->validation = *nn_trainer_validation(r->trainer);
    atomic_store(&r->has_validation, true);
    return true;
}

// The weights before the first epoch, which the window may ask for and must not wait for: drawing
// them takes longer than a frame. Without memory they are not known.
static void keep_start(NnRunner *r) {
    float *start = mem_new_aligned(r->n_floats, sizeof *start);
    NnModel *drawn = NULL;
    const NnModel *model = nn_trainer_newest(r->trainer);
    if (trainer_state(r->trainer).position.steps_done > 0) {
        model = drawn = nn_model_new(&r->recipe.arch, NULL);
        if (drawn != NULL) {
            trainer_first_weights(r->trainer, drawn);
        }
    }
    if (start != NULL && model != NULL) {
        memcpy(start, nn_model_params_const(model), r->n_floats * sizeof *start);
        atomic_store(&r->start, start);
    } else {
        mem_free(start);
    }
    nn_model_free(drawn);
}

static void load(NnRunner *r) {
    NnError err = {0};
    if (!make_trainer(r, &err) || !make_outlets(r, &err)) {
        nn_run_free(r->run);
        r->run = NULL;
        r->trainer = NULL;
        runner_fail(r, &err);
        return;
    }
    if (r->folder != NULL) {
        runner_recall(r);
    }
    keep_start(r);
    const char *caution = nn_trainer_caution(r->trainer);
    if (caution != NULL && r->state.message[0] == '\0') {
        text_copy(r->state.message, sizeof r->state.message, caution);
    }
    if (nn_trainer_finished(r->trainer)) {
        trainer_settle(r->trainer, false, runner_leaving, r);
        runner_enter(r, NN_RUNNER_DONE);
    } else {
        runner_enter(r, NN_RUNNER_READY);
    }
}

static void runner_main(void *user) {
    NnRunner *r = user;
    kernels_thread_begin();
    load(r);
    RunnerOrder order;
    for (Next what = next(r, &order); what != NEXT_QUIT; what = next(r, &order)) {
        if (what == NEXT_ORDER) {
            obey(r, order);
            free_branch(order.branch);
        } else {
            runner_train(r);
        }
    }
    NnRunnerPhase phase = r->state.phase;
    bool open = phase == NN_RUNNER_RUNNING || phase == NN_RUNNER_PAUSED;
    if (r->run != NULL && open) { // closing the window loses nothing
        NnError err;
        if (nn_run_checkpoint(r->run, &err) != NN_OK) {
            runner_warn(&err, r); // nobody is left to read it; the checkpoint before stands
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
    r->desc.folder_mb = desc->folder_mb > 0 ? desc->folder_mb : RUNNER_FOLDER_MB;
    r->recipe = *desc->recipe;
    mutex_init(&r->mutex);
    cond_init(&r->ordered);
    gate_init(&r->gate);
    int memory_mb = desc->memory_mb > 0 ? desc->memory_mb : RUNNER_MEMORY_MB;
    r->states = mailbox_new(sizeof r->state);
    r->points = history_new(sizeof(NnTrainPoint));
    r->epochs = history_new(sizeof(NnEpochPoint));
    r->snapshots = snapshots_new((size_t)memory_mb << 20);
    bool whole = r->states != NULL && r->points != NULL && r->epochs != NULL &&
                 r->snapshots != NULL && runner_add_stretch(r, desc->run_folder, 0, desc->recipe);
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
    nn_run_free(r->run);
    nn_dataset_free(r->test);
    nn_dataset_free(r->loaded);
    for (size_t i = 0; i < r->n_orders; i++) {
        free_branch(r->orders[(r->first_order + i) % ORDERS_MAX].branch);
    }
    mem_free(atomic_load(&r->start));
    history_free(atomic_load(&r->answers));
    mailbox_free(atomic_load(&r->weights));
    snapshots_free(r->snapshots);
    history_free(r->epochs);
    history_free(r->points);
    mailbox_free(r->states);
    gate_release(&r->gate);
    cond_release(&r->ordered);
    mutex_release(&r->mutex);
    for (size_t i = 0; i < r->n_stretches; i++) {
        mem_free(r->stretches[i].path);
        mem_free(r->stretches[i].rates);
    }
    mem_free(r->stretches);
    mem_free(r);
}
