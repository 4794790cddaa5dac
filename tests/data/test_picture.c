// Pictures in and out. PNGs of every kind come from libpng's writer, JPEGs from libjpeg's: what our
// reader makes of them is compared with the pixels they were made from.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <png.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "nn/picture.h"
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

enum { W = 13, H = 9, PICTURE_MAX = 1 << 16 };

typedef struct {
    uint8_t bytes[PICTURE_MAX];
    size_t n;
} File;

static File file; // the picture under test

static void append(png_structp png, png_bytep bytes, size_t n) {
    (void)png;
    assert_true(file.n + n <= sizeof file.bytes);
    memcpy(file.bytes + file.n, bytes, n);
    file.n += n;
}

static void no_flush(png_structp png) {
    (void)png;
}

// --- PNG of every kind ---------------------------------------------------------------------------

typedef struct {
    const char *name;
    int colour, depth, interlace;
    bool transparent; // a tRNS chunk
} Kind;

static Kind kinds[] = {
    {"grey, 1 bit", PNG_COLOR_TYPE_GRAY, 1, 0, false},
    {"grey, 2 bits", PNG_COLOR_TYPE_GRAY, 2, 0, false},
    {"grey, 4 bits, interlaced", PNG_COLOR_TYPE_GRAY, 4, 1, false},
    {"grey, 8 bits", PNG_COLOR_TYPE_GRAY, 8, 0, false},
    {"grey, 8 bits, one transparent value", PNG_COLOR_TYPE_GRAY, 8, 0, true},
    {"grey, 16 bits", PNG_COLOR_TYPE_GRAY, 16, 0, false},
    {"grey and alpha, 8 bits", PNG_COLOR_TYPE_GRAY_ALPHA, 8, 0, false},
    {"grey and alpha, 16 bits, interlaced", PNG_COLOR_TYPE_GRAY_ALPHA, 16, 1, false},
    {"RGB, 8 bits", PNG_COLOR_TYPE_RGB, 8, 0, false},
    {"RGB, 8 bits, interlaced", PNG_COLOR_TYPE_RGB, 8, 1, false},
    {"RGB, 8 bits, one transparent colour", PNG_COLOR_TYPE_RGB, 8, 0, true},
    {"RGB, 16 bits", PNG_COLOR_TYPE_RGB, 16, 0, false},
    {"RGBA, 8 bits", PNG_COLOR_TYPE_RGBA, 8, 0, false},
    {"RGBA, 16 bits, interlaced", PNG_COLOR_TYPE_RGBA, 16, 1, false},
    {"palette, 2 bits", PNG_COLOR_TYPE_PALETTE, 2, 0, false},
    {"palette, 8 bits, transparent entries", PNG_COLOR_TYPE_PALETTE, 8, 1, true},
};

static unsigned sample(int x, int y, int c, int depth) {
    unsigned value = (unsigned)(x * 7919 + y * 104729 + c * 1299709) * 2654435761u >> 8;
    return value & ((1u << depth) - 1);
}

static double blend(double grey, double alpha) {
    return grey * alpha + 255 * (1 - alpha);
}

// What the pixel looks like on white paper, by the definition of its kind.
static double expected(const Kind *kind, int x, int y) {
    double v[4];
    double full = (1 << kind->depth) - 1;
    for (int c = 0; c < 4; c++) {
        v[c] = sample(x, y, c, kind->depth) / full;
    }
    bool first = sample(x, y, 0, kind->depth) == sample(0, 0, 0, kind->depth) &&
                 (kind->colour != PNG_COLOR_TYPE_RGB ||
                  (sample(x, y, 1, kind->depth) == sample(0, 0, 1, kind->depth) &&
                   sample(x, y, 2, kind->depth) == sample(0, 0, 2, kind->depth)));
    double alpha = kind->transparent && first ? 0 : 1;
    unsigned entry = sample(x, y, 0, kind->depth) % 4;
    switch (kind->colour) {
    case PNG_COLOR_TYPE_GRAY:
        return blend(255 * v[0], alpha);
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return blend(255 * v[0], v[1]);
    case PNG_COLOR_TYPE_PALETTE: // entries (60 i, 255 - 60 i, 10 i), the first half transparent
        return blend(0.299 * 60 * entry + 0.587 * (255 - 60.0 * entry) + 0.114 * 10 * entry,
                     kind->transparent && entry == 0 ? 128 / 255.0 : 1);
    default:
        alpha = kind->colour == PNG_COLOR_TYPE_RGBA ? v[3] : alpha;
        return blend(255 * (0.299 * v[0] + 0.587 * v[1] + 0.114 * v[2]), alpha);
    }
}

