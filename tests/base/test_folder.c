#define _XOPEN_SOURCE 700
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include <cmocka.h>

#include "base/file.h"
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

static void makes_the_folders_above(void **state) {
    (void)state;
    char path[TEMP_PATH];
    assert_int_equal(folder_make(temp_path(path, folder, "a/b/c"), NULL), NN_OK);
    assert_int_equal(folder_make(path, NULL), NN_OK); // it is there: fine
    assert_int_equal(folder_make(temp_path(path, folder, "d//e/"), NULL), NN_OK);
    assert_int_equal(access(temp_path(path, folder, "a/b/c"), W_OK), 0);
    assert_int_equal(access(temp_path(path, folder, "d/e"), W_OK), 0);
    assert_int_equal(folder_make("/", NULL), NN_OK);
}

static void says_why_a_folder_cannot_be_made(void **state) {
    (void)state;
    char path[TEMP_PATH];
    NnError err = {0};
    temp_write(temp_path(path, folder, "file"), "", 0);
    assert_int_equal(folder_make(path, &err), NN_ERR_IO);
    assert_non_null(strstr(err.message, "in the way"));
    assert_int_equal(folder_make(temp_path(path, folder, "file/below"), &err), NN_ERR_IO);
    assert_int_equal(folder_make("/proc/none/such", &err), NN_ERR_IO);
    assert_int_equal(folder_make("", &err), NN_ERR_USAGE);
    char endless[5000];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_int_equal(folder_make(endless, &err), NN_ERR_IO);
}

// --- sweeping ------------------------------------------------------------------------------------

// A process that has been and gone.
static long dead_process(void) {
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return (long)child;
}

