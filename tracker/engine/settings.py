"""The settings of one engine. They are checked once and never change while it runs."""

from dataclasses import dataclass, field
from math import ceil


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The application's credentials, the address, and every limit. Raises `ValueError` that names the invalid field.

    Times are in seconds, sizes in bytes. The limits of the Channels protocol (names, events, batches, presence) are
    not settings, because clients rely on them; they are constants where they are checked.
    """

    app_id: str
    key: str
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 6001  # 0 chooses a free port
    allowed_origins: tuple[str, ...] = ()  # "scheme://host[:port]"; empty allows any; no Origin header is allowed too
    client_events: bool = False
    max_connections: int = 20_000  # further clients are closed with 4100: reconnect after a pause
    max_rejected_connections: int = 500  # clients being closed with 4100 at a time; further ones get HTTP 503
    activity_timeout: float = 120  # silence after which either side pings; clients get it in whole seconds
    pong_timeout: float = 30  # how long the answer to a ping may take
    max_subscriptions: int = 100  # channels one socket may be subscribed to
    max_channels: int = 100_000  # channels with subscribers; any client can make up names of public channels
    max_frame_bytes: int = 32_768  # one message from a client
    frames_per_second: float = 50  # messages that a client may send a second in the long run
    frame_burst: int = 400  # messages that a client may send at once, as it does after reconnecting
    max_pending_bytes: int = 1_048_576  # unsent data for a slow reader; more than the largest batch, as JSON
    max_pending_frames: int = 1_000  # unsent messages for a slow reader
    send_buffer_bytes: int = 65_536  # the kernel's send buffer; its default would grow to megabytes
    close_grace: float = 2.0  # how long a client may take to answer a close frame
    http_idle_timeout: float = 30.0  # how long an HTTP connection may wait for its (next) request
    body_timeout: float = 10.0  # how long a request's body may take to arrive after its head
    shutdown_grace: float = 0.2  # how long all sockets may take to close when the engine stops, so it restarts soon

    def __post_init__(self) -> None:
        for name in ("app_id", "key", "secret", "host"):
            if not getattr(self, name):
                raise ValueError(f"{name} must not be empty.")
        if not 0 <= self.port <= 65_535:
            raise ValueError(f"port must be between 0 and 65535, not {self.port}.")
        for name in _POSITIVE:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}.")
        for origin in self.allowed_origins:
            _must_be_origin(origin)

    @property
    def advertised_activity_timeout(self) -> int:
        """The activity timeout that clients get: whole seconds, at least one."""
        return max(1, ceil(self.activity_timeout))


_POSITIVE = (
    "max_connections",
    "max_rejected_connections",
    "activity_timeout",
    "pong_timeout",
    "max_subscriptions",
    "max_channels",
    "max_frame_bytes",
    "frames_per_second",
    "frame_burst",
    "max_pending_bytes",
    "max_pending_frames",
    "send_buffer_bytes",
    "close_grace",
    "http_idle_timeout",
    "body_timeout",
    "shutdown_grace",
)


def _must_be_origin(origin: str) -> None:
    scheme, separator, rest = origin.partition("://")
    if not (scheme and separator and rest) or "/" in rest or "*" in rest:
        raise ValueError(f"allowed_origins must hold 'scheme://host[:port]', not {origin!r}.")
