"""Map every event of an order to messages of the real-time contract, and to the channels they are published on.

Names, codes and properties are those of Open Dining's page "Real-time Communication". Events for which the contract has
no message are published as `order_changed`, a message of our own; a restaurant's channel gets it for every event.
Messages contain no personal data: a subscriber that may see more fetches it from the server.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from typing import Any, assert_never

from tracker.ids import ID_PATTERN
from tracker.orders.event_details import (
    Adjusted,
    AdjustmentAccepted,
    Cancelled,
    Completed,
    Confirmed,
    ContentsChanged,
    Corrected,
    Placed,
    Progressed,
    PromiseMoved,
    Rated,
    Refunded,
    Rejected,
    TimeToAnswerExtended,
    TipChanged,
)
from tracker.orders.model import Order, OrderEvent
from tracker.orders.progress import HANDED_OVER_NAMES
from tracker.orders.states import Actor
from tracker.orders.times import format_eta, format_order_date

MAX_TEXT_BYTES = 1_000
"""The most bytes of UTF-8 in a free text. JSON escapes it twice, and the message must still be smaller than 8 kB."""
MAX_LIST_BYTES = 3_500
"""The most bytes of JSON in a list. A message has two lists and must be smaller than 8 kB."""

_ORDER_CHANNEL = re.compile(rf"private-o-({ID_PATTERN})")
_STATUS_CHANNEL = re.compile(rf"private-s-({ID_PATTERN})")
_RESTAURANT_CHANNEL = re.compile(rf"presence-r-{ID_PATTERN}")


class Confirmation(IntEnum):
    """The contract's codes for the decision of a restaurant, or of a customer, about an order."""

    CONFIRMED = 1
    ADJUSTED = 2
    REJECTED = 3


@dataclass(frozen=True, slots=True)
class Message:
    """One message on one channel."""

    channel: str
    name: str
    data: dict[str, Any]


def order_channel(order_id: str) -> str:
    """Return the channel of this order for its customer."""
    return f"private-o-{order_id}"


def status_channel(order_id: str) -> str:
    """Return the channel of this order for onlookers, who follow it by a share link or in a widget.

    The channel is our own, not the contract's, and only tells pages to fetch again. The order's channel is not for
    onlookers, because its messages contain names of removed lines and free texts of the restaurant.
    """
    return f"private-s-{order_id}"


def restaurant_channel(restaurant_id: str) -> str:
    """Return the channel of this restaurant, for all its orders."""
    return f"presence-r-{restaurant_id}"


def order_of_channel(channel: str) -> str | None:
    """Return the id of the order whose channel this is, or None for any other name."""
    match = _ORDER_CHANNEL.fullmatch(channel)
    return match[1] if match else None


def order_of_status_channel(channel: str) -> str | None:
    """Return the id of the order whose status channel this is, or None for any other name."""
    match = _STATUS_CHANNEL.fullmatch(channel)
    return match[1] if match else None


def is_restaurant_channel(channel: str) -> bool:
    """Return whether this name has the form of a restaurant's channel. The restaurant need not exist."""
    return _RESTAURANT_CHANNEL.fullmatch(channel) is not None


def messages_of(event: OrderEvent) -> list[Message]:
    """Return the messages to publish for an event. The event's order and its restaurant must be loaded."""
    order = event.order
    common = [_to_restaurant(order, "order_changed", version=event.number)]
    if order.has_onlookers:
        common.append(Message(status_channel(order.id), "order_changed", {"version": event.number}))
    if event.came_late:  # an application that trusts messages must not get a confirmation after a rejection
        return [_changed(event), *common]
    return [*_kind_messages(event), *common]


def _kind_messages(event: OrderEvent) -> list[Message]:  # noqa: C901  one case for each kind of event
    order, details = event.order, event.details
    match details:
        case Placed():
            return [_changed(event), _to_restaurant(order, "new_order")]
        case Confirmed():
            return [_confirmation(order, Confirmation.CONFIRMED)]
        case Adjusted():
            return [_confirmation(order, Confirmation.ADJUSTED), _adjustment(order, details)]
        case Rejected(reason=reason):
            return [_confirmation(order, Confirmation.REJECTED, reason=reason)]
        case Corrected(reason=reason) if reason:  # the reason of an earlier rejection is known only now
            return [_confirmation(order, Confirmation.REJECTED, reason=reason)]
        case Progressed(status=status):
            return [_status(event, status)]
        case Completed(status=status):
            return [_status(event, status or HANDED_OVER_NAMES[order.fulfilment])]
        case AdjustmentAccepted():
            return [_changed(event), _customer_answer(order, Confirmation.CONFIRMED)]
        case Cancelled() if event.by is Actor.CUSTOMER:
            return [_changed(event), _customer_answer(order, Confirmation.REJECTED)]
        case Cancelled(reason=reason) if event.by is Actor.CLOCK:  # by rule, so both sides get it
            return [
                _confirmation(order, Confirmation.REJECTED, reason=reason),
                _customer_answer(order, Confirmation.REJECTED),
            ]
        case (
            Cancelled()
            | TimeToAnswerExtended()
            | PromiseMoved()
            | ContentsChanged()
            | Refunded()
            | TipChanged()
            | Rated()
            | Corrected()
        ):
            return [_changed(event)]
        case _:
            assert_never(details)


def _changed(event: OrderEvent) -> Message:
    return _to_customer(event.order, "order_changed", version=event.number)


def _confirmation(order: Order, code: Confirmation, **extra: str | None) -> Message:
    texts = {name: _truncate_text(text or "") for name, text in extra.items()}
    return _to_customer(order, "order_confirmation", confirmation=code.value, **texts)


def _customer_answer(order: Order, code: Confirmation) -> Message:
    return _to_restaurant(order, "order_user_confirmation", confirmation=code.value)


def _adjustment(order: Order, details: Adjusted) -> Message:
    """Return the contract's `order_adjustment`. Properties of the time are included only if the time has changed."""
    promised, zone = details.promised_at, order.timezone
    fields: dict[str, Any] = {}
    if promised and details.is_advance:
        fields = {"order_date": format_order_date(promised, zone), "eta": format_eta(promised, zone)}
    elif promised:
        fields = {"time": details.minutes}
    return _to_customer(
        order,
        "order_adjustment",
        **fields,
        items=_truncate_list(details.lines),
        options=_truncate_list(details.options),
    )


def _to_customer(order: Order, name: str, **data: Any) -> Message:
    return Message(order_channel(order.id), name, data)


def _to_restaurant(order: Order, name: str, **data: Any) -> Message:
    return Message(restaurant_channel(order.restaurant_id), name, {"order_id": order.id, **data})


def _status(event: OrderEvent, status: str) -> Message:
    time = event.at.astimezone(event.order.timezone).isoformat(timespec="seconds")
    return _to_customer(event.order, "order_tracker", time=time, status=_truncate_text(status))


def _truncate_list(names: Sequence[str]) -> list[str]:
    """Return the first names, as many as fit into MAX_LIST_BYTES.

    A message that is too large would be refused and would block all later events of the order.
    """
    ends = accumulate(len(json.dumps(name)) + len(", ") for name in names)
    return [name for name, end in zip(names, ends, strict=True) if end <= MAX_LIST_BYTES]


def _truncate_text(text: str) -> str:
    """Return the text cut to MAX_TEXT_BYTES between characters.

    A lone surrogate, which JSON allows and UTF-8 can't encode, becomes a question mark.
    """
    return text.encode("utf-8", "replace")[:MAX_TEXT_BYTES].decode("utf-8", "ignore")
