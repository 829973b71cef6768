#!/usr/bin/env python3
"""Memory of a sidecar that waits: the process alone, and with idle connections that have each had one answer.

usage: idle.py [http1|http2|tls|mtls|mtls-resumed ...] [--connections N ...]     http1 alone, where nothing is said
"""
import argparse
import resource
import socket
import ssl

import certificates
import rig

INBOUND_TLS = """version: 1
identity: {{cert: "{folder}/server.crt", key: "{folder}/server.key", trust: "{folder}/ca.crt"}}
listen: {{inbound: "127.0.0.1:{port}", outbound: none, admin: none, telemetry: "127.0.0.1:{admin}"}}
app: {{port: {origin}, protocol: http1, tls: {{mode: permissive, clients: {clients}}}}}
"""


class Http1:
    """A connection that has had one answer."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.ask()

    def ask(self):
        self.socket.sendall(b"GET / HTTP/1.1\r\nHost: origin\r\n\r\n")
        answer = self.socket.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"answered with {answer!r}")

    def close(self):
        self.socket.close()


class Http2(Http1):
    def ask(self):
        # SETTINGS; HEADERS (END_STREAM, END_HEADERS) on stream 1: GET, http, /, authority "origin" (RFC 7541 §6).
        block = bytes([0x82, 0x86, 0x84, 0x41, 6]) + b"origin"
        settings, headers = bytes(3) + b"\x04" + bytes(5), len(block).to_bytes(3, "big") + b"\x01\x05" + b"\x00\x00\x00\x01"
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + headers + block)
        seen = b""
        while not self.complete(seen):
            got = self.socket.recv(4096)
            if not got:
                raise SystemExit(f"answered with {seen!r}")
            seen += got

    @staticmethod
    def complete(octets):
        while len(octets) >= 9 and len(octets) >= 9 + int.from_bytes(octets[:3], "big"):
            kind, flags, stream = octets[3], octets[4], int.from_bytes(octets[5:9], "big")
            if stream == 1 and kind in (0, 1) and flags & 1:
                return True
            octets = octets[9 + int.from_bytes(octets[:3], "big"):]
        return False


def tls(context, resumed=False):
    class Tls(Http1):
        session = None

        def __init__(self, port):
            self.socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 5), session=Tls.session)
            self.ask()
            if resumed:
                Tls.session = self.socket.session
    return Tls


def secured(bench, clients):
    """An inbound sidecar with TLS at FIRST_PORT: its process id, and a context of callers."""
    port = rig.FIRST_PORT
    authority = certificates.Authority(bench.folder)
    authority.leaf("server", "spiffe://shop.example/ns/shop/sa/server")
    caller = authority.leaf("caller", "spiffe://shop.example/ns/shop/sa/caller")
    path = f"{bench.folder}/outrigger.yaml"
    with open(path, "w") as file:
        file.write(INBOUND_TLS.format(folder=bench.folder, port=port, admin=port + 500, origin=rig.ORIGIN_PORT,
                                      clients=clients))
    context = ssl.create_default_context(cafile=str(authority.certificate))
    context.check_hostname = False
    if clients == "required":
        context.load_cert_chain(*map(str, caller))
    return bench.start(port, rig.PROXY_CPU, rig.outrigger_binary(), "run", "--workers", "1", "--config", path), context


def prepare(bench, kind):
    """(process id, class of connections)"""
    port = rig.FIRST_PORT
    if kind in ("http1", "http2"):
        return bench.outrigger(port), {"http1": Http1, "http2": Http2}[kind]
    pid, context = secured(bench, "ignored" if kind == "tls" else "required")
    return pid, tls(context, kind == "mtls-resumed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="*")
    parser.add_argument("--connections", type=int, nargs="*", default=[1000, 4000, 10000])
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    for kind in arguments.kind or ["http1"]:
        for count in arguments.connections:
            with rig.Rig() as bench:
                bench.origin()
                pid, connection = prepare(bench, kind)
                connection(rig.FIRST_PORT).close()  # what is made once, at first use, is no part of a connection
                alone = rig.memory_kib(pid)
                resident = rig.memory_kib(pid, "Rss")
                connections = [connection(rig.FIRST_PORT) for _ in range(count)]
                loaded = rig.memory_kib(pid)
                print(f"{kind} {count:6} connections: {loaded - alone:7} KiB, {(loaded - alone) / count:5.2f} KiB each; "
                      f"alone: {alone / 1024:.1f} MiB (RSS {resident / 1024:.1f} MiB)", flush=True)
                for each in connections:
                    each.close()


if __name__ == "__main__":
    main()
