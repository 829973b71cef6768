"""The life of one pod: init containers in order, the app, and the end in the order that Kubernetes keeps.

A native sidecar (an init container that always restarts) lets the next one begin when its startup probe has succeeded. At the
end all preStop hooks run at once; then the app gets TERM, and each sidecar when all that was started after it is over.
"""
import asyncio
import contextlib
import shutil

import probes
from api import ApiError
from container import Container, stamp
from sandbox import Sandbox
from volumes import Missing, Volumes, object_files

FIRST_BACKOFF, LAST_BACKOFF = 0.5, 20  # Seconds. The real one begins at 10: tests wait for less.


class Pod:
    """machine: the kubelet it belongs to; node: its node's number. Lives from the binding until the object is gone."""

    def __init__(self, machine, object_now, node):
        self.machine, self.object_now = machine, object_now
        meta, self.spec = object_now["metadata"], object_now["spec"]
        self.namespace, self.name, self.uid = meta["namespace"], meta["name"], meta["uid"]
        self.path = f"/api/v1/namespaces/{self.namespace}/pods/{self.name}"
        self.folder = f"{machine.state}/pods/{self.uid}"
        self.sandbox = Sandbox(node, self.spec.get("hostNetwork", False))
        self.address = self.sandbox.address
        self.volumes = Volumes(object_now, f"{self.folder}/volumes", machine.objects, self.token)
        self.inits = [Container(self, spec, "sidecar" if spec.get("restartPolicy") == "Always" else "init")
                      for spec in self.spec.get("initContainers", [])]
        self.apps = [Container(self, spec, "app") for spec in self.spec["containers"]]
        self.initialized, self.stopping = False, False
        self.since, self.born, self.keepers = {}, stamp(), set()
        self.deleting, self.gone, self.dirty = asyncio.Event(), asyncio.Event(), asyncio.Event()

    # ---- What the kubelet tells it

    def changed(self, object_now):
        self.object_now = object_now
        if object_now["metadata"].get("deletionTimestamp"):
            self.deleting.set()

    def vanished(self):
        """The object was deleted without us: all ends at once."""
        self.gone.set()
        self.deleting.set()

    def is_empty_dir(self, name):
        return any(v["name"] == name and "emptyDir" in v for v in self.spec.get("volumes", []))

    def say(self, text):
        self.machine.say(f"{self.namespace}/{self.name}: {text}")

    # ---- What its containers ask for

    def object(self, kind, ref):
        """A ConfigMap's or Secret's text values; None where it is optional and absent."""
        found = self.machine.objects.find(kind, self.namespace, ref["name"])
        if found is None:
            if ref.get("optional"):
                return None
            raise Missing(f"{kind} {ref['name']} is not there")
        return {key: data.decode() for key, (data, _) in object_files({}, found, 0).items()}

    async def token(self, audience, seconds):
        account = self.spec.get("serviceAccountName", "default")
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {
            "audiences": [audience] if audience else [], "expirationSeconds": seconds,
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": self.name, "uid": self.uid}}}
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{account}/token"
        answer = await asyncio.to_thread(self.machine.api.post, path, asked)
        return answer["status"]["token"].encode()

    # ---- Its life

    async def run(self):
        reporter = asyncio.create_task(self.keep_reporting())
        life, stop = asyncio.create_task(self.live()), asyncio.create_task(self.deleting.wait())
        try:
            await asyncio.wait({life, stop}, return_when=asyncio.FIRST_COMPLETED)
            if life.done() and life.exception():
                self.say(f"failed: {life.exception()!r}")
                await stop
            await self.end()
            for task in (life, *self.keepers):
                task.cancel()
            await asyncio.gather(life, *self.keepers, return_exceptions=True)
            reporter.cancel()
            await self.send_status()
            await self.deleting.wait()
            await self.remove()
        finally:
            reporter.cancel()
            stop.cancel()
            await self.sandbox.remove()
            shutil.rmtree(self.folder, ignore_errors=True)

    async def live(self):
        """Returns when no container of the app will run again."""
        await self.sandbox.make()
        await self.with_patience("volumes", lambda: self.volumes.sync(self.object_now))
        for container in self.inits:
            if container.kind == "sidecar":
                self.keep(container)
                await container.started.wait()
            else:
                await self.keep(container)
                if container.state["terminated"]["exitCode"] != 0:
                    return
        self.initialized = True
        self.report()
        await asyncio.gather(*[self.keep(container) for container in self.apps])

    async def with_patience(self, what, act):
        """Until it succeeds: a ConfigMap may come later than the pod."""
        told = None
        while True:
            try:
                return await act()
            except (Missing, OSError, ApiError, RuntimeError) as error:
                if str(error) != told:
                    self.say(f"{what}: {error}")
                told = str(error)
                await asyncio.sleep(0.3)

    def keep(self, container):
        task = asyncio.create_task(self.keep_running(container))
        self.keepers.add(task)
        return task

    async def keep_running(self, container):
        """Starts it, and again where the policy says so; returns when it will not run again."""
        backoff = FIRST_BACKOFF
        while not self.stopping:
            container.stopping = False
            await self.with_patience(container.name, container.start)
            watcher = asyncio.create_task(probes.watch(container))
            code = await container.wait()
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await watcher
            if code or not self.stopping:
                self.say(f"{container.name}: ended with {code}")
            if self.stopping or not self.again(container, code):
                break
            await asyncio.sleep(backoff)
            if self.stopping:
                break
            backoff = min(backoff * 2, LAST_BACKOFF)
            container.restarts += 1
            container.last_state = container.state
            container.state = {"waiting": {"reason": "CrashLoopBackOff"}}
            self.report()
        container.over.set()

    def again(self, container, code):
        policy = "Always" if container.kind == "sidecar" else self.spec.get("restartPolicy", "Always")
        if container.kind == "init" and code == 0:
            return False
        return policy == "Always" or policy == "OnFailure" and code != 0

    async def restart(self, container):
        """What a failed liveness or startup probe asks for; keep_running starts it again."""
        await container.stop(self.spec.get("terminationGracePeriodSeconds", 30))

    async def end(self):
        """All containers, within the grace."""
        self.stopping = True
        grace = self.spec.get("terminationGracePeriodSeconds", 30)
        if self.deleting.is_set():
            grace = self.object_now["metadata"].get("deletionGracePeriodSeconds", grace)
        grace = 0 if self.gone.is_set() else grace
        for container in (*self.inits, *self.apps):
            if not container.running:
                container.over.set()
        stops = [self.stop_one(container, grace, []) for container in self.apps]
        sidecars = [c for c in self.inits if c.kind == "sidecar"]
        stops += [self.stop_one(c, grace, []) for c in self.inits if c.kind == "init"]
        stops += [self.stop_one(c, grace, [*self.apps, *sidecars[i + 1:]]) for i, c in enumerate(sidecars)]
        forced = asyncio.create_task(self.force())
        await asyncio.gather(*stops)
        forced.cancel()

    async def stop_one(self, container, grace, before):
        await container.stop(grace, before)
        container.over.set()

    async def force(self):
        """An object deleted with no grace takes its processes along."""
        await self.gone.wait()
        for container in (*self.inits, *self.apps):
            container.signal(9)

    # ---- What it tells

    def report(self):
        self.dirty.set()

    async def keep_reporting(self):
        while True:
            await self.dirty.wait()
            self.dirty.clear()
            await self.send_status()

    async def send_status(self):
        try:
            await asyncio.to_thread(self.machine.api.patch, f"{self.path}/status", {"metadata": {"uid": self.uid}, "status": self.status()})
        except (ApiError, OSError) as error:
            if getattr(error, "code", 0) not in (404, 409):
                self.say(f"status: {error}")
                self.report()
                await asyncio.sleep(0.2)

    async def remove(self):
        if self.gone.is_set():
            return
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0, "preconditions": {"uid": self.uid}}
        try:
            await asyncio.to_thread(self.machine.api.delete, self.path, options)
        except ApiError as error:
            if error.code not in (404, 409):
                self.say(f"delete: {error}")

    def phase(self):
        codes = [c.state.get("terminated", {}).get("exitCode") for c in self.apps]
        if self.stopping and all(code is not None for code in codes) and not any(c.running for c in (*self.inits, *self.apps)):
            return "Succeeded" if all(code == 0 for code in codes) else "Failed"
        if self.stopping and not self.initialized and not any(c.running for c in (*self.inits, *self.apps)):
            return "Failed"
        return "Running" if self.initialized else "Pending"

    def status(self):
        staying = [c for c in (*self.inits, *self.apps) if c.kind != "init"]
        ready = self.initialized and all(c.is_ready for c in staying)
        values = {"PodScheduled": True, "Initialized": self.initialized, "ContainersReady": ready, "Ready": ready}
        for name, value in values.items():
            if self.since.get(name, (None,))[0] != value:
                self.since[name] = (value, stamp())
        conditions = [{"type": name, "status": "True" if value else "False", "lastTransitionTime": self.since[name][1]}
                      for name, value in values.items()]
        told = {"phase": self.phase(), "conditions": conditions, "startTime": self.born, "hostIP": self.machine.api.host,
                "containerStatuses": [c.status() for c in self.apps]}
        if self.inits:
            told["initContainerStatuses"] = [c.status() for c in self.inits]
        if self.sandbox.made:
            told.update({"podIP": self.address, "podIPs": [{"ip": self.address}]})
        return told
