"""The attacks of hostile and broken clients, with the expected result of each.

An `AssertionError` is a fault of the engine.
"""

import asyncio
import json
import os
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.engine.clients import hmac_hex, signed_query
from tests.engine.engine_process import KEY
from tests.engine.fire.attack_context import (
    TEXT,
    AttackContext,
    close_code,
    receive_containing,
    reset_connection,
    subscribe,
)
from tests.engine.fire.viewers import ALL

BINARY = 0x82
LARGEST_FRAME = 32_768
MOST_SLOW_READERS = 10

Attack = Callable[[AttackContext], Awaitable[None]]


async def slow_readers(context: AttackContext) -> None:
    """Answer pings but read nothing. The engine must unsubscribe such clients before it has buffered much for them."""
    channel = f"private-slow-{context.rng.randrange(10**9)}"
    async with context.sockets(context.rng.randint(3, MOST_SLOW_READERS)) as slow:
        for number, raw in enumerate(slow):
            await subscribe(context, raw, channel)
            if number % 2:
                subscription = b'{"event":"pusher:subscribe","data":{"channel":"public"}}'
                raw.send(TEXT, subscription)
            raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # streams have one
        event = {"name": "n", "channel": channel, "data": " " * 10_000, "info": "subscription_count"}
        for _ in range(50):
            for raw in slow:
                raw.send(TEXT, b'{"event":"pusher:pong","data":{}}')
            received = await context.publisher.request("/apps/3/batch_events", {"batch": [event] * 10})
            if not received["batch"][-1]["subscription_count"]:  # type: ignore[index]  # JSON
                return
        raise AssertionError("5 MB were buffered for each reader that read nothing.")


async def half_open(context: AttackContext) -> None:
    """Vanish, close one direction only, or never answer a ping. The last kind must be closed with 4201."""
    async with context.sockets(12) as sockets:
        for number, raw in enumerate(sockets):
            # A client that must be closed for its silence gets no messages: else it could be closed as too slow before
            # that.
            gets_messages = number < 8 and context.rng.random() < 0.3
            await subscribe(context, raw, ALL if gets_messages else "private-half-open")
        for raw in sockets[:4]:
            reset_connection(raw.writer)
        for raw in sockets[4:8]:
            raw.writer.write_eof()
        close_codes = {await close_code(context, raw) for raw in sockets[8:]}
        assert close_codes == {4201}, f"Clients that never answer were closed with {close_codes}."


async def connects(context: AttackContext) -> None:
    """Open connections without a request, with half a request, or with a reset right after the handshake."""
    requests = [b"", b"GET /app/x HTTP/1.1\r\nHost: a\r\n", b"POST /apps/3/events?a=b HTTP/1.1\r\nHost: a\r\n"]
    opened = [await context.open_tcp(context.rng.choice(requests)) for _ in range(100)]
    for _ in range(50):
        async with context.socket() as raw:
            reset_connection(raw.writer)
    for reader, writer in opened:
        with suppress(ConnectionError):
            async with asyncio.timeout(context.patience):
                assert await reader.read() == b"", "A connection without a request got a response."
        writer.close()


async def subscribes(context: AttackContext) -> None:
    """Subscribe to invented channels without end. The client must be closed with 4100."""
    async with context.socket() as raw:
        for number in range(1_000):
            name = f"invented-{number}-{context.rng.randrange(10**9)}"
            raw.send(TEXT, json.dumps({"event": "pusher:subscribe", "data": {"channel": name}}).encode())
        code = await close_code(context, raw)
        assert code == 4100, f"A flood of subscriptions was closed with {code}."


async def oversized(context: AttackContext) -> None:
    """Send a message that is too large: at once, in pieces, or only its announced length. The answer must be 1009."""
    way = context.rng.choice(["whole", "pieces", "announced"])
    try:
        code = await _close_code_for(context, way)
    except ConnectionError:
        # A client that still sends when it is disconnected may never read the code; one that only announced it must.
        assert way != "announced", "The connection was closed without a code, although the message was only announced."
        way = "announced"
        code = await _close_code_for(context, way)
    assert code == 1009, f"A message too large ({way}) was closed with {code}."


