"""Clients for tests of the engine: WebSocket viewers and signed REST requests, with a signing code of their own."""

import asyncio
import functools
import hashlib
import hmac
import json
import os
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.engine.engine_process import KEY, SECRET, engine_settings
from tracker.engine import EngineSettings, serve

TIMEOUT = 5  # seconds until a test gives up waiting


def asynchronous(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run the test in an event loop of its own. Errors in its background tasks fail it too."""

    @functools.wraps(test)
    def run_in_loop(*args: Any, **kwargs: Any) -> None:
        background_errors: list[dict[str, Any]] = []

        async def run_test() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _loop, context: background_errors.append(context))
            async with asyncio.timeout(30):
                await test(*args, **kwargs)

        asyncio.run(run_test())
        assert not background_errors, background_errors

    return run_in_loop


def hmac_hex(text: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


async def wait_until(condition: Callable[[], Any]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():
            await asyncio.sleep(0.005)


@dataclass
class Viewer:
    """A WebSocket client that sends and expects exactly what a test tells it to."""

    socket: aiohttp.ClientWebSocketResponse
    socket_id: str = ""

    async def send(self, event: str, data: Any = None, **more: Any) -> None:
        await self.socket.send_str(json.dumps({"event": event, "data": data, **more}))

    async def receive(self) -> dict[str, Any]:
        """Return the next message, with `data` parsed if it is JSON within JSON."""
        received = await self.socket.receive(timeout=TIMEOUT)
        assert received.type is aiohttp.WSMsgType.TEXT, received
        message = json.loads(received.data)
        if isinstance(message.get("data"), str):
            with suppress(ValueError):
                message["data"] = json.loads(message["data"])
        return message

    async def expect(self, event: str) -> Any:
        """Return the data of the next message, which must be this event."""
        message = await self.receive()
        assert message["event"] == event, message
        return message["data"]

    async def expect_nothing(self) -> None:
        """Assert that no message has been sent before this: it would arrive before the response to a ping."""
        await self.send("pusher:ping")
        await self.expect("pusher:pong")

    async def close_code(self) -> int | None:
        """Return the close code, after any messages that still arrive."""
        async with asyncio.timeout(TIMEOUT):
            async for _ in self.socket:
                pass
        return self.socket.close_code

    def auth(self, channel: str, channel_data: str | None = None) -> dict[str, str]:
        text = f"{self.socket_id}:{channel}" + (f":{channel_data}" if channel_data is not None else "")
        signed = {"channel": channel, "auth": f"{KEY}:{hmac_hex(text)}"}
        return signed if channel_data is None else {**signed, "channel_data": channel_data}

    async def subscribe(self, channel: str, member: dict[str, Any] | None = None) -> Any:
        """Subscribe with a valid signature, and return the data of the confirmation."""
        await self.send("pusher:subscribe", self.auth(channel, None if member is None else json.dumps(member)))
        return await self.expect("pusher_internal:subscription_succeeded")

    async def close(self) -> None:
        await self.socket.close()


@dataclass
class InProcessEngine:
    """An engine in the test's own process."""

    settings: EngineSettings
    port: int
    http: aiohttp.ClientSession
    task: asyncio.Task[None]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def open_websocket(self, path: str = f"/app/{KEY}?protocol=7", **headers: str) -> Viewer:
        """Open a WebSocket without reading from it."""
        return Viewer(await self.http.ws_connect(self.url(path), headers=headers))

    async def viewer(self) -> Viewer:
        """Return a connected client."""
        viewer = await self.open_websocket()
        viewer.socket_id = (await viewer.expect("pusher:connection_established"))["socket_id"]
        return viewer

    async def request(
        self, method: str, path: str, body: Any = None, *, status: int = 200, **query: str
    ) -> dict[str, Any] | str:
        """Send a signed request and return its response, which must have this status."""
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = signed_query(method, path, raw, **query)
        async with self.http.request(method, self.url(path), params=signed, data=raw or None) as response:
            assert response.status == status, await response.text()
            return await response.json() if status == 200 else await response.text()

    async def trigger(self, channel: str, event: str = "news", data: str = "{}", **more: Any) -> Any:
        return await self.request("POST", "/apps/3/events", {"name": event, "channel": channel, "data": data, **more})

    async def counts(self) -> dict[str, int]:
        """Return the counts of the health check."""
        async with self.http.get(self.url("/up")) as response:
            assert response.status == 200
            return await response.json()


def signed_query(method: str, path: str, body: bytes, *, secret: str = SECRET, **changed: str) -> dict[str, str]:
    """Return the parameters of a valid request, or of one with parameters changed before it was signed."""
    query = {"auth_key": KEY, "auth_timestamp": str(int(time.time())), "auth_version": "1.0", **changed}
    if body:
        query.setdefault("body_md5", hashlib.md5(body, usedforsecurity=False).hexdigest())
    text = "&".join(f"{name}={query[name]}" for name in sorted(query))
    return {**query, "auth_signature": hmac_hex(f"{method}\n{path}\n{text}", secret)}


@asynccontextmanager
async def an_engine(**changed: object) -> AsyncIterator[InProcessEngine]:
    """Yield an engine in this event loop, with an HTTP client. At the end it waits for no client's agreement to
    close."""
    settings = engine_settings(**{"shutdown_grace": 0.02, **changed})
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(settings, on_ready=ready.set_result))
    await asyncio.wait({ready, task}, return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
    if task.done():
        await task
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        try:
            yield InProcessEngine(settings, ready.result(), http, task)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@dataclass
class RawSocket:
    """A WebSocket whose frames a test makes by hand, also invalid ones."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, first: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
        mask = os.urandom(4)
        body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.writer.write(bytes([first]) + length + mask + body)

    async def close_code(self) -> int:
        """Return the code of the next close frame, after any other frames."""
        async with asyncio.timeout(TIMEOUT):
            while True:
                first, second = await self.reader.readexactly(2)
                size = second & 0x7F
                if size == 126:
                    size = struct.unpack("!H", await self.reader.readexactly(2))[0]
                payload = await self.reader.readexactly(size)
                if first == 0x88:
                    return int(struct.unpack("!H", payload[:2])[0])


@asynccontextmanager
async def a_raw_socket(port: int) -> AsyncIterator[RawSocket]:
    """Yield a connection after its handshake, before its first frame."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /app/{KEY}?protocol=7 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    try:
        yield RawSocket(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
