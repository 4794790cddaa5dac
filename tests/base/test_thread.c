#define _GNU_SOURCE // pthread_sigmask, nice
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#if defined(__linux__)
#include <sys/resource.h>
#endif

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/patience.h"
#include "base/thread.h"

typedef struct {
    Mutex mutex;
    Cond cond;
    int value, target;
} Shared;

static void add(void *user) {
    Shared *shared = user;
    for (int i = 0; i < 10000; i++) {
        mutex_lock(&shared->mutex);
        shared->value++;
        mutex_unlock(&shared->mutex);
    }
}

static void a_mutex_keeps_threads_apart(void **state) {
    (void)state;
    Shared shared = {.value = 0};
    Thread threads[4];
    mutex_init(&shared.mutex);
    for (int i = 0; i < 4; i++) {
        assert_true(thread_start(&threads[i], add, &shared, i % 2 == 0));
    }
    for (int i = 0; i < 4; i++) {
        thread_join(&threads[i]);
        thread_join(&threads[i]); // the second time there is nothing to do
        assert_false(threads[i].running);
    }
    assert_int_equal(shared.value, 40000);
    mutex_release(&shared.mutex);
}

// Takes its turn whenever value has the parity it waits for.
static void take_turns(void *user) {
    Shared *shared = user;
    mutex_lock(&shared->mutex);
    while (shared->value < shared->target) {
        while (shared->value % 2 == 0 && shared->value < shared->target) {
            cond_wait(&shared->cond, &shared->mutex);
        }
        shared->value++;
        cond_broadcast(&shared->cond);
    }
    mutex_unlock(&shared->mutex);
}

#if defined(__linux__)
typedef struct {
    int own, of_a_child;
} Niceness;

static void look(void *user) {
    *(int *)user = getpriority(PRIO_PROCESS, 0);
}

static void look_here_and_below(void *user) {
    Niceness *niceness = user;
    Thread child;
    look(&niceness->own);
    if (thread_start(&child, look, &niceness->of_a_child, true)) {
        thread_join(&child);
    }
}

static void low_priority_is_ten_below_the_main_thread_however_deep(void **state) {
    (void)state;
    int here = getpriority(PRIO_PROCESS, 0), below = here + 10 < 19 ? here + 10 : 19;
    Niceness low = {0}, usual = {0};
    Thread threads[2];
    assert_true(thread_start(&threads[0], look_here_and_below, &low, true));
    assert_true(thread_start(&threads[1], look_here_and_below, &usual, false));
    thread_join(&threads[0]);
    thread_join(&threads[1]);
    assert_int_equal(low.own, below);
    assert_int_equal(low.of_a_child, below);
    assert_int_equal(usual.own, here);
    assert_int_equal(usual.of_a_child, below);
}
#endif

static void a_condition_wakes_the_waiting(void **state) {
    (void)state;
    Shared shared = {.target = 1000};
    Thread thread;
    mutex_init(&shared.mutex);
    cond_init(&shared.cond);
    assert_true(thread_start(&thread, take_turns, &shared, false));
    mutex_lock(&shared.mutex);
    while (shared.value < shared.target) {
        shared.value++; // even to odd is ours
        cond_signal(&shared.cond);
        while (shared.value % 2 == 1 && shared.value < shared.target) {
            cond_wait(&shared.cond, &shared.mutex);
        }
    }
    cond_broadcast(&shared.cond);
    mutex_unlock(&shared.mutex);
    thread_join(&thread);
    assert_in_range(shared.value, shared.target, shared.target + 1);
    cond_release(&shared.cond);
    mutex_release(&shared.mutex);
}

static void a_thread_that_cannot_start_says_so(void **state) {
    (void)state;
    Thread thread = {.running = false};
    mem_fail_at(1, false);
    bool started = thread_start(&thread, add, NULL, false);
    mem_fail_at(0, false);
    assert_false(started);
    thread_join(&thread);
}

static void there_is_a_core(void **state) {
    (void)state;
    assert_in_range(thread_core_count(), 1, 4096);
}

static void the_clock_goes_forward(void **state) {
    (void)state;
    uint64_t before = clock_ns();
    double cpu = clock_cpu_s();
    clock_sleep_ms(5);
    assert_true(clock_ns() - before >= 5000000);
    assert_true(clock_s() > 0 && clock_cpu_s() >= cpu);
    char stamp[20];
    clock_timestamp(stamp);
    assert_int_equal(stamp[10], 'T');
    assert_int_equal(stamp[19], '\0');
}

static void look_at_signals(void *user) {
    pthread_sigmask(SIG_BLOCK, NULL, user);
}

static void signals_are_for_the_main_thread(void **state) {
    (void)state;
    sigset_t before, within, after;
    Thread thread;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    assert_true(thread_start(&thread, look_at_signals, &within, false));
    thread_join(&thread);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    static const int handled[] = {SIGINT, SIGTERM, SIGALRM, SIGPROF, SIGCHLD, SIGUSR1};
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++) {
        assert_int_equal(sigismember(&within, handled[i]), 1);
        assert_int_equal(sigismember(&after, handled[i]), sigismember(&before, handled[i]));
    }
    assert_int_equal(sigismember(&within, SIGSEGV), 0); // a sanitizer wants to report it
}

static void work(void *user) {
    const double *seconds = user;
    double end = clock_s() + *seconds;
    while (clock_s() < end) {
    }
}

// Patience does not run out on a thread that works, however long it takes, and does on one that
// does not.
static void patience_is_with_threads_that_work(void **state) {
    (void)state;
    double seconds = 0.6;
    Thread thread = {0};
    assert_true(thread_start(&thread, work, &seconds, false));
    Patience patience = patience_begin(0.25);
    double end = clock_s() + 0.5;
    while (clock_s() < end) {
        assert_false(patience_is_over(&patience));
        clock_sleep_ms(1);
    }
    thread_join(&thread);
    double idle = clock_s();
    while (!patience_is_over(&patience)) {
        assert_true(clock_s() - idle < 30);
        patience_sleep(&patience);
    }
    assert_true(clock_s() - idle > 0.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mutex_keeps_threads_apart),
        cmocka_unit_test(signals_are_for_the_main_thread),
#if defined(__linux__)
        cmocka_unit_test(low_priority_is_ten_below_the_main_thread_however_deep),
#endif
        cmocka_unit_test(a_condition_wakes_the_waiting),
        cmocka_unit_test(a_thread_that_cannot_start_says_so),
        cmocka_unit_test(there_is_a_core),
        cmocka_unit_test(the_clock_goes_forward),
        cmocka_unit_test(patience_is_with_threads_that_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
