// My digits: an IDX pair and a line of strokes for each, in step.
//
// The files are written strokes first, then pictures, then labels, so that whatever instant a crash
// picks the labels count what is complete: anything the other two have beyond that is the digit
// that was being kept and is dropped by the next one. Pictures and labels are rewritten whole and
// atomically; at the few thousand digits a person keeps that costs milliseconds.

#define _DEFAULT_SOURCE // flock
#include "data/mine.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "nn/dataset.h"

enum { PATH_SIZE = 4096, HEADER_LABELS = 8, HEADER_PICTURES = 16, DIGITS_MAX = 1000000 };
#define STROKES_LIMIT ((size_t)1 << 30)

typedef struct {
    char folder[PATH_SIZE], images[PATH_SIZE], labels[PATH_SIZE], strokes[PATH_SIZE];
} Paths;

static bool paths_find(Paths *paths) {
    return place_path(paths->folder, sizeof paths->folder, PLACE_DATA, MINE_FOLDER) &&
           place_path(paths->images, sizeof paths->images, PLACE_DATA,
                      MINE_FOLDER "/" MINE_IMAGES) &&
           place_path(paths->labels, sizeof paths->labels, PLACE_DATA,
                      MINE_FOLDER "/" MINE_LABELS) &&
           place_path(paths->strokes, sizeof paths->strokes, PLACE_DATA,
                      MINE_FOLDER "/" MINE_STROKES);
}

size_t nn_mine_count(void) {
    Paths paths;
    if (!paths_find(&paths)) {
        return 0;
    }
    // By size alone: a view asks this in every frame.
    int64_t images = (file_size(paths.images) - HEADER_PICTURES) / NN_PIXELS;
    int64_t labels = file_size(paths.labels) - HEADER_LABELS;
    int64_t n = images < labels ? images : labels;
    return n > 0 ? (size_t)n : 0;
}

// Contents of an IDX file with room for one entry more; none where there is no file yet.
static NnStatus read_growing(const char *path, int rank, size_t entry, NnIdx *idx, NnError *err) {
    *idx = (NnIdx){.rank = rank, .dims = {0, NN_SIDE, NN_SIDE}};
    if (file_size(path) >= 0) {
        NnStatus status = nn_idx_read(path, idx, err);
        if (status != NN_OK) {
            return status;
        }
    }
    if (idx->rank != rank || (rank == 3 && (idx->dims[1] != NN_SIDE || idx->dims[2] != NN_SIDE))) {
        nn_idx_release(idx);
        return nn_fail_file(err, NN_ERR_SHAPE, path, 0, "is not a file of my digits");
    }
    if (idx->dims[0] >= DIGITS_MAX) {
        nn_idx_release(idx);
        return nn_fail_file(err, NN_ERR_SHAPE, path, 4, "is full: it holds %d digits", DIGITS_MAX);
    }
    uint8_t *grown = mem_resize(idx->bytes, idx->dims[0] + 1, entry);
    if (grown == NULL) {
        nn_idx_release(idx);
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for one digit more");
    }
    idx->bytes = grown;
    return NN_OK;
}

// --- strokes -------------------------------------------------------------------------------------

// The line of a digit; one without strokes where ink is NULL: dropped pictures, lines lost from the
// file.
static char *line_of(const NnInk *ink, int label, const char *writer, NnError *err) {
    if (ink != NULL) {
        return nn_strokes_line(ink, label, writer, err);
    }
    NnInk *blank = nn_ink_new(err);
    char *line = blank != NULL ? nn_strokes_line(blank, label, writer, err) : NULL;
    nn_ink_free(blank);
    return line;
}

// How much of the file belongs to the first n digits: *kept bytes in *lines whole lines, at most n.
static void measure(const unsigned char *text, size_t size, size_t n, size_t *kept, size_t *lines) {
    *kept = 0;
    *lines = 0;
    const unsigned char *end;
    while (*lines < n && (end = memchr(text + *kept, '\n', size - *kept)) != NULL) {
        *kept = (size_t)(end - text) + 1;
        (*lines)++;
    }
}

