#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "nn/error.h"

static void a_failure_is_one_statement(void **state) {
    (void)state;
    NnError err = {0};
    assert_int_equal(nn_fail(&err, NN_ERR_SHAPE, "%d is not %d", 1, 2), NN_ERR_SHAPE);
    assert_int_equal(err.status, NN_ERR_SHAPE);
    assert_string_equal(err.message, "1 is not 2");
    assert_string_equal(err.hint, "");
    assert_string_equal(err.path, "");
    assert_int_equal(err.offset, -1);
}

static void a_file_fault_names_file_and_place(void **state) {
    (void)state;
    NnError err = {0};
    assert_int_equal(nn_fail_file(&err, NN_ERR_FORMAT, "a.idx", 12, "ends early"), NN_ERR_FORMAT);
    assert_string_equal(err.message, "a.idx: ends early");
    assert_string_equal(err.path, "a.idx");
    assert_int_equal(err.offset, 12);
    nn_error_hint(&err, "Fetch %s again.", "it");
    assert_string_equal(err.hint, "Fetch it again.");
}

static void a_path_cannot_drive_a_terminal(void **state) {
    (void)state;
    NnError err = {0};
    nn_fail_file(&err, NN_ERR_IO, "\x1B[2Jx", -1, "gone");
    assert_string_equal(err.message, "\\x1B[2Jx: gone");
    assert_string_equal(err.path, "\x1B[2Jx"); // the path itself is for opening
}

static void a_new_failure_forgets_the_old_hint(void **state) {
    (void)state;
    NnError err = {0};
    nn_fail(&err, NN_ERR_IO, "first");
    nn_error_hint(&err, "a hint");
    nn_fail(&err, NN_ERR_FAILED, "second after %s",
            err.message); // the old message may be an argument
    assert_string_equal(err.message, "second after first");
    assert_string_equal(err.hint, "");
}

static void long_messages_are_cut(void **state) {
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    NnError err = {0};
    nn_fail_file(&err, NN_ERR_IO, text, -1, "%s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    nn_error_hint(&err, "%s", text);
    assert_int_equal(strlen(err.hint), sizeof err.hint - 1);
    assert_int_equal(strlen(err.path), sizeof err.path - 1);
}

static void nobody_has_to_listen(void **state) {
    (void)state;
    assert_int_equal(nn_fail(NULL, NN_ERR_IO, "x"), NN_ERR_IO);
    assert_int_equal(nn_fail_file(NULL, NN_ERR_IO, "a", 0, "x"), NN_ERR_IO);
    nn_error_hint(NULL, "x");
}

static void exit_codes_are_those_of_the_manual(void **state) {
    (void)state;
    static const int codes[] = {[NN_OK] = 0,         [NN_ERR_USAGE] = 2,   [NN_ERR_NOT_FOUND] = 3,
                                [NN_ERR_FORMAT] = 3, [NN_ERR_SHAPE] = 3,   [NN_ERR_IO] = 4,
                                [NN_ERR_NOMEM] = 1,  [NN_ERR_NUMERIC] = 1, [NN_ERR_CANCELLED] = 1,
                                [NN_ERR_FAILED] = 1};
    for (int i = 0; i < (int)(sizeof codes / sizeof codes[0]); i++) {
        assert_int_equal(nn_exit_code((NnStatus)i), codes[i]);
    }
}

static void a_broken_promise_stops_the_program(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        NN_ASSERT(1 + 1 == 2);
        NN_ASSERT(1 + 1 == 3);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_one_statement),
        cmocka_unit_test(a_file_fault_names_file_and_place),
        cmocka_unit_test(a_path_cannot_drive_a_terminal),
        cmocka_unit_test(a_new_failure_forgets_the_old_hint),
        cmocka_unit_test(long_messages_are_cut),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(exit_codes_are_those_of_the_manual),
        cmocka_unit_test(a_broken_promise_stops_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
