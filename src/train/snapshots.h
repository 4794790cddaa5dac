// snapshots.h - the trainer's state after past epochs, in memory, to go back to and to look at.
//
// Within a limit of bytes: when it is reached every second epoch is let go, so that what is left
// is spread evenly.
//
// Thread: one keeps, restores and drops; any may ask for weights. The lock covers the look in the
// table, not the copying.

#ifndef NN_TRAIN_SNAPSHOTS_H
#define NN_TRAIN_SNAPSHOTS_H

#include "train/trainer_state.h"

typedef struct Snapshots Snapshots;

Snapshots *snapshots_new(size_t limit_bytes); // NULL: out of memory
void snapshots_free(Snapshots *snapshots);    // NULL is fine; nobody may be asking

// Keeps the trainer's state under the epoch it is at, which is over. Without memory for it the epoch
// is one of those that are not kept.
void snapshots_keep(Snapshots *snapshots, NnTrainer *trainer);

// False when that epoch is not kept. The trainer may have another recipe for the same layers than the
// one that was kept: what that one did not have (an average, another optimiser's state) starts fresh.
bool snapshots_restore(const Snapshots *snapshots, NnTrainer *trainer, int epoch);
int snapshots_nearest(const Snapshots *snapshots, int epoch); // kept, up to epoch; 0: none
void snapshots_drop_after(Snapshots *snapshots, int epoch);

// The weights that were validated after an epoch, (n) floats. False when they are not kept.
bool snapshots_weights(Snapshots *snapshots, int epoch, float *weights, size_t n);

#endif
