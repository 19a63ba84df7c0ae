"""Well-behaved viewers and their publisher: each event must reach each viewer once and in order."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from contextlib import suppress
from random import Random

import aiohttp

from tests.engine.clients import hmac_hex, signed_query
from tests.engine.engine_process import KEY

ALL = "private-all"
"""The channel that every viewer and some attackers subscribe to."""
LARGE_PADDING = 8_000
"""Bytes of padding in one event of ten; clients that do not read soon exceed their limit."""


class Publisher:
    """Publishes numbered events and counts those of each channel."""

    def __init__(self, port: int, http: aiohttp.ClientSession, rng: Random) -> None:
        self.port, self._http, self._rng = port, http, rng
        self.published: dict[str, int] = defaultdict(int)

    async def publish_some(self, channels: list[str]) -> None:
        """Publish one to ten events in one request."""
        batch = []
        for channel in self._rng.choices(channels, k=self._rng.choice([1, 1, 3, 10])):
            self.published[channel] += 1
            padding = " " * LARGE_PADDING if self._rng.random() < 0.1 else ""
            data = json.dumps({"n": self.published[channel], "at": time.monotonic()}) + padding
            batch.append({"channel": channel, "name": "numbered", "data": data})
        await self.request("/apps/3/batch_events", {"batch": batch})

    async def request(self, path: str, body: object) -> dict[str, object]:
        """Send a valid request, which must succeed, and return the response."""
        raw = json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self._http.post(url, params=signed_query("POST", path, raw), data=raw) as response:
            text = await response.text()
            assert response.status == 200, f"A valid request was answered {response.status}: {text}"
            return dict(json.loads(text))

    async def counts(self) -> dict[str, int]:
        """Return the counts of the health check."""
        async with self._http.get(f"http://127.0.0.1:{self.port}/up") as response:
            return dict(await response.json())


class Watcher:
    """A well-behaved viewer: it answers pings, reconnects when it is closed, and checks the events' numbers."""

    def __init__(
        self,
        port: int,
        http: aiohttp.ClientSession,
        channels: list[str],
        problems: list[str],
        latencies: Counter[int],
    ) -> None:
        self._url = f"http://127.0.0.1:{port}/app/{KEY}?protocol=7"
        self._http, self._problems, self._latencies = http, problems, latencies
        self.channels = channels
        self.received: dict[str, int] = defaultdict(int)
        self.subscribed: set[str] = set()
        self.subscribed_at = 0.0
        self.may_be_closed = False
        self.close_code: int | None = None

    @property
    def is_there(self) -> bool:
        return len(self.subscribed) == len(self.channels)

    @property
    def is_back(self) -> bool:
        return self.is_there and self.subscribed_at > 0

    async def watch(self) -> None:
        """Listen until cancelled."""
        while True:
            with suppress(aiohttp.ClientError, ConnectionError):
                async with self._http.ws_connect(self._url) as socket:
                    await self._listen(socket)
                    self.close_code = socket.close_code
            if self.subscribed and not self.may_be_closed:
                self._problems.append(f"A well-behaved viewer was closed with {self.close_code}.")
            self.subscribed.clear()
            await asyncio.sleep(0.01)  # because a closed port refuses at once

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            message = json.loads(frame.data)
            if message["event"] == "numbered":
                self._count(message["channel"], json.loads(message["data"]))
            elif message["event"] == "pusher:connection_established":
                await self._subscribe(socket, json.loads(message["data"])["socket_id"])
            elif message["event"] == "pusher_internal:subscription_succeeded":
                self.subscribed.add(message["channel"])
                self.subscribed_at = time.monotonic()
            elif message["event"] == "pusher:ping":
                await socket.send_str('{"event":"pusher:pong"}')
            else:
                self._problems.append(f"A well-behaved viewer received {message}.")

    async def _subscribe(self, socket: aiohttp.ClientWebSocketResponse, socket_id: str) -> None:
        for channel in self.channels:
            subscription = {"channel": channel, "auth": f"{KEY}:{hmac_hex(f'{socket_id}:{channel}')}"}
            await socket.send_str(json.dumps({"event": "pusher:subscribe", "data": subscription}))

    def _count(self, channel: str, data: dict[str, float]) -> None:
        self._latencies[int((time.monotonic() - data["at"]) * 10_000)] += 1
        expected = self.received[channel] + 1
        if data["n"] != expected:
            self._problems.append(f"On {channel} number {data['n']} came where {expected} was next.")
        self.received[channel] = int(data["n"])
