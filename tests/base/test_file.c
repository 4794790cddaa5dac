#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "support/faults.h"
#include "support/temp.h"

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

static char *in_folder(const char *name) {
    static char path[TEMP_PATH];
    return temp_path(path, folder, name);
}

static void assert_holds(const char *path, const char *text) {
    size_t n = 0;
    uint8_t *bytes = temp_read(path, &n);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(bytes, text, n);
    free(bytes);
}

// --- reading -------------------------------------------------------------------------------------

static void reads_a_file_and_terminates_it(void **state) {
    (void)state;
    const char *path = in_folder("a");
    temp_write(path, "ab\0cd", 5);
    size_t n = 0;
    unsigned char *bytes = file_read(path, 5, &n, NULL);
    assert_non_null(bytes);
    assert_int_equal(n, 5);
    assert_memory_equal(bytes, "ab\0cd", 6);
    mem_free(bytes);
    assert_int_equal(file_size(path), 5);
    assert_true(file_exists(path));
}

static void reads_an_empty_file(void **state) {
    (void)state;
    temp_write(in_folder("a"), "", 0);
    size_t n = 1;
    unsigned char *bytes = file_read(in_folder("a"), 0, &n, NULL);
    assert_non_null(bytes);
    assert_int_equal(n, 0);
    assert_int_equal(bytes[0], 0);
    mem_free(bytes);
}

static void assert_refused(const char *path, size_t limit, NnStatus status, const char *words) {
    NnError err = {0};
    size_t n = 99;
    assert_null(file_read(path, limit, &n, &err));
    assert_int_equal(err.status, status);
    assert_non_null(strstr(err.message, words));
    assert_non_null(strstr(err.message, path));
    assert_int_equal(n, 99);
}

static void refuses_more_than_the_limit_before_allocating(void **state) {
    (void)state;
    const char *path = in_folder("a");
    temp_write(path, "", 0);
    assert_int_equal(truncate(path, (off_t)1 << 40), 0); // a sparse file of a terabyte
    uint64_t before = mem_request_count();
    assert_refused(path, 1 << 20, NN_ERR_FORMAT, "limit is 1048576");
    assert_int_equal(mem_request_count(), before);
}

static void refuses_what_is_no_regular_file(void **state) {
    (void)state;
    assert_refused(folder, 100, NN_ERR_FORMAT, "is a folder");
    assert_refused("/dev/zero", 100, NN_ERR_FORMAT, "not a regular file");
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    assert_refused(in_folder("pipe"), 100, NN_ERR_FORMAT,
                   "not a regular file"); // and does not wait
    assert_refused(in_folder("none"), 100, NN_ERR_NOT_FOUND, "no such file");
    temp_write(in_folder("a"), "x", 1);
    assert_refused(in_folder("a/b"), 100, NN_ERR_NOT_FOUND, "no such file");
    assert_false(file_exists(folder));
    assert_false(file_exists(in_folder("none")));
    assert_int_equal(file_size(folder), -1);
}

static void refuses_a_file_it_may_not_read(void **state) {
    (void)state;
    if (geteuid() == 0) {
        skip(); // root may read everything
    }
    temp_write(in_folder("a"), "x", 1);
    assert_int_equal(chmod(in_folder("a"), 0), 0);
    assert_refused(in_folder("a"), 100, NN_ERR_IO, "permission denied");
    assert_false(file_exists(in_folder("a")));
}

static NnStatus read_it(void *user, NnError *err) {
    size_t n = 0;
    unsigned char *bytes = file_read(user, 1000, &n, err);
    if (bytes == NULL) {
        return err != NULL ? err->status : NN_ERR_IO;
    }
    assert_int_equal(n, 100);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(bytes[i], 'x');
    }
    mem_free(bytes);
    return NN_OK;
}

static void reading_survives_every_fault(void **state) {
    (void)state;
    char *path = in_folder("a");
    char text[100];
    memset(text, 'x', sizeof text);
    temp_write(path, text, sizeof text);
    assert_true(fault_each_allocation(read_it, NULL, path) >= 2);
    assert_int_equal(fault_each_call(read_it, NULL, path, EIO), 3); // open, read, close
    assert_int_equal(fault_trickle(read_it, path, NULL), NN_OK);
}

