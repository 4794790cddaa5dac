// People's handwriting through `inkling replay`: how many are read, and that neither place nor size
// nor brush of a drawing matters. Needs the development strokes beside the source tree; without
// them it says so and passes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "program.h"

static const char strokes_path[] = SOURCE_ROOT "/../shared/strokes/pendigits-tra.jsonl";

enum { EVERY = 5 }; // lines taken: all writers and digits, a fifth of the time

static int take_part(void **state) {
    (void)state;
    static char line[1 << 16];
    FILE *from = fopen(strokes_path, "r");
    if (from == NULL) {
        print_message("%s is not there: nothing to measure\n", strokes_path);
        return 0;
    }
    FILE *to = fopen(temp_path("part.jsonl"), "w");
    assert_non_null(to);
    for (size_t i = 0; fgets(line, sizeof line, from) != NULL; i++) {
        if (i % EVERY == 0) {
            fputs(line, to);
        }
    }
    fclose(from);
    assert_int_equal(fclose(to), 0);
    return 0;
}

static json_t *replay(const char *option, const char *value) {
    const char *const args[] = {"replay", "part.jsonl", "--json", option, value, NULL};
    if (!file_is_there(temp_path("part.jsonl"))) {
        skip();
    }
    Result r = program_run(&(Run){.args = args});
    assert_int_equal(r.status, 0);
    json_t *j = last_line_json(r.out);
    result_release(&r);
    return j;
}

static void nearly_all_are_read(void **state) {
    (void)state;
    json_t *j = replay(NULL, NULL);
    double accuracy = json_number_value(json_object_get(j, "accuracy"));
    double naive = json_number_value(json_object_get(j, "naive_accuracy"));
    assert_true(accuracy >= 0.985);
    assert_true(naive < accuracy - 0.2); // what the normalisation is worth
    json_decref(j);
}

static void place_size_and_brush_do_not_matter(void **state) {
    (void)state;
    static const char *const changes[][2] = {{"--scale", "0.3"},
                                             {"--scale", "3"},
                                             {"--move", "0.31,-0.17"},
                                             {"--brush", "0.0275"},
                                             {"--brush", "0.11"}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        json_t *j = replay(changes[i][0], changes[i][1]);
        double n = json_number_value(json_object_get(j, "n"));
        double changed = json_number_value(json_object_get(j, "changed"));
        if (n < 1000 || changed > 0.01 * n) {
            fail_msg("%s %s changes %g answers of %g", changes[i][0], changes[i][1], changed, n);
        }
        json_decref(j);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearly_all_are_read),
        cmocka_unit_test(place_size_and_brush_do_not_matter),
    };
    return cmocka_run_group_tests(tests, take_part, NULL);
}
