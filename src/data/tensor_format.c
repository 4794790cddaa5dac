#include "data/tensor_format.h"

#include <math.h>
#include <sha2.h>
#include <string.h>

#include "base/text.h"

enum { DIGITS = TENSOR_DIGEST_SIZE - 1 };

uint64_t tensor_little_endian(const uint8_t *at, size_t n) {
    uint64_t value = 0;
    for (size_t i = n; i > 0; i--) {
        value = value << 8 | at[i - 1];
    }
    return value;
}

// --- types ---------------------------------------------------------------------------------------

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [NN_DTYPE_F32] = {"F32", 4}, [NN_DTYPE_F16] = {"F16", 2}, [NN_DTYPE_BF16] = {"BF16", 2},
    [NN_DTYPE_F64] = {"F64", 8}, [NN_DTYPE_I64] = {"I64", 8},
};

bool tensor_type_parse(const char *name, NnDtype *type) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(name, types[i].name) == 0) {
            *type = (NnDtype)i;
            return true;
        }
    }
    return false;
}

size_t tensor_type_size(NnDtype type) {
    return types[type].size;
}

static float from_half(uint32_t bits) {
    uint32_t exponent = bits >> 10 & 0x1F;
    float fraction = (float)(bits & 0x3FF);
    float value;
    if (exponent == 0x1F) {
        value = (bits & 0x3FF) != 0 ? NAN : INFINITY;
    } else if (exponent == 0) {
        value = ldexpf(fraction, -24); // subnormal
    } else {
        value = ldexpf(1024.0f + fraction, (int)exponent - 25);
    }
    return (bits & 0x8000) != 0 ? -value : value;
}

float tensor_value(NnDtype type, const uint8_t *at) {
    uint64_t bits = tensor_little_endian(at, types[type].size);
    uint32_t low = (uint32_t)bits;
    float single;
    double twice;
    switch (type) {
    case NN_DTYPE_F16:
        return from_half(low);
    case NN_DTYPE_F64:
        memcpy(&twice, &bits, sizeof twice);
        return (float)twice;
    case NN_DTYPE_I64:
        return (float)(int64_t)bits;
    case NN_DTYPE_BF16:
        low <<= 16;
        break;
    default:
        break;
    }
    memcpy(&single, &low, sizeof single);
    return single;
}

// --- names and checksums -------------------------------------------------------------------------

bool tensor_name_fits(const char *name) {
    char shown[NN_TENSOR_NAME_MAX + 1];
    size_t n = strlen(name);
    text_escape(shown, sizeof shown, name);
    return n > 0 && n <= NN_TENSOR_NAME_MAX && strcmp(shown, name) == 0;
}

size_t tensor_digest_place(const uint8_t *header, size_t n) {
    // As our writer sets it, without spaces. Inside another string the quotes would be escaped, so
    // that nothing else can look like this.
    static const char mark[] = "\"" TENSOR_HEADER_SHA256_KEY "\":\"";
    const size_t length = sizeof mark - 1;
    for (size_t i = 0; n >= length + DIGITS && i <= n - length - DIGITS; i++) {
        if (memcmp(header + i, mark, length) == 0) {
            return i + length;
        }
    }
    return n;
}

void tensor_header_digest(char *out, const uint8_t *header, size_t n, size_t digits_at) {
    uint8_t zeros[DIGITS];
    memset(zeros, '0', sizeof zeros);
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, header, digits_at);
    SHA256Update(&context, zeros, sizeof zeros);
    SHA256Update(&context, header + digits_at + DIGITS, n - digits_at - DIGITS);
    SHA256End(&context, out);
}
