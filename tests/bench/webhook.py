#!/usr/bin/env python3
"""How long the injector takes to answer a review: 1,000 of them, one after the other, over one HTTPS connection as the
API server keeps it. The time is the caller's, from the first octet sent to the last received. Ends with 1 if the 99th
percentile is above --limit.
"""
import argparse
import http.client
import json
import pathlib
import re
import ssl
import subprocess
import tempfile
import time

import certificates
import rig

BINARY = "build/release/outrigger"
REVIEWS = pathlib.Path(__file__).parent.parent / "unit" / "control" / "reviews"
CASES = ("deployment", "job", "init_containers", "redirect", "several_ports", "probes_by_name", "opted_out", "host_network")


def start(folder):
    """The process, its webhook's port, and what a caller trusts."""
    authority = certificates.Authority(folder)
    certificate, key = authority.leaf("webhook")
    config = folder / "injector.yaml"
    config.write_text('version: 1\nlisten: {webhook: "127.0.0.1:0", telemetry: "127.0.0.1:0"}\n'
                      f"certificate: {{cert: {certificate}, key: {key}}}\nconfig: {{log: {{access: errors}}}}\n")
    process = subprocess.Popen([BINARY, "injector", "--config", config], stderr=subprocess.PIPE, text=True)
    port = None
    for line in process.stderr:
        found = re.search(r'"listener":"webhook","address":"127\.0\.0\.1:(\d+)"', line)
        port = int(found.group(1)) if found else port
        if '"event":"started"' in line:
            return process, port, ssl.create_default_context(cafile=authority.certificate)
    raise SystemExit("the injector did not start")


def ask(connection, body):
    begun = time.perf_counter()
    connection.request("POST", "/inject", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    took = time.perf_counter() - begun
    if answer.status != 200 or not json.loads(text)["response"]["allowed"]:
        raise SystemExit(f"{answer.status}: {text[:200]}")
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=int, default=1000)
    parser.add_argument("--limit", type=float, default=5.0, help="ms, of the 99th percentile")
    parser.add_argument("--binary", default=BINARY)
    arguments = parser.parse_args()
    globals()["BINARY"] = arguments.binary
    bodies = [(REVIEWS / f"{case}.json").read_bytes() for case in CASES]
    with tempfile.TemporaryDirectory() as name:
        process, port, context = start(pathlib.Path(name))
        # Somebody has to read the log, or the injector would wait for it in the end.
        reader = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        try:
            connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=10)
            for body in bodies:
                ask(connection, body)
            before = rig.cpu_seconds(process.pid)
            times = sorted(ask(connection, bodies[i % len(bodies)]) * 1e3 for i in range(arguments.reviews))
            cost = (rig.cpu_seconds(process.pid) - before) * 1e6 / arguments.reviews
        finally:
            process.terminate()
            process.wait(20)
            reader.wait(20)
    p99 = times[int(len(times) * 0.99) - 1]
    print(f"{len(times)} reviews: median {times[len(times) // 2]:.2f} ms, p99 {p99:.2f} ms, longest {times[-1]:.2f} ms; "
          f"{cost:.0f} us of its own CPU time each")
    if p99 > arguments.limit:
        raise SystemExit(f"p99 is above {arguments.limit} ms")


main()
