// arch_json.c - a network's description as text, the way weight files carry it.
//
// Strict: a key this program does not know may stand for something that changes the answers.

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
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

// Text of a JSON value in memory of ours.
static char *dump(const json_t *json) {
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(FLOAT_DIGITS);
    size_t n = json != NULL ? json_dumpb(json, NULL, 0, flags) : 0;
    char *text = n > 0 ? mem_new(n + 1, 1) : NULL;
    if (text != NULL && json_dumpb(json, text, n, flags) != n) {
        mem_free(text);
        text = NULL;
    }
    return text;
}

static json_t *layer_to_json(const NnLayer *layer) {
    json_t *json = json_pack("{s:s, s:i, s:i, s:s}", "kind", "dense", "in", layer->n_in, "out",
                             layer->n_out, "activation", nn_activation_name(layer->activation));
    bool ok = json != NULL;
    if (ok && layer->dropout > 0.0f) {
        ok = json_object_set_new(json, "dropout", json_real(shortest(layer->dropout))) == 0;
    }
    if (ok && layer->residual) {
        ok = json_object_set_new(json, "residual", json_true()) == 0;
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

static NnStatus layer_from_json(NnLayer *layer, json_t *json, int number, const char *path,
                                NnError *err) {
    const char *kind, *activation;
    json_int_t n_in, n_out;
    double dropout = 0.0;
    int residual = 0;
    json_error_t fault;
    if (json_unpack_ex(json, &fault, JSON_STRICT, "{s:s, s:I, s:I, s:s, s?F, s?b}", "kind", &kind,
                       "in", &n_in, "out", &n_out, "activation", &activation, "dropout", &dropout,
                       "residual", &residual) != 0) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                            "the architecture in its metadata: layer %d: %s", number, fault.text);
    }
    *layer = (NnLayer){.dropout = (float)dropout, .residual = residual != 0};
    if (strcmp(kind, "dense") != 0) {
        char shown[64];
        text_escape(shown, sizeof shown, kind);
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                            "layer %d is of kind \"%s\", which this program does not know", number,
                            shown);
    }
    if (!nn_activation_parse(activation, &layer->activation)) {
        char shown[64];
        text_escape(shown, sizeof shown, activation);
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                            "layer %d has activation \"%s\", which this program does not know",
                            number, shown);
    }
    // Sizes that an int cannot hold become -1, which the check of the whole network refuses.
    layer->n_in = n_in >= 0 && n_in <= INT32_MAX ? (int)n_in : -1;
    layer->n_out = n_out >= 0 && n_out <= INT32_MAX ? (int)n_out : -1;
    return NN_OK;
}

NnStatus arch_from_json(NnArch *arch, const char *text, const char *path, NnError *err) {
    NnStatus status = NN_OK;
    const char *name = "";
    json_t *layers;
    json_error_t fault;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
    if (root == NULL ||
        json_unpack_ex(root, &fault, JSON_STRICT, "{s?s, s:o}", "name", &name, "layers", &layers)) {
        status = nn_fail_file(err, NN_ERR_FORMAT, path, -1, "the architecture in its metadata: %s",
                              fault.text);
        goto done;
    }
    if (!json_is_array(layers) || json_array_size(layers) < 1 ||
        json_array_size(layers) > NN_LAYERS_MAX) {
        status = nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                              "the architecture in its metadata must list 1 to %d layers",
                              NN_LAYERS_MAX);
        goto done;
    }
    text_copy(arch->name, sizeof arch->name, name);
    arch->n_layers = (int)json_array_size(layers);
    for (int i = 0; i < arch->n_layers && status == NN_OK; i++) {
        status =
            layer_from_json(&arch->layers[i], json_array_get(layers, (size_t)i), i + 1, path, err);
    }
done:
    json_decref(root);
    return status;
}

bool number_to_text(char *out, size_t size, float value) {
    json_t *json = json_real(shortest(value));
    char *text = dump(json);
    json_decref(json);
    bool ok = text != NULL && text_copy(out, size, text);
    mem_free(text);
    return ok;
}

bool number_from_text(float *value, const char *text) {
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    bool ok = json_is_number(json);
    if (ok) {
        *value = (float)json_number_value(json);
        ok = isfinite(*value);
    }
    json_decref(json);
    return ok;
}
