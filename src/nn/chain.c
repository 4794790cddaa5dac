// chain.c - finding the layers of a file that does not say what it is.
//
// PyTorch names tensors after the attributes of a class: 0.weight, fc1.weight, net.hidden.weight.
// Only shapes can be trusted: the pairs must chain from 784 to 10. Orders are tried from the likely
// to the laborious: names in natural order (fc2 before fc10), the file's order, and last a search
// for any order that chains, where layers of equal shape keep the order of their names.

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "nn/weights.h"

enum { SEARCH_STEPS_MAX = 100000 }; // a hostile file gets an error, not an hour

typedef struct {
    LayerTensors tensors[NN_LAYERS_MAX];
    int order[NN_LAYERS_MAX]; // indices into tensors
    int n;
} Chain;

// Compares names with runs of digits as numbers.
static int natural_compare(const char *a, const char *b) {
    while (*a != '\0' && *b != '\0') {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            size_t zeros_a = strspn(a, "0"), zeros_b = strspn(b, "0");
            a += zeros_a;
            b += zeros_b;
            size_t n_a = strspn(a, "0123456789"), n_b = strspn(b, "0123456789");
            int by_value = n_a != n_b ? (n_a < n_b ? -1 : 1) : strncmp(a, b, n_a);
            if (by_value != 0) {
                return by_value;
            }
            a += n_a;
            b += n_b;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != '\0') - (*b != '\0');
}

static size_t inputs_of(const LayerTensors *layer) {
    return layer->weight->shape[1];
}

static size_t outputs_of(const LayerTensors *layer) {
    return layer->weight->shape[0];
}

// The part of "net.fc1.weight" before ending, or false. A lone Linear has the name "weight" itself.
static bool split_name(char *stem, size_t size, const char *name, const char *ending) {
    if (strcmp(name, ending + 1) == 0) {
        stem[0] = '\0';
        return true;
    }
    if (!text_ends_with(name, ending)) {
        return false;
    }
    text_copy(stem, size, name);
    stem[strlen(name) - strlen(ending)] = '\0';
    return true;
}

static const NnTensor *find_partner(const NnTensorFile *file, const char *stem,
                                    const char *ending) {
    char name[NN_TENSOR_NAME_MAX + 16];
    text_copy(name, sizeof name, stem);
    text_copy(name + strlen(stem), sizeof name - strlen(stem),
              stem[0] != '\0' ? ending : ending + 1);
    return nn_tensors_find(file, name);
}

static NnStatus collect(Chain *chain, const NnTensorFile *file, const char *path, NnError *err) {
    for (size_t i = 0; i < nn_tensors_count(file); i++) {
        const NnTensor *tensor = nn_tensors_at(file, i);
        char stem[NN_TENSOR_NAME_MAX + 1];
        if (tensor->rank == 1 && split_name(stem, sizeof stem, tensor->name, ".bias") &&
            find_partner(file, stem, ".weight") != NULL) {
            continue; // comes with its weight
        }
        if (tensor->rank != 2 || !split_name(stem, sizeof stem, tensor->name, ".weight")) {
            return nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                                "tensor %s of shape %s is no part of a dense layer; without a "
                                "description only weights [out,in] and biases [out] can be read",
                                name_text(tensor).text, shape_text(tensor).text);
        }
        if (chain->n == NN_LAYERS_MAX) {
            return nn_fail_file(err, NN_ERR_SHAPE, path, -1, "it has more than %d layers",
                                NN_LAYERS_MAX);
        }
        const NnTensor *bias = find_partner(file, stem, ".bias");
        if (bias != NULL && (bias->rank != 1 || bias->shape[0] != tensor->shape[0])) {
            return nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                                "tensor %s has shape %s, model needs [%zu] to go with %s",
                                name_text(bias).text, shape_text(bias).text, tensor->shape[0],
                                name_text(tensor).text);
        }
        chain->order[chain->n] = chain->n;
        chain->tensors[chain->n++] = (LayerTensors){.weight = tensor, .bias = bias};
    }
    if (chain->n == 0) {
        return nn_fail_file(err, NN_ERR_SHAPE, path, -1, "it has no weights of any layer");
    }
    return NN_OK;
}

