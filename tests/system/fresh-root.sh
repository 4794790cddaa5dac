#!/bin/sh
# fresh-root.sh SUITE [FOLDER] - plays a newcomer on a bare Debian: bookworm (oneDNN 2.6) or trixie (oneDNN 3.7).
#
# Makes a root with debootstrap (kept in FOLDER for the next time when one is given), clones HEAD into it, and runs the README's two
# commands there, with no display; then the first one again without a network and without MNIST. Needs root.
# Prints what held; exit 0 when everything did.

set -u
suite=${1:?usage: fresh-root.sh bookworm|trixie [folder]}
tree=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
keep=${2:-}
target=${keep:-$(mktemp -d)}
home=/home/newcomer
failures=0

check() { # WHAT, then the status to judge
    if [ "$2" = 0 ]; then echo "ok      $1"; else
        echo "NOT OK  $1"
        failures=$((failures + 1))
    fi
}

clean() {
    for mounted in dev/pts dev/shm dev proc sys; do
        umount -l "$target/$mounted" 2>/dev/null
    done
    [ -n "$keep" ] || rm -rf "$target"
}
trap clean EXIT
trap 'exit 130' INT TERM

[ "$(id -u)" = 0 ] || {
    echo "error: making a root needs root" >&2
    exit 1
}
[ -x "$target/usr/bin/apt-get" ] || debootstrap --variant=minbase "$suite" "$target" >"$target.log" 2>&1 || {
    tail -n 5 "$target.log" >&2
    exit 1
}
for mounted in proc sys dev dev/pts dev/shm; do
    mountpoint -q "$target/$mounted" 2>/dev/null || mount --bind "/$mounted" "$target/$mounted" 2>/dev/null
done
cp -L /etc/resolv.conf "$target/etc/resolv.conf" 2>/dev/null

# A network may have certificates of its own: the new root gets the host's beside Debian's.
[ ! -f /etc/ssl/certs/ca-certificates.crt ] || cp /etc/ssl/certs/ca-certificates.crt "$target/etc/host-certificates.crt"

inside() { # COMMAND LINE: in the root, with a bare environment and no display
    chroot "$target" /usr/bin/env -i HOME="$home" PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb \
        NODE_EXTRA_CA_CERTS=/etc/host-certificates.crt /bin/sh -c "cd $home/inkling && $1"
}

rm -rf "$target$home"
mkdir -p "$target$home"
git clone -q --no-local "$tree" "$target$home/inkling" || exit 1

started=$(date +%s)
inside "scripts/run" >"$target/tmp/run.out" 2>"$target/tmp/run.err" </dev/null
check "scripts/run from a clone on $suite ends well ($(($(date +%s) - started)) s)" $?
tail -n 3 "$target/tmp/run.err"
png=$(ls "$target$home/inkling/"*.png 2>/dev/null | head -n 1)
[ -n "$png" ]
check "it wrote the Draw view as a picture" $?
[ "$(grep -c '%' "$target/tmp/run.out")" -ge 100 ]
check "it printed ten probabilities for each of ten drawings" $?

started=$(date +%s)
inside "scripts/run" >"$target/tmp/run2.out" 2>"$target/tmp/run2.err" </dev/null
check "the second run ends well ($(($(date +%s) - started)) s)" $?

# No network and no MNIST: a new home, and the loopback alone.
mkdir -p "$target$home/empty"
unshare -n chroot "$target" /usr/bin/env -i HOME="$home/empty" PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    /bin/sh -c "cd $home/inkling && scripts/run" >"$target/tmp/run3.out" 2>"$target/tmp/run3.err" </dev/null
check "without a network and without MNIST it still answers" $?
cmp -s "$target/tmp/run2.out" "$target/tmp/run3.out"
check "and gives the same answers" $?

started=$(date +%s)
inside "scripts/test" >"$target/tmp/test.out" 2>"$target/tmp/test.err" </dev/null
check "scripts/test is green ($(($(date +%s) - started)) s)" $?
tail -n 1 "$target/tmp/test.out"

[ "$failures" = 0 ]
