#include "train/snapshots.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/thread.h"

typedef struct {
    atomic_int holders; // the table, and whoever is copying
    TrainerPosition position;
    size_t n, n_optim;
    bool has_average, has_best;
    NnOptimKind optimiser;
    float *values; // model, average, best, optimiser, one after the other
} Snapshot;

struct Snapshots {
    size_t limit, used; // bytes
    int stride;         // only epochs that are a multiple of it are kept
    Mutex mutex;        // guards the table
    Snapshot **table;   // (n) in the order of their epochs
    size_t n, room;
};

static void let_go(Snapshot *snapshot) {
    if (snapshot != NULL && atomic_fetch_sub(&snapshot->holders, 1) == 1) {
        mem_free(snapshot->values);
        mem_free(snapshot);
    }
}

static size_t count_of(const Snapshot *s) {
    return s->n * (1u + s->has_average + s->has_best) + s->n_optim;
}

Snapshots *snapshots_new(size_t limit_bytes) {
    Snapshots *s = mem_new(1, sizeof *s);
    if (s != NULL) {
        s->limit = limit_bytes;
        s->stride = 1;
        mutex_init(&s->mutex);
    }
    return s;
}

void snapshots_free(Snapshots *s) {
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->n; i++) {
        let_go(s->table[i]);
    }
    mutex_release(&s->mutex);
    mem_free(s->table);
    mem_free(s);
}

// Takes entry i out of the table.
static void drop(Snapshots *s, size_t i) {
    mutex_lock(&s->mutex);
    Snapshot *gone = s->table[i];
    s->n--;
    memmove(&s->table[i], &s->table[i + 1], (s->n - i) * sizeof *s->table);
    mutex_unlock(&s->mutex);
    s->used -= count_of(gone) * sizeof(float);
    let_go(gone);
}

void snapshots_drop_after(Snapshots *s, int epoch) {
    while (s->n > 0 && s->table[s->n - 1]->position.epoch > epoch) {
        drop(s, s->n - 1);
    }
}

// Doubles the stride until bytes more have room, or nothing is left.
static void make_room(Snapshots *s, size_t bytes) {
    while (s->used + bytes > s->limit && s->n > 0) {
        s->stride *= 2;
        for (size_t i = s->n; i-- > 0;) {
            if (s->table[i]->position.epoch % s->stride != 0) {
                drop(s, i);
            }
        }
    }
}

static Snapshot *copy_of(const TrainerState *state, NnOptimKind optimiser) {
    Snapshot *copy = mem_new(1, sizeof *copy);
    if (copy == NULL) {
        return NULL;
    }
    atomic_init(&copy->holders, 1);
    copy->position = state->position;
    copy->n = state->n;
    copy->n_optim = state->n_optim;
    copy->has_average = state->average != NULL;
    copy->has_best = state->best != NULL;
    copy->optimiser = optimiser;
    copy->values = mem_new_aligned(count_of(copy), sizeof(float));
    if (copy->values == NULL) {
        mem_free(copy);
        return NULL;
    }
    float *at = copy->values;
    const float *const blocks[] = {state->model, state->average, state->best};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        if (blocks[i] != NULL) {
            memcpy(at, blocks[i], copy->n * sizeof(float));
            at += copy->n;
        }
    }
    memcpy(at, state->optim, copy->n_optim * sizeof(float));
    return copy;
}

void snapshots_keep(Snapshots *s, NnTrainer *trainer) {
    TrainerState state = trainer_state(trainer);
    int epoch = state.position.epoch;
    snapshots_drop_after(s, epoch - 1);
    size_t bytes =
        (state.n * (1u + (state.average != NULL) + (state.best != NULL)) + state.n_optim) *
        sizeof(float);
    if (epoch % s->stride == 0) {
        make_room(s, bytes);
    }
    if (s->used + bytes > s->limit || epoch % s->stride != 0) {
        return;
    }
    if (s->n == s->room) {
        // Grown aside: a reader may be looking at the old one.
        size_t room = s->room > 0 ? 2 * s->room : 64;
        Snapshot **table = mem_new(room, sizeof *table), **old = s->table;
        if (table == NULL) {
            return;
        }
        mutex_lock(&s->mutex);
        if (s->n > 0) {
            memcpy(table, old, s->n * sizeof *table);
        }
        s->table = table;
        s->room = room;
        mutex_unlock(&s->mutex);
        mem_free(old);
    }
    Snapshot *copy = copy_of(&state, nn_trainer_recipe(trainer)->optimiser);
    if (copy != NULL) {
        mutex_lock(&s->mutex);
        s->table[s->n++] = copy;
        mutex_unlock(&s->mutex);
        s->used += bytes;
    }
}

static Snapshot *find(const Snapshots *s, int epoch) {
    for (size_t i = 0; i < s->n; i++) {
        if (s->table[i]->position.epoch == epoch) {
            return s->table[i];
        }
    }
    return NULL;
}

bool snapshots_restore(const Snapshots *s, NnTrainer *trainer, int epoch) {
    const Snapshot *kept = find(s, epoch);
    if (kept == NULL) {
        return false;
    }
    TrainerState state = trainer_state(trainer);
    TrainerPosition position = kept->position;
    NN_ASSERT(kept->n == state.n);
    size_t bytes = state.n * sizeof(float);
    const float *model = kept->values;
    const float *newest = model + (kept->has_average ? state.n : 0);
    const float *best = newest + state.n, *optim = best + (kept->has_best ? state.n : 0);
    memcpy(state.model, model, bytes);
    if (state.average != NULL) {
        memcpy(state.average, newest, bytes);
    }
    if (nn_trainer_recipe(trainer)->patience > 0 && position.best_epoch > 0) {
        // Without the best weights the best is looked for from here on.
        position.best_epoch = kept->has_best ? position.best_epoch : position.epoch;
        memcpy(trainer_best_block(trainer), kept->has_best ? best : newest, bytes);
    }
    if (kept->n_optim == state.n_optim && trainer_takes_optimiser(trainer, kept->optimiser)) {
        memcpy(state.optim, optim, state.n_optim * sizeof(float));
    } else if (state.n_optim > 0) {
        memset(state.optim, 0, state.n_optim * sizeof(float));
    }
    position.step = nn_trainer_progress(trainer).steps; // batches may be of another size
    position.steps_done = (uint64_t)position.epoch * (uint64_t)position.step;
    trainer_move(trainer, &position);
    return true;
}

int snapshots_nearest(const Snapshots *s, int epoch) {
    int nearest = 0;
    for (size_t i = 0; i < s->n && s->table[i]->position.epoch <= epoch; i++) {
        nearest = s->table[i]->position.epoch;
    }
    return nearest;
}

bool snapshots_weights(Snapshots *s, int epoch, float *weights, size_t n) {
    mutex_lock(&s->mutex);
    Snapshot *kept = find(s, epoch);
    if (kept != NULL) {
        atomic_fetch_add(&kept->holders, 1);
    }
    mutex_unlock(&s->mutex);
    bool fits = kept != NULL && kept->n == n;
    if (fits) {
        memcpy(weights, kept->values + (kept->has_average ? n : 0), n * sizeof(float));
    }
    let_go(kept);
    return fits;
}
