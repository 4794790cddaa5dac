#!/usr/bin/python3
"""What eval says, computed again from its predictions: errors.py INKLING MODEL

For the shipped network and two quickly trained ones, over the MNIST test set: counts, accuracy, precision, recall, F1,
halves, calibration error, the confusion matrix, the list of errors and McNemar's test, from the predictions CSV and the IDX
labels alone. Exits with 77, which ctest counts as skipped, where NumPy, MNIST or the network is missing.
"""
import csv
import gzip
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

INKLING, SHIPPED = pathlib.Path(sys.argv[1]).absolute(), pathlib.Path(sys.argv[2]).absolute()


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def find(name):
    """The folder of a data set, as the program looks for it but for the user's own."""
    base = pathlib.Path(os.environ.get("INKLING_DATA", "/nowhere"))
    folders = [base / name, base, pathlib.Path("/usr/share/datasets") / name]
    for path in (folder / f"t10k-labels-idx1-ubyte{end}" for folder in folders for end in ("", ".gz")):
        if path.is_file():
            return path
    return None


def read_labels(path):
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    magic, n = struct.unpack_from(">II", data)
    assert magic == 0x801 and len(data) == 8 + n
    return np.frombuffer(data[8:], np.uint8).astype(int)


def run(*arguments):
    done = subprocess.run([INKLING, *map(str, arguments)], capture_output=True, text=True, cwd=work, env=environment)
    if done.returncode != 0:
        sys.exit(f"inkling {' '.join(map(str, arguments))}: {done.returncode}\n{done.stderr}")
    return done.stdout


