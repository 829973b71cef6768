#!/usr/bin/env python3
"""The stand-in kubelet by itself, with a toy API server: does it keep the order and show the things that Kubernetes promises?

usage: kubelet_test.py   (root; no binary of ours is needed)
"""
import base64
import sys
import time
import traceback

import control_plane
import sandbox
import toy_api
from api import Api, ApiError
from world import LOGS, Failure, World, expect, inside, wait_for

PODS = "/api/v1/namespaces/ns/pods"
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def shell(name, script, **more):
    """A container that is a shell script."""
    return {"name": name, "image": "toy-app:1", "command": ["/bin/sh", "-c", script], **more}


# Ends within a moment of TERM and says so; its output has the times.
def patient(name, **more):
    script = (f'trap "echo \\$(date +%s%N) {name} TERM; exit 0" TERM; '
              f'echo $(date +%s%N) {name} begins; while :; do sleep 0.05; done')
    return shell(name, script, **more)


class Bench:
    def __init__(self, api):
        self.api = api

    def start(self, name, containers, inits=(), volumes=(), **spec):
        self.api.post(PODS, {"metadata": {"name": name, "labels": {"color": "red"}}, "spec": {
            "containers": containers, "initContainers": list(inits), "volumes": list(volumes), "terminationGracePeriodSeconds": 8, **spec}})

    def get(self, name):
        try:
            return self.api.get(f"{PODS}/{name}")
        except ApiError:
            return None

    def status(self, name, container):
        """Of one container, init or not."""
        told = self.get(name).get("status", {})
        return next((c for c in [*told.get("initContainerStatuses", []), *told.get("containerStatuses", [])] if c["name"] == container), {})

    def ready(self, name):
        conditions = self.get(name).get("status", {}).get("conditions", [])
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def phase(self, name):
        return self.get(name).get("status", {}).get("phase")

    def end(self, name, **options):
        self.api.delete(f"{PODS}/{name}", options)
        wait_for(f"{name} is over", lambda: self.get(name) is None, 20)

    def said(self, name, container):
        path = LOGS / f"ns_{name}_{container}.log"
        return path.read_text() if path.exists() else ""

    def moment(self, name, container, what):
        """When a patient container said it, in nanoseconds."""
        return next(int(line.split()[0]) for line in self.said(name, container).splitlines() if line.endswith(what))


@check
def containers_begin_in_order(bench):
    probe = {"exec": {"command": ["/bin/sh", "-c", "test -e /shared/up"]}, "periodSeconds": 1}
    mount = [{"name": "shared", "mountPath": "/shared"}]
    slow = shell("side", 'trap "exit 0" TERM; sleep 1; touch /shared/up; while :; do sleep 0.05; done', restartPolicy="Always",
                 startupProbe=probe, volumeMounts=mount)
    second = shell("second", "test -e /shared/up && touch /shared/second", volumeMounts=mount)
    app = shell("app", "test -e /shared/second && echo in order; exec sleep 100", volumeMounts=mount)
    bench.start("order", [app], [slow, second], [{"name": "shared", "emptyDir": {}}])
    wait_for("the app runs", lambda: "in order" in bench.said("order", "app"))
    wait_for("the pod is ready", lambda: bench.ready("order"))
    expect(bench.status("order", "second")["state"]["terminated"]["exitCode"] == 0, "the init container has ended")
    bench.end("order", gracePeriodSeconds=1)


