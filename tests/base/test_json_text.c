#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/json_text.h"
#include "support/faults.h"

static const char text[] =
    "{\"a key that is long enough to make buffers grow\":[1,2.5,\"and a value that is long, too\"],"
    "\"another\":{\"inner\":null,\"words\":\"\\u2192 \\n and so on and on and on and on\"}}";

static void bad_text_is_not_blamed_on_memory(void **state) {
    (void)state;
    json_error_t fault;
    bool no_memory = true;
    assert_null(json_text_parse("{\"a\":}", 6, 0, &fault, &no_memory));
    assert_false(no_memory);
    assert_true(fault.text[0] != '\0');
}

// There and back. What comes out must be what went in, whichever request fails on the way.
static NnStatus round_trip(void *user, NnError *err) {
    (void)user;
    json_error_t fault;
    bool no_memory = false;
    json_t *root = json_text_parse(text, sizeof text - 1, 0, &fault, &no_memory);
    char *made = root != NULL ? json_text_make(root, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(root);
    if (made == NULL) {
        assert_true(root != NULL || no_memory);
        return nn_fail(err, NN_ERR_NOMEM, "no memory");
    }
    assert_string_equal(made, text);
    mem_free(made);
    return NN_OK;
}

static void no_letter_is_lost_when_memory_runs_out(void **state) {
    (void)state;
    assert_true(fault_each_allocation(round_trip, NULL, NULL) > 40);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_text_is_not_blamed_on_memory),
        cmocka_unit_test(no_letter_is_lost_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
