#!/usr/bin/env python3
"""What a running sidecar endures: the real binary under load while something happens to it.

usage: endure.py [NAME...]

  reload     200 good configs, 200 bad ones and ten ConfigMap swaps at 1,000 requests/s
  kill       one of two, one of three endpoints dies under 500 GET/s (and 50 POST/s), 20 and 50 ms service time
  end        SIGTERM at 1,000 requests/s
  crowd      10,000 keep-alive connections
  stall      a caller that reads nothing while the origin sends 200 MiB
"""
import asyncio
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import load
import rig

PORT = rig.FIRST_PORT
ADMIN, TELEMETRY = PORT + 500, PORT + 600
HEAD = f'version: 1\nlisten: {{inbound: none, outbound: "127.0.0.1:{PORT}", admin: "127.0.0.1:{ADMIN}", ' \
       f'telemetry: "127.0.0.1:{TELEMETRY}"}}\n'
GET = b"GET / HTTP/1.1\r\nhost: origin\r\n\r\n"


def config(endpoints, more=""):
    listed = ", ".join(f'"127.0.0.1:{port}"' for port in endpoints)
    return f"{HEAD}upstreams:\n  origin: {{endpoints: [{listed}]}}\n{more}"


def admin(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{ADMIN}{path}", timeout=5) as answer:
        return json.load(answer)


def metric(name, labels=""):
    """The sum of a metric's series whose labels contain `labels`."""
    with urllib.request.urlopen(f"http://127.0.0.1:{TELEMETRY}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    return sum(float(value) for found, value in re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)", text, re.M) if labels in found)


async def metric_reaches(name, labels, wanted):
    end = time.monotonic() + 20
    while await asyncio.to_thread(metric, name, labels) < wanted:
        if time.monotonic() > end:
            raise SystemExit(f"{name}{{{labels}}} did not reach {wanted}")
        await asyncio.sleep(0.01)


class Sidecar:
    def __init__(self, bench, text):
        self.file = pathlib.Path(bench.folder) / "outrigger.yaml"
        self.file.write_text(text)
        self.start(bench, self.file)

    def start(self, bench, file):
        program = os.environ.get("OUTRIGGER_BIN", str(rig.ROOT / "build/release/outrigger"))
        self.pid = bench.start(PORT, rig.PROXY_CPU, program, "run", "--workers", "1", "--config", str(file))
        self.process = bench.processes[-1]

    def write(self, text):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text)
        fresh.rename(self.file)


async def under_load(rate, happening, requests=lambda: GET):
    """Runs happening() under load; the result of the load."""
    done = asyncio.Event()
    traffic = asyncio.ensure_future(load.run(PORT, rate, requests, done))
    await asyncio.sleep(0.5)
    await happening()
    await asyncio.sleep(0.5)
    done.set()
    return await traffic


def report(name, result, more=""):
    print(f"{name}: {result.total} requests, {result.failed} failed ({dict(result.outcomes)}), "
          f"p50 {result.quantile(0.5):.1f} ms, p99 {result.quantile(0.99):.1f} ms{more}", flush=True)


# ---- reload

async def reload():
    with rig.Rig() as bench:
        bench.origin()
        sidecar = Sidecar(bench, config([rig.ORIGIN_PORT]))

        async def good():
            for turn in range(200):
                timeout = f"policies: {{mine: {{timeout: {{request: {1000 + turn}ms}}}}}}\n"
                sidecar.write(config([rig.ORIGIN_PORT], timeout))
                await metric_reaches("outrigger_config_reloads_total", 'result="applied"', turn + 1)

        async def bad():
            refused = 0
            for turn in range(200):
                before = metric("outrigger_config_reloads_total", 'result="rejected"')
                sidecar.write(config([rig.ORIGIN_PORT], f"routes:\n  - {{name: r{turn}, match: {{prefx: /}}, to: origin}}\n"))
                await metric_reaches("outrigger_config_reloads_total", 'result="rejected"', before + 1)
                error = (await asyncio.to_thread(admin, "/api/status"))["config"]["error"]
                refused += bool(re.search(r"outrigger.yaml:\d+:\d+ OR\d+", json.dumps(error)))
            print(f"  {refused} of 200 bad files were refused with a place")

        report("200 good reloads", await under_load(1000, good))
        report("200 bad reloads", await under_load(1000, bad))
    await swap()


async def swap():
    with rig.Rig() as bench:
        bench.origin()
        folder = pathlib.Path(bench.folder) / "mounted"
        folder.mkdir()

        def publish(turn):
            """As the kubelet does: a new folder, a link to it renamed over `..data`."""
            data = folder / f"..turn{turn}"
            data.mkdir()
            timeout = f"policies: {{mine: {{timeout: {{request: {1000 + turn}ms}}}}}}\n"
            (data / "outrigger.yaml").write_text(config([rig.ORIGIN_PORT], timeout))
            (folder / "..next").symlink_to(data.name)
            (folder / "..next").rename(folder / "..data")

        publish(0)
        (folder / "outrigger.yaml").symlink_to("..data/outrigger.yaml")
        sidecar = Sidecar.__new__(Sidecar)
        sidecar.start(bench, folder / "outrigger.yaml")

        async def swaps():
            for turn in range(1, 11):
                publish(turn)
                await metric_reaches("outrigger_config_reloads_total", 'result="applied"', turn)

        report("10 ConfigMap swaps", await under_load(1000, swaps))


