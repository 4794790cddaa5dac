#!/usr/bin/env python3
"""Trains the same networks with Inkling, with PyTorch and with NumPy in turns, and prints how much faster Inkling is.

    train_against_torch.py --only mlp-256-128 --turns 3 --record race.json     # again and again, with any networks
    train_against_torch.py --table --record race.json                          # what the record has so far

A turn trains a few epochs of a network on every side, one side after the other, so that noisy spells of the machine meet
all of them. PyTorch comes in two forms: idiomatic modules and optimisers, and a backward pass written by hand on flat
vectors; each with one thread and with two, of which the faster counts (opponent.py has the settings that make it
fastest). Every side has its data in memory and trains on the whole training set; its first epoch only warms up. A side
beside which other processes computed is asked again (watch.py). The record keeps every epoch's seconds; a call of
`--seconds` ends in time for whoever has the machine for a short while only.

Printed are the fastest and the median epoch, the spread (half the distance of the quartiles, of the median), and how many times
faster Inkling is by the fastest and by the median. The exit status is 1 where a median falls short of its target.

The opponent is a folder of scripts that is not part of the sources (torch_bench.py, numpy_bench.py); without it, or without
PyTorch, this says so and leaves with status 77. genann has no package: its figure was measured once, on two cores of Zen 5.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from opponent import OPENBLAS, Absent, Opponent
from watch import Watch, undisturbed

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

AUGMENT = ["augment.rotation_deg=15", "augment.shift_px=2", "augment.scale=0.15", "augment.elastic_px=1",
           "augment.elastic_sigma=6"]
TORCH, HAND, NUMPY = "torch", "torch by hand", "numpy"
F32, BF16 = "inkling f32", "inkling bf16"
SKIPPED = 77


def layers(*widths):
    return "layers=[%s,{\"dense\":10}]" % ",".join('{"dense":%d}' % n for n in widths)


class Case:
    """One network. key: the opponent's name for it. threads: those the opponent tries. target: how many times faster than idiomatic PyTorch
    in f32. epochs: of a side in a turn. Sides left out do not exist, or are hopeless (NumPy with augmentation)."""

    def __init__(self, key, recipe, sets=(), epochs=4, target=None, target_bf16=2.5, torch="foreach", hand=True, numpy=True, threads=(2,)):
        self.key, self.recipe, self.sets, self.epochs = key, recipe, list(sets), epochs
        self.target, self.target_bf16, self.threads = target, target_bf16, threads
        self.peers = {side: (which, variant) for side, which, variant, there in
                      ((TORCH, "torch", torch, torch), (HAND, "torch", "hand", hand), (NUMPY, "numpy", "", numpy)) if there}


CASES = {
    "mlx-32-32": Case("A", "mlx-32-32", epochs=10, target=3.5, threads=(1, 2)),
    "mlp-256-128": Case("B", "mlp-256-128", target=2.5),
    "numpy-512-256-128": Case("D", "numpy-512-256-128", ["validation=0", "patience=0"], epochs=3, target=2.2),
    "residual-16, batch 32": Case("E32", "residual-16", ["batch=32"], epochs=6, target=5, hand=False, threads=(1, 2)),
    "residual-16, batch 1": Case("E1", "residual-16", ["batch=1", "learning_rate=0.01"], target_bf16=None, torch=None, hand=False, numpy=False),
    "shallow-512": Case("F", "shallow-512", target=1.4),
    "linear": Case("F0", "linear", epochs=10, threads=(1, 2)),
    "784-500-10, batch 1000": Case("K", "shallow-512", [layers(500), "batch=1000", "learning_rate=1e-3"], target_bf16=None),
    "784-1000-500-10, elastic": Case("G", "shallow-512", [layers(1000, 500), "batch=128", "learning_rate=1e-3"] + AUGMENT, epochs=2,
                                     target=3, numpy=False),
    "cnn-32-64": Case("C", "cnn-32-64", epochs=1, target=1.5, target_bf16=None, torch="cl", hand=False, numpy=False),
}
GENANN_S = 0.169  # residual-16's plain cousin 784-16-16-10 at batch 1


# --- one side's turn -------------------------------------------------------------------------------------------------------


def inkling(args, case, precision):
    """Of `inkling bench train`: the recipe's row, and the machine's GEMM rate in GFLOP/s beside it."""
    environment = dict(os.environ, INKLING_DATA=os.path.dirname(os.path.abspath(args.data)), INKLING_SHARE=ROOT)
    sets = [word for s in case.sets + ["precision=" + precision] for word in ("--set", s)]
    done = subprocess.run([args.inkling, "bench", "train", case.recipe, "--epochs", str(case.epochs + 1), "--seconds", "100", "--threads",
                           str(args.threads), "--json", *sets], env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result = json.loads(done.stdout)
    row = result["recipes"][0]
    row["gemm_gflops"] = result["gemm_gflops"][precision]
    return row


def sides_of(args, opponents, case, name, warm):
    """(side, function that gives a record of it) for everybody who takes part."""
    def peer(side, threads):
        which, variant = case.peers[side]
        first = (name, side, threads) not in warm
        warm.add((name, side, threads))
        seconds = opponents[which].ask(case=case.key, variant=variant, threads=threads, epochs=case.epochs + first)
        return {"side": side, "threads": threads, "epochs_s": seconds[first:]}

    def own(side, precision):
        row = inkling(args, case, precision)
        return {"side": side, "threads": args.threads, **row}

    for side in case.peers:
        if case.peers[side][0] in opponents:
            for threads in case.threads:
                yield lambda side=side, threads=threads: peer(side, threads)
    yield lambda: own(F32, "f32")
    if case.target_bf16:
        yield lambda: own(BF16, "bf16")


def take_turns(args, names, opponents, record):
    watch, warm, end = Watch(list(opponents.values())), set(), time.monotonic() + args.seconds
    longest = {}
    for turn in range(args.turns):
        for name in names:
            began = time.monotonic()
            if began + longest.get(name, 0) > end:
                print("no time for another turn of " + name, file=sys.stderr)
                continue
            for measure in sides_of(args, opponents, CASES[name], name, warm):
                result = undisturbed(watch, measure)
                if result is None:
                    print("%s: others computed; not kept" % name, file=sys.stderr)
                    continue
                record.append({"network": name, **result})
            longest[name] = max(longest.get(name, 0), time.monotonic() - began)
            print("turn %d of %d: %s, %.1f s" % (turn + 1, args.turns, name, longest[name]), file=sys.stderr)


# --- the table -------------------------------------------------------------------------------------------------------------


def spread(seconds):
    if len(seconds) < 4:
        return float("nan")
    low, _, high = statistics.quantiles(seconds, n=4)
    return (high - low) / 2 / statistics.median(seconds)


def columns(record, name):
    """Side -> of its better number of threads: every epoch's seconds, and how many threads those are."""
    times = {}
    for r in record:
        if r["network"] == name:
            times.setdefault((r["side"], r["threads"]), []).extend(r["epochs_s"])
    best = {}
    for (side, threads), seconds in times.items():
        if side not in best or statistics.median(seconds) < statistics.median(best[side][0]):
            best[side] = (seconds, threads)
    return best


