#define _DEFAULT_SOURCE // flock
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static NnStatus taken(int fd, const char *path, NnError *err) {
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    char *end;
    long pid = strtol(text, &end, 10);
    NnStatus status =
        pid > 0 && *end == '\n'
            ? nn_fail_file(err, NN_ERR_USAGE, path, -1,
                           "is held by process %ld, which is at work in this folder", pid)
            : nn_fail_file(err, NN_ERR_USAGE, path, -1,
                           "is held by another process, which is at work in this folder");
    nn_error_hint(err, "wait until it has ended, or stop it");
    return status;
}

NnStatus lock_take(FileLock *lock, const char *path, NnError *err) {
    lock->fd = -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) {
        return nn_fail_file(err, NN_ERR_IO, path, -1, "cannot be opened: %s", strerror(errno));
    }
    int result;
    do {
        result = flock(fd, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
        NnStatus status =
            errno == EWOULDBLOCK
                ? taken(fd, path, err)
                : nn_fail_file(err, NN_ERR_IO, path, -1, "cannot be locked: %s", strerror(errno));
        close(fd);
        return status;
    }
    // Who holds it is told as a courtesy: on a full disk the lock works all the same.
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0) {
        (void)!pwrite(fd, text, (size_t)n, 0);
    }
    lock->fd = fd;
    return NN_OK;
}

void lock_drop(FileLock *lock) {
    if (lock->fd >= 0) {
        close(lock->fd);
        lock->fd = -1;
    }
}
