"""The machine's side of a pod: one bridge for all, and for each pod a network namespace with an address on it.

All of it lives in the network and mount namespace that run.py made for the cluster, and dies with it.
"""
import asyncio
import itertools
import subprocess

BRIDGE, GATEWAY, PREFIX = "outrig0", "10.245.0.1", 16
SERVICES = "10.246.0.0/16"


def make_bridge():
    """Once, before the API server binds the gateway's address."""
    def ip(*words):
        subprocess.run(["ip", *words], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=True)
    ip("link", "set", "lo", "up")
    ip("link", "add", BRIDGE, "type", "bridge")
    ip("addr", "add", f"{GATEWAY}/{PREFIX}", "dev", BRIDGE)
    ip("link", "set", BRIDGE, "up")
    # What is sent to a service's address must have a way before it is turned to a pod's.
    ip("route", "add", SERVICES, "dev", BRIDGE)
    subprocess.run(["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"], check=True)


async def run(*words, text=None, check=True, timeout=None, env=None):
    """Exit code and output of a program."""
    process = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.PIPE if text else asyncio.subprocess.DEVNULL,
                                                   stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=env)
    try:
        out, _ = await asyncio.wait_for(process.communicate(text.encode() if text else None), timeout)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return 124, f"no end within {timeout} s"
    out = out.decode(errors="replace")
    if check and process.returncode:
        raise RuntimeError(f"{' '.join(words)}: exit code {process.returncode}: {out}")
    return process.returncode, out


class Sandbox:
    """The network of one pod. A host-network pod has the machine's."""

    numbers = itertools.count(1)

    def __init__(self, node, host_network):
        self.number, self.made = next(Sandbox.numbers), False
        self.name = None if host_network else f"pod{self.number}"
        self.address = GATEWAY if host_network else f"10.245.{node + 1}.{self.number % 250 + 2}"

    @property
    def enter(self):
        """Words before a program that shall run in it."""
        return ["nsenter", f"--net=/run/netns/{self.name}", "--"] if self.name else []

    async def make(self):
        if self.name:
            await self.lay()
        self.made = True

    async def lay(self):
        await run("ip", "netns", "add", self.name)
        await run("ip", "-batch", "-", text="\n".join((
            f"link add v{self.number} type veth peer name eth0 netns {self.name}",
            f"link set v{self.number} master {BRIDGE} up",
            # A pod may reach itself by way of its service.
            f"link set v{self.number} type bridge_slave hairpin on")))
        await run("ip", "-n", self.name, "-batch", "-", text="\n".join((
            "link set lo up", f"addr add {self.address}/{PREFIX} dev eth0", "link set eth0 up", f"route add default via {GATEWAY}")))

    async def remove(self):
        if self.name:
            await run("ip", "netns", "del", self.name, check=False)
            await run("ip", "link", "del", f"v{self.number}", check=False)
