// info_model.c - networks: as weights, as ONNX, as a recipe to train one.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/info.h"
#include "cli/run.h"

// --- weights -------------------------------------------------------------------------------------

static json_t *tensors_json(const NnTensorFile *file) {
    json_t *array = json_array();
    for (size_t i = 0; i < nn_tensors_count(file); i++) {
        const NnTensor *t = nn_tensors_at(file, i);
        json_t *shape = json_array();
        for (int k = 0; k < t->rank; k++) {
            shape = json_text_push(shape, json_integer((json_int_t)t->shape[k]));
        }
        array = json_text_push(array, json_pack("{s:s, s:o}", "name", t->name, "shape", shape));
    }
    return array;
}

static json_t *metadata_json(const NnTensorFile *file) {
    json_t *object = json_object();
    for (size_t i = 0; i < nn_tensors_meta_count(file); i++) {
        const char *key = nn_tensors_meta_key(file, i);
        object = json_text_put(object, key, json_string(nn_tensors_meta(file, key)));
    }
    return object;
}

static void print_metadata(const NnTensorFile *file) {
    const char *title = "metadata";
    for (size_t i = 0; i < nn_tensors_meta_count(file); i++) {
        const char *key = nn_tensors_meta_key(file, i);
        if (strcmp(key, "architecture") != 0) { // said as the network already
            info_row(title, "%s: %s", key, nn_tensors_meta(file, key));
            title = "";
        }
    }
}

static void print_tensors(const NnTensorFile *file) {
    for (size_t i = 0; i < nn_tensors_count(file); i++) {
        const NnTensor *t = nn_tensors_at(file, i);
        char shape[128] = "";
        for (int k = 0; k < t->rank; k++) {
            size_t used = strlen(shape);
            snprintf(shape + used, sizeof shape - used, "%s%zu", k > 0 ? ", " : "", t->shape[k]);
        }
        info_row(i == 0 ? "tensors" : "", "%-14s [%s]", t->name, shape);
    }
}

static void print_weights(const char *path, const NnTensorFile *file, const NnModel *model,
                          size_t values, const NnError *why_not) {
    char layers[1024], sha[65];
    if (model == NULL) {
        info_sentence(path, "holds %zu weights, but of no network that inkling can use", values);
        info_row("why not", "%s", why_not->message);
    } else {
        nn_arch_describe(nn_model_arch(model), layers, sizeof layers);
        nn_model_sha256(model, sha);
        info_sentence(path, "holds a network of %zu weights: %s", values, layers);
        info_row("network", "%s", layers);
        info_row("weights", "sha256 %s", sha);
    }
    info_row("parameters", "%zu", values);
    print_metadata(file);
    print_tensors(file);
}

static NnStatus weights_json(const char *path, const NnTensorFile *file, const NnModel *model,
                             size_t values, NnError *err) {
    char layers[1024], sha[65];
    if (model != NULL) {
        nn_arch_describe(nn_model_arch(model), layers, sizeof layers);
        nn_model_sha256(model, sha);
    }
    return json_print(json_pack("{s:s, s:s, s:s?, s:I, s:s?, s:o, s:o}", "kind", "weights", "file",
                                path, "layers", model != NULL ? layers : NULL, "parameters",
                                (json_int_t)values, "weights_sha256", model != NULL ? sha : NULL,
                                "metadata", metadata_json(file), "tensors", tensors_json(file)),
                      err);
}

NnStatus info_weights(const char *path, bool json, NnError *err) {
    NnTensorFile *file = nn_tensors_read(path, err);
    if (file == NULL) {
        return err->status;
    }
    // A file may be sound and still be no network for 28x28 pictures.
    NnError why_not = {0};
    NnModel *model = nn_model_load(path, &why_not);
    size_t values = 0;
    for (size_t i = 0; i < nn_tensors_count(file); i++) {
        values += nn_tensors_at(file, i)->count;
    }
    if (model != NULL) { // running averages of batch normalisation are no parameters
        values = nn_model_param_count(model);
    }
    NnStatus status = NN_OK;
    if (json) {
        status = weights_json(path, file, model, values, err);
    } else {
        print_weights(path, file, model, values, &why_not);
    }
    nn_model_free(model);
    nn_tensors_free(file);
    return status;
}

