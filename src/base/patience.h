// patience.h - how long to wait for threads of one's own on a machine that has other things to do.
//
// Seconds on the clock say nothing where other programs come first: a thread that gets a tenth of a
// core is late, not stuck. So patience runs out only after so many seconds in which the other
// threads of the process have not worked at all; and the wait itself leaves them the processor.
//
//     Patience patience = patience_begin(120);
//     while (!done()) {
//         if (patience_is_over(&patience)) { ... }
//         patience_sleep(&patience);
//     }

#ifndef NN_BASE_PATIENCE_H
#define NN_BASE_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    double seconds;
    double since_s;  // nothing has been done since
    double worked_s; // by the other threads up to then
    uint32_t sleep_ms;
} Patience;

Patience patience_begin(double seconds);
bool patience_is_over(Patience *patience);

// A millisecond at first, longer and longer, a thirtieth of a second at most.
void patience_sleep(Patience *patience);

#endif
