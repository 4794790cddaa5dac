#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"
#include "train/workers.h"

enum { PIECES_MAX = 64 };

typedef struct {
    int done[PIECES_MAX]; // not atomic: each piece belongs to one worker, workers_run publishes it
    atomic_int wrong_worker;
    int n_workers;
} Job;

static void mark(void *user, int piece, int worker) {
    Job *job = user;
    job->done[piece]++;
    if (worker < 0 || worker >= job->n_workers) {
        atomic_fetch_add(&job->wrong_worker, 1);
    }
}

static void check_jobs(int n_threads, int n_jobs) {
    Workers *workers = workers_new(n_threads, NULL);
    assert_non_null(workers);
    Job job = {.n_workers = workers_count(workers)};
    for (int i = 0; i < n_jobs; i++) {
        int n_pieces = i % PIECES_MAX;
        for (int piece = 0; piece < PIECES_MAX; piece++) {
            job.done[piece] = 0;
        }
        workers_run(workers, mark, &job, n_pieces);
        for (int piece = 0; piece < PIECES_MAX; piece++) {
            assert_int_equal(job.done[piece], piece < n_pieces ? 1 : 0);
        }
    }
    assert_int_equal(atomic_load(&job.wrong_worker), 0);
    workers_free(workers);
}

static void every_piece_is_done_once(void **state) {
    (void)state;
    check_jobs(1, 100);
    check_jobs(2, 20000);
}

static void more_threads_than_cores_work_too(void **state) {
    (void)state;
    check_jobs(8, 500);
}

static void zero_threads_means_all_cores(void **state) {
    (void)state;
    Workers *workers = workers_new(0, NULL);
    assert_non_null(workers);
    assert_true(workers_count(workers) >= 1);
    workers_free(workers);
}

static void sleepers_wake_for_the_next_job(void **state) {
    (void)state;
    Workers *workers = workers_new(2, NULL);
    assert_non_null(workers);
    for (int i = 0; i < 5; i++) {
        clock_sleep_ms(5); // long past the spinning
        Job job = {.n_workers = workers_count(workers)};
        workers_run(workers, mark, &job, 8);
        for (int piece = 0; piece < 8; piece++) {
            assert_int_equal(job.done[piece], 1);
        }
    }
    workers_free(workers);
}

static void idle_workers_use_no_processor_time(void **state) {
    (void)state;
    Workers *workers = workers_new(2, NULL);
    assert_non_null(workers);
    clock_sleep_ms(50);
    double before = clock_cpu_s();
    clock_sleep_ms(200);
    assert_true(clock_cpu_s() - before < 0.02);
    workers_free(workers);
}

typedef struct {
    Job job;
    Gate *gate;
    atomic_int late; // pieces the last worker began though the gate was shut
} Watched;

static void mark_slowly(void *user, int piece, int worker) {
    Watched *watched = user;
    if (worker == watched->job.n_workers - 1 && gate_is_shut(watched->gate)) {
        atomic_fetch_add(&watched->late, 1);
    }
    clock_sleep_ms(1);
    watched->job.done[piece]++;
}

static void at_a_shut_gate_the_others_do_the_last_ones_pieces(void **state) {
    (void)state;
    int cores = thread_core_count();
    Workers *workers = workers_new(cores > 1 ? cores : 2, NULL);
    assert_non_null(workers);
    Gate gate;
    gate_init(&gate);
    workers_watch(workers, &gate);
    Watched watched = {.job = {.n_workers = workers_count(workers)}, .gate = &gate};
    for (int i = 0; i < 6; i++) {
        if (i % 2 == 0) {
            gate_shut(&gate);
        } else {
            gate_open(&gate);
        }
        workers_run(workers, mark_slowly, &watched, 16);
        for (int piece = 0; piece < 16; piece++) {
            assert_int_equal(watched.job.done[piece], i + 1);
        }
    }
    assert_int_equal(atomic_load(&watched.late), 0);
    gate_shut(&gate);
    clock_sleep_ms(3);
    double before = clock_cpu_s();
    clock_sleep_ms(100);
    assert_true(clock_cpu_s() - before < 0.02);
    workers_free(workers); // with one of them at the gate
    gate_release(&gate);
}

static void burn(void *user) {
    const atomic_bool *stop = user;
    while (!atomic_load(stop)) {
    }
}

typedef struct {
    int last;
    double seen_s; // when the last worker began a piece
    atomic_int done;
} Crowded;

static void burn_a_little(void *user, int piece, int worker) {
    (void)piece;
    Crowded *crowded = user;
    double now = clock_s();
    if (worker == crowded->last) {
        crowded->seen_s = now;
    }
    while (clock_s() < now + 100e-6) {
    }
    atomic_fetch_add(&crowded->done, 1);
}

// The scheduler alone never keeps a thread from its core for so long.
static void beside_busy_threads_the_last_worker_rests(void **state) {
    (void)state;
    enum { BUSY = 64 };
    int cores = thread_core_count(), n_busy = cores < BUSY ? cores : BUSY;
    if (cores == 1) {
        skip(); // a worker alone has nobody to wait for
    }
    Thread busy[BUSY];
    atomic_bool stop = false;
    for (int i = 0; i < n_busy; i++) {
        assert_true(thread_start(&busy[i], burn, &stop, false));
    }
    Workers *workers = workers_new(cores, NULL);
    assert_non_null(workers);
    double begin = clock_s();
    Crowded crowded = {.last = workers_count(workers) - 1, .seen_s = begin};
    int n_jobs = 0;
    while (clock_s() < crowded.seen_s + 0.35 && clock_s() < begin + 10) {
        workers_run(workers, burn_a_little, &crowded, 2 * cores);
        n_jobs++;
    }
    assert_true(clock_s() < begin + 10);
    assert_int_equal(atomic_load(&crowded.done), n_jobs * 2 * cores);
    atomic_store(&stop, true);
    for (int i = 0; i < n_busy; i++) {
        thread_join(&busy[i]);
    }
    workers_free(workers); // with one of them at rest
}

// Starting a thread takes memory; the failure of that request stands for a system without threads.
static void a_system_without_threads_leaves_the_caller(void **state) {
    (void)state;
    mem_fail_at(2, true); // the first request is for the workers themselves
    Workers *workers = workers_new(4, NULL);
    mem_fail_at(0, false);
    assert_non_null(workers);
    assert_int_equal(workers_count(workers), 1);
    Job job = {.n_workers = 1};
    workers_run(workers, mark, &job, 8);
    assert_int_equal(job.done[7], 1);
    workers_free(workers);
}

static void out_of_memory_is_an_error(void **state) {
    (void)state;
    NnError err = {0};
    mem_fail_at(1, false);
    Workers *workers = workers_new(4, &err);
    mem_fail_at(0, false);
    assert_null(workers);
    assert_int_equal(err.status, NN_ERR_NOMEM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_is_done_once),
        cmocka_unit_test(more_threads_than_cores_work_too),
        cmocka_unit_test(zero_threads_means_all_cores),
        cmocka_unit_test(sleepers_wake_for_the_next_job),
        cmocka_unit_test(idle_workers_use_no_processor_time),
        cmocka_unit_test(at_a_shut_gate_the_others_do_the_last_ones_pieces),
        cmocka_unit_test(beside_busy_threads_the_last_worker_rests),
        cmocka_unit_test(a_system_without_threads_leaves_the_caller),
        cmocka_unit_test(out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests_name("workers", tests, NULL, NULL);
}
