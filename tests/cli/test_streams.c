// Where things are printed, and what happens when they cannot be: full devices, readers that went
// away, signals, terminals.

#define _GNU_SOURCE // unshare
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

static int write_files(void **state) {
    (void)state;
    write_mnist(600, 100);
    write_pattern_png(temp_path("seven.png"), 7, 100);
    return 0;
}

static void a_full_device_under_stdout_exits_4(void **state) {
    (void)state;
    static const char *const commands[][4] = {{"--help"},
                                              {"--version"},
                                              {"predict", "seven.png"},
                                              {"predict", "seven.png", "--json"},
                                              {"data", "list"}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        Result r = program_run(&(Run){.args = commands[i], .stdout_path = "/dev/full"});
        assert_int_equal(r.status, 4);
        assert_string_equal(r.err, "error: standard output: No space left on device\n");
        result_release(&r);
    }
}

static void a_reader_that_went_away_ends_it_quietly(void **state) {
    (void)state;
    const char *const args[] = {"--help", NULL};
    Result r = program_run(&(Run){.args = args, .close_early = true});
    assert_int_equal(r.status, 128 + SIGPIPE);
    assert_string_equal(r.err, "");
    result_release(&r);
}

static void training_for_nobody_stops(void **state) {
    (void)state;
    const char *const args[] = {"train", "linear", "--epochs", "100000", "--quiet", NULL};
    Result r = program_run(&(Run){.args = args, .close_early = true});
    assert_int_equal(r.status, 128 + SIGPIPE);
    assert_string_equal(r.err, "");
    result_release(&r);
}

static void stopped_by(int signal_number) {
    const char *const args[] = {"train", "linear",           "--epochs", "100000",
                                "--out", "part.safetensors", NULL};
    (void)remove(temp_path("part.safetensors"));
    Result r = program_run(&(Run){.args = args, .stop_signal = signal_number});
    assert_int_equal(r.status, 128 + signal_number);
    assert_non_null(strstr(r.err, "what was learnt so far is in part.safetensors"));
    assert_null(strstr(r.err, "error:"));
    assert_true(r.seconds < 10);
    result_release(&r);
    r = run_args("eval", "part.safetensors", "--json", NULL);
    assert_int_equal(r.status, 0);
    result_release(&r);
}

static void ctrl_c_saves_what_was_learnt_and_exits_130(void **state) {
    (void)state;
    stopped_by(SIGINT);
}

static void sigterm_saves_what_was_learnt_and_exits_143(void **state) {
    (void)state;
    stopped_by(SIGTERM);
}

static void results_go_to_stdout_and_notes_to_stderr(void **state) {
    (void)state;
    Result r = run_args("train", "linear", "--epochs", "1", "--json", NULL);
    assert_int_equal(r.status, 0);
    assert_int_equal(r.out[0], '{');
    assert_ptr_equal(strchr(r.out, '\n'), r.out + strlen(r.out) - 1); // one line
    assert_non_null(strstr(r.err, "note: without --out"));
    assert_non_null(strstr(r.err, "epoch   1/1"));
    assert_null(strchr(r.err, '\r')); // no progress line: it is no terminal
    result_release(&r);
    r = run_args("train", "linear", "--epochs", "1", "--json", "--quiet", NULL);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.err, "");
    result_release(&r);
}

static Result on_a_terminal(const char *environment, const char *option) {
    const char *args[] = {"predict", "seven.png", option, NULL};
    const char *variables[] = {environment, NULL};
    return program_run(&(Run){.args = args, .environment = variables, .terminal = true});
}

