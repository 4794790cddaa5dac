#include "train/teachers.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "data/tensor_format.h"

static const char ENDING[] = ".safetensors";

bool teacher_find(const char *name, char *path) {
    if (strchr(name, '/') != NULL || text_ends_with(name, ENDING) || file_exists(name)) {
        return text_copy(path, TEACHER_PATH_SIZE, name);
    }
    char file[NN_TEACHER_SIZE + 32], inner[NN_TEACHER_SIZE + 48];
    snprintf(file, sizeof file, "%s%s", name, ENDING);
    snprintf(inner, sizeof inner, "models/%s", file);
    return share_path(path, TEACHER_PATH_SIZE, "models", file) ||
           (place_path(path, TEACHER_PATH_SIZE, PLACE_DATA, inner) && file_exists(path));
}

static NnStatus load(const char *path, NnModel **model, char *sha256, NnError *err) {
    size_t n;
    unsigned char *bytes = file_read(path, TENSOR_FILE_MAX, &n, err);
    if (bytes == NULL) {
        return err->status;
    }
    *model = nn_model_parse(bytes, n, path, err);
    mem_free(bytes);
    if (*model == NULL) {
        return err->status;
    }
    nn_model_sha256(*model, sha256);
    return NN_OK;
}

NnStatus network_load(const char *key, const char *name, NnModel **model, char *sha256,
                      NnError *err) {
    char path[TEACHER_PATH_SIZE], shown[NN_TEACHER_SIZE];
    NnError cause = {0};
    text_escape(shown, sizeof shown, name);
    if (!teacher_find(name, path)) {
        NnStatus status = nn_fail(
            err, NN_ERR_NOT_FOUND,
            "\"%s\" names %s, but no network is called that in the models folders", key, shown);
        nn_error_hint(err, "give the path of a .safetensors file, or train it first: inkling "
                           "train RECIPE --out FILE");
        return status;
    }
    NnStatus status = load(path, model, sha256, &cause);
    if (status != NN_OK) {
        nn_fail(err, status, "\"%s\" names %s, which cannot be used: %s", key, shown,
                cause.message);
        nn_error_hint(err,
                      "name the weight file of a network from %d pixels to %d classes, one that "
                      "inkling eval can read",
                      NN_PIXELS, NN_CLASSES);
    }
    return status;
}

void network_note(char *out, size_t size, const char *name, const char *sha256) {
    const char *slash = strrchr(name, '/');
    size_t used = strlen(out);
    snprintf(out + used, size - used, "%s%s %s", used > 0 ? ", " : "",
             slash != NULL ? slash + 1 : name, sha256);
}

NnStatus teachers_load(Teachers *teachers, const NnTeacherNames *names, NnError *err) {
    *teachers = (Teachers){0};
    for (int i = 0; i < names->n; i++) {
        NnStatus status = network_load("teachers", names->names[i], &teachers->models[i],
                                       teachers->sha256[i], err);
        if (status != NN_OK) {
            teachers_release(teachers);
            return status;
        }
        teachers->n = i + 1;
        network_note(teachers->note, sizeof teachers->note, names->names[i], teachers->sha256[i]);
    }
    return NN_OK;
}

void teachers_release(Teachers *teachers) {
    for (int i = 0; i < teachers->n; i++) {
        nn_model_free(teachers->models[i]);
    }
    *teachers = (Teachers){0};
}