// --- ONNX ----------------------------------------------------------------------------------------

// "[batch, 1, 28, 28]": an open dimension has no size, and so far the batch is all that is open.
enum { DIM_DIGITS = 19, ONNX_SHAPE = NN_ONNX_RANK_MAX * (DIM_DIGITS + 2) + 2 };

static void onnx_shape(char out[ONNX_SHAPE], const NnOnnxTensor *tensor) {
    size_t used = (size_t)snprintf(out, ONNX_SHAPE, "[");
    for (int i = 0; i < tensor->rank; i++) {
        const char *comma = i > 0 ? ", " : "";
        int n = tensor->dims[i] < 0
                    ? snprintf(out + used, ONNX_SHAPE - used, "%s?", comma)
                    : snprintf(out + used, ONNX_SHAPE - used, "%s%" PRId64, comma, tensor->dims[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    (void)snprintf(out + used, ONNX_SHAPE - used, "]");
}

static int shown_weights(const NnOnnxInfo *info) {
    return info->n_weights < NN_ONNX_ITEMS_MAX ? info->n_weights : NN_ONNX_ITEMS_MAX;
}

static json_t *onnx_tensors_json(const NnOnnxTensor *tensors, int n) {
    json_t *array = json_array();
    for (int i = 0; i < n; i++) {
        json_t *shape = json_array();
        for (int k = 0; k < tensors[i].rank; k++) {
            int64_t dim = tensors[i].dims[k];
            shape = json_text_push(shape, dim < 0 ? json_null() : json_integer(dim));
        }
        array = json_text_push(
            array, json_pack("{s:o, s:o}", "name", info_text(tensors[i].name), "shape", shape));
    }
    return array;
}

static NnStatus onnx_json(const char *path, const NnOnnxInfo *info, NnError *err) {
    json_t *ops = json_object(), *notes = json_object();
    for (int i = 0; i < info->n_ops; i++) {
        ops = info_put(ops, info->ops[i].op, json_integer(info->ops[i].count));
    }
    for (int i = 0; i < info->n_notes; i++) {
        notes = info_put(notes, info->notes[i].key, info_text(info->notes[i].value));
    }
    return json_print(
        json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:I, s:o, s:o}", "kind",
                  "onnx", "file", path, "ir_version", (json_int_t)info->ir_version, "opset",
                  (json_int_t)info->opset, "producer", info_text(info->producer),
                  "producer_version", info_text(info->producer_version), "graph",
                  info_text(info->graph), "inputs", onnx_tensors_json(info->inputs, info->n_inputs),
                  "outputs", onnx_tensors_json(info->outputs, info->n_outputs), "nodes",
                  info->nodes, "operators", ops, "parameters", (json_int_t)info->parameters,
                  "metadata", notes, "tensors",
                  onnx_tensors_json(info->weights, shown_weights(info))),
        err);
}

static void print_onnx(const char *path, const NnOnnxInfo *info) {
    char in[ONNX_SHAPE] = "nothing", out[ONNX_SHAPE] = "nothing", shape[ONNX_SHAPE], ops[512] = "";
    if (info->n_inputs > 0) {
        onnx_shape(in, &info->inputs[0]);
    }
    if (info->n_outputs > 0) {
        onnx_shape(out, &info->outputs[0]);
    }
    info_sentence(path, "is an ONNX network from %s to %s with %" PRIu64 " weights", in, out,
                  info->parameters);
    info_row("producer", "%s %s", info->producer, info->producer_version);
    info_row("version", "IR %" PRId64 ", operator set %" PRId64, info->ir_version, info->opset);
    info_row("graph", "%s", info->graph);
    for (int i = 0; i < info->n_inputs; i++) {
        onnx_shape(shape, &info->inputs[i]);
        info_row(i == 0 ? "inputs" : "", "%-14s %s", info->inputs[i].name, shape);
    }
    for (int i = 0; i < info->n_outputs; i++) {
        onnx_shape(shape, &info->outputs[i]);
        info_row(i == 0 ? "outputs" : "", "%-14s %s", info->outputs[i].name, shape);
    }
    for (int i = 0; i < info->n_ops; i++) {
        size_t used = strlen(ops);
        snprintf(ops + used, sizeof ops - used, "%s%s %d", i > 0 ? ", " : "", info->ops[i].op,
                 info->ops[i].count);
    }
    info_row("operators", "%d: %s", info->nodes, ops);
    for (int i = 0; i < info->n_notes; i++) {
        info_row(i == 0 ? "metadata" : "", "%s: %s", info->notes[i].key, info->notes[i].value);
    }
    for (int i = 0; i < shown_weights(info); i++) {
        onnx_shape(shape, &info->weights[i]);
        info_row(i == 0 ? "tensors" : "", "%-14s %s", info->weights[i].name, shape);
    }
}

NnStatus info_onnx(const char *path, bool json, NnError *err) {
    NnOnnxInfo *info = nn_onnx_read(path, err);
    if (info == NULL) {
        return err->status;
    }
    NnStatus status = NN_OK;
    if (json) {
        status = onnx_json(path, info, err);
    } else {
        print_onnx(path, info);
    }
    mem_free(info);
    return status;
}

// --- recipes -------------------------------------------------------------------------------------

NnStatus info_recipe(const NnRecipe *r, bool json, NnError *err) {
    char layers[1024];
    nn_arch_describe(&r->arch, layers, sizeof layers);
    NnModel *model = nn_model_new(&r->arch, err);
    if (model == NULL) {
        return err->status;
    }
    size_t parameters = nn_model_param_count(model);
    nn_model_free(model);
    if (json) {
        return json_print(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:i, s:f, s:s}",
                                    "kind", "recipe", "name", r->name, "title", r->title, "source",
                                    r->source, "data", r->data, "layers", layers, "parameters",
                                    (json_int_t)parameters, "epochs", r->epochs, "batch", r->batch,
                                    "learning_rate", (double)r->learning_rate, "precision",
                                    nn_precision_name(r->precision)),
                          err);
    }
    info_sentence(r->name, "is a recipe: %s", r->title[0] != '\0' ? r->title : layers);
    if (r->source[0] != '\0') {
        info_row("source", "%s", r->source);
    }
    info_row("data", "%s", r->data);
    info_row("network", "%s", layers);
    info_row("parameters", "%zu", parameters);
    info_row("training", "%d epochs in batches of %d, rate %g%s", r->epochs, r->batch,
             (double)r->learning_rate, r->precision == NN_PRECISION_BF16 ? ", in bf16" : "");
    for (int i = 0; i < r->teachers.n; i++) {
        info_row(i == 0 ? "teachers" : "", "%s", r->teachers.names[i]);
    }
    if (r->start[0] != '\0') {
        info_row("start", "the weights of %s", r->start);
    }
    if (r->teachers.n > 0) {
        info_row("taught", "%g %% of the loss, at temperature %g", 100 * (double)r->distil_weight,
                 (double)r->distil_temperature);
    }
    return NN_OK;
}

