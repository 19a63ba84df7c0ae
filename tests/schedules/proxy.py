"""The proxy between the workers and the engine, without a thread of its own.

It forwards requests and returns responses, and fails when it is told to. The driver calls it for each readable socket,
so that what it does is part of the schedule.
"""

import json
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from random import uniform
from time import sleep
from typing import Any

from tests.schedules.engine import EngineProcess, is_whole, length_of


class RequestOutcome(Enum):
    """What becomes of one request."""

    TAKEN = auto()
    BUSY = auto()
    """The proxy responds with 503 and forwards nothing."""
    REFUSED = auto()
    """The proxy responds with 400 and forwards nothing."""
    ANSWER_LOST = auto()
    """The engine takes the request, but the connection breaks before the response."""
    SENDER_KILLED = auto()
    """The engine takes the request, and the sender is killed before the response."""
    ENGINE_KILLED = auto()
    """The engine is killed while it has the request. The seed does not determine where the engine is then."""
    ENGINE_KILLED_LATE = auto()
    """The engine takes the request and is killed before the sender has the response."""

    @property
    def in_words(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message as it arrived; `order` and `number` name its event."""

    channel: str
    name: str
    data: dict[str, Any]
    order: str
    number: int


class ChannelsProxy:
    """A proxy on a port of 127.0.0.1 that stays the same until `close`. It needs an engine before `begin`."""

    is_down: bool = True
    engine: EngineProcess

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._connections: dict[socket.socket, bytes] = {}

    def begin(
        self, received: list[ReceivedMessage], outcome: Callable[[], RequestOutcome], kill_sender: Callable[[], None]
    ) -> None:
        """Forward requests from now on, and append the messages to `received`, unless `outcome` decides otherwise."""
        self._heard, self._outcome, self._kill_sender = received, outcome, kill_sender
        self.start_engine()

    @property
    def sockets(self) -> list[socket.socket]:
        """The sockets to wait for; a readable one goes to `handle`."""
        return [self._listener, *self._connections]

    def handle(self, readable: socket.socket) -> None:
        """Accept a connection, or read from one."""
        if readable is self._listener:
            connection, _ = self._listener.accept()
            connection.setblocking(True)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections[connection] = b""
            if self.is_down:
                self._disconnect(connection)
            return
        if readable not in self._connections:
            return  # disconnected meanwhile
        received = _received(readable)
        self._connections[readable] += received
        if not received or self.is_down:
            self._disconnect(readable)
        else:
            self._answer_if_complete(readable)

    def drain(self) -> None:
        """Take all that has been sent until now: its sender may be dead, and another worker continues from there."""
        while readable := select.select(self.sockets, [], [], 0)[0]:
            for each in readable:
                self.handle(each)

    def end(self) -> None:
        """Disconnect every client, and answer nobody from now on."""
        self.is_down = True
        for connection in list(self._connections):
            self._disconnect(connection)

    def kill_engine(self) -> None:
        """End the engine by kill -9, and disconnect every client."""
        self.engine.kill()
        self.end()

    def start_engine(self) -> None:
        """Start the engine, if it is not running, and answer requests from now on."""
        self.engine.start()
        self.is_down = False

    def close(self) -> None:
        """Kill the engine and free the port."""
        self.kill_engine()
        self._listener.close()

    def _answer_if_complete(self, connection: socket.socket) -> None:
        while not self.is_down and is_whole(self._connections.get(connection, b"")):
            size = length_of(self._connections[connection])
            request, self._connections[connection] = (
                self._connections[connection][:size],
                self._connections[connection][size:],
            )
            self._answer(connection, request, self._outcome())

    def _answer(self, connection: socket.socket, request: bytes, outcome: RequestOutcome) -> None:
        match outcome:
            case RequestOutcome.BUSY | RequestOutcome.REFUSED:
                status = b"503 Busy" if outcome is RequestOutcome.BUSY else b"400 Bad Request"
                connection.sendall(
                    b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
                )
            case RequestOutcome.ENGINE_KILLED:
                with self.engine.connect() as forwarded:
                    forwarded.sendall(request)
                    sleep(uniform(0, 0.002))  # noqa: S311  nothing secret depends on it
                    self.kill_engine()
            case _:
                response = self._forward(request)
                if outcome is RequestOutcome.SENDER_KILLED:
                    self._kill_sender()
                if outcome is RequestOutcome.ENGINE_KILLED_LATE:
                    self.kill_engine()
                if outcome is RequestOutcome.TAKEN:
                    connection.sendall(response)
                else:
                    self._disconnect(connection)

    def _forward(self, request: bytes) -> bytes:
        response = self.engine.request(request)
        if response.startswith(b"HTTP/1.1 200"):
            batch = json.loads(request.partition(b"\r\n\r\n")[2])["batch"]
            self._heard.extend(received_message(message) for message in batch)
        return response

    def _disconnect(self, connection: socket.socket) -> None:
        self._connections.pop(connection, None)
        connection.close()


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1_000_000)
    except ConnectionError:
        return b""


def received_message(message: dict[str, Any]) -> ReceivedMessage:
    """Return the message as it was sent. The publisher's `name` is called `event` when the engine delivers it."""
    data = json.loads(message["data"])
    order, number = data.pop("_event")
    return ReceivedMessage(message["channel"], message.get("name") or message["event"], data, order, number)
