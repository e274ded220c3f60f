#!/usr/bin/env python3
"""Puts the bottleneck report's advice to the test: what it predicts of each suggestion, against the cycle model.

Usage: bench/advice_study.py XLOOP OUT [--from estimate|simulate] [--cases FILE]

A line of FILE (default: advice_cases.txt, beside this script) is an experiment and settings. Each suggestion of its report, what
helps and what may shrink, becomes a point of a sweep of the cycle model (`--do simulate`, counts alone). Prints a summary, writes
OUT/advice.csv and, where gnuplot is installed, OUT/advice.svg: predicted against simulated interval, energy and area, relative to
the design as it is. `uncertain`: the report itself marks the prediction so.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import sys

COUNTS = ["-s", "simulation.values=counts"]
CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "configs/experiments"


def run(*words):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"advice_study: {' '.join(map(str, words))}: {done.stderr}")
    return json.loads(done.stdout)


def cases_in(file):
    for line in open(file):
        words = line.split("#")[0].split()
        if words:
            yield CONFIGS / words[0], words[1:]


def study(xloop, source, name, experiment, settings, out):
    """A row for each suggestion."""
    overrides = COUNTS + [word for s in settings for word in ("-s", s)]
    found = run(xloop, source, experiment, "--json", *overrides)
    report = found["bottleneck"]
    advice = [(kind, entry) for kind in ("changes", "may_shrink") for entry in report[kind]]
    keys = sorted({s.split("=", 1)[0] for _, entry in advice for s in entry["settings"]})
    points = out / f"{name}.csv"
    with open(points, "w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(keys)
        writer.writerow([""] * len(keys))  # the design as it is
        for _, entry in advice:
            given = dict(s.split("=", 1) for s in entry["settings"])
            writer.writerow([given.get(key, "") for key in keys])
    swept = run(xloop, "sweep", experiment, "--points", points, "--do", "simulate", "--out", out / name, "--json", "--fresh",
                *overrides)
    own, rest = swept["points"][0], swept["points"][1:]
    if own["failure"] or len(rest) != len(advice):
        sys.exit(f"advice_study: {name}: {len(rest)} points of {len(advice)} suggestions; {own['failure']}")
    rows = []
    for (kind, entry), point in zip(advice, rest):
        figures, base = point["figures"], own["figures"]
        row = {"case": name, "experiment": experiment.stem, "limit": report["limit"], "kind": kind, "change": entry["change"],
               "uncertain": entry["uncertain"] or "", "failure": point["failure"] or ""}
        for what, predicted, before, of in (("interval", entry["interval_after"], report["interval_before"], "interval_s"),
                                            ("energy", entry["energy_j"], report["energy_j"], "energy_stream_j"),
                                            ("area", entry["area_mm2"], report["area_mm2"], "area_mm2")):
            row[f"{what}_predicted"] = predicted / before if predicted is not None else ""
            row[f"{what}_simulated"] = figures[of] / base[of] if of in figures and of in base else ""
        rows.append(row)
    return rows


def plot(rows, out):
    for name in ("interval", "energy", "area"):
        with open(out / f"{name}.txt", "w") as file:
            for row in rows:
                if row[f"{name}_predicted"] != "" and row[f"{name}_simulated"] != "":
                    file.write(f"{row[f'{name}_predicted']} {row[f'{name}_simulated']}\n")
    script = f"""set terminal svg size 960,340 font 'sans,11'
set output '{out}/advice.svg'
set multiplot layout 1,3
unset key
set xlabel 'predicted, of the design as it is'
set ylabel 'simulated'
set grid lc rgb '#dddddd'
set size square
""" + "".join(f"set title '{name}'\nplot x lc rgb '#999999', '{out}/{name}.txt' using 1:2 with points pt 7 ps 0.5 lc rgb '#0072b2'\n"
              for name in ("interval", "energy", "area"))
    subprocess.run(["gnuplot"], input=script, text=True, check=False)


def summary(rows, what):
    judged = [r for r in rows if r[f"{what}_predicted"] != "" and r[f"{what}_simulated"] != ""]
    errors = sorted(((r[f"{what}_predicted"] / r[f"{what}_simulated"] - 1, r) for r in judged), key=lambda e: -abs(e[0]))
    plain = [abs(e) for e, r in errors if not r["uncertain"]]
    print(f"{what}: {len(judged)} predicted, {len(judged) - len(plain)} of them marked uncertain; of the other {len(plain)}, "
          f"{sum(e <= 0.01 for e in plain)} within 1 %, {sum(e <= 0.05 for e in plain)} within 5 %; the worst of all:")
    for error, r in errors[:6]:
        print(f"  {100 * error:+7.2f} %  {r['case']} {r['experiment']}: {r['change']}: predicted {r[what + '_predicted']:.4f}, "
              f"simulated {r[what + '_simulated']:.4f}{'; marked' if r['uncertain'] else ''}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("xloop")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--from", dest="source", choices=["estimate", "simulate"], default="estimate")
    parser.add_argument("--cases", default=pathlib.Path(__file__).with_name("advice_cases.txt"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (experiment, settings) in enumerate(cases_in(options.cases), 1):
        print(f"{number}: {experiment.stem} {' '.join(settings)}", file=sys.stderr)
        rows += study(options.xloop, options.source, f"case{number}", experiment, settings, options.out)
    with open(options.out / "advice.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    plot(rows, options.out)
    cases = len({r["case"] for r in rows})
    print(f"{len(rows)} suggestions of {cases} cases by `xloop {options.source}`, {sum(not r['failure'] for r in rows)} simulated")
    for what in ("interval", "energy", "area"):
        summary(rows, what)
    for r in rows:
        if r["failure"]:
            print(f"refused: {r['case']} {r['experiment']}: {r['change']}: {r['failure']}")


if __name__ == "__main__":
    main()