static void sort_by_name(Chain *chain) {
    for (int i = 1; i < chain->n; i++) {
        for (int j = i; j > 0; j--) {
            int before = chain->order[j - 1], after = chain->order[j];
            if (natural_compare(chain->tensors[before].weight->name,
                                chain->tensors[after].weight->name) <= 0) {
                break;
            }
            chain->order[j - 1] = after;
            chain->order[j] = before;
        }
    }
}

// Position of the first layer that does not take what the one before it gives; n when only the end
// is not 10, n + 1 when all is well.
static int first_break(const Chain *chain) {
    size_t width = NN_PIXELS;
    for (int i = 0; i < chain->n; i++) {
        const LayerTensors *layer = &chain->tensors[chain->order[i]];
        if (inputs_of(layer) != width) {
            return i;
        }
        width = outputs_of(layer);
    }
    return width == NN_CLASSES ? chain->n + 1 : chain->n;
}

// Depth-first: order[0 .. done-1] is settled and ends in `width` values.
static bool search(Chain *chain, int done, size_t width, int *steps) {
    if (done == chain->n) {
        return width == NN_CLASSES;
    }
    for (int i = done; i < chain->n && (*steps)++ < SEARCH_STEPS_MAX; i++) {
        int candidate = chain->order[i];
        if (inputs_of(&chain->tensors[candidate]) != width) {
            continue;
        }
        // Moved to the front of the rest, so that what remains keeps the order of its names.
        memmove(&chain->order[done + 1], &chain->order[done], (size_t)(i - done) * sizeof(int));
        chain->order[done] = candidate;
        if (search(chain, done + 1, outputs_of(&chain->tensors[candidate]), steps)) {
            return true;
        }
        memmove(&chain->order[done], &chain->order[done + 1], (size_t)(i - done) * sizeof(int));
        chain->order[i] = candidate;
    }
    return false;
}

static NnStatus report_break(const Chain *chain, const char *path, NnError *err) {
    int at = first_break(chain);
    const NnTensor *tensor = chain->tensors[chain->order[at < chain->n ? at : chain->n - 1]].weight;
    NnStatus status;
    if (at == chain->n) {
        status = nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                              "tensor %s has shape %s, model needs [%d,%zu] for the ten digits",
                              name_text(tensor).text, shape_text(tensor).text, NN_CLASSES,
                              tensor->shape[1]);
    } else if (at == 0) {
        status = nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                              "tensor %s has shape %s, model needs [%zu,%d] for 28x28 pixels",
                              name_text(tensor).text, shape_text(tensor).text, tensor->shape[0],
                              NN_PIXELS);
    } else {
        const NnTensor *before = chain->tensors[chain->order[at - 1]].weight;
        status = nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                              "tensor %s has shape %s, model needs [%zu,%zu] after %s",
                              name_text(tensor).text, shape_text(tensor).text, tensor->shape[0],
                              before->shape[0], name_text(before).text);
    }
    nn_error_hint(err, "Layers must lead from 784 pixels to 10 digits; no order of these does.");
    return status;
}

NnStatus chain_tensors(const NnTensorFile *file, const char *path, LayerTensors *layers,
                       int *n_layers, NnError *err) {
    Chain chain = {.n = 0};
    NnStatus status = collect(&chain, file, path, err);
    if (status != NN_OK) {
        return status;
    }
    bool chains = first_break(&chain) > chain.n; // the file's order
    Chain by_name = chain;
    sort_by_name(&by_name);
    if (first_break(&by_name) > by_name.n || !chains) {
        chain = by_name;
    }
    int steps = 0;
    if (first_break(&chain) <= chain.n && !search(&chain, 0, NN_PIXELS, &steps)) {
        return report_break(&by_name, path, err);
    }
    *n_layers = chain.n;
    for (int i = 0; i < chain.n; i++) {
        layers[i] = chain.tensors[chain.order[i]];
    }
    return NN_OK;
}
