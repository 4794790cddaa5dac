// signals.h - SIGINT and SIGTERM as something that long work asks for; SIGPIPE as a failed write.
//
// No handler ever runs: the signals are blocked and looked up between steps. The kernels of
// oneDNN 2.6 move the stack pointer into their own data, so a handler's frame would be written over
// the heap (a loop of dnnl_sgemm under an interval timer ends in "corrupted size vs. prev_size").
// Only commands that ask between steps block them: the others die of a signal as programs do, and
// the window leaves them to SDL. A second signal ends the process at once.

#ifndef INKLING_CLI_SIGNALS_H
#define INKLING_CLI_SIGNALS_H

#include <stdbool.h>

void signals_ignore_pipe(void); // a reader that went away shows up as EPIPE
void signals_catch(void);       // before any other thread is started: they inherit it

int signals_caught(void);                // number of the signal, 0: none. Main thread
bool signals_should_stop(void *ignored); // an NnObserver's should_stop

#endif
