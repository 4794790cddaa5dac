// thread.h - threads, locks and conditions over pthreads.
//
// C11 <threads.h> is not understood by ThreadSanitizer, pthreads are. A lock that cannot be
// taken is a bug of ours and stops the program; only starting a thread can fail.

#ifndef NN_BASE_THREAD_H
#define NN_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

typedef struct {
    pthread_t handle;
    bool running; // started and not yet joined
} Thread;

typedef pthread_mutex_t Mutex;
typedef pthread_cond_t Cond;

// No signal handler ever runs on such a thread: oneDNN's kernels keep data where a handler's frame
// would go (cli/signals.h), and the signals have the main thread to go to.
//
// Runs function(user) on a new thread. False if the system has no thread to give. low_priority: the
// scheduler prefers the main thread and others (10 nicer than it, where niceness is per thread).
bool thread_start(Thread *thread, void (*function)(void *user), void *user, bool low_priority);
void thread_join(Thread *thread); // does nothing if it is not running

void mutex_init(Mutex *mutex);
void mutex_release(Mutex *mutex);
void mutex_lock(Mutex *mutex);
void mutex_unlock(Mutex *mutex);

void cond_init(Cond *cond);
void cond_release(Cond *cond);
void cond_wait(Cond *cond, Mutex *mutex);
void cond_signal(Cond *cond);
void cond_broadcast(Cond *cond);

int thread_core_count(void); // cores this process may use, at least 1

// The core the calling thread is on, from 0, -1 where the system does not say; and going on on any
// other that it may use. The scheduler may bring it back at once.
int thread_core(void);
void thread_leave_core(int core);

#endif
