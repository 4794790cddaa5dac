// The clock is simulated: a millisecond a call, of which the others take what a row says.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "train/crowd.h"

enum { MS = 1000000, SECOND = 1000 };

typedef struct {
    Crowd crowd;
    uint64_t now_ns;
} World;

static World world(int threads) {
    World w = {.now_ns = UINT64_C(5000) * MS};
    crowd_init(&w.crowd, threads);
    return w;
}

// Of every millisecond, taken_us are taken from the group while all its threads work, rest_us while
// some rest. Returns the milliseconds of these in which some did.
static int live(World *w, int ms, uint64_t taken_us, uint64_t rest_us) {
    int rested = 0, resting = w->crowd.resting;
    for (int i = 0; i < ms; i++) {
        w->now_ns += MS;
        resting = crowd_note(&w->crowd, w->now_ns, (resting > 0 ? rest_us : taken_us) * 1000);
        assert_in_range(resting, 0, w->crowd.threads - 1);
        rested += resting > 0;
    }
    return rested;
}

static void nobody_rests_on_a_machine_of_ones_own(void **state) {
    (void)state;
    World w = world(2);
    assert_int_equal(live(&w, 100 * SECOND, 20, 0), 0);
}

static void less_than_a_thread_is_worth_is_put_up_with(void **state) {
    (void)state;
    World w = world(2);
    assert_int_equal(live(&w, 10 * SECOND, 300, 0), 0);
}

static void a_moment_of_another_process_is_put_up_with(void **state) {
    (void)state;
    World w = world(2);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(live(&w, 12, 1000, 0), 0);
        assert_int_equal(live(&w, 60, 0, 0), 0);
    }
}

static void half_a_core_taken_for_a_while_makes_one_rest(void **state) {
    (void)state;
    World w = world(2);
    assert_int_equal(live(&w, 32, 500, 0), 0);
    assert_int_equal(live(&w, 50, 500, 0), 50);
}

static void tries_beside_a_busy_process_become_rare(void **state) {
    (void)state;
    World w = world(2);
    live(&w, 3 * SECOND, 500, 0);
    assert_true(live(&w, 10 * SECOND, 500, 0) > 9500);
}

static void all_work_again_within_a_second_of_its_end(void **state) {
    (void)state;
    World w = world(2);
    live(&w, 20 * SECOND, 500, 0);
    live(&w, 1 * SECOND, 0, 0);
    assert_int_equal(live(&w, 10 * SECOND, 0, 0), 0);
}

static void the_next_one_is_tried_as_soon_as_the_first(void **state) {
    (void)state;
    World w = world(2);
    live(&w, 20 * SECOND, 500, 0);
    live(&w, 2 * SECOND, 0, 0);
    int rested = live(&w, 40, 500, 0) + live(&w, 1 * SECOND, 0, 0);
    assert_in_range(rested, 50, 150);
}

static void one_thread_never_rests(void **state) {
    (void)state;
    World w = world(1);
    assert_int_equal(live(&w, 1 * SECOND, 900, 900), 0);
}

static void more_rest_while_more_is_taken_and_one_always_works(void **state) {
    (void)state;
    World w = world(4);
    live(&w, 150, 500, 500);
    assert_int_equal(w.crowd.resting, 3);
    live(&w, 5 * SECOND, 0, 0);
    assert_int_equal(w.crowd.resting, 0);
}

// Training stood still for an hour, or has steps of a second.
static void long_gaps_are_no_theft(void **state) {
    (void)state;
    World w = world(2);
    for (int i = 0; i < 10; i++) {
        w.now_ns += UINT64_C(1000) * MS;
        assert_int_equal(crowd_note(&w.crowd, w.now_ns, UINT64_C(100) * MS), 0);
    }
    w.now_ns += UINT64_C(3600000) * MS;
    assert_int_equal(crowd_note(&w.crowd, w.now_ns, UINT64_C(20) * MS), 0);
    w.now_ns += UINT64_C(1000) * MS;
    assert_int_equal(crowd_note(&w.crowd, w.now_ns, UINT64_C(500) * MS), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_rests_on_a_machine_of_ones_own),
        cmocka_unit_test(less_than_a_thread_is_worth_is_put_up_with),
        cmocka_unit_test(a_moment_of_another_process_is_put_up_with),
        cmocka_unit_test(half_a_core_taken_for_a_while_makes_one_rest),
        cmocka_unit_test(tries_beside_a_busy_process_become_rare),
        cmocka_unit_test(all_work_again_within_a_second_of_its_end),
        cmocka_unit_test(the_next_one_is_tried_as_soon_as_the_first),
        cmocka_unit_test(one_thread_never_rests),
        cmocka_unit_test(more_rest_while_more_is_taken_and_one_always_works),
        cmocka_unit_test(long_gaps_are_no_theft),
    };
    return cmocka_run_group_tests_name("crowd", tests, NULL, NULL);
}
