"""The cluster of a run: namespaces of its own, control plane, stand-in kubelet; and kubectl and helm for it.

Network, mounts and processes live in namespaces that end with the run, however it ends: nothing is left on the machine but the
logs under build/cluster.
"""
import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import sandbox
from control_plane import PORT, ControlPlane
from images import ROOT

# Of each program apart: two may run at a time.
FOLDER = ROOT / "build" / "cluster" / pathlib.Path(sys.argv[0]).stem
LOGS, STATE = FOLDER / "logs", FOLDER / "state"
DEPS = ROOT / "build" / "deps"
INSIDE = "OUTRIGGER_CLUSTER_INSIDE"
UNSHARE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc", "--propagation", "private", "--"]


class Failure(Exception):
    """A check that did not hold."""


def expect(good, what):
    if not good:
        raise Failure(what)


def wait_for(what, good, seconds=60, every=0.1):
    """The first true value of good()."""
    end = time.monotonic() + seconds
    while not (value := good()):
        expect(time.monotonic() < end, f"not within {seconds} s: {what}")
        time.sleep(every)
    return value


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def inside():
    """Runs this very program again in namespaces of its own, and ends with its exit code; returns only there."""
    if os.environ.get(INSIDE):
        return
    if os.geteuid() != 0:
        sys.exit("the cluster's tests need root: they make network namespaces and run pods under other users")
    missing = [tool for tool in ("unshare", "nsenter", "setpriv", "ip", "nft", "openssl", "sysctl") if shutil.which(tool) is None]
    if missing:
        sys.exit(f"the cluster's tests need {', '.join(missing)}")
    child = subprocess.Popen([*UNSHARE, sys.executable, "-B", *sys.argv], env={**os.environ, INSIDE: str(os.getpid())},
                             preexec_fn=die_with_parent)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: child.kill())
    code = child.wait()
    if STATE.exists():
        STATE.rmdir()
    sys.exit(code if code >= 0 else 128 - code)


class World:
    """One cluster. Only inside."""

    def __init__(self, outrigger, nodes=3):
        self.outrigger, self.nodes = pathlib.Path(outrigger).resolve(), nodes
        shutil.rmtree(LOGS, ignore_errors=True)
        LOGS.mkdir(parents=True)
        STATE.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", STATE], check=True)
        self.plane = ControlPlane(DEPS / "kube", STATE, LOGS)
        self.kubelet = None

    def up(self):
        """Seconds that it took."""
        begun = time.monotonic()
        sandbox.make_bridge()
        self.plane.up()
        self.start_kubelet()
        wait_for("nodes are there", lambda: len(self.get("nodes")) == self.nodes)
        return time.monotonic() - begun

    def start_kubelet(self):
        with open(LOGS / "kubelet.log", "ab") as log:
            self.kubelet = subprocess.Popen(
                [sys.executable, "-B", "-u", pathlib.Path(__file__).parent / "kubelet.py", "--api", f"{sandbox.GATEWAY}:{PORT}",
                 "--pki", self.plane.pki, "--state", STATE, "--logs", LOGS, "--outrigger", self.outrigger, "--nodes", str(self.nodes)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    # ---- Tools

    def kubectl(self, *words, text=None, check=True):
        return self.plane.kubectl(*words, text=text, check=check)

    def apply(self, *objects):
        self.kubectl("apply", "--validate=strict", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))

    def get(self, kind, namespace=None, *words):
        """Objects of a kind, as a list."""
        where = ["-n", namespace] if namespace else ["-A"]
        return json.loads(self.kubectl("get", kind, *where, *words, "-o", "json").stdout)["items"]

    def helm(self, *words):
        homes = {f"HELM_{kind}_HOME": str(STATE / "helm" / kind) for kind in ("CACHE", "CONFIG", "DATA")}
        env = {**os.environ, **homes, "KUBECONFIG": str(self.plane.kubeconfig)}
        done = subprocess.run([DEPS / "helm", *words], capture_output=True, text=True, env=env)
        expect(done.returncode == 0, f"helm {' '.join(words)}: {done.stderr}")
        return done.stdout

    def pods(self, namespace, app):
        return self.get("pods", namespace, "-l", f"app={app}")

    def rolled_out(self, namespace, name, seconds=120):
        self.kubectl("rollout", "status", "-n", namespace, f"deployment/{name}", f"--timeout={seconds}s")

    def curl(self, address, path="/"):
        done = subprocess.run(["curl", "-sS", "-m", "5", f"http://{address}{path}"], capture_output=True, text=True)
        expect(done.returncode == 0, f"curl {address}{path}: {done.stderr}")
        return done.stdout

    def log_lines(self, namespace, prefix, container):
        """Lines of JSON that the containers of pods with such names have written: pod's name -> list."""
        found = {}
        for path in LOGS.glob(f"{namespace}_{prefix}*_{container}.log"):
            lines = path.read_text(errors="replace").split("\n")[:-1]
            found[path.name.split("_")[1]] = [json.loads(line) for line in lines if line.startswith("{")]
        return found

    def totals(self):
        """What all callers of the shop have sent since they started."""
        callers = self.log_lines("shop", "caller", "load").values()
        last = [sums[-1] for sums in ([line for line in lines if "sent" in line] for lines in callers) if sums]
        return {key: sum(line[key] for line in last) for key in ("sent", "good", "failed")}

    def failures(self):
        """The first of them, with what was answered and when."""
        found = [line for lines in self.log_lines("shop", "caller", "load").values() for line in lines if "at" in line]
        return json.dumps(found[:20], indent=1)

    def leftovers(self):
        """What pods should not leave behind when they are over: names."""
        links = [link["ifname"] for link in json.loads(subprocess.run(["ip", "-j", "link"], capture_output=True, text=True).stdout)]
        return sorted([name for name in links if name.startswith("v")] + os.listdir("/run/netns") + os.listdir(STATE / "pods"))

    def last_words(self):
        """What helps after a failure."""
        lines = []
        for path in sorted(LOGS.glob("*.log"), key=lambda p: p.stat().st_mtime)[-12:]:
            lines += [f"---- {path.name}", *path.read_text(errors="replace").splitlines()[-8:]]
        return "\n".join(lines)
