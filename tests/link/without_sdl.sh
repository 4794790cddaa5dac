#!/bin/sh
# without_sdl.sh LIBRARY PROGRAM - fails where either knows SDL, naming the symbols.
set -e
if nm "$1" 2>/dev/null | grep -E ' (U|T) (SDL|TTF)_'; then
    echo "error: $1 refers to SDL" >&2
    exit 1
fi
# The library's undefined symbols were listed at all?
nm "$1" 2>/dev/null | grep -q ' U ' || { echo "error: nm shows nothing of $1" >&2; exit 1; }
if command -v ldd >/dev/null && ldd "$2" | grep -i 'libsdl'; then
    echo "error: $2 loads SDL" >&2
    exit 1
fi
"$2"
