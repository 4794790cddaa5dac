#include "app/settings.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/text.h"
#include "nn/ink.h"

enum { FILE_LIMIT = 1 << 20 };

void settings_default(Settings *settings) {
    *settings = (Settings){.motion = true,
                           .brush = NN_DEFAULT_PEN,
                           .threshold = -1,
                           .thumb = 56,
                           .width = 1280,
                           .height = 800};
}

static void take_bool(const json_t *root, const char *key, bool *value) {
    const json_t *item = json_object_get(root, key);
    if (json_is_boolean(item)) {
        *value = json_is_true(item);
    }
}

static void take_number(const json_t *root, const char *key, float low, float high, float *value) {
    const json_t *item = json_object_get(root, key);
    double number = json_number_value(item);
    if (json_is_number(item) && number >= (double)low && number <= (double)high) {
        *value = (float)number;
    }
}

static void take_int(const json_t *root, const char *key, int low, int high, int *value) {
    const json_t *item = json_object_get(root, key);
    if (json_is_integer(item) && json_integer_value(item) >= low &&
        json_integer_value(item) <= high) {
        *value = (int)json_integer_value(item);
    }
}

static void take_text(const json_t *root, const char *key, char *value, size_t size) {
    const char *text = json_string_value(json_object_get(root, key));
    if (text != NULL && strlen(text) < size) {
        (void)text_copy(value, size, text);
    }
}

NnStatus settings_load(Settings *settings, const char *path, NnError *err) {
    settings_default(settings);
    if (!file_exists(path)) {
        return NN_OK;
    }
    NnError own = {0};
    err = err != NULL ? err : &own; // it carries the status of file_read
    size_t size;
    unsigned char *bytes = file_read(path, FILE_LIMIT, &size, err);
    if (bytes == NULL) {
        return err->status;
    }
    json_error_t fault;
    bool no_memory;
    json_t *root = json_text_parse(bytes, size, JSON_REJECT_DUPLICATES, &fault, &no_memory);
    mem_free(bytes);
    if (no_memory) {
        return nn_fail(err, NN_ERR_NOMEM, "Out of memory while reading the settings.");
    }
    if (!json_is_object(root)) {
        json_decref(root);
        return nn_fail_file(err, NN_ERR_FORMAT, path, fault.line,
                            "the settings cannot be read, so all are as at the first start");
    }
    take_bool(root, "dark", &settings->dark);
    take_bool(root, "projector", &settings->projector);
    take_bool(root, "motion", &settings->motion);
    take_bool(root, "fullscreen", &settings->fullscreen);
    take_number(root, "brush", BRUSH_MIN, BRUSH_MAX, &settings->brush);
    take_number(root, "threshold", -1, 1, &settings->threshold);
    take_number(root, "thumb", THUMB_MIN, THUMB_MAX, &settings->thumb);
    take_int(root, "panel", 0, PANEL_COUNT - 1, &settings->panel);
    take_int(root, "width", 320, 16384, &settings->width);
    take_int(root, "height", 240, 16384, &settings->height);
    take_text(root, "writer", settings->writer, sizeof settings->writer);
    take_text(root, "model", settings->model, sizeof settings->model);
    json_decref(root);
    return NN_OK;
}

NnStatus settings_save(const Settings *settings, const char *path, NnError *err) {
    uint64_t before = mem_refusal_count();
    json_t *root =
        json_pack("{s:b, s:b, s:b, s:b, s:f, s:f, s:f, s:i, s:i, s:i, s:s, s:s}", "dark",
                  settings->dark, "projector", settings->projector, "motion", settings->motion,
                  "fullscreen", settings->fullscreen, "brush", (double)settings->brush, "threshold",
                  (double)settings->threshold, "thumb", (double)settings->thumb, "panel",
                  settings->panel, "width", settings->width, "height", settings->height, "writer",
                  settings->writer, "model", settings->model);
    char *text =
        root == NULL ? NULL : json_text_make(root, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    json_decref(root);
    if (text == NULL) {
        return mem_refusal_count() != before
                   ? nn_fail(err, NN_ERR_NOMEM, "Out of memory while saving the settings.")
                   : nn_fail(err, NN_ERR_FAILED, "The settings hold text that is not UTF-8.");
    }
    NnStatus status = file_save(path, text, strlen(text), err);
    mem_free(text);
    return status;
}
