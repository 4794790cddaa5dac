// workspace.c - the memory of a forward or training pass: one block, cut up once.
//
// Laid out by a cursor that runs twice: with no block to count, then with it to hand out pointers.

#include <string.h>

#include "base/alloc.h"
#include "nn/arch_shape.h"
#include "nn/batch_norm.h"
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

// Its dropout, too: what was dropped is zero. Dropping whole channels wants the factors in between.
static bool needs_mask(const NnLayer *layer, NnShape out) {
    return layer->dropout > 0.0f &&
           (layer->activation != NN_ACT_RELU || layer->residual || out.height * out.width > 1);
}

enum { TURNED_MAX_OUTPUTS = 64, TURNED_MIN_ROWS = 16 };

bool workspace_turns(const NnLayer *layer, int B) {
    return layer->kind == NN_LAYER_DENSE && B >= TURNED_MIN_ROWS &&
           layer->n_out <= TURNED_MAX_OUTPUTS && layer->n_out % TRANSPOSE_STRIP == 0;
}

enum { LONG_ROW = 1024, FEW_ROWS = 64 };

bool workspace_turns_input(const NnLayer *layer, int B) {
    return layer->kind == NN_LAYER_DENSE && B >= TURNED_MIN_ROWS && B <= FEW_ROWS &&
           layer->n_in >= LONG_ROW;
}

// Floats in NnWorkspace's turned, for any number of rows up to max_batch.
static size_t turned_size(const NnLayer *layer, int max_batch) {
    int few = max_batch < FEW_ROWS ? max_batch : FEW_ROWS;
    size_t O = (size_t)layer->n_out, I = (size_t)layer->n_in, rows = (size_t)few;
    size_t weights = workspace_turns(layer, max_batch) ? O * I : 0;
    size_t inputs = workspace_turns_input(layer, few) ? layout_padded(rows * I) + rows * O : 0;
    return weights > inputs ? weights : inputs;
}

static bool is_sum(const NnLayer *layer) {
    return layer->from > 0 || layer->add > 0 || (layer->residual && layer->kind != NN_LAYER_DENSE);
}

// Whether a layer's output is the input of the next layer and of nothing else.
static bool in_chain(const NnArch *arch, int layer) {
    int uses = 0;
    for (int i = layer + 1; i < arch->n_layers; i++) {
        uses += arch_source(arch, i) == layer;
        uses += arch->layers[i].add == layer + 1;
    }
    return uses == 1 && layer + 1 < arch->n_layers && arch_source(arch, layer + 1) == layer;
}

