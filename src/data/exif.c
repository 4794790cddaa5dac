// The one thing a digit's photograph needs from its Exif data: which way up it is. A phone stores
// what its sensor saw and notes how it was held; a 6 that lies on its side is no 6.

#include <stdbool.h>
#include <string.h>

#include "data/picture_codec.h"

enum { TIFF_AT = 6, ENTRY_BYTES = 12, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, TIFF_MAGIC = 42 };

typedef struct {
    const uint8_t *bytes;
    size_t n;
    bool big_endian;
} Tiff;

// size is 2 or 4. What is outside reads as 0, which no check below takes for something valid.
static uint32_t number(const Tiff *tiff, size_t at, size_t size) {
    uint32_t value = 0;
    if (at > tiff->n || size > tiff->n - at) {
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | tiff->bytes[at + (tiff->big_endian ? i : size - 1 - i)];
    }
    return value;
}

int exif_orientation(const uint8_t *bytes, size_t n) {
    if (n <= TIFF_AT || memcmp(bytes, "Exif\0", TIFF_AT) != 0) {
        return 1;
    }
    Tiff tiff = {bytes + TIFF_AT, n - TIFF_AT, bytes[TIFF_AT] == 'M'};
    if (number(&tiff, 2, 2) != TIFF_MAGIC) {
        return 1;
    }
    size_t folder = number(&tiff, 4, 4);
    uint32_t entries = number(&tiff, folder, 2);
    for (uint32_t i = 0; i < entries; i++) {
        size_t at = folder + 2 + (size_t)i * ENTRY_BYTES;
        if (number(&tiff, at, 2) == TAG_ORIENTATION && number(&tiff, at + 2, 2) == TYPE_SHORT) {
            uint32_t value = number(&tiff, at + 8, 2);
            return value >= 1 && value <= 8 ? (int)value : 1;
        }
    }
    return 1;
}
