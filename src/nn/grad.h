// grad.h - loss and gradient of one shard, and the optimiser step. What the trainer is made of.
//
// Private to the engine. Letters as in model.h.

#ifndef NN_NN_GRAD_H
#define NN_NN_GRAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "nn/bf16.h"
#include "nn/model.h"
#include "nn/recipe.h"

typedef struct {
    double loss;     // sum over the shard's samples, nats
    size_t correct;  // answered rightly as seen (dropout and augmentation included)
    size_t labelled; // samples that have a right answer
} NnShardResult;

// Label of a picture that is no digit: all classes are equally right.
enum { NN_LABEL_NONE = 255 };

// What teachers answer to the shard's pictures (distillation: Hinton, Vinyals, Dean, 2015). The loss
// of a labelled sample becomes (1 - weight) times the one of its label plus weight * T^2 times the
// divergence of the softmax of logits / T from the teachers', which T^2 keeps as steep whatever T
// is. As a divergence it is 0 for a student that answers as they do; its gradient is that of the
// cross-entropy. A sample without a label keeps its own target.
typedef struct {
    const float *probabilities; // (B, 10) at this temperature
    const float *weights;       // (B) 0..1; of a sample without a label not asked
    float temperature;
} NnSoftTargets;

// From now on this training workspace multiplies in bf16, and is good for nn_grad_shard alone. To be
// called once. weights: the model's trained parameters rounded, nn_model_trained_count() of them,
// kept true by the caller. Borrowed.
NnStatus nn_workspace_use_bf16(NnWorkspace *work, const Bf16 *weights, NnError *err) NN_MUST_CHECK;

// Forward pass with dropout, softmax cross-entropy on logits, backward pass, for B rows of inputs
// (B, 784) and labels (B). gradient (same layout as the parameters) is overwritten with the sum
// over rows of d loss / d parameter times scale (1 / samples of the whole minibatch). work is a
// training workspace. Batch normalisation takes its statistics from these rows alone. Row i's dropout
// mask depends on (seed, first_sample + i) alone. soft: NULL for labels alone. Penalties are not
// part of it. Thread: one workspace a thread.
NnShardResult nn_grad_shard(const NnModel *model, NnWorkspace *work, const float *inputs,
                            const uint8_t *labels, int B, float scale, float label_smoothing,
                            const NnSoftTargets *soft, uint64_t seed, uint64_t first_sample,
                            float *gradient);

// --- weights' gradients that are never stored ------------------------------------------------------

typedef struct {
    int layer;
    size_t offset; // of its weights (O, I) in the parameter block
    int O, I;
    int step; // rows are made in multiples of it
} NnDeferred;

// Whether a network has such layers.
bool nn_arch_defers(const NnArch *arch);

// From now on nn_grad_shard leaves out of the gradient, and does not touch there, the weights of
// wide dense layers; nn_grad_rows makes them from what the workspace still has of the shard. Returns
// how many layers those are, into a list of NN_LAYERS_MAX. None in bf16.
int nn_workspace_defer(NnWorkspace *work, const NnModel *model, NnDeferred *list);

// gradient (rows, I) = rows first .. first + rows - 1 of a deferred layer's, the same bits as
// nn_grad_shard's without deferring; first is a multiple of its step. B and inputs are the shard's, the
// last of this workspace. Threads may share the workspace for it.
void nn_grad_rows(const NnModel *model, NnWorkspace *work, const float *inputs, int B, int layer,
                  int first, int rows, float *gradient);

// The same of n shards' workspaces at once, added up in their order, where that takes less than each
// by itself: of pictures on much paper. False: it does not, nothing is written. The sum may differ from
// the shards' rows added in its last bits, but not with who asks and how rows are cut.
bool nn_grad_rows_together(NnWorkspace *const *works, int n, int layer, int first, int rows,
                           float *gradient);

// --- optimiser -----------------------------------------------------------------------------------

typedef struct {
    NnOptimKind kind;
    float momentum, beta1, beta2, epsilon;
    float weight_decay, l1,
        l2; // l2: gradient += 2 * l2 * w, as paper 004 adds lambda * sum w^2 to the loss
} NnOptim;

size_t nn_optim_state_count(NnOptimKind kind); // floats of state per parameter: 0, 1 or 2

// One step over parameters first .. first + n - 1: sums the n_shards gradients in shard order,
// scales by grad_scale (clipping; 1 otherwise), adds the penalties where is_weight, updates state
// and parameters in one pass. step counts from 1. Ranges may run on different threads; the result
// does not depend on how the range was cut.
void nn_optim_range(const NnOptim *optim, float learning_rate, uint64_t step, float grad_scale,
                    float *params, float *state, size_t state_stride, const float *const *gradients,
                    int n_shards, size_t first, size_t n, int is_weight);

// The running averages of batch normalisation, first .. first + n - 1: a step towards the batch
// statistics that the shards' gradients hold there, added in shard order.
void nn_optim_statistics(float *params, const float *const *gradients, int n_shards, size_t first,
                         size_t n);

#endif
