#!/usr/bin/env python3
"""Clients that do what curl cannot. Each prints one JSON object.

usage: client.py bytewise ADDRESS PORT HOST [WAIT]   a GET in single octets, each once the one before it is acknowledged;
                                                     WAIT: milliseconds of listening before the first
       client.py greeted ADDRESS PORT                times of a service that speaks first: connect and first line, in ms
       client.py said ADDRESS PORT                   what a service answers to a line that is not HTTP, and after how long
       client.py latency ADDRESS PORT HOST COUNT     medians of GETs on one connection and on one each, in microseconds
       client.py stay ADDRESS PORT HOST              for each line of stdin a GET, all on one connection; prints the status
       client.py traffic ADDRESS PORT HOST           GETs, each on a new connection, and one connection that says a line
                                                     beside each of them to ADDRESS 2525, until stdin ends
"""
import array
import fcntl
import json
import select
import socket
import statistics
import sys
import time

SIOCOUTQ = 0x5411


def connect(address, port):
    connection = socket.create_connection((address, int(port)), timeout=5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def unacknowledged(connection):
    count = array.array("i", [0])
    fcntl.ioctl(connection, SIOCOUTQ, count)
    return count[0]


def answer(file):
    """Status and body of an answer with a content-length."""
    status = int(file.readline().split()[1])
    length = 0
    while (line := file.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return status, file.read(length)


def request(host):
    return f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def bytewise(address, port, host, wait="0"):
    connection = connect(address, port)
    select.select([connection], [], [], int(wait) / 1000)
    for octet in request(host):
        connection.sendall(bytes([octet]))
        while unacknowledged(connection):
            pass
    status, body = answer(connection.makefile("rb"))
    return {"status": status, "body": body.decode()}


def greeted(address, port):
    begin = time.perf_counter()
    connection = connect(address, port)
    connected = time.perf_counter()
    file = connection.makefile("rb")
    line = file.readline()
    spoken = time.perf_counter()
    connection.sendall(b"HELO pod\r\n")
    reply = file.readline()
    return {"connect": (connected - begin) * 1000, "line": (spoken - connected) * 1000, "text": line.decode().strip(),
            "reply": reply.decode().strip()}


def said(address, port):
    begin = time.perf_counter()
    connection = connect(address, port)
    try:
        connection.sendall(b"ping\r\n")
        answered = connection.recv(100)
    except OSError:
        answered = b""
    return {"answer": answered.decode().strip(), "ms": (time.perf_counter() - begin) * 1000}


def latency(address, port, host, count):
    def timed(action):
        begin = time.perf_counter()
        action()
        return (time.perf_counter() - begin) * 1e6

    connection = connect(address, port)
    file = connection.makefile("rb")

    def on_one():
        connection.sendall(request(host))
        status, _ = answer(file)
        assert status == 200, status

    def on_new():
        with connect(address, port) as fresh:
            fresh.sendall(request(host))
            status, _ = answer(fresh.makefile("rb"))
            assert status == 200, status

    for _ in range(20):
        on_one()
        on_new()
    kept = [timed(on_one) for _ in range(int(count))]
    fresh = [timed(on_new) for _ in range(int(count))]
    return {"kept": statistics.median(kept), "new": statistics.median(fresh)}


def stay(address, port, host):
    connection = connect(address, port)
    file = connection.makefile("rb")
    for _ in iter(sys.stdin.readline, ""):
        connection.sendall(request(host))
        print(answer(file)[0], flush=True)
    return {}


def traffic(address, port, host):
    """Until stdin ends: what fails is told with when it did."""
    talk = connect(address, 2525)
    talking = talk.makefile("rb")
    failures = []
    count = 0
    begin = time.monotonic()

    def guarded(what, action):
        try:
            action()
        except (OSError, ValueError, IndexError, AssertionError) as error:
            failures.append(f"{time.monotonic() - begin:.3f} s: {what}: {error!r}")

    def get():
        with connect(address, port) as fresh:
            fresh.sendall(request(host))
            status, _ = answer(fresh.makefile("rb"))
            assert status == 200, status

    def say():
        talk.sendall(b"still there?\r\n")
        assert talking.readline().startswith(b"250 "), "the talk has ended"

    assert talking.readline().startswith(b"220 ")
    print("begun", file=sys.stderr, flush=True)
    while not select.select([sys.stdin], [], [], 0)[0] and len(failures) < 20:
        guarded("GET", get)
        guarded("talk", say)
        count += 1
    return {"requests": count, "failures": failures}


def main():
    verbs = {f.__name__: f for f in (bytewise, greeted, said, latency, stay, traffic)}
    print(json.dumps(verbs[sys.argv[1]](*sys.argv[2:])))


main()
