#!/usr/bin/python3
"""Networks as ONNX in other engines: test_onnx.py PATH/TO/onnx_exchange [WEIGHTS ...]

Every network, of each kind of layer and activation, is checked by the onnx package, run by OpenCV's
dnn and by onnxruntime, and has to answer as the engine does. Each of the three is left out, with a
word, where it is not installed; without any of them it exits with 77, which ctest counts as skipped.
"""
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

EXCHANGE, WEIGHTS = sys.argv[1], sys.argv[2:]
TOLERANCE = 1e-5


def module(name, package):
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"skipped: {name} is not installed (Debian: {package})")
        return None


onnx = module("onnx", "python3-onnx")
cv2 = module("cv2", "python3-opencv")
onnxruntime = module("onnxruntime", "python3-onnxruntime")
if not (onnx or cv2 or onnxruntime):
    sys.exit(77)


def pictures():
    """(n, 784) bytes: MNIST's first test digits where they are there, and noise of every strength."""
    rng = np.random.default_rng(5)
    rows = [(rng.random((20, 784)) * np.linspace(0, 255, 20)[:, None]).astype(np.uint8)]
    path = pathlib.Path(os.environ.get("INKLING_DATA", "data"), "mnist", "t10k-images-idx3-ubyte")
    if path.exists():
        rows.append(np.frombuffer(path.read_bytes(), np.uint8, 500 * 784, 16).reshape(-1, 784))
    else:
        print("without MNIST: noise alone")
    return np.concatenate(rows)


def by_opencv(path, x):
    cv2.setNumThreads(1)
    net = cv2.dnn.readNetFromONNX(path)
    net.setInput(x)
    return net.forward()


def by_onnxruntime(path, x):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"pixels": x})[0]


def check(path, name):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version == 7 and model.opset_import[0].version == 13
    shape = [d.dim_param or d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    assert shape == ["batch", 1, 28, 28], shape
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    kinds = sorted({node.op_type for node in inferred.graph.node})
    print(f"{name}: checked, {' '.join(kinds)}")


with tempfile.TemporaryDirectory() as folder:
    path, raw = folder + "/net.onnx", folder + "/pictures"
    data = pictures()
    pathlib.Path(raw).write_bytes(data.tobytes())
    x = (data.astype(np.float32) / 255).reshape(-1, 1, 28, 28)
    listed = subprocess.run([EXCHANGE, "--list"], check=True, capture_output=True, text=True)
    for name in listed.stdout.splitlines() + WEIGHTS:
        out = subprocess.run([EXCHANGE, name, raw, path], check=True, capture_output=True, text=True)
        ours = np.array(out.stdout.split(), np.float64).reshape(-1, 10)
        assert len(ours) == len(x)
        if onnx:
            check(path, name)
        engines = {}
        if cv2:
            engines["OpenCV"] = by_opencv
        if onnxruntime:
            engines["onnxruntime"] = by_onnxruntime
        for engine, run in engines.items():
            difference = np.abs(run(path, x) - ours).max()
            print(f"{name}: {engine}, largest difference {difference:.2g}")
            assert difference < TOLERANCE, name
