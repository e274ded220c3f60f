#!/usr/bin/env bash
# Accuracy of a trained network on the chip, and its EDAP, against array size, ADC bits and rows that are read at once, with and
# without correction of gain: one `xloop eval` for each line of the table. Lines that are there are not made again.
# Usage: bench/array_study.sh PROGRAM RESULTS TABLE [CHIP_SEEDS]
#   PROGRAM     build/release/bin/xloop
#   RESULTS     results folder of the quickstart, whose supernet is taken; trained without arrays, which would tie it to their size:
#               xloop run configs/experiments/quickstart.yaml -s training.crossbar=none --out RESULTS
#   TABLE       CSV: varied,value,correction,chip_seed,integer,chip,latency_s,energy_j,edap_j_s_mm2
#   CHIP_SEEDS  how many chips of each: 3
# Draws TABLE with gnuplot when it is whole, as TABLE.svg: means over the chips.
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
            local settings=(-s "chip_seed=$seed" -s "adc.gain_correction=$correction" -s training.crossbar=none -s attack.steps=1) line=
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
for rows in 64 32 16 8; do
    lines rows_per_read $rows crossbar.rows_per_read=$rows
    lines rows_full_scale $rows crossbar.rows_per_read=$rows adc.range=full_scale
done
rm -f "$table.json"

panel() {  # VARIED LABEL
    echo "set xlabel '$2'"
    echo "plot for [c in 'none gain_offset'] sprintf(\"< grep '^$1,.*,%s,' $table\", c) using 2:(100*\$6) smooth unique with linespoints pt 7 ps 0.6 lw 2 lc rgb (c eq 'none' ? '#4e79a7' : '#f28e2b') title (c eq 'none' ? 'accuracy' : 'accuracy, gain corrected'), \\"
    echo "    \"< grep '^$1,.*,none,' $table\" using 2:(\$9*1e9) smooth unique axes x1y2 with linespoints pt 5 ps 0.4 dt 2 lc rgb '#7f7f7f' title 'EDAP'"
}
gnuplot <<GNUPLOT
set terminal svg size 900,640 font 'sans,11' background '#ffffff'
set output '$table.svg'
set datafile separator ','
set multiplot layout 2,2
set key bottom right samplen 2
set grid ytics lc rgb '#dddddd'
set yrange [0:100]
set ytics nomirror
set y2tics
set y2range [0:*]
set ylabel 'accuracy on the chip, %'
set y2label 'EDAP, nJ s mm2'
set logscale x 2
$(panel size 'rows and columns of an array')
$(panel rows_per_read 'rows read at once, an ADC step for each level')
$(panel rows_full_scale 'rows read at once, 8 bits over the full scale')
unset logscale x
$(panel adc_bits 'ADC bits, range: full scale')
GNUPLOT
