"""A WebSocket server that sends back what it gets, on 127.0.0.1:PORT. Needs the package `websockets`."""
import asyncio
import logging
import sys

import websockets


logging.disable()  # the cases break the protocol on purpose


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main():
    async with websockets.serve(echo, "127.0.0.1", int(sys.argv[1]), max_size=64 * 1024 * 1024):
        await asyncio.Future()


asyncio.run(main())
