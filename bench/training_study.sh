#!/bin/bash
# Plain and adversarial training of three networks, in software and on five chips of default and harsh hardware:
#   bench/training_study.sh XLOOP CIFAR10_DIR OUT
# Every step goes on where it was stopped. Prints one line of CSV for each network, training, hardware, recalibration and attack.
set -euo pipefail
[ $# -eq 3 ] || { echo "usage: $0 XLOOP CIFAR10_DIR OUT" >&2; exit 2; }
xloop=$1 cifar=$2 out=$3
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out"

study() {  # NAME EXPERIMENT ADVERSARIAL_EXPERIMENT SETTINGS...
    local name=$1 plain=$here/configs/experiments/$2 pgd=$here/configs/experiments/$3 file training hardware
    shift 3
    for training in plain pgd; do
        local settings=("$@")
        file=$plain
        [ $training = plain ] || file=$pgd
        # One experiment for both is adversarial by two keys.
        [ $training = plain ] || [ "$pgd" != "$plain" ] || settings+=(-s training.adversary=pgd -s training.attack_steps=7)
        "$xloop" train "$file" "${settings[@]}" --out "$out/${name}_$training" > "$out/${name}_$training.txt"
        for hardware in reram_64x64 reram_64x64_harsh; do
            sed "s|base: .*|base: $here/configs/hw/$hardware.yaml|; s|\.\./networks|$here/configs/networks|; s|\.\./tech|$here/configs/tech|" \
                "$plain" > "$out/$name.$hardware.yaml"
            "$xloop" eval "$out/$name.$hardware.yaml" "$@" -s weights.from=trained \
                -s weights.trained="$out/${name}_$training/network" -s evaluation.engines='[software, integer, chip]' \
                -s evaluation.chips=5 -s evaluation.recalibrate=both -s evaluation.attack=pgd -s attack.steps=20 \
                -s attack.step_size=0.00784 -s evaluation.attacked_images=500 -s adc.range=calibrated --json \
                --out "$out/${name}_${training}_$hardware" > "$out/${name}_${training}_$hardware.json"
            /usr/bin/python3 - "$name" $training $hardware "$out/${name}_${training}_$hardware.json" <<'PY'
import json, statistics, sys
name, training, hardware, file = sys.argv[1:]
groups = {}
for row in json.load(open(file))["accuracy"]:
    groups.setdefault((row["engine"], row["recalibrated"], row["attack"]), []).append(row)
for (engine, recalibrated, attack), rows in groups.items():
    shares = [100 * r["top1"] for r in rows]
    # Of one engine the interval of its images, of chips that of the mean of chips (Student's t of n - 1).
    t = {5: 2.776, 10: 2.262}.get(len(shares))
    low, high = (100 * rows[0]["top1_low"], 100 * rows[0]["top1_high"])
    if t:
        half = t * statistics.stdev(shares) / len(shares) ** 0.5
        low, high = statistics.mean(shares) - half, statistics.mean(shares) + half
    print(f"{name},{training},{hardware},{engine},{recalibrated},{attack},{len(shares)},{statistics.mean(shares):.2f},{low:.2f},{high:.2f}", flush=True)
PY
        done
    done
}

echo "network,training,hardware,engine,recalibrated,attack,chips,mean,low,high"
study fmnist_cnn train_fashion_mnist.yaml train_fashion_mnist.yaml
study lenet5 train_fashion_mnist.yaml train_fashion_mnist.yaml -s network="$here/configs/networks/lenet5.yaml"
# The first 667 test images of the subset are lossless.
study cnn6 train_cifar10.yaml train_cifar10_pgd.yaml -s data.directory="$cifar" -s training.precision=bf16 -s evaluation.test_images=667
