// The products without paper against naive loops in double, on each length of vectors this
// processor has.

#include "nn/sparse.h"
#include "nn/sparse_kernels.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "support/near.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { I = SPARSE_I, ROWS_MAX = 1030 };

static const SparseKernels *(*const vectors[])(void) = {sparse_kernels_avx512, sparse_kernels_avx2};
enum { N_VECTORS = sizeof vectors / sizeof vectors[0] };

// What a pair of shards looks like. Ink is a blob of pixels in each picture, the blobs' places as
// random as a recipe's shifts.
typedef struct {
    const char *name;
    int B[2], O; // rows of each shard
    int blob;    // side of the blob
    bool pays;
} Case;

static const Case cases[] = {
    {"even sizes", {64, 64}, 64, 12, true},
    {"one row too many", {65, 17}, 65, 12, true},
    {"odd sizes", {61, 23}, 47, 9, true},
    {"no group of four is whole", {42, 43}, 25, 10, true},
    {"a vector and a bit", {66, 61}, 17, 8, true},
    {"one output", {1030, 1025}, 1, 10, true},
    {"ten outputs", {128, 103}, 10, 14, true},
    {"three panels and a bit", {32, 20}, 200, 12, true},
    {"more rows than two words", {300, 131}, 16, 12, true},
    {"one pixel", {40, 40}, 33, 1, true},
    {"no ink at all", {40, 21}, 50, 0, true},
    {"ink everywhere", {60, 60}, 20, 28, false},
    {"too small a product", {25, 50}, 20, 10, false},
    {"too few rows", {15, 4}, 200, 10, false},
};

typedef struct {
    int B;
    float *x, *dz;
    Sparse *sparse;
} Shard;

typedef struct {
    Shard shards[2];
    float *w; // (O, I)
} Fixture;

static float *block(size_t n) {
    float *p = mem_new_aligned(n, sizeof *p);
    assert_non_null(p);
    memset(p, 0, n * sizeof *p);
    return p;
}

static float *random_block(Rng *rng, size_t n) {
    float *p = block(n);
    for (size_t i = 0; i < n; i++) {
        p[i] = rng_uniform(rng, -1.0f, 1.0f);
    }
    return p;
}

static void put_blob(float *x, int side, Rng *rng) {
    if (side == 0) {
        return;
    }
    uint32_t room = (uint32_t)(NN_SIDE - side) + 1;
    int top = (int)rng_below(rng, room), left = (int)rng_below(rng, room);
    for (int k = 0; k < side * side; k++) {
        x[(top + k / side) * NN_SIDE + left + k % side] = rng_uniform(rng, 0.0f, 1.0f);
    }
}

static void fixture_init(Fixture *f, const Case *c, const SparseKernels *kernels) {
    Rng rng = rng_at(7, RNG_STREAM_TEST, (uint64_t)(c - cases));
    f->w = random_block(&rng, (size_t)c->O * I);
    for (int s = 0; s < 2; s++) {
        Shard *shard = &f->shards[s];
        size_t B = (size_t)c->B[s];
        shard->B = c->B[s];
        shard->x = block(B * I);
        for (size_t b = 0; b < B; b++) { // every seventh picture is blank
            put_blob(shard->x + b * I, b % 7 == 3 && c->blob < NN_SIDE ? 0 : c->blob, &rng);
        }
        for (size_t i = 0; i < B * I; i += 5) {
            shard->x[i] = shard->x[i] != 0.0f ? shard->x[i] : -0.0f; // paper, too
        }
        shard->dz = random_block(&rng, B * (size_t)c->O);
        shard->sparse = sparse_new(kernels, c->O, ROWS_MAX);
        assert_non_null(shard->sparse);
        bool pays = sparse_look(shard->sparse, shard->x, shard->B);
        assert_int_equal(pays, c->pays);
        assert_int_equal(sparse_pays(shard->sparse), pays);
        if (pays) {
            sparse_keep(shard->sparse, shard->dz);
        }
    }
}

