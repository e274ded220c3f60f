#!/usr/bin/env bash
# Accuracy of a trained network on the chip, and its EDAP, against array size, ADC bits and rows that are read at once, with and
# without correction of gain. Every line of the table is one `xloop eval` and one `xloop estimate`; lines that are there already are
# not made again.
# Usage: bench/array_study.sh PROGRAM RESULTS TABLE [CHIP_SEEDS]
#   PROGRAM     build/release/bin/xloop
#   RESULTS     results folder of the quickstart, whose supernet is taken
#   TABLE       CSV: varied, value, correction, chip_seed, clean, images, edap_j_s_mm2, energy_j, latency_s, area_mm2
#   CHIP_SEEDS  how many chips: 3
set -euo pipefail
program=$1 results=$2 table=$3 seeds=${4:-3}
experiment=$(dirname "$0")/../configs/experiments/quickstart.yaml
[ -s "$table" ] || echo "varied,value,correction,chip_seed,clean,images,edap_j_s_mm2,energy_j,latency_s,area_mm2" > "$table"

number() {  # FILE KEY: the first number behind the key
    grep -o "\"$2\": *[-0-9.e+]*" "$1" | head -1 | sed 's/.*: *//'
}

line() {  # VARIED VALUE SETTING...
    local varied=$1 value=$2 correction seed; shift 2
    for correction in none gain_offset; do
        for seed in $(seq 1 "$seeds"); do
            grep -q "^$varied,$value,$correction,$seed," "$table" && continue
            local settings=(-s chip_seed="$seed" -s adc.gain_correction=$correction -s attack.steps=1)
            for setting in "$@"; do settings+=(-s "$setting"); done
            "$program" eval "$experiment" --trained "$results" --json "${settings[@]}" > "$table.eval" 2> /dev/null
            "$program" estimate "$experiment" --json "${settings[@]}" > "$table.estimate" 2> /dev/null
            local right images
            right=$(python3 - "$table.eval" <<'P'
import json, sys
cells = json.load(open(sys.argv[1]))["cells"]
chip = [c for c in cells if c["engine"] == "chip" and c.get("attack", "none") in ("none", "clean", "")][0]
print(chip["correct"], chip["images"])
P
)
            read -r right images <<< "$right"
            echo "$varied,$value,$correction,$seed,$right,$images,$(number "$table.estimate" edap_j_s_mm2),$(number "$table.estimate" total),$(number "$table.estimate" latency_s),$(number "$table.estimate" area_mm2)" >> "$table"
        done
    done
}

for size in 32 64 128 256; do line size $size crossbar.rows=$size crossbar.cols=$size; done
for bits in 4 5 6 7 8 9 10; do line adc_bits $bits adc.bits=$bits adc.range=full_scale; done
for rows in 4 8 16 32 64; do line rows_per_read $rows crossbar.rows_per_read=$rows; done
rm -f "$table.eval" "$table.estimate"
