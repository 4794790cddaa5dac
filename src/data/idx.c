// IDX files: four bytes of magic, the counts, then bytes. All numbers big-endian.
//
// The sizes are checked against each other and against the file before memory is taken; afterwards
// nothing in a file can be out of range, as every byte is a valid pixel. (Labels are judged in
// dataset.c, which knows how many classes there are.)

#include <sha2.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/gzip.h"
#include "nn/dataset.h"

enum {
    MAGIC_LABELS = 0x801,   // bytes, one dimension
    MAGIC_PICTURES = 0x803, // bytes, three dimensions
    HEADER_LABELS = 8,
    HEADER_PICTURES = 16,
    COUNT_MAX = 10000000,
    SIDE_MAX = 4096,
};

static uint32_t big_endian(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

typedef struct {
    int rank;
    size_t dims[3];
    size_t header, size; // bytes of the header, and of the whole file
} Layout;

static NnStatus read_header(const uint8_t *bytes, size_t n, const char *path, Layout *layout,
                            NnError *err) {
    if (n < HEADER_LABELS) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, (int64_t)n,
                            "is too short for an IDX file: %zu bytes", n);
    }
    uint32_t magic = big_endian(bytes);
    if (magic != MAGIC_LABELS && magic != MAGIC_PICTURES) {
        return nn_fail_file(
            err, NN_ERR_FORMAT, path, 0,
            "is not an IDX file of labels or pictures: it starts with 0x%08x instead "
            "of 0x00000801 or 0x00000803",
            (unsigned)magic);
    }
    *layout = (Layout){.rank = magic == MAGIC_LABELS ? 1 : 3, .dims = {0, 1, 1}};
    layout->header = layout->rank == 1 ? HEADER_LABELS : HEADER_PICTURES;
    if (n < layout->header) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, (int64_t)n,
                            "the header ends after %zu of %zu bytes", n, layout->header);
    }
    static const char *const meaning[3] = {"count", "height", "width"};
    uint64_t size = 1;
    for (int i = 0; i < layout->rank; i++) {
        uint32_t dim = big_endian(bytes + 4 + 4 * i);
        uint32_t limit = i == 0 ? COUNT_MAX : SIDE_MAX;
        if (dim > limit || (i > 0 && dim == 0)) {
            return nn_fail_file(err, NN_ERR_FORMAT, path, 4 + 4 * i,
                                "the %s in its header is %u, the limit is %u", meaning[i],
                                (unsigned)dim, (unsigned)limit);
        }
        layout->dims[i] = dim;
        size *= dim; // at most 10^7 * 4096^2 < 2^48
    }
    size += layout->header;
    if (size >= SIZE_MAX) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, 4, "is too large for this machine");
    }
    layout->size = (size_t)size;
    return NN_OK;
}

// How many bytes a packed file will have.
static NnStatus announced(const uint8_t *start, size_t got, const char *path, size_t *size,
                          NnError *err) {
    Layout layout;
    NnStatus status = read_header(start, got, path, &layout, err);
    *size = status == NN_OK ? layout.size : 0;
    // A file of labels may be shorter than what was peeked at: its first labels are in there.
    if (status == NN_OK && layout.size < got) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, -1,
                            "unpacks to more bytes than the %zu its header announces", layout.size);
    }
    return status;
}

static NnStatus check(const uint8_t *bytes, size_t n, const char *path, Layout *layout,
                      NnError *err) {
    NnStatus status = read_header(bytes, n, path, layout, err);
    if (status == NN_OK && layout->size != n) {
        return nn_fail_file(err, NN_ERR_FORMAT, path, 4, "has %zu bytes, its header announces %zu",
                            n, layout->size);
    }
    return status;
}

// Takes the block over; its contents move to the front, so that a large file is in memory once.
static NnStatus adopt(uint8_t *owned_block, size_t n, const char *path, NnIdx *idx, NnError *err) {
    Layout layout;
    NnStatus status = check(owned_block, n, path, &layout, err);
    if (status != NN_OK) {
        mem_free(owned_block);
        return status;
    }
    *idx = (NnIdx){.rank = layout.rank, .bytes = owned_block};
    memcpy(idx->dims, layout.dims, sizeof idx->dims);
    SHA256Data(owned_block, n, idx->sha256);
    memmove(owned_block, owned_block + layout.header, n - layout.header);
    return NN_OK;
}

static NnStatus adopt_packed(const uint8_t *packed, size_t n, const char *path, NnIdx *idx,
                             NnError *err) {
    size_t size = 0;
    uint8_t *block = gzip_unpack(packed, n, path, HEADER_PICTURES, announced, &size, err);
    return block == NULL ? err->status : adopt(block, size, path, idx, err);
}

NnStatus nn_idx_parse(const uint8_t *bytes, size_t n, const char *path, NnIdx *idx, NnError *err) {
    NnError own;
    err = err != NULL ? err : &own; // it carries the status of functions that return a pointer
    *idx = (NnIdx){0};
    if (gzip_is(bytes, n)) {
        return adopt_packed(bytes, n, path, idx, err);
    }
    Layout layout;
    NnStatus status = check(bytes, n, path, &layout, err); // before memory is taken for it
    if (status != NN_OK) {
        return status;
    }
    uint8_t *copy = mem_new(n, 1);
    if (copy == NULL) {
        return nn_fail_file(err, NN_ERR_NOMEM, path, -1, "not enough memory for its %zu bytes", n);
    }
    memcpy(copy, bytes, n);
    return adopt(copy, n, path, idx, err);
}

NnStatus nn_idx_read(const char *path, NnIdx *idx, NnError *err) {
    NnError own;
    err = err != NULL ? err : &own;
    *idx = (NnIdx){0};
    uint64_t limit = (uint64_t)COUNT_MAX * NN_PIXELS + HEADER_PICTURES;
    size_t n = 0;
    uint8_t *bytes = file_read(path, limit < SIZE_MAX ? (size_t)limit : SIZE_MAX - 1, &n, err);
    if (bytes == NULL) {
        return err->status;
    }
    if (!gzip_is(bytes, n)) {
        return adopt(bytes, n, path, idx, err);
    }
    NnStatus status = adopt_packed(bytes, n, path, idx, err);
    mem_free(bytes);
    return status;
}

NnStatus nn_idx_write(const char *path, const uint8_t *bytes, int rank, const size_t *dims,
                      NnError *err) {
    NN_ASSERT(rank == 1 || rank == 3);
    uint8_t header[HEADER_PICTURES] = {0, 0, 8, (uint8_t)rank};
    size_t n = 1;
    for (int i = 0; i < rank; i++) {
        NN_ASSERT(dims[i] <= (i == 0 ? (size_t)COUNT_MAX : (size_t)SIDE_MAX));
        for (int j = 0; j < 4; j++) {
            header[4 + 4 * i + j] = (uint8_t)(dims[i] >> (24 - 8 * j));
        }
        n *= dims[i];
    }
    NnError own;
    err = err != NULL ? err : &own;
    SaveFile *save = save_open(path, err);
    if (save == NULL) {
        return err->status;
    }
    NnStatus status = save_write(save, header, rank == 1 ? HEADER_LABELS : HEADER_PICTURES, err);
    if (status == NN_OK) {
        status = save_write(save, bytes, n, err);
    }
    if (status != NN_OK) {
        save_abandon(save);
        return status;
    }
    return save_commit(save, err);
}

void nn_idx_release(NnIdx *idx) {
    mem_free(idx->bytes);
    *idx = (NnIdx){0};
}
