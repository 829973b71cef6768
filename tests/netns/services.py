#!/usr/bin/env python3
"""What is called in the rig: small services, on both families. Prints `ready`.

usage: services.py PORT=KIND...     KIND:
  seen       HTTP: a JSON object of what came: method, path, headers, peer
  failing    HTTP: always 503
  greeter    speaks first, as SMTP does: a line; then says each line back
  echo       says back what it hears
  tls:FILE   `seen` over TLS; FILE holds certificate and key
"""
import asyncio
import json
import ssl
import sys


async def read_head(reader):
    """Request line and header fields; None at the end of the connection."""
    lines = []
    while True:
        line = await reader.readline()
        if not line:
            return None
        if line in (b"\r\n", b"\n"):
            return lines
        lines.append(line.decode("latin-1").strip())


def http(status, answer):
    async def serve(reader, writer):
        while (lines := await read_head(reader)) is not None:
            method, path, _ = lines[0].split(" ", 2)
            headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
            await reader.readexactly(int(headers.get("content-length", 0)))
            peer = writer.get_extra_info("peername")[0]
            body = answer({"method": method, "path": path, "headers": headers, "peer": peer})
            writer.write(f"HTTP/1.1 {status} OK\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
    return serve


async def greet(reader, writer):
    writer.write(b"220 at your service\r\n")
    while line := await reader.readline():
        writer.write(b"250 " + line)


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)


def guarded(serve):
    async def run(reader, writer):
        try:
            await serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        writer.close()
    return run


SEEN = http(200, lambda seen: json.dumps(seen).encode())
KINDS = {"seen": SEEN, "failing": http(503, lambda seen: b"no\n"), "greeter": greet, "echo": echo}


async def main(arguments):
    servers = []
    for argument in arguments:
        port, kind = argument.split("=", 1)
        context = None
        if kind.startswith("tls:"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(kind[4:])
            kind = "seen"
        for address in ("0.0.0.0", "::"):
            servers.append(await asyncio.start_server(guarded(KINDS[kind]), address, int(port), ssl=context, backlog=512))
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main(sys.argv[1:]))
