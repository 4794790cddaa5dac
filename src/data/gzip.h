// gzip.h - unpacking a gzip stream whose size is known from its own first bytes.

#ifndef NN_DATA_GZIP_H
#define NN_DATA_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/error.h"

bool gzip_is(const uint8_t *bytes, size_t n); // by the first two bytes

// Unpacks the whole stream. peek bytes are unpacked first and given to announced(), which says how
// many the file must have in all (peek or more) or fails with a message of its own. More than that
// is refused after one byte, fewer at the stream's end, and a size this many packed bytes cannot
// hold before memory is taken. The block ends with a zero byte that is not counted. Free with
// mem_free.
uint8_t *gzip_unpack(const uint8_t *packed, size_t n, const char *path, size_t peek,
                     NnStatus (*announced)(const uint8_t *start, size_t got, const char *path,
                                           size_t *size, NnError *err),
                     size_t *size, NnError *err);

#endif
