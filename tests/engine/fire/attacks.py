"""What hostile and broken clients do, each with what has to become of it. An `AssertionError` is the engine's fault."""

import asyncio
import json
import os
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.engine.clients import hmac_hex, signed_query
from tests.engine.engine_process import KEY
from tests.engine.fire.sky import TEXT, Sky, closed_with, hears, reset, subscribed
from tests.engine.fire.viewers import ALL

BINARY = 0x82
LARGEST_FRAME = 32_768
MOST_DEAF = 10

Attack = Callable[[Sky], Awaitable[None]]


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
        for number, raw in enumerate(sockets):
            # Those who only never answer hear nothing meanwhile: else they could be too slow before too silent.
            is_told = number < 8 and sky.chance.random() < 0.3
            await subscribed(sky, raw, ALL if is_told else "private-half-open")
        for raw in sockets[:4]:
            reset(raw.writer)
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
            reset(raw.writer)
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
    way = sky.chance.choice(["whole", "pieces", "announced"])
    try:
        code = await _said_to_too_much(sky, way)
    except ConnectionError:
        # Who still talks when the line is cut may never hear why; who has only announced it has to.
        assert way != "announced", "The line was cut without a word over what was only announced."
        way = "announced"
        code = await _said_to_too_much(sky, way)
    assert code == 1009, f"A message too large ({way}) was closed with {code}."


async def _said_to_too_much(sky: Sky, way: str) -> int:
    async with sky.socket() as raw:
        if way == "whole":
            raw.send(TEXT, b" " * (LARGEST_FRAME + 1_000))
        elif way == "announced":
            raw.writer.write(bytes([TEXT, 0xFF]) + struct.pack("!Q", 2**62) + os.urandom(4))
        else:
            for number in range(20):
                raw.send(0x00 if number else 0x01, b" " * 2_000)
        return await closed_with(sky, raw)


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
        async with sky.http.post(url, params=query, data=body) as response:
            assert response.status == 401, f"A forged request was answered {response.status}."


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
                reset(raw.writer)


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
