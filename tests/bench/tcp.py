#!/usr/bin/env python3
"""TCP tunnels: what they carry, what survives a reload, what a server sees of its caller.

usage: tcp.py [throughput redis pgbench proxy ...]     all, where nothing is said
  throughput   one connection, as fast as it goes: direct, a bare relay, HAProxy in TCP mode, ours; interleaved
  redis        redis-benchmark and redis-cli, direct, through HAProxy in TCP mode and through us
  pgbench      transactions through us across 20 reloads: none may fail; psql
  proxy        HAProxy sends PROXY headers of version 2 to us, and we to a server
"""
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

import rig

SINK, REDIS, POSTGRES, APP = 9101, 9102, 9103, 9104
OURS, HAPROXY, RELAY = 9110, 9111, 9112
ADMIN = 9120
ROUND_SECONDS = 2
ROUNDS = 5

CONFIG = """version: 1
workers: 1
log: {{access: all}}
listen: {{inbound: none, outbound: none, admin: "127.0.0.1:{admin}", telemetry: none}}
policies: {{mark: {{timeout: {{idle: {mark}m}}}}}}
upstreams:
  behind: {{endpoints: ["{endpoint}"], protocol: tcp, listen: "127.0.0.1:{port}", policy: mark{more}}}
"""


def write_config(folder, endpoint, mark=5, more="", port=OURS):
    path = pathlib.Path(folder) / "ours" / "outrigger.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(CONFIG.format(admin=ADMIN, mark=mark, endpoint=endpoint, port=port, more=more))
    return str(path)


def start_ours(bench, endpoint, more=""):
    path = write_config(bench.folder, endpoint, more=more)
    return bench.start(OURS, rig.PROXY_CPU, rig.outrigger_binary(), "run", "--config", path)


def metric(name):
    text = urllib.request.urlopen(f"http://127.0.0.1:{ADMIN}/metrics", timeout=5).read().decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(name + r"[{ ]", line))


# ---- Throughput

