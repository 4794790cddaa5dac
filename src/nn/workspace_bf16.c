// workspace_bf16.c - what a workspace needs besides to multiply in bf16.

#include <string.h>

#include "base/alloc.h"
#include "nn/arch_shape.h"
#include "nn/grad.h"
#include "nn/model_impl.h"

static bool multiplies(const NnLayer *layer) {
    return layer->kind == NN_LAYER_DENSE || layer->kind == NN_LAYER_CONV;
}

// Whether a layer that multiplies takes the output of this one; -1: the picture.
static bool feeds_product(const NnArch *arch, int layer) {
    for (int i = 0; i < arch->n_layers; i++) {
        if (multiplies(&arch->layers[i]) && arch_source(arch, i) == layer) {
            return true;
        }
    }
    return false;
}

// Hands out one buffer of (max_batch, row) after the other; with block NULL it counts.
static Bf16 *take(Bf16 *block, size_t *used, const NnWorkspace *work, size_t row) {
    Bf16 *place = block != NULL ? block + *used : NULL;
    *used += ((size_t)work->max_batch * row + 31) / 32 * 32; // cache lines
    return place;
}

static size_t lay_out(NnWorkspace *work, Bf16 *block) {
    WorkspaceBf16 *own = &work->bf16;
    const NnArch *arch = &work->arch;
    size_t used = 0, widest = 0;
    if (feeds_product(arch, -1)) {
        own->inputs = take(block, &used, work, NN_PIXELS);
    }
    for (int i = 0; i < arch->n_layers; i++) {
        size_t O = (size_t)arch->layers[i].n_out;
        if (feeds_product(arch, i)) {
            own->output[i] = take(block, &used, work, O);
        }
        if (multiplies(&arch->layers[i]) && O > widest) {
            widest = O;
        }
    }
    own->dz = take(block, &used, work, widest);
    return used;
}

static bool new_kernels(NnWorkspace *work) {
    for (int i = 0; i < work->arch.n_layers; i++) {
        const NnLayer *layer = &work->arch.layers[i];
        if (layer->kind == NN_LAYER_DENSE) {
            work->bf16.kernels[i] =
                kernels_bf16_dense_new(layer->n_in, layer->n_out, work->max_batch);
        } else if (layer->kind == NN_LAYER_CONV) {
            KernelsConvShape shape = workspace_conv_shape(work, i);
            work->bf16.kernels[i] = kernels_bf16_conv_new(&shape, work->max_batch);
        }
        if (multiplies(layer) && work->bf16.kernels[i] == NULL) {
            return false;
        }
    }
    return true;
}

NnStatus nn_workspace_use_bf16(NnWorkspace *work, const Bf16 *weights, NnError *err) {
    NN_ASSERT(work->training && work->bf16.weights == NULL);
    size_t n = lay_out(work, NULL);
    work->bf16.block = mem_new_aligned(n, sizeof *work->bf16.block);
    if (work->bf16.block == NULL || !new_kernels(work)) {
        workspace_bf16_release(&work->bf16);
        return nn_fail(err, NN_ERR_NOMEM, "not enough memory to train in bf16");
    }
    memset(work->bf16.block, 0, n * sizeof *work->bf16.block);
    lay_out(work, work->bf16.block);
    for (int i = 0; i < NN_LAYERS_MAX; i++) { // the ones in f32 are of no more use
        kernels_conv_free(work->conv[i]);
        work->conv[i] = NULL;
    }
    sparse_free(work->sparse);
    work->sparse = NULL;
    work->bf16.weights = weights;
    return NN_OK;
}

void workspace_bf16_release(WorkspaceBf16 *own) {
    for (int i = 0; i < NN_LAYERS_MAX; i++) {
        kernels_bf16_free(own->kernels[i]);
    }
    mem_free(own->block);
    *own = (WorkspaceBf16){0};
}
