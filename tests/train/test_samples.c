// What a training step is shown: the shares the recipe asks for, of the right class, by (seed,
// epoch, row) alone.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nn/grad.h"
#include "nn/style.h"
#include "train/samples.h"
#include "train/synthetic.h"

enum { ROWS = 20000, N = 64 };

static const uint64_t SEED = 3;

typedef struct {
    const char *name;
    float styles, non_digits, near_digits;
} Mix;

static Mix mixes[] = {
    {"nothing made up", 0, 0, 0},
    {"a fifth handwriting", 0.2f, 0, 0},
    {"a tenth no digits", 0, 0.1f, 0},
    {"a tenth near digits", 0, 0, 0.1f},
    {"both at their most", 0.5f, 0.5f, 0},
    {"all three", 0.25f, 0.25f, 0.5f},
    {"as the shipped network", 0.25f, 0.05f, 0.05f},
};

static void kinds_come_in_the_shares_asked_for(void **state) {
    const Mix *mix = *state;
    NnRecipe recipe = small_recipe();
    recipe.styles = mix->styles;
    recipe.non_digits = mix->non_digits;
    recipe.near_digits = mix->near_digits;
    float made_up = mix->styles + mix->non_digits + mix->near_digits;
    assert_int_equal(samples_are_drawn(&recipe), made_up > 0);
    Samples samples = {.recipe = &recipe, .arch = &recipe.arch, .seed = SEED};
    enum { KINDS = SAMPLE_NEAR_DIGIT + 1 };
    double count[KINDS] = {0}, changed = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        SampleKind kind = sample_kind(&samples, 2, row);
        count[kind] += 1;
        changed += kind != sample_kind(&samples, 3, row);
    }
    double p[KINDS] = {
        [SAMPLE_DATA] = 1.0 - (double)made_up,
        [SAMPLE_STYLE] = (double)mix->styles,
        [SAMPLE_NON_DIGIT] = (double)mix->non_digits,
        [SAMPLE_NEAR_DIGIT] = (double)mix->near_digits,
    };
    double same = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        double slack = 5.0 * sqrt(p[kind] * (1.0 - p[kind]) / ROWS); // five standard errors
        if (fabs(count[kind] / ROWS - p[kind]) > slack + 1e-6) {
            fail_msg("kind %d: %g of %d, expected the share %g", kind, count[kind], (int)ROWS,
                     p[kind]);
        }
        same += p[kind] * p[kind];
    }
    // Each epoch chooses anew.
    assert_true(fabs(changed / ROWS - (1.0 - same)) < 0.02);
}

// Pictures and labels of rows 0 .. N - 1 in this order.
typedef struct {
    float inputs[N * NN_PIXELS];
    uint8_t labels[N];
    SampleKind kinds[N];
} Gathered;

static void gather(const Samples *samples, uint64_t epoch, const uint32_t *rows, Gathered *out) {
    NnInk *ink = nn_ink_new(NULL);
    assert_non_null(ink);
    samples_gather(samples, epoch, rows, N, ink, out->inputs, out->labels, out->kinds);
    nn_ink_free(ink);
}

static void each_kind_has_its_picture_and_label(void **unused) {
    (void)unused;
    NnDataset data = synthetic(N, 1, 0);
    NnRecipe recipe = small_recipe();
    recipe.styles = 0.4f;
    recipe.non_digits = 0.2f;
    recipe.near_digits = 0.1f;
    Samples samples = {.recipe = &recipe, .data = &data, .arch = &recipe.arch, .seed = SEED};
    uint32_t rows[N];
    for (uint32_t i = 0; i < N; i++) {
        rows[i] = i;
    }
    static Gathered got;
    const uint64_t epoch = 5;
    gather(&samples, epoch, rows, &got);
    NnInk *ink = nn_ink_new(NULL);
    assert_non_null(ink);
    int seen[SAMPLE_NEAR_DIGIT + 1] = {0};
    for (uint32_t i = 0; i < N; i++) {
        const float *input = got.inputs + (size_t)i * NN_PIXELS;
        uint8_t *pixels = data.images + (size_t)i * NN_PIXELS;
        float expected[NN_PIXELS];
        SampleKind kind = sample_kind(&samples, epoch, i);
        seen[kind]++;
        bool none = kind == SAMPLE_NON_DIGIT || kind == SAMPLE_NEAR_DIGIT;
        assert_int_equal(got.kinds[i], kind);
        assert_int_equal(got.labels[i], none ? NN_LABEL_NONE : data.labels[i]);
        NnDigit digit;
        if (kind == SAMPLE_STYLE) {
            uint64_t index = epoch << 32 | i;
            size_t form = nn_style_random(data.labels[i], SEED, index);
            assert_true(nn_style_picture(form, SEED, index, ink, &digit));
            pixels = digit.pixels;
        }
        nn_standardise(&recipe.arch, expected, pixels, 1);
        bool same = memcmp(input, expected, sizeof expected) == 0;
        assert_int_equal(same, !none);
    }
    assert_true(seen[SAMPLE_DATA] > 0 && seen[SAMPLE_STYLE] > 0 && seen[SAMPLE_NON_DIGIT] > 0);
    nn_ink_free(ink);
    synthetic_release(&data);
}

// How strongly the other picture shows in a blend of the two, -1 where it is no such blend.
static double share_in(const float *blend, const float *own, const float *other) {
    double along = 0, length = 0, off = 0;
    for (size_t p = 0; p < NN_PIXELS; p++) {
        double way = (double)other[p] - (double)own[p];
        along += way * ((double)blend[p] - (double)own[p]);
        length += way * way;
    }
    double share = length > 0 ? along / length : -1;
    for (size_t p = 0; p < NN_PIXELS; p++) {
        double expected = (double)own[p] + share * ((double)other[p] - (double)own[p]);
        off = fmax(off, fabs((double)blend[p] - expected));
    }
    return off < 1e-5 ? share : -1;
}

