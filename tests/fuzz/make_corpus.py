#!/usr/bin/env python3
"""Makes the seed corpora of the fuzz targets safetensors, idx and picture: small files of every good kind, and some of
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


make_safetensors()
make_idx()
make_pictures()
