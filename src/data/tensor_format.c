#include "data/tensor_format.h"

#include <sha2.h>
#include <string.h>

#include "base/text.h"
#include "nn/safetensors.h"

enum { DIGITS = TENSOR_DIGEST_SIZE - 1 };

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
