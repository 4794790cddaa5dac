// The curves of a run. The runner's series goes on after a rewind; here it becomes what a chart
// shows: the branch under way from its first step, and what was left behind.
#include <math.h>
#include <string.h>

#include "app/training.h"
#include "base/alloc.h"

enum { FIRST_CAPACITY = 16384, FIRST_EPOCHS = 256 };

static const TrainStep GAP = {NAN, NAN, NAN, NAN, NAN};

// Without memory for it the curve ends here; the run does not.
static void path_add(TrainPath *path, const TrainStep *step) {
    if (path->n == path->capacity) {
        size_t capacity = path->capacity > 0 ? path->capacity * 2 : FIRST_CAPACITY;
        TrainStep *grown = mem_resize(path->steps, capacity, sizeof *grown);
        if (grown == NULL) {
            return;
        }
        path->steps = grown;
        path->capacity = capacity;
    }
    path->steps[path->n++] = *step;
    (void)train_bins_add(&path->bins, step);
}

static void path_cut(TrainPath *path, size_t n) {
    path->n = n;
    train_bins_clear(&path->bins);
    for (size_t i = 0; i < n; i++) {
        (void)train_bins_add(&path->bins, &path->steps[i]);
    }
}

static void path_release(TrainPath *path) {
    mem_free(path->steps);
    train_bins_release(&path->bins);
    memset(path, 0, sizeof *path);
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
    TrainPath *path = &training->path, *left = &training->left;
    const double nearly = 1e-6;
    size_t keep = path->n;
    while (keep > 0 && (double)path->steps[keep - 1].epoch > epoch + nearly) {
        keep--;
    }
    if (keep < path->n) {
        if (left->n > 0) {
            path_add(left, &GAP);
        }
        for (size_t i = keep > 0 ? keep - 1 : 0; i < path->n; i++) { // joined to where it parts
            path_add(left, &path->steps[i]);
        }
        path_cut(path, keep);
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
    if (path->n > 0 && point->epoch <= (double)path->steps[path->n - 1].epoch) {
        cut_back(training, point->epoch - 1e-5);
    }
    const TrainStep *before = path->n > 0 ? &path->steps[path->n - 1] : NULL;
    // A run that is taken up begins with one point an epoch: nothing to average over.
    const double gap = 0.2;
    if (before == NULL || point->epoch - (double)before->epoch > gap) {
        path->averaged_from = path->n;
    }
    // At the start the average is over what there is.
    float count = path->n > path->averaged_from ? (float)(path->n - path->averaged_from) : 0;
    float have = fminf(keep, count / (count + 1));
    float loss = before != NULL ? before->smooth : point->loss;
    float accuracy = before != NULL ? before->accuracy : 100 * point->accuracy;
    TrainStep step = {
        .epoch = (float)point->epoch,
        .loss = point->loss,
        .smooth = isfinite(loss) ? have * loss + (1 - have) * point->loss : point->loss,
        .accuracy = have * accuracy + (1 - have) * 100 * point->accuracy,
        .rate = point->learning_rate,
    };
    path_add(path, &step);
}

static void examine(Training *training) {
    const TrainPath *path = &training->path;
    size_t n = training->epochs.n;
    arena_reset(&training->scratch);
    float *train = arena_take(&training->scratch, n + 1, sizeof *train);
    float *val = arena_take(&training->scratch, n + 1, sizeof *val);
    float *steps = arena_take(&training->scratch, path->n + 1, sizeof *steps);
    if (train != NULL && val != NULL && steps != NULL) {
        for (size_t i = 0; i < path->n; i++) {
            steps[i] = path->steps[i].loss;
        }
        for (size_t i = 0; i < n; i++) {
            train[i] = training->epochs.points[i]->train_loss;
            val[i] = training->epochs.points[i]->val_loss;
        }
        DoctorSeries series = {.step_loss = steps,
                               .n_steps = path->n,
                               .train_loss = train,
                               .val_loss = val,
                               .n_epochs = n,
                               .dead_units = training->state.dead_units,
                               .hidden_units = training->state.hidden_units};
        training->verdict = doctor_examine(&series);
        (void)doctor_say(&training->verdict, training->advice, sizeof training->advice);
    }
}

void training_take_series(Training *training, double now_ms) {
    const double examine_every_ms = 500; // he looks at every step
    bool rewound = training->state.branch != training->seen_branch;
    bool more_epochs = false, no_number = false, more = false;
    training->seen_branch = training->state.branch;
    size_t epochs = nn_runner_epoch_count(training->runner);
    size_t points = nn_runner_point_count(training->runner);
    float keep = smoothing(training);
    for (; training->seen_points < points; training->seen_points++) { // of the old branch first
        if (rewound && training->seen_points == training->state.branch_points) {
            cut_back(training, training->state.branch_epoch);
        }
        const NnTrainPoint *point = nn_runner_point(training->runner, training->seen_points);
        add_point(training, point, keep);
        no_number = no_number || !isfinite(point->loss);
        more = true;
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
    bool due = training->state.phase != NN_RUNNER_RUNNING || now_ms < training->examined_ms ||
               now_ms - training->examined_ms >= examine_every_ms;
    if (rewound || more_epochs || no_number || (more && due)) {
        training->examined_ms = now_ms;
        examine(training);
    }
}

void training_forget_series(Training *training) {
    path_cut(&training->path, 0);
    path_cut(&training->left, 0);
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
