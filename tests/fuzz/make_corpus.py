#!/usr/bin/env python3
"""Makes the seed corpora of the fuzz targets safetensors, idx, picture, onnx and events: small files of every good kind, and some of
every bad one, for the fuzzers to start from. Standard library alone; the same files every time.

    tests/fuzz/make_corpus.py
"""

import base64
import gzip
import hashlib
import json
import pathlib
import struct
import zlib

CORPUS = pathlib.Path(__file__).parent / "corpus"

# Written by libjpeg-turbo 2.1.5: 8 x 8 grey, 16 x 16 progressive colour, 16 x 16 with an Exif orientation.
JPEGS = {
    "grey.jpg":
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7"
        "gYKBTmCNl4x9lnN+gXz/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAf/EAB8QAAAGAQUAAAAAAAAAAAAAAAECAwQR"
        "IQAFEzFBUf/aAAgBAQAAPwBR0duyR3nRyJJh2apqYD0a4DP/2Q==",
    "progressive.jpg":
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7"
        "gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8"
        "fHx8fHx8fHz/wgARCAAQABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/9oA"
        "DAMBAAIQAxAAAAElP//EABcQAQEBAQAAAAAAAAAAAAAAAAARMTL/2gAIAQEAAQUCkdMSv//EABQRAQAAAAAAAAAAAAAAAAAAAAD/"
        "2gAIAQMBAT8Bf//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQIBAT8Bf//EABwQAAICAgMAAAAAAAAAAAAAAAABAjESMhETgf/a"
        "AAgBAQAGPwLrj6cLSJgtnZgqVn//xAAbEAEAAgMBAQAAAAAAAAAAAAABABEhMVFBwf/aAAgBAQABPyFxe+/yYdxuXspNt7fCIZj3"
        "+s//2gAMAwEAAgADAAAAEGP/xAAVEQEBAAAAAAAAAAAAAAAAAAAAAf/aAAgBAwEBPxCP/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/a"
        "AAgBAgEBPxB//8QAIBABAAEDAwUAAAAAAAAAAAAAAREAIXExQbFRwdHh8f/aAAgBAQABPxBYaEERs6eX2oihbpZhdwe+lJcby91O"
        "7xkaVmVM0AbYOcV//9k=",
    "turned.jpg":
        "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAASUkqAAgAAAABABIBAwABAAAABgAAAAAAAAD/2wBDABQODxIPDRQSEBIXFRQY"
        "HjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8"
        "fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAQABADASIAAhEBAxEB/8QAFgABAQEAAAAA"
        "AAAAAAAAAAAAAQAC/8QAJxAAAgECBAQHAAAAAAAAAAAAAQIDBBEAEiFxBRNBsSIxUcHR4fH/xAAUAQEAAAAAAAAAAAAAAAAAAAAA"
        "/8QAFREBAQAAAAAAAAAAAAAAAAAAAAH/2gAMAwEAAhEDEQA/AJoDHk4ZSixYDnsB0Pkvz+4bJVPyY2UUFN42cDRyBqdh9+mMlGgQ"
        "UUDZ6mcXnc6lVPue24OFolndaGA5YITedr2DMOmw77YEf//Z",
}


def save(corpus, name, content):
    folder = CORPUS / corpus
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


# --- safetensors ---------------------------------------------------------------------------------


