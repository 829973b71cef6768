"""What the resilience experiments share: services that fail in parts, callers, proxies on one or both ends, figures."""
import collections
import csv
import json
import os
import pathlib
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request

import rig

BUILD = pathlib.Path(os.environ.get("OUTRIGGER_BUILD", rig.ROOT / "build/release"))
OUTBOUND = rig.FIRST_PORT          # the caller's side of the proxy that is measured
INBOUND = rig.FIRST_PORT + 20      # the side before the app
FIRST = rig.FIRST_ENDPOINT


def ports(count):
    return list(range(FIRST, FIRST + count))


# What an Outrigger without policies is: the same timeouts and tries, nothing that holds them back.
OFF = "breaker: none, eject: none, hedge: {percent: 0}, " \
      "limits: {connections: 4096, requests: 1000000, pending: 1000000, pendingTimeout: 30s}"
BOUNDLESS = "budget: {percent: 100, minPerSecond: 1000000, burst: 1000000}"


class Services:
    """bench_service: one process, many endpoints."""

    def __init__(self, bench):
        self.process = subprocess.Popen(["taskset", "-c", str(rig.LOAD_CPU), str(BUILD / "bench_service")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        bench.processes.append(self.process)

    def say(self, *lines):
        """Gives the commands; the answer to the last one."""
        for line in lines:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            if "error" in answer:
                raise SystemExit(f"bench_service: {answer}")
        return answer

    def each(self, chosen, *commands):
        for port in chosen:
            self.say(*(f"port {port} {command}" for command in commands))

    def counts(self):
        return Counts(self.say("counts"))


class Counts:
    """What reached the services, by port; instants are those of time.monotonic()."""

    def __init__(self, read):
        self.since, self.at = read["since_us"] / 1e6, read["now_us"] / 1e6
        self.ports = {int(port): counts for port, counts in read["ports"].items()}

    def sum(self, what):
        return sum(counts[what] for counts in self.ports.values())

    def arrivals(self, port, begin, end):
        """Requests that arrived in whole buckets of 100 ms between two instants."""
        series = self.ports[port]["series"]
        first, last = (round((instant - self.since) / 0.1) for instant in (begin, end))
        return sum(series[max(first, 0):max(last, 0)])


Row = collections.namedtuple("Row", "due took good outcome")  # seconds since the load began, milliseconds


class Load:
    """bench_load, running; `began` and instants are those of time.monotonic()."""

    def __init__(self, bench, to, rate, seconds, *more):
        self.rows_file = os.path.join(bench.folder, f"rows-{to}-{time.monotonic_ns()}.csv")
        command = [str(BUILD / "bench_load"), "--to", f"127.0.0.1:{to}", "--rate", str(rate), "--for",
                   f"{int(seconds * 1000)}ms", "--rows", self.rows_file, *map(str, more)]
        self.process = subprocess.Popen(["taskset", "-c", str(rig.LOAD_CPU), *command], stdout=subprocess.PIPE, text=True)
        bench.processes.append(self.process)

    def wait(self):
        out, _ = self.process.communicate(timeout=300)
        if self.process.returncode != 0:
            raise SystemExit("bench_load failed")
        self.result = json.loads(out)
        self.began = self.result["began_us"] / 1e6
        with open(self.rows_file) as lines:
            next(lines)
            self.rows = [Row(float(due) / 1000, float(took), good == "1", outcome)
                         for due, took, good, outcome in (line.rstrip("\n").split(",") for line in lines)]
        return self

    def between(self, begin, end):
        """The requests that were due between two instants."""
        return [row for row in self.rows if begin <= self.began + row.due < end]

    @property
    def failed(self):
        return self.result["sent"] - self.result["good"]


def quantile(rows, share):
    """Milliseconds, by the nearest rank."""
    took = sorted(row.took for row in rows)
    return took[min(len(took) - 1, max(0, -int(-share * len(took) // 1) - 1))] if took else 0.0


def success(rows):
    """In percent."""
    return 100 * sum(row.good for row in rows) / len(rows) if rows else 0.0


class Lab(rig.Rig):
    def services(self, count, *commands):
        """Endpoints of one process, alike."""
        made = Services(self)
        made.each(ports(count), "open", *commands)
        return made

    def load(self, to, rate, seconds, *more):
        return Load(self, to, rate, seconds, *more)

    # ---- proxies

    def outrigger(self, port, text, *more):
        """`text`: all of the file but listeners; @ADMIN@ and @TELEMETRY@ are set beside `port`."""
        path = pathlib.Path(self.folder) / f"outrigger-{port}.yaml"
        path.write_text(text)
        program = os.environ.get("OUTRIGGER_BIN", str(BUILD / "outrigger"))
        self.start(port, rig.PROXY_CPU, program, "run", "--workers", "1", "--config", str(path), *more)
        return path

    def caller_side(self, side, endpoints, policy="", balance="round-robin", request=15, attempt=None, tries=3, eject=True,
                    template=None, upstream="", more="", **extra):
        """The proxy beside a caller, at OUTBOUND. `side`: ours or naive, with `policy`, the inside of a policy's braces;
        or a template of peers/resilience, with the rest. Seconds. False if that peer is not here."""
        if side.split(",")[0] in ("ours", "naive"):
            listed = ", ".join(f'"127.0.0.1:{port}"' for port in endpoints)
            self.outrigger(OUTBOUND, listeners(OUTBOUND) + f"policies: {{p: {{{policy}}}}}\n"
                           f"upstreams:\n  origin: {{endpoints: [{listed}], policy: p, balance: {balance}{upstream}}}\n{more}")
            return True
        return self.peer(template or side, OUTBOUND, endpoints, balance, request, attempt or request, tries, eject, **extra)

    def peer(self, side, port, endpoints, balance="round-robin", request=15, attempt=15, tries=3, eject=True, **more):
        envoy = os.environ.get("ENVOY_BIN", str(rig.ROOT / "build/deps/envoy/envoy"))
        kind = side.split("-")[0]
        if kind == "envoy" and not os.access(envoy, os.X_OK):
            return False
        spellings = {
            "envoy": {"suffix": "yaml", "balance": {"round-robin": "ROUND_ROBIN", "least-request": "LEAST_REQUEST"},
                      "endpoint": "        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {}}}}}}}"},
            "haproxy": {"suffix": "cfg", "balance": {"round-robin": "roundrobin", "least-request": "leastconn"},
                        "endpoint": "  server s{0} 127.0.0.1:{0}"},
            "nginx": {"suffix": "conf", "balance": {"round-robin": "", "least-request": "least_conn;"},
                      "endpoint": "    server 127.0.0.1:{}" + {"nginx": " max_fails=5 fail_timeout=5s;" if eject else " max_fails=0;"}.get(side, ";")},
        }[kind]

        def span(seconds):
            return f"{round(seconds * 1000)}ms" if kind != "envoy" else f"{seconds:g}s"

        config = self.fill(f"resilience/{side}.{spellings['suffix']}", PORT=port, ADMIN=port + 500,
                           BALANCE=spellings["balance"][balance], REQUEST=span(request), ATTEMPT=span(attempt), RETRIES=tries,
                           TRIES=tries + 1, OUT=50 if eject else 0, MARK="on-error mark-down" if eject else "on-error fastinter", ENDPOINTS="\n".join(spellings["endpoint"].format(p) for p in endpoints), **more)
        command = {"envoy": [envoy, "-c", config, "--concurrency", "1", "--log-level", "error", "--base-id", str(port)],
                   "haproxy": ["haproxy", "-db", "-f", config],
                   "nginx": ["nginx", "-c", config]}[kind]
        self.start(port, rig.PROXY_CPU, *command)
        return True


def listeners(port, inbound="none"):
    return f'version: 1\nlisten: {{inbound: {inbound}, outbound: "127.0.0.1:{port}", admin: "127.0.0.1:{port + 500}", ' \
           f'telemetry: "127.0.0.1:{port + 600}"}}\nlog: {{access: none}}\n'


def metric(name, labels="", port=OUTBOUND):
    """The sum of an Outrigger's series of that name whose labels contain `labels`."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port + 600}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    return sum(float(value) for found, value in re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)", text, re.M) if labels in found)


class Watch:
    """Looks at a metric of the caller's side each 50 ms until an instant, and remembers when it grew."""

    def __init__(self, name, end):
        self.name, self.end, self.grew = name, end, []
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def _look(self):
        before = metric(self.name)
        while now() < self.end:
            time.sleep(0.05)
            value = metric(self.name)
            if value > before:
                self.grew.append(now())
            before = value

    def first(self, since):
        """Seconds until it first grew; None: it did not."""
        self.thread.join()
        return self.grew[0] - since if self.grew else None


now = time.monotonic


def until(instant):
    """Waits for an instant of time.monotonic()."""
    left = instant - now()
    if left > 0:
        time.sleep(left)


# ---- figures

Figure = collections.namedtuple("Figure", "side setting run figure value unit target upwards")  # target: None, or a number


class Figures:
    """What an experiment found on loopback, in the words of the simulator's (tests/support/sim/experiment.h): rows of
    figures with what they must reach, ours beside the naive control's and the peers'."""

    def __init__(self, experiment):
        self.experiment, self.rows = experiment, []
        self.setting = self.side = self.run = None

    def at(self, setting, side, run):
        """What the following rows are about."""
        self.setting, self.side, self.run = setting, side, run
        return self

    def at_most(self, figure, value, unit, target):
        self._add(figure, value, unit, target, False)

    def at_least(self, figure, value, unit, target):
        self._add(figure, value, unit, target, True)

    def note(self, figure, value, unit):
        self._add(figure, value, unit, None, False)

    def _add(self, figure, value, unit, target, upwards):
        self.rows.append(Figure(self.side, self.setting, self.run, figure, value, unit, target, upwards))
        print(f"  {self.experiment} | {self.side} | {self.setting} | run {self.run} | {figure} | {value:.5g} {unit}", flush=True)

    def write(self, folder):
        with open(folder / f"{self.experiment}_loopback.csv", "w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(["side", "setting", "run", "figure", "value", "unit", "target", "met"])
            for row in self.rows:
                target = "" if row.target is None else f"{'>=' if row.upwards else '<='} {limit(row):.6g}"
                writer.writerow([row.side, row.setting, row.run, row.figure, f"{row.value:.6g}", row.unit, target,
                                 "" if row.target is None else "yes" if met(row) else "no"])


def limit(row):
    """What loopback must reach: times may be a quarter and 2 ms longer than the simulator's, all else is the same."""
    grace = {"ms": 2, "s": 0.002}.get(row.unit)
    return row.target if grace is None or row.upwards else row.target * 1.25 + grace


def met(row):
    return row.value >= limit(row) if row.upwards else row.value <= limit(row)


def write_series(folder, name, header, rows):
    with open(folder / f"{name}.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
