// The lock file: one holder at a time, named; gone with its holder however it dies.
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lock.h"
#include "support/temp.h"

static char folder[TEMP_PATH], path[TEMP_PATH];

static int set_up(void **state) {
    (void)state;
    temp_folder(folder);
    temp_path(path, folder, "lock");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temp_remove(folder);
    return 0;
}

static void the_second_is_told_who_has_it(void **state) {
    (void)state;
    FileLock first, second;
    NnError err = {0};
    assert_int_equal(lock_take(&first, path, NULL), NN_OK);
    assert_int_equal(lock_take(&second, path, &err), NN_ERR_USAGE);
    assert_int_equal(second.fd, -1);
    char who[32];
    snprintf(who, sizeof who, "process %ld", (long)getpid());
    assert_non_null(strstr(err.message, who));
    assert_non_null(strstr(err.message, "lock"));
    lock_drop(&second); // was never held
    assert_int_equal(lock_take(&second, path, NULL), NN_ERR_USAGE);
    lock_drop(&first);
    lock_drop(&first);
    assert_int_equal(lock_take(&second, path, NULL), NN_OK);
    lock_drop(&second);
}

static void a_killed_holder_holds_it_no_longer(void **state) {
    (void)state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        FileLock lock;
        bool held = lock_take(&lock, path, NULL) == NN_OK;
        (void)!write(ready[1], held ? "y" : "n", 1);
        for (;;) {
            pause();
        }
    }
    char answer;
    assert_int_equal(read(ready[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    FileLock lock;
    NnError err = {0};
    assert_int_equal(lock_take(&lock, path, &err), NN_ERR_USAGE);
    char who[32];
    snprintf(who, sizeof who, "process %ld", (long)pid);
    assert_non_null(strstr(err.message, who));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(lock_take(&lock, path, NULL), NN_OK);
    lock_drop(&lock);
    close(ready[0]);
    close(ready[1]);
}

static void what_cannot_be_a_lock_is_refused(void **state) {
    (void)state;
    FileLock lock;
    NnError err = {0};
    char other[TEMP_PATH];
    assert_int_equal(lock_take(&lock, temp_path(other, folder, "no/such/lock"), &err), NN_ERR_IO);
    assert_int_equal(lock_take(&lock, folder, &err), NN_ERR_IO);
    // A link could lead to any file, and the holder's number is written over its contents.
    temp_write(temp_path(other, folder, "precious"), "precious", 8);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(lock_take(&lock, path, &err), NN_ERR_IO);
    size_t n;
    free(temp_read(other, &n));
    assert_int_equal(n, 8);
}

static void a_garbled_holder_is_another_process(void **state) {
    (void)state;
    FileLock first, second;
    assert_int_equal(lock_take(&first, path, NULL), NN_OK);
    static const char *const texts[] = {
        "", "abc\n", "-4\n", "12", "99999999999999999999999999999999", "5 \x1b[31m\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        temp_write(path, texts[i], strlen(texts[i]));
        NnError err = {0};
        assert_int_equal(lock_take(&second, path, &err), NN_ERR_USAGE);
        assert_non_null(strstr(err.message, "another process"));
    }
    lock_drop(&first);
}

#define AROUND(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        AROUND(the_second_is_told_who_has_it),
        AROUND(a_killed_holder_holds_it_no_longer),
        AROUND(what_cannot_be_a_lock_is_refused),
        AROUND(a_garbled_holder_is_another_process),
    };
    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
