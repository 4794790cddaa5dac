#define _GNU_SOURCE // sched_getaffinity, CPU_COUNT, pthread_sigmask
#include "base/thread.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "nn/error.h"

typedef struct {
    void (*function)(void *user);
    void *user;
    bool low_priority;
} Start;

enum { LOW_PRIORITY = 10 }; // niceness below the main thread's

static void *run(void *user) {
    Start start = *(Start *)user;
    mem_free(user);
#if defined(__linux__)
    if (start.low_priority) {
        // On Linux niceness belongs to the thread when asked of "this process" from inside it, and to the
        // main thread when asked by the process's number.
        int usual = getpriority(PRIO_PROCESS, (id_t)getpid());
        (void)setpriority(PRIO_PROCESS, 0, usual + LOW_PRIORITY < 19 ? usual + LOW_PRIORITY : 19);
    }
#endif
    start.function(start.user);
    return NULL;
}

// Everything but the faults that a thread brings on itself, which a sanitizer wants to report.
static void asynchronous_signals(sigset_t *set) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigfillset(set);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        sigdelset(set, faults[i]);
    }
}

bool thread_start(Thread *thread, void (*function)(void *user), void *user, bool low_priority) {
    Start *start = mem_new(1, sizeof *start);
    if (start == NULL) {
        return false;
    }
    *start = (Start){function, user, low_priority};
    sigset_t blocked, before;
    asynchronous_signals(&blocked);
    NN_ASSERT(pthread_sigmask(SIG_SETMASK, &blocked, &before) == 0);
    thread->running = pthread_create(&thread->handle, NULL, run, start) == 0;
    NN_ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    if (!thread->running) {
        mem_free(start);
    }
    return thread->running;
}

void thread_join(Thread *thread) {
    if (thread->running) {
        NN_ASSERT(pthread_join(thread->handle, NULL) == 0);
        thread->running = false;
    }
}

void mutex_init(Mutex *mutex) {
    NN_ASSERT(pthread_mutex_init(mutex, NULL) == 0);
}

void mutex_release(Mutex *mutex) {
    NN_ASSERT(pthread_mutex_destroy(mutex) == 0);
}

void mutex_lock(Mutex *mutex) {
    NN_ASSERT(pthread_mutex_lock(mutex) == 0);
}

void mutex_unlock(Mutex *mutex) {
    NN_ASSERT(pthread_mutex_unlock(mutex) == 0);
}

void cond_init(Cond *cond) {
    NN_ASSERT(pthread_cond_init(cond, NULL) == 0);
}

void cond_release(Cond *cond) {
    NN_ASSERT(pthread_cond_destroy(cond) == 0);
}

void cond_wait(Cond *cond, Mutex *mutex) {
    NN_ASSERT(pthread_cond_wait(cond, mutex) == 0);
}

void cond_signal(Cond *cond) {
    NN_ASSERT(pthread_cond_signal(cond) == 0);
}

void cond_broadcast(Cond *cond) {
    NN_ASSERT(pthread_cond_broadcast(cond) == 0);
}

int thread_core_count(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) {
        return CPU_COUNT(&set);
    }
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

int thread_core(void) {
#if defined(__linux__)
    return sched_getcpu();
#else
    return -1;
#endif
}

void thread_leave_core(int core) {
#if defined(__linux__)
    cpu_set_t all, others;
    if (core < 0 || core >= CPU_SETSIZE || sched_getaffinity(0, sizeof all, &all) != 0) {
        return;
    }
    others = all;
    CPU_CLR((size_t)core, &others);
    if (CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0) {
        (void)sched_setaffinity(0, sizeof all, &all);
    }
#else
    (void)core;
#endif
}
