"""What hostile and broken clients do, each with what has to become of it. An `AssertionError` is the engine's fault."""

import asyncio
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from random import Random

import aiohttp

from tests.engine.fire.viewers import ALL, Publisher
from tests.engine.running import KEY
from tests.engine.talking import RawSocket, a_raw_socket, hmac_hex, signed_query

TEXT, BINARY = 0x81, 0x82
LARGEST_FRAME = 32_768
MOST_DEAF = 10


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


Attack = Callable[[Sky], Awaitable[None]]


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


async def slow_readers(sky: Sky) -> None:
    """They say that they live, and read nothing; soon nobody listens to their channel any longer."""
    channel = f"private-deaf-{sky.chance.randrange(10**9)}"
    async with sky.sockets(sky.chance.randint(3, MOST_DEAF)) as deaf:
        for number, raw in enumerate(deaf):
            await subscribed(sky, raw, channel)
            if number % 2:
                asked = b'{"event":"pusher:subscribe","data":{"channel":"public"}}'
                raw.send(TEXT, asked)
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # streams have one that can
        event = {"name": "n", "channel": channel, "data": " " * 10_000, "info": "subscription_count"}
        for _ in range(50):
            for raw in deaf:
                raw.send(TEXT, b'{"event":"pusher:pong","data":{}}')
            said = await sky.publisher.ask("/apps/3/batch_events", {"batch": [event] * 10})
            if not said["batch"][-1]["subscription_count"]:  # type: ignore[index]  # JSON
                return
        raise AssertionError("5 MB were kept for each reader who read nothing.")


async def half_open(sky: Sky) -> None:
    """Some vanish, some close one direction only, some just never answer: these are told 4201."""
    async with sky.sockets(12) as sockets:
        for raw in sockets:
            await subscribed(sky, raw, ALL if sky.chance.random() < 0.3 else "private-half-open")
        for raw in sockets[:4]:
            _reset(raw.writer)
        for raw in sockets[4:8]:
            raw.writer.write_eof()
        codes = {await closed_with(sky, raw) for raw in sockets[8:]}
        assert codes == {4201}, f"Those who never answer were closed with {codes}."


async def connects(sky: Sky) -> None:
    """Many connections of which nothing comes, or half a request, or that go as soon as they are in."""
    halves = [b"", b"GET /app/x HTTP/1.1\r\nHost: a\r\n", b"POST /apps/3/events?a=b HTTP/1.1\r\nHost: a\r\n"]
    opened = [await sky.bare(sky.chance.choice(halves)) for _ in range(100)]
    for _ in range(50):
        async with sky.socket() as raw:
            _reset(raw.writer)
    for reader, writer in opened:
        with suppress(ConnectionError):
            async with asyncio.timeout(sky.patience):
                assert await reader.read() == b"", "Who asked nothing was answered."
        writer.close()


async def subscribes(sky: Sky) -> None:
    """One that subscribes to channels it invents, without end, is sent away with 4100."""
    async with sky.socket() as raw:
        for number in range(1_000):
            name = f"invented-{number}-{sky.chance.randrange(10**9)}"
            raw.send(TEXT, json.dumps({"event": "pusher:subscribe", "data": {"channel": name}}).encode())
        code = await closed_with(sky, raw)
        assert code == 4100, f"A flood of subscriptions was closed with {code}."


async def oversized(sky: Sky) -> None:
    """A message too large, all at once, in pieces, or only announced, is answered with 1009."""
    async with sky.socket() as raw:
        way = sky.chance.choice(["whole", "pieces", "announced"])
        if way == "whole":
            raw.send(TEXT, b" " * (LARGEST_FRAME + 1_000))
        elif way == "announced":
            raw.writer.write(bytes([TEXT, 0xFF]) + struct.pack("!Q", 2**62) + os.urandom(4))
        else:
            for number in range(20):
                raw.send(0x00 if number else 0x01, b" " * 2_000)
        assert await closed_with(sky, raw) == 1009, f"A message too large ({way}) was not refused as such."


