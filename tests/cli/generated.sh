#!/bin/bash
# What the program generates, judged by the programs that read it: roff, the shells, the desktop's validators.
# Where one of them is not installed its part is left out with a word.
#
#     tests/cli/generated.sh build/release/src/inkling

set -u
inkling=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
PATH=$(dirname "$inkling"):$PATH
export INKLING_SHARE=$root

wrong() {
    echo "wrong: $*"
    failures=$((failures + 1))
}
have() {
    command -v "$1" >/dev/null 2>&1 || { echo "$1 is not installed: $2 not checked"; return 1; }
}

for what in man bash zsh fish; do
    "$inkling" --generate $what >"$work/$what" || wrong "--generate $what fails"
done

if have groff "man page"; then
    warnings=$(groff -man -ww -Tutf8 -z "$work/man" 2>&1)
    [ -z "$warnings" ] || wrong "groff: $warnings"
fi

bash -n "$work/bash" || wrong "bash does not take its completion"
completes() { # WORDS... -- WANTED: the last of WORDS is being typed
    local words=() wanted
    while [ "$1" != -- ]; do words+=("$1"); shift; done
    wanted=$2
    local answer
    answer=$(bash -c 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _inkling; echo "${COMPREPLY[*]}"' \
        "$work/bash" "${words[@]}")
    case " $answer " in
        *" $wanted "*) ;;
        *) wrong "bash completes '${words[*]}' to '$answer', not to '$wanted'" ;;
    esac
}
completes inkling tr -- train
completes inkling --ver -- --version
completes inkling eval --pre -- --predictions
completes inkling render draw --theme d -- dark
completes inkling render d -- draw
completes inkling bench u -- ui
completes inkling data fetch mn -- mnist
completes inkling train lin -- linear
completes inkling eval x --data f -- fashion
completes inkling eval inkl -- inkling-mlp

if have zsh "zsh completion"; then
    zsh -n "$work/zsh" || wrong "zsh does not take its completion"
    mkdir "$work/functions" && cp "$work/zsh" "$work/functions/_inkling"
    found=$(zsh -f -c 'fpath=("$0" $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[inkling]' "$work/functions")
    [ "$found" = _inkling ] || wrong "zsh does not find _inkling: $found"
fi
if have fish "fish completion"; then
    fish --no-execute "$work/fish" || wrong "fish does not take its completion"
    answer=$(HOME=$work fish --no-config -c "source $work/fish; complete -C 'inkling render draw --theme '" | cut -f1 | sort | tr '\n' ' ')
    [ "$answer" = "dark light " ] || wrong "fish completes --theme to '$answer'"
    answer=$(HOME=$work fish --no-config -c "source $work/fish; complete -C 'inkling tr'" | cut -f1)
    [ "$answer" = train ] || wrong "fish completes tr to '$answer'"
fi

desktop=$root/assets/desktop
if have desktop-file-validate inkling.desktop; then
    desktop-file-validate "$desktop/inkling.desktop" || wrong "inkling.desktop"
fi
if have appstreamcli inkling.metainfo.xml; then
    appstreamcli validate --no-net "$desktop/inkling.metainfo.xml" >"$work/appstream" 2>&1 || { cat "$work/appstream"; wrong inkling.metainfo.xml; }
fi
[ $failures = 0 ]