# ---- kill

async def kill():
    for endpoints in (2, 3):
        for delay in (20, 50):
            await kill_one_of(endpoints, delay)


async def kill_one_of(endpoints, delay):
    with rig.Rig() as bench:
        ports = [rig.ORIGIN_PORT + place for place in range(endpoints)]
        notes = pathlib.Path(bench.folder) / "posts"
        for port in ports:
            bench.start(port, rig.LOAD_CPU, sys.executable, str(rig.HERE / "origin.py"), str(port), str(delay), str(notes))
        victim = bench.processes[0]
        Sidecar(bench, config(ports))
        sent = 0

        def request():
            nonlocal sent
            sent += 1
            if sent % 11 != 0:
                return GET
            return b"POST / HTTP/1.1\r\nhost: origin\r\nx-id: %d\r\ncontent-length: 3\r\n\r\nabc" % sent

        quiet = None

        async def death():
            nonlocal quiet
            await asyncio.sleep(1.5)
            victim.kill()
            killed = time.monotonic()
            label = f"127.0.0.1:{ports[0]}"
            while time.monotonic() - killed < 5:
                for upstream in (await asyncio.to_thread(admin, "/api/upstreams"))["upstreams"]:
                    for endpoint in upstream["endpoints"]:
                        if endpoint["address"] == label and endpoint["state"] == "ejected" and quiet is None:
                            quiet = time.monotonic() - killed
                await asyncio.sleep(0.01)

        result = await under_load(550, death, request)
        posts = notes.read_text().split()
        openings = metric("outrigger_breaker_transitions_total", 'to="open"')
        quiet_text = "never" if quiet is None else f"{quiet:.2f} s"
        report(f"one of {endpoints} killed, {delay} ms", result,
               f"; ejected after {quiet_text}; breaker opened {openings:.0f} times; "
               f"POSTs seen twice: {len(posts) - len(set(posts))}")


# ---- end, crowd, stall

async def end():
    with rig.Rig() as bench:
        bench.origin()
        sidecar = Sidecar(bench, config([rig.ORIGIN_PORT]))
        done = asyncio.Event()
        traffic = asyncio.ensure_future(load.run(PORT, 1000, lambda: GET, done))
        await asyncio.sleep(1)
        sidecar.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        await asyncio.sleep(1)  # the app goes on calling while its sidecar drains
        done.set()
        result = await traffic
        code = await asyncio.to_thread(sidecar.process.wait, 60)
        report("SIGTERM under load", result, f"; exit {code} after {time.monotonic() - begun:.1f} s")


async def crowd():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    with rig.Rig() as bench:
        bench.origin()
        sidecar = Sidecar(bench, config([rig.ORIGIN_PORT]))
        before = rig.memory_kib(sidecar.pid)
        connections = rig.open_idle(PORT, 10000)
        after = rig.memory_kib(sidecar.pid)
        answered = 0
        for connection in connections:
            connection.sendall(GET)
            answered += connection.recv(4096).startswith(b"HTTP/1.1 200")
        print(f"10,000 keep-alive connections: {answered} answered again; {(after - before) / len(connections):.2f} KiB each")


async def stall():
    with rig.Rig() as bench:
        listener = socket.create_server(("127.0.0.1", rig.ORIGIN_PORT))
        sidecar = Sidecar(bench, config([rig.ORIGIN_PORT]))
        before = rig.memory_kib(sidecar.pid)
        caller = socket.create_connection(("127.0.0.1", PORT))
        caller.sendall(GET)
        peer, _ = listener.accept()
        peer.recv(4096)
        size = 200 << 20
        peer.setblocking(False)
        taken, quiet, most = 0, time.monotonic(), before
        piece = memoryview(bytes(1 << 20))
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        while time.monotonic() - quiet < 1:
            try:
                taken += peer.send(piece)
                quiet = time.monotonic()
            except BlockingIOError:
                await asyncio.sleep(0.01)
            most = max(most, rig.memory_kib(sidecar.pid))
        print(f"a caller that reads nothing: {taken / 1024:.0f} KiB left the origin, kernel buffers included; "
              f"the sidecar grew by {most - before} KiB")
        peer.close()
        caller.close()


def main():
    everything = {"reload": reload, "kill": kill, "end": end, "crowd": crowd, "stall": stall}
    names = sys.argv[1:] or list(everything)
    for name in names:
        if name not in everything:
            raise SystemExit(__doc__)
        asyncio.run(everything[name]())


main()
