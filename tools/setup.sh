#!/usr/bin/env bash
# Installs the packages of tools/packages.txt that are missing, and says which ones this distribution does not have. Needs root or
# sudo only when it installs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

missing=()
while read -r package; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done < <(grep -v '^#' "$here/packages.txt")

# Sorts what is missing by whether apt knows it.
sort_missing() {
    there=() absent=()
    for package in ${missing[@]+"${missing[@]}"}; do
        if [[ $(LC_ALL=C apt-cache policy "$package" 2>/dev/null) =~ Candidate:\ [^\(] ]]; then
            there+=("$package")
        else
            absent+=("$package")
        fi
    done
}

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
fi
sort_missing
# LibTorch alone is missing again and again where the distribution has none: no reason to ask its servers each time.
if [ ${#missing[@]} -gt 0 ] && ! { [ "${missing[*]}" = libtorch-dev ] && [ ${#there[@]} -eq 0 ] &&
    compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; }; then
    if [ ${#as_root[@]} -gt 0 ] && ! command -v sudo >/dev/null; then
        echo "setup: run as root, or install sudo, to install: ${missing[*]}" >&2
        exit 1
    fi
    "${as_root[@]}" apt-get update -qq
    sort_missing
fi
if [ ${#there[@]} -gt 0 ]; then
    echo "setup: installing ${there[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${there[@]}" >/dev/null
fi
for package in ${absent[@]+"${absent[@]}"}; do
    case $package in
    libtorch-dev)
        if [ -z "${XLOOP_LIBTORCH:-}" ]; then
            cat >&2 <<'END'
setup: this distribution has no package libtorch-dev. Without LibTorch everything is built but xloop-torch: no train, search, run,
       eval, analyse, attack, infer, and no import of TorchScript files. To have them, take Debian 12 or 13; or unpack the C++
       archive of https://pytorch.org (LibTorch, CPU, cxx11 ABI) and build with XLOOP_LIBTORCH=/path/to/libtorch tools/build.sh
END
        fi ;;
    dataset-fashion-mnist)
        echo "setup: no package dataset-fashion-mnist here; take the four files of github.com/zalandoresearch/fashion-mnist and say" \
             "where they are: -s data.directory=DIR" >&2 ;;
    *)
        echo "setup: this distribution has no package $package; install what it holds by hand (docs/install.md)" >&2 ;;
    esac
done
