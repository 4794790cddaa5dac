#!/bin/sh
# Runs libFuzzer targets for some seconds each, within the limits a hostile file must not pass.
#
#     tests/fuzz/run.sh build/fuzz/tests/fuzz/fuzz_idx 60      one target, 60 seconds
#     tests/fuzz/run.sh build/fuzz 20                           all of a build, 20 seconds each
#
# The corpus in the repository is only read; what is found grows a copy beside the target, kept for the next run.
set -e
here=$(cd "$(dirname "$0")" && pwd)
seconds=${2:-10}
if [ -d "$1" ]; then
    found=0
    # shellcheck disable=SC2044 # names of our own, without spaces
    for target in $(find "$1" -type f -name 'fuzz_*' -perm -u+x); do
        "$0" "$target" "$seconds"
        found=1
    done
    [ "$found" = 1 ] || { echo "error: no fuzz target under $1; build them with: cmake --workflow --preset fuzz" >&2; exit 2; }
    exit 0
fi
[ -x "$1" ] || { echo "usage: $0 TARGET|BUILD [SECONDS]" >&2; exit 2; }
target=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
name=${target##*/fuzz_}
work=$(dirname "$target")/found_$name
mkdir -p "$work"
set -- -rss_limit_mb=256 -timeout=2 -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$work.bad-"
[ ! -f "$here/$name.dict" ] || set -- "$@" -dict="$here/$name.dict"
# Freed memory the sanitizer holds back would count against the limit.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=8
export ASAN_OPTIONS
exec "$target" "$@" "$work" "$here/corpus/$name"
