// What the runner's thread does between two orders, and how the window hears of it.

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "train/run_impl.h"
#include "train/runner_impl.h"

enum {
    POINTS_A_EPOCH = 4096,
    POINTS_KEPT = 1 << 16, // after so many points every second one is left out, and again
    SAMPLE = 1000,         // validation pictures measured during an epoch, always the same
};

// Looks inside an epoch come so often at most, and take one part in so many of the time.
static const double SAMPLE_EVERY_S = 0.4;
static const double SAMPLE_SHARE = 60, WEIGHTS_SHARE = 60, UNITS_SHARE = 200;

bool runner_interrupted(void *user) {
    NnRunner *r = user;
    return atomic_load(&r->interrupts) > 0;
}

bool runner_leaving(void *user) {
    NnRunner *r = user;
    return atomic_load(&r->quit);
}

void runner_warn(const NnError *warning, void *user) {
    NnRunner *r = user;
    text_copy(r->state.message, sizeof r->state.message, warning->message);
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

void runner_publish(NnRunner *r) {
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

void runner_enter(NnRunner *r, NnRunnerPhase phase) {
    r->state.phase = phase;
    r->mode = phase == NN_RUNNER_RUNNING ? r->mode : MODE_WAIT;
    if (r->trainer != NULL) {
        bool over =
            phase == NN_RUNNER_DONE || phase == NN_RUNNER_STOPPED || phase == NN_RUNNER_FAILED;
        publish_weights(r, over ? nn_trainer_model(r->trainer) : nn_trainer_newest(r->trainer));
    }
    runner_publish(r);
}

void runner_fail(NnRunner *r, const NnError *error) {
    r->state.error = *error;
    text_copy(r->state.message, sizeof r->state.message, error->message);
    runner_enter(r, NN_RUNNER_FAILED);
}

static void on_progress(const NnProgress *progress, void *user) {
    NnRunner *r = user;
    if (!progress->epoch_done) { // an epoch's end has more to tell, see end_epoch
        if (clock_s() - r->weights_s >= WEIGHTS_SHARE * r->weights_cost_s) {
            publish_weights(r, nn_trainer_newest(r->trainer));
        }
        runner_publish(r);
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

void runner_count_dead_units(NnRunner *r) {
    double begin = clock_s();
    NnDataset sample = sample_of(r);
    if (sample.n > 0) {
        dead_units_count(r->units, nn_trainer_newest(r->trainer), &sample, &r->state.dead_units,
                         &r->state.hidden_units);
    }
    r->units_s = clock_s();
    r->units_cost_s = r->units_s - begin;
}

void runner_sample(NnRunner *r) {
    double begin = clock_s();
    NnMeasure measure;
    if (nn_trainer_measure(r->trainer, SAMPLE, &measure, runner_interrupted, r)) {
        show_measure(r, &measure, measure.n == r->state.n_validation);
    }
    r->sampled_s = clock_s();
    r->sample_cost_s = r->sampled_s - begin;
}

// --- training ------------------------------------------------------------------------------------

static void add_point(NnRunner *r) {
    NnProgress p = nn_trainer_progress(r->trainer);
    int stride = (p.steps + POINTS_A_EPOCH - 1) / POINTS_A_EPOCH;
    size_t halved = history_count(r->points) / POINTS_KEPT;
    stride = stride << (halved < 16 ? halved : 16);
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

static void add_epoch(NnRunner *r, const NnEpochRecord *record, bool best, const uint8_t *answers) {
    const NnMeasure *v = &record->validation;
    NnEpochPoint point = {
        .epoch = record->epoch,
        .train_loss = (float)record->train_loss,
        .train_accuracy = (float)record->train_accuracy,
        .val_loss = v->n > 0 ? (float)v->loss : NAN,
        .val_accuracy = v->n > 0 ? (float)v->accuracy : NAN,
        .best = best,
    };
    for (int c = 0; c < NN_CLASSES; c++) {
        point.class_accuracy[c] = v->n > 0 ? (float)r->state.class_accuracy[c] : NAN;
        for (int answer = 0; answer < NN_CLASSES; answer++) {
            point.confusion[c][answer] = v->n > 0 ? v->confusion[c][answer] : 0;
        }
    }
    // The answers first: who sees the epoch may ask for them.
    History *kept = atomic_load_explicit(&r->answers, memory_order_relaxed);
    size_t row;
    bool keeps = answers != NULL && runner_answers_row(history_count(r->epochs), &row);
    if (!keeps || history_add(kept, answers)) {
        (void)history_add(r->epochs, &point);
    }
}

static void end_epoch(NnRunner *r) {
    const NnEpochRecord *record = nn_trainer_record(r->trainer);
    if (record->validation.n > 0) {
        show_measure(r, &record->validation, true);
    }
    // One thread counts while the others wait: not after each of the epochs of a small network.
    if (r->mode != MODE_TRAIN || nn_trainer_finished(r->trainer) ||
        clock_s() - r->units_s >= UNITS_SHARE * r->units_cost_s) {
        runner_count_dead_units(r);
    }
    add_epoch(r, record, nn_trainer_progress(r->trainer).best_epoch == record->epoch,
              nn_trainer_validation_answers(r->trainer));
    snapshots_keep(r->snapshots, r->trainer);
    r->state.epochs_kept = record->epoch;
    r->sampled_s = clock_s();
    publish_weights(r, nn_trainer_newest(r->trainer));
    runner_publish(r);
}

static void finish(NnRunner *r) {
    NnError err = {0};
    if (nn_run_end(r->run, NN_OK, &(NnObserver){.should_stop = runner_leaving, .user = r}, &err) !=
        NN_OK) {
        runner_warn(&err, r); // the network is there, only its file is not
    }
    runner_enter(r, NN_RUNNER_DONE);
}

void runner_stop(NnRunner *r) {
    NnStatus ended = nn_run_end(r->run, NN_ERR_CANCELLED, NULL, NULL);
    NN_ASSERT(ended == NN_ERR_CANCELLED);
    runner_enter(r, NN_RUNNER_STOPPED);
}

// One batch, and the end of the epoch or of the run where it comes to that.
void runner_train(NnRunner *r) {
    // A single batch is done whatever order follows it.
    bool single = r->mode == MODE_ONE_BATCH;
    NnObserver observer = {.on_progress = on_progress,
                           .should_stop = single ? runner_leaving : runner_interrupted,
                           .user = r};
    uint64_t before = trainer_state(r->trainer).position.steps_done;
    NnError err = {0};
    NnStatus status = nn_run_step(r->run, &observer, &err);
    if (trainer_state(r->trainer).position.steps_done > before) {
        add_point(r);
    }
    if (status == NN_ERR_CANCELLED) {
        return; // by an order, which is next
    }
    if (status != NN_OK) {
        NnStatus ended = nn_run_end(r->run, status, NULL, &err);
        NN_ASSERT(ended != NN_OK);
        runner_fail(r, &err);
        return;
    }
    bool epoch_done = nn_trainer_progress(r->trainer).epoch_done;
    if (epoch_done) {
        end_epoch(r);
    }
    if (nn_trainer_finished(r->trainer)) {
        finish(r);
    } else if (r->mode == MODE_ONE_BATCH || (r->mode == MODE_ONE_EPOCH && epoch_done)) {
        runner_enter(r, NN_RUNNER_PAUSED);
    } else if (!epoch_done && r->mode == MODE_TRAIN &&
               clock_s() - r->sampled_s > fmax(SAMPLE_EVERY_S, SAMPLE_SHARE * r->sample_cost_s)) {
        runner_sample(r);
    }
}

// --- taking up -----------------------------------------------------------------------------------

// A row of the predictions' file with anything in it that is no class is as good as none.
static void check_answers(uint8_t *row, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (row[i] >= NN_CLASSES) {
            memset(row, RUN_ANSWER_UNKNOWN, n);
            return;
        }
    }
}

// The curves, the answers and the newest figures of a run that is taken up.
void runner_recall(NnRunner *r) {
    size_t n, n_validation = r->state.n_validation, n_bytes = 0;
    NnEpochRecord *records = nn_run_records(r->folder, &n, NULL);
    char path[RUN_PATH_SIZE];
    run_path(path, r->folder, RUN_VALIDATION);
    unsigned char *answers =
        n_validation > 0 ? file_read(path, SIZE_MAX - 1, &n_bytes, NULL) : NULL;
    double best_score = (double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        const NnEpochRecord *record = &records[i];
        size_t row = (size_t)record->epoch - 1;
        NnTrainPoint point = {.epoch = record->epoch,
                              .loss = (float)record->train_loss,
                              .accuracy = (float)record->train_accuracy,
                              .learning_rate = (float)record->learning_rate};
        (void)history_add(r->points, &point);
        if (record->validation.n > 0) {
            show_measure(r, &record->validation, true);
            r->state.measured_epoch = record->epoch;
        }
        double score = nn_trainer_score(&r->recipe, &record->validation);
        bool best = record->validation.n > 0 && score < best_score;
        best_score = best ? score : best_score;
        if (n_validation == 0) {
            add_epoch(r, record, best, NULL);
        } else if ((row + 1) * n_validation <= n_bytes) {
            check_answers(answers + row * n_validation, n_validation);
            add_epoch(r, record, best, answers + row * n_validation);
        }
        r->state.epochs_kept = record->epoch;
    }
    mem_free(answers);
    mem_free(records);
}
