#include "train/split.h"

#include "base/rng.h"

size_t split_held_out(const NnRecipe *recipe, size_t n) {
    size_t folds = (size_t)recipe->folds, fold = (size_t)recipe->fold;
    return folds > 0 ? n * fold / folds - n * (fold - 1) / folds : (size_t)recipe->validation;
}

static void reverse(uint32_t *rows, size_t n) {
    for (size_t i = 0; i < n / 2; i++) {
        uint32_t row = rows[i];
        rows[i] = rows[n - 1 - i];
        rows[n - 1 - i] = row;
    }
}

void split_rows(const NnRecipe *recipe, uint64_t seed, uint32_t *rows, size_t n) {
    Rng rng = rng_at(seed, RNG_STREAM_SPLIT, 0);
    rng_permutation(&rng, rows, n);
    if (recipe->folds > 0) { // the fold's part moves to the end; the others keep their order
        size_t held = split_held_out(recipe, n);
        size_t from = n * (size_t)(recipe->fold - 1) / (size_t)recipe->folds;
        reverse(rows + from, held);
        reverse(rows + from + held, n - from - held);
        reverse(rows + from, n - from);
    }
}
