// arch_json.c - a network's description as text, the way weight files carry it.
//
// Strict: a key this program does not know may stand for something that changes the answers.

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "base/text.h"
#include "nn/weights.h"

enum { FLOAT_DIGITS = 9 }; // enough for any float to come back the same

// The double with the fewest decimal digits that rounds to this float: 0.3 for 0.3f, not
// 0.300000012.
static double shortest(float value) {
    double found = (double)value;
    for (int digits = 1; digits <= FLOAT_DIGITS; digits++) {
        char text[32];
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        found = strtod(text, NULL);
        if ((float)found == value) {
            break;
        }
    }
    return found;
}

static char *dump(const json_t *json) {
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(FLOAT_DIGITS);
    return json != NULL ? json_text_make(json, flags) : NULL;
}

// Whole numbers that are left out where they are 0.
static const struct {
    const char *key;
    size_t offset; // of the int in NnLayer
} extras[] = {
    {"channels", offsetof(NnLayer, channels)}, {"kernel", offsetof(NnLayer, kernel)},
    {"stride", offsetof(NnLayer, stride)},     {"padding", offsetof(NnLayer, padding)},
    {"from", offsetof(NnLayer, from)},         {"add", offsetof(NnLayer, add)},
};

enum { N_EXTRAS = sizeof extras / sizeof extras[0] };

static json_t *layer_to_json(const NnLayer *layer) {
    json_t *json = json_pack("{s:s, s:i, s:i, s:s}", "kind", nn_layer_kind_name(layer->kind), "in",
                             layer->n_in, "out", layer->n_out, "activation",
                             nn_activation_name(layer->activation));
    bool ok = json != NULL;
    if (ok && layer->dropout > 0.0f) {
        ok = json_object_set_new(json, "dropout", json_real(shortest(layer->dropout))) == 0;
    }
    if (ok && layer->residual) {
        ok = json_object_set_new(json, "residual", json_true()) == 0;
    }
    for (int i = 0; ok && i < N_EXTRAS; i++) {
        int value;
        memcpy(&value, (const char *)layer + extras[i].offset, sizeof value);
        ok = value == 0 || json_object_set_new(json, extras[i].key, json_integer(value)) == 0;
    }
    if (!ok) {
        json_decref(json);
        return NULL;
    }
    return json;
}

char *arch_to_json(const NnArch *arch) {
    char *text = NULL;
    json_t *layers = json_array();
    json_t *root = json_pack("{s:s, s:O}", "name", arch->name, "layers", layers);
    bool ok = root != NULL;
    for (int i = 0; ok && i < arch->n_layers; i++) {
        ok = json_array_append_new(layers, layer_to_json(&arch->layers[i])) == 0;
    }
    if (ok) {
        text = dump(root);
    }
    json_decref(root);
    json_decref(layers);
    return text;
}

// --- reading -------------------------------------------------------------------------------------

// Where in which file, for messages: "the architecture in its metadata", "layer 2 of ...".
typedef struct {
    const char *path;
    int layer; // from 1; 0: the object around them
    NnError *err;
} Place;

static NnStatus refuse(const Place *place, const char *reason, const char *detail) {
    char shown[64], where[32] = "";
    text_escape(shown, sizeof shown, detail);
    if (place->layer > 0) {
        snprintf(where, sizeof where, "layer %d of ", place->layer);
    }
    return nn_fail_file(place->err, NN_ERR_FORMAT, place->path, -1,
                        "%sthe architecture in its metadata %s \"%s\"", where, reason, shown);
}

// Every key must be one of the list; those before `optional` must be there.
static NnStatus check_keys(const Place *place, json_t *object, const char *const *keys, int n_keys,
                           int optional) {
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        bool known = false;
        for (int i = 0; i < n_keys; i++) {
            known = known || strcmp(key, keys[i]) == 0;
        }
        if (!known) {
            return refuse(place, "has the unknown key", key);
        }
    }
    for (int i = 0; i < optional; i++) {
        if (json_object_get(object, keys[i]) == NULL) {
            return refuse(place, "lacks the key", keys[i]);
        }
    }
    return NN_OK;
}

// A size; what an int cannot hold becomes -1, which the check of the whole network refuses.
static NnStatus read_size(const Place *place, json_t *object, const char *key, int *size) {
    json_t *value = json_object_get(object, key);
    if (!json_is_integer(value)) {
        return refuse(place, "has no whole number for", key);
    }
    json_int_t given = json_integer_value(value);
    *size = given >= 0 && given <= INT32_MAX ? (int)given : -1;
    return NN_OK;
}

