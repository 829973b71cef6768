#!/usr/bin/env python3
"""What a proxied request costs over TLS, and over HTTP/2, beside the peers.

As in peers.py: one worker each, pinned; they take turns inside each round; the figure is the proxy's own CPU time for a
request; ahead is who was cheaper in at least 6 of 7 rounds. The origin speaks plain HTTP/1.1 to all of them.

usage: protocols.py tls|http2 [--rounds N] [--secs S] [--only NAME,...]
"""
import argparse
import re
import statistics
import subprocess

import certificates
import rig

PEERS = {"tls": ["nginx", "haproxy", "outrigger"], "http2": ["nginx", "haproxy", "nghttpx", "outrigger"]}
# HTTP/2: connections and streams on each.
SHAPES = {"tls": ["64 connections"], "http2": ["4x32", "1x100", "64x1"]}


class Bench(rig.Rig):
    def peer(self, name, kind, port):
        program = {"nginx": ["nginx", "-c"], "haproxy": ["haproxy", "-db", "-f"], "nghttpx": ["nghttpx", "--conf"],
                   "outrigger": [rig.outrigger_binary(), "run", "--workers", "1", "--config"]}[name]
        suffix = {"nginx": "conf", "haproxy": "cfg", "nghttpx": "conf", "outrigger": "yaml"}[name]
        return self.start(port, rig.PROXY_CPU, *program, self.fill(f"{kind}/{name}.{suffix}", PORT=port, ADMIN=port + 500))


def wrk(port, seconds):
    """Requests and errors."""
    text = subprocess.run(["taskset", "-c", str(rig.LOAD_CPU), "wrk", "-t1", "-c64", f"-d{seconds}", f"https://127.0.0.1:{port}/"],
                          capture_output=True, text=True, check=True).stdout
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", text)))
    errors += sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", text)))
    return int(re.search(r"(\d+) requests in", text).group(1)), errors


def h2load(port, seconds, shape):
    connections, streams = shape.split("x")
    text = subprocess.run(["taskset", "-c", str(rig.LOAD_CPU), "h2load", f"-c{connections}", f"-m{streams}", f"-D{seconds}",
                           f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=True).stdout
    done, good = map(int, re.search(r"(\d+) done, (\d+) succeeded", text).groups())
    bad = sum(map(int, re.search(r"(\d+) failed, (\d+) errored", text).groups()))
    codes = list(map(int, re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text).groups()))
    return good, bad + sum(codes[1:])


def measure(kind, live, shape, rounds, seconds):
    """For each peer a list of (CPU microseconds a request, requests a second, errors), one for each round."""
    def load(port, span):
        return wrk(port, span) if kind == "tls" else h2load(port, span, shape)

    results = {name: [] for name in live}
    for port, _ in live.values():
        load(port, 1)
    names = list(live)
    for turn in range(rounds):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            port, pid = live[name]
            before = rig.cpu_seconds(pid)
            requests, errors = load(port, seconds)
            results[name].append(((rig.cpu_seconds(pid) - before) * 1e6 / max(1, requests), requests / seconds, errors))
    return results


def show(shape, results):
    print(f"{shape}\n  {'peer':10} {'CPU us/request':>14} {'x ours':>7} {'requests/s':>11} {'errors':>7}")
    ours = results["outrigger"]
    for name, rows in results.items():
        ratio = statistics.median(row[0] / mine[0] for row, mine in zip(rows, ours))
        print(f"  {name:10} {statistics.median(row[0] for row in rows):14.2f} {ratio:7.2f} "
              f"{statistics.median(row[1] for row in rows):11.0f} {sum(row[2] for row in rows):7}")
    for name, rows in results.items():
        if name != "outrigger":
            ahead = sum(mine[0] < theirs[0] for mine, theirs in zip(ours, rows))
            print(f"  outrigger is cheaper than {name} in {ahead} of {len(rows)} rounds")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=sorted(PEERS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--secs", type=int, default=3, help="of load for each peer and round")
    parser.add_argument("--only", default="")
    parser.add_argument("--shapes", default="", help="of http2: 4x32,1x100,64x1")
    arguments = parser.parse_args()
    with Bench() as bench:
        bench.origin()
        if arguments.kind == "tls":
            certificates.Authority(bench.folder).leaf("server", "spiffe://shop.example/ns/shop/sa/server")
        live = {}
        for place, name in enumerate(arguments.only.split(",") if arguments.only else PEERS[arguments.kind]):
            port = rig.FIRST_PORT + place
            live[name] = (port, bench.peer(name, arguments.kind, port))
        print(f"{arguments.kind}: {arguments.rounds} rounds of {arguments.secs} s; medians")
        for shape in arguments.shapes.split(",") if arguments.shapes else SHAPES[arguments.kind]:
            show(shape, measure(arguments.kind, live, shape, arguments.rounds, arguments.secs))


main()
