// checkpoint.h - a trainer's whole state in one safetensors file.
//
// "model", "average" and "best" are blocks of weights, "optimiser" the optimiser's state, each as
// rows of 16 floats; the counters are JSON in the metadata. It is one file on purpose: weights and
// state of different moments could not be told apart. The networks for other programs are files of
// their own.

#ifndef NN_TRAIN_CHECKPOINT_H
#define NN_TRAIN_CHECKPOINT_H

#include "train/trainer_state.h"

// Whether the file would be within the limits of its own reader; NN_ERR_USAGE when it would not.
NnStatus checkpoint_fits(NnTrainer *trainer, NnError *err) NN_MUST_CHECK;

// run_sha256 says whose checkpoint it is.
NnStatus checkpoint_save(NnTrainer *trainer, const char *path, const char *run_sha256,
                         NnError *err) NN_MUST_CHECK;

// Puts the trainer where the file says, or leaves it as it was. run_sha256 NULL: the checkpoint is
// another run's, of the same layers and split, at the end of an epoch; what that one did not have
// (an average, another optimiser's state) starts fresh.
NnStatus checkpoint_load(NnTrainer *trainer, const char *path, const char *run_sha256,
                         NnError *err) NN_MUST_CHECK;

#endif
