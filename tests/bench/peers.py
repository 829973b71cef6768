#!/usr/bin/env python3
"""What one proxied HTTP/1.1 request costs: a bare byte relay, nginx, HAProxy, Envoy and Outrigger, side by side.

Each has one worker, pinned to one CPU; the origin and wrk share the other. They take turns inside each round, so that a
drift of the machine hits all of them. The figure to trust is the proxy's own CPU time for a request; rates and
latencies are of a closed loop. Ahead of a peer is who was cheaper in at least 6 of 7 rounds.
"""
import argparse
import statistics

import rig
from wrk_run import wrk

PEERS = ["relay", "nginx", "haproxy", "envoy", "outrigger"]


def measure(live, rounds, seconds, connections):
    """For each peer a list of (CPU microseconds a request, rate, p50, p99, errors), one for each round."""
    results = {name: [] for name in live}
    for port, _ in live.values():
        wrk(port, 1, connections)
    names = list(live)
    for turn in range(rounds):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            port, pid = live[name]
            before = rig.cpu_seconds(pid)
            requests, *rest = wrk(port, seconds, connections)
            results[name].append(((rig.cpu_seconds(pid) - before) * 1e6 / requests, *rest))
    return results


def show(results, idle, per_connection):
    def median(name, column):
        return statistics.median(row[column] for row in results[name])

    print(f"{'peer':10} {'CPU us/request':>14} {'x relay':>8} {'vCPU/1000 rps':>14} {'requests/s':>11} {'p50 ms':>7} "
          f"{'p99 ms':>7} {'errors':>7} {'idle MiB':>9} {'KiB/idle connection':>20}")
    for name, rows in results.items():
        cost = median(name, 0)
        ratio = statistics.median(row[0] / base[0] for row, base in zip(rows, results.get("relay", rows)))
        print(f"{name:10} {cost:14.2f} {ratio:8.2f} {cost / 1000:14.4f} {median(name, 1):11.0f} {median(name, 2):7.2f} "
              f"{median(name, 3):7.2f} {sum(row[4] for row in rows):7} {idle[name] / 1024:9.1f} "
              f"{per_connection[name]:20.2f}")
    ours = results.get("outrigger", [])
    for name, rows in results.items():
        if name in ("relay", "outrigger") or not ours:
            continue
        ahead = sum(mine[0] < theirs[0] for mine, theirs in zip(ours, rows))
        print(f"outrigger is cheaper than {name} in {ahead} of {len(rows)} rounds")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--secs", type=int, default=4, help="of load for each peer and round")
    parser.add_argument("--conns", type=int, default=64)
    parser.add_argument("--body", type=int, default=64, help="octets of an answer")
    parser.add_argument("--idle", type=int, default=4000, help="idle connections to weigh")
    parser.add_argument("--only", default=",".join(PEERS))
    arguments = parser.parse_args()
    with rig.Rig() as bench:
        bench.origin(arguments.body)
        live = {}
        for place, name in enumerate(arguments.only.split(",")):
            port = rig.FIRST_PORT + place
            pid = getattr(bench, name)(port)
            if pid is None:
                print(f"{name}: not here")
            else:
                live[name] = (port, pid)
        idle = {name: rig.memory_kib(pid) for name, (_, pid) in live.items()}
        per_connection = {}
        for name, (port, pid) in live.items():
            connections = rig.open_idle(port, arguments.idle)
            per_connection[name] = (rig.memory_kib(pid) - idle[name]) / max(1, arguments.idle)
            for connection in connections:
                connection.close()
        print(f"{arguments.rounds} rounds of {arguments.secs} s, {arguments.conns} connections, {arguments.body} octets; medians")
        show(measure(live, arguments.rounds, arguments.secs, arguments.conns), idle, per_connection)


main()
