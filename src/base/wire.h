// wire.h - the wire format of Protocol Buffers, which ONNX and TensorBoard files are made of.
//
// A message is a row of fields: a number, a type, a value. A message inside a message is a field of
// bytes. Writing goes into one block that grows; running out of memory is remembered and asked for
// once, at the end.
//
//     Wire w = {0};
//     wire_int(&w, 1, 7);
//     size_t inner = wire_begin(&w);  wire_text(&w, 2, "relu");  wire_end(&w, 3, inner);
//     if (w.failed) ...;  wire_release(&w);
//
//     WireReader r = wire_reader(bytes, n);  WireField f;
//     while (wire_next(&r, &f)) { ... }  if (r.bad) ...;
//
// Source of the format: protobuf.dev, "Encoding".

#ifndef NN_BASE_WIRE_H
#define NN_BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// --- writing -------------------------------------------------------------------------------------

typedef struct {
    uint8_t *bytes;
    size_t n, room;
    bool failed; // out of memory: what is here is not whole
} Wire;

void wire_release(Wire *wire);

// Bytes as they are, no field: for frames around messages.
void wire_raw(Wire *wire, const void *bytes, size_t n);

void wire_int(Wire *wire, unsigned field, int64_t value);
void wire_float(Wire *wire, unsigned field, float value);
void wire_double(Wire *wire, unsigned field, double value);
void wire_bytes(Wire *wire, unsigned field, const void *bytes, size_t n);
void wire_text(Wire *wire, unsigned field, const char *text);

// n floats, little-endian, as one field of bytes.
void wire_floats_raw(Wire *wire, unsigned field, const float *values, size_t n);

// What is written between the two becomes the message `field`. They may be nested.
size_t wire_begin(const Wire *wire);
void wire_end(Wire *wire, unsigned field, size_t begin);

// --- reading -------------------------------------------------------------------------------------

typedef enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 } WireType;

typedef struct {
    const uint8_t *at, *end;
    bool bad; // the bytes are no message
} WireReader;

typedef struct {
    unsigned number;
    WireType type;
    uint64_t value;       // of a varint or a fixed field
    const uint8_t *bytes; // of a field of bytes; inside what is read
    size_t n;
} WireField;

WireReader wire_reader(const void *bytes, size_t n);
bool wire_next(WireReader *reader, WireField *field); // false at the end, or when bad

// The message in a field of bytes; one that is bad at once when the field is of another type.
WireReader wire_inside(const WireField *field);

float wire_to_float(const WireField *field);   // of WIRE_FIXED32
double wire_to_double(const WireField *field); // of WIRE_FIXED64

// Copies a field of bytes as text of at most size - 1 bytes. Shown to people it wants text_escape.
void wire_to_text(char *out, size_t size, const WireField *field);

#endif