static void make_png(const Kind *kind) {
    file.n = 0;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    assert_non_null(info);
    png_set_write_fn(png, NULL, append, no_flush);
    png_set_IHDR(png, info, W, H, kind->depth, kind->colour,
                 kind->interlace ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    if (kind->colour == PNG_COLOR_TYPE_PALETTE) {
        png_color palette[4];
        for (int i = 0; i < 4; i++) {
            palette[i] =
                (png_color){(png_byte)(60 * i), (png_byte)(255 - 60 * i), (png_byte)(10 * i)};
        }
        png_set_PLTE(png, info, palette, 4);
    }
    png_color_16 through = {.gray = (png_uint_16)sample(0, 0, 0, kind->depth),
                            .red = (png_uint_16)sample(0, 0, 0, kind->depth),
                            .green = (png_uint_16)sample(0, 0, 1, kind->depth),
                            .blue = (png_uint_16)sample(0, 0, 2, kind->depth)};
    png_byte half[] = {128, 255};
    if (kind->transparent) {
        png_set_tRNS(png, info, half, kind->colour == PNG_COLOR_TYPE_PALETTE ? 2 : 0, &through);
    }
    char key[] = "Comment", words[] = "not needed";
    png_set_text(png, info, &(png_text){.compression = -1, .key = key, .text = words}, 1);
    png_write_info(png, info);
    static const int channels[] = {[PNG_COLOR_TYPE_GRAY] = 1,
                                   [PNG_COLOR_TYPE_GRAY_ALPHA] = 2,
                                   [PNG_COLOR_TYPE_RGB] = 3,
                                   [PNG_COLOR_TYPE_RGBA] = 4,
                                   [PNG_COLOR_TYPE_PALETTE] = 1};
    static png_byte rows[H][W * 8];
    png_bytep pointers[H];
    memset(rows, 0, sizeof rows);
    for (int y = 0; y < H; y++) {
        pointers[y] = rows[y];
        for (int x = 0; x < W; x++) {
            for (int c = 0; c < channels[kind->colour]; c++) {
                unsigned value = sample(x, y, c, kind->depth);
                value = kind->colour == PNG_COLOR_TYPE_PALETTE ? value % 4 : value;
                int at = x * channels[kind->colour] + c;
                if (kind->depth == 16) {
                    rows[y][2 * at] = (png_byte)(value >> 8);
                    rows[y][2 * at + 1] = (png_byte)value;
                } else {
                    int per_byte = 8 / kind->depth;
                    rows[y][at / per_byte] |=
                        (png_byte)(value << (8 - kind->depth * (at % per_byte + 1)));
                }
            }
        }
    }
    png_write_image(png, pointers);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}

static void assert_looks_like(const Kind *kind) {
    NnPicture picture;
    NnError err = {0};
    if (nn_picture_parse(file.bytes, file.n, "a.png", &picture, &err) != NN_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(picture.width, W);
    assert_int_equal(picture.height, H);
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            double got = picture.grey[y * W + x];
            double want = expected(kind, x, y);
            if (got < want - 1.6 || got > want + 1.6) { // rounded at each channel and once more
                fail_msg("(%d, %d): %g instead of %g", x, y, got, want);
            }
        }
    }
    nn_picture_release(&picture);
}

static void reads_this_kind_of_png(void **state) {
    const Kind *kind = *state;
    make_png(kind);
    assert_looks_like(kind);
}

// --- PNG out -------------------------------------------------------------------------------------

static uint8_t pixels[H][W][4];

static NnStatus write_png(void *path, NnError *err) {
    return nn_png_write(path, pixels[0][0], W, H, 4, err);
}

