#!/usr/bin/env python3
"""Draws results/*_loopback_*.csv: four pictures of what the policies do. Needs matplotlib (Debian: python3-matplotlib).

usage: plots.py [FOLDER]     FOLDER: where the pictures go, beside the results unless it is given
"""
import collections
import csv
import pathlib
import sys
from math import log10

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen first)

RESULTS = pathlib.Path(__file__).resolve().parent / "results"
OURS = "#1558d6"
# Ours is the one colour; the control is dark and dashed, the peers are greys with their names beside them.
STYLES = {
    "ours": {"color": OURS, "linewidth": 2.4, "zorder": 5},
    "naive": {"color": "#333333", "linewidth": 1.4, "linestyle": (0, (4, 2)), "zorder": 4},
    "envoy": {"color": "#8a8a8a", "linewidth": 1.3}, "envoy-hedge": {"color": "#8a8a8a", "linewidth": 1.3},
    "envoy-fixed": {"color": "#b0b0b0", "linewidth": 1.3, "linestyle": (0, (1, 1.2))},
    "haproxy": {"color": "#9c8f7a", "linewidth": 1.3, "linestyle": (0, (5, 1.5, 1, 1.5))},
    "nginx": {"color": "#7a9c8f", "linewidth": 1.3, "linestyle": (0, (1.5, 1.5))},
}
NAMES = {"ours": "Outrigger", "naive": "no policies", "envoy": "Envoy", "haproxy": "HAProxy", "nginx": "nginx",
         "envoy-hedge": "Envoy, 12 ms with a budget", "envoy-fixed": "Envoy, 10 ms without"}


def read(name):
    """The columns after the first, for each side."""
    sides = collections.OrderedDict()
    path = RESULTS / f"{name}.csv"
    if not path.exists():
        return sides
    with open(path, newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        for side, *numbers in rows:
            sides.setdefault(side, []).append([float(number) for number in numbers])
    return sides


def picture(title, across, up):
    figure, axes = plt.subplots(figsize=(8, 3.8), facecolor="white")
    axes.set_facecolor("white")
    axes.set_title(title, loc="left", fontsize=11, color="#111111")
    axes.set_xlabel(across, color="#333333")
    axes.set_ylabel(up, color="#333333")
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    axes.tick_params(colors="#333333")
    return figure, axes


def name_lines(axes, ends):
    """Writes each line's name behind its end, moved apart where they would lie on each other."""
    low, high = axes.get_ylim()
    place = axes.transData.transform
    taken = []
    for side, x, y in sorted(ends, key=lambda end: (end[0] != "ours", end[2])):
        y = min(max(y, low), high)
        pixel = place((x, y))[1]
        step = 1 if pixel < (place((x, low))[1] + place((x, high))[1]) / 2 else -1
        while any(abs(pixel - other) < 14 for other in taken):
            pixel += step
        taken.append(pixel)
        x_pixel = place((x, y))[0]
        back = axes.transData.inverted().transform((x_pixel + 6, pixel))
        axes.annotate(NAMES.get(side, side), back, color=STYLES[side]["color"] if side != "ours" else OURS, fontsize=9,
                      fontweight="bold" if side == "ours" else "normal", va="center", annotation_clip=False)


def save(figure, folder, name):
    figure.tight_layout()
    for suffix in FORMATS:
        figure.savefig(folder / f"{name}.{suffix}", facecolor="white", dpi=110, metadata={"Date": None} if suffix == "svg" else None)
    plt.close(figure)
    print(f"{folder / name}.{FORMATS[0]}")


def storm(folder):
    sides = read("e03_loopback_success")
    if not sides:
        return
    longest = min(max(row[0] for row in rows) for rows in sides.values())
    figure, axes = picture("A service stalls for 3 s at 80 % load", "seconds", "requests that succeed, %")
    axes.axvspan(2, 5, color="#f3f3f3", zorder=0)
    axes.text(3.5, 104, "stalled", ha="center", fontsize=9, color="#666666")
    ends = []
    for side, rows in sides.items():
        shown = [(seconds, 100 * good / sent) for seconds, sent, good in rows if sent and seconds <= longest]
        axes.plot(*zip(*shown), **STYLES[side])
        ends.append((side, *shown[-1]))
    axes.set_ylim(-3, 112)
    axes.set_xlim(0, longest * 1.13)
    name_lines(axes, ends)
    save(figure, folder, "storm_recovery")


def tail(folder):
    sides = read("e01_loopback_tail")
    if not sides:
        return
    figure, axes = picture("One endpoint of 10 adds 500 ms to a tenth of its replies", "percentile of requests", "milliseconds")
    axes.set_yscale("log")
    ends = []
    for side, rows in sides.items():
        shown = [(-log10(1 - share / 100), milliseconds) for share, milliseconds in rows]
        axes.plot(*zip(*shown), marker="o", markersize=3, **STYLES[side])
        ends.append((side, *shown[-1]))
    marks = [50, 90, 95, 98, 99, 99.5, 99.9]
    axes.set_xticks([-log10(1 - mark / 100) for mark in marks], [f"{mark:g}" for mark in marks])
    axes.set_yticks([5, 10, 20, 50, 100, 200, 500], ["5", "10", "20", "50", "100", "200", "500"])
    axes.minorticks_off()
    axes.set_xlim(0.25, 4.0)
    name_lines(axes, ends)
    save(figure, folder, "hedged_tail")


def slow(folder):
    sides = read("e17_loopback_tail")
    if not sides:
        return
    figure, axes = picture("One endpoint of 10 becomes slow: p99.5 of all requests, by seconds", "seconds since it became slow", "milliseconds")
    axes.set_yscale("log")
    axes.axvline(0, color="#999999", linewidth=1)
    ends = []
    for side, rows in sides.items():
        axes.plot(*zip(*rows), **STYLES[side])
        ends.append((side, *rows[-1]))
    axes.set_yticks([10, 20, 50, 100, 200, 500], ["10", "20", "50", "100", "200", "500"])
    axes.minorticks_off()
    last = max(rows[-1][0] for rows in sides.values())
    axes.set_xlim(-3, last + 1.6)
    name_lines(axes, ends)
    save(figure, folder, "slow_endpoint")


def breaker(folder):
    sides = read("e06_loopback_attempts")
    if not sides:
        return
    figure, axes = picture("An upstream fails wholly under 200 rps: what still reaches it", "seconds since it failed",
                           "attempts in 100 ms")
    axes.set_yscale("symlog", linthresh=1)
    ends, recovers = [], max(rows[-1][0] for rows in sides.values())
    for side, rows in sides.items():
        axes.plot(*zip(*rows), drawstyle="steps-post", **{**STYLES[side], "linewidth": 1.1 if side != "ours" else 1.8})
        ends.append((side, rows[-1][0], sum(row[1] for row in rows[-5:]) / 5))
    axes.set_ylim(-0.2, 200)
    axes.set_yticks([0, 1, 10, 100], ["0", "1", "10", "100"])
    axes.minorticks_off()
    axes.set_xlim(-1, recovers * 1.13)
    name_lines(axes, ends)
    save(figure, folder, "breaker_attempts")


FORMATS = ["svg"]


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    if len(sys.argv) > 1:
        FORMATS[:] = ["png"]
    matplotlib.rcParams.update({"font.size": 9, "svg.hashsalt": "outrigger", "font.family": "DejaVu Sans"})
    for draw in (storm, tail, slow, breaker):
        draw(folder)


main()
