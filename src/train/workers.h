// workers.h - threads of our own that share out the pieces of one job after another.
//
// A training step is two or three short jobs of a few pieces each, so handing a job over has to
// cost microseconds: workers spin for a moment before they sleep. OpenMP's pool spins for ever and
// collapses beside another busy process; here, while others want the cores, some workers rest
// (train/crowd.h). Which worker takes which piece is left to chance, so pieces must not depend on
// it; the caller works along.
//
//     Workers *workers = workers_new(4, err);
//     workers_run(workers, grad_piece, &step, n_shards);   // returns when all pieces are done
//
// Thread: one caller at a time.

#ifndef NN_TRAIN_WORKERS_H
#define NN_TRAIN_WORKERS_H

#include "base/gate.h"
#include "nn/error.h"

typedef struct Workers Workers;

// worker: 0 .. workers_count - 1, for scratch memory of its own.
typedef void (*WorkerFunction)(void *user, int piece, int worker);

// n_threads counts the caller, 0: all cores. Where the system has fewer threads to give, the count
// is smaller; NULL only when out of memory.
Workers *workers_new(int n_threads, NnError *err);
void workers_free(Workers *workers); // NULL is fine; no job may be running

// While the gate is shut, one thread at least leaves its core to whoever shut it, and the others do
// its pieces: they would only wait for one whose core is taken away in the middle of a piece. Before
// the first job; borrowed until workers_free; NULL: none.
void workers_watch(Workers *workers, Gate *gate);

int workers_count(const Workers *workers);

// function(user, piece, worker) for every piece 0 .. n_pieces - 1. What the pieces wrote is visible
// to the caller afterwards.
void workers_run(Workers *workers, WorkerFunction function, void *user, int n_pieces);

#endif
