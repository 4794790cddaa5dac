#!/usr/bin/python3
"""Weight files between Inkling and PyTorch, both ways: test_torch.py PATH/TO/torch_exchange

Exits with 77, which ctest counts as skipped, where PyTorch is not installed.
"""
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

EXCHANGE = sys.argv[1]


def read_safetensors(path):
    """A second reader, strict and independent of ours: (tensors, metadata)."""
    data = pathlib.Path(path).read_bytes()
    (n,) = struct.unpack_from("<Q", data)
    assert 8 + n <= len(data) and data[8:9] == b"{"
    pairs = json.loads(data[8 : 8 + n].decode("utf-8"), object_pairs_hook=lambda p: p)
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), "duplicate names"
    header = {name: dict(entry) for name, entry in pairs}
    metadata = header.pop("__metadata__", {})
    assert all(isinstance(v, str) for v in metadata.values())
    body, end, tensors = data[8 + n :], 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        assert set(entry) == {"dtype", "shape", "data_offsets"} and entry["dtype"] == "F32"
        begin, stop = entry["data_offsets"]
        assert begin == end and stop - begin == 4 * math.prod(entry["shape"])
        end = stop
        values = np.frombuffer(body[begin:stop], "<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    assert end == len(body), "bytes left over"
    return tensors, metadata


def write_safetensors(path, tensors, metadata=None):
    """As the safetensors package writes: names sorted, header padded with spaces to 8 bytes."""
    header, body = ({"__metadata__": metadata} if metadata else {}), b""
    for name in sorted(tensors):
        raw = tensors[name].detach().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape),
                        "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


def inkling_logits(path):
    out = subprocess.run([EXCHANGE, "run", path], check=True, capture_output=True, text=True).stdout
    return torch.tensor([float(x) for x in out.split()]).reshape(3, 10)


def compare(what, module, path):
    inputs = torch.arange(3 * 784).mul(37).remainder(101).float().div(128).reshape(3, 784)
    with torch.no_grad():
        difference = (module(inputs) - inkling_logits(path)).abs().max().item()
    print(f"{what}: largest difference {difference:.2g}")
    assert difference < 1e-5, what


class Net(nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(784, 48), nn.Linear(48, 20), nn.Linear(20, 10)
        self.activation = activation

    def forward(self, x):
        return self.fc3(self.activation(self.fc2(self.activation(self.fc1(x)))))


class Block(nn.Module):
    """block_net.h"""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 4, 3, 2, 1), nn.BatchNorm2d(4)
        self.conv2, self.bn2 = nn.Conv2d(4, 6, 3, 2, 1), nn.BatchNorm2d(6)
        self.conv3, self.bn3 = nn.Conv2d(4, 6, 1, 2), nn.BatchNorm2d(6)
        self.fc1, self.fc2 = nn.Linear(54, 12), nn.Linear(12, 10)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x.reshape(-1, 1, 28, 28))))
        x = torch.relu(self.bn2(self.conv2(x)) + self.bn3(self.conv3(x)))
        return self.fc2(torch.tanh(self.fc1(nn.functional.max_pool2d(x, 2).flatten(1))))


class Wrapped(nn.Module):
    """Names with a prefix, out of alphabetical order, and no bias in the middle."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(784, 31)
        self.body = nn.Sequential(nn.ReLU(), nn.Linear(31, 17, bias=False), nn.ReLU())
        self.answer = nn.Linear(17, 10)

    def forward(self, x):
        return self.answer(self.body(self.stem(x)))


ACTIVATIONS = {"relu": nn.ReLU(), "leaky_relu": nn.LeakyReLU(), "elu": nn.ELU(), "gelu": nn.GELU(),
               "swish": nn.SiLU(), "tanh": nn.Tanh(), "sigmoid": nn.Sigmoid(), "none": nn.Identity()}

torch.manual_seed(5)
with tempfile.TemporaryDirectory() as folder:
    path = folder + "/model.safetensors"
    for seed, (name, activation) in enumerate(ACTIVATIONS.items()):
        subprocess.run([EXCHANGE, "save", path, name, str(seed)], check=True)
        tensors, metadata = read_safetensors(path)
        assert metadata["format"] == "pt" and metadata["recipe"] == 'exchange with "PyTorch"'
        assert json.loads(metadata["architecture"])["layers"][1]["activation"] == name
        net = Net(activation)
        net.load_state_dict(tensors, strict=True)
        compare(f"Inkling to PyTorch, {name}", net, path)

        net = Net(activation)
        write_safetensors(path, net.state_dict(), {"format": "pt", "activation": name})
        compare(f"PyTorch to Inkling, {name}", net, path)

    net = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 64), nn.ReLU(),
                        nn.Linear(64, 10)).eval()
    write_safetensors(path, net.state_dict(), {"format": "pt"})
    compare("nn.Sequential to Inkling", net, path)

    net = Wrapped()
    write_safetensors(path, net.state_dict())
    compare("other names and no metadata to Inkling", net, path)

    subprocess.run([EXCHANGE, "save", path, "block", "3"], check=True)
    tensors, metadata = read_safetensors(path)
    net = Block().eval()
    net.load_state_dict(tensors, strict=True)
    compare("Inkling to PyTorch, convolutions", net, path)

    net = Block().eval()
    state = {k: v for k, v in net.state_dict().items() if "num_batches" not in k}
    write_safetensors(path, state, {"format": "pt", "architecture": metadata["architecture"]})
    compare("PyTorch to Inkling, convolutions", net, path)
