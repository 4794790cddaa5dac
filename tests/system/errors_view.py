#!/usr/bin/env python3
"""Goes through a network's errors with a real pointer and real keys, and reads the program's own log and files.

usage: errors_view.py INKLING [SCREENSHOTS-FOLDER]

Xvfb, the window in it, and MNIST's test digits answered by the shipped network: a cell of the matrix is clicked, its
pictures are walked through, tagged and noted, a second cell is compared, filters are set, a table and a contact sheet
are saved. What is on view is compared with `inkling eval`. Then the window is killed (SIGKILL), and what was tagged must
be there in the next one. With Fashion-MNIST on the machine a network is trained on it and its errors are opened, too.
Exit 0: all right, 1: not, 77: Xvfb, xdotool or MNIST is not here.
"""

import contextlib
import csv
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from xwindow import SKIPPED, Program, Screen, tools_missing, wait_for  # noqa: E402

NOTE = "a tail like that of a 9"
TAG_KEY, TAG = "2", "ambiguous"


def expect(condition, what):
    if not condition:
        raise SystemExit(f"not so: {what}")
    print(f"ok      {what}")


class Window(Program):
    """A window on the Errors view, and what its log says."""

    FIRST = "errors"  # the answers

    def __init__(self, screen, program, home, *options):
        super().__init__(screen, program, "errors", str(home), extra=options)

    def said(self, key):
        return [line for line in self.records() if key in line]

    def now(self):
        lines = self.said("errors")
        return lines[-1] if lines else None

    def until(self, condition, what, seconds=60):
        """The newest line of the log once it is as wanted."""
        def look(_):
            now = self.now()
            return now if now is not None and condition(now) else None
        return self.wait(look, seconds, what)

    def key(self, *keys):
        self.xdotool("key", "--delay", "60", *keys)

    def click(self, x, y, held=None):
        self.xdotool("mousemove", str(round(x)), str(round(y)), "sleep", "0.05")
        self.xdotool(*(["keydown", held] if held else []), "click", "1", *(["keyup", held] if held else []))

    def click_cell(self, label, answer, held=None):
        left, top, width, height = self.now()["matrix"]
        self.click(left + width * (answer + 0.5) / 10, top + height * (label + 0.5) / 10, held)

    def save(self, keys):
        before = len(self.said("saved"))
        self.key(keys)
        return wait_for(lambda: len(self.said("saved")) > before and self.said("saved"), 60, "the file")[-1]["saved"]


