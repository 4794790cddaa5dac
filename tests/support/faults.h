// faults.h - runs an operation again and again while its first, second, third ... call fails.
//
// The idea is SQLite's: the failure of each single call is a loop, not a case somebody thought of.
// Leaks show in the sanitizer's report at the end.

#ifndef TEST_SUPPORT_FAULTS_H
#define TEST_SUPPORT_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "nn/error.h"

typedef NnStatus (*FaultOperation)(void *user, NnError *err);

// Memory: until the operation completes without meeting the fault. Each time it must succeed all
// the same or report NN_ERR_NOMEM with a message; then check (may be NULL) looks at what it left.
// Returns the number of faults met.
size_t fault_each_allocation(FaultOperation operation, void (*check)(void *user, NnStatus status),
                             void *user);

// The same for the system calls of base/file.h, with this errno; an operation that meets the fault
// may report NN_ERR_IO or NN_ERR_NOT_FOUND.
size_t fault_each_call(FaultOperation operation, void (*check)(void *user, NnStatus status),
                       void *user, int cause);

// Every call is made to work in small pieces: writes and reads of a few bytes, each call
// interrupted first. Returns the operation's status.
NnStatus fault_trickle(FaultOperation operation, void *user, NnError *err);

// The names of the calls an operation makes, in order: "open write fsync close rename open fsync
// close". What repeats is named once.
NnStatus fault_trace(FaultOperation operation, void *user, char *trace, size_t size);

#endif
