// study_sheet.c - the contact sheet: pictures in rows, each with its label, the answer and how sure
// the network was.

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/study_draw.h"
#include "train/study_impl.h"

enum {
    MARGIN = 24,
    HEADER = 40,
    CAPTIONED_MAX = 3000, // above it the pictures are drawn small and alone
    PICTURES_MAX = 40000,
};

typedef struct {
    int scale, pitch_x, pitch_y, columns;
    bool captions;
} Layout;

static Layout layout_of(size_t n) {
    Layout layout = n <= CAPTIONED_MAX
                        ? (Layout){.scale = 2, .pitch_x = 66, .pitch_y = 84, .captions = true}
                        : (Layout){.scale = 1, .pitch_x = 32, .pitch_y = 34};
    double shape = 1.4 * layout.pitch_y / layout.pitch_x; // about that much wider than high
    layout.columns = (int)ceil(sqrt((double)n * shape));
    layout.columns = layout.columns < 8 ? 8 : layout.columns;
    return layout;
}

static void draw_caption(Drawing *drawing, const NnStudyRow *row, int x, int y) {
    bool right = row->predicted == row->label;
    char text[16];
    snprintf(text, sizeof text, "%d%s", row->label, row->disputed ? "?" : "");
    drawing_text(drawing, (float)x, (float)y, 9, DRAW_INK, text);
    float at = (float)x + drawing_text_width(text, 9) + 6;
    if (right) {
        drawing_text(drawing, at, (float)y, 9, DRAW_RIGHT, "\u2713");
    } else {
        drawing_text(drawing, at, (float)y, 9, DRAW_WRONG, "\u2717");
        snprintf(text, sizeof text, "%d", row->predicted);
        drawing_text(drawing, at + 7.5f, (float)y, 9, DRAW_WRONG, text);
    }
    float percent = fminf(99, roundf(100 * row->confidence)); // never certain, and two digits
    snprintf(text, sizeof text, "%.0f", (double)percent);
    float end = (float)x + 2 * NN_SIDE;
    drawing_text(drawing, end - drawing_text_width(text, 9), (float)y, 9, DRAW_SOFT, text);
}

static void draw_header(Drawing *drawing, const NnStudy *study, size_t n) {
    char text[256], shown[32], all[32];
    float y = MARGIN + 10, x = MARGIN;
    snprintf(text, sizeof text, "%.2f %%", 100 * study->metrics.accuracy);
    drawing_text(drawing, x, y, 14, DRAW_INK, text);
    x += drawing_text_width(text, 14) + 10;
    snprintf(text, sizeof text, "\u00b1 %.2f \u00b7 %s of %s \u00b7 %s on %s",
             100 * study->metrics.stderr_accuracy, drawing_grouped(shown, n),
             drawing_grouped(all, study->n), study->model_name, study->data_name);
    drawing_text(drawing, x, y, 9, DRAW_SOFT, text);
}

// What the numbers of a caption stand for, where that is not themselves.
static void draw_legend(Drawing *drawing, const NnStudy *study, float y) {
    float x = MARGIN;
    for (int c = 0; c < NN_CLASSES; c++) {
        char text[12];
        snprintf(text, sizeof text, "%d", c);
        drawing_text(drawing, x, y, 9, DRAW_INK, text);
        x += drawing_text_width(text, 9) + 5;
        drawing_text(drawing, x, y, 9, DRAW_SOFT, study->class_names[c]);
        x += drawing_text_width(study->class_names[c], 9) + 14;
    }
}

static bool names_are_digits(const NnStudy *study) {
    for (int c = 0; c < NN_CLASSES; c++) {
        if (strlen(study->class_names[c]) != 1) {
            return false;
        }
    }
    return true;
}

NnStatus nn_study_write_sheet(const NnStudy *study, const NnDataset *data, const uint32_t *rows,
                              size_t n, const char *path, NnError *err) {
    NN_ASSERT(data->n == study->n);
    if (n > PICTURES_MAX) {
        nn_fail_file(err, NN_ERR_USAGE, path, -1,
                     "%zu pictures are too many for a contact sheet of at most %d", n,
                     PICTURES_MAX);
        nn_error_hint(err, "Narrow the filter first.");
        return NN_ERR_USAGE;
    }
    Layout layout = layout_of(n);
    bool legend = layout.captions && !names_are_digits(study);
    int lines = (int)((n + (size_t)layout.columns - 1) / (size_t)layout.columns);
    int width =
        2 * MARGIN + layout.columns * layout.pitch_x - (layout.pitch_x - layout.scale * NN_SIDE);
    int top = MARGIN + HEADER + (legend ? 24 : 0);
    Drawing *drawing =
        drawing_new(width < 720 ? 720 : width, top + lines * layout.pitch_y + MARGIN / 2);
    if (drawing == NULL) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for %zu pictures", n);
    }
    draw_header(drawing, study, n);
    if (legend) {
        draw_legend(drawing, study, MARGIN + 34);
    }
    for (size_t i = 0; i < n; i++) {
        NN_ASSERT(rows[i] < study->n);
        const NnStudyRow *row = &study->rows[rows[i]];
        int x = MARGIN + (int)(i % (size_t)layout.columns) * layout.pitch_x;
        int y = top + (int)(i / (size_t)layout.columns) * layout.pitch_y;
        int side = layout.scale * NN_SIDE;
        drawing_digit(drawing, x, y, layout.scale, data->images + (size_t)rows[i] * NN_PIXELS);
        if (layout.captions) {
            draw_caption(drawing, row, x, y + side + 14);
        } else if (row->predicted != row->label) {
            drawing_round_rect(drawing, x, y + side + 1, side, 2, 0, DRAW_WRONG);
        }
    }
    NnStatus status = drawing_save(drawing, path, err);
    drawing_free(drawing);
    return status;
}
