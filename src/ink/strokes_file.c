// Stroke files come from strangers: a line is read into a buffer of fixed size, parsed strictly,
// and every number is checked before it becomes ink.

#include "ink/strokes_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "base/text.h"

enum { LINE_LIMIT = 64 << 10, POINT_LIMIT = 1000000 };

static const double COORDINATE_LIMIT = 1000.0; // canvases
static const double UNTIMED_STEP_MS = 10.0;    // between points that carry no time

struct NnStrokeFile {
    FILE *stream;
    char *path;
    long line; // of the drawing read last, from 1
    size_t n_points;
    char text[LINE_LIMIT];
};

NnStrokeFile *strokes_from_stream(FILE *owned_stream, const char *path, NnError *err) {
    NnStrokeFile *file = mem_new(1, sizeof *file);
    if (file != NULL) {
        file->stream = owned_stream;
        file->path = mem_copy_text(path);
        if (file->path != NULL) {
            return file;
        }
        mem_free(file);
    }
    (void)fclose(owned_stream);
    nn_fail_file(err, NN_ERR_NOMEM, path, -1, "out of memory for reading it");
    return NULL;
}

NnStrokeFile *nn_strokes_open(const char *path, NnError *err) {
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        NnStatus status = errno == ENOENT || errno == ENOTDIR ? NN_ERR_NOT_FOUND : NN_ERR_IO;
        nn_fail_file(err, status, path, -1, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    struct stat about;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        (void)fclose(stream);
        nn_fail_file(err, NN_ERR_IO, path, -1, "is a folder, not a file of strokes");
        return NULL;
    }
    return strokes_from_stream(stream, path, err);
}

void nn_strokes_close(NnStrokeFile *file) {
    if (file != NULL) {
        (void)fclose(file->stream); // was only read from: nothing can be lost
        mem_free(file->path);
        mem_free(file);
    }
}

// --- reading -------------------------------------------------------------------------------------

// The place of a fault inside a drawing, counted from 1; 0 leaves that part out of the message.
static NnStatus fail_at(const NnStrokeFile *file, size_t stroke, size_t point, NnError *err,
                        const char *cause) {
    if (point > 0) {
        return nn_fail_file(err, NN_ERR_FORMAT, file->path, file->line,
                            "line %ld, stroke %zu, point %zu: %s", file->line, stroke, point,
                            cause);
    }
    if (stroke > 0) {
        return nn_fail_file(err, NN_ERR_FORMAT, file->path, file->line, "line %ld, stroke %zu: %s",
                            file->line, stroke, cause);
    }
    return nn_fail_file(err, NN_ERR_FORMAT, file->path, file->line, "line %ld: %s", file->line,
                        cause);
}

// The next line that is not blank, without its newline; *n is 0 at the end of the file.
static NnStatus read_line(NnStrokeFile *file, size_t *n, NnError *err) {
    bool blank = true;
    *n = 0;
    file->line++;
    for (;;) {
        int c = getc(file->stream);
        if (c == EOF && ferror(file->stream)) {
            return nn_fail_file(err, NN_ERR_IO, file->path, file->line,
                                "line %ld cannot be read: %s", file->line, strerror(errno));
        }
        if (c == EOF || (c == '\n' && !blank)) {
            *n = blank ? 0 : *n;
            return NN_OK;
        }
        if (c == '\n') {
            *n = 0;
            file->line++;
            continue;
        }
        if (*n == LINE_LIMIT) {
            return fail_at(file, 0, 0, err, "is longer than 64 KiB, the limit for one drawing");
        }
        blank = blank && (c == ' ' || c == '\t' || c == '\r');
        file->text[(*n)++] = (char)c;
    }
}

typedef struct {
    bool any;     // a point has been read
    double start; // ms of the first point in the file's own count
    double last;  // ms since it
} Timing;

static NnStatus read_time(const NnStrokeFile *file, size_t stroke, size_t index, const json_t *time,
                          Timing *timing, NnError *err) {
    double now = timing->any ? timing->last + UNTIMED_STEP_MS : 0.0;
    if (time != NULL) {
        if (!json_is_number(time)) {
            return fail_at(file, stroke, index, err, "the time is not a number");
        }
        double value = json_number_value(time);
        if (!timing->any) {
            timing->start = value;
        }
        now = value - timing->start;
        if (now < timing->last) {
            return fail_at(file, stroke, index, err, "the time runs backwards");
        }
    }
    timing->any = true;
    timing->last = now;
    return NN_OK;
}