def summarise(record):
    rows, short = [], []
    print("%-25s %-14s %8s %8s %7s %4s  %s" % ("network", "side", "min s", "median s", "spread", "n", "Inkling is faster by (min, median)"))
    for name in [n for n in CASES if any(r["network"] == n for r in record)]:
        best, case = columns(record, name), CASES[name]
        if name == "residual-16, batch 1":
            best["genann, once"] = ([GENANN_S], 1)
        show = lambda side, note: print("%-25s %-14s %8.4f %8.4f %5.1f %% %4d  %s" % (
            name, side, min(best[side][0]), statistics.median(best[side][0]), 100 * spread(best[side][0]), len(best[side][0]), note))
        for ours in [side for side in (F32, BF16) if side in best]:
            own = [r for r in record if r["network"] == name and r["side"] == ours]
            gemm = max(r["gemm_gflops"] for r in own)
            gflops = max(r["gflops"] for r in own)
            show(ours, "%.0f GFLOP/s, %.0f %% of the matrix product, %.0f MB" % (gflops, 100 * gflops / gemm, max(r["resident_mb"] for r in own)))
            rows.append({"network": name, "side": ours, "epochs_s": sorted(best[ours][0]), "gflops": gflops, "share_of_gemm": gflops / gemm})
        for side in [side for side in best if side not in (F32, BF16)]:
            notes = []
            for ours in [o for o in (F32, BF16) if o in best]:
                target = (case.target if ours == F32 else case.target_bf16) if side == TORCH else 1.0
                low = min(best[side][0]) / min(best[ours][0])
                middle = statistics.median(best[side][0]) / statistics.median(best[ours][0])
                failed = target is not None and middle < target
                short += [(name, ours, side)] if failed else []
                notes.append("%s %.2f %.2f%s%s" % (ours[8:], low, middle, " of %.1f" % target if target else "", " SHORT" if failed else ""))
                rows.append({"network": name, "side": side, "threads": best[side][1], "against": ours, "epochs_s": sorted(best[side][0]),
                             "ratio_min": low, "ratio_median": middle, "target": target})
            show(side, "%d threads; " % best[side][1] + "; ".join(notes))
    for name, ours, side in short:
        print("falls short: %s, %s against %s" % (name, ours, side))
    return rows, short


