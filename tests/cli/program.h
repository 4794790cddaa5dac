// program.h - runs the built inkling as a user would, and a folder to run it in.
//
// The environment is the test's own: no display, no colours asked for, HOME and INKLING_DATA in the
// test's folder, the share folder in the source tree.

#ifndef TESTS_CLI_PROGRAM_H
#define TESTS_CLI_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

typedef struct {
    int status;      // exit status; -signal when a signal ended it
    char *out, *err; // what it printed, terminated
    double seconds;
    double stop_seconds; // of these, after the signal was sent; 0 without one
} Result;

typedef struct {
    const char *const *args;        // NULL ends them; the program's name is added
    const char *const *environment; // "NAME=VALUE" pairs added; NULL ends them; may be NULL
    const char *stdout_path;        // in place of a pipe; NULL: a pipe
    bool terminal;                  // stdout and stderr are a terminal (both land in out)
    int stop_signal;                // sent as soon as the first line is printed; 0: none
    bool close_early;               // our end of its stdout is closed at once
} Run;

// Runs it to its end (at most a minute). Release the result.
Result program_run(const Run *run);
void result_release(Result *result);

// Short form: run_args("eval", "x.safetensors", NULL).
Result run_args(const char *first, ...) __attribute__((sentinel));

// A path in the test's folder, which is made at the first call and removed at exit. Valid for 16
// calls.
const char *temp_path(const char *name);

void write_file(const char *path, const void *bytes, size_t n);
void write_text(const char *path, const char *text);
bool file_is_there(const char *path);

// The last line of text as JSON; the test fails when it is none. json_decref it.
json_t *last_line_json(const char *text);

// A small labelled set anyone can learn: n pictures of ten blocky patterns with noise, as an IDX
// pair.
void write_idx_pair(const char *images_path, const char *labels_path, size_t n, unsigned seed);

// The same as MNIST's four files under INKLING_DATA.
void write_mnist(size_t n_train, size_t n_test);

// A PNG of the pattern of class c, size x size, ink on paper.
void write_pattern_png(const char *path, int c, int size);
void write_blank_png(const char *path, int size);

#endif
