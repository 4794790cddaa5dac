// study_matrix.c - the confusion matrix as a picture and as a table. Counts of errors span orders
// of magnitude, so their colour goes by the logarithm; the diagonal, where nothing is wrong, is set
// back.

#include <math.h>
#include <stdio.h>

#include "train/study_draw.h"
#include "train/study_impl.h"

enum { MARGIN = 40, CELL = 88, PITCH = 92, TOP = 150 };

static void draw_centred(Drawing *drawing, int x, float baseline, float size, uint32_t color,
                         const char *text) {
    float width = drawing_text_width(text, size);
    drawing_text(drawing, (float)x + 0.5f * (CELL - width), baseline, size, color, text);
}

static size_t most_errors(const NnMetrics *m) {
    size_t most = 1;
    for (int i = 0; i < NN_CLASSES; i++) {
        for (int j = 0; j < NN_CLASSES; j++) {
            most = i != j && m->confusion[i][j] > most ? m->confusion[i][j] : most;
        }
    }
    return most;
}

static void draw_cell(Drawing *drawing, const NnMetrics *m, int i, int j, int x, int y) {
    size_t count = m->confusion[i][j];
    if (count == 0) {
        return; // paper: zeros would hide the errors
    }
    double heat = log1p((double)count) / log1p((double)most_errors(m));
    uint32_t ground = i == j ? DRAW_RIGHT_SOFT
                             : drawing_mix(DRAW_WRONG_SOFT, DRAW_WRONG, 0.1f + 0.75f * (float)heat);
    bool dark = i != j && heat > 0.8;
    drawing_round_rect(drawing, x, y, CELL, CELL, 6, ground);
    char text[32];
    snprintf(text, sizeof text, "%zu", count);
    draw_centred(drawing, x, (float)y + 44, 17, dark ? DRAW_WHITE : DRAW_INK, text);
    double share = 100.0 * (double)count / (double)m->per_class[i].support;
    snprintf(text, sizeof text, share < 1.0 ? "%.2f %%" : "%.1f %%", share);
    draw_centred(drawing, x, (float)y + 68, 10,
                 dark     ? DRAW_WHITE
                 : i == j ? DRAW_SOFT
                          : DRAW_INK,
                 text);
}

static NnStatus write_png(const NnStudy *study, const char *path, NnError *err) {
    const NnMetrics *m = &study->metrics;
    const float size = 13;
    float widest = 0;
    for (int c = 0; c < NN_CLASSES; c++) {
        widest = fmaxf(widest, drawing_text_width(study->class_names[c], size));
    }
    int left = MARGIN + (int)widest + 16;
    Drawing *drawing =
        drawing_new(left + NN_CLASSES * PITCH + MARGIN, TOP + NN_CLASSES * PITCH + 2 * MARGIN);
    if (drawing == NULL) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for the picture");
    }
    char text[256], wrong[32], all[32];
    snprintf(text, sizeof text, "%.2f %%", 100 * m->accuracy);
    drawing_text(drawing, MARGIN, 72, 30, DRAW_INK, text);
    float x = MARGIN + drawing_text_width(text, 30) + 18;
    snprintf(text, sizeof text, "\u00b1 %.2f \u00b7 %s of %s wrong \u00b7 %s on %s",
             100 * m->stderr_accuracy, drawing_grouped(wrong, m->n - m->correct),
             drawing_grouped(all, m->n), study->model_name, study->data_name);
    drawing_text(drawing, x, 72, size, DRAW_SOFT, text);
    for (int c = 0; c < NN_CLASSES; c++) {
        const char *name = study->class_names[c];
        float fit = size * fminf(1, (CELL - 4) / drawing_text_width(name, size));
        draw_centred(drawing, left + c * PITCH, TOP - 14, fit, DRAW_INK, name);
        drawing_text(drawing, (float)left - 16 - drawing_text_width(name, size),
                     (float)(TOP + c * PITCH) + 50, size, DRAW_INK, name);
        for (int j = 0; j < NN_CLASSES; j++) {
            draw_cell(drawing, m, c, j, left + j * PITCH, TOP + c * PITCH);
        }
    }
    drawing_text(drawing, (float)left, TOP + NN_CLASSES * PITCH + 34, size, DRAW_SOFT,
                 "rows true, columns answered \u00b7 colour by the logarithm of the count");
    NnStatus status = drawing_save(drawing, path, err);
    drawing_free(drawing);
    return status;
}

NnStatus nn_study_write_matrix(const NnStudy *study, const char *png_path, const char *csv_path,
                               NnError *err) {
    NnStatus status = png_path != NULL ? write_png(study, png_path, err) : NN_OK;
    return status == NN_OK && csv_path != NULL ? study_write_matrix_csv(study, csv_path, err)
                                               : status;
}