def read_csv(path):
    with open(work / path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


checks = 0


def same(got, wanted, what, tolerance=0.0):
    global checks
    checks += 1
    if not abs(got - wanted) <= tolerance:
        sys.exit(f"{what}: got {got}, expected {wanted}")


def check(model, labels):
    """Returns which rows are right."""
    told = json.loads(run("eval", model, "--json", "--predictions", "p.csv", "--errors", "out").splitlines()[-1])
    rows = read_csv("p.csv")
    n = len(labels)
    same(len(rows), n, "rows")
    assert [int(row["index"]) for row in rows] == list(range(n))
    assert [int(row["label"]) for row in rows] == labels.tolist()
    predicted = np.array([int(row["predicted"]) for row in rows])
    p = np.array([[float(row[f"p{c}"]) for c in range(10)] for row in rows])
    assert np.all(p[np.arange(n), predicted] == p.max(1)) and np.allclose(p.sum(1), 1, atol=1e-5)

    right = predicted == labels
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, predicted), 1)
    same(told["n"], n, "n")
    same(told["correct"], right.sum(), "correct")
    same(told["accuracy"], right.mean(), "accuracy", 1e-8)
    same(told["stderr"], math.sqrt(right.mean() * (1 - right.mean()) / n), "stderr", 1e-8)
    same(told["first_half"], right[: n // 2].mean(), "first half", 1e-8)
    same(told["second_half"], right[n // 2 :].mean(), "second half", 1e-8)
    same(np.abs(np.array(told["confusion"]) - confusion).sum(), 0, "confusion")
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.nan_to_num(confusion.diagonal() / confusion.sum(0))
        recall = np.nan_to_num(confusion.diagonal() / confusion.sum(1))
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))
    for c, k in enumerate(told["per_class"]):
        same(k["precision"], precision[c], f"precision {c}", 1e-8)
        same(k["recall"], recall[c], f"recall {c}", 1e-8)
        same(k["f1"], f1[c], f"f1 {c}", 1e-8)
        same(k["support"], (labels == c).sum(), f"support {c}")
    same(told["macro_f1"], f1.mean(), "macro F1", 1e-8)
    sure = p.max(1)
    bins = np.ceil(sure * 15).astype(int)
    ece = sum(abs(right[bins == b].sum() - sure[bins == b].sum()) for b in range(1, 16)) / n
    same(told["ece"], ece, "ece", 1e-5)

    # The folder: the wrong rows, largest loss first, and the same figures once more.
    errors = read_csv("out/errors.csv")
    same(len(errors), (~right).sum(), "errors")
    wrong = np.flatnonzero(~right)
    assert sorted(int(e["index"]) for e in errors) == wrong.tolist()
    loss = np.array([float(e["loss"]) for e in errors])
    assert np.all(np.diff(loss) <= 0)
    mean = np.array([p[labels == c, c].mean() for c in range(10)])
    for e, one in zip(errors, loss):
        i = int(e["index"])
        assert int(e["label"]) == labels[i] and int(e["predicted"]) == predicted[i]
        assert int(e["runner_up"]) == int(np.argsort(-p[i], kind="stable")[1]) or np.sum(p[i] == np.sort(p[i])[-2]) > 1
        same(float(e["confidence"]), sure[i], "confidence", 1e-7)
        same(float(e["p_label"]), p[i, labels[i]], "p_label", 1e-7)
        if p[i, labels[i]] > 1e-6:
            same(one, -math.log(p[i, labels[i]]), "loss", 1e-2 * one)
        above = p[i] - mean
        rival = np.delete(above, labels[i]).max()
        same(float(e["doubt"]), rival - above[labels[i]], "doubt", 1e-5)
    table = {row["group"]: row for row in read_csv("out/metrics.csv")}
    same(int(table["all"]["correct"]), right.sum(), "all")
    same(int(table["first half"]["correct"]), right[: n // 2].sum(), "first half")
    disputed = [947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729]
    same(int(table["without disputed labels"]["correct"]), right.sum() - right[disputed].sum(), "without disputed")
    same(sum(int(e["disputed"]) for e in errors), (~right[disputed]).sum(), "disputed")
    same(float(table["macro"]["precision"]), precision.mean(), "macro precision", 1e-8)
    matrix = [[int(row[str(c)]) for c in range(10)] for row in read_csv("out/confusion.csv")]
    same(np.abs(np.array(matrix) - confusion).sum(), 0, "confusion.csv")
    print(f"{pathlib.Path(model).name}: {right.sum()} of {n}, {len(errors)} errors agree")
    return right


def mcnemar(b, c):
    n = b + c
    if n == 0:
        return 1.0
    if n <= 25:
        return min(1.0, 2 * sum(math.comb(n, k) for k in range(min(b, c) + 1)) / 2**n)
    return math.erfc(math.sqrt(max(0, abs(b - c) - 1) ** 2 / n / 2))


labels_path = find("mnist")
if labels_path is None:
    skip("MNIST is not here")
if not SHIPPED.is_file():
    skip(f"{SHIPPED} is not here")
with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder)
    environment = dict(os.environ, HOME=folder, XDG_CACHE_HOME=folder, XDG_DATA_HOME=folder + "/data")
    labels = read_labels(labels_path)
    run("train", "deep-128-64", "--epochs", 1, "--out", "deep.safetensors")
    run("train", "residual-16", "--epochs", 1, "--out", "residual.safetensors")
    rights = {model: check(model, labels) for model in (SHIPPED, "deep.safetensors", "residual.safetensors")}
    for a, b in ((SHIPPED, "deep.safetensors"), ("deep.safetensors", "residual.safetensors")):
        duel = json.loads(run("eval", a, "--against", b, "--json").splitlines()[-1])["against"]
        only_a, only_b = (rights[a] & ~rights[b]).sum(), (rights[b] & ~rights[a]).sum()
        same(duel["both_right"], (rights[a] & rights[b]).sum(), "both right")
        same(duel["only_this"], only_a, "only this")
        same(duel["only_other"], only_b, "only other")
        same(duel["both_wrong"], (~rights[a] & ~rights[b]).sum(), "both wrong")
        expected = mcnemar(int(only_a), int(only_b))
        same(duel["p_value"], expected, "p", 1e-7 * expected)

    # Pictures of clothes, where they are installed: from training to browsing, by their names.
    if find("fashion") or find("fashion-mnist"):
        run("train", "mlp-256-128", "--data", "fashion", "--epochs", 1, "--out", "fashion.safetensors")
        told = json.loads(run("eval", "fashion.safetensors", "--data", "fashion", "--json", "--errors", "out").splitlines()[-1])
        assert told["accuracy"] > 0.75, told["accuracy"]
        errors = read_csv("out/errors.csv")
        same(len(errors), told["n"] - told["correct"], "errors")
        names = "T-shirt,trousers,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot".split(",")
        assert all(e["label_name"] == names[int(e["label"])] for e in errors)
        assert all(e["predicted_name"] == names[int(e["predicted"])] for e in errors)
        assert [row["label"] for row in read_csv("out/confusion.csv")] == names
        print(f"fashion: {told['correct']} of {told['n']}")
    else:
        print("fashion: skipped, apt install dataset-fashion-mnist")
print(f"{checks} comparisons")
