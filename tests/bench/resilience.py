#!/usr/bin/env python3
"""The resilience experiments on loopback: the real binary, the same without its policies, and the peers.

usage: resilience.py [--short] [--runs N] [--only SIDE,...] [--no-sim] [NAME...]

Each experiment stands in experiments/; a name such as e6b chooses one. All of it is written to results/: eNN_loopback.csv,
series for the plots, and the table that is printed at the end, beside the simulator's figures.
"""
import argparse
import csv
import importlib
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import time

import lab

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "results"
EXPERIMENTS = {module.stem.split("_")[0]: f"experiments.{module.stem}" for module in sorted((HERE / "experiments").glob("e*.py"))}


def measure(name, arguments):
    module = importlib.import_module(EXPERIMENTS[name])
    figures, series = lab.Figures(name), []
    for side in module.SIDES:
        if side not in (arguments.only.split(",") if arguments.only else module.SIDES[:3] if arguments.short else module.SIDES):
            continue
        for turn in range(1, 1 + (arguments.runs if side == "ours" and name != "e14" else 1)):
            begun = time.monotonic()
            rows = module.run(figures, side, turn, arguments.short)
            print(f"  ({side}: {time.monotonic() - begun:.0f} s)", flush=True)
            if turn == 1:
                series += rows or []
    figures.write(RESULTS)
    if series:
        lab.write_series(RESULTS, *module.SERIES, series)
    return figures


# ---- the table

def simulated(name):
    """The simulator's rows of an experiment: by (setting, figure) and side, the figures of all seeds; and targets."""
    values, targets = {}, {}
    path = RESULTS / f"{name}_sim.csv"
    if path.exists():
        with open(path, newline="") as rows:
            for row in csv.DictReader(rows):
                key = row["setting"], f"{row['figure']} {row['unit']}".strip()
                values.setdefault((*key, row["side"]), []).append(float(row["value"]))
                targets[key] = row["target"]
    return values, targets


def number(value):
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def spread(values):
    """The median, and how far the runs lie apart where they do."""
    if not values:
        return ""
    middle, low, high = number(statistics.median(values)), number(min(values)), number(max(values))
    return middle if low == high else f"{middle} ({low}..{high})"


def table(name, figures):
    """One experiment: the simulator's figures, then loopback's."""
    from_sim, targets = simulated(name)
    from_loopback, judged = {}, {}
    for row in figures:
        key = row.setting, f"{row.figure} {row.unit}".strip()
        from_loopback.setdefault((*key, row.side), []).append(row.value)
        judged.setdefault(key, []).append(row)
    sides = list(dict.fromkeys(row.side for row in figures))
    lines = [["setting", "figure", "target", "simulated", "sim naive", "loopback", "must be", "met", *sides[1:]]]
    for setting, figure in dict.fromkeys([*targets, *judged]):
        key, rows = (setting, figure), judged.get((setting, figure), [])
        ours = [row for row in rows if row.side == "ours" and row.target is not None]
        target = targets.get(key) or (f"{'>=' if ours[0].upwards else '<='} {number(ours[0].target)}" if ours else "")
        must = f"{'>=' if ours[0].upwards else '<='} {number(lab.limit(ours[0]))}" if ours else ""
        lines.append([setting, figure, target, spread(from_sim.get((*key, "ours"))), spread(from_sim.get((*key, "naive"))),
                      spread(from_loopback.get((*key, "ours"))), must,
                      ("yes" if all(map(lab.met, ours)) else "NO") if ours else "",
                      *(spread(from_loopback.get((*key, side))) for side in sides[1:])])
    used = [column for column in range(len(lines[0])) if any(line[column] for line in lines[1:])]
    widths = {column: max(len(line[column]) for line in lines) for column in used}
    return "\n".join([name.upper(), *("  ".join(line[column].ljust(widths[column]) for column in used).rstrip() for line in lines)])


def simulate(names):
    """Runs the simulated experiments in their full setting; they write beside ours."""
    program = lab.BUILD / "sim_tests"
    if not program.exists():
        return print("without the simulator: it is not built", flush=True)
    print("simulating", flush=True)
    environment = {**os.environ, "OUTRIGGER_FULL": "1", "OUTRIGGER_RESULTS": str(RESULTS)}
    suites = ":".join(f"*.E{one}*:*/E{one}.*:E{one}.*" for one in (name[1:].lstrip("0") for name in names))
    run = subprocess.run([str(program), f"--gtest_filter={suites}"], env=environment, capture_output=True, text=True)
    missed = [line for line in run.stdout.splitlines() if line.endswith("MISSED")]
    print("\n".join(f"  {line}" for line in missed or ["  all targets met" if run.returncode == 0 else "  it failed"]), flush=True)


def normal(name):
    """E6b, e06b and 6b are one."""
    found = re.fullmatch(r"e?(\d+)([a-z]?)", name.lower())
    return f"e{int(found.group(1)):02}{found.group(2)}" if found else name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--short", action="store_true", help="a few seconds each, and only the first of the peers")
    parser.add_argument("--runs", type=int, default=0, help="of ours; 1 in the short setting, else 3")
    parser.add_argument("--only", default="", help="these sides alone")
    parser.add_argument("--no-sim", action="store_true", help="not the simulator")
    arguments = parser.parse_args()
    arguments.runs = arguments.runs or (1 if arguments.short else 3)
    names = [normal(name) for name in arguments.names] or list(EXPERIMENTS)
    if unknown := [name for name in names if name not in EXPERIMENTS]:
        raise SystemExit(f"no such experiment: {', '.join(unknown)}; there are {', '.join(EXPERIMENTS)}")
    RESULTS.mkdir(exist_ok=True)
    if not arguments.no_sim and not arguments.short:
        simulate(names)
    tables, begun = [], time.monotonic()
    for name in names:
        print(name, flush=True)
        tables.append(table(name, measure(name, arguments).rows))
    text = "\n\n".join(tables) + "\n"
    print(f"\n{text}\n{time.monotonic() - begun:.0f} s")
    if len(names) == len(EXPERIMENTS):
        (RESULTS / "resilience.txt").write_text(text)


sys.path.insert(0, str(HERE))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
main()
