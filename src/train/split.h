// split.h - which samples of a training set are held out: the end of one shuffle by the seed, or a part
// of it in cross-validation. Private to src/train.

#ifndef NN_TRAIN_SPLIT_H
#define NN_TRAIN_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "nn/recipe.h"

size_t split_held_out(const NnRecipe *recipe, size_t n); // samples, of n

// Puts the numbers 0 .. n - 1 into rows (n): those that are trained on, then those held out.
void split_rows(const NnRecipe *recipe, uint64_t seed, uint32_t *rows, size_t n);

#endif
