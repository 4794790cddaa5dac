// The mailbox under two threads: values are never torn, never go back, and the last one arrives.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mailbox.h"
#include "base/thread.h"

enum { WORDS = 64, LAST = 200000 };

typedef struct {
    uint64_t word[WORDS]; // all the same when not torn
} Value;

static void write_all(void *user) {
    Mailbox *box = user;
    for (uint64_t i = 1; i <= LAST; i++) {
        Value *value = mailbox_back(box);
        for (int k = 0; k < WORDS; k++) {
            value->word[k] = i;
        }
        mailbox_publish(box);
    }
}

static void values_arrive_whole_and_in_order(void **state) {
    (void)state;
    Mailbox *box = mailbox_new(sizeof(Value));
    assert_non_null(box);
    Thread writer = {0};
    assert_true(thread_start(&writer, write_all, box, false));
    uint64_t last = 0;
    double deadline = clock_s() + 60;
    while (last < LAST && clock_s() < deadline) {
        bool fresh;
        const Value *value = mailbox_latest(box, &fresh);
        uint64_t first = value->word[0];
        for (int k = 1; k < WORDS; k++) {
            assert_int_equal(value->word[k], first);
        }
        assert_true(fresh ? first > last : first == last);
        last = first;
    }
    thread_join(&writer);
    assert_int_equal(last, LAST);
    mailbox_free(box);
}

static void a_value_is_fresh_once(void **state) {
    (void)state;
    Mailbox *box = mailbox_new(sizeof(int));
    assert_non_null(box);
    bool fresh = true;
    assert_int_equal(*(const int *)mailbox_latest(box, &fresh), 0);
    assert_false(fresh);
    *(int *)mailbox_back(box) = 1;
    mailbox_publish(box);
    *(int *)mailbox_back(box) = 2;
    mailbox_publish(box);
    assert_int_equal(*(const int *)mailbox_latest(box, &fresh), 2);
    assert_true(fresh);
    assert_int_equal(*(const int *)mailbox_latest(box, NULL), 2);
    (void)mailbox_latest(box, &fresh);
    assert_false(fresh);
    mailbox_free(box);
    mailbox_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_arrive_whole_and_in_order),
        cmocka_unit_test(a_value_is_fresh_once),
    };
    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