static void what_is_written_is_read(void **state) {
    (void)state;
    static const Kind rgba = {.colour = PNG_COLOR_TYPE_RGBA, .depth = 8};
    char path[TEMP_PATH];
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            for (int c = 0; c < 4; c++) {
                pixels[y][x][c] = (uint8_t)sample(x, y, c, 8);
            }
        }
    }
    assert_int_equal(write_png(temp_path(path, folder, "a.png"), NULL), NN_OK);
    uint8_t *bytes = temp_read(path, &file.n);
    memcpy(file.bytes, bytes, file.n);
    free(bytes);
    assert_looks_like(&rgba);
    // Colours and alpha survive, too: libpng's own simple reader is the judge.
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, file.bytes, file.n));
    image.format = PNG_FORMAT_RGBA;
    static uint8_t back[H][W][4];
    assert_true(png_image_finish_read(&image, NULL, back, 0, NULL));
    assert_memory_equal(back, pixels, sizeof pixels);
}

static void grey_and_rgb_are_written(void **state) {
    (void)state;
    char path[TEMP_PATH];
    NnPicture picture;
    uint8_t bytes[12] = {0, 50, 100, 150, 200, 250, 255, 254, 253, 1, 2, 3};
    assert_int_equal(nn_png_write(temp_path(path, folder, "a"), bytes, 4, 3, 1, NULL), NN_OK);
    assert_int_equal(nn_picture_read(path, &picture, NULL), NN_OK);
    assert_memory_equal(picture.grey, bytes, 12);
    nn_picture_release(&picture);
    assert_int_equal(nn_png_write(path, bytes, 2, 2, 3, NULL), NN_OK);
    assert_int_equal(nn_picture_read(path, &picture, NULL), NN_OK);
    assert_int_equal(picture.width, 2);
    assert_int_equal(picture.grey[0], (299 * 0 + 587 * 50 + 114 * 100 + 500) / 1000);
    nn_picture_release(&picture);
}

static void refuses_sizes_it_cannot_write(void **state) {
    (void)state;
    static const int sizes[][3] = {{0, 1, 1}, {1, 0, 1},     {-1, 1, 1},    {1, 1, 2},
                                   {1, 1, 5}, {16385, 1, 1}, {1, 16385, 1}, {16384, 16384, 4}};
    char path[TEMP_PATH];
    uint8_t pixel[4] = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(nn_png_write(temp_path(path, folder, "a"), pixel, sizes[i][0], sizes[i][1],
                                      sizes[i][2], NULL),
                         NN_ERR_USAGE);
    }
    assert_int_equal(temp_count(folder), 0);
}

// --- JPEG ----------------------------------------------------------------------------------------

typedef struct {
    bool progressive, colour;
    int orientation; // 0: no Exif
    bool big_endian;
} Photo;

// Dark above, light below, and the left edge black: tells all eight ways to hold a camera apart.
static int shade(int x, int y) {
    return x < 16 ? 0 : y < 16 ? 90 : 220;
}

enum { PHOTO_W = 64, PHOTO_H = 48 };

