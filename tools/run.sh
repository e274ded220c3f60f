#!/usr/bin/env bash
# Sets up, builds and runs the main job. Arguments go to xloop run.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/build.sh release
build/release/bin/xloop run configs/experiments/quickstart.yaml "$@"
