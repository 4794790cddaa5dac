#include <setjmp.h>
#include <stdio.h> // jpeglib.h needs FILE
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "base/alloc.h"
#include "base/text.h"
#include "data/picture_codec.h"

enum {
    MEMORY_MAX = 128 << 20, // bytes of libjpeg's own; progressive pictures need the most
    PIXEL_PASSES_MAX =
        1 << 28, // scans x pixels: a small progressive file can ask for hours of work
    APP1 = JPEG_APP0 + 1,
    APP1_BYTES = 0xFFFF,
};

typedef struct {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    NnStatus status;
    char message[JMSG_LENGTH_MAX]; // libjpeg's
} Decoding;

static void on_error(j_common_ptr common) {
    Decoding *in = common->client_data;
    in->errors.format_message(common, in->message);
    longjmp(in->back, 1);
}

// libjpeg fills what is missing with grey and goes on; a person would be shown a digit that is not
// theirs.
static void on_warning(j_common_ptr common, int level) {
    int code = common->err->msg_code;
    if (level < 0 &&
        (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
         code == JWRN_ARITH_BAD_CODE || code == JWRN_MUST_RESYNC)) {
        on_error(common);
    }
}

static void on_message(j_common_ptr common) {
    (void)common; // the library prints nothing
}

static void on_progress(j_common_ptr common) {
    Decoding *in = common->client_data;
    const struct jpeg_decompress_struct *jpeg = &in->jpeg;
    uint64_t pixels = (uint64_t)jpeg->image_width * jpeg->image_height;
    if ((uint64_t)(unsigned)jpeg->input_scan_number * pixels > PIXEL_PASSES_MAX) {
        strcpy(in->message, "it has more scans than a picture needs");
        longjmp(in->back, 1);
    }
}

// The camera's way up becomes ours: mirrored in u, in v, then sides exchanged.
static NnStatus turn(NnPicture *picture, int orientation, const char *path, NnError *err) {
    int w = picture->width;
    int h = picture->height;
    bool exchange = orientation >= 5;
    bool mirror_u = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool mirror_v = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    NnPicture turned;
    NnStatus status = picture_reserve(&turned, (uint64_t)(exchange ? h : w),
                                      (uint64_t)(exchange ? w : h), path, err);
    if (status != NN_OK) {
        return status;
    }
    for (int y = 0; y < turned.height; y++) {
        for (int x = 0; x < turned.width; x++) {
            int u = exchange ? y : x;
            int v = exchange ? x : y;
            u = mirror_u ? w - 1 - u : u;
            v = mirror_v ? h - 1 - v : v;
            turned.grey[y * turned.width + x] = picture->grey[v * w + u];
        }
    }
    nn_picture_release(picture);
    *picture = turned;
    return NN_OK;
}

// Everything libjpeg may leave by longjmp. Nothing here is needed after that but what *in holds.
static NnStatus decode(Decoding *in, const uint8_t *bytes, size_t n, const char *path,
                       NnPicture *picture, NnError *err) {
    struct jpeg_decompress_struct *jpeg = &in->jpeg;
    jpeg_create_decompress(jpeg); // clears all but err and client_data
    jpeg->mem->max_memory_to_use = MEMORY_MAX;
    jpeg->progress = &in->progress;
    jpeg_mem_src(jpeg, bytes, (unsigned long)n);
    jpeg_save_markers(jpeg, APP1, APP1_BYTES);
    jpeg_read_header(jpeg, TRUE);
    NnStatus status = picture_reserve(picture, jpeg->image_width, jpeg->image_height, path, err);
    if (status != NN_OK) {
        return status;
    }
    int orientation = 1;
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m != NULL && orientation == 1; m = m->next) {
        orientation = exif_orientation(m->data, m->data_length);
    }
    jpeg->out_color_space = JCS_GRAYSCALE;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = picture->grey + (size_t)jpeg->output_scanline * jpeg->output_width;
        (void)jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
    return orientation == 1 ? NN_OK : turn(picture, orientation, path, err);
}

NnStatus jpeg_decode(const uint8_t *bytes, size_t n, const char *path, NnPicture *picture,
                     NnError *err) {
    Decoding in = {.status = NN_OK};
    in.jpeg.err = jpeg_std_error(&in.errors);
    in.jpeg.client_data = &in;
    in.errors.error_exit = on_error;
    in.errors.emit_message = on_warning;
    in.errors.output_message = on_message;
    in.progress.progress_monitor = on_progress;
    if (setjmp(in.back) == 0) {
        in.status = decode(&in, bytes, n, path, picture, err);
    } else {
        char shown[JMSG_LENGTH_MAX];
        text_escape(shown, sizeof shown, in.message);
        in.status = nn_fail_file(err, NN_ERR_FORMAT, path, -1, "is not a readable JPEG: %s", shown);
    }
    jpeg_destroy_decompress(&in.jpeg);
    return in.status;
}
