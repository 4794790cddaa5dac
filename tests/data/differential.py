#!/usr/bin/env python3
"""Two readers of one format: the engine's and this strict one, written from the format's description alone, judge two
thousand valid, mutated and generated weight files. Their verdicts must agree.

    differential.py JUDGE        where JUDGE is the program of judge_tensors.c
"""

import hashlib
import json
import math
import pathlib
import random
import struct
import subprocess
import sys

CASES = 2400
SIZES = {"F32": 4, "F16": 2, "BF16": 2, "F64": 8, "I64": 8}
SEEDS = pathlib.Path(__file__).parent.parent / "fuzz" / "corpus" / "safetensors"


# --- the strict reader ---------------------------------------------------------------------------


class Bad(Exception):
    pass


def check(condition, why):
    if not condition:
        raise Bad(why)


def unique(pairs):
    keys = [key for key, _ in pairs]
    check(len(set(keys)) == len(keys), "duplicate key")
    return dict(pairs)


def no_constant(name):
    raise Bad(name)


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def parse_header(text):
    check(text[:1] == b"{", "does not start with {")
    text = text.decode("utf-8")
    header, end = json.JSONDecoder(object_pairs_hook=unique, parse_constant=no_constant).raw_decode(text)
    check(not text[end:].strip(" "), "goes on")
    for string in strings(header):
        check("\0" not in string, "zero byte")
        string.encode("utf-8")  # a lone surrogate cannot be
    return header


def values(dtype, data):
    if dtype == "I64":
        return []
    if dtype == "BF16":
        return [struct.unpack("<f", b"\0\0" + data[i : i + 2])[0] for i in range(0, len(data), 2)]
    code = {"F32": "f", "F16": "e", "F64": "d"}[dtype]
    return struct.unpack(f"<{len(data) // SIZES[dtype]}{code}", data)


def check_values(dtype, data):
    for value in values(dtype, data):
        check(math.isfinite(value), "not finite")
        struct.pack("<f", value)  # OverflowError where it is too large for a float32


def check_tensor(name, tensor, data):
    encoded = name.encode("utf-8")
    check(1 <= len(encoded) <= 128, "name length")
    check(not any(ord(c) < 32 or 0x7F <= ord(c) <= 0x9F for c in name), "name not printable")
    check(isinstance(tensor, dict) and set(tensor) == {"dtype", "shape", "data_offsets"}, "keys")
    dtype, shape, offsets = tensor["dtype"], tensor["shape"], tensor["data_offsets"]
    check(isinstance(dtype, str) and dtype in SIZES, "dtype")
    check(isinstance(shape, list) and len(shape) <= 4, "shape")
    check(all(is_int(dim) and 0 <= dim <= 2**24 for dim in shape), "dimension")
    count = 1
    for dim in shape:
        count *= dim
        check(count < 2**64, "product")
    check(isinstance(offsets, list) and len(offsets) == 2 and all(is_int(at) for at in offsets), "offsets")
    begin, end = offsets
    check(0 <= begin <= end <= len(data), "outside")
    check(end - begin == count * SIZES[dtype], "size")
    return begin, end, dtype


def read(content):
    check(8 <= len(content) <= 256 << 20, "length of the file")
    length = struct.unpack("<Q", content[:8])[0]
    check(length <= 1 << 20 and length <= len(content) - 8, "length of the header")
    raw, data = content[8 : 8 + length], content[8 + length :]
    header = parse_header(raw)
    meta = header.pop("__metadata__", {})
    check(isinstance(meta, dict) and all(isinstance(value, str) for value in meta.values()), "metadata")
    if "sha256" in meta:
        check(meta["sha256"] == hashlib.sha256(data).hexdigest(), "checksum")
    if "header_sha256" in meta:
        mark = b'"header_sha256":"'
        at = raw.find(mark) + len(mark)
        check(at >= len(mark) and at + 64 <= len(raw), "header checksum")
        zeroed = raw[:at] + b"0" * 64 + raw[at + 64 :]
        check(meta["header_sha256"] == hashlib.sha256(zeroed).hexdigest(), "header checksum")
    check(len(header) <= 256, "too many tensors")
    ranges = sorted((check_tensor(name, tensor, data) for name, tensor in header.items()), key=lambda r: r[:2])
    place = 0
    for begin, end, dtype in ranges:
        check(begin == place, "hole or overlap")
        place = end
        check_values(dtype, data[begin:end])
    check(place == len(data), "bytes left")


def verdict(content):
    try:
        read(content)
        return True
    except (Bad, ValueError, OverflowError, RecursionError):  # ValueError: not JSON, not UTF-8
        return False


