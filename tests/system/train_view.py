#!/usr/bin/env python3
"""A lesson in the Train view, with a real pointer and real keys in the real window, asserted on the program's own log.

usage: train_view.py INKLING RECIPES_FOLDER [SCREENSHOTS_FOLDER]

Chooses a recipe, starts, draws while it trains, looks back, branches, saves curves and network, loads the file in Draw. The
numbers are those of the command line with the same recipe and seed. Then the window is killed in the middle of a run, and
another time closed: at most the epoch under way is lost, and the run is offered again and goes on.
Exit 0: all well, 1: not, 77: Xvfb or xdotool is not here.
"""

import csv
import glob
import gzip
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from xwindow import SKIPPED, Program, Screen, tools_missing  # noqa: E402

RECIPE, PICTURES = "mlx-32-32", 11000
SEVEN = [[(0.25, 0.25), (0.4, 0.24), (0.55, 0.25), (0.74, 0.25), (0.66, 0.4), (0.56, 0.6), (0.48, 0.8)]]


def write_data(folder):
    """Ten classes, each a pattern of blocks under noise, in the place of MNIST's training digits: learnt in an epoch."""
    rng = random.Random(5)
    os.makedirs(folder + "/mnist")
    blocks = [[rng.random() < 0.4 for _ in range(49)] for _ in range(10)]
    noise = [bytes(rng.randrange(100) for _ in range(784)) for _ in range(50)]
    base = [bytes(150 if blocks[c][(p // 28) // 4 * 7 + p % 28 // 4] else 0 for p in range(784)) for c in range(10)]
    made = [[bytes(a + b for a, b in zip(base[c], grain)) for grain in noise] for c in range(10)]
    for name, n in (("train", PICTURES), ("t10k", 500)):
        labels = [rng.randrange(10) for _ in range(n)]
        with gzip.open(f"{folder}/mnist/{name}-images-idx3-ubyte.gz", "wb", 1) as images:
            images.write(struct.pack(">IIII", 0x803, n, 28, 28))
            for label in labels:
                images.write(made[label][rng.randrange(50)])
        wrong = [rng.randrange(10) if rng.random() < 0.05 else label for label in labels]
        with gzip.open(f"{folder}/mnist/{name}-labels-idx1-ubyte.gz", "wb", 1) as out:
            out.write(struct.pack(">II", 0x801, n) + bytes(wrong))


def trains(log):
    return [record for record in log if "train" in record]


def last(log):
    return trains(log)[-1] if trains(log) else {"train": "none", "epoch": 0, "branch": 0, "at": -1, "steps": 0}


def check(condition, what):
    if not condition:
        raise SystemExit(f"not so: {what}")
    print(f"ok  {what}", flush=True)


def choose(program, recipes):
    """From the list, by mouse and keys, as its names are sorted."""
    names = sorted(name[:-5] for name in os.listdir(recipes) if name.endswith(".json"))
    program.click(100, 114)
    time.sleep(0.5)
    program.key("Home", *["Down"] * names.index(RECIPE), "Return")
    program.wait(lambda log: last(log).get("recipe") == RECIPE, 20, "the recipe to be chosen")
    program.click(program.size[0] / 2, program.size[1] - 12)  # nothing there: the list lets go of the keys


def command_line(path, folder, environment):
    """The same recipe and seed without a window: the weights' hash, and the records of the epochs."""
    run = folder + "/headless"
    subprocess.run([path, "train", RECIPE, "--seed", "1", "--set", "validation=5000", "--quiet", "--run", run],
                   env=environment, check=True, stdout=subprocess.DEVNULL)
    with open(run + "/result.json", encoding="utf-8") as result:
        sha = json.load(result)["weights_sha256"]
    with open(run + "/metrics.jsonl", encoding="utf-8") as lines:
        return sha, [json.loads(line) for line in lines]


def a_lesson(screen, path, recipes, home, pictures):
    with Program(screen, path, home=home) as program:
        program.key("alt+2")
        program.wait(lambda log: trains(log), 20, "the Train view")
        choose(program, recipes)
        program.key("space")
        program.wait(lambda log: last(log)["train"] == "running", 30, "the start")
        program.draw(SEVEN)
        program.wait(lambda log: any(r.get("strokes") == 1 for r in log), 20, "the stroke")
        check(any(r.get("digit", -1) is not None and r.get("digit", -1) >= 0 for r in program.records()),
              "a drawing is answered while it trains")
        if pictures:
            program.wait(lambda log: last(log)["epoch"] >= 3, 60, "the third epoch")
            program.screenshot(pictures + "/train-running.png")
        done = program.wait(lambda log: last(log) if last(log)["train"] == "done" else None, 240, "the end of the run")
        epochs = done["epoch"]
        sha, records = command_line(path, home, program.environment)
        check(done["weights_sha256"] == sha, f"the window's weights are the command line's: {sha[:12]}")
        program.key("f")
        tables = ("steps", "epochs", "confusion")
        program.wait(lambda _: all(glob.glob(f"{home}/**/inkling-{t}-1.csv", recursive=True) for t in tables), 20, "the tables")
        with open(glob.glob(home + "/**/inkling-epochs-1.csv", recursive=True)[0], encoding="utf-8") as table:
            shown = list(csv.DictReader(table))
        check(len(shown) == epochs == len(records), f"the table of epochs has all {epochs}")
        same = all(abs(float(row[key]) - record[key]) <= 1e-6 * max(1, abs(record[key]))
                   for row, record in zip(shown, records) for key in ("train_loss", "train_accuracy", "val_loss", "val_accuracy"))
        check(same, "the metrics are the command line's, epoch by epoch")
        program.wait(lambda _: len(glob.glob(home + "/**/inkling-*.png", recursive=True)) >= 7, 20, "the pictures")
        print("ok  saved:", *sorted(os.path.basename(name) for name in glob.glob(home + "/**/inkling-*.png", recursive=True)))

        program.key("Left", "Left")
        past = program.wait(lambda log: last(log) if last(log)["at"] == epochs - 2 else None, 10, "two epochs back")
        check(past["weights_sha256"] != sha and past["digit"] >= 0, "an earlier epoch answers with its own weights")
        program.key("Return")
        branch = program.wait(lambda log: last(log) if last(log)["branch"] == 1 and last(log)["train"] == "done" else None,
                              240, "the end of the branch")
        check(branch["epoch"] == epochs and branch["weights_sha256"] == sha, "a branch without changes comes to the same bits")

        program.key("ctrl+s")
        saved = program.wait(lambda _: glob.glob(home + "/data/inkling/models/*.safetensors"), 20, "the network's file")[0]
        if pictures:
            program.screenshot(pictures + "/train-done.png")
        check(program.quit() == 0, "the window closes")
    with Program(screen, path, home=home, extra=("--model", saved)) as program:
        program.key("Delete")
        time.sleep(0.3)
        before = len(program.records())
        program.draw(SEVEN)
        program.wait(lambda log: any(r.get("strokes") for r in log[before:]), 20, "the answer in Draw")
        check(program.records()[-1].get("digit") is not None, "the saved network answers in Draw")
        check(program.quit() == 0, "the window closes")


def left_in_the_middle(screen, path, home, how):
    """Killed, or closed, while it trains: what was done before is there again."""
    with Program(screen, path, home=home) as program:
        program.key("alt+2")
        program.wait(lambda log: trains(log), 20, "the Train view")
        time.sleep(1)
        program.key("space")
        lost = program.wait(lambda log: last(log) if last(log)["epoch"] >= 2 and last(log)["train"] == "running" else None,
                            240, "two epochs")
        if how == "killed":
            program.process.send_signal(signal.SIGKILL)
            program.process.wait(timeout=20)
        else:
            check(program.quit() == 0, "the window closes while it trains")
    with Program(screen, path, home=home) as program:
        program.key("alt+2")
        program.wait(lambda log: last(log).get("resumable"), 20, f"the run that was {how} to be offered")
        time.sleep(1)
        # "Go on with it" stands at the right end of the line at the bottom.
        program.click(program.size[0] - 24 - 40, program.size[1] - 18)
        back = program.wait(lambda log: last(log) if last(log)["epoch"] > 0 else None, 60, "the run to go on")
        check(back["epoch"] >= lost["epoch"], f"{how} in epoch {lost['epoch'] + 1}, taken up after epoch {back['epoch']}")
        program.wait(lambda log: last(log)["train"] in ("running", "done"), 60, "training")
        program.key("x")
        check(program.quit() == 0, "the window closes")


def main():
    path, recipes = os.path.abspath(sys.argv[1]), sys.argv[2]
    pictures = sys.argv[3] if len(sys.argv) > 3 else None
    missing = tools_missing()
    if missing:
        print(f"skipped: {missing} is not installed")
        return SKIPPED
    with tempfile.TemporaryDirectory() as home, Screen() as screen:
        write_data(home)
        os.environ["INKLING_DATA"] = home
        a_lesson(screen, path, recipes, home, pictures)
        for how in ("killed", "closed"):
            left_in_the_middle(screen, path, home, how)
    return 0


if __name__ == "__main__":
    sys.exit(main())
