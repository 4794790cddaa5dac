// gate.h - lets a thread that must not wait ask others to stand still for a moment.
//
// Shutting it takes nobody by surprise: who passes it now and then, between two pieces of work,
// stops there until it is open again.
//
//     gate_shut(&gate);  draw a frame;  gate_open(&gate);    // the one
//     gate_pass(&gate, &stop);                               // the others, now and then
//
// Thread: one shuts and opens, any number pass.

#ifndef NN_BASE_GATE_H
#define NN_BASE_GATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/thread.h"

typedef struct Gate {
    atomic_bool shut;
    Mutex mutex;
    Cond opened;
} Gate;

void gate_init(Gate *gate); // open
void gate_release(Gate *gate);

void gate_shut(Gate *gate);
void gate_open(Gate *gate);

bool gate_is_shut(Gate *gate);
// Waits, without using the processor, while it is shut and *stop is false.
void gate_pass(Gate *gate, const atomic_bool *stop);
void gate_wake(Gate *gate); // *stop has changed

#endif
