#!/usr/bin/env bash
# Accuracy of a trained network on the chip, and its EDAP, against array size, ADC bits and rows that are read at once, with and
# without correction of gain: one `xloop eval` for each line of the table. Lines that are there are not made again.
# Usage: bench/array_study.sh PROGRAM RESULTS TABLE [CHIP_SEEDS]
#   PROGRAM     build/release/bin/xloop
#   RESULTS     results folder of the quickstart, whose supernet is taken; trained without arrays, which would tie it to their size:
#               xloop run configs/experiments/quickstart.yaml -s training.crossbar_aware=false --out RESULTS
#   TABLE       CSV: varied,value,correction,chip_seed,integer,chip,latency_s,energy_j,edap_j_s_mm2
#   CHIP_SEEDS  how many chips of each: 3
set -euo pipefail
program=$1 results=$2 table=$3 seeds=${4:-3}
experiment=$(dirname "$0")/../configs/experiments/quickstart.yaml
[ -s "$table" ] || echo "varied,value,correction,chip_seed,integer,chip,latency_s,energy_j,edap_j_s_mm2" > "$table"

lines() {  # VARIED VALUE SETTING...
    local varied=$1 value=$2 correction seed setting key
    shift 2
    for correction in none gain_offset; do
        for seed in $(seq 1 "$seeds"); do
            grep -q "^$varied,$value,$correction,$seed," "$table" && continue
            local settings=(-s "chip_seed=$seed" -s "adc.gain_correction=$correction" -s training.crossbar_aware=false -s attack.steps=1) line=
            for setting in "$@"; do settings+=(-s "$setting"); done
            "$program" eval "$experiment" --trained "$results" --json "${settings[@]}" > "$table.json" 2>> "$table.log"
            for key in integer_clean chip_clean latency_s total edap_j_s_mm2; do
                line+=,$(grep -o "\"$key\": *[-0-9.e+]*" "$table.json" | head -1 | sed 's/.*: *//')
            done
            echo "$varied,$value,$correction,$seed$line" >> "$table"
        done
    done
}

for size in 32 64 128 256; do lines size $size crossbar.rows=$size crossbar.cols=$size; done
for bits in 4 5 6 7 8 9 10; do lines adc_bits $bits adc.bits=$bits adc.range=full_scale; done
for rows in 4 8 16 32 64; do lines rows_per_read $rows crossbar.rows_per_read=$rows; done
rm -f "$table.json"
