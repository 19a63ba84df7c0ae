"""Who hears what: every event of an order as messages of the real-time contract, and the channels they go to.

Names, codes and properties are those of Open Dining's page "Real-time Communication". What it has no word for is said
by `order_changed`, our own; by it a restaurant hears of everything. A message holds nothing personal: whoever may know
more asks the server again.
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
"""Bytes of UTF-8 that a free text may have: escaped twice, as it travels, it still leaves a message under 8 kB."""
MAX_LIST_BYTES = 3_500
"""Bytes of JSON that a list may have, for the same reason; there are two in a message."""

_ORDER_CHANNEL = re.compile(rf"private-o-({ID_PATTERN})")
_STATUS_CHANNEL = re.compile(rf"private-s-({ID_PATTERN})")
_RESTAURANT_CHANNEL = re.compile(rf"presence-r-{ID_PATTERN}")


class Confirmation(IntEnum):
    """The contract's codes for what a restaurant, or a customer, said to an order."""

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
    """The channel on which the customer of this order hears of it."""
    return f"private-o-{order_id}"


def status_channel(order_id: str) -> str:
    """The channel on which onlookers, through a share link or in a widget, hear that they should ask again. It is our
    own: what the contract says on the order's channel, the names of what was left out and the restaurant's own words,
    is not for them."""
    return f"private-s-{order_id}"


def restaurant_channel(restaurant_id: str) -> str:
    """The channel on which this restaurant hears of its orders."""
    return f"presence-r-{restaurant_id}"


def order_of_channel(channel: str) -> str | None:
    """The id of the order whose channel this is, or nothing for any other name."""
    match = _ORDER_CHANNEL.fullmatch(channel)
    return match[1] if match else None


def order_of_status_channel(channel: str) -> str | None:
    """The id of the order that this channel is the status channel of, or nothing for any other name."""
    match = _STATUS_CHANNEL.fullmatch(channel)
    return match[1] if match else None


def is_restaurant_channel(channel: str) -> bool:
    """Whether this could be the channel of a restaurant."""
    return _RESTAURANT_CHANNEL.fullmatch(channel) is not None


def messages_of(event: OrderEvent) -> list[Message]:
    """What is said, and to whom, when this has happened. The event's order and its restaurant are loaded."""
    order = event.order
    broadcasts = [_to_restaurant(order, "order_changed", version=event.number)]
    if order.has_onlookers:
        broadcasts.append(Message(status_channel(order.id), "order_changed", {"version": event.number}))
    if event.came_late:  # a client that believes what it hears must not be told of a confirmation after a rejection
        return [_changed(event), *broadcasts]
    return [*_kind_messages(event), *broadcasts]


def _kind_messages(event: OrderEvent) -> list[Message]:  # noqa: C901  one case for each kind of event, and no more
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
        case Corrected(reason=reason) if reason:  # why it was rejected is known only now
            return [_confirmation(order, Confirmation.REJECTED, reason=reason)]
        case Progressed(status=status):
            return [_status(event, status)]
        case Completed(status=status):
            return [_status(event, status or HANDED_OVER_NAMES[order.fulfilment])]
        case AdjustmentAccepted():
            return [_changed(event), _customer_answer(order, Confirmation.CONFIRMED)]
        case Cancelled() if event.by is Actor.CUSTOMER:
            return [_changed(event), _customer_answer(order, Confirmation.REJECTED)]
        case Cancelled(reason=reason) if event.by is Actor.CLOCK:  # by the restaurant's rule, and nobody has said so
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
    """The contract's properties; those of a time only where it has changed."""
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
    """The first ones, as many as a message has room for: one that no service takes would hold up all that follows."""
    ends = accumulate(len(json.dumps(name)) + len(", ") for name in names)
    return [name for name, end in zip(names, ends, strict=True) if end <= MAX_LIST_BYTES]


def _truncate_text(text: str) -> str:
    """Cut between characters, not within one; half a surrogate pair, which JSON allows, becomes a question mark."""
    return text.encode("utf-8", "replace")[:MAX_TEXT_BYTES].decode("utf-8", "ignore")
