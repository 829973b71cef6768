#!/usr/bin/env python3
"""A real Prometheus scrapes a loaded sidecar; then every expression of the dashboards and every rule must have an answer, and
the alerts must have fired that the run provokes.

usage: scrape.py [--for 10m] [--keep]

The rules are the chart's own, with `for:` and the intervals shortened so that a run of minutes sees them through; the windows
are as they are. Ends with 1 if anything is missing, and says what.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import rig
import scrape_world

sys.dont_write_bytecode = True
RULES = rig.ROOT / "helm/outrigger/rules"
BOARDS = rig.ROOT / "helm/outrigger/dashboards"
OPEN = "application/openmetrics-text;version=1.0.0"

# Alerts that a run cannot or should not provoke.
NOT_PROVOKED = {
    "OutriggerEventLoopLag": "the loop would have to be starved of CPU",
    "OutriggerPodsNotInjected": "no injector runs here; tests/cluster has one",
}
# Expressions without an answer, by a piece of them, and why that is right.
EMPTY_BY_NATURE = {}


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(s|m)", text).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


class Prometheus:
    def __init__(self, folder, sidecars):
        self.folder, self.port = pathlib.Path(folder), scrape_world.free_port()
        for file in RULES.glob("*.yaml"):
            (self.folder / file.name).write_text(re.sub(r"\bfor: \w+", "for: 15s", file.read_text()))
        targets = "".join(f"      - {{targets: ['127.0.0.1:{one.telemetry}'], labels: {{namespace: shop, pod: {one.pod}}}}}\n"
                          for one in sidecars)
        (self.folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 5s, evaluation_interval: 5s}\n"
            f"rule_files: ['{self.folder}/recording.yaml', '{self.folder}/alerts.yaml']\n"
            f"scrape_configs:\n  - job_name: outrigger\n    static_configs:\n{targets}")
        self.log = open(self.folder / "prometheus.log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/tsdb",
             f"--web.listen-address=127.0.0.1:{self.port}", "--enable-feature=exemplar-storage", "--log.level=warn"],
            stdout=self.log, stderr=self.log)
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=1).read()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"prometheus did not start:\n{(self.folder / 'prometheus.log').read_text()}")

    def ask(self, what, **query):
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(query)}"
        try:
            return json.load(urllib.request.urlopen(url, timeout=30))["data"]
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{query}: {error.read().decode()}") from error

    def over(self, expression, begin, end):
        """What the expression gave during the run, without NaN."""
        found = self.ask("query_range", query=expression, start=begin, end=end, step=5)["result"]
        return [one for one in found if any(value not in ("NaN",) for _, value in one["values"])]

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def expressions():
    """(where it stands, expression) of the dashboards, with their variables filled in, and of the recording rules."""
    for file in sorted(BOARDS.glob("*.json")):
        board = json.loads(file.read_text())
        found = [("annotation " + one["name"], one["expr"]) for one in board["annotations"]["list"]]
        for panel in board["panels"]:
            found += [(panel["title"], target["expr"]) for target in panel.get("targets", [])]
        for name, expression in found:
            expression = expression.replace("$__rate_interval", "1m")
            yield f"{board['title']}: {name}", re.sub(r"\$(namespace|pod|route|upstream)\b", ".*", expression)
    for name in re.findall(r"- record: (\S+)", (RULES / "recording.yaml").read_text()):
        yield f"recording rule {name}", name


def judge(prometheus, world, begin):
    end, wrong = time.time(), []
    down = prometheus.ask("query", query="min_over_time(up[10m]) < 1")["result"]
    failed = [one for one in prometheus.ask("targets")["activeTargets"] if one["lastError"]]
    if down or failed:
        wrong.append(f"a scrape failed: {failed or down}")
    every = list(expressions())
    empty = 0
    for name, expression in every:
        if prometheus.over(expression, begin, end):
            continue
        why = next((why for piece, why in EMPTY_BY_NATURE.items() if piece in expression), None)
        empty += 1
        print(f"  without an answer: {name}: {why or expression}")
        if why is None:
            wrong.append(f"{name} has no answer")
    print(f"expressions: {len(every)}, without an answer: {empty}")
    alerts = set(re.findall(r"- alert: (\S+)", (RULES / "alerts.yaml").read_text()))
    fired = {one["metric"]["alertname"] for one in prometheus.over('ALERTS{alertstate="firing"}', begin, end)}
    print(f"alerts that fired: {len(fired)} of {len(alerts)}: {', '.join(sorted(fired))}")
    for name in sorted(alerts - fired):
        print(f"  did not fire: {name}: {NOT_PROVOKED.get(name, 'IT SHOULD HAVE')}")
        if name not in NOT_PROVOKED:
            wrong.append(f"{name} did not fire")
    exemplars = prometheus.ask("query_exemplars", query="outrigger_request_duration_seconds_bucket", start=begin, end=end)
    print(f"exemplars: {sum(len(one['exemplars']) for one in exemplars)} of {len(exemplars)} series")
    if not exemplars:
        wrong.append("no exemplar came")
    for sidecar in world.sidecars:
        said = subprocess.run(["promtool", "check", "metrics"], input=sidecar.page("/metrics"), capture_output=True, check=False)
        if said.returncode or said.stdout or said.stderr:
            wrong.append(f"promtool check metrics of {sidecar.pod}: {(said.stdout + said.stderr).decode()}")
    sums = "sum(increase(outrigger_requests_total[10m])), count({__name__=~'outrigger_.*|process_.*', pod='cart-1'})".split(", count")
    print(f"series of {world.sidecars[0].pod}: {prometheus.ask('query', query='count' + sums[1])['result'][0]['value'][1]}; "
          f"requests: {float(prometheus.ask('query', query=sums[0])['result'][0]['value'][1]):.0f}")
    return wrong


def cost(folder):
    """CPU of a sidecar for a scrape of about 2,000 series, in milliseconds, by what is asked for."""
    port, service = scrape_world.free_port(), scrape_world.Service()
    routes = "".join(f"  - {{name: route-{i}, match: {{path: /r{i}}}, to: origin}}\n" for i in range(110))
    sidecar = scrape_world.Sidecar(folder, "many", (
        f'version: 1\nlisten: {{outbound: "127.0.0.1:{port}", admin: none, telemetry: "127.0.0.1:TELEMETRY"}}\n'
        f"upstreams: {{origin: {{endpoints: [{service.address}]}}}}\nroutes:\n{routes}"))
    connection = scrape_world.http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for i in range(110):
        connection.request("GET", f"/r{i}", headers={"host": "origin"})
        connection.getresponse().read()
    lines = [line for line in sidecar.page("/metrics").decode().splitlines() if not line.startswith("#")]
    for name, fields in {"text": {}, "OpenMetrics": {"accept": OPEN}, "OpenMetrics, gzip": {"accept": OPEN, "accept_encoding": "gzip"}}.items():
        before, times = rig.cpu_seconds(sidecar.process.pid), 200
        for _ in range(times):
            body = sidecar.page("/metrics", **fields)
        spent = (rig.cpu_seconds(sidecar.process.pid) - before) / times * 1000
        print(f"a scrape of {len(lines)} series, {name}: {spent:.1f} ms of CPU, {len(body)} octets")
    sidecar.end()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--for", dest="length", default="10m", type=seconds)
    options.add_argument("--keep", action="store_true", help="leave the folder with Prometheus's data")
    options = options.parse_args()
    folder = tempfile.mkdtemp(prefix="outrigger-scrape-")
    world = prometheus = None
    try:
        cost(folder)
        world = scrape_world.World(folder)
        prometheus = Prometheus(folder, world.sidecars)
        begin = time.time()
        world.load()
        for part, what, act in [*world.steps(), (1, "the end", lambda: None)]:
            time.sleep(max(0.0, begin + part * options.length - time.time()))
            print(f"{time.time() - begin:5.0f} s: {what}", flush=True)
            act()
        wrong = judge(prometheus, world, begin)
    finally:
        for one in filter(None, (prometheus, world)):
            one.end()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(wrong) or "nothing is missing")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
