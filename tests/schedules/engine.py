"""The real engine in a process of its own, which can be killed at any moment and started again."""

import os
import signal
import socket
import sys
from typing import NoReturn

from tracker.config import Settings
from tracker.engine import EngineSettings, run

TIMEOUT = 5.0
"""Seconds after which a running engine counts as hanging."""


class EngineProcess:
    """An engine that runs from `start` to `kill`. Its port changes with each start, so workers publish through the
    proxy."""

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
        """The process id, or 0 while the engine is not running."""

    @property
    def is_alive(self) -> bool:
        return self.pid != 0

    def start(self) -> None:
        """Start the engine, if it is not running, and wait until it listens."""
        if self.is_alive:
            return
        read_end, write_end = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _run_engine(self._settings, write_end)
        os.close(write_end)
        with os.fdopen(read_end) as received:
            self.port = int(received.readline())

    def kill(self) -> None:
        """End the engine by kill -9, if it is running."""
        if self.is_alive:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0

    def connect(self) -> socket.socket:
        """Return a new connection to the engine."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def request(self, request: bytes) -> bytes:
        """Send this HTTP request and return the whole response."""
        with self.connect() as connection:
            connection.sendall(request)
            response = b""
            while not is_whole(response):
                response += connection.recv(65_536) or _raise_closed()
            return response


def length_of(message: bytes) -> int:
    """Return the length of an HTTP message according to its head, or 0 while the head is not complete."""
    head, separator, _ = message.partition(b"\r\n\r\n")
    if not separator:
        return 0
    lines = head.lower().split(b"\r\n")
    body = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    return len(head) + len(separator) + body


def is_whole(message: bytes) -> bool:
    """Return whether the HTTP message is complete."""
    return 0 < length_of(message) <= len(message)


def _raise_closed() -> NoReturn:
    raise ConnectionError("The engine closed the connection.")


def _run_engine(settings: EngineSettings, pipe: int) -> NoReturn:
    try:
        descriptor = os.dup2(pipe, 3)
        os.closerange(4, 256)  # else it would keep the pipes of the driver and of its siblings open
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        run(settings, on_ready=lambda port: _report_port(descriptor, port))
    finally:
        os._exit(0)


def _report_port(pipe: int, port: int) -> None:
    os.write(pipe, b"%d\n" % port)
    os.close(pipe)
