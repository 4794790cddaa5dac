#!/usr/bin/env python3
"""From random weights to 98 % of the test set: accuracy against seconds of training, Inkling's and PyTorch's best MLP.

    race_to_98.py --csv race.csv --svg race.svg

Inkling trains `fast-98`; PyTorch trains 784-256-10 with a hand-written backward pass, one cycle up to 8e-3, batches of 256,
the fastest that was found for it (opponent.py). Both take turns over the same seeds; a point's seconds are the median over
the rounds. Looking at the test set is not in the seconds. The exit status is 1 where a seed of Inkling's does not reach the
accuracy in --limit seconds. Opponent, status 77: as in train_against_torch.py.
"""
import argparse
import csv
import json
import os
import statistics
import subprocess
import sys

from opponent import OPENBLAS, Absent, Opponent
from watch import Watch, undisturbed

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
INKLING, TORCH = "Inkling, fast-98", "PyTorch's best MLP"
TORCH_CNN = ("PyTorch, small CNN, measured once", 0.63)


def ours(args):
    environment = dict(os.environ, INKLING_DATA=os.path.dirname(os.path.abspath(args.data)), INKLING_SHARE=ROOT)
    done = subprocess.run([args.inkling, "bench", "time-to", "--accuracy", str(args.accuracy), "--seeds", str(args.seeds), "--points",
                           str(args.points), "--json"], env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return {run["seed"]: run["curve"] for run in json.loads(done.stdout)["runs"]}


def theirs(args, torch):
    return {seed: torch.ask(curve=seed, points=args.points, threads=2) for seed in range(1, args.seeds + 1)}


def measure(args, torch):
    """side -> seed -> [(epochs, median seconds, accuracy)]"""
    rounds, watch = {INKLING: [], TORCH: []}, Watch([torch])
    for _ in range(args.rounds):
        for side, run in ((INKLING, lambda: ours(args)), (TORCH, lambda: theirs(args, torch))):
            result = undisturbed(watch, run)
            if result is not None:
                rounds[side].append(result)
    middle = lambda curves: [(points[0]["epochs"], statistics.median(p["seconds"] for p in points), points[0]["accuracy"])
                             for points in zip(*curves)]
    return {side: {seed: middle([r[seed] for r in runs]) for seed in runs[0]} for side, runs in rounds.items() if runs}


def arrivals(curves, accuracy):
    return [next((seconds for _, seconds, reached in curve if reached >= accuracy), None) for curve in curves.values()]


# --- the picture -----------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 64, 20, 44, 52
LOWEST, HIGHEST = 0.93, 0.986
COLORS = {INKLING: "#1f6feb", TORCH: "#8a8f98"}


def picture(sides, accuracy):
    last = max(points[-1][1] for curves in sides.values() for points in curves.values())
    last = max(last, TORCH_CNN[1]) * 1.03
    x = lambda seconds: LEFT + (WIDTH - LEFT - RIGHT) * seconds / last
    y = lambda share: TOP + (HEIGHT - TOP - BOTTOM) * (HIGHEST - max(share, LOWEST)) / (HIGHEST - LOWEST)
    text = lambda at, down, words, more="": '<text x="%.1f" y="%.1f"%s>%s</text>' % (at, down, more, words)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="DejaVu Sans, sans-serif" '
           'font-size="13" fill="#333">' % (WIDTH, HEIGHT, WIDTH, HEIGHT),
           '<rect width="%d" height="%d" fill="#ffffff"/>' % (WIDTH, HEIGHT),
           '<clipPath id="plot"><rect x="%d" y="%d" width="%d" height="%d"/></clipPath>' % (LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)]
    for percent in range(93, 99):
        out += ['<path d="M%d %.1fH%d" stroke="#e4e6ea"/>' % (LEFT, y(percent / 100), WIDTH - RIGHT),
                text(LEFT - 8, y(percent / 100) + 4, "%d %%" % percent, ' text-anchor="end"')]
    step = 0.1 if last < 1.3 else 0.2
    for i in range(int(last / step) + 1):
        out.append(text(x(i * step), HEIGHT - BOTTOM + 20, "%.1f" % (i * step), ' text-anchor="middle"'))
    out += [text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "seconds of training, two cores", ' text-anchor="middle"'),
            '<path d="M%d %.1fH%d" stroke="#c0392b" stroke-dasharray="5 4"/>' % (LEFT, y(accuracy), WIDTH - RIGHT),
            text(LEFT + 4, TOP - 26 + 8, "MNIST's test set: accuracy")]
    for k, (side, curves) in enumerate(sides.items()):
        for points in curves.values():
            line = " ".join("%.1f,%.1f" % (x(s), y(a) + (40 if a < LOWEST else 0)) for _, s, a in points)
            out.append('<polyline clip-path="url(#plot)" fill="none" stroke="%s" stroke-width="1.6" stroke-opacity="0.75" points="%s"/>' % (
                COLORS[side], line))
        for seconds in (s for s in arrivals(curves, accuracy) if s is not None):
            out.append('<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>' % (x(seconds), y(accuracy), COLORS[side]))
        out.append(text(WIDTH - RIGHT - 8, y(0.953) + 20 * k, "%s, %d seeds" % (side, len(curves)),
                        ' text-anchor="end" fill="%s"' % COLORS[side]))
    name, seconds = TORCH_CNN
    out += ['<path d="M%.1f %.1fl5 5l-5 5l-5 -5z" fill="%s"/>' % (x(seconds), y(accuracy) - 5, "#b08800"),
            text(WIDTH - RIGHT - 8, y(0.953) + 40, name, ' text-anchor="end" fill="#b08800"'), "</svg>", ""]
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accuracy", type=float, default=0.98)
    parser.add_argument("--limit", type=float, default=0.4, help="seconds that Inkling may take")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--points", type=int, default=8, help="looks at the test set an epoch")
    parser.add_argument("--csv")
    parser.add_argument("--svg")
    parser.add_argument("--inkling", default=os.path.join(ROOT, "build", "release", "src", "inkling"))
    parser.add_argument("--data", default=os.path.join(os.environ.get("INKLING_DATA", ""), "mnist"), help="folder of MNIST's four files")
    parser.add_argument("--opponent", default=os.path.join(ROOT, "..", "shared", "bench"))
    parser.add_argument("--openblas", default=OPENBLAS, help="folder of OpenBLAS's OpenMP build")
    parser.add_argument("--python", default="/usr/bin/python3", help="the Python that has PyTorch")
    args = parser.parse_args()
    try:
        torch = Opponent("torch", args.opponent, args.data, args.python, args.openblas, 2)
    except Absent as why:
        print("skipped: %s" % why)
        return 77
    try:
        sides = measure(args, torch)
    finally:
        torch.close()
    missing = [side for side in (INKLING, TORCH) if side not in sides]
    if missing:
        print("others computed all the time; nothing is known of " + " and ".join(missing))
        return 1
    late = True
    for side, curves in sides.items():
        times = arrivals(curves, args.accuracy)
        print("%-20s %.1f %% after %s s of training" % (side, 100 * args.accuracy, " ".join("%.3f" % t if t else "never" for t in times)))
        if side == INKLING:
            late = any(t is None or t >= args.limit for t in times)
    if args.csv:
        with open(args.csv, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["side", "seed", "epochs", "seconds", "accuracy"])
            for side, curves in sides.items():
                writer.writerows([side, seed, "%.4f" % e, "%.5f" % s, "%.4f" % a] for seed, points in curves.items() for e, s, a in points)
    if args.svg:
        with open(args.svg, "w") as file:
            file.write(picture(sides, args.accuracy))
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