static void fixture_release(Fixture *f) {
    mem_free(f->w);
    for (int s = 0; s < 2; s++) {
        mem_free(f->shards[s].x);
        mem_free(f->shards[s].dz);
        sparse_free(f->shards[s].sparse);
    }
}

static void check_forward(const Fixture *f, const Case *c, float *y) {
    const Shard *shard = &f->shards[0];
    sparse_forward(shard->sparse, y, f->w);
    for (int b = 0; b < shard->B; b++) {
        for (int o = 0; o < c->O; o++) {
            double sum = 0;
            for (int i = 0; i < I; i++) {
                sum += (double)shard->x[b * I + i] * (double)f->w[o * I + i];
            }
            assert_near(y[b * c->O + o], sum, 1e-5, "output of row", b);
        }
    }
}

static double naive_gradient(const Fixture *f, const Case *c, int n_shards, int o, int i) {
    double sum = 0;
    for (int s = 0; s < n_shards; s++) {
        const Shard *shard = &f->shards[s];
        for (int b = 0; b < shard->B; b++) {
            sum += (double)shard->dz[b * c->O + o] * (double)shard->x[b * I + i];
        }
    }
    return sum;
}

static void check_gradient(const Fixture *f, const Case *c, float *dw) {
    Sparse *shards[2] = {f->shards[0].sparse, f->shards[1].sparse};
    for (int n = 1; n <= 2; n++) {
        memset(dw, 0xff, (size_t)c->O * I * sizeof *dw);
        sparse_gradient(shards, n, dw, 0, c->O);
        for (int o = 0; o < c->O; o++) {
            for (int i = 0; i < I; i++) {
                assert_near(dw[o * I + i], naive_gradient(f, c, n, o, i), 1e-5, "row of dw", o);
            }
        }
    }
}

// dw from all rows at once, and again a panel at a time.
static void check_rows(const Fixture *f, const Case *c, const float *dw, int step) {
    Sparse *shards[2] = {f->shards[0].sparse, f->shards[1].sparse};
    float *rows = block((size_t)step * I);
    for (int first = 0; first < c->O; first += step) {
        int n = c->O - first < step ? c->O - first : step;
        sparse_gradient(shards, 2, rows, first, n);
        assert_memory_equal(rows, dw + first * I, (size_t)n * I * sizeof *rows);
    }
    mem_free(rows);
}

static void run_case(void **state) {
    const Case *c = *state;
    float *y[N_VECTORS] = {NULL}, *dw[N_VECTORS] = {NULL};
    size_t n_y = (size_t)c->B[0] * (size_t)c->O, n_dw = (size_t)c->O * I;
    int done = 0;
    for (int v = 0; v < N_VECTORS; v++) {
        const SparseKernels *kernels = vectors[v]();
        if (kernels == NULL) {
            continue;
        }
        Fixture f;
        fixture_init(&f, c, kernels);
        if (c->pays) {
            y[done] = block(n_y);
            dw[done] = block(n_dw);
            check_forward(&f, c, y[done]);
            check_gradient(&f, c, dw[done]);
            check_rows(&f, c, dw[done], sparse_columns(kernels));
            done++;
        }
        fixture_release(&f);
    }
    if (done == 2) { // the length of vectors is no part of the result
        assert_memory_equal(y[0], y[1], n_y * sizeof(float));
        assert_memory_equal(dw[0], dw[1], n_dw * sizeof(float));
    }
    for (int v = 0; v < done; v++) {
        mem_free(y[v]);
        mem_free(dw[v]);
    }
}

