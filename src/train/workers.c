// A job is published as one 64-bit ticket: its number, and the range of its pieces that nobody has
// claimed. A worker claims a piece by compare-and-swap on the ticket. If that succeeds, the function
// it read beside the ticket is the one the ticket belongs to: the next job's cannot have been
// written while a piece of this one was unclaimed. So nobody waits for workers that have nothing to
// do.
//
// Half of the workers claim from the front and half from the back. So on two cores a worker mostly
// has the pieces it had in the step before, and what it wrote then is in its own core's cache:
// fetching it from another's takes longer than from memory where the two share no cache.

#include "train/workers.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"
#include "nn/kernels.h"
#include "train/crowd.h"

enum {
    WORKERS_MAX = 256,
    SPIN_US = 1000,   // before sleeping
    SAMPLE_US = 2000, // between two looks at a thread's meter, which cost a call of the kernel
    NAP_MS = 10,      // of one who rests
    GAP_US = 100,     // between two jobs, after which the caller counts as having been elsewhere
};

// Of a thread since it was last looked at, sleep excluded. What passed on the clock and not for the
// processor was taken away by the scheduler.
typedef struct {
    uint64_t clock_ns, cpu_ns;
} Meter;

typedef struct {
    Workers *workers;
    Thread thread;
    int index; // from 1; 0 is the caller
} Worker;

struct Workers {
    // Written by the caller before the ticket, read by workers after it.
    _Atomic(WorkerFunction) function;
    void *_Atomic user;

    _Atomic uint64_t ticket; // job << 32 | end << 16 | first, of the unclaimed pieces
    atomic_int unfinished;   // pieces of the current job
    atomic_bool stop;

    // Those who gave up spinning. The counters are raised before the last look at what is waited
    // for, so a publisher that reads 0 may skip the wake-up.
    atomic_int sleeping;
    atomic_bool caller_sleeps;
    Mutex mutex;
    Cond work, done;

    Gate *gate;       // written before aside
    atomic_int aside; // the worker that stops at the gate; 0: none

    // While other processes want their cores, workers from this one on rest.
    atomic_int first_resting;
    _Atomic uint64_t taken_ns; // from all threads since the caller last noted it
    Crowd crowd;               // the caller's, as are the next two
    Meter meter;
    uint64_t left_ns; // when the last job was done

    bool spins; // before sleeping: there is a core for every thread
    int n;      // threads, the caller included
    atomic_int caller_core;
    Worker list[];
};

