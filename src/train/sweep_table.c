// What came of the runs of a sweep, from their folders alone.

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "nn/sweep.h"

enum { PATH_SIZE = 4096 };

// Means over the classes of precision, recall and F1, 0 for a class where one is undefined, as
// nn_metrics_compute has them.
static void macro_figures(const NnMeasure *m, double *figure) {
    double precision = 0, recall = 0, f1 = 0;
    for (int c = 0; c < NN_CLASSES; c++) {
        double right = m->confusion[c][c], labelled = 0, answered = 0;
        for (int k = 0; k < NN_CLASSES; k++) {
            labelled += m->confusion[c][k];
            answered += m->confusion[k][c];
        }
        precision += answered > 0 ? right / answered : 0;
        recall += labelled > 0 ? right / labelled : 0;
        f1 += labelled + answered > 0 ? 2 * right / (labelled + answered) : 0;
    }
    figure[NN_SWEEP_TEST_PRECISION] = precision / NN_CLASSES;
    figure[NN_SWEEP_TEST_RECALL] = recall / NN_CLASSES;
    figure[NN_SWEEP_TEST_F1] = f1 / NN_CLASSES;
}

// The epoch whose network the run gave.
static const NnEpochRecord *given(const NnRunResult *result, const NnEpochRecord *records,
                                  size_t n) {
    bool best = strcmp(result->network, "best.safetensors") == 0;
    int epoch = best ? result->best_epoch : result->epochs;
    for (size_t i = n; i > 0; i--) {
        if (records[i - 1].epoch == epoch) {
            return &records[i - 1];
        }
    }
    return NULL;
}

static void tracked(const NnEpochRecord *records, size_t n, double *figure) {
    for (size_t i = 0; i < n; i++) {
        const NnMeasure *test = &records[i].test;
        if (test->n == 0) {
            continue;
        }
        if (!(test->loss >= figure[NN_SWEEP_LOWEST_LOSS])) { // the first one, too
            figure[NN_SWEEP_LOWEST_LOSS] = test->loss;
            figure[NN_SWEEP_LOWEST_EPOCH] = records[i].epoch;
            figure[NN_SWEEP_LOWEST_ACCURACY] = test->accuracy;
        }
        if (!(test->accuracy <= figure[NN_SWEEP_PEAK_ACCURACY])) {
            figure[NN_SWEEP_PEAK_ACCURACY] = test->accuracy;
        }
    }
}

void nn_sweep_outcome(NnSweepOutcome *outcome, const NnRunResult *result,
                      const NnEpochRecord *records, size_t n_records) {
    *outcome = (NnSweepOutcome){.state = result->state};
    double *figure = outcome->figure;
    for (int f = 0; f < NN_SWEEP_FIGURES; f++) {
        figure[f] = (double)NAN;
    }
    text_copy(outcome->message, sizeof outcome->message, result->message);
    outcome->epochs_done = n_records > 0 ? records[n_records - 1].epoch : 0;
    if (result->state != NN_RUN_DONE) {
        return;
    }
    figure[NN_SWEEP_EPOCHS] = result->epochs;
    figure[NN_SWEEP_SECONDS] = result->seconds;
    figure[NN_SWEEP_TEST_LOSS] = result->test_loss;
    figure[NN_SWEEP_TEST_ACCURACY] = result->test_accuracy;
    if (n_records > 0) {
        figure[NN_SWEEP_TRAIN_LOSS] = records[n_records - 1].train_loss;
        figure[NN_SWEEP_TRAIN_ACCURACY] = records[n_records - 1].train_accuracy;
    }
    const NnEpochRecord *record = given(result, records, n_records);
    if (record != NULL && record->validation.n > 0) {
        figure[NN_SWEEP_VAL_LOSS] = record->validation.loss;
        figure[NN_SWEEP_VAL_ACCURACY] = record->validation.accuracy;
    }
    if (record != NULL && record->test.n > 0) {
        macro_figures(&record->test, figure);
    }
    if (isfinite(result->test_f1)) {
        figure[NN_SWEEP_TEST_PRECISION] = result->test_precision;
        figure[NN_SWEEP_TEST_RECALL] = result->test_recall;
        figure[NN_SWEEP_TEST_F1] = result->test_f1;
    }
    tracked(records, n_records, figure);
}

static void broken(NnSweepOutcome *outcome, const NnError *cause) {
    static const NnRunResult failed = {.state = NN_RUN_FAILED};
    nn_sweep_outcome(outcome, &failed, NULL, 0);
    text_copy(outcome->message, sizeof outcome->message, cause->message);
}

void nn_sweep_look(const NnSweep *sweep, size_t i, const char *folder, NnSweepOutcome *outcome) {
    char path[PATH_SIZE];
    NnError err = {0};
    NnRunState state;
    NnRunConfig kept, wanted = nn_sweep_run_config(sweep, i);
    NnRunResult result = {0};
    int n = snprintf(path, sizeof path, "%s/%s", folder, sweep->runs[i].id);
    if (n < 0 || (size_t)n >= sizeof path) {
        nn_fail(&err, NN_ERR_USAGE, "the path of the run's folder is too long");
        broken(outcome, &err);
        return;
    }
    NnStatus status = nn_run_read(path, &state, &kept, &result, &err);
    if (status == NN_OK && state == NN_RUN_EMPTY) {
        result = (NnRunResult){.state = NN_RUN_EMPTY};
    } else if (status == NN_OK) {
        status = nn_run_same(path, &kept, &wanted, &err);
    }
    if (status != NN_OK) {
        broken(outcome, &err);
        return;
    }
    size_t n_records = 0;
    NnEpochRecord *records = nn_run_records(path, &n_records, &err);
    if (err.status != NN_OK) {
        broken(outcome, &err);
    } else {
        nn_sweep_outcome(outcome, &result, records, n_records);
    }
    mem_free(records);
}