@check
def the_app_ends_before_its_sidecars(bench):
    hook = {"preStop": {"exec": {"command": ["/bin/sh", "-c", "echo $(date +%s%N) hook > /shared/hook"]}}}
    shared = {"volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}
    late = {"preStop": {"exec": {"command": ["sleep", "1"]}}}
    script = 'trap "cat /shared/hook; echo \\$(date +%s%N) one TERM; exit 0" TERM; echo 0 one begins; while :; do sleep 0.05; done'
    last = shell("one", script, restartPolicy="Always", lifecycle=hook, **shared)
    bench.start("end", [patient("app", lifecycle=late)],
                [last, patient("two", restartPolicy="Always")], [{"name": "shared", "emptyDir": {}}])
    wait_for("all run", lambda: bench.ready("end") and all("begins" in bench.said("end", c) for c in ("app", "one", "two")))
    bench.end("end")
    app, one, two = (bench.moment("end", c, "TERM") for c in ("app", "one", "two"))
    expect(app < two < one, f"app, then the sidecars in reverse: {app} {two} {one}")
    expect(bench.moment("end", "one", "hook") < app - 500_000_000, "the sidecar's hook ran at the start, beside the app's")


@check
def who_does_not_end_is_killed(bench):
    bench.start("deaf", [shell("app", 'trap "" TERM; while :; do sleep 0.05; done')])
    wait_for("it runs", lambda: bench.ready("deaf"))
    begun = time.monotonic()
    bench.end("deaf", gracePeriodSeconds=2)
    expect(1.8 < time.monotonic() - begun < 6, f"after the grace: {time.monotonic() - begun}")


@check
def volumes_follow_their_objects(bench):
    bench.api.post("/api/v1/namespaces/ns/configmaps", {"metadata": {"name": "conf"}, "data": {"a": "1"}})
    bench.api.post("/api/v1/namespaces/ns/secrets", {"metadata": {"name": "key"}, "data": {"k": base64.b64encode(b"hidden").decode()}})
    sources = [{"serviceAccountToken": {"path": "token"}}, {"secret": {"name": "key"}}, {"configMap": {"name": "none", "optional": True}},
               {"downwardAPI": {"items": [{"path": "color", "fieldRef": {"fieldPath": "metadata.labels['color']"}}]}}]
    volumes = [{"name": "conf", "configMap": {"name": "conf"}}, {"name": "all", "projected": {"sources": sources}}]
    mounts = [{"name": "conf", "mountPath": "/etc/conf"}, {"name": "all", "mountPath": "/var/run/secrets/all"}]
    script = ('echo $(cat /var/run/secrets/all/token /var/run/secrets/all/k /var/run/secrets/all/color); '
              'while :; do echo $(cat /etc/conf/a) $(readlink /etc/conf/a); sleep 0.1; done')
    bench.start("volumes", [shell("app", script, volumeMounts=mounts)], volumes=volumes)
    wait_for("the first version", lambda: "1 ..data/a" in bench.said("volumes", "app"))
    expect("a-toy-tokenhiddenred" in bench.said("volumes", "app"), bench.said("volumes", "app")[:100])
    bench.api.patch("/api/v1/namespaces/ns/configmaps/conf", {"data": {"a": "2"}})
    wait_for("the second version", lambda: "2 ..data/a" in bench.said("volumes", "app"))
    bench.end("volumes", gracePeriodSeconds=1)


@check
def a_pod_waits_for_what_it_mounts(bench):
    bench.start("waits", [shell("app", "cat /c/x; exec sleep 100", volumeMounts=[{"name": "c", "mountPath": "/c"}])],
                volumes=[{"name": "c", "configMap": {"name": "later"}}])
    wait_for("it is seen", lambda: "later is not there" in (LOGS / "kubelet.log").read_text())
    expect(bench.phase("waits") in (None, "Pending"), "it waits")
    bench.api.post("/api/v1/namespaces/ns/configmaps", {"metadata": {"name": "later"}, "data": {"x": "come"}})
    wait_for("it runs", lambda: "come" in bench.said("waits", "app"))
    bench.end("waits", gracePeriodSeconds=1)


@check
def users_and_rights_are_those_asked_for(bench):
    strict = {"runAsUser": 4321, "runAsGroup": 1234, "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
              "capabilities": {"drop": ["ALL"]}}
    seen = "id -u; id -g; grep -E 'CapBnd|CapEff|NoNewPrivs' /proc/self/status; touch /x || echo read-only"
    admin = {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}, "runAsUser": 0}
    powerless = {"capabilities": {"drop": ["ALL"]}, "runAsUser": 0}
    bench.start("rights", [shell("strict", seen, securityContext=strict),
                           shell("admin", "ip link set lo mtu 1400 && echo may", securityContext=admin),
                           shell("not", "ip link set lo mtu 1400 || echo may not", securityContext=powerless)], restartPolicy="Never")
    wait_for("it is over", lambda: bench.phase("rights") == "Succeeded", 20)
    said = bench.said("rights", "strict")
    for part in ("4321", "1234", "CapBnd:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "read-only"):
        expect(part in said, f"{part}: {said}")
    expect("may" in bench.said("rights", "admin") and "may not" in bench.said("rights", "not"), "NET_ADMIN")
    bench.end("rights")


@check
def a_container_that_fails_its_liveness_probe_starts_again(bench):
    probe = {"exec": {"command": ["/bin/sh", "-c", "exit 1"]}, "periodSeconds": 1, "failureThreshold": 1, "initialDelaySeconds": 1}
    bench.start("ill", [patient("app", livenessProbe=probe)])
    wait_for("it starts again", lambda: bench.status("ill", "app").get("restartCount", 0) >= 1)
    bench.end("ill", gracePeriodSeconds=1)


@check
def a_pod_that_must_not_start_again_fails(bench):
    # Who gets TERM before its trap is set does not hear it.
    up = {"exec": {"command": ["/bin/sh", "-c", "test -e /shared/up"]}, "periodSeconds": 1}
    side = shell("side", 'trap "exit 0" TERM; touch /shared/up; while :; do sleep 0.05; done', restartPolicy="Always", startupProbe=up,
                 volumeMounts=[{"name": "shared", "mountPath": "/shared"}])
    bench.start("fails", [shell("app", "exit 3")], [side], [{"name": "shared", "emptyDir": {}}], restartPolicy="Never")
    wait_for("it failed", lambda: bench.phase("fails") == "Failed")
    expect(bench.status("fails", "app")["state"]["terminated"]["exitCode"] == 3, "its exit code is told")
    expect("terminated" in bench.status("fails", "side")["state"], "the sidecar is over, too")
    bench.end("fails")


@check
def processes_see_only_their_own_container(bench):
    bench.start("alone", [shell("app", "echo pids $(ls /proc | grep -c '^[0-9]'); exec sleep 100")])
    wait_for("it tells", lambda: "pids" in bench.said("alone", "app"))
    expect(int(bench.said("alone", "app").split()[1]) <= 4, bench.said("alone", "app"))
    bench.end("alone", gracePeriodSeconds=0)


def main():
    inside()
    world = World("/bin/true")
    sandbox.make_bridge()
    control_plane.make_certificates(world.plane.pki)
    toy_api.serve(sandbox.GATEWAY, control_plane.PORT, world.plane.pki)
    world.start_kubelet()
    bench = Bench(Api(sandbox.GATEWAY, control_plane.PORT, world.plane.pki))
    failed = 0
    for function in CHECKS:
        begun = time.monotonic()
        try:
            function(bench)
            print(f"ok      {function.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {function.__name__}", flush=True)
            traceback.print_exc()
    if not failed:
        try:
            wait_for("no pod leaves anything", lambda: not world.leftovers(), 10)
        except Failure as error:
            sys.exit(f"{error}: {world.leftovers()}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
