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
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(model, places);
    for (size_t i = 0; i < n; i++) {
        NnTensor *tensor = &tensors[i];
        *tensor = (NnTensor){.rank = places[i].rank,
                             .count = places[i].count,
                             .data = model->params + places[i].offset};
        for (int k = 0; k < places[i].rank; k++) {
            tensor->shape[k] = (size_t)places[i].shape[k];
        }
        text_copy(tensor->name, sizeof tensor->name, places[i].name);
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
    NnTensor *tensors = mem_new(NN_MODEL_TENSORS_MAX, sizeof *tensors);
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

// The tensors of a described network, each looked up by its name: found[k] belongs at places[k].
static NnStatus find_described(const NnArch *arch, const NnTensorFile *file, const char *path,
                               const NnTensor **found, NnError *err) {
    Layout layout;
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    layout_make(&layout, arch);
    size_t n = layout_tensors(&layout, arch, places);
    for (size_t i = 0; i < n; i++) {
        const NnTensorPlace *place = &places[i];
        NnTensor needed = {.rank = place->rank};
        for (int k = 0; k < place->rank; k++) {
            needed.shape[k] = (size_t)place->shape[k];
        }
        found[i] = nn_tensors_find(file, place->name);
        if (found[i] == NULL) {
            return nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                                "it has no tensor %s, which its architecture needs", place->name);
        }
        if (strcmp(shape_text(found[i]).text, shape_text(&needed).text) != 0) {
            return nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                                "tensor %s has shape %s, model needs %s", place->name,
                                shape_text(found[i]).text, shape_text(&needed).text);
        }
        for (size_t k = 0; text_ends_with(place->name, "running_var") && k < place->count; k++) {
            if (found[i]->data[k] < 0.0f) {
                return nn_fail_file(err, NN_ERR_NUMERIC, path, -1,
                                    "tensor %s has the negative variance %g", place->name,
                                    (double)found[i]->data[k]);
            }
        }
    }
    if (nn_tensors_count(file) != n) {
        return nn_fail_file(err, NN_ERR_SHAPE, path, -1,
                            "it has %zu tensors, but its architecture needs %zu",
                            nn_tensors_count(file), n);
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
    const NnTensor *found[NN_MODEL_TENSORS_MAX] = {NULL};
    if (description != NULL && find_described(&arch, file, path, found, err) != NN_OK) {
        return NULL;
    }
    for (int i = 0; description == NULL && i < arch.n_layers; i++) {
        found[2 * i] = layers[i].weight;
        found[2 * i + 1] = layers[i].bias;
    }
    NnModel *model = nn_model_new(&arch, &inner);
    if (model == NULL || !copy_notes(model, file)) {
        nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to load it");
        nn_model_free(model);
        return NULL;
    }
    NnTensorPlace places[NN_MODEL_TENSORS_MAX];
    size_t n = nn_model_tensors(model, places);
    for (size_t i = 0; i < n; i++) {
        // Linear(bias=False) is a layer like any other; its biases are the zeros that are there.
        if (found[i] != NULL) {
            memcpy(model->params + places[i].offset, found[i]->data,
                   places[i].count * sizeof(float));
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