def tensors_file(header, data):
    if not isinstance(header, bytes):
        header = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(header)) + header + data


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def ours():
    """A file with both checksums, as the program writes it."""
    data = struct.pack("<8f", 0.5, -1, 2, 1e-40, 3, 4, 0, -0.0)
    header = {
        "__metadata__": {"recipe": "mlp", "sha256": hashlib.sha256(data).hexdigest(), "header_sha256": "0" * 64},
        "fc1.weight": entry("F32", [2, 3], 0, 24),
        "fc1.bias": entry("F32", [2], 24, 32),
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    text = text.replace(b"0" * 64, hashlib.sha256(text).hexdigest().encode())
    return tensors_file(text, data)


def make_safetensors():
    save("safetensors", "ours", ours())
    save("safetensors", "empty", tensors_file({}, b""))
    save("safetensors", "padded", tensors_file(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   ', b"\0\0\x80?"))
    types = {"F32": 4, "F16": 2, "BF16": 2, "F64": 8, "I64": 8}
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, size in types.items():
        header[name] = entry(name, [2, 1], at, at + 2 * size)
        at += 2 * size
    save("safetensors", "types", tensors_file(header, bytes(at)))
    save("safetensors", "scalar-and-nothing", tensors_file({"s": entry("F32", [], 0, 4), "n": entry("F32", [0, 4], 4, 4)}, bytes(4)))
    save("safetensors", "names", tensors_file({"\u00e9\u2192": entry("F32", [1], 0, 4)}, bytes(4)))
    save("safetensors", "bad-overlap", tensors_file({"a": entry("F32", [1], 0, 4), "b": entry("F32", [1], 0, 4)}, bytes(4)))
    save("safetensors", "bad-wrap", tensors_file({"a": entry("F32", [2**32, 2**32], 0, 0)}, b""))
    save("safetensors", "bad-nan", tensors_file({"a": entry("F32", [1], 0, 4)}, b"\0\0\xc0\x7f"))
    save("safetensors", "bad-length", struct.pack("<Q", 2**63) + b"{}")
    save("safetensors", "bad-deep", tensors_file(b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", b""))


# --- IDX -----------------------------------------------------------------------------------------


def make_idx():
    pictures = struct.pack(">4I", 0x803, 2, 3, 3) + bytes(range(18))
    labels = struct.pack(">2I", 0x801, 5) + bytes([0, 1, 2, 9, 3])
    save("idx", "pictures", pictures)
    save("idx", "labels", labels)
    save("idx", "no-labels", struct.pack(">2I", 0x801, 0))
    save("idx", "pictures.gz", gzip.compress(pictures, mtime=0))
    save("idx", "labels.gz", gzip.compress(labels, mtime=0))
    save("idx", "stored.gz", gzip.compress(pictures, 0, mtime=0))
    save("idx", "bad-magic", struct.pack(">4I", 0x802, 2, 3, 3) + bytes(18))
    save("idx", "bad-count", struct.pack(">4I", 0x803, 2**32 - 1, 28, 28) + bytes(784))
    save("idx", "bad-bomb.gz", gzip.compress(struct.pack(">4I", 0x803, 1, 28, 28) + bytes(200000), mtime=0))
    save("idx", "bad-promise.gz", gzip.compress(struct.pack(">4I", 0x803, 10**7, 28, 28) + bytes(50), mtime=0))


# --- pictures ------------------------------------------------------------------------------------


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, depth, colour, rows, *extras, interlace=0):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extras)
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def make_pictures():
    save("picture", "grey.png", png(4, 2, 8, 0, bytes([0, 1, 2, 3, 4, 1, 9, 9, 9, 9])))
    save("picture", "bits.png", png(8, 2, 1, 0, bytes([0, 0xA5, 2, 0x5A])))
    save("picture", "rgb16.png", png(1, 1, 16, 2, bytes([0] + [7] * 6)))
    save("picture", "rgba.png", png(2, 1, 8, 6, bytes([0] + [200] * 8), chunk(b"tEXt", b"Comment\0hello")))
    palette = chunk(b"PLTE", bytes(range(12))) + chunk(b"tRNS", bytes([0, 128]))
    save("picture", "palette.png", png(4, 1, 2, 3, bytes([0, 0x1B]), palette))
    save("picture", "interlaced.png", png(2, 2, 8, 0, bytes([0, 1, 0, 2, 0, 3, 4]), interlace=1))
    save("picture", "bad-size.png", png(4096, 4096, 8, 0, bytes(10)))
    save("picture", "bad-limit.png", png(5000, 1, 8, 0, bytes(5001)))
    for name, text in JPEGS.items():
        save("picture", name, base64.b64decode(text))


# --- messages of Protocol Buffers -----------------------------------------------------------------


def varint(value):
    value &= 2**64 - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    """An int as a varint, a float as 32 bits, a pair (double,) as 64, text and messages as bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, tuple):
        return varint(number << 3 | 1) + struct.pack("<d", *value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


# --- ONNX ----------------------------------------------------------------------------------------


def border(name, *dims):
    shape = b"".join(field(1, field(2, d) if isinstance(d, str) else field(1, d)) for d in dims)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def weights(name, dims, kind=1, data=b""):
    packed = field(1, b"".join(varint(d) for d in dims))
    return packed + field(2, kind) + field(8, name) + field(9, data)


def node(op, inputs, output, *attributes):
    return b"".join(field(1, i) for i in inputs) + field(2, output) + field(4, op) + b"".join(attributes)


def onnx(graph, *more):
    return (field(1, 8) + field(2, "inkling") + field(3, "0.1") + field(7, graph)
            + field(8, field(1, "") + field(2, 17)) + b"".join(more))


def make_onnx():
    alpha = field(5, field(1, "alpha") + field(2, 0.5) + field(20, 1))
    graph = (field(1, node("Flatten", ["pixels"], "flat")) + field(1, node("Gemm", ["flat", "w", "b"], "y", alpha))
             + field(1, node("Softmax", ["y"], "p")) + field(2, "digits")
             + field(5, weights("w", [2, 3], data=struct.pack("<6f", *range(6))))
             + field(5, weights("b", [2], data=bytes(8))) + field(5, weights("axes", [1], 7, bytes(8)))
             + field(11, border("pixels", "batch", 1, 28, 28)) + field(12, border("p", "batch", 10)))
    note = field(14, field(1, "recipe") + field(2, "mlp-256-128"))
    save("onnx", "small", onnx(graph, note))
    save("onnx", "no-graph", field(1, 8) + field(2, "other") + field(8, field(2, 13)))
    save("onnx", "many-nodes", onnx(b"".join(field(1, node(f"Op{i}", ["x"], "x")) for i in range(40))))
    save("onnx", "many-dims", onnx(field(5, weights("w", range(1, 20))) + field(11, border("x", *range(12)))))
    save("onnx", "unpacked-dims", onnx(field(5, field(1, 2) + field(1, 3) + field(2, 1) + field(8, "w"))))
    save("onnx", "long-shape", onnx(field(11, border("x", *[2**63 - 1] * 9)) + field(12, border("y", *[2**63 - 1] * 9))))
    save("onnx", "bad-wrap", onnx(field(5, weights("w", [2**62, 2**62]))))
    save("onnx", "bad-negative", onnx(field(5, weights("w", [-3, 2])) + field(11, border("x", -7))))
    save("onnx", "bad-type", field(1, 8) + field(7, 12) + field(8, 1.0))
    save("onnx", "bad-length", field(1, 8) + b"\x3a\xff\xff\xff\xff\x0f")
    save("onnx", "bad-name", onnx(field(2, "\x1b[31m" + "n" * 300)))


# --- events for TensorBoard ------------------------------------------------------------------------


def crc32c_masked(content):
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(event):
    length = struct.pack("<Q", len(event))
    return length + struct.pack("<I", crc32c_masked(length)) + event + struct.pack("<I", crc32c_masked(event))


def scalar(step, time, **values):
    summary = b"".join(field(1, field(1, tag) + field(2, value)) for tag, value in values.items())
    return field(1, (time,)) + field(2, step) + field(5, summary)


def make_events():
    version = field(1, (1e9,)) + field(3, "brain.Event:2")
    first, second = scalar(1, 1e9 + 1, **{"loss/train": 0.5, "accuracy/train": 0.9}), scalar(2, 1e9 + 2, **{"loss/train": 0.25})
    save("events", "epochs", record(version) + record(first) + record(second))
    save("events", "version", record(version))
    save("events", "torn", record(version) + record(first) + record(second)[:-3])
    save("events", "many-tags", record(version) + record(scalar(1, 1.0, **{f"tag-{i}": float(i) for i in range(300)})))
    save("events", "long-tag", record(version) + record(scalar(1, 1.0, **{"t" * 200: 1.0, "t" * 201: 2.0})))
    save("events", "not-a-number", record(version) + record(scalar(-1, float("nan"), a=float("nan"), b=float("inf"))))
    save("events", "empty-record", record(version) + record(b""))
    save("events", "bad-sum", record(version)[:-1] + b"!" + record(first))
    save("events", "bad-length", struct.pack("<Q", 2**63) + struct.pack("<I", crc32c_masked(struct.pack("<Q", 2**63))))
    save("events", "bad-type", record(version) + record(field(5, 7)))
    # As the target cuts it: a byte of length before each.
    save("events", "framed", b"".join(bytes([len(e)]) + e for e in (version, first, second)))


make_safetensors()
make_idx()
make_pictures()
make_onnx()
make_events()
