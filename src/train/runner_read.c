// The caller's side of a runner: nothing here waits for the thread that trains.

#include <string.h>

#include "train/run_files.h"
#include "train/run_log.h"
#include "train/runner_impl.h"

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

// The file with the weights of an epoch, in the folder of the branch it was trained in. False: that
// one is kept nowhere.
static bool epoch_path(NnRunner *r, int epoch, char *path, size_t size) {
    mutex_lock(&r->mutex);
    size_t i = runner_stretch_of(r, epoch);
    const char *folder = i < r->n_stretches ? r->stretches[i].path : NULL;
    if (folder != NULL) {
        run_epoch_path(path, size, folder, epoch, false);
    }
    mutex_unlock(&r->mutex);
    return folder != NULL;
}

static bool load_epoch(const char *path, NnModel *model) {
    NnModel *kept = nn_model_load(path, NULL);
    bool fits = kept != NULL && nn_model_block_count(kept) == nn_model_block_count(model);
    if (fits) {
        memcpy(nn_model_params(model), nn_model_params_const(kept),
               nn_model_block_count(model) * sizeof(float));
    }
    nn_model_free(kept);
    return fits;
}

bool nn_runner_epoch_weights(NnRunner *r, int epoch, NnModel *model) {
    size_t n = nn_model_block_count(model);
    char path[RUN_PATH_SIZE];
    if (epoch < 0 || epoch > r->shown->epochs_kept) {
        return false;
    }
    if (epoch == 0) {
        const float *start = atomic_load(&r->start);
        bool fits = start != NULL && n == r->n_floats;
        if (fits) {
            memcpy(nn_model_params(model), start, n * sizeof *start);
        }
        return fits;
    }
    return snapshots_weights(r->snapshots, epoch, nn_model_params(model), n) ||
           (epoch_path(r, epoch, path, sizeof path) && load_epoch(path, model));
}

bool runner_answers_row(size_t item, size_t *row) {
    const size_t whole = 2048;
    size_t level = 0, offset = item;
    while (offset >= whole << level) {
        offset -= whole << level;
        level++;
    }
    *row = level * whole + (offset >> level);
    return offset % ((size_t)1 << level) == 0;
}

// Backwards: an epoch that a rewind has dropped is followed by one that is no later, or lies above
// what is kept.
bool runner_epoch_item(const NnRunner *r, int epochs_kept, int epoch, size_t *item) {
    int below = epochs_kept + 1;
    for (size_t i = history_count(r->epochs); i-- > 0 && below > epoch;) {
        int here = ((const NnEpochPoint *)history_at(r->epochs, i))->epoch;
        below = here < below ? here : below;
        if (below == epoch) {
            *item = i;
            return true;
        }
    }
    return false;
}

const uint8_t *nn_runner_epoch_answers(NnRunner *r, int epoch, size_t *n) {
    const NnRunnerState *state = r->shown;
    History *answers = atomic_load(&r->answers);
    *n = state->n_validation;
    size_t item, at;
    bool kept = answers != NULL && *n > 0 &&
                runner_epoch_item(r, state->epochs_kept, epoch, &item) &&
                runner_answers_row(item, &at);
    const uint8_t *row = kept ? history_at(answers, at) : NULL;
    return row != NULL && row[0] != RUN_ANSWER_UNKNOWN ? row : NULL;
}

const NnDataset *nn_runner_validation(const NnRunner *r) {
    return atomic_load(&r->has_validation) ? &r->validation : NULL;
}
