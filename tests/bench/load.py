"""An open-loop generator: requests leave on time, whatever happens to those before them."""
import asyncio
import collections
import re
import time


class Caller(asyncio.Protocol):
    """A keep-alive connection with one request at a time."""

    def __init__(self, idle):
        self.idle, self.buffer, self.waiting, self.lost = idle, b"", None, False

    def connection_made(self, transport):
        self.transport = transport

    def ask(self, request):
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.waiting

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0 or self.waiting is None:
            return
        head = self.buffer[:end + 4]
        size = end + 4 + int(re.search(rb"content-length: (\d+)", head, re.I).group(1))
        if len(self.buffer) < size:
            return
        self.buffer = self.buffer[size:]
        waiting, self.waiting = self.waiting, None
        if b"connection: close" in head.lower():
            self.lost = True
            self.transport.close()
        else:
            self.idle.append(self)
        if not waiting.done():
            waiting.set_result(int(head[9:12]))

    def connection_lost(self, _):
        self.lost = True
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(ConnectionError("cut"))


class Result:
    def __init__(self):
        self.outcomes = collections.Counter()  # "GET 200", "POST ConnectionError"
        self.milliseconds = []

    @property
    def total(self):
        return sum(self.outcomes.values())

    @property
    def failed(self):
        return sum(count for outcome, count in self.outcomes.items() if outcome.split()[1][0] not in "23")

    def quantile(self, share):
        return sorted(self.milliseconds)[int(share * (len(self.milliseconds) - 1))] if self.milliseconds else 0.0


async def run(port, rate, requests, until):
    """Sends requests() at `rate` a second until the event is set; returns what came of them."""
    result, idle, running = Result(), [], set()

    async def one():
        begun, request = time.monotonic(), requests()
        method = request.split(b" ", 1)[0].decode()
        try:
            caller = None
            while idle and caller is None:
                caller = idle.pop()
                caller = None if caller.lost else caller
            if caller is None:
                _, caller = await asyncio.get_running_loop().create_connection(lambda: Caller(idle), "127.0.0.1", port)
            status = await asyncio.wait_for(caller.ask(request), 30)
            result.outcomes[f"{method} {status}"] += 1
            result.milliseconds.append((time.monotonic() - begun) * 1000)
        except (OSError, asyncio.TimeoutError) as error:
            result.outcomes[f"{method} {type(error).__name__}"] += 1

    begun, sent = time.monotonic(), 0
    while not until.is_set():
        while sent < (time.monotonic() - begun) * rate:
            sent += 1
            task = asyncio.ensure_future(one())
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.sleep(0.002)
    if running:
        await asyncio.wait(running)
    for caller in idle:
        caller.transport.close()
    return result
