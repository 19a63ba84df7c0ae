"""The front of every connection. It takes the short way for one thing only: an honest request that publishes.

Whatever is anything else, or not perfectly plain, goes to aiohttp with every byte that came, and is answered there; so
nothing is ever refused here. The short way has no task and no turn of the event loop in it, and takes half the time.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from tracker.engine.channels import ChannelRegistry
from tracker.engine.errors import RequestError
from tracker.engine.publication import PUBLISHING, Publish
from tracker.engine.request_auth import check_body, check_signature
from tracker.engine.settings import EngineSettings

_log = logging.getLogger("tracker.engine")

_HEAD = re.compile(
    rb"POST (/apps/[0-9A-Za-z]+/(?:batch_)?events)\?([!-~]+) HTTP/1\.1\r\n((?:[!-9;-~]+:[ -~]*\r\n)+)\r\n"
)
_LENGTH = re.compile(rb"^content-length: *([0-9]{1,7})\r\n", re.MULTILINE)
_MAX_HEAD_BYTES = 4_096
_UNSUPPORTED_HEADERS = re.compile(
    rb"^(?:transfer-encoding|expect|upgrade|connection: *+(?!keep-alive\r))", re.MULTILINE
)


_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
_FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n"


class FastPath(asyncio.Protocol):
    """One connection until it says something else than a request that publishes."""

    def __init__(
        self,
        settings: EngineSettings,
        channels: ChannelRegistry,
        fast_paths: "set[FastPath]",
        next_protocol: Callable[[], asyncio.Protocol],
    ) -> None:
        self._settings = settings
        self._channels = channels
        self._fast_paths = fast_paths
        self._next_protocol = next_protocol
        self._received = b""
        self._pending: _Request | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # what a server of streams hands over  # noqa: S101
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._fast_paths.add(self)
        self._heard_at = self._loop.time()
        self._timer = self._loop.call_later(self._settings.http_idle_timeout, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._received += data
        request = self._pending or _request_in(self._received, self._settings)
        if request is None or len(self._received) > request.end or self._transport.get_write_buffer_size():
            self._delegate()
        elif len(self._received) < request.end:
            self._wait_for(request)
        else:
            self._publish(request)

    def close(self) -> None:
        """The engine stops."""
        self._transport.abort()

    def _publish(self, request: "_Request") -> None:
        body = self._received[request.start :]
        try:
            check_body(request.query, body)
            head, text = _OK, json.dumps(request.publish(self._channels, body)).encode()
        except RequestError:
            self._delegate()
            return
        except Exception:
            # Not handed over: some may have heard it already, and would hear it twice.
            _log.exception("Publishing an event failed.")
            head, text = _FAILED, b"Something went wrong here.\n"
        self._received, self._pending = b"", None
        self._transport.write(head % len(text) + text)

    def _wait_for(self, request: "_Request") -> None:
        """Its body is not all there. If it takes too long, aiohttp's way says so."""
        if self._pending is None:
            self._pending = request
            self._timer.cancel()
            self._timer = self._loop.call_later(self._settings.body_timeout, self._delegate_if_late, request)

    def _delegate_if_late(self, request: "_Request") -> None:
        if self._pending is request:
            self._delegate()
        else:
            self._close_if_idle()

    def _close_if_idle(self) -> None:
        left = self._heard_at + self._settings.http_idle_timeout - self._loop.time()
        if left <= 0:
            self._transport.close()
        else:
            self._timer = self._loop.call_later(left, self._close_if_idle)

    def _delegate(self) -> None:
        self._leave()
        next_protocol = self._next_protocol()
        self._transport.set_protocol(next_protocol)
        next_protocol.connection_made(self._transport)
        next_protocol.data_received(self._received)

    def _leave(self) -> None:
        self._fast_paths.discard(self)
        self._timer.cancel()


class _Request:
    """The head of an honest request; its body, whose digest is in the signed query, is what is between the marks."""

    __slots__ = ("end", "publish", "query", "start")

    def __init__(self, publish: Publish, query: Mapping[str, str], start: int, end: int) -> None:
        self.publish = publish
        self.query = query
        self.start = start
        self.end = end


def _request_in(received: bytes, settings: EngineSettings) -> _Request | None:
    """The request these bytes begin with, if it is honest and plain; a body is waited for only then."""
    head = _HEAD.match(received, 0, _MAX_HEAD_BYTES)
    if head is None:
        return None
    path, headers = head[1].decode(), head[3].lower()
    length, query = _LENGTH.findall(headers), _parse_plain_query(head[2].decode())
    app, _, what = path.removeprefix("/apps/").partition("/")
    publish, largest = PUBLISHING[what]
    if app != settings.app_id or query is None or len(length) != 1 or int(length[0]) > largest:
        return None
    if headers.count(b"content-length") != 1 or _UNSUPPORTED_HEADERS.search(headers):
        return None
    try:
        check_signature(settings, "POST", path, query, now=time.time())
    except RequestError:
        return None
    return _Request(publish, query, head.end(), head.end() + int(length[0]))


def _parse_plain_query(text: str) -> dict[str, str] | None:
    """The parameters of a query in which nothing is escaped, doubled or left out."""
    if "%" in text or "+" in text:
        return None
    pairs = [pair.partition("=") for pair in text.split("&")]
    query: dict[str, Any] = {name.lower(): value for name, _, value in pairs}
    return query if len(query) == len(pairs) else None