def load(path):
    if path and os.path.exists(path):
        with open(path) as file:
            return json.load(file)["turns"]
    return []


def save(path, record, rows):
    with open(path + ".new", "w") as file:
        json.dump({"turns": record, "table": rows}, file, indent=1)
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="NETWORK", help="may be given several times; of: " + "; ".join(CASES))
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1e9, help="no turn is begun that would end later")
    parser.add_argument("--record", help="JSON file that turns are added to")
    parser.add_argument("--table", action="store_true", help="print the record's table, measure nothing")
    parser.add_argument("--threads", type=int, default=2, help="Inkling's")
    parser.add_argument("--inkling", default=os.path.join(ROOT, "build", "release", "src", "inkling"))
    parser.add_argument("--data", default=os.path.join(os.environ.get("INKLING_DATA", ""), "mnist"), help="folder of MNIST's four files")
    parser.add_argument("--opponent", default=os.path.join(ROOT, "..", "shared", "bench"))
    parser.add_argument("--python", default="/usr/bin/python3", help="the Python that has PyTorch")
    parser.add_argument("--openblas", default=OPENBLAS, help="folder of OpenBLAS's OpenMP build")
    args = parser.parse_args()
    names = args.only or list(CASES)
    unknown = [name for name in names if name not in CASES]
    if unknown:
        parser.error("no network %s; there are: %s" % (unknown[0], "; ".join(CASES)))
    record = load(args.record)
    if not args.table:
        if not os.path.exists(os.path.join(args.data, "train-images-idx3-ubyte")):
            print("skipped: MNIST is not in %s; --data names another folder" % args.data)
            return SKIPPED
        opponents = {}
        try:
            for which in sorted({peer[0] for name in names for peer in CASES[name].peers.values()}):
                opponents[which] = Opponent(which, args.opponent, args.data, args.python, args.openblas, max(args.threads, 2))
            take_turns(args, names, opponents, record)
        except Absent as why:
            print("skipped: %s" % why)
            return SKIPPED
        finally:
            for opponent in opponents.values():
                opponent.close()
    rows, short = summarise(record)
    if args.record and not args.table:
        save(args.record, record, rows)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
