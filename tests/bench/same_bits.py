#!/usr/bin/env python3
"""One recipe, one seed, one hash of the weights: over five runs, on 1, 2, 3 and 8 threads, and through 20 kills.

    same_bits.py [--recipe mlp-256-128] [--precision f32,bf16] [--epochs 1] [--kills 20]

Trains on all of MNIST with the program itself. A killed run is one in a folder, killed with SIGKILL after a random time (so
before a random batch), taken up again on another number of threads, killed again, and let through at last. The exit status
is 1 where any two hashes differ. tests/train/test_run_kill.c does the same inside a small network's steps.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def command(args, precision, threads, *more):
    return [args.inkling, "train", args.recipe, "--epochs", str(args.epochs), "--seed", "1", "--threads", str(threads), "--set",
            "precision=" + precision, "--json", "--quiet", *more]


def weights(words):
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)["weights_sha256"]


def through_kills(args, precision, longest_s, chance):
    """The hash of a run that was killed args.kills times while it ran; one that comes to its end before begins anew."""
    folder = tempfile.mkdtemp(prefix="same-bits-")
    home, met = os.path.join(folder, "run"), 0
    try:
        while met < args.kills:
            run = subprocess.Popen(command(args, precision, (1, 2, 3, 8)[met % 4], "--resume", home), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.1, longest_s))
            run.kill()
            if run.wait() == 0:
                shutil.rmtree(home)
            else:
                met += 1
        return weights(command(args, precision, 2, "--resume", home))
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="mlp-256-128")
    parser.add_argument("--precision", default="f32,bf16")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--inkling", default=os.path.join(ROOT, "build", "release", "src", "inkling"))
    args = parser.parse_args()
    different = 0
    for precision in args.precision.split(","):
        start = time.monotonic()
        hashes = {"run 1": weights(command(args, precision, 0))}
        seconds = time.monotonic() - start
        for run in range(2, 6):
            hashes["run %d" % run] = weights(command(args, precision, 0))
        for threads in (1, 2, 3, 8):
            hashes["%d threads" % threads] = weights(command(args, precision, threads))
        hashes["%d kills" % args.kills] = through_kills(args, precision, seconds, random.Random(1))
        for what, value in hashes.items():
            print("%s %-4s %-10s %s" % (args.recipe, precision, what, value[:16]), flush=True)
        different += len(set(hashes.values())) != 1
    print("the same bits everywhere" if not different else "the bits differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
