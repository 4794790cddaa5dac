#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"

static void blocks_are_zeroed(void **state) {
    (void)state;
    unsigned char *block = mem_new(1000, 3);
    assert_non_null(block);
    for (size_t i = 0; i < 3000; i++) {
        assert_int_equal(block[i], 0);
    }
    mem_free(block);
}

static void a_product_that_overflows_is_refused(void **state) {
    (void)state;
    size_t half = SIZE_MAX / 2 + 1;
    void *block = mem_new(1, 8);
    assert_null(mem_new(half, 2));
    assert_null(mem_new_aligned(half, 2));
    assert_null(mem_new_aligned(SIZE_MAX, 1)); // rounding up would wrap
    assert_null(mem_resize(block, half, 2));
    mem_free(block);
}

static void no_bytes_give_a_block(void **state) {
    (void)state;
    void *blocks[] = {mem_new(0, 8), mem_new_aligned(0, 8), mem_malloc(0), mem_resize(NULL, 0, 8)};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        assert_non_null(blocks[i]);
        mem_free(blocks[i]);
    }
    mem_free(NULL);
}

static void kernel_blocks_are_aligned(void **state) {
    (void)state;
    for (size_t n = 1; n < (4u << 20); n = n * 3 + 1) {
        char *block = mem_new_aligned(n, 1);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 64, 0);
        assert_true(n < (2u << 20) || (uintptr_t)block % (2u << 20) == 0);
        memset(block, 1, n);
        mem_free(block);
    }
}

static void the_chosen_request_fails_and_no_other(void **state) {
    (void)state;
    for (uint64_t n = 1; n <= 4; n++) {
        void *blocks[4];
        mem_fail_at(n, false);
        blocks[0] = mem_malloc(8);
        blocks[1] = mem_calloc(2, 4);
        blocks[2] = mem_realloc(NULL, 8);
        blocks[3] = mem_copy_text("text");
        mem_fail_at(0, false);
        for (uint64_t i = 0; i < 4; i++) {
            assert_int_equal(blocks[i] == NULL, i + 1 == n);
            mem_free(blocks[i]);
        }
    }
}

static void failing_for_ever_goes_on(void **state) {
    (void)state;
    mem_fail_at(2, true);
    void *first = mem_new(1, 1);
    void *second = mem_new(1, 1);
    void *third = mem_new_aligned(1, 1);
    mem_fail_at(0, false);
    void *fourth = mem_new(1, 1);
    assert_non_null(first);
    assert_null(second);
    assert_null(third);
    assert_non_null(fourth);
    mem_free(first);
    mem_free(fourth);
}

static void requests_are_counted(void **state) {
    (void)state;
    uint64_t before = mem_request_count();
    mem_free(mem_new(1, 1));
    mem_free(mem_new_aligned(1, 1));
    assert_int_equal(mem_request_count() - before, 2);
}

static void refusals_are_counted(void **state) {
    (void)state;
    uint64_t before = mem_refusal_count();
    mem_free(mem_new(1, 1));
    assert_int_equal(mem_refusal_count(), before);
    assert_null(mem_new(SIZE_MAX, 2));
    mem_fail_at(1, true);
    void *block = mem_malloc(1);
    void *resized = mem_resize(NULL, 1, 1);
    void *aligned = mem_new_aligned(1, 1);
    mem_fail_at(0, false);
    assert_true(block == NULL && resized == NULL && aligned == NULL);
    assert_int_equal(mem_refusal_count() - before, 4);
}

// --- arena ---------------------------------------------------------------------------------------

static void arena_blocks_do_not_overlap(void **state) {
    (void)state;
    Arena arena = {.chunk_size = 256};
    unsigned char *blocks[64];
    for (size_t i = 0; i < 64; i++) {
        blocks[i] = arena_take(&arena, i, 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t j = 0; j < i; j++) {
            assert_int_equal(blocks[i][j], 0);
        }
        memset(blocks[i], (int)i, i);
    }
    for (size_t i = 0; i < 64; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_int_equal(blocks[i][j], i);
        }
    }
    arena_release(&arena);
}

static void a_reset_arena_asks_for_nothing(void **state) {
    (void)state;
    Arena arena = {0};
    for (int round = 0; round < 3; round++) {
        uint64_t before = mem_request_count();
        for (int i = 0; i < 300; i++) {
            assert_non_null(arena_take(&arena, 1000, 1)); // some chunks
        }
        assert_non_null(arena_take(&arena, 1, 1 << 20)); // one larger than a chunk
        assert_true(round == 0 || mem_request_count() == before);
        arena_reset(&arena);
    }
    arena_release(&arena);
}

static void a_full_or_overflowing_arena_gives_null(void **state) {
    (void)state;
    Arena arena = {0};
    assert_null(arena_take(&arena, SIZE_MAX / 2, 3));
    assert_null(arena_take(&arena, SIZE_MAX - 20, 1));
    mem_fail_at(1, true);
    void *block = arena_take(&arena, 8, 1);
    char *text = arena_printf(&arena, "%d", 1);
    mem_fail_at(0, false);
    assert_null(block);
    assert_null(text);
    assert_string_equal(arena_printf(&arena, "%d and %s", 7, "eight"), "7 and eight");
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed),
        cmocka_unit_test(a_product_that_overflows_is_refused),
        cmocka_unit_test(no_bytes_give_a_block),
        cmocka_unit_test(kernel_blocks_are_aligned),
        cmocka_unit_test(the_chosen_request_fails_and_no_other),
        cmocka_unit_test(failing_for_ever_goes_on),
        cmocka_unit_test(requests_are_counted),
        cmocka_unit_test(refusals_are_counted),
        cmocka_unit_test(arena_blocks_do_not_overlap),
        cmocka_unit_test(a_reset_arena_asks_for_nothing),
        cmocka_unit_test(a_full_or_overflowing_arena_gives_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
