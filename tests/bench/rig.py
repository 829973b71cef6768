"""What the benches share: an origin and proxies as pinned processes, and what they cost by /proc."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Ports, all below those that the kernel gives out: 9001-9003 origins; from 9010 proxies, their admin 500 and their
# telemetry 600 above them; 9210-9299 the endpoints of bench_service.
ORIGIN_PORT = 9001
FIRST_PORT = 9010
FIRST_ENDPOINT = 9210
PROXY_CPU, LOAD_CPU = 0, 1
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


class Rig:
    """Starts processes and ends them; a context manager."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="outrigger-bench-")
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def fill(self, template, **values):
        """A copy of peers/TEMPLATE with its @NAMES@ filled in; one for each port."""
        text = (HERE / "peers" / template).read_text()
        values = {"ORIGIN": ORIGIN_PORT, "FOLDER": self.folder, **values}
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        path = os.path.join(self.folder, f"{values.get('PORT', ORIGIN_PORT)}-{os.path.basename(template)}")
        pathlib.Path(path).write_text(text)
        return path

    def start(self, port, cpu, *command):
        """A process that listens at `port` once this returns."""
        log = open(os.path.join(self.folder, f"{port}.log"), "wb")
        process = subprocess.Popen(["taskset", "-c", str(cpu), *command], stdout=log, stderr=log)
        self.processes.append(process)
        end = time.monotonic() + 20
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return process.pid
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"{command[0]} did not start:\n{open(log.name).read()}")

    def origin(self, body=64):
        self.start(ORIGIN_PORT, LOAD_CPU, "nginx", "-c", self.fill("origin.conf", BODY="x" * body))

    def relay(self, port):
        program = os.path.join(self.folder, "relay")
        subprocess.check_call(["gcc", "-O2", "-o", program, HERE / "peers" / "relay.c", "-luv"])
        return self.start(port, PROXY_CPU, program, str(port), str(ORIGIN_PORT))

    def nginx(self, port):
        return self.start(port, PROXY_CPU, "nginx", "-c", self.fill("nginx.conf", PORT=port))

    def haproxy(self, port):
        return self.start(port, PROXY_CPU, "haproxy", "-db", "-f", self.fill("haproxy.cfg", PORT=port))

    def envoy(self, port):
        program = os.environ.get("ENVOY_BIN", "")
        if not os.access(program, os.X_OK):
            return None
        config = self.fill("envoy.yaml", PORT=port, ADMIN=port + 500)
        return self.start(port, PROXY_CPU, program, "-c", config, "--concurrency", "1", "--log-level", "error")

    def outrigger(self, port):
        program = outrigger_binary()
        config = self.fill("outrigger.yaml", PORT=port, ADMIN=port + 500)
        return self.start(port, PROXY_CPU, program, "run", "--workers", "1", "--config", config)


def outrigger_binary():
    return os.environ.get("OUTRIGGER_BIN", str(ROOT / "build/release/outrigger"))


def family(pid):
    """The process and its children."""
    pids = [pid]
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    for child in children:
        pids += family(int(child))
    return pids


def cpu_seconds(pid):
    """User and system time."""
    ticks = 0
    for member in family(pid):
        fields = pathlib.Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * TICK_SECONDS


def memory_kib(pid, what="Pss"):
    """`Pss`: with its share of what is shared; `Private_Dirty`: its own alone."""
    total = 0
    for member in family(pid):
        rollup = pathlib.Path(f"/proc/{member}/smaps_rollup").read_text()
        total += int(re.search(rf"^{what}:\s+(\d+)", rollup, re.M).group(1))
    return total


def open_idle(port, count):
    """Connections that have each had one answer and now wait."""
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port), 5)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: origin\r\n\r\n")
        answer = connection.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"connection {len(connections) + 1} was answered with {answer!r}")
        connections.append(connection)
    return connections
