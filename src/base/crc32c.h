// crc32c.h - the checksum of TensorBoard's records: CRC-32 with Castagnoli's polynomial (RFC 3720,
// appendix B.4, has its test values).

#ifndef NN_BASE_CRC32C_H
#define NN_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(const void *bytes, size_t n);

// As it stands in a record: rotated and shifted by a constant, since a checksum over bytes that
// hold checksums of the same kind is weak.
uint32_t crc32c_masked(const void *bytes, size_t n);

#endif
