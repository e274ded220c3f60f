#!/usr/bin/env bash
# Training that knows of the hardware, against training that does not:
#   bench/hardware_training_study.sh XLOOP CIFAR10_DIR OUT [crossbar] [sparsity] [bits]
# crossbar: a small network on harsh hardware, five chips: plain and recalibrated, against each way of seeing the arrays.
# sparsity: a VGG and a ResNet of a quarter of the channels, pruned in five ways: accuracy of integers, arrays, ADC energy, EDAP.
# (NETWORKS="..." and EPOCHS=N take others.)
# bits: widths by layer from its sensitivity, against 8 and 4 bits everywhere, all trained with them.
# Every step goes on where it was stopped. One line of CSV each.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,9p' "$0" >&2; exit 2; }
xloop=$1 cifar=$2 out=$3
shift 3
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out"

field() { awk -F, -v want="$2" 'NR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i; next } '"$3"' { print $at[want]; exit }' "$1"; }

# The experiment $1 on the hardware $2, with paths that hold from everywhere.
on_hardware() {
    local file=$out/${1%.yaml}.$2.yaml
    sed "s|^base: .*|base: $here/configs/hw/$2.yaml|; s|\.\./networks|$here/configs/networks|; s|\.\./tech|$here/configs/tech|" \
        "$here/configs/experiments/$1" > "$file"
    echo "$file"
}

crossbar() {
    local file way line kind recalibrated
    file=$(on_hardware train_fashion_mnist.yaml reram_64x64_harsh)
    local hardware=(-s adc.range=calibrated)
    echo "way,chip of training,software,chips,mean recalibrated=0,deviation,mean recalibrated=1,deviation"
    while read -r way chip more; do
        local settings=("${hardware[@]}")
        for setting in training.crossbar=$way ${chip:+training.crossbar_chip=$chip} $more; do
            [ "$setting" = training.crossbar_chip=- ] || settings+=(-s "$setting")
        done
        local name=crossbar_${way}_$chip
        "$xloop" train "$file" "${settings[@]}" --out "$out/$name" > "$out/$name.txt"
        # The same chips for all: seeds 1 to 5, of which a fixed one of training is the first.
        "$xloop" eval "$file" "${hardware[@]}" -s weights.from=trained -s weights.trained="$out/$name/network" \
            -s evaluation.engines='[software, chip]' -s evaluation.chips=5 -s evaluation.recalibrate=both \
            -s evaluation.snr_images=0 --out "$out/${name}_chips" > "$out/${name}_chips.txt"
        line=$way,$chip,$(field "$out/${name}_chips/accuracy.csv" top1 '$1 == "software"'),5
        for recalibrated in 0 1; do
            for kind in mean deviation; do line+=,$(field "$out/${name}_chips/chips.csv" $kind "\$2 == $recalibrated"); done
        done
        echo "$line"
    done <<'WAYS'
none -
weight_noise -
offsets fixed
offsets per_epoch
output_noise per_epoch
arrays fixed training.epochs=3
WAYS
}

