// What no fault loop shows: a process killed at any instant of a save, and a disk that really is
// full.

#define _DEFAULT_SOURCE // usleep
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/rng.h"
#include "support/temp.h"

enum { KILLS = 50, SIZE = 400 << 10 };

static char folder[TEMP_PATH];

static int set_up(void **state) {
    (void)state;
    temp_folder(folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temp_remove(folder);
    return 0;
}

// Saves files filled with one letter after another, for ever.
static void save_for_ever(const char *path) {
    static char bytes[SIZE];
    for (int i = 0;; i++) {
        memset(bytes, 'a' + i % 26, sizeof bytes);
        if (file_save(path, bytes, sizeof bytes, NULL) != NN_OK) {
            _exit(1);
        }
    }
}

static void killed_while_saving_leaves_a_whole_file(void **state) {
    (void)state;
    char path[TEMP_PATH];
    temp_path(path, folder, "model");
    Rng rng = rng_at(1, RNG_STREAM_TEST, 0);
    static char first[SIZE];
    memset(first, 'a', sizeof first);
    assert_int_equal(file_save(path, first, sizeof first, NULL), NN_OK);
    for (int i = 0; i < KILLS; i++) {
        pid_t child = fork();
        if (child == 0) {
            save_for_ever(path);
        }
        usleep(500 + rng_below(&rng, 8000));
        kill(child, SIGKILL);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status)); // no save failed by itself
        size_t n = 0;
        uint8_t *bytes = temp_read(path, &n);
        assert_int_equal(n, SIZE);
        for (size_t j = 1; j < n; j++) {
            if (bytes[j] != bytes[0]) {
                fail_msg("kill %d: byte %zu is of another save", i, j);
            }
        }
        free(bytes);
    }
}

// Runs inside the small file system: exit status 0 when all is as promised, else the number of the
// line.
#define PROMISE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            return __LINE__ % 200 + 2;                                                             \
        }                                                                                          \
    } while (0)

static int on_full_disk(const char *disk) {
    char path[TEMP_PATH], stuffing[TEMP_PATH];
    snprintf(path, sizeof path, "%s/model", disk);
    snprintf(stuffing, sizeof stuffing, "%s/stuffing", disk);
    static char old[20000], large[60000];
    memset(old, 'o', sizeof old);
    memset(large, 'n', sizeof large);
    NnError err = {0};
    PROMISE(file_save(path, old, sizeof old, &err) == NN_OK);
    PROMISE(file_save(path, large, sizeof large, &err) == NN_ERR_IO);
    PROMISE(err.status == NN_ERR_IO && strstr(err.message, "disk is full") != NULL);
    PROMISE(err.hint[0] != '\0');
    size_t n = 0;
    char *kept = (char *)file_read(path, sizeof large, &n, NULL);
    PROMISE(kept != NULL && n == sizeof old && memcmp(kept, old, n) == 0);
    free(kept);
    PROMISE(file_save(path, old, sizeof old, &err) == NN_OK); // nothing was left behind to fill it
    PROMISE(file_append(stuffing, large, sizeof large, &err) == NN_ERR_IO);
    PROMISE(file_size(stuffing) == 0);
    return 0;
}

static void a_disk_that_is_really_full(void **state) {
    const char *program = *state;
    char command[3 * TEMP_PATH];
    const char *mount = "mount -t tmpfs -o size=64k tmpfs";
    // A name space of our own: nothing to unmount, nobody else sees it. Root needs no user name
    // space.
    snprintf(command, sizeof command,
             "unshare %s sh -c '%s %s 2>/dev/null || exit 1; %s --full-disk %s'",
             geteuid() == 0 ? "-m" : "-rm", mount, folder, program, folder);
    int status = system(command);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 1 || WEXITSTATUS(status) == 127) {
        print_message("skipped: mounting a small file system is not permitted here\n");
        skip();
    }
    if (WEXITSTATUS(status) != 0) {
        fail_msg("the promise in line %d (modulo 200) does not hold", WEXITSTATUS(status) - 2);
    }
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--full-disk") == 0) {
        return on_full_disk(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_while_saving_leaves_a_whole_file, set_up, tear_down),
        {"a_disk_that_is_really_full", a_disk_that_is_really_full, set_up, tear_down, argv[0]},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
