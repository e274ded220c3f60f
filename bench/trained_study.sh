#!/usr/bin/env bash
# Accuracy of a trained network on several chips, as they are, with biases and factors corrected for each, and with gain correction:
# one `xloop eval` of a real network for each piece of hardware. What is finished is not made again.
# Usage: bench/trained_study.sh PROGRAM NETWORK OUT [SETTING...]
#   PROGRAM  build/release/bin/xloop
#   NETWORK  folder that `xloop import` wrote
#   OUT      folder: NAME/ for each evaluation, study.csv with a line for each
#   SETTING  KEY=VALUE of all of them, such as data.set=cifar10 data.directory=DIR evaluation.chips=5
# study.csv: hardware,integer,ideal_chip,mean,deviation,worst,mean_recalibrated,deviation_recalibrated,worst_recalibrated
set -euo pipefail
program=$1 network=$2 out=$3
shift 3
common=()
for setting in "$@"; do common+=(-s "$setting"); done
experiment=$(dirname "$0")/../configs/experiments/imported.yaml
mkdir -p "$out"
echo "hardware,integer,ideal_chip,mean,deviation,worst,mean_recalibrated,deviation_recalibrated,worst_recalibrated" > "$out/study.csv"

field() { awk -F, -v want="$2" 'NR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i; next } '"$3"' { print $at[want]; exit }' "$1"; }

point() {  # NAME SETTING...
    local name=$1 setting settings=() line part recalibrated
    shift
    for setting in "$@"; do settings+=(-s "$setting"); done
    "$program" eval "$experiment" -s "weights.trained=$network" "${common[@]}" "${settings[@]}" --out "$out/$name" > "$out/$name.txt"
    line=$name,$(field "$out/$name/accuracy.csv" top1 '$1 == "integer"'),$(field "$out/$name/accuracy.csv" top1 '$1 == "ideal_chip"')
    for recalibrated in 0 1; do
        for part in mean deviation worst; do line+=,$(field "$out/$name/chips.csv" $part "\$2 == $recalibrated"); done
    done
    echo "$line" | tee -a "$out/study.csv"
}

harsh=(device.r_on_ohm=20e3 device.r_off_ohm=200e3 crossbar.r_driver_ohm=1000 crossbar.r_wire_row_ohm=5 crossbar.r_wire_col_ohm=10
       crossbar.r_sense_ohm=1000)
for hardware in default harsh; do
    keys=()
    [ $hardware = default ] || keys=("${harsh[@]}")
    point $hardware "${keys[@]}"
    point ${hardware}_gain_corrected "${keys[@]}" adc.gain_correction=gain_offset
    point ${hardware}_range_calibrated "${keys[@]}" adc.range=calibrated
done
for sigma in 0.05 0; do
    for size in 64 128 256; do point sigma_${sigma}_size_$size device.programming_sigma=$sigma crossbar.rows=$size crossbar.cols=$size; done
    for factor in 4 16; do
        point sigma_${sigma}_wires_x$factor device.programming_sigma=$sigma \
            crossbar.r_wire_row_ohm="$(awk "BEGIN { print 1.47 * $factor }")" crossbar.r_wire_col_ohm="$(awk "BEGIN { print 4.40 * $factor }")"
    done
done
for r_on in 25e3 400e3; do point r_on_$r_on device.r_on_ohm=$r_on device.r_off_ohm="$(awk "BEGIN { print 10 * $r_on }")"; done
for sigma in 0.05 0; do point noise_0_sigma_$sigma adc.noise_sigma_lsb=0 device.programming_sigma=$sigma; done
