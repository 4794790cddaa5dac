#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void copies_are_cut_and_terminated(void **state) {
    (void)state;
    char out[4];
    assert_true(text_copy(out, sizeof out, "abc"));
    assert_string_equal(out, "abc");
    assert_false(text_copy(out, sizeof out, "abcd"));
    assert_string_equal(out, "abc");
    assert_false(text_copy(out, 0, "x"));
    assert_string_equal(out, "abc");
}

typedef struct {
    const char *name, *text, *shown;
} Escape;

static Escape escapes[] = {
    {"plain text stays", "fc1.weight", "fc1.weight"},
    {"accents stay", "Zo\xC3\xAB \xE2\x86\x92", "Zo\xC3\xAB \xE2\x86\x92"},
    {"a terminal sequence is shown", "a\x1B[31mb", "a\\x1B[31mb"},
    {"newline and tab are shown", "a\n\t", "a\\x0A\\x09"},
    {"delete is shown", "\x7F", "\\x7F"},
    {"C1 control in UTF-8 is shown", "\xC2\x9B", "\\xC2\\x9B"},
    {"overlong form is shown", "\xC0\xAF", "\\xC0\\xAF"},
    {"surrogate is shown", "\xED\xA0\x80", "\\xED\\xA0\\x80"},
    {"beyond Unicode is shown", "\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},
    {"cut-off sequence is shown", "\xE2\x86", "\\xE2\\x86"},
    {"lone continuation is shown", "\x80", "\\x80"},
};

static void escapes_what_could_drive_a_terminal(void **state) {
    const Escape *row = *state;
    char out[64];
    text_escape(out, sizeof out, row->text);
    assert_string_equal(out, row->shown);
}

static void escapes_never_overrun(void **state) {
    (void)state;
    char out[16];
    for (size_t size = 0; size < sizeof out; size++) {
        memset(out, '#', sizeof out);
        text_escape(out, size, "ab\x1B\xC3\xAB\x01");
        assert_true(size == 0 || strlen(out) < size);
        assert_int_equal(out[size], '#');
    }
}

static void decodes_every_code_point(void **state) {
    (void)state;
    for (unsigned code = 1; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 97) {
        char text[5] = {0};
        int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
        for (int i = n - 1; i > 0; i--) {
            text[i] = (char)(0x80 | ((code >> (6 * (n - 1 - i))) & 0x3F));
        }
        text[0] = (char)(n == 1 ? code : lead[n] | code >> (6 * (n - 1)));
        unsigned decoded = 0;
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        assert_int_equal(text_utf8_decode(text, &decoded), surrogate ? 0 : n);
        assert_true(surrogate || decoded == code);
    }
}

static void endings(void **state) {
    (void)state;
    assert_true(text_ends_with("a.png", ".png"));
    assert_true(text_ends_with("a", ""));
    assert_false(text_ends_with("png", ".png"));
    assert_false(text_ends_with("a.PNG", ".png"));
}

int main(void) {
    enum { ROWS = sizeof escapes / sizeof escapes[0] };
    struct CMUnitTest tests[ROWS + 4] = {
        cmocka_unit_test(copies_are_cut_and_terminated),
        cmocka_unit_test(escapes_never_overrun),
        cmocka_unit_test(decodes_every_code_point),
        cmocka_unit_test(endings),
    };
    for (size_t i = 0; i < ROWS; i++) {
        tests[4 + i] = (struct CMUnitTest){escapes[i].name, escapes_what_could_drive_a_terminal,
                                           NULL, NULL, &escapes[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
