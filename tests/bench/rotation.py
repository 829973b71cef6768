#!/usr/bin/env python3
"""Certificates change again and again under load: no request may fail, and each new handshake shows the new one.

Callers speak to an outbound sidecar, which speaks mutual TLS to an inbound one. Both identities are mounted as Kubernetes
does it (a folder behind a link that is swapped). After each swap of the inbound side's we connect until we are shown the
new certificate.

usage: rotation.py [--rotations N] [--rate RPS]
"""
import argparse
import os
import pathlib
import ssl
import socket
import time

import certificates
import lab
import rig

CALLER, CALLED = "spiffe://shop.example/ns/shop/sa/caller", "spiffe://shop.example/ns/shop/sa/called"
INBOUND, OUTBOUND = lab.INBOUND, lab.OUTBOUND


class Mount:
    """tls.crt, tls.key and ca.crt of one identity, swapped as a whole."""

    def __init__(self, folder, authority, name, identity):
        self.folder, self.authority, self.name, self.identity = pathlib.Path(folder) / f"mount-{name}", authority, name, identity
        self.folder.mkdir()
        self.turn = 0
        for file in ("tls.crt", "tls.key", "ca.crt"):
            (self.folder / file).symlink_to(f"..data/{file}")
        self.swap()

    def swap(self):
        """Serial number of the new certificate."""
        self.turn += 1
        certificate, key = self.authority.leaf(f"{self.name}-{self.turn}", self.identity)
        version = self.folder / f"..{self.turn}"
        version.mkdir()
        for file, text in (("tls.crt", certificate), ("tls.key", key), ("ca.crt", self.authority.certificate)):
            (version / file).write_bytes(text.read_bytes())
        link = self.folder / "..new"
        link.symlink_to(version.name)
        os.replace(link, self.folder / "..data")
        return ssl.PEM_cert_to_DER_cert(certificate.read_text())

    def yaml(self):
        return f'identity: {{cert: "{self.folder}/tls.crt", key: "{self.folder}/tls.key", trust: "{self.folder}/ca.crt"}}\n'


def shown(port, context):
    """The certificate that a new handshake shows."""
    with socket.create_connection(("127.0.0.1", port), 5) as raw, context.wrap_socket(raw) as secure:
        return secure.getpeercert(binary_form=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rotations", type=int, default=500)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--every", type=float, default=0.5, help="seconds from one swap to the next, at least")
    arguments = parser.parse_args()
    with lab.Lab() as bench:
        bench.origin()
        authority = certificates.Authority(bench.folder)
        called, caller = (Mount(bench.folder, authority, *who) for who in (("called", CALLED), ("caller", CALLER)))
        tester = authority.leaf("tester", "spiffe://shop.example/ns/shop/sa/tester")
        bench.outrigger(INBOUND, lab.listeners(INBOUND, f'"127.0.0.1:{INBOUND}"').replace(f'outbound: "127.0.0.1:{INBOUND}"', "outbound: none")
                        + called.yaml() + f"app: {{port: {rig.ORIGIN_PORT}, protocol: http1, tls: {{mode: strict}}}}\n")
        bench.outrigger(OUTBOUND, lab.listeners(OUTBOUND) + caller.yaml() +
                        f'upstreams: {{origin: {{endpoints: ["127.0.0.1:{INBOUND}"], protocol: http1, sidecar: true, '
                        f'tls: {{mode: mutual, identities: ["{CALLED}"]}}}}}}\n')
        context = ssl.create_default_context(cafile=str(authority.certificate))
        context.check_hostname = False
        context.load_cert_chain(*map(str, tester))
        load = bench.load(OUTBOUND, arguments.rate, arguments.rotations * (arguments.every + 0.1) + 5)
        waits = []
        for turn in range(arguments.rotations):
            wanted = called.swap()
            swapped = time.monotonic()
            while shown(INBOUND, context) != wanted:
                if time.monotonic() - swapped > 5:
                    raise SystemExit(f"rotation {turn + 1}: the old certificate is still shown after 5 s")
                time.sleep(0.01)
            waits.append(time.monotonic() - swapped)
            if turn % 5 == 0:
                caller.swap()
            time.sleep(max(0, arguments.every - (time.monotonic() - swapped)))
        load.wait()
        waits.sort()
        print(f"{arguments.rotations} rotations at {arguments.rate} requests/s: {load.failed} of {load.result['sent']} requests failed; "
              f"the new certificate was shown after {waits[len(waits) // 2] * 1000:.0f} ms (median), {waits[-1] * 1000:.0f} ms (longest)")


main()
