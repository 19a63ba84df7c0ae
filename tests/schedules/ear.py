"""The WebSocket with which a page listens to one channel of the real engine; without a thread, read when it is asked.

A client as small as the protocol lets it be: its frames are masked with zeros, and all it gets is whole text frames.
"""

import json
from struct import pack, unpack
from typing import Any

from tests.schedules.engine import EngineProcess
from tracker.config import Settings
from tracker.live.pusher import ChannelsClient

_KNOCK = (
    "GET /app/{key}?protocol=7 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_TEXT = 0x81


class Ear:
    """Subscribed to that channel as soon as it exists. Raises OSError if the engine is gone."""

    def __init__(self, engine: EngineProcess, settings: Settings, channel: str) -> None:
        self._engine, self._pid = engine, engine.pid
        self._call = engine.call()
        self._unread = b""
        self._call.sendall(_KNOCK.format(key=engine.key).encode())
        while b"\r\n\r\n" not in self._unread:
            self._receive()
        self._unread = self._unread.partition(b"\r\n\r\n")[2]
        socket_id = json.loads(self._expect("pusher:connection_established")["data"])["socket_id"]
        auth = ChannelsClient(settings).authorise(channel, socket_id)
        self._say("pusher:subscribe", {"channel": channel, "auth": auth})
        self._expect("pusher_internal:subscription_succeeded")

    @property
    def is_deaf(self) -> bool:
        """The engine that it listened to is dead."""
        return self._engine.pid != self._pid

    def heard_until_now(self) -> list[dict[str, Any]]:
        """What was said on the channel since the last time: all that comes before the answer to a ping."""
        self._say("pusher:ping", {})
        heard = []
        while (message := self._next())["event"] != "pusher:pong":
            heard.append(message)
        return heard

    def close(self) -> None:
        self._call.close()

    def _expect(self, event: str) -> dict[str, Any]:
        message = self._next()
        if message["event"] != event:
            raise AssertionError(f"The engine said {message}, and not {event}.")
        return message

    def _say(self, event: str, data: dict[str, Any]) -> None:
        text = json.dumps({"event": event, "data": data}).encode()
        self._call.sendall(pack("!BBH", _TEXT, 0x80 | 126, len(text)) + bytes(4) + text)

    def _next(self) -> dict[str, Any]:
        kind, size = unpack("!BB", self._take(2))
        if kind != _TEXT:
            raise ConnectionError(f"The engine sent a frame of kind {kind:#x}.")
        if size == 126:
            (size,) = unpack("!H", self._take(2))
        message: dict[str, Any] = json.loads(self._take(size))
        return message

    def _take(self, size: int) -> bytes:
        while len(self._unread) < size:
            self._receive()
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken

    def _receive(self) -> None:
        received = self._call.recv(65_536)
        if not received:
            raise ConnectionError("The engine has hung up.")
        self._unread += received
