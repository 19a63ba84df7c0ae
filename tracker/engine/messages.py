"""The JSON messages of the Channels protocol: parsing received messages, and framing those to be sent."""

import json
from dataclasses import dataclass
from typing import Any

from tracker.engine.errors import ProtocolError, SubscriptionError
from tracker.engine.frames import text_frame

MAX_DATA_BYTES = 10_240

_COMPACT = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """One message from a client. Only its shape is checked, not its content."""

    event: str
    data: Any
    channel: str | None


def parse(text: str) -> ClientMessage:
    """Parse a client's message. Raises `ProtocolError` unless it is a JSON object with an event name."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):  # a few thousand opening brackets raise RecursionError
        raise ProtocolError("This message is not valid JSON.") from None
    if not isinstance(message, dict) or not isinstance(message.get("event"), str):
        raise ProtocolError("A message must be an object with an event.")
    channel = message.get("channel")
    if not (channel is None or isinstance(channel, str)):
        raise ProtocolError("The channel of a message must be a string.")
    return ClientMessage(message["event"], message.get("data"), channel)


def encode(value: object) -> str:
    """Return the value as compact JSON in ASCII, because a lone surrogate, legal in JSON, can't be encoded in UTF-8."""
    return _COMPACT.encode(value)


def event_frame(event: str, channel: str, data: object, **extra: str) -> bytes:
    """Return the frame of an event on a channel. Its data is sent as received: a string remains a string."""
    return _json_frame({"event": event, "channel": channel, "data": data, **extra})


def internal_frame(event: str, channel: str, data: object) -> bytes:
    """Return the frame of a `pusher_internal:` event of the protocol on a channel; its data is a string of JSON."""
    return _json_frame({"event": f"pusher_internal:{event}", "channel": channel, "data": encode(data)})


def established_frame(socket_id: str, activity_timeout: int) -> bytes:
    """Return the frame of `pusher:connection_established`, the first message on every connection.

    The timeout is in whole seconds.
    """
    data = encode({"socket_id": socket_id, "activity_timeout": activity_timeout})
    return _json_frame({"event": "pusher:connection_established", "data": data})


def error_frame(refusal: ProtocolError) -> bytes:
    """Return the frame of a refusal: `pusher:subscription_error` for one channel, otherwise `pusher:error`."""
    if not isinstance(refusal, SubscriptionError):
        return _json_frame({"event": "pusher:error", "data": {"code": refusal.code, "message": refusal.message}})
    data = {"type": refusal.kind, "error": refusal.message, "status": refusal.status}
    return _json_frame({"event": "pusher:subscription_error", "channel": refusal.channel, "data": data})


def _json_frame(message: object) -> bytes:
    return text_frame(encode(message).encode())


PING = _json_frame({"event": "pusher:ping", "data": "{}"})
PONG = _json_frame({"event": "pusher:pong", "data": "{}"})
