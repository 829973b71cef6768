#!/usr/bin/env python3
"""A rehearsal of run.py that needs no control plane: the stand-in kubelet with a toy API server, and pods that `outrigger inject` made.

usage: rehearse.py BINARY
In half a minute: three pods of an app and two callers at 200 requests a second, each pod replaced, a node emptied, a Job.
"""
import json
import subprocess
import sys
import time
import traceback

import control_plane
import manifests as m
import sandbox
import toy_api
from api import Api, ApiError
from world import STATE, Failure, World, expect, inside, wait_for

SETTINGS = """version: 1
certificate: {cert: /certs/tls.crt, key: /certs/tls.key}
sidecar: {image: "outrigger:0.1.0"}
config: {upstreams: {shop: {kubernetes: {service: shop, port: http}, sidecar: {port: 15106}}}}
"""
PODS = f"/api/v1/namespaces/{m.SHOP}/pods"


class Rehearsal:
    def __init__(self, world):
        self.world, self.number, self.begun = world, 0, time.monotonic()
        (STATE / "injector.yaml").write_text(SETTINGS)
        sandbox.make_bridge()
        control_plane.make_certificates(world.plane.pki)
        toy_api.serve(sandbox.GATEWAY, control_plane.PORT, world.plane.pki)
        self.api = Api(sandbox.GATEWAY, control_plane.PORT, world.plane.pki)
        world.start_kubelet()
        authority = {"ca.crt": (world.plane.pki / "ca.crt").read_text()}
        self.api.post(f"/api/v1/namespaces/{m.SHOP}/configmaps", {"metadata": {"name": "kube-root-ca.crt"}, "data": authority})
        self.api.post(f"/api/v1/namespaces/{m.SHOP}/services", m.shop_service())

    def say(self, what):
        print(f"{time.monotonic() - self.begun:6.1f} s  {what:24} {self.world.totals()}", flush=True)

    # ---- Pods

    def start(self, owner):
        """A pod of a Deployment's or a Job's template: its name."""
        done = subprocess.run([self.world.outrigger, "inject", "--json", "--file", "-", "--config", STATE / "injector.yaml"],
                              input=json.dumps(owner), capture_output=True, text=True)
        expect(done.returncode == 0, f"inject: {done.stderr}")
        template = json.loads(done.stdout)["spec"]["template"]
        self.number += 1
        name = f"{owner['metadata']['name']}-{self.number}"
        self.api.post(PODS, {"metadata": {**template["metadata"], "name": name}, "spec": template["spec"]})
        return name

    def get(self, name):
        try:
            return self.api.get(f"{PODS}/{name}")
        except ApiError:
            return None

    def ready(self, name):
        conditions = self.get(name).get("status", {}).get("conditions", [])
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def start_all(self, owners):
        names = [self.start(owner) for owner in owners]
        for name in names:
            wait_for(f"{name} is ready", lambda: self.ready(name))
        return names

    def end_all(self, names):
        for name in names:
            self.api.delete(f"{PODS}/{name}")

    def over(self, names):
        wait_for(f"{names} are over", lambda: not any(self.get(name) for name in names))

    # ---- Steps

    def all(self):
        shops = self.start_all([m.shop()] * 3)
        callers = self.start_all([m.callers()] * m.CALLERS)
        wait_for("answers", lambda: self.world.totals()["good"] > 100)
        self.say("steady")
        shops = self.roll(shops)
        shops, callers = self.empty_a_node(shops, callers)
        time.sleep(2)
        self.end_all(callers)
        self.over(callers)
        self.say("the callers are over")
        self.judge()
        job = self.start(m.job())
        wait_for("the job's pod ends", lambda: self.get(job)["status"]["phase"] in ("Succeeded", "Failed"))
        expect(self.get(job)["status"]["phase"] == "Succeeded", "the job failed")
        self.end_all([*shops, job])
        wait_for("no pod leaves anything", lambda: not self.world.leftovers())
        self.say("all is over")

    def roll(self, old):
        fresh = []
        for name in old:
            fresh += self.start_all([m.shop("2")])
            self.end_all([name])
        self.over(old)
        self.say("each replaced")
        return fresh

    def empty_a_node(self, shops, callers):
        """All pods of the first caller's node at once."""
        node = self.get(callers[0])["spec"]["nodeName"]
        gone = [name for name in shops + callers if self.get(name)["spec"]["nodeName"] == node]
        self.end_all(gone)
        fresh_shops = self.start_all([m.shop("2") for name in gone if name in shops])
        fresh_callers = self.start_all([m.callers() for name in gone if name in callers])
        self.over(gone)
        self.say(f"{node} emptied of {len(gone)}")
        return [s for s in shops if s not in gone] + fresh_shops, [c for c in callers if c not in gone] + fresh_callers

    def judge(self):
        sums = self.world.totals()
        expect(sums["failed"] == 0 and sums["sent"] == sums["good"], f"requests failed: {self.world.failures()}")
        last = [lines[-1] for lines in self.world.log_lines(m.SHOP, "caller", "load").values()]
        print("median, 99 %, slowest: " + ", ".join(str(max(line[q] for line in last)) for q in ("p50", "p99", "max")) + " ms")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: rehearse.py BINARY")
    inside()
    world = World(sys.argv[1])
    try:
        Rehearsal(world).all()
    except (Failure, ApiError, OSError, KeyError):
        traceback.print_exc()
        sys.exit(world.last_words())


if __name__ == "__main__":
    main()
