"""One container: its root, its process, and what Kubernetes wants to know of it.

The root is an overlay of the machine's, in a mount and a PID namespace of its own, under the user and with the capabilities
that its security context names. Memory and CPU are not limited, and there is no seccomp.
"""
import asyncio
import datetime
import os
import pathlib
import re
import shlex
import shutil
import signal

import images
from sandbox import run
from volumes import Missing, field

# What a container has unless it drops them, as engines have it.
USUAL_CAPABILITIES = ("chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "net_bind_service",
                      "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def stamp():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Container:
    """spec: as in the pod; kind: init, sidecar (an init container that stays) or app. Owned by its Pod."""

    def __init__(self, pod, spec, kind):
        self.pod, self.spec, self.kind, self.name = pod, spec, kind, spec["name"]
        self.process, self.pid, self.restarts = None, None, 0
        self.state, self.last_state = {"waiting": {"reason": "PodInitializing"}}, {}
        self.is_started = self.is_ready = self.stopping = False
        self.started, self.over = asyncio.Event(), asyncio.Event()
        self.folder = pathlib.Path(pod.folder) / "containers" / self.name

    @property
    def running(self):
        return self.process is not None and self.process.returncode is None

    # ---- What it is started with

    def context(self, key, default=None):
        own = self.spec.get("securityContext", {})
        return own[key] if key in own else self.pod.spec.get("securityContext", {}).get(key, default)

    def environment(self):
        env = {"PATH": PATH, "HOSTNAME": self.pod.name, "KUBERNETES_SERVICE_HOST": self.pod.machine.api.host,
               "KUBERNETES_SERVICE_PORT": str(self.pod.machine.api.port)}
        for source in self.spec.get("envFrom", []):
            kind = "ConfigMap" if "configMapRef" in source else "Secret"
            found = self.pod.object(kind, next(iter(source[k] for k in source if k.endswith("Ref"))))
            env.update({source.get("prefix", "") + key: value for key, value in (found or {}).items()})
        for entry in self.spec.get("env", []):
            value = self.value_from(entry["valueFrom"]) if "valueFrom" in entry else expand(entry.get("value", ""), env)
            if value is not None:
                env[entry["name"]] = value
        return env

    def value_from(self, source):
        if "fieldRef" in source:
            return field(self.pod.object_now, source["fieldRef"]["fieldPath"], self.pod.address, self.pod.machine.api.host)
        if "resourceFieldRef" in source:
            return self.limit(source["resourceFieldRef"])
        kind, ref = ("ConfigMap", source["configMapKeyRef"]) if "configMapKeyRef" in source else ("Secret", source["secretKeyRef"])
        found = self.pod.object(kind, ref)
        if found is None or ref["key"] not in found:
            if ref.get("optional"):
                return None
            raise Missing(f"{kind} {ref['name']} has no key {ref['key']}")
        return found[ref["key"]]

    def limit(self, ref):
        """limits.cpu in whole cores, limits.memory in bytes; the machine's where there is none."""
        part, name = ref["resource"].split(".", 1)
        text = self.spec.get("resources", {}).get(part, {}).get(name)
        if text is None:
            return str(os.cpu_count()) if name == "cpu" else str(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        number, unit = re.fullmatch(r"([0-9.]+)(\w*)", text).groups()
        factor = {"m": 0.001, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}[unit]
        value = float(number) * factor
        return str(int(-(-value // 1)))

    def words(self, env):
        image = images.find(self.spec["image"], self.pod.machine.outrigger)
        if image is None:
            raise Missing(f"image {self.spec['image']} is not in the map of images.py")
        command = self.spec.get("command") or image.entry
        return image, [expand(word, env) for word in [*command, *self.spec.get("args", [])]]

    def identity(self, image):
        """Words before a program that shall run with the container's user and capabilities."""
        uid = self.context("runAsUser", image.user)
        gid = self.context("runAsGroup", uid if uid == image.user else 0)
        if self.context("runAsNonRoot") and uid == 0:
            raise Missing("runAsNonRoot, but the user is root")
        groups = [str(g) for g in {*self.pod.spec.get("securityContext", {}).get("supplementalGroups", []),
                                   *([self.pod.volumes.group] if self.pod.volumes.group else [])}]
        asked = self.spec.get("securityContext", {}).get("capabilities", {})
        kept = set() if any(c.upper() == "ALL" for c in asked.get("drop", [])) else set(USUAL_CAPABILITIES)
        kept -= {c.lower() for c in asked.get("drop", [])}
        kept |= {c.lower() for c in asked.get("add", [])}
        words = ["setpriv", f"--reuid={uid}", f"--regid={gid}", f"--groups={','.join(groups)}" if groups else "--clear-groups",
                 "--inh-caps=-all", "--bounding-set=" + ",".join(["-all", *("+" + c for c in sorted(kept))])]
        if self.spec.get("securityContext", {}).get("allowPrivilegeEscalation") is False:
            words.append("--no-new-privs")
        return words

    def script(self, image, words):
        """Run as root in the new namespaces: lays the root out, then becomes the program."""
        root = self.folder / "root"
        lines = ["set -e", f"R={root}",
                 f"mount -t overlay overlay -o lowerdir=/,upperdir={self.folder}/upper,workdir={self.folder}/work $R",
                 "mount -t proc proc $R/proc", "mount --rbind /dev $R/dev",
                 "mount -t tmpfs -o mode=1777 tmpfs $R/tmp", "mount -t tmpfs tmpfs $R/run"]
        for inside, outside in image.files.items():
            make = f"mkdir -p $R{inside}" if outside.is_dir() else f"mkdir -p $R{os.path.dirname(inside)}; touch $R{inside}"
            lines += [make, f"mount --bind {outside} $R{inside}"]
        for mount in self.spec.get("volumeMounts", []):
            source = self.pod.volumes.path(mount["name"]) / mount.get("subPath", "")
            # /var/run is a link to /run, which would lead out of the root.
            place = "$R" + shlex.quote(os.path.realpath(mount["mountPath"]))
            lines += [f"mkdir -p {place}", f"mount --bind {source} {place}"]
            if mount.get("readOnly") or not self.pod.is_empty_dir(mount["name"]):
                lines.append(f"mount -o remount,bind,ro {place}")
        if self.spec.get("securityContext", {}).get("readOnlyRootFilesystem"):
            # By mount, not by file system: a volume may be mounted over /tmp.
            lines += ["mount -o remount,bind,ro $R"]
            if not any(mount["mountPath"].rstrip("/") == "/tmp" for mount in self.spec.get("volumeMounts", [])):
                lines += ["mount -o remount,bind,ro $R/tmp"]
        lines.append(f"exec chroot $R {shlex.join([*self.identity(image), '--', *words])}")
        return "\n".join(lines) + "\n"

    # ---- Its process

    async def start(self):
        env = self.environment()
        image, words = self.words(env)
        shutil.rmtree(self.folder, ignore_errors=True)
        for part in ("root", "upper", "work"):
            (self.folder / part).mkdir(parents=True)
        (self.folder / "start.sh").write_text(self.script(image, words))
        with open(self.pod.machine.log_path(self.pod, self), "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.pod.sandbox.enter, "unshare", "--pid", "--fork", "--kill-child=SIGKILL", "--mount", "--propagation", "private", "--",
                "/bin/sh", str(self.folder / "start.sh"), env=env, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = await first_child(self.process)
        self.state = {"running": {"startedAt": stamp()}}
        self.pod.report()

    async def wait(self):
        """Until its process has ended: the exit code, as Kubernetes shows it."""
        code = await self.process.wait()
        code = 128 - code if code < 0 else code
        begun = self.state.get("running", {}).get("startedAt", stamp())
        self.state = {"terminated": {"exitCode": code, "reason": "Completed" if code == 0 else "Error", "startedAt": begun,
                                     "finishedAt": stamp()}}
        self.is_ready = self.is_started = False
        self.pod.report()
        return code

    async def execute(self, words, timeout):
        """Runs words in the container: exit code and output."""
        if not self.running or self.pid is None:
            return 137, "the container does not run"
        image = images.find(self.spec["image"], self.pod.machine.outrigger)
        return await run("nsenter", f"--target={self.pid}", "--mount", "--pid", "--net", "--root", "--wd", "--",
                         *self.identity(image), "--", *words, check=False, timeout=timeout, env=self.environment())

    def signal(self, number):
        if self.running and self.pid is not None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    async def stop(self, grace, before=()):
        """Ends it as Kubernetes does: preStop at once, then TERM when all of `before` are over, then KILL. In seconds."""
        self.stopping = True
        begun = asyncio.get_running_loop().time()

        def left():
            return grace - (asyncio.get_running_loop().time() - begun)
        hook = self.spec.get("lifecycle", {}).get("preStop")
        if self.running and hook and grace > 0:
            await self.run_hook("preStop", hook, grace)
        for other in before:
            await until(other.over.wait(), left())
        if self.running:
            self.pod.say(f"{self.name}: TERM")
            self.signal(signal.SIGTERM)
            # A short window always, so that nobody is killed who would have ended.
            if not await until(self.process.wait(), max(left(), 2 if grace > 0 else 0)):
                self.pod.say(f"{self.name}: KILL")
                self.signal(signal.SIGKILL)
                await self.process.wait()

    async def run_hook(self, name, hook, timeout):
        if "exec" in hook:
            code, out = await self.execute(hook["exec"]["command"], timeout)
            self.pod.say(f"{self.name}: {name}: exit code {code} {out.strip()[-300:]}")
        elif "sleep" in hook:
            await asyncio.sleep(min(hook["sleep"]["seconds"], timeout))
        elif "httpGet" in hook:
            from probes import http_get
            self.pod.say(f"{self.name}: {name}: {await http_get(self, hook['httpGet'], timeout)}")

    def status(self):
        return {"name": self.name, "image": self.spec["image"], "imageID": "", "state": self.state, "lastState": self.last_state,
                "ready": self.is_ready if self.kind != "init" else self.state.get("terminated", {}).get("exitCode") == 0,
                "started": self.is_started, "restartCount": self.restarts, "containerID": f"standin://{self.pod.uid}/{self.name}"}


def expand(text, env):
    """$(NAME) as Kubernetes has it; $$ escapes it, unknown names stay."""
    return re.sub(r"\$(\$|\(([-\w.]+)\))", lambda m: "$" if m[1] == "$" else env.get(m[2], m[0]), text)


async def until(awaitable, seconds):
    """Whether it ended within the time."""
    try:
        await asyncio.wait_for(awaitable, max(seconds, 0))
        return True
    except asyncio.TimeoutError:
        return False


async def first_child(process):
    """The process that `unshare --fork` made: PID 1 of the container. None if it ended before it was seen."""
    while process.returncode is None:
        try:
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        except OSError:
            return None
        if children:
            return int(children[0])
        await asyncio.sleep(0.002)
    return None
