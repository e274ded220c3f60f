#!/usr/bin/env bash
# Sets up, builds and runs all tests of one preset (default: release). Usage: tools/test.sh [PRESET]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
tools/build.sh "$preset"
ctest --preset "$preset"
