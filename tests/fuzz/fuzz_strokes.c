// Stroke files: whatever the bytes are, reading ends, ink is finite and in order, and what was
// accepted is written and read back the same.

#define _POSIX_C_SOURCE 200809L // fmemopen
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ink/strokes_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

// bytes must outlive the file.
static NnStrokeFile *open_bytes(void *bytes, size_t n) {
    FILE *stream = fmemopen(bytes, n, "rb");
    require(stream != NULL, "a stream in memory");
    NnStrokeFile *file = strokes_from_stream(stream, "fuzz", NULL);
    require(file != NULL, "memory");
    return file;
}

static void check_points(const NnInk *ink) {
    float last = 0.0f;
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        require(stroke.n > 0, "no empty strokes");
        for (size_t k = 0; k < stroke.n; k++) {
            NnInkPoint p = stroke.points[k];
            require(fabsf(p.x) <= 1000.0f && fabsf(p.y) <= 1000.0f, "coordinates are bounded");
            require(p.pressure >= 0.0f && p.pressure <= 1.0f, "pressure is a share");
            require(p.t_ms >= last, "time does not run back");
            last = p.t_ms;
        }
    }
}

static void check_round_trip(const NnInk *ink, int label, NnInk *back) {
    char *line = nn_strokes_line(ink, label, NULL, NULL);
    if (line == NULL) {
        return; // too many strokes for a line
    }
    NnStrokeFile *file = open_bytes(line, strlen(line));
    NnError err = {0};
    int got;
    bool more;
    require(nn_strokes_next(file, back, 0.05f, &got, &more, &err) == NN_OK && more, err.message);
    require(got == label, "the label comes back");
    require(nn_ink_stroke_count(back) == nn_ink_stroke_count(ink), "every stroke comes back");
    nn_strokes_close(file);
    nn_text_free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    if (n == 0) {
        return 0;
    }
    char *copy = malloc(n); // fmemopen takes no constant bytes
    require(copy != NULL, "memory");
    memcpy(copy, bytes, n);
    NnStrokeFile *file = open_bytes(copy, n);
    NnInk *ink = nn_ink_new(NULL), *back = nn_ink_new(NULL);
    require(ink != NULL && back != NULL, "memory");
    bool more = true;
    while (more) {
        NnError err = {0};
        int label;
        NnStatus status = nn_strokes_next(file, ink, 0.05f, &label, &more, &err);
        if (status != NN_OK) {
            require(status == NN_ERR_FORMAT && err.message[0] != '\0' && err.offset > 0,
                    "a refusal names line and cause");
            require(!more && nn_ink_is_empty(ink), "no half drawings");
        } else if (more) {
            NnDigit digit;
            check_points(ink);
            require(nn_ink_normalise(ink, NULL, &digit) == !nn_ink_is_empty(ink), "a digit");
            check_round_trip(ink, label, back);
        }
    }
    nn_ink_free(ink);
    nn_ink_free(back);
    nn_strokes_close(file);
    free(copy);
    return 0;
}
