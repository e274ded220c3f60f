#!/usr/bin/env bash
# Sets up the machine, configures and builds one preset (default: release). Usage: tools/build.sh [PRESET]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
tools/setup.sh
cmake --preset "$preset"
cmake --build --preset "$preset"
