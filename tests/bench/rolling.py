#!/usr/bin/env python3
"""A rolling update of six instances under load: no request may fail.

Each instance is an app with an inbound sidecar, as a pod has them. One caller's sidecar knows them by its config file,
as it would by EndpointSlices. A new instance is started and made known; an old one is told to drain (what a preStop
hook does), leaves the list a moment later, as it does in a cluster, and then its app and its sidecar are ended.

usage: rolling.py [--instances N] [--rate RPS] [--rounds N]
"""
import argparse
import json
import pathlib
import signal
import time
import urllib.error
import urllib.request

import lab
import rig

NOTICED_AFTER = 0.5  # seconds until callers know that an instance leaves


class Instance:
    """An app of bench_service behind a sidecar."""

    def __init__(self, bench, services, number):
        self.bench, self.services = bench, services
        self.app, self.port = lab.FIRST + number, lab.INBOUND + number
        services.each([self.app], "open", "revive", "law constant 5ms")
        bench.outrigger(self.port, lab.listeners(self.port, f'"127.0.0.1:{self.port}"').replace(
            f'outbound: "127.0.0.1:{self.port}"', "outbound: none") +
            f"shutdown: {{lameDuck: 1s, grace: 20s}}\napp: {{port: {self.app}, protocol: http1}}\n")
        self.process = bench.processes[-1]
        self.log = pathlib.Path(bench.folder) / f"{self.port}.log"

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port + 600}/ready", timeout=5) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return False

    def drain(self):
        self.process.send_signal(signal.SIGUSR1)

    def end(self):
        """The app goes first, the sidecar behind it; its exit code."""
        self.services.each([self.app], "kill")
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.bench.processes.remove(self.process)
        return code

    def timetable(self):
        """What its log says of the way out."""
        told = []
        for line in self.log.read_text().splitlines():
            if not line.startswith("{"):
                continue
            entry = json.loads(line)
            if entry.get("event") in ("draining", "inbound-closing", "ended"):
                told.append(f"{entry['event']}" + (f" after {entry['after_ms']} ms" if "after_ms" in entry else ""))
        return ", ".join(told)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=6)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    with lab.Lab() as bench:
        services = lab.Services(bench)
        running = [Instance(bench, services, i) for i in range(arguments.instances)]

        def told():
            listed = ", ".join(f'"127.0.0.1:{instance.port}"' for instance in running)
            return lab.listeners(lab.OUTBOUND) + f"upstreams: {{origin: {{endpoints: [{listed}], sidecar: true}}}}\n"

        file = bench.outrigger(lab.OUTBOUND, told())
        seconds = arguments.rounds * arguments.instances * 2 + 5
        load = bench.load(lab.OUTBOUND, arguments.rate, seconds)
        time.sleep(1)
        began, codes, timetable = lab.now(), [], ""
        for turn in range(arguments.rounds * arguments.instances):
            # One more may run than there are: numbers come round.
            fresh = Instance(bench, services, (arguments.instances + turn) % (arguments.instances + 2))
            if not fresh.ready():
                raise SystemExit("a new instance is not ready")
            running.append(fresh)
            file.write_text(told())
            old = running.pop(0)
            old.drain()
            time.sleep(NOTICED_AFTER)
            if old.ready():
                raise SystemExit("one that drains says that it is ready")
            file.write_text(told())
            time.sleep(0.3)
            codes.append(old.end())
            timetable = old.timetable()
        took = lab.now() - began
        load.wait()
        print(f"{len(codes)} instances of {arguments.instances} replaced in {took:.1f} s at {arguments.rate} requests/s: "
              f"{load.failed} of {load.result['sent']} requests failed, exit codes {sorted(set(codes))}\n"
              f"one of them: {timetable}")
        if load.failed or set(codes) != {0}:
            raise SystemExit(1)


main()
