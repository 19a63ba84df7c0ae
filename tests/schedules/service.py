"""The way from the workers to the engine, without a thread of its own: it hands requests on and answers back, and fails
when it is told to. The driver turns it by hand, so that what it does is part of the schedule.
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


class Fate(Enum):
    """What becomes of one request."""

    TAKEN = auto()
    BUSY = auto()
    """503, nothing taken."""
    REFUSED = auto()
    """400, nothing taken."""
    ANSWER_LOST = auto()
    """Taken, but the connection breaks before the response."""
    SENDER_KILLED = auto()
    """Taken, and the sender is killed before the response."""
    ENGINE_KILLED = auto()
    """The engine is killed while it has the request, wherever it is then. Here the seed doesn't say what happens."""
    ENGINE_KILLED_LATE = auto()
    """Taken, and the engine is killed before the sender has its response."""

    @property
    def in_words(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it came in; `order` and `number` name the event that it tells."""

    channel: str
    name: str
    data: dict[str, Any]
    order: str
    number: int


class Service:
    """Listens on a port of 127.0.0.1 that stays the same until `close`. Needs an engine before it can begin."""

    is_down: bool = True
    engine: EngineProcess

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._door.setblocking(False)
        self.port: int = self._door.getsockname()[1]
        self._calls: dict[socket.socket, bytes] = {}

    def begin(self, heard: list[Heard], fate: Callable[[], Fate], kill_sender: Callable[[], None]) -> None:
        """From now on add to `heard` what comes in, unless `fate` says otherwise."""
        self._heard, self._fate, self._kill_sender = heard, fate, kill_sender
        self.come_up()

    @property
    def sockets(self) -> list[socket.socket]:
        """What to wait for; whichever is readable goes to `turn`."""
        return [self._door, *self._calls]

    def turn(self, readable: socket.socket) -> None:
        """Take a call, or what was said in one."""
        if readable is self._door:
            call, _ = self._door.accept()
            call.setblocking(True)
            call.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._calls[call] = b""
            if self.is_down:
                self._hang_up(call)
            return
        if readable not in self._calls:
            return  # hung up meanwhile
        said = _received(readable)
        self._calls[readable] += said
        if not said or self.is_down:
            self._hang_up(readable)
        else:
            self._answer_if_complete(readable)

    def hear_out(self) -> None:
        """Take what has been said until now: who said it may be dead, and somebody else goes on from there."""
        while readable := select.select(self.sockets, [], [], 0)[0]:
            for each in readable:
                self.turn(each)

    def end(self) -> None:
        """From now on nobody is answered, and who is connected is cut off."""
        self.is_down = True
        for call in list(self._calls):
            self._hang_up(call)

    def go_down(self) -> None:
        """kill -9 for the engine."""
        self.engine.kill()
        self.end()

    def come_up(self) -> None:
        """The engine is started again, if it isn't there, and from now on everybody is answered."""
        self.engine.start()
        self.is_down = False

    def close(self) -> None:
        """Give the port back."""
        self.go_down()
        self._door.close()

    def _answer_if_complete(self, call: socket.socket) -> None:
        while not self.is_down and is_whole(self._calls.get(call, b"")):
            size = length_of(self._calls[call])
            request, self._calls[call] = self._calls[call][:size], self._calls[call][size:]
            self._answer(call, request, self._fate())

    def _answer(self, call: socket.socket, request: bytes, fate: Fate) -> None:
        match fate:
            case Fate.BUSY | Fate.REFUSED:
                status = b"503 Busy" if fate is Fate.BUSY else b"400 Bad Request"
                call.sendall(
                    b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
                )
            case Fate.ENGINE_KILLED:
                with self.engine.call() as forwarded:
                    forwarded.sendall(request)
                    sleep(uniform(0, 0.002))  # noqa: S311  no secret
                    self.go_down()
            case _:
                response = self._hand_on(request)
                if fate is Fate.SENDER_KILLED:
                    self._kill_sender()
                if fate is Fate.ENGINE_KILLED_LATE:
                    self.go_down()
                if fate is Fate.TAKEN:
                    call.sendall(response)
                else:
                    self._hang_up(call)

    def _hand_on(self, request: bytes) -> bytes:
        response = self.engine.ask(request)
        if response.startswith(b"HTTP/1.1 200"):
            batch = json.loads(request.partition(b"\r\n\r\n")[2])["batch"]
            self._heard.extend(heard_of(message) for message in batch)
        return response

    def _hang_up(self, call: socket.socket) -> None:
        self._calls.pop(call, None)
        call.close()


def _received(call: socket.socket) -> bytes:
    try:
        return call.recv(1_000_000)
    except ConnectionError:
        return b""


def heard_of(message: dict[str, Any]) -> Heard:
    """The message as it was sent to a service; what it calls a name the engine calls an event when it hands it on."""
    data = json.loads(message["data"])
    order, number = data.pop("_event")
    return Heard(message["channel"], message.get("name") or message["event"], data, order, number)
