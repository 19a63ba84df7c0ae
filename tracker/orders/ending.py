"""How an order ends: once, and of several endings that are told, the one that was said to have come first."""

from datetime import datetime

from tracker.orders.events import event_of, record
from tracker.orders.model import Order, OrderEvent
from tracker.orders.states import MAY_FOLLOW, Actor, OrderEventKind, OrderState
from tracker.orders.told import Told

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
