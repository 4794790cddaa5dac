// info_data.c - what is learnt from and drawn: IDX files, strokes, pictures.

#include <stdio.h>

#include "base/json_text.h"
#include "cli/info.h"
#include "cli/run.h"

NnStatus info_idx(const char *path, bool json, NnError *err) {
    NnIdx idx;
    NnStatus status = nn_idx_read(path, &idx, err);
    if (status != NN_OK) {
        return status;
    }
    bool labels = idx.rank == 1;
    size_t per_class[256] = {0};
    for (size_t i = 0; labels && i < idx.dims[0]; i++) {
        per_class[idx.bytes[i]]++;
    }
    if (json) {
        json_t *dims = json_array();
        for (int k = 0; k < idx.rank; k++) {
            dims = json_text_push(dims, json_integer((json_int_t)idx.dims[k]));
        }
        status =
            json_print(json_pack("{s:s, s:s, s:o, s:s}", "kind", labels ? "labels" : "pictures",
                                 "file", path, "dims", dims, "sha256", idx.sha256),
                       err);
    } else if (labels) {
        info_sentence(path, "is an IDX file of %zu labels", idx.dims[0]);
        for (int c = 0; c < 256; c++) {
            if (per_class[c] > 0) {
                char name[24];
                snprintf(name, sizeof name, "label %d", c);
                info_row(name, "%zu", per_class[c]);
            }
        }
        info_row("sha256", "%s", idx.sha256);
    } else {
        info_sentence(path, "is an IDX file of %zu pictures", idx.dims[0]);
        info_row("size", "%zux%zu", idx.dims[2], idx.dims[1]);
        info_row("sha256", "%s", idx.sha256);
    }
    nn_idx_release(&idx);
    return status;
}

NnStatus info_strokes(const char *path, bool json, NnError *err) {
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
    info_sentence(path, "holds %zu drawings, %zu of them with a label", n, n - labels[NN_CLASSES]);
    info_row("strokes", "%zu", strokes);
    info_row("points", "%zu", points);
    for (int c = 0; c < NN_CLASSES; c++) {
        if (labels[c] > 0) {
            char name[24];
            snprintf(name, sizeof name, "label %d", c);
            info_row(name, "%zu", labels[c]);
        }
    }
    return NN_OK;
}

NnStatus info_picture(const char *path, bool json, NnError *err) {
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
    info_sentence(path, "is a picture of %dx%d pixels", width, height);
    return NN_OK;
}
