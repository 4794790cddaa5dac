// run_find.h - the pictures a run held out, by the identity it keeps of itself.

#ifndef NN_TRAIN_RUN_FIND_H
#define NN_TRAIN_RUN_FIND_H

#include "train/run_config.h"

// The validation split as a data set of its own: its hashes are made of the training set's, the seed
// and the number of pictures, which is all it follows from. n is 0 where nothing was held out.
void run_validation_data(const RunIdentity *identity, RunData *validation);

// Rows of the training set, in the order of the split. NULL: out of memory. Free with mem_free.
uint32_t *run_validation_rows(const RunIdentity *identity, NnError *err);

// What a weight file says of its making: "recipe", "seed", "settings", "validation", "fold" and the
// hashes of its data. NN_ERR_NOT_FOUND where it says too little. err may be NULL.
NnStatus run_identity_of_notes(const NnModel *model, RunIdentity *identity,
                               NnError *err) NN_MUST_CHECK;

#endif
