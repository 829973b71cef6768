"""Cluster IPs: one nftables table turns a service's address to that of a ready pod, for pods and for the API server alike.

A stand-in for kube-proxy: TCP only, a random endpoint for each connection, rewritten whole when a Service or a slice changes.
"""
import asyncio

from sandbox import run


def endpoints(slices, port_name):
    """[(address, port)] of what is ready."""
    found = set()
    for piece in slices:
        ports = [p["port"] for p in piece.get("ports") or [] if p.get("name", "") == port_name]
        for endpoint in piece.get("endpoints") or []:
            if endpoint.get("conditions", {}).get("ready") is not False:
                found.update((address, port) for address in endpoint["addresses"] for port in ports)
    return sorted(found)


def ruleset(services, slices):
    """services, slices: lists of objects. The text for `nft -f`."""
    rules = []
    for service in services:
        address = service["spec"].get("clusterIP")
        if address in (None, "", "None"):
            continue
        mine = [piece for piece in slices if piece["metadata"]["namespace"] == service["metadata"]["namespace"]
                and piece["metadata"].get("labels", {}).get("kubernetes.io/service-name") == service["metadata"]["name"]]
        for port in service["spec"].get("ports", []):
            where = endpoints(mine, port.get("name", ""))
            match = f"ip daddr {address} tcp dport {port['port']}"
            if where:
                choice = ", ".join(f"{i} : {ip} . {number}" for i, (ip, number) in enumerate(where))
                rules.append(f"{match} dnat ip to numgen random mod {len(where)} map {{ {choice} }}")
    body = "\n    ".join(rules)
    return f"""table ip services
delete table ip services
table ip services {{
  chain turn {{
    {body}
  }}
  chain out {{
    type nat hook output priority -100;
    jump turn
  }}
  chain in {{
    type nat hook prerouting priority -100;
    jump turn
  }}
  chain back {{
    type nat hook postrouting priority 100;
    ct status dnat masquerade
  }}
}}
"""


class Services:
    """Fed by the watches; on the kubelet's loop."""

    def __init__(self, say):
        self.services, self.slices, self.loaded, self.say = {}, {}, None, say
        self.dirty = asyncio.Event()

    def on_event(self, kind, what, item):
        known = self.services if kind == "Service" else self.slices
        key = item["metadata"]["namespace"], item["metadata"]["name"]
        if what == "GONE":
            known.pop(key, None)
        else:
            known[key] = item
        self.dirty.set()

    async def keep(self):
        while True:
            await self.dirty.wait()
            self.dirty.clear()
            text = ruleset(self.services.values(), self.slices.values())
            if text == self.loaded:
                continue
            code, out = await run("nft", "-f", "-", text=text, check=False)
            if code:
                self.say(f"services: {out}")
            self.loaded = text
