// PNG out: stb_image_write makes the bytes in memory, the atomic writer saves them. Its own file
// functions report success on a full disk; its own compressor asserts when memory runs out, so
// zlib's takes that place.

#include <limits.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "nn/picture.h"

enum { SIDE_MAX = 16384, PNG_BYTES_MAX = 1 << 30 };

// When stb cannot get memory for its result it forgets the compressed block it was given; we do
// not.
static _Thread_local unsigned char *compressed;

static void give_back(void *block) {
    if (block == compressed) {
        compressed = NULL;
    }
    mem_free(block);
}

static unsigned char *compress_with_zlib(unsigned char *bytes, int n, int *out_n, int quality) {
    uLong size = compressBound((uLong)n);
    compressed = size <= INT_MAX ? mem_new(size, 1) : NULL;
    if (compressed == NULL || compress2(compressed, &size, bytes, (uLong)n, quality) != Z_OK) {
        give_back(compressed);
        return NULL;
    }
    *out_n = (int)size;
    return compressed;
}

#define STBIW_MALLOC(size) mem_malloc(size)
#define STBIW_REALLOC(block, size) mem_realloc(block, size)
#define STBIW_FREE(block) give_back(block)
#define STBIW_ZLIB_COMPRESS compress_with_zlib
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

NnStatus nn_png_write(const char *path, const uint8_t *pixels, int width, int height, int channels,
                      NnError *err) {
    bool fits = width > 0 && height > 0 && width <= SIDE_MAX && height <= SIDE_MAX &&
                (channels == 1 || channels == 3 || channels == 4) &&
                height <= PNG_BYTES_MAX / (width * channels + 1);
    if (!fits) {
        return nn_fail_file(err, NN_ERR_USAGE, path, -1,
                            "a picture of %d x %d pixels with %d channels cannot be written", width,
                            height, channels);
    }
    int n = 0;
    unsigned char *png =
        stbi_write_png_to_mem(pixels, width * channels, width, height, channels, &n);
    if (png == NULL) {
        give_back(compressed);
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for the picture");
    }
    NnStatus status = file_save(path, png, (size_t)n, err);
    give_back(png);
    return status;
}
