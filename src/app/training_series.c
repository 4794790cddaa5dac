// The curves of a run. The runner's series goes on after a rewind; here it becomes what a chart
// shows: the branch under way from its first step, and what was left behind.
#include <math.h>
#include <string.h>

#include "app/training.h"
#include "base/alloc.h"

enum { FIRST_CAPACITY = 16384, FIRST_EPOCHS = 256 };

static bool path_room(TrainPath *path) {
    if (path->n < path->capacity) {
        return true;
    }
    size_t capacity = path->capacity > 0 ? path->capacity * 2 : FIRST_CAPACITY;
    float **columns[] = {&path->epoch, &path->loss, &path->smooth, &path->accuracy, &path->rate};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        float *grown = mem_resize(*columns[i], capacity, sizeof *grown);
        if (grown == NULL) {
            return false; // the curve ends here; the run does not
        }
        *columns[i] = grown;
    }
    path->capacity = capacity;
    return true;
}

static void path_release(TrainPath *path) {
    mem_free(path->epoch);
    mem_free(path->loss);
    mem_free(path->smooth);
    mem_free(path->accuracy);
    mem_free(path->rate);
    memset(path, 0, sizeof *path);
}

static void path_copy(TrainPath *to, const TrainPath *from, size_t i) {
    if (path_room(to)) {
        size_t n = to->n++;
        to->epoch[n] = from->epoch[i];
        to->loss[n] = from->loss[i];
        to->smooth[n] = from->smooth[i];
        to->accuracy[n] = from->accuracy[i];
        to->rate[n] = from->rate[i];
    }
}

static void path_gap(TrainPath *path) {
    if (path->n > 0 && path_room(path)) {
        size_t n = path->n++;
        path->epoch[n] = path->loss[n] = path->smooth[n] = NAN;
        path->accuracy[n] = path->rate[n] = NAN;
    }
}

static void epochs_add(TrainEpochs *epochs, const NnEpochPoint *point) {
    if (epochs->n == epochs->capacity) {
        size_t capacity = epochs->capacity > 0 ? epochs->capacity * 2 : FIRST_EPOCHS;
        const NnEpochPoint **grown =
            mem_resize(epochs->points, capacity, sizeof *grown); // NOLINT: of pointers
        if (grown == NULL) {
            return;
        }
        epochs->points = grown;
        epochs->capacity = capacity;
    }
    epochs->points[epochs->n++] = point;
}

static void cut_epochs(Training *training, int last) {
    TrainEpochs *epochs = &training->epochs;
    size_t kept = epochs->n;
    while (kept > 0 && epochs->points[kept - 1]->epoch > last) {
        kept--;
    }
    for (size_t i = kept; i < epochs->n; i++) {
        epochs_add(&training->left_epochs, epochs->points[i]);
    }
    epochs->n = kept;
}

// What lies beyond epoch is left behind.
static void cut_back(Training *training, double epoch) {
    TrainPath *path = &training->path;
    const double nearly = 1e-6;
    size_t keep = path->n;
    while (keep > 0 && (double)path->epoch[keep - 1] > epoch + nearly) {
        keep--;
    }
    if (keep < path->n) {
        path_gap(&training->left);
        for (size_t i = keep > 0 ? keep - 1 : 0; i < path->n; i++) { // joined to where it parts
            path_copy(&training->left, path, i);
        }
        path->n = keep;
    }
    cut_epochs(training, (int)floor(epoch + nearly));
}

// An average over about a fifteenth of an epoch, so that a curve of ten epochs still shows its
// bends.
static float smoothing(const Training *training) {
    double points = fmin(fmax(training->state.progress.steps, 1), 4096);
    double span = fmin(fmax(points / 15, 5), 80);
    return (float)(1 - 1 / span);
}

static void add_point(Training *training, const NnTrainPoint *point, float keep) {
    TrainPath *path = &training->path;
    if (path->n > 0 && point->epoch <= (double)path->epoch[path->n - 1]) {
        cut_back(training, point->epoch - 1e-5);
    }
    if (!path_room(path)) {
        return;
    }
    size_t n = path->n++;
    // A run that is taken up begins with one point an epoch: nothing to average over.
    const double gap = 0.2;
    bool alone = n == 0 || point->epoch - (double)path->epoch[n - 1] > gap;
    if (alone) {
        path->averaged_from = n;
    }
    // At the start the average is over what there is.
    float count = n > path->averaged_from ? (float)(n - path->averaged_from) : 0;
    float have = fminf(keep, count / (count + 1));
    float before = n > 0 ? path->smooth[n - 1] : point->loss;
    float before_accuracy = n > 0 ? path->accuracy[n - 1] : 100 * point->accuracy;
    path->epoch[n] = (float)point->epoch;
    path->loss[n] = point->loss;
    path->smooth[n] = isfinite(before) ? have * before + (1 - have) * point->loss : point->loss;
    path->accuracy[n] = have * before_accuracy + (1 - have) * 100 * point->accuracy;
    path->rate[n] = point->learning_rate;
}

static void examine(Training *training) {
    size_t n = training->epochs.n;
    arena_reset(&training->scratch);
    float *train = arena_take(&training->scratch, n + 1, sizeof *train);
    float *val = arena_take(&training->scratch, n + 1, sizeof *val);
    if (train != NULL && val != NULL) {
        for (size_t i = 0; i < n; i++) {
            train[i] = training->epochs.points[i]->train_loss;
            val[i] = training->epochs.points[i]->val_loss;
        }
        DoctorSeries series = {.step_loss = training->path.loss,
                               .n_steps = training->path.n,
                               .train_loss = train,
                               .val_loss = val,
                               .n_epochs = n,
                               .dead_units = training->state.dead_units,
                               .hidden_units = training->state.hidden_units};
        training->verdict = doctor_examine(&series);
        (void)doctor_say(&training->verdict, training->advice, sizeof training->advice);
    }
}

void training_take_series(Training *training) {
    bool rewound = training->state.branch != training->seen_branch;
    bool more_epochs = false;
    training->seen_branch = training->state.branch;
    size_t epochs = nn_runner_epoch_count(training->runner);
    size_t points = nn_runner_point_count(training->runner);
    float keep = smoothing(training);
    for (; training->seen_points < points; training->seen_points++) { // of the old branch first
        if (rewound && training->seen_points == training->state.branch_points) {
            cut_back(training, training->state.branch_epoch);
        }
        add_point(training, nn_runner_point(training->runner, training->seen_points), keep);
    }
    for (; training->seen_epochs < epochs; training->seen_epochs++) {
        const NnEpochPoint *point = nn_runner_epoch(training->runner, training->seen_epochs);
        cut_epochs(training, point->epoch - 1);
        epochs_add(&training->epochs, point);
        more_epochs = true;
    }
    if (rewound && points == training->state.branch_points) {
        cut_back(training, training->state.branch_epoch);
    }
    if (rewound || more_epochs || training->state.phase == NN_RUNNER_RUNNING) {
        examine(training);
    }
}

void training_forget_series(Training *training) {
    training->path.n = training->left.n = 0;
    training->epochs.n = training->left_epochs.n = 0;
    training->seen_points = training->seen_epochs = 0;
    training->seen_branch = 0;
    training->verdict = (DoctorVerdict){0};
    training->advice[0] = '\0';
}

void training_release_series(Training *training) {
    path_release(&training->path);
    path_release(&training->left);
    mem_free(training->epochs.points);
    mem_free(training->left_epochs.points);
    training->epochs = training->left_epochs = (TrainEpochs){0};
}