def sink():
    """Takes octets from whoever connects, as fast as they come."""
    listener = socket.create_server(("127.0.0.1", SINK), backlog=64)

    def drain(connection):
        room = bytearray(1 << 20)
        size = 1
        while size > 0:
            size = connection.recv_into(room)
            if size > 0 and room[size - 1] == ord("e"):  # the last octet of all
                connection.sendall(b"!")
        connection.close()

    def accept():
        while True:
            threading.Thread(target=drain, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def push(port):
    """Octets a second to the sink behind that port, the last of them taken."""
    connection = socket.create_connection(("127.0.0.1", port))
    block = b"x" * (256 * 1024)
    sent = 0
    begun = time.monotonic()
    while time.monotonic() - begun < ROUND_SECONDS:
        connection.sendall(block)
        sent += len(block)
    connection.sendall(b"e")
    connection.settimeout(30)
    if connection.recv(1) != b"!":
        raise SystemExit("the sink did not get it all")
    return sent / (time.monotonic() - begun)


def throughput():
    with rig.Rig() as bench:
        sink()
        ways = {"direct": (SINK, None)}
        program = bench.folder + "/relay"
        subprocess.check_call(["gcc", "-O2", "-o", program, rig.HERE / "peers" / "relay.c", "-luv"])
        ways["bare relay"] = (RELAY, bench.start(RELAY, rig.PROXY_CPU, program, str(RELAY), str(SINK)))
        config = bench.fill("tcp_haproxy.cfg", PORT=HAPROXY, UPSTREAM=SINK, HOW="")
        ways["haproxy"] = (HAPROXY, bench.start(HAPROXY, rig.PROXY_CPU, "haproxy", "-db", "-f", config))
        ways["outrigger"] = (OURS, start_ours(bench, f"127.0.0.1:{SINK}"))
        rates = {name: [] for name in ways}
        costs = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, (port, pid) in ways.items():
                before = rig.cpu_seconds(pid) if pid else 0
                rate = push(port)
                rates[name].append(rate)
                if pid:
                    costs[name].append((rig.cpu_seconds(pid) - before) / (rate * ROUND_SECONDS / 2**30))
        for name in ways:
            cost = f", {statistics.median(costs[name]):.3f} s of processor a GiB" if costs[name] else ""
            print(f"throughput  {name:10}  {statistics.median(rates[name]) / 2**20:7.0f} MiB/s{cost}")


# ---- Redis

def redis():
    with rig.Rig() as bench:
        bench.start(REDIS, rig.LOAD_CPU, "redis-server", "--port", str(REDIS), "--save", "", "--dir", bench.folder)
        start_ours(bench, f"127.0.0.1:{REDIS}")
        config = bench.fill("tcp_haproxy.cfg", PORT=HAPROXY, UPSTREAM=REDIS, HOW="")
        bench.start(HAPROXY, rig.PROXY_CPU, "haproxy", "-db", "-f", config)
        for name, port in (("direct", REDIS), ("haproxy", HAPROXY), ("outrigger", OURS)):
            cli = ["redis-cli", "-p", str(port)]
            subprocess.check_call(cli + ["set", "key", "value"], stdout=subprocess.DEVNULL)
            if subprocess.check_output(cli + ["get", "key"]).strip() != b"value":
                raise SystemExit("redis: another value")
            out = subprocess.check_output(["redis-benchmark", "-p", str(port), "-t", "set,get", "-n", "50000", "-c",
                                           "50", "--csv"], text=True)
            rows = [line.replace('"', "").split(",") for line in out.splitlines()[1:]]
            print(f"redis       {name:10}  " + ", ".join(f"{row[0]} {float(row[1]):.0f}/s" for row in rows))


# ---- PostgreSQL

class Postgres:
    """A server of its own, as the user postgres."""

    def __init__(self, bench):
        self.bin = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.folder = pathlib.Path(bench.folder) / "postgres"
        self.folder.mkdir()
        pathlib.Path(bench.folder).chmod(0o755)
        shutil.chown(self.folder, "postgres", "postgres")
        data = str(self.folder / "data")
        self.run(self.bin / "initdb", "-D", data, "-A", "trust")
        options = f"-p {POSTGRES} -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories={self.folder}"
        self.control = (self.bin / "pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"))
        self.run(*self.control, "-o", options, "start")

    def run(self, *command):
        subprocess.check_call(["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command],
                              stdout=subprocess.DEVNULL, cwd=self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run(*self.control, "-m", "immediate", "stop")


def reload_often(bench, count):
    """Each is waited for; the last one leaves things as they were."""
    for mark in range(6, 6 + count):
        before = metric("outrigger_config_reloads_total")
        write_config(bench.folder, f"127.0.0.1:{POSTGRES}", mark)
        end = time.monotonic() + 20
        while metric("outrigger_config_reloads_total") == before:
            if time.monotonic() > end:
                raise SystemExit("a reload did not happen")
            time.sleep(0.05)


def pgbench():
    with rig.Rig() as bench, Postgres(bench):
        start_ours(bench, f"127.0.0.1:{POSTGRES}")
        at = ["-h", "127.0.0.1", "-U", "postgres"]
        answer = subprocess.check_output(["psql", *at, "-p", str(OURS), "-Atc", "select 6 * 7", "postgres"], text=True)
        if answer.strip() != "42":
            raise SystemExit(f"psql: {answer}")
        subprocess.check_call(["pgbench", *at, "-p", str(OURS), "-i", "-q", "postgres"], stderr=subprocess.DEVNULL)
        for name, port, connect in (("direct", POSTGRES, []), ("outrigger", OURS, []), ("outrigger, a connection each", OURS, ["-C"])):
            load = subprocess.Popen(["pgbench", *at, "-p", str(port), "-c", "8", "-T", "12", *connect, "postgres"],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            reloads = 0
            if port == OURS:
                reloads = 20
                reload_often(bench, reloads)
                if load.poll() is not None:
                    raise SystemExit("pgbench ended before the reloads did")
            out = load.communicate()[0]
            failed = re.search(r"failed transactions: (\d+)", out)
            done = re.search(r"transactions actually processed: (\d+)", out)
            rate = re.search(r"tps = ([\d.]+)", out)
            if load.returncode != 0 or not failed or int(failed.group(1)) > 0 or "aborted" in out:
                raise SystemExit(f"pgbench failed:\n{out}")
            print(f"pgbench     {name:10}  {done.group(1)} transactions, {failed.group(1)} failed, "
                  f"{float(rate.group(1)):.0f}/s, {reloads} reloads")


# ---- PROXY protocol

def proxy():
    with rig.Rig() as bench:
        heard = []
        listener = socket.create_server(("127.0.0.1", APP), backlog=8)

        def serve():
            while True:
                connection = listener.accept()[0]
                heard.append(connection.recv(4096))
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        # The inbound side demands a header, HAProxy sends one, and the app's connection is a tunnel.
        path = pathlib.Path(bench.folder) / "inbound.yaml"
        path.write_text(f'version: 1\nlog: {{access: all}}\nlisten: {{inbound: "127.0.0.1:{OURS}", outbound: none, admin: '
                        f'"127.0.0.1:{ADMIN}", telemetry: none}}\n'
                        f"app: {{port: {APP}, protocol: tcp, proxyProtocol: required}}\n")
        bench.start(OURS, rig.PROXY_CPU, rig.outrigger_binary(), "run", "--config", str(path))
        config = bench.fill("tcp_haproxy.cfg", PORT=HAPROXY, UPSTREAM=OURS, HOW="send-proxy-v2")
        bench.start(HAPROXY, rig.PROXY_CPU, "haproxy", "-db", "-f", config)
        caller = socket.create_connection(("127.0.0.1", HAPROXY))
        port = caller.getsockname()[1]
        caller.sendall(b"hello")
        caller.recv(1)
        caller.close()
        end = time.monotonic() + 10
        log = pathlib.Path(bench.folder) / f"{OURS}.log"
        while f'"peer":"127.0.0.1:{port}"' not in log.read_text():
            if time.monotonic() > end:
                raise SystemExit(f"no record names the caller behind HAProxy; the app heard {heard}:\n{log.read_text()}")
            time.sleep(0.05)
        if b"hello" not in heard:
            raise SystemExit(f"the app heard {heard}")
        print("proxy       HAProxy's send-proxy-v2: the record names the caller behind it")


def main():
    parts = {"throughput": throughput, "redis": redis, "pgbench": pgbench, "proxy": proxy}
    for name in sys.argv[1:] or parts:
        if name not in parts:
            raise SystemExit(__doc__)
        parts[name]()


if __name__ == "__main__":
    main()
