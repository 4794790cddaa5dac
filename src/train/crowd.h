// crowd.h - how many threads of a group had better rest, because other processes want their cores.
//
// Threads that wait for each other after every piece all stand still when one of them loses its
// core: beside one busy process two threads on two cores are slower than one of them alone. So when
// the scheduler has taken more from the group than a thread is worth, one rests, which leaves its
// core to the others; later it is tried again, ever more rarely while that fails.
//
//     Crowd crowd;
//     crowd_init(&crowd, 2);
//     resting = crowd_note(&crowd, clock_ns(), ns_the_threads_were_ready_and_not_running);
//
// Reads no clock itself. Thread: one at a time.

#ifndef NN_TRAIN_CROWD_H
#define NN_TRAIN_CROWD_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int threads, resting;
    bool trying;                  // with one more than rested before
    uint64_t window_ns, taken_ns; // when this window began, and what was taken in it
    uint64_t rest_ns, pause_ns;   // when the last rest began, and how long it is to be
} Crowd;

void crowd_init(Crowd *crowd, int threads);

// taken_ns: since the last call, all threads together. Returns how many should rest; one never does.
int crowd_note(Crowd *crowd, uint64_t now_ns, uint64_t taken_ns);

#endif