static NnStatus read_point(const NnStrokeFile *file, size_t stroke, size_t index,
                           const json_t *json, Timing *timing, NnInkPoint *point, NnError *err) {
    size_t n = json_array_size(json); // 0 for what is not an array
    if (n < 2 || n > 4) {
        return fail_at(file, stroke, index, err, "is not [x, y], [x, y, t] or [x, y, t, pressure]");
    }
    double xy[2];
    for (size_t i = 0; i < 2; i++) {
        const json_t *value = json_array_get(json, i);
        xy[i] = json_number_value(value);
        if (!json_is_number(value)) {
            return fail_at(file, stroke, index, err, "a coordinate is not a number");
        }
        if (!(fabs(xy[i]) <= COORDINATE_LIMIT)) {
            return fail_at(file, stroke, index, err,
                           "a coordinate is more than 1000 canvases away (the canvas is 0..1)");
        }
    }
    NnStatus status = read_time(file, stroke, index, json_array_get(json, 2), timing, err);
    if (status != NN_OK) {
        return status;
    }
    double pressure = 1.0;
    if (n == 4) {
        const json_t *value = json_array_get(json, 3);
        pressure = json_number_value(value);
        if (!json_is_number(value) || !(pressure >= 0.0 && pressure <= 1.0)) {
            return fail_at(file, stroke, index, err, "the pressure is not a number from 0 to 1");
        }
    }
    *point = (NnInkPoint){
        .x = (float)xy[0],
        .y = (float)xy[1],
        .pressure = (float)pressure,
        .t_ms = (float)fmin(timing->last, 1e12),
    };
    return NN_OK;
}

static NnStatus read_strokes(NnStrokeFile *file, const json_t *strokes, NnInk *ink, float width,
                             NnError *err) {
    Timing timing = {0};
    if (!json_is_array(strokes)) {
        return fail_at(file, 0, 0, err, "\"strokes\" is missing or not a list");
    }
    for (size_t i = 0; i < json_array_size(strokes); i++) {
        const json_t *stroke = json_array_get(strokes, i);
        if (!json_is_array(stroke)) {
            return fail_at(file, i + 1, 0, err, "is not a list of points");
        }
        bool done = nn_ink_begin(ink, NN_INK_DRAW, width);
        for (size_t k = 0; k < json_array_size(stroke) && done; k++) {
            if (++file->n_points > POINT_LIMIT) {
                return fail_at(file, 0, 0, err, "the file has more than 1 000 000 points");
            }
            NnInkPoint point = {0};
            NnStatus status =
                read_point(file, i + 1, k + 1, json_array_get(stroke, k), &timing, &point, err);
            if (status != NN_OK) {
                return status;
            }
            done = nn_ink_extend(ink, point);
        }
        if (!done) {
            return nn_fail_file(err, NN_ERR_NOMEM, file->path, file->line,
                                "line %ld: out of memory for the drawing", file->line);
        }
        nn_ink_end(ink);
    }
    return NN_OK;
}

static NnStatus read_label(const NnStrokeFile *file, const json_t *json, int *label, NnError *err) {
    *label = -1;
    if (json == NULL) {
        return NN_OK;
    }
    json_int_t value = json_integer_value(json);
    if (!json_is_integer(json) || value < 0 || value > 9) {
        return fail_at(file, 0, 0, err, "\"label\" is not a whole number from 0 to 9");
    }
    *label = (int)value;
    return NN_OK;
}

NnStatus nn_strokes_next(NnStrokeFile *file, NnInk *ink, float width, int *label, bool *more,
                         NnError *err) {
    nn_ink_reset(ink);
    *label = -1;
    *more = false;
    size_t n;
    NnStatus status = read_line(file, &n, err);
    if (status != NN_OK || n == 0) {
        return status;
    }
    json_error_t fault;
    bool no_memory;
    json_t *root = json_text_parse(file->text, n, JSON_REJECT_DUPLICATES, &fault, &no_memory);
    if (root == NULL && no_memory) {
        return nn_fail_file(err, NN_ERR_NOMEM, file->path, file->line,
                            "line %ld: out of memory for the drawing", file->line);
    }
    if (root == NULL) {
        char shown[2 * JSON_ERROR_TEXT_LENGTH]; // the parser quotes bytes of the file
        text_escape(shown, sizeof shown, fault.text);
        return nn_fail_file(err, NN_ERR_FORMAT, file->path, file->line,
                            "line %ld, column %d: not JSON: %s", file->line, fault.column, shown);
    }
    if (!json_is_object(root)) {
        status = fail_at(file, 0, 0, err, "is not an object like {\"strokes\": [[[x, y], ...]]}");
    }
    if (status == NN_OK) {
        status = read_label(file, json_object_get(root, "label"), label, err);
    }
    if (status == NN_OK) {
        status = read_strokes(file, json_object_get(root, "strokes"), ink, width, err);
    }
    json_decref(root);
    if (status != NN_OK) {
        nn_ink_reset(ink); // no half drawings
        *label = -1;
    }
    *more = status == NN_OK;
    return status;
}

