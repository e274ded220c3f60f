#!/bin/bash
# Accuracy against noise on weights in training and on the chip, as a grid: what noise in training buys, and what it costs.
#   bench/noise_grid.sh XLOOP NETWORK CIFAR10_DIR OUT [KEY=VALUE...]
# NETWORK: a file of configs/networks for 32 x 32 images; KEY=VALUE: more settings of training. Both noises are shares of the largest
# weight, in training of the layer, on the chip of the output channel. On the chip a weight is the difference of two analog cells of 5 to
# 10 uS, each with a programming error of noise x 5 uS / sqrt(2); no wires, fine converters, five chips. Every step goes on where it was
# stopped. Prints CSV: training noise, chip noise, chips, mean, interval.
set -euo pipefail
[ $# -ge 4 ] || { echo "usage: $0 XLOOP NETWORK CIFAR10_DIR OUT [KEY=VALUE...]" >&2; exit 2; }
xloop=$1 network=$2 cifar=$3 out=$4
shift 4
here=$(cd "$(dirname "$0")/.." && pwd)
experiment=$here/configs/experiments/train_cifar10.yaml
common=(-s network="$here/configs/networks/$network" -s data.directory="$cifar" -s training.precision=bf16 -s data.test_images=667)
chip=(-s device.storage=analog -s device.r_off_ohm=200e3 -s device.programming_spread=absolute
    -s crossbar.r_driver_ohm=0 -s crossbar.r_wire_row_ohm=0 -s crossbar.r_wire_col_ohm=0 -s crossbar.r_sense_ohm=0
    -s adc.bits=12 -s adc.range=calibrated -s adc.noise_sigma_lsb=0)
mkdir -p "$out"
echo "training_noise,chip_noise,chips,mean,low,high"
for noise in 0 0.1 0.2 0.3; do
    training=()
    for setting in "$@"; do training+=(-s "$setting"); done
    [ $noise = 0 ] || training+=(-s training.crossbar=weight_noise -s training.weight_noise=$noise)
    "$xloop" train "$experiment" "${common[@]}" "${training[@]}" --out "$out/train_$noise" > "$out/train_$noise.txt"
    for errors in 0:0 0.05:0.17678 0.1:0.35355 0.15:0.53033; do
        "$xloop" eval "$experiment" "${common[@]}" "${chip[@]}" -s device.programming_sigma_us=${errors#*:} -s weights.from=trained \
            -s weights.trained="$out/train_$noise/network" -s evaluation.engines='[chip]' -s evaluation.chips=5 \
            -s evaluation.test_images=667 --json --out "$out/eval_${noise}_${errors%:*}" > "$out/eval_${noise}_${errors%:*}.json"
        /usr/bin/python3 - $noise "${errors%:*}" "$out/eval_${noise}_${errors%:*}.json" <<'PY'
import json, statistics, sys
training, chip, file = sys.argv[1:]
shares = [100 * row["top1"] for row in json.load(open(file))["accuracy"] if row["engine"] == "chip"]
mean, half = statistics.mean(shares), 2.776 * statistics.stdev(shares) / len(shares) ** 0.5  # Student's t of four
print(f"{training},{chip},{len(shares)},{mean:.2f},{mean - half:.2f},{mean + half:.2f}", flush=True)
PY
    done
done
