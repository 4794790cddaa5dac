// weights.c - a network to a weight file and back.
//
// Tensors are fc1.weight [O, I], fc1.bias [O], fc2.weight ... as PyTorch's state_dict names and
// lays them out, so that either side loads the other's file. What tensors cannot say is in the
// metadata, all of it text: the description as JSON, what the inputs are standardised with,
// temperature and threshold.

#include "nn/safetensors.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "nn/model_impl.h"
#include "nn/version.h"
#include "nn/weights.h"

enum { OWN_PAIRS_MAX = 7 }; // format, program, architecture and the four numbers

static const struct {
    const char *key;
    size_t offset; // of the float in NnArch
} numbers[] = {
    {META_INPUT_MEAN, offsetof(NnArch, input_mean)},
    {META_INPUT_SD, offsetof(NnArch, input_sd)},
    {META_TEMPERATURE, offsetof(NnArch, temperature)},
    {META_THRESHOLD, offsetof(NnArch, threshold)},
};

enum { N_NUMBERS = sizeof numbers / sizeof numbers[0] };

ShapeText shape_text(const NnTensor *tensor) {
    ShapeText shape = {"["};
    size_t used = 1;
    for (int i = 0; i < tensor->rank; i++) {
        used += (size_t)snprintf(shape.text + used, sizeof shape.text - used, "%s%zu",
                                 i > 0 ? "," : "", tensor->shape[i]);
    }
    text_copy(shape.text + used, sizeof shape.text - used, "]");
    return shape;
}

NameText name_text(const NnTensor *tensor) {
    NameText name;
    text_escape(name.text, sizeof name.text, tensor->name);
    return name;
}

// --- writing -------------------------------------------------------------------------------------

static bool is_own_key(const char *key) {
    static const char *const own[] = {"format", "program", "sha256", META_ARCHITECTURE,
                                      META_ACTIVATION};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(key, own[i]) == 0) {
            return true;
        }
    }
    for (int i = 0; i < N_NUMBERS; i++) {
        if (strcmp(key, numbers[i].key) == 0) {
            return true;
        }
    }
    return false;
}

static size_t list_tensors(NnTensor *tensors, const NnModel *model) {
    size_t n = 0;
    for (int i = 0; i < model->arch.n_layers; i++) {
        size_t O = (size_t)model->arch.layers[i].n_out, I = (size_t)model->arch.layers[i].n_in;
        NnTensor *weight = &tensors[n++], *bias = &tensors[n++];
        *weight = (NnTensor){.rank = 2, .shape = {O, I}, .count = O * I};
        weight->data = nn_model_weight(model, i);
        snprintf(weight->name, sizeof weight->name, "fc%d.weight", i + 1);
        *bias = (NnTensor){.rank = 1, .shape = {O}, .count = O};
        bias->data = nn_model_bias(model, i);
        snprintf(bias->name, sizeof bias->name, "fc%d.bias", i + 1);
    }
    return n;
}

NnStatus nn_model_save(const NnModel *model, const char *path, const NnNote *notes, size_t n_notes,
                       NnError *err) {
    for (size_t i = 0; i < n_notes; i++) {
        if (is_own_key(notes[i].key)) {
            return nn_fail(err, NN_ERR_USAGE, "a weight file's \"%s\" cannot be set by a note",
                           notes[i].key);
        }
    }
    NnStatus status = NN_ERR_NOMEM;
    char number[N_NUMBERS][32];
    char *architecture = arch_to_json(&model->arch);
    NnTensor *tensors = mem_new(2 * (size_t)model->arch.n_layers, sizeof *tensors);
    NnMetaPair *meta = mem_new(OWN_PAIRS_MAX + n_notes, sizeof *meta);
    if (architecture == NULL || tensors == NULL || meta == NULL) {
        nn_fail(err, status, "not enough memory to save a network");
        goto done;
    }
    size_t n_meta = 0;
    meta[n_meta++] = (NnMetaPair){"format", "pt"};
    meta[n_meta++] = (NnMetaPair){"program", "inkling " NN_VERSION};
    meta[n_meta++] = (NnMetaPair){META_ARCHITECTURE, architecture};
    for (int i = 0; i < N_NUMBERS; i++) {
        float value;
        memcpy(&value, (const char *)&model->arch + numbers[i].offset, sizeof value);
        if (value != 0.0f && !number_to_text(number[i], sizeof number[i], value)) {
            nn_fail(err, status, "not enough memory to save a network");
            goto done;
        }
        if (value != 0.0f) {
            meta[n_meta++] = (NnMetaPair){numbers[i].key, number[i]};
        }
    }
    for (size_t i = 0; i < n_notes; i++) {
        meta[n_meta++] = (NnMetaPair){notes[i].key, notes[i].value};
    }
    size_t n_tensors = list_tensors(tensors, model);
    status = nn_tensors_write(path, tensors, n_tensors, meta, n_meta, err);
done:
    mem_free(meta);
    mem_free(tensors);
    mem_free(architecture);
    return status;
}

// --- reading -------------------------------------------------------------------------------------

static NnStatus read_numbers(NnArch *arch, const NnTensorFile *file, const char *path,
                             NnError *err) {
    for (int i = 0; i < N_NUMBERS; i++) {
        const char *text = nn_tensors_meta(file, numbers[i].key);
        float value;
        if (text == NULL) {
            continue;
        }
        NnStatus status = number_from_text(&value, text);
        if (status == NN_ERR_NOMEM) {
            return nn_fail_file(err, status, path, -1, "not enough memory to load it");
        }
        if (status != NN_OK) {
            char shown[64];
            text_escape(shown, sizeof shown, text);
            return nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                                "\"%s\" in its metadata is \"%s\", not a number", numbers[i].key,
                                shown);
        }
        memcpy((char *)arch + numbers[i].offset, &value, sizeof value);
    }
    return NN_OK;
}

