"""The engine's errors, each with the code or status that the Channels protocol defines for it."""

from enum import IntEnum


class Code(IntEnum):
    """Close and error codes of protocol 7.

    The range of a close code says when a client reconnects: 4000-4099 and from 4300 never, 4100-4199 after a pause,
    4200-4299 at once.
    """

    GOING_AWAY = 1001
    UNSUPPORTED_DATA = 1003
    NO_SUCH_APP = 4001
    NO_SUCH_PATH = 4005
    BAD_VERSION = 4006
    UNSUPPORTED_VERSION = 4007
    NO_VERSION = 4008
    UNAUTHORISED = 4009
    OVER_CAPACITY = 4100
    NO_PONG = 4201
    CLIENT_EVENT_REJECTED = 4301


class ProtocolError(Exception):
    """A client's request is refused. `code` is None where the protocol defines no code."""

    def __init__(self, message: str, code: Code | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class SubscriptionError(ProtocolError):
    """A subscription to one channel is refused. The connection and its other subscriptions stay."""

    def __init__(self, channel: str, message: str, *, kind: str = "AuthError", status: int = 401) -> None:
        super().__init__(message)
        self.channel = channel
        self.kind = kind
        self.status = status


class RequestError(ProtocolError):
    """A request to the REST API is refused with this HTTP status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
