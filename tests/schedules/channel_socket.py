"""The WebSocket with which a page listens to one channel of the real engine. It has no thread; it reads when asked to.

It is as small as the protocol allows: it masks its frames with zeros and understands only whole text frames.
"""

import json
from struct import pack, unpack
from typing import Any

from tests.schedules.engine import EngineProcess
from tracker.config import Settings
from tracker.live.pusher import ChannelsClient

_HANDSHAKE = (
    "GET /app/{key}?protocol=7 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_TEXT = 0x81


class ChannelSocket:
    """A socket that is subscribed to its channel once it exists. Raises OSError if the engine is not running."""

    def __init__(self, engine: EngineProcess, settings: Settings, channel: str) -> None:
        self._engine, self._pid = engine, engine.pid
        self._connection = engine.connect()
        self._unread = b""
        self._connection.sendall(_HANDSHAKE.format(key=engine.key).encode())
        while b"\r\n\r\n" not in self._unread:
            self._receive()
        self._unread = self._unread.partition(b"\r\n\r\n")[2]
        socket_id = json.loads(self._expect("pusher:connection_established")["data"])["socket_id"]
        auth = ChannelsClient(settings).authorise(channel, socket_id)
        self._send("pusher:subscribe", {"channel": channel, "auth": auth})
        self._expect("pusher_internal:subscription_succeeded")

    @property
    def is_disconnected(self) -> bool:
        """Return whether the engine that this socket was connected to has ended."""
        return self._engine.pid != self._pid

    def new_messages(self) -> list[dict[str, Any]]:
        """Return the messages on the channel since the last call: all that come before the response to a ping."""
        self._send("pusher:ping", {})
        received = []
        while (message := self._next())["event"] != "pusher:pong":
            received.append(message)
        return received

    def close(self) -> None:
        self._connection.close()

    def _expect(self, event: str) -> dict[str, Any]:
        message = self._next()
        if message["event"] != event:
            raise AssertionError(f"The engine sent {message}, not {event}.")
        return message

    def _send(self, event: str, data: dict[str, Any]) -> None:
        text = json.dumps({"event": event, "data": data}).encode()
        self._connection.sendall(pack("!BBH", _TEXT, 0x80 | 126, len(text)) + bytes(4) + text)

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
        received = self._connection.recv(65_536)
        if not received:
            raise ConnectionError("The engine closed the connection.")
        self._unread += received