// The tensors of a described network, each looked up by its name.
static NnStatus find_described(const NnArch *arch, const NnTensorFile *file, const char *path,
                               LayerTensors *layers, NnError *err) {
    for (int i = 0; i / 2 < arch->n_layers; i++) {
        const NnLayer *layer = &arch->layers[i / 2];
        bool is_weight = i % 2 == 0;
        char name[32], needed[64];
        snprintf(name, sizeof name, "fc%d.%s", i / 2 + 1, is_weight ? "weight" : "bias");
        const NnTensor *tensor = nn_tensors_find(file, name);
        if (tensor == NULL) {
            return nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                                "it has no tensor %s, which its architecture needs", name);
        }
        if (is_weight) {
            snprintf(needed, sizeof needed, "[%d,%d]", layer->n_out, layer->n_in);
            layers[i / 2].weight = tensor;
        } else {
            snprintf(needed, sizeof needed, "[%d]", layer->n_out);
            layers[i / 2].bias = tensor;
        }
        if (strcmp(shape_text(tensor).text, needed) != 0) {
            return nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                                "tensor %s has shape %s, model needs %s", name,
                                shape_text(tensor).text, needed);
        }
    }
    if (nn_tensors_count(file) != 2 * (size_t)arch->n_layers) {
        return nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                            "it has %zu tensors, but its architecture needs %d",
                            nn_tensors_count(file), 2 * arch->n_layers);
    }
    return NN_OK;
}

// A description made from the shapes alone; the metadata may still name the hidden activation.
static NnStatus describe_chain(NnArch *arch, const NnTensorFile *file, const char *path,
                               LayerTensors *layers, NnError *err) {
    NnActivation hidden = NN_ACT_RELU;
    const char *named = nn_tensors_meta(file, META_ACTIVATION);
    if (named != NULL && !nn_activation_parse(named, &hidden)) {
        char shown[64];
        text_escape(shown, sizeof shown, named);
        return nn_fail_file(
            err, NN_ERR_FORMAT, path, -1,
            "its metadata names activation \"%s\", which this program does not know", shown);
    }
    NnStatus status = chain_tensors(file, path, layers, &arch->n_layers, err);
    for (int i = 0; status == NN_OK && i < arch->n_layers; i++) {
        const size_t *shape = layers[i].weight->shape;
        arch->layers[i] = (NnLayer){
            .kind = NN_LAYER_DENSE,
            // What an int cannot hold becomes -1, which the check of the whole network refuses.
            .n_in = shape[1] <= INT32_MAX ? (int)shape[1] : -1,
            .n_out = shape[0] <= INT32_MAX ? (int)shape[0] : -1,
            .activation = i < arch->n_layers - 1 ? hidden : NN_ACT_NONE,
        };
    }
    return status;
}

static bool copy_notes(NnModel *model, const NnTensorFile *file) {
    for (size_t i = 0; i < nn_tensors_meta_count(file); i++) {
        const char *key = nn_tensors_meta_key(file, i);
        if (!model_note_add(model, key, nn_tensors_meta(file, key))) {
            return false;
        }
    }
    return true;
}

// A model of the file's own description, or one its shapes give.
static NnModel *model_from_tensors(const NnTensorFile *file, const char *path, NnError *err) {
    NnArch arch = {.n_layers = 0};
    LayerTensors layers[NN_LAYERS_MAX] = {{NULL, NULL}};
    const char *description = nn_tensors_meta(file, META_ARCHITECTURE);
    NnStatus status = description != NULL ? arch_from_json(&arch, description, path, err)
                                          : describe_chain(&arch, file, path, layers, err);
    if (status == NN_OK) {
        status = read_numbers(&arch, file, path, err);
    }
    if (status != NN_OK) {
        return NULL;
    }
    NnError inner = {0};
    if (nn_arch_check(&arch, &inner) != NN_OK) {
        nn_fail_file(err, NN_ERR_SHAPE, path, -1, "%s", inner.message);
        return NULL;
    }
    // Before memory is taken: the description of a file from a stranger may promise anything.
    if (description != NULL && find_described(&arch, file, path, layers, err) != NN_OK) {
        return NULL;
    }
    NnModel *model = nn_model_new(&arch, &inner);
    if (model == NULL || !copy_notes(model, file)) {
        nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to load it");
        nn_model_free(model);
        return NULL;
    }
    for (int i = 0; i < arch.n_layers; i++) {
        const NnTensor *weight = layers[i].weight, *bias = layers[i].bias;
        memcpy(model->params + model->weight_offset[i], weight->data,
               weight->count * sizeof(float));
        // Linear(bias=False) is a layer like any other; its biases are the zeros that are there.
        if (bias != NULL) {
            memcpy(model->params + model->bias_offset[i], bias->data, bias->count * sizeof(float));
        }
    }
    return model;
}

static NnModel *model_from_file(NnTensorFile *owned_file, const char *path, NnError *err) {
    NnModel *model = owned_file != NULL ? model_from_tensors(owned_file, path, err) : NULL;
    nn_tensors_free(owned_file);
    return model;
}

NnModel *nn_model_load(const char *path, NnError *err) {
    return model_from_file(nn_tensors_read(path, err), path, err);
}

NnModel *nn_model_parse(const uint8_t *bytes, size_t n, const char *path, NnError *err) {
    return model_from_file(nn_tensors_parse(bytes, n, path, err), path, err);
}
