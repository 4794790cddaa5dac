#!/usr/bin/env python3
"""Draws ten digits with a real pointer in the real window, and reads the program's own log.

usage: draw_ten.py INKLING DRAWINGS.jsonl [SCREENSHOT.png]

Starts Xvfb and the window in it, moves the mouse with xdotool along each drawing, presses Delete between them, and
checks that the answer logged after the last stroke of each is its label. Exit 0: all right, 1: not, 77: Xvfb or xdotool is not here.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from xwindow import SKIPPED, Program, Screen, tools_missing  # noqa: E402


def draw_all(program, digits, screenshot):
    """How many were answered wrongly."""
    wrong = 0
    for digit in digits:
        before = len(program.records())
        program.draw(digit["strokes"])
        answer = program.wait(lambda log: len(log) >= before + len(digit["strokes"]) and log, 10, "the answer")[-1]
        right = answer.get("digit") == digit["label"]
        wrong += not right
        print(f"drew {digit['label']}: answered {answer.get('digit')} "
              f"with {max(answer['probabilities']):.3f}, {answer['points']} points {'' if right else '  WRONG'}")
        if screenshot and digit is digits[-1]:
            program.screenshot(screenshot)
        program.key("Delete")
    return wrong


def main():
    screenshot = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
    missing = tools_missing()
    if missing:
        print(f"skipped: {missing} is not installed")
        return SKIPPED
    with open(sys.argv[2], encoding="utf-8") as lines:
        digits = [json.loads(line) for line in lines]
    with Screen() as screen, Program(screen, sys.argv[1]) as program:
        wrong = draw_all(program, digits, screenshot)
        ended = program.quit()
        if ended != 0:
            print(f"the window ended with {ended}")
            wrong += 1
    print(f"{len(digits) - wrong} of {len(digits)} right")
    return 1 if wrong or not digits else 0


if __name__ == "__main__":
    sys.exit(main())
