"""How an order ends: once, and of several endings that are told, the one that was said to have come first."""

from datetime import UTC, datetime
from typing import Any

from tracker.orders.events import event_of, record
from tracker.orders.model import Order, OrderEvent
from tracker.orders.operations.adjustments import withdraw_open
from tracker.orders.reports import Told
from tracker.orders.states import MAY_FOLLOW, Actor, OrderEventKind, OrderState

_KIND_OF_ENDING = {
    OrderState.COMPLETED: OrderEventKind.COMPLETED,
    OrderState.REJECTED: OrderEventKind.REJECTED,
    OrderState.CANCELLED: OrderEventKind.CANCELLED,
}


def end_order(
    order: Order,
    ending: OrderState,
    *,
    reason: str | None,
    at: datetime | None,
    told: Told,
    now: datetime,
    status: str | None = None,
) -> OrderEvent | None:
    """The order ends so, unless it had already ended otherwise; what is told of the same ending again makes it surer.

    Returns the event, or nothing if this ending is already in the history.
    """
    withdraw_open(order, by=Actor.PLATFORM, now=now)
    at = at or told.at
    kind = _KIND_OF_ENDING[ending]
    known = event_of(order, kind)
    by = Actor.CUSTOMER if ending is OrderState.CANCELLED else Actor.PLATFORM
    data = {"status": status} if ending is OrderState.COMPLETED else {"reason": None}
    event = known or record(
        order, kind, by=by, at=at, now=now, came_late=not _comes_first(order, ending, told), data=data
    )
    event.at = min(event.at, at)
    if reason and told.stamp <= order.told.get("reason", told.stamp):
        event.data, order.told["reason"] = {"reason": reason}, told.stamp
    if status and told.stamp <= order.told.get(kind, told.stamp):
        event.data = {"status": status}
    order.told[kind] = min(told.stamp, order.told.get(kind, told.stamp))
    _settle_ending(order)
    return None if known else event


def end_here(
    order: Order,
    ending: OrderState,
    *,
    by: Actor,
    now: datetime,
    data: dict[str, Any],
    who: str | None = None,
    at: datetime | None = None,
) -> OrderEvent:
    """The order ends so by what is done here; it must not have ended yet. `at` is when it came to it, if not now."""
    kind = _KIND_OF_ENDING[ending]
    order.told[kind] = said_here(now)
    if data.get("reason"):
        order.told["reason"] = said_here(now)
    order.state, order.ended_at, order.reason = ending, at or now, data.get("reason")
    return record(order, kind, by=by, who=who, at=order.ended_at, now=now, data=data)


def said_here(now: datetime) -> str:
    """The stamp of what is said by our own doors, to be compared with those of platforms; see told.py."""
    return f"{now.astimezone(UTC).isoformat(timespec='microseconds')} 9 here"


def _comes_first(order: Order, ending: OrderState, told: Told) -> bool:
    if not order.has_ended:
        return ending in MAY_FOLLOW[order.state]
    return told.stamp < order.told[_KIND_OF_ENDING[order.state]]


def _settle_ending(order: Order) -> None:
    told_of = {state: order.told[kind] for state, kind in _KIND_OF_ENDING.items() if kind in order.told}
    order.state = min(told_of, key=told_of.__getitem__)
    event = event_of(order, _KIND_OF_ENDING[order.state])
    if event is not None:
        order.ended_at, order.reason = event.at, event.data.get("reason")
