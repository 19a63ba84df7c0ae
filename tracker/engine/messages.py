"""The JSON messages of the Channels protocol: those the engine sends, framed, and those it hears, parsed."""

import json
from dataclasses import dataclass
from typing import Any

from tracker.engine.errors import ProtocolError, SubscriptionError
from tracker.engine.frames import text_frame

MAX_DATA_BYTES = 10_240

_COMPACT = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """One message from a client, of the right shape but otherwise unchecked."""

    event: str
    data: Any
    channel: str | None


def parse(text: str) -> ClientMessage:
    """Read a client's message. Raises `ProtocolError` for anything but an object with an event name."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):  # the latter from a few thousand opening brackets
        raise ProtocolError("This message is not valid JSON.") from None
    if not isinstance(message, dict) or not isinstance(message.get("event"), str):
        raise ProtocolError("A message must be an object with an event.")
    channel = message.get("channel")
    if not (channel is None or isinstance(channel, str)):
        raise ProtocolError("The channel of a message must be a string.")
    return ClientMessage(message["event"], message.get("data"), channel)


def encode(value: object) -> str:
    """Compact JSON, ASCII only: a lone surrogate, legal in JSON, could not be sent as UTF-8."""
    return _COMPACT.encode(value)


def event_frame(event: str, channel: str, data: object, **more: str) -> bytes:
    """An event on a channel; its data goes out as it came in, a string where it was a string."""
    return _framed({"event": event, "channel": channel, "data": data, **more})


def internal_frame(event: str, channel: str, data: object) -> bytes:
    """A notice of the protocol itself about a channel; data is JSON within JSON."""
    return _framed({"event": f"pusher_internal:{event}", "channel": channel, "data": encode(data)})


def established_frame(socket_id: str, activity_timeout: int) -> bytes:
    """The first message on every connection."""
    data = encode({"socket_id": socket_id, "activity_timeout": activity_timeout})
    return _framed({"event": "pusher:connection_established", "data": data})


def error_frame(refusal: ProtocolError) -> bytes:
    """How a refusal is told: about one channel, or about the connection."""
    if not isinstance(refusal, SubscriptionError):
        return _framed({"event": "pusher:error", "data": {"code": refusal.code, "message": refusal.message}})
    data = {"type": refusal.kind, "error": refusal.message, "status": refusal.status}
    return _framed({"event": "pusher:subscription_error", "channel": refusal.channel, "data": data})


def _framed(message: object) -> bytes:
    return text_frame(encode(message).encode())


PING = _framed({"event": "pusher:ping", "data": "{}"})
PONG = _framed({"event": "pusher:pong", "data": "{}"})
