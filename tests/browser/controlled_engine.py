"""An engine of which the test is the master."""

import json
import re
from typing import Any

from playwright.sync_api import BrowserContext, WebSocketRoute


class Engine:
    """What the page takes for the engine: it does as the test says, inside the browser."""

    def __init__(self, context: BrowserContext) -> None:
        self.is_up = True
        self.answer = "pusher_internal:subscription_succeeded"
        self.asked: list[dict[str, Any]] = []
        self._sockets: list[WebSocketRoute] = []
        context.route_web_socket(re.compile("^ws"), self._connect)

    @property
    def connections(self) -> int:
        """How many sockets have been opened since it last broke down."""
        return len(self._sockets)

    def say(self, name: str, **data: Any) -> None:
        """Send one message on the order's channel to every page."""
        for socket in self._sockets:
            socket.send(json.dumps({"event": name, "channel": self.asked[-1]["channel"], "data": json.dumps(data)}))

    def break_down(self) -> None:
        """Lose every connection and take no other."""
        self.is_up = False
        for socket in self._sockets:
            socket.close(code=1001)
        self._sockets.clear()

    def _connect(self, socket: WebSocketRoute) -> None:
        if not self.is_up:
            socket.close(code=1001)
            return
        self._sockets.append(socket)
        socket.on_message(lambda message: self._hear(socket, json.loads(message)))
        self._send(socket, "pusher:connection_established", {"socket_id": "1.1", "activity_timeout": 120})

    def _hear(self, socket: WebSocketRoute, message: dict[str, Any]) -> None:
        if message["event"] == "pusher:ping":
            self._send(socket, "pusher:pong", {})
        if message["event"] != "pusher:subscribe":
            return
        self.asked.append(message["data"])
        if self.answer == "pusher:error":
            self._send(socket, "pusher:error", {"code": 4009, "message": "not allowed"})
        elif self.answer:
            self._send(socket, self.answer, {}, channel=message["data"]["channel"])

    def _send(self, socket: WebSocketRoute, name: str, data: dict[str, Any], **more: str) -> None:
        socket.send(json.dumps({"event": name, "data": json.dumps(data), **more}))
