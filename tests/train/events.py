#!/usr/bin/env python3
"""Event files read by a second, independent reader: events.py PATH/TO/test_events

Nothing but Python: the checksum is computed bit by bit from its polynomial, the messages are taken
apart from the format's description. Where TensorBoard is installed it reads the file, too.
"""
import pathlib
import struct
import subprocess
import sys
import tempfile
import time


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        (check,) = struct.unpack_from("<I", data, at + 8)
        assert check == masked(data[at : at + 8]), f"length at byte {at}"
        body = data[at + 12 : at + 12 + length]
        (check,) = struct.unpack_from("<I", data, at + 12 + length)
        assert check == masked(body), f"record at byte {at}"
        yield body
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            (value,), at = struct.unpack_from("<d", data, at), at + 8
        elif kind == 5:
            (value,), at = struct.unpack_from("<f", data, at), at + 4
        else:
            assert kind == 2
            n, at = varint(data, at)
            value, at = data[at : at + n], at + n
        yield number, value


with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.argv[1], "--write", folder + "/run"], check=True)
    (path,) = pathlib.Path(folder, "run").iterdir()
    assert path.name.startswith("events.out.tfevents."), path.name
    events = [dict(fields(body)) for body in records(path.read_bytes())]
    assert events[0][3] == b"brain.Event:2"
    assert all(abs(event[1] - time.time()) < 600 for event in events)
    assert [event.get(2) for event in events[1:]] == [1, 2, 3]
    scalars = []
    for event in events[1:]:
        values = [dict(fields(value)) for number, value in fields(event[5]) if number == 1]
        scalars.append({value[1].decode(): value[2] for value in values})
    expected = {"loss/train": 1.0, "accuracy/train": 0.5, "loss/validation": 0.75,
                "accuracy/validation": 0.25, "learning_rate": 0.125, "samples_per_s": 1e5}
    assert scalars[0] == expected, scalars[0]
    assert scalars[1] == {**expected, "loss/train": 0.5}
    assert scalars[2]["loss/test"] == 0.75 and scalars[2]["accuracy/test"] == 0.25
    print(f"{len(events)} records read again")

    try:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    except ImportError as missing:
        print(f"without TensorBoard: {missing}")
    else:
        seen = EventAccumulator(folder + "/run")
        seen.Reload()
        assert [e.value for e in seen.Scalars("loss/validation")] == [0.75] * 3
        print("and by TensorBoard")
