"""E14: 200 reloads under 2,000 rps, files that were tampered with, a file that is gone, a start with `--state`,
and health checks that call everything dead."""
import json
import pathlib
import random
import re
import subprocess
import time
import urllib.request

import lab
import rig

SIDES = ["ours"]
ENDPOINTS = 4
DEBOUNCE = 0.1


def run(figures, side, turn, short):
    figures.at("reloads, 2,000 rps", side, turn)
    reloads(figures, 10 if short else 200 if turn == 1 else 50, 2 if short else 5)
    if turn == 1:
        figures.at("fuzzed files", side, turn)
        fuzzed(figures, 100 if short else 1000)
        figures.at("file gone, then bad, start with --state", side, turn)
        gone(figures)
        figures.at("all dead, say the health checks", side, turn)
        all_dead(figures)


def config(turn):
    """Differs in each turn: a timeout, and every other time a route."""
    listed = ", ".join(f'"127.0.0.1:{port}"' for port in lab.ports(ENDPOINTS))
    route = "routes:\n  - {name: extra, match: {prefix: /extra}, to: origin}\n" if turn % 2 else ""
    return lab.listeners(lab.OUTBOUND) + f"policies: {{p: {{timeout: {{request: {2000 + turn}ms}}}}}}\n" \
        f"upstreams:\n  origin: {{endpoints: [{listed}], policy: p}}\n{route}"


def write(path, text):
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.rename(path)


def reaches(name, labels, wanted):
    """Waits until a metric is so large; when it was."""
    end = lab.now() + 20
    while lab.metric(name, labels) < wanted:
        if lab.now() > end:
            raise SystemExit(f"{name}{{{labels}}} did not reach {wanted}")
        time.sleep(0.005)
    return lab.now()


def endpoints():
    with urllib.request.urlopen(f"http://127.0.0.1:{lab.OUTBOUND + 500}/api/upstreams", timeout=5) as answer:
        return {one["address"]: one["state"] for one in json.load(answer)["upstreams"][0]["endpoints"]}


def reloads(figures, count, quiet):
    with lab.Lab() as bench:
        services = bench.services(ENDPOINTS, "law constant 2ms")
        path = bench.outrigger(lab.OUTBOUND, config(0))
        pid = bench.processes[-1].pid
        load = bench.load(lab.OUTBOUND, 2000, quiet + count * 0.17 + 1)
        lab.until(lab.now() + quiet - 0.5)
        services.say(f"port {lab.FIRST} kill")  # so that there is something to forget
        lab.until(lab.now() + 0.5)
        began, before = lab.now(), rig.memory_kib(pid)
        effects, kept = [], endpoints()[f"127.0.0.1:{lab.FIRST}"] != "healthy"
        for turn in range(1, count + 1):
            write(path, config(turn))
            written = lab.now()
            effects.append(reaches("outrigger_config_reloads_total", 'result="applied"', turn) - written - DEBOUNCE)
        ended = lab.now()
        kept = kept and services.counts().arrivals(lab.FIRST, began, ended) == 0
        after = rig.memory_kib(pid)
        load.wait()
    figures.at_most("requests that failed", load.failed, "", 0)
    usual = lab.quantile(load.between(began - quiet + 0.5, began - 0.6), 0.99)
    busy = lab.quantile(load.between(began, ended), 0.99)
    figures.note("p99 without reloads", usual, "ms")
    figures.note("p99", busy, "ms")
    figures.at_most("p99, of that without reloads", busy / usual, "x", 1.1)
    figures.at_most("effect after the debounce, p95", 1000 * sorted(effects)[int(0.95 * (len(effects) - 1))], "ms", 50)
    figures.at_most("memory grown", after - before, "KiB", 1024)
    figures.at_least("what was learned is kept", kept, "", 1)


def fuzzed(figures, count):
    """A good file with some characters changed, each time; what is still good does not count."""
    program, rng = str(lab.BUILD / "outrigger"), random.Random(14)
    refused = unplaced = broken = 0
    with lab.Lab() as bench:
        path = pathlib.Path(bench.folder) / "fuzzed.yaml"
        examples = [one.read_text() for one in sorted((rig.ROOT / "config/examples").glob("*.yaml"))]
        for _ in range(count):
            path.write_text(tampered(rng, rng.choice(examples)))
            checked = subprocess.run([program, "check", str(path)], capture_output=True, text=True)
            broken += checked.returncode not in (0, 1, 2)
            if checked.returncode != 2:
                continue
            refused += 1
            unplaced += re.search(r"fuzzed\.yaml:\d+:\d+ OR\d+", checked.stdout + checked.stderr) is None
    figures.note("files refused", refused, "")
    figures.at_most("refused without the place of an error", unplaced, "", 0)
    figures.at_most("crashes", broken, "", 0)


def tampered(rng, text):
    for _ in range(rng.randint(1, 4)):
        at, kind = rng.randrange(len(text)), rng.randrange(4)
        if kind == 0:
            text = text[:at] + text[at + rng.randint(1, 6):]
        elif kind == 1:
            text = text[:at] + rng.choice(list(":{}[]\"'#&*!|>%@`\t\0,-? ") + ["\xff", "- x\n", "a: b\n"]) + text[at:]
        elif kind == 2:
            other = rng.randrange(len(text))
            text = text[:at] + text[other:other + 20] + text[at:]
        else:
            text = text[:at]
        text = text or "x"
    return text


def gone(figures):
    with lab.Lab() as bench:
        bench.services(ENDPOINTS, "law constant 2ms")
        state = pathlib.Path(bench.folder) / "state"
        state.mkdir()
        path = bench.outrigger(lab.OUTBOUND, config(0), "--state", str(state))
        load = bench.load(lab.OUTBOUND, 500, 2)
        lab.until(lab.now() + 0.5)
        path.unlink()
        load.wait()
        figures.at_most("requests that failed without the file", load.failed, "", 0)
        bench.processes[-2].terminate()
        bench.processes[-2].wait(30)
        bench.outrigger(lab.OUTBOUND, "version: 1\nupstreams: {origin: {endpoints: 7}}\n", "--state", str(state))
        load = bench.load(lab.OUTBOUND, 500, 1).wait()
        figures.at_most("requests that failed on the last good one", load.failed, "", 0)


def all_dead(figures):
    """The checks call every endpoint ill, and are wrong: the traffic knows better."""
    listed = ", ".join(f'"127.0.0.1:{port}"' for port in lab.ports(ENDPOINTS))
    with lab.Lab() as bench:
        services = bench.services(ENDPOINTS, "law constant 2ms")
        bench.outrigger(lab.OUTBOUND, lab.listeners(lab.OUTBOUND) + f"upstreams:\n  origin:\n    endpoints: [{listed}]\n"
                        "    health: {path: /healthz, interval: 100ms, timeout: 50ms}\n")
        load = bench.load(lab.OUTBOUND, 1000, 4)
        lab.until(lab.now() + 1)
        services.each(lab.ports(ENDPOINTS), "healthy no")
        lab.until(lab.now() + 2)
        ill = lab.metric("outrigger_endpoints", 'state="unhealthy"')
        services.each(lab.ports(ENDPOINTS), "healthy yes")
        load.wait()
    figures.note("endpoints that the checks call ill", ill, "")
    figures.at_most("requests that failed", load.failed, "", 0)
