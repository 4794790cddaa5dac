#!/usr/bin/env python3
"""What is left of a training's speed beside one other process that computes all the time.

    beside_others.py [--recipe mlp-256-128 ...] [--turns 3]

On two cores a fair system gives a training with two threads two thirds of the time, and threads that wait for each other at
every step would lose most of that. Turns without and with the other process alternate; compared are median epochs. The exit
status is 1 where less than --share is left.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def epochs(args, recipe, precision):
    done = subprocess.run([args.inkling, "bench", "train", recipe, "--set", "precision=" + precision, "--epochs", "30", "--seconds",
                           str(args.seconds), "--json"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)["recipes"][0]["epochs_s"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", action="append")
    parser.add_argument("--precision", action="append", choices=["f32", "bf16"])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="of a turn's half")
    parser.add_argument("--share", type=float, default=0.45)
    parser.add_argument("--inkling", default=os.path.join(ROOT, "build", "release", "src", "inkling"))
    args = parser.parse_args()
    short = False
    for recipe in args.recipe or ["mlx-32-32", "mlp-256-128", "shallow-512"]:
        for precision in args.precision or ["f32", "bf16"]:
            alone, beside = [], []
            for _ in range(args.turns):
                alone += epochs(args, recipe, precision)
                other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
                try:
                    beside += epochs(args, recipe, precision)
                finally:
                    other.kill()
                    other.wait()
            share = statistics.median(alone) / statistics.median(beside)
            short |= share < args.share
            print("%-14s %-4s alone %.4f s, beside a busy process %.4f s an epoch (slowest %.4f): %.0f %% of the speed" % (
                recipe, precision, statistics.median(alone), statistics.median(beside), max(beside), 100 * share), flush=True)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
