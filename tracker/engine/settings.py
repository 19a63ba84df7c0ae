"""Everything one engine needs to know before it starts; checked once, never changed while it runs."""

from dataclasses import dataclass, field
from math import ceil


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The application served, the address, and every limit. Raises `ValueError`, naming the field.

    Times are seconds, sizes are bytes. The limits of the Channels protocol itself (names, events, batches,
    presence) are not settings: clients rely on them, and they stand where they are checked.
    """

    app_id: str
    key: str
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 6001  # 0 chooses a free one
    allowed_origins: tuple[str, ...] = ()  # "scheme://host[:port]"; empty: any. No Origin header is allowed
    client_events: bool = False
    max_connections: int = 20_000  # more are told to come back later...
    max_rejected_connections: int = 500  # ...as long as no more than these are being told so; then they get HTTP 503
    activity_timeout: float = 120  # silence after which either side asks; told to clients in whole seconds
    pong_timeout: float = 30  # how long the answer to such a question may take
    max_subscriptions: int = 100  # channels one socket may be subscribed to
    max_channels: int = 100_000  # channels there may be; names cost nothing to invent
    max_frame_bytes: int = 32_768  # one message from a client
    frames_per_second: float = 50  # a client may say that much for long...
    frame_burst: int = 400  # ...and that much at once, as it does after a reconnect
    max_pending_bytes: int = 1_048_576  # what may wait for a slow reader; more than the largest batch, as JSON
    max_pending_frames: int = 1_000  # the same, counted in messages
    send_buffer_bytes: int = 65_536  # the kernel's buffer before that; its own choice would grow to megabytes
    close_grace: float = 2.0  # how long a socket may take to agree to its closing
    http_idle_timeout: float = 30.0  # a connection without a (next) request
    body_timeout: float = 10.0  # a request's body, from its head to its end
    shutdown_grace: float = 0.2  # how long all sockets together may take when the engine stops; it is back in a second

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
        """What clients are told: whole seconds, at least one."""
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
