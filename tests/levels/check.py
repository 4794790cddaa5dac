#!/usr/bin/env python3
"""Checks the #include lines of src/ against the level map in src/README.md: a file includes headers of its own folder or
of a lower level, never of a higher one; siblings only where the map says so.

    tests/levels/check.py ROOT
"""

import pathlib
import re
import sys

LEVEL = {"base": 0, "ink": 1, "data": 1, "nn": 1, "ui": 1, "train": 2, "gfx": 3, "platform": 3, "app": 4, "cli": 4}

# Which folder owns each public header; nn.h is all of them and error.h belongs to level 0.
PUBLIC = {
    "error": "base", "version": "base", "ink": "ink", "style": "ink", "scribble": "ink", "near_digit": "ink", "dataset": "data", "facts": "data",
    "picture": "data", "safetensors": "data",
    "model": "nn", "metrics": "nn", "onnx": "nn", "events": "train", "handwriting": "train", "recipe": "train", "trainer": "train", "study": "train", "nn": "train",
}

# What goes beyond "a lower level": siblings whose public headers may be seen, and the recipe, which describes the
# optimiser that nn/ implements.
PUBLIC_SIBLINGS = {("data", "ink"), ("nn", "ink"), ("nn", "data"), ("nn", "recipe"), ("data", "recipe")}
# The front door of the window, and the rectangle type of the frames a platform shows.
ONE_HEADER = {("cli", "app/app.h"), ("platform", "gfx/gfx.h")}
ONLY = {"ui": {"base", "ui"}, "gfx": {"base", "ui", "gfx"}, "platform": {"base", "ui", "platform"}}
SINGLE = {"dnnl.h": {"nn"}, "SDL.h": {"gfx", "platform"}, "SDL_ttf.h": {"gfx"}}


def allowed(folder, header):
    """Whether a file of src/folder may include this header; None for headers that are none of ours."""
    top, _, rest = header.partition("/")
    if header in SINGLE:
        return folder in SINGLE[header]
    if top == "SDL2" or header.startswith("SDL_"):
        return folder in SINGLE["SDL.h"]
    if "/" not in header:
        return None
    if top == "nn" and rest[:-2] in PUBLIC and (root / "include" / header).exists():
        owner = PUBLIC[rest[:-2]]
        if owner == folder or owner == "base":
            return folder not in ONLY or owner in ONLY[folder]
        if (folder, owner) in PUBLIC_SIBLINGS or (folder, rest[:-2]) in PUBLIC_SIBLINGS:
            return True
    elif top in LEVEL:
        owner = top
        if owner == folder or (folder, header) in ONE_HEADER:
            return True
    else:
        return None
    if folder in ONLY and owner not in ONLY[folder]:
        return False
    return LEVEL[owner] < LEVEL[folder]


root = pathlib.Path(sys.argv[1])
wrong = seen = 0
for path in sorted((root / "src").glob("*/*.[ch]")):
    folder = path.parent.name
    if folder not in LEVEL:
        print(f"{path.relative_to(root)}: {folder} is not on the map")
        wrong += 1
        continue
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        verdict = allowed(folder, match.group(1)) if match else None
        seen += verdict is not None
        if verdict is False:
            print(f"{path.relative_to(root)}:{number}: {folder} (level {LEVEL[folder]}) may not include {match.group(1)}")
            wrong += 1
print(f"{seen} includes of ours, {wrong} against the map")
sys.exit(1 if wrong or seen < 50 else 0)