def read_table(path):
    with open(path, newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def fullest(confusion):
    """The two cells off the diagonal with most pictures, fullest first."""
    cells = [(n, i, j) for i, row in enumerate(confusion) for j, n in enumerate(row) if i != j]
    return [(i, j, n) for n, i, j in sorted(cells, key=lambda cell: (-cell[0], cell[1:]))[:2]]


def browse(window, told, errors, home):
    """Everything but the kill. Returns which picture was tagged."""
    first, second = fullest(told["confusion"])
    expect(window.now()["n"] == told["n"] and window.now()["wrong"] == told["n"] - told["correct"]
           and window.now()["listed"][0] == len(errors), "the view counts what eval counts")

    window.click_cell(*first[:2])
    now = window.until(lambda now: now["cell"] == list(first[:2]), "the clicked cell")
    expect(now["listed"] == [first[2], 0], f"a click on the cell {first[:2]} lists its {first[2]} pictures")

    of_cell = [int(e["index"]) for e in errors if (int(e["label"]), int(e["predicted"])) == first[:2]]
    walked = [now["sample"]]
    for _ in of_cell[1:]:
        before = window.now()["sample"]
        window.key("Right")
        walked.append(window.until(lambda now: now["sample"] != before, "the next picture")["sample"])
    expect(walked == of_cell, "the arrow keys walk through them, most wrong first")
    window.key("Left")
    tagged = of_cell[-2]
    window.until(lambda now: now["sample"] == tagged, "the picture before")

    window.key(TAG_KEY)
    window.until(lambda now: now["tag"] == TAG, "the tag")
    window.key("n")
    window.xdotool("sleep", "0.4", "type", "--delay", "20", NOTE)
    window.key("Return")
    folder = home / "data" / "inkling" / "triage"

    def lines():
        return [json.loads(line) for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]
    wait_for(lambda: {"row": tagged, "note": NOTE} in lines(), 10, "the note on disk")
    expect({"row": tagged, "tag": TAG} in lines(), "tag and note are on disk as soon as they are made")

    window.click_cell(*second[:2], held="shift")
    now = window.until(lambda now: now["second"] == list(second[:2]), "the second cell")
    expect(now["listed"] == [first[2], second[2]], f"shift and a click compare with the cell {second[:2]}")
    window.key("Escape", "Escape")
    now = window.until(lambda now: now["cell"] == [-1, -1], "no filter")
    expect(now["listed"][0] == len(errors), "Escape takes both off again")

    left, top, width, height = now["matrix"]
    window.click(left - 10, top + height * 0.75)
    now = window.until(lambda now: now["cell"] == [7, -1], "the row of sevens")
    sevens = [e for e in errors if e["label"] == "7"]
    expect(now["listed"][0] == len(sevens), "the head of a row filters by the true class")

    left, top, width, height = now["filter"]
    window.click(left + width / 2, top + height / 2)
    window.xdotool("sleep", "0.3")
    window.key("Tab", *["Right"] * 35)
    now = window.until(lambda now: now["low"] > 0, "the confidence asked for")
    now = wait_for(lambda: window.xdotool("sleep", "0.2") or window.now(), 5, "the filter at rest")
    sure = [e for e in sevens if float(e["confidence"]) >= now["low"] - 1e-6]
    expect(now["listed"][0] == len(sure), f"a slider keeps those at least {now['low']:.2f} sure: {len(sure)}")
    window.key("Escape")

    saved = read_table(window.save("ctrl+s"))
    expect([e["index"] for e in saved] == [e["index"] for e in sure], "the table has the rows on view, in their order")
    sheet = pathlib.Path(window.save("ctrl+shift+s"))
    expect(sheet.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and sheet.stat().st_size > 500, "the contact sheet is a picture")
    return first[:2], tagged


def survives(window, cell, tagged):
    window.click_cell(*cell)
    window.until(lambda now: now["cell"] == list(cell), "the cell, once more")
    for _ in range(60):
        if window.now()["sample"] == tagged:
            break
        window.key("Right")
        window.xdotool("sleep", "0.1")
    expect(window.until(lambda now: now["sample"] == tagged, "the tagged picture")["tag"] == TAG,
           "after kill -9 the next window shows the tag")


def fashion(screen, program, home, run, screenshot):
    """From training to browsing, by nothing but names."""
    if json.loads(run("data", "list", "--json"))[1]["folder"] is None:
        print("skipped: Fashion-MNIST is not here: apt install dataset-fashion-mnist")
        return
    run("train", "linear", "--data", "fashion-mnist", "--epochs", "1", "--out", "clothes.safetensors")
    with Window(screen, program, home, "--model", "clothes.safetensors") as window:
        told = json.loads(run("eval", "clothes.safetensors", "--data", "fashion-mnist", "--json"))
        now = window.until(lambda now: now["errors"] == "Fashion-MNIST", "the pictures of clothes")
        expect(now["wrong"] == told["n"] - told["correct"], "a network that learnt clothes opens on clothes")
        table = read_table(window.save("ctrl+s"))
        expect({"T-shirt", "ankle boot", "sandal"} <= {e["label_name"] for e in table}, "their classes have names")
        screenshot(window, "clothes")
        expect(window.quit() == 0, "and it closes")


def main():
    program = pathlib.Path(sys.argv[1]).absolute()
    missing = tools_missing()
    if missing:
        print(f"skipped: {missing} is not installed")
        return SKIPPED
    pictures = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None

    def screenshot(window, name):
        if pictures:
            window.screenshot(f"{pictures}/{name}.png")

    with contextlib.ExitStack() as stack:
        home = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        plain = dict(os.environ, HOME=str(home), XDG_CONFIG_HOME=str(home / "config"), XDG_STATE_HOME=str(home / "state"),
                     XDG_DATA_HOME=str(home / "data"), XDG_CACHE_HOME=str(home / "cache"))

        def run(*arguments):
            return subprocess.run([program, *arguments], env=plain, cwd=home, check=True, capture_output=True, text=True).stdout

        if json.loads(run("data", "list", "--json"))[0]["folder"] is None:
            print("skipped: MNIST is not here")
            return SKIPPED
        told = json.loads(run("eval", "inkling-mlp", "--json", "--errors", "told"))
        errors = read_table(home / "told" / "errors.csv")
        screen = stack.enter_context(Screen())
        with Window(screen, program, home) as window:
            cell, tagged = browse(window, told, errors, home)
            screenshot(window, "filtered")
            window.process.send_signal(signal.SIGKILL)
            window.process.wait()
        with Window(screen, program, home) as window:
            survives(window, cell, tagged)
            screenshot(window, "tagged")
            expect(window.quit() == 0, "it closes")
        run("eval", "inkling-mlp", "--errors", "told", "--quiet")
        row = next(e for e in read_table(home / "told" / "errors.csv") if int(e["index"]) == tagged)
        expect((row["tag"], row["note"]) == (TAG, NOTE), "eval --errors tells tag and note, too")
        fashion(screen, program, home, run, screenshot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
