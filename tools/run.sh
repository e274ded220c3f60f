#!/usr/bin/env bash
# Sets up, builds what the main job needs and runs it. Arguments go to xloop run.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/build.sh release xloop
build/release/bin/xloop run configs/experiments/quickstart.yaml "$@"
