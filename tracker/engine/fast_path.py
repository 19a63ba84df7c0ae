"""The first protocol of every connection. It answers correctly signed requests that publish events by itself.

Every other request, and every request that is not in the plainest form, goes to aiohttp with all bytes received so far
and is answered there, so the fast path never refuses a request. It creates no task and needs no further turn of the
event loop, which halves the time of publishing.
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
    """One connection for as long as it only sends requests that publish; then aiohttp takes it over."""

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
        assert isinstance(transport, asyncio.Transport)  # true for every stream server  # noqa: S101
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._fast_paths.add(self)
        self._received_at = self._loop.time()
        self._timer = self._loop.call_later(self._settings.http_idle_timeout, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def data_received(self, data: bytes) -> None:
        self._received_at = self._loop.time()
        self._received += data
        request = self._pending or _request_in(self._received, self._settings)
        if request is None or len(self._received) > request.end or self._transport.get_write_buffer_size():
            self._delegate()
        elif len(self._received) < request.end:
            self._wait_for(request)
        else:
            self._publish(request)

    def close(self) -> None:
        """Drop the connection, because the engine stops."""
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
            # aiohttp must not get this request: some subscribers may have the event already and would get it twice.
            _log.exception("Publishing an event failed.")
            head, text = _FAILED, b"Something went wrong here.\n"
        self._received, self._pending = b"", None
        self._transport.write(head % len(text) + text)

    def _wait_for(self, request: "_Request") -> None:
        """Wait for the rest of the request's body. If it takes too long, aiohttp answers the request."""
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
        left = self._received_at + self._settings.http_idle_timeout - self._loop.time()
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
    """The head of a correctly signed request. Its body is the received bytes from `start` to `end`.

    The signed query contains the digest of the body.
    """

    __slots__ = ("end", "publish", "query", "start")

    def __init__(self, publish: Publish, query: Mapping[str, str], start: int, end: int) -> None:
        self.publish = publish
        self.query = query
        self.start = start
        self.end = end


def _request_in(received: bytes, settings: EngineSettings) -> _Request | None:
    """Return the request at the start of these bytes, or None unless it is correctly signed and in the plainest form.

    The fast path waits for a body only if there is such a request.
    """
    head = _HEAD.match(received, 0, _MAX_HEAD_BYTES)
    if head is None:
        return None
    path, headers = head[1].decode(), head[3].lower()
    length, query = _LENGTH.findall(headers), _parse_plain_query(head[2].decode())
    app_id, _, endpoint = path.removeprefix("/apps/").partition("/")
    publish, max_bytes = PUBLISHING[endpoint]
    if app_id != settings.app_id or query is None or len(length) != 1 or int(length[0]) > max_bytes:
        return None
    if headers.count(b"content-length") != 1 or _UNSUPPORTED_HEADERS.search(headers):
        return None
    try:
        check_signature(settings, "POST", path, query, now=time.time())
    except RequestError:
        return None
    return _Request(publish, query, head.end(), head.end() + int(length[0]))


def _parse_plain_query(text: str) -> dict[str, str] | None:
    """Return the parameters of a query, or None if one of them is escaped or given twice."""
    if "%" in text or "+" in text:
        return None
    pairs = [pair.partition("=") for pair in text.split("&")]
    query: dict[str, Any] = {name.lower(): value for name, _, value in pairs}
    return query if len(query) == len(pairs) else None
