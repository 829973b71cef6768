#!/usr/bin/env python3
"""A rehearsal of run.py that needs no control plane: the stand-in kubelet with a toy API server. The chart is rendered by helm, and
the injector runs as its pods and is asked through its cluster IP, as the API server would.

usage: rehearse.py BINARY   (needs PyYAML)
In half a minute: three pods of an app and two callers at 200 requests a second, each pod replaced, a node emptied,
a Job, a Job whose calls are redirected, and a pod that cannot have a sidecar.
"""
import base64
import http.client
import json
import socket
import ssl
import sys
import time
import traceback

import yaml

import control_plane
import manifests as m
import sandbox
import toy_api
from api import Api, ApiError
from images import ROOT
from world import Failure, World, expect, inside, wait_for

CHART = ROOT / "helm" / "outrigger"
KINDS = {"ConfigMap": "configmaps", "Secret": "secrets", "Service": "services"}
WEBHOOK = "10.246.0.50"


def patched(item, operations):
    """RFC 6902, as far as the injector uses it."""
    for step in operations:
        *path, last = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
        place = item
        for part in path:
            place = place[int(part) if isinstance(place, list) else part]
        if isinstance(place, list):
            index = len(place) if last == "-" else int(last)
            if step["op"] == "add":
                place.insert(index, step["value"])
            elif step["op"] == "replace":
                place[index] = step["value"]
            else:
                del place[index]
        elif step["op"] == "remove":
            del place[last]
        else:
            place[last] = step["value"]
    return item


