#!/usr/bin/env python3
"""Draws ten digits with a real pointer in the real window, and reads the program's own log.

usage: draw_ten.py INKLING DRAWINGS.jsonl [SCREENSHOT.png]

Starts Xvfb and the window in it, moves the mouse with xdotool along each drawing, presses Delete between them, and
checks that the answer logged after the last stroke of each is its label. Exit 0: all right, 1: not, 77: Xvfb or xdotool is not here.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
WIDTH, HEIGHT = 1280, 800


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise SystemExit(f"gave up after {seconds} s waiting for {what}")


def records(path):
    with open(path, encoding="utf-8") as log:
        text = log.read()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def start_xvfb():
    """The server chooses a free display number itself and writes it to the pipe."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
        pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        number = pipe.readline().strip()
    if not number:
        raise SystemExit("Xvfb did not start")
    return server, ":" + number


def xdotool(environment, *words):
    subprocess.run(["xdotool", *words], env=environment, check=True, stdout=subprocess.DEVNULL)


def draw(environment, canvas, strokes):
    left, top, side = canvas
    for stroke in strokes:
        points = []
        for x, y, *_ in stroke:
            point = (round(left + x * side), round(top + y * side))
            if not points or points[-1] != point:
                points.append(point)
        words = ["mousemove", str(points[0][0]), str(points[0][1]), "mousedown", "1"]
        for x, y in points[1:]:
            words += ["mousemove", str(x), str(y), "sleep", "0.002"]
        xdotool(environment, *words, "mouseup", "1")


def main():
    program, drawings = sys.argv[1], sys.argv[2]
    screenshot = sys.argv[3] if len(sys.argv) > 3 else None
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            print(f"skipped: {tool} is not installed")
            return SKIPPED
    with open(drawings, encoding="utf-8") as lines:
        digits = [json.loads(line) for line in lines]
    server, display = start_xvfb()
    home = tempfile.mkdtemp()
    log = os.path.join(home, "answers.jsonl")
    environment = dict(os.environ, DISPLAY=display, HOME=home, SDL_VIDEODRIVER="x11", XDG_CONFIG_HOME=home + "/config",
                       XDG_STATE_HOME=home + "/state", XDG_DATA_HOME=home + "/data", XDG_CACHE_HOME=home + "/cache")
    window = subprocess.Popen([program, "draw", "--log", log, "--size", f"{WIDTH}x{HEIGHT}", "--scale", "1"], env=environment)
    wrong = 0
    try:
        canvas = wait_for(lambda: os.path.exists(log) and records(log), 20, "the window")[0]["canvas"]
        for digit in digits:
            before = len(records(log))
            draw(environment, canvas, digit["strokes"])
            wait_for(lambda: len(records(log)) >= before + len(digit["strokes"]), 10, "the answer")
            answer = records(log)[-1]
            right = answer.get("digit") == digit["label"]
            wrong += not right
            print(f"drew {digit['label']}: answered {answer.get('digit')} "
                  f"with {max(answer['probabilities']):.3f}, {answer['points']} points {'' if right else '  WRONG'}")
            if screenshot and digit is digits[-1]:
                subprocess.run(["import", "-window", "root", screenshot], env=environment, check=False)
            xdotool(environment, "key", "Delete")
        xdotool(environment, "key", "ctrl+q")
        window.wait(timeout=10)
        if window.returncode != 0:
            print(f"the window ended with {window.returncode}")
            wrong += 1
    finally:
        for process in (window, server):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=10)
        shutil.rmtree(home, ignore_errors=True)
    print(f"{len(digits) - wrong} of {len(digits)} right")
    return 1 if wrong or not digits else 0


if __name__ == "__main__":
    sys.exit(main())
