# common.sh - what the scripts share: where the tree is, what is missing, how to install it.
# Sourced, not run. POSIX sh.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root" || exit 1

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    printf 'error: %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf 'hint: %s\n' "$2" >&2
    exit 1
}

# What the program needs, and what the tests need on top, as Debian names them.
run_packages="gcc cmake make pkg-config libc6-dev libsdl2-dev libsdl2-ttf-dev libstb-dev libdnnl-dev libjansson-dev
libmd-dev zlib1g-dev libpng-dev libjpeg-dev libfontconfig-dev fonts-dejavu-core fonts-inter"
test_packages="$run_packages libcmocka-dev binutils xvfb xauth xdotool parallel python3 python3-numpy dataset-fashion-mnist"
# Second opinions on exported networks; tests that miss one are skipped. Not every release of Debian has all of them.
opinion_packages="python3-onnx python3-opencv python3-onnxruntime"

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        fail "installing packages needs root" "run as root, or install by hand: $*"
    fi
}

# Prints those of the packages that neither are installed nor are provided by one that is.
missing_packages() {
    have=" $(dpkg-query -W -f='${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
        sed -n 's/^installed //p' | sed 's/([^)]*)//g' | tr ',\n' '  ' | tr -s ' ') "
    for package in "$@"; do
        case $have in
            *" $package "*) ;;
            *) printf '%s ' "$package" ;;
        esac
    done
}

install_packages() {
    if command -v apt-get >/dev/null 2>&1; then
        missing=$(missing_packages "$@")
        [ -n "$missing" ] || return 0
        say "Installing: $missing"
        log=$(mktemp)
        # The lists of a new machine may be absent or old: they are fetched when the first try fails.
        # shellcheck disable=SC2086
        if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >"$log" 2>&1; then
            as_root apt-get update -q >"$log" 2>&1 || true
            # shellcheck disable=SC2086
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >"$log" 2>&1 || {
                tail -n 5 "$log" >&2
                rm -f "$log"
                return 1
            }
        fi
        rm -f "$log"
        return 0
    fi
    pkg-config --exists sdl2 SDL2_ttf jansson libpng zlib libmd 2>/dev/null && return 0
    say "Packages are installed with apt here, and this system has none. Install these with its own package manager, then run this again:"
    say "  Fedora    gcc cmake pkgconf SDL2-devel SDL2_ttf-devel stb_image_write-devel onednn-devel jansson-devel libmd-devel zlib-devel libpng-devel libjpeg-turbo-devel fontconfig-devel dejavu-sans-fonts"
    say "  Arch      gcc cmake pkgconf sdl2 sdl2_ttf stb onednn jansson libmd zlib libpng libjpeg-turbo fontconfig ttf-dejavu inter-font"
    say "  Homebrew  cmake pkgconf sdl2 sdl2_ttf onednn jansson libmd libpng jpeg-turbo libomp, and stb's headers"
    return 1
}

cores() {
    getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2
}

# Where the program looks for data sets first.
data_folder() {
    data_home=${XDG_DATA_HOME:-}
    case $data_home in /*) ;; *) data_home=${HOME:-/}/.local/share ;; esac
    printf '%s\n' "${INKLING_DATA:-$data_home/inkling}"
}
