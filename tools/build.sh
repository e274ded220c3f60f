#!/usr/bin/env bash
# Sets up the machine, configures one preset (default: release) and builds it, all of it or the targets named.
# Usage: tools/build.sh [PRESET [TARGET...]]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
tools/setup.sh
cmake --preset "$preset"
cmake --build --preset "$preset" ${2:+--target "${@:2}"}
