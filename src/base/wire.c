#include "base/wire.h"

#include <string.h>

#include "base/alloc.h"

enum { VARINT_MAX = 10, FIELD_NUMBER_MAX = (1 << 29) - 1 };

// --- writing -------------------------------------------------------------------------------------

void wire_release(Wire *wire) {
    mem_free(wire->bytes);
    *wire = (Wire){0};
}

// Room for n more bytes, or NULL.
static uint8_t *more(Wire *wire, size_t n) {
    if (!wire->failed && n > wire->room - wire->n) {
        size_t wanted = wire->n + n, room = wire->room + wire->room / 2 + 256;
        room = room < wanted ? wanted : room;
        uint8_t *bytes = wanted >= n ? mem_resize(wire->bytes, room, 1) : NULL;
        wire->failed = bytes == NULL;
        wire->bytes = bytes != NULL ? bytes : wire->bytes;
        wire->room = bytes != NULL ? room : wire->room;
    }
    if (wire->failed) {
        return NULL;
    }
    uint8_t *at = wire->bytes + wire->n;
    wire->n += n;
    return at;
}

void wire_raw(Wire *wire, const void *bytes, size_t n) {
    uint8_t *at = n > 0 ? more(wire, n) : NULL;
    if (at != NULL) {
        memcpy(at, bytes, n);
    }
}

// Seven bits a byte, the low ones first; the top bit says that more follow.
static size_t varint(uint8_t *out, uint64_t value) {
    size_t n = 0;
    while (value >= 0x80) {
        out[n++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[n++] = (uint8_t)value;
    return n;
}

static void put_varint(Wire *wire, uint64_t value) {
    uint8_t bytes[VARINT_MAX];
    wire_raw(wire, bytes, varint(bytes, value));
}

static void put_key(Wire *wire, unsigned field, WireType type) {
    put_varint(wire, (uint64_t)field << 3 | type);
}

// n bytes of value, little-endian whatever the machine.
static void put_fixed(Wire *wire, uint64_t value, size_t n) {
    uint8_t bytes[8];
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(value >> 8 * i);
    }
    wire_raw(wire, bytes, n);
}

static uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

void wire_int(Wire *wire, unsigned field, int64_t value) {
    put_key(wire, field, WIRE_VARINT);
    put_varint(wire, (uint64_t)value);
}

void wire_float(Wire *wire, unsigned field, float value) {
    put_key(wire, field, WIRE_FIXED32);
    put_fixed(wire, float_bits(value), 4);
}

void wire_double(Wire *wire, unsigned field, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(wire, field, WIRE_FIXED64);
    put_fixed(wire, bits, 8);
}

void wire_bytes(Wire *wire, unsigned field, const void *bytes, size_t n) {
    put_key(wire, field, WIRE_BYTES);
    put_varint(wire, n);
    wire_raw(wire, bytes, n);
}

void wire_text(Wire *wire, unsigned field, const char *text) {
    wire_bytes(wire, field, text, strlen(text));
}

void wire_floats_raw(Wire *wire, unsigned field, const float *values, size_t n) {
    put_key(wire, field, WIRE_BYTES);
    put_varint(wire, 4 * (uint64_t)n);
    uint8_t *at = n > 0 ? more(wire, 4 * n) : NULL;
    for (size_t i = 0; at != NULL && i < n; i++) {
        uint32_t bits = float_bits(values[i]);
        for (size_t k = 0; k < 4; k++) {
            at[4 * i + k] = (uint8_t)(bits >> 8 * k);
        }
    }
}

size_t wire_begin(const Wire *wire) {
    return wire->n;
}

// The length goes in front of what is there already, which moves up: a length of fixed width would
// spare the move, but is not the shortest form, and so not what other programs write.
void wire_end(Wire *wire, unsigned field, size_t begin) {
    uint8_t head[2 * VARINT_MAX];
    size_t length = wire->n - begin;
    size_t n = varint(head, (uint64_t)field << 3 | WIRE_BYTES);
    n += varint(head + n, length);
    if (more(wire, n) != NULL) {
        memmove(wire->bytes + begin + n, wire->bytes + begin, length);
        memcpy(wire->bytes + begin, head, n);
    }
}

// --- reading -------------------------------------------------------------------------------------

WireReader wire_reader(const void *bytes, size_t n) {
    const uint8_t *at = bytes;
    return (WireReader){.at = at, .end = at + n};
}

static bool read_varint(WireReader *r, uint64_t *value) {
    *value = 0;
    for (unsigned shift = 0; shift < 7 * VARINT_MAX && r->at < r->end; shift += 7) {
        uint8_t byte = *r->at++;
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            return shift < 63 || byte <= 1; // the tenth byte has room for one bit
        }
    }
    return false;
}

static bool read_fixed(WireReader *r, uint64_t *value, size_t n) {
    if (n > (size_t)(r->end - r->at)) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        *value |= (uint64_t)*r->at++ << 8 * i;
    }
    return true;
}

static bool read_field(WireReader *r, WireField *f) {
    uint64_t key;
    if (!read_varint(r, &key) || key >> 3 == 0 || key >> 3 > FIELD_NUMBER_MAX) {
        return false;
    }
    *f = (WireField){.number = (unsigned)(key >> 3), .type = (WireType)(key & 7)};
    switch (f->type) {
    case WIRE_VARINT:
        return read_varint(r, &f->value);
    case WIRE_FIXED64:
        return read_fixed(r, &f->value, 8);
    case WIRE_FIXED32:
        return read_fixed(r, &f->value, 4);
    case WIRE_BYTES:
        if (!read_varint(r, &f->value) || f->value > (uint64_t)(r->end - r->at)) {
            return false;
        }
        f->bytes = r->at;
        f->n = (size_t)f->value;
        r->at += f->n;
        return true;
    default: // groups, which nobody writes any more
        return false;
    }
}

bool wire_next(WireReader *reader, WireField *field) {
    if (reader->bad || reader->at == reader->end) {
        return false;
    }
    reader->bad = !read_field(reader, field);
    return !reader->bad;
}

WireReader wire_inside(const WireField *field) {
    if (field->type != WIRE_BYTES) {
        return (WireReader){.bad = true};
    }
    return wire_reader(field->bytes, field->n);
}

float wire_to_float(const WireField *field) {
    uint32_t bits = (uint32_t)field->value;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double wire_to_double(const WireField *field) {
    double value;
    memcpy(&value, &field->value, sizeof value);
    return value;
}

void wire_to_text(char *out, size_t size, const WireField *field) {
    size_t n = field->type == WIRE_BYTES ? field->n : 0;
    n = n < size - 1 ? n : size - 1;
    if (n > 0) {
        memcpy(out, field->bytes, n);
    }
    out[n] = '\0';
}
