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

// [1,2,3] and {"list":[1,2,3]}, or nothing.
static NnStatus build(void *user, NnError *err) {
    (void)user;
    json_t *list = json_array();
    for (int i = 1; i <= 3; i++) {
        list = json_text_push(list, json_integer(i));
    }
    json_t *object = json_text_put(json_object(), "list", list);
    char *made = object != NULL ? json_text_make(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (made == NULL) {
        return nn_fail(err, NN_ERR_NOMEM, "no memory");
    }
    assert_string_equal(made, "{\"list\":[1,2,3]}");
    mem_free(made);
    return NN_OK;
}

static void what_is_built_is_whole_or_nothing(void **state) {
    (void)state;
    assert_true(fault_each_allocation(build, NULL, NULL) > 10);
    json_t *list = json_text_push(json_array(), NULL);
    assert_null(list);
    assert_null(json_text_push(NULL, json_integer(1)));
    assert_null(json_text_put(NULL, "a", json_integer(1)));
    assert_null(json_text_put(json_object(), "a", NULL));
}

static void no_letter_is_lost_when_memory_runs_out(void **state) {
    (void)state;
    assert_true(fault_each_allocation(round_trip, NULL, NULL) > 40);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_text_is_not_blamed_on_memory),
        cmocka_unit_test(what_is_built_is_whole_or_nothing),
        cmocka_unit_test(no_letter_is_lost_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