class Rehearsal:
    def __init__(self, world):
        self.world, self.number, self.begun = world, 0, time.monotonic()
        sandbox.make_bridge()
        control_plane.make_certificates(world.plane.pki)
        toy_api.serve(sandbox.GATEWAY, control_plane.PORT, world.plane.pki)
        self.api = Api(sandbox.GATEWAY, control_plane.PORT, world.plane.pki)
        world.start_kubelet()
        authority = {"ca.crt": (world.plane.pki / "ca.crt").read_text()}
        for namespace in (m.SHOP, m.MESH):
            self.api.post(f"/api/v1/namespaces/{namespace}/configmaps", {"metadata": {"name": "kube-root-ca.crt"}, "data": authority})
        self.api.post(f"/api/v1/namespaces/{m.SHOP}/configmaps", m.config_map(m.CONFIG))
        self.api.post(f"/api/v1/namespaces/{m.SHOP}/services", m.shop_service())

    def say(self, what):
        print(f"{time.monotonic() - self.begun:6.1f} s  {what:24} {self.world.totals()}", flush=True)

    # ---- Pods

    def install(self):
        """What of the chart's objects the toy understands."""
        text = self.world.helm("template", "mesh", str(CHART), "-n", m.MESH, "-f", str(CHART / "values-ha.yaml"),
                               "--skip-tests", "--no-hooks", "--kube-version", "1.37.2", "--set", "injector.certificate.mode=helm")
        objects = [item for item in yaml.safe_load_all(text) if item]
        for item in objects:
            if item["kind"] == "Service":
                item["spec"]["clusterIP"] = WEBHOOK
                self.service = item["metadata"]["name"]
            if item["kind"] in KINDS:
                self.api.post(f"/api/v1/namespaces/{m.MESH}/{KINDS[item['kind']]}", item)
            if item["kind"] == "MutatingWebhookConfiguration":
                self.authority = base64.b64decode(item["webhooks"][0]["clientConfig"]["caBundle"]).decode()
        injector, = [item for item in objects if item["kind"] == "Deployment"]
        names = [self.make(m.MESH, injector, injector["spec"]["template"]) for _ in range(injector["spec"]["replicas"])]
        for name in names:
            wait_for(f"{name} is ready", lambda: self.ready(name, m.MESH))
        return names

    def make(self, namespace, owner, template):
        """A pod that is not asked about: its name."""
        self.number += 1
        name = f"{owner['metadata']['name']}-{self.number}"
        token = {"name": "kube-api-access", "projected": {"sources": [
            {"serviceAccountToken": {"path": "token"}}, {"configMap": {"name": "kube-root-ca.crt"}},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}}]}}
        spec = json.loads(json.dumps(template["spec"]))
        if spec.get("automountServiceAccountToken") is not False:
            spec.setdefault("volumes", []).append(token)
            for container in spec["containers"]:
                container.setdefault("volumeMounts", []).append(
                    {"name": "kube-api-access", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": True})
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {**template["metadata"], "name": name, "namespace": namespace}, "spec": spec}
        self.api.post(f"/api/v1/namespaces/{namespace}/pods", pod if namespace == m.MESH else self.injected(pod))
        return name

    def injected(self, pod):
        """What the webhook makes of it."""
        answer = self.asked(pod)
        expect(answer["allowed"] and "patch" in answer, f"{pod['metadata']['name']}: {answer}")
        return patched(pod, json.loads(base64.b64decode(answer["patch"])))

    def asked(self, pod):
        request = {"uid": "1", "kind": {"group": "", "version": "v1", "kind": "Pod"}, "namespace": pod["metadata"]["namespace"],
                   "operation": "CREATE", "dryRun": False, "object": pod, "resource": {"group": "", "version": "v1", "resource": "pods"}}
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
        connection = http.client.HTTPSConnection(f"{self.service}.{m.MESH}.svc", timeout=5,
                                                 context=ssl.create_default_context(cadata=self.authority))
        # The name is for the certificate; the way is the cluster IP's.
        raw = socket.create_connection((WEBHOOK, 443), 5)
        connection.sock = connection._context.wrap_socket(raw, server_hostname=connection.host)
        connection.request("POST", "/inject?timeout=5s", json.dumps(review), {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())["response"]
        connection.close()
        return answer

    def start(self, owner):
        """A pod of a Deployment's or a Job's template: its name."""
        return self.make(m.SHOP, owner, owner["spec"]["template"])

    def get(self, name, namespace=m.SHOP):
        try:
            return self.api.get(f"/api/v1/namespaces/{namespace}/pods/{name}")
        except ApiError:
            return None

    def ready(self, name, namespace=m.SHOP):
        conditions = self.get(name, namespace).get("status", {}).get("conditions", [])
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def phase(self, name):
        return self.get(name).get("status", {}).get("phase")

    def start_all(self, owners):
        names = [self.start(owner) for owner in owners]
        for name in names:
            wait_for(f"{name} is ready", lambda: self.ready(name))
        return names

    def end_all(self, names, namespace=m.SHOP):
        for name in names:
            self.api.delete(f"/api/v1/namespaces/{namespace}/pods/{name}")

    def over(self, names):
        wait_for(f"{names} are over", lambda: not any(self.get(name) for name in names))

    # ---- Steps

    def all(self):
        injectors = self.install()
        self.say("the injectors are ready")
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
        jobs = [self.run_job(m.job()), self.run_job(m.redirected_job(self.get(shops[0])["status"]["podIP"] + ":8080"))]
        answered = self.world.log_lines(m.SHOP, "redirected", "work").popitem()[1][-1]["pods"]
        expect(len(answered) > 1, f"redirected calls are spread: {answered}")
        self.why_not()
        self.end_all([*shops, *jobs])
        self.end_all(injectors, m.MESH)
        wait_for("no pod leaves anything", lambda: not self.world.leftovers())
        self.say("all is over")

    def run_job(self, owner):
        name = self.start(owner)
        wait_for(f"{name} ends", lambda: self.phase(name) in ("Succeeded", "Failed"))
        expect(self.phase(name) == "Succeeded", f"{name} failed")
        return name

    def why_not(self):
        answer = self.asked(m.host_network_pod())
        expect(answer["allowed"] and "patch" not in answer, f"a host-network pod: {answer}")
        found = wait_for("an Event tells why", lambda: self.api.get(f"/api/v1/namespaces/{m.ODD}/events")["items"], 10)
        print(f"why not: {found[0]['reason']}: {found[0].get('message') or found[0].get('note')}")

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
