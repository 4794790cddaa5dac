// The wire format against bytes worked out by hand from its description, and the checksum against
// the values of RFC 3720 and of the catalogue of CRC algorithms.

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/wire.h"

static void assert_written(const Wire *w, const void *wanted, size_t n) {
    assert_false(w->failed);
    assert_int_equal(w->n, n);
    assert_memory_equal(w->bytes, wanted, n);
}

static void fields_are_written_as_the_format_says(void **state) {
    (void)state;
    static const uint8_t wanted[] = {
        0x08, 0x96, 0x01,                                                 // 1: 150
        0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, // 2: -1
        0x1D, 0x00, 0x00, 0x20, 0x40,                                     // 3: 2.5f
        0x21, 0,    0,    0,    0,    0,    0,    0xF0, 0x3F,             // 4: 1.0
        0x2A, 0x02, 'h',  'i',                                            // 5: "hi"
        0x32, 0x00,                                                       // 6: nothing
        0xA2, 0x01, 0x08, 0,    0,    0x80, 0x3F, 0,    0,    0,    0x40, // 20: 1, 2 as raw floats
    };
    Wire w = {0};
    wire_int(&w, 1, 150);
    wire_int(&w, 2, -1);
    wire_float(&w, 3, 2.5f);
    wire_double(&w, 4, 1.0);
    wire_text(&w, 5, "hi");
    wire_bytes(&w, 6, NULL, 0);
    wire_floats_raw(&w, 20, (const float[]){1, 2}, 2);
    assert_written(&w, wanted, sizeof wanted);
    wire_release(&w);
}

static void a_message_gets_its_length_in_front(void **state) {
    (void)state;
    static const uint8_t wanted[] = {0x0A, 0x07, 0x12, 0x03, 'a', 'b', 'c', 0x18, 0x05, 0x20, 0x01};
    Wire w = {0};
    size_t outer = wire_begin(&w), inner = wire_begin(&w);
    wire_raw(&w, "abc", 3);
    wire_end(&w, 2, inner);
    wire_int(&w, 3, 5);
    wire_end(&w, 1, outer);
    wire_int(&w, 4, 1);
    assert_written(&w, wanted, sizeof wanted);
    wire_release(&w);
}

static void a_long_message_comes_back_whole(void **state) {
    (void)state;
    enum { N = 70000 }; // a length of three bytes
    float *values = mem_new(N, sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < N; i++) {
        values[i] = (float)i;
    }
    Wire w = {0};
    size_t begin = wire_begin(&w);
    wire_floats_raw(&w, 9, values, N);
    wire_end(&w, 7, begin);
    WireReader r = wire_reader(w.bytes, w.n);
    WireField f, raw;
    assert_true(wire_next(&r, &f) && f.number == 7 && f.type == WIRE_BYTES);
    WireReader inside = wire_inside(&f);
    assert_true(wire_next(&inside, &raw) && raw.number == 9 && raw.n == N * 4);
    assert_int_equal(raw.bytes[4 * 69999 + 3], 0x47); // 69999.0f is 0x4788B780
    assert_int_equal(raw.bytes[4 * 69999 + 2], 0x88);
    assert_false(wire_next(&inside, &raw) || wire_next(&r, &f) || r.bad || inside.bad);
    wire_release(&w);
    mem_free(values);
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    static const int64_t values[] = {0, 1, 127, 128, 300, INT64_MAX, -1, INT64_MIN};
    Wire w = {0};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        wire_int(&w, (unsigned)i + 1, values[i]);
    }
    wire_double(&w, 536870911, -0.1); // the largest number a field may have
    wire_float(&w, 2, -INFINITY);
    wire_text(&w, 3, "seven");
    WireReader r = wire_reader(w.bytes, w.n);
    WireField f;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_true(wire_next(&r, &f) && f.number == i + 1 && (int64_t)f.value == values[i]);
    }
    assert_true(wire_next(&r, &f) && f.number == 536870911 && wire_to_double(&f) == -0.1);
    assert_true(wire_next(&r, &f) && isinf(wire_to_float(&f)) && wire_to_float(&f) < 0);
    char text[4];
    assert_true(wire_next(&r, &f));
    wire_to_text(text, sizeof text, &f);
    assert_string_equal(text, "sev");
    assert_false(wire_next(&r, &f) || r.bad);
    wire_release(&w);
}