// The first kept bytes, a line for each digit from lines to n that has lost its own, and the new
// line.
static NnStatus rewrite_strokes(const char *path, const unsigned char *text, size_t kept,
                                size_t lines, const NnIdx *labels, size_t n, const char *line,
                                NnError *err) {
    SaveFile *save = save_open(path, err);
    if (save == NULL) {
        return err->status;
    }
    NnStatus status = save_write(save, text, kept, err);
    for (size_t i = lines; i < n && status == NN_OK; i++) {
        char *blank = line_of(NULL, labels->bytes[i], NULL, err);
        status = blank == NULL ? err->status : save_write(save, blank, strlen(blank), err);
        nn_text_free(blank);
    }
    if (status == NN_OK) {
        status = save_write(save, line, strlen(line), err);
    }
    if (status != NN_OK) {
        save_abandon(save);
        return status;
    }
    return save_commit(save, err);
}

static NnStatus keep_strokes(const char *path, const NnIdx *labels, size_t n, const char *line,
                             NnError *err) {
    size_t size = 0;
    unsigned char *text = NULL;
    if (file_size(path) >= 0) {
        text = file_read(path, STROKES_LIMIT, &size, err);
        if (text == NULL) {
            return err->status;
        }
    }
    size_t kept = 0;
    size_t lines = 0;
    if (text != NULL) {
        measure(text, size, n, &kept, &lines);
    }
    NnStatus status = kept == size && lines == n
                          ? file_append(path, line, strlen(line), err)
                          : rewrite_strokes(path, text, kept, lines, labels, n, line, err);
    mem_free(text);
    return status;
}

// --- keeping -------------------------------------------------------------------------------------

static NnStatus keep(const Paths *paths, const NnDigit *digit, int label, const char *line,
                     NnError *err) {
    NnIdx images, labels = {0};
    NnStatus status = read_growing(paths->images, 3, NN_PIXELS, &images, err);
    if (status != NN_OK) {
        return status;
    }
    status = read_growing(paths->labels, 1, 1, &labels, err);
    if (status == NN_OK) {
        size_t n = images.dims[0] < labels.dims[0] ? images.dims[0] : labels.dims[0];
        memcpy(images.bytes + n * NN_PIXELS, digit->pixels, NN_PIXELS);
        labels.bytes[n] = (uint8_t)label;
        status = keep_strokes(paths->strokes, &labels, n, line, err);
        const size_t dims[3] = {n + 1, NN_SIDE, NN_SIDE};
        if (status == NN_OK) {
            status = nn_idx_write(paths->images, images.bytes, 3, dims, err);
        }
        if (status == NN_OK) {
            status = nn_idx_write(paths->labels, labels.bytes, 1, dims, err);
        }
    }
    nn_idx_release(&images);
    nn_idx_release(&labels);
    return status;
}

NnStatus nn_mine_keep(const NnDigit *digit, const NnInk *ink, int label, const char *writer,
                      NnError *err) {
    NnError own;
    err = err != NULL ? err : &own;
    if (label < 0 || label >= NN_CLASSES) {
        return nn_fail(err, NN_ERR_USAGE, "a digit is labelled 0 to 9, not %d", label);
    }
    Paths paths;
    if (!paths_find(&paths)) {
        nn_fail(err, NN_ERR_IO, "there is no folder to keep digits in: HOME is not set");
        nn_error_hint(err, "Set HOME or XDG_DATA_HOME to an absolute path.");
        return NN_ERR_IO;
    }
    char *line = line_of(ink, label, writer, err);
    if (line == NULL) {
        return err->status;
    }
    NnStatus status = folder_make(paths.folder, err);
    if (status == NN_OK) {
        // Two windows may keep digits at the same time. The lock goes with the descriptor, and
        // where a file system has none we do without.
        int lock = open(paths.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (lock >= 0) {
            (void)flock(lock, LOCK_EX);
        }
        status = keep(&paths, digit, label, line, err);
        if (lock >= 0) {
            (void)close(lock);
        }
    }
    nn_text_free(line);
    return status;
}
