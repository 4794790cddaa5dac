// synthetic.h - ten classes of made-up pictures, so that training can be tested without MNIST.

#ifndef TESTS_TRAIN_SYNTHETIC_H
#define TESTS_TRAIN_SYNTHETIC_H

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/dataset.h"
#include "nn/recipe.h"

// n pictures: the class's own blob pattern plus noise. wrong_labels of 100 are drawn at random.
// Free with synthetic_release.
static inline NnDataset synthetic(size_t n, uint64_t seed, uint32_t wrong_labels) {
    NnDataset data = {
        .name = "synthetic", .n = n, .images = malloc(n * NN_PIXELS), .labels = malloc(n)};
    if (data.images == NULL || data.labels == NULL) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        Rng rng = rng_at(seed, RNG_STREAM_TEST, i);
        uint32_t class = rng_below(&rng, NN_CLASSES);
        uint8_t *pixels = data.images + i * NN_PIXELS;
        for (uint32_t p = 0; p < NN_PIXELS; p++) {
            uint32_t block = p / NN_SIDE / 4 * 7 + p % NN_SIDE / 4;
            bool ink = (block * 2654435761u >> (8 + class)) & 1u;
            pixels[p] = (uint8_t)((ink ? 128u : 0u) + rng_below(&rng, 128));
        }
        bool wrong = rng_below(&rng, 100) < wrong_labels;
        data.labels[i] = (uint8_t)(wrong ? rng_below(&rng, NN_CLASSES) : class);
    }
    return data;
}

static inline void synthetic_release(NnDataset *data) {
    free(data->images);
    free(data->labels);
}

// 784-16-10, Adam; what a test does not set itself.
static inline NnRecipe small_recipe(void) {
    NnRecipe recipe;
    NnError err;
    const char *text = "{\"name\": \"small\", \"layers\": [{\"dense\": 16}, {\"dense\": 10}],"
                       " \"input_mean\": 0.5, \"input_sd\": 0.3, \"batch\": 64, \"epochs\": 2}";
    if (nn_recipe_parse(text, strlen(text), "small", &recipe, &err) != NN_OK) {
        abort();
    }
    return recipe;
}

// A small network with every kind of layer, a block with a projection among them.
static inline NnRecipe small_cnn_recipe(void) {
    NnRecipe recipe;
    NnError err;
    const char *text =
        "{\"name\": \"cnn\", \"layers\": [{\"conv\": 8, \"stride\": 2, \"padding\": 1, "
        "\"activation\": \"none\"}, {\"batch_norm\": true, \"activation\": \"relu\", \"dropout\": "
        "0.1}, "
        "{\"conv\": 16, \"padding\": 1, \"activation\": \"none\"}, {\"batch_norm\": true}, "
        "{\"conv\": 16, \"kernel\": 1, \"from\": 2, \"add\": 4}, {\"max_pool\": 2}, {\"flatten\": "
        "true}, "
        "{\"dense\": 24, \"dropout\": 0.1}, {\"dense\": 10}],"
        " \"input_mean\": 0.5, \"input_sd\": 0.3, \"batch\": 64, \"epochs\": 2, \"optimiser\": "
        "\"adam\"}";
    if (nn_recipe_parse(text, strlen(text), "cnn", &recipe, &err) != NN_OK) {
        abort();
    }
    return recipe;
}

#endif
