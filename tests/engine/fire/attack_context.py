"""What attacks have in common: counting connections, and sending and reading frames by hand."""

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


class AttackContext:
    """What an attack needs: the port, a random generator, and the number of sockets that all attacks hold or held at
    most.

    `patience` is the number of seconds after which the engine must have acted: a few times what it waits for a client.
    """

    def __init__(
        self, port: int, rng: Random, publisher: Publisher, http: aiohttp.ClientSession, patience: float
    ) -> None:
        self.port, self.rng, self.publisher, self.http = port, rng, publisher, http
        self.patience = 3 * patience + 5
        self.open = self.most_open = 0

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[RawSocket]:
        """Yield a WebSocket after its handshake."""
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            async with a_raw_socket(self.port) as raw:
                yield raw
        finally:
            self.open -= 1

    @asynccontextmanager
    async def sockets(self, count: int) -> AsyncIterator[list[RawSocket]]:
        """Yield so many WebSockets at once."""
        async with AsyncExitStack() as stack:
            yield await asyncio.gather(*(stack.enter_async_context(self.socket()) for _ in range(count)))

    async def open_tcp(self, payload: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a TCP connection on which only these bytes were sent."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(payload)
        return reader, writer


async def read_frame(raw: RawSocket) -> tuple[int, bytes]:
    """Return the next frame: its first byte and its payload."""
    first, size = await raw.reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await raw.reader.readexactly(2))
    return first, await raw.reader.readexactly(size)


async def receive_containing(context: AttackContext, raw: RawSocket, word: bytes) -> bytes:
    """Return the next message that contains this word."""
    async with asyncio.timeout(context.patience):
        while True:
            _, payload = await read_frame(raw)
            if word in payload:
                return payload


async def close_code(context: AttackContext, raw: RawSocket) -> int:
    """Return the code of the next close frame, after any other frames."""
    async with asyncio.timeout(context.patience):
        while True:
            first, payload = await read_frame(raw)
            if first == 0x88:
                return int.from_bytes(payload[:2])


async def subscribe(context: AttackContext, raw: RawSocket, channel: str) -> None:
    """Subscribe with a valid signature, and wait for the confirmation."""
    established = json.loads(await receive_containing(context, raw, b"connection_established"))
    socket_id = json.loads(established["data"])["socket_id"]
    subscription = {"channel": channel, "auth": f"{KEY}:{hmac_hex(f'{socket_id}:{channel}')}"}
    raw.send(TEXT, json.dumps({"event": "pusher:subscribe", "data": subscription}).encode())
    await receive_containing(context, raw, b"subscription_succeeded")


def reset_connection(writer: asyncio.StreamWriter) -> None:
    """Reset the connection without a close frame, as a machine does that has lost its network."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
