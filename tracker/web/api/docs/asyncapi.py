"""The AsyncAPI 3.0 document of the channels and their messages. A test compares it with tracker/live/wire.py."""

from typing import Any

from tracker.live.address import ChannelsAddress
from tracker.live.wire import MAX_TEXT_BYTES, Confirmation
from tracker.web.api.schemas.fields import ID

Json = dict[str, Any]

_ID: Json = {"type": "string", "pattern": ID}
_TEXT: Json = {"type": "string", "maxLength": MAX_TEXT_BYTES}
_NAMES: Json = {"type": "array", "items": {"type": "string"}}
_VERSION = {"type": "integer", "minimum": 1, "description": "The number of events of the order."}
_CODES = {
    Confirmation.CONFIRMED: "1: confirmed",
    Confirmation.ADJUSTED: "2: a change is proposed, see order_adjustment",
    Confirmation.REJECTED: "3: rejected",
}


def _payload(*optional: str, **properties: Json) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


TO_CUSTOMERS: dict[str, tuple[str, Json]] = {
    "order_confirmation": (
        "The restaurant has confirmed the order, proposed a change, or rejected it.",
        _payload(
            "reason",
            confirmation={"type": "integer", "enum": [*_CODES], "description": "; ".join(_CODES.values())},
            reason=_TEXT | {"description": "The reason for a rejection (3). May be empty."},
        ),
    ),
    "order_adjustment": (
        "The change that the restaurant proposes. A new time is sent either as time, or as order_date with eta.",
        _payload(
            *("time", "order_date", "eta"),
            time={"type": "integer", "minimum": 0, "description": "Minutes; for an order for as soon as possible."},
            order_date={"type": "string", "pattern": "^[0-9]{2}/[0-9]{2}/[0-9]{4}$", "description": "MM/DD/YYYY."},
            eta={"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2} (AM|PM)$", "description": "Local time: 9:45 PM."},
            items=_NAMES | {"description": "The ids of the lines to leave out."},
            options=_NAMES | {"description": "The names of the options to leave out."},
        ),
    ),
    "order_tracker": (
        "The status of the order.",
        _payload(
            time={
                "type": "string",
                "format": "date-time",
                "description": "When it got the status, with the restaurant’s offset.",
            },
            status=_TEXT | {"description": "The restaurant’s own text."},
        ),
    ),
    "order_changed": (
        "Something happened that no other event describes: fetch the order again. An event of Tracker’s own.",
        _payload(version=_VERSION),
    ),
}
"""The messages of an order's channel by name, each with its summary and the JSON schema of its data."""

TO_RESTAURANTS: dict[str, tuple[str, Json]] = {
    "new_order": ("A new order was placed.", _payload(order_id=_ID)),
    "order_user_confirmation": (
        "The customer has answered an adjustment, or has cancelled the order.",
        _payload(
            order_id=_ID,
            confirmation={
                "type": "integer",
                "enum": [Confirmation.CONFIRMED, Confirmation.REJECTED],
                "description": "1: accepted; 3: rejected or cancelled",
            },
        ),
    ),
    "order_changed": (
        "Something happened to the order: fetch it again. Sent for every event. An event of Tracker’s own.",
        _payload(order_id=_ID, version=_VERSION),
    ),
}
"""The messages of a restaurant's channel by name, each with its summary and the JSON schema of its data."""

TO_ONLOOKERS: dict[str, tuple[str, Json]] = {
    "order_changed": (
        "Something happened to the order: fetch it again. Sent for every event once the order has a share link or "
        "a widget. An event of Tracker’s own.",
        _payload(version=_VERSION),
    ),
}
"""The messages of an order's status channel by name, each with its summary and the JSON schema of its data."""


def document(address: ChannelsAddress) -> Json:
    """Return the whole document, with the address of the Channels service that programs connect to."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tracker, live",
            "version": "1",
            "description": "Messages of the Pusher Channels protocol. Each is sent at least once, and those of one "
            "order in their order. No message contains personal data: fetch the current state from the API.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "channels": {
                "host": f"{address.url_host}:{address.port}",
                "pathname": f"/app/{address.key}",
                "protocol": "wss" if address.tls else "ws",
                "description": "The Pusher Channels protocol, version 7, as pusher-js and pysher use it.",
            }
        },
        "channels": _channels(),
        "operations": {
            "tell_customer": {"action": "send", "channel": {"$ref": "#/channels/order"}},
            "tell_onlookers": {"action": "send", "channel": {"$ref": "#/channels/status"}},
            "tell_restaurant": {"action": "send", "channel": {"$ref": "#/channels/restaurant"}},
        },
    }


def _channels() -> Json:
    return {
        "order": _channel(
            "private-o-{order_id}",
            "order_id",
            "For the customer of one order, and applications with an access token of the scope listen.",
            TO_CUSTOMERS,
        ),
        "status": _channel(
            "private-s-{order_id}",
            "order_id",
            "For widgets (scope status) and share links’ pages of one order. It never carries what happened, because "
            "only the customer may read the restaurant’s texts.",
            TO_ONLOOKERS,
        ),
        "restaurant": _channel(
            "presence-r-{restaurant_id}",
            "restaurant_id",
            "For a restaurant: the events of all its orders.",
            TO_RESTAURANTS,
        ),
    }


def _channel(address: str, parameter: str, text: str, messages: dict[str, tuple[str, Json]]) -> Json:
    return {
        "address": address,
        "description": f"{text} A subscription is authorised at /api/v1/pusher/auth.",
        "parameters": {parameter: {"description": "24 hexadecimal digits."}},
        "messages": {
            name: {"name": name, "summary": summary, "payload": payload}
            for name, (summary, payload) in messages.items()
        },
    }
