// IDX files, plain and gzipped.

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "nn/dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    NnError err = {0};
    NnIdx idx;
    if (nn_idx_parse(bytes, n, "fuzzed", &idx, &err) != NN_OK) {
        if (err.message[0] == '\0' || idx.bytes != NULL) {
            abort();
        }
        return 0;
    }
    if (idx.rank != 1 && idx.rank != 3) {
        abort();
    }
    size_t total = idx.dims[0] * (idx.rank == 3 ? idx.dims[1] * idx.dims[2] : 1);
    uint32_t sum = 0;
    for (size_t i = 0; i < total; i++) { // every byte is there to be read
        sum += idx.bytes[i];
    }
    if (sum > 255u * total || strlen(idx.sha256) != 64) {
        abort();
    }
    nn_idx_release(&idx);
    return 0;
}

#if defined(INKLING_LIBFUZZER)
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed);

// A mutated gzip file dies at its checksum: what is inside is mutated and packed again.
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed) {
    static uint8_t inside[1 << 16];
    z_stream in = {
        .next_in = bytes, .avail_in = (uInt)n, .next_out = inside, .avail_out = sizeof inside};
    if (seed % 4 == 0 || n < 2 || bytes[0] != 0x1F || inflateInit2(&in, MAX_WBITS + 16) != Z_OK) {
        return LLVMFuzzerMutate(bytes, n, max);
    }
    (void)inflate(&in, Z_FINISH);
    size_t size = in.total_out;
    inflateEnd(&in);
    size = LLVMFuzzerMutate(inside, size, sizeof inside);
    z_stream out = {
        .next_in = inside, .avail_in = (uInt)size, .next_out = bytes, .avail_out = (uInt)max};
    if (deflateInit2(&out, (int)(seed / 4 % 10), Z_DEFLATED, MAX_WBITS + 16, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return n;
    }
    (void)deflate(&out, Z_FINISH);
    size = out.total_out;
    deflateEnd(&out);
    return size;
}
#endif
