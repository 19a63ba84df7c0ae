"""The AsyncAPI 3.0 document: which messages go over which channels, held to live/wire.py by a test."""

from typing import Any

from tracker.live.address import ChannelsAddress
from tracker.live.wire import MAX_TEXT_BYTES, Confirmation
from tracker.web.api.schemas.fields import ID

Json = dict[str, Any]

_ID: Json = {"type": "string", "pattern": ID}
_TEXT: Json = {"type": "string", "maxLength": MAX_TEXT_BYTES}
_NAMES: Json = {"type": "array", "items": {"type": "string"}}
_VERSION = {"type": "integer", "minimum": 1, "description": "How many things have happened to the order."}
_CODES = {
    Confirmation.CONFIRMED: "1: taken on as it is",
    Confirmation.ADJUSTED: "2: otherwise, as order_adjustment says",
    Confirmation.REJECTED: "3: not",
}


def _payload(*optional: str, **properties: Json) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


TO_CUSTOMERS: dict[str, tuple[str, Json]] = {
    "order_confirmation": (
        "The restaurant has taken the order on, or otherwise, or not.",
        _payload(
            "reason",
            confirmation={"type": "integer", "enum": [*_CODES], "description": "; ".join(_CODES.values())},
            reason=_TEXT | {"description": "With 3: why. May be empty."},
        ),
    ),
    "order_adjustment": (
        "What the restaurant would do otherwise. Of a time there is either time, or order_date with eta, or nothing.",
        _payload(
            *("time", "order_date", "eta"),
            time={"type": "integer", "minimum": 0, "description": "Minutes; of an order for as soon as possible."},
            order_date={"type": "string", "pattern": "^[0-9]{2}/[0-9]{2}/[0-9]{4}$", "description": "MM/DD/YYYY."},
            eta={"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2} (AM|PM)$", "description": "On its clock: 9:45 PM."},
            items=_NAMES | {"description": "The ids of lines that would be left out."},
            options=_NAMES | {"description": "The names of options that would be left out."},
        ),
    ),
    "order_tracker": (
        "How far the order is.",
        _payload(
            time={"type": "string", "format": "date-time", "description": "Since when, with the restaurant’s offset."},
            status=_TEXT | {"description": "The restaurant’s own words."},
        ),
    ),
    "order_changed": (
        "Something has happened for which the contract has no word: ask again. Ours.",
        _payload(version=_VERSION),
    ),
}
"""For each message on an order's channel, what it says in words and the form of its data."""

TO_RESTAURANTS: dict[str, tuple[str, Json]] = {
    "new_order": ("An order has come in.", _payload(order_id=_ID)),
    "order_user_confirmation": (
        "The customer has answered an adjustment, or cancelled.",
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
        "Something has happened to the order: ask again. Comes for every event. Ours.",
        _payload(order_id=_ID, version=_VERSION),
    ),
}
"""The same for a restaurant's channel."""

TO_ONLOOKERS: dict[str, tuple[str, Json]] = {
    "order_changed": (
        "Something has happened to the order: ask again. Comes for every event once the order is shared or in a "
        "widget. Ours.",
        _payload(version=_VERSION),
    ),
}
"""The same for an order's status channel."""


def document(address: ChannelsAddress) -> Json:
    """The whole document, for programs that connect to this channels service."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tracker, live",
            "version": "1",
            "description": "Messages of the Pusher Channels protocol. Each is sent at least once, those of one order "
            "in their order; none says anything personal. Whoever hears one asks the API for what is true.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "channels": {
                "host": f"{address.url_host}:{address.port}",
                "pathname": f"/app/{address.key}",
                "protocol": "wss" if address.tls else "ws",
                "description": "The Pusher Channels protocol, version 7; pusher-js and pysher speak it.",
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
            "What the customer of one order hears, and who acts for them with the scope listen.",
            TO_CUSTOMERS,
        ),
        "status": _channel(
            "private-s-{order_id}",
            "order_id",
            "What is heard of one order by a widget, with the scope status, and on a share link’s page: never "
            "what has happened, for the restaurant’s words are the customer’s alone.",
            TO_ONLOOKERS,
        ),
        "restaurant": _channel(
            "presence-r-{restaurant_id}", "restaurant_id", "What a restaurant hears of its orders.", TO_RESTAURANTS
        ),
    }


def _channel(address: str, parameter: str, text: str, messages: dict[str, tuple[str, Json]]) -> Json:
    return {
        "address": address,
        "description": f"{text} To listen, have it signed at /api/v1/pusher/auth.",
        "parameters": {parameter: {"description": "24 hexadecimal digits."}},
        "messages": {
            name: {"name": name, "summary": summary, "payload": payload}
            for name, (summary, payload) in messages.items()
        },
    }