sparsity() {
    local file network method epochs=${EPOCHS:-16}
    local end=$((epochs * 5 / 8))
    file=$(on_hardware train_cifar10.yaml reram_64x64)
    echo "network,method,sparsity,integers on test images,arrays,ADC energy J,energy J,EDAP"
    for network in ${NETWORKS:-vgg11_quarter resnet10_quarter}; do
        local common=(-s network="$here/configs/networks/$network.yaml" -s data.directory="$cifar" -s training.precision=bf16
                      -s training.epochs=$epochs)
        while read -r method more; do
            local settings=("${common[@]}" -s training.sparsity.method="${method%%-*}")
            for setting in $more; do settings+=(-s "training.sparsity.$setting"); done
            local name=${network}_$method
            "$xloop" train "$file" "${settings[@]}" --out "$out/$name" > "$out/$name.txt"
            local judged=("${common[@]}" -s weights.from=trained -s weights.trained="$out/$name/network" -s adc.bits_by_column=true
                          -s mapping.skip_zero_weights=true)
            "$xloop" eval "$file" "${judged[@]}" -s evaluation.engines='[integer]' --out "$out/${name}_eval" > "$out/${name}_eval.txt"
            "$xloop" estimate "$file" "${common[@]}" -s weights.from=workload -s adc.bits_by_column=true -s mapping.skip_zero_weights=true \
                -s weights.workload="$out/${name}_eval/workloads/integer/workload.yaml" --json > "$out/${name}_estimate.json"
            /usr/bin/python3 - "$network" "$method" "$out/$name/training.json" "$out/${name}_eval/accuracy.csv" "$out/${name}_estimate.json" <<'PY'
import csv, json, sys
network, method, training, accuracy, estimate = sys.argv[1:]
last = json.load(open(training))["epochs"][-1]
right = next(r for r in csv.DictReader(open(accuracy)) if r["engine"] == "integer")
report = json.load(open(estimate))
print(f'{network},{method},{last.get("sparsity", 0):.3f},{100 * float(right["top1"]):.2f} ({100 * float(right["top1_low"]):.1f}-{100 * float(right["top1_high"]):.1f}),'
      f'{report["used_arrays"]},{report["energy_j"]["by_class"]["adc"]:.4g},{report["energy_per_image_j"]:.4g},{report["edap_j_s_mm2"]:.4g}', flush=True)
PY
        done <<METHODS
none
magnitude share=0.75 end_epochs=$end
dub share=0.75 end_epochs=$end dub.level=2
patterns share=0.3 end_epochs=$end
filters share=0.3 end_epochs=$end
METHODS
    done
}

bits() {
    local file name line
    file=$(on_hardware train_fashion_mnist.yaml reram_64x64)
    local robust=(-s training.adversary=pgd -s training.attack_steps=7 -s data.train_images=10000 -s training.validation_attack_images=200)
    "$xloop" train "$file" "${robust[@]}" --out "$out/bits_float" > "$out/bits_float.txt"
    echo "bits,clean,attacked,energy J,EDAP"
    for name in 8 4 noise snr; do
        local base=$file settings=()
        case $name in
            8 | 4) settings=(-s numerics.weight_bits=$name -s numerics.activation_bits=$name) ;;
            *)  "$xloop" analyse "$file" -s weights.from=trained -s weights.trained="$out/bits_float/network" \
                    -s sensitivity.rule=$name --out "$out/bits_analysis_$name" > "$out/bits_analysis_$name.txt"
                base=$out/bits_$name.yaml
                echo "base: [$file, $out/bits_analysis_$name/bits.yaml]" > "$base" ;;
        esac
        "$xloop" train "$base" "${settings[@]}" "${robust[@]}" -s training.quantise.method=lsq -s training.start="$out/bits_float/network" \
            -s training.epochs=5 -s training.warmup_epochs=0 -s training.learning_rate=0.001 --out "$out/bits_$name" > "$out/bits_$name.txt"
        local judged=("${settings[@]}" -s weights.from=trained -s weights.trained="$out/bits_$name/network")
        "$xloop" eval "$base" "${judged[@]}" -s evaluation.engines='[integer]' -s evaluation.attack=pgd --out "$out/bits_${name}_eval" > "$out/bits_${name}_eval.txt"
        "$xloop" estimate "$base" "${judged[@]}" --json > "$out/bits_${name}_estimate.json"
        line=$name
        for attack in clean pgd; do line+=,$(field "$out/bits_${name}_eval/accuracy.csv" top1 "\$4 == \"$attack\""); done
        line+=$(/usr/bin/python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))
print(",{:.4g},{:.4g}".format(r["energy_per_image_j"], r["edap_j_s_mm2"]))' "$out/bits_${name}_estimate.json")
        echo "$line"
    done
}

for part in "${@:-crossbar sparsity bits}"; do for one in $part; do $one; done; done
