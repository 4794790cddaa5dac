#include "train/evaluator.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/trainer.h"

enum {
    BATCHES_A_WORKER = 2, // between two looks at should_stop: a fifth of a second for a large CNN
};

struct Evaluator {
    Workers *workers;
    // The run in progress, read by the workers.
    const NnModel *model;
    const NnDataset *data;
    float *logits;
    size_t first_batch;
    NnWorkspace *work[]; // one a worker
};

Evaluator *evaluator_new(const NnModel *model, Workers *workers, NnError *err) {
    int n = workers_count(workers);
    Evaluator *evaluator = mem_new(1, sizeof *evaluator + (size_t)n * sizeof(NnWorkspace *));
    if (evaluator == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for an evaluation on %d threads", n);
        return NULL;
    }
    evaluator->workers = workers;
    for (int i = 0; i < n; i++) {
        evaluator->work[i] = nn_workspace_new(model, EVALUATOR_BATCH, false, err);
        if (evaluator->work[i] == NULL) {
            evaluator_free(evaluator);
            return NULL;
        }
    }
    return evaluator;
}

void evaluator_free(Evaluator *evaluator) {
    if (evaluator != NULL) {
        for (int i = 0; i < workers_count(evaluator->workers); i++) {
            nn_workspace_free(evaluator->work[i]);
        }
        mem_free(evaluator);
    }
}

static void evaluate_batch(void *user, int piece, int worker) {
    const Evaluator *e = user;
    size_t first = (e->first_batch + (size_t)piece) * EVALUATOR_BATCH;
    size_t left = e->data->n - first;
    size_t n = left < EVALUATOR_BATCH ? left : EVALUATOR_BATCH;
    const float *logits =
        nn_forward_bytes(e->model, e->work[worker], e->data->images + first * NN_PIXELS, (int)n);
    memcpy(e->logits + first * NN_CLASSES, logits, n * NN_CLASSES * sizeof *logits);
}

bool evaluator_run(Evaluator *e, const NnModel *model, const NnDataset *data, float *logits,
                   bool (*should_stop)(void *user), void *user) {
    e->model = model;
    e->data = data;
    e->logits = logits;
    size_t n_batches = (data->n + EVALUATOR_BATCH - 1) / EVALUATOR_BATCH;
    size_t at_once = (size_t)workers_count(e->workers) * BATCHES_A_WORKER;
    for (e->first_batch = 0; e->first_batch < n_batches; e->first_batch += at_once) {
        if (should_stop != NULL && should_stop(user)) {
            return false;
        }
        size_t left = n_batches - e->first_batch;
        workers_run(e->workers, evaluate_batch, e, (int)(left < at_once ? left : at_once));
    }
    return true;
}

NnStatus nn_evaluate(const NnModel *model, const NnDataset *data, int threads, float *logits,
                     bool (*should_stop)(void *user), void *user, NnError *err) {
    Workers *workers = workers_new(threads, err);
    if (workers == NULL) {
        return NN_ERR_NOMEM;
    }
    NnStatus status = NN_ERR_NOMEM;
    Evaluator *evaluator = evaluator_new(model, workers, err);
    if (evaluator != NULL) {
        status = evaluator_run(evaluator, model, data, logits, should_stop, user)
                     ? NN_OK
                     : nn_fail(err, NN_ERR_CANCELLED, "the evaluation was cancelled");
    }
    evaluator_free(evaluator);
    workers_free(workers);
    return status;
}
