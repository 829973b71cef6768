#!/usr/bin/env python3
"""What it costs to be watched: one sidecar under load while nobody looks, while the live page is open, and while a scraper
takes some 2,000 series each second (gzip, OpenMetrics).

First what looking costs alone, without any traffic: CPU time a second, which says how much of a full core a watcher takes
from requests. Then the three take turns inside each round: the CPU time of the whole process for a request, in a closed
loop, and p99.9 of requests at a fixed rate. The ratio of a round to its neighbour without a watcher is what counts.
"""
import argparse
import http.client
import statistics
import threading
import time

import lab
import rig
from wrk_run import wrk

PORT = rig.FIRST_PORT
ADMIN = PORT + 500
TELEMETRY = PORT + 600
ROUTES = 112  # each becomes some 22 series once it was used


def config():
    text = (f"version: 1\nlisten: {{inbound: none, outbound: '127.0.0.1:{PORT}', admin: '127.0.0.1:{ADMIN}', "
            f"telemetry: '127.0.0.1:{TELEMETRY}'}}\nupstreams:\n  origin: {{endpoints: ['127.0.0.1:{rig.ORIGIN_PORT}']}}\nroutes:\n")
    for number in range(ROUTES):
        text += f"  - {{name: route-{number}, match: {{path: /r{number}}}, to: origin}}\n"
    return text + "  - {name: all, match: {prefix: /}, to: origin}\n"


class Watcher:
    """Looks until it is told to stop; `looks` counts."""

    def __init__(self, look):
        self.looks = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=look, args=(self,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(5)


def nobody(watcher):
    watcher.looks = 1


def page(watcher):
    """What a browser does that has the page open."""
    connection = http.client.HTTPConnection("127.0.0.1", ADMIN, timeout=10)
    connection.request("GET", "/api/events")
    answer = connection.getresponse()
    while not watcher.ending.is_set():
        if answer.readline().startswith(b"event:"):
            watcher.looks += 1
    connection.close()


def scraper(watcher):
    connection = http.client.HTTPConnection("127.0.0.1", TELEMETRY, timeout=10)
    fields = {"Accept-Encoding": "gzip", "Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
    while not watcher.ending.wait(1):
        connection.request("GET", "/metrics", headers=fields)
        connection.getresponse().read()
        watcher.looks += 1


WATCHERS = {"nobody": nobody, "page": page, "scrape": scraper}


def series():
    connection = http.client.HTTPConnection("127.0.0.1", TELEMETRY, timeout=10)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().split("\n")
    return sum(1 for line in lines if line and not line.startswith("#"))


def warm():
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    for number in range(ROUTES):
        connection.request("GET", f"/r{number}")
        connection.getresponse().read()


def alone(pid, seconds):
    """CPU milliseconds a second that each watcher takes while nothing else happens."""
    found = {}
    for name, look in WATCHERS.items():
        with Watcher(look):
            before, begun = rig.cpu_seconds(pid), time.monotonic()
            time.sleep(seconds)
            found[name] = (rig.cpu_seconds(pid) - before) * 1e3 / (time.monotonic() - begun)
    print("CPU ms a second without traffic, and the share of a full core that is more than nobody's")
    for name, spent in found.items():
        print(f"  {name:8} {spent:.2f}   {(spent - found['nobody']) / 10:.2f} %")


def costs(pid, rounds, seconds):
    """CPU microseconds a request by watcher, one for each round."""
    found = {name: [] for name in WATCHERS}
    names = list(WATCHERS)
    wrk(PORT, 1, 64)
    for turn in range(rounds):
        for name in names[turn % 3:] + names[:turn % 3]:
            with Watcher(WATCHERS[name]) as watcher:
                before = rig.cpu_seconds(pid)
                requests, *_ = wrk(PORT, seconds, 64)
                found[name].append((rig.cpu_seconds(pid) - before) * 1e6 / requests)
            if watcher.looks == 0:
                raise SystemExit(f"{name} has seen nothing")
    return found


def tails(bench, rounds, rate, seconds):
    found = {name: [] for name in WATCHERS}
    for _ in range(rounds):
        for name, look in WATCHERS.items():
            with Watcher(look):
                rows = bench.load(PORT, rate, seconds).wait().rows
            found[name].append(lab.quantile(rows, 0.999))
    return found


def show(title, found, digits):
    print(title)
    for name, values in found.items():
        ratio = statistics.median(mine / alone for mine, alone in zip(values, found["nobody"]))
        print(f"  {name:8} median {statistics.median(values):.{digits}f}   x nobody, round by round: {ratio:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--secs", type=int, default=4)
    parser.add_argument("--rate", type=int, default=4000)
    arguments = parser.parse_args()
    with lab.Lab() as bench:
        bench.origin()
        bench.outrigger(PORT, config())
        pid = bench.processes[-1].pid
        warm()
        print(f"{series()} series")
        alone(pid, 20)
        show("CPU us a request, whole process", costs(pid, arguments.rounds, arguments.secs), 2)
        show(f"p99.9 in ms at {arguments.rate} requests/s", tails(bench, min(5, arguments.rounds), arguments.rate, arguments.secs), 2)


if __name__ == "__main__":
    main()
