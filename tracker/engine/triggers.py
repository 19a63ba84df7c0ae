"""Parse the events that a REST request publishes. The whole request is checked before any event is published."""

import json
from dataclasses import dataclass
from typing import Any

from tracker.engine.errors import RequestError
from tracker.engine.messages import MAX_DATA_BYTES
from tracker.engine.names import ChannelKind, is_channel_name, is_event_name, is_socket_id, kind_of

MAX_CHANNELS = 100
MAX_BATCH = 10
ATTRIBUTES = frozenset({"user_count", "subscription_count"})


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event for one or more channels. `socket_id` names the socket that does not get it, usually the sender's."""

    event: str
    channels: tuple[str, ...]
    data: str
    socket_id: str | None
    info: frozenset[str]


def trigger_from(body: bytes) -> Trigger:
    """Return the event in the body of `POST /events`. Raises `RequestError` (400, 403, 413)."""
    message = _object(_json(body))
    channels = message["channels"] if "channels" in message else [message.get("channel")]
    if not isinstance(channels, list) or not 1 <= len(channels) <= MAX_CHANNELS:
        raise RequestError(400, f"channels must be a list of 1 to {MAX_CHANNELS} channel names.")
    return _trigger(message, channels)


def batch_from(body: bytes) -> list[Trigger]:
    """Return the events in the body of `POST /batch_events`, in order. Raises `RequestError` (400, 403, 413)."""
    batch = _object(_json(body)).get("batch")
    if not isinstance(batch, list) or not 1 <= len(batch) <= MAX_BATCH:
        raise RequestError(400, f"batch must be a list of 1 to {MAX_BATCH} events.")
    return [_trigger(_object(message), [message.get("channel")]) for message in batch]


def attributes_from(text: object) -> frozenset[str]:
    """Return the attributes in the comma-separated parameter `info`. Raises `RequestError` (400)."""
    if text is None or text == "":
        return frozenset()
    names = frozenset(text.split(",")) if isinstance(text, str) else frozenset({""})
    if not names <= ATTRIBUTES:
        raise RequestError(400, "info may name user_count and subscription_count.")
    return names


def _trigger(message: dict[str, Any], channels: list[Any]) -> Trigger:
    event, data = message.get("name"), message.get("data")
    if not is_event_name(event):
        raise RequestError(400, "name must be an event name of 1 to 200 characters, not one of pusher's own.")
    if not isinstance(data, str):
        raise RequestError(400, "data must be a string.")
    if len(data.encode("utf-8", "surrogatepass")) > MAX_DATA_BYTES:
        raise RequestError(413, f"data must not be larger than {MAX_DATA_BYTES} bytes.")
    socket_id = message.get("socket_id")
    if not (socket_id is None or is_socket_id(socket_id)):
        raise RequestError(400, "socket_id must be two numbers with a dot between.")
    _check_channels(channels)
    # A name that is given twice counts once, so that no subscriber gets an event twice.
    return Trigger(event, tuple(dict.fromkeys(channels)), data, socket_id, attributes_from(message.get("info")))


def _check_channels(channels: list[Any]) -> None:
    if not all(is_channel_name(name) for name in channels):
        raise RequestError(400, "A channel name has 1 to 164 of the characters A-Z a-z 0-9 _ - = @ , . ;")
    kinds = {kind_of(name) for name in channels}
    if ChannelKind.CACHE in kinds:
        raise RequestError(403, "Cache channels are not supported.")
    if ChannelKind.ENCRYPTED in kinds and len(channels) > 1:
        raise RequestError(400, "An event for an encrypted channel goes to that channel alone.")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError):
        raise RequestError(400, "The body is not valid JSON.") from None


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RequestError(400, "A JSON object was expected.")
    return value
