#include "app/session.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json_text.h"

enum { FILE_LIMIT = 16 << 20, POINTS_MAX = 1000000 };

static json_t *stroke_to_json(NnStroke stroke) {
    json_t *points = json_array();
    for (size_t i = 0; i < stroke.n; i++) {
        const NnInkPoint *p = &stroke.points[i];
        json_t *item = json_pack("[f, f, f, f]", (double)p->x, (double)p->y, (double)p->t_ms,
                                 (double)p->pressure);
        if (json_array_append_new(points, item) != 0) {
            json_decref(points);
            return NULL;
        }
    }
    return json_pack("{s:f, s:o}", "width", (double)stroke.width, "points", points);
}

NnStatus session_save(const NnInk *ink, const char *path, NnError *err) {
    json_t *strokes = json_array();
    bool whole = strokes != NULL;
    for (size_t i = 0; whole && i < nn_ink_stroke_count(ink); i++) {
        whole = json_array_append_new(strokes, stroke_to_json(nn_ink_stroke(ink, i))) == 0;
    }
    json_t *root = json_pack("{s:o}", "strokes", strokes);
    char *text =
        whole && root != NULL ? json_text_make(root, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(root);
    if (text == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "Out of memory while saving the drawing.");
    }
    NnStatus status = file_save(path, text, strlen(text), err);
    mem_free(text);
    return status;
}

static bool read_number(const json_t *item, double low, double high, float *out) {
    double value = json_number_value(item);
    if (!json_is_number(item) || !(value >= low && value <= high)) {
        return false;
    }
    *out = (float)value;
    return true;
}

static bool read_stroke(const json_t *item, NnInk *ink, size_t *n_points) {
    float width;
    const json_t *points = json_object_get(item, "points");
    if (!read_number(json_object_get(item, "width"), 1e-4, 1, &width) || !json_is_array(points) ||
        !nn_ink_begin(ink, NN_INK_DRAW, width)) {
        return false;
    }
    bool good = true;
    for (size_t i = 0; good && i < json_array_size(points); i++) {
        const json_t *p = json_array_get(points, i);
        NnInkPoint point;
        good = json_array_size(p) == 4 && ++*n_points <= POINTS_MAX &&
               read_number(json_array_get(p, 0), -100, 100, &point.x) &&
               read_number(json_array_get(p, 1), -100, 100, &point.y) &&
               read_number(json_array_get(p, 2), 0, 1e9, &point.t_ms) &&
               read_number(json_array_get(p, 3), 0, 1, &point.pressure);
        if (good) {
            (void)nn_ink_extend(ink, point); // false for a repeated point, too
        }
    }
    nn_ink_end(ink);
    return good;
}

NnStatus session_load(NnInk *ink, const char *path, NnError *err) {
    nn_ink_reset(ink);
    if (!file_exists(path)) {
        return NN_OK;
    }
    NnError own = {0};
    err = err != NULL ? err : &own; // it carries the status of file_read
    uint64_t before = mem_refusal_count();
    size_t size;
    unsigned char *bytes = file_read(path, FILE_LIMIT, &size, err);
    if (bytes == NULL) {
        return err->status;
    }
    json_error_t fault;
    bool no_memory;
    json_t *root = json_text_parse(bytes, size, JSON_REJECT_DUPLICATES, &fault, &no_memory);
    mem_free(bytes);
    const json_t *strokes = json_object_get(root, "strokes");
    size_t n_points = 0;
    bool good = json_is_array(strokes);
    for (size_t i = 0; good && i < json_array_size(strokes); i++) {
        good = read_stroke(json_array_get(strokes, i), ink, &n_points);
    }
    json_decref(root);
    if (no_memory || mem_refusal_count() != before) { // a point may be missing
        nn_ink_reset(ink);
        return nn_fail(err, NN_ERR_NOMEM, "Out of memory while reading the last drawing.");
    }
    if (!good) {
        nn_ink_reset(ink);
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                            "the last drawing cannot be read back, so the canvas is empty");
    }
    return NN_OK;
}
