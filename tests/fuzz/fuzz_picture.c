// PNG and JPEG.

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "nn/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    NnError err = {0};
    NnPicture picture;
    if (nn_picture_parse(bytes, n, "fuzzed", &picture, &err) != NN_OK) {
        if (err.message[0] == '\0' || picture.grey != NULL) {
            abort();
        }
        return 0;
    }
    if (picture.width < 1 || picture.width > 4096 || picture.height < 1 || picture.height > 4096) {
        abort();
    }
    volatile uint8_t last = picture.grey[picture.width * picture.height - 1];
    (void)last;
    nn_picture_release(&picture);
    return 0;
}

#if defined(INKLING_LIBFUZZER)
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed);

static uint32_t big_endian(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

// A mutated PNG dies at the first checksum: they are made right again, chunk after chunk.
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed) {
    n = LLVMFuzzerMutate(bytes, n, max);
    if (seed % 4 == 0 || n < 8 || bytes[0] != 0x89) {
        return n;
    }
    for (size_t at = 8; n - at >= 12;) {
        uint32_t length = big_endian(bytes + at);
        if (length > n - at - 12) {
            break;
        }
        uint32_t sum = (uint32_t)crc32(0, bytes + at + 4, length + 4);
        for (int i = 0; i < 4; i++) {
            bytes[at + 8 + length + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        }
        at += 12 + (size_t)length;
    }
    return n;
}
#endif
