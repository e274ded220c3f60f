#!/usr/bin/env bash
# What searches find. Part `enumerate`: methods against the true front of a space small enough to enumerate, over seeds of the method; part
# `methods`: the same on one trained supernet whose space is too large for that; part `seeds`: an experiment trained and searched from several
# seeds, the chosen against the baseline; part `ablations`: one switch at a time. Stopped, it goes on with the same command.
# Usage: search_study.sh XLOOP OUT PART EXPERIMENT [OPTIONS...]
# SEEDS ("1 2 3"), CANDIDATES of the methods that are enumerated against (100000) and METHODS ("nsga2 local_search regularised_evolution random") by environment.
set -euo pipefail
xloop=$1 out=$2 part=$3 experiment=$4
shift 4
seeds=${SEEDS:-1 2 3} methods=${METHODS:-nsga2 local_search regularised_evolution random}
name=$(basename "$experiment" .yaml)
mkdir -p "$out"

# Jobs that one search did are there for another: what is found of a candidate does not depend on who asks.
methods_on() {  # FOLDER OPTIONS...
    local from=$1
    shift
    local folders=()
    for method in $methods; do
        for seed in $seeds; do
            local to=${from}_${method}_$seed
            if [ ! -d "$to" ]; then
                cp -r "$from" "$to.tmp"
                rm -rf "$to.tmp/subnets" "$to.tmp/search.sqlite" "$to.tmp/.lock"
                mv "$to.tmp" "$to"
            fi
            "$xloop" search "$experiment" --out "$to" --quiet -s "search.optimiser.method=$method" -s "search.seed=$seed" -s search.chosen=0 \
                "$@" > "$to.txt"
            cp -n "$to"/jobs/done/* "$from/jobs/done/" || true
            folders+=("$to")
        done
    done
    "$xloop" search compare "$from" "${folders[@]}" --csv | tee "${from}_methods.csv"
}

case $part in
enumerate)
    "$xloop" search "$experiment" --out "$out/$name" --quiet -s search.optimiser.method=exhaustive -s search.candidates=100000 "$@" > "$out/$name.txt"
    methods_on "$out/$name" "$@" -s "search.candidates=${CANDIDATES:-100000}"
    ;;
methods)
    "$xloop" search "$experiment" --out "$out/$name" --quiet "$@" > "$out/$name.txt"
    methods_on "$out/$name" "$@"
    ;;
seeds)
    for seed in $seeds; do
        "$xloop" search "$experiment" --out "$out/${name}_$seed" --quiet --seed "$seed" -s "chip_seed=$seed" "$@" > "$out/${name}_$seed.txt"
        echo "== seed $seed"
        "$xloop" search front "$out/${name}_$seed" | sed -n '/^baseline/,$p'
    done
    ;;
ablations)
    run() {  # NAME OPTIONS...
        local own=$1
        shift
        for seed in $seeds; do
            local to=$out/${name}_${own}_$seed
            "$xloop" search "$experiment" --out "$to" --quiet --seed "$seed" -s "chip_seed=$seed" "$@" > "$to.txt"
            echo "== $own, seed $seed"
            "$xloop" search front "$to"
        done
    }
    run everything "$@"
    run no_crossbar -s training.crossbar=none "$@"
    run no_adversary -s training.adversary=none "$@"
    run no_hardware_term -s "search.objectives=[robust]" "$@"
    run random -s search.optimiser.method=random "$@"
    ;;
*) echo "search_study: $part: enumerate, methods, seeds or ablations" >&2; exit 2 ;;
esac
