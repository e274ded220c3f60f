#!/usr/bin/env bash
# Sets up the machine, configures one preset (default: release) and builds it, all of it or the targets named.
# Usage: [XLOOP_LIBTORCH=DIR] tools/build.sh [PRESET [TARGET...]]
#   XLOOP_LIBTORCH: LibTorch of the archive of pytorch.org instead of Debian's. Where there is neither, it is built without.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
tools/setup.sh
options=()
if [ -n "${XLOOP_LIBTORCH:-}" ]; then
    [ -e "$XLOOP_LIBTORCH/share/cmake/Torch/TorchConfig.cmake" ] ||
        { echo "build: XLOOP_LIBTORCH=$XLOOP_LIBTORCH: expected a folder with share/cmake/Torch/TorchConfig.cmake" >&2; exit 2; }
    options=(-DXLOOP_WITH_TORCH=ON "-DTorch_DIR=$XLOOP_LIBTORCH/share/cmake/Torch")
elif [ -z "${Torch_DIR:-}${TORCH_DIR:-}${CMAKE_PREFIX_PATH:-}" ] && ! dpkg-query -W libtorch-dev >/dev/null 2>&1; then
    echo "build: without LibTorch, so without xloop-torch"
    options=(-DXLOOP_WITH_TORCH=OFF)
elif [ -n "${TORCH_DIR:-}" ]; then
    options=("-DTorch_DIR=$TORCH_DIR")
fi
cmake --preset "$preset" ${options[@]+"${options[@]}"}
cmake --build --preset "$preset" ${2:+--target "${@:2}"}
