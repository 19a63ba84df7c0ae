"""A Channels service inside the driver, without a thread of its own: it takes batches, hands them on, and fails when
it is told to. The driver turns it by hand, so that what it does is part of the schedule.
"""

import json
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Fate(Enum):
    """What becomes of one request."""

    TAKEN = auto()
    BUSY = auto()
    """503, nothing taken."""
    REFUSED = auto()
    """400, nothing taken."""
    ANSWER_LOST = auto()
    """Taken, but the connection breaks before the answer."""
    SENDER_KILLED = auto()
    """Taken, and the sender is killed before the answer."""

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
    """Listens on a port of 127.0.0.1 that stays the same until `close`."""

    is_down: bool = True

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._door.setblocking(False)
        self.port: int = self._door.getsockname()[1]
        self._calls: dict[socket.socket, bytes] = {}

    def begin(self, heard: list[Heard], fate: Callable[[], Fate], kill_sender: Callable[[], None]) -> None:
        """From now on add to `heard` what comes in, unless `fate` says otherwise."""
        self._heard, self._fate, self._kill_sender = heard, fate, kill_sender
        self.is_down = False

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

    def go_down(self) -> None:
        """From now on nobody is answered, and who is connected is cut off."""
        self.is_down = True
        for call in list(self._calls):
            self._hang_up(call)

    def come_up(self) -> None:
        """From now on everybody is answered again."""
        self.is_down = False

    def close(self) -> None:
        """Give the port back."""
        self.go_down()
        self._door.close()

    def _answer_if_complete(self, call: socket.socket) -> None:
        head, separator, body = self._calls[call].partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:")), 0)
        if not separator or len(body) < length:
            return
        self._calls[call] = body[length:]
        fate = self._fate()
        if fate in (Fate.TAKEN, Fate.ANSWER_LOST, Fate.SENDER_KILLED):
            self._heard.extend(_heard(message) for message in json.loads(body[:length])["batch"])
        if fate is Fate.SENDER_KILLED:
            self._kill_sender()
        if fate in (Fate.ANSWER_LOST, Fate.SENDER_KILLED):
            self._hang_up(call)
            return
        status = {Fate.TAKEN: b"200 OK", Fate.BUSY: b"503 Busy", Fate.REFUSED: b"400 Bad Request"}[fate]
        call.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

    def _hang_up(self, call: socket.socket) -> None:
        self._calls.pop(call, None)
        call.close()


def _received(call: socket.socket) -> bytes:
    try:
        return call.recv(1_000_000)
    except ConnectionError:
        return b""


def _heard(message: dict[str, Any]) -> Heard:
    data = json.loads(message["data"])
    order, number = data.pop("_event")
    return Heard(message["channel"], message["name"], data, order, number)
