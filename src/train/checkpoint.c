#include "train/checkpoint.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "nn/safetensors.h"

enum {
    ROW = 16,                   // floats; blocks are padded to whole rows
    FILE_FLOATS_MAX = 63 << 20, // a little under the reader's 256 MiB
    BLOCKS = 4,
    EXACT_DIGITS = 17, // of a double
};

static const char RUN_KEY[] = "run_sha256", POSITION_KEY[] = "position";

// A block of the trainer and its name in the file; values is NULL where the trainer has none.
typedef struct {
    const char *name;
    float *values;
    size_t n;
} Block;

static void list_blocks(const TrainerState *state, Block *blocks) {
    blocks[0] = (Block){"model", state->model, state->n};
    blocks[1] = (Block){"average", state->average, state->n};
    blocks[2] = (Block){"best", state->best, state->n};
    blocks[3] = (Block){"optimiser", state->n_optim > 0 ? state->optim : NULL, state->n_optim};
}

NnStatus checkpoint_fits(NnTrainer *trainer, NnError *err) {
    TrainerState state = trainer_state(trainer);
    bool stops_early = nn_trainer_recipe(trainer)->patience > 0;
    size_t n = state.n * (1u + (state.average != NULL) + stops_early) + state.n_optim;
    if (n <= FILE_FLOATS_MAX) {
        return NN_OK;
    }
    NnStatus status = nn_fail(err, NN_ERR_USAGE,
                              "a run of \"%s\" cannot be kept: its checkpoint would have %zu MiB, "
                              "the limit is 252",
                              nn_trainer_recipe(trainer)->name, n / (1 << 18));
    nn_error_hint(err, "train it without a run folder");
    return status;
}

// --- the counters --------------------------------------------------------------------------------

// JSON has no infinity and no NaN; each of these has only one of the two to be.
static json_t *real_or_null(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static char *position_text(const TrainerPosition *p) {
    json_t *object =
        json_pack("{s:i, s:i, s:b, s:o, s:I, s:I, s:o, s:o, s:o, s:i, s:o}", "epoch", p->epoch,
                  "step", p->step, "epoch_done", p->epoch_done, "loss", real_or_null(p->loss),
                  "correct", (json_int_t)p->correct, "labelled", (json_int_t)p->labelled,
                  "val_loss", real_or_null(p->val_loss), "val_accuracy",
                  real_or_null(p->val_accuracy), "best_score", real_or_null(p->best_score),
                  "best_epoch", p->best_epoch, "seconds", real_or_null(p->seconds));
    char *text = object != NULL
                     ? json_text_make(object, JSON_COMPACT | JSON_REAL_PRECISION(EXACT_DIGITS))
                     : NULL;
    json_decref(object);
    return text;
}

static bool read_count(const json_t *object, const char *key, uint64_t limit, uint64_t *out) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return false;
    }
    *out = (uint64_t)json_integer_value(value);
    return *out <= limit;
}

static bool read_real(const json_t *object, const char *key, double missing, double *out) {
    const json_t *value = json_object_get(object, key);
    *out = json_is_number(value) ? json_number_value(value) : missing;
    return json_is_number(value) || json_is_null(value);
}

// Every counter within what this trainer can have reached.
static bool read_position(const json_t *object, const NnTrainer *trainer, TrainerPosition *p) {
    NnProgress plan = nn_trainer_progress(trainer);
    uint64_t epoch, step, best_epoch, samples = trainer_sample_count(trainer);
    const json_t *epoch_done = json_object_get(object, "epoch_done");
    bool whole = json_is_object(object) && json_is_boolean(epoch_done) &&
                 read_count(object, "epoch", (uint64_t)plan.epochs, &epoch) &&
                 read_count(object, "step", (uint64_t)plan.steps, &step) &&
                 read_count(object, "best_epoch", epoch, &best_epoch) &&
                 read_count(object, "labelled", samples, &p->labelled) &&
                 read_count(object, "correct", p->labelled, &p->correct) &&
                 read_real(object, "loss", (double)NAN, &p->loss) &&
                 read_real(object, "val_loss", (double)NAN, &p->val_loss) &&
                 read_real(object, "val_accuracy", (double)NAN, &p->val_accuracy) &&
                 read_real(object, "best_score", (double)INFINITY, &p->best_score) &&
                 read_real(object, "seconds", 0.0, &p->seconds);
    if (!whole || isnan(p->loss) || p->seconds < 0) {
        return false;
    }
    p->epoch = (int)epoch;
    p->step = (int)step;
    p->best_epoch = (int)best_epoch;
    p->epoch_done = json_is_true(epoch_done);
    p->steps_done = epoch > 0 ? (epoch - 1) * (uint64_t)plan.steps + step : 0;
    return (epoch > 0 || (step == 0 && !p->epoch_done)) &&
           (!p->epoch_done || step == (uint64_t)plan.steps);
}

// The end of an epoch of a run whose batches may have been of another size.
static bool adopt_position(const json_t *object, const NnTrainer *trainer, TrainerPosition *p) {
    json_t *moved = json_copy((json_t *)(uintptr_t)object);
    NnProgress plan = nn_trainer_progress(trainer);
    bool whole = moved != NULL && json_is_true(json_object_get(object, "epoch_done")) &&
                 json_object_set_new(moved, "step", json_integer(plan.steps)) == 0 &&
                 read_position(moved, trainer, p);
    json_decref(moved);
    return whole;
}

