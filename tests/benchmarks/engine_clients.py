"""The clients of a measured engine, as light as possible in Python: bare sockets, one thread, no library.

As a program this module holds many sockets, each on its own private channel, and runs the commands on standard input.
"""

import hashlib
import hmac
import json
import re
import resource
import select
import socket
import struct
import sys
import time
from collections.abc import Callable

APP, KEY, SECRET = "3", "278d425bdf160c739803", "7ad3773142a6692b25b8"
_SOCKET_ID = re.compile(rb'socket_id\\":\s*\\"([\d.]+)')
_HELLO = (
    f"GET /app/{KEY}?protocol=7 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
).encode()
SECONDS_TO_CONNECT = 60.0
PAUSE = 0.002
PATIENCE = 10.0
"""SECONDS_TO_CONNECT, PAUSE and PATIENCE are in seconds."""


class Crowd:
    """A number of sockets, each of which subscribes to its own channel."""

    def __init__(self, port: int, count: int) -> None:
        self._address, self._count = ("127.0.0.1", port), count
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> "Crowd":
        self.come()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def come(self) -> float:
        """Connect and subscribe all sockets at once. Return the seconds until the last one is subscribed.

        Raises RuntimeError if some are not subscribed after SECONDS_TO_CONNECT.
        """
        start, poll = time.perf_counter(), select.epoll()
        waiting: dict[int, _Newcomer] = {}
        for number in range(self._count):
            self._sockets.append(self._call(number, poll, waiting))
        while waiting:
            if time.perf_counter() - start > SECONDS_TO_CONNECT:
                raise RuntimeError(f"{len(waiting)} of {self._count} sockets were never subscribed.")
            for number, _ in poll.poll(1):
                client = waiting[number]
                try:
                    is_done = client.advance(poll)
                except ConnectionError:  # the listen queue was full: the client connects again
                    del waiting[number]
                    client.socket.close()
                    self._sockets[client.number] = self._call(client.number, poll, waiting)
                else:
                    if is_done:
                        del waiting[number]
        return time.perf_counter() - start

    def _call(self, number: int, poll: select.epoll, waiting: "dict[int, _Newcomer]") -> socket.socket:
        client = _Newcomer(self._address, number)
        waiting[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLOUT)
        return client.socket

    def leave(self) -> None:
        """Reset all connections at once. Closing them properly would keep each port in use for a minute."""
        for connection in self._sockets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        self._sockets = []

    def latencies(self, count: int) -> list[float]:
        """Return the milliseconds from the last byte of each publishing request to the event at its only subscriber."""
        publisher, taken = self._publisher(), list[float]()
        for number in range(count + 5):
            which = number * 37 % self._count
            viewer, mark = self._sockets[which], f"event-{number}-".encode()
            viewer.settimeout(PATIENCE)
            request = _request(f"private-o-{which}", mark.decode())
            time.sleep(PAUSE)  # so that all processes are idle again
            start, received = time.perf_counter(), b""
            publisher.sendall(request)
            while mark not in received:
                received += _receive(viewer)
            taken.append((time.perf_counter() - start) * 1000)
            if _is_closed_after(publisher):  # soketi closes it, and gets a new one outside the measured time
                publisher.close()
                publisher = self._publisher()
        publisher.close()
        return taken[5:]

    def _publisher(self) -> socket.socket:
        connection = socket.create_connection(self._address, timeout=PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


class _Newcomer:
    def __init__(self, address: tuple[str, int], number: int) -> None:
        self.number = number
        self._channel = f"private-o-{number}"
        self._buffer = b""
        self._next_step: Callable[[select.epoll], bool] = self._say_hello
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(address)

    def advance(self, poll: select.epoll) -> bool:
        """Take the next step. Return True if the socket is subscribed."""
        return self._next_step(poll)

    def _say_hello(self, poll: select.epoll) -> bool:
        self.socket.send(_HELLO)
        poll.modify(self.socket, select.EPOLLIN)
        self._next_step = self._subscribe
        return False

    def _subscribe(self, _poll: select.epoll) -> bool:
        self._buffer += _receive(self.socket)
        if found := _SOCKET_ID.search(self._buffer):
            text = f"{found[1].decode()}:{self._channel}".encode()
            auth = f"{KEY}:{hmac.digest(SECRET.encode(), text, 'sha256').hex()}"
            self.socket.send(
                _frame(json.dumps({"event": "pusher:subscribe", "data": {"auth": auth, "channel": self._channel}}))
            )
            self._next_step = self._subscribed
        return False

    def _subscribed(self, poll: select.epoll) -> bool:
        self._buffer += _receive(self.socket)
        if b"subscription_succeeded" not in self._buffer:
            return False
        poll.unregister(self.socket)
        return True


def _is_closed_after(publisher: socket.socket) -> bool:
    """Read a response and return whether the other side closes the connection. Raises RuntimeError unless it is 200."""
    response = b""
    while b"\r\n\r\n" not in response:
        response += _receive(publisher)
    if b" 200 " not in response:
        raise RuntimeError(response.decode())
    return b"connection: close" in response.lower()


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise ConnectionResetError("The engine closed a connection.")
    return data


def _frame(text: str) -> bytes:
    """Return a client's frame of 126 bytes or more. Its mask is zero, which RFC 6455 permits and costs nothing."""
    return b"\x81\xfe" + len(text).to_bytes(2) + b"\0\0\0\0" + text.encode()


def _request(channel: str, mark: str) -> bytes:
    body = json.dumps({"name": "order_changed", "channel": channel, "data": json.dumps({"mark": mark})}).encode()
    path, md5 = f"/apps/{APP}/events", hashlib.md5(body, usedforsecurity=False).hexdigest()
    query = f"auth_key={KEY}&auth_timestamp={time.time():.0f}&auth_version=1.0&body_md5={md5}"
    signature = hmac.digest(SECRET.encode(), f"POST\n{path}\n{query}".encode(), "sha256").hex()
    head = f"POST {path}?{query}&auth_signature={signature} HTTP/1.1\r\nHost: localhost\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def main() -> None:
    """`python -m tests.benchmarks.engine_clients port count`.

    For each line of standard input, `come`, `leave` or `latencies N`, the result is written as a line of JSON.
    """
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = Crowd(int(sys.argv[1]), int(sys.argv[2]))
    for line in sys.stdin:
        what, *number = line.split()
        result = getattr(crowd, what)(*map(int, number))
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
