#include "train/recipe_json.h"

#include <string.h>

#include "train/recipe_keys.h"

// A number out of the key's range is one that the recipe leaves out (no sd, no augmentation): the
// reader would refuse it and has the same default.
static json_t *value_of(const RecipeKey *key, const void *source) {
    const void *place = (const char *)source + key->offset;
    switch (key->type) {
    case KEY_TEXT:
        return json_string(place);
    case KEY_CHOICE:
        return json_string(key->choice(*(const int *)place));
    case KEY_FLAG:
        return json_boolean(*(const bool *)place);
    case KEY_TRUE:
        return json_true();
    case KEY_NAMES:
        return NULL; // put_teachers
    case KEY_WHOLE: {
        int number = *(const int *)place;
        return number >= key->low && number <= key->high ? json_integer(number) : NULL;
    }
    default: {
        double number = (double)*(const float *)place;
        // Against the limits as floats: 0.9f is a little less or more than 0.9.
        bool in = number >= (double)(float)key->low && number <= (double)(float)key->high;
        return in ? json_real(number) : NULL;
    }
    }
}

// Stores value under name, "augment.shear" in the object "augment".
static bool put(json_t *object, const char *name, json_t *owned_value) {
    const char *dot = strchr(name, '.');
    if (dot == NULL) {
        return json_object_set_new(object, name, owned_value) == 0;
    }
    char outer[32];
    size_t n = (size_t)(dot - name);
    NN_ASSERT(n < sizeof outer);
    memcpy(outer, name, n);
    outer[n] = '\0';
    json_t *inner = json_object_get(object, outer);
    if (inner == NULL) {
        inner = json_object();
        if (json_object_set_new(object, outer, inner) != 0) {
            json_decref(owned_value);
            return false;
        }
    }
    return json_object_set_new(inner, dot + 1, owned_value) == 0;
}

// layer: the source if it is one, else NULL.
static json_t *members(const void *source, const NnLayer *layer) {
    json_t *object = json_object();
    bool whole = object != NULL;
    const RecipeKey *key;
    for (size_t i = 0; whole && (key = recipe_key_at(i, layer != NULL)) != NULL; i++) {
        if (layer != NULL && !recipe_key_fits(key, layer->kind)) {
            continue;
        }
        json_t *value = value_of(key, source);
        whole = value == NULL || put(object, key->name, value);
    }
    if (!whole) {
        json_decref(object);
        return NULL;
    }
    return object;
}

// A recipe without teachers says nothing of distillation, as the reader wants it.
static bool put_teachers(json_t *object, const NnTeacherNames *teachers) {
    if (teachers->n == 0) {
        json_object_del(object, "distil_weight");
        json_object_del(object, "distil_mixup");
        json_object_del(object, "distil_views");
        json_object_del(object, "distil_temperature");
        return true;
    }
    json_t *list = json_array();
    bool whole = json_object_set(object, "teachers", list) == 0;
    for (int i = 0; whole && i < teachers->n; i++) {
        whole = json_array_append_new(list, json_string(teachers->names[i])) == 0;
    }
    json_decref(list);
    return whole;
}

json_t *recipe_to_json(const NnRecipe *recipe) {
    json_t *object = members(recipe, NULL), *layers = json_array();
    if (!recipe->fuse_batch_norm) {
        json_object_del(object, "fuse_batch_norm"); // NULL is fine
    }
    if (recipe->start[0] == '\0') {
        json_object_del(object, "start");
    }
    bool whole = object != NULL && layers != NULL && put_teachers(object, &recipe->teachers);
    for (int i = 0; whole && i < recipe->arch.n_layers; i++) {
        const NnLayer *layer = &recipe->arch.layers[i];
        whole = json_array_append_new(layers, members(layer, layer)) == 0;
    }
    whole = whole && json_object_set(object, "layers", layers) == 0;
    json_decref(layers);
    if (!whole) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static bool same_names(const NnTeacherNames *a, const NnTeacherNames *b) {
    bool same = a->n == b->n;
    for (int i = 0; same && i < a->n; i++) {
        same = strcmp(a->names[i], b->names[i]) == 0;
    }
    return same;
}

static bool same_value(const RecipeKey *key, const void *a, const void *b) {
    const char *x = (const char *)a + key->offset, *y = (const char *)b + key->offset;
    switch (key->type) {
    case KEY_TEXT:
        return strcmp(x, y) == 0;
    case KEY_NAMES:
        return same_names((const NnTeacherNames *)x, (const NnTeacherNames *)y);
    case KEY_FLAG:
        return *(const bool *)x == *(const bool *)y;
    case KEY_REAL:
        return *(const float *)x == *(const float *)y;
    default:
        return *(const int *)x == *(const int *)y;
    }
}

static const char *difference(const void *a, const void *b, bool in_layer) {
    const RecipeKey *key;
    for (size_t i = 0; (key = recipe_key_at(i, in_layer)) != NULL; i++) {
        bool for_people = strcmp(key->name, "title") == 0 || strcmp(key->name, "source") == 0;
        if (!for_people && !same_value(key, a, b)) {
            return key->name;
        }
    }
    return NULL;
}

const char *recipe_difference(const NnRecipe *a, const NnRecipe *b) {
    const char *key = difference(a, b, false);
    if (key != NULL) {
        return key;
    }
    bool same = a->arch.n_layers == b->arch.n_layers;
    for (int i = 0; same && i < a->arch.n_layers; i++) {
        same = difference(&a->arch.layers[i], &b->arch.layers[i], true) == NULL;
    }
    return same ? NULL : "layers";
}