# --- the cases -----------------------------------------------------------------------------------


def pack(header, data):
    text = header if isinstance(header, bytes) else json.dumps(header, ensure_ascii=rng.random() < 0.5).encode()
    return struct.pack("<Q", len(text)) + text + data


def generate():
    """A file that is mostly right, with something odd in one place or none."""
    header, data = {}, b""
    odd = rng.choice([None] * 4 + ["dtype", "shape", "begin", "end", "key", "meta", "name", "hole", "value", "tail"])
    if rng.random() < 0.5:
        header["__metadata__"] = {"note": "x", "n\u00e9": "\u2192"}
        if odd == "meta":
            header["__metadata__"]["odd"] = rng.choice([1, None, [], {}, True])
    for i in range(rng.randrange(4)):
        dtype = rng.choice(list(SIZES))
        shape = [rng.randrange(4) for _ in range(rng.randrange(4))]
        n = math.prod(shape) * SIZES[dtype]
        begin = len(data) + (4 if odd == "hole" and i == 1 else 0)
        content = bytes(n)
        if odd == "value" and n:
            content = rng.choice([b"\xff", b"\x7f", b"\x80"]) * n
        data += bytes(begin - len(data)) + content
        tensor = {"dtype": dtype, "shape": shape, "data_offsets": [begin, begin + n]}
        if odd == "dtype":
            tensor["dtype"] = rng.choice(["U8", "f32", "", 1, None, "F32 "])
        elif odd == "shape":
            tensor["shape"] = rng.choice([None, 1, [2.0], ["1"], [True], [-1], [2**24 + 1], [1] * 5, [2**24, 2**24, 2**24], [[]]])
        elif odd == "begin":
            tensor["data_offsets"][0] += rng.choice([1, -1, 4, 2**32, 2**63 - 1, 0.5])
        elif odd == "end":
            tensor["data_offsets"] = rng.choice([[0], [0, n, n], [0, 2**64], [n, 0], None, [0, 1e1], ["0", "4"]])
        elif odd == "key":
            tensor[rng.choice(["extra", "dtype ", ""])] = 1
        name = f"layer{i}"
        if odd == "name":
            name = rng.choice(["", "a" * 128, "a" * 129, "\u00e9" * 64, "\u00e9" * 65, "\x1b[m", "\x85", "\x7f", "a\u2028", "a b"])
        header[name] = tensor
    if odd == "tail":
        data += b"\0"
    return pack(header, data)


def mutate(content):
    content = bytearray(content)
    for _ in range(rng.randrange(1, 4)):
        if not content:
            break
        at = rng.randrange(len(content))
        kind = rng.randrange(6)
        if kind == 0:
            content[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[at] = rng.choice(b'{}[]",:0189-+eE \n\\u\0\xff')
        elif kind == 2:
            del content[at : at + rng.randrange(1, 9)]
        elif kind == 3:
            content[at:at] = content[at : at + rng.randrange(1, 9)]
        elif kind == 4:
            content[at:at] = rng.choice([b" ", b"0", b"[]", b'"a":1,', b"e3", b"\xc3\xa9", b"\\u0000", b"\\ud800", b"-"])
        else:
            del content[at:]
    if rng.random() < 0.7 and len(content) >= 8:  # the frame is mended, so that the change is looked at
        length = bytes(content).rfind(b"}") - 7
        if length > 0:
            content[:8] = struct.pack("<Q", length)
    return bytes(content)


def ask(judge, cases):
    question = b"".join(struct.pack("<I", len(case)) + case for case in cases)
    answer = subprocess.run([judge], input=question, stdout=subprocess.PIPE, check=True)
    return answer.stdout.decode("utf-8", "replace").split("\n")[:-1]  # names may hold other line ends


rng = random.Random(20)
seeds = [path.read_bytes() for path in sorted(SEEDS.iterdir())]
cases = list(seeds)
while len(cases) < CASES:
    case = generate() if rng.random() < 0.5 else rng.choice(seeds)
    cases.append(mutate(case) if rng.random() < 0.6 else case)
answers = ask(sys.argv[1], cases)
wrong = 0
accepted = 0
for case, answer in zip(cases, answers):
    mine = verdict(case)
    accepted += mine
    if mine != (answer == "ok"):
        wrong += 1
        print(f"disagree: this reader says {'ok' if mine else 'bad'}, the engine {answer!r}\n  {case!r}")
print(f"{len(answers)} files, {accepted} of them good, {wrong} disagreements")
sys.exit(0 if wrong == 0 and len(answers) == len(cases) and accepted >= 400 else 1)