// Who writes where on the way back: see NnWorkspace.
static void place_deltas(NnWorkspace *work, Cursor *cursor, size_t rows) {
    const NnArch *arch = &work->arch;
    float *now = work->turn[0];
    work->delta[arch->n_layers - 1] = now;
    for (int i = arch->n_layers - 1; i >= 0; i--) {
        // A dense residual layer adds its input's gradient to its output's, in place.
        bool in_place = arch->layers[i].residual && !is_sum(&arch->layers[i]);
        now = work->delta[i];
        float *next = in_place ? now : (now == work->turn[0] ? work->turn[1] : work->turn[0]);
        if (i == 0) {
            work->delta_input = next;
        } else if (in_chain(arch, i - 1) && !(work->training && workspace_may_defer(arch, i - 1))) {
            work->delta[i - 1] = next;
        } else {
            NnShape shape = nn_arch_shape(arch, i - 1);
            work->delta[i - 1] = take(
                cursor, rows, (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width);
        }
    }
}

// What a layer of its kind needs besides its output.
static void place_layer(NnWorkspace *work, Cursor *cursor, int i) {
    const NnLayer *layer = &work->arch.layers[i];
    size_t rows = (size_t)work->max_batch, O = (size_t)layer->n_out;
    NnShape out = nn_arch_shape(&work->arch, i);
    work->output[i] = take(cursor, rows, O);
    if (work->training && needs_slope(layer)) {
        work->slope[i] = take(cursor, rows, O);
    }
    if (work->training && needs_mask(layer, out)) {
        work->mask[i] = take(cursor, rows, (size_t)out.channels);
    }
    if (layer->kind == NN_LAYER_MAX_POOL) {
        work->argmax[i] = (uint8_t *)take(cursor, rows, (O + 3) / 4);
    }
    if (layer->kind == NN_LAYER_BATCH_NORM) {
        work->norm[i] = take(cursor, NORM_ROWS, (size_t)out.channels);
    }
}

static size_t lay_out(NnWorkspace *work, Cursor cursor) {
    size_t rows = (size_t)work->max_batch, widest = NN_PIXELS, turned = 0, longest = 0;
    bool sums = false;
    work->inputs = take(&cursor, rows, NN_PIXELS);
    for (int i = 0; i < work->arch.n_layers; i++) {
        const NnLayer *layer = &work->arch.layers[i];
        size_t O = (size_t)layer->n_out;
        NnShape out = nn_arch_shape(&work->arch, i);
        size_t row = (size_t)out.width * (size_t)out.channels;
        widest = O > widest ? O : widest;
        longest = layer->kind != NN_LAYER_DENSE && row > longest ? row : longest;
        sums = sums || is_sum(layer);
        size_t room = turned_size(layer, work->max_batch);
        turned = room > turned ? room : turned;
        place_layer(work, &cursor, i);
    }
    size_t delta_rows = work->training ? rows : 1;
    work->turn[0] = take(&cursor, delta_rows, widest);
    work->turn[1] = take(&cursor, delta_rows, widest);
    place_deltas(work, &cursor, delta_rows);
    if (sums) {
        work->spare[0] = take(&cursor, delta_rows, widest);
        work->spare[1] = take(&cursor, delta_rows, widest);
    }
    work->zeros = take(&cursor, 1, longest);
    work->junk = take(&cursor, 1, longest);
    work->turned = take(&cursor, 1, turned);
    return cursor.used;
}

KernelsConvShape workspace_conv_shape(const NnWorkspace *work, int i) {
    const NnLayer *layer = &work->arch.layers[i];
    NnShape in = nn_arch_shape(&work->arch, arch_source(&work->arch, i));
    return (KernelsConvShape){
        .channels = in.channels,
        .height = in.height,
        .width = in.width,
        .out_channels = layer->channels,
        .kernel = layer->kernel,
        .stride = layer->stride,
        .padding = layer->padding,
    };
}

const SparseKernels *workspace_sparse(const NnArch *arch) {
    enum { MIN_OUTPUTS = 32 }; // with fewer, looking for ink takes as long as what it saves
    const NnLayer *first = &arch->layers[0];
    bool paper_is_zero = arch->input_mean == 0.0f;
    return paper_is_zero && first->kind == NN_LAYER_DENSE && first->n_out >= MIN_OUTPUTS
               ? sparse_kernels()
               : NULL;
}

static bool new_sparse(NnWorkspace *work) {
    const SparseKernels *kernels = work->training ? workspace_sparse(&work->arch) : NULL;
    if (kernels == NULL) {
        return true;
    }
    work->sparse = sparse_new(kernels, work->arch.layers[0].n_out, work->max_batch);
    return work->sparse != NULL;
}

static bool new_convolutions(NnWorkspace *work) {
    for (int i = 0; i < work->arch.n_layers; i++) {
        if (work->arch.layers[i].kind == NN_LAYER_CONV) {
            KernelsConvShape shape = workspace_conv_shape(work, i);
            work->conv[i] = kernels_conv_new(&shape, work->max_batch, work->training);
            if (work->conv[i] == NULL) {
                return false;
            }
        }
    }
    return true;
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
            if (new_convolutions(work) && new_sparse(work)) {
                return work;
            }
        }
    }
    nn_fail(err, NN_ERR_NOMEM, "not enough memory to run a network on %d pictures at a time",
            max_batch);
    nn_workspace_free(work);
    return NULL;
}

void nn_workspace_free(NnWorkspace *work) {
    if (work != NULL) {
        for (int i = 0; i < NN_LAYERS_MAX; i++) {
            kernels_conv_free(work->conv[i]);
        }
        workspace_bf16_release(&work->bf16);
        sparse_free(work->sparse);
        mem_free(work->block);
        mem_free(work);
    }
}

const float *nn_workspace_activation(const NnWorkspace *work, int layer) {
    NN_ASSERT(layer >= 0 && layer < work->arch.n_layers);
    return work->output[layer];
}

static bool alike(const NnLayer *a, const NnLayer *b) {
    return a->kind == b->kind && a->n_out == b->n_out && a->channels == b->channels &&
           a->kernel == b->kernel && a->stride == b->stride && a->padding == b->padding &&
           a->from == b->from && a->add == b->add;
}

bool workspace_fits(const NnWorkspace *work, const NnModel *model) {
    const NnArch *own = &work->arch, *other = &model->arch;
    bool fits = own->n_layers == other->n_layers;
    for (int i = 0; fits && i < own->n_layers; i++) {
        const NnLayer *a = &own->layers[i], *b = &other->layers[i];
        NnShape out = model->layout.out[i];
        fits = alike(a, b) && (!work->training || (needs_slope(a) == needs_slope(b) &&
                                                   needs_mask(a, out) == needs_mask(b, out)));
    }
    return fits;
}
