// workspace.c - the memory of a forward or training pass: one block, cut up once.
//
// Laid out by a cursor that runs twice: with no block to count, then with it to hand out pointers.

#include <string.h>

#include "base/alloc.h"
#include "nn/model_impl.h"
#include "nn/transpose.h"

typedef struct {
    float *block; // NULL while counting
    size_t used;
} Cursor;

static float *take(Cursor *cursor, size_t rows, size_t columns) {
    float *place = cursor->block != NULL ? cursor->block + cursor->used : NULL;
    cursor->used += (rows * columns + 15) / 16 * 16; // cache lines
    return place;
}

// The backward pass reads ReLU's slope from the sign of its output, unless a residual hides it.
static bool needs_slope(const NnLayer *layer) {
    return layer->activation != NN_ACT_NONE &&
           (layer->activation != NN_ACT_RELU || layer->residual);
}

// Its dropout, too: what was dropped is zero.
static bool needs_mask(const NnLayer *layer) {
    return layer->dropout > 0.0f && (layer->activation != NN_ACT_RELU || layer->residual);
}

enum { TURNED_MAX_OUTPUTS = 64, TURNED_MIN_ROWS = 16 };

bool workspace_turns(const NnLayer *layer, int B) {
    return B >= TURNED_MIN_ROWS && layer->n_out <= TURNED_MAX_OUTPUTS &&
           layer->n_out % TRANSPOSE_STRIP == 0;
}

static size_t lay_out(NnWorkspace *work, Cursor cursor) {
    size_t rows = (size_t)work->max_batch, widest = NN_PIXELS, turned = 0;
    work->inputs = take(&cursor, rows, NN_PIXELS);
    for (int i = 0; i < work->arch.n_layers; i++) {
        const NnLayer *layer = &work->arch.layers[i];
        size_t O = (size_t)layer->n_out;
        size_t n_weights = O * (size_t)layer->n_in;
        widest = O > widest ? O : widest;
        if (workspace_turns(layer, work->max_batch) && n_weights > turned) {
            turned = n_weights;
        }
        work->output[i] = take(&cursor, rows, O);
        if (work->training && needs_slope(layer)) {
            work->slope[i] = take(&cursor, rows, O);
        }
        if (work->training && needs_mask(layer)) {
            work->mask[i] = take(&cursor, rows, O);
        }
    }
    size_t delta_rows = work->training ? rows : 1;
    work->delta = take(&cursor, delta_rows, widest);
    work->delta_other = take(&cursor, delta_rows, widest);
    work->turned = take(&cursor, 1, turned);
    return cursor.used;
}

NnWorkspace *nn_workspace_new(const NnModel *model, int max_batch, bool training, NnError *err) {
    NN_ASSERT(max_batch >= 1);
    NnWorkspace *work = mem_new(1, sizeof *work);
    if (work != NULL) {
        work->arch = model->arch;
        work->max_batch = max_batch;
        work->training = training;
        size_t n = lay_out(work, (Cursor){.block = NULL});
        work->block = mem_new_aligned(n, sizeof *work->block);
        if (work->block != NULL) {
            memset(work->block, 0, n * sizeof *work->block);
            lay_out(work, (Cursor){.block = work->block});
            return work;
        }
    }
    nn_fail(err, NN_ERR_NOMEM, "not enough memory to run a network on %d pictures at a time",
            max_batch);
    nn_workspace_free(work);
    return NULL;
}

void nn_workspace_free(NnWorkspace *work) {
    if (work != NULL) {
        mem_free(work->block);
        mem_free(work);
    }
}

const float *nn_workspace_activation(const NnWorkspace *work, int layer) {
    NN_ASSERT(layer >= 0 && layer < work->arch.n_layers);
    return work->output[layer];
}

bool workspace_fits(const NnWorkspace *work, const NnModel *model) {
    const NnArch *own = &work->arch, *other = &model->arch;
    bool fits = own->n_layers == other->n_layers;
    for (int i = 0; fits && i < own->n_layers; i++) {
        fits =
            own->layers[i].n_out == other->layers[i].n_out &&
            (!work->training || (needs_slope(&own->layers[i]) == needs_slope(&other->layers[i]) &&
                                 needs_mask(&own->layers[i]) == needs_mask(&other->layers[i])));
    }
    return fits;
}