static ssize_t read_nothing(int fd, void *bytes, size_t n) {
    (void)fd;
    (void)bytes;
    (void)n;
    return 0;
}

static void a_file_that_shrinks_while_read_is_as_long_as_it_is(void **state) {
    (void)state;
    temp_write(in_folder("a"), "abc", 3);
    FileCalls calls = file_set_calls(NULL);
    FileCalls shrunk = calls;
    shrunk.read = read_nothing;
    file_set_calls(&shrunk);
    size_t n = 99;
    unsigned char *bytes = file_read(in_folder("a"), 10, &n, NULL);
    file_set_calls(NULL);
    assert_non_null(bytes);
    assert_int_equal(n, 0);
    mem_free(bytes);
}

// --- saving --------------------------------------------------------------------------------------

static void saves_a_new_file(void **state) {
    (void)state;
    assert_int_equal(file_save(in_folder("a"), "new", 3, NULL), NN_OK);
    assert_holds(in_folder("a"), "new");
    assert_int_equal(temp_count(folder), 1);
}

static void saves_in_the_current_folder(void **state) {
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    NnStatus status = file_save("plain-name", "x", 1, NULL);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(status, NN_OK);
    assert_holds(in_folder("plain-name"), "x");
}

static void keeps_the_permissions_of_what_it_replaces(void **state) {
    (void)state;
    static const mode_t modes[] = {0600, 0644, 0640, 0755, 0666};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        temp_write(in_folder("a"), "old", 3);
        assert_int_equal(chmod(in_folder("a"), modes[i]), 0);
        assert_int_equal(file_save(in_folder("a"), "new", 3, NULL), NN_OK);
        struct stat info;
        assert_int_equal(stat(in_folder("a"), &info), 0);
        assert_int_equal(info.st_mode & 07777, modes[i]);
        assert_holds(in_folder("a"), "new");
    }
}

