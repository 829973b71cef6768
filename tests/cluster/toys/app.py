"""A toy app: answers each request with the pod's name; on TERM it takes no more connections, ends what it is at, and exits 0.

PORT (8080), POD, WORK (milliseconds that an answer takes, 5), VERSION.
"""
import asyncio
import json
import os
import signal

PORT, WORK = int(os.environ.get("PORT", "8080")), float(os.environ.get("WORK", "5")) / 1000
POD, VERSION = os.environ.get("POD", os.uname().nodename), os.environ.get("VERSION", "1")
stopping = asyncio.Event()
connections = set()


async def read_request(reader):
    """(method, target, headers), or None at the end of the connection. The body is read and dropped."""
    line = await reader.readline()
    if not line:
        return None
    method, target, _ = line.decode().split(" ", 2)
    headers = {}
    while (line := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    await reader.readexactly(int(headers.get("content-length", "0")))
    return method, target, headers


def answer(request, last):
    body = json.dumps({"pod": POD, "version": VERSION, "via": request[2].get("via", "")}).encode()
    ending = "Connection: close\r\n" if last else ""
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{ending}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def serve(reader, writer):
    task = asyncio.current_task()
    connections.add(task)
    try:
        while not stopping.is_set():
            task.idle = True
            request = await read_request(reader)
            task.idle = False
            if request is None:
                break
            if request[1] != "/healthz":
                await asyncio.sleep(WORK)
            writer.write(answer(request, stopping.is_set()))
            await writer.drain()
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.CancelledError):
        pass
    finally:
        connections.discard(task)
        writer.close()


async def main():
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    server = await asyncio.start_server(serve, "0.0.0.0", PORT, backlog=512)
    print(f"{POD} listens on {PORT}", flush=True)
    await stopping.wait()
    server.close()
    for task in list(connections):
        if task.idle:
            task.cancel()
    while connections:
        await asyncio.sleep(0.01)
    print(f"{POD} is over", flush=True)


asyncio.run(main())
