#!/usr/bin/env bash
# Traces of the tile, a netlist of it, and what OpenSTA makes of both.
set -euo pipefail

usage() {
    cat <<'END'
Usage: run.sh [--liberty FILE] [--out FOLDER] [--check]

Simulates the tile of examples/rtl_tile, synthesises it with Yosys, gives the traces to OpenSTA as SAIF and as VCD,
prints the power of each case and checks that it makes sense.

  --liberty FILE  standard cells to take instead of cells.lib (time unit: 1 ns)
  --out FOLDER    where all files go; default: power_flow_run
  --check         also compare with recorded.csv

Programs: xloop, yosys, sta; the variables XLOOP, YOSYS and STA name others.
Files of the folder: power.csv (the table), netlist.v, the traces and, for each case, a *.log with the tool's reports.
Exit code: 0, 1 (a check fails), 2 (wrong use), 77 (a program is missing).
END
}

wrong() { echo "run.sh: $1; see run.sh --help" >&2; exit 2; }
missing() { echo "run.sh: $1" >&2; exit 77; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
liberty=$here/cells.lib
out=power_flow_run
own=1
compare=0
while [ $# -gt 0 ]; do
    case $1 in
        --liberty | --out)
            [ -n "${2:-}" ] || wrong "$1 needs a value"
            if [ "$1" = --out ]; then out=$2; else liberty=$2 own=0; fi
            shift 2 ;;
        --check) compare=1; shift ;;
        -h | --help) usage; exit 0 ;;
        *) wrong "unknown argument: $1" ;;
    esac
done
[ -f "$liberty" ] || wrong "no such file: $liberty"
[ $compare = 0 ] || [ $own = 1 ] || wrong "--check is for the cells of this folder, not for --liberty"

xloop=${XLOOP:-}
if [ -z "$xloop" ]; then
    xloop=$here/../../build/release/bin/xloop
    [ -x "$xloop" ] || xloop=xloop
fi
yosys=${YOSYS:-yosys}
sta=${STA:-sta}
command -v "$xloop" > /dev/null || missing "xloop is missing: build it (tools/build.sh) or set XLOOP"
command -v "$yosys" > /dev/null || missing "Yosys is missing: apt install yosys, or set YOSYS"
command -v "$sta" > /dev/null ||
    missing "OpenSTA is missing: build it from https://github.com/parallaxsw/OpenSTA (3.1 was tried; Debian 12's package is too old), or set STA"
case $("$sta" -version 2> /dev/null) in
    [3-9].* | 2.[6-9]* | 2.[1-9][0-9]*) ;;
    *) missing "$sta is not OpenSTA 2.6 or newer, which has read_saif" ;;
esac
xloop=$(realpath "$(command -v "$xloop")")