// --- saving --------------------------------------------------------------------------------------

NnStatus checkpoint_save(NnTrainer *trainer, const char *path, const char *run_sha256,
                         NnError *err) {
    TrainerState state = trainer_state(trainer);
    Block blocks[BLOCKS];
    list_blocks(&state, blocks);
    char *position = position_text(&state.position);
    NnTensor *tensors = mem_new(BLOCKS, sizeof *tensors);
    NnStatus status;
    if (position == NULL || tensors == NULL) {
        status = nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for a checkpoint");
    } else {
        size_t n = 0;
        for (size_t i = 0; i < BLOCKS; i++) {
            if (blocks[i].values != NULL) {
                NnTensor *tensor = &tensors[n++];
                *tensor = (NnTensor){.rank = 2,
                                     .shape = {blocks[i].n / ROW, ROW},
                                     .count = blocks[i].n,
                                     .data = blocks[i].values};
                memcpy(tensor->name, blocks[i].name, strlen(blocks[i].name) + 1);
            }
        }
        const NnMetaPair meta[] = {
            {"format", "inkling checkpoint"}, {RUN_KEY, run_sha256}, {POSITION_KEY, position}};
        status = nn_tensors_write(path, tensors, n, meta, sizeof meta / sizeof meta[0], err);
    }
    mem_free(tensors);
    mem_free(position);
    return status;
}

// --- loading -------------------------------------------------------------------------------------

static NnStatus refuse(const char *path, const char *what, NnError *err) {
    NnStatus status = nn_fail_file(err, NN_ERR_FORMAT, path, -1, "%s", what);
    nn_error_hint(err, "remove the file to begin the run again, or copy one of epochs/ over it");
    return status;
}

static bool fits(const NnTensor *tensor, size_t n) {
    return tensor != NULL && tensor->count == n;
}

static NnStatus put(NnTrainer *trainer, const NnTensorFile *file, const char *path, bool own,
                    TrainerPosition *position, NnError *err) {
    TrainerState state = trainer_state(trainer);
    const NnRecipe *recipe = nn_trainer_recipe(trainer);
    const NnTensor *model = nn_tensors_find(file, "model"),
                   *average = nn_tensors_find(file, "average"),
                   *best = nn_tensors_find(file, "best"),
                   *optim = nn_tensors_find(file, "optimiser");
    bool needs_best = recipe->patience > 0 && position->best_epoch > 0;
    bool has_average = fits(average, state.n), has_best = fits(best, state.n);
    bool has_optim = state.n_optim == 0 || fits(optim, state.n_optim);
    if (!fits(model, state.n) || (own && ((state.average != NULL && !has_average) ||
                                          (needs_best && !has_best) || !has_optim))) {
        return refuse(path, "does not hold the weights and the state that this network needs", err);
    }
    size_t bytes = state.n * sizeof(float);
    memcpy(state.model, model->data, bytes);
    if (state.average != NULL) {
        memcpy(state.average, has_average ? average->data : model->data, bytes);
    }
    if (needs_best && has_best) {
        memcpy(trainer_best_block(trainer), best->data, bytes);
    } else if (needs_best) { // its best weights are gone: the best is looked for from here on
        position->best_epoch = position->epoch;
        memcpy(trainer_best_block(trainer), has_average ? average->data : model->data, bytes);
    }
    if (state.n_optim > 0 && has_optim) {
        memcpy(state.optim, optim->data, state.n_optim * sizeof(float));
    } else if (state.n_optim > 0) {
        memset(state.optim, 0, state.n_optim * sizeof(float));
    }
    trainer_move(trainer, position);
    return NN_OK;
}

NnStatus checkpoint_load(NnTrainer *trainer, const char *path, const char *run_sha256,
                         NnError *err) {
    NnError cause = {0};
    NnTensorFile *file = nn_tensors_read(path, &cause);
    if (file == NULL) {
        if (err != NULL) {
            *err = cause;
        }
        if (cause.status == NN_ERR_FORMAT) {
            nn_error_hint(err,
                          "remove the file to begin the run again, or copy one of epochs/ over it");
        }
        return cause.status;
    }
    const char *run = nn_tensors_meta(file, RUN_KEY), *text = nn_tensors_meta(file, POSITION_KEY);
    bool no_memory = false, own = run_sha256 != NULL;
    json_t *counters =
        text != NULL ? json_text_parse(text, strlen(text), JSON_REJECT_DUPLICATES, NULL, &no_memory)
                     : NULL;
    TrainerPosition position;
    NnStatus status;
    if (no_memory) {
        status = nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to read it");
    } else if (own && (run == NULL || strcmp(run, run_sha256) != 0)) {
        status = refuse(path, "is a checkpoint of another run, or of other settings", err);
    } else if (own ? !read_position(counters, trainer, &position)
                   : !adopt_position(counters, trainer, &position)) {
        status = refuse(path, "does not say where in the run it was made", err);
    } else {
        status = put(trainer, file, path, own, &position, err);
    }
    json_decref(counters);
    nn_tensors_free(file);
    return status;
}
