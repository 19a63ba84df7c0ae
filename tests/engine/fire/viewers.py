"""Viewers who behave, and the publisher they listen to: each event must reach each of them once and in order."""

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
"""The channel that every viewer listens to, and some of the attackers too."""
FAT = 8_000
"""Bytes that one event of ten carries; readers who do not read are soon behind with them."""


class Publisher:
    """Publishes numbered events, and remembers how many of each channel."""

    def __init__(self, port: int, http: aiohttp.ClientSession, chance: Random) -> None:
        self.port, self._http, self._chance = port, http, chance
        self.published: dict[str, int] = defaultdict(int)

    async def some(self, channels: list[str]) -> None:
        """One to ten events in one request."""
        batch = []
        for channel in self._chance.choices(channels, k=self._chance.choice([1, 1, 3, 10])):
            self.published[channel] += 1
            padding = " " * FAT if self._chance.random() < 0.1 else ""
            data = json.dumps({"n": self.published[channel], "at": time.monotonic()}) + padding
            batch.append({"channel": channel, "name": "numbered", "data": data})
        await self.ask("/apps/3/batch_events", {"batch": batch})

    async def ask(self, path: str, body: object) -> dict[str, object]:
        """An honest request, which must succeed."""
        raw = json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self._http.post(url, params=signed_query("POST", path, raw), data=raw) as response:
            said = await response.text()
            assert response.status == 200, f"A publisher was answered {response.status}: {said}"
            return dict(json.loads(said))

    async def counts(self) -> dict[str, int]:
        """What the health check says."""
        async with self._http.get(f"http://127.0.0.1:{self.port}/up") as response:
            return dict(await response.json())


class Watcher:
    """A viewer who behaves: answers pings, comes back when sent away, and knows which number comes next."""

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
        self.heard: dict[str, int] = defaultdict(int)
        self.subscribed: set[str] = set()
        self.subscribed_at = 0.0
        self.may_be_closed = False
        self.closed_with: int | None = None

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
                    self.closed_with = socket.close_code
            if self.subscribed and not self.may_be_closed:
                self._problems.append(f"A viewer who behaved was closed with {self.closed_with}.")
            self.subscribed.clear()
            await asyncio.sleep(0.01)  # a closed port refuses at once

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for said in socket:
            message = json.loads(said.data)
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
                self._problems.append(f"A viewer who behaved was told {message}.")

    async def _subscribe(self, socket: aiohttp.ClientWebSocketResponse, socket_id: str) -> None:
        for channel in self.channels:
            asked = {"channel": channel, "auth": f"{KEY}:{hmac_hex(f'{socket_id}:{channel}')}"}
            await socket.send_str(json.dumps({"event": "pusher:subscribe", "data": asked}))

    def _count(self, channel: str, data: dict[str, float]) -> None:
        self._latencies[int((time.monotonic() - data["at"]) * 10_000)] += 1
        expected = self.heard[channel] + 1
        if data["n"] != expected:
            self._problems.append(f"On {channel} number {data['n']} came where {expected} was next.")
        self.heard[channel] = int(data["n"])
