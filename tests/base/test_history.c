// A series read while it grows: nothing is torn, nothing that was seen changes or moves.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/history.h"
#include "base/thread.h"

enum { LAST = 300000 };

typedef struct {
    uint64_t number, square;
    float tenth;
} Item;

static Item item_of(uint64_t i) {
    return (Item){i, i * i, (float)i / 10.0f};
}

static void write_all(void *user) {
    for (uint64_t i = 0; i < LAST; i++) {
        Item item = item_of(i);
        assert_true(history_add(user, &item));
    }
}

static void a_reader_sees_whole_items_while_the_series_grows(void **state) {
    (void)state;
    History *history = history_new(sizeof(Item));
    assert_non_null(history);
    Thread writer = {0};
    assert_true(thread_start(&writer, write_all, history, false));
    size_t seen = 0;
    const Item *first = NULL;
    double deadline = clock_s() + 60;
    while (seen < LAST && clock_s() < deadline) {
        size_t n = history_count(history);
        assert_true(n >= seen);
        for (; seen < n; seen++) {
            const Item *item = history_at(history, seen);
            Item expected = item_of(seen);
            assert_true(item->number == expected.number && item->square == expected.square &&
                        item->tenth == expected.tenth);
            first = seen == 0 ? item : first;
        }
    }
    thread_join(&writer);
    assert_int_equal(seen, LAST);
    assert_ptr_equal(history_at(history, 0), first); // nothing has moved
    for (size_t i = 0; i < LAST; i += 999) {
        assert_int_equal(((const Item *)history_at(history, i))->number, i);
    }
    history_free(history);
}

static void items_may_be_small_or_larger_than_a_block(void **state) {
    (void)state;
    const size_t sizes[] = {1, 3, 6000, 131072, 200000};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        size_t size = sizes[k];
        History *history = history_new(size);
        unsigned char *item = mem_new(size, 1);
        assert_true(history != NULL && item != NULL);
        for (int i = 0; i < 50; i++) {
            item[0] = item[size - 1] = (unsigned char)i;
            assert_true(history_add(history, item));
        }
        for (int i = 0; i < 50; i++) {
            const unsigned char *kept = history_at(history, (size_t)i);
            assert_int_equal(kept[0], i);
            assert_int_equal(kept[size - 1], i);
        }
        mem_free(item);
        history_free(history);
    }
}

static void without_memory_an_item_is_refused_and_the_rest_stays(void **state) {
    (void)state;
    for (uint64_t n = 1; n <= 2; n++) {
        mem_fail_at(n, false);
        History *history = history_new(4);
        if (history != NULL) {
            assert_false(history_add(history, "abc"));
            assert_int_equal(history_count(history), 0);
            assert_true(history_add(history, "abc"));
            assert_string_equal(history_at(history, 0), "abc");
        }
        assert_int_equal(history == NULL, n == 1);
        mem_fail_at(0, false);
        history_free(history);
    }
    history_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_sees_whole_items_while_the_series_grows),
        cmocka_unit_test(items_may_be_small_or_larger_than_a_block),
        cmocka_unit_test(without_memory_an_item_is_refused_and_the_rest_stays),
    };
    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
