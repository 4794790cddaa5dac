#include "nn/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#undef nn_fail // the analyser's forms
#undef nn_fail_file

NN_PRINTF(5, 0)
static void fill(NnError *err, NnStatus status, const char *path, int64_t offset,
                 const char *format, va_list args) {
    char body[sizeof err->message];
    // Formatted aside first: an argument may be the old message itself.
    vsnprintf(body, sizeof body, format, args);
    memset(err, 0, sizeof *err);
    err->status = status;
    err->offset = offset;
    if (path == NULL) {
        memcpy(err->message, body, sizeof body);
        return;
    }
    text_copy(err->path, sizeof err->path, path);
    char shown[sizeof err->path];
    text_escape(shown, sizeof shown, path);
    int n = snprintf(err->message, sizeof err->message, "%s: ", shown);
    text_copy(err->message + n, sizeof err->message - (size_t)n, body);
}

NnStatus nn_fail(NnError *err, NnStatus status, const char *format, ...) {
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        fill(err, status, NULL, -1, format, args);
        va_end(args);
    }
    return status;
}

NnStatus nn_fail_file(NnError *err, NnStatus status, const char *path, int64_t offset,
                      const char *format, ...) {
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        fill(err, status, path, offset, format, args);
        va_end(args);
    }
    return status;
}

void nn_error_hint(NnError *err, const char *format, ...) {
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->hint, sizeof err->hint, format, args);
        va_end(args);
    }
}

int nn_exit_code(NnStatus status) {
    switch (status) {
    case NN_OK:
        return 0;
    case NN_ERR_USAGE:
        return 2;
    case NN_ERR_NOT_FOUND:
    case NN_ERR_FORMAT:
    case NN_ERR_SHAPE:
        return 3;
    case NN_ERR_IO:
        return 4;
    default:
        return 1;
    }
}

void nn_assert_failed(const char *condition, const char *file, int line) {
    fprintf(stderr, "inkling: bug: %s:%d: %s does not hold\n", file, line, condition);
    abort();
}