static void a_blend_is_between_two_pictures_and_named_after_the_stronger(void **unused) {
    (void)unused;
    NnDataset data = synthetic(N, 1, 0);
    NnRecipe recipe = small_recipe();
    recipe.distil_mixup = 0.4f;
    Samples samples = {.recipe = &recipe, .data = &data, .arch = &recipe.arch, .seed = SEED};
    uint32_t rows[N];
    for (uint32_t i = 0; i < N; i++) {
        rows[i] = i;
    }
    static Gathered got;
    static float pictures[N * NN_PIXELS];
    nn_standardise(&recipe.arch, pictures, data.images, N);
    gather(&samples, 3, rows, &got);
    int blends = 0, stronger = 0;
    for (size_t i = 0; i < N; i++) {
        const float *input = got.inputs + i * NN_PIXELS, *own = pictures + i * NN_PIXELS;
        if (got.kinds[i] != SAMPLE_BLEND) {
            assert_memory_equal(input, own, NN_PIXELS * sizeof(float));
            assert_int_equal(got.labels[i], data.labels[i]);
            continue;
        }
        double share = -1;
        size_t other = 0;
        for (; other < N && share < 0; other++) {
            share = share_in(input, own, pictures + other * NN_PIXELS);
        }
        assert_in_range((int)(share * 1000), 0, 999);
        assert_int_equal(got.labels[i], data.labels[share > 0.5 ? other - 1 : i]);
        blends++;
        stronger += share > 0.5;
    }
    assert_in_range(blends, N / 4, N / 2);
    assert_in_range(stronger, blends / 4, blends * 3 / 4);
    synthetic_release(&data);
}

static void the_order_of_the_rows_does_not_matter(void **unused) {
    (void)unused;
    NnDataset data = synthetic(N, 1, 0);
    NnRecipe recipe = small_recipe();
    recipe.styles = 0.3f;
    recipe.non_digits = 0.1f;
    recipe.augment.rotation_deg = 15;
    recipe.augment.elastic_px = 1;
    Samples samples = {.recipe = &recipe, .data = &data, .arch = &recipe.arch, .seed = SEED};
    uint32_t forwards[N], backwards[N];
    for (uint32_t i = 0; i < N; i++) {
        forwards[i] = i;
        backwards[N - 1 - i] = i;
    }
    static Gathered first, second;
    gather(&samples, 1, forwards, &first);
    gather(&samples, 1, backwards, &second);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(first.labels[i], second.labels[N - 1 - i]);
        assert_memory_equal(first.inputs + i * NN_PIXELS, second.inputs + (N - 1 - i) * NN_PIXELS,
                            NN_PIXELS * sizeof(float));
    }
    gather(&samples, 2, forwards, &second);
    assert_memory_not_equal(first.inputs, second.inputs, sizeof first.inputs);
    // Only the data set's own pictures are augmented.
    recipe.augment = (NnAugment){0};
    gather(&samples, 1, forwards, &second);
    for (uint32_t i = 0; i < N; i++) {
        bool same = memcmp(first.inputs + (size_t)i * NN_PIXELS,
                           second.inputs + (size_t)i * NN_PIXELS, NN_PIXELS * sizeof(float)) == 0;
        assert_int_equal(same, sample_kind(&samples, 1, i) != SAMPLE_DATA);
    }
    synthetic_release(&data);
}

// A blend with a held-out picture would let the network see what measures it.
static void no_blend_takes_of_the_pictures_that_are_held_out(void **unused) {
    (void)unused;
    enum {
        LEARNT = N / 2,
        MARK = 0
    }; // the pixel that is ink in every held-out picture, and in no other
    NnDataset data = synthetic(N, 1, 0);
    uint32_t rows[N];
    for (uint32_t i = 0; i < N; i++) {
        rows[i] = N - 1 - i; // the first half of the set is held out
        data.images[(size_t)i * NN_PIXELS + MARK] = i < N - LEARNT ? 255 : 0;
    }
    NnRecipe recipe = small_recipe();
    recipe.distil_mixup = 1;
    recipe.augment = (NnAugment){0};
    Samples samples = {.recipe = &recipe,
                       .data = &data,
                       .arch = &recipe.arch,
                       .seed = SEED,
                       .rows = rows,
                       .n_rows = LEARNT};
    float blank = -recipe.arch.input_mean / recipe.arch.input_sd;
    static Gathered got;
    gather(&samples, 1, rows, &got);
    for (size_t i = 0; i < LEARNT; i++) {
        assert_true(got.inputs[i * NN_PIXELS + MARK] == blank);
    }
    synthetic_release(&data);
}

int main(void) {
    enum { N_MIXES = sizeof mixes / sizeof mixes[0], N_TESTS = N_MIXES + 4 };
    struct CMUnitTest tests[N_TESTS] = {
        cmocka_unit_test(each_kind_has_its_picture_and_label),
        cmocka_unit_test(a_blend_is_between_two_pictures_and_named_after_the_stronger),
        cmocka_unit_test(the_order_of_the_rows_does_not_matter),
        cmocka_unit_test(no_blend_takes_of_the_pictures_that_are_held_out),
    };
    for (size_t i = 0; i < N_MIXES; i++) {
        tests[4 + i] = (struct CMUnitTest){mixes[i].name, kinds_come_in_the_shares_asked_for, NULL,
                                           NULL, &mixes[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
