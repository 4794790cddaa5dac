// IDX files, plain and gzipped, as they should be and in every way they should not.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "nn/dataset.h"
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

typedef struct {
    uint8_t *bytes; // free()
    size_t n;
} Bytes;

static void put(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

// magic, as many dimensions as its last byte says, n bytes counting up.
static Bytes idx_of(uint32_t magic, uint32_t a, uint32_t b, uint32_t c, size_t n) {
    size_t header = (magic & 0xFF) == 1 ? 8 : 16;
    Bytes file = {.bytes = calloc(header + n + 1, 1), .n = header + n};
    assert_non_null(file.bytes);
    put(file.bytes, magic);
    put(file.bytes + 4, a);
    if (header == 16) {
        put(file.bytes + 8, b);
        put(file.bytes + 12, c);
    }
    for (size_t i = 0; i < n; i++) {
        file.bytes[header + i] = (uint8_t)(i * 37 % 251);
    }
    return file;
}

static Bytes pack(Bytes plain) {
    Bytes packed = {.n = compressBound((uLong)plain.n) + 64};
    packed.bytes = calloc(packed.n, 1);
    assert_non_null(packed.bytes);
    z_stream stream = {.next_in = plain.bytes,
                       .avail_in = (uInt)plain.n,
                       .next_out = packed.bytes,
                       .avail_out = (uInt)packed.n};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.n = stream.total_out;
    deflateEnd(&stream);
    return packed;
}

// --- good files ----------------------------------------------------------------------------------

static void assert_good(const uint8_t *bytes, size_t n, size_t a, size_t b, size_t c) {
    NnIdx idx;
    NnError err = {0};
    if (nn_idx_parse(bytes, n, "good", &idx, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(idx.rank, b == 0 ? 1 : 3);
    assert_int_equal(idx.dims[0], a);
    size_t total = a;
    if (b > 0) {
        assert_int_equal(idx.dims[1], b);
        assert_int_equal(idx.dims[2], c);
        total *= b * c;
    }
    for (size_t i = 0; i < total; i++) {
        assert_int_equal(idx.bytes[i], (uint8_t)(i * 37 % 251));
    }
    assert_int_equal(strlen(idx.sha256), 64);
    nn_idx_release(&idx);
    assert_null(idx.bytes);
}

static void reads_what_fits(void **state) {
    (void)state;
    static const uint32_t sizes[][3] = {{3, 28, 28}, {1, 1, 1},  {0, 28, 28},
                                        {2, 5, 9},   {70, 0, 0}, {0, 0, 0},
                                        {1, 0, 0},   {8, 0, 0},  {300, 28, 28}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const uint32_t *s = sizes[i];
        bool labels = s[1] == 0;
        Bytes file =
            idx_of(labels ? 0x801 : 0x803, s[0], s[1], s[2], labels ? s[0] : s[0] * s[1] * s[2]);
        assert_good(file.bytes, file.n, s[0], s[1], s[2]);
        Bytes packed = pack(file);
        assert_good(packed.bytes, packed.n, s[0], s[1], s[2]);
        free(packed.bytes);
        free(file.bytes);
    }
}

static void the_hash_is_of_the_unpacked_file(void **state) {
    (void)state;
    // From: printf '\0\0\10\1\0\0\0\2\0\45' | sha256sum
    static const char expected[] =
        "2aca529431548edd70dc3fc1be81e7d9bcd836f4d88c74bc35fbd51f995614a3";
    Bytes file = idx_of(0x801, 2, 0, 0, 2);
    Bytes packed = pack(file);
    NnIdx idx;
    assert_int_equal(nn_idx_parse(file.bytes, file.n, "a", &idx, NULL), NN_OK);
    assert_string_equal(idx.sha256, expected);
    nn_idx_release(&idx);
    assert_int_equal(nn_idx_parse(packed.bytes, packed.n, "a", &idx, NULL), NN_OK);
    assert_string_equal(idx.sha256, expected);
    nn_idx_release(&idx);
    free(packed.bytes);
    free(file.bytes);
}

static void what_is_written_is_read(void **state) {
    (void)state;
    char path[TEMP_PATH];
    temp_path(path, folder, "a");
    uint8_t bytes[2 * 3 * 5];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(200 + i);
    }
    const size_t dims[3] = {2, 3, 5};
    for (int rank = 1; rank <= 3; rank += 2) {
        assert_int_equal(nn_idx_write(path, bytes, rank, dims, NULL), NN_OK);
        NnIdx idx;
        assert_int_equal(nn_idx_read(path, &idx, NULL), NN_OK);
        assert_int_equal(idx.rank, rank);
        assert_memory_equal(idx.dims, dims, (size_t)rank * sizeof dims[0]);
        assert_memory_equal(idx.bytes, bytes, rank == 1 ? 2 : sizeof bytes);
        nn_idx_release(&idx);
    }
}

// --- malformed files -----------------------------------------------------------------------------

typedef struct {
    const char *name;
    uint32_t magic, a, b, c;
    size_t n;   // bytes behind the header
    size_t cut; // bytes of the file that are there, 0: all
    int64_t offset;
    const char *words;
} Bad;

static Bad bads[] = {
    {"empty file", 0x803, 0, 0, 0, 0, SIZE_MAX, 0, "too short"},
    {"magic alone", 0x803, 1, 1, 1, 1, 4, 4, "too short"},
    {"picture header cut off", 0x803, 1, 1, 1, 1, 12, 12, "header ends"},
    {"little-endian magic", 0x03080000, 1, 1, 1, 1, 0, 0, "not an IDX file"},
    {"magic of signed bytes", 0x903, 1, 1, 1, 1, 0, 0, "not an IDX file"},
    {"magic of two dimensions", 0x802, 1, 1, 1, 1, 0, 0, "not an IDX file"},
    {"magic with a high byte", 0x01000803, 1, 1, 1, 1, 0, 0, "not an IDX file"},
    {"one byte too few", 0x803, 2, 3, 3, 17, 0, 4, "announces 34"},
    {"one byte too many", 0x803, 2, 3, 3, 19, 0, 4, "announces 34"},
    {"label missing", 0x801, 5, 0, 0, 4, 0, 4, "announces 13"},
    {"label too many", 0x801, 5, 0, 0, 6, 0, 4, "announces 13"},
    {"pictures without bytes", 0x803, 5, 28, 28, 0, 0, 4, "announces"},
    {"count over the limit", 0x803, 10000001, 1, 1, 1, 0, 4, "count in its header"},
    {"labels over the limit", 0x801, 10000001, 0, 0, 1, 0, 4, "count in its header"},
    {"count of 2^32 - 1", 0x803, 0xFFFFFFFF, 28, 28, 1, 0, 4, "count in its header"},
    {"height over the limit", 0x803, 1, 4097, 1, 1, 0, 8, "height in its header"},
    {"width over the limit", 0x803, 1, 1, 4097, 1, 0, 12, "width in its header"},
    {"height of nothing", 0x803, 1, 0, 1, 0, 0, 8, "height in its header"},
    {"width of nothing", 0x803, 1, 1, 0, 0, 0, 12, "width in its header"},
    {"product that wraps in 32 bits", 0x803, 65536, 256, 256, 0, 0, 4, "announces 4294967312"},
    {"largest product", 0x803, 10000000, 4096, 4096, 0, 0, 4, "announces"},
};

static void refuses_a_bad_file(void **state) {
    const Bad *row = *state;
    Bytes file = idx_of(row->magic, row->a, row->b, row->c, row->n);
    if (row->cut > 0) {
        file.n = row->cut == SIZE_MAX ? 0 : row->cut;
    }
    NnError err = {0};
    NnIdx idx;
    uint64_t before = mem_request_count();
    assert_int_equal(nn_idx_parse(file.bytes, file.n, "bad.idx", &idx, &err), NN_ERR_FORMAT);
    assert_int_equal(mem_request_count(), before); // refused before memory was taken
    if (strstr(err.message, row->words) == NULL) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(err.offset, row->offset);
    assert_memory_equal(err.message, "bad.idx: ", 9);
    free(file.bytes);
}

static void refuses_it_packed_too(void **state) {
    const Bad *row = *state;
    Bytes file = idx_of(row->magic, row->a, row->b, row->c, row->n);
    if (row->cut > 0) {
        file.n = row->cut == SIZE_MAX ? 0 : row->cut;
    }
    Bytes packed = pack(file);
    NnIdx idx;
    NnError err = {0};
    assert_int_equal(nn_idx_parse(packed.bytes, packed.n, "bad.gz", &idx, &err), NN_ERR_FORMAT);
    free(packed.bytes);
    free(file.bytes);
}

static void assert_packed_refused(Bytes packed, const char *words) {
    NnIdx idx;
    NnError err = {0};
    assert_int_equal(nn_idx_parse(packed.bytes, packed.n, "bad.gz", &idx, &err), NN_ERR_FORMAT);
    if (strstr(err.message, words) == NULL) {
        fail_msg("%s", err.message);
    }
}

static void a_bomb_is_refused_before_it_grows(void **state) {
    (void)state;
    // 64 MiB of zeros behind a header that announces one picture: 65 kB packed.
    Bytes file = {.bytes = calloc(64 << 20, 1), .n = 64 << 20};
    put(file.bytes, 0x803);
    put(file.bytes + 4, 1);
    put(file.bytes + 8, 28);
    put(file.bytes + 12, 28);
    Bytes packed = pack(file);
    assert_packed_refused(packed, "more bytes than the 800");
    free(packed.bytes);
    // And one that announces gigabytes that are not there.
    put(file.bytes + 4, 5000000);
    file.n = 1000;
    packed = pack(file);
    uint64_t before = mem_request_count();
    assert_packed_refused(packed, "packed bytes can hold");
    assert_in_range(mem_request_count() - before, 0, 4); // zlib's own
    free(packed.bytes);
    free(file.bytes);
}

static void labels_longer_than_announced_are_refused_at_once(void **state) {
    (void)state;
    Bytes file = idx_of(0x801, 2, 0, 0, 7); // header and surplus fit what is looked at first
    Bytes packed = pack(file);
    assert_packed_refused(packed, "more bytes than the 10");
    free(packed.bytes);
    free(file.bytes);
}

static void bytes_behind_the_gzip_data_are_refused(void **state) {
    (void)state;
    Bytes file = idx_of(0x803, 2, 28, 28, 2 * 784);
    Bytes packed = pack(file);
    packed.n++; // pack reserved more
    assert_packed_refused(packed, "follow the end");
    free(packed.bytes);
    free(file.bytes);
}

static void an_unknown_gzip_method_is_refused(void **state) {
    (void)state;
    uint8_t wrong[] = {0x1F, 0x8B, 7, 0, 0, 0, 0, 0, 0, 3, 0, 0};
    assert_packed_refused((Bytes){wrong, sizeof wrong}, "unknown compression method");
    assert_packed_refused((Bytes){wrong, 2}, "ends too early");
}

static void a_gzip_file_of_gigabytes_is_refused_unread(void **state) {
    (void)state;
    uint8_t start[] = {0x1F, 0x8B};
    assert_packed_refused((Bytes){start, (size_t)UINT32_MAX + 1}, "too many for a gzip file");
}

static void every_prefix_is_refused(void **state) {
    (void)state;
    Bytes file = idx_of(0x803, 2, 7, 7, 98);
    Bytes packed = pack(file);
    const Bytes *both[] = {&file, &packed};
    for (int i = 0; i < 2; i++) {
        for (size_t n = 0; n < both[i]->n; n++) {
            uint8_t *cut = malloc(n > 0 ? n : 1);
            assert_non_null(cut);
            memcpy(cut, both[i]->bytes, n);
            NnIdx idx;
            NnError err = {0};
            assert_int_equal(nn_idx_parse(cut, n, "cut", &idx, &err), NN_ERR_FORMAT);
            assert_true(err.message[0] != '\0');
            free(cut);
        }
    }
    free(packed.bytes);
    free(file.bytes);
}

static void every_flipped_bit_of_a_header_is_noticed(void **state) {
    (void)state;
    Bytes file = idx_of(0x803, 6, 7, 5, 210);
    for (size_t bit = 0; bit < 8 * 16; bit++) {
        file.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        NnIdx idx;
        assert_int_equal(nn_idx_parse(file.bytes, file.n, "flipped", &idx, NULL), NN_ERR_FORMAT);
        file.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(file.bytes);
}

static void flips_in_packed_data_never_change_a_picture(void **state) {
    (void)state;
    Bytes file = idx_of(0x803, 6, 28, 28, 6 * 784);
    Bytes packed = pack(file);
    size_t accepted = 0;
    for (size_t bit = 0; bit < 8 * packed.n; bit++) {
        packed.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        NnIdx idx;
        if (nn_idx_parse(packed.bytes, packed.n, "flipped", &idx, NULL) == NN_OK) {
            // The date and the system in the gzip header mean nothing, nor do the bits that fill
            // the last byte.
            assert_memory_equal(idx.bytes, file.bytes + 16, 6 * 784);
            accepted++;
            nn_idx_release(&idx);
        }
        packed.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_in_range(accepted, 1, 7 * 8 + 7);
    free(packed.bytes);
    free(file.bytes);
}

// --- faults --------------------------------------------------------------------------------------

static NnStatus read_it(void *path, NnError *err) {
    NnIdx idx;
    NnStatus status = nn_idx_read(path, &idx, err);
    if (status == NN_OK) {
        assert_int_equal(idx.dims[0], 9);
        nn_idx_release(&idx);
    }
    return status;
}

static NnStatus parse_it(void *user, NnError *err) {
    const Bytes *file = user;
    NnIdx idx;
    NnStatus status = nn_idx_parse(file->bytes, file->n, "a", &idx, err);
    if (status == NN_OK) {
        nn_idx_release(&idx);
    }
    return status;
}

static void reading_survives_every_fault(void **state) {
    (void)state;
    Bytes file = idx_of(0x803, 9, 28, 28, 9 * 784);
    Bytes packed = pack(file);
    char paths[2][TEMP_PATH];
    temp_write(temp_path(paths[0], folder, "plain"), file.bytes, file.n);
    temp_write(temp_path(paths[1], folder, "packed.gz"), packed.bytes, packed.n);
    for (int i = 0; i < 2; i++) {
        assert_true(fault_each_allocation(read_it, NULL, paths[i]) >= 2);
        assert_int_equal(fault_each_call(read_it, NULL, paths[i], EIO), 3);
        assert_int_equal(fault_trickle(read_it, paths[i], NULL), NN_OK);
    }
    assert_true(fault_each_allocation(parse_it, NULL, &file) >= 2);
    assert_true(fault_each_allocation(parse_it, NULL, &packed) >= 6);
    assert_int_equal(read_it(temp_path(paths[0], folder, "none"), NULL), NN_ERR_NOT_FOUND);
    free(packed.bytes);
    free(file.bytes);
}

static NnStatus write_it(void *path, NnError *err) {
    static const uint8_t bytes[9 * 784] = {1, 2, 3};
    const size_t dims[3] = {9, 28, 28};
    return nn_idx_write(path, bytes, 3, dims, err);
}

static void still_readable(void *path, NnStatus status) {
    (void)status;
    assert_int_equal(read_it(path, NULL), NN_OK);
}

static void writing_survives_every_fault(void **state) {
    (void)state;
    char path[TEMP_PATH];
    assert_int_equal(write_it(temp_path(path, folder, "a"), NULL), NN_OK);
    assert_true(fault_each_allocation(write_it, still_readable, path) >= 2);
    assert_int_equal(fault_each_call(write_it, still_readable, path, ENOSPC), 9);
    assert_int_equal(temp_count(folder), 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest fixed[] = {
        CASE(reads_what_fits),
        CASE(the_hash_is_of_the_unpacked_file),
        CASE(what_is_written_is_read),
        CASE(a_bomb_is_refused_before_it_grows),
        CASE(labels_longer_than_announced_are_refused_at_once),
        CASE(bytes_behind_the_gzip_data_are_refused),
        CASE(an_unknown_gzip_method_is_refused),
        CASE(a_gzip_file_of_gigabytes_is_refused_unread),
        CASE(every_prefix_is_refused),
        CASE(every_flipped_bit_of_a_header_is_noticed),
        CASE(flips_in_packed_data_never_change_a_picture),
        CASE(reading_survives_every_fault),
        CASE(writing_survives_every_fault),
    };
    enum { BADS = sizeof bads / sizeof bads[0], FIXED = sizeof fixed / sizeof fixed[0] };
    static char packed_names[BADS][80];
    struct CMUnitTest tests[2 * BADS + FIXED];
    size_t n = 0;
    for (size_t i = 0; i < BADS; i++) {
        snprintf(packed_names[i], sizeof packed_names[i], "%s, gzipped", bads[i].name);
        tests[n++] = (struct CMUnitTest){bads[i].name, refuses_a_bad_file, NULL, NULL, &bads[i]};
        tests[n++] =
            (struct CMUnitTest){packed_names[i], refuses_it_packed_too, NULL, NULL, &bads[i]};
    }
    memcpy(tests + n, fixed, sizeof fixed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
