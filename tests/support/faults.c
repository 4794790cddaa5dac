#include "support/faults.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"

enum { FAULTS_MAX = 20000, PIECE = 7 };

// --- memory --------------------------------------------------------------------------------------

static size_t allocation_loop(FaultOperation operation, void (*check)(void *user, NnStatus status),
                              void *user, bool for_ever) {
    for (uint64_t n = 1; n <= FAULTS_MAX; n++) {
        NnError err = {0};
        uint64_t before = mem_request_count();
        mem_fail_at(n, for_ever);
        NnStatus status = operation(user, &err);
        mem_fail_at(0, false);
        if (mem_request_count() - before < n) {
            if (status != NN_OK) {
                fail_msg("without a fault: %s", err.message);
            }
            return (size_t)n - 1;
        }
        if (status != NN_OK && (status != NN_ERR_NOMEM || err.message[0] == '\0')) {
            fail_msg("request %u failed, status %d: %s", (unsigned)n, status, err.message);
        }
        if (check != NULL) {
            check(user, status);
        }
    }
    fail_msg("still not done after %d faults", FAULTS_MAX);
    return 0;
}

size_t fault_each_allocation(FaultOperation operation, void (*check)(void *user, NnStatus status),
                             void *user) {
    return allocation_loop(operation, check, user, false) +
           allocation_loop(operation, check, user, true);
}

// --- system calls --------------------------------------------------------------------------------

static struct {
    FileCalls real;
    uint64_t count, fail_at;
    int cause;
    bool trickle, interrupt;
    char *trace;
    size_t trace_size;
} state;

static bool refused(const char *name) {
    if (state.trace != NULL) {
        size_t used = strlen(state.trace);
        size_t n = strlen(name);
        bool again = used >= n && strcmp(state.trace + used - n, name) == 0;
        if (!again) {
            snprintf(state.trace + used, state.trace_size - used, "%s%s", used > 0 ? " " : "",
                     name);
        }
    }
    if (state.trickle) {
        state.interrupt = !state.interrupt;
        errno = EINTR;
        return state.interrupt;
    }
    errno = state.cause;
    return ++state.count == state.fail_at;
}

static size_t piece(size_t n) {
    return state.trickle && n > PIECE ? PIECE : n;
}

static int fake_open(const char *path, int flags, unsigned mode) {
    return refused("open") ? -1 : state.real.open(path, flags, mode);
}

static ssize_t fake_read(int fd, void *bytes, size_t n) {
    return refused("read") ? -1 : state.real.read(fd, bytes, piece(n));
}

static ssize_t fake_write(int fd, const void *bytes, size_t n) {
    return refused("write") ? -1 : state.real.write(fd, bytes, piece(n));
}

static int fake_fsync(int fd) {
    return refused("fsync") ? -1 : state.real.fsync(fd);
}

// The descriptor is gone whatever close reports.
static int fake_close(int fd) {
    int result = state.real.close(fd);
    return refused("close") ? -1 : result;
}

static int fake_rename(const char *from, const char *to) {
    // rename is never interrupted
    return !state.trickle && refused("rename") ? -1 : state.real.rename(from, to);
}

static int fake_unlink(const char *path) {
    return !state.trickle && refused("unlink") ? -1 : state.real.unlink(path);
}

static void install(void) {
    const FileCalls fakes = {
        .open = fake_open,
        .read = fake_read,
        .write = fake_write,
        .fsync = fake_fsync,
        .close = fake_close,
        .rename = fake_rename,
        .unlink = fake_unlink,
    };
    memset(&state, 0, sizeof state);
    state.real = file_set_calls(&fakes);
}

static void uninstall(void) {
    file_set_calls(NULL);
}

size_t fault_each_call(FaultOperation operation, void (*check)(void *user, NnStatus status),
                       void *user, int cause) {
    for (uint64_t n = 1; n <= FAULTS_MAX; n++) {
        NnError err = {0};
        install();
        state.fail_at = n;
        state.cause = cause;
        NnStatus status = operation(user, &err);
        uint64_t made = state.count;
        uninstall();
        if (made < n) {
            if (status != NN_OK) {
                fail_msg("without a fault: %s", err.message);
            }
            return (size_t)n - 1;
        }
        bool reported = status == NN_ERR_IO || status == NN_ERR_NOT_FOUND;
        if (status != NN_OK && (!reported || err.message[0] == '\0')) {
            fail_msg("call %u failed, status %d: %s", (unsigned)n, status, err.message);
        }
        if (check != NULL) {
            check(user, status);
        }
    }
    fail_msg("still not done after %d faults", FAULTS_MAX);
    return 0;
}

NnStatus fault_trickle(FaultOperation operation, void *user, NnError *err) {
    install();
    state.trickle = true;
    NnStatus status = operation(user, err);
    uninstall();
    return status;
}

NnStatus fault_trace(FaultOperation operation, void *user, char *trace, size_t size) {
    install();
    state.trace = trace;
    state.trace_size = size;
    trace[0] = '\0';
    NnStatus status = operation(user, NULL);
    uninstall();
    return status;
}
