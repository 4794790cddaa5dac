// recipe_json.h - a recipe as JSON with every setting in it, and what two recipes differ in.
//
// What is written reads back as the same recipe, bit for bit: a run is resumed from it.

#ifndef NN_TRAIN_RECIPE_JSON_H
#define NN_TRAIN_RECIPE_JSON_H

#include <jansson.h>

#include "nn/recipe.h"

// Dump it with at least 9 digits (JSON_REAL_PRECISION(9)), or floats change. NULL: out of memory.
json_t *recipe_to_json(const NnRecipe *recipe);

// The first key in which two recipes differ ("learning_rate", "layers"), NULL when they are the
// same. Words for people (title, source) do not count.
const char *recipe_difference(const NnRecipe *a, const NnRecipe *b);

#endif
