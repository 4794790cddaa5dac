#define ZLIB_CONST // zlib reads its input through a pointer to const
#include "data/gzip.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"

enum {
    GZIP_WRAPPER = 16,    // added to windowBits: expect gzip, check its CRC and length
    DEFLATE_RATIO = 1032, // no deflate stream grows by more
    PEEK_MAX = 64,
};

bool gzip_is(const uint8_t *bytes, size_t n) {
    return n >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

static voidpf take(voidpf user, uInt count, uInt size) {
    (void)user;
    return mem_calloc(count, size);
}

static void give_back(voidpf user, voidpf block) {
    (void)user;
    mem_free(block);
}

static NnStatus damaged(const z_stream *stream, const char *path, const char *what, NnError *err) {
    return nn_fail_file(err, NN_ERR_FORMAT, path, (int64_t)stream->total_in,
                        "damaged gzip data near byte %lu: %s", stream->total_in, what);
}

// Unpacks until n bytes more are there or the stream ends; *ended says which.
static NnStatus unpack(z_stream *stream, uint8_t *out, size_t n, bool *ended, const char *path,
                       NnError *err) {
    // avail_in and avail_out are 32 bits wide: the output is fed in pieces, the input was checked.
    stream->next_out = out;
    size_t left = n;
    stream->avail_out = 0;
    while (left > 0 || stream->avail_out > 0) {
        if (stream->avail_out == 0) {
            stream->avail_out = left < UINT_MAX ? (uInt)left : UINT_MAX;
            left -= stream->avail_out;
        }
        int result = inflate(stream, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            *ended = true;
            return NN_OK;
        }
        if (result == Z_MEM_ERROR) {
            return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to unpack it");
        }
        if (result == Z_BUF_ERROR ||
            (result == Z_OK && stream->avail_in == 0 && stream->avail_out > 0)) {
            return damaged(stream, path, "the file ends too early", err);
        }
        if (result != Z_OK) {
            return damaged(stream, path,
                           stream->msg != NULL ? stream->msg : "it needs a dictionary", err);
        }
    }
    return NN_OK;
}

// Room for what is announced and one byte more: the byte that shows there is too much, and later
// the zero.
static NnStatus reserve(size_t packed, size_t size, const char *path, uint8_t **out, NnError *err) {
    if (size / DEFLATE_RATIO > packed) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                            "announces %zu bytes, more than %zu packed bytes can hold", size,
                            packed);
    }
    *out = mem_new(size + 1, 1);
    return *out != NULL ? NN_OK
                        : nn_fail_file(err, NN_ERR_NOMEM, path, -1,
                                       "not enough memory for its %zu bytes", size);
}

uint8_t *gzip_unpack(const uint8_t *packed, size_t n, const char *path, size_t peek,
                     NnStatus (*announced)(const uint8_t *start, size_t got, const char *path,
                                           size_t *size, NnError *err),
                     size_t *size, NnError *err) {
    NN_ASSERT(peek <= PEEK_MAX);
    if (n > UINT_MAX) {
        nn_fail_file(err, NN_ERR_FORMAT, path, -1, "has %zu bytes, too many for a gzip file", n);
        return NULL;
    }
    z_stream stream = {
        .zalloc = take,
        .zfree = give_back,
        .next_in = packed,
        .avail_in = (uInt)n,
    };
    if (inflateInit2(&stream, MAX_WBITS + GZIP_WRAPPER) != Z_OK) {
        nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory to unpack it");
        return NULL;
    }
    uint8_t start[PEEK_MAX];
    bool ended = false;
    uint8_t *out = NULL;
    size_t total = 0;
    NnStatus status = unpack(&stream, start, peek, &ended, path, err);
    if (status == NN_OK) {
        status = announced(start, stream.total_out, path, &total, err);
    }
    if (status == NN_OK) {
        status = reserve(n, total, path, &out, err);
    }
    if (status == NN_OK) {
        size_t got = stream.total_out;
        memcpy(out, start, got);
        if (!ended) {
            status = unpack(&stream, out + got, total + 1 - got, &ended, path, err);
        }
    }
    if (status == NN_OK && stream.total_out != total) {
        status = nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                              "unpacks to %s bytes than the %zu its header announces",
                              stream.total_out > total ? "more" : "fewer", total);
    }
    if (status == NN_OK && stream.avail_in > 0) {
        status = nn_fail_file(err, NN_ERR_FORMAT, path, (int64_t)stream.total_in,
                              "%u bytes follow the end of the gzip data", stream.avail_in);
    }
    inflateEnd(&stream);
    if (status != NN_OK) {
        mem_free(out);
        return NULL;
    }
    out[total] = '\0';
    *size = total;
    return out;
}
