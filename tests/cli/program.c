#define _GNU_SOURCE // forkpty's cousins, nftw
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "nn/dataset.h"
#include "nn/picture.h"

enum { ARGS_MAX = 64, ENVIRONMENT_MAX = 32, DEADLINE_S = 60, PATH_SIZE = 512 };

// --- the folder ----------------------------------------------------------------------------------

static char folder[PATH_SIZE];
static pid_t folder_owner;

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    (void)info;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void remove_folder(void) {
    if (getpid() == folder_owner) { // not in a forked child
        (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
}

const char *temp_path(const char *name) {
    enum { PATHS = 16 };
    static char paths[PATHS][PATH_SIZE * 2];
    static int next;
    if (folder[0] == '\0') {
        const char *base = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/inkling-cli-XXXXXX", base != NULL ? base : "/tmp");
        assert_non_null(mkdtemp(folder));
        folder_owner = getpid();
        atexit(remove_folder);
    }
    char *path = paths[next++ % PATHS];
    snprintf(path, sizeof paths[0], "%s%s%s", folder, name[0] != '\0' ? "/" : "", name);
    return path;
}

void write_file(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

void write_text(const char *path, const char *text) {
    write_file(path, text, strlen(text));
}

bool file_is_there(const char *path) {
    return access(path, F_OK) == 0;
}

// --- running -------------------------------------------------------------------------------------

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef struct {
    char *text;
    size_t n;
    int fd; // -1: closed
} Stream;

static void stream_take(Stream *stream) {
    enum { PIECE = 65536 };
    stream->text = realloc(stream->text, stream->n + PIECE + 1);
    assert_non_null(stream->text);
    ssize_t n = read(stream->fd, stream->text + stream->n, PIECE);
    if (n <= 0) { // a terminal whose other side is gone answers EIO
        close(stream->fd);
        stream->fd = -1;
        n = 0;
    }
    stream->n += (size_t)n;
    stream->text[stream->n] = '\0';
}

static void child(const Run *run, const int out[2], const int err[2]) {
    const char *argv[ARGS_MAX] = {INKLING};
    const char *environment[ENVIRONMENT_MAX];
    static char home[PATH_SIZE + 32], data[PATH_SIZE + 32];
    size_t n = 0;
    for (size_t i = 0; run->args[i] != NULL && i + 2 < ARGS_MAX; i++) {
        argv[i + 1] = run->args[i];
    }
    for (; run->environment != NULL && run->environment[n] != NULL && n + 8 < ENVIRONMENT_MAX;
         n++) {
        environment[n] = run->environment[n]; // first, so that they win
    }
    snprintf(home, sizeof home, "HOME=%s", folder);
    snprintf(data, sizeof data, "INKLING_DATA=%s/data", folder);
    environment[n++] = home;
    environment[n++] = data;
    environment[n++] = "INKLING_SHARE=" SOURCE_ROOT;
    environment[n++] = "TERM=xterm";
    environment[n++] = "LC_ALL=C.UTF-8";
    environment[n++] = "PATH=/usr/bin:/bin";
    environment[n] = NULL;
    if (chdir(folder) != 0) {
        _exit(127);
    }
    if (!run->terminal) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        if (run->stdout_path != NULL) {
            int file = open(run->stdout_path, O_WRONLY);
            dup2(file, STDOUT_FILENO);
            close(file);
        }
        close(out[0]);
        close(out[1]);
        close(err[0]);
        close(err[1]);
    }
    execve(INKLING, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
    _exit(127);
}

Result program_run(const Run *run) {
    temp_path("");
    int out[2] = {-1, -1};
    int err[2] = {-1, -1};
    double start = now_s();
    pid_t pid;
    Stream streams[2] = {{.fd = -1}, {.fd = -1}};
    if (run->terminal) {
        struct winsize size = {.ws_row = 25, .ws_col = 80};
        pid = forkpty(&streams[0].fd, NULL, NULL, &size);
    } else {
        assert_int_equal(pipe(out), 0);
        assert_int_equal(pipe(err), 0);
        if (run->close_early) {
            close(out[0]); // before it starts, so that the very first write fails
            out[0] = -1;
        }
        pid = fork();
    }
    assert_true(pid >= 0);
    if (pid == 0) {
        child(run, out, err);
    }
    if (!run->terminal) {
        close(out[1]);
        close(err[1]);
        streams[0].fd = out[0];
        streams[1].fd = err[0];
    }
    for (int i = 0; i < 2; i++) {
        streams[i].text = calloc(1, 1);
    }
    bool told = run->stop_signal == 0;
    double told_s = 0;
    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        struct pollfd fds[2] = {{.fd = streams[0].fd, .events = POLLIN},
                                {.fd = streams[1].fd, .events = POLLIN}};
        if (poll(fds, 2, 1000) > 0) {
            for (int i = 0; i < 2; i++) {
                if (fds[i].fd >= 0 && fds[i].revents != 0) {
                    stream_take(&streams[i]);
                }
            }
        }
        if (!told && strchr(streams[0].text, '\n') != NULL) {
            kill(pid, run->stop_signal);
            told = true;
            told_s = now_s();
        }
        if (now_s() - start > DEADLINE_S) {
            kill(pid, SIGKILL);
            fail_msg("inkling %s did not end", run->args[0]);
        }
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return (Result){
        .status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
        .out = streams[0].text,
        .err = streams[1].text,
        .seconds = now_s() - start,
        .stop_seconds = told_s > 0 ? now_s() - told_s : 0,
    };
}

void result_release(Result *result) {
    free(result->out);
    free(result->err);
    *result = (Result){0};
}

Result run_args(const char *first, ...) {
    const char *args[ARGS_MAX] = {first};
    va_list rest;
    va_start(rest, first);
    for (size_t i = 1; i + 1 < ARGS_MAX && (args[i] = va_arg(rest, const char *)) != NULL; i++) {
    }
    va_end(rest);
    return program_run(&(Run){.args = args});
}

json_t *last_line_json(const char *text) {
    size_t n = strlen(text);
    assert_true(n > 0 && text[n - 1] == '\n');
    const char *line = text + n - 1;
    while (line > text && line[-1] != '\n') {
        line--;
    }
    json_error_t error;
    json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL) {
        fail_msg("not JSON: %s in %s", error.text, line);
    }
    return value;
}

// --- data ----------------------------------------------------------------------------------------

// A 7x7 pattern for each class, in cells of 4x4 pixels: the strokes of a seven-segment display.
static bool pattern(int c, int x, int y) {
    static const uint8_t segments[NN_CLASSES] = {0x77, 0x24, 0x5D, 0x6D, 0x2E,
                                                 0x6B, 0x7B, 0x25, 0x7F, 0x6F};
    static const int box[7][4] = {{2, 1, 4, 1}, {2, 1, 2, 3}, {4, 1, 4, 3}, {2, 3, 4, 3},
                                  {2, 3, 2, 5}, {4, 3, 4, 5}, {2, 5, 4, 5}};
    for (int s = 0; s < 7; s++) {
        bool within = x >= box[s][0] && x <= box[s][2] && y >= box[s][1] && y <= box[s][3];
        if ((segments[c] >> s & 1) != 0 && within) {
            return true;
        }
    }
    return false;
}

void write_idx_pair(const char *images_path, const char *labels_path, size_t n, unsigned seed) {
    uint8_t *images = calloc(n, NN_PIXELS);
    uint8_t *labels = calloc(n, 1);
    assert_true(images != NULL && labels != NULL);
    uint32_t noise = seed * 2654435761u + 1;
    for (size_t i = 0; i < n; i++) {
        labels[i] = (uint8_t)(i % NN_CLASSES);
        for (int p = 0; p < NN_PIXELS; p++) {
            noise = noise * 1664525u + 1013904223u;
            bool ink = pattern(labels[i], p % NN_SIDE / 4, p / NN_SIDE / 4);
            images[i * NN_PIXELS + (size_t)p] = (uint8_t)((ink ? 200 : 0) + (noise >> 27));
        }
    }
    assert_int_equal(nn_idx_write(images_path, images, 3, (size_t[]){n, NN_SIDE, NN_SIDE}, NULL),
                     NN_OK);
    assert_int_equal(nn_idx_write(labels_path, labels, 1, &n, NULL), NN_OK);
    free(images);
    free(labels);
}

void write_mnist(size_t n_train, size_t n_test) {
    mkdir(temp_path("data"), 0777);
    mkdir(temp_path("data/mnist"), 0777);
    write_idx_pair(temp_path("data/mnist/train-images-idx3-ubyte"),
                   temp_path("data/mnist/train-labels-idx1-ubyte"), n_train, 1);
    write_idx_pair(temp_path("data/mnist/t10k-images-idx3-ubyte"),
                   temp_path("data/mnist/t10k-labels-idx1-ubyte"), n_test, 2);
}

enum { NO_PATTERN = -1 };

static void write_png(const char *path, int c, int size) {
    uint8_t *grey = malloc((size_t)size * (size_t)size);
    assert_non_null(grey);
    for (int i = 0; i < size * size; i++) {
        bool ink = c != NO_PATTERN && pattern(c, i % size * 7 / size, i / size * 7 / size);
        grey[i] = ink ? 20 : 240;
    }
    assert_int_equal(nn_png_write(path, grey, size, size, 1, NULL), NN_OK);
    free(grey);
}

void write_pattern_png(const char *path, int c, int size) {
    write_png(path, c, size);
}

void write_blank_png(const char *path, int size) {
    write_png(path, NO_PATTERN, size);
}
