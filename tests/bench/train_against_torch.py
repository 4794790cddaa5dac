#!/usr/bin/env python3
"""Training speed against PyTorch and NumPy: the same networks on the same machine in one run, taking turns.

    tests/bench/train_against_torch.py [--cases A,B] [--rounds 3] [--inkling FILE] [--data DIR] [--opponent DIR] [--json FILE]

Every round gives each side of each case its turn: some epochs of PyTorch (idiomatic modules at the best settings
known for it; and a backward pass written by hand), of NumPy, and of Inkling in float32 and in bf16. All sides train on the
whole training set; the first epoch of a side only warms up. Printed are the fastest and the median epoch of each side,
and how many times faster Inkling is by both measures. The exit status is 1 where a ratio of the minima falls short of its target.

The opponent is a folder of scripts that is not part of the sources (torch_bench.py, numpy_bench.py); without it, or without PyTorch,
this says so and leaves with status 77. genann has no package: its figure was measured once, on two cores of Zen 5.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

AUGMENT = ["augment.rotation_deg=15", "augment.shift_px=2", "augment.scale=0.15", "augment.elastic_px=1",
           "augment.elastic_sigma=6"]
DENSE = 'layers=[%s,{"dense":10}]'


def layers(*widths):
    return DENSE % ",".join('{"dense":%d}' % n for n in widths)


class Case:
    """One network: what each side calls it, epochs of a turn, and the ratio to reach (of minima, against PyTorch)."""

    def __init__(self, title, recipe, sets=(), epochs=4, target=None, torch="foreach", hand=True, numpy=True, bf16=True):
        self.title, self.recipe, self.sets, self.epochs, self.target = title, recipe, list(sets), epochs, target
        self.sides = [side for side, there in (("torch:" + str(torch), torch), ("torch:hand", hand), ("numpy:", numpy)) if there]
        self.bf16 = bf16


CASES = {
    "A": Case("mlx-32-32", "mlx-32-32", epochs=8, target=3.5),
    "B": Case("mlp-256-128", "mlp-256-128", target=2.5),
    "D": Case("numpy-512-256-128", "numpy-512-256-128", ["validation=0", "patience=0"], epochs=3, target=2.2),
    "E32": Case("residual-16, batch 32", "residual-16", ["batch=32"], epochs=6, target=5, hand=False),
    "E1": Case("residual-16, batch 1", "residual-16", ["batch=1", "learning_rate=0.01"], torch=None, hand=False, numpy=False, bf16=False),
    "F": Case("shallow-512", "shallow-512", target=1.4),
    "F0": Case("linear", "linear", epochs=8),
    "K": Case("784-500-10, batch 1000", "shallow-512", [layers(500), "batch=1000", "learning_rate=1e-3"]),
    "G": Case("784-1000-500-10, elastic", "shallow-512", [layers(1000, 500), "batch=128", "learning_rate=1e-3"] + AUGMENT, epochs=2,
              target=3, numpy=False),
    "C": Case("cnn-32-64", "cnn-32-64", epochs=2, target=1.5, torch="cl", hand=False, numpy=False, bf16=False),
}
TARGET_BF16 = 2.5
TARGET_BUSY = 0.45
GENANN_S = 0.169  # residual-16's plain cousin 784-16-16-10 at batch 1

# What makes the opponent strongest on two cores with AVX-512.
OPPONENT_ENVIRONMENT = {
    "OPENBLAS_CORETYPE": "Cooperlake", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "ATEN_CPU_CAPABILITY": "avx512",
    "LD_LIBRARY_PATH": "/usr/lib/x86_64-linux-gnu/openblas-openmp",
}


# --- the opponent's side: a process that keeps its networks and trains an epoch when told ----------------------------------


def serve_torch(data, threads):
    import math
    import numpy as np
    import torch
    import torch_bench as tb
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    xtr, ytr, xte, yte = tb.load(data)
    floats = lambda x: torch.from_numpy(x.astype(np.float32) / 255)
    X, Y = floats(xtr), torch.from_numpy(ytr.astype(np.int64))
    XT, YT = floats(xte), torch.from_numpy(yte.astype(np.int64))
    kept = {}

    def epoch(case, variant):
        if (case, variant) not in kept:
            kept[case, variant] = tb.Hand(case) if variant == "hand" else tb.build(case, variant)
        net = kept[case, variant]
        x = X.view(-1, 1, 28, 28) if case == "C" else X
        augment = tb.Augment() if case == "G" else None
        start = time.perf_counter()
        if variant == "hand":
            tb.epoch_hand(net, x, Y, augment)
        else:
            tb.epoch(*net, x, Y, augment)
        return time.perf_counter() - start

    def race(seed):
        """The MLP that gets to 98 % first: 784-256-10, batches of 256, one cycle of 4 epochs up to 8e-3, by hand."""
        torch.manual_seed(seed)
        batch, epochs, peak = 256, 4, 8e-3
        tb.SPEC["race"] = ([784, 256, 10], (), "adam", peak, 0, batch)
        net, steps, seconds, points = tb.Hand("race"), 235, 0.0, []
        for e in range(epochs):
            start = time.perf_counter()
            order = torch.randperm(X.shape[0])
            for i in range(steps):
                t = (e + i / steps) / epochs
                low, high, u = (peak / 25, peak, t / 0.3) if t < 0.3 else (peak, peak / 25e4, (t - 0.3) / 0.7)
                net.lr = high + (low - high) * (1 + math.cos(math.pi * u)) / 2
                k = order[i * batch:(i + 1) * batch]
                net.step(X.index_select(0, k), Y.index_select(0, k))
                if i + 1 in (steps // 4, steps // 2, 3 * steps // 4, steps):
                    seconds += time.perf_counter() - start
                    points.append({"epochs": e + (i + 1) / steps, "seconds": seconds, "accuracy": tb.evaluate(net, XT, YT)})
                    start = time.perf_counter()
        return points

    return epoch, race


def serve_numpy(data, threads):
    import numpy as np
    import numpy_bench as nb
    x, Y, _, _ = nb.load(data)
    X, kept = (x / 255).astype(np.float32), {}

    def epoch(case, variant):
        net = kept.setdefault(case, None) or nb.Net(case, np.float32)
        kept[case] = net
        start = time.perf_counter()
        nb.epoch(net, X, Y)
        return time.perf_counter() - start

    return epoch, None


def serve(which, data, threads):
    epoch, race = (serve_torch if which == "torch" else serve_numpy)(data, threads)
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        answer = race(order["race"]) if "race" in order else [epoch(order["case"], order["variant"]) for _ in range(order["epochs"])]
        print(json.dumps(answer), flush=True)


class Opponent:
    def __init__(self, which, args):
        environment = dict(os.environ, OMP_NUM_THREADS=str(args.threads), OPENBLAS_NUM_THREADS=str(args.threads), PYTHONPATH=args.opponent,
                           **OPPONENT_ENVIRONMENT)
        self.process = subprocess.Popen([args.python, os.path.abspath(__file__), "--serve", which, "--data", args.data, "--threads",
                                         str(args.threads)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            skip("%s does not start under %s" % (which, args.python))

    def ask(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


# --- our side --------------------------------------------------------------------------------------------------------------


def inkling(args, *words):
    environment = dict(os.environ, INKLING_DATA=os.path.dirname(os.path.abspath(args.data)), INKLING_SHARE=ROOT)
    done = subprocess.run([args.inkling, "bench", *words, "--threads", str(args.threads), "--json"], env=environment, stdout=subprocess.PIPE,
                          text=True, check=True)
    return json.loads(done.stdout)


def our_turn(args, case, bf16):
    sets = [word for s in case.sets + (["precision=bf16"] if bf16 else []) for word in ("--set", s)]
    result = inkling(args, "train", case.recipe, "--epochs", str(case.epochs), "--seconds", "120", *sets)
    return result["recipes"][0], result


# --- the comparison --------------------------------------------------------------------------------------------------------


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def measure(args, opponents, names):
    times = {name: {} for name in names}
    extras = {name: {} for name in names}
    for r in range(args.rounds):
        for name in names:
            case = CASES[name]
            for side in case.sides:
                which, variant = side.split(":")
                if which in opponents:
                    n = case.epochs if r == 0 else max(1, case.epochs - 1)
                    seconds = opponents[which].ask(case=name, variant=variant, epochs=n)
                    times[name].setdefault(side, []).extend(seconds[1:] if r == 0 else seconds)
            for side in ["inkling"] + (["inkling:bf16"] if case.bf16 and args.bf16 else []):
                row, run = our_turn(args, case, side.endswith("bf16"))
                times[name].setdefault(side, []).extend([row["epoch_s_min"], row["epoch_s_median"]])
                best = extras[name].get(side, {"share_of_gemm": 0})
                extras[name][side] = row if row["share_of_gemm"] > best["share_of_gemm"] else best
            print("round %d of %d: %s" % (r + 1, args.rounds, case.title), file=sys.stderr)
    return times, extras


def summarise(times, extras, names):
    rows, short = [], []
    print("%-26s %-14s %9s %9s   %s" % ("network", "side", "min s", "median s", "Inkling is faster by (min, median)"))
    for name in names:
        case = CASES[name]
        best = {side: (min(t), statistics.median(t)) for side, t in times[name].items()}
        if name == "E1":
            best["genann (recorded)"] = (GENANN_S, GENANN_S)
        for ours in [s for s in ("inkling", "inkling:bf16") if s in best]:
            for side, (low, mid) in best.items():
                if side.startswith("inkling"):
                    continue
                idiomatic = side == case.sides[0] if case.sides else False
                target = (TARGET_BF16 if ours.endswith("bf16") else case.target) if idiomatic else 1.0
                ratio, ratio_median = low / best[ours][0], mid / best[ours][1]
                verdict = "" if target is None else "  of %.1f%s" % (target, "" if ratio >= target else "  SHORT")
                short += [(name, ours, side)] if target is not None and ratio < target else []
                print("%-26s %-14s %9.4f %9.4f   %.2f %.2f%s" % (case.title, side, low, mid, ratio, ratio_median, verdict))
                rows.append({"case": name, "network": case.title, "side": side, "against": ours, "min_s": low, "median_s": mid,
                             "ratio_min": ratio, "ratio_median": ratio_median, "target": target})
            row = extras[name][ours]
            print("%-26s %-14s %9.4f %9.4f   %.0f GFLOP/s, %.0f %% of the matrix product, %.0f MB"
                  % (case.title, ours, *best[ours], row["gflops"], 100 * row["share_of_gemm"], row["resident_mb"]))
    return rows, short


def compare_races(args, torch):
    print("\nto %.1f %% on the test set, seconds of training" % (100 * args.accuracy))
    ours = inkling(args, "time-to", "--accuracy", str(args.accuracy), "--seeds", str(args.seeds))
    theirs = [torch.ask(race=seed) for seed in range(1, args.seeds + 1)] if torch else []
    first = lambda points: next((p["seconds"] for p in points if p["accuracy"] >= args.accuracy), None)
    show = lambda values: " ".join("%.3f" % v if v is not None else "never" for v in values)
    print("  inkling     " + show([run["seconds"] for run in ours["runs"]]))
    if theirs:
        print("  torch:hand  " + show([first(points) for points in theirs]))
    return {"inkling": ours, "torch": theirs}


def beside_a_busy_process(args, times):
    """What is left of the speed while another process computes all the time."""
    case = CASES["B"]
    quiet = times.get("B", {}).get("inkling") or [our_turn(args, case, False)[0]["epoch_s_min"]]
    busy = subprocess.Popen([args.python, "-c", "while True: pass"])
    try:
        row, _ = our_turn(args, case, False)
    finally:
        busy.kill()
        busy.wait()
    share = min(quiet) / row["epoch_s_median"]
    print("\n%s beside a busy process: %.4f s an epoch, %.0f %% of the speed (at least %.0f %%)"
          % (case.title, row["epoch_s_median"], 100 * share, 100 * TARGET_BUSY))
    return {"share": share, "epoch_s_median": row["epoch_s_median"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default=",".join(CASES), help="of " + " ".join(CASES))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--inkling", default=os.path.join(ROOT, "build", "release", "src", "inkling"))
    parser.add_argument("--data", default=os.path.join(os.environ.get("INKLING_DATA", ""), "mnist"), help="folder of MNIST's four files")
    parser.add_argument("--opponent", default=os.path.join(ROOT, "..", "shared", "bench"))
    parser.add_argument("--python", default="/usr/bin/python3", help="the Python that has PyTorch")
    parser.add_argument("--no-bf16", dest="bf16", action="store_false")
    parser.add_argument("--no-race", dest="race", action="store_false")
    parser.add_argument("--no-busy", dest="busy", action="store_false")
    parser.add_argument("--accuracy", type=float, default=0.98)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", help="write all figures to this file")
    parser.add_argument("--serve", choices=["torch", "numpy"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        return serve(args.serve, args.data, args.threads)
    names = args.cases.split(",")
    unknown = [name for name in names if name not in CASES]
    if unknown:
        parser.error("no case %s; there are %s" % (unknown[0], " ".join(CASES)))
    if not os.path.exists(os.path.join(args.opponent, "torch_bench.py")):
        skip("the opponent's scripts are not in %s; --opponent names another folder" % args.opponent)
    if not os.path.exists(os.path.join(args.data, "train-images-idx3-ubyte")):
        skip("MNIST is not in %s; --data names another folder" % args.data)
    wanted = {side.split(":")[0] for name in names for side in CASES[name].sides} | ({"torch"} if args.race else set())
    opponents = {which: Opponent(which, args) for which in sorted(wanted)}
    times, extras = measure(args, opponents, names)
    rows, short = summarise(times, extras, names)
    race = compare_races(args, opponents.get("torch")) if args.race else None
    busy = beside_a_busy_process(args, times) if args.busy else None
    for opponent in opponents.values():
        opponent.close()
    if args.json:
        with open(args.json, "w") as file:
            json.dump({"rows": rows, "epochs_s": times, "inkling": extras, "race": race, "busy": busy}, file, indent=1)
    for name, ours, side in short:
        print("falls short: %s, %s against %s" % (CASES[name].title, ours, side))
    return 1 if short or (busy and busy["share"] < TARGET_BUSY) else 0


if __name__ == "__main__":
    sys.exit(main())