NnStatus info_ensemble(const char *path, bool json, NnError *err) {
    NnEnsemble ensemble;
    NnStatus status = nn_ensemble_read(path, &ensemble, err);
    if (status != NN_OK) {
        return status;
    }
    if (json) {
        json_t *members = json_array();
        for (int i = 0; i < ensemble.n_members; i++) {
            const NnMember *member = &ensemble.members[i];
            json_array_append_new(members, json_pack("{s:s, s:I}", "recipe", member->recipe, "seed",
                                                     (json_int_t)member->seed));
        }
        return json_print(json_pack("{s:s, s:s, s:s, s:s, s:o}", "kind", "ensemble", "name",
                                    ensemble.name, "title", ensemble.title, "source",
                                    ensemble.source, "members", members),
                          err);
    }
    info_sentence(ensemble.name, "is an ensemble: %s", ensemble.title);
    if (ensemble.source[0] != '\0') {
        info_row("source", "%s", ensemble.source);
    }
    for (int i = 0; i < ensemble.n_members; i++) {
        info_row(i == 0 ? "members" : "", "%s, seed %llu", ensemble.members[i].recipe,
                 (unsigned long long)ensemble.members[i].seed);
    }
    for (int i = 0; i < ensemble.n_settings; i++) {
        info_row(i == 0 ? "settings" : "", "%s", ensemble.settings[i]);
    }
    return NN_OK;
}
