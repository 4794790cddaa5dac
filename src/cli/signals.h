// signals.h - SIGINT and SIGTERM as a flag that long work asks for; SIGPIPE as a failed write.
//
// Only commands that ask between steps install the handlers: the window leaves them to SDL. A
// second signal ends the process at once.

#ifndef INKLING_CLI_SIGNALS_H
#define INKLING_CLI_SIGNALS_H

#include <stdbool.h>

void signals_ignore_pipe(void); // a reader that went away shows up as EPIPE
void signals_catch(void);
int signals_caught(void);                // number of the signal, 0: none
bool signals_should_stop(void *ignored); // an NnObserver's should_stop

#endif