static void pause_cpu(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// Waits without sleeping, a millisecond at most, until ready(workers). A job's gap is microseconds,
// but a thread that was asleep tends to be woken on the core of the one that wakes it, and needs to
// be seen running there before the scheduler gives it one of its own.
static bool spin(Workers *workers, bool (*ready)(Workers *)) {
    if (!workers->spins) {
        return ready(workers);
    }
    uint64_t end = clock_ns() + (uint64_t)SPIN_US * 1000;
    do {
        for (int i = 0; i < 64; i++) {
            if (ready(workers)) {
                return true;
            }
            pause_cpu();
        }
    } while (clock_ns() < end);
    return false;
}

static bool has_piece(uint64_t ticket) {
    return (uint16_t)ticket < (uint16_t)(ticket >> 16);
}

static void meter_begin(Meter *meter) {
    *meter = (Meter){clock_ns(), clock_thread_cpu_ns()};
}

// Says what was taken, and begins anew, if least_us have passed.
static bool meter_report(Workers *workers, Meter *meter, uint64_t least_us) {
    uint64_t now = clock_ns(), passed = now - meter->clock_ns;
    if (passed < least_us * 1000) {
        return false;
    }
    uint64_t cpu = clock_thread_cpu_ns(), used = cpu - meter->cpu_ns;
    if (passed > used) {
        atomic_fetch_add(&workers->taken_ns, passed - used);
    }
    *meter = (Meter){now, cpu};
    return true;
}

static bool rests(Workers *workers, int worker) {
    return worker >= atomic_load(&workers->first_resting);
}

static bool steps_aside(Workers *workers, int worker) {
    return worker > 0 && worker == atomic_load(&workers->aside) && gate_is_shut(workers->gate);
}

// The piece that a worker would take.
static int choose(uint64_t ticket, int worker) {
    return worker % 2 == 0 ? (uint16_t)ticket : (uint16_t)(ticket >> 16) - 1;
}

static uint64_t without(uint64_t ticket, int worker) {
    return worker % 2 == 0 ? ticket + 1 : ticket - (1 << 16);
}

// Claims and does pieces until none is left.
static void work(Workers *workers, int worker) {
    uint64_t ticket = atomic_load(&workers->ticket);
    while (has_piece(ticket) && !steps_aside(workers, worker) && !rests(workers, worker)) {
        WorkerFunction function = atomic_load(&workers->function);
        void *user = atomic_load(&workers->user);
        if (!atomic_compare_exchange_weak(&workers->ticket, &ticket, without(ticket, worker))) {
            continue; // ticket now holds the newer value
        }
        function(user, choose(ticket, worker), worker);
        if (atomic_fetch_sub(&workers->unfinished, 1) == 1 &&
            atomic_load(&workers->caller_sleeps)) {
            mutex_lock(&workers->mutex);
            cond_signal(&workers->done);
            mutex_unlock(&workers->mutex);
        }
        ticket = atomic_load(&workers->ticket);
    }
}

static bool has_news(Workers *workers) {
    return has_piece(atomic_load(&workers->ticket)) || atomic_load(&workers->stop);
}

static void sleep_until_news(Workers *workers) {
    mutex_lock(&workers->mutex);
    atomic_fetch_add(&workers->sleeping, 1);
    while (!has_news(workers)) {
        cond_wait(&workers->work, &workers->mutex);
    }
    atomic_fetch_sub(&workers->sleeping, 1);
    mutex_unlock(&workers->mutex);
}

// Naps, and looks whether that is enough: cheaper for the caller than waking it.
static void rest(Workers *workers, int worker) {
    do {
        uint64_t ticket = atomic_load(&workers->ticket);
        clock_sleep_ms(NAP_MS);
        if (ticket == atomic_load(&workers->ticket)) {
            sleep_until_news(workers); // there is no work to be kept from
        }
    } while (rests(workers, worker) && !atomic_load(&workers->stop));
}

// A thread tends to be woken on the core of the one that wakes it, where the two would stand in each
// other's way for tens of milliseconds, if all cores are busy, before the scheduler parts them.
static void part_from_caller(Workers *workers) {
    int core = workers->spins ? thread_core() : -1;
    if (core >= 0 && core == atomic_load(&workers->caller_core)) {
        thread_leave_core(core);
    }
}

static void worker_main(void *user) {
    Worker *worker = user;
    Workers *workers = worker->workers;
    kernels_thread_begin();
    Meter meter;
    meter_begin(&meter);
    while (!atomic_load(&workers->stop)) {
        work(workers, worker->index);
        meter_report(workers, &meter, SAMPLE_US);
        if (steps_aside(workers, worker->index)) {
            gate_pass(workers->gate, &workers->stop);
        } else if (rests(workers, worker->index)) {
            rest(workers, worker->index);
        } else if (spin(workers, has_news)) {
            continue;
        } else {
            meter_report(workers, &meter, 0);
            sleep_until_news(workers);
        }
        part_from_caller(workers);
        meter_begin(&meter);
    }
}

static void wake(Workers *workers) {
    if (atomic_load(&workers->sleeping) > 0) {
        mutex_lock(&workers->mutex);
        cond_broadcast(&workers->work);
        mutex_unlock(&workers->mutex);
    }
}

Workers *workers_new(int n_threads, NnError *err) {
    int cores = thread_core_count();
    int wanted = n_threads > 0 ? n_threads : cores;
    wanted = wanted > WORKERS_MAX ? WORKERS_MAX : wanted;
    Workers *workers = mem_new(1, sizeof *workers + (size_t)wanted * sizeof workers->list[0]);
    if (workers == NULL) {
        nn_fail(err, NN_ERR_NOMEM, "out of memory for %d worker threads", wanted);
        return NULL;
    }
    mutex_init(&workers->mutex);
    cond_init(&workers->work);
    cond_init(&workers->done);
    // With more threads than cores a spinning one takes the core from one that has work.
    workers->spins = wanted <= cores;
    atomic_init(&workers->first_resting, wanted);
    atomic_init(&workers->caller_core, -1);
    workers->n = 1;
    while (workers->n < wanted) {
        Worker *worker = &workers->list[workers->n];
        worker->workers = workers;
        worker->index = workers->n;
        if (!thread_start(&worker->thread, worker_main, worker, false)) {
            break;
        }
        workers->n++;
    }
    crowd_init(&workers->crowd, workers->n);
    return workers;
}

void workers_free(Workers *workers) {
    if (workers == NULL) {
        return;
    }
    atomic_store(&workers->stop, true);
    wake(workers);
    if (workers->gate != NULL) {
        gate_wake(workers->gate);
    }
    for (int i = 1; i < workers->n; i++) {
        thread_join(&workers->list[i].thread);
    }
    cond_release(&workers->done);
    cond_release(&workers->work);
    mutex_release(&workers->mutex);
    mem_free(workers);
}

void workers_watch(Workers *workers, Gate *gate) {
    // With a core to spare nobody has to step aside.
    bool busy = workers->n > 1 && workers->n >= thread_core_count();
    workers->gate = gate;
    atomic_store(&workers->aside, gate != NULL && busy ? workers->n - 1 : 0);
}

int workers_count(const Workers *workers) {
    return workers->n;
}

static bool is_finished(Workers *workers) {
    return atomic_load(&workers->unfinished) == 0;
}

// How the caller waits for pieces that others still do.
static void sleep_until_finished(Workers *workers) {
    mutex_lock(&workers->mutex);
    atomic_store(&workers->caller_sleeps, true);
    while (!is_finished(workers)) {
        cond_wait(&workers->done, &workers->mutex);
    }
    atomic_store(&workers->caller_sleeps, false);
    mutex_unlock(&workers->mutex);
}

// Takes note, now and then, of what was taken from all threads.
static void look_around(Workers *workers) {
    if (workers->spins && meter_report(workers, &workers->meter, SAMPLE_US)) {
        int resting = crowd_note(&workers->crowd, workers->meter.clock_ns,
                                 atomic_exchange(&workers->taken_ns, 0));
        atomic_store(&workers->first_resting, workers->n - resting);
    }
}

void workers_run(Workers *workers, WorkerFunction function, void *user, int n_pieces) {
    if (workers->n == 1 || n_pieces == 1) {
        for (int piece = 0; piece < n_pieces; piece++) {
            function(user, piece, 0);
        }
        return;
    }
    NN_ASSERT(n_pieces <= UINT16_MAX);
    if (clock_ns() - workers->left_ns > (uint64_t)GAP_US * 1000) {
        meter_begin(&workers->meter);
    }
    atomic_store(&workers->caller_core, thread_core());
    atomic_store(&workers->function, function);
    atomic_store(&workers->user, user);
    atomic_store(&workers->unfinished, n_pieces);
    uint64_t job = (atomic_load(&workers->ticket) >> 32) + 1;
    atomic_store(&workers->ticket, job << 32 | (uint64_t)n_pieces << 16);
    wake(workers);
    work(workers, 0);

    if (!spin(workers, is_finished)) {
        meter_report(workers, &workers->meter, 0);
        sleep_until_finished(workers);
        meter_begin(&workers->meter);
    }
    look_around(workers);
    workers->left_ns = clock_ns();
}