liberty=$(realpath "$liberty")
mkdir -p "$out"
cd "$out"
cp "$here"/{macros.lib,probe.lib,power.tcl,annotate_nets.tcl,read_nets.tcl} "$here/../rtl_tile/tile.v" .
cp "$liberty" cells.lib
chmod u+w ./*.lib ./*.tcl tile.v

tile=$here/../rtl_tile
trace() { # NAME OPTIONS
    local name=$1
    shift
    "$xloop" simulate "$tile/experiment.yaml" --trace saif,vcd --trace-detail all --trace-name-map "$tile/name_map.yaml" \
        --trace-out "$name" "$@" > "$name.simulate.txt"
    "$xloop" trace check "$name.saif" > /dev/null
    "$xloop" trace check "$name.vcd" > /dev/null
}
trace run
trace seed2 --seed 2
trace seed3 --seed 3
# The same weights, another image.
trace image0 --trace-window layer:fc,image:0
trace image1 --trace-window layer:fc,image:1
# Between the images only the clock moves.
trace idle --trace-window cycles:214-232
# Every net at 0, and every net changing in every cycle; the clock as it is.
duration=$(sed -n 's/^(DURATION \([0-9]*\))$/\1/p' run.saif)
every() { sed -E "/\(ck /!s/\(T0 [0-9]+\) \(T1 [0-9]+\) (.*)\(TC [0-9]+\)/(T0 $1) (T1 $2) \1(TC $3)/" run.saif; }
every "$duration" 0 0 > still.saif
every $((duration / 2)) $((duration / 2)) $((duration / 1000)) > toggling.saif

"$yosys" -q "$here/synth.ys" > yosys.log 2>&1 || { tail -5 yosys.log >&2; echo "run.sh: synthesis failed" >&2; exit 1; }

{
    echo "# OpenSTA $("$sta" -version), $("$yosys" -V | cut -d' ' -f1,2)"
    echo "case,activity,total_w,registers_w,logic_w,internal_w,switching_w,leakage_w,nets,drivers_set,drivers_refused,registers,registers_open,pins_open"
} > power.csv

row() { # CASE ACTIVITY SAIF READER
    local log=$1.$2.log
    printf 'set saif {%s}\nset reader {%s}\nset trace {%s}\nsource power.tcl\n' "$3" "${4% *}" "${4##* }" > case.tcl
    "$sta" -no_init -no_splash -exit case.tcl > "$log" 2>&1 || { cat "$log" >&2; echo "run.sh: OpenSTA failed" >&2; exit 1; }
    # Groups and kinds of power must each add up to the total, but for the sums in single precision.
    awk -v name="$1" -v activity="$2" '
        function near(a, b) { return a - b < 1e-5 * b && b - a < 1e-5 * b }
        /^nets of the trace:/ { nets = $5 + 0; set_here = $NF }
        /^drivers that the tool lists/ { refused = $8 }
        /^register outputs/ { registers = $8 + 0; open = $6 }
        /^unannotated / { pins = $2 }
        /^(Sequential|Combinational|Clock|Macro|Pad) / { groups += $5; group[$1] = $5 }
        /^Total / { total = $5; internal = $2; switching = $3; leakage = $4 }
        END {
            if (!near(groups, total) || !near(internal + switching + leakage, total)) {
                print "run.sh: power of the groups is not the total: " FILENAME > "/dev/stderr"
                exit 1
            }
            print name "," activity "," total "," group["Sequential"] "," group["Combinational"] "," internal "," switching "," leakage "," \
                  nets + 0 "," set_here + 0 "," refused + 0 "," registers + 0 "," open + 0 "," pins
        }' "$log" >> power.csv
}
row none - "" ""
row still SAIF still.saif "read_saif still.saif"
row idle SAIF idle.saif "read_saif idle.saif"
row idle VCD idle.saif "read_vcd -begin_time 214000 -end_time 231999 run.vcd"
row run script run.saif ""
for name in run seed2 seed3; do
    row $name SAIF $name.saif "read_saif $name.saif"
    row $name VCD $name.saif "read_vcd $name.vcd"
done
row image0 SAIF image0.saif "read_saif image0.saif"
row image1 SAIF image1.saif "read_saif image1.saif"
row toggling SAIF toggling.saif "read_saif toggling.saif"

echo "$(head -1 power.csv); $(basename "$liberty"); mW"
echo "(registers with their clock pins; logic: all other cells; set: drivers of nets that have the trace's activity; open: register outputs without)"
awk -F, '
    NR == 2 { printf "%-10s %-8s %10s %10s %10s %10s %12s %12s\n", $1, $2, "total", "registers", "logic", "leakage", "set/nets", "open" }
    NR > 2 { printf "%-10s %-8s %10.5f %10.5f %10.5f %10.5f %12s %12s\n", $1, $2, 1e3 * $3, 1e3 * $4, 1e3 * $5, 1e3 * $8, \
                    $10 "/" $9, $13 "/" $12 }' power.csv
sed -n 's/^nets without a driver[^:]*: [0-9]*: /without a driver in the netlist: /p' run.SAIF.log

# The last two checks are for cells whose power does not depend on what they hold: 1.2 fJ for a clock pin twice a nanosecond.
awk -F, -v own=$own '
    function say(good, text) { print (good ? "good: " : "WRONG: not so: ") text; if (!good) bad = 1 }
    function near(a, b) { return a - b < 1e-5 * b && b - a < 1e-5 * b }
    NR > 2 {
        key = $1 "/" $2
        total[key] = $3; registers[key] = $4; logic[key] = $5
        watts[key] = $3 " " $4 " " $5 " " $6 " " $7 " " $8
        leakage[$8] = 1; flip_flops = $12
        if ($2 == "-") next
        if ($2 == "VCD" && watts[key] != watts[$1 "/SAIF"]) differ = differ " " $1
        if ($10 == 0 || $11 > 0 || $13 > 0) not_set = not_set " " key
    }
    END {
        say(differ == "", "SAIF and VCD give the same watts to every printed digit" (differ == "" ? "" : ", here:" differ))
        say(near(total["run/script"], total["run/SAIF"]), "annotate_nets.tcl counts what the reader of the tool does")
        say(not_set == "", "the tool took every driver, and no register is left to it" (not_set == "" ? "" : ", here:" not_set))
        say(logic["idle/SAIF"] < logic["run/SAIF"] && logic["run/SAIF"] < logic["toggling/SAIF"], "logic: idle < run < every net in every cycle")
        say(!near(logic["image0/SAIF"], logic["image1/SAIF"]) && !near(logic["run/SAIF"], logic["seed2/SAIF"]) && \
            !near(logic["seed2/SAIF"], logic["seed3/SAIF"]), "power moves with the data")
        split(watts["run/SAIF"], of, " ")
        say(of[5] > 0, "there is switching power (the library has a voltage)")
        if (own) {
            count = 0
            for (value in leakage) count++
            say(count == 1 && watts["still/SAIF"] == watts["idle/SAIF"], "leakage is the same for all, and power without changes too")
            split(watts["still/SAIF"], of, " ")
            say(near(total["still/SAIF"] - of[6], flip_flops * 2e9 * 1.2e-15), "without changes " flip_flops " clock pins take the rest")
        }
        exit bad
    }' power.csv

if [ $compare = 1 ]; then
    # The tools keep single precision; sums in another order may differ behind the fifth digit.
    awk -F, '
        function differ(a, b) { return a != b && !(a > 0 && (a - b) ^ 2 < (1e-5 * a) ^ 2) }
        FNR == NR { line[FNR] = $0; lines = FNR; next }
        FNR == 1 && $0 != line[1] { print "recorded with other versions, not compared: " $0; other = 1; exit }
        {
            split(line[FNR], here, ",")
            for (i = 1; i <= NF; i++)
                if (differ($i, here[i])) {
                    print "WRONG: recorded: " $0 "\n          here: " line[FNR]
                    bad = 1
                    break
                }
        }
        END {
            if (other) exit
            if (FNR != lines) { print "WRONG: recorded are " FNR " lines, here " lines; bad = 1 }
            if (!bad) print "good: as recorded"
            exit bad
        }' power.csv "$here/recorded.csv"
fi
