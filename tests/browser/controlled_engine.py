"""A Pusher Channels engine inside the browser, which the test controls."""

import json
import re
from typing import Any

from playwright.sync_api import BrowserContext, WebSocketRoute


class Engine:
    """Replaces the engine for all pages of a browser context. The test decides what it sends and whether it runs."""

    def __init__(self, context: BrowserContext) -> None:
        self.is_up = True
        self.reply = "pusher_internal:subscription_succeeded"
        self.subscriptions: list[dict[str, Any]] = []
        self._sockets: list[WebSocketRoute] = []
        context.route_web_socket(re.compile("^ws"), self._connect)

    @property
    def connections(self) -> int:
        """Return how many sockets have been opened since the last break_down()."""
        return len(self._sockets)

    def send_event(self, name: str, **data: Any) -> None:
        """Send one message to every page, on the channel of the latest subscription."""
        for socket in self._sockets:
            socket.send(
                json.dumps({"event": name, "channel": self.subscriptions[-1]["channel"], "data": json.dumps(data)})
            )

    def break_down(self) -> None:
        """Close every connection and refuse new ones."""
        self.is_up = False
        for socket in self._sockets:
            socket.close(code=1001)
        self._sockets.clear()

    def _connect(self, socket: WebSocketRoute) -> None:
        if not self.is_up:
            socket.close(code=1001)
            return
        self._sockets.append(socket)
        socket.on_message(lambda message: self._receive(socket, json.loads(message)))
        self._send(socket, "pusher:connection_established", {"socket_id": "1.1", "activity_timeout": 120})

    def _receive(self, socket: WebSocketRoute, message: dict[str, Any]) -> None:
        if message["event"] == "pusher:ping":
            self._send(socket, "pusher:pong", {})
        if message["event"] != "pusher:subscribe":
            return
        self.subscriptions.append(message["data"])
        if self.reply == "pusher:error":
            self._send(socket, "pusher:error", {"code": 4009, "message": "not allowed"})
        elif self.reply:
            self._send(socket, self.reply, {}, channel=message["data"]["channel"])

    def _send(self, socket: WebSocketRoute, name: str, data: dict[str, Any], **more: str) -> None:
        socket.send(json.dumps({"event": name, "data": json.dumps(data), **more}))
