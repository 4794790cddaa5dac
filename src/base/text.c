#include "base/text.h"

#include <stdio.h>
#include <string.h>

bool text_copy(char *out, size_t size, const char *source) {
    size_t n = strlen(source);
    bool fits = n < size;
    if (size > 0) {
        size_t kept = fits ? n : size - 1;
        memmove(out, source, kept);
        out[kept] = '\0';
    }
    return fits;
}

int text_utf8_decode(const char *text, unsigned *code) {
    const unsigned char *s = (const unsigned char *)text;
    static const unsigned smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    int length = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (length == 0 || s[0] > 0xF4) {
        return 0;
    }
    unsigned value = length == 1 ? s[0] : s[0] & (0x7Fu >> length);
    for (int i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0; // also stops at the terminator
        }
        value = value << 6 | (s[i] & 0x3Fu);
    }
    if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *code = value;
    return length;
}

void text_escape(char *out, size_t size, const char *source) {
    size_t used = 0;
    while (*source != '\0' && size > 0) {
        unsigned code = 0;
        int length = text_utf8_decode(source, &code);
        // C1 controls (U+0080-9F) can drive a terminal just as C0 ones can.
        bool shown = length > 0 && code >= 0x20 && !(code >= 0x7F && code <= 0x9F);
        char piece[8];
        if (shown) {
            memcpy(piece, source, (size_t)length);
            piece[length] = '\0';
        } else {
            length = 1;
            snprintf(piece, sizeof piece, "\\x%02X", (unsigned)(unsigned char)*source);
        }
        size_t n = strlen(piece);
        if (used + n >= size) {
            break;
        }
        memcpy(out + used, piece, n);
        used += n;
        source += length;
    }
    if (size > 0) {
        out[used] = '\0';
    }
}

bool text_ends_with(const char *text, const char *ending) {
    size_t n = strlen(text);
    size_t m = strlen(ending);
    return n >= m && memcmp(text + n - m, ending, m) == 0;
}
