#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

typedef struct {
    const char *name;
    uint32_t counter[4], key[2], expected[4];
} Answer;

// Known answers of Philox4x32-10 from Random123, kat_vectors.
static Answer answers[] = {
    {"all zero", {0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {"all ones",
     {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {"digits of pi",
     {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void gives_the_published_numbers(void **state) {
    const Answer *row = *state;
    Rng rng = {.used = 4};
    memcpy(rng.counter, row->counter, sizeof rng.counter);
    memcpy(rng.key, row->key, sizeof rng.key);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(rng_u32(&rng), row->expected[i]);
    }
}

static void a_position_is_all_it_depends_on(void **state) {
    (void)state;
    Rng a = rng_at(7, RNG_STREAM_TEST, 41);
    Rng other = rng_at(7, RNG_STREAM_TEST, 40);
    (void)rng_u32(&other);
    Rng b = rng_at(7, RNG_STREAM_TEST, 41);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(rng_u32(&a), rng_u32(&b));
    }
}

static void seed_stream_and_position_all_matter(void **state) {
    (void)state;
    Rng rngs[] = {rng_at(7, RNG_STREAM_TEST, 41),
                  rng_at(8, RNG_STREAM_TEST, 41),
                  rng_at(7 + (1ull << 32), RNG_STREAM_TEST, 41),
                  rng_at(7, RNG_STREAM_INIT, 41),
                  rng_at(7, RNG_STREAM_TEST, 42),
                  rng_at(7, RNG_STREAM_TEST, 41 + (1ull << 32))};
    uint32_t first[6];
    for (int i = 0; i < 6; i++) {
        first[i] = rng_u32(&rngs[i]);
        for (int j = 0; j < i; j++) {
            assert_int_not_equal(first[i], first[j]);
        }
    }
}

// Pearson's test of equal shares. 99 degrees of freedom: 161 is passed once in ten thousand seeds;
// the seed is fixed.
static void words_in_bulk_are_the_words_one_by_one(void **state) {
    (void)state;
    enum { N = 500 };
    for (size_t before = 0; before < 6; before++) {
        for (size_t n = 0; n < N; n += 1 + n / 5) {
            Rng bulk = rng_at(3, RNG_STREAM_TEST, 7), single = bulk;
            uint32_t words[N + 1];
            memset(words, 0xab, sizeof words);
            for (size_t i = 0; i < before; i++) {
                assert_int_equal(rng_u32(&bulk), rng_u32(&single));
            }
            rng_fill(&bulk, words, n);
            for (size_t i = 0; i < n; i++) {
                assert_int_equal(words[i], rng_u32(&single));
            }
            assert_int_equal(words[n], 0xabababab);
            assert_int_equal(rng_u32(&bulk), rng_u32(&single));
        }
    }
}

static void assert_even(const unsigned *count, int cells, unsigned total) {
    double expected = (double)total / cells;
    double chi2 = 0;
    for (int i = 0; i < cells; i++) {
        chi2 += (count[i] - expected) * (count[i] - expected) / expected;
    }
    assert_true(chi2 < 161 && chi2 > 50);
}

static void below_is_even_and_below(void **state) {
    (void)state;
    enum { CELLS = 100, N = 100000 };
    unsigned count[CELLS] = {0};
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    for (unsigned i = 0; i < N; i++) {
        uint32_t value = rng_below(&rng, CELLS);
        assert_true(value < CELLS);
        count[value]++;
    }
    assert_even(count, CELLS, N);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(rng_below(&rng, 1), 0);
    }
    // A range just above half of 2^32 rejects almost every second word.
    uint64_t sum = 0;
    for (int i = 0; i < N; i++) {
        sum += rng_below(&rng, 0x80000001u);
    }
    assert_true(fabs((double)sum / N / 1073741824.0 - 1) < 0.01);
}

static void uniform_is_even_and_inside(void **state) {
    (void)state;
    enum { CELLS = 100, N = 100000 };
    unsigned count[CELLS] = {0};
    Rng rng = rng_at(2, RNG_STREAM_TEST, 0);
    for (unsigned i = 0; i < N; i++) {
        float value = rng_uniform(&rng, -15.0f, 15.0f);
        assert_true(value >= -15.0f && value < 15.0f);
        count[(int)((value + 15.0f) / 30.0f * CELLS * 0.999999f)]++;
    }
    assert_even(count, CELLS, N);
    for (int i = 0; i < 100000; i++) { // where rounding could reach the end
        assert_true(rng_uniform(&rng, 1.0f, 1.0000002f) < 1.0000002f);
    }
    assert_true(rng_uniform(&rng, 3.0f, 3.0f) <= 3.0f);
}

static void normal_has_the_right_moments(void **state) {
    (void)state;
    enum { N = 200000 };
    double sum = 0, squares = 0, fourth = 0;
    int beyond2 = 0;
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    for (int i = 0; i < N; i++) {
        double x = (double)rng_normal(&rng);
        assert_true(isfinite(x));
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        beyond2 += fabs(x) > 2;
    }
    assert_true(fabs(sum / N) < 0.01);
    assert_true(fabs(squares / N - 1) < 0.02);
    assert_true(fabs(fourth / N - 3) < 0.15);
    assert_true(fabs((double)beyond2 / N - 0.0455) < 0.002);
}

static void a_permutation_holds_each_once(void **state) {
    (void)state;
    enum { N = 1000 };
    uint32_t order[N];
    unsigned char seen[N] = {0};
    Rng rng = rng_at(4, RNG_STREAM_SHUFFLE, 0);
    rng_permutation(&rng, order, N);
    int at_home = 0;
    for (uint32_t i = 0; i < N; i++) {
        assert_true(order[i] < N && !seen[order[i]]);
        seen[order[i]] = 1;
        at_home += order[i] == i;
    }
    assert_true(at_home < 10); // one is expected
    rng_permutation(&rng, order, 0);
}

static void every_permutation_comes_as_often(void **state) {
    (void)state;
    unsigned count[6] = {0};
    for (unsigned i = 0; i < 60000; i++) {
        uint32_t order[3];
        Rng rng = rng_at(5, RNG_STREAM_SHUFFLE, i);
        rng_permutation(&rng, order, 3);
        count[order[0] * 2 + (order[1] > order[2])]++;
    }
    for (int i = 0; i < 6; i++) {
        assert_in_range(count[i], 9600, 10400); // sd is 91
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        {answers[0].name, gives_the_published_numbers, NULL, NULL, &answers[0]},
        {answers[1].name, gives_the_published_numbers, NULL, NULL, &answers[1]},
        {answers[2].name, gives_the_published_numbers, NULL, NULL, &answers[2]},
        cmocka_unit_test(a_position_is_all_it_depends_on),
        cmocka_unit_test(seed_stream_and_position_all_matter),
        cmocka_unit_test(words_in_bulk_are_the_words_one_by_one),
        cmocka_unit_test(below_is_even_and_below),
        cmocka_unit_test(uniform_is_even_and_inside),
        cmocka_unit_test(normal_has_the_right_moments),
        cmocka_unit_test(a_permutation_holds_each_once),
        cmocka_unit_test(every_permutation_comes_as_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
