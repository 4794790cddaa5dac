"""The real window on a screen of its own: starts Xvfb and the program in it, moves the pointer and
presses keys with xdotool, reads the log the program keeps of itself.

    with Screen() as screen, Program(screen, inkling) as program:
        program.key("alt+2")  # the Train view
        program.key("space")
        program.wait(lambda log: log[-1].get("phase") == "done", 20, "the end of the run")
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

SKIPPED = 77
WIDTH, HEIGHT = 1280, 800


def tools_missing():
    """The first tool that is not here, or None."""
    return next((tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None), None)


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise SystemExit(f"gave up after {seconds} s waiting for {what}")


class Screen:
    """An X server of its own; it chooses a free display number and writes it to a pipe."""

    def __enter__(self):
        read_end, write_end = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
            pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise SystemExit("Xvfb did not start")
        self.display = ":" + number
        return self

    def __exit__(self, *_):
        stop(self.server)


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


class Program:
    """The program with a home folder of its own, which may be given to have it survive."""

    FIRST = "canvas"  # in the log: the window is there

    def __init__(self, screen, path, view="draw", home=None, size=(WIDTH, HEIGHT), extra=()):
        self.screen, self.path = screen, os.path.abspath(path)
        self.view, self.size, self.extra = view, size, extra
        self.given_home = home

    def __enter__(self):
        self.home = self.given_home or tempfile.mkdtemp()
        self.log = os.path.join(self.home, f"log-{time.monotonic_ns()}.jsonl")
        home = self.home
        self.environment = dict(
            os.environ, DISPLAY=self.screen.display, HOME=home, SDL_VIDEODRIVER="x11", XDG_CONFIG_HOME=home + "/config",
            XDG_STATE_HOME=home + "/state", XDG_DATA_HOME=home + "/data", XDG_CACHE_HOME=home + "/cache")
        self.process = subprocess.Popen(
            [self.path, self.view, "--log", self.log, "--size", "%dx%d" % self.size, "--scale", "1", *self.extra],
            env=self.environment, cwd=home)
        self.wait(lambda log: any(self.FIRST in record for record in log), 60, "the window")
        return self

    def __exit__(self, *_):
        stop(self.process)
        if self.given_home is None:
            shutil.rmtree(self.home, ignore_errors=True)

    def records(self):
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8") as log:
            text = log.read()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def wait(self, condition, seconds, what):
        """Until condition(records) is true; returns what it returned."""
        def check():
            if self.process.poll() is not None:
                raise SystemExit(f"the program ended with {self.process.returncode} while waiting for {what}")
            return condition(self.records())
        return wait_for(check, seconds, what)

    def canvas(self):
        return [record["canvas"] for record in self.records() if "canvas" in record][-1]

    def xdotool(self, *words):
        subprocess.run(["xdotool", *words], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def key(self, *names):
        self.xdotool("key", *names)

    def click(self, x, y):
        self.xdotool("mousemove", str(round(x)), str(round(y)), "click", "1")

    def draw(self, strokes):
        """Strokes of (x, y) with the canvas as the unit square."""
        left, top, side = self.canvas()
        for stroke in strokes:
            points = []
            for x, y, *_ in stroke:
                point = (round(left + x * side), round(top + y * side))
                if not points or points[-1] != point:
                    points.append(point)
            words = ["mousemove", str(points[0][0]), str(points[0][1]), "mousedown", "1"]
            for x, y in points[1:]:
                words += ["mousemove", str(x), str(y), "sleep", "0.002"]
            self.xdotool(*words, "mouseup", "1")

    def screenshot(self, path):
        subprocess.run(["import", "-window", "root", path], env=self.environment, check=False)

    def quit(self):
        self.key("ctrl+q")
        return self.process.wait(timeout=30)