BROKEN = [
    (TEXT, b'{"event":"\xff"}', 1007),
    (TEXT, b"\xed\xa0\x80", 1007),
    (BINARY, b"{}", 1003),
    (0xF1, b"{}", 1002),
    (0x83, b"{}", 1002),
    (0x89, b"x" * 126, 1002),
    (0x88, b"x", 1002),
]


async def broken(sky: Sky) -> None:
    """Frames and texts that are none close their own socket; JSON that is none is only refused."""
    first, payload, code = sky.chance.choice(BROKEN)
    async with sky.socket() as raw:
        for text in (b"{", b"[" * 5_000, b"null", b'{"event":7}', b'{"event":"pusher:subscribe","data":[]}'):
            raw.send(TEXT, text)
            await hears(sky, raw, b"pusher:error")
        raw.send(first, payload)
        said = await closed_with(sky, raw)
        assert said == code, f"{first:#x} with {payload[:10]!r} was closed with {said}, not {code}."


async def noise(sky: Sky) -> None:
    """Bytes without sense, before and after the handshake."""
    async with sky.socket() as raw:
        raw.writer.write(sky.chance.randbytes(300))
        raw.writer.write_eof()
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await asyncio.wait_for(raw.reader.read(), sky.patience)
    for said in (sky.chance.randbytes(300), b"\x16\x03\x01\x02\x00", b"x" * 99_999, b"\r\n" * 50):
        reader, writer = await sky.bare(said)
        with suppress(ConnectionError):
            writer.write_eof()
            await asyncio.wait_for(reader.read(), sky.patience)
        writer.close()


async def forgeries(sky: Sky) -> None:
    """Wrong signatures and stale times open nothing and publish nothing."""
    async with sky.socket() as raw:
        asked = {"channel": ALL, "auth": f"{KEY}:{hmac_hex('1.1:' + ALL)}"}
        raw.send(TEXT, json.dumps({"event": "pusher:subscribe", "data": asked}).encode())
        await hears(sky, raw, b"AuthError")
    body = json.dumps({"name": "numbered", "channel": ALL, "data": '{"n":0,"at":0}'}).encode()
    path = "/apps/3/events"
    wrong = [
        signed_query("POST", path, body, secret="another"),
        signed_query("POST", path, body, auth_timestamp="1353088179"),
        signed_query("POST", path, body, auth_timestamp="99999999999"),
        signed_query("POST", path, body + b" "),
        signed_query("POST", "/apps/3/batch_events", body),
    ]
    for query in wrong:
        url = f"http://127.0.0.1:{sky.port}{path}"
        async with sky.http.post(url, params=query, data=body) as answer:
            assert answer.status == 401, f"A forged request was answered {answer.status}."


async def slow_bodies(sky: Sky) -> None:
    """A body that never comes whole is not waited for, one that is too large not taken."""
    for announced, status in ((500, b" 408 "), (3_000_000, b" 413 ")):
        path = "/apps/3/events"
        query = "&".join(f"{name}={value}" for name, value in signed_query("POST", path, b"{").items())
        head = f"POST {path}?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: {announced}\r\n\r\n" + "{"
        reader, writer = await sky.bare(head.encode())
        async with asyncio.timeout(sky.patience):
            assert status in await reader.readuntil(b"\r\n"), f"A body of {announced} bytes was not refused."
        writer.close()


async def storm(sky: Sky) -> None:
    """Hundreds are gone at once, and all come back at once."""
    for _ in range(2):
        async with sky.sockets(sky.chance.randint(100, 400)) as crowd:
            await asyncio.gather(*(subscribed(sky, raw, f"private-{number % 50}") for number, raw in enumerate(crowd)))
            for raw in crowd:
                _reset(raw.writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Gone without a goodbye, as when a machine loses its network and is asked about it."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


ATTACKS: dict[str, Attack] = {
    attack.__name__.replace("_", " "): attack
    for attack in (
        slow_readers,
        half_open,
        connects,
        subscribes,
        oversized,
        broken,
        noise,
        forgeries,
        slow_bodies,
        storm,
    )
}
