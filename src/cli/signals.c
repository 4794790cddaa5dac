#define _POSIX_C_SOURCE 200809L // sigaction
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

// A signal handler can reach nothing else: the one piece of global state the command line has.
static volatile sig_atomic_t caught;

static void note_signal(int number) {
    caught = number;
}

void signals_ignore_pipe(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

void signals_catch(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal;
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int signals_caught(void) {
    return (int)caught;
}

bool signals_should_stop(void *ignored) {
    (void)ignored;
    return caught != 0;
}
