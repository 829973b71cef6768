"""Two network namespaces with a cable between them: the pod, where app and sidecar stand, and what is outside of it.

Whatever happens, leave() ends every process and takes everything away; names are unique to the run.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # one that every user may run
SIDECAR_UID = 15100
APP_UID = 15200
POD = {4: "10.77.0.1", 6: "fd77::1"}
OUTSIDE = {4: "10.77.0.2", 6: "fd77::2"}
OWN_TOOLS = ("ip", "nft", "iptables", "ip6tables", "setpriv", "curl", "openssl")
PATIENCE = 15  # seconds in which whatever we wait for must have come


class Failure(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failure(what)


def wait_for(question, what):
    """Asks until the answer is true; returns it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.01)  # between two looks
    raise Failure(f"waited {PATIENCE} s for {what() if callable(what) else what}")


def host(address):
    return f"[{address}]" if ":" in address else address


def why_not_here():
    """Why the rig cannot run on this machine; empty: it can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [tool for tool in OWN_TOOLS if shutil.which(tool) is None]
    if missing:
        return "needs " + ", ".join(missing)
    if not os.path.exists("/proc/net/if_inet6"):
        return "needs IPv6"
    probe = subprocess.run(["unshare", "-n", "nft", "add table inet probe"], capture_output=True, text=True)
    return "" if probe.returncode == 0 else "no network namespace with nftables: " + probe.stderr.strip()


class World:
    def __init__(self, binary):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="outrigger-netns-"))
        self.folder.chmod(0o755)
        self.pod = f"orp{os.getpid()}"
        self.outside = f"oro{os.getpid()}"
        self.processes = []
        self.logs = []
        self.sidecar = None
        shutil.copy(binary, self.folder / "outrigger")  # where its user may run it
        self.binary = str(self.folder / "outrigger")

    # ---- Coming and going

    def enter(self):
        hosts = "127.0.0.1 localhost\n::1 localhost\n"
        for name, address in (("payments", OUTSIDE[4]), ("payments6", OUTSIDE[6]), ("stranger", OUTSIDE[4])):
            hosts += f"{address} {name}\n"
        for namespace in (self.pod, self.outside):
            subprocess.check_call(["ip", "netns", "add", namespace])
            self.ip(namespace, "link", "set", "lo", "up")
            etc = pathlib.Path("/etc/netns") / namespace
            etc.mkdir(parents=True)
            (etc / "hosts").write_text(hosts)
        a, b = f"{self.pod}v", f"{self.outside}v"
        subprocess.check_call(["ip", "link", "add", a, "netns", self.pod, "type", "veth", "peer", b, "netns", self.outside])
        for namespace, link, addresses in ((self.pod, a, POD), (self.outside, b, OUTSIDE)):
            self.ip(namespace, "addr", "add", f"{addresses[4]}/24", "dev", link)
            self.ip(namespace, "addr", "add", f"{addresses[6]}/64", "dev", link, "nodad")
            self.ip(namespace, "link", "set", link, "up")

    def leave(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                process.wait()
        for namespace in (self.pod, self.outside):
            subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL)
            shutil.rmtree(f"/etc/netns/{namespace}", ignore_errors=True)
        for log in self.logs:
            log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ip(self, namespace, *arguments):
        subprocess.check_call(["ip", "-n", namespace, *arguments])

    # ---- Processes

    def command(self, namespace, uid, command):
        user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if uid else []
        return ["ip", "netns", "exec", namespace, *user, *map(str, command)]

    def start(self, namespace, uid, command, name, **more):
        """Its output is in the folder as NAME.log, unless it is asked for here."""
        log = open(self.folder / f"{name}.log", "ab")
        self.logs.append(log)
        process = subprocess.Popen(self.command(namespace, uid, command), start_new_session=True,
                                   **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **more})
        self.processes.append(process)
        return process

    def run(self, namespace, uid, command, timeout=PATIENCE):
        return subprocess.run(self.command(namespace, uid, command), capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def as_app(self, *command, **more):
        return self.run(self.pod, APP_UID, command, **more)

    def from_outside(self, *command, **more):
        return self.run(self.outside, APP_UID, command, **more)

    def client(self, namespace, *arguments, timeout=PATIENCE):
        """What client.py answers, as the app's user."""
        done = self.run(namespace, APP_UID, [PYTHON, self.folder / "client.py", *arguments], timeout)
        expect(done.returncode == 0, f"client.py {arguments}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    # ---- The sidecar and its rules

    def start_sidecar(self, config, uid=SIDECAR_UID):
        file = self.folder / "outrigger.yaml"
        file.write_text(config)
        self.sidecar = self.start(self.pod, uid, [self.binary, "run", "--config", file], "sidecar")
        wait_for(lambda: self.sidecar.poll() is not None or self.ready(), "the sidecar to be ready")
        expect(self.sidecar.poll() is None, "the sidecar has ended:\n" + self.log("sidecar"))

    def ready(self):
        return self.run(self.pod, 0, ["curl", "-sf", "http://127.0.0.1:15190/ready"]).returncode == 0

    def stop_sidecar(self):
        self.sidecar.send_signal(signal.SIGTERM)
        code = self.sidecar.wait(PATIENCE)
        self.sidecar = None
        return code

    def redirect(self, *arguments):
        return self.run(self.pod, 0, [self.binary, "redirect", *arguments])

    def apply(self, *arguments):
        done = self.redirect("apply", *arguments)
        expect(done.returncode == 0, f"redirect apply: {done.stdout}{done.stderr}")

    def remove(self, *arguments):
        done = self.redirect("remove", *arguments)
        expect(done.returncode == 0, f"redirect remove: {done.stdout}{done.stderr}")
        return done.stdout

    def ruleset(self):
        return self.run(self.pod, 0, ["nft", "list", "ruleset"]).stdout

    def metric(self, name, **labels):
        """The sum of the series that have these labels."""
        page = self.run(self.pod, 0, ["curl", "-s", "http://127.0.0.1:15190/metrics"]).stdout
        total = 0.0
        for line in page.splitlines():
            match = re.match(rf"{name}(?:{{(.*)}})? (\S+)$", line)
            if match and all(f'{key}="{value}"' in (match[1] or "") for key, value in labels.items()):
                total += float(match[2])
        return total
