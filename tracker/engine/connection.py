"""The connection of one client: sending to it without waiting for it, and closing it."""

import asyncio
import logging
from collections.abc import Callable
from secrets import randbelow

from tracker.engine.backlog import Backlog
from tracker.engine.errors import Code, ProtocolError
from tracker.engine.frames import close_frame
from tracker.engine.messages import PING, error_frame, established_frame
from tracker.engine.rate_limit import TokenBucket
from tracker.engine.settings import EngineSettings

_log = logging.getLogger("tracker.engine")


class Connection:
    """Write whole frames directly to the transport. A reader that is too far behind is closed, not waited for."""

    __slots__ = (
        "_abort_timer",
        "_backlog",
        "_client_events",
        "_frames",
        "_loop",
        "_on_close",
        "_settings",
        "_transport",
        "is_closing",
        "pinged_at",
        "received_at",
        "socket_id",
    )

    def __init__(
        self, transport: asyncio.Transport, settings: EngineSettings, on_close: Callable[["Connection"], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._settings = settings
        self._on_close = on_close
        self._backlog: Backlog | None = None
        self._abort_timer: asyncio.TimerHandle | None = None
        self._client_events: TokenBucket | None = None
        self.received_at = self._loop.time()
        self._frames = TokenBucket(settings.frames_per_second, settings.frame_burst, now=self.received_at)
        self.pinged_at: float | None = None
        self.is_closing = False
        self.socket_id = f"{randbelow(10**10)}.{randbelow(10**10)}"

    def welcome(self) -> None:
        """Send the client its socket id and the activity timeout."""
        self.send(established_frame(self.socket_id, self._settings.advertised_activity_timeout))

    def send(self, frame: bytes) -> None:
        """Send a frame, or end the connection if too much unsent data waits before the frame."""
        if self.is_closing or self._transport.is_closing():
            return
        if self._is_too_slow():
            self.end(ProtocolError("This connection reads too slowly.", Code.OVER_CAPACITY))
            return
        self._transport.write(frame)
        if self._transport.get_write_buffer_size():
            self._backlog = self._backlog or Backlog()
            self._backlog.add(len(frame))

    def mark_received(self) -> bool:
        """Record that data arrived, so the client is alive. Return False if the client sends more than it may."""
        self.received_at = self._loop.time()
        self.pinged_at = None
        return self._frames.take(self.received_at)

    def may_send_client_event(self) -> bool:
        """Return whether the client may send one more client event now, and count that event.

        The Channels protocol allows ten client events a second.
        """
        now = self._loop.time()
        self._client_events = self._client_events or TokenBucket(10, 10, now=now)
        return self._client_events.take(now)

    def ping(self) -> None:
        """Send a ping, because the client has been silent for the activity timeout."""
        self.pinged_at = self._loop.time()
        self.send(PING)

    def end(self, refusal: ProtocolError) -> None:
        """Send the error, close with its code, and drop the socket after the grace even if the client does not close.

        A refusal without a code closes with 4100 (over capacity).
        """
        if self.is_closing:
            return
        code = refusal.code or Code.OVER_CAPACITY
        _log.info("Connection %s is closed with %d: %s", self.socket_id, code, refusal.message)
        self._finish(error_frame(refusal) + close_frame(code, refusal.message))

    def close(self, code: Code) -> None:
        """Close with this code and without an error message."""
        if not self.is_closing:
            self._finish(close_frame(code))

    def abort(self) -> None:
        """Drop the socket and all data that it has not sent."""
        self._transport.abort()

    def finish_closing(self) -> None:
        """Close the transport after the last read, once all data is written or after the grace.

        The grace ensures that a dead reader does not keep the socket open.
        """
        if self.is_closing:
            self._transport.close()
        if self._abort_timer is None and self._transport.get_write_buffer_size():
            self._abort_timer = self._loop.call_later(self._settings.close_grace, self.abort)
        elif self._abort_timer is not None and not self._transport.get_write_buffer_size():
            self._abort_timer.cancel()

    def _finish(self, last: bytes) -> None:
        self.is_closing = True
        if not self._transport.is_closing():
            self._transport.write(last)
        # The callback must not run at once: a message may be on its way to many sockets right now, and unsubscribing
        # changes their set and sends member_removed to the others.
        self._loop.call_soon(self._on_close, self)
        self._abort_timer = self._loop.call_later(self._settings.close_grace, self.abort)

    def _is_too_slow(self) -> bool:
        waiting = self._transport.get_write_buffer_size()
        if not waiting:
            self._backlog = None
            return False
        frames = self._backlog.frames(waiting) if self._backlog else 0
        return waiting > self._settings.max_pending_bytes or frames >= self._settings.max_pending_frames
