#!/usr/bin/env bash
# Sets up, builds and runs all tests of one preset (default: release). Usage: tools/test.sh [PRESET] [CTEST OPTIONS]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
tools/build.sh "$preset"
run=(ctest --preset "$preset" "${@:2}")
if [ -t 1 ]; then
    "${run[@]}"  # one line of progress that renews itself, failures in full, then counts and times by room
else
    # The same for logs: a line for each hundred tests, everything that is no success, counts and times by room.
    "${run[@]}" | awk '/^ +Start / { next }
                       / Passed +[0-9.]+ sec *$/ { if (++passed % 100 == 0) { print passed " tests passed"; fflush() } next }
                       { print; fflush() }'
fi
