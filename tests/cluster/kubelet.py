#!/usr/bin/env python3
"""A stand-in for scheduler, kubelet and kube-proxy: pods of a real API server, as processes of this machine.

usage: kubelet.py --api HOST:PORT --pki DIR --state DIR --logs DIR --outrigger BINARY [--nodes N]
Needs root, and the namespaces that run.py makes. What it does not do: limits of memory and CPU, seccomp, images, DNS, node leases,
logs and exec by way of the API. A container's output is DIR/NAMESPACE_POD_CONTAINER.log.
"""
import argparse
import asyncio
import os
import sys
import threading
import time

from api import Api, ApiError
from pod import Pod
from sandbox import GATEWAY
from services import Services


class Objects:
    """ConfigMaps and Secrets, as the watches told them."""

    def __init__(self):
        self.known = {}

    def find(self, kind, namespace, name):
        return self.known.get((kind, namespace, name))

    def on_event(self, kind, what, item):
        key = kind, item["metadata"]["namespace"], item["metadata"]["name"]
        if what == "GONE":
            self.known.pop(key, None)
        else:
            self.known[key] = {"kind": kind, **item}


class Kubelet:
    """All nodes in one. One loop; each watch has a thread that posts to it."""

    def __init__(self, arguments):
        host, port = arguments.api.rsplit(":", 1)
        self.api = Api(host, int(port), arguments.pki)
        self.state, self.logs, self.outrigger = arguments.state, arguments.logs, arguments.outrigger
        self.nodes = [f"node-{i}" for i in range(arguments.nodes)]
        self.cordoned, self.pods = set(), {}
        self.waiting, self.bound = {}, {}  # By uid: pods without a node; the node of those on their way.
        self.objects, self.tasks = Objects(), set()
        self.services = Services(self.say)

    def say(self, text):
        print(f"{time.strftime('%H:%M:%S')}.{int(time.time() * 1000) % 1000:03} {text}", flush=True)

    def log_path(self, pod, container):
        return f"{self.logs}/{pod.namespace}_{pod.name}_{container.name}.log"

    # ---- Nodes

    def register(self):
        for name in self.nodes:
            labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
            self.api.post("/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}})
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            room = {"cpu": str(os.cpu_count()), "memory": "8Gi", "pods": "110"}
            condition = {"type": "Ready", "status": "True", "reason": "StandIn", "message": "processes of one machine",
                         "lastHeartbeatTime": now, "lastTransitionTime": now}
            self.api.patch(f"/api/v1/nodes/{name}/status", {"status": {
                "conditions": [condition], "capacity": room, "allocatable": room,
                "addresses": [{"type": "InternalIP", "address": GATEWAY}, {"type": "Hostname", "address": name}]}})

    def on_node(self, what, item):
        (self.cordoned.add if item["spec"].get("unschedulable") else self.cordoned.discard)(item["metadata"]["name"])
        self.spawn(self.bind_waiting())

    # ---- Pods

    def on_pod(self, what, item):
        uid = item["metadata"]["uid"]
        pod = self.pods.get(uid)
        if what == "GONE":
            if pod:
                pod.vanished()
        elif pod:
            labels_before = pod.object_now["metadata"].get("labels"), pod.object_now["metadata"].get("annotations")
            pod.changed(item)
            if labels_before != (item["metadata"].get("labels"), item["metadata"].get("annotations")):
                self.spawn(self.sync(pod))
        elif item["spec"].get("nodeName") in self.nodes:
            if item.get("status", {}).get("phase") not in ("Succeeded", "Failed"):
                self.spawn(self.live(item))
        elif not item["spec"].get("nodeName") and uid not in self.bound and not item["metadata"].get("deletionTimestamp"):
            self.waiting[uid] = item
            self.spawn(self.bind_waiting())

    async def bind_waiting(self):
        """Each to the open node with the fewest; no requests, taints or affinities are looked at."""
        for uid, item in list(self.waiting.items()):
            open_nodes = [name for name in self.nodes if name not in self.cordoned]
            if not open_nodes or item["spec"].get("schedulingGates"):
                continue
            if self.waiting.pop(uid, None) is None:
                continue
            counts = {name: 0 for name in open_nodes}
            for name in [p.object_now["spec"]["nodeName"] for p in self.pods.values() if not p.stopping] + list(self.bound.values()):
                if name in counts:
                    counts[name] += 1
            node = min(open_nodes, key=lambda name: counts[name])
            self.bound[uid] = node
            await self.bind(item, node)

    async def bind(self, item, node):
        meta = item["metadata"]
        body = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": meta["name"], "uid": meta["uid"]},
                "target": {"apiVersion": "v1", "kind": "Node", "name": node}}
        try:
            await asyncio.to_thread(self.api.post, f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/binding", body)
        except (ApiError, OSError) as error:
            self.bound.pop(meta["uid"], None)
            self.say(f"{meta['namespace']}/{meta['name']}: binding: {error}")

    async def live(self, item):
        uid = item["metadata"]["uid"]
        self.bound.pop(uid, None)
        pod = self.pods[uid] = Pod(self, item, self.nodes.index(item["spec"]["nodeName"]))
        pod.say(f"begins on {item['spec']['nodeName']} with {pod.address}")
        pod.changed(item)
        try:
            await pod.run()
            pod.say("over")
        finally:
            del self.pods[uid]

    async def sync(self, pod):
        try:
            await pod.volumes.sync(pod.object_now)
        except Exception as error:  # The volumes stay as they are, as with the real one.
            pod.say(f"volumes: {error!r}")

    def on_object(self, kind, what, item):
        self.objects.on_event(kind, what, item)
        for pod in list(self.pods.values()):
            if pod.initialized and pod.namespace == item["metadata"]["namespace"]:
                self.spawn(self.sync(pod))

    # ---- The loop

    def spawn(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.done)

    def done(self, task):
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            self.say(f"a task failed: {task.exception()!r}")
            task.print_stack(file=sys.stdout)

    def watch(self, path, handler):
        loop = asyncio.get_running_loop()
        threading.Thread(target=self.api.watch, args=(path, lambda *event: loop.call_soon_threadsafe(handler, *event)), daemon=True).start()

    async def run(self):
        self.register()
        self.watch("/api/v1/nodes", self.on_node)
        for kind, path in (("ConfigMap", "/api/v1/configmaps"), ("Secret", "/api/v1/secrets")):
            self.watch(path, lambda what, item, kind=kind: self.on_object(kind, what, item))
        for kind, path in (("Service", "/api/v1/services"), ("EndpointSlice", "/apis/discovery.k8s.io/v1/endpointslices")):
            self.watch(path, lambda what, item, kind=kind: self.services.on_event(kind, what, item))
        self.watch("/api/v1/pods", self.on_pod)
        self.say(f"{len(self.nodes)} nodes")
        await self.services.keep()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("api", "pki", "state", "logs", "outrigger"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--nodes", type=int, default=3)
    asyncio.run(Kubelet(parser.parse_args()).run())


if __name__ == "__main__":
    main()
