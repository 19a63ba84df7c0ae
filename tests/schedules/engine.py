"""The real engine in a process of its own, which can be killed at any moment, and started again."""

import os
import signal
import socket
import sys
from typing import NoReturn

from tracker.config import Settings
from tracker.engine import EngineSettings, run

PATIENCE = 5.0
"""Seconds, after which an engine that lives is taken to be stuck."""


class EngineProcess:
    """Not running until `start`. Its port is another one each time; who publishes goes through the service's."""

    def __init__(self, settings: Settings) -> None:
        self._settings = EngineSettings(
            app_id=settings.channels_app_id,
            key=settings.channels_key,
            secret=settings.channels_secret.get_secret_value(),
            port=0,
        )
        self.key = settings.channels_key
        self.port = 0
        self.pid = 0
        """0 while it isn't running."""

    @property
    def is_alive(self) -> bool:
        return self.pid != 0

    def start(self) -> None:
        """Have it listen, if it doesn't."""
        if self.is_alive:
            return
        ours, theirs = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _be_the_engine(self._settings, theirs)
        os.close(theirs)
        with os.fdopen(ours) as said:
            self.port = int(said.readline())

    def kill(self) -> None:
        """kill -9."""
        if self.is_alive:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0

    def call(self) -> socket.socket:
        """A fresh connection to it."""
        call = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        call.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return call

    def ask(self, request: bytes) -> bytes:
        """Its whole response to this HTTP request."""
        with self.call() as call:
            call.sendall(request)
            response = b""
            while not is_whole(response):
                response += call.recv(65_536) or _gone()
            return response


def length_of(message: bytes) -> int:
    """How long an HTTP message is, by what its head says; 0 as long as the head is not complete."""
    head, separator, _ = message.partition(b"\r\n\r\n")
    if not separator:
        return 0
    lines = head.lower().split(b"\r\n")
    body = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    return len(head) + len(separator) + body


def is_whole(message: bytes) -> bool:
    """Whether all of an HTTP message is there."""
    return 0 < length_of(message) <= len(message)


def _gone() -> NoReturn:
    raise ConnectionError("The engine has hung up.")


def _be_the_engine(settings: EngineSettings, pipe: int) -> NoReturn:
    try:
        mine = os.dup2(pipe, 3)
        os.closerange(4, 256)  # else it would keep the lines of the driver and of its brothers open
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        run(settings, on_ready=lambda port: _say(mine, port))
    finally:
        os._exit(0)


def _say(pipe: int, port: int) -> None:
    os.write(pipe, b"%d\n" % port)
    os.close(pipe)
