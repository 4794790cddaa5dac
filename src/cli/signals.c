#define _POSIX_C_SOURCE 200809L // sigaction, pthread_sigmask
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

// The signal taken off the queue. Signals belong to the process, and so does this. Main thread
// only.
static int caught;

static void stop_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

void signals_ignore_pipe(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

void signals_catch(void) {
    sigset_t set;
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int signals_caught(void) {
    sigset_t pending;
    if (caught != 0 || sigpending(&pending) != 0) {
        return caught;
    }
    if (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1) {
        sigset_t set;
        int number = 0;
        stop_signals(&set);
        if (sigwait(&set, &number) == 0) {
            caught = number;
            pthread_sigmask(SIG_UNBLOCK, &set, NULL); // whoever insists gets the system's way
        }
    }
    return caught;
}

bool signals_should_stop(void *ignored) {
    (void)ignored;
    return signals_caught() != 0;
}
