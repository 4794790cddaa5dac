// defer.c - the gradient of wide dense layers' weights, some rows at a time.
//
// It is a product of two small matrices, dW (O, I) = dz' (O, B) x (B, I), and larger than the caches. Written to memory by
// one thread and read back by another for the optimiser, it costs as much as the optimiser's own state; made when the optimiser
// wants it, a few rows at a time, it never leaves the second-level cache. A row is computed by itself, so the bits are
// those of the whole product.

#include "nn/gemv.h"
#include "nn/grad.h"
#include "nn/kernels.h"
#include "nn/model_impl.h"

// 1.8 MB a shard. With less, gradients stay in the caches and the larger product is the faster one.
enum { DEFERRED_MIN_WEIGHTS = 450000, STEP = 16 };

bool workspace_may_defer(const NnArch *arch, int i) {
    const NnLayer *layer = &arch->layers[i];
    return layer->kind == NN_LAYER_DENSE && !layer->residual && i < arch->n_layers - 1 &&
           (size_t)layer->n_in * (size_t)layer->n_out >= DEFERRED_MIN_WEIGHTS;
}

bool nn_arch_defers(const NnArch *arch) {
    bool any = false;
    for (int i = 0; i < arch->n_layers; i++) {
        any = any || workspace_may_defer(arch, i);
    }
    return any;
}

int nn_workspace_defer(NnWorkspace *work, const NnModel *model, NnDeferred *list) {
    NN_ASSERT(work->training && workspace_fits(work, model));
    int n = 0;
    for (int i = 0; i < work->arch.n_layers; i++) {
        const NnLayer *layer = &work->arch.layers[i];
        work->deferred[i] = work->bf16.weights == NULL && workspace_may_defer(&work->arch, i);
        if (work->deferred[i]) {
            list[n++] = (NnDeferred){
                .layer = i,
                .offset = model->layout.weight_offset[i],
                .O = layer->n_out,
                .I = layer->n_in,
                .step = i == 0 && work->sparse != NULL
                            ? sparse_columns(workspace_sparse(&work->arch))
                            : STEP,
            };
        }
    }
    return n;
}

void nn_grad_rows(const NnModel *model, NnWorkspace *work, const float *inputs, int B, int layer,
                  int first, int rows, float *gradient) {
    NN_ASSERT(work->deferred[layer]);
    kernels_thread_begin();
    LayerView v = layer_view(model, work, layer, inputs);
    int O = v.shape->n_out, I = v.shape->n_in;
    const float *dz = work->delta[layer] + first;
    if (workspace_is_sparse(work, layer)) {
        sparse_gradient(&work->sparse, 1, gradient, first, rows);
    } else if (B == 1) {
        outer_product(gradient, dz, v.in, rows, I);
    } else {
        kernels_gemm(true, false, rows, I, B, dz, O, v.in, I, 0.0f, gradient, I);
    }
}

bool nn_grad_rows_together(NnWorkspace *const *works, int n, int layer, int first, int rows,
                           float *gradient) {
    Sparse *shards[SPARSE_SHARDS_MAX];
    NN_ASSERT(n >= 1 && n <= SPARSE_SHARDS_MAX);
    for (int i = 0; i < n; i++) {
        NN_ASSERT(works[i]->deferred[layer]);
        shards[i] = works[i]->sparse;
        if (!workspace_is_sparse(works[i], layer)) {
            return false;
        }
    }
    sparse_gradient(shards, n, gradient, first, rows);
    return true;
}
