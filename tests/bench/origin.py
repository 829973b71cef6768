#!/usr/bin/env python3
"""A toy origin: answers each request after a while, and notes the id of each POST before anything else.

usage: origin.py PORT DELAY_MS NOTES_FILE
"""
import asyncio
import os
import re
import sys

PORT, DELAY, NOTES = int(sys.argv[1]), float(sys.argv[2]) / 1000, sys.argv[3]
notes = os.open(NOTES, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end + 4]
            length = re.search(rb"content-length: (\d+)", head, re.I)
            size = end + 4 + (int(length.group(1)) if length else 0)
            if len(self.buffer) < size:
                return
            if head.startswith(b"POST"):
                os.write(notes, re.search(rb"x-id: (\S+)", head, re.I).group(1) + b"\n")
            self.buffer = self.buffer[size:]
            asyncio.get_running_loop().call_later(DELAY, self.transport.write, ANSWER)


async def main():
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", PORT, backlog=1024)
    await server.serve_forever()


asyncio.run(main())
