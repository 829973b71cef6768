"""A toy caller: so many requests a second by way of the sidecar beside it, whether the former are answered or not.

RATE (100), TARGET (127.0.0.1:15101), HOST (the upstream's name), COUNT (0: until TERM). Each second, and at the end, a line of
JSON with what there was since the start. On TERM it begins no more, waits for what is under way, and exits 0; 1 after a failure
if COUNT was set.
"""
import asyncio
import collections
import json
import os
import signal
import sys
import time

RATE, COUNT = float(os.environ.get("RATE", "100")), int(os.environ.get("COUNT", "0"))
ADDRESS, PORT = os.environ.get("TARGET", "127.0.0.1:15101").rsplit(":", 1)
HOST, PATIENCE = os.environ["HOST"], 20
REQUEST = f"GET /orders HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


class Load:
    def __init__(self):
        self.sent = self.good = 0
        self.failures, self.pods, self.versions = collections.Counter(), collections.Counter(), collections.Counter()
        self.milliseconds, self.idle, self.under_way = [], [], set()
        self.stop = asyncio.Event()

    async def one(self):
        begun, writer = time.monotonic(), None
        try:
            reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection(ADDRESS, int(PORT))
            status, reason, body, last = await asyncio.wait_for(self.exchange(reader, writer), PATIENCE)
            if status == 200:
                self.good += 1
                self.pods[body.get("pod", "")] += 1
                self.versions[body.get("version", "")] += 1
                self.milliseconds.append(round((time.monotonic() - begun) * 1000, 1))
            else:
                self.fail(f"status {status} {reason}", begun)
            if last:
                writer.close()
            else:
                self.idle.append((reader, writer))
        except (OSError, EOFError, ValueError, asyncio.TimeoutError) as error:
            self.fail(f"{type(error).__name__}: {error}", begun)
            if writer:
                writer.close()

    def fail(self, what, begun):
        self.failures[what] += 1
        print(json.dumps({"failed": what, "at": time.strftime("%H:%M:%S"), "after": round(time.monotonic() - begun, 3)}), flush=True)

    async def exchange(self, reader, writer):
        writer.write(REQUEST)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        status = int(head[0].split(" ")[1])
        reason = " ".join(f"{name}={value}" for name, value in headers.items() if name.startswith("outrigger"))
        return status, reason or body.decode(errors="replace")[:200], json.loads(body) if status == 200 else {}, headers.get(
            "connection") == "close"

    def summary(self, final=False):
        slow = sorted(self.milliseconds)
        quantile = {q: slow[min(len(slow) - 1, int(len(slow) * q))] if slow else 0 for q in (0.5, 0.99, 1)}
        print(json.dumps({"final": final, "sent": self.sent, "good": self.good, "failed": sum(self.failures.values()),
                          "failures": self.failures, "pods": self.pods, "versions": self.versions, "p50": quantile[0.5],
                          "p99": quantile[0.99], "max": quantile[1]}), flush=True)

    def begin(self):
        self.sent += 1
        task = asyncio.create_task(self.one())
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def run(self):
        loop, begun, told = asyncio.get_running_loop(), time.monotonic(), 0
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop.set)
        while not self.stop.is_set() and not (COUNT and self.sent >= COUNT):
            due = (time.monotonic() - begun) * RATE
            while self.sent < (min(due, COUNT) if COUNT else due):
                self.begin()
            if time.monotonic() - begun > told + 1:
                told += 1
                self.summary()
            await asyncio.sleep(0.5 / RATE)
        if self.under_way:
            await asyncio.wait(self.under_way)
        self.summary(final=True)
        return 1 if COUNT and self.failures else 0


async def main():
    return await Load().run()


sys.exit(asyncio.run(main()))