static void sweeps_what_is_stale_and_ours_alone(void **state) {
    (void)state;
    long dead = dead_process();
    const struct {
        const char *pattern;
        long owner;
        int age_s;
        bool stays;
    } rows[] = {
        {".model.safetensors.tmp.%ld", dead, 7200, false},
        {".model.safetensors.tmp.%ld.3", dead, 7200, false},
        {".a.tmp.1.tmp.%ld", dead, 7200, false},
        {".young.tmp.%ld", dead, 60, true},
        {".future.tmp.%ld", dead, -7200, true},
        {".alive.tmp.%ld", (long)getpid(), 7200, true},
        {"visible.tmp.%ld", dead, 7200, true},
        {".tmp.%ld", dead, 7200, true}, // no name in front
        {".other.tmp.%ldx", dead, 7200, true},
        {".other.tmp.%ld.x", dead, 7200, true},
        {".other.tmp.%ld.", dead, 7200, true},
        {".other.tmp.-%ld", dead, 7200, true},
        {".other.tmp.0%ld", dead, 7200, true},
        {".other.tmp.99999999999%ld", dead, 7200, true},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    char paths[ROWS][TEMP_PATH];
    for (size_t i = 0; i < ROWS; i++) {
        char name[128];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" // the patterns are in the table above
        snprintf(name, sizeof name, rows[i].pattern, rows[i].owner);
#pragma GCC diagnostic pop
        temp_write(temp_path(paths[i], folder, name), "", 0);
        struct utimbuf when = {.actime = time(NULL), .modtime = time(NULL) - rows[i].age_s};
        assert_int_equal(utime(paths[i], &when), 0);
    }
    folder_sweep(folder);
    for (size_t i = 0; i < ROWS; i++) {
        if ((access(paths[i], F_OK) == 0) != rows[i].stays) {
            fail_msg("%s %s", paths[i], rows[i].stays ? "is gone" : "is still there");
        }
    }
    folder_sweep("/nowhere/at/all");
}

static void the_programs_own_places_are_swept(void **state) {
    (void)state;
    static const struct {
        const char *name; // in the folder of every variable
        bool stays;
    } rows[] = {
        {"inkling/.settings.json.tmp.%ld", false}, {"inkling/mine/.images.gz.tmp.%ld", false},
        {"inkling/mine/deeper/.a.tmp.%ld", true}, // we make no folder down there
        {"other/.settings.json.tmp.%ld", true},    {".settings.json.tmp.%ld", true},
    };
    static const char *const variables[] = {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
                                            "XDG_CACHE_HOME"};
    enum { ROWS = sizeof rows / sizeof rows[0], PLACES = 4 };
    long dead = dead_process();
    char paths[PLACES][ROWS][TEMP_PATH];
    for (size_t p = 0; p < PLACES; p++) {
        char home[TEMP_PATH], inner[TEMP_PATH];
        setenv(variables[p], temp_path(home, folder, variables[p]), 1);
        assert_int_equal(folder_make(temp_path(inner, home, "inkling/mine/deeper"), NULL), NN_OK);
        assert_int_equal(folder_make(temp_path(inner, home, "other"), NULL), NN_OK);
        for (size_t i = 0; i < ROWS; i++) {
            char name[128];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" // the patterns are in the table above
            snprintf(name, sizeof name, rows[i].name, dead);
#pragma GCC diagnostic pop
            temp_write(temp_path(paths[p][i], home, name), "", 0);
            struct utimbuf when = {.actime = time(NULL), .modtime = time(NULL) - 7200};
            assert_int_equal(utime(paths[p][i], &when), 0);
        }
    }
    places_sweep();
    for (size_t p = 0; p < PLACES; p++) {
        for (size_t i = 0; i < ROWS; i++) {
            if ((access(paths[p][i], F_OK) == 0) != rows[i].stays) {
                fail_msg("%s %s", paths[p][i], rows[i].stays ? "is gone" : "is still there");
            }
        }
    }
}

// --- places --------------------------------------------------------------------------------------

static void places_follow_the_base_directory_variables(void **state) {
    (void)state;
    static const struct {
        Place place;
        const char *variable, *fallback;
    } rows[] = {
        {PLACE_CONFIG, "XDG_CONFIG_HOME", "/home/x/.config/inkling/a"},
        {PLACE_DATA, "XDG_DATA_HOME", "/home/x/.local/share/inkling/a"},
        {PLACE_STATE, "XDG_STATE_HOME", "/home/x/.local/state/inkling/a"},
        {PLACE_CACHE, "XDG_CACHE_HOME", "/home/x/.cache/inkling/a"},
    };
    char out[256];
    setenv("HOME", "/home/x", 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsetenv(rows[i].variable);
        assert_true(place_path(out, sizeof out, rows[i].place, "a"));
        assert_string_equal(out, rows[i].fallback);
        setenv(rows[i].variable, "relative/is/ignored", 1);
        assert_true(place_path(out, sizeof out, rows[i].place, "a"));
        assert_string_equal(out, rows[i].fallback);
        setenv(rows[i].variable, "/elsewhere", 1);
        assert_true(place_path(out, sizeof out, rows[i].place, "a"));
        assert_string_equal(out, "/elsewhere/inkling/a");
        assert_true(place_path(out, sizeof out, rows[i].place, ""));
        assert_string_equal(out, "/elsewhere/inkling");
        assert_false(place_path(out, 5, rows[i].place, "a"));
        unsetenv(rows[i].variable);
    }
    setenv("HOME", "relative", 1);
    assert_false(place_path(out, sizeof out, PLACE_DATA, "a"));
    unsetenv("HOME");
    assert_false(place_path(out, sizeof out, PLACE_DATA, "a"));
}

static void finds_what_comes_with_the_program(void **state) {
    (void)state;
    char out[TEMP_PATH], path[TEMP_PATH];
    assert_int_equal(folder_make(temp_path(path, folder, "assets/recipes"), NULL), NN_OK);
    temp_write(temp_path(path, folder, "assets/recipes/test-only.json"), "{}", 2);
    setenv("INKLING_SHARE", folder, 1);
    assert_true(share_path(out, sizeof out, "assets", "recipes/test-only.json"));
    assert_string_equal(out, path);
    assert_true(share_path(out, sizeof out, "assets", "recipes"));
    assert_true(share_path(out, sizeof out, "assets", ""));
    assert_false(share_path(out, sizeof out, "assets", "recipes/none.json"));
    assert_false(share_path(out, sizeof out, "assets", "../assets/recipes/test-only.json"));
    assert_false(share_path(out, sizeof out, "assets", "/etc/passwd"));
    assert_false(share_path(out, 8, "assets", "recipes/test-only.json"));
    unsetenv("INKLING_SHARE");
    assert_false(share_path(out, sizeof out, "assets", "recipes/test-only.json"));
}

// A copy of this program in a place of its own looks around from there.
static void looks_beside_the_program(void **state) {
    (void)state;
    static const struct {
        const char *program, *asset;
    } rows[] = {
        {"root/build/dev/src/inkling", "root/assets/found"},         // build tree
        {"prefix/bin/inkling", "prefix/share/inkling/assets/found"}, // installed
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char program[TEMP_PATH], asset[TEMP_PATH], above[TEMP_PATH], command[2 * TEMP_PATH];
        temp_path(program, folder, rows[i].program);
        temp_path(asset, folder, rows[i].asset);
        snprintf(above, sizeof above, "%.*s", (int)(strrchr(program, '/') - program), program);
        assert_int_equal(folder_make(above, NULL), NN_OK);
        snprintf(above, sizeof above, "%.*s", (int)(strrchr(asset, '/') - asset), asset);
        assert_int_equal(folder_make(above, NULL), NN_OK);
        snprintf(command, sizeof command, "cp /proc/%ld/exe %s", (long)getpid(), program);
        assert_int_equal(system(command), 0);
        snprintf(command, sizeof command, "env -u INKLING_SHARE %s --find found >/dev/null",
                 program);
        assert_int_not_equal(system(command), 0); // not there yet
        temp_write(asset, "", 0);
        assert_int_equal(system(command), 0);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--find") == 0) {
        char out[4096];
        return share_path(out, sizeof out, "assets", argv[2]) ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        CASE(makes_the_folders_above),
        CASE(says_why_a_folder_cannot_be_made),
        CASE(sweeps_what_is_stale_and_ours_alone),
        CASE(the_programs_own_places_are_swept),
        CASE(places_follow_the_base_directory_variables),
        CASE(finds_what_comes_with_the_program),
        CASE(looks_beside_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
