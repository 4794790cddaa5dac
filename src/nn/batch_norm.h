// batch_norm.h - normalising every channel to mean 0 and variance 1 (Ioffe and Szegedy, 2015).
//
// While training, mean and variance are those of the shard, not of the whole minibatch: shards are
// fixed by the batch size, so the bits do not depend on the number of threads, and no shard waits
// for another at every such layer ("ghost batches", Hoffer et al., 2017, who find them no worse).
// The running averages take one step a minibatch, towards the shards' mean in shard order.
//
// Letters: R rows (pictures times positions), C channels.

#ifndef NN_NN_BATCH_NORM_H
#define NN_NN_BATCH_NORM_H

#include <stddef.h>

#define BATCH_NORM_EPSILON 1e-5f // PyTorch's, as is
#define BATCH_NORM_MOMENTUM 0.1f // the share of a minibatch in the running averages

// What a layer keeps of a pass, rows of C floats: mean, variance, 1 / sd, then room for sums.
enum {
    NORM_MEAN,
    NORM_VARIANCE, // unbiased, as PyTorch averages it
    NORM_INVERSE,
    NORM_PART,
    NORM_OTHER_PART,
    NORM_TOTAL,                 // two rows of doubles
    NORM_ROWS = NORM_TOTAL + 5, // on a boundary of 8 bytes
};

// Mean, variance and 1 / sd of x (R, C) into norm.
void batch_norm_measure(float *norm, const float *x, size_t R, int C);

// The same from running averages.
void batch_norm_recall(float *norm, const float *mean, const float *variance, int C);

// y = (x - mean) / sd * weight + bias
void batch_norm_apply(float *y, const float *x, float *norm, const float *weight, const float *bias,
                      size_t R, int C);

// Through batch_norm_measure and _apply: dx may be dy.
void batch_norm_backward(float *dx, float *d_weight, float *d_bias, const float *dy, const float *x,
                         float *norm, const float *weight, size_t R, int C);

// Through batch_norm_recall and _apply: the averages are constants.
void batch_norm_backward_recalled(float *dx, const float *dy, const float *norm,
                                  const float *weight, size_t R, int C);

#endif