// --- writing -------------------------------------------------------------------------------------

typedef struct {
    char *bytes;
    size_t n, room;
    bool failed;
} Text;

static void put(Text *text, const char *bytes) {
    size_t n = strlen(bytes);
    if (text->failed) {
        return;
    }
    if (text->n + n + 1 > text->room) {
        size_t room = 2 * (text->n + n + 1) + 1024;
        char *grown = mem_resize(text->bytes, room, 1);
        if (grown == NULL) {
            text->failed = true;
            return;
        }
        text->bytes = grown;
        text->room = room;
    }
    memcpy(text->bytes + text->n, bytes, n + 1);
    text->n += n;
}

// The shortest decimal that reads back as the same float.
static void put_number(Text *text, float value) {
    char decimal[32];
    for (int digits = 1; digits <= 9; digits++) {
        (void)snprintf(decimal, sizeof decimal, "%.*g", digits, (double)value);
        if (strtof(decimal, NULL) == value) {
            break;
        }
    }
    char *comma = strchr(decimal, ','); // in case the process has taken up a locale
    if (comma != NULL) {
        *comma = '.';
    }
    put(text, decimal);
}

static void put_point(Text *text, NnInkPoint point, float start_ms) {
    put(text, "[");
    put_number(text, point.x);
    put(text, ",");
    put_number(text, point.y);
    put(text, ",");
    put_number(text, point.t_ms - start_ms);
    if (point.pressure != 1.0f) {
        put(text, ",");
        put_number(text, point.pressure);
    }
    put(text, "]");
}

// Every step-th point of each stroke, its ends always among them.
static void put_strokes(Text *text, const NnInk *ink, size_t step) {
    put(text, "\"strokes\":[");
    for (size_t i = 0; i < nn_ink_stroke_count(ink); i++) {
        NnStroke stroke = nn_ink_stroke(ink, i);
        put(text, i > 0 ? ",[" : "[");
        for (size_t k = 0; k < stroke.n; k++) {
            if (k % step == 0 || k + 1 == stroke.n) {
                put(text, k > 0 ? "," : "");
                put_point(text, stroke.points[k], nn_ink_stroke(ink, 0).points[0].t_ms);
            }
        }
        put(text, "]");
    }
    put(text, "]}\n");
}

static bool put_writer(Text *text, const char *writer) {
    if (strlen(writer) > 255) {
        return false;
    }
    put(text, "\"writer\":\"");
    for (const char *c = writer; *c != '\0';) {
        unsigned code;
        int n = text_utf8_decode(c, &code);
        char bytes[8] = {0};
        if (n == 0) {
            return false;
        }
        if (code < ' ' || code == '"' || code == '\\') {
            (void)snprintf(bytes, sizeof bytes, "\\u%04x", code);
        } else {
            memcpy(bytes, c, (size_t)n);
        }
        put(text, bytes);
        c += n;
    }
    put(text, "\",");
    return true;
}

char *nn_strokes_line(const NnInk *ink, int label, const char *writer, NnError *err) {
    Text text = {0};
    put(&text, "{");
    if (label >= 0) {
        char key[32];
        (void)snprintf(key, sizeof key, "\"label\":%d,", label);
        put(&text, key);
    }
    if (writer != NULL && !put_writer(&text, writer)) {
        mem_free(text.bytes);
        nn_fail(err, NN_ERR_USAGE, "the writer's name is not UTF-8 or longer than 255 bytes");
        return NULL;
    }
    size_t start = text.n;
    size_t longest = nn_ink_point_count(ink);
    for (size_t step = 1; step < 2 * longest + 2; step *= 2) {
        text.n = start;
        put_strokes(&text, ink, step);
        if (text.failed) {
            mem_free(text.bytes);
            nn_fail(err, NN_ERR_NOMEM, "out of memory for writing the drawing");
            return NULL;
        }
        if (text.n <= LINE_LIMIT) { // the newline does not count, so this leaves one byte to spare
            return text.bytes;
        }
    }
    mem_free(text.bytes);
    nn_fail(err, NN_ERR_FORMAT, "the drawing has too many strokes for one line of 64 KiB");
    return NULL;
}

void nn_text_free(char *text) {
    mem_free(text);
}
