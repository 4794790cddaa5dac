// However long a run is, what is drawn of it fits into so many bins, and each says of its steps what
// they are when they are grouped anew.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "app/train_bins.h"
#include "base/rng.h"

static TrainStep step_at(size_t i) {
    Rng rng = rng_at(3, RNG_STREAM_TEST, i);
    return (TrainStep){.epoch = (float)i,
                       .loss = rng_uniform(&rng, 0, 2),
                       .smooth = rng_uniform(&rng, 0, 2),
                       .accuracy = rng_uniform(&rng, 0, 100),
                       .rate = rng_uniform(&rng, 0, 1)};
}

static void check_groups(const TrainBins *bins, size_t n) {
    assert_true(bins->n <= TRAIN_BINS);
    assert_int_equal(bins->width & (bins->width - 1), 0);
    assert_int_equal(bins->n, (n + bins->width - 1) / bins->width);
    for (size_t b = 0; b < bins->n; b++) {
        size_t first = b * bins->width;
        size_t end = first + bins->width < n ? first + bins->width : n;
        float low = HUGE_VALF, high = -HUGE_VALF;
        for (size_t i = first; i < end; i++) {
            low = fminf(low, step_at(i).loss);
            high = fmaxf(high, step_at(i).loss);
        }
        TrainStep last = step_at(end - 1);
        assert_true(bins->epoch[b] == (float)first);
        assert_true(bins->low[b] == low && bins->high[b] == high);
        assert_true(bins->smooth[b] == last.smooth && bins->accuracy[b] == last.accuracy &&
                    bins->rate[b] == last.rate);
    }
}

static void steps_are_grouped(void **state) {
    (void)state;
    const size_t counts[] = {1, 2, TRAIN_BINS, TRAIN_BINS + 1, 2 * TRAIN_BINS, 30001};
    TrainBins bins = {0};
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        train_bins_clear(&bins);
        for (size_t i = 0; i < counts[k]; i++) {
            TrainStep step = step_at(i);
            assert_true(train_bins_add(&bins, &step));
        }
        check_groups(&bins, counts[k]);
    }
    train_bins_release(&bins);
}

static void a_gap_stays_one_however_wide_bins_become(void **state) {
    (void)state;
    TrainBins bins = {0};
    for (size_t i = 0; i < 20000; i++) {
        TrainStep step = step_at(i);
        step.epoch = i == 101 ? NAN : step.epoch;
        assert_true(train_bins_add(&bins, &step));
    }
    assert_true(isnan(bins.epoch[101 / bins.width]));
    size_t gaps = 0;
    for (size_t b = 0; b < bins.n; b++) {
        gaps += isnan(bins.epoch[b]) != 0;
    }
    assert_int_equal(gaps, 1);
    train_bins_release(&bins);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_grouped),
        cmocka_unit_test(a_gap_stays_one_however_wide_bins_become),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
