// picture.h - PNG and JPEG in (libpng, libjpeg), PNG out (stb_image_write over the atomic writer).
//
// Input is untrusted: files over 16 MiB and pictures over 4096x4096 are refused before memory is taken.

#ifndef NN_PICTURE_H
#define NN_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "nn/error.h"

typedef struct {
    int width, height;
    uint8_t *grey; // (height, width) 0 black .. 255 white; transparent parts count as white paper
} NnPicture;

// On failure picture is empty.
NnStatus nn_picture_read(const char *path, NnPicture *picture, NnError *err) NN_MUST_CHECK; // kind by content
NnStatus nn_picture_parse(const uint8_t *bytes, size_t n, const char *path, NnPicture *picture,
                          NnError *err) NN_MUST_CHECK;
void nn_picture_release(NnPicture *picture);

// channels 1 (grey), 3 (RGB) or 4 (RGBA), rows of width * channels bytes.
NnStatus nn_png_write(const char *path, const uint8_t *pixels, int width, int height, int channels,
                      NnError *err) NN_MUST_CHECK;

#endif