static NnStatus layer_from_json(NnLayer *layer, json_t *json, const Place *place) {
    static const char *const keys[] = {"kind",    "in",       "out",      "activation",
                                       "dropout", "residual", "channels", "kernel",
                                       "stride",  "padding",  "from",     "add"};
    enum { N_KEYS = sizeof keys / sizeof keys[0], N_NEEDED = 4 };
    *layer = (NnLayer){.kind = NN_LAYER_DENSE};
    if (!json_is_object(json)) {
        return refuse(place, "is not", "{...}");
    }
    NnStatus status = check_keys(place, json, keys, N_KEYS, N_NEEDED);
    if (status == NN_OK) {
        status = read_size(place, json, "in", &layer->n_in);
    }
    if (status == NN_OK) {
        status = read_size(place, json, "out", &layer->n_out);
    }
    for (int i = 0; i < N_EXTRAS && status == NN_OK; i++) {
        if (json_object_get(json, extras[i].key) != NULL) {
            int value = 0;
            status = read_size(place, json, extras[i].key, &value);
            memcpy((char *)layer + extras[i].offset, &value, sizeof value);
        }
    }
    if (status != NN_OK) {
        return status;
    }
    const char *kind = json_string_value(json_object_get(json, "kind"));
    const char *activation = json_string_value(json_object_get(json, "activation"));
    json_t *dropout = json_object_get(json, "dropout");
    json_t *residual = json_object_get(json, "residual");
    if (kind == NULL || !nn_layer_kind_parse(kind, &layer->kind)) {
        return refuse(place, "has the unknown kind", kind != NULL ? kind : "");
    }
    if (activation == NULL || !nn_activation_parse(activation, &layer->activation)) {
        return refuse(place, "has the unknown activation", activation != NULL ? activation : "");
    }
    if (dropout != NULL && !json_is_number(dropout)) {
        return refuse(place, "has no number for", "dropout");
    }
    if (residual != NULL && !json_is_boolean(residual)) {
        return refuse(place, "has neither true nor false for", "residual");
    }
    layer->dropout = (float)json_number_value(dropout);
    layer->residual = json_is_true(residual);
    return NN_OK;
}

static NnStatus root_from_json(NnArch *arch, json_t *root, Place place) {
    static const char *const keys[] = {"layers", "name"};
    if (!json_is_object(root)) {
        return refuse(&place, "is not", "{...}");
    }
    NnStatus status = check_keys(&place, root, keys, 2, 1);
    if (status != NN_OK) {
        return status;
    }
    json_t *layers = json_object_get(root, "layers"), *name = json_object_get(root, "name");
    size_t n = json_array_size(layers);
    if (n < 1 || n > NN_LAYERS_MAX) {
        return nn_fail_file(place.err, NN_ERR_FORMAT, place.path, -1,
                            "the architecture in its metadata must list 1 to %d layers",
                            NN_LAYERS_MAX);
    }
    if (name != NULL && !json_is_string(name)) {
        return refuse(&place, "has no text for", "name");
    }
    text_copy(arch->name, sizeof arch->name, name != NULL ? json_string_value(name) : "");
    arch->n_layers = (int)n;
    for (int i = 0; i < arch->n_layers && status == NN_OK; i++) {
        place.layer = i + 1;
        status = layer_from_json(&arch->layers[i], json_array_get(layers, (size_t)i), &place);
    }
    return status;
}

NnStatus arch_from_json(NnArch *arch, const char *text, const char *path, NnError *err) {
    json_error_t fault;
    bool no_memory = false;
    json_t *root = json_text_parse(text, strlen(text), JSON_REJECT_DUPLICATES, &fault, &no_memory);
    if (root == NULL && no_memory) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to load it");
    }
    if (root == NULL) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1, "the architecture in its metadata: %s",
                            fault.text);
    }
    NnStatus status = root_from_json(arch, root, (Place){.path = path, .err = err});
    json_decref(root);
    return status;
}

// --- numbers -------------------------------------------------------------------------------------

bool number_to_text(char *out, size_t size, float value) {
    json_t *json = json_real(shortest(value));
    char *text = dump(json);
    json_decref(json);
    bool ok = text != NULL && text_copy(out, size, text);
    mem_free(text);
    return ok;
}

NnStatus number_from_text(float *value, const char *text) {
    json_error_t fault;
    bool no_memory = false;
    json_t *json = json_text_parse(text, strlen(text), JSON_DECODE_ANY, &fault, &no_memory);
    NnStatus status = no_memory ? NN_ERR_NOMEM : NN_ERR_FORMAT;
    if (json_is_number(json) && isfinite((float)json_number_value(json))) {
        *value = (float)json_number_value(json);
        status = NN_OK;
    }
    json_decref(json);
    return status;
}
