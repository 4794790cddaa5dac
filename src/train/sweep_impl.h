// sweep_impl.h - between sweep_read.c, which makes the configurations, and sweep.c, which makes the
// runs of them.

#ifndef NN_TRAIN_SWEEP_IMPL_H
#define NN_TRAIN_SWEEP_IMPL_H

#include "nn/sweep.h"

// Fills in runs from configs. NN_ERR_FORMAT where two runs would be the same one, or too many. path:
// for messages, or NULL.
NnStatus sweep_plan(NnSweep *sweep, const char *path, NnError *err) NN_MUST_CHECK;

#endif