static void a_new_file_obeys_the_umask(void **state) {
    (void)state;
    mode_t before = umask(027);
    NnStatus status = file_save(in_folder("a"), "new", 3, NULL);
    umask(before);
    struct stat info;
    assert_int_equal(status, NN_OK);
    assert_int_equal(stat(in_folder("a"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void follows_links_to_their_target(void **state) {
    (void)state;
    char target[TEMP_PATH], link[TEMP_PATH], second[TEMP_PATH], inner[TEMP_PATH];
    assert_int_equal(mkdir(temp_path(inner, folder, "inner"), 0700), 0);
    temp_write(temp_path(target, folder, "inner/target"), "old", 3);
    assert_int_equal(symlink("inner/target", temp_path(link, folder, "link")), 0);
    assert_int_equal(symlink(link, temp_path(second, folder, "second")), 0); // absolute, two hops
    assert_int_equal(file_save(second, "new", 3, NULL), NN_OK);
    assert_holds(target, "new");
    struct stat info;
    assert_int_equal(lstat(second, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(temp_count(inner), 1);
}

static void a_dangling_link_gets_its_target(void **state) {
    (void)state;
    char link[TEMP_PATH];
    assert_int_equal(symlink("later", temp_path(link, folder, "link")), 0);
    assert_int_equal(file_save(link, "new", 3, NULL), NN_OK);
    assert_holds(in_folder("later"), "new");
}

static void assert_not_saved(const char *path, const char *words) {
    NnError err = {0};
    assert_int_equal(file_save(path, "new", 3, &err), NN_ERR_IO);
    assert_int_equal(err.status, NN_ERR_IO);
    if (strstr(err.message, words) == NULL) {
        fail_msg("%s", err.message);
    }
}

static void refuses_targets_it_must_not_replace(void **state) {
    (void)state;
    char path[TEMP_PATH];
    assert_int_equal(mkdir(temp_path(path, folder, "inner"), 0700), 0);
    assert_not_saved(path, "is a folder");
    assert_not_saved(temp_path(path, folder, "gone/a"), "folder does not exist");
    temp_write(temp_path(path, folder, "a"), "old", 3);
    assert_not_saved(temp_path(path, folder, "a/b"), "folder does not exist");
    assert_int_equal(chmod(temp_path(path, folder, "a"), 0444), 0);
    assert_not_saved(path, "read-only");
    assert_holds(path, "old");
    assert_not_saved("/dev/full", "not a regular file");
    assert_int_equal(symlink("loop", temp_path(path, folder, "loop")), 0);
    assert_not_saved(path, "circle");
    char endless[5000];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_not_saved(endless, "too long");
    endless[4094] = '\0'; // fits, but the temporary name does not
    memcpy(endless, "/tmp/", 5);
    assert_not_saved(endless, "");
    assert_int_equal(temp_count(folder), 3);
}

static void a_link_to_a_path_too_long_is_refused(void **state) {
    (void)state;
    char deep[TEMP_PATH + 4096], aim[4000];
    memset(aim, 'x', sizeof aim - 1);
    aim[sizeof aim - 1] = '\0';
    for (size_t i = 100; i < sizeof aim - 1; i += 100) {
        aim[i] = '/';
    }
    // The path that leads to the link goes round through ".", so that with its aim it is too long.
    int n = snprintf(deep, sizeof deep, "%s", folder);
    while (n < 300) {
        n += snprintf(deep + n, sizeof deep - (size_t)n, "/.");
    }
    snprintf(deep + n, sizeof deep - (size_t)n, "/link");
    assert_int_equal(symlink(aim, deep), 0);
    assert_not_saved(deep, "too long");
}

static void long_names_are_saved_too(void **state) {
    (void)state;
    char name[251];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(file_save(in_folder(name), "x", 1, NULL), NN_OK);
    assert_holds(in_folder(name), "x");
}

static void a_temporary_file_in_the_way_is_left_alone(void **state) {
    (void)state;
    char path[TEMP_PATH], stale[TEMP_PATH], name[64];
    snprintf(name, sizeof name, ".a.tmp.%ld", (long)getpid());
    temp_write(temp_path(stale, folder, name), "stale", 5);
    temp_path(path, folder, "a");
    SaveFile *one = save_open(path, NULL);
    SaveFile *two = save_open(path, NULL); // another thread saves the same file
    assert_non_null(one);
    assert_non_null(two);
    assert_int_equal(save_write(one, "one", 3, NULL), NN_OK);
    assert_int_equal(save_write(two, "two", 3, NULL), NN_OK);
    assert_int_equal(save_commit(one, NULL), NN_OK);
    assert_holds(path, "one");
    assert_int_equal(save_commit(two, NULL), NN_OK);
    assert_holds(path, "two");
    assert_holds(stale, "stale");
}

static void a_temporary_link_is_not_followed(void **state) {
    (void)state;
    char path[TEMP_PATH], victim[TEMP_PATH], trap[TEMP_PATH], name[64];
    temp_write(temp_path(victim, folder, "victim"), "precious", 8);
    snprintf(name, sizeof name, ".a.tmp.%ld", (long)getpid());
    assert_int_equal(symlink("victim", temp_path(trap, folder, name)), 0);
    assert_int_equal(file_save(temp_path(path, folder, "a"), "new", 3, NULL), NN_OK);
    assert_holds(victim, "precious");
    assert_holds(path, "new");
}

static void gives_up_when_every_temporary_name_is_taken(void **state) {
    (void)state;
    char path[TEMP_PATH], name[64];
    for (int i = 0; i < 10; i++) {
        char again[8] = "";
        if (i > 0) {
            snprintf(again, sizeof again, ".%d", i);
        }
        snprintf(name, sizeof name, ".a.tmp.%ld%s", (long)getpid(), again);
        temp_write(temp_path(path, folder, name), "", 0);
    }
    assert_not_saved(temp_path(path, folder, "a"), "exists");
}

static void abandoning_leaves_the_old_file(void **state) {
    (void)state;
    temp_write(in_folder("a"), "old", 3);
    SaveFile *save = save_open(in_folder("a"), NULL);
    assert_non_null(save);
    assert_int_equal(save_write(save, "new", 3, NULL), NN_OK);
    assert_holds(in_folder("a"), "old");
    save_abandon(save);
    save_abandon(NULL);
    assert_holds(in_folder("a"), "old");
    assert_int_equal(temp_count(folder), 1);
}

// Runs with files limited to so many bytes: the kernel's own short write and then EFBIG.
static NnStatus limited(rlim_t bytes, NnStatus (*operation)(void *user, NnError *err), void *user,
                        NnError *err) {
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    NnStatus status = operation(user, err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    return status;
}

static NnStatus save_it(void *user, NnError *err) {
    NnError own;
    err = err != NULL ? err : &own;
    SaveFile *save = save_open(user, err);
    if (save == NULL) {
        return err->status;
    }
    NnStatus status = NN_OK;
    for (int i = 0; i < 3 && status == NN_OK; i++) {
        status = save_write(save, "new bytes ", 10, err);
    }
    if (status != NN_OK) {
        save_abandon(save);
        return status;
    }
    return save_commit(save, err);
}

static void a_full_disk_is_said_in_words(void **state) {
    (void)state;
    temp_write(in_folder("a"), "old", 3);
    NnError err = {0};
    assert_int_equal(limited(15, save_it, in_folder("a"), &err), NN_ERR_IO);
    assert_non_null(strstr(err.message, "disk is full"));
    assert_true(err.hint[0] != '\0');
    assert_holds(in_folder("a"), "old");
    assert_int_equal(temp_count(folder), 1);
}

static NnStatus write_to(void *user, NnError *err) {
    return save_write(user, "abc", 3, err);
}

static ssize_t write_nothing(int fd, const void *bytes, size_t n) {
    (void)fd;
    (void)bytes;
    (void)n;
    return 0;
}

static void a_disk_that_takes_nothing_does_not_hang_us(void **state) {
    (void)state;
    FileCalls calls = file_set_calls(NULL);
    calls.write = write_nothing;
    file_set_calls(&calls);
    NnStatus status = save_it(in_folder("a"), NULL);
    file_set_calls(NULL);
    assert_int_equal(status, NN_ERR_IO);
    assert_int_equal(temp_count(folder), 0);
}

static void a_failed_write_is_not_forgotten(void **state) {
    (void)state;
    temp_write(in_folder("a"), "old", 3);
    SaveFile *save = save_open(in_folder("a"), NULL);
    assert_non_null(save);
    assert_int_equal(limited(1, write_to, save, NULL), NN_ERR_IO);
    assert_int_equal(write_to(save, NULL), NN_ERR_IO); // though there is room again
    assert_int_equal(save_commit(save, NULL), NN_ERR_IO);
    assert_holds(in_folder("a"), "old");
    assert_int_equal(temp_count(folder), 1);
}

// --- faults --------------------------------------------------------------------------------------

static void old_or_new_is_whole(void *user, NnStatus status) {
    size_t n = 0;
    uint8_t *bytes = temp_read(user, &n);
    bool old = n == 3 && memcmp(bytes, "old", 3) == 0;
    bool new = n == 30 && memcmp(bytes, "new bytes new bytes new bytes ", 30) == 0;
    free(bytes);
    assert_true(old || new);
    assert_true(new || status != NN_OK); // what is reported as saved is saved
    temp_write(user, "old", 3);
}

static void saving_survives_every_fault(void **state) {
    (void)state;
    static const int causes[] = {ENOSPC, EIO, EDQUOT, EFBIG, EACCES, EPERM, EROFS};
    char *path = in_folder("a");
    temp_write(path, "old", 3);
    assert_true(fault_each_allocation(save_it, old_or_new_is_whole, path) >= 2);
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        // open, 3 writes, fsync, close, rename, open, fsync and close of the folder
        assert_int_equal(fault_each_call(save_it, old_or_new_is_whole, path, causes[i]), 10);
    }
    assert_int_equal(temp_count(folder), 1); // no temporary file stays
    assert_int_equal(fault_trickle(save_it, path, NULL), NN_OK);
    old_or_new_is_whole(path, NN_OK);
}

static void data_is_synced_before_the_rename_and_the_folder_after(void **state) {
    (void)state;
    char trace[256];
    assert_int_equal(fault_trace(save_it, in_folder("a"), trace, sizeof trace), NN_OK);
    assert_string_equal(trace, "open write fsync close rename open fsync close");
}

// The folder's sync alone goes wrong, in one of three ways.
static int folder_cause;

static int fsync_not_folders(int fd) {
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        errno = folder_cause;
        return -1;
    }
    return fsync(fd);
}

static int (*real_open)(const char *path, int flags, unsigned mode);

static int open_not_folders(const char *path, int flags, unsigned mode) {
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        errno = folder_cause;
        return -1;
    }
    return real_open(path, flags, mode);
}

static void a_folder_that_cannot_be_synced(void **state) {
    (void)state;
    static const struct {
        bool open;
        int cause;
        NnStatus status;
    } rows[] = {
        {false, EINVAL, NN_OK}, {false, ENOTSUP, NN_OK},   {false, EIO, NN_ERR_IO},
        {true, EACCES, NN_OK},  {true, EMFILE, NN_ERR_IO},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        FileCalls calls = file_set_calls(NULL);
        real_open = calls.open;
        folder_cause = rows[i].cause;
        if (rows[i].open) {
            calls.open = open_not_folders;
        } else {
            calls.fsync = fsync_not_folders;
        }
        file_set_calls(&calls);
        NnStatus status = save_it(in_folder("a"), NULL);
        file_set_calls(NULL);
        assert_int_equal(status, rows[i].status);
        assert_holds(in_folder("a"), "new bytes new bytes new bytes ");
    }
}

// --- appending -----------------------------------------------------------------------------------

static NnStatus append_it(void *user, NnError *err) {
    return file_append(user, "line\n", 5, err);
}

static void no_half_line_stays(void *user, NnStatus status) {
    (void)status;
    size_t n = 0;
    free(temp_read(user, &n));
    assert_int_equal(n % 5, 0);
}

static void appends_whole_records(void **state) {
    (void)state;
    char *path = in_folder("log");
    assert_int_equal(append_it(path, NULL), NN_OK);
    assert_int_equal(append_it(path, NULL), NN_OK);
    assert_holds(path, "line\nline\n");
    assert_int_equal(fault_trickle(append_it, path, NULL), NN_OK);
    assert_int_equal(fault_each_call(append_it, no_half_line_stays, path, ENOSPC), 4);
    NnError err = {0};
    assert_int_equal(file_append(in_folder("none/log"), "x", 1, &err), NN_ERR_IO);
    assert_int_equal(file_append(folder, "x", 1, &err), NN_ERR_IO);
    assert_int_equal(file_append("/dev/full", "x", 1, &err), NN_ERR_IO);
    assert_non_null(strstr(err.message, "disk is full"));
}

static void a_record_that_does_not_fit_is_taken_back(void **state) {
    (void)state;
    char *path = in_folder("log");
    assert_int_equal(append_it(path, NULL), NN_OK);
    assert_int_equal(limited(7, append_it, path, NULL), NN_ERR_IO); // two bytes fit
    assert_holds(path, "line\n");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(reads_a_file_and_terminates_it),
        CASE(reads_an_empty_file),
        CASE(refuses_more_than_the_limit_before_allocating),
        CASE(refuses_what_is_no_regular_file),
        CASE(refuses_a_file_it_may_not_read),
        CASE(reading_survives_every_fault),
        CASE(a_file_that_shrinks_while_read_is_as_long_as_it_is),
        CASE(saves_a_new_file),
        CASE(saves_in_the_current_folder),
        CASE(keeps_the_permissions_of_what_it_replaces),
        CASE(a_new_file_obeys_the_umask),
        CASE(follows_links_to_their_target),
        CASE(a_dangling_link_gets_its_target),
        CASE(refuses_targets_it_must_not_replace),
        CASE(a_link_to_a_path_too_long_is_refused),
        CASE(long_names_are_saved_too),
        CASE(a_temporary_file_in_the_way_is_left_alone),
        CASE(a_temporary_link_is_not_followed),
        CASE(gives_up_when_every_temporary_name_is_taken),
        CASE(abandoning_leaves_the_old_file),
        CASE(a_full_disk_is_said_in_words),
        CASE(saving_survives_every_fault),
        CASE(data_is_synced_before_the_rename_and_the_folder_after),
        CASE(a_folder_that_cannot_be_synced),
        CASE(a_failed_write_is_not_forgotten),
        CASE(a_disk_that_takes_nothing_does_not_hang_us),
        CASE(appends_whole_records),
        CASE(a_record_that_does_not_fit_is_taken_back),
    };
    signal(SIGXFSZ,
           SIG_IGN); // a write past the size limit returns EFBIG instead of ending the process
    return cmocka_run_group_tests(tests, NULL, NULL);
}
