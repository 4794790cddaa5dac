// How the shipped network reads the handwriting that this program draws, and that eval --styles says
// so: every form of every digit.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nn/nn.h"
#include "program.h"

static size_t count(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_integer(value));
    return (size_t)json_integer_value(value);
}

static void every_form_of_every_digit_is_read(void **state) {
    (void)state;
    Result r = run_args("eval", "inkling-mlp", "--styles", "--json", NULL);
    assert_int_equal(r.status, 0);
    json_t *j = last_line_json(r.out);
    result_release(&r);
    const json_t *forms = json_object_get(j, "forms");
    assert_int_equal(json_array_size(forms), nn_style_count());
    for (size_t i = 0; i < json_array_size(forms); i++) {
        const json_t *form = json_array_get(forms, i);
        if (count(form, "read") * 10 < count(form, "n") * 9) {
            fail_msg("%zu %s: only %zu of %zu read", count(form, "digit"),
                     json_string_value(json_object_get(form, "form")), count(form, "read"),
                     count(form, "n"));
        }
    }
    json_decref(j);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_every_digit_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
