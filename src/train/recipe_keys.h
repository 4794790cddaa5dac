// recipe_keys.h - the one table of what a recipe may say: key, type, place, range, meaning.
//
// The reader of recipe files and --set both go through it.

#ifndef NN_TRAIN_RECIPE_KEYS_H
#define NN_TRAIN_RECIPE_KEYS_H

#include <jansson.h>
#include <stdbool.h>

#include "nn/recipe.h"

// KEY_TRUE: its presence names the kind of a layer; nothing is stored. KEY_NAMES: NnTeacherNames.
typedef enum { KEY_TEXT, KEY_REAL, KEY_WHOLE, KEY_FLAG, KEY_TRUE, KEY_CHOICE, KEY_NAMES } KeyType;

typedef struct {
    const char *name; // members of an object with a dot: "augment.shear"
    KeyType type;
    size_t offset;                // in NnRecipe, or in NnLayer for the keys of a layer
    size_t size;                  // of a text's array
    double low, high;             // of a number, both allowed
    const char *(*choice)(int i); // NULL after the last
    const char *help;
    unsigned kinds; // of layers that have the key, 1u << NnLayerKind; 0: all
} RecipeKey;

// Whether a layer of this kind has the key.
static inline bool recipe_key_fits(const RecipeKey *key, NnLayerKind kind) {
    return key->kinds == 0 || (key->kinds >> kind & 1u) != 0;
}

// NULL when there is no such key. in_layer: the keys of one entry of "layers".
const RecipeKey *recipe_key(const char *name, size_t length, bool in_layer);

// The keys one after the other; NULL after the last.
const RecipeKey *recipe_key_at(size_t i, bool in_layer);

// The known key nearest to a misspelt one, NULL when none is near.
const char *recipe_key_like(const char *name, bool in_layer);

// Writes value to its place in target. False with the reason, a phrase such as "is 3, but must be 0
// to 1", in why.
bool recipe_key_store(const RecipeKey *key, const json_t *value, void *target, char *why,
                      size_t why_size);

#endif