typedef struct {
    const char *name;
    size_t n;
    uint8_t bytes[16];
} BadBytes;

static BadBytes bad_rows[] = {
    {"a key is cut short", 1, {0x80}},
    {"a field has number 0", 2, {0x00, 0x01}},
    {"a number is missing", 1, {0x08}},
    {"a number is cut short", 3, {0x08, 0x80, 0x80}},
    {"a number has eleven bytes",
     12,
     {0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}},
    {"a number has more than 64 bits",
     11,
     {0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02}},
    {"a float is cut short", 4, {0x0D, 0, 0, 0}},
    {"a double is cut short", 8, {0x09, 0, 0, 0, 0, 0, 0, 0}},
    {"bytes are fewer than their length", 3, {0x0A, 0x02, 'a'}},
    {"a length is larger than anything",
     11,
     {0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}},
    {"a group begins", 1, {0x0B}},
    {"a type does not exist", 2, {0x0F, 0x00}},
    {"a field's number is too large", 7, {0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00}},
};

static void run_bad_row(void **state) {
    const BadBytes *row = *state;
    WireReader r = wire_reader(row->bytes, row->n);
    WireField f;
    assert_false(wire_next(&r, &f));
    assert_true(r.bad);
    assert_false(wire_next(&r, &f)); // and stays so
}

static void a_number_is_no_message(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0x08, 0x01};
    WireReader r = wire_reader(bytes, sizeof bytes);
    WireField f;
    assert_true(wire_next(&r, &f));
    assert_true(wire_inside(&f).bad);
}

static void without_memory_it_says_so_and_stays_whole(void **state) {
    (void)state;
    Wire w = {0};
    wire_int(&w, 1, 1);
    uint8_t large[2000] = {0};
    mem_fail_at(1, true);
    wire_bytes(&w, 2, large, sizeof large);
    wire_int(&w, 3, 1);
    mem_fail_at(0, false);
    assert_true(w.failed);
    wire_release(&w);
}

static void checksums_are_castagnolis(void **state) {
    (void)state;
    uint8_t zeros[32] = {0}, ones[32], rising[32], falling[32];
    for (int i = 0; i < 32; i++) {
        ones[i] = 0xFF;
        rising[i] = (uint8_t)i;
        falling[i] = (uint8_t)(31 - i);
    }
    assert_int_equal(crc32c(zeros, 32), 0x8A9136AA);
    assert_int_equal(crc32c(ones, 32), 0x62A8AB43);
    assert_int_equal(crc32c(rising, 32), 0x46DD794E);
    assert_int_equal(crc32c(falling, 32), 0x113FDB5C);
    assert_int_equal(crc32c("123456789", 9), 0xE3069283);
    assert_int_equal(crc32c("", 0), 0);
}

// The head of an event file that TensorBoard wrote: a record of 24 bytes.
static void a_masked_checksum_is_that_of_a_known_file(void **state) {
    (void)state;
    static const uint8_t length[8] = {24};
    assert_int_equal(crc32c_masked(length, 8), 0x224B7FA3);
}

int main(void) {
    struct CMUnitTest tests[32] = {
        cmocka_unit_test(fields_are_written_as_the_format_says),
        cmocka_unit_test(a_message_gets_its_length_in_front),
        cmocka_unit_test(a_long_message_comes_back_whole),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_number_is_no_message),
        cmocka_unit_test(without_memory_it_says_so_and_stays_whole),
        cmocka_unit_test(checksums_are_castagnolis),
        cmocka_unit_test(a_masked_checksum_is_that_of_a_known_file),
    };
    size_t n = 8;
    for (size_t i = 0; i < sizeof bad_rows / sizeof bad_rows[0]; i++) {
        tests[n++] = (struct CMUnitTest){bad_rows[i].name, run_bad_row, NULL, NULL, &bad_rows[i]};
    }
    return _cmocka_run_group_tests("wire", tests, n, NULL, NULL);
}
