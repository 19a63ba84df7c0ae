"""What attacks are made of: connections counted, frames sent and read by hand."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

import aiohttp

from tests.engine.clients import RawSocket, a_raw_socket, hmac_hex
from tests.engine.engine_process import KEY
from tests.engine.fire.viewers import Publisher

TEXT = 0x81


class Sky:
    """What an attack needs: the port, chance, and how many sockets all attacks hold now and held at most.

    `patience` is how many seconds the engine waits for anybody; after a few times that, it is to have done its part.
    """

    def __init__(
        self, port: int, chance: Random, publisher: Publisher, http: aiohttp.ClientSession, patience: float
    ) -> None:
        self.port, self.chance, self.publisher, self.http = port, chance, publisher, http
        self.patience = 3 * patience + 5
        self.open = self.most_open = 0

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[RawSocket]:
        """A WebSocket after its handshake."""
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            async with a_raw_socket(self.port) as raw:
                yield raw
        finally:
            self.open -= 1

    @asynccontextmanager
    async def sockets(self, count: int) -> AsyncIterator[list[RawSocket]]:
        """So many at once."""
        async with AsyncExitStack() as stack:
            yield await asyncio.gather(*(stack.enter_async_context(self.socket()) for _ in range(count)))

    async def bare(self, said: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A TCP connection on which only this was said."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(said)
        return reader, writer


async def message(raw: RawSocket) -> tuple[int, bytes]:
    """The next frame: its first byte, and what is in it."""
    first, size = await raw.reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await raw.reader.readexactly(2))
    return first, await raw.reader.readexactly(size)


async def hears(sky: Sky, raw: RawSocket, word: bytes) -> bytes:
    """The next message with this word in it."""
    async with asyncio.timeout(sky.patience):
        while True:
            _, said = await message(raw)
            if word in said:
                return said


async def closed_with(sky: Sky, raw: RawSocket) -> int:
    """The code of the close frame that comes, whatever comes before it."""
    async with asyncio.timeout(sky.patience):
        while True:
            first, said = await message(raw)
            if first == 0x88:
                return int.from_bytes(said[:2])


async def subscribed(sky: Sky, raw: RawSocket, channel: str) -> None:
    """Subscribe with a right signature, and wait until it is done."""
    said = json.loads(await hears(sky, raw, b"connection_established"))
    socket_id = json.loads(said["data"])["socket_id"]
    asked = {"channel": channel, "auth": f"{KEY}:{hmac_hex(f'{socket_id}:{channel}')}"}
    raw.send(TEXT, json.dumps({"event": "pusher:subscribe", "data": asked}).encode())
    await hears(sky, raw, b"subscription_succeeded")


def reset(writer: asyncio.StreamWriter) -> None:
    """Gone without a goodbye, as when a machine loses its network and is asked about it."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