async def _close_code_for(context: AttackContext, way: str) -> int:
    async with context.socket() as raw:
        if way == "whole":
            raw.send(TEXT, b" " * (LARGEST_FRAME + 1_000))
        elif way == "announced":
            raw.writer.write(bytes([TEXT, 0xFF]) + struct.pack("!Q", 2**62) + os.urandom(4))
        else:
            for number in range(20):
                raw.send(0x00 if number else 0x01, b" " * 2_000)
        return await close_code(context, raw)


BROKEN = [
    (TEXT, b'{"event":"\xff"}', 1007),
    (TEXT, b"\xed\xa0\x80", 1007),
    (BINARY, b"{}", 1003),
    (0xF1, b"{}", 1002),
    (0x83, b"{}", 1002),
    (0x89, b"x" * 126, 1002),
    (0x88, b"x", 1002),
]


async def broken(context: AttackContext) -> None:
    """Send broken frames, which must close their own socket, and broken JSON, which must only be refused."""
    first, payload, code = context.rng.choice(BROKEN)
    async with context.socket() as raw:
        for text in (b"{", b"[" * 5_000, b"null", b'{"event":7}', b'{"event":"pusher:subscribe","data":[]}'):
            raw.send(TEXT, text)
            await receive_containing(context, raw, b"pusher:error")
        raw.send(first, payload)
        found = await close_code(context, raw)
        assert found == code, f"{first:#x} with {payload[:10]!r} was closed with {found}, not {code}."


async def noise(context: AttackContext) -> None:
    """Send random bytes, before and after the handshake."""
    async with context.socket() as raw:
        raw.writer.write(context.rng.randbytes(300))
        raw.writer.write_eof()
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await asyncio.wait_for(raw.reader.read(), context.patience)
    for payload in (context.rng.randbytes(300), b"\x16\x03\x01\x02\x00", b"x" * 99_999, b"\r\n" * 50):
        reader, writer = await context.open_tcp(payload)
        with suppress(ConnectionError):
            writer.write_eof()
            await asyncio.wait_for(reader.read(), context.patience)
        writer.close()


async def forgeries(context: AttackContext) -> None:
    """Send wrong signatures and old timestamps, which must open nothing and publish nothing."""
    async with context.socket() as raw:
        subscription = {"channel": ALL, "auth": f"{KEY}:{hmac_hex('1.1:' + ALL)}"}
        raw.send(TEXT, json.dumps({"event": "pusher:subscribe", "data": subscription}).encode())
        await receive_containing(context, raw, b"AuthError")
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
        url = f"http://127.0.0.1:{context.port}{path}"
        async with context.http.post(url, params=query, data=body) as response:
            assert response.status == 401, f"A forged request was answered {response.status}."


async def slow_bodies(context: AttackContext) -> None:
    """Send a body that is never complete, which must time out, and one that is too large, which must be refused."""
    for announced, status in ((500, b" 408 "), (3_000_000, b" 413 ")):
        path = "/apps/3/events"
        query = "&".join(f"{name}={value}" for name, value in signed_query("POST", path, b"{").items())
        head = f"POST {path}?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: {announced}\r\n\r\n" + "{"
        reader, writer = await context.open_tcp(head.encode())
        async with asyncio.timeout(context.patience):
            assert status in await reader.readuntil(b"\r\n"), f"A body of {announced} bytes was not refused."
        writer.close()


async def storm(context: AttackContext) -> None:
    """Disconnect hundreds of clients at once, and connect them again at once."""
    for _ in range(2):
        async with context.sockets(context.rng.randint(100, 400)) as crowd:
            await asyncio.gather(
                *(subscribe(context, raw, f"private-{number % 50}") for number, raw in enumerate(crowd))
            )
            for raw in crowd:
                reset_connection(raw.writer)


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
