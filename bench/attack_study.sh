#!/usr/bin/env bash
# What attackers do to networks in software and on chips: SS, SH and HH over epsilon on default and harsh hardware (part orders), and over the
# size of the arrays (part sizes). Stopped, it goes on with the same command.
# Usage: attack_study.sh XLOOP CIFAR10_DIR OUT PART NETWORK... with PART orders or sizes and NETWORK folders of trained networks;
# IMAGES (200), CHIPS (5), EPSILONS (2/255,4/255,8/255), STEPS (7), STEP_SIZE (0.25/255, of the first epsilon) and MORE (further options) by environment.
set -euo pipefail
xloop=$1 data=$2 out=$3 part=$4
shift 4
here=$(cd "$(dirname "$0")/.." && pwd)
epsilons=${EPSILONS:-2/255,4/255,8/255}

attack() {  # NAME NETWORK HARDWARE OPTIONS...
    local name=$1 network=$2 hardware=$3
    shift 3
    # shellcheck disable=SC2086
    "$xloop" attack --model "$network" --hardware "$here/configs/hw/$hardware.yaml" --data cifar10 --data-dir "$data" \
        --images "${IMAGES:-200}" --attack "pgd-${STEPS:-7}" --step-size "${STEP_SIZE:-0.25/255}" --chips "${CHIPS:-5}" -s data.train_images=1000 \
        -s robustness.checks=false --out "$out/$name" --quiet "$@" ${MORE:-} | sed -n "/^from chip to chip/,/^$/p"
}

for network in "$@"; do
    name=$(basename "$(dirname "$network")")
    case $part in
    orders)
        for hardware in reram_64x64 reram_64x64_harsh; do
            for recalibrate in ${RECALIBRATE:-false true}; do
                echo "== $name on $hardware, recalibrated: $recalibrate"
                attack "orders_${name}_${hardware}_$recalibrate" "$network" "$hardware" --threat ss,sh,hh,effective --epsilon "$epsilons" \
                    -s "evaluation.recalibrate=$recalibrate"
            done
        done
        ;;
    sizes)
        for size in 16 32 64 128; do
            echo "== $name, arrays of $size x $size"
            attack "sizes_${name}_$size" "$network" reram_64x64_harsh --threat ss,sh,hh,effective --epsilon "${epsilons##*,}" \
                -s "crossbar.rows=$size" -s "crossbar.cols=$size" -s evaluation.recalibrate=true
        done
        ;;
    *) echo "attack_study: $part: orders or sizes" >&2; exit 2 ;;
    esac
done
