// lock.h - a lock file that keeps two processes from writing to the same folder.
//
// The system drops the lock when the process that holds it dies, however it dies, so a lock that
// is left over never stands in the way. The file itself stays and names the last holder.

#ifndef NN_BASE_LOCK_H
#define NN_BASE_LOCK_H

#include "nn/error.h"

typedef struct {
    int fd; // -1: not held
} FileLock;

// Makes the file where there is none. NN_ERR_USAGE names the process that holds it. On failure
// lock->fd is -1.
NnStatus lock_take(FileLock *lock, const char *path, NnError *err) NN_MUST_CHECK;
void lock_drop(FileLock *lock); // does nothing when it is not held

#endif
