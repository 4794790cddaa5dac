// error.h - how the engine says that something went wrong.
//
// A function that can fail returns NnStatus (0 is success) or NULL and takes an NnError as its
// last argument. The error may be NULL, is untouched on success, and its message can be
// printed as it stands: it names the file, the place and the cause.
//
//     NnError err = {0};
//     NnModel *model = nn_model_load("digits.safetensors", &err);
//     if (model == NULL) { fprintf(stderr, "error: %s\n", err.message); }
//
// The library itself neither prints nor exits. Thread: every function here is reentrant.

#ifndef NN_ERROR_H
#define NN_ERROR_H

#include <stdarg.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define NN_MUST_CHECK __attribute__((warn_unused_result))
#define NN_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define NN_MUST_CHECK
#define NN_PRINTF(f, a)
#endif

typedef enum {
    NN_OK = 0,
    NN_ERR_USAGE,     // the caller asked for something that makes no sense   exit 2
    NN_ERR_NOT_FOUND, // a file or name that does not exist                    exit 3
    NN_ERR_FORMAT,    // a file that is not what it should be                  exit 3
    NN_ERR_SHAPE,     // sizes that do not fit each other                      exit 3
    NN_ERR_IO,        // the operating system refused to read or write         exit 4
    NN_ERR_NOMEM,     //                                                       exit 1
    NN_ERR_NUMERIC,   // NaN or infinity where a number was needed             exit 1
    NN_ERR_CANCELLED, // should_stop said so                                   exit 1
    NN_ERR_FAILED,    // anything else                                         exit 1
} NnStatus;

typedef struct {
    NnStatus status;
    char message[512]; // complete sentence, ends without a newline
    char hint[256];    // what to do about it, or ""
    char path[256];    // the file in question, or ""
    int64_t offset;    // byte (or line, for text) in that file, -1 when there is none
} NnError;

// Fills *err (which may be NULL) and returns status, so that a failure is one statement:
// `return nn_fail(err, NN_ERR_SHAPE, "...", ...);`
NnStatus nn_fail(NnError *err, NnStatus status, const char *format, ...) NN_PRINTF(3, 4);

// The same for a fault in a file; the message becomes "path: ...". offset -1: no place to name.
// Bytes of path that are not printable are shown escaped, so a name cannot drive a terminal.
NnStatus nn_fail_file(NnError *err, NnStatus status, const char *path, int64_t offset,
                      const char *format, ...) NN_PRINTF(5, 6);

#ifdef __clang_analyzer__ // looks at one file at a time: it is told that status is what comes back
static inline NnStatus nn_failed_with(NnStatus status, NnStatus same) {
    (void)same;
    return status;
}
#define nn_fail(err, status, ...) nn_failed_with(status, nn_fail(err, status, __VA_ARGS__))
#define nn_fail_file(err, status, path, offset, ...)                                               \
    nn_failed_with(status, nn_fail_file(err, status, path, offset, __VA_ARGS__))
#endif

// Adds the remedy. Does nothing when err is NULL.
void nn_error_hint(NnError *err, const char *format, ...) NN_PRINTF(2, 3);

// Exit status of a program that ends with this error: 0, 1, 2, 3 or 4.
int nn_exit_code(NnStatus status);

// A broken promise of the caller is a bug and stops the program, in release builds too.
// Never for file contents or user input.
#define NN_ASSERT(condition)                                                                       \
    ((condition) ? (void)0 : nn_assert_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define NN_DEBUG_ASSERT(condition) ((void)sizeof((condition) ? 1 : 0)) // still type-checked
#else
#define NN_DEBUG_ASSERT(condition) NN_ASSERT(condition)
#endif

#if defined(__GNUC__) || defined(__clang__)
__attribute__((noreturn))
#endif
void nn_assert_failed(const char *condition, const char *file, int line);

#endif
