#!/usr/bin/env python3
"""What a reconnect costs the sidecar under mutual TLS: with a full handshake, and resumed. CPU time of its own process.

Each connection shakes hands, has one answer, and closes. Blocks of both kinds take turns with plain connections, which
tell what of it is no handshake.
"""
import argparse
import socket
import ssl
import statistics

import certificates
import idle
import rig


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--connections", type=int, default=400, help="of each kind in each round")
    arguments = parser.parse_args()
    with rig.Rig() as bench:
        bench.origin()
        pid, context = idle.secured(bench, "required")
        session = None

        def connect(resume):
            nonlocal session
            with socket.create_connection(("127.0.0.1", rig.FIRST_PORT), 5) as raw:
                with context.wrap_socket(raw, session=session if resume else None) as secure:
                    secure.sendall(b"GET / HTTP/1.1\r\nHost: app\r\n\r\n")
                    if not secure.recv(4096).startswith(b"HTTP/1.1 200"):
                        raise SystemExit("no answer")
                    if secure.session_reused != resume:
                        raise SystemExit(f"resumed: {secure.session_reused}, wanted {resume}")
                    session = secure.session

        def cost(once):
            before = rig.cpu_seconds(pid)
            for _ in range(arguments.connections):
                once()
            return (rig.cpu_seconds(pid) - before) * 1e6 / arguments.connections

        connect(False)
        kinds = (lambda: connect(False), lambda: connect(True), lambda: idle.Http1(rig.FIRST_PORT).close())
        rounds = [[cost(once) for once in kinds] for _ in range(arguments.rounds)]
        full, resumed, plain = (statistics.median(column) for column in zip(*rounds))
        ratio = statistics.median(b / a for a, b, _ in rounds)
        shake = statistics.median((b - c) / (a - c) for a, b, c in rounds)
        print(f"a reconnect with mutual TLS and one request: full {full:.0f} us, resumed {resumed:.0f} us, ratio {ratio:.2f}; "
              f"a plain one {plain:.0f} us, so the handshakes alone: {full - plain:.0f} and {resumed - plain:.0f} us, ratio {shake:.2f}")


main()
