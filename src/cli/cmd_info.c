// cmd_info.c - what a file is, told by its content: weights, IDX data, strokes, a picture, a
// recipe.

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
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
        char key[64];
        char value[256];
        text_escape(key, sizeof key, nn_tensors_meta_key(file, i));
        text_escape(value, sizeof value, nn_tensors_meta(file, nn_tensors_meta_key(file, i)));
        if (strcmp(key, "architecture") != 0) { // said as the network already
            printf("%-12s%s: %s\n", title, key, value);
            title = "";
        }
    }
}

static void print_tensors(const NnTensorFile *file) {
    for (size_t i = 0; i < nn_tensors_count(file); i++) {
        const NnTensor *t = nn_tensors_at(file, i);
        char name[NN_TENSOR_NAME_MAX * 4];
        text_escape(name, sizeof name, t->name);
        printf("%-12s%-14s [", i == 0 ? "tensors" : "", name);
        for (int k = 0; k < t->rank; k++) {
            printf("%s%zu", k > 0 ? ", " : "", t->shape[k]);
        }
        printf("]\n");
    }
}

static NnStatus weights_info(const char *path, bool json, NnError *err) {
    NnTensorFile *file = nn_tensors_read(path, err);
    if (file == NULL) {
        return err->status;
    }
    // A file may be sound and still be no network for 28x28 pictures.
    NnError why_not = {0};
    NnModel *model = nn_model_load(path, &why_not);
    char layers[1024] = "";
    char sha[65] = "";
    size_t values = 0;
    for (size_t i = 0; i < nn_tensors_count(file); i++) {
        values += nn_tensors_at(file, i)->count;
    }
    if (model != NULL) {
        nn_arch_describe(nn_model_arch(model), layers, sizeof layers);
        nn_model_sha256(model, sha);
    }
    NnStatus status = NN_OK;
    if (json) {
        status =
            json_print(json_pack("{s:s, s:s, s:o, s:I, s:o, s:o, s:o}", "kind", "weights", "file",
                                 path, "layers", model != NULL ? json_string(layers) : json_null(),
                                 "parameters", (json_int_t)values, "weights_sha256",
                                 model != NULL ? json_string(sha) : json_null(), "metadata",
                                 metadata_json(file), "tensors", tensors_json(file)),
                       err);
    } else {
        printf("kind        weights (safetensors)\n");
        if (model != NULL) {
            printf("network     %s\nweights     sha256 %s\n", layers, sha);
        } else {
            printf("network     none that inkling can use: %s\n", why_not.message);
        }
        printf("parameters  %zu\n", values);
        print_metadata(file);
        print_tensors(file);
    }
    nn_model_free(model);
    nn_tensors_free(file);
    return status;
}

// --- IDX -----------------------------------------------------------------------------------------

static NnStatus idx_info(const char *path, bool json, NnError *err) {
    NnIdx idx;
    NnStatus status = nn_idx_read(path, &idx, err);
    if (status != NN_OK) {
        return status;
    }
    size_t per_class[256] = {0};
    for (size_t i = 0; idx.rank == 1 && i < idx.dims[0]; i++) {
        per_class[idx.bytes[i]]++;
    }
    json_t *dims = json_array();
    for (int k = 0; k < idx.rank; k++) {
        dims = json_text_push(dims, json_integer((json_int_t)idx.dims[k]));
    }
    if (json) {
        json_t *object =
            json_pack("{s:s, s:s, s:o, s:s}", "kind", idx.rank == 1 ? "labels" : "pictures", "file",
                      path, "dims", json_incref(dims), "sha256", idx.sha256);
        status = json_print(object, err);
    } else if (idx.rank == 1) {
        printf("kind        labels (IDX)\ncount       %zu\n", idx.dims[0]);
        for (int c = 0; c < 256; c++) {
            if (per_class[c] > 0) {
                printf("label %-3d   %zu\n", c, per_class[c]);
            }
        }
        printf("sha256      %s\n", idx.sha256);
    } else {
        printf("kind        pictures (IDX)\ncount       %zu\nsize        %zux%zu\nsha256      %s\n",
               idx.dims[0], idx.dims[2], idx.dims[1], idx.sha256);
    }
    json_decref(dims);
    nn_idx_release(&idx);
    return status;
}

// --- strokes -------------------------------------------------------------------------------------

static NnStatus strokes_info(const char *path, bool json, NnError *err) {
    size_t n = 0;
    size_t points = 0;
    size_t strokes = 0;
    size_t labels[NN_CLASSES + 1] = {0}; // the last: none
    NnInk *ink = nn_ink_new(err);
    NnStrokeFile *file = ink != NULL ? nn_strokes_open(path, err) : NULL;
    NnStatus status = file != NULL ? NN_OK : err->status;
    bool more = status == NN_OK;
    while (more) {
        int label = -1;
        status = nn_strokes_next(file, ink, NN_DEFAULT_PEN, &label, &more, err);
        more = more && status == NN_OK;
        if (more) {
            n++;
            strokes += nn_ink_stroke_count(ink);
            points += nn_ink_point_count(ink);
            labels[label >= 0 ? label : NN_CLASSES]++;
        }
    }
    nn_strokes_close(file);
    nn_ink_free(ink);
    if (status != NN_OK) {
        return status;
    }
    if (json) {
        return json_print(json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "kind", "strokes", "file",
                                    path, "n", (json_int_t)n, "labelled",
                                    (json_int_t)(n - labels[NN_CLASSES]), "strokes",
                                    (json_int_t)strokes, "points", (json_int_t)points),
                          err);
    }
    printf("kind        strokes (JSON lines)\ndrawings    %zu, %zu with a label\nstrokes     "
           "%zu\npoints   "
           "   %zu\n",
           n, n - labels[NN_CLASSES], strokes, points);
    for (int c = 0; c < NN_CLASSES; c++) {
        if (labels[c] > 0) {
            printf("label %-3d   %zu\n", c, labels[c]);
        }
    }
    return NN_OK;
}