// A row's sums do not depend on which pictures share its list.
static void a_picture_gives_the_same_bits_beside_any_others(void **state) {
    (void)state;
    enum { B = 32, O = 70 };
    for (int v = 0; v < N_VECTORS; v++) {
        if (vectors[v]() == NULL) {
            continue;
        }
        Rng rng = rng_at(8, RNG_STREAM_TEST, 0);
        float *x = block((size_t)B * I), *w = random_block(&rng, (size_t)O * I);
        float *y = block((size_t)B * O);
        for (int b = 0; b < B; b++) {
            put_blob(x + b * I, b < 4 ? 10 : 5 + b % 9, &rng);
        }
        memcpy(x + (B - 1) * I, x, I * sizeof *x);
        memcpy(x + 14 * I, x, I * sizeof *x);
        Sparse *sparse = sparse_new(vectors[v](), O, B);
        assert_non_null(sparse);
        assert_true(sparse_look(sparse, x, B));
        sparse_forward(sparse, y, w);
        assert_memory_equal(y + 14 * O, y, O * sizeof *y);
        assert_memory_equal(y + (B - 1) * O, y, O * sizeof *y);
        sparse_free(sparse);
        mem_free(x);
        mem_free(w);
        mem_free(y);
    }
}

static void undefined_weights_and_gradients_reach_the_result_through_ink(void **state) {
    (void)state;
    enum { B = 16, O = 64, PIXEL = 14 * NN_SIDE + 13 };
    for (int v = 0; v < N_VECTORS; v++) {
        if (vectors[v]() == NULL) {
            continue;
        }
        float *x = block((size_t)B * I), *w = block((size_t)O * I), *y = block((size_t)B * O);
        float *dw = block((size_t)O * I), dz[B * O] = {0};
        x[3 * I + PIXEL] = 0.5f;
        x[9 * I + PIXEL] = NAN;
        w[2 * I + PIXEL] = INFINITY;
        w[4 * I] = NAN; // of a pixel that is paper everywhere
        dz[3 * O + 1] = NAN;
        Sparse *sparse = sparse_new(vectors[v](), O, B);
        assert_non_null(sparse);
        assert_true(sparse_look(sparse, x, B));
        sparse_forward(sparse, y, w);
        assert_true(isinf(y[3 * O + 2]) && isnan(y[9 * O]) && isnan(y[9 * O + 2]));
        assert_true(y[12 * O + 4] == 0.0f);
        sparse_keep(sparse, dz);
        sparse_gradient(&sparse, 1, dw, 0, O);
        assert_true(isnan(dw[1 * I + PIXEL]) && isnan(dw[3 * I + PIXEL]));
        assert_true(dw[1 * I] == 0.0f);
        sparse_free(sparse);
        mem_free(x);
        mem_free(w);
        mem_free(y);
        mem_free(dw);
    }
}

static void every_failed_allocation_gives_nothing(void **state) {
    (void)state;
    for (int v = 0; v < N_VECTORS; v++) {
        bool made = vectors[v]() == NULL;
        for (uint64_t n = 1; !made; n++) {
            assert_true(n < 20);
            mem_fail_at(n, false);
            Sparse *sparse = sparse_new(vectors[v](), 70, 33);
            mem_fail_at(0, false);
            made = sparse != NULL;
            assert_true(made || n <= 7); // one for each of its arrays, and itself
            sparse_free(sparse);
        }
    }
}

int main(void) {
    struct CMUnitTest tests[sizeof cases / sizeof cases[0] + 3];
    size_t n = 0;
    for (; n < sizeof cases / sizeof cases[0]; n++) {
        tests[n] =
            (struct CMUnitTest){cases[n].name, run_case, NULL, NULL, (void *)(uintptr_t)&cases[n]};
    }
    tests[n++] =
        (struct CMUnitTest)cmocka_unit_test(a_picture_gives_the_same_bits_beside_any_others);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(
        undefined_weights_and_gradients_reach_the_result_through_ink);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(every_failed_allocation_gives_nothing);
    return _cmocka_run_group_tests("sparse", tests, n, NULL, NULL);
}
