#!/bin/sh
# hardened.sh PROGRAM - is the release build hardened as it is meant to be? Exit 77: no readelf here.

set -u
program=$1
command -v readelf >/dev/null || exit 77
said=$(readelf -hldW --dyn-syms "$program") || exit 1
failures=0

expect() { # WHAT PATTERN
    if printf '%s\n' "$said" | grep -Eq -e "$2"; then
        echo "ok      $1"
    else
        echo "NOT OK  $1"
        failures=$((failures + 1))
    fi
}

expect 'position independent' 'Type: +DYN'
expect 'and an executable, not a library' 'FLAGS_1\).*PIE'
expect 'tables of the linker read-only once it is done' 'GNU_RELRO'
expect 'all symbols bound at the start' 'FLAGS_1\).*NOW'
expect 'stack not executable' 'GNU_STACK.* RW '
expect 'stack protector' '__stack_chk_fail'
expect 'copies checked against the size of their target' '__(memcpy|memset|memmove|strcpy|strcat)_chk'
expect 'formatted output checked, too' '__(v?snprintf|v?fprintf)_chk'
[ "$failures" = 0 ]
