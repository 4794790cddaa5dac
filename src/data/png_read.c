#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "data/picture_codec.h"

enum {
    CHUNK_BYTES_MAX = 1 << 20, // memory for any one chunk that is kept
    CHUNKS_MAX = 64,
    DEFLATE_RATIO = 1032, // no deflate stream grows by more
};

typedef struct {
    png_structp png;
    png_infop info;
    const uint8_t *bytes; // the file
    size_t n, at;
    uint8_t *rows; // one, or all of them where the picture is interlaced
    NnStatus status;
    char message[96]; // libpng's
} Decoding;

static void on_error(png_structp png, png_const_charp message) {
    Decoding *in = png_get_error_ptr(png);
    text_escape(in->message, sizeof in->message, message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static png_voidp take(png_structp png, png_alloc_size_t size) {
    (void)png;
    return mem_malloc(size);
}

static void give_back(png_structp png, png_voidp block) {
    (void)png;
    mem_free(block);
}

static void feed(png_structp png, png_bytep out, size_t n) {
    Decoding *in = png_get_io_ptr(png);
    if (n > in->n - in->at) {
        png_error(png, "the file ends too early");
    }
    memcpy(out, in->bytes + in->at, n);
    in->at += n;
}

// Text, colour profiles and the like are not needed, and are where most trouble comes from.
static void ignore_extras(png_structp png) {
    static const png_byte names[] = "tEXt\0zTXt\0iTXt\0iCCP\0eXIf\0sPLT\0hIST\0pCAL\0sCAL\0tIME";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names, (int)(sizeof names / 5));
    png_set_chunk_cache_max(png, CHUNKS_MAX);
    png_set_chunk_malloc_max(png, CHUNK_BYTES_MAX);
}

// What is left to see of a pixel on white paper. Luma as in ITU-R BT.601.
static uint8_t on_paper(const uint8_t *pixel, int channels) {
    unsigned alpha = pixel[channels - 1];
    unsigned grey = channels == 2
                        ? pixel[0]
                        : (299u * pixel[0] + 587u * pixel[1] + 114u * pixel[2] + 500u) / 1000u;
    return (uint8_t)((grey * alpha + 255u * (255u - alpha) + 127u) / 255u);
}

// Everything libpng may leave by longjmp. Nothing here is needed after that but what *in holds.
static NnStatus decode(Decoding *in, const char *path, NnPicture *picture, NnError *err) {
    png_structp png = in->png;
    png_set_read_fn(png, in, feed);
    png_set_user_limits(png, PICTURE_SIDE_MAX, PICTURE_SIDE_MAX);
    // Not only critical chunks: without its tRNS chunk a picture is another picture.
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    ignore_extras(png);
    png_read_info(png, in->info);
    size_t height = png_get_image_height(png, in->info);
    if (png_get_rowbytes(png, in->info) * height / DEFLATE_RATIO > in->n) {
        png_error(png, "the file is too short for the size it announces");
    }
    NnStatus status =
        picture_reserve(picture, png_get_image_width(png, in->info), height, path, err);
    if (status != NN_OK) {
        return status;
    }
    png_set_expand(png);   // palettes to RGB, few bits to 8, transparent colours to alpha
    png_set_scale_16(png); // 16 bits to 8
    png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, in->info);
    size_t row_bytes = png_get_rowbytes(png, in->info);
    int channels = png_get_channels(png, in->info);
    size_t kept = passes > 1 ? height : 1;
    in->rows = mem_new(kept, row_bytes);
    if (in->rows == NULL) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for the picture");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (size_t y = 0; y < height; y++) {
            uint8_t *row = in->rows + y % kept * row_bytes;
            uint8_t *grey = picture->grey + y * (size_t)picture->width;
            png_read_row(png, row, NULL);
            for (int x = 0; pass + 1 == passes && x < picture->width; x++) {
                grey[x] = on_paper(row + x * channels, channels);
            }
        }
    }
    png_read_end(png, NULL); // a file that lacks its end was cut off
    return NN_OK;
}

NnStatus png_decode(const uint8_t *bytes, size_t n, const char *path, NnPicture *picture,
                    NnError *err) {
    Decoding in = {.bytes = bytes, .n = n};
    in.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &in, on_error, on_warning, NULL, take,
                                      give_back);
    in.info = in.png != NULL ? png_create_info_struct(in.png) : NULL;
    if (in.info == NULL) {
        png_destroy_read_struct(&in.png, NULL, NULL);
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to read it");
    }
    if (setjmp(png_jmpbuf(in.png)) == 0) {
        in.status = decode(&in, path, picture, err);
    } else {
        in.status = nn_fail_file(err, NN_ERR_FORMAT, path, (int64_t)in.at,
                                 "is not a readable PNG: %s", in.message);
    }
    mem_free(in.rows);
    png_destroy_read_struct(&in.png, &in.info, NULL);
    return in.status;
}