// --- pictures and recipes ------------------------------------------------------------------------

static NnStatus picture_info(const char *path, bool json, NnError *err) {
    NnPicture picture = {0};
    NnStatus status = nn_picture_read(path, &picture, err);
    if (status != NN_OK) {
        return status;
    }
    int width = picture.width;
    int height = picture.height;
    nn_picture_release(&picture);
    if (json) {
        return json_print(json_pack("{s:s, s:s, s:i, s:i}", "kind", "picture", "file", path,
                                    "width", width, "height", height),
                          err);
    }
    printf("kind        picture\nsize        %dx%d\n", width, height);
    return NN_OK;
}

static NnStatus recipe_info(const NnRecipe *r, bool json, NnError *err) {
    char layers[1024];
    nn_arch_describe(&r->arch, layers, sizeof layers);
    NnModel *model = nn_model_new(&r->arch, err);
    if (model == NULL) {
        return err->status;
    }
    size_t parameters = nn_model_param_count(model);
    nn_model_free(model);
    if (json) {
        return json_print(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:i, s:f}", "kind",
                                    "recipe", "name", r->name, "title", r->title, "source",
                                    r->source, "data", r->data, "layers", layers, "parameters",
                                    (json_int_t)parameters, "epochs", r->epochs, "batch", r->batch,
                                    "learning_rate", (double)r->learning_rate),
                          err);
    }
    printf("kind        recipe\nname        %s\ntitle       %s\n", r->name, r->title);
    if (r->source[0] != '\0') {
        printf("source      %s\n", r->source);
    }
    printf("data        %s\nnetwork     %s\nparameters  %zu\n", r->data, layers, parameters);
    printf("training    %d epochs in batches of %d, rate %g\n", r->epochs, r->batch,
           (double)r->learning_rate);
    return NN_OK;
}

// --- which of them -------------------------------------------------------------------------------

// A recipe and the network it makes may share a name: the network is described, the recipe
// mentioned.
static NnStatus name_info(Cli *cli, const char *name, bool json, NnError *err) {
    NnRecipe recipe;
    char path[512];
    bool is_recipe = nn_recipe_find(name, &recipe, NULL) == NN_OK;
    if (model_find(name, path, sizeof path, NULL) == NN_OK && file_exists(path)) {
        NnStatus status = weights_info(path, json, err);
        char file[128];
        snprintf(file, sizeof file, "recipes/%s.json", name);
        if (status == NN_OK && is_recipe && share_path(path, sizeof path, "assets", file)) {
            term_note(&cli->term, "note: there is a recipe of that name, too: inkling info %s",
                      path);
        }
        return status;
    }
    if (is_recipe) {
        return recipe_info(&recipe, json, err);
    }
    nn_fail_file(err, NN_ERR_NOT_FOUND, name, -1,
                 "there is no such file, recipe or shipped network");
    return NN_ERR_NOT_FOUND;
}

NnStatus cmd_info(Cli *cli, NnError *err) {
    const char *path = args_operand(&cli->args, 0);
    bool json = args_has(&cli->args, "json");
    FILE *file = fopen(path, "rb");
    unsigned char head[9] = {0};
    if (file == NULL) {
        return name_info(cli, path, json, err);
    }
    size_t n = fread(head, 1, sizeof head, file);
    (void)fclose(file);
    static const unsigned char png[] = {0x89, 'P', 'N', 'G'};
    static const unsigned char jpeg[] = {0xFF, 0xD8};
    static const unsigned char gzip[] = {0x1F, 0x8B};
    static const unsigned char idx[] = {0, 0, 8};
    if (n >= 3 && (memcmp(head, gzip, sizeof gzip) == 0 || memcmp(head, idx, sizeof idx) == 0)) {
        return idx_info(path, json, err);
    }
    if (memcmp(head, png, sizeof png) == 0 || memcmp(head, jpeg, sizeof jpeg) == 0) {
        return picture_info(path, json, err);
    }
    if (text_ends_with(path, ".jsonl")) {
        return strokes_info(path, json, err);
    }
    if (text_ends_with(path, ".json")) {
        NnRecipe recipe;
        NnStatus status = nn_recipe_read(path, &recipe, err);
        return status == NN_OK ? recipe_info(&recipe, json, err) : status;
    }
    if (head[8] == '{' || text_ends_with(path, ".safetensors")) {
        return weights_info(path, json, err);
    }
    return nn_fail_file(
        err, NN_ERR_FORMAT, path, 0,
        "is none of the kinds inkling knows: weights, IDX data, strokes (.jsonl), PNG, "
        "JPEG, recipe (.json)");
}
