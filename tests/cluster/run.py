#!/usr/bin/env python3
"""The chart, the injector and the sidecars in a real cluster: installed by helm, then a rolling update, a drained node and a Job
under load, in which no request may fail.

usage: run.py BINARY [--hold]   --hold: stay when all is done or has failed, until it is interrupted
Control plane: real. Nodes: kubelet.py. Logs: build/cluster/run/logs.
"""
import json
import os
import sys
import time
import traceback

import manifests as m
from images import ROOT
from world import INSIDE, LOGS, Failure, World, expect, inside, wait_for

STEADY = 5  # Seconds of load before, between and after what disturbs it.
CHART = ROOT / "helm" / "outrigger"


class Run:
    def __init__(self, world):
        self.world, self.figures = world, []

    def note(self, what, value):
        self.figures.append((what, value))
        print(f"{what}: {value}", flush=True)

    # ---- Steps

    def install(self):
        """The namespaces first: the chart binds the rights of their accounts there."""
        self.world.apply(m.restricted(m.SHOP), m.namespace(m.ODD))
        wait_for("the namespace's service account", lambda: [a for a in self.world.get("serviceaccounts", m.SHOP)
                                                             if a["metadata"]["name"] == "default"])
        begun = time.monotonic()
        account = json.dumps([{"namespace": m.SHOP, "name": "*"}])
        self.world.helm("install", "mesh", str(CHART), "-n", m.MESH, "--create-namespace", "-f", str(CHART / "values-ha.yaml"),
                        "--set", "injector.certificate.mode=helm,sidecar.discovery.enabled=true",
                        "--set-json", f"sidecar.discovery.serviceAccounts={account}",
                        "--set-json", f'sidecar.discovery.namespaces=["{m.SHOP}"]', "--wait", "--timeout", "180s")
        self.note("helm install --wait", f"{time.monotonic() - begun:.1f} s")

    def start_shop(self):
        begun = time.monotonic()
        self.world.apply(m.config_map(m.CONFIG), m.shop_service(), m.shop_budget(), m.shop())
        self.world.rolled_out(m.SHOP, "shop")
        self.note("three injected pods ready", f"{time.monotonic() - begun:.1f} s")
        self.world.apply(m.callers())
        self.world.rolled_out(m.SHOP, "caller")
        self.all_injected("shop", 3)
        self.all_injected("caller", m.CALLERS)

    def all_injected(self, app, count):
        pods = [p for p in self.world.pods(m.SHOP, app) if "deletionTimestamp" not in p["metadata"]]
        expect(len(pods) == count, f"{len(pods)} pods of {app}, not {count}")
        for pod in pods:
            names = [c["name"] for c in pod["spec"].get("initContainers", [])]
            expect("outrigger" in names, f"{pod['metadata']['name']} has no sidecar: {pod['metadata'].get('annotations')}")

    def both_sidecars(self):
        """What passes is counted at both sides."""
        wait_for("answers", lambda: self.world.totals()["good"] > 100)
        for app, metric in (("caller", 'outrigger_requests_total{'), ("shop", 'outrigger_requests_total{')):
            for pod in self.world.pods(m.SHOP, app):
                text = self.world.curl(f"{pod['status']['podIP']}:15190", "/metrics")
                counted = sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(metric))
                expect(counted > 0, f"{pod['metadata']['name']}: its sidecar has counted no request")
        self.note("requests pass both sidecars", "yes")

    def steady(self):
        before = self.world.totals()
        time.sleep(STEADY)
        after = self.world.totals()
        rate = (after["sent"] - before["sent"]) / STEADY
        self.note("load", f"{rate:.0f} requests/s")

    def under_load(self, what, act):
        """act() while the callers call; none may fail, also in the seconds after it."""
        before, begun = self.world.totals(), time.monotonic()
        act()
        took = time.monotonic() - begun
        time.sleep(STEADY)
        after = self.world.totals()
        self.note(what, f"{took:.1f} s, {after['sent'] - before['sent']} requests, {after['failed'] - before['failed']} failed")

    def roll(self):
        self.world.kubectl("set", "env", "-n", m.SHOP, "deployment/shop", "VERSION=2")
        self.world.rolled_out(m.SHOP, "shop")
        wait_for("the old pods are over", lambda: len(self.world.pods(m.SHOP, "shop")) == 3)

    def drain_node(self):
        """The node with a pod of the shop, whatever else stands on it."""
        node = self.world.pods(m.SHOP, "shop")[0]["spec"]["nodeName"]
        self.world.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=180s")
        left = [p["metadata"]["name"] for p in self.world.get("pods") if p["spec"].get("nodeName") == node]
        expect(not left, f"{node} still has {left}")
        self.world.rolled_out(m.SHOP, "shop")
        self.world.rolled_out(m.SHOP, "caller")
        self.world.kubectl("uncordon", node)

    def end_load(self):
        """The callers end, and with them their sidecars; then the sums are final."""
        self.world.kubectl("scale", "-n", m.SHOP, "deployment/caller", "--replicas=0")
        wait_for("the callers are over", lambda: not self.world.pods(m.SHOP, "caller"))
        callers = self.world.log_lines(m.SHOP, "caller", "load")
        finals = [lines[-1] for lines in callers.values()]
        expect(all(line.get("final") for line in finals), "each caller ended by itself")
        sums = self.world.totals()
        self.note("requests in all", f"{sums['sent']} sent, {sums['good']} answered, {sums['failed']} failed")
        self.note("median, 99 %, slowest", " ".join(f"{max(line[q] for line in finals):.0f}" for q in ("p50", "p99", "max")) + " ms")
        expect(sums["failed"] == 0 and sums["sent"] == sums["good"], f"requests failed: {self.world.failures()}")
        versions = {version for line in finals for version in line["versions"]}
        expect({"1", "2"} <= versions, f"the update was seen by callers: {versions}")

    def run_job(self):
        begun = time.monotonic()
        self.world.apply(m.job())
        self.world.kubectl("wait", "-n", m.SHOP, "--for=condition=complete", "job/report", "--timeout=90s")
        pod, = self.world.pods(m.SHOP, "report")
        ended = pod["status"]["initContainerStatuses"][-1]["state"].get("terminated", {})
        expect(pod["status"]["phase"] == "Succeeded" and ended.get("exitCode") == 0, f"the job's sidecar: {ended}")
        self.note("a Job with a sidecar, from apply to complete", f"{time.monotonic() - begun:.1f} s")

    def why_not(self):
        self.world.apply(m.host_network_pod())
        events = wait_for("an Event tells why the host-network pod has no sidecar", lambda: self.world.get(
            "events", m.ODD, "--field-selector", "reason=OutriggerNotInjected"), 20)
        self.note("why not", events[0].get("message") or events[0].get("note"))

    def tear_down(self):
        begun = time.monotonic()
        self.world.helm("uninstall", "mesh", "-n", m.MESH, "--wait")
        self.world.kubectl("delete", "namespace", m.SHOP, m.ODD, m.MESH, "--timeout=90s")
        wait_for("no pod leaves anything", lambda: not self.world.leftovers(), 30)
        self.note("uninstalled, namespaces deleted, nothing left", f"{time.monotonic() - begun:.1f} s")

    def all(self):
        self.install()
        self.start_shop()
        self.both_sidecars()
        self.steady()
        self.under_load("rolling update of three", self.roll)
        self.under_load("a node drained", self.drain_node)
        self.end_load()
        self.run_job()
        self.why_not()
        self.tear_down()

    def table(self, verdict):
        width = max(len(what) for what, _ in self.figures)
        return "\n".join(["", *(f"{what:{width}}  {value}" for what, value in self.figures), "", verdict])


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: run.py BINARY [--hold]")
    inside()
    world = World(sys.argv[1])
    run = Run(world)
    run.note("binary", sys.argv[1])
    try:
        run.note("control plane and nodes up", f"{world.up():.1f} s")
        run.all()
        good = True
    except (Failure, RuntimeError, OSError, ValueError, KeyError) as error:
        good = False
        traceback.print_exc()
        print(f"{world.last_words()}\n\nFAILED: {error}\nlogs: {LOGS}", file=sys.stderr)
    print(run.table("all is well" if good else "FAILED"), flush=True)
    if "--hold" in sys.argv:
        print(f"look at it with: nsenter --all --target $(pgrep -P $(pgrep -P {os.environ[INSIDE]}))  "
              f"and KUBECONFIG={world.plane.kubeconfig}", flush=True)
        while True:
            time.sleep(60)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
