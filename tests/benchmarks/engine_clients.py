"""The clients of a benchmarked engine, as light as Python can be: bare sockets, one thread, no library.

As a program it holds many sockets, each on a private channel of its own, and does what its standard input tells it.
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
"""All in seconds."""


class Crowd:
    """So many viewers, each on its own channel."""

    def __init__(self, port: int, count: int) -> None:
        self._address, self._count = ("127.0.0.1", port), count
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> "Crowd":
        self.come()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def come(self) -> float:
        """All connect and subscribe at once; the seconds until the last one has. Raises when some never do."""
        start, poll = time.perf_counter(), select.epoll()
        waiting: dict[int, _Newcomer] = {}
        for number in range(self._count):
            self._sockets.append(self._call(number, poll, waiting))
        while waiting:
            if time.perf_counter() - start > SECONDS_TO_CONNECT:
                raise RuntimeError(f"{len(waiting)} of {self._count} sockets were never subscribed.")
            for number, _ in poll.poll(1):
                one = waiting[number]
                try:
                    is_done = one.goes_on(poll)
                except ConnectionError:  # a door with too many before it; who is sent away comes again
                    del waiting[number]
                    one.socket.close()
                    self._sockets[one.number] = self._call(one.number, poll, waiting)
                else:
                    if is_done:
                        del waiting[number]
        return time.perf_counter() - start

    def _call(self, number: int, poll: select.epoll, waiting: "dict[int, _Newcomer]") -> socket.socket:
        one = _Newcomer(self._address, number)
        waiting[one.socket.fileno()] = one
        poll.register(one.socket, select.EPOLLOUT)
        return one.socket

    def leave(self) -> None:
        """All are gone at once, without a goodbye; with one, each would keep its port for a minute."""
        for one in self._sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
        self._sockets = []

    def latencies(self, count: int) -> list[float]:
        """Milliseconds from the last byte of the request that publishes to the event at its only viewer."""
        publisher, taken = self._publisher(), list[float]()
        for number in range(count + 5):
            which = number * 37 % self._count
            viewer, mark = self._sockets[which], f"event-{number}-".encode()
            viewer.settimeout(PATIENCE)
            request = _request(f"private-o-{which}", mark.decode())
            time.sleep(PAUSE)  # so that everybody has fallen asleep again
            start, heard = time.perf_counter(), b""
            publisher.sendall(request)
            while mark not in heard:
                heard += _received(viewer)
            taken.append((time.perf_counter() - start) * 1000)
            if _is_closed_after(publisher):  # soketi does so, and has a new one before the clock runs again
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
        self._heard = b""
        self._does: Callable[[select.epoll], bool] = self._say_hello
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(address)

    def goes_on(self, poll: select.epoll) -> bool:
        """Take the next step; True when it is subscribed."""
        return self._does(poll)

    def _say_hello(self, poll: select.epoll) -> bool:
        self.socket.send(_HELLO)
        poll.modify(self.socket, select.EPOLLIN)
        self._does = self._subscribe
        return False

    def _subscribe(self, _poll: select.epoll) -> bool:
        self._heard += _received(self.socket)
        if found := _SOCKET_ID.search(self._heard):
            text = f"{found[1].decode()}:{self._channel}".encode()
            auth = f"{KEY}:{hmac.digest(SECRET.encode(), text, 'sha256').hex()}"
            self.socket.send(
                _frame(json.dumps({"event": "pusher:subscribe", "data": {"auth": auth, "channel": self._channel}}))
            )
            self._does = self._subscribed
        return False

    def _subscribed(self, poll: select.epoll) -> bool:
        self._heard += _received(self.socket)
        if b"subscription_succeeded" not in self._heard:
            return False
        poll.unregister(self.socket)
        return True


def _is_closed_after(publisher: socket.socket) -> bool:
    """Read the response to a request; whether the other side closes then. Raises when it was not 200."""
    response = b""
    while b"\r\n\r\n" not in response:
        response += _received(publisher)
    if b" 200 " not in response:
        raise RuntimeError(response.decode())
    return b"connection: close" in response.lower()


def _received(connection: socket.socket) -> bytes:
    said = connection.recv(65_536)
    if not said:
        raise ConnectionResetError("The engine closed a connection.")
    return said


def _frame(text: str) -> bytes:
    """A client's frame of 126 bytes or more; its mask is of zeros, which is allowed and costs nothing."""
    return b"\x81\xfe" + len(text).to_bytes(2) + b"\0\0\0\0" + text.encode()


def _request(channel: str, mark: str) -> bytes:
    body = json.dumps({"name": "order_changed", "channel": channel, "data": json.dumps({"mark": mark})}).encode()
    path, md5 = f"/apps/{APP}/events", hashlib.md5(body, usedforsecurity=False).hexdigest()
    query = f"auth_key={KEY}&auth_timestamp={time.time():.0f}&auth_version=1.0&body_md5={md5}"
    signature = hmac.digest(SECRET.encode(), f"POST\n{path}\n{query}".encode(), "sha256").hex()
    head = f"POST {path}?{query}&auth_signature={signature} HTTP/1.1\r\nHost: localhost\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def main() -> None:
    """`python -m tests.benchmarks.engine_clients port count`; then for each line, `come`, `leave` or `latencies N`,
    a line of JSON."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = Crowd(int(sys.argv[1]), int(sys.argv[2]))
    for line in sys.stdin:
        what, *number = line.split()
        said = getattr(crowd, what)(*map(int, number))
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
