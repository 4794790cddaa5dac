#!/usr/bin/env python3
"""Does the memory of the Train view stay flat?

usage: train_soak.py INKLING [MINUTES]

Trains in the real window for MINUTES (30), over and over: start, pause, step, look back, branch, rewind, stop, begin
anew, with a digit drawn now and then. Prints the resident memory at the end of every minute and the slope of a line
through them, the first five minutes left out, in which caches fill. Exit 0: at most 0.2 MB a minute, 1: more, 77: no Xvfb or xdotool.
"""

import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from xwindow import SKIPPED, Program, Screen, tools_missing  # noqa: E402

WARM_UP, LIMIT_MB_A_MINUTE = 5, 0.2
SEVEN = [[(0.25, 0.25), (0.5, 0.24), (0.74, 0.25), (0.66, 0.4), (0.56, 0.6), (0.48, 0.8)]]


def resident_mb(process):
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def slope(values):
    n = len(values)
    if n < 2:
        return 0.0
    mean_x, mean_y = (n - 1) / 2, sum(values) / n
    return sum((x - mean_x) * (y - mean_y) for x, y in enumerate(values)) / sum((x - mean_x) ** 2 for x in range(n))


def round_of_runs(program, rng):
    """About twenty seconds: a run of some epochs and what a class does with it."""
    program.key("space")
    time.sleep(rng.uniform(3, 6))
    program.draw(SEVEN)
    time.sleep(1)
    program.key("space")  # pause
    time.sleep(0.5)
    program.key(rng.choice(["b", "n"]))
    time.sleep(1)
    program.key("Left", "Left")
    time.sleep(0.5)
    program.key("Return")  # a branch from there
    time.sleep(rng.uniform(2, 4))
    if rng.random() < 0.5:
        program.key("r")
        time.sleep(0.5)
        program.key("space")
        time.sleep(2)
    program.key("Delete")
    program.key("x")  # the next start is another run
    time.sleep(0.5)


def main():
    program_path, minutes = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 30
    missing = tools_missing()
    if missing:
        print(f"skipped: {missing} is not installed")
        return SKIPPED
    rng, sizes, rounds = random.Random(1), [], 0
    with Screen() as screen, Program(screen, program_path) as program:
        program.key("alt+2")  # the Train view
        time.sleep(3)
        begin = time.monotonic()
        while len(sizes) < minutes:
            round_of_runs(program, rng)
            rounds += 1
            if program.process.poll() is not None:
                print(f"the window ended with {program.process.returncode}")
                return 1
            if time.monotonic() - begin >= 60 * (len(sizes) + 1):
                sizes.append(resident_mb(program.process.pid))
                print(f"minute {len(sizes):3d}: {sizes[-1]:7.1f} MB after {rounds} runs", flush=True)
        code = program.quit()
    steady = sizes[WARM_UP:] if len(sizes) > WARM_UP + 1 else sizes
    rise = slope(steady)
    print(f"{rise:+.3f} MB a minute, from {min(steady):.1f} to {max(steady):.1f} MB; the window ended with {code}")
    return 1 if rise > LIMIT_MB_A_MINUTE or code != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
