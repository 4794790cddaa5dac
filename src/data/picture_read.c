// Pictures in: limits, and which decoder. Both decoders report errors by longjmp, so each keeps all
// it owns in one struct that is set up before its setjmp.

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/picture_codec.h"

NnStatus picture_reserve(NnPicture *picture, uint64_t width, uint64_t height, const char *path,
                         NnError *err) {
    if (width == 0 || height == 0 || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX) {
        nn_fail_file(err, NN_ERR_FORMAT, path, -1, "is %llu x %llu pixels, the limit is %d x %d",
                     (unsigned long long)width, (unsigned long long)height, PICTURE_SIDE_MAX,
                     PICTURE_SIDE_MAX);
        nn_error_hint(err,
                      "Make the picture smaller; a few hundred pixels are plenty for a digit.");
        return NN_ERR_FORMAT;
    }
    picture->width = (int)width;
    picture->height = (int)height;
    picture->grey = mem_new((size_t)height, (size_t)width);
    return picture->grey != NULL
               ? NN_OK
               : nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for the picture");
}

NnStatus nn_picture_parse(const uint8_t *bytes, size_t n, const char *path, NnPicture *picture,
                          NnError *err) {
    static const uint8_t png_start[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    static const uint8_t jpeg_start[] = {0xFF, 0xD8, 0xFF};
    *picture = (NnPicture){0};
    NnStatus status;
    if (n > PICTURE_FILE_MAX) {
        status = nn_fail_file(err, NN_ERR_FORMAT, path, -1, "has %zu bytes, the limit is %d", n,
                              PICTURE_FILE_MAX);
    } else if (n >= sizeof png_start && memcmp(bytes, png_start, sizeof png_start) == 0) {
        status = png_decode(bytes, n, path, picture, err);
    } else if (n >= sizeof jpeg_start && memcmp(bytes, jpeg_start, sizeof jpeg_start) == 0) {
        status = jpeg_decode(bytes, n, path, picture, err);
    } else {
        status = nn_fail_file(err, NN_ERR_FORMAT, path, 0, "is neither a PNG nor a JPEG picture");
    }
    if (status != NN_OK) {
        nn_picture_release(picture);
    }
    return status;
}

NnStatus nn_picture_read(const char *path, NnPicture *picture, NnError *err) {
    NnError own;
    err = err != NULL ? err : &own; // it carries the status of file_read
    *picture = (NnPicture){0};
    size_t n = 0;
    unsigned char *bytes = file_read(path, PICTURE_FILE_MAX, &n, err);
    if (bytes == NULL) {
        return err->status;
    }
    NnStatus status = nn_picture_parse(bytes, n, path, picture, err);
    mem_free(bytes);
    return status;
}

void nn_picture_release(NnPicture *picture) {
    mem_free(picture->grey);
    *picture = (NnPicture){0};
}
