// The matrix product and matrix times vector against naive loops in double.

#include "nn/gemv.h"
#include "nn/kernels.h"
#include "nn/transpose.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "support/near.h"

#include <string.h>

enum { SHAPES = 200 };

static float *random_block(Rng *rng, size_t n) {
    float *block = mem_new_aligned(n, sizeof *block);
    assert_non_null(block);
    for (size_t i = 0; i < n; i++) {
        block[i] = rng_uniform(rng, -1.0f, 1.0f);
    }
    return block;
}

static void gemm_equals_naive_loops_over_random_shapes(void **state) {
    (void)state;
    kernels_thread_begin();
    for (int s = 0; s < SHAPES; s++) {
        Rng rng = rng_at(1, RNG_STREAM_TEST, (uint64_t)s);
        bool ta = rng_below(&rng, 2), tb = rng_below(&rng, 2);
        // Mostly small, every eighth with one long side.
        int M = 1 + (int)rng_below(&rng, 40), N = 1 + (int)rng_below(&rng, 40);
        int K = 1 + (int)rng_below(&rng, s % 8 == 0 ? 800 : 60);
        float beta = (float)rng_below(&rng, 2);
        int lda = (ta ? M : K) + (int)rng_below(&rng, 3);
        int ldb = (tb ? K : N) + (int)rng_below(&rng, 3);
        int ldc = N + (int)rng_below(&rng, 3);
        float *a = random_block(&rng, (size_t)lda * (size_t)(ta ? K : M));
        float *b = random_block(&rng, (size_t)ldb * (size_t)(tb ? N : K));
        float *c = random_block(&rng, (size_t)ldc * (size_t)M);
        double expected[40 * 40];
        for (int m = 0; m < M; m++) {
            for (int n = 0; n < N; n++) {
                double sum = (double)beta * (double)c[m * ldc + n];
                for (int k = 0; k < K; k++) {
                    sum += (double)a[ta ? k * lda + m : m * lda + k] *
                           (double)b[tb ? n * ldb + k : k * ldb + n];
                }
                expected[m * N + n] = sum;
            }
        }
        kernels_gemm(ta, tb, M, N, K, a, lda, b, ldb, beta, c, ldc);
        for (int m = 0; m < M; m++) {
            for (int n = 0; n < N; n++) {
                assert_near(c[m * ldc + n], expected[m * N + n], 2e-5, "shape", s);
            }
        }
        mem_free(a);
        mem_free(b);
        mem_free(c);
    }
}

static void beta_zero_does_not_read_the_result(void **state) {
    (void)state;
    float a[4] = {1, 2, 3, 4}, b[4] = {5, 6, 7, 8}, c[4] = {NAN, NAN, NAN, NAN};
    kernels_gemm(false, false, 2, 2, 2, a, 2, b, 2, 0.0f, c, 2);
    const float expected[4] = {19, 22, 43, 50};
    assert_memory_equal(c, expected, sizeof expected);
}

// Widths around the sizes of a vector, a block of four rows and the list of blocks.
static const struct {
    int O, I;
} vector_shapes[] = {{1, 1},    {3, 15},   {4, 16},   {5, 17},        {10, 784},
                     {33, 100}, {7, 8191}, {6, 8192}, {5, 8192 + 16}, {2, 20000}};

static void matrix_times_vector_equals_naive_loops(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof vector_shapes / sizeof vector_shapes[0]; s++) {
        int O = vector_shapes[s].O, I = vector_shapes[s].I;
        Rng rng = rng_at(2, RNG_STREAM_TEST, s);
        float *w = random_block(&rng, (size_t)O * (size_t)I);
        float *x = random_block(&rng, (size_t)I), *y = random_block(&rng, (size_t)O);
        for (int i = 16; i < I; i++) {
            x[i] = i / 16 % 3 == 1 ? 0.0f : x[i]; // blocks of zeros
        }
        gemv(y, w, x, O, I);
        for (int o = 0; o < O; o++) {
            double sum = 0;
            for (int i = 0; i < I; i++) {
                sum += (double)w[(ptrdiff_t)o * I + i] * (double)x[i];
            }
            assert_near(y[o], sum, 3e-5, "gemv shape", s);
        }
        float *d = random_block(&rng, (size_t)O), *sum = random_block(&rng, (size_t)I);
        d[O / 2] = 0.0f;
        for (int i = 0; i < I; i++) {
            sum[i] = x[i];
        }
        gemv_transposed_add(sum, w, d, O, I);
        for (int i = 0; i < I; i++) {
            double expected = (double)x[i];
            for (int o = 0; o < O; o++) {
                expected += (double)d[o] * (double)w[(ptrdiff_t)o * I + i];
            }
            assert_near(sum[i], expected, 1e-5, "gemv_transposed_add shape", s);
        }
        mem_free(w);
        mem_free(x);
        mem_free(y);
        mem_free(d);
        mem_free(sum);
    }
}

static void a_row_gives_the_same_bits_wherever_it_stands(void **state) {
    (void)state;
    enum { O = 7, I = 300 };
    Rng rng = rng_at(3, RNG_STREAM_TEST, 0);
    float *w = random_block(&rng, O * I), *x = random_block(&rng, I);
    for (int o = 1; o < O; o++) {
        memcpy(w + o * I, w, I * sizeof *w);
    }
    float y[O];
    gemv(y, w, x, O, I);
    for (int o = 1; o < O; o++) {
        assert_memory_equal(&y[o], &y[0], sizeof y[0]);
    }
    mem_free(w);
    mem_free(x);
}

static void a_transposed_block_has_rows_for_columns(void **state) {
    (void)state;
    static const struct {
        int O, I;
    } shapes[] = {{16, 16}, {16, 1}, {32, 784}, {64, 33}, {48, 15}, {49, 64}, {5, 18}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        int O = shapes[s].O, I = shapes[s].I;
        Rng rng = rng_at(4, RNG_STREAM_TEST, s);
        float *w = random_block(&rng, (size_t)O * (size_t)I);
        float *turned = random_block(&rng, (size_t)O * (size_t)I);
        transpose(turned, w, O, I);
        for (int o = 0; o < O; o++) {
            for (int i = 0; i < I; i++) {
                assert_true(turned[(ptrdiff_t)i * O + o] == w[(ptrdiff_t)o * I + i]);
            }
        }
        mem_free(w);
        mem_free(turned);
    }
}

static void nearness_itself_tells_numbers_apart(void **state) {
    (void)state;
    assert_true(is_near(1.0, 1.0 + 1e-7, 1e-6));
    assert_true(is_near(1000.0, 1000.0005, 1e-6));
    assert_false(is_near(0.0, 1e-5, 1e-6));
    assert_false(is_near(1000.0, 1000.005, 1e-6));
    assert_false(is_near((double)NAN, 0.0, 1.0));
    assert_false(is_near((double)INFINITY, 0.0, 1e6));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gemm_equals_naive_loops_over_random_shapes),
        cmocka_unit_test(beta_zero_does_not_read_the_result),
        cmocka_unit_test(matrix_times_vector_equals_naive_loops),
        cmocka_unit_test(a_row_gives_the_same_bits_wherever_it_stands),
        cmocka_unit_test(a_transposed_block_has_rows_for_columns),
        cmocka_unit_test(nearness_itself_tells_numbers_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