static void make_jpeg(Photo photo) {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    unsigned char *out = NULL;
    unsigned long n = 0;
    jpeg_mem_dest(&jpeg, &out, &n);
    jpeg.image_width = PHOTO_W;
    jpeg.image_height = PHOTO_H;
    jpeg.input_components = photo.colour ? 3 : 1;
    jpeg.in_color_space = photo.colour ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 95, TRUE);
    if (photo.progressive) {
        jpeg_simple_progression(&jpeg);
    }
    jpeg_start_compress(&jpeg, TRUE);
    if (photo.orientation > 0) {
        JOCTET exif[] = {'E',  'x', 'i', 'f', 0, 0, 'I', 'I',  42,
                         0,    8,   0,   0,   0, 2, 0,   0x0F, 1,
                         2,    0,   1,   0,   0, 0, 'x', 0,    0,
                         0, // another tag first
                         0x12, 1,   3,   0,   1, 0, 0,   0,    (JOCTET)photo.orientation,
                         0,    0,   0,   0,   0, 0, 0};
        JOCTET big[] = {
            'E', 'x', 'i', 'f', 0,    0, 'M', 'M', 0, 42, 0, 0, 0,
            8,   0,   1,   1,   0x12, 0, 3,   0,   0, 0,  1, 0, (JOCTET)photo.orientation,
            0,   0,   0,   0,   0,    0};
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, photo.big_endian ? big : exif,
                          photo.big_endian ? sizeof big : sizeof exif);
    }
    for (int y = 0; y < PHOTO_H; y++) {
        JSAMPLE row[3 * PHOTO_W];
        for (int x = 0; x < PHOTO_W * jpeg.input_components; x++) {
            row[x] = (JSAMPLE)shade(x / jpeg.input_components, y);
        }
        JSAMPROW rows = row;
        jpeg_write_scanlines(&jpeg, &rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    assert_true(n <= sizeof file.bytes);
    memcpy(file.bytes, out, n);
    file.n = n;
    free(out);
}

// Where the picture's pixel (x, y) was in the camera's picture, written out for each way of holding
// it.
static int held(int orientation, int x, int y) {
    int r = PHOTO_W - 1, b = PHOTO_H - 1;
    switch (orientation) {
    case 2:
        return shade(r - x, y);
    case 3:
        return shade(r - x, b - y);
    case 4:
        return shade(x, b - y);
    case 5:
        return shade(y, x);
    case 6:
        return shade(y, b - x);
    case 7:
        return shade(r - y, b - x);
    case 8:
        return shade(r - y, x);
    default:
        return shade(x, y);
    }
}

static void reads_jpegs_the_right_way_up(void **state) {
    (void)state;
    for (int i = 0; i < 40; i++) {
        Photo photo = {.progressive = i % 2,
                       .colour = i / 2 % 2,
                       .big_endian = i % 3 == 0,
                       .orientation = i % 10};
        make_jpeg(photo);
        NnPicture picture;
        NnError err = {0};
        if (nn_picture_parse(file.bytes, file.n, "a.jpg", &picture, &err) != NN_OK) {
            fail_msg("%s", err.message);
        }
        bool turned = photo.orientation >= 5 && photo.orientation <= 8;
        assert_int_equal(picture.width, turned ? PHOTO_H : PHOTO_W);
        assert_int_equal(picture.height, turned ? PHOTO_W : PHOTO_H);
        for (int y = 0; y < picture.height; y++) {
            for (int x = 0; x < picture.width; x++) {
                assert_in_range(picture.grey[y * picture.width + x] + 20 -
                                    held(photo.orientation, x, y),
                                0, 40);
            }
        }
        nn_picture_release(&picture);
    }
}

// --- what strangers send -------------------------------------------------------------------------

static void assert_refused(const char *words) {
    NnPicture picture;
    NnError err = {0};
    assert_int_equal(nn_picture_parse(file.bytes, file.n, "bad", &picture, &err), NN_ERR_FORMAT);
    assert_null(picture.grey);
    if (strstr(err.message, words) == NULL) {
        fail_msg("%s", err.message);
    }
    assert_memory_equal(err.message, "bad: ", 5);
}

static void put(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

// Bytes 16..32 of a PNG are width, height, depth, colour, ...; their checksum follows.
static void seal_header(void) {
    put(file.bytes + 29, (uint32_t)crc32(0, file.bytes + 12, 17));
}

typedef struct {
    const char *name;
    int at; // byte of the header that is changed
    uint32_t value;
    const char *words;
} BadHeader;

static BadHeader bad_headers[] = {
    {"PNG of no width", 16, 0, ""},
    {"PNG wider than the limit", 16, 4097, ""},
    {"PNG of 2^31 - 1 pixels in height", 20, 0x7FFFFFFF, ""},
    {"PNG of 2^32 - 1 pixels in width", 16, 0xFFFFFFFF, ""},
    {"PNG that announces what it cannot hold", 20, 4096, "too short for the size"},
    {"PNG of 3 bits", 24, 0x03000000, ""},
    {"PNG of an unknown colour type", 24, 0x08050000, ""},
    {"PNG of an unknown compression", 24, 0x08000100, ""},
    {"PNG of an unknown filter", 24, 0x08000001, ""},
};

static void refuses_a_bad_png_header(void **state) {
    const BadHeader *row = *state;
    static const Kind grey = {.colour = PNG_COLOR_TYPE_GRAY, .depth = 8};
    make_png(&grey);
    put(file.bytes + 16, 4000); // wide enough that a great height cannot be held
    put(file.bytes + row->at, row->value);
    seal_header();
    assert_refused(row->words);
}

static void refuses_other_files(void **state) {
    (void)state;
    static const char *const starts[] = {"",         "GIF89a", "\x89PNG\r\n\x1A",
                                         "\xFF\xD8", "BM",     "{\"a\":1}"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        file.n = strlen(starts[i]);
        memcpy(file.bytes, starts[i], file.n);
        assert_refused("neither a PNG nor a JPEG");
    }
    NnPicture picture;
    NnError err = {0};
    assert_int_equal(nn_picture_parse(file.bytes, (16 << 20) + 1, "large", &picture, &err),
                     NN_ERR_FORMAT);
    assert_non_null(strstr(err.message, "limit"));
}

static void refuses_a_jpeg_over_the_limit(void **state) {
    (void)state;
    make_jpeg((Photo){0});
    size_t at = 0;
    while (file.bytes[at] != 0xFF || file.bytes[at + 1] != 0xC0) { // start of frame: height, width
        at++;
    }
    file.bytes[at + 5] = 0x10;
    file.bytes[at + 6] = 0x01; // 4097
    assert_refused("the limit is 4096 x 4096");
    file.bytes[at + 5] = file.bytes[at + 6] = 0;
    assert_refused("");
}

// 127 scans over 2048 x 2048 pixels of white: minutes of work for ever larger pictures, in a file
// of a few kilobytes.
static void refuses_a_jpeg_of_endless_scans(void **state) {
    (void)state;
    enum { SIDE = 2048, SCANS = 127 };
    static jpeg_scan_info scans[SCANS];
    scans[0] =
        (jpeg_scan_info){.comps_in_scan = 1}; // all of the mean, then each frequency in two steps
    for (int i = 0; i < 63; i++) {
        scans[1 + 2 * i] =
            (jpeg_scan_info){.comps_in_scan = 1, .Ss = i + 1, .Se = i + 1, .Ah = 0, .Al = 1};
        scans[2 + 2 * i] =
            (jpeg_scan_info){.comps_in_scan = 1, .Ss = i + 1, .Se = i + 1, .Ah = 1, .Al = 0};
    }
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg.image_width = SIDE;
    jpeg.image_height = SIDE;
    jpeg.input_components = 1;
    jpeg.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&jpeg);
    for (int many = 0; many < 2; many++) {
        unsigned char *out = NULL;
        unsigned long n = 0;
        jpeg_mem_dest(&jpeg, &out, &n);
        jpeg.scan_info = scans;
        jpeg.num_scans = many ? SCANS : 21;
        jpeg_start_compress(&jpeg, TRUE);
        static JSAMPLE white[SIDE];
        memset(white, 255, sizeof white);
        JSAMPROW row = white;
        for (int y = 0; y < SIDE; y++) {
            jpeg_write_scanlines(&jpeg, &row, 1);
        }
        jpeg_finish_compress(&jpeg);
        assert_true(n <= sizeof file.bytes);
        memcpy(file.bytes, out, n);
        file.n = n;
        free(out);
        if (many) {
            assert_refused("more scans than a picture needs");
        } else {
            NnPicture picture; // a real camera's ten or so are fine
            assert_int_equal(nn_picture_parse(file.bytes, file.n, "a", &picture, NULL), NN_OK);
            nn_picture_release(&picture);
        }
    }
    jpeg_destroy_compress(&jpeg);
}

static void every_prefix_is_refused(void **state) {
    (void)state;
    static const Kind rgba = {.colour = PNG_COLOR_TYPE_RGBA, .depth = 8, .interlace = 1};
    for (int round = 0; round < 3; round++) {
        if (round == 0) {
            make_png(&rgba);
        } else {
            make_jpeg((Photo){.progressive = round == 2, .colour = true, .orientation = 6});
        }
        size_t whole =
            round == 0 ? file.n : file.n - 2; // a JPEG without its end marker is complete
        for (size_t n = 0; n < whole; n++) {
            uint8_t *cut = malloc(n > 0 ? n : 1);
            assert_non_null(cut);
            memcpy(cut, file.bytes, n);
            NnPicture picture;
            NnError err = {0};
            if (nn_picture_parse(cut, n, "cut", &picture, &err) != NN_ERR_FORMAT) {
                fail_msg("%zu of %zu bytes are taken for a picture", n, file.n);
            }
            assert_null(picture.grey);
            free(cut);
        }
    }
}

static void flipped_bits_never_break_the_reader(void **state) {
    (void)state;
    static const Kind palette = {.colour = PNG_COLOR_TYPE_PALETTE, .depth = 8, .transparent = true};
    for (int round = 0; round < 2; round++) {
        if (round == 0) {
            make_png(&palette);
        } else {
            make_jpeg((Photo){.progressive = true, .orientation = 8});
        }
        for (size_t bit = 0; bit < 8 * file.n; bit++) {
            file.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            NnPicture picture;
            NnStatus status = nn_picture_parse(file.bytes, file.n, "flipped", &picture, NULL);
            assert_true(status == NN_OK || status == NN_ERR_FORMAT);
            // PNG has checksums: what is accepted is the picture, or differs in what is not looked
            // at.
            if (status == NN_OK && round == 0) {
                for (int i = 0; i < W * H; i++) {
                    double want = expected(&palette, i % W, i / W);
                    assert_in_range((int)(picture.grey[i] + 2 - want), 0, 4);
                }
            }
            assert_true((picture.grey != NULL) == (status == NN_OK));
            nn_picture_release(&picture);
            file.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

// --- faults --------------------------------------------------------------------------------------

static NnStatus parse_it(void *user, NnError *err) {
    (void)user;
    NnPicture picture;
    NnStatus status = nn_picture_parse(file.bytes, file.n, "a", &picture, err);
    // libpng reports some failures to get memory as its own errors.
    if (status == NN_ERR_FORMAT) {
        assert_true(mem_refusal_count() > 0);
        return nn_fail(err, NN_ERR_NOMEM, "no memory");
    }
    nn_picture_release(&picture);
    return status;
}

static NnStatus read_it(void *path, NnError *err) {
    NnPicture picture;
    NnStatus status = nn_picture_read(path, &picture, err);
    nn_picture_release(&picture);
    return status;
}

static void reading_survives_every_fault(void **state) {
    (void)state;
    static const Kind rgba = {.colour = PNG_COLOR_TYPE_RGBA, .depth = 8, .interlace = 1};
    char path[TEMP_PATH];
    make_png(&rgba);
    assert_true(fault_each_allocation(parse_it, NULL, NULL) >= 10);
    temp_write(temp_path(path, folder, "a.png"), file.bytes, file.n);
    assert_int_equal(fault_each_call(read_it, NULL, path, EIO), 3);
    make_jpeg((Photo){.orientation = 6});
    assert_true(fault_each_allocation(parse_it, NULL, NULL) >= 2);
    assert_int_equal(read_it(temp_path(path, folder, "none"), NULL), NN_ERR_NOT_FOUND);
}

static void still_a_picture(void *path, NnStatus status) {
    (void)status;
    assert_int_equal(read_it(path, NULL), NN_OK);
}

static void writing_survives_every_fault(void **state) {
    (void)state;
    char path[TEMP_PATH];
    assert_int_equal(write_png(temp_path(path, folder, "a.png"), NULL), NN_OK);
    assert_true(fault_each_allocation(write_png, still_a_picture, path) >= 8);
    assert_int_equal(fault_each_call(write_png, still_a_picture, path, ENOSPC), 8);
    assert_int_equal(temp_count(folder), 1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest fixed[] = {
        CASE(what_is_written_is_read),
        CASE(grey_and_rgb_are_written),
        CASE(refuses_sizes_it_cannot_write),
        CASE(reads_jpegs_the_right_way_up),
        CASE(refuses_other_files),
        CASE(refuses_a_jpeg_over_the_limit),
        CASE(refuses_a_jpeg_of_endless_scans),
        CASE(every_prefix_is_refused),
        CASE(flipped_bits_never_break_the_reader),
        CASE(reading_survives_every_fault),
        CASE(writing_survives_every_fault),
    };
    enum {
        KINDS = sizeof kinds / sizeof kinds[0],
        HEADERS = sizeof bad_headers / sizeof bad_headers[0],
        FIXED = sizeof fixed / sizeof fixed[0],
    };
    struct CMUnitTest tests[KINDS + HEADERS + FIXED];
    size_t n = 0;
    for (size_t i = 0; i < KINDS; i++) {
        tests[n++] =
            (struct CMUnitTest){kinds[i].name, reads_this_kind_of_png, NULL, NULL, &kinds[i]};
    }
    for (size_t i = 0; i < HEADERS; i++) {
        tests[n++] = (struct CMUnitTest){bad_headers[i].name, refuses_a_bad_png_header, NULL, NULL,
                                         &bad_headers[i]};
    }
    memcpy(tests + n, fixed, sizeof fixed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