static void colours_are_for_terminals_that_want_them(void **state) {
    (void)state;
    static const struct {
        const char *environment, *option;
        bool colored;
    } rows[] = {{"TERM=xterm-256color", NULL, true},
                {"TERM=dumb", NULL, false},
                {"NO_COLOR=1", NULL, false},
                {"NO_COLOR=", NULL, true}, // no-color.org: set and not empty
                {"TERM=xterm", "--no-color", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Result r = on_a_terminal(rows[i].environment, rows[i].option);
        if (r.status != 0 || (strchr(r.out, '\033') != NULL) != rows[i].colored) {
            fail_msg("%s: status %d, %s", rows[i].environment, r.status, r.out);
        }
        result_release(&r);
    }
    Result r = run_args("predict", "seven.png", NULL);
    assert_null(strchr(r.out, '\033')); // a pipe is no terminal
    result_release(&r);
}

static void bars_are_ascii_where_the_character_set_is(void **state) {
    (void)state;
    Result r = on_a_terminal("LC_ALL=C", NULL);
    assert_int_equal(r.status, 0);
    for (const char *c = r.out; *c != '\0'; c++) {
        assert_true((unsigned char)*c < 0x80);
    }
    assert_non_null(strchr(r.out, '#'));
    result_release(&r);
}

static void a_terminal_gets_a_progress_line_that_is_wiped(void **state) {
    (void)state;
    const char *const args[] = {"train", "linear", "--epochs", "3", NULL};
    Result r = program_run(&(Run){.args = args, .terminal = true});
    assert_int_equal(r.status, 0);
    const char *wipe = strstr(r.out, "\r\033[K");
    assert_non_null(wipe);
    const char *last = wipe;
    while ((wipe = strstr(last + 1, "\r\033[K")) != NULL) {
        last = wipe;
    }
    assert_null(strstr(last, " s left"));
    result_release(&r);
}

// A save that meets a full disk: the old file stays whole, exit 4.
static void a_full_disk_leaves_the_old_file_and_exits_4(void **state) {
    (void)state;
    char mount_point[600];
    char target[700];
    snprintf(mount_point, sizeof mount_point, "%s", temp_path("full"));
    assert_int_equal(mkdir(mount_point, 0777), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    enum { SKIPPED = 77, WRONG = 1 };
    if (pid == 0) {
        // A mount namespace of its own, so that nothing is left mounted whatever happens.
        bool mounted = unshare(CLONE_NEWNS) == 0 &&
                       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                       mount("tmpfs", mount_point, "tmpfs", 0, "size=24k") == 0;
        if (!mounted) {
            _exit(SKIPPED);
        }
        snprintf(target, sizeof target, "%s/old.safetensors", mount_point);
        write_text(target, "the old file");
        Result r = run_args("train", "linear", "--epochs", "1", "--quiet", "--out", target, NULL);
        char kept[64] = "";
        FILE *file = fopen(target, "r");
        bool read = file != NULL && fgets(kept, sizeof kept, file) != NULL;
        bool right = r.status == 4 && read && strcmp(kept, "the old file") == 0 &&
                     strstr(r.err, "disk is full") != NULL;
        if (!right) {
            fprintf(stderr, "status %d, kept '%s', err '%s'\n", r.status, kept, r.err);
        }
        _exit(right ? 0 : WRONG);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
        print_message("no permission to mount a small disk\n");
        skip();
    }
    assert_int_equal(status, 0);
}

static void places_that_cannot_be_written_are_found_before_training(void **state) {
    (void)state;
    Result r = run_args("train", "linear", "--epochs", "100000", "--out",
                        "no/such/folder/x.safetensors", NULL);
    assert_int_equal(r.status, 4);
    assert_non_null(strstr(r.err, "no/such/folder"));
    assert_null(strstr(r.out, "epoch"));
    result_release(&r);
    r = run_args("train", "linear", "--epochs", "100000", "--log", "no/such/folder/x.jsonl", NULL);
    assert_int_equal(r.status, 4);
    result_release(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_device_under_stdout_exits_4),
        cmocka_unit_test(a_reader_that_went_away_ends_it_quietly),
        cmocka_unit_test(training_for_nobody_stops),
        cmocka_unit_test(ctrl_c_saves_what_was_learnt_and_exits_130),
        cmocka_unit_test(sigterm_saves_what_was_learnt_and_exits_143),
        cmocka_unit_test(results_go_to_stdout_and_notes_to_stderr),
        cmocka_unit_test(colours_are_for_terminals_that_want_them),
        cmocka_unit_test(bars_are_ascii_where_the_character_set_is),
        cmocka_unit_test(a_terminal_gets_a_progress_line_that_is_wiped),
        cmocka_unit_test(a_full_disk_leaves_the_old_file_and_exits_4),
        cmocka_unit_test(places_that_cannot_be_written_are_found_before_training),
    };
    return cmocka_run_group_tests(tests, write_files, NULL);
}
