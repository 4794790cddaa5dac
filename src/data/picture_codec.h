// picture_codec.h - what picture_read.c and its two decoders share.

#ifndef NN_DATA_PICTURE_CODEC_H
#define NN_DATA_PICTURE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "nn/picture.h"

enum {
    PICTURE_FILE_MAX = 16 << 20, // bytes
    PICTURE_SIDE_MAX = 4096,     // pixels
};

// Refuses sizes out of range, then takes memory for the grey pixels.
NnStatus picture_reserve(NnPicture *picture, uint64_t width, uint64_t height, const char *path,
                         NnError *err) NN_MUST_CHECK;

// Decoders. On failure the caller releases what is in picture.
NnStatus png_decode(const uint8_t *bytes, size_t n, const char *path, NnPicture *picture,
                    NnError *err) NN_MUST_CHECK;
NnStatus jpeg_decode(const uint8_t *bytes, size_t n, const char *path, NnPicture *picture,
                     NnError *err) NN_MUST_CHECK;

// How a camera was held: 1 to 8 as Exif counts, from the contents of an APP1 marker; 1 where it
// does not say.
int exif_orientation(const uint8_t *bytes, size_t n);

#endif
