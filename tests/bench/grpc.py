#!/usr/bin/env python3
"""gRPC interop: the 14 cases that need no credentials, by @grpc/grpc-js on both ends, with us between.

Directly, through one sidecar, through two (outbound to inbound), and through two that speak mutual TLS to each other.

usage: grpc.py [CASE...]
"""
import argparse
import os
import pathlib
import subprocess
import sys

import certificates
import rig

FOLDER = rig.ROOT / "build/deps/grpc"
APP = rig.ORIGIN_PORT
ONE, INBOUND, OUTBOUND, TLS_INBOUND, TLS_OUTBOUND = range(rig.FIRST_PORT, rig.FIRST_PORT + 5)
CALLER, CALLED = "spiffe://shop.example/ns/shop/sa/caller", "spiffe://shop.example/ns/shop/sa/called"


def outbound(port, to, more=""):
    return f"""version: 1
@IDENTITY@
listen: {{inbound: none, outbound: none, admin: none, telemetry: "127.0.0.1:{port + 500}"}}
upstreams: {{service: {{endpoints: ["127.0.0.1:{to}"], protocol: http2, listen: "127.0.0.1:{port}"{more}}}}}
"""


def inbound(port, more=""):
    return f"""version: 1
@IDENTITY@
listen: {{inbound: "127.0.0.1:{port}", outbound: none, admin: none, telemetry: "127.0.0.1:{port + 500}"}}
app: {{port: {APP}, protocol: http2{more}}}
"""


class Bench(rig.Rig):
    def sidecar(self, port, text, name=None):
        identity = ""
        if name:
            identity = f"identity: {{cert: {self.folder}/{name}.crt, key: {self.folder}/{name}.key, trust: {self.folder}/ca.crt}}"
        path = pathlib.Path(self.folder) / f"{port}.yaml"
        path.write_text(text.replace("@IDENTITY@", identity))
        self.start(port, rig.PROXY_CPU, rig.outrigger_binary(), "run", "--workers", "1", "--config", str(path))


def require_packages():
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not (FOLDER / "node_modules/@grpc/proto-loader").exists():
        subprocess.check_call(["npm", "install", "--silent", "--no-audit", "--no-fund", "@grpc/grpc-js@1.13.4",
                               "@grpc/proto-loader@0.7.15"], cwd=FOLDER)
    os.environ["NODE_PATH"] = str(FOLDER / "node_modules")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*")
    arguments = parser.parse_args()
    require_packages()
    failed = 0
    with Bench() as bench:
        authority = certificates.Authority(bench.folder)
        authority.leaf("caller", CALLER)
        authority.leaf("called", CALLED)
        bench.start(APP, rig.LOAD_CPU, "node", str(rig.HERE / "grpc/server.js"), str(APP))
        bench.sidecar(ONE, outbound(ONE, APP))
        bench.sidecar(INBOUND, inbound(INBOUND))
        bench.sidecar(OUTBOUND, outbound(OUTBOUND, INBOUND, ", sidecar: true"))
        bench.sidecar(TLS_INBOUND, inbound(TLS_INBOUND, ", tls: {mode: strict}"), "called")
        bench.sidecar(TLS_OUTBOUND, outbound(TLS_OUTBOUND, TLS_INBOUND, f', sidecar: true, tls: {{mode: mutual, identities: ["{CALLED}"]}}'),
                      "caller")
        for name, port in (("directly", APP), ("through one sidecar", ONE), ("through two", OUTBOUND),
                           ("through two with mutual TLS", TLS_OUTBOUND)):
            done = subprocess.run(["node", str(rig.HERE / "grpc/client.js"), str(port), "service", *arguments.case], capture_output=True,
                                  text=True, timeout=120)
            good = done.stdout.count("ok ")
            bad = [line for line in done.stdout.splitlines() if not line.startswith("ok ")] + done.stderr.splitlines()
            failed += done.returncode != 0
            print(f"{name}: {good} passed", *bad, sep="\n  ", flush=True)
    sys.exit(1 if failed else 0)


main()
