#!/usr/bin/env bash
# A training killed (SIGKILL) 30 times at random moments, against one never disturbed: the files must have the same bytes.
# Usage: bench/kill_training.sh PROGRAM OUT [SETTING...]
#   PROGRAM  build/release/bin/xloop
#   OUT      folder
#   SETTING  KEY=VALUE of the training, such as training.adversary=pgd
set -euo pipefail
program=$1 out=$2
shift 2
settings=(-s training.checkpoint_minutes=0.01)
for setting in "$@"; do settings+=(-s "$setting"); done
here=$(cd "$(dirname "$0")/.." && pwd)
job() { "$program" train "$here/configs/experiments/train_fashion_mnist.yaml" "${settings[@]}" --out "$out/$1" --quiet > /dev/null 2>&1; }
rm -rf "$out" && mkdir -p "$out"
job whole
kills=0
for ((run = 0; run < 60 && kills < 30; ++run)); do
    job cut & child=$!
    sleep "$(awk -v r=$RANDOM 'BEGIN { printf "%.2f", 0.3 + 1.7 * r / 32767 }')"
    # The program and the one that it becomes for LibTorch, if they still run.
    if pkill -KILL -f -- "--out $out/cut --quiet"; then kills=$((kills + 1)); fi
    wait $child || true
done 2> /dev/null  # where the shell tells of each kill
job cut
equal=1
for file in training.pt metrics.jsonl training.json network/weights.safetensors network/network.yaml; do
    cmp "$out/whole/$file" "$out/cut/$file" || equal=0
done
[ $equal = 1 ] && echo "killed $kills times: the same bytes in every file"
[ $equal = 1 ]
